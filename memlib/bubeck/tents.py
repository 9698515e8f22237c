"""Fewer ReLUs for real labels: a tent, three for d labels of one sign; a cliff on a facet, two for d labels.

Points are tuples of Python ints, labels ints or Fractions; everything is exact.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from memlib.bubeck.baum import Group, Points, hyperplane_through
from memlib.bubeck.facets import in_general_position
from memlib.bubeck.hull import REMEDY, Facet, Normal, peel
from memlib.bubeck.relu import (
    Problem,
    groups_are_isolated,
    largest_delta,
    obstacle,
    power_of_two_below,
    shortened,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import affine_dependency, affine_fit, dot, kernel, lifted, values
from memlib.network import Layer, Network
from memlib.points import HypothesisError, names

Affine = tuple[tuple[int, ...], int, int]  # (v, c, q): the function (v.x - c) / q
Unit = tuple[tuple[int, ...], int, Fraction]  # a ReLU: integer weights and bias, output weight

# --- bubeck-tent ---


@dataclass(frozen=True)
class Tent:
    """The numbers s and L of a tent; or sympy expressions, with s, L, s + L and s - L of known sign."""

    s: Any
    L: Any

    @property
    def value(self) -> Any:
        """psi(s + L) - 2 psi(s) + psi(s - L): three ReLUs."""
        return psi(self.s + self.L) - 2 * psi(self.s) + psi(self.s - self.L)


def psi(t: Any) -> Any:
    """Return max(t, 0) for a number, or for a sympy expression that is known to be >= 0 or <= 0."""
    if not hasattr(t, "free_symbols"):
        return max(t, 0)
    if t.is_nonnegative is None and t.is_nonpositive is None:
        raise ValueError(f"the sign of {t} is not known")
    return t if t.is_nonnegative else 0


def is_a_tent(tent: Tent) -> Answer:
    """Three ReLUs are max(|L| - |s|, 0): compared with |s| added on both sides, so that letters stay in sight."""
    height, ground = psi(abs(tent.L) - abs(tent.s)), abs(tent.s)
    same = equal(tent.value + ground, height + ground)
    return same or Counterexample(f"the three ReLUs are {tent.value}, not {height}")


tent = Claim("bubeck-tent", conclusion=is_a_tent)


# --- affine functions with prescribed values and short integers ---


def affine_on(group: Group, wanted: tuple) -> Affine:
    """Return the affine function of least slope |v| with these values at the members: bubeck-affine-fit.

    Measured from a member x_0, a function is v.(x - x_0) - c with c = -(its value at x_0), which is given. So the
    fit of least |v|^2 + c^2 is the one of least slope. Raises HypothesisError if the members are dependent.
    """
    start = group.rows[0]
    moved = [tuple(a - b for a, b in zip(x, start, strict=True)) for x in group.rows]
    try:
        v, c, q = affine_fit(moved, wanted)
    except ValueError:
        dependent = [group.members[k] for k in affine_dependency(group.rows) or ()]
        raise HypothesisError(
            "general position", f"{names(dependent)} are affinely dependent", REMEDY
        ) from None
    return v, c + dot(v, start), q


def short_affine_on(group: Group, wanted: tuple, normal: Normal) -> Affine:
    """Return `affine_on` plus a small multiple of u.x - b that cancels most of its denominator.

    If its denominator divides the new one, nothing was gained, and it stays as it is.

    normal : (u, b), primitive, with u.x = b at the members. No value at a point moves by more than half of the
    largest |wanted|.
    """
    plain = affine_on(group, wanted)
    far = max(abs(s) for (s,) in values(group.points, [normal]))
    short = shortened(plain, normal, reach=Fraction(far) / max(abs(Fraction(z)) for z in wanted))
    return plain if short[2] % plain[2] == 0 else short


def at_points(points: Points, l: Affine) -> list[Fraction]:
    v, c, q = l
    return [Fraction(a, q) for (a,) in values(points, [(*v, c)])]


def unit(a: Fraction, s: Normal, shift: Fraction, slope: Fraction, l: Affine) -> Unit:
    """Return a * psi(s + shift + slope * l) as a ReLU with integer weights: M psi(t) = psi(M t)."""
    v, c, q = l
    slope = slope * Fraction(1, q)
    M = lcm(shift.denominator, slope.denominator)
    tilt = int(M * slope)
    *w, b = (M * p + tilt * r for p, r in zip(s, (*v, c), strict=True))
    return tuple(w), int(M * shift) - b, a * Fraction(1, M)


def network_of(units: Iterable[Unit], scale: tuple[int, ...], theorem: str) -> Network:
    """Return the sum of the units: one hidden layer of ReLUs, an output without bias."""
    units = tuple(units)
    if not units:
        return Network((Layer(((0,) * len(scale),), (0,), "identity"),), theorem, scale)
    weights, biases, out = zip(*units, strict=True)
    common = lcm(*(a.denominator for a in out))
    last = Layer((tuple(int(a * common) for a in out),), (0,), "identity")
    return Network((Layer(weights, biases, "relu"), last), theorem, scale, output_scale=common)


# --- bubeck-relu-3 ---


@dataclass(frozen=True)
class Ridge:
    """Three ReLUs for a group: the tent of s = u.x - b and delta l, divided by delta."""

    group: Group
    u: tuple[int, ...]
    b: int
    l: Affine
    delta: Fraction

    @property
    def widest(self) -> Fraction:
        """delta*, the least |s_j| / |l_j| over the strangers with l_j != 0; 1 if there is none."""
        v, c, q = self.l
        at = values(self.group.points, [(*self.u, self.b), (*v, c)])
        out = [at[j] for j in self.group.strangers if at[j][1]]
        return largest_delta([s for s, _ in out], [l for _, l in out], Fraction(0), q)

    def values(self) -> list[Fraction]:
        """The tent at every point, by its three ReLUs."""
        s, l = values(self.group.points, [(*self.u, self.b)]), at_points(self.group.points, self.l)
        return [
            Tent(t, self.delta * z).value * (Fraction(1) / self.delta) for (t,), z in zip(s, l, strict=True)
        ]

    def units(self) -> list[Unit]:
        pairs = ((1, self.delta), (-2, Fraction(0)), (1, -self.delta))
        return [
            unit(a * (Fraction(1) / self.delta), (*self.u, self.b), Fraction(0), slope, self.l)
            for a, slope in pairs
        ]


def ridge_on(group: Group, wanted: tuple) -> Ridge:
    """Return three ReLUs that are |wanted| on the group and 0 at every stranger; delta is a power of two.

    wanted : values at the members, not all 0. Raises HypothesisError as `hyperplane_through` and `affine_on` do.
    """
    u, b = hyperplane_through(group)
    ridge = Ridge(group, u, b, short_affine_on(group, wanted, (*u, b)), Fraction(1))
    return Ridge(group, u, b, ridge.l, power_of_two_below(ridge.widest))


def ridges(problem: Problem) -> list[Ridge]:
    """Return one ridge for every group that has a label other than 0; they sum to the |labels|."""
    return [ridge_on(group, wanted) for group, wanted in problem.shares if any(wanted)]


@dataclass(frozen=True)
class TentProblem(Problem):
    """Points with real labels, to be memorized by tents."""

    @property
    def sign(self) -> int:
        """-1 if no label is positive, else 1: the labels are memorized up to this sign."""
        return 1 if max(self.labels) > 0 else -1

    @property
    def shift(self) -> Fraction:
        """C, the least number >= 0 for which sign * label + C >= 0 for all labels."""
        sign = self.sign
        return max(-Fraction(sign * y) for y in (*self.labels, 0))

    @property
    def lifted(self) -> Problem:
        """The problem with the labels sign * y + C, none of them negative."""
        sign, C = self.sign, self.shift
        return Problem(self.points, tuple(sign * Fraction(y) + C for y in self.labels))

    @property
    def allowed(self) -> int:
        """The theorem's number of units, 3 ceil(n / d), and 1 more if labels of both signs occur."""
        mixed = min(self.labels) < 0 < max(self.labels)
        return 3 * -(-len(self.points) // len(self.points[0])) + mixed


def tent_network(problem: TentProblem, scale: tuple[int, ...], rng: Any = None) -> Network:
    """Return the network of the proof: sign * (ridges of the lifted problem - C)."""
    C, d, sign = problem.shift, len(scale), problem.sign
    units = [unit for ridge in ridges(problem.lifted) for unit in ridge.units()]
    if C:
        units.append(((0,) * d, C.numerator, Fraction(-1, C.denominator)))
    return network_of(((w, b, sign * a) for w, b, a in units), scale, three_relus.id)


def relu_3_network(
    points: Points, labels: tuple, scale: tuple[int, ...] | None = None, rng: Any = None
) -> Network:
    """Return at most 3 ceil(n / d) + 1 ReLU units with f(x_i) = y_i, verified.

    points : integer points in general position. labels : ints or Fractions; if none is negative, or none
    positive, one unit less. scale : the grid of the points, default 1. rng : not used. Raises HypothesisError
    where a hyperplane through a group cannot miss the strangers, or a group is affinely dependent.
    Implements bubeck-relu-3, a sharpening of Bubeck, Eldan, Lee, Mikulincer (2020), Proposition 4; ours.
    """
    return tent_network(TentProblem(points, labels), scale or (1,) * len(points[0])).verified(points, labels)


# --- bubeck-relu-2 ---


@dataclass(frozen=True)
class Cliff:
    """Two ReLUs for the group of a step: the gate at s + tau that passes l."""

    step: Facet
    l: Affine
    delta: Fraction
    tau: Fraction

    @cached_property
    def carried(self) -> list[Fraction]:
        """l for every point."""
        return at_points(self.step.group.points, self.l)

    def values(self) -> list[Fraction]:
        """The gate at every point, by its two ReLUs, in integers: M psi(t) = psi(M t)."""
        v, c, q = self.l
        slope = self.delta * Fraction(1, q)
        M = lcm(self.tau.denominator, slope.denominator)
        shift, tilt, out = int(M * self.tau), int(M * slope), 1 / Fraction(M * self.delta)
        at = values(self.step.group.points, [(*self.step.u, self.step.b), (*v, c)])
        below = [M * s + shift for s, _ in at]
        rises = [psi(t + tilt * l) - psi(t) for t, (_, l) in zip(below, at, strict=True)]
        return [rise * out if rise else Fraction(0) for rise in rises]

    def units(self) -> list[Unit]:
        s, out = (*self.step.u, self.step.b), Fraction(1) / self.delta
        return [unit(out, s, self.tau, self.delta, self.l), unit(-out, s, self.tau, Fraction(0), self.l)]


def cliff_on(step: Facet, later: Iterable[int], wanted: tuple, short: bool = True) -> Cliff:
    """Return two ReLUs that are `wanted` on the group of the step and 0 at the later points.

    wanted : values at the members, not all 0. delta : the largest power of two with (tau + delta |l|) <= |s| at
    the later points, tau = delta max |wanted|; 1 if there are none. short : keep the denominator of l short.
    Raises HypothesisError if the members are affinely dependent.
    """
    group, later = step.group, tuple(later)
    most = max(abs(Fraction(z)) for z in wanted)
    normal = (*step.u, step.b) if any(step.u) else kernel(lifted(group.rows))[0]
    l = short_affine_on(group, wanted, normal) if short else affine_on(group, wanted)
    at = values(group.points, [(*step.u, step.b), (*l[0], l[1])])
    bound = largest_delta([at[j][0] for j in later], [at[j][1] for j in later], most, l[2])
    delta = power_of_two_below(bound)
    return Cliff(step, l, delta, tau=delta * most)


def with_borrowed_points(steps: tuple[Facet, ...]) -> tuple[Facet, ...]:
    """Return the steps with d points in the last group: it borrows from the group before, if it stays independent.

    On d points one hyperplane is left, by which the denominator of l is kept short.
    """
    if len(steps) < 2:
        return steps
    *_, before, last = (step.group for step in steps)
    filled = Group(last.points, (*before.members, *last.members)[-len(before.members) :])
    if affine_dependency(filled.rows) is not None:
        return steps
    return (*steps[:-1], Facet(filled, steps[-1].u, steps[-1].b))


def back_substitution(steps: tuple[Facet, ...], labels: tuple, short: bool = True) -> list[Cliff]:
    """Return the cliffs, last group first: each carries what its group still lacks. None where nothing lacks."""
    lacks = [Fraction(y) for y in labels]
    cliffs, later = list[Cliff](), set[int]()
    for step in reversed(with_borrowed_points(steps)):
        members = step.group.members
        wanted = tuple(lacks[i] for i in members)
        if any(wanted):
            cliff = cliff_on(step, sorted(later.difference(members)), wanted, short)
            cliffs.append(cliff)
            lacks = [r - v if v else r for r, v in zip(lacks, cliff.values(), strict=True)]
        later.update(members)
    return cliffs


@dataclass(frozen=True)
class FacetProblem(Problem):
    """Points with real labels, to be memorized facet by facet."""

    @property
    def allowed(self) -> int:
        """The theorem's number of units, 2 ceil(n / d)."""
        return 2 * -(-len(self.points) // len(self.points[0]))


def facet_network(problem: Problem, scale: tuple[int, ...], rng: Any = 0, short: bool = True) -> Network:
    """Return the network of the proof: two ReLUs for every group of the peeling order that still lacks something."""
    steps = peel(problem.points, rng) if any(problem.labels) else ()
    units = [unit for cliff in back_substitution(steps, problem.labels, short) for unit in cliff.units()]
    return network_of(units, scale, two_relus.id)


def relu_2_network(
    points: Points, labels: tuple, scale: tuple[int, ...] | None = None, rng: Any = 0
) -> Network:
    """Return at most 2 ceil(n / d) ReLU units with f(x_i) = y_i, verified.

    points : integer points in general position. labels : ints or Fractions. scale : the grid of the points,
    default 1. rng : seed or numpy Generator, for the search of facets. Raises HypothesisError, naming the points,
    where a facet or the last group breaks general position.
    Implements bubeck-relu-2, a sharpening of Bubeck, Eldan, Lee, Mikulincer (2020), Proposition 4; ours.
    """
    net = facet_network(FacetProblem(points, labels), scale or (1,) * len(points[0]), rng)
    return net.verified(points, labels)


def parallel_cliffs(problem: Problem) -> list[Cliff]:
    """Return the cliffs of the same back substitution with parallel cuts, by the first coordinate, for comparison.

    Groups of d + 1 points in the order of their first coordinate, s = 2 x_1 - (a + b) between the neighbours a
    and b of a cut: s > 0 on the group and < 0 on the later ones, and tau = 0. The idea of madden-relu-exact.
    Raises HypothesisError where two first coordinates agree, or a group is affinely dependent.
    """
    points, d = problem.points, len(problem.points[0])
    order = sorted(range(len(points)), key=lambda i: -points[i][0])
    lacks, cliffs = [Fraction(y) for y in problem.labels], list[Cliff]()
    for start in reversed(range(0, len(order), d + 1)):
        rest = order[start:]
        members, later = tuple(rest[: d + 1]), rest[d + 1 :]
        lowest = points[members[-1]][0]
        below = points[later[0]][0] if later else lowest - 2
        if below == lowest:
            raise HypothesisError(
                "distinct first coordinates", f"{names([members[-1], later[0]])} agree", "Turn the data."
            )
        step = Facet(Group(points, members), (2,) + (0,) * (d - 1), lowest + below)
        l = affine_on(step.group, tuple(lacks[i] for i in members))
        at, s = at_points(points, l), step.offsets
        guarded = [j for j in rest if at[j]]
        delta = largest_delta([s[j] for j in guarded], [at[j] for j in guarded], Fraction(0))
        cliffs.append(Cliff(step, l, power_of_two_below(delta), Fraction(0)))
        lacks = [r - v for r, v in zip(lacks, cliffs[-1].values(), strict=True)]
    return cliffs


# --- the two theorems as claims ---


def adds_up(parts: Iterable[Ridge | Cliff], problem: Problem) -> Answer:
    """The sum of the parts is the label at every point."""
    columns = [part.values() for part in parts]
    for j, label in enumerate(problem.labels):
        value = sum(column[j] for column in columns)
        if value != label:
            return Counterexample(f"the sum is {value} at point {j}, not {label}")
    return True


def failure_of(build: Callable[..., Network], problem: Problem) -> str | None:
    """Return in words how the network that `build` makes falls short of the problem's theorem, or None."""
    try:
        net = build(problem, (1,) * len(problem.points[0]))
    except HypothesisError as error:
        return f"the construction refuses: {error.witness}"
    if net.hidden_neurons > problem.allowed:
        return f"the network has {net.hidden_neurons} units, not {problem.allowed}"
    *hidden, last = net.layers
    linear = (last.activation, last.biases) == ("identity", (0,))
    if [layer.activation for layer in hidden] not in ([], ["relu"]) or not linear:
        return "the network is not one layer of ReLU units with a linear output without bias"
    wrong = [j for j, v in enumerate(net.at_integers(problem.points)) if v != problem.labels[j]]
    return f"the network fails at point {wrong[0]}" if wrong else None


def memorized(build: Callable[..., Network], holds: Callable[[Any], Answer], problem: Problem) -> Answer:
    """A ReLU network with the theorem's count of units, linear output and no output bias memorizes the labels.

    Where the construction `build` fails outside the hypothesis, another network might exist: then an obstacle to
    every network must be found.
    """
    failure = failure_of(build, problem)
    if failure is None:
        return True
    if holds(problem):
        return Counterexample(failure)
    reason = obstacle(problem)
    if reason is None:
        raise ValueError(f"{failure}; whether another network exists cannot be decided here")
    return Counterexample(reason)


def memorized_by_tents(problem: TentProblem) -> Answer:
    return memorized(tent_network, groups_are_isolated, problem)


def points_are_general(problem: Problem) -> Answer:
    """General position: of all subsets for few points, else of each facet with every point still there."""
    return in_general_position(problem.points)


def memorized_by_cliffs(problem: FacetProblem) -> Answer:
    return memorized(facet_network, points_are_general, problem)


three_relus = Claim(
    "bubeck-relu-3",
    hypotheses={"the groups are isolated": groups_are_isolated},
    conclusion=memorized_by_tents,
)
two_relus = Claim(
    "bubeck-relu-2",
    hypotheses={"general position where it is used": points_are_general},
    conclusion=memorized_by_cliffs,
)
