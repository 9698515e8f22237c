"""Random networks of the recombination theorem in floating point: drawn, counted, and built for data."""

from dataclasses import replace
from math import ceil, factorial, gamma, pi, sqrt
from typing import Any

import numpy as np

from memlib.bubeck.codes_floats import address_weights, direction, kappa
from memlib.bubeck.reached_floats import ReachedNetwork
from memlib.evidence import Frequency
from memlib.points import HypothesisError, names


def chebyshev(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes t_j and the weights lambda_j of the difference rule, p odd (claim bubeck-cheb-diff)."""
    j = np.arange(p + 1)
    t = np.cos(j * pi / p)
    ends = np.where((j == 0) | (j == p), 2, 1)
    return t, (-1.0) ** ((p - 1) // 2 + j) / (ends * p * t**2)


def overshoot(p: int) -> float:
    """Return o_p: how far the step of the rule leaves [0, 1] (claim bubeck-difference-step)."""
    t, weights = chebyshev(p)
    return max(0.0, -float(np.min(np.maximum(t[:, None] - t[None, :], 0).T @ weights)))


def variance_constant(p: int) -> float:
    """v_p = 1/2 + o_p + o_p^2."""
    o = overshoot(p)
    return 0.5 + o + o * o


def real_units(X: Any, alpha: Any, M: int, p: int, delta: float, sigma: float, K: int, rng: Any) -> tuple:
    """Draw K units F = sum_j lambda_j psi(w_j.x) / delta; return w, shape (K, p+1, d), and the p+1 output weights.

    w_j = g + delta t_j V(g) + sigma xi, V = sqrt(d/n) sum_i alpha_i He_k(g.x_i) / sqrt(k!) x_i, k = M - 1.
    """
    rng = np.random.default_rng(rng)
    t, weights = chebyshev(p)
    g, xi = rng.standard_normal((2, K, X.shape[1]))
    V = direction(X, alpha, M - 1, g)
    return (g + sigma * xi)[:, None, :] + delta * t[None, :, None] * V[:, None, :], weights / delta


def values(X: np.ndarray, w: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return F(x_i) for every unit, shape (K, n)."""
    heights = np.maximum(w @ X.T, 0)
    return np.einsum("kjn,j->kn", heights, out)


def total_weight(w: np.ndarray, out: np.ndarray) -> float:
    """Return sum |out_j| |w_kj| over the units."""
    return float((np.linalg.norm(w, axis=2) @ np.abs(out)).sum())


def _setting(coded: Any) -> tuple:
    X = np.array([[float(c) for c in x] for x in coded.points])
    alpha = np.array([float(a) for a in coded.alpha])
    return X, alpha, float(coded.delta), float(coded.sigma)


def averages_within(it: Any, targets: list, errors: list, noise: list) -> Frequency:
    """Count runs in which the mean of `size` units is within e_j + 2 noise_j / sqrt(size); the worst point counts."""
    X, alpha, delta, sigma = _setting(it.coded)
    rng = np.random.default_rng(it.seed)
    room = np.array([float(e) + 2 * float(s) / sqrt(it.size) for e, s in zip(errors, noise, strict=True)])
    goal = np.array([float(v) for v in targets])
    hits = np.zeros(len(X), dtype=int)
    for _ in range(it.runs):
        w, out = real_units(X, alpha, it.coded.M, it.coded.p, delta, sigma, it.size, rng)
        hits += np.abs(values(X, w, out).mean(axis=0) - goal) <= room
    return Frequency(int(hits.min()), it.runs, 3 / 4)


#: Of the events that the trials count: by Markov's inequality, a nonnegative variable is at most c times its mean with
#: probability at least 1 - 1/c; and two events of probability 1/2 and 2/3 meet with probability at least 1/6.
AT_LEAST = {"error": 1 / 2, "weight": 2 / 3, "both": 1 / 6}


def run(X: np.ndarray, y: np.ndarray, units: Any, A: float, K: int, rng: Any) -> tuple[float, float]:
    """Draw one network of K units; return |f - y|^2 and W(f)."""
    w, out = units(K, rng)
    f = A * values(X, w, out).mean(axis=0)
    return float(np.sum((f - y) ** 2)), abs(A) / K * total_weight(w, out)


def bounds_met(it: Any, draw: Any, factor: Any, error: Any, weight: Any) -> Frequency:
    """Count networks, `factor` times the mean of K drawn units, with |f - y|^2 <= 2 error, W <= 3 weight, or both."""
    coded = it.coded
    X, alpha, delta, sigma = _setting(coded)
    y = np.array([float(v) for v in coded.labels])

    def units(K: int, rng: Any) -> tuple:
        return draw(X, alpha, coded.M, coded.p, delta, sigma, K, rng)

    most = 2 * float(error), 3 * float(weight)
    rng, hits = np.random.default_rng(it.seed), 0
    for _ in range(it.trials):
        e, W = run(X, y, units, float(factor), it.design.K, rng)
        good = {"error": e <= most[0], "weight": most[1] >= W}
        hits += all(good.values()) if it.what == "both" else good[it.what]
    return Frequency(int(hits), it.trials, AT_LEAST[it.what])


def recipe(X: np.ndarray, M: int, p: int, Y: float, epsilon: float) -> tuple[float, int, float]:
    """Return delta_0, K and the bound for W of the corollary (sigma = 1)."""
    n, d = X.shape
    omega = float(np.linalg.eigvalsh(X @ X.T)[-1]) * d / n
    size, c = abs(kappa(M - 1, 1.0)), bias_constant(p)
    h = (p + 1) ** ((M - 1) / 2) * sqrt(6 * omega) * Y
    delta = (sqrt(epsilon) * size / (2 * h * c) * sqrt(d / n)) ** (1 / (p + 1)) / h
    K = ceil(24 * variance_constant(p) * omega * Y**2 / (size**2 * epsilon) * n / d)
    return delta, K, 3 * sqrt(n) / size * p / delta * sqrt(2 + 2 * delta**2 * Y**2 / p)


def bias_constant(p: int) -> float:
    """Q_p c_p / (p+2)!."""
    t, weights = chebyshev(p)
    Q = float(np.sum(np.abs(weights * t ** (p + 2))))
    return Q * 2 ** ((p - 1) / 2) * gamma((p + 1) / 2) / pi / factorial(p + 2)


def budget_met(budget: Any, alpha: Any) -> Frequency:
    """Count networks of the corollary's recipe with |f - y|^2 <= epsilon n and W below its bound."""
    X = np.array([[float(c) for c in x] for x in budget.points])
    y = np.array([float(v) for v in budget.labels])
    a = np.array([float(v) for v in alpha])
    M, p, epsilon = budget.M, budget.p, float(budget.epsilon)
    delta, K, weight = recipe(X, M, p, float(budget.Y), epsilon)

    def units(K: int, rng: Any) -> tuple:
        return real_units(X, a, M, p, delta, 1.0, K, rng)

    A = sqrt(len(X) / X.shape[1]) / kappa(M - 1, 1.0)
    rng, hits = np.random.default_rng(budget.seed), 0
    for _ in range(budget.trials):
        e, W = run(X, y, units, A, K, rng)
        hits += (e <= epsilon * len(X)) and (weight >= W)
    return Frequency(int(hits), budget.trials, 1 / 6)


#: How far the length of a point may be from 1: data that were normalised and then rounded.
ROUNDING = 1e-2
#: Draws before `coded_network` gives up; each succeeds with probability at least 1/2.
DRAWS = 20
#: The most neurons that `coded_network` builds unless told otherwise.
MOST = 200_000


def lengths(points: Any, scale: Any, rounding: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the points divided by their lengths, and the lengths. Raises HypothesisError where one is not about 1."""
    X = np.array([[float(c) / s for c, s in zip(x, scale, strict=True)] for x in points])
    length = np.linalg.norm(X, axis=1)
    worst = int(np.argmax(np.abs(length - 1)))
    if abs(length[worst] - 1) > rounding:
        raise HypothesisError(
            "unit vectors",
            f"point {worst} has the length {length[worst]:.4g}",
            "Divide every point by its length first: X / np.linalg.norm(X, axis=1, keepdims=True).",
        )
    return X / length[:, None], length


def require_invertible_power(X: np.ndarray, M: int) -> None:
    """Raise HypothesisError if G = (X X^T)^M, entrywise, is singular: a pair, or the rank."""
    n, rho = len(X), X @ X.T
    far = np.triu(np.abs(rho), 1)
    i, j = (int(v) for v in np.unravel_index(np.argmax(far), far.shape))
    if n > 1 and far[i, j] > 1 - 1e-9:
        how = "equal" if rho[i, j] > 0 else "opposite"
        raise HypothesisError(
            f"G = (x_i.x_j)^{M} is invertible", f"{names([i, j])} are {how}", "Drop one of the two."
        )
    eigenvalues = np.linalg.eigvalsh(rho**M)
    tiny = 1e-10 * eigenvalues[-1]
    rank = int(np.sum(eigenvalues > tiny))
    if rank < n:
        raise HypothesisError(
            f"G = (x_i.x_j)^{M} is invertible",
            f"G has the rank {rank} in float64, and there are {n} points",
            "Drop a point, or take a larger even m.",
        )


def coded_network(
    points: Any,
    labels: Any,
    scale: Any = None,
    rng: Any = 0,
    accuracy: float = 0.1,
    M: int = 2,
    p: int = 1,
    sigma: float = 1.0,
    most: int = MOST,
    rounding: float = ROUNDING,
) -> ReachedNetwork:
    """Return a ReLU network of small weight with |f - y|^2 <= accuracy |y|^2, verified.

    points : integer points, unit vectors after division by scale, up to `rounding`. labels : numbers, not all 0.
    delta_0 and K come from the theorem's bounds, a quarter of the accuracy for the squared bias and a quarter for
    the variance, so that a draw succeeds with probability at least 1/2. A network without biases is homogeneous,
    so rounded points x are served by memorizing y / |x| at x / |x|. The result states the error that it reached.
    Raises HypothesisError: a point that is no unit vector, singular G, labels all 0, more than `most` neurons.
    Implements bubeck-coded-theorem. Source: ours, a statement of the form of the abstract of Bubeck et al. (2020).
    """
    if not (accuracy > 0 and sigma > 0 and p >= 1 and p % 2 == 1 and M >= 2 and M % 2 == 0):
        raise ValueError(f"accuracy {accuracy} and sigma {sigma} must be positive, p = {p} odd, M = {M} even")
    d = len(points[0])
    X, length = lengths(points, scale or (1,) * d, rounding)
    y = np.array([float(v) for v in labels])
    if not y.any():
        raise HypothesisError("some label is not 0", "y = 0", "The network without neurons fits it.")
    n, z = len(X), y / length
    require_invertible_power(X, M)
    alpha = address_weights(X, z, M - 1)
    delta, K = parameters(X, alpha, float(np.sum(y**2)) * accuracy, M, p, sigma, float(length.max()))
    if K * (p + 1) > most:
        raise HypothesisError(
            f"at most {most} neurons",
            f"accuracy {accuracy:g} asks for {K * (p + 1)}: the points are {n / d:.3g} to a dimension, and the "
            f"largest |alpha| is {np.abs(alpha).max():.3g}",
            "Ask for less accuracy, or set most=.",
        )
    A, rng = sqrt(n / d) / kappa(M - 1, sigma), np.random.default_rng(rng)
    given = X * length[:, None]
    best = np.inf
    for _ in range(DRAWS):
        w, out = real_units(X, alpha, M, p, delta, sigma, K, rng)
        net = ReachedNetwork(
            w.reshape(-1, d), np.zeros(K * (p + 1)), np.tile(A / K * out, K), "relu", "bubeck-coded-theorem"
        )
        reached = net.relative_error(given, y)
        if reached <= accuracy:
            return replace(net, reached=reached)
        best = min(best, reached)
    raise HypothesisError(
        "a draw succeeds with probability at least 1/2",
        f"{DRAWS} draws reached {best:.3g} at best, not {accuracy:g}",
        "G may be too ill-conditioned for float64; ask for less accuracy, or try another seed.",
    )


def parameters(
    X: np.ndarray, alpha: np.ndarray, goal: float, M: int, p: int, sigma: float, longest: float = 1.0
) -> tuple[float, int]:
    """Return delta_0 and K such that the theorem's bounds of squared bias and variance are at most goal / 4 each.

    For M = 2, b_j is Gaussian with the variance B_j^2, so E |b_j|^q = B_j^q 2^(q/2) Gamma((q+1)/2) / sqrt(pi).
    """
    n, d = X.shape
    rho, k, q = X @ X.T, M - 1, p + 2
    a = alpha[:, None] * rho
    B = np.sqrt(d / n * np.maximum(np.sum(a * (rho**k @ a), axis=0), 0))
    A = longest * sqrt(n / d) / abs(kappa(k, sigma))
    moment = 2 ** (q / 2) * gamma((q + 1) / 2) / sqrt(pi) if k == 1 else float(p + 1) ** (k * q / 2)
    slope = A * bias_constant(p) / sigma ** (p + 1) * moment * float(np.linalg.norm(B**q))
    delta = (sqrt(goal / 4) / slope) ** (1 / (p + 1))
    return delta, ceil(4 * A**2 * variance_constant(p) * float(np.sum(B**2)) / goal)


def mean_outputs(X: np.ndarray, alpha: np.ndarray, p: int, delta: float, sigma: float = 1.0) -> np.ndarray:
    """Return E f(x_i) for M = 2: A sum_j lambda_j sqrt(|(I + delta t_j S) x_i|^2 + sigma^2) / (sqrt(2 pi) delta)."""
    n, d = X.shape
    SX = sqrt(d / n) * X @ ((X.T * alpha) @ X)
    t, weights = chebyshev(p)
    moved = X[None] + delta * t[:, None, None] * SX[None]
    roots = np.sqrt(np.sum(moved**2, axis=2) + sigma**2)
    return sqrt(n / d) / kappa(1, sigma) * (weights @ roots) / (sqrt(2 * pi) * delta)


def weight_bound(X: np.ndarray, y: np.ndarray, alpha: np.ndarray, p: int, delta: float, M: int = 2) -> float:
    """Return the theorem's bound of E W(f), sigma = 1."""
    n = len(X)
    return sqrt(n) / abs(kappa(M - 1, 1.0)) * p / delta * sqrt(2 + delta**2 * float(y @ alpha) / (p * n))
