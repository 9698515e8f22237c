"""Theorem M as a construction: how the bits of a threshold network are put into nodes of prescribed types.

Networks and points are integers. A threshold node of memlib fires at t >= 0, so its strict pre-activation is t + 1.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from memlib.layer import Layer, Sparse
from memlib.network import Network
from memlib.points import HypothesisError
from memlib.vershynin import copying
from memlib.vershynin import perception_floats as floats
from memlib.vershynin.mixed import (
    Form,
    Kinds,
    MixedLayer,
    MixedNetwork,
    Number,
    Row,
    read,
    require_types,
    rows_of,
    unchanged,
)


@dataclass(frozen=True)
class Mixture:
    """A threshold network, points of its grid, and the types that its hidden layers are to have.

    kinds[l] : types of the nodes of hidden layer l. gaps[l][j] : the gamma of bit j of layer l; () is 1 everywhere.
    kept[l] : how many of the last nodes of hidden layer l stay in place, one node for one; they get the last types of
    the layer (vershynin-mix). () is 0 everywhere: all nodes are bits, and are put into slots.
    """

    net: Network
    points: tuple[tuple[int, ...], ...]
    kinds: tuple[Kinds, ...]
    gaps: tuple[tuple[int, ...], ...] = ()
    kept: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if any(layer.activation != "threshold" for layer in self.hidden):
            raise ValueError("the hidden nodes of the given network must be threshold nodes")
        if len(self.kinds) != len(self.hidden) or len(self.kept) not in (0, len(self.hidden)):
            raise ValueError(f"types for {len(self.kinds)} layers, and there are {len(self.hidden)}")
        for l, kinds in enumerate(self.kinds):
            require_types(kinds)
            if not 0 <= self.kept_in(l) <= min(len(kinds), self.hidden[l].units):
                raise ValueError(f"layer {l}: {self.kept_in(l)} of {self.hidden[l].units} nodes kept")

    @property
    def hidden(self) -> tuple[Layer, ...]:
        return self.net.layers[:-1]

    def kept_in(self, l: int) -> int:
        return self.kept[l] if self.kept else 0

    def bits_in(self, l: int) -> int:
        """How many nodes of layer l, the first ones, are bits that need slots."""
        return self.hidden[l].units - self.kept_in(l)

    def for_bits(self, l: int) -> Kinds:
        """The types of the nodes that offer slots."""
        return self.kinds[l][: len(self.kinds[l]) - self.kept_in(l)]

    def gap(self, l: int, j: int) -> int:
        return self.gaps[l][j] if self.gaps else 1


def slots(kinds: Kinds) -> list[tuple[int, ...]]:
    """Return the tau + floor(rho / 2) places for bits: every threshold node alone, the ReLU nodes two by two."""
    single = [(k,) for k, kind in enumerate(kinds) if kind == "threshold"]
    relus = [k for k, kind in enumerate(kinds) if kind == "relu"]
    return sorted([*single, *zip(relus[::2], relus[1::2], strict=False)])


Rows = list[tuple[Row, int]]


def bits_into_slots(
    given: Rows, forms: Sequence[Form], kinds: Kinds, gammas: Sequence[int]
) -> tuple[Rows, list[Form]]:
    """Put every bit [t >= 0] into a slot: as it is, or as (relu(s) - relu(s - gamma)) / gamma, s = t + 1.

    Returns weights and biases of the nodes, and the bits as forms of their values. Idle nodes have no weights and the
    value 0.
    """
    nodes: Rows = [({}, -1 if kind == "threshold" else 0) for kind in kinds]
    bits: list[Form] = []
    for (row, b), slot, gamma in zip(given, slots(kinds), gammas, strict=False):
        on, bias, D = read(row, b, forms)  # D t in place of t: ReLU and threshold are positively homogeneous
        scale = 1 if D * gamma == 1 else Fraction(1, D * gamma)
        for k, shift in zip(slot, (0,) if len(slot) == 1 else (D, D - D * gamma), strict=True):
            nodes[k] = on, bias + shift
        bits.append({slot[0]: 1} if len(slot) == 1 else {slot[0]: scale, slot[1]: -scale})
    return nodes, bits


def nodes_in_place(given: Rows, forms: Sequence[Form], kinds: Kinds, first: int) -> tuple[Rows, list[Form]]:
    """Keep every node [t >= 0], or replace it by relu(t + 1), as its type says; the nodes are numbered from `first`."""
    nodes: Rows = []
    values: list[Form] = []
    for k, ((row, b), kind) in enumerate(zip(given, kinds, strict=True), start=first):
        on, bias, D = read(row, b + (kind == "relu"), forms)
        nodes.append((on, bias))
        values.append({k: Fraction(1, D) if kind == "relu" and D > 1 else 1})
    return nodes, values


def rewire(m: Mixture) -> tuple[MixedNetwork, list[list[Form]]]:
    """Return the mixed network, unverified, and for every layer the given nodes as forms of its values."""
    layers: list[MixedLayer] = []
    forms, inputs = unchanged(len(m.net.input_scale)), len(m.net.input_scale)
    found: list[list[Form]] = []
    for l, (layer, kinds) in enumerate(zip(m.hidden, m.kinds, strict=True)):
        given, n, free = rows_of(layer), m.bits_in(l), m.for_bits(l)
        nodes, bits = bits_into_slots(given[:n], forms, free, [m.gap(l, j) for j in range(n)])
        others, values = nodes_in_place(given[n:], forms, kinds[len(free) :], len(free))
        rows, biases = zip(*nodes, *others, strict=True)
        layers.append(MixedLayer.of(rows, biases, kinds, inputs))
        forms, inputs = [*bits, *values], len(kinds)
        found.append(forms)
    output = m.net.layers[-1]
    ((row, b),) = rows_of(output)
    on, bias, D = read(row, b, forms)
    scale = m.net.output_scale * (1 if output.activation == "threshold" else D)
    last = Layer(Sparse.of([on], inputs), (bias,), output.activation)
    theorem = "vershynin-mix" if any(m.kept) else "vershynin-relu-gadget"
    return MixedNetwork(tuple(layers), last, theorem, m.net.input_scale, scale), found


def strict_values(m: Mixture) -> list[list[list[int]]]:
    """Return the strict pre-activations t + 1 in the given network: [layer][point][node]."""
    h: Any = m.points
    found = []
    for layer in m.hidden:
        sums = replace(layer, biases=tuple(b + 1 for b in layer.biases), activation="identity")
        found.append(sums(h))
        h = layer(h)
    return found


def data_gaps(net: Network, points: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """Return for every hidden node the least positive strict pre-activation at the points; 1 if there is none."""
    found = strict_values(Mixture(net, points, tuple(("relu",) * layer.units for layer in net.layers[:-1])))
    return tuple(
        tuple(min((t for t in column if t > 0), default=1) for column in zip(*layer, strict=True))
        for layer in found
    )


def draw_kinds(widths: Sequence[int], relus: Number, seed: int) -> tuple[Kinds, ...]:
    """Return types for layers of these widths in random order; the fraction `relus`, rounded down, are ReLUs."""
    draw = random.Random(seed)
    layers = []
    for n in widths:
        many = int(n * relus)
        kinds = ["relu"] * many + ["threshold"] * (n - many)
        draw.shuffle(kinds)
        layers.append(tuple(kinds))
    return tuple(layers)


# --- a small assembly, to be mixed ---


def assembled(
    bits: tuple[tuple[int, ...], ...],
    labels: tuple[int, ...],
    blocks: Sequence[int],
    pairs: int,
    rng: Any = 0,
) -> tuple[Network, tuple[int, ...]]:
    """Return a network of arbitrary widths that memorizes bit vectors, and how many nodes of each layer need no slot.

    Layer l holds blocks[l] fresh sign neurons, which read the block before, at most `pairs` antipodal pairs for groups
    that are found in the block before, and a carry node. It is the assembly with dense features, far below the sizes
    of Theorem R. Raises HypothesisError if the blocks do not give all groups a place.
    """
    rng, chosen = floats.generator(rng), copying.rarer_class(labels)
    waiting = tuple(int(k in chosen) for k in range(len(labels)))
    layers: list[Layer] = []
    kept: list[int] = []
    marks, inputs, features = range(0), len(bits[0]), bits
    for width in blocks:
        memory = copying.memory(features, waiting, 2 * pairs, rng)
        fresh = copying.next_layer(len(features[0]), width, rng)
        rows, biases = (list(part) for part in zip(*rows_of(fresh), strict=True))
        for neuron in (neuron for pair in memory.pairs[:pairs] for neuron in pair):
            row, bias = neuron.on_bits
            rows.append(row)
            biases.append(bias)
        if layers:
            rows.append(dict.fromkeys(marks, 1))
            biases.append(-1)
        layers.append(Layer(Sparse.of(rows, inputs), tuple(biases), "threshold"))
        kept.append(len(rows) - width)
        found = {k for group in memory.groups[:pairs] for k in group}
        waiting = tuple(int(v and k not in found) for k, v in enumerate(waiting))
        marks, inputs = range(width, len(rows)), len(rows)
        features = tuple(map(tuple, fresh(features)))
    if any(waiting):
        raise HypothesisError(
            "the layers find half of the points", f"{sum(waiting)} are left", "Give more layers."
        )
    ones = labels[chosen[0]] == 1 if chosen else labels[0] == 0  # an empty class: nothing will fire
    output = Layer(
        Sparse.of([dict.fromkeys(marks, 1 if ones else -1)], inputs), (-1 if ones else 0,), "threshold"
    )
    net = Network((*layers, output), "vershynin-mix", (1,) * len(bits[0]))
    return net.verified(bits, labels), tuple(kept)
