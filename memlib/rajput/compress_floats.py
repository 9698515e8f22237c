"""Random hyperplanes and random parity checks, drawn with numpy; what enters a claim leaves as Python ints."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memlib.evidence import Frequency

Seed = int | np.random.Generator


def hyperplane_bits(points: Any, m: int, rng: Seed, tau: float = 1) -> np.ndarray:
    """Return [g.x + b >= 0] for m hyperplanes with Gaussian normals and biases of variance tau^2, shape (n, m)."""
    X, rng = np.asarray(points, dtype=float), np.random.default_rng(rng)
    normals, biases = rng.standard_normal((X.shape[1], m)), rng.standard_normal(m)
    return (X @ normals + tau * biases >= 0).astype(np.int64)


def parities(bits: np.ndarray, k: int) -> np.ndarray:
    """Return the XORs of consecutive blocks of k bits, shape (n, m / k)."""
    return bits.reshape(len(bits), -1, k).sum(axis=2) % 2


def distinct(bits: np.ndarray) -> int:
    """Return the number of distinct rows."""
    return len(np.unique(bits, axis=0))


def packed(bits: np.ndarray) -> tuple[int, ...]:
    """Return the rows as Python ints, bit 0 first."""
    return tuple(sum(1 << int(i) for i in np.flatnonzero(row)) for row in bits)


def unpacked(words: Sequence[int], m: int) -> np.ndarray:
    """Return words of m bits as rows."""
    return np.array([[w >> i & 1 for i in range(m)] for w in words], dtype=np.int64)


def parity_runs(
    points: Any,
    pairs: Sequence[tuple[int, int]],
    k: int,
    r: int,
    tau: Any,
    trials: int,
    seed: int,
) -> list[int]:
    """Return for every trial the number of pairs whose r parities of k hyperplanes all agree."""
    X, rng = np.asarray(points, dtype=float), np.random.default_rng(seed)
    i, j = np.array(pairs).T
    found = []
    for _ in range(trials):
        codes = parities(hyperplane_bits(X, k * r, rng, float(tau)), k)
        found.append(int((codes[i] == codes[j]).all(axis=1).sum()))
    return found


def parity_frequency(runs: Sequence[int], at_least: Any) -> Frequency:
    """Return how often no pair collided; `at_least` is a ball, and its upper end counts, rounded up to a float."""
    promised = np.nextafter(float(at_least.upper()), 2)
    return Frequency(sum(found == 0 for found in runs), len(runs), min(1.0, float(promised)))


def random_rows(m: int, r: int, alpha: float, rng: np.random.Generator) -> np.ndarray:
    """Return r rows of m independent bits, each 1 with probability alpha, up to 2^-24."""
    return (rng.random((r, m), dtype=np.float32) < alpha).astype(np.float32)


def injective_runs(
    words: Sequence[int], m: int, alpha: Any, r: int, trials: int, seed: int, at_least: Any
) -> Frequency:
    """Return how often a random r x m parity check keeps the words apart.

    The sums are integers of at most m < 2^24, which single precision holds exactly in whatever order they are added.
    """
    V, rng = unpacked(words, m).T.astype(np.float32), np.random.default_rng(seed)
    hits = sum(
        distinct((random_rows(m, r, float(alpha), rng) @ V % 2).T.astype(np.int8)) == len(words)
        for _ in range(trials)
    )
    return Frequency(hits, trials, float(at_least))
