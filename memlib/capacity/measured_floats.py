"""What the measured table needs in floating point: points, rounded evaluation, trained baselines, random draws."""

import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from memlib.approximate import ACTIVATIONS, FloatNetwork
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


def outputs(net: Network, points: Sequence[Row], dtype: Any = np.float32) -> np.ndarray:
    """Evaluate the network at integer points with weights, sums and activations rounded to `dtype`.

    Sums run from left to right, one rounding a product and one a sum, without the BLAS: every machine gets the same
    bits. A unit is divided by the power of two above its largest number, which rounds nothing, so that integers of a
    thousand bits fit the exponent; a ReLU hands the power on to the next layer, a threshold forgets it.
    """
    h = np.array([[float(v) for v in x] for x in points]).astype(dtype)
    powers = [0] * h.shape[1]  # the true value of column j is h[:, j] * 2**powers[j]
    for layer in net.layers:
        rows: list[list[tuple[int, int]]] = [[] for _ in layer.biases]
        for i, j, w in layer.entries:
            rows[i].append((j, w << powers[j]))
        sizes = [
            max(abs(v).bit_length() for v in (b, *(w for _, w in row)))
            for row, b in zip(rows, layer.biases, strict=True)
        ]
        W = np.zeros((len(rows), layer.inputs), dtype=dtype)
        for i, (row, p) in enumerate(zip(rows, sizes, strict=True)):
            for j, w in row:
                W[i, j] = w / (1 << p)  # int / int rounds correctly
        b = [v / (1 << p) for v, p in zip(layer.biases, sizes, strict=True)]
        t = np.tile(np.array(b).astype(dtype), (len(h), 1))
        for j in range(layer.inputs):
            t = t + h[:, j : j + 1] * W[:, j]
        if layer.activation == "threshold":
            h, powers = (t >= 0).astype(dtype), [0] * len(rows)
        else:
            h, powers = np.maximum(t, 0) if layer.activation == "relu" else t, sizes
    shift = powers[0] - (net.output_scale.bit_length() - 1)
    with np.errstate(over="ignore"):
        mantissa = net.output_scale / (1 << (net.output_scale.bit_length() - 1))
        return np.ldexp(h[:, 0].astype(np.float64) / mantissa, shift)


def survives(net: Network, points: Sequence[Row], labels: Sequence, bits: int) -> bool:
    """Say whether all outputs in floats of 32 or 64 bits lie within 1/2 of their labels."""
    found = outputs(net, points, {32: np.float32, 64: np.float64}[bits])
    return bool(np.all(np.abs(found - [float(v) for v in labels]) < 0.5))


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
