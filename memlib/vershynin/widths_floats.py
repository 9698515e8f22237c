"""Search for groups with numpy: signs are drawn, and what is found is returned as Python ints for exact code to verify.

Sums are computed in float32, which is exact below 2^24.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from memlib.vershynin.perception_floats import TRIES, draw_signs, gaussian_rows


class Found(NamedTuple):
    """A pair of neurons on bits v: <w, v> >= high or <w, v> <= low; `caught` are the waiting points where one fires."""

    w: tuple[int, ...]
    low: int
    high: int
    caught: tuple[int, ...]


class Search(NamedTuple):
    """The groups that were found, and the waiting point with the worst stranger: (point, stranger, own, seen)."""

    groups: list[Found]
    worst: tuple[int, int, int, int] | None


def search(
    bits: Any, waiting: Sequence[int], strangers: Sequence[int], q: int, most: int, rng: np.random.Generator
) -> Search:
    """Find at most `most` groups of waiting points in features v, bits of which about one in q is 1.

    The normals are sums of +-(q v_i - 1) over a group; strangers lie strictly between `low` and `high`.
    """
    V = np.asarray(bits, dtype=np.float32)
    U = q * V - 1
    left, worst = _alone(U, V, list(waiting), np.asarray(strangers))
    size = max(4, int(2 * V.shape[1] / (8 * np.log(2 * len(V)))))
    groups: list[Found] = []
    while left and len(groups) < most:
        found = _group(U, V, left, np.asarray(strangers), size, rng)
        groups.append(found)
        gone = set(found.caught)
        left = [i for i in left if i not in gone]
    return Search(groups, worst)


def _alone(U: np.ndarray, V: np.ndarray, waiting: list[int], strangers: np.ndarray) -> tuple[list[int], Any]:
    """Return the waiting points that a group of one could find, and the worst point with its stranger.

    Those with the least margin come first: a later layer, with other bits, may confuse them with a stranger.
    """
    good: list[tuple[float, int]] = []
    worst = None
    for start in range(0, len(waiting), 512):
        block = np.asarray(waiting[start : start + 512])
        own = (U[block] * V[block]).sum(axis=1)
        seen = U[block] @ V[strangers].T
        most = seen.max(axis=1)
        good += [(float(g), int(i)) for g, i in zip(own - most, block, strict=True) if g > 0]
        at = int((most - own).argmax())
        if worst is None or most[at] - own[at] > worst[3] - worst[2]:
            stranger = int(strangers[int(seen[at].argmax())])
            worst = (int(block[at]), stranger, int(own[at]), int(most[at]))
    return [i for _, i in sorted(good)], worst


def _group(
    U: np.ndarray, V: np.ndarray, left: list[int], strangers: np.ndarray, size: int, rng: np.random.Generator
) -> Found:
    """Return a group of the first points left; those that are found by chance belong to it as well."""
    products = U[left[:size]] @ V.T
    for r in range(len(products), 0, -1):
        signs = draw_signs(r, TRIES, rng) if r > 1 else np.ones((1, 1), dtype=int)
        values = signs.astype(np.float32) @ products[:r]
        high = values[:, strangers].max(axis=1, keepdims=True) + 1
        low = values[:, strangers].min(axis=1, keepdims=True) - 1
        fires = (values >= high) | (values <= low)
        members = fires[:, left[:r]].all(axis=1)
        if members.any():
            best = int(np.where(members, fires[:, left].sum(axis=1), -1).argmax())
            w = (signs[best] @ U[left[:r]].astype(np.int64)).tolist()
            caught = tuple(i for i in left if fires[best, i])
            return Found(tuple(w), int(low[best, 0]), int(high[best, 0]), caught)
    raise AssertionError("the first point left can be found alone")


def sparse_rows(
    nodes: int, inputs: int, q: int, bits: int, rng: np.random.Generator
) -> tuple[list[list[int]], list[int]]:
    """Return integer Gaussian rows g for sign vectors, and c: <g, sigma> >= c happens with probability about 1/q."""
    rows = gaussian_rows(nodes, inputs, bits, rng)
    b = NormalDist().inv_cdf(1 - 1 / q)
    return rows, [int(np.ceil(b * np.sqrt(sum(g * g for g in row)))) for row in rows]


def equal_rows(bits: Any, waiting: Sequence[int], strangers: Sequence[int]) -> tuple[int, int] | None:
    """Return a waiting point and a stranger with equal bits, or None."""
    rows = np.packbits(np.asarray(bits, dtype=np.uint8), axis=1)
    known = {rows[k].tobytes(): k for k in strangers}
    return next(((i, known[rows[i].tobytes()]) for i in waiting if rows[i].tobytes() in known), None)
