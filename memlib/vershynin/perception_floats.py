"""Draws for perception, with numpy: Gaussian rows as integers, signs and minimum-norm weights for groups.

What is returned are Python ints; exact code verifies them. Sums of signs are computed in float32, which is exact
below 2^24.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Sign vectors that are drawn for a group before it loses a member.
TRIES = 30
#: Scale of the integer weights of a minimum-norm neuron.
SCALE = 2**14


def generator(rng: Any) -> np.random.Generator:
    return np.random.default_rng(rng)


def gaussian_rows(rows: int, columns: int, bits: int, rng: np.random.Generator) -> list[list[int]]:
    """Return rint(2^bits g) for a standard Gaussian matrix g, as Python ints."""
    return np.rint(2**bits * rng.standard_normal((rows, columns))).astype(np.int64).tolist()


def hyperplanes(
    deviations: Sequence[int], rows: int, bits: int, rng: np.random.Generator
) -> tuple[list[list[int]], list[int]]:
    """Return rint(2^bits g_c 2^20 / m_c) for the columns with deviation m_c > 0, else 0; and biases of matching size.

    A standardised point has about as many squared units of length as there are columns with m_c > 0; the bias is
    Gaussian with that variance, times 2^bits.
    """
    m = np.array(deviations, dtype=float)
    unit = np.divide(2.0**20, m, out=np.zeros_like(m), where=m > 0)
    g = rng.standard_normal((rows, len(m))) * unit
    constant = rng.standard_normal(rows) * np.sqrt(np.count_nonzero(m))
    return tuple(np.rint(2**bits * part).astype(np.int64).tolist() for part in (g, constant))


def as_signs(bits: Any) -> np.ndarray:
    """Return 2 v - 1 for bit vectors v, one a row, as float32."""
    return 2 * np.asarray(bits, dtype=np.float32) - 1


def products(S: np.ndarray, members: Sequence[int]) -> np.ndarray:
    """Return <s_i, s_k> for the members i, one a row, with 0 in the place of k = i."""
    members = list(members)
    a = S[members] @ S.T
    a[np.arange(len(members)), members] = 0
    return a


def closest_pair(S: np.ndarray, chosen: Sequence[int]) -> tuple[int, int, int]:
    """Return (|a|, i, k) for the largest |a| = |<s_i, s_k>| with i among the chosen rows and k another row."""
    best = (0, 0, 0)
    for start in range(0, len(chosen), 512):
        block = np.asarray(chosen[start : start + 512])
        a = np.abs(products(S, block.tolist()))
        i, k = np.unravel_index(int(a.argmax()), a.shape)
        best = max(best, (int(a[i, k]), int(block[i]), int(k)), key=lambda found: found[0])
    return best


def noise(signs: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Return the largest |X_k| over all k for each row of signs."""
    return np.abs(signs.astype(np.float32) @ a).max(axis=1)


def draw_signs(r: int, tries: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(np.array([-1, 1]), (tries, r))


def group_by_signs(
    S: np.ndarray, waiting: Sequence[int], rng: np.random.Generator
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return a group of the first waiting points with good signs, 2 |X_k| < d for all k; None if there is none.

    It starts with twice the size that Hoeffding's inequality suggests and gives up one member at a time.
    """
    K, d = S.shape
    most = max(4, int(2 * d / (8 * np.log(2 * K))))
    a = products(S, waiting[:most])
    for r in range(len(a), 0, -1):
        signs = draw_signs(r, TRIES, rng)
        largest = noise(signs, a[:r])
        if 2 * largest.min() < d:
            return tuple(waiting[:r]), tuple(signs[int(largest.argmin())].tolist())
    return None


def group_by_minimum_norm(
    S: np.ndarray, waiting: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...], int] | None:
    """Return a group of the first waiting points, integer weights w and c with <w, s> >= c exactly on it, or None.

    w is the shortest solution of <w, s_i> = 1 on the group, times SCALE, rounded; c lies halfway.
    """
    K, d = S.shape
    exact = S.astype(float)  # sums of products below 2^53
    most = max(4, int(1.5 * d / (1 + 2 * np.log(K))))
    for r in range(min(most, len(waiting)), 0, -1):
        group = list(waiting[:r])
        w = np.rint(SCALE * np.linalg.lstsq(exact[group], np.ones(r), rcond=None)[0])
        values = exact @ w
        inside = int(values[group].min())
        others = np.delete(values, group)
        outside = int(others.max()) if len(others) else inside - 2
        if inside > outside:
            return tuple(group), tuple(w.astype(np.int64).tolist()), (inside + outside + 1) // 2
    return None


def sparse_bits(K: int, m: int, p: float, seed: int) -> list[list[int]]:
    """Return K rows of m independent bits, each 1 with probability p."""
    return (np.random.default_rng(seed).random((K, m)) < p).astype(int).tolist()


def random_bits(K: int, d: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Return K rows of d fair bits."""
    return tuple(map(tuple, np.random.default_rng(seed).integers(0, 2, (K, d)).tolist()))


def spread(V: np.ndarray, r: int, tries: int, seed: int) -> tuple[float, np.ndarray]:
    """Return the largest |X_k| for the first r rows as group: with all signs +1, and for `tries` random signs."""
    a = products(np.asarray(V, dtype=np.float32), range(r))
    random = noise(draw_signs(r, tries, np.random.default_rng(seed)), a)
    return float(noise(np.ones((1, r)), a)[0]), random


def largest_groups(d: int, K: int, seed: int) -> tuple[int, int]:
    """Return the largest r for which the first r of K random sign vectors pass: Hoeffding's sum, and TRIES draws."""
    rng = np.random.default_rng(seed)
    S = draw_signs(d, K, rng).astype(np.float32)
    a = products(S, range(min(d // 8, K)))
    V = np.cumsum(a.astype(float) ** 2, axis=0)
    sums = (2 * np.exp(-(d**2) / 8 / np.maximum(V, 1e-9))).sum(axis=1)
    drawn = 0
    while drawn < len(a) and 2 * noise(draw_signs(drawn + 1, TRIES, rng), a[: drawn + 1]).min() < d:
        drawn += 1
    return int((sums < 1).sum()), drawn
