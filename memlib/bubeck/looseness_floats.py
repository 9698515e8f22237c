"""The theorems' bounds with all their constants beside what is measured on data. Floating point; no claim is decided.

Points are rows of X, unit vectors up to rounding; y are the labels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gamma, log, pi, sqrt
from typing import Any

import numpy as np

from memlib.bubeck import kernel
from memlib.bubeck import quadratic_floats as quadratic
from memlib.bubeck import recombination_floats as floats
from memlib.bubeck.codes_floats import address_weights, kappa
from memlib.bubeck.conditioning import heavy
from memlib.bubeck.kernel_floats import least_eigenvalue, tangent_kernel
from memlib.bubeck.relu import Problem, bumps
from memlib.data import coherence

#: The head of a table of rows.
HEAD = f"{'theorem':27}{'what':18}{'bound':>9}{'measured':>10}{'factor':>9}"


@dataclass(frozen=True)
class Row:
    """A bound and the number that it bounds, of the theorem `claim`."""

    claim: str
    what: str
    bound: float
    measured: float

    @property
    def factor(self) -> float:
        """How far they are apart, at least 1 if the bound holds."""
        return self.bound / self.measured if self.upper else self.measured / self.bound

    @property
    def upper(self) -> bool:
        return not self.what.endswith(">=")

    def __str__(self) -> str:
        return f"{self.claim:27}{self.what:18}{self.bound:9.2g}{self.measured:10.2g}{self.factor:9.2g}"


def tangent(X: np.ndarray, epsilon: float, relus: int) -> Iterator[Row]:
    """Yield the least eigenvalue of H, and the ReLUs that a network needed beside both promises of the theorem."""
    n, least = len(X), least_eigenvalue(tangent_kernel(X))
    L = float(kernel.spread(n, Fraction(coherence(X))))
    proved = sqrt(2 / L) / (12 * pi)
    top = float(np.linalg.eigvalsh(X.T @ X)[-1])
    yield Row("bubeck-ntk-eigen", "eigenvalue >=", proved, least)
    for value, name in ((least, "ReLUs, true"), (proved, "ReLUs, proved")):
        yield Row("bubeck-ntk-theorem", name, 2 * ceil(top / value * log(1 / epsilon)), relus)


def spread(X: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return B_i^2 for M = 2 (claim bubeck-code-moments)."""
    (n, d), rho = X.shape, X @ X.T
    a = alpha[:, None] * rho
    return d / n * np.sum(a * (rho @ a), axis=0)


def coded_error(X: np.ndarray, y: np.ndarray, delta: float, K: int) -> float:
    """Return the bound E of bubeck-coded-theorem, M = 2, p = 1, sigma = 1; b_i is Gaussian, so E|b|^3 is known."""
    n, d = X.shape
    B2, A = spread(X, address_weights(X, y, 1)), sqrt(n / d) / kappa(1, 1.0)
    third = 2**1.5 * gamma(2) / sqrt(pi) * float(B2.max()) ** 1.5
    eta = A * floats.bias_constant(1) * delta**2 * third
    return n * eta**2 + A**2 / K * floats.variance_constant(1) * float(B2.sum())


def coded(X: np.ndarray, y: np.ndarray, delta: float, K: int, rng: Any = 0) -> Iterator[Row]:
    """Yield relative error and total weight of one network of the theorem, M = 2, p = 1, sigma = 1."""
    (n, d), alpha = X.shape, address_weights(X, y, 1)
    A = sqrt(n / d) / kappa(1, 1.0)
    e, W = floats.run(
        X,
        y,
        lambda K, rng: floats.real_units(X, alpha, 2, 1, delta, 1.0, K, rng),
        A,
        K,
        np.random.default_rng(rng),
    )
    square = float(y @ y)
    yield Row("bubeck-coded-theorem", "error", coded_error(X, y, delta, K) / square, e / square)
    yield Row(
        "bubeck-coded-theorem",
        "W / sqrt(n)",
        floats.weight_bound(X, y, alpha, 1, delta) / sqrt(n),
        W / sqrt(n),
    )


def quadratic_error(X: np.ndarray, y: np.ndarray, delta: float, c: float, K: int) -> float:
    """Return the bound E of bubeck-quadratic-network."""
    n, d = X.shape
    S, _ = quadratic.form_through(X, y)
    shrunk = 1 - c * quadratic.shrinks(X, S, delta)
    return float(np.sum((shrunk * y) ** 2) + c**2 / K * pi * n / d * np.sum((X @ S) ** 2))


def squared(X: np.ndarray, y: np.ndarray, delta: float, K: int, rng: Any = 0) -> Iterator[Row]:
    """Yield relative error and total weight of one quadratic network, with the factor c of least bias."""
    n, d = X.shape
    it = quadratic.costs(X, y, delta)
    S, _ = quadratic.form_through(X, y)
    g = np.random.default_rng(rng).standard_normal((K, d))
    w = np.stack([g + delta * g @ S, g - delta * g @ S])
    size = it.c / K * sqrt(2 * pi * n / d) / (2 * delta)
    plus, minus = np.maximum(w @ X.T, 0).sum(axis=1)
    e, square = float(np.sum((size * (plus - minus) - y) ** 2)), float(y @ y)
    yield Row("bubeck-quadratic-network", "error", quadratic_error(X, y, delta, it.c, K) / square, e / square)
    W = size * float(np.linalg.norm(w, axis=2).sum())
    yield Row("bubeck-quadratic-network", "W / sqrt(n)", it.weight, W / sqrt(n))


def incoherent_exponent(X: np.ndarray) -> int:
    """Return the least even M with n gamma^(M-1) <= 1/2. The coherence gamma must be below 1."""
    n, g, M = len(X), coherence(X), 2
    while n * g ** (M - 1) > 0.5:
        M += 2
    return M


def corollary(X: np.ndarray, y: np.ndarray, epsilon: float, relus: int, weight: float) -> Iterator[Row]:
    """Yield the ReLUs and W / sqrt(n) that bubeck-coded-corollary asks for, p = 1, beside those of a network."""
    M = incoherent_exponent(X)
    _, K, W = floats.recipe(X, M, 1, float(np.abs(y).max()), epsilon)
    yield Row("bubeck-coded-corollary", "ReLUs", 2 * K, relus)
    yield Row("bubeck-coded-corollary", "W / sqrt(n)", W / sqrt(len(X)), weight / sqrt(len(X)))


def thin_slabs(points: Any, scale: Any, labels: Any) -> Row:
    """Return W / sqrt(n) of the four-ReLU network beside the bound of bubeck-baum-weight."""
    net = heavy(bumps(Problem(points, labels)), scale)
    root = sqrt(len(points))
    return Row("bubeck-baum-weight", "W / sqrt(n) >=", float(net.least()) / root, float(net.weight) / root)
