"""What the measured table needs in floating point: points, rounded evaluation, trained baselines, random draws."""

import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from memlib.approximate import ACTIVATIONS, FloatNetwork
from memlib.capacity.chip import Points
from memlib.capacity.chip_floats import on_numpy
from memlib.exact import Row
from memlib.network import Network

seconds = time.perf_counter


def separated_sphere(n: int, d: int, delta: float, rng: Any, decimals: int = 3) -> np.ndarray:
    """Return n uniform points of the unit sphere, rounded, one after the other; those nearer than delta are dropped."""
    draw = np.random.default_rng(rng)
    X: np.ndarray = np.zeros((0, d))
    while len(X) < n:
        x = draw.standard_normal(d)
        x = (x / np.linalg.norm(x)).round(decimals)
        if (np.linalg.norm(X - x, axis=1) >= delta).all():
            X = np.vstack([X, x])
    return X


def plain(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the accuracy, written as text in the table, as a float."""
    return {key: float(value) if key == "accuracy" else value for key, value in options.items()}


def derivative_neurons(points: Sequence[Row], scale: Sequence[int], accuracy: float = 0.01) -> int:
    """Return the number of derivative neurons of bubeck-ntk-theorem."""
    from memlib.bubeck.ntk_floats import promised_neurons

    return promised_neurons([[c / s for c, s in zip(x, scale, strict=True)] for x in points], accuracy)


def parameters(net: FloatNetwork) -> int:
    """Count weights and biases of one hidden layer and its output."""
    return net.w.size + net.b.size + net.a.size


# --- an exact network in machine floats ---


def survives(net: Network, points: Points, labels: Sequence, bits: int) -> bool:
    """Say whether all outputs in floats of 32 or 64 bits lie within 1/2 of their labels.

    Units are scaled by powers of two and sums run in a fixed order (`chip_floats.on_numpy`), so that every machine
    gets the same bits, and integers of a thousand bits fit the exponent.
    """
    found = on_numpy(net, points, f"float{bits}")
    return all(2 * abs(v - label) < 1 for v, label in zip(found, labels, strict=True))


def rounded_right(net: FloatNetwork, X: Any, y: Any) -> dict[str, Any]:
    """Count the labels that a float network gives within 1/2, in its own float64 and rounded to float32."""
    y, found = np.asarray(y, dtype=float), {}
    for dtype in (np.float64, np.float32):
        h = np.asarray(X, dtype=dtype) @ net.w.T.astype(dtype) + net.b.astype(dtype)
        out = ACTIVATIONS[net.activation](h).astype(dtype) @ net.a.astype(dtype)
        found[f"right{np.dtype(dtype).itemsize * 8}"] = int(np.sum(np.abs(out - y) < 0.5))
    return {**found, "error": net.relative_error(X, y)}


# --- trained baselines ---


def train(X: Any, y: Any, width: int) -> tuple[int, int, dict[str, Any]]:
    """Train a ReLU network of this width (0: logistic regression); return parameters, nonzero weights, measurements.

    Columns are standardized. L-BFGS, seed 0, no penalty to speak of, at most 2000 steps.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    X, y = np.asarray(X, dtype=float), np.asarray(y)
    Z = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    if width:
        model = MLPClassifier((width,), solver="lbfgs", alpha=0, max_iter=2000, max_fun=10**6, random_state=0)
    else:
        model = LogisticRegression(C=1e6, max_iter=2000)
    start = seconds()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged: the count below says how far it came
        model.fit(Z, y)
    took = seconds() - start
    layers = (
        list(zip(model.coefs_, model.intercepts_, strict=True))
        if width
        else [(model.coef_.T, model.intercept_)]
    )
    found: dict[str, Any] = {"seconds": took}
    for dtype in (np.float64, np.float32):
        h = Z.astype(dtype)
        for k, (W, b) in enumerate(layers):
            h = h @ W.astype(dtype) + b.astype(dtype)
            h = np.maximum(h, 0) if k < len(layers) - 1 else h
        guess = model.classes_[h.argmax(axis=1) if h.shape[1] > 1 else (h[:, 0] > 0).astype(int)]
        found[f"right{np.dtype(dtype).itemsize * 8}"] = int(np.sum(guess == y))
    nonzero = sum(int(np.count_nonzero(W)) for W, _ in layers)
    return sum(W.size + b.size for W, b in layers), nonzero, found


# --- the build step ---


def progress(results: Iterable, jobs: Sequence[tuple[str, str]]) -> Iterator:
    """Hand the results on, and say on one line of the terminal how far the table is."""
    start = seconds()
    for k, (result, job) in enumerate(zip(results, jobs, strict=True), 1):
        line = f"measured table: {k} of {len(jobs)} rows, {seconds() - start:.0f} s ({job[0]} on {job[1]})"
        if sys.stderr.isatty() or k == len(jobs):
            print(f"\r{line:<78}", end="", file=sys.stderr, flush=True)
        yield result
    print(file=sys.stderr)


def significant(x: Fraction | None) -> str:
    """Write a number in at most five characters: 0.43, 6.0, 43, 1.2k."""
    if x is None:
        return "-"
    v = float(x)
    if v >= 9_999.5:
        return f"{v / 1000:.0f}k"
    return f"{v:.0f}" if v >= 99.5 else f"{v:.3g}" if v >= 10 else f"{v:.2g}"
