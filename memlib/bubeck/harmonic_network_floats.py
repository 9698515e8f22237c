"""Approximate memorization by complex recombination: harmonic neurons, 2m real ReLUs each, of small total weight."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, cos, factorial, gamma, pi, sqrt
from typing import Any

import numpy as np

from memlib.bubeck.codes_floats import address_weights, kappa_complex
from memlib.bubeck.complex_floats import complex_units
from memlib.bubeck.reached_floats import ReachedNetwork
from memlib.bubeck.recombination_floats import (
    DRAWS,
    MOST,
    ROUNDING,
    chebyshev,
    lengths,
    require_invertible_power,
    values,
)
from memlib.points import HypothesisError

#: Units that are drawn and evaluated together; bounds the memory.
CHUNK = 250
#: Networks of K/16, K/12, ..., K units are tried, K from the theorem's bound of the variance.
SHARES = (16, 12, 8, 6, 4, 3, 2, 1)


@dataclass(frozen=True)
class Design:
    """A step delta, a factor c for all outputs, the number K of units, and bounds for what they give.

    bias : the squared bias |E f - y|^2. weight : the mean of W(f).
    """

    delta: float
    c: float
    K: int
    bias: float
    weight: float


def reach(X: np.ndarray, alpha: np.ndarray, m: int) -> np.ndarray:
    """Return B_i^2 = E|b_i|^2 (claim bubeck-code-moments)."""
    n, d = X.shape
    rho = X @ X.T
    a = alpha[:, None] * rho
    return d / n * np.maximum(np.sum(a * (rho ** (m - 1) @ a), axis=0), 0)


def lipschitz(m: int) -> float:
    return 1 / (2 * m * cos(pi / (2 * m)))


def mean_of_pairs(X: np.ndarray, alpha: np.ndarray, delta: float, sigma: float) -> np.ndarray:
    """Return E f(x_i) for m = 2, p = 1: y_i times 2 tau / (R+ + R-), R the length of ((1 +- delta S) x_i, sigma).

    By a pair of nodes the mean of h_2 is that of ReLUs with a real Gaussian (bubeck-quadratic-case).
    """
    n, d = X.shape
    SX = sqrt(d / n) * X @ ((X.T * alpha) @ X)
    both = [np.sqrt(np.sum((X + s * delta * SX) ** 2, axis=1) + sigma**2) for s in (1, -1)]
    labels = sqrt(n / d) * np.sum(X * SX, axis=1)
    return labels * 2 * sqrt(1 + sigma**2) / (both[0] + both[1])


def closed_form_design(
    X: np.ndarray, y: np.ndarray, length: np.ndarray, alpha: np.ndarray, goal: float, sigma: float
) -> Design:
    """Return the lightest design for m = 2, p = 1, whose squared bias is at most goal / 4, by the closed form."""
    best = None
    B = sqrt(float(reach(X, alpha, 2).max()))
    # by bubeck-quadratic-budget the squared bias is at most goal / 4 for the first step
    least = min(1.0, (goal / float(y @ y)) ** 0.25)
    for delta in np.geomspace(least / B, 4 / B, 60):
        mean = length * mean_of_pairs(X, alpha, float(delta), sigma)
        c = float(mean @ y / (mean @ mean))
        bias = float(np.sum((c * mean - y) ** 2))
        found = Design(
            float(delta), c, 0, bias, c * weight_bound(X, y / length, alpha, 2, 1, float(delta), sigma)
        )
        if best is None or (bias <= goal / 4 and (found.weight < best.weight or best.bias > goal / 4)):
            best = found
    assert best is not None
    return Design(
        best.delta, best.c, units_for(X, alpha, length, 2, 1, sigma, best.c, goal), best.bias, best.weight
    )


def theorem_design(
    X: np.ndarray,
    y: np.ndarray,
    length: np.ndarray,
    alpha: np.ndarray,
    goal: float,
    m: int,
    p: int,
    sigma: float,
) -> Design:
    """Return the design whose bounds for squared bias and variance are goal / 4 each (claim bubeck-complex-coded)."""
    t, weights = chebyshev(p)
    n, d = X.shape
    q, A = p + 2, length * sqrt(n / d) / abs(kappa_complex(m, sigma))
    Q = float(np.sum(np.abs(weights * t**q)))
    moment = gamma(q / 2 + 1) if m == 2 else float(p + 1) ** ((m - 1) * q / 2)
    slope = Q * lipschitz(m) * sqrt(factorial(p + 1)) / factorial(q) * (sqrt(2) / sigma) ** (p + 1) * moment
    size = slope * float(np.linalg.norm(A * reach(X, alpha, m) ** (q / 2)))
    delta = (sqrt(goal / 4) / size) ** (1 / (p + 1))
    K = units_for(X, alpha, length, m, p, sigma, 1.0, goal)
    return Design(delta, 1.0, K, goal / 4, weight_bound(X, y / length, alpha, m, p, delta, sigma))


def units_for(
    X: np.ndarray, alpha: np.ndarray, length: np.ndarray, m: int, p: int, sigma: float, c: float, goal: float
) -> int:
    """Return K for which the bound of the variance, (c A S_p Lip_m)^2 / K times the sum of the B_i^2, is goal / 4."""
    t, weights = chebyshev(p)
    n, d = X.shape
    S = float(np.sum(np.abs(weights * t)))
    one = n / d * (c * S * lipschitz(m) / kappa_complex(m, sigma)) ** 2
    return ceil(4 * one * float(np.sum(length**2 * reach(X, alpha, m))) / goal)


def weight_bound(
    X: np.ndarray, y: np.ndarray, alpha: np.ndarray, m: int, p: int, delta: float, sigma: float
) -> float:
    """Return the theorem's bound of E W(f), for c = 1."""
    n = len(X)
    inside = 1 + sigma**2 + delta**2 * float(y @ alpha) / (p * n)
    return sqrt(n / 2) / abs(kappa_complex(m, sigma)) * p / delta * sqrt(inside)


def drawn(
    X: np.ndarray, alpha: np.ndarray, m: int, p: int, sigma: float, design: Design, rng: Any
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the K units in chunks: their weights and the output weights of one unit."""
    for done in range(0, design.K, CHUNK):
        yield complex_units(X, alpha, m, p, design.delta, sigma, min(CHUNK, design.K - done), rng)


def harmonic_network(
    points: Any,
    labels: Any,
    scale: Any = None,
    rng: Any = 0,
    accuracy: float = 0.1,
    m: int = 2,
    p: int = 1,
    sigma: float | None = None,
    most: int = MOST,
    rounding: float = ROUNDING,
) -> ReachedNetwork:
    """Return an average of complex units, ReLUs without biases, with |f - y|^2 <= accuracy |y|^2, verified.

    points : integer points, unit vectors after division by scale, up to `rounding`. labels : numbers, not all 0.
    rng : seed or numpy Generator. m : even; the order of the harmonic neurons h_m, 2m ReLUs each. p : odd; a unit has
    p + 1 nodes, so 2m (p + 1) ReLUs. sigma : the noise; for m = 2, p = 1 it is 0 unless given, and the step comes from
    the closed form (bubeck-quadratic-case); else 1, and the step comes from the theorem's bounds. most : the most
    ReLUs. The result states the error that it reached, and its total weight.
    Raises HypothesisError: a point that is no unit vector, singular G, labels all 0, more than `most` ReLUs.
    Implements bubeck-complex-coded. Source: ours, a statement of the form of the abstract of Bubeck et al. (2020).
    """
    closed = m == 2 and p == 1
    sigma = (0.0 if closed else 1.0) if sigma is None else sigma
    if not (accuracy > 0 and p >= 1 and p % 2 == 1 and m >= 2 and m % 2 == 0):
        raise ValueError(f"accuracy {accuracy} must be positive, p = {p} odd, m = {m} even")
    if sigma < 0 or (sigma == 0 and not closed):
        raise ValueError(f"sigma is {sigma}; it must be positive, or 0 for m = 2 and p = 1")
    d = len(points[0])
    X, length = lengths(points, scale or (1,) * d, rounding)
    y = np.array([float(v) for v in labels])
    if not y.any():
        raise HypothesisError("some label is not 0", "y = 0", "The network without neurons fits it.")
    require_invertible_power(X, m)
    alpha, goal = address_weights(X, y / length, m - 1), accuracy * float(y @ y)
    design = (
        closed_form_design(X, y, length, alpha, goal, sigma)
        if closed
        else theorem_design(X, y, length, alpha, goal, m, p, sigma)
    )
    relus = 2 * m * (p + 1)
    if design.K * relus > most:
        raise HypothesisError(
            f"at most {most} neurons",
            f"accuracy {accuracy:g} asks for {design.K * relus}: the points are {len(X) / d:.3g} to a dimension, and "
            f"the largest |alpha| is {np.abs(alpha).max():.3g}",
            "Ask for less accuracy, take a smaller m, or set most=.",
        )
    rng, best = np.random.default_rng(rng), np.inf
    factor = design.c * sqrt(len(X) / d) / kappa_complex(m, sigma)
    for _ in range(DRAWS):
        rows, found = [], []
        for w, out in drawn(X, alpha, m, p, sigma, design, rng):
            rows.append(w)
            found.append(values(X, w, out))
        w, F = np.concatenate(rows), np.cumsum(np.concatenate(found), axis=0)
        for share in SHARES:
            K = ceil(design.K / share)
            reached = float(np.sum((factor * length * F[K - 1] / K - y) ** 2) / (y @ y))
            best = min(best, reached)
            if reached <= accuracy:
                net = ReachedNetwork(
                    w[:K].reshape(-1, d), np.zeros(K * relus), np.tile(factor / K * out, K), "relu",
                    "bubeck-complex-coded", reached,
                )  # fmt: skip
                if net.relative_error(X * length[:, None], y) <= accuracy:
                    return net
    raise HypothesisError(
        "a draw succeeds with probability at least 1/2",
        f"{DRAWS} draws reached {best:.3g} at best, not {accuracy:g}",
        "G may be too ill-conditioned for float64; ask for less accuracy, or try another seed.",
    )
