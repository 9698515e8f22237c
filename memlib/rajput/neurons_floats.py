"""Parities drawn until the neurons of all blocks are right, with numpy's integers; exact code verifies the outcome."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memlib.rajput.main_floats import generator


def draw_until_right(
    codes: Sequence[int], labels: Sequence[int], s: int, bits: int, most: int, rng: Any
) -> tuple[int, ...] | None:
    """Return random sets of bits such that [<w, v> >= N/2] is right for all blocks of s; None if `most` are too few.

    codes : different, of any number of bits below `bits`. One set is not empty.
    """
    rng = generator(rng)
    table = np.array([[c >> i & 1 for i in range(bits)] for c in codes])
    place = np.arange(len(codes)) // s
    ones = np.zeros((place[-1] + 1, len(codes)), dtype=np.int64)
    ones[place, np.arange(len(codes))] = labels
    products, sets = np.zeros_like(ones), []
    for N in range(1, most + 1):
        chosen = rng.integers(0, 2, bits)
        sets.append(sum(1 << i for i in np.flatnonzero(chosen).tolist()))
        chi = 1 - 2 * (table @ chosen % 2)
        products += np.outer(ones @ chi, chi)
        if any(sets) and ((2 * products >= N) == ones).all():
            return tuple(sets)
    return None
