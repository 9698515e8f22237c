"""Telescoping: the label of a number from about 2 sqrt(A) threshold units, where A is how often the label changes.

Everything is a Python int; the thresholds may also be letters. The page is `telescope`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isqrt
from typing import Any

from memlib.layer import Layer, Sparse
from memlib.rajput.xor import rows_of, threshold_layer, total

Table = tuple[tuple[Any, ...], ...]


def label_changes(z: Sequence[int], labels: Sequence[int]) -> tuple[int, ...]:
    """Return the numbers at which the label differs from the one before; before the first number it counts as 0."""
    return tuple(v for v, (old, new) in zip(z, pairwise((0, *labels)), strict=True) if old != new)


def even_size(A: int) -> int:
    """Return s = max(2, 2 ceil(sqrt(A) / 2)), the least even s >= 2 with s^2 >= A."""
    root = isqrt(A - 1) + 1 if A else 0
    return max(2, root + root % 2)


def table_of(changes: Sequence[int], s: int, q: int, pad: int) -> Table:
    """Return the changes in q rows of s, filled up with `pad`."""
    flat = (*changes, *(pad,) * (q * s - len(changes)))
    return tuple(flat[j * s : (j + 1) * s] for j in range(q))


def moving(table: Table, i: int) -> tuple[tuple[Any, ...], Any]:
    """Return the weights of P_i on B_1, ..., B_(q-1), and its bias: minus the moving threshold.

    The weights are -(a_(j,i) - a_(j-1,i)), the bias is -a_(0,i): if B_1, ..., B_j are 1 and the others 0, they sum
    up to -a_(j,i).
    """
    column = [row[i] for row in table]
    return tuple(old - new for old, new in pairwise(column)), -column[0]


def telescope_layers(table: Table, forms: Sparse, values: Sequence[int] | None = None) -> tuple[Layer, ...]:
    """Return three layers: the B_j with units that pass on the bits, the P_i, and the output.

    forms : the bits, as linear forms of the layer before. values : what the bits count in z; default 1, 2, 4, ...
    Implements rajput-telescope.
    """
    bits, q = rows_of(forms), len(table)
    values = values if values is not None else [1 << b for b in range(len(bits))]
    z = total({u: c * value for u, c in bit.items()} for bit, value in zip(bits, values, strict=True))
    B = threshold_layer(
        [z] * (q - 1) + bits, [-row[0] for row in table[1:]] + [-1] * len(bits), forms.shape[1]
    )
    passed = {q - 1 + b: value for b, value in enumerate(values)}
    columns = [moving(table, i) for i in range(len(table[0]))]
    P = threshold_layer(
        [{**dict(enumerate(weights)), **passed} for weights, _ in columns],
        (bias for _, bias in columns),
        q - 1 + len(bits),
    )
    signs = {i: (-1) ** i for i in range(len(columns))}
    return B, P, threshold_layer([signs], [-1], len(columns))


def largest_weight(layers: Sequence[Layer]) -> int:
    """Return the largest |weight| or |bias|."""
    return max(abs(v) for layer in layers for v in (*layer.biases, *(w for _, _, w in layer.entries)))


@dataclass(frozen=True)
class Telescope:
    """Numbers z with labels, the changes a_0, a_1, ... of the label, and their cut into q blocks of s.

    r : the numbers have r bits.
    """

    z: tuple[int, ...]
    labels: tuple[int, ...]
    changes: tuple[int, ...]
    s: int
    q: int
    r: int

    def __post_init__(self) -> None:
        if self.s < 1 or self.q < 1 or not self.z or self.r < 1:
            raise ValueError(
                f"{len(self.z)} numbers of {self.r} bits, in {self.q} blocks of {self.s}: all must be positive"
            )

    @cached_property
    def table(self) -> Table:
        return table_of(self.changes, self.s, self.q, max(self.z) + 1)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The three layers, fed with the bits of z."""
        identity = Sparse.of([{b: 1} for b in range(self.r)], self.r)
        return telescope_layers(self.table, identity)

    def outputs(self) -> list[int]:
        """What the layers return at all the numbers."""
        h: Any = [[v >> b & 1 for b in range(self.r)] for v in self.z]
        for layer in self.layers:
            h = layer.on_batch(h)
        return [int(v) for (v,) in h]

    def block(self, z: int) -> int:
        """Return j(z), the sum of the B_j."""
        return sum(z >= row[0] for row in self.table[1:])


def telescope(
    z: Sequence[int], labels: Sequence[int], s: int | None = None, q: int | None = None, r: int | None = None
) -> Telescope:
    """Return the telescope of increasing numbers: s, q, r are the least that the lemma recommends unless given."""
    changes = label_changes(z, labels)
    s = s or even_size(len(changes))
    q = q or max(1, -(-len(changes) // s))
    return Telescope(tuple(z), tuple(labels), changes, s, q, r or max(1, max(z).bit_length()))
