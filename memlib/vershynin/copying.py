"""A deep network of constant width in integers: sign layers, copies, perception, carry; from data to a certificate.

The random layers come from `perception_floats` as integers; the network is verified in integers at its own points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.layer import Layer, Sparse
from memlib.network import Network
from memlib.points import HypothesisError, names
from memlib.vershynin import perception_floats as floats
from memlib.vershynin.perception import Group, Number, Vectors, greedy_run, signs_are_good, sum_is_below_one

# --- vershynin-copy ---


@dataclass(frozen=True)
class Neuron:
    """Fires at v iff <w, 2v - 1> >= c: a neuron on signs, written for bits when it is put into a layer."""

    w: tuple[int, ...]
    c: int

    @property
    def on_bits(self) -> tuple[dict[int, int], int]:
        """Weights and bias on bits: <w, 2v - 1> >= c iff <w, v> >= (c + sum w) / 2, rounded up."""
        return dict(enumerate(self.w)), -((self.c + sum(self.w) + 1) // 2)


def antipodal_pair(w: tuple[int, ...], d: int) -> tuple[Neuron, Neuron]:
    """Return the neurons <w, s> > d/2 and <-w, s> > d/2; an integer exceeds d/2 iff it is at least floor(d/2) + 1."""
    c = d // 2 + 1
    return Neuron(w, c), Neuron(tuple(-v for v in w), c)


def copy_layers(d: int, found_by: Sequence[Sequence[Neuron]], nodes: int, ones: bool) -> tuple[Layer, ...]:
    """Return the deep part, which reads d bits: layers of copies, perception neurons and a carry, and the output.

    found_by : for every group the neurons that find it. nodes : P, the most perception neurons of a layer.
    ones : whether the output is to fire if something fired, or if nothing did.
    """
    per_layer = nodes // max((len(neurons) for neurons in found_by), default=1)
    shifts = [found_by[k : k + per_layer] for k in range(0, len(found_by), per_layer)]
    layers: list[Layer] = []
    inputs, marks = d, range(0)  # marks: what the next carry node collects
    for l, shift in enumerate(shifts):
        copies = d if l + 1 < len(shifts) else 0
        rows = [{j: 1} for j in range(copies)]
        biases = [-1] * copies
        for neuron in (neuron for neurons in shift for neuron in neurons):
            weights, bias = neuron.on_bits
            rows.append(weights)
            biases.append(bias)
        if l:
            rows.append(dict.fromkeys(marks, 1))
            biases.append(-1)
        layers.append(Layer(Sparse.of(rows, inputs), tuple(biases), "threshold"))
        inputs, marks = len(rows), range(copies, len(rows))
    sign = 1 if ones else -1
    output = Sparse.of([dict.fromkeys(marks, sign)], inputs)
    return (*layers, Layer(output, (-1 if ones else 0,), "threshold"))


@dataclass(frozen=True)
class Memory:
    """Bit vectors with labels, a label class cut into groups, a sign for every member, and the number P of nodes."""

    bits: Vectors
    labels: tuple[Number, ...]
    groups: tuple[tuple[int, ...], ...]
    signs: tuple[tuple[int, ...], ...]
    nodes: int

    @property
    def marked(self) -> tuple[int, ...]:
        return tuple(i for group in self.groups for i in group)

    @property
    def marks_ones(self) -> bool:
        """Whether the groups hold the points with label 1; an empty class may be either."""
        return self.labels[self.marked[0]] == 1 if self.groups else 1 not in self.labels

    @cached_property
    def sigma(self) -> Vectors:
        return tuple(tuple(2 * v - 1 for v in row) for row in self.bits)

    @cached_property
    def on_signs(self) -> tuple[Group, ...]:
        """The groups among the sign vectors, with N = d."""
        return tuple(Group(self.sigma, members, len(self.bits[0])) for members in self.groups)

    @property
    def pairs(self) -> tuple[tuple[Neuron, Neuron], ...]:
        """The antipodal pair of every group."""
        d = len(self.bits[0])
        return tuple(
            antipodal_pair(group.weights(signs), d)
            for group, signs in zip(self.on_signs, self.signs, strict=True)
        )

    @cached_property
    def network(self) -> Network:
        """The network of the theorem, on the bits."""
        d = len(self.bits[0])
        return Network(copy_layers(d, self.pairs, self.nodes, self.marks_ones), copy.id, (1,) * d)


def labels_are_bits(m: Memory) -> Answer:
    foreign = [k for k, y in enumerate(m.labels) if y not in (0, 1)]
    return not foreign or Counterexample(f"point {foreign[0]} has the label {m.labels[foreign[0]]}")


def groups_split_a_class(m: Memory) -> Answer:
    """The groups are disjoint, not empty, and together all points of one label."""
    marked = m.marked
    if len(set(marked)) < len(marked) or not all(m.groups):
        return Counterexample("a group is empty, or two groups share a point")
    value = int(m.marks_ones)
    inside = set(marked)
    wrong = [k for k, y in enumerate(m.labels) if (y == value) != (k in inside)]
    return not wrong or Counterexample(
        f"the groups hold label {value}, and {names(wrong)} should change sides"
    )


def all_signs_are_good(m: Memory) -> Answer:
    for g, (group, signs) in enumerate(zip(m.on_signs, m.signs, strict=True)):
        answer = signs_are_good(group, signs)
        if not answer:
            return Counterexample(f"in group {g} {answer}")
    return True


def a_pair_fits(m: Memory) -> Answer:
    return m.nodes >= 2 or Counterexample(f"P is {m.nodes}")


def memorizes_at_constant_width(m: Memory) -> Answer:
    """Count layers, widths and weights of the network, and compare its integer output with every label."""
    first: dict[tuple[int, ...], int] = {}
    for k, row in enumerate(m.bits):
        if m.labels[first.setdefault(row, k)] != m.labels[k]:
            return Counterexample(
                f"points {first[row]} and {k} have equal bits and different labels: no function serves"
            )
    if m.nodes < 2:
        return Counterexample("no layer has room for a pair of neurons")
    net, d = m.network, len(m.bits[0])
    r = max(map(len, m.groups), default=0)
    most = -(-len(m.groups) // (m.nodes // 2))
    if len(net.layers) != most + 1 or {layer.activation for layer in net.layers} != {"threshold"}:
        return Counterexample(
            f"there are {len(net.layers) - 1} hidden layers, not {most} of threshold neurons"
        )
    if max(net.widths[:-1], default=0) > d + m.nodes + 1:
        return Counterexample(f"a layer has {max(net.widths[:-1])} neurons")
    if max((abs(w) for layer in net.layers for *_, w in layer.entries), default=0) > max(r, 1):
        return Counterexample(f"a weight exceeds {max(r, 1)}")
    if max(abs(b) for layer in net.layers for b in layer.biases) > (r + 1) * d:
        return Counterexample(f"a bias exceeds {(r + 1) * d}")
    wrong = [k for k, v in enumerate(net.at_integers(m.bits)) if v != m.labels[k]]
    return not wrong or Counterexample(f"the network is wrong at {names(wrong)}")


copy = Claim(
    "vershynin-copy",
    hypotheses={
        "labels in {0, 1}": labels_are_bits,
        "the groups split a class": groups_split_a_class,
        "the signs are good": all_signs_are_good,
        "P >= 2": a_pair_fits,
    },
    conclusion=memorizes_at_constant_width,
)


# --- from data to a network ---

#: The Gaussian weights are rint(2^BITS g).
BITS = 6
#: The most sign layers, where the depth is not given, and the most draws of them.
DEEPEST, DRAWS = 12, 3


def standardised(points: Vectors) -> tuple[list[int], list[tuple[int, int]]]:
    """Return for every column its mean, rounded, and (m, e): its standard deviation is about m 2^(e - 30), m < 2^21.

    (0, 0) stands for a constant column. The rounding only chooses weights; the points stay as they are.
    """
    means, deviations = [], []
    for column in zip(*points, strict=True):
        mean = sum(column) // len(column)
        square = sum((v - mean) ** 2 for v in column) << 60
        root = isqrt(square // len(column)) if len(set(column)) > 1 else 0
        e = max(root.bit_length() - 21, 0)
        means.append(mean)
        deviations.append((root >> e, e))
    return means, deviations


def first_layer(points: Vectors, width: int, rng: Any) -> Layer:
    """Return sign neurons on integer points: random hyperplanes for the standardised data.

    A column is shifted by its mean and divided by its deviation, and a constant coordinate, as long as a typical
    point, is appended. All of that goes into integer weights and biases; the points stay on their grid.
    """
    means, deviations = standardised(points)
    top = max(e for _, e in deviations)
    gaussian, constant = floats.hyperplanes([m for m, _ in deviations], width, BITS, rng)
    rows = tuple(tuple(g << (top - e) for g, (_, e) in zip(row, deviations, strict=True)) for row in gaussian)
    biases = tuple(
        ((c << top) >> 10) - sum(w * m for w, m in zip(row, means, strict=True))
        for row, c in zip(rows, constant, strict=True)
    )
    return Layer(rows, biases, "threshold")


def next_layer(inputs: int, width: int, rng: Any) -> Layer:
    """Return sign neurons on bits: for integers g, <g, 2v - 1> > 0 iff <g, v> >= floor(sum g / 2) + 1."""
    rows = tuple(tuple(row) for row in floats.gaussian_rows(width, inputs, BITS, rng))
    return Layer(rows, tuple(-(sum(row) // 2) - 1 for row in rows), "threshold")


@dataclass(frozen=True)
class Front:
    """Sign layers, and the bits into which they turn the points."""

    layers: tuple[Layer, ...]
    bits: Vectors

    @property
    def distinct(self) -> list[int]:
        """The first point of each bit vector."""
        return [k for k, row in enumerate(self.bits) if self._first[row] == k]

    @cached_property
    def _first(self) -> dict[tuple[int, ...], int]:
        return {row: k for k, row in reversed(list(enumerate(self.bits)))}


def rarer_class(labels: Sequence[Number]) -> list[int]:
    """Return the points of the rarer label; of 1, if the labels tie."""
    ones = [k for k, y in enumerate(labels) if y == 1]
    return ones if 2 * len(ones) <= len(labels) else [k for k, y in enumerate(labels) if y != 1]


def require_distinct(bits: Vectors, labels: tuple[Number, ...]) -> None:
    """Raise HypothesisError, naming the points, if two with different labels have become equal."""
    first: dict[tuple[int, ...], int] = {}
    for k, row in enumerate(bits):
        i = first.setdefault(row, k)
        if labels[i] != labels[k]:
            raise HypothesisError(
                "the sign layers keep different labels apart",
                f"points {i} and {k} have the same {len(row)} bits, their labels are {labels[i]} and {labels[k]}",
                "They are too close for so few hyperplanes: give more width.",
            )


def sign_front(points: Vectors, labels: tuple[Number, ...], width: int, depth: int | None, rng: Any) -> Front:
    """Return `depth` sign layers; by default so many that no inner product with the rarer class exceeds 2 d / 5.

    It stops before that where a further layer brings no progress. Raises HypothesisError if the first layer turns
    two points with different labels into the same bits.
    """
    chosen, rng = rarer_class(labels), floats.generator(rng)
    layers = [first_layer(points, width, rng)]
    bits = layers[0].on_batch(points)
    require_distinct(_rows(bits), labels)
    closest = _closest(bits, chosen)
    while len(layers) < (depth or DEEPEST) and (depth or 5 * closest > 2 * width):
        layer = next_layer(width, width, rng)
        after = layer.on_batch(bits)
        nearer = _closest(after, chosen)
        if not depth and closest <= nearer and 2 * closest < width:
            break
        layers.append(layer)
        bits, closest = after, nearer
    require_distinct(_rows(bits), labels)
    return Front(tuple(layers), _rows(bits))


def _rows(bits: Any) -> Vectors:
    return tuple(map(tuple, bits if isinstance(bits, list) else bits.tolist()))


def _closest(bits: Any, chosen: list[int]) -> int:
    """Return the largest |<s_i, s_k>| of a chosen point with a point of other bits."""
    rows = _rows(bits)
    place = {row: k for k, row in enumerate(dict.fromkeys(rows))}
    return floats.closest_pair(floats.as_signs(list(place)), sorted({place[rows[i]] for i in chosen}))[0]


def cut_into_groups(
    bits: Vectors, labels: tuple[Number, ...], next_group: Callable, known_as: Sequence[int] | None = None
) -> list[tuple]:
    """Cut the rarer class of distinct bit vectors into groups; `next_group` finds one among the waiting points.

    next_group(S, waiting) returns the members, which come first among the waiting points, and how they are found.
    known_as : the indices by which an error is to call the points.
    Raises HypothesisError, naming two points, where not even the first point alone can be told apart.
    """
    S, waiting, found = floats.as_signs(bits), rarer_class(labels), []
    while waiting:
        group = next_group(S, waiting)
        if group is None:
            a, i, k = floats.closest_pair(S, waiting[:1])
            i, k = (known_as[i], known_as[k]) if known_as else (i, k)
            raise HypothesisError(
                "the bits are almost orthogonal",
                f"after the sign layers points {i} and {k} have an inner product of size {a}, too much for "
                f"{len(bits[0])} bits",
                "Give more width or more depth.",
            )
        found.append(group)
        waiting = waiting[len(group[0]) :]
    return found


def memory(
    bits: Vectors,
    labels: tuple[Number, ...],
    nodes: int,
    rng: Any = 0,
    known_as: Sequence[int] | None = None,
) -> Memory:
    """Return the rarer class of distinct bit vectors, cut into groups with good signs, which are drawn."""
    rng = floats.generator(rng)

    def next_group(S: Any, waiting: list[int]) -> Any:
        return floats.group_by_signs(S, waiting, rng)

    found = cut_into_groups(bits, labels, next_group, known_as)
    groups, signs = zip(*found, strict=True) if found else ((), ())
    return Memory(bits, labels, groups, signs, nodes)


def memory_without_luck(bits: Vectors, labels: tuple[Number, ...], nodes: int, largest: int) -> Memory:
    """Do the same without drawing: groups whose Hoeffding sum is below 1, signs by conditional expectations.

    largest : members with which a group starts; it gives one up until its sum is below 1.
    """
    waiting, groups, signs = tuple(rarer_class(labels)), [], []
    sigma = tuple(tuple(2 * v - 1 for v in row) for row in bits)
    while waiting:
        sizes = range(min(largest, len(waiting)), 0, -1)
        candidates = (Group(sigma, waiting[:r], len(bits[0])) for r in sizes)
        group = next((g for g in candidates if sum_is_below_one(g)), None)
        if group is None:
            raise HypothesisError(
                "the Hoeffding sum is below 1", f"it is not for point {waiting[0]} alone", "Give more bits."
            )
        groups.append(group.members)
        signs.append(greedy_run(group).signs)
        waiting = waiting[len(group.members) :]
    return Memory(bits, labels, tuple(groups), tuple(signs), nodes)


def found_by(
    bits: Vectors, labels: tuple[Number, ...], perception: str, rng: Any, known_as: Sequence[int]
) -> tuple:
    """Return for every group of the rarer class the neurons that find it: an antipodal pair, or one neuron."""
    if perception == "signs":
        return memory(bits, labels, 2, rng, known_as).pairs
    found = cut_into_groups(bits, labels, floats.group_by_minimum_norm, known_as)
    return tuple((Neuron(w, c),) for _, w, c in found)


def with_carry_cut(net: Network, layer: int) -> Network:
    """Return the network whose last unit in that layer does not read the last unit, a carry node, of the one before."""
    cut = net.layers[layer]
    kept = [(i, j, w) for i, j, w in cut.entries if (i, j) != (cut.units - 1, cut.inputs - 1)]
    weights = Sparse((cut.units, cut.inputs), *zip(*kept, strict=True))
    layers = (*net.layers[:layer], Layer(weights, cut.biases, cut.activation), *net.layers[layer + 1 :])
    return Network(layers, net.theorem, net.input_scale)


def copy_network(
    points: Vectors,
    labels: tuple[Number, ...],
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    *,
    perception: str = "signs",
    width: int = 256,
    depth: int | None = None,
    nodes: int | None = None,
) -> Network:
    """Return a deep threshold network of constant width that memorizes the points, verified in integers.

    points : distinct integer points. labels : 0 or 1. scale : the grid of the points, default 1. rng : seed or
    generator. perception : "signs" finds a group by two opposite neurons, "minimum-norm" by one. width : bits d that
    the sign layers make. depth : number of sign layers, by default chosen from the coherence. nodes : P, the most
    perception neurons of a layer, default `width`.
    Raises HypothesisError if a label is not 0 or 1, if the sign layers let two points with different labels
    collide, or if the bits are not orthogonal enough. Implements vershynin-copy; the front layers are ours.
    """
    if perception not in ("signs", "minimum-norm"):
        raise ValueError(f"perception is {perception!r}, not 'signs' or 'minimum-norm'")
    scale, nodes = scale or (1,) * len(points[0]), width if nodes is None else nodes
    if min(width, nodes - 1, 1 if depth is None else depth) < 1:
        raise ValueError(f"width {width}, depth {depth}, nodes {nodes}: at least 1, 1 and 2 are needed")
    require_zero_or_one(labels)
    if len(set(labels)) == 1:
        output = Layer(((0,) * len(scale),), (int(labels[0]) - 1,), "threshold")
        return Network((output,), copy.id, scale).verified(points, labels)
    rng = floats.generator(rng)
    for draw in range(DRAWS):
        try:
            front = sign_front(points, labels, width, depth, rng)
            kept = front.distinct  # equal bits have equal labels, and are stored once
            bits, chosen = tuple(front.bits[k] for k in kept), tuple(labels[k] for k in kept)
            neurons = found_by(bits, chosen, perception, rng, kept)
        except HypothesisError:
            if draw == DRAWS - 1:
                raise
        else:
            break
    ones = chosen[rarer_class(chosen)[0]] == 1
    deep = copy_layers(width, neurons, nodes, ones)
    return Network((*front.layers, *deep), copy.id, scale).verified(points, labels)


def require_zero_or_one(labels: tuple) -> None:
    """Raise HypothesisError, naming a point, unless every label is 0 or 1."""
    foreign = [i for i, label in enumerate(labels) if label not in (0, 1)]
    if foreign:
        raise HypothesisError(
            "labels are 0 or 1",
            f"point {foreign[0]} has the label {labels[foreign[0]]}",
            "Build one detector a class: y = memlib.data.indicator(y, label).",
        )
