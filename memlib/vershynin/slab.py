"""Perception by a slab: two parallel neurons find up to d points, in integers; the deep network that is made of them.

A slab is lo <= <w, sigma> <= hi with integers w, lo, hi. Sign vectors are 2 v - 1 for bits v. What numpy proposes
(`slab_floats`) is decided here in integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot, kernel, lifted, moment_vector, rank, rank_mod, values
from memlib.layer import Layer, Sparse
from memlib.network import Network
from memlib.points import HypothesisError, names
from memlib.vershynin import copying
from memlib.vershynin import perception_floats as floats
from memlib.vershynin.copying import Neuron
from memlib.vershynin.slab_floats import group_by_slab

Vectors = tuple[tuple[int, ...], ...]
#: A prime: ranks modulo it never exceed ranks over the rationals.
PRIME = 2**31 - 1


# --- vershynin-slab (a): an exact plane ---


@dataclass(frozen=True)
class Chosen:
    """Integer vectors, and the indices of those that a plane is to contain."""

    vectors: Vectors
    members: tuple[int, ...]

    @property
    def strangers(self) -> list[int]:
        inside = set(self.members)
        return [k for k in range(len(self.vectors)) if k not in inside]

    @property
    def hull(self) -> list[tuple[int, ...]]:
        """The rows (sigma_i, -1) of the members."""
        return lifted(self.vectors[i] for i in self.members)

    @cached_property
    def rank(self) -> int:
        return rank(self.hull)


def certified_outside(x: Chosen, k: int) -> bool:
    """Whether the rank modulo PRIME shows that vector k is not in the affine hull of the members."""
    return rank_mod([*x.hull, (*x.vectors[k], -1)], PRIME) > x.rank


@dataclass(frozen=True)
class Plane:
    """The plane <w, sigma> = tau, in integers."""

    w: tuple[int, ...]
    tau: int

    def pair(self, sigma: Sequence[int]) -> tuple[int, int]:
        """Return [<w, sigma> > tau - 1/2] and [<w, sigma> > tau + 1/2]."""
        twice = 2 * dot(self.w, sigma)
        return int(twice > 2 * self.tau - 1), int(twice > 2 * self.tau + 1)


def plane_through(x: Chosen) -> Plane | Counterexample:
    """Return a plane that contains the members and no stranger, or a stranger that every such plane contains.

    The affine forms that vanish on the members have an integer basis. A stranger at which all of the basis vanishes is
    on every plane; if there is none, some combination 1, t, t^2, ... of the basis vanishes at no stranger.
    """
    forms, strangers = kernel(x.hull), x.strangers
    if not strangers:
        return Plane((0,) * len(x.vectors[0]), 0)
    there = values(tuple(x.vectors[k] for k in strangers), forms) if forms else [[]] * len(strangers)
    for k, row in zip(strangers, there, strict=True):
        if not any(row):
            return Counterexample(f"every plane through the group contains point {k}")
    factors = moment_vector(there)
    *w, tau = (dot(factors, column) for column in zip(*forms, strict=True))
    return Plane(tuple(w), tau)


def has_members(x: "Instance") -> Answer:
    return not isinstance(x, Chosen) or bool(x.members) or Counterexample("the group is empty")


def no_stranger_in_the_hull(x: "Instance") -> Answer:
    if isinstance(x, Chosen):
        for k in x.strangers:
            if not certified_outside(x, k) and rank([*x.hull, (*x.vectors[k], -1)]) == x.rank:
                return Counterexample(f"point {k} is in the affine hull of the group")
    return True


def plane_is_exact(x: Chosen) -> Answer:
    """Find the plane, and evaluate its two neurons at every vector."""
    plane = plane_through(x)
    if isinstance(plane, Counterexample):
        return plane
    for k, sigma in enumerate(x.vectors):
        first, second = plane.pair(sigma)
        if first - second != int(k in x.members):
            return Counterexample(f"the neurons are {first} and {second} at point {k}")
    return True


# --- vershynin-slab (b): a plane in numbers, rounded to integers ---


@dataclass(frozen=True)
class Rounding:
    """A vector w with <w, sigma_i> = 1 on the members, or nearly, and the factor M before rounding."""

    chosen: Chosen
    w: tuple[Fraction, ...]
    M: int

    @cached_property
    def offsets(self) -> list[Fraction]:
        """<w, sigma_k> - 1 for every k."""
        D = lcm(*(c.denominator for c in self.w))
        whole = [int(c * D) for c in self.w]
        return [Fraction(dot(whole, s), D) - 1 for s in self.chosen.vectors]

    @property
    def residual(self) -> Fraction:
        return max(abs(self.offsets[i]) for i in self.chosen.members)

    @property
    def gap(self) -> Fraction | None:
        """The least |<w, sigma_k> - 1| over the strangers; None if there are none."""
        return min((abs(self.offsets[k]) for k in self.chosen.strangers), default=None)

    @property
    def rounded(self) -> tuple[int, ...]:
        return tuple(round(self.M * c) for c in self.w)


def vectors_are_signs(x: "Instance") -> Answer:
    if isinstance(x, Rounding):
        for k, s in enumerate(x.chosen.vectors):
            if not set(s) <= {1, -1}:
                return Counterexample(f"vector {k} has an entry {max(s, key=abs)}")
    return True


def factor_is_large(x: "Instance") -> Answer:
    if not isinstance(x, Rounding) or x.gap is None:
        return True
    d, room = len(x.w), x.gap - x.residual
    return x.M * room > d or Counterexample(f"M is {x.M}, and the gap leaves {rough(x.M * room)}, not more than {d}")


def rough(x: Fraction) -> str:
    """Write a number with three decimals, rounded down."""
    return f"{(1000 * x.numerator // x.denominator) // 1000}.{(1000 * x.numerator // x.denominator) % 1000:03}"


def slab_of(vectors: Vectors, members: Sequence[int], w: tuple[int, ...]) -> "Slab":
    """Return the narrowest slab with the normal w that contains the members."""
    inside = [dot(w, vectors[i]) for i in members]
    return Slab(tuple(members), w, min(inside), max(inside))


def rounding_keeps_the_slab(x: Rounding) -> Answer:
    return excludes_strangers(slab_of(x.chosen.vectors, x.chosen.members, x.rounded), x.chosen.vectors)


# --- vershynin-slab (c): the network ---


@dataclass(frozen=True)
class Slab:
    """lo <= <w, sigma> <= hi, which is to hold exactly at the members."""

    members: tuple[int, ...]
    w: tuple[int, ...]
    lo: int
    hi: int

    @property
    def pair(self) -> tuple[Neuron, Neuron]:
        """The neurons that fire from lo on, and from hi + 1 on."""
        return Neuron(self.w, self.lo), Neuron(self.w, self.hi + 1)


def excludes_strangers(slab: Slab, vectors: Vectors) -> Answer:
    inside = set(slab.members)
    for k, sigma in enumerate(vectors):
        if (slab.lo <= dot(slab.w, sigma) <= slab.hi) != (k in inside):
            return Counterexample(f"the slab {'misses' if k in inside else 'contains'} point {k}")
    return True


def slab_layers(d: int, slabs: Sequence[Slab], nodes: int, ones: bool) -> tuple[Layer, ...]:
    """Return the deep part, which reads d bits: copies, pairs for the slabs, a carry; and the output.

    The carry and the output read a pair with the weights 1 and -1, which is a bit, and the carry before with 1.
    nodes : P, the most perception neurons of a layer. ones : the output fires if something was found, or if nothing was.
    """
    per_layer = nodes // 2
    shifts = [slabs[k : k + per_layer] for k in range(0, len(slabs), per_layer)]
    layers: list[Layer] = []
    inputs, marks = d, {}
    for l, shift in enumerate(shifts):
        copies = d if l + 1 < len(shifts) else 0
        rows, biases = [{j: 1} for j in range(copies)], [-1] * copies
        for neuron in (neuron for slab in shift for neuron in slab.pair):
            weights, bias = neuron.on_bits
            rows.append(weights)
            biases.append(bias)
        if l:
            rows.append(marks)
            biases.append(-1)
        layers.append(Layer(Sparse.of(rows, inputs), tuple(biases), "threshold"))
        inputs = len(rows)
        marks = {copies + j: (-1) ** j for j in range(2 * len(shift))}
        if l:
            marks[inputs - 1] = 1
    sign = 1 if ones else -1
    output = Sparse.of([{j: sign * w for j, w in marks.items()}], inputs)
    return (*layers, Layer(output, (-1 if ones else 0,), "threshold"))


@dataclass(frozen=True)
class Deep:
    """Bit vectors with labels, slabs whose members make up a label class, and the number P of nodes."""

    bits: Vectors
    labels: tuple[int, ...]
    slabs: tuple[Slab, ...]
    nodes: int

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        return tuple(slab.members for slab in self.slabs)

    @property
    def marked(self) -> tuple[int, ...]:
        return tuple(i for group in self.groups for i in group)

    @property
    def marks_ones(self) -> bool:
        return self.labels[self.marked[0]] == 1 if self.marked else 1 not in self.labels

    @cached_property
    def sigma(self) -> Vectors:
        return tuple(tuple(2 * v - 1 for v in row) for row in self.bits)

    @cached_property
    def network(self) -> Network:
        d = len(self.bits[0])
        return Network(slab_layers(d, self.slabs, self.nodes, self.marks_ones), slab.id, (1,) * d)


Instance = Chosen | Rounding | Deep


def labels_are_bits(x: Instance) -> Answer:
    return not isinstance(x, Deep) or copying.labels_are_bits(x)


def groups_split_a_class(x: Instance) -> Answer:
    return not isinstance(x, Deep) or copying.groups_split_a_class(x)


def a_pair_fits(x: Instance) -> Answer:
    return not isinstance(x, Deep) or copying.a_pair_fits(x)


def slabs_are_exact(x: Instance) -> Answer:
    if isinstance(x, Deep):
        for g, one in enumerate(x.slabs):
            answer = excludes_strangers(one, x.sigma)
            if not answer:
                return Counterexample(f"slab {g}: {answer}")
    return True


def memorizes_by_slabs(x: Deep) -> Answer:
    """Count layers, widths and the weights of the pairs, and compare the integer output with every label."""
    if x.nodes < 2:
        return Counterexample("no layer has room for a pair of neurons")
    net, d, G = x.network, len(x.bits[0]), len(x.slabs)
    if len(net.layers) - 1 != -(-G // (x.nodes // 2)):
        return Counterexample(f"there are {len(net.layers) - 1} hidden layers")
    if max(net.widths[:-1], default=0) > d + x.nodes + 1:
        return Counterexample(f"a layer has {max(net.widths[:-1])} neurons")
    most = 2 * G * (d + 1) + (len(net.layers) - 1) * (d + 1)  # pairs, what reads them, copies and carries
    if net.nonzero_weights > most:
        return Counterexample(f"{net.nonzero_weights} weights are not 0, more than {most}")
    wrong = [k for k, v in enumerate(net.at_integers(x.bits)) if v != x.labels[k]]
    return not wrong or Counterexample(f"the network is wrong at {names(wrong)}")


def slab_holds(x: Instance) -> Answer:
    if isinstance(x, Chosen):
        return plane_is_exact(x)
    return rounding_keeps_the_slab(x) if isinstance(x, Rounding) else memorizes_by_slabs(x)


slab = Claim(
    "vershynin-slab",
    hypotheses={
        "the group is not empty": has_members,
        "no stranger is in the affine hull": no_stranger_in_the_hull,
        "the vectors are signs": vectors_are_signs,
        "M (gap - residual) > d": factor_is_large,
        "labels in {0, 1}": labels_are_bits,
        "the groups split a class": groups_split_a_class,
        "each slab contains its group and nobody else": slabs_are_exact,
        "P >= 2": a_pair_fits,
    },
    conclusion=slab_holds,
)


# --- from data to a network ---


def slabs_for(bits: Vectors, labels: tuple[int, ...], known_as: Sequence[int] | None = None) -> tuple[Slab, ...]:
    """Return slabs for the rarer class of distinct bit vectors, cut into groups of nearly d points."""
    found = copying.cut_into_groups(bits, labels, group_by_slab, known_as)
    return tuple(Slab(*one) for one in found)


def slab_network(
    points: Vectors,
    labels: tuple,
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    *,
    width: int = 256,
    depth: int | None = None,
    nodes: int | None = None,
) -> Network:
    """Return a deep threshold network of constant width that finds its points by slabs, verified in integers.

    points : distinct integer points. labels : 0 or 1. scale : the grid of the points, default 1. rng : seed or
    generator. width : bits d that the sign layers make. depth : number of sign layers, by default chosen from the
    coherence; 1 often suffices. nodes : P, the most perception neurons of a layer, default `width`.
    Raises HypothesisError if a label is not 0 or 1, if the sign layers let two points with different labels
    collide, or if a point is in no slab of its own. Implements vershynin-slab (c); the front layers are those of
    `copying.copy_network`.
    """
    scale, nodes = scale or (1,) * len(points[0]), width if nodes is None else nodes
    if min(width, nodes - 1, 1 if depth is None else depth) < 1:
        raise ValueError(f"width {width}, depth {depth}, nodes {nodes}: at least 1, 1 and 2 are needed")
    copying.require_zero_or_one(labels)
    if len(set(labels)) == 1:
        output = Layer(((0,) * len(scale),), (int(labels[0]) - 1,), "threshold")
        return Network((output,), slab.id, scale).verified(points, labels)
    rng = floats.generator(rng)
    for draw in range(copying.DRAWS):
        try:
            front = copying.sign_front(points, labels, width, depth, rng)
            kept = front.distinct  # equal bits have equal labels, and are stored once
            bits, chosen = tuple(front.bits[k] for k in kept), tuple(labels[k] for k in kept)
            slabs = slabs_for(bits, chosen, kept)
        except HypothesisError:
            if draw == copying.DRAWS - 1:
                raise
        else:
            break
    ones = chosen[copying.rarer_class(chosen)[0]] == 1
    deep = slab_layers(width, slabs, nodes, ones)
    return Network((*front.layers, *deep), slab.id, scale).verified(points, labels)


def perceiving_network(
    points: Vectors,
    labels: tuple,
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    *,
    perception: str = "signs",
    **options: Any,
) -> Network:
    """Return the network of constant width with one of three ways of perception: "signs", "minimum-norm", "slab".

    The other options are those of `slab_network`. Raises ValueError for another perception, else HypothesisError as
    the builders do.
    """
    if perception == "slab":
        return slab_network(points, labels, scale, rng, **options)
    if perception not in ("signs", "minimum-norm"):
        raise ValueError(f"perception is {perception!r}, not 'signs', 'minimum-norm' or 'slab'")
    return copying.copy_network(points, labels, scale, rng, perception=perception, **options)
