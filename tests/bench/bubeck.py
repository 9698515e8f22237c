"""Baum's network: against training by gradient descent, growth in n, and the time of the checker."""

import time
import warnings
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from memlib import checker, data, memorize

#: Training may take this many times our time, and at least so many seconds.
PATIENCE, SECONDS = 100, 300


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and result of a call."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """Return the slope of log seconds against log size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def train(X: np.ndarray, y: np.ndarray, width: int, rate: float, budget: float) -> list[list[float]]:
    """Train one hidden layer of ReLU units with Adam, no early stop; return its learning curve.

    Epoch by epoch, until every label is right or the budget of seconds is spent: rows (seconds, share right).
    """
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier((width,), solver="adam", learning_rate_init=rate, alpha=0, tol=0, random_state=0)
    spent, curve, next_look = 0.0, [], 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while not curve or (curve[-1][1] < 1 and spent < budget):
            seconds, _ = timed(lambda: model.partial_fit(X, y, classes=[0, 1]))
            spent += seconds
            if spent >= next_look:
                curve.append([round(spent, 1), float(model.score(X, y))])
                next_look = max(1.15 * spent, spent + 0.1)  # a look costs time too, so they get rarer
    return curve


def against_training(n: int = 5000, d: int = 50) -> dict:
    """Time our construction and give gradient descent PATIENCE times as long on the same data."""
    X, y = data.gaussian(n, d, rng=0), data.random_labels(n, rng=1)
    runs = [timed(lambda: memorize(X, y, method="baum")) for _ in range(3)]
    ours, net = min(runs, key=lambda run: run[0])
    budget = max(PATIENCE * ours, SECONDS)
    print(f"n={n} d={d}: exact and self-verified in {ours:.1f} s with {net.hidden_neurons} units")
    training = []
    for width in (net.hidden_neurons, net.hidden_neurons // 2, net.hidden_neurons // 4):
        for rate in (1e-3, 3e-3, 1e-2):
            curve = train(X, y, width, rate, budget)
            seconds, right = curve[-1]
            print(
                f"  Adam, {width} ReLU units, rate {rate:g}: {right:.4f} right in {seconds / ours:.2g} times our time"
            )
            training.append(
                {
                    "width": width,
                    "rate": rate,
                    "times_ours": round(seconds / ours, 2),
                    "right": right,
                    "curve": curve,
                }
            )
    return {"n": n, "d": d, "units": net.hidden_neurons, "seconds": round(ours, 2), "training": training}


def growth(d: int = 50) -> dict:
    """Time the construction for growing n at fixed d; the best of three runs each."""
    sizes, seconds = [1250, 2500, 5000, 10000], []
    for n in sizes:
        X, y = data.gaussian(n, d, rng=0), data.random_labels(n, rng=1)
        seconds.append(min(timed(lambda X=X, y=y: memorize(X, y))[0] for _ in range(3)))
    fit, last = exponent(sizes, seconds), exponent(sizes[-2:], seconds[-2:])
    print(f"growth in n: exponent {fit:.2f}, at the last doubling {last:.2f}", [round(s, 2) for s in seconds])
    return {"d": d, "sizes": sizes, "seconds": [round(s, 3) for s in seconds], "exponent": fit, "last": last}


def checking(d: int = 20) -> dict:
    """Time the checker on certificates: n = 1000, and growth in points times weights."""
    sizes, work, seconds = [500, 1000, 2000, 4000], [], []
    with TemporaryDirectory() as folder:
        for n in sizes:
            X, y = data.gaussian(n, d, rng=0), data.random_labels(n, rng=1)
            net = memorize(X, y)
            path = net.certificate(X, y).save(f"{folder}/{n}.json")
            runs = [timed(lambda path=path: checker.check_file(str(path))) for _ in range(3)]
            took, (accepted, message) = min(runs, key=lambda run: run[0])
            assert accepted, message
            work.append(n * net.nonzero_weights)
            seconds.append(took)
    print("checker:", dict(zip(sizes, [round(s, 2) for s in seconds], strict=True)), "seconds; exponent in work",
          round(exponent(work, seconds), 2))  # fmt: skip
    return {
        "d": d,
        "sizes": sizes,
        "work": work,
        "seconds": [round(s, 3) for s in seconds],
        "exponent": exponent(work, seconds),
    }


def rounding(n: int = 5000, d: int = 50) -> dict:
    """Count the labels that floating point loses on a larger set of points of the sphere."""
    X, y = data.sphere(n, d, rng=0), data.random_labels(n, rng=1)
    net = memorize(X, y)
    lost = {t.__name__: int((net.in_floats(X, t) != y).sum()) for t in (np.float64, np.float32)}
    print(f"sphere n={n} d={d}: labels lost", lost)
    return {"n": n, "d": d, "lost": lost}


def measure() -> dict:
    """Return all figures of this chapter."""
    return {"rounding": rounding(), "growth": growth(), "checker": checking(), "training": against_training()}
