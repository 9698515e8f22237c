"""The log-free network in machine integers, and the choice of its sizes from the angles of the data, in floats.

Codes are integers and exact: `memlib.layer` proves that no sum overflows, or uses long integers. The choice of k and r
is a guess that the draws confirm; a network is verified after it is built.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memlib.layer import Layer

#: Pairs whose angles are looked at, and bits (points times hyperplanes) that are held at a time.
PAIRS, BITS = 20_000_000, 8_000_000
#: The most parities of a tuned network: z and all sums of it then fit 64 bits.
LONGEST = 58


def block_numbers(layer: Layer, points: Sequence[Sequence[int]], k: int) -> list[int]:
    """Return z for every point: bit j is the XOR of the units jk, ..., jk + k - 1 of the layer."""
    step, found = max(1, BITS // layer.units), []
    for start in range(0, len(points), step):
        bits = np.asarray(layer.on_batch(points[start : start + step]), dtype=np.int64)
        parities = bits.reshape(len(bits), -1, k).sum(axis=2) & 1
        rows = np.packbits(parities.astype(np.uint8), axis=1, bitorder="little")
        found += [int.from_bytes(row.tobytes(), "little") for row in rows]
    return found


def separation_chances(
    points: Sequence[Sequence[int]], radius: int, labels: Sequence[int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return chances p that a hyperplane separates two points of different labels, and how many pairs have them.

    p is rounded down by at most a tenth of a percent. If there are more pairs than PAIRS, a random part of the points
    with label 1 stands for all of them.
    """
    X = np.array([[c / radius for c in x] for x in points])  # int / int rounds correctly
    y = np.array(labels)
    zeros, ones = X[y == 0], X[y == 1]
    taken = ones
    if len(zeros) * len(ones) > PAIRS:
        taken = rng.choice(ones, max(1, PAIRS // len(zeros)), replace=False)
    counts = np.zeros(30_001)
    squares = (zeros**2).sum(axis=1)
    step = max(1, 1_000_000 // max(1, len(zeros)))
    for start in range(0, len(taken) if len(zeros) else 0, step):
        some = taken[start : start + step]
        products, own = some @ zeros.T, (some**2).sum(axis=1)[:, None]
        distances = np.maximum(own + squares - 2 * products, 0)
        areas = np.maximum(own * squares - products**2, 0) + distances
        p = np.arctan2(np.sqrt(areas), 1 + products) / np.pi
        logs = np.floor(1000 * np.log(np.maximum(p, 1e-12)))
        counts += np.bincount(np.clip(30_000 + logs, 0, 30_000).astype(int).ravel(), minlength=30_001)
    used = np.flatnonzero(counts)
    share = len(ones) / len(taken) if len(taken) else 1.0
    return np.exp((used - 30_000) / 1000), counts[used] * share


def expected_collisions(p: np.ndarray, pairs: np.ndarray, k: int, r: int) -> float:
    """Return the expected number of pairs that r parities of k hyperplanes do not tell apart."""
    return float(pairs @ ((1 + (1 - 2 * np.minimum(p, 0.5)) ** k) / 2) ** r)


def cheapest(p: np.ndarray, pairs: np.ndarray, goal: Any, most: int) -> tuple[int, int] | None:
    """Return the k and r with the fewest units, kr + 2r(k - 1) + r, such that at most `goal` collisions are expected.

    k is a power of two, r <= LONGEST, kr <= most; None if there are no such k and r.
    """
    found: list[tuple[int, int, int]] = []
    k = 1
    while k <= most:
        if expected_collisions(p, pairs, k, LONGEST) <= goal:
            low, high = 0, LONGEST
            while high - low > 1:
                r = (low + high) // 2
                low, high = (low, r) if expected_collisions(p, pairs, k, r) <= goal else (r, high)
            if k * high <= most:
                found.append((k * high + 2 * high * (k - 1) + high, k, high))
        k *= 2
    return min(found)[1:] if found else None


def injective_runs(codes: Sequence[int], m: int, pairs: Any, R: int, trials: int, seed: int) -> int:
    """Count the draws of m numbers below R whose sums over the bits of the codes are different for all the pairs."""
    rng = np.random.default_rng(seed)
    bits = np.array([[c >> j & 1 for j in range(m)] for c in codes], dtype=np.int64)
    i, j = np.array(pairs).T
    hits = 0
    for _ in range(trials):
        z = bits @ rng.integers(0, R, m)
        hits += bool((z[i] != z[j]).all())
    return hits


def random_numbers(m: int, R: int, rng: np.random.Generator) -> list[int]:
    """Return m independent uniform numbers below R."""
    return rng.integers(0, R, m).tolist()
