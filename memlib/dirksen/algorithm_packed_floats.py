"""The run on packed bits: 64 hyperplanes a machine word, one row of words for all points; exact.

A count cnt(x, y) is a bit count, a sign is that of an integer below 2**53 in float64. Large inputs go through the
compiled loops of `algorithm_numba_floats`, if numba can be imported; numpy gives the same numbers without it.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from memlib.dirksen.algorithm_floats import DOUBLE, bits
from memlib.exact import Row

#: An array of bits, shape (words, points), uint64: bit i % 64 of word i // 64 is that of hyperplane i.
Packed = np.ndarray
#: Words times points from which on compiled loops pay for the time that numba takes to start.
MANY = 2**20
#: Points that are looked at together, for the sake of the cache.
BLOCK = 2**13
#: Up to so many dimensions a compiled loop computes the signs faster than a matrix product.
FEW = 8
#: Largest number of candidates that are looked at together.
BATCH = 64


def counts(mask: np.ndarray, array: Packed) -> np.ndarray:
    """Return for every point the number of its ones among those of the mask, a row of words."""
    found = np.zeros(array.shape[1], np.uint32)
    for start in range(0, array.shape[1], BLOCK):
        block = found[start : start + BLOCK]
        for m, row in zip(mask, array, strict=True):
            block += np.bitwise_count(row[start : start + BLOCK] & m)
    return found


def least(masks: np.ndarray, array: Packed) -> np.ndarray:
    """Return for every mask the least count over the points."""
    return np.array([counts(mask, array).min() for mask in masks], np.int64)


def signs(weights: np.ndarray, biases: np.ndarray, columns: np.ndarray) -> Packed:
    """Return the packed bits [w.x + b > 0]; the points are columns. No sum may reach 2**53."""
    n, words = len(weights), -(-len(weights) // 64)
    found = np.empty((words, columns.shape[1]), np.uint64)
    step = max(64, 2**20 // n)
    for start in range(0, columns.shape[1], step):
        values = columns[:, start : start + step].T @ weights.T
        row = np.zeros((len(values), 8 * words), np.uint8)
        row[:, : -(-n // 8)] = np.packbits(values > -biases, axis=1, bitorder="little")
        found[:, start : start + step] = row.view("<u8").T
    return found


PLAIN = SimpleNamespace(name="numpy", counts=counts, least=least, signs=signs)


def compiled() -> Any:
    """Return the loops that numba compiles, or None where it is missing (or finds no folder for its cache)."""
    try:
        from memlib.dirksen import algorithm_numba_floats as loops
    except (ImportError, RuntimeError):
        return None
    return loops


def loops_for(size: int) -> Any:
    """Return the loops for an array of so many words: compiled ones if it is large, or if they are loaded already."""
    loaded = f"{__package__}.algorithm_numba_floats" in sys.modules
    return (compiled() if loaded or size >= MANY else None) or PLAIN


# --- points and hyperplanes ---


def machine(points: Sequence[Row]) -> np.ndarray | None:
    """Return the points as an int64 array, or None if a value needs more bits."""
    try:
        return np.array(points, dtype=np.int64)
    except OverflowError:
        return None


def ends(X: np.ndarray) -> tuple[list[int], list[int]]:
    """Return the least and the largest value of every column."""
    return X.min(axis=0).tolist(), X.max(axis=0).tolist()


def squared_radius(X: np.ndarray, centre: Row, reaches: Row, unit: int) -> int | None:
    """Return the largest sum of ((v - m) * unit // s)**2 over the points; None where 64 bits might not do.

    As |v - m| <= s the quotients are at most `unit` in absolute value, and all sums at most d * unit**2.
    """
    if (2 * max(reaches) + max(map(abs, centre))) * unit >= 2**62 or len(reaches) * unit**2 >= 2**62:
        return None
    quotients = (X - np.array(centre)) * unit // np.array([s or 1 for s in reaches])  # 0 in a constant column
    return int((quotients**2).sum(axis=1).max())


@dataclass(frozen=True)
class Hyperplanes:
    """Rows (w, b): weights, shape (n, d), and biases, shape (n,), as machine integers or, if too large, Python's."""

    weights: np.ndarray
    biases: np.ndarray

    @classmethod
    def scaled(cls, gaussians: np.ndarray, biases: Sequence[int], reaches: Row, centre: Row) -> "Hyperplanes":
        """Return the rows w = 2 ((2 g unit + s) // (2 s)), unit = max s (w = 0 where s = 0), with b - w.centre.

        In machine integers where 2 |g| unit + s and the sums stay below 2**62, in Python's elsewhere.
        """
        unit, most = max(reaches), int(np.abs(gaussians).max(initial=0))
        entry = 2 * (2 * most * unit // min((s for s in reaches if s), default=1) + 2)
        largest = entry * (1 + sum(map(abs, centre))) + max(map(abs, biases), default=0)
        kind = np.dtype(np.int64) if max(largest, 2 * most * unit + unit) < 2**62 else np.dtype(object)
        s = np.array([v or 1 for v in reaches], dtype=kind)
        weights = (
            2 * ((2 * gaussians.astype(kind) * unit + s) // (2 * s)) * np.array([int(v > 0) for v in reaches])
        )
        return cls(weights, np.array(biases, dtype=kind) - weights @ np.array(centre, dtype=kind))

    @property
    def rows(self) -> list[tuple[int, ...]]:
        """The rows as tuples of Python ints."""
        return [(*w, b) for w, b in zip(self.weights.tolist(), self.biases.tolist(), strict=True)]

    def followed_by(self, others: "Hyperplanes") -> "Hyperplanes":
        pairs = (self.weights, others.weights), (self.biases, others.biases)
        return Hyperplanes(*map(np.concatenate, pairs))

    def part(self, first: int, last: int | None = None) -> "Hyperplanes":
        return Hyperplanes(self.weights[first:last], self.biases[first:last])

    def bound(self, X: np.ndarray) -> int:
        """Return a bound for |w.x| + |b|, and so for all partial sums of w.x + b, over all rows and points."""
        most = [max(-low, high) for low, high in zip(*ends(X), strict=True)]
        largest = [int(v) for v in np.abs(self.weights).max(axis=0)]
        return sum(w * x for w, x in zip(largest, most, strict=True)) + int(np.abs(self.biases).max())


def first_layer(hyperplanes: Hyperplanes, points: Sequence[Row], X: np.ndarray | None) -> Packed:
    """Return the packed bits [w_i.x + b_i > 0] of all points, exactly; no sum may be 0.

    X : the points as int64, or None. Where the bound max|x|.|w| + |b| is below 2**53, every partial sum is an integer
    that float64 holds without error, in any order of the terms; elsewhere `bits` does the work in larger integers.
    """
    n = len(hyperplanes.biases)
    if X is None or hyperplanes.bound(X) >= DOUBLE:
        return packed(bits(hyperplanes.rows, points), n)
    loops = loops_for(len(X) * -(-n // 64)) if X.shape[1] <= FEW else PLAIN
    W, b = (v.astype(float) for v in (hyperplanes.weights, hyperplanes.biases))
    return loops.signs(np.ascontiguousarray(W), b, np.ascontiguousarray(X.T, dtype=float))


def packed(features: Sequence[int], n: int) -> Packed:
    """Return the bits of the points, one int of n bits a point, as words."""
    words = -(-n // 64)
    raw = b"".join(z.to_bytes(8 * words, "little") for z in features)
    return np.array(np.frombuffer(raw, "<u8").reshape(len(features), words).T, np.uint64, order="C")


def stacked(above: Packed, below: Packed) -> Packed:
    """Return the bits behind the hyperplanes of both."""
    return np.concatenate([above, below])


def beginning(array: Packed, n: int) -> Packed:
    """Return the bits behind the first n hyperplanes."""
    some = array[: -(-n // 64)].copy()
    some[-1] &= np.uint64(2 ** (n - 64 * (len(some) - 1)) - 1)
    return some


def where(labels: Sequence[int], label: int) -> np.ndarray:
    """Return the positions of a label."""
    return np.flatnonzero(np.asarray(labels) == label)


def chosen(array: Packed, points: Sequence[int] | np.ndarray) -> Packed:
    """Return the bits of some of the points."""
    return np.take(array, np.array(points), axis=1)


def unpacked(array: Packed) -> list[int]:
    """Return the bits of every point as one int."""
    return [int.from_bytes(row.tobytes(), "little") for row in np.ascontiguousarray(array.T)]


# --- covers ---

#: Called with the number of points covered so far, and of all.
Progress = Callable[[int, int], Any]


def first_without(mask: np.ndarray, array: Packed) -> int:
    """Return the first point that has no one under the mask."""
    return int(np.argmin(counts(mask, array) > 0))


def cover_in_order(
    minus: Packed,
    plus: Packed,
    order: Sequence[int],
    progress: Progress,
    missed: Callable[[int, int], Exception],
) -> list[tuple[int, int]]:
    """Return the accepted anchors with their m, as the plain run in `algorithm_network` does.

    Candidates are looked at in batches, as many at a time as were accepted before, at most BATCH; each is then taken
    or skipped in order, so what is accepted does not depend on the batches.
    missed : makes the exception for an anchor and a point of X^+ that nothing separates.
    """
    loops = loops_for(minus.size + plus.size)
    left, covered = np.array(order), np.zeros(minus.shape[1], bool)
    here, ids = minus, np.arange(minus.shape[1])  # the points that are not thrown away yet
    accepted: list[tuple[int, int]] = []
    while len(left):
        batch = left[: min(BATCH, max(1, len(accepted)))]
        masks = np.ascontiguousarray(~minus[:, batch].T)
        for k, m, mask in zip(batch.tolist(), loops.least(masks, plus).tolist(), masks, strict=True):
            if covered[k]:
                continue
            if m == 0:
                raise missed(k, first_without(mask, plus))
            accepted.append((k, m))
            covered[ids[loops.counts(mask, here) < m]] = True
        left = left[~covered[left]]
        if 2 * len(left) < len(ids):
            keep = np.flatnonzero(~covered[ids])
            here, ids = np.take(here, keep, axis=1), ids[keep]
        progress(minus.shape[1] - len(left), minus.shape[1])
    return accepted


def cover_greedily(
    minus: Packed,
    plus: Packed,
    order: Sequence[int],
    progress: Progress,
    missed: Callable[[int, int], Exception],
) -> list[tuple[int, int]]:
    """Return anchors with their m, each the one that covers most of what is uncovered; ties go by the order."""
    N = minus.shape[1]
    loops = loops_for((minus.size + plus.size) * N // 64)
    least_counts: list[int] = []
    inside = np.zeros((-(-N // 64), N), np.uint64)  # column a: the points that anchor order[a] covers
    for start in range(0, N, BATCH):
        batch = order[start : start + BATCH]
        masks = np.ascontiguousarray(~minus[:, batch].T)
        found = loops.least(masks, plus).tolist()
        for a, (k, m, mask) in enumerate(zip(batch, found, masks, strict=True), start):
            if m == 0:
                raise missed(k, first_without(mask, plus))
            row = np.zeros(8 * len(inside), np.uint8)
            row[: -(-N // 8)] = np.packbits(loops.counts(mask, minus) < m, bitorder="little")
            inside[:, a] = row.view("<u8")
        least_counts += found
        progress(min(start + BATCH, N), N)
    uncovered = np.zeros(8 * len(inside), np.uint8)
    uncovered[: -(-N // 8)] = np.packbits(np.ones(N, bool), bitorder="little")
    uncovered, accepted = uncovered.view("<u8").astype(np.uint64), []
    while uncovered.any():
        best = int(np.argmax(loops.counts(uncovered, inside)))
        accepted.append((order[best], least_counts[best]))
        uncovered &= ~inside[:, best]
    return accepted


COVERS = {"random": cover_in_order, "greedy": cover_greedily}
