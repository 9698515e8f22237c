"""The tangent kernel network in floating point: greedy steps along random gates until the error is small."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, gcd, lcm, log
from typing import Any

import numpy as np

from memlib.bubeck.kernel_floats import least_eigenvalue, tangent_kernel
from memlib.bubeck.reached_floats import ReachedNetwork
from memlib.points import HypothesisError, names

#: How far the length of a point may be from 1: rounding to three decimals moves it by at most 0.0005 sqrt(d).
LENGTH_TOLERANCE = Fraction(1, 100)


def integer_gates(d: int, rng: Any) -> Iterator[tuple[int, ...]]:
    """Yield Gaussian vectors of R^d, times 1000 and rounded to Python ints."""
    rng = np.random.default_rng(rng)
    while True:
        yield tuple(round(1000 * float(c)) for c in rng.standard_normal(d))


def largest_width(s: np.ndarray, l: np.ndarray) -> float:
    """Return the largest delta for which two ReLUs are the gate [s > 0] l at all points; |s| if any delta is.

    Only points where s and l have opposite signs limit it (bubeck-ntk-weight).
    """
    limited = s * l < 0
    if not limited.any():
        return float(np.abs(s).max())
    return float((np.abs(s[limited]) / np.abs(l[limited])).min())


def greedy_pairs(X: np.ndarray, y: np.ndarray, rng: Any) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Yield, for ever, two rows of weights, their two output weights, and the relative squared error after the pair.

    Each step draws one gate g, tunes v to the residual and takes the best multiple: expected factor
    1 - lambda / Lambda. Ends only if the residual is 0.
    """
    rng = np.random.default_rng(rng)
    r = y.copy()
    while r.any():
        g = rng.standard_normal(X.shape[1])
        s = X @ g
        V = X.T @ (r * (s > 0))
        length = np.linalg.norm(V)
        if length == 0 or not s.all():
            continue
        v = V / length
        l = X @ v
        F = (s > 0) * l
        delta = largest_width(s, l)
        eta = (r @ F) / (F @ F)
        w, a = np.stack([g + delta * v, g]), np.array([eta / delta, -eta / delta])
        r = r - np.maximum(X @ w.T, 0) @ a  # what the two ReLUs give, rounding included
        yield w, a, float(r @ r / (y @ y))


def _network(w: list, a: list, d: int, reached: float = 0.0) -> ReachedNetwork:
    rows = np.concatenate(w) if w else np.zeros((0, d))
    outs = np.concatenate(a) if a else np.zeros(0)
    return ReachedNetwork(rows, np.zeros(len(rows)), outs, "relu", "bubeck-ntk-theorem", reached)


def unit_rows(points: tuple, scale: tuple[int, ...] | None) -> np.ndarray:
    """Return the points / scale as floats. Raises HypothesisError for a point that is not of length 1, or two alike.

    Points within `LENGTH_TOLERANCE` of length 1 pass: the theorem is about their directions and inner products, and
    the construction measures what it reaches. Two points in one direction do not: every gate sees them as one.
    """
    scale = scale or (1,) * len(points[0])
    common = lcm(*scale)
    first: dict[tuple[int, ...], int] = {}
    for i, x in enumerate(points):
        p = [c * (common // s) for c, s in zip(x, scale, strict=True)]
        square = Fraction(sum(c * c for c in p), common**2)
        if not (1 - LENGTH_TOLERANCE) ** 2 <= square <= (1 + LENGTH_TOLERANCE) ** 2:
            raise HypothesisError(
                "unit vectors",
                f"{names([i])} has the length {float(square) ** 0.5:.4g}, not 1 within {float(LENGTH_TOLERANCE):g}",
                "Divide every point by its length: X / numpy.linalg.norm(X, axis=1, keepdims=True).",
            )
        divisor = gcd(*p)
        j = first.setdefault(tuple(c // divisor for c in p), i)
        if j != i:
            raise HypothesisError(
                "the points have different directions",
                f"points {j} and {i} have the same direction",
                "Keep one of them: no gate through the origin tells them apart.",
            )
    return np.array([[c / s for c, s in zip(x, scale, strict=True)] for x in points])


def ntk_network(
    points: tuple,
    labels: tuple,
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    accuracy: float = 0.01,
    most: int = 20_000,
) -> ReachedNetwork:
    """Return a ReLU network without biases with |f - y|^2 <= accuracy |y|^2 on the data, verified in floats.

    points : tuples of d ints, the coordinates times `scale` (default 1); the points are unit vectors up to
    rounding, no two of one direction. labels : real. accuracy : in (0, 1). most : largest number of neurons.
    Raises HypothesisError for a point that is not a unit vector, and where `most` neurons are not enough: two
    directions are then too close (lambda is small), or the accuracy is beyond floating point. The result states the
    error that it reached, and its total weight.
    Implements bubeck-ntk-theorem with one draw a step. Source: Bubeck, Eldan, Lee, Mikulincer (2020), Theorem 2;
    proof and constants reconstructed.
    """
    if not 0 < accuracy < 1:
        raise ValueError(f"accuracy is {accuracy}; it is a relative squared error between 0 and 1")
    X, y = unit_rows(points, scale), np.array([float(v) for v in labels])
    w: list = []
    a: list = []
    error = 1.0
    if not y.any():
        return _network(w, a, X.shape[1])
    for rows, outs, error in greedy_pairs(X, y, rng):
        w.append(rows)
        a.append(outs)
        if error <= accuracy:
            reached = _network(w, a, X.shape[1]).relative_error(X, y)
            if reached <= accuracy:
                return _network(w, a, X.shape[1], reached)
        if 2 * len(w) + 2 > most:
            break
    raise HypothesisError(
        "the directions are well dispersed",
        f"{2 * len(w)} neurons reach the relative squared error {error:.2g}; {_closest(X)}",
        "Drop one of the two points, or raise accuracy= or most=.",
    )


def _closest(X: np.ndarray) -> str:
    H = tangent_kernel(X)
    cosines = X @ X.T / np.outer(*[np.linalg.norm(X, axis=1)] * 2)
    np.fill_diagonal(cosines, -1)
    i, j = np.unravel_index(int(np.argmax(cosines)), cosines.shape)
    return (
        f"the least eigenvalue of H is {least_eigenvalue(H):.2g}, and points {i} and {j} have the "
        f"cosine {cosines[i, j]:.6f}"
    )


def promised_neurons(X: Any, accuracy: float) -> int:
    """Return ceil((Lambda / lambda) ln(1 / accuracy)), the theorem's number of derivative neurons."""
    X = np.asarray(X, dtype=float)
    largest = float(np.linalg.eigvalsh(X @ X.T)[-1])
    return ceil(largest / least_eigenvalue(tangent_kernel(X)) * log(1 / accuracy))
