"""Networks whose hidden layers mix threshold and ReLU nodes, in integers; and how they are written with ReLUs alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from memlib.certificate import Certificate
from memlib.layer import ACTIVATIONS, Layer, Sparse
from memlib.network import Network
from memlib.points import to_integers

Number = int | Fraction
Points = Sequence[tuple[int, ...]]
Kinds = tuple[str, ...]
#: A linear form of the values of a layer: {node: coefficient}.
Form = Mapping[int, Number]
Row = dict[int, int]


def require_types(kinds: Kinds) -> None:
    foreign = sorted(set(kinds) - {"threshold", "relu"})
    if foreign:
        raise ValueError(f"a node is 'threshold' or 'relu', not {foreign[0]!r}")


@dataclass(frozen=True)
class MixedLayer:
    """One layer whose node k is of the type kinds[k]; `sums`, a layer of identities, computes W h + b."""

    sums: Layer
    kinds: Kinds

    def __post_init__(self) -> None:
        if self.sums.activation != "identity" or len(self.kinds) != self.sums.units:
            raise ValueError(f"{len(self.kinds)} types for {self.sums.units} sums ({self.sums.activation})")
        require_types(self.kinds)

    @classmethod
    def of(cls, rows: Sequence[Row], biases: Sequence[int], kinds: Kinds, inputs: int) -> "MixedLayer":
        return cls(Layer(Sparse.of(rows, inputs), tuple(biases), "identity"), kinds)

    def __call__(self, h: Any) -> Any:
        """Map a batch exactly; the batch and the result are rows of Python ints, or an array of machine integers."""
        t = self.sums.on_batch(h)
        if isinstance(t, list):
            return [[ACTIVATIONS[kind](v) for kind, v in zip(self.kinds, row, strict=True)] for row in t]
        steps = [k for k, kind in enumerate(self.kinds) if kind == "threshold"]
        values = t.clip(min=0)
        values[:, steps] = t[:, steps] >= 0
        return values


@dataclass(frozen=True)
class MixedNetwork:
    """Mixed hidden layers and an output node, on the grid `input_scale`; the output is divided by `output_scale`."""

    layers: tuple[MixedLayer, ...]
    output: Layer
    theorem: str
    input_scale: tuple[int, ...]
    output_scale: int = 1

    def values(self, points: Points) -> list[list[list[int]]]:
        """Return the values of the hidden nodes: [layer][point][node]."""
        found: list[Any] = [points]
        for layer in self.layers:
            found.append(layer(found[-1]))
        return [h if isinstance(h, list) else h.tolist() for h in found[1:]]

    def at_integers(self, points: Points) -> tuple[Number, ...]:
        """Return the exact outputs at points of the grid, tuples of Python ints."""
        last = self.values(points)[-1] if self.layers else points
        outputs = [Fraction(row[0], self.output_scale) for row in self.output(last)]
        return tuple(int(v) if v.denominator == 1 else v for v in outputs)

    def __call__(self, X: Any) -> tuple[Number, ...]:
        """Return the exact outputs at the points X, shape (n, d)."""
        return self.at_integers(to_integers(X, self.input_scale))

    @property
    def kinds(self) -> tuple[Kinds, ...]:
        return tuple(layer.kinds for layer in self.layers)

    @property
    def hidden_neurons(self) -> int:
        return sum(map(len, self.kinds))

    def in_relus(self) -> Network:
        """Return a network of ReLUs with the same outputs: [t >= 0] = relu(t + 1) - relu(t) for every integer t.

        The two agree on the whole grid, so a certificate of the second certifies the function of the first.
        """
        layers: list[Layer] = []
        forms, inputs = unchanged(len(self.input_scale)), len(self.input_scale)
        for mixed in self.layers:
            rows: list[Row] = []
            biases: list[int] = []
            after: list[Form] = []
            for kind, (row, b) in zip(mixed.kinds, rows_of(mixed.sums), strict=True):
                on, bias, _ = read(row, b, forms)
                k = len(rows)
                rows += [on] if kind == "relu" else [on, on]
                biases += [bias] if kind == "relu" else [bias + 1, bias]
                after.append({k: 1} if kind == "relu" else {k: 1, k + 1: -1})
            layers.append(Layer(Sparse.of(rows, inputs), tuple(biases), "relu"))
            forms, inputs = after, len(rows)
        ((row, b),) = rows_of(self.output)
        on, bias, _ = read(row, b, forms)
        output = Layer(Sparse.of([on], inputs), (bias,), self.output.activation)
        return Network((*layers, output), self.theorem, self.input_scale, self.output_scale)

    def certificate(self, X: Any, y: Any) -> Certificate:
        """Return the certificate of `in_relus`, which certifies the function on X and not the types of the nodes."""
        return self.in_relus().certificate(X, y)

    def __repr__(self) -> str:
        types = [kind for kinds in self.kinds for kind in kinds]
        numbers = f"{types.count('threshold')} thresholds and {types.count('relu')} ReLUs"
        return f"MixedNetwork({self.theorem}: hidden widths {tuple(map(len, self.kinds))}, {numbers})"


def rows_of(layer: Layer) -> list[tuple[Row, int]]:
    """Return the weights, {input: weight}, and the bias of every unit."""
    rows: list[Row] = [{} for _ in layer.biases]
    for i, j, w in layer.entries:
        rows[i][j] = w
    return list(zip(rows, layer.biases, strict=True))


def unchanged(n: int) -> list[Form]:
    """Return the forms of values that are there as they are."""
    return [{i: 1} for i in range(n)]


def read(row: Row, bias: int, forms: Sequence[Form]) -> tuple[Row, int, int]:
    """Return (weights, bias, D) of D (row . h + bias) in integers, where h_j is the form j of the layer before."""
    total: dict[int, Number] = {}
    for j, w in row.items():
        for k, c in forms[j].items():
            total[k] = total.get(k, 0) + w * c
    if set(map(type, total.values())) <= {int}:
        return {k: int(c) for k, c in total.items()}, bias, 1
    D = lcm(*(c.denominator for c in total.values()))
    return {k: int(c * D) for k, c in total.items()}, bias * D, D
