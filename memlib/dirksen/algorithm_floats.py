"""Random numbers for the first layer, and a fast exact way to its bits. What leaves this module are Python ints."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from memlib.exact import Row
from memlib.layer import Layer

#: Gaussian weights are rounded to multiples of 2**-PLACES.
PLACES = 12
#: Bits that are held at one time, as bytes.
BLOCK = 2**24
#: Integers below this bound are exact in float64, and so is every sum that stays below it, in any order.
DOUBLE = 2**53


class Draws:
    """Independent streams for weights, biases and candidates: asking twice for n is asking once for 2n."""

    def __init__(self, rng: Any):
        self._weights, self._biases, self._order = np.random.default_rng(rng).spawn(3)

    def gaussians(self, n: int, d: int) -> np.ndarray:
        """Return n rows of d integers rint(2**PLACES g), g standard Gaussian."""
        return np.rint(2**PLACES * self._weights.standard_normal((n, d))).astype(np.int64)

    def uniforms(self, n: int) -> list[int]:
        """Return n integers, uniform in [0, 2**53)."""
        return (DOUBLE * self._biases.random(n)).astype(np.int64).tolist()

    def order(self, n: int) -> list[int]:
        """Return a uniformly random order of 0, ..., n - 1; the same one for the same n."""
        source: Any = self._order.bit_generator
        kind, seed = type(source), source.seed_seq
        return np.random.Generator(kind(seed)).permutation(n).tolist()


def bits(rows: Sequence[Row], points: Sequence[Row]) -> list[int]:
    """Return for every point an integer whose bit i is [w_i.x + b_i > 0], rows (w_i, b_i), exactly.

    rows, points : Python ints; no w_i.x + b_i may be 0 (odd biases and even weights).
    Where every partial sum is an integer below 2**53, float64 makes no error, and a matrix product of the BLAS does
    the work. Measured, digits, 1024 hyperplanes: 0.07 s, against 0.3 s in machine integers.
    """
    weights, biases = tuple(tuple(row[:-1]) for row in rows), tuple(row[-1] for row in rows)
    most = [max(map(abs, column)) for column in zip(*points, strict=True)]
    bound = max(sum(abs(w) * x for w, x in zip(row, (*most, 1), strict=True)) for row in rows)
    layer = Layer(weights, biases, "threshold") if bound >= DOUBLE else None
    W, b = (
        (np.array(weights, dtype=float).T, np.array(biases, dtype=float)) if layer is None else (None, None)
    )
    found: list[int] = []
    step = max(1, BLOCK // len(rows))
    for start in range(0, len(points), step):
        block = points[start : start + step]
        on = np.array(block, dtype=float) @ W + b > 0 if layer is None else np.array(layer(block)) > 0
        found.extend(int.from_bytes(row, "little") for row in map(bytes, np.packbits(on, 1, "little")))
    return found
