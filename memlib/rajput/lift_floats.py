"""Random sets of bits, drawn with numpy; what enters a claim leaves as Python ints."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memlib.evidence import Frequency


def random_words(count: int, bits: int, rng: Any) -> list[int]:
    """Return `count` independent uniform words of any number of bits, as Python ints."""
    raw = np.random.default_rng(rng).integers(0, 2, (count, bits))
    return [sum(1 << j for j in np.flatnonzero(row).tolist()) for row in raw]


def distinct_words(count: int, bits: int, rng: Any) -> tuple[int, ...]:
    """Return different uniform words of at most 62 bits, sorted. Raises ValueError if there are fewer."""
    if count > 1 << bits:
        raise ValueError(f"there are only {1 << bits} words of {bits} bits")
    rng = np.random.default_rng(rng)
    found: set[int] = set()
    while len(found) < count:
        found.add(int(rng.integers(0, 1 << bits)))
    return tuple(sorted(found))


def rank_growth(rows: Sequence[Sequence[int]]) -> list[int]:
    """Return the rank of the first 0, 1, 2, ... rows, integers below 2^20 in size, modulo the prime 2^31 - 1."""
    p = 2**31 - 1
    reduced: dict[int, np.ndarray] = {}  # by the position of the leading 1
    ranks = [0]
    for row in rows:
        v = np.array(row, dtype=np.int64) % p
        for lead, w in sorted(reduced.items()):
            v = (v - v[lead] * w) % p  # the product stays below 2^62
        if v.any():
            lead = int(np.flatnonzero(v)[0])
            reduced[lead] = v * pow(int(v[lead]), -1, p) % p
        ranks.append(len(reduced))
    return ranks


def frequency(hits: int, trials: int, at_least: Any) -> Frequency:
    """Return the outcome of a run; the claimed probability is rounded to a float."""
    return Frequency(hits, trials, float(at_least))
