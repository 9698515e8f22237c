"""Baum's exact count: peel a facet, tilt its hyperplane into one unit, and save the unit that rounding lost.

Points are tuples of Python ints; every statement is decided exactly. Facets are found in `hull`.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import Any

from memlib.bubeck import baum
from memlib.bubeck.baum import Group, Points
from memlib.bubeck.hull import REMEDY, Facet, Normal, facet, peel
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import affine_dependency, affine_fit, dot, kernel, lifted, rank, values
from memlib.network import Layer, Network
from memlib.points import HypothesisError, names
from memlib.search import FEW, circuits, few, separable

# --- bubeck-affine-fit ---


@dataclass(frozen=True)
class Fit:
    """Points and the values that an affine function should take there."""

    points: Points
    values: tuple[int | Fraction, ...]


def points_are_independent(fit: Fit) -> Answer:
    dependent = affine_dependency(fit.points)
    return dependent is None or Counterexample(f"{names(dependent)} are affinely dependent")


def has_a_least_affine_fit(fit: Fit) -> Answer:
    """The fit takes the values, and is orthogonal to every affine function that vanishes at the points.

    Every other solution is the fit plus such a function, so by Pythagoras none is shorter.
    """
    rows, q = lifted(fit.points), lcm(*(z.denominator for z in fit.values))
    right = [int(z * q) for z in fit.values]
    if rank([*row, z] for row, z in zip(rows, right, strict=True)) > rank(rows):
        return Counterexample("no affine function takes these values")
    if points_are_independent(fit) is not True:
        return True  # the formula is void here, but some affine function does take the values
    v, c, q = affine_fit(fit.points, fit.values)
    for i, row in enumerate(rows):
        if dot((*v, c), row) != q * fit.values[i]:
            return Counterexample(f"the fit is not {fit.values[i]} at point {i}")
    if any(dot((*v, c), null) for null in kernel(rows)):
        return Counterexample("the fit is not orthogonal to the kernel of B, so a shorter one exists")
    return True


affine = Claim(
    "bubeck-affine-fit",
    hypotheses={"the points are affinely independent": points_are_independent},
    conclusion=has_a_least_affine_fit,
)


# --- bubeck-facet-peel ---


def in_general_position(points: Points) -> Answer:
    """General position: of all subsets for few points, else of each facet with every point still there."""
    if len(points) <= FEW:
        return baum.every_subset_is_independent(points)
    try:
        steps = peel(points)
    except HypothesisError as error:
        return Counterexample(error.witness)
    left = list(range(len(points)))
    for step in steps:
        members = tuple(k for k, i in enumerate(left) if i in step.group.members)
        answer = baum.independent_with_every_stranger(Group(tuple(points[i] for i in left), members))
        if not answer:
            return answer
        left = [i for i in left if i not in step.group.members]
    return True


def fault_of_peeling(points: Points, steps: tuple[Facet, ...]) -> str | None:
    """Return in words why these steps are no peeling order of the points, or None."""
    n, d = len(points), len(points[0])
    left = set(range(n))
    if len(steps) != -(-n // d):
        return f"there are {len(steps)} groups, not {-(-n // d)}"
    for k, step in enumerate(steps, start=1):
        members, s = set(step.group.members), step.offsets
        if not members <= left or len(members) != min(d, len(left)):
            return f"group {k} is not {min(d, len(left))} of the points left"
        left -= members
        missed, above = [i for i in members if s[i]], [j for j in left if s[j] >= 0]
        if missed:
            return f"the hyperplane of group {k} misses its point {min(missed)}"
        if above:
            return f"s is {s[min(above)]} at point {min(above)}, which is left after group {k}"
    return None


def is_a_face(points: Points, members: tuple[int, ...]) -> bool:
    """Decide whether some affine s is 0 at these points and negative at all others, without building it.

    By Motzkin's theorem of the alternative there is none iff some affine dependency is nonnegative off the
    members and not zero there; a dependency is a sum of circuits that agree with it in sign.
    """
    for circuit in circuits(points):
        off = [c for i, c in circuit.items() if i not in members]
        if off and (min(off) > 0 or max(off) < 0):
            return False
    return True


def has_a_peeling(points: Points) -> bool:
    """Decide by exhaustion whether any peeling order exists."""
    n, d = len(points), len(points[0])
    return n <= d or any(
        is_a_face(points, chosen) and has_a_peeling(tuple(points[i] for i in range(n) if i not in chosen))
        for chosen in combinations(range(n), d)
    )


def peels_to_the_end(points: Points) -> Answer:
    """The points have a peeling order; where the construction fails, exhaustion decides if another exists."""
    try:
        failure = fault_of_peeling(points, peel(points))
    except HypothesisError as error:
        failure = error.witness
    if failure is None:
        return True
    if in_general_position(points) is True:
        return Counterexample(failure)
    if has_a_peeling(few(points)):
        return True
    return Counterexample(f"there is no peeling order, by exhaustive search: {failure}")


facet_peel = Claim(
    "bubeck-facet-peel",
    hypotheses={"general position where it is used": in_general_position},
    conclusion=peels_to_the_end,
)


# --- bubeck-facet-unit ---


@dataclass(frozen=True)
class Part:
    """A part A of the points of a facet, to be told from all other points by one unit."""

    facet: Facet
    members: tuple[int, ...]


def signed_on(part: Part) -> Normal:
    """Return an integer l = (v, c) with v.x - c > 0 on A and < 0 on the rest of the facet, in short integers.

    D times the affine fit of 1 on A and -1 on the rest, rounded: a coefficient moves by at most 1/2, so a value
    by at most (|x_1| + ... + |x_d| + 1) / 2, which is less than D. Without rounding the unit has twice the bits.
    """
    rows, F = part.facet.group.rows, part.facet.group.members
    try:
        v, c, q = affine_fit(rows, tuple(1 if i in part.members else -1 for i in F))
    except ValueError:
        dependent = [F[k] for k in affine_dependency(rows) or ()]
        raise HypothesisError(
            "general position", f"{names(dependent)} are affinely dependent", REMEDY
        ) from None
    D = max(1 + sum(map(abs, x)) for x in rows) // 2 + 1
    return tuple(round(Fraction(D * k, q)) for k in (*v, c))


def facet_unit(part: Part) -> tuple[tuple[int, ...], int]:
    """Return (w, b): the unit [w.x + b >= 0] that is 1 on A and 0 elsewhere, w.x + b = K s + M l.

    K and M are positive integers with K |s| > M |l| at every point off the facet. M / K is about half of the
    largest ratio that this allows: in floats a slighter tilt drowns in the rounding of s = 0 on the facet.
    Implements bubeck-facet-unit. Raises HypothesisError, naming them, if points of the facet are dependent.
    """
    l = signed_on(part)
    at = [a for (a,) in values(part.facet.group.points, [l])]
    most = min(
        (Fraction(abs(s), abs(a)) for a, s in zip(at, part.facet.offsets, strict=True) if a and s),
        default=Fraction(2),
    )
    # t = most / 2 >= 1: floor(t) < most. t < 1: 1 / floor(1 / t) < 2 t, since floor(z) > z / 2 for z >= 1.
    K, M = (1, most // 2) if most >= 2 else (2 // most, 1)
    *w, c = (K * p + M * q for p, q in zip((*part.facet.u, part.facet.b), l, strict=True))
    return tuple(w), -c


def lies_on_a_facet(part: Part) -> Answer:
    """s = 0 at the points of F, and s < 0 at all others."""
    inside = set(part.facet.group.members)
    for j, s in enumerate(part.facet.offsets):
        if j in inside and s:
            return Counterexample(f"s is {s} at point {j} of F")
        if j not in inside and s >= 0:
            return Counterexample(f"s is {s} at point {j}, outside F")
    return True


def facet_is_independent(part: Part) -> Answer:
    rows, members = part.facet.group.rows, part.facet.group.members
    dependent = affine_dependency(rows)
    return dependent is None or Counterexample(f"{names([members[i] for i in dependent])} of F are dependent")


def is_part_of_facet(part: Part) -> Answer:
    off = sorted(set(part.members) - set(part.facet.group.members))
    return not off or Counterexample(f"point {off[0]} is not in F")


def one_unit_tells_the_part(part: Part) -> Answer:
    """One threshold unit is 1 on A and 0 at all other points.

    Where the construction fails outside the hypotheses, another unit might do: that is decided exactly.
    """
    points = part.facet.group.points
    wanted = tuple(int(j in part.members) for j in range(len(points)))
    try:
        w, b = facet_unit(part)
    except HypothesisError:
        failure = "there is no affine fit on F"
    else:
        fires = [int(t >= 0) for (t,) in values(points, [(*w, -b)])]
        wrong = [j for j, value in enumerate(fires) if value != wanted[j]]
        if not wrong:
            return True
        j = wrong[0]
        failure = f"the unit is {fires[j]} at point {j}, where s is {part.facet.offsets[j]}"
    if all(holds(part) is True for holds in unit.hypotheses.values()):
        return Counterexample(failure)
    if separable(few(points), wanted):
        return True
    return Counterexample(f"{failure}; and no unit at all is 1 on A alone")


unit = Claim(
    "bubeck-facet-unit",
    hypotheses={
        "F lies on a facet": lies_on_a_facet,
        "F is affinely independent": facet_is_independent,
        "A is a part of F": is_part_of_facet,
    },
    conclusion=one_unit_tells_the_part,
)


# --- bubeck-baum-exact ---


@dataclass(frozen=True)
class Plan:
    """Units that sum to the indicator of the class `label`: a facet unit, or None, and a slab for each group."""

    label: int
    part: Part | None
    groups: tuple[Group, ...]


def plan(points: Points, labels: tuple, rng: Any = 0) -> Plan:
    """Decide which class to fence in, and how: slabs alone, or a facet unit and one slab less.

    With n_min = a d + r, 0 < r <= d: slabs alone cost 2 (a + 1). If that is above q = n / d, rounded up, then
    q = 2 a + 1, and the facet takes r points of the rarer class, or so many of the other, off the slabs.
    """
    n, d = len(points), len(points[0])
    ones = [i for i, label in enumerate(labels) if label == 1]
    zeros = [i for i, label in enumerate(labels) if label != 1]
    label, rarer, other = (1, ones, zeros) if len(ones) <= len(zeros) else (0, zeros, ones)
    a, r = divmod(len(rarer) - 1, d)
    r += 1
    if not rarer or 2 * (a + 1) <= -(-n // d):
        return Plan(label, None, baum.groups(points, labels))
    F = facet(points, rng)
    on = set(F.group.members)
    if len(on.intersection(rarer)) < r:
        label, rarer = 1 - label, other
    left = [i for i in rarer if i not in on]
    groups = tuple(Group(points, tuple(left[k : k + d])) for k in range(0, len(left), d))
    return Plan(label, Part(F, tuple(sorted(on.intersection(rarer)))), groups)


def exact_network(points: Points, labels: tuple, scale: tuple[int, ...], rng: Any = 0) -> Network:
    """Return the network of the proof: min(2 ceil(n_min / d), ceil(n / d)) units, output weights +1 and -1."""
    way = plan(points, labels, rng)
    if way.part is None:
        return replace(baum.slab_network(points, labels, scale), theorem=exact.id)
    w, bias = facet_unit(way.part)
    if way.label == 0:  # the output is 1 - sum, and 1 - [h >= 0] = [-h - 1 >= 0] for an integer h
        w, bias = tuple(-c for c in w), -bias - 1
    slabs = [baum.slab_around(group) for group in way.groups]
    sign = 1 if way.label == 1 else -1
    weights = (w, *(s.u for s in slabs for _ in range(2)))
    biases = (bias, *(-s.b + face * s.tau for s in slabs for face in (1, -1)))
    output = (1, *(face * sign for _ in slabs for face in (1, -1)))
    layers = Layer(weights, biases, "threshold"), Layer((output,), (0,), "identity")
    return Network(layers, exact.id, scale)


def baum_exact_network(
    points: Points, labels: tuple, scale: tuple[int, ...] | None = None, rng: Any = 0
) -> Network:
    """Return a network, verified, with min(2 ceil(n_min / d), ceil(n / d)) threshold units, weights +1 and -1.

    points : distinct integer points. labels : 0 or 1; 0 units if all are 0, one if all are 1. scale : the grid of
    the points, default 1. rng : seed or numpy Generator, for the search of a facet; not used if slabs suffice.
    Raises HypothesisError if a label is not 0 or 1, or a facet or a group breaks general position.
    Implements bubeck-baum-exact. Source: the count n / d is Baum's (1988), by the abstract of Bubeck et al. (2020);
    this proof is ours.
    """
    baum.require_zero_or_one(labels)
    return exact_network(points, labels, scale or (1,) * len(points[0]), rng).verified(points, labels)


@dataclass(frozen=True)
class Problem(baum.Problem):
    """Points with labels, to be memorized."""

    @property
    def allowed(self) -> int:
        """The theorem's number of units, min(2 ceil(n_min / d), ceil(n / d))."""
        return min(super().allowed, -(-len(self.points) // len(self.points[0])))


def groups_are_isolated(problem: Problem) -> Answer:
    """What the proof uses of general position: of the facet and of each group, with any one further point."""
    try:
        way = plan(problem.points, problem.labels)
    except HypothesisError as error:
        return Counterexample(error.witness)
    return baum.all_isolated((*([way.part.facet.group] if way.part else []), *way.groups))


def memorized_with_exact_count(problem: Problem) -> Answer:
    return baum.memorized_by_units(problem, exact_network, exact.hypotheses.values())


exact = Claim(
    "bubeck-baum-exact",
    hypotheses={
        "labels in {0, 1}": baum.labels_are_zero_or_one,
        "both labels occur": baum.both_labels_occur,
        "the groups are isolated": groups_are_isolated,
    },
    conclusion=memorized_with_exact_count,
)
