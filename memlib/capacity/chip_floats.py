"""The same networks on numpy's machines: sums one after the other, or by numpy's own matrix product."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from memlib.capacity.chip import Points, by_unit, rounded
from memlib.network import Network

#: Significant binary digits of numpy's types: p, so that the unit roundoff is 2^-p.
BITS = {"float16": 11, "float32": 24, "float64": 53}


def on_numpy(net: Network, points: Points, machine: str, matmul: bool = False) -> list[Fraction]:
    """Return the outputs that a numpy type gives at integer points, as exact fractions.

    Every unit is first divided by a power of two that brings its largest number near 1: this changes no digit, and
    keeps long integers in the range of the type. The next layer, and at the end the output, undo it. Sums are
    formed one after the other, from the bias on, so that the result is the same on every computer; with `matmul`
    by numpy's product, whose order is its own.
    """
    p, dtype = BITS[machine], getattr(np, machine)
    h = np.array([[rounded(v, p) for v in x] for x in points]).astype(dtype)
    carry = [0] * len(points[0])  # the true activation j is h_j 2^carry_j
    for layer in net.layers:
        W, b, new = np.zeros((layer.inputs, layer.units), dtype), np.zeros(layer.units, dtype), []
        for i, (row, bias) in enumerate(by_unit(layer)):
            terms = [(j, rounded(w, p) << carry[j]) for j, w in row]
            e = max((abs(t).bit_length() for t in (bias, *(t for _, t in terms))), default=0)
            for j, t in terms:
                W[j, i] = t / 2**e  # Python divides long integers with one rounding, and here with none
            b[i] = rounded(bias, p) / 2**e
            new.append(e)
        s = h @ W + b if matmul else one_by_one(h, W, b)
        carry = new
        if layer.activation == "threshold":
            s, carry = (s >= 0).astype(dtype), [0] * layer.units
        h = np.maximum(s, 0) if layer.activation == "relu" else s
    q = rounded(net.output_scale, p)
    return [Fraction(rounded(Fraction(float(v)) * 2 ** carry[0] / q, p)) for v in h[:, 0]]


def one_by_one(h: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return h W + b, each product and each sum rounded, from the bias on and in the order of the inputs."""
    s = np.broadcast_to(b, (len(h), len(b))).astype(h.dtype)
    for j in range(len(W)):
        s = s + h[:, j : j + 1] * W[j]
    return s


def right(outputs: Sequence[Fraction], labels: Sequence) -> int:
    """Count the points whose label is, among all labels that occur, the one nearest to the output."""
    values = sorted({Fraction(y) for y in labels})
    nearest = [min(values, key=lambda y: abs(v - y)) for v in outputs]
    return sum(v == y for v, y in zip(nearest, labels, strict=True))
