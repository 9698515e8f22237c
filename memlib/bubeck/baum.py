"""Baum's threshold network: a hyperplane through d points, a thin slab around it, one slab a group.

Points are tuples of Python ints; everything is exact.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import (
    affine_dependency,
    in_affine_hull,
    kernel,
    lifted,
    moment_vector,
    primitive,
    values,
)
from memlib.network import Layer, Network
from memlib.points import HypothesisError, names
from memlib.search import few, memorized_by

Points = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Group:
    """Some of the points, by their indices."""

    points: Points
    members: tuple[int, ...]

    @property
    def rows(self) -> Points:
        return tuple(self.points[i] for i in self.members)

    @cached_property
    def strangers(self) -> tuple[int, ...]:
        """The indices of the points outside the group."""
        inside = set(self.members)
        return tuple(j for j in range(len(self.points)) if j not in inside)


@dataclass(frozen=True)
class Slab:
    """The slab b - tau <= u.x < b + tau around a hyperplane of a group."""

    group: Group
    u: tuple[int, ...]
    b: int
    tau: int

    @cached_property
    def offsets(self) -> list[int]:
        """u.x - b for every point."""
        return [v for (v,) in values(self.group.points, [(*self.u, self.b)])]

    @property
    def gap(self) -> int:
        """Least |u.x - b| over the strangers; 2 tau if there is none."""
        s = self.offsets
        return min((abs(s[j]) for j in self.group.strangers), default=2 * self.tau)

    def values(self) -> list[int]:
        """[u.x >= b - tau] - [u.x >= b + tau] for every point: the difference of two threshold units."""
        return [int(s + self.tau >= 0) - int(s - self.tau >= 0) for s in self.offsets]


# --- bubeck-def-general-position ---


def every_subset_is_independent(points: Points) -> Answer:
    """Every subset of at most d + 1 points is affinely independent; reads all of them, so for few points."""
    size = min(len(points), len(points[0]) + 1)
    for subset in combinations(range(len(points)), size):
        dependent = affine_dependency([points[i] for i in subset])
        if dependent is not None:
            return Counterexample(f"{names([subset[i] for i in dependent])} are affinely dependent")
    return True


general_position = Claim("bubeck-def-general-position", conclusion=every_subset_is_independent)


# --- bubeck-hyperplane ---


def hyperplane_through(group: Group) -> tuple[tuple[int, ...], int]:
    """Return primitive integers (u, b): a hyperplane u.x = b through the group that misses every stranger.

    Through d affinely independent points there is only one. For fewer, the normals form a space of dimension
    two or more; each stranger excludes a proper subspace of it, and a point of the moment curve avoids all.
    Raises HypothesisError, naming a stranger, if every hyperplane through the group contains it.
    """
    normals = kernel(lifted(group.rows))
    strangers = group.strangers
    if not normals:
        raise HypothesisError(
            "a group has at most d points", f"{names(group.members)} span the space", "Split it."
        )
    at = values(group.points, normals)
    avoid = [at[j] for j in strangers] or [[1] * len(normals)]
    caught = [strangers[k] for k, w in enumerate(avoid) if not any(w)]
    if caught:
        raise HypothesisError(
            "general position",
            f"every hyperplane through the group of {names(group.members)} also contains {names(caught)}",
            f"Project to fewer than {len(group.points[0])} dimensions: memorize(..., project_to=e).",
        )
    mix = moment_vector(avoid)
    *u, b = primitive(
        [sum(c * v[k] for c, v in zip(mix, normals, strict=True)) for k in range(len(normals[0]))]
    )
    return tuple(u), b


def at_most_d_members(group: Group) -> Answer:
    d = len(group.points[0])
    return len(group.members) <= d or Counterexample(f"{len(group.members)} points in dimension {d}")


def independent_with_every_stranger(group: Group) -> Answer:
    """The group is isolated: affinely independent, alone and together with any one further point."""
    dependent = affine_dependency(group.rows)
    if dependent is not None:
        return Counterexample(f"{names([group.members[i] for i in dependent])} are affinely dependent")
    hull = in_affine_hull(group.rows, [group.points[j] for j in group.strangers])
    if hull:
        return Counterexample(f"point {group.strangers[hull[0]]} lies in the affine hull of the group")
    return True


def one_hyperplane_that_misses_the_rest(group: Group) -> Answer:
    normals = kernel(lifted(group.rows))
    if not normals:
        return Counterexample("no hyperplane contains the group, whose lifted points are independent")
    if len(group.members) == len(group.points[0]) and len(normals) > 1:
        return Counterexample(f"the hyperplanes through the group form a space of dimension {len(normals)}")
    try:
        u, b = hyperplane_through(group)
    except HypothesisError as error:
        return Counterexample(error.witness)
    s = [v for (v,) in values(group.points, [(*u, b)])]
    if not any(u) or any(s[i] for i in group.members) or not all(s[j] for j in group.strangers):
        return Counterexample("the hyperplane misses a member or contains a stranger")
    return True


hyperplane = Claim(
    "bubeck-hyperplane",
    hypotheses={
        "the group has at most d points": at_most_d_members,
        "the group is isolated": independent_with_every_stranger,
    },
    conclusion=one_hyperplane_that_misses_the_rest,
)


# --- bubeck-baum-slab ---


def slab_around(group: Group) -> Slab:
    """Return the slab of half the gap around a hyperplane of the group, in integers.

    A gap of 1 leaves no integer 0 < tau < gap: then (u, b), and with it the gap, is doubled.
    """
    u, b = hyperplane_through(group)
    gap = Slab(group, u, b, tau=1).gap
    if gap == 1:
        u, b, gap = tuple(2 * c for c in u), 2 * b, 2
    return Slab(group, u, b, tau=gap // 2)


def passes_through_group(slab: Slab) -> Answer:
    s = slab.offsets
    missed = [i for i in slab.group.members if s[i]]
    return not missed or Counterexample(f"the hyperplane misses member {missed[0]}")


def thinner_than_gap(slab: Slab) -> Answer:
    if slab.tau <= 0:
        return Counterexample("tau is not positive")
    return slab.tau < slab.gap or not slab.group.strangers or Counterexample("tau is not below the gap")


def is_indicator_of_group(slab: Slab) -> Answer:
    inside = set(slab.group.members)
    for j, value in enumerate(slab.values()):
        if value != int(j in inside):
            place = "in" if j in inside else "outside"
            return Counterexample(f"the slab is {value} at point {j}, {place} the group")
    return True


slab = Claim(
    "bubeck-baum-slab",
    hypotheses={
        "the hyperplane passes through the group": passes_through_group,
        "0 < tau < gap": thinner_than_gap,
    },
    conclusion=is_indicator_of_group,
)


# --- bubeck-baum-threshold ---


def groups(points: Points, labels: tuple) -> tuple[Group, ...]:
    """Split the points of the rarer label, in their order, into groups of at most d."""
    ones = [i for i, label in enumerate(labels) if label == 1]
    zeros = [i for i, label in enumerate(labels) if label != 1]
    rarer, d = (ones if len(ones) <= len(zeros) else zeros), len(points[0])
    return tuple(Group(points, tuple(rarer[k : k + d])) for k in range(0, len(rarer), d))


def slab_network(points: Points, labels: tuple, scale: tuple[int, ...]) -> Network:
    """Return the network of the proof: one slab a group of the rarer label, output weights +1 and -1."""
    slabs = [slab_around(group) for group in groups(points, labels)]
    weights = [s.u for s in slabs for _ in range(2)]
    biases = [-s.b + sign * s.tau for s in slabs for sign in (1, -1)]
    output = [sign for _ in slabs for sign in (1, -1)]
    nothing = (0,) * len(scale)
    if 2 * sum(labels) > len(
        labels
    ):  # the rarer label is 0: the output is 1 - sum, its constant goes into a unit
        output = [-sign for sign in output]
        if slabs:  # 1 - [h >= 0] = [-h - 1 >= 0] for an integer h
            weights[0], biases[0], output[0] = tuple(-c for c in weights[0]), -biases[0] - 1, 1
        else:
            weights, biases, output = [nothing], [0], [1]
    if not weights:
        return Network((Layer((nothing,), (0,), "identity"),), "bubeck-baum-threshold", scale)
    first = Layer(tuple(weights), tuple(biases), "threshold")
    return Network((first, Layer((tuple(output),), (0,), "identity")), "bubeck-baum-threshold", scale)


def require_zero_or_one(labels: tuple) -> None:
    """Raise HypothesisError, naming a point, unless every label is 0 or 1."""
    foreign = [i for i, label in enumerate(labels) if label not in (0, 1)]
    if foreign:
        raise HypothesisError(
            "labels are 0 or 1",
            f"point {foreign[0]} has the label {labels[foreign[0]]}",
            "Build one detector a class: y = memlib.data.indicator(y, label).",
        )


def baum_network(
    points: Points, labels: tuple, scale: tuple[int, ...] | None = None, rng: Any = None
) -> Network:
    """Return Baum's network, verified: 2 ceil(n_min / d) threshold units, one output with weights +1 and -1.

    points : distinct integer points. labels : 0 or 1. scale : the grid of the points, default 1. rng : not used.
    Raises HypothesisError if a label is not 0 or 1, or a hyperplane through a group cannot miss the strangers.
    Implements bubeck-baum-threshold. Source: Baum (1988); slabs as in lecture notes, this count is ours.
    """
    require_zero_or_one(labels)
    return slab_network(points, labels, scale or (1,) * len(points[0])).verified(points, labels)


@dataclass(frozen=True)
class Problem:
    """Points with labels, to be memorized."""

    points: Points
    labels: tuple[int | Fraction, ...]

    @property
    def allowed(self) -> int:
        """The theorem's number of units, 2 ceil(n_min / d)."""
        ones = sum(label == 1 for label in self.labels)
        return 2 * -(-min(ones, len(self.labels) - ones) // len(self.points[0]))


def labels_are_zero_or_one(problem: Problem) -> Answer:
    foreign = [v for v in problem.labels if v not in (0, 1)]
    return not foreign or Counterexample(f"there is a label {foreign[0]}")


def both_labels_occur(problem: Problem) -> Answer:
    return len(set(problem.labels)) > 1 or Counterexample(f"every label is {problem.labels[0]}")


def all_isolated(groups: Iterable[Group]) -> Answer:
    for group in groups:
        answer = independent_with_every_stranger(group)
        if not answer:
            return answer
    return True


def groups_are_isolated(problem: Problem) -> Answer:
    return all_isolated(groups(problem.points, problem.labels))


def failure_of(build: Callable[..., Network], problem: Problem) -> str | None:
    """Return in words how the network that `build` makes falls short of the problem's theorem, or None."""
    try:
        net = build(problem.points, problem.labels, (1,) * len(problem.points[0]))
    except HypothesisError as error:
        return f"the construction refuses: {error.witness}"
    if net.hidden_neurons != problem.allowed:
        return f"the network has {net.hidden_neurons} units, not {problem.allowed}"
    *hidden, last = net.layers
    if [layer.activation for layer in hidden] not in ([], ["threshold"]) or last.activation != "identity":
        return "the network is not one layer of threshold units with a linear output"
    signs = [w for _, _, w in last.entries]
    no_signs = bool(hidden) and (len(signs) < last.inputs or not set(signs) <= {1, -1})
    if net.output_scale != 1 or last.biases != (0,) or no_signs:
        return "an output weight is not +1 or -1, or there is an output bias"
    wrong = [j for j, v in enumerate(net.at_integers(problem.points)) if v != problem.labels[j]]
    return f"the network fails at point {wrong[0]}" if wrong else None


def memorized_by_units(
    problem: Problem, build: Callable[..., Network], hypotheses: Iterable[Callable[[Problem], Answer]]
) -> Answer:
    """A threshold network with the theorem's count of units and output weights +-1 memorizes the labels.

    Where the construction `build` fails outside the theorem's hypotheses, another network might exist: that is
    decided by exhaustion over all networks with that count, which takes a handful of points at most.
    """
    units = problem.allowed
    for v in problem.labels:
        if v.denominator != 1 or not -units <= v <= units:
            return Counterexample(f"{units} units with output weights +-1 never sum to {v}")
    failure = failure_of(build, problem)
    if failure is None:
        return True
    if all(holds(problem) for holds in hypotheses):
        return Counterexample(failure)
    if memorized_by(few(problem.points), problem.labels, units) is not None:
        return True
    return Counterexample(f"no network with {units} units memorizes, by exhaustive search")


def memorized_within_count(problem: Problem) -> Answer:
    """The slab network, or another one, has the theorem's count, which is at most n / d, rounded up, plus 1."""
    units, n, d = problem.allowed, len(problem.points), len(problem.points[0])
    if units > -(-n // d) + 1:
        return Counterexample(f"{units} units are more than n / d, rounded up, plus 1")
    return memorized_by_units(problem, slab_network, threshold.hypotheses.values())


threshold = Claim(
    "bubeck-baum-threshold",
    hypotheses={
        "labels in {0, 1}": labels_are_zero_or_one,
        "both labels occur": both_labels_occur,
        "the groups are isolated": groups_are_isolated,
    },
    conclusion=memorized_within_count,
)
