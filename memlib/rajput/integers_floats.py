"""Many draws at once: rounded first layers against fine ones, and the Hamming distances of codes. Machine integers."""

from typing import Any

import numpy as np

from memlib.rajput.hyperplanes_floats import bits_of, scaled_gaussians

#: Fractional bits of the Gaussians that stand for real numbers; numpy's have 52 or more.
FINE = 50


def rounded_rows(rows: np.ndarray, bits: int) -> np.ndarray:
    """Return round(2^bits g) for integers 2^FINE g, ties upwards."""
    k = FINE - bits
    return (rows + (1 << (k - 1))) >> k


def changes(cloud: Any, m: int, bits: Any, trials: int, seed: int) -> np.ndarray:
    """Return how many of the nm bits change, shape (trials, number of sizes): one draw for all sizes in `bits`."""
    rng, X = np.random.default_rng(seed), np.array(cloud.points, dtype=np.int64)
    counts = []
    for _ in range(trials):
        rows = scaled_gaussians(m, X.shape[1] + 1, rng, FINE)
        true = bits_of(X, rows, cloud.radius)
        counts.append([(bits_of(X, rounded_rows(rows, p), cloud.radius) != true).sum() for p in bits])
    return np.array(counts)


def rounds_without_change(it: Any) -> int:
    """Count the trials in which no bit changes."""
    return int((changes(it.cloud, it.m, [it.bits], it.trials, it.seed) == 0).sum())


def distinct_codes(cloud: Any, m: int, bits: Any, seed: int) -> list[int]:
    """Return the number of different codes for each size in `bits`, from one draw of m hyperplanes."""
    rng, X = np.random.default_rng(seed), np.array(cloud.points, dtype=np.int64)
    rows = scaled_gaussians(m, X.shape[1] + 1, rng, FINE)
    return [len(np.unique(bits_of(X, rounded_rows(rows, p), cloud.radius), axis=0)) for p in bits]


def distances(codes: Any, pairs: Any) -> np.ndarray:
    """Return the Hamming distance of every pair."""
    codes = np.asarray(codes)
    i, j = np.array(pairs).T
    return (codes[i] != codes[j]).sum(axis=1)
