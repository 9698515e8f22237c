"""Runs of the algorithm on components, with a sampled first layer, decided by counting bits."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from memlib.dirksen.separation_floats import hyperplanes
from memlib.evidence import Frequency

#: Points whose bits are computed together; bounds the memory.
BLOCK = 20_000


def floats(X: Sequence) -> np.ndarray:
    return np.array([[float(v) for v in x] for x in X])


def patterns(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> list[int]:
    """Return the different bit patterns of the points, as integers: points with the same bits share their fate."""
    found: set[int] = set()
    for start in range(0, len(X), BLOCK):
        rows = np.packbits(X[start : start + BLOCK] @ W.T > -b, axis=1, bitorder="little")
        new = np.append(True, (rows[1:] != rows[:-1]).any(axis=1))  # neighbours often have the same bits
        found.update(int.from_bytes(row.tobytes(), "little") for row in rows[new])
    return sorted(found)


def greedy(minus: Sequence[int], plus: Sequence[int], order: Sequence[int]) -> int | None:
    """Run the second layer of the algorithm on patterns; return its width, or None if it does not interpolate."""
    alive, width = set(range(len(minus))), 0
    for k in order:
        if k in alive:
            m = min((~minus[k] & z).bit_count() for z in plus)
            if m == 0:
                return None
            width += 1
            alive = {i for i in alive if (~minus[k] & minus[i]).bit_count() >= m}
    return width


def blocks(minus: Sequence[np.ndarray], plus: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Count from the signs of all points: N, hyperplanes that separate two components as blocks; K, that cut one."""
    below, above = (np.array([s.all(axis=0) for s in S], int) for S in ([~s for s in minus], plus))
    cut = np.array([s.any(axis=0) & ~s.all(axis=0) for s in minus])
    return below @ above.T, cut.sum(axis=1)


def some_order_needs_more(minus: Sequence[int], plus: Sequence[int], most: int) -> bool:
    """Decide whether some order of the candidates accepts more than `most` anchors; every pair is to be separated.

    The anchors that an order accepts are a sequence in which none is covered by an earlier one, and every such
    sequence begins an order. So it is enough to search for one of length most + 1.
    """
    covers = []
    for anchor in minus:
        mask = ~anchor
        m = min([(mask & z).bit_count() for z in plus])
        covers.append(sum([1 << i for i, z in enumerate(minus) if (mask & z).bit_count() < m]))

    @cache
    def can_continue(alive: int, left: int) -> bool:
        if left == 0 or not alive:
            return left == 0
        return any(can_continue(alive & ~mask, left - 1) for k, mask in enumerate(covers) if alive >> k & 1)

    return can_continue((1 << len(minus)) - 1, most + 1)


def outcome(it: Any, cover: bool, draws: np.random.Generator, data: tuple) -> bool:
    """Draw a first layer and decide whether every order of the candidates succeeds."""
    minus, plus, X_minus, X_plus, covered = data
    W, b = hyperplanes(it.n, X_minus.shape[1], float(it.lam.mid()) * float(it.scale), draws)
    if covered:  # the quick way: every component is separated as a block, more often than it is cut
        N, K = blocks([X @ W.T + b > 0 for X in minus], [X @ W.T + b > 0 for X in plus])
        if (N.min(axis=1) > (K if cover else 0)).all():
            return True
    Q, P = patterns(X_minus, W, b), patterns(X_plus, W, b)
    if not all(~q & p for q in Q for p in P):
        return False
    return not cover or not some_order_needs_more(Q, P, len(minus))


def successes(it: Any, cover: bool) -> int:
    """Count the runs of the experiment that succeed for every order of the candidates."""
    draws, c = np.random.default_rng(it.seed), it.covering
    minus, plus = ([floats(part.points) for part in parts] for parts in (c.minus, c.plus))
    covered = all(
        {x for part in parts for x in part.points} >= set(X)
        for parts, X in ((c.minus, c.X_minus), (c.plus, c.X_plus))
    )
    data = minus, plus, floats(c.X_minus), floats(c.X_plus), covered
    return sum(outcome(it, cover, draws, data) for _ in range(it.runs))


def frequency(it: Any, cover: bool, at_least: Any) -> Frequency:
    return Frequency(successes(it, cover), it.runs, float(at_least))


def exact_rows(it: Any, seed: int) -> tuple[tuple[Fraction, ...], ...]:
    """Draw a first layer (w, b) and return its rows as the fractions that the floats are."""
    W, b = hyperplanes(it.n, len(it.covering.minus[0].centre), float(it.lam.mid()) * float(it.scale), seed)
    return tuple(tuple(map(Fraction, map(float, (*w, c)))) for w, c in zip(W, b, strict=True))
