"""The published experiments again: two moons in all cells, maps over range and width, moons of growing size."""

from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np

from memlib.dirksen import experiments_floats as drawn
from memlib.dirksen.experiments import GROWING, PUBLISHED, is_decided
from memlib.dirksen.sweep import rate_map, sweep

#: Where finished cells are kept: a run that was stopped goes on. Delete it to measure anew.
STORE = Path(gettempdir()) / "memlib-bench-dirksen.jsonl"
LAMS = ("0", "0.25", "0.5", "0.75", "1.0", "1.25", "1.5", "2.0", "2.5", "3.0")
WIDTHS = (25, 50, 75, 100, 150, 200, 250, 300, 400, 500)
HOW: dict[str, Any] = {"jobs": 2, "progress": lambda done, of: print(f"\r{done}/{of}", end="", flush=True)}


def summary(found: dict) -> dict:
    """Return successes, mean width and its standard deviation, over all runs; mean width of the successful ones."""
    s, w = np.array(found["success"], bool), np.array(found["width"])
    return {"runs": len(s), "hits": int(s.sum()), "width": round(float(w.mean()), 3),
            "sd": round(float(w.std(ddof=1)), 3),
            "good": round(float(w[s].mean()), 3) if s.any() else None}  # fmt: skip


def table() -> list[dict]:
    """Run every published cell 50 times with seeds of ours."""
    cells = {(n, lam): (1000, n, str(float(lam)), 50, 1) for n, lam in PUBLISHED}
    found = sweep(drawn.cell, list(cells.values()), STORE, **HOW)
    return [{"n": n, "lam": float(lam), **summary(found[key])} for (n, lam), key in cells.items()]


def rates() -> list[dict]:
    """Count the successes of 400 runs in every published cell, and of four times as many until it is decided."""
    done, left = [], list(PUBLISHED)
    for runs in (400, 1600, 6400, 25600):
        cells = {(n, lam): (n, str(float(lam)), runs, 2) for n, lam in left}
        found = sweep(drawn.successes, list(cells.values()), STORE, **HOW)
        rows = [(*key, found[cell]["hits"]) for key, cell in cells.items()]
        done += [{"n": n, "lam": float(lam), "runs": runs, "hits": h} for n, lam, h in rows]
        left = [(n, lam) for n, lam, h in rows if not is_decided((n, lam), h, runs)]
    return done


def maps() -> dict:
    """Run a grid of ranges and widths, 50 runs a cell."""
    rows = rate_map(WIDTHS, LAMS, 50, STORE, **HOW)
    return {"lams": [float(v) for v in LAMS], "widths": list(WIDTHS),
            "cells": [[summary(found) for found in row] for row in rows]}  # fmt: skip


def growing() -> list[dict]:
    """Run moons with 100,000 and 1,000,000 points at lambda = 1."""
    cells = {(N, n): (N, n, "1.0", 12 if N == 10**5 else 2, 3) for N, n in GROWING if n != 200 or N == 10**5}
    found = sweep(drawn.cell, list(cells.values()), STORE, **HOW)
    return [{"N": N, "n": n, **summary(found[key])} for (N, n), key in cells.items()]


def measure() -> dict:
    return {"table": table(), "rates": rates(), "maps": maps(), "growing": growing()}
