"""ReLU features in single precision, summed in a stated order; clusters of any number of points."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memlib.dirksen.separation_floats import hyperplanes


def in_order(terms: np.ndarray) -> np.ndarray:
    """Return the sums along the last axis from left to right, every partial sum rounded: IEEE arithmetic, no BLAS."""
    return np.add.accumulate(terms, axis=-1)[..., -1]


def relu_features(X: np.ndarray, W: np.ndarray, b: np.ndarray, dtype: Any) -> np.ndarray:
    """Return max(W x + b, 0) in this precision, coordinate by coordinate."""
    X, W, b = (np.asarray(v, dtype=dtype) for v in (X, W, b))
    t = np.broadcast_to(b, (len(X), len(b))).copy()
    for k in range(X.shape[1]):
        t = t + X[:, k : k + 1] * W[:, k]
    return np.maximum(t, 0)


def relu_run(
    classes: Sequence[np.ndarray], n: int, lam: float, seed: int, dtype: Any, half_way: bool
) -> tuple[int, int, bool]:
    """Run the algorithm with ReLU; return errors of the network on X^-, on X^+, and whether all was covered.

    The run sums from left to right, the network that is evaluated afterwards from right to left.
    half_way : the bias (c + m)/2 with c the largest sum below m, in place of m.
    """
    rng = np.random.default_rng(seed)
    W, b = hyperplanes(n, classes[0].shape[1], lam, rng)
    minus, plus = (relu_features(X, W, b, dtype) for X in classes)
    left, candidates = np.ones(len(minus), bool), np.ones(len(minus), bool)
    fired = [np.zeros(len(z), bool) for z in (minus, plus)]
    for k in rng.permutation(len(minus)):
        if not (candidates[k] and left.any()):
            continue
        candidates[k] = False
        u = minus[k] == 0
        own, other = in_order(minus[:, u]), in_order(plus[:, u])
        m = other.min()
        if m > 0:
            inside = own < m
            left, candidates = left & ~inside, candidates & ~inside
            bias = dtype((own[inside].max() + m) / 2) if half_way else m
            for seen, z in zip(fired, (minus, plus), strict=True):
                seen |= bias - in_order(z[:, u][:, ::-1]) > 0
    return int((~fired[0]).sum()), int(fired[1].sum()), not left.any()


def circles(N: int, rng: Any, radius: float = 0.1, decimals: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return N points on four circles around (1, 0), (0, 1), (-1, 0), (0, -1), in turn with label 1 and 0."""
    turn = 2 * np.pi * np.random.default_rng(rng).random(N)
    which = np.arange(N) % 4
    centre = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])[which]
    X = np.round(centre + radius * np.stack([np.cos(turn), np.sin(turn)], 1), decimals)
    return X, (which + 1) % 2
