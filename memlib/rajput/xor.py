"""XORs and parities from threshold units, as layers of sparse integers and linear forms of what they return."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

from memlib.layer import Layer, Sparse
from memlib.points import HypothesisError
from memlib.search import Pattern

# --- linear forms of a layer ---

Form = Mapping[int, int]


def total(forms: Iterable[Form]) -> dict[int, int]:
    """Return the sum of linear forms, each {input: coefficient}."""
    result: dict[int, int] = {}
    for form in forms:
        for column, c in form.items():
            result[column] = result.get(column, 0) + c
    return result


def threshold_layer(rows: Sequence[Form], biases: Iterable[int], width: int) -> Layer:
    return Layer(Sparse.of(rows, width), tuple(biases), "threshold")


def rows_of(forms: Sparse) -> list[dict[int, int]]:
    """Return the rows of a sparse matrix as linear forms."""
    rows: list[dict[int, int]] = [{} for _ in range(forms.shape[0])]
    for i, j, c in zip(forms.rows, forms.cols, forms.values, strict=True):
        rows[i][j] = c
    return rows


def values_of(layers: Sequence[Layer], forms: Sparse, inputs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the values of linear forms of the last layer, for a batch of inputs."""
    h: Any = inputs
    for layer in layers:
        h = layer.on_batch(h)
    return Layer(forms, (0,) * forms.shape[0], "identity")(h)


# --- rajput-xor-gadget ---

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


@dataclass(frozen=True)
class Gadget:
    """Threshold units of two bits, and the weights with which their outputs are added."""

    units: Layer
    out: tuple[int, ...]

    def values(self) -> Pattern:
        """The sum at the four corners."""
        form = Sparse.of([dict(enumerate(self.out))], self.units.units)
        return tuple(v for (v,) in values_of((self.units,), form, CORNERS))


def gadget() -> Gadget:
    """Return [a + b >= 1] - [a + b >= 2]."""
    return Gadget(threshold_layer([{0: 1, 1: 1}] * 2, (-1, -2), 2), (1, -1))


# --- rajput-xor-tree ---


@lru_cache(maxsize=16)
def xor_layers(k: int, r: int) -> tuple[tuple[Layer, ...], Sparse]:
    """Return log2 k layers that XOR r blocks of k bits, and the r linear forms u_j - v_j of the last layer.

    The input is the kr bits, block after block. Unit 2i of a layer is u = [a + b >= 1], unit 2i + 1 is
    v = [a + b >= 2], for the bits a, b number 2i and 2i + 1 of the layer before. For k = 1 there is no layer, and
    the forms are the bits. Implements rajput-xor-tree. Raises HypothesisError unless k is a power of two, r >= 1.
    """
    if k < 1 or k & (k - 1) or r < 1:
        raise HypothesisError(
            "k is a power of two, and r >= 1", f"k is {k}, r is {r}", "Take the next power."
        )
    layers: list[Layer] = []
    width = k * r
    forms: list[dict[int, int]] = [{i: 1} for i in range(width)]
    while len(forms) > r:
        sums = [total(forms[i : i + 2]) for i in range(0, len(forms), 2)]
        layers.append(threshold_layer([s for s in sums for _ in "uv"], (-1, -2) * len(sums), width))
        width = 2 * len(sums)
        forms = [{2 * i: 1, 2 * i + 1: -1} for i in range(len(sums))]
    return tuple(layers), Sparse.of(forms, width)


@dataclass(frozen=True)
class Tree:
    """Layers that should compute the XORs of r blocks of k bits as linear forms."""

    k: int
    r: int
    layers: tuple[Layer, ...]
    forms: Sparse

    def inputs_of(self, j: int) -> set[int]:
        """The inputs that output j depends on, followed back through nonzero weights."""
        reached = set(rows_of(self.forms)[j])
        for layer in reversed(self.layers):
            reached = {c for unit, c, _ in layer.entries if unit in reached}
        return reached

    def wrong(self) -> Iterator[tuple[int, ...]]:
        """All blocks of bits whose parity some output misses, if every block is given the same bits."""
        blocks = list(product((0, 1), repeat=self.k))
        found = values_of(self.layers, self.forms, [block * self.r for block in blocks])
        return (b for b, values in zip(blocks, found, strict=True) if set(values) != {sum(b) % 2})

    @property
    def counts(self) -> tuple[int, int, int]:
        """Layers, units, weights."""
        return (
            len(self.layers),
            sum(layer.units for layer in self.layers),
            sum(len(layer.entries) for layer in self.layers),
        )


def tree(k: int, r: int) -> Tree:
    return Tree(k, r, *xor_layers(k, r))


def without_v(x: Tree) -> Tree:
    """Return the tree with one unit u = [a + b >= 1] in place of every pair (u, v)."""
    layers, width = [], x.k * x.r
    while width > x.r:
        width //= 2
        layers.append(
            threshold_layer([{2 * i: 1, 2 * i + 1: 1} for i in range(width)], (-1,) * width, 2 * width)
        )
    return replace(x, layers=tuple(layers), forms=Sparse.of([{j: 1} for j in range(x.r)], width))


# --- rajput-parity-depth2 ---


def parity_layer(subsets: Sequence[Sequence[int]], forms: Sparse) -> tuple[Layer, Sparse]:
    """Return one layer with the units [sum of the bits of S >= j], 1 <= j <= |S|, for every subset S, and the parities.

    subsets : of the bits 0, ..., some of them not empty. forms : the bits, as linear forms of the layer before.
    The second value has one row a subset: the parity of S, sum over j of (-1)^(j+1) times its unit number j.
    Implements rajput-parity-depth2.
    """
    bits = rows_of(forms)
    rows: list[Form] = []
    biases: list[int] = []
    parities: list[Form] = []
    for S in subsets:
        parities.append({len(rows) + j: (-1) ** j for j in range(len(S))})
        rows += [total(bits[i] for i in S)] * len(S)
        biases += [-j for j in range(1, len(S) + 1)]
    return threshold_layer(rows, biases, forms.shape[1]), Sparse.of(parities, len(rows))


@dataclass(frozen=True)
class Counter:
    """Units [sum of s bits >= j] for the given j; their alternating sum should be the parity."""

    s: int
    thresholds: tuple[int, ...]

    def values(self, bits: Sequence[Sequence[int]]) -> list[int]:
        layer = threshold_layer(
            [dict.fromkeys(range(self.s), 1)] * len(self.thresholds), (-j for j in self.thresholds), self.s
        )
        signs = Sparse.of([{i: (-1) ** i for i in range(layer.units)}], layer.units)
        return [v for (v,) in values_of((layer,), signs, bits)]
