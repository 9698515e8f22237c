"""The paired Newton construction up to n = 600: float residuals for four activations."""

from dataclasses import asdict

from memlib.madden.newton_floats import residuals

ACTIVATIONS = ("tanh", "sigmoid", "softplus", "gelu")


def measure() -> dict:
    """Return one row for each size and activation; a residual above 1e-10 is a failure and stays in the table."""
    rows = [asdict(row) for name in ACTIVATIONS for row in residuals(activation=name)]
    for row in rows:
        verdict = "" if row["residual"] < 1e-10 else "  FAILED"
        print(f"  {row['activation']:9} n = {row['n']:3}: {row['residual']:.1e}{verdict}")
    return {"newton": rows}
