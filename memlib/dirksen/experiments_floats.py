"""Runs on the authors' data: two moons of any size, two parallel lines; rates, widths and the sandwich."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from memlib.dirksen.algorithm_network import Missed, least_count
from memlib.dirksen.algorithm_packed_floats import cover_in_order, signs
from memlib.dirksen.separation_floats import hyperplanes, probability
from memlib.dirksen.worst_case_floats import packed
from memlib.evidence import Frequency

#: Entries of a block of pre-activations.
BLOCK = 2**25
#: Up to so many points the counts of all pairs are one matrix product.
SMALL = 4000


@lru_cache(maxsize=2)
def two_moons(N: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return the two classes of the authors' moons, noise 0.05, seed 0, the largest norm 1; label 1 is the first."""
    from sklearn.datasets import make_moons

    Z, z = make_moons(N, noise=0.05, random_state=0)
    Z = Z / np.linalg.norm(Z, axis=1).max()
    return Z[z == 1], Z[z == 0]


def two_lines(points: int = 20, rho: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Return two parallel lines of length 2 at distance rho, with half of the points each, evenly spaced."""
    x = np.linspace(-1, 1, points // 2)
    return np.stack([x, 0 * x - rho / 2], 1), np.stack([x, 0 * x + rho / 2], 1)


def stream(*key: Any) -> np.random.Generator:
    """Return the generator of one run, from n, lambda, the seed and the number of the run."""
    return np.random.default_rng([round(1000 * float(v)) for v in key])


def features(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> list[int]:
    """Return the bits of every point, blockwise."""
    step = max(1, BLOCK // len(b))
    return [z for i in range(0, len(X), step) for z in packed(X[i : i + step] @ W.T + b > 0)]


def whole_run(minus: Sequence[int], plus: Sequence[int], order: Sequence[int]) -> tuple[bool, int]:
    """Return whether the run interpolates, and its width; a failing run goes through all candidates, as theirs do."""
    left, width = dict.fromkeys(order), 0
    lost = 0
    while left:
        k = next(iter(left))
        m = least_count(minus[k], plus)
        if m == 0:
            del left[k]
            lost += 1
        else:
            width += 1
            left = {i: None for i in left if (minus[i] & ~minus[k]).bit_count() >= m}
    return lost == 0, width


def whole_run_by_matrices(on: np.ndarray, other: np.ndarray, order: Sequence[int]) -> tuple[bool, int]:
    """Return the same from the features as booleans: all counts by two matrix products, exact in float32."""
    on, other = on.astype(np.float32), other.astype(np.float32)
    least = ((1 - on) @ other.T).min(axis=1)
    covers = (1 - on) @ on.T < least[:, None]
    left, width = np.ones(len(on), bool), 0
    for k in order:
        if left[k] and least[k] > 0:
            left &= ~covers[k]
            width += 1
    return bool((least > 0).all()), width


def one_run(classes: tuple[np.ndarray, np.ndarray], n: int, lam: float, rng: Any) -> tuple[bool, int]:
    """Draw a first layer and an order, run the algorithm to its end; return success and width."""
    minus, plus = classes
    W, b = hyperplanes(n, minus.shape[1], lam, rng)
    order = rng.permutation(len(minus)).tolist()
    if len(minus) <= SMALL:
        return whole_run_by_matrices(minus @ W.T + b > 0, plus @ W.T + b > 0, order)
    return whole_run(features(minus, W, b), features(plus, W, b), order)


def cell(N: int, n: int, lam: str, runs: int, seed: int) -> dict[str, list[int]]:
    """Return successes and widths of the runs of one cell of a map; lam in decimals."""
    found = [one_run(two_moons(N), n, float(lam), stream(n, float(lam), seed, k)) for k in range(runs)]
    return {"success": [int(s) for s, _ in found], "width": [w for _, w in found]}


@lru_cache(maxsize=256)
def count_successes(n: int, lam: Any, runs: int, seed: int, scale: Any = 1) -> int:
    """Count the runs on the two moons, scaled, that interpolate; a run stops at the first pair it cannot separate."""
    minus, plus = (float(scale) * X for X in two_moons())
    hits = 0
    for k in range(runs):
        rng = stream(n, lam, seed, k)
        W, b = hyperplanes(n, 2, float(lam), rng)
        q, r = (signs(W, b, X.T) for X in (minus, plus))
        try:
            cover_in_order(q, r, rng.permutation(len(minus)).tolist(), lambda *_: None, Missed)
            hits += 1
        except Missed:
            pass
    return hits


def frequency(hits: int, runs: int, at_least: Any) -> Frequency:
    """Return the outcome with its claimed probability as a float; on the grid of 2^-30 nothing is rounded."""
    return Frequency(hits, runs, float(at_least))


def successes(n: int, lam: str, runs: int, seed: int) -> dict[str, int]:
    """Return the same for a sweep."""
    return {"hits": count_successes(n, float(lam), runs, seed)}


@lru_cache(maxsize=8)
def pair_probabilities(lam: float) -> np.ndarray:
    """Return p(x, y) for all pairs of the two moons; at lam = 0 its limit there, the share of the angle."""
    minus, plus = two_moons()
    if lam == 0:
        turn = [np.arctan2(X[:, 1], X[:, 0]) for X in (minus, plus)]
        difference = np.abs(turn[0][:, None] - turn[1][None]).ravel()
        return np.minimum(difference, 2 * np.pi - difference) / (2 * np.pi)
    nodes = 12 if lam >= 0.5 else 24  # errors below 4e-6 and 2e-7, measured
    return np.concatenate([probability(x, plus, lam, nodes) for x in minus])


@lru_cache(maxsize=8)
def _logarithms(lam: float) -> np.ndarray:
    """Return ln(1 - p) for all pairs."""
    return np.log1p(-pair_probabilities(lam))


def sandwich(n: int, lam: float) -> tuple[float, float]:
    """Return the bounds of dirksen-sandwich for P(success) on the two moons, in floating point."""
    missed = np.exp(n * _logarithms(lam))
    return max(0.0, 1 - missed.sum()), 1 - missed.max()
