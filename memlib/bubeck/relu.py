"""Real labels: two ReLUs make a gate, two gates a slab that carries an affine function, one such slab d labels.

Points are tuples of Python ints, labels ints or Fractions; everything is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement
from math import lcm
from typing import Any

from memlib.bubeck.baum import Group, Points, hyperplane_through, independent_with_every_stranger
from memlib.bubeck.n_neurons import positive, quotient, relu
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import affine_dependency, affine_fit, bezout, dot, lifted, rank, rank_mod, values
from memlib.network import Layer, Network
from memlib.points import HypothesisError, names
from memlib.search import Pattern, fewest_bends, unit_patterns

# --- bubeck-derivative-neuron ---


@dataclass(frozen=True)
class Gate:
    """The values s and l of two affine functions at a point, and delta: numbers, or sympy expressions of known sign."""

    s: Any
    l: Any
    delta: Any

    @property
    def value(self) -> Any:
        """(psi(s + delta l) - psi(s)) / delta: two ReLUs."""
        return quotient(relu(self.s + self.delta * self.l) - relu(self.s), self.delta)


def delta_is_positive(gate: Gate) -> Answer:
    return positive(gate.delta) or Counterexample(f"delta is {gate.delta}")


def wide_enough(gate: Gate) -> Answer:
    short = gate.delta * abs(gate.l) - abs(gate.s)
    return not positive(short) or Counterexample(f"delta |l| exceeds |s| by {short}")


def passes_where_s_is_positive(gate: Gate) -> Answer:
    if equal(gate.delta, 0):
        return Counterexample("there is no quotient")
    passed = gate.l if positive(gate.s) else 0
    return equal(gate.value, passed) or Counterexample(f"the gate is {gate.value}, not {passed}")


gate = Claim(
    "bubeck-derivative-neuron",
    hypotheses={"delta > 0": delta_is_positive, "|s| >= delta |l|": wide_enough},
    conclusion=passes_where_s_is_positive,
)


# --- bubeck-relu-4 ---


@dataclass(frozen=True)
class Bump:
    """Four ReLUs for a group: the gates at s + tau and at s - tau, s = u.x - b, both passing l = (v.x - c) / q."""

    group: Group
    u: tuple[int, ...]
    b: int
    v: tuple[int, ...]
    c: int
    q: int
    delta: Fraction
    tau: Fraction

    @cached_property
    def offsets(self) -> list[int]:
        """s for every point."""
        return [s for (s,) in values(self.group.points, [(*self.u, self.b)])]

    @cached_property
    def carried(self) -> list[Fraction]:
        """l for every point."""
        return [Fraction(l, self.q) for (l,) in values(self.group.points, [(*self.v, self.c)])]

    def values(self) -> list[Fraction]:
        """The difference of the two gates at every point."""
        return [
            Gate(s + self.tau, l, self.delta).value - Gate(s - self.tau, l, self.delta).value
            for s, l in zip(self.offsets, self.carried, strict=True)
        ]

    def units(self) -> list[tuple[tuple[int, ...], int, Fraction]]:
        """The four ReLUs in integers: weights, bias, output weight; M psi(t) = psi(M t) clears denominators."""
        step = self.delta * Fraction(1, self.q)
        M = lcm(step.denominator, self.tau.denominator)
        out = 1 / Fraction(self.delta * M)
        units = []
        for gate, edge in ((1, self.tau), (-1, -self.tau)):
            for sign, slope in ((1, int(step * M)), (-1, 0)):
                weights = tuple(M * a + slope * w for a, w in zip(self.u, self.v, strict=True))
                units.append((weights, int(M * edge) - M * self.b - slope * self.c, gate * sign * out))
        return units


def largest_delta(s: list[int], l: Sequence[Any], most: Fraction, q: int = 1) -> Fraction:
    """Return the bound of (E): the least |s_j| / (|l_j / q| + most) over the strangers; 1 if there is none."""
    if not s:
        return Fraction(1)
    a, b = most.as_integer_ratio()
    rise, run = abs(s[0]), abs(l[0]) * b + a * q  # the bound, divided by b q
    for height, value in zip(s[1:], l[1:], strict=True):
        wide = abs(value) * b + a * q
        if abs(height) * run < rise * wide:
            rise, run = abs(height), wide
    return Fraction(rise * b * q, run)


def power_of_two_below(x: Fraction) -> Fraction:
    """Return the largest 2**e <= x, for x > 0."""
    e = x.numerator.bit_length() - x.denominator.bit_length()
    power = Fraction(1 << e) if e >= 0 else Fraction(1, 1 << -e)
    return power if power <= x else power * Fraction(1, 2)


def shortened(fit: tuple, normal: tuple[int, ...], reach: Fraction) -> tuple[tuple[int, ...], int, int]:
    """Return a fit l + t s with a short denominator and |t| * reach <= 1/2, s = u.x - b, normal = (u, b) primitive.

    s vanishes on the group, so l + t s takes the same values there. Choose integers e with e.(u, b) = 1 and t so
    that e.(l + t s) becomes a multiple of 2**-k. If the group has d points, l + t s is then the solution of an
    integer system whose right side has the denominators of the labels and 2**k, and whose determinant, up to sign
    the gcd of the d x d minors of the group, is small as a rule. Measured, n = 500, d = 50, labels in tenths: the
    common denominator of the output has 613 bits, without this step 12552.
    """
    v, c, q = fit
    e = bezout(normal)
    grid = 1 << max(0, int(reach).bit_length())
    at = Fraction(dot(e, (*v, c)), q)
    t = Fraction(round(at * grid), grid) - at
    z = [Fraction(w, q) + t * a for w, a in zip((*v, c), normal, strict=True)]
    common = lcm(*(w.denominator for w in z))
    *v, c = (int(w * common) for w in z)
    return tuple(v), c, common


def bump_on(group: Group, wanted: tuple) -> Bump:
    """Return the four ReLUs that are `wanted` on the group and 0 at every stranger: (E) with a power of two.

    wanted : values at the members, not all 0. Raises HypothesisError as `hyperplane_through` does, and if the
    members are affinely dependent.
    """
    u, b = hyperplane_through(group)
    members, strangers = group.members, group.strangers
    try:
        fit = affine_fit(group.rows, wanted)
    except ValueError:
        dependent = affine_dependency(group.rows) or ()
        raise HypothesisError(
            "general position",
            f"{names([members[i] for i in dependent])} are affinely dependent",
            f"Project to fewer than {len(group.points[0])} dimensions: memorize(..., project_to=e).",
        ) from None
    s = [v for (v,) in values(group.points, [(*u, b)])]
    most = max(abs(Fraction(y)) for y in wanted)
    far = max((abs(s[j]) for j in strangers), default=0)
    v, c, q = shortened(fit, (*u, b), reach=Fraction(far) / most)
    l = [w for (w,) in values(group.points, [(*v, c)])]
    delta = power_of_two_below(largest_delta([s[j] for j in strangers], [l[j] for j in strangers], most, q))
    return Bump(group, u, b, v, c, q, delta, tau=delta * most)


@dataclass(frozen=True)
class Problem:
    """Points with real labels, to be memorized."""

    points: Points
    labels: tuple[int | Fraction, ...]

    @property
    def shares(self) -> list[tuple[Group, tuple]]:
        """The points in their order, d at a time, each group with the values that its bump has to take on it.

        A last group with fewer than d points borrows points of the group before, with the value 0, if the group
        stays isolated: d points have one hyperplane only, which keeps the integers short.
        """
        n, d = len(self.points), len(self.points[0])
        cut = [Group(self.points, tuple(range(k, min(k + d, n)))) for k in range(0, n, d)]
        filled = Group(self.points, tuple(range(max(0, n - d), n)))
        own = set(cut[-1].members)
        if independent_with_every_stranger(filled):
            cut[-1] = filled
        last = tuple(self.labels[i] if i in own else 0 for i in cut[-1].members)
        return [*((g, tuple(self.labels[i] for i in g.members)) for g in cut[:-1]), (cut[-1], last)]

    @property
    def allowed(self) -> int:
        """The theorem's number of units, 4 ceil(n / d)."""
        return 4 * -(-len(self.points) // len(self.points[0]))


def bumps(problem: Problem) -> list[Bump]:
    """Return one bump for every group that has a label other than 0."""
    return [bump_on(group, wanted) for group, wanted in problem.shares if any(wanted)]


def network_of(bumps: list[Bump], scale: tuple[int, ...]) -> Network:
    """Return the sum of the bumps: one hidden layer of ReLUs, an output without bias."""
    units = [unit for bump in bumps for unit in bump.units()]
    if not units:
        return Network((Layer(((0,) * len(scale),), (0,), "identity"),), "bubeck-relu-4", scale)
    weights, biases, out = zip(*units, strict=True)
    common = lcm(*(a.denominator for a in out))
    last = Layer((tuple(int(a * common) for a in out),), (0,), "identity")
    return Network((Layer(weights, biases, "relu"), last), "bubeck-relu-4", scale, output_scale=common)


def relu_4_network(
    points: Points, labels: tuple, scale: tuple[int, ...] | None = None, rng: Any = None
) -> Network:
    """Return at most 4 ceil(n / d) ReLU units with f(x_i) = y_i, verified.

    points : integer points in general position. labels : ints or Fractions. scale : the grid of the points,
    default 1. rng : not used. Raises HypothesisError where a hyperplane through a group cannot miss the
    strangers, or a group is affinely dependent. Implements bubeck-relu-4.
    Source: Bubeck, Eldan, Lee, Mikulincer (2020), Proposition 4; proof reconstructed, the exact delta is ours.
    """
    net = network_of(bumps(Problem(points, labels)), scale or (1,) * len(points[0]))
    return net.verified(points, labels)


def groups_are_isolated(problem: Problem) -> Answer:
    for group, _ in problem.shares:
        answer = independent_with_every_stranger(group)
        if not answer:
            return answer
    return True


def reproduces(bumps: list[Bump], problem: Problem) -> Answer:
    """The sum of the bumps is the label at every point."""
    parts = [bump.values() for bump in bumps]
    for j, label in enumerate(problem.labels):
        value = sum(part[j] for part in parts)
        if value != label:
            return Counterexample(f"the sum is {value} at point {j}, not {label}")
    return True


def failure_of_construction(problem: Problem) -> str | None:
    """Return in words how the network of the proof falls short of the theorem on this problem, or None."""
    try:
        net = network_of(bumps(problem), (1,) * len(problem.points[0]))
    except HypothesisError as error:
        return f"the construction refuses: {error.witness}"
    if net.hidden_neurons > problem.allowed:
        return f"the network has {net.hidden_neurons} units, not {problem.allowed}"
    *hidden, last = net.layers
    if [layer.activation for layer in hidden] not in ([], ["relu"]) or (last.activation, last.biases) != (
        "identity",
        (0,),
    ):
        return "the network is not one layer of ReLU units with a linear output without bias"
    wrong = [j for j, v in enumerate(net.at_integers(problem.points)) if v != problem.labels[j]]
    return f"the network fails at point {wrong[0]}" if wrong else None


def obstacle(problem: Problem) -> str | None:
    """Return in words why no ReLU network with the theorem's count of units memorizes, or None if none is found.

    Two obstacles are known: equal points with different labels, and points of a line, along which a network with
    k units is piecewise linear with at most k bends.
    """
    first: dict = {}
    for j, (x, label) in enumerate(zip(problem.points, problem.labels, strict=True)):
        i = first.setdefault(x, j)
        if problem.labels[i] != label:
            return (
                f"no function is {problem.labels[i]} at point {i} and {label} at point {j}, which is the same"
            )
    if rank(lifted(first)) == 2:
        axis = next(k for k, column in enumerate(zip(*first, strict=True)) if len(set(column)) > 1)
        along = sorted((x[axis], problem.labels[i]) for x, i in first.items())
        bends = fewest_bends(*zip(*along, strict=True))
        if bends > problem.allowed:
            return f"the labels need {bends} bends along the line, and {problem.allowed} units have one each"
    return None


def memorized_by_four_a_group(problem: Problem) -> Answer:
    """A ReLU network with at most 4 ceil(n / d) units, linear output and no output bias memorizes the labels.

    Where the construction fails outside the theorem's hypothesis, another network might exist: then an obstacle
    to every network must be found.
    """
    failure = failure_of_construction(problem)
    if failure is None:
        return True
    if groups_are_isolated(problem):
        return Counterexample(failure)
    reason = obstacle(problem)
    if reason is None:
        raise ValueError(f"{failure}; whether another network exists cannot be decided here")
    return Counterexample(reason)


four_relus = Claim(
    "bubeck-relu-4",
    hypotheses={"the groups are isolated": groups_are_isolated},
    conclusion=memorized_by_four_a_group,
)


# --- bubeck-param-lower-bound ---

#: A prime: the rank modulo P is a lower bound for the rank over the rationals.
P = 2**61 - 1


def span_of(points: Points, patterns: tuple[Pattern, ...]) -> list[tuple[int, ...]]:
    """Return the n x k(d+1) matrix with the entries [unit l is on at x_i] (x_i, 1)."""
    return [
        tuple(on[i] * c for on in patterns for c in (*x, 1))
        for i, x in enumerate(points)
    ]  # fmt: skip


@dataclass(frozen=True)
class Units:
    """ReLU units at points: rows (w, b) of integers, and output weights 1 or -1."""

    points: Points
    rows: Points
    signs: tuple[int, ...]

    @cached_property
    def heights(self) -> list[list[int]]:
        """w.x + b, one list a unit."""
        return [[dot(row, (*x, 1)) for x in self.points] for row in self.rows]

    @property
    def labels(self) -> list[int]:
        """What the network returns at the points."""
        return [
            sum(a * max(h[i], 0) for a, h in zip(self.signs, self.heights, strict=True))
            for i in range(len(self.points))
        ]

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        return tuple(tuple(int(t > 0) for t in h) for h in self.heights)


def fewer_parameters_than_labels(units: Units) -> Answer:
    n, k = len(units.points), len(units.rows)
    parameters = k * (len(units.points[0]) + 1)
    return parameters < n or Counterexample(f"{k} units have {parameters} parameters for {n} labels")


def within_a_proper_subspace(units: Units) -> Answer:
    """The labels are a linear image of the parameters, and the image is not the whole space.

    If its rank is n and no unit is at its kink, small changes of the parameters reach an open set of labels.
    """
    M = span_of(units.points, units.patterns)
    parameters = [a * c for a, row in zip(units.signs, units.rows, strict=True) for c in row]
    if [dot(row, parameters) for row in M] != units.labels:
        return Counterexample("the labels are not the linear image of the parameters")
    n = len(units.points)
    if rank_mod(M, P) < n and rank(M) < n:
        return True
    kinks = [i for h in units.heights for i, t in enumerate(h) if t == 0]
    if kinks:
        raise ValueError(f"a unit has its kink at point {kinks[0]}; draw other weights")
    return Counterexample(f"the pattern has rank {n}, and all labels near these are reached")


lower_bound = Claim(
    "bubeck-param-lower-bound",
    hypotheses={"k (d + 1) < n": fewer_parameters_than_labels},
    conclusion=within_a_proper_subspace,
)


def outside_every_subspace(points: Points, labels: tuple[int | Fraction, ...], units: int) -> Answer:
    """Decide whether these labels lie in no subspace of that many ReLU units, by trying all their patterns.

    True: no ReLU network of that size memorizes them, whatever its weights. For a handful of points.
    """
    n = len(points)
    halves = unit_patterns(points)
    patterns = [*halves, *(tuple(1 - v for v in p) for p in halves), (1,) * n]  # a silent unit adds nothing
    D = lcm(*(v.denominator for v in labels))
    wanted = [int(v * D) for v in labels]
    for chosen in combinations_with_replacement(patterns, units):
        M = span_of(points, chosen)
        if rank([(*row, y) for row, y in zip(M, wanted, strict=True)]) == rank(M):
            on = "; ".join(names([i for i, v in enumerate(p) if v]) for p in chosen)
            return Counterexample(f"the labels lie in the span of units that are on at {on}")
    return True
