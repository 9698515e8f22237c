"""What a large weight costs: thin slabs are heavy, and weight is digits lost.

Networks are tuples of neurons with exact numbers (`total_weight`). The machine whose errors are judged is in
`conditioning_floats`; what it computes leaves it as rational numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb, fmpq, fmpq_mat

from memlib.bubeck import conditioning_floats as machine
from memlib.bubeck.relu import Bump, network_of
from memlib.bubeck.total_weight import (
    Neuron,
    Points,
    ball,
    certainly,
    length,
    neurons_of,
    total_weight,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample

# --- bubeck-baum-weight ---


@dataclass(frozen=True)
class Heavy:
    """A network of bumps of four ReLUs on points x * scale, and its W(f) in the coordinates of x."""

    bumps: tuple[Bump, ...]
    scale: tuple[int, ...]
    weight: arb

    def least(self, factor: int | Fraction = 2) -> arb:
        """The sum over the groups of factor * Y / distance, Y the largest label, to the nearest stranger."""
        total = arb(0)
        for bump in self.bumps:
            s, l = bump.offsets, bump.carried
            Y = max(abs(l[i]) for i in bump.group.members)
            gap = min((abs(s[j]) for j in bump.group.strangers), default=None)
            if gap == 0:
                return arb("inf")
            if gap is not None:
                normal = length([c * k for c, k in zip(bump.u, self.scale, strict=True)])
                total += ball(factor * Y) * normal * fmpq(1, gap)
        return total


def heavy(bumps: Sequence[Bump], scale: tuple[int, ...] | None = None) -> Heavy:
    """Return the network of the bumps with its weight."""
    scale = scale or (1,) * len(bumps[0].u)
    return Heavy(tuple(bumps), scale, total_weight(neurons_of(network_of(list(bumps), scale))))


def strangers_are_off(h: Heavy) -> Answer:
    for k, bump in enumerate(h.bumps):
        s, members = bump.offsets, set(bump.group.members)
        for j, value in enumerate(s):
            if (value == 0) != (j in members):
                return Counterexample(f"s is {value} at point {j} for bump {k}")
    return True


def exactness_conditions(h: Heavy) -> Answer:
    """delta, tau > 0, delta |y_i| <= tau on the group, and tau + delta |l_j| <= |s_j| at the strangers."""
    for bump in h.bumps:
        s, l = bump.offsets, bump.carried
        if not (bump.delta > 0 and bump.tau > 0):
            return Counterexample(f"delta is {bump.delta} and tau is {bump.tau}")
        for i in bump.group.members:
            if bump.delta * abs(l[i]) > bump.tau:
                return Counterexample(
                    f"delta |y| is {bump.delta * abs(l[i])} at point {i}, and tau is {bump.tau}"
                )
        for j in bump.group.strangers:
            if bump.tau + bump.delta * abs(l[j]) > abs(s[j]):
                return Counterexample(
                    f"tau + delta |l| is {bump.tau + bump.delta * abs(l[j])} at point {j}, and |s| is {abs(s[j])}"
                )
    return True


def at_least(h: Heavy, bound: arb) -> Answer:
    if certainly(bound, h.weight):
        return True
    return Counterexample(f"W is {h.weight.str(4, radius=False)}, below {bound.str(4, radius=False)}")


def pays_for_thin_slabs(h: Heavy) -> Answer:
    return at_least(h, h.least())


baum_weight = Claim(
    "bubeck-baum-weight",
    hypotheses={"s is 0 on the group alone": strangers_are_off, "(E) holds": exactness_conditions},
    conclusion=pays_for_thin_slabs,
)


# --- bubeck-weight-is-conditioning ---


@dataclass(frozen=True)
class Evaluation:
    """What a machine made of a network at points; u is the unit roundoff that is claimed for its arithmetic."""

    neurons: tuple[Neuron, ...]
    points: Points
    arithmetic: str
    computed: tuple[Fraction | None, ...]
    in_range: bool
    u: Fraction
    weight: arb

    @cached_property
    def exact(self) -> tuple[Fraction, ...]:
        """f at the points, in rational numbers."""
        X = fmpq_mat([[fmpq(v.numerator, v.denominator) for v in (*x, 1)] for x in self.points])
        U = fmpq_mat([[fmpq(v.numerator, v.denominator) for v in (*g.w, g.b)] for g in self.neurons])
        a = [fmpq(g.a.numerator, g.a.denominator) for g in self.neurons]
        rows = (X * U.transpose()).tolist()
        values = (sum((c * t for c, t in zip(a, row, strict=True) if t > 0), fmpq(0)) for row in rows)
        return tuple(Fraction(int(v.p), int(v.q)) for v in values)

    @property
    def roundings(self) -> int:
        """d + k + 4."""
        return len(self.points[0]) + len(self.neurons) + 4

    @property
    def gamma(self) -> Fraction:
        """m u / (1 - m u), m = d + k + 4; m u is not 1."""
        m = self.roundings
        return Fraction(m * self.u) / (1 - m * self.u)

    def errors(self) -> list[Fraction | None]:
        return [None if v is None else abs(v - f) for v, f in zip(self.computed, self.exact, strict=True)]


def evaluated(neurons: Sequence[Neuron], points: Points, arithmetic: str) -> Evaluation:
    """Return the evaluation of a network at rational points in "float64", "float32", "float16" or "3 digits"."""
    computed, in_range = machine.machine_values(
        [g.a for g in neurons], [g.w for g in neurons], [g.b for g in neurons], points, arithmetic
    )
    u = machine.unit_roundoff(arithmetic)
    return Evaluation(tuple(neurons), points, arithmetic, computed, in_range, u, total_weight(neurons))


def roundoff_is_honest(e: Evaluation) -> Answer:
    true = machine.unit_roundoff(e.arithmetic)
    return true <= e.u or Counterexample(f"{e.arithmetic} has the unit roundoff {true}, and u is {e.u}")


def stays_in_range(e: Evaluation) -> Answer:
    return e.in_range or Counterexample(f"a number leaves the range of {e.arithmetic}")


def few_roundings(e: Evaluation) -> Answer:
    return e.roundings * e.u < 1 or Counterexample(f"(d + k + 4) u is {e.roundings * e.u}")


def errors_within(e: Evaluation, size: arb) -> Answer:
    """Every error is at most gamma * size * |(x, 1)|."""
    if e.roundings * e.u == 1:
        return Counterexample("the bound divides by 0")
    for j, (error, x) in enumerate(zip(e.errors(), e.points, strict=True)):
        bound = ball(e.gamma) * size * length((*x, 1))
        if error is None:
            return Counterexample(f"the machine has no number at point {j}")
        if not certainly(ball(error), bound):
            return Counterexample(
                f"the error is {ball(error).str(2, radius=False)} at point {j}, the bound {bound.str(2, radius=False)}"
            )
    return True


def errors_within_weight(e: Evaluation) -> Answer:
    return errors_within(e, e.weight)


def errors_within_largest_output(e: Evaluation) -> Answer:
    """The wrong version: the largest output in the place of W."""
    return errors_within(e, ball(max(map(abs, e.exact))))


digits_lost = Claim(
    "bubeck-weight-is-conditioning",
    hypotheses={
        "a rounding has relative error at most u": roundoff_is_honest,
        "no overflow, no underflow": stays_in_range,
        "(d + k + 4) u < 1": few_roundings,
    },
    conclusion=errors_within_weight,
)
