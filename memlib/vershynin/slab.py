"""Perception by a slab: two parallel neurons find up to d points, in integers; the deep network that is made of them.

A slab is lo <= <w, sigma> <= hi with integers w, lo, hi. Sign vectors are 2 v - 1 for bits v. What numpy proposes
(`slab_floats`) is decided here in integers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot, kernel, lifted, moment_vector, rank, rank_mod, values
from memlib.layer import Layer
from memlib.network import Network
from memlib.points import HypothesisError
from memlib.vershynin import copying
from memlib.vershynin import perception_floats as floats
from memlib.vershynin.deep_slabs import (
    CLAIM,
    Deep,
    Slab,
    Vectors,
    excludes_strangers,
    memorizes_by_slabs,
    slab_layers,
)
from memlib.vershynin.slab_floats import group_by_slab

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
    return x.M * room > d or Counterexample(
        f"M is {x.M}, and the gap leaves {rough(x.M * room)}, not more than {d}"
    )


def rough(x: Fraction) -> str:
    """Write a number with three decimals, rounded down."""
    return (
        f"{(1000 * x.numerator // x.denominator) // 1000}.{(1000 * x.numerator // x.denominator) % 1000:03}"
    )


def slab_of(vectors: Vectors, members: Sequence[int], w: tuple[int, ...]) -> Slab:
    """Return the narrowest slab with the normal w that contains the members."""
    inside = [dot(w, vectors[i]) for i in members]
    return Slab(tuple(members), w, min(inside), max(inside))


def rounding_keeps_the_slab(x: Rounding) -> Answer:
    return excludes_strangers(slab_of(x.chosen.vectors, x.chosen.members, x.rounded), x.chosen.vectors)


Instance = Chosen | Rounding | Deep


def for_networks(predicate: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    return lambda x: not isinstance(x, Deep) or predicate(x)


def slabs_are_exact(x: Instance) -> Answer:
    if isinstance(x, Deep):
        for g, one in enumerate(x.slabs):
            answer = excludes_strangers(one, x.sigma)
            if not answer:
                return Counterexample(f"slab {g}: {answer}")
    return True


def slab_holds(x: Instance) -> Answer:
    if isinstance(x, Chosen):
        return plane_is_exact(x)
    return rounding_keeps_the_slab(x) if isinstance(x, Rounding) else memorizes_by_slabs(x)


slab = Claim(
    CLAIM,
    hypotheses={
        "the group is not empty": has_members,
        "no stranger is in the affine hull": no_stranger_in_the_hull,
        "the vectors are signs": vectors_are_signs,
        "M (gap - residual) > d": factor_is_large,
        "labels in {0, 1}": for_networks(copying.labels_are_bits),
        "the groups split a class": for_networks(copying.groups_split_a_class),
        "each slab contains its group and nobody else": slabs_are_exact,
        "P >= 2": for_networks(copying.a_pair_fits),
    },
    conclusion=slab_holds,
)


# --- from data to a network ---

#: The ways to find a group.
WAYS = ("signs", "minimum-norm", "slab")


def slabs_for(
    bits: Vectors, labels: tuple[int, ...], known_as: Sequence[int] | None = None
) -> tuple[Slab, ...]:
    """Return slabs for the rarer class of distinct bit vectors, cut into groups of nearly d points."""
    found = copying.cut_into_groups(bits, labels, group_by_slab, known_as)
    return tuple(Slab(*one) for one in found)


def deep_part(
    bits: Vectors,
    labels: tuple[int, ...],
    perception: str,
    nodes: int | None = None,
    rng: Any = 0,
    known_as: Sequence[int] | None = None,
) -> Network:
    """Return the part behind the sign layers, verified: it reads distinct bit vectors and answers their labels.

    perception : one of WAYS. nodes : P, by default the number of bits. known_as : names of the points in errors.
    """
    d = len(bits[0])
    P, ones = nodes or d, labels[copying.rarer_class(labels)[0]] == 1
    if perception == "slab":
        layers = slab_layers(d, slabs_for(bits, labels, known_as), P, ones)
    else:
        names = range(len(bits)) if known_as is None else known_as
        layers = copying.copy_layers(d, copying.found_by(bits, labels, perception, rng, names), P, ones)
    theorem = CLAIM if perception == "slab" else copying.copy.id
    return Network(layers, theorem, (1,) * d).verified(bits, labels)


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
        return Network((output,), CLAIM, scale).verified(points, labels)
    rng = floats.generator(rng)
    for draw in range(copying.DRAWS):
        try:
            front = copying.sign_front(points, labels, width, depth, rng)
            kept = front.distinct  # equal bits have equal labels, and are stored once
            bits, chosen = tuple(front.bits[k] for k in kept), tuple(labels[k] for k in kept)
            deep = deep_part(bits, chosen, "slab", nodes, rng, kept)
        except HypothesisError:
            if draw == copying.DRAWS - 1:
                raise
        else:
            break
    return Network((*front.layers, *deep.layers), CLAIM, scale).verified(points, labels)


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
    if perception not in WAYS:
        raise ValueError(f"perception is {perception!r}, not one of {WAYS}")
    if perception == "slab":
        return slab_network(points, labels, scale, rng, **options)
    return copying.copy_network(points, labels, scale, rng, perception=perception, **options)
