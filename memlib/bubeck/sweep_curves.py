"""Points that a front can sweep d at a time: the moment curve, and the corners of a convex polygon. Exact."""

from collections.abc import Iterable
from typing import Any

from memlib.bubeck.baum import Points
from memlib.bubeck.sweep_search import Sweep, front
from memlib.exact import primitive


def moment_curve(times: Iterable[int], d: int) -> Points:
    """Return the points (t, t^2, ..., t^d)."""
    return tuple(tuple(t**e for e in range(1, d + 1)) for t in times)


def moment_blocks(n: int, d: int, first: int) -> list[tuple[int, ...]]:
    """Return blocks of positions on the curve: `first` points, then d at a time, so 1 + ceil((n - first) / d).

    d odd: from left to right. d even: from the inside out, each block one point on the left and d - 1 on the right.
    """
    first, later = min(first, n), -(-max(n - first, 0) // d)
    left = later if d % 2 == 0 else 0
    blocks, low, high = [tuple(range(left, left + first))], left, left + first
    for _ in range(later):
        step = [low - 1] if d % 2 == 0 else []
        step += range(high, min(high + d - len(step), n))
        blocks.append(tuple(step))
        low, high = min(low, step[0]), max(high, step[-1] + 1)
    return blocks


def times_root(p: list[int], t: int) -> list[int]:
    """Return the coefficients of (x - t) p, constant term first."""
    return [a - t * c for a, c in zip([0, *p], [*p, 0], strict=True)]


def moment_sweep(times: tuple[int, ...], d: int, first: int) -> Sweep:
    """Return the sweep of the points (t, ..., t^d), t increasing: h is a polynomial in t with its zeros on the block.

    Implements bubeck-sweep-curves (a). first : the size of the first block, 1 to d.
    """
    normals = []
    blocks = moment_blocks(len(times), d, first)
    for g, block in enumerate(blocks):
        p = [1]
        for i in block:
            p = times_root(p, times[i])
        if g == 0 and d % 2 == 0 and len(block) % 2:  # a double zero: the sign is the same on both sides
            p = times_root(p, times[block[0]])
        inside = [times[i] for earlier in blocks[:g] for i in earlier]
        if inside and sum(c * inside[0] ** e for e, c in enumerate(p)) > 0:
            p = [-c for c in p]
        p += [0] * (d + 1 - len(p))
        normals.append(primitive((*p[1:], -p[0])))
    return Sweep(moment_curve(times, d), tuple(blocks), tuple(normals))


def polygon_sweep(corners: Points, first: int) -> Sweep:
    """Return the sweep of the corners of a convex polygon, in their cyclic order: chords outwards from corner or edge.

    Implements bubeck-sweep-curves (b). first : 1 or 2, the size of the first block. The front of a single corner is an
    edge there, turned a little.
    """
    n = len(corners)
    if n <= first:
        return Sweep(corners, (tuple(range(n)),), ((0, 0, 0),))
    pairs = [(i, (first - 1 - i) % n) for i in range(first - 1, (n + first + 1) // 2)]
    blocks = [tuple(dict.fromkeys(pair)) for pair in pairs]
    normals: list[Any] = []
    swept: frozenset[int] = frozenset()
    for block in blocks:
        edge = block if len(block) == 2 else (block[0], (block[0] + 1) % n)
        normals.append(front(corners, edge, block, swept))
        swept = swept.union(block)
    return Sweep(corners, tuple(blocks), tuple(normals))
