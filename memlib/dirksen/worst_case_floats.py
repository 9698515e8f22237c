"""Runs of the algorithm with a sampled first layer, and the curves of the page's pictures."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from memlib.dirksen.separation_floats import hyperplanes
from memlib.evidence import Frequency


def packed(signs: np.ndarray) -> list[int]:
    """Return every row of booleans as an integer, entry i as bit i."""
    rows = np.packbits(signs, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in rows]


def relu_interpolates(minus: np.ndarray, plus: np.ndarray, order: Iterable[int]) -> bool:
    """Run the algorithm on ReLU outputs, one point a row; a neuron fires below its m, up to rounding.

    The neurons are silent on the second class by the choice of m, so it is enough to see the first class covered.
    """
    alive, uncovered = np.ones(len(minus), bool), np.ones(len(minus), bool)
    for i in order:
        if alive[i]:
            u = minus[i] == 0
            m = (plus @ u).min()
            fires = minus @ u < m * (1 - 1e-12)  # the sum of at most 10^4 terms is right to 10^-12
            alive &= ~fires
            alive[i] = False
            uncovered &= ~fires
    return not uncovered.any()


def successes(it: Any, interpolates: Callable[[Sequence[int], Sequence[int], Iterable[int]], bool]) -> int:
    """Count the runs in which a fresh first layer and a random order lead to an interpolating network."""
    rng = np.random.default_rng(it.seed)
    minus, plus = (np.array([[float(v) for v in x] for x in X]) for X in (it.minus, it.plus))
    lam, hits = float(it.lam.mid()) * float(it.scale), 0
    for _ in range(it.runs):
        W, b = hyperplanes(it.n, minus.shape[1], lam, rng)
        left, right = (X @ W.T + b for X in (minus, plus))
        order = rng.permutation(len(minus)).tolist()
        if it.relu:
            hits += relu_interpolates(np.maximum(left, 0), np.maximum(right, 0), order)
        else:
            hits += interpolates(packed(left > 0), packed(right > 0), order)
    return hits


def frequency(it: Any, interpolates: Callable, at_least: Any, of_failure: bool = False) -> Frequency:
    """Return how often the runs of the experiment succeed, or fail, with the promised probability."""
    hits = successes(it, interpolates)
    return Frequency(it.runs - hits if of_failure else hits, it.runs, float(at_least))
