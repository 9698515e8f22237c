"""Drawn first layers: how often the covers are balls, how often a run succeeds, and the numbers of the pictures."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from memlib.dirksen.separation_floats import hyperplanes
from memlib.dirksen.worst_case_floats import packed

#: Hyperplanes that are held at one time.
BLOCK = 4096


def float_below(x: Any) -> float:
    """Return a positive float that is not above the ball x, for a probability that is claimed at least."""
    return max(float(x.lower()) * (1 - 1e-12), 1e-300)


def as_floats(X: Sequence) -> np.ndarray:
    """Return exact points as an array, shape (n, d)."""
    return np.array([[float(v) for v in x] for x in X])


def counts(
    minus: np.ndarray, plus: np.ndarray, n: int, lam: float, rng: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return cnt(x, x') over X^- and cnt(x, y) for x in X^-, y in X^+, behind n drawn hyperplanes.

    Sums of zeros and ones below 2^24 are exact in float32, in any order.
    """
    rng = np.random.default_rng(rng)
    own, other = np.zeros((len(minus), len(minus))), np.zeros((len(minus), len(plus)))
    for start in range(0, n, BLOCK):
        W, b = hyperplanes(min(BLOCK, n - start), minus.shape[1], lam, rng)
        on, theirs = ((X @ W.T + b > 0).astype(np.float32) for X in (minus, plus))
        own += (1 - on) @ on.T
        other += (1 - on) @ theirs.T
    return own, other


def covered(minus: np.ndarray, plus: np.ndarray, n: int, lam: float, rng: Any) -> np.ndarray:
    """Return the matrix of covers: entry (k, i) tells whether the neuron of anchor k covers point i of X^-."""
    own, other = counts(minus, plus, n, lam, rng)
    return own < other.min(axis=1, keepdims=True)


def in_balls(minus: np.ndarray, plus: np.ndarray) -> np.ndarray:
    """Return the same matrix for the balls B(x, d(x, X^+)); floating point."""
    own, other = (np.linalg.norm(minus[:, None] - X[None], axis=2) for X in (minus, plus))
    return own < other.min(axis=1, keepdims=True)


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Return |a and b| / |a or b|."""
    return float((a & b).sum() / (a | b).sum())


def widths(covers: np.ndarray, orders: int, rng: Any) -> list[int]:
    """Return the number of accepted anchors for random orders of the candidates."""
    rng, found = np.random.default_rng(rng), []
    for _ in range(orders):
        left, count = np.ones(len(covers), bool), 0
        for k in rng.permutation(len(covers)):
            if left[k]:
                left &= ~covers[k]
                count += 1
        found.append(count)
    return found


def greedy_width(covers: np.ndarray) -> int:
    """Return the number of anchors if each is the one that covers most of what is uncovered."""
    left, count = np.ones(len(covers), bool), 0
    while left.any():
        left &= ~covers[(covers & left).sum(axis=1).argmax()]
        count += 1
    return count


def layers(it: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the drawn hyperplanes of every run of an instance."""
    rng, d = np.random.default_rng(it.seed), len(it.minus[0])
    for _ in range(it.runs):
        yield hyperplanes(it.n, d, float(it.lam.mid()), rng)


def count_ball_covers(it: Any, balls: Sequence[int]) -> int:
    """Count the runs in which every anchor covers exactly its ball, given as bit sets."""
    minus, plus, hits = as_floats(it.minus), as_floats(it.plus), 0
    rng = np.random.default_rng(it.seed)
    for _ in range(it.runs):
        found = covered(minus, plus, it.n, float(it.lam.mid()), rng)
        hits += packed(found) == list(balls)
    return hits


def count_successes(it: Any) -> int:
    """Count the runs that interpolate: the greedy layer is built and evaluated at all the points."""
    from memlib.dirksen.worst_case import interpolates

    minus, plus, hits = as_floats(it.minus), as_floats(it.plus), 0
    for W, b in layers(it):
        own, other = (packed(X @ W.T + b > 0) for X in (minus, plus))
        hits += interpolates(own, other, range(len(own)))
    return hits
