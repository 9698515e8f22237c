"""Slabs proposed by numpy: least squares, rounded; and the sizes of networks for the table of the page.

What `group_by_slab` returns is decided in machine integers that cannot overflow, and again by exact code.
"""

from collections.abc import Sequence
from math import log, log2
from typing import Any

import numpy as np

#: The factors 2^k by which a weight vector is multiplied before it is rounded, smallest first.
POWERS = range(6, 41, 2)


def shortest_solution(S: np.ndarray, group: Sequence[int]) -> np.ndarray:
    """Return the shortest w with <w, s_i> = 1 on the group, or nearly."""
    return np.linalg.lstsq(S[list(group)].astype(float), np.ones(len(group)), rcond=None)[0]


def group_by_slab(
    S: np.ndarray, waiting: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...], int, int] | None:
    """Return a group of the first waiting points, integer weights w, lo, hi with lo <= <w, s> <= hi exactly on it.

    It starts with 15 d / 16 points, takes the least factor 2^k that serves, and gives up a sixteenth of the group if
    none does. None if there is no slab even for one point.
    """
    d, signs = S.shape[1], S.astype(np.int64)
    r = min(max(d - d // 16, 1), len(waiting))
    while r:
        group = list(waiting[:r])
        w = shortest_solution(S, group)
        for k in POWERS:
            if 2.0**k * (np.abs(w).sum() + d) >= 2.0**62:
                break
            whole = np.rint(2.0**k * w).astype(np.int64)
            values = signs @ whole
            lo, hi = values[group].min(), values[group].max()
            outside = np.delete(values, group)
            if not ((lo <= outside) & (outside <= hi)).any():
                below, above = outside[outside < lo], outside[outside > hi]
                lo -= (lo - below.max()) // 2 if below.size else 0  # half way to the nearest strangers
                hi += (above.min() - hi) // 2 if above.size else 0
                return tuple(group), tuple(whole.tolist()), int(lo), int(hi)
        r -= max(1, r // 16)
    return None


# --- connections per point, for the table and the figure ---


def per_point(net: Any, K: int) -> tuple[float, float, float]:
    """Return, per point, for the layers after the dense front: nonzero weights, all connections, bits of weights."""
    deep = [layer for layer in net.layers if layer.is_sparse]
    nonzero = sum(len(layer.entries) for layer in deep)
    dense = sum(layer.units * layer.inputs for layer in deep)
    bits = sum(abs(w).bit_length() + 1 for layer in deep for _, _, w in layer.entries)
    return nonzero / K, dense / K, bits / K


def counting_bound(K: int, nodes: int) -> float:
    """Return K / (2 log2(e N)): the least number of parameters of N threshold nodes that memorize all labels."""
    return K / (2 * (1 / log(2) + log2(nodes)))
