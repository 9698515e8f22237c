"""Sign layers drawn with numpy: how many hyperplanes separate two points, and the pictures of the page."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from memlib.evidence import Frequency
from memlib.vershynin.enrichment_floats import outside, signs

#: The weights of a chain are rint(2^BITS g).
BITS = 10
#: Inputs that are multiplied at once with a block of weights; bounds the memory.
CHUNK = 1024


def hamming(S: np.ndarray) -> np.ndarray:
    """Return the numbers of places in which pairs of rows of signs differ; exact in float32 below 2^24."""
    S = S.astype(np.float32)
    return (S.shape[1] - outside(S @ S.T)) / 2


def layer_succeeds(x: Any, part: float = 0.5) -> Frequency:
    """Count the runs in which all sign vectors are distinct, or all differ in > `part` m theta / pi places."""
    rng, hits = np.random.default_rng(x.seed), 0
    X = np.array(x.points.rows, dtype=float)
    least = 0.0 if x.promise == "distinct" else part * x.m * float(x.theta) / np.pi
    for _ in range(x.runs):
        hits += bool(hamming(signs(X, x.m, rng)).min() > least)
    return Frequency(int(hits), x.runs, float(1 - x.beta))


def integer_signs(rows: np.ndarray, m: int, rng: np.random.Generator) -> np.ndarray:
    """Return the signs of rows . g for m integer rows g = rint(2^BITS normal), in machine integers.

    |g| < 2^14, so the sums stay below 2^63 for rows whose entries add up to less than 2^49.
    """
    blocks = []
    for start in range(0, m, CHUNK):
        g = np.rint(2**BITS * rng.standard_normal((min(CHUNK, m - start), rows.shape[1])))
        # products of integers below 2^53 are exact in float64, in any order
        assert np.abs(g).max() * np.abs(rows).sum(axis=1).max() < 2**53
        blocks.append(np.where(rows.astype(float) @ g.T > 0, 1, -1))
    return np.concatenate(blocks, axis=1)


def distances_between(rows: Sequence[Sequence[int]], widths: Sequence[int], seed: int) -> list[int]:
    """Return for each layer of a chain the least Hamming distance of two points behind it."""
    rng, found, h = np.random.default_rng(seed), [], np.array(rows)
    for m in widths:
        h = integer_signs(h, m, rng)
        found.append(int(hamming(h).min()))
    return found


# --- pictures ---


def unit(X: np.ndarray) -> np.ndarray:
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def with_constant(X: np.ndarray) -> np.ndarray:
    """Centre the data, append the largest norm as a coordinate, and normalise: then no cosine is negative."""
    X = X - X.mean(axis=0)
    size = np.linalg.norm(X, axis=1).max()
    return unit(np.hstack([X, np.full((len(X), 1), size)]))


def least_distance(X: np.ndarray) -> float:
    """Return the least distance of two rows of norm 1, from their differences."""
    return min(float(np.linalg.norm(X[k + 1 :] - X[k], axis=1).min()) for k in range(len(X) - 1))


def fan(K: int, theta: float) -> np.ndarray:
    """Return K unit vectors of the plane in a row, each at the angle theta from the one before."""
    t = theta * np.arange(K)
    return np.stack([np.cos(t), np.sin(t)], axis=1)


def chain_distances(X: np.ndarray, widths: Sequence[int], seed: int) -> Iterator[float]:
    """Yield the least distance before and after each sign layer, normalised to unit vectors."""
    rng = np.random.default_rng(seed)
    yield least_distance(unit(X))
    for m in widths:
        X = signs(X, m, rng)
        yield float(np.sqrt(4 * hamming(X).min() / m))


def number_distinct(X: np.ndarray, m: int, seed: int) -> int:
    """Return how many different sign vectors the points have after m neurons."""
    S = signs(X, m, np.random.default_rng(seed)) > 0
    return len({row.tobytes() for row in S})
