"""Random rows for Theorem R, drawn in floats and handed on as integers: all that follows is exact."""

from typing import Any

import numpy as np

#: Coefficients of weight rows are multiples of 1 / SCALE before everything is scaled to integers.
SCALE = 2**20


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def firing_sets(n: int, p: Any, rng: np.random.Generator) -> frozenset[int]:
    """Return the indices of the nodes of n that fire, each with probability p, independently.

    Given how many fire, every set of that size is equally likely.
    """
    count, chosen = rng.binomial(n, float(p)), np.empty(0, dtype=np.int64)
    while len(chosen) < count:
        drawn = np.sort(np.concatenate([chosen, rng.integers(0, n, count - len(chosen))]))
        chosen = drawn[np.flatnonzero(np.diff(drawn, prepend=-1))]  # each once
    return frozenset(chosen.tolist())


def _products(gram: tuple, nodes: int, rng: np.random.Generator) -> np.ndarray:
    """Return the int64 numbers A c, shape (K, nodes): inner products of the rows sum_k c_k u_k with the inputs.

    The integer vectors c are drawn so that A c / SCALE is nearly normal with covariance A.
    """
    A = np.array(gram, dtype=np.int64)
    zeta = rng.standard_normal((len(A), nodes))
    c = np.rint(SCALE * np.linalg.solve(A.astype(float), np.linalg.cholesky(A.astype(float)) @ zeta))
    c = c.astype(np.int64)
    if int(np.abs(A).sum(axis=1).max()) * int(np.abs(c).max(initial=0)) >= 2**62:
        raise OverflowError("the sums do not fit machine integers")
    return A @ c


def _gram(bits: np.ndarray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in (bits @ bits.T).tolist())


def sign_nodes(gram: tuple, nodes: int, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Return the inner products of the sign vectors of `nodes` random rows, given those of their inputs."""
    return _gram(np.where(_products(gram, nodes, rng) > 0, 1, -1))


def feature_nodes(gram: tuple, nodes: int, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Return the inner products of sparse features: nodes that fire with probability 1 / sqrt(2 nodes).

    The inputs have one common length, the root of gram[0][0].
    """
    from scipy.special import ndtri

    threshold = int(-ndtri(1 / np.sqrt(2 * nodes)) * SCALE * np.sqrt(gram[0][0]))
    return _gram((_products(gram, nodes, rng) > threshold).astype(np.int64))
