"""Binomial counts and signed sums, added up exactly, against their exponential bounds: vershynin-chernoff."""

from dataclasses import dataclass
from fractions import Fraction

from memlib.background.exponential import at_most_exp
from memlib.background.laws import (
    Law,
    Number,
    Variable,
    at_least,
    at_most,
    dependence,
    points_with_weights,
    sum_distribution,
)
from memlib.background.probability import below_cramer, binomial, rounded
from memlib.evidence import Answer, Counterexample


@dataclass(frozen=True)
class Trials:
    """The number X of successes in m trials of probability p, and the letters mu, tau, a, t of the statement."""

    m: int
    p: Fraction
    mu: Number
    tau: Number
    a: Number
    t: Number


@dataclass(frozen=True)
class Signs:
    """The sum of signs, each times a number, and t. The values of the law are the signs."""

    law: Law
    numbers: tuple[Number, ...]
    t: Number

    @property
    def tail(self) -> Fraction:
        """P(|sum of numbers_i sign_i| >= t), by enumeration."""
        points, weights = zip(*points_with_weights(self.law), strict=True)
        sums = [abs(sum(a * x for a, x in zip(self.numbers, point, strict=True))) for point in points]
        return at_least(Variable(tuple(sums), weights).distribution, self.t)


def tau_is_at_most_one(x: Trials | Signs) -> Answer:
    return isinstance(x, Signs) or 0 < x.tau <= 1 or Counterexample(f"tau is {x.tau}")


def a_and_mu_are_positive(x: Trials | Signs) -> Answer:
    return isinstance(x, Signs) or min(x.a, x.mu) > 0 or Counterexample(f"a is {x.a} and mu is {x.mu}")


def signs_are_fair(x: Trials | Signs) -> Answer:
    fair = isinstance(x, Trials) or all(set(law) == {1, -1} and law[1] == law[-1] for law in x.law.marginals)
    return fair or Counterexample("a sign is not fair")


def signs_are_independent(x: Trials | Signs) -> Answer:
    found = dependence(x.law) if isinstance(x, Signs) else None
    return found is None or Counterexample(found)


def trials_with(x: Trials, divisor: int) -> Answer:
    """Decide (a), with tau^2 mp / divisor in the exponent, (b), (c) and (e) by adding up binomial probabilities."""
    law, mean = sum_distribution(binomial(x.m, x.p)), x.m * x.p

    def outside(far: Number) -> Fraction:
        return at_most(law, mean - far) + at_least(law, mean + far)

    third = Fraction(1, 3)
    facts = {
        "(a)": at_most_exp(outside(x.tau * mean), -x.tau * x.tau * mean * Fraction(1, divisor), 2),
        "(b)": mean < x.mu or at_most_exp(at_most(law, x.mu * Fraction(1, 2)), -x.mu * Fraction(1, 8)),
        "(c), 2 mu": mean > x.mu or at_most_exp(at_least(law, 2 * x.mu), -x.mu * third),
        "(c), a": mean > x.mu or below_cramer(at_least(law, x.a), x.mu, x.a, drop_mu=True),
        "(e)": at_most_exp(outside(x.m * x.t * Fraction(1, 2)), -x.m * x.t * x.t * Fraction(1, 2), 2),
    }
    wrong = [name for name, holds in facts.items() if not holds]
    if not wrong:
        return True
    shown = f"P(|X - mp| >= tau mp) = {rounded(outside(x.tau * mean))}"
    return Counterexample(f"{wrong[0]} is false for m = {x.m}, p = {x.p}: {shown}")


def chapter_tails(x: Trials | Signs) -> Answer:
    if isinstance(x, Trials):
        return trials_with(x, 3)
    exponent = Fraction(-x.t * x.t, 2 * sum(a * a for a in x.numbers))
    return at_most_exp(x.tail, exponent, 2) or Counterexample(f"P(|sum| >= {x.t}) = {rounded(x.tail)}")
