"""The paired Newton construction up to n = 600: float residuals for four activations, and the reach of the balls."""

from dataclasses import asdict

from memlib.madden.newton_floats import residuals
from memlib.madden.real_data_floats import reach

ACTIVATIONS = ("tanh", "sigmoid", "softplus", "gelu")


def measure() -> dict:
    """Return one row for each size and activation; failures stay in the tables.

    `newton`: a residual above 1e-10 is a failure. `reach`: whether madden-newton proves an exact network nearby.
    """
    rows = [asdict(row) for name in ACTIVATIONS for row in residuals(activation=name)]
    for row in rows:
        verdict = "" if row["residual"] < 1e-10 else "  FAILED"
        print(f"  {row['activation']:9} n = {row['n']:3}: {row['residual']:.1e}{verdict}")
    return {"newton": rows, "reach": reaches()}


def reaches() -> list[dict]:
    """Return how far the enclosure of madden-krawczyk reaches, for two activations, 120 seconds each."""
    rows = []
    for name in ("tanh", "gelu"):
        for row in reach(name):
            rows.append(asdict(row))
            verdict = f"r = {row.radius:.1e}" if row.proved else f"FAILED, {row.reason}"
            print(f"  {name:5} d = {row.d:2}, n = {row.n:3}: {verdict} ({row.seconds:.1f} s)", flush=True)
    return rows
