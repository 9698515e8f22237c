"""The method `dirksen` against the authors' implementation, in one run; large moons; clusters of any size.

make bench MEMO=path-to-their-code, a copy of patrickfinke/memo, compares; without it those rows say that they were
skipped. Their code is given the points in the coordinates in which ours draws its hyperplanes, as float32, so both
draw from the same law. All times are seconds of one processor, the least of some repetitions taken in turn.
"""

import importlib
import os
import sys
from collections.abc import Callable
from time import process_time
from types import ModuleType
from typing import Any

import numpy as np

from memlib import data, memorize
from memlib.dirksen import algorithm_network as own
from memlib.dirksen import algorithm_packed_floats as fast
from memlib.dirksen.real_data_floats import circles
from memlib.points import HypothesisError, input_scale, merge, to_integers

SKIPPED = "skipped: give the authors' code, make bench MEMO=path"


def authors() -> Any:
    """Return the module with the authors' algorithm, or None without MEMO; their file readers are not needed."""
    folder = os.environ.get("MEMO")
    if not folder:
        print("no MEMO=path: the comparison with the authors' code is skipped")
        return None
    sys.path.insert(0, folder)
    sys.modules.setdefault("utils", ModuleType("utils"))
    return importlib.import_module("algorithm")


def seconds(job: Callable[[], Any]) -> tuple[float, Any]:
    start = process_time()
    result = job()
    return process_time() - start, result


class Points:
    """Distinct points with classes: as Python ints, as machine integers, and as their float32 coordinates."""

    def __init__(self, X: np.ndarray, y: np.ndarray):
        self.X, self.y, self.scale = X, y, input_scale(X)
        self.points, classes = merge(to_integers(X, self.scale), y)
        self.classes, self.array = np.array(classes), fast.machine(self.points)
        frame = own.Frame.of(self.points, self.array)
        reaches = np.array([s or np.inf for s in frame.reaches], float)
        self.floats = ((self.array - np.array(frame.centre)) / reaches).astype(np.float32)
        self.floats /= np.linalg.norm(self.floats, axis=1).max()

    def labels(self) -> list[np.ndarray]:
        """One array of labels for two classes, one for each of more: one versus rest."""
        names = np.unique(self.classes)
        return [self.classes] if len(names) == 2 else [(self.classes == c).astype(int) for c in names]


def ours(it: Points, n: int, lam: Any, seed: int) -> tuple[bool, int]:
    """Draw, search, and return success and width, both layers as arrays: what the authors' fit does."""
    pool = own.Pool(None, seed, own.Fraction(lam), it.array)  # type: ignore[arg-type]
    width = 0
    try:
        for labels in it.labels():
            width += len(own.search(pool, labels, [n], "random", lambda done, of: None).accepted)
    except HypothesisError:
        return False, width
    return True, width


def in_numpy(it: Points, *cell: Any) -> tuple[bool, int]:
    """Do the same without compiled loops."""
    loops, fast.loops_for = fast.loops_for, lambda size: fast.PLAIN
    try:
        return ours(it, *cell)
    finally:
        fast.loops_for = loops


def whole(it: Points, n: int, lam: Any, seed: int) -> Any:
    """Go the whole way: floats to integers, search, network of Python ints, verified at all points."""
    if len(np.unique(it.classes)) == 2:
        return memorize(it.X, it.y, "dirksen", seed, width=n, bias_range=lam)
    return own.detectors(to_integers(it.X, it.scale), it.y, it.scale, seed, width=n, bias_range=lam)


def compared(memo: Any, it: Points, n: int, lam: Any, seeds: int, far: bool = True) -> dict:
    """Return the seconds of both, taken in turn, with the runs that interpolate and the mean widths."""
    rows: dict[str, list] = {name: [] for name in ("ours", "numpy", "theirs", "score", "whole")}
    outcome: dict[str, list] = {"ours": [], "theirs": []}
    for seed in range(seeds):
        for name, run in (("ours", ours), ("numpy", in_numpy)):
            spent, found = seconds(lambda run=run, seed=seed: run(it, n, lam, seed))
            rows[name].append(spent)
            if name == "ours":
                outcome[name].append(found)
        if memo:
            model = memo.get_model({"activation": "thres", "n_iter": n, "max_bias": float(lam)}, seed)
            rows["theirs"].append(seconds(lambda model=model: model.fit(it.floats, it.classes))[0])
            spent, score = seconds(lambda model=model: model.score(it.floats, it.classes))
            rows["score"].append(spent)
            width = sum(e["secondlayer"].dim_out_ for e in model["multi"].estimators_)
            outcome["theirs"].append((score == 1, width))
    if far:
        rows["whole"] = [seconds(lambda: whole(it, n, lam, 0))[0] for _ in range(2)]
    best = {name: round(min(v), 4) for name, v in rows.items() if v}
    found = {
        name: {"interpolate": sum(s for s, _ in v), "runs": seeds,
               "width": round(float(np.mean([w for s, w in v if s] or [0])), 2)}
        for name, v in outcome.items() if v
    }  # fmt: skip
    ratio = {"ratio": round(best["theirs"] / best["ours"], 1)} if memo else {"theirs": SKIPPED}
    if memo and far:
        ratio["whole ratio"] = round((best["theirs"] + best["score"]) / best["whole"], 2)
    return {"N": len(it.points), "n": n, "lam": float(lam), "seconds": best, "found": found, **ratio}


def moons(N: int) -> Points:
    return Points(*data.two_moons(N, 0, noise=0.05, decimals=6))


def clusters(n: int, runs: int = 40) -> list[dict]:
    """Draw from four small circles more and more points; count the runs that succeed, and their mean width."""
    rows = []
    for N in (40, 400, 4000, 40_000, 400_000):
        it = Points(*circles(N, 0, decimals=9))
        found = [ours(it, n, 1, seed) for seed in range(runs)]
        good = [w for s, w in found if s]
        rows.append({"N": N, "distinct": len(it.points), "n": n, "runs": runs, "success": len(good),
                     "width": round(float(np.mean(good)), 3)})  # fmt: skip
    return rows


def measure() -> dict:
    memo, loops = authors(), fast.compiled()
    half = own.Fraction(1, 2)
    sizes = []
    for N in (10**3, 10**4, 10**5, 3 * 10**5):
        sizes.append(compared(memo, moons(N), 1000, 1, 3 if N > 10**4 else 10))
        print(sizes[-1], flush=True)
    sizes.append(compared(None, moons(10**6), 1000, 1, 2))
    sizes[-1]["theirs"] = "not run: it needs some ten gigabytes"
    digits = compared(memo, Points(*data.digits()), 1000, half, 20)
    rates = {
        "moons, n = 100": compared(memo, moons(10**4), 100, 1, 60, False),
        "digits, n = 100": compared(memo, Points(*data.digits()), 100, half, 100, False),
    }
    return {"loops": "numba" if loops else "numpy", "moons": sizes, "digits": digits, "rates": rates,
            "clusters": [*clusters(15), *clusters(30)]}  # fmt: skip
