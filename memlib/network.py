"""The one representation of a network: layers of integers, evaluated exactly.

A layer maps h to act(W h + b). The last layer has one unit; its value divided by `output_scale` is the output.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from memlib.certificate import Certificate, certificate
from memlib.exact import Row, matrix
from memlib.points import merge, to_integers

ACTIVATIONS = {
    "threshold": lambda t: 1 if t >= 0 else 0,
    "relu": lambda t: t if t > 0 else 0,
    "identity": lambda t: t,
}


@dataclass(frozen=True)
class Layer:
    """One layer: weights, shape (m, k), a tuple of rows of ints; biases, m ints; the name of an activation."""

    weights: tuple[tuple[int, ...], ...]
    biases: tuple[int, ...]
    activation: str

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation {self.activation!r} is not one of {sorted(ACTIVATIONS)}")
        if len(self.weights) != len(self.biases) or not self.biases:
            raise ValueError(f"{len(self.weights)} rows of weights for {len(self.biases)} biases")
        if len({len(row) for row in self.weights}) != 1:
            raise ValueError("the rows of weights have different lengths")
        for value in (*self.biases, *(w for row in self.weights for w in row)):
            if type(value) is not int:
                raise TypeError(f"a weight is a {type(value).__name__}; networks hold Python ints")

    def __call__(self, h: Sequence[Row]) -> list[list[int]]:
        """Map a batch, shape (n, k), to shape (n, m), exactly."""
        act = ACTIVATIONS[self.activation]
        products = matrix(h) * matrix(self.weights).transpose()
        return [[act(int(t) + b) for t, b in zip(row, self.biases, strict=True)] for row in products.tolist()]


def _large_power(v: int) -> int:
    """Return the p with 2**p <= |v| < 2**(p + 1) for an integer of more than 53 bits, 0 for all others."""
    bits = v.bit_length()
    return bits - 1 if bits > 53 else 0


@dataclass(frozen=True)
class Network:
    """A network with integer weights, the theorem that built it and the grid its inputs live on.

    layers : tuple of Layer. theorem : claim id. input_scale : d positive ints; the network is fed
    x * input_scale. output_scale : positive int; the output is divided by it.
    """

    layers: tuple[Layer, ...]
    theorem: str
    input_scale: tuple[int, ...]
    output_scale: int = 1

    def __post_init__(self) -> None:
        sizes = [len(self.input_scale), *self.widths]
        for k, layer in enumerate(self.layers):
            if len(layer.weights[0]) != sizes[k]:
                raise ValueError(f"layer {k} takes {len(layer.weights[0])} inputs and is given {sizes[k]}")
        if not self.layers or self.widths[-1] != 1:
            raise ValueError("the last layer of a network has one unit")
        for s in (self.output_scale, *self.input_scale):
            if type(s) is not int:
                raise TypeError(f"a scale is a {type(s).__name__}; networks hold Python ints")
        if self.output_scale < 1 or any(s < 1 for s in self.input_scale):
            raise ValueError("scales are positive integers")

    def __call__(self, X: Any) -> tuple[int | Fraction, ...]:
        """Return the exact outputs at the points X, shape (n, d); ints where they are integers.

        Raises ValueError for a value that does not lie on the network's grid (see `input_scale`).
        """
        return self.at_integers(to_integers(X, self.input_scale))

    def at_integers(self, points: Sequence[Row]) -> tuple[int | Fraction, ...]:
        """Return the exact outputs at points that are already on the grid, as tuples of Python ints."""
        if not points:
            return ()
        h: Sequence[Row] = points
        for layer in self.layers:
            h = layer(h)
        outputs = [Fraction(row[0], self.output_scale) for row in h]
        return tuple(int(v) if v.denominator == 1 else v for v in outputs)

    def in_floats(self, X: Any, dtype: Any = None) -> Any:
        """Evaluate with numpy in floating point: what a machine makes of the network.

        X : shape (n, d), in the original coordinates. dtype : numpy float type, default float64.
        Rounding can change the sign before a threshold; compare with the exact call.
        """
        import numpy as np

        dtype = dtype or np.float64
        # Large integers do not fit a float's exponent. So the power of two in a large scale goes into the
        # first weights, that in large weights into `carry`: the true activations are h * 2**carry.
        powers = [_large_power(s) for s in self.input_scale]
        scale = [s / 2**p for s, p in zip(self.input_scale, powers, strict=True)]
        h = np.asarray(X, dtype=dtype) * np.array(scale, dtype=dtype)
        carry = 0
        for k, layer in enumerate(self.layers):
            rows = layer.weights
            if k == 0:
                rows = tuple(tuple(w << p for w, p in zip(row, powers, strict=True)) for row in rows)
            shifts = [
                max(*map(_large_power, row), _large_power(b) - carry)
                for row, b in zip(rows, layer.biases, strict=True)
            ]
            if layer.activation != "threshold":  # which may be scaled unit by unit, the others only together
                shifts = [max(shifts)] * len(rows)
            weights = [[dtype(w / 2**s) for w in row] for row, s in zip(rows, shifts, strict=True)]
            biases = [dtype(b / 2 ** (s + carry)) for b, s in zip(layer.biases, shifts, strict=True)]
            h = h @ np.array(weights).T + np.array(biases)
            carry += shifts[0]
            if layer.activation == "threshold":
                h, carry = (h >= 0).astype(dtype), 0
            elif layer.activation == "relu":
                h = np.maximum(h, 0)
        power = _large_power(self.output_scale)
        return np.ldexp(h[:, 0] / dtype(self.output_scale / 2**power), carry - power)

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of every layer, the output included."""
        return tuple(len(layer.biases) for layer in self.layers)

    @property
    def hidden_neurons(self) -> int:
        return sum(self.widths[:-1])

    @property
    def nonzero_weights(self) -> int:
        return sum(w != 0 for layer in self.layers for row in layer.weights for w in row)

    @property
    def max_weight_bits(self) -> int:
        """Bit length of the largest absolute weight or bias."""
        return max(
            abs(v).bit_length()
            for layer in self.layers
            for v in (*layer.biases, *(w for row in layer.weights for w in row))
        )

    def verified(self, points: Sequence[Row], labels: Sequence[int | Fraction]) -> "Network":
        """Return the network itself if it gives these labels at these integer points, else raise AssertionError."""
        for j, (value, label) in enumerate(zip(self.at_integers(points), labels, strict=True)):
            if value != label:
                raise AssertionError(
                    f"the network built is {value} at point {j}, not {label}: a fault of memlib"
                )
        return self

    def certificate(self, X: Any, y: Any) -> Certificate:
        """Return the certificate that this network maps X to y; refuse if it does not.

        Equal points with equal labels are written once.
        """
        points, labels = merge(to_integers(X, self.input_scale), y)
        wrong = [j for j, (v, t) in enumerate(zip(self.at_integers(points), labels, strict=True)) if v != t]
        if wrong:
            raise ValueError(
                f"no certificate: the network does not give the label of point {wrong[0]} ({points[wrong[0]]})"
            )
        return certificate(self, points, labels)

    def __repr__(self) -> str:
        return (
            f"Network({self.theorem}: widths {self.widths}, {self.hidden_neurons} hidden neurons, "
            f"{self.nonzero_weights} nonzero weights of at most {self.max_weight_bits} bits)"
        )
