"""The quadratic network: pairs of ReLUs without smoothing, with all its costs in closed form, in balls of FLINT."""

from dataclasses import dataclass, replace
from fractions import Fraction

from flint import arb, fmpq

from memlib.bubeck import recombination_floats as floats
from memlib.bubeck.recombination import (
    Coded,
    Rational,
    alpha_solves,
    at_most,
    ball,
    coded,
    coefficients,
    energy,
    quadratic_mean,
    quadratic_square,
    unit_vectors,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency

# --- bubeck-quadratic-network ---


@dataclass(frozen=True)
class Plan:
    """The setting with M = 2, p = 1, sigma = 0, a factor c for all outputs, and the number K of pairs."""

    coded: Coded
    c: arb
    K: int

    @property
    def points(self) -> tuple:
        return self.coded.points


@dataclass(frozen=True)
class Trials:
    """Independent networks of one plan; what happens is "error", "weight" or "both"."""

    plan: Plan
    what: str
    trials: int
    seed: int

    @property
    def coded(self) -> Coded:
        return self.plan.coded

    @property
    def points(self) -> tuple:
        return self.coded.points

    @property
    def design(self) -> Plan:
        return self.plan


def plan(points: tuple, labels: tuple, delta: Rational, K: int, c: Rational = 1) -> Plan:
    """Return the plan with the alpha of the theorem. Raises ZeroDivisionError if G is singular."""
    return Plan(coded(points, labels, 2, 1, delta, 0), ball(c), K)


def reaches(it: Coded) -> list[arb]:
    """B_i^2 = |S x_i|^2."""
    return [ball(Fraction(it.d, it.n) * image) for _, image in it.forms]


def shrinks(it: Coded) -> list[arb]:
    """s_i = 2 / (|x_i + delta S x_i| + |x_i - delta S x_i|)."""
    out = []
    for x, (form, _), B2 in zip(it.points, it.forms, reaches(it), strict=True):
        own = ball(sum(c * c for c in x)) + it.delta * it.delta * B2
        mixed = 2 * it.delta * it.root * ball(form)
        out.append(fmpq(2) / ((own + mixed).sqrt() + (own - mixed).sqrt()))
    return out


def factor(it: Plan) -> arb:
    """c sqrt(2 pi n / d)."""
    return it.c * (2 * arb.pi() * fmpq(it.coded.n, it.coded.d)).sqrt()


def bias(it: Plan) -> arb:
    """The sum of the (1 - c s_i)^2 y_i^2."""
    total = arb(0)
    for s, y in zip(shrinks(it.coded), it.coded.labels, strict=True):
        gap = (1 - it.c * s) * ball(y)
        total += gap * gap
    return total


def error_bound(it: Plan) -> arb:
    """bias + c^2 pi n / (d K) times the sum of the B_i^2."""
    noise = arb.pi() * fmpq(it.coded.n, it.coded.d * it.K) * sum(reaches(it.coded), arb(0))
    return bias(it) + it.c * it.c * noise


def weight_bound(it: Plan) -> arb:
    """c sqrt(2 pi n) sqrt(1 / delta^2 + y.G^-1 y / n)."""
    inside = fmpq(1) / (it.coded.delta * it.coded.delta) + energy(it.coded)
    return it.c * (2 * arb.pi() * it.coded.n * inside).sqrt()


def expected_error(it: Plan) -> arb:
    """E |f - y|^2, from the closed forms of mean and second moment of a pair."""
    total, A = arb(0), factor(it)
    for j, y in enumerate(it.coded.labels):
        m, square = quadratic_mean(it.coded, j), quadratic_square(it.coded, j)
        gap = A * m - ball(y)
        total += gap * gap + A * A * (square - m * m) * fmpq(1, it.K)
    return total


def expected_weight(it: Plan) -> arb:
    """c A / (2 delta) times the sum of sqrt(E |g +- delta S g|^2) = |I +- delta S|, Frobenius: at least E W(f)."""
    setting, step = it.coded, it.coded.delta
    trace = setting.root * ball(Fraction(sum(setting.alpha)))
    square = ball(Fraction(setting.d)) * energy(setting)  # tr S^2 = (d/n) y.alpha
    sides = [(setting.d + 2 * i * step * trace + step * step * square).sqrt() for i in (1, -1)]
    return abs(factor(it)) * (fmpq(1, 2) / step) * (sides[0] + sides[1])


def c_and_delta_positive(it: Plan | Trials) -> Answer:
    chosen = it.plan if isinstance(it, Trials) else it
    for name, value in (("c", chosen.c), ("delta", chosen.coded.delta)):
        if not value > 0:
            return Counterexample(f"{name} is {value.str(3, radius=False)}")
    return True


def shrinks_within_bounds(setting: Coded) -> Answer:
    """(1 + delta^2 B_i^2)^(-1/2) <= s_i <= 1."""
    for i, (s, B2) in enumerate(zip(shrinks(setting), reaches(setting), strict=True)):
        low = (1 + setting.delta * setting.delta * B2).rsqrt()
        if s > 1 or s < low:
            words = f"s is {s.str(4, radius=False)} at point {i}"
            return Counterexample(f"{words}, not between {low.str(4, radius=False)} and 1")
    return True


def costs_are_bounded(it: Plan | Trials) -> Answer | Frequency:
    """The range of the s_i, and the expectations; for `Trials`, Markov's inequality."""
    chosen = it.plan if isinstance(it, Trials) else it
    if not (chosen.coded.delta > 0 or chosen.coded.delta < 0):
        return Counterexample("F would be a quotient by delta = 0")
    if isinstance(it, Trials):
        return floats.bounds_met(
            it, floats.real_units, factor(chosen), error_bound(chosen), weight_bound(chosen)
        )
    answer = shrinks_within_bounds(chosen.coded)
    answer = answer and at_most(expected_error(chosen), error_bound(chosen), "the expected squared error")
    same = sum(chosen.coded.alpha) == 0  # then both sides have one length, and Cauchy-Schwarz is an equality
    return answer and at_most(
        expected_weight(chosen), weight_bound(chosen), "the expected weight", equal=same
    )


network = Claim(
    "bubeck-quadratic-network",
    hypotheses={
        "unit vectors": unit_vectors,
        "G alpha = y": lambda it: alpha_solves(it.coded),
        "c, delta > 0": c_and_delta_positive,
    },
    conclusion=costs_are_bounded,
)


# --- bubeck-quadratic-budget ---


@dataclass(frozen=True)
class Budget:
    """Points, labels and the relative squared error epsilon that is asked for, a ball."""

    points: tuple[tuple[Rational, ...], ...]
    labels: tuple[Rational, ...]
    epsilon: arb

    @property
    def norm(self) -> arb:
        """|y|^2."""
        return ball(Fraction(sum(y * y for y in self.labels)))


def wanted(points: tuple, labels: tuple, epsilon: Rational) -> Budget:
    return Budget(points, labels, ball(epsilon))


def recipe(budget: Budget) -> Plan:
    """Return the plan with c = 1, delta = epsilon^(1/4) / B and K = 4 pi (n/d) sum B_i^2 / (epsilon |y|^2), up."""
    setting = coded(budget.points, budget.labels, 2, 1, 1, 0)
    B2 = reaches(setting)
    delta = budget.epsilon.sqrt().sqrt() * max(B2, key=lambda b: b.mid()).rsqrt()
    K = (
        fmpq(4 * setting.n, setting.d)
        * arb.pi()
        * sum(B2, arb(0))
        * (fmpq(1) / (budget.epsilon * budget.norm))
    )
    return Plan(replace(setting, delta=delta), arb(1), int(str(K.upper().ceil().unique_fmpz())))


def epsilon_positive(budget: Budget) -> Answer:
    return bool(budget.epsilon > 0) or Counterexample(f"epsilon is {budget.epsilon.str(3, radius=False)}")


def squares_invertible(budget: Budget) -> Answer:
    try:
        coefficients(budget.points, budget.labels, 2)
    except ZeroDivisionError:
        return Counterexample("G is singular")
    return True


def some_label(budget: Budget) -> Answer:
    return any(budget.labels) or Counterexample("all labels are 0")


def within_budget(budget: Budget) -> Answer:
    """Half the accuracy on average, at a weight of sqrt(2 pi n) sqrt(B^2 / sqrt(epsilon) + y.G^-1 y / n)."""
    if not budget.epsilon > 0 or not any(budget.labels):
        return Counterexample("the formula for K divides by epsilon |y|^2 = 0, or epsilon has no fourth root")
    if not squares_invertible(budget):
        return Counterexample("there is no unique alpha, so no network")
    chosen = recipe(budget)
    setting = chosen.coded
    most = budget.epsilon * budget.norm * fmpq(1, 2)
    B2 = max(reaches(setting), key=lambda b: b.mid())
    weight = (2 * arb.pi() * setting.n * (B2 * budget.epsilon.rsqrt() + energy(setting))).sqrt()
    answer = at_most(expected_error(chosen), most, "the expected squared error")
    same = sum(setting.alpha) == 0
    return answer and at_most(expected_weight(chosen), weight, "the expected weight", equal=same)


budget = Claim(
    "bubeck-quadratic-budget",
    hypotheses={
        "unit vectors": unit_vectors,
        "G is invertible": squares_invertible,
        "epsilon > 0": epsilon_positive,
        "some label is not 0": some_label,
    },
    conclusion=within_budget,
)
