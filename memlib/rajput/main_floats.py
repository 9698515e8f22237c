"""Draws for the deep network, and the separation of its points in floating point.

A network is verified exactly after it is built, so nothing here can make a wrong one.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np


def generator(rng: Any) -> np.random.Generator:
    """Return the generator of a seed, or the generator itself."""
    return np.random.default_rng(rng)


def sparse_row(m: int, D: int, rng: np.random.Generator) -> list[int]:
    """Return a random set of positions below m, each with probability 1/(2D), independently."""
    return np.flatnonzero(rng.integers(0, 2 * D, m) == 0).tolist()


def random_word(bits: int, rng: np.random.Generator) -> int:
    """Return a uniform word, as a Python int."""
    return sum(1 << int(i) for i in np.flatnonzero(rng.integers(0, 2, bits)))


def nearest_opposites(
    points: Sequence[Sequence[int]], radius: int, labels: Sequence[int]
) -> tuple[Fraction, int, int]:
    """Return the least distance of two points of different labels, in units of the radius, and the two points.

    Floats propose the pair, from differences of coordinates; its distance is computed in integers and rounded down
    to 60 binary places. It is 2 if there is no such pair, and never more.
    """
    X = np.array([[c / radius for c in x] for x in points])  # int / int rounds correctly
    y = np.array(labels)
    best = (5.0, 0, 0)
    zeros = np.flatnonzero(y == 0)
    for i in np.flatnonzero(y == 1).tolist() if len(zeros) else ():
        squares = ((X[zeros] - X[i]) ** 2).sum(axis=1)
        k = int(squares.argmin())
        best = min(best, (float(squares[k]), i, int(zeros[k])))
    _, i, j = best
    if i == j:
        return Fraction(2), i, j
    square = sum((a - b) ** 2 for a, b in zip(points[i], points[j], strict=True))
    return min(Fraction(2), Fraction(isqrt(square << 120), radius << 60)), i, j
