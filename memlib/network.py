"""The one representation of a network: layers of integers, evaluated exactly.

The last layer has one unit; its value divided by `output_scale` is the output.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from memlib.certificate import Certificate, certificate
from memlib.exact import Row
from memlib.layer import Layer
from memlib.points import merge, to_integers

#: Points that are evaluated together; bounds the memory.
BLOCK = 1024


def _large_power(v: int) -> int:
    """Return the p with 2**p <= |v| < 2**(p + 1) for an integer of more than 53 bits, 0 for all others."""
    bits = v.bit_length()
    return bits - 1 if bits > 53 else 0


def _transposed(layer: Layer, entries: list, shifts: list[int], dtype: Any) -> Any:
    """Return the matrix of a layer, row i divided by 2**shifts[i], transposed, in floats; sparse if the layer is."""
    import numpy as np
    from scipy.sparse import csr_array

    rows, cols, values = zip(*entries, strict=True) if entries else ((), (), ())
    floats = np.array([w / 2 ** shifts[i] for i, w in zip(rows, values, strict=True)], dtype=dtype)
    weights = csr_array((floats, (cols, rows)), shape=(layer.inputs, layer.units), dtype=dtype)
    return weights if layer.is_sparse else weights.toarray()


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
            if layer.inputs != sizes[k]:
                raise ValueError(f"layer {k} takes {layer.inputs} inputs and is given {sizes[k]}")
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
        outputs: list[int] = []
        for start in range(0, len(points), BLOCK):
            h: Any = points[start : start + BLOCK]
            for layer in self.layers:
                h = layer.in_machine_numbers(h)
            outputs.extend(int(row[0]) for row in (h.tolist() if hasattr(h, "tolist") else h))
        if self.output_scale == 1:
            return tuple(outputs)
        exact = (Fraction(v, self.output_scale) for v in outputs)
        return tuple(int(v) if v.denominator == 1 else v for v in exact)

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
            entries = layer.entries
            if k == 0:
                entries = [(i, j, w << powers[j]) for i, j, w in entries]
            shifts = [max(0, _large_power(b) - carry) for b in layer.biases]
            for i, _, w in entries:
                shifts[i] = max(shifts[i], _large_power(w))
            if layer.activation != "threshold":  # which may be scaled unit by unit, the others only together
                shifts = [max(shifts)] * len(shifts)
            biases = [dtype(b / 2 ** (s + carry)) for b, s in zip(layer.biases, shifts, strict=True)]
            h = h @ _transposed(layer, entries, shifts, dtype) + np.array(biases)
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
        return tuple(layer.units for layer in self.layers)

    @property
    def hidden_neurons(self) -> int:
        return sum(self.widths[:-1])

    @property
    def nonzero_weights(self) -> int:
        return sum(len(layer.entries) for layer in self.layers)

    @property
    def max_weight_bits(self) -> int:
        """Bit length of the largest absolute weight or bias."""
        return max(
            abs(v).bit_length()
            for layer in self.layers
            for v in (*layer.biases, *(w for _, _, w in layer.entries))
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
