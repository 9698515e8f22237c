"""Finite laws with rational values and probabilities: independent variables, and joint laws that may depend.

Probabilities are integer weights over their sum, so that nothing rounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import prod

Number = int | Fraction
Distribution = Mapping[Number, Fraction]


@dataclass(frozen=True)
class Variable:
    """A random variable with finitely many values; P(values[k]) = weights[k] / sum(weights)."""

    values: tuple[Number, ...]
    weights: tuple[int, ...]

    @property
    def distribution(self) -> dict[Number, Fraction]:
        total, law = sum(self.weights), dict[Number, Fraction]()
        for value, weight in zip(self.values, self.weights, strict=True):
            law[value] = law.get(value, Fraction(0)) + Fraction(weight, total)
        return law


def coin(p: Number) -> Variable:
    """Return a variable that is 1 with the rational probability p, else 0."""
    p = Fraction(p)
    return Variable((0, 1), (p.denominator - p.numerator, p.numerator))


def sign(a: Number = 1) -> Variable:
    """Return a variable that is a or -a, with probability 1/2 each."""
    return Variable((a, -a), (1, 1))


@dataclass(frozen=True)
class Independent:
    """Independent variables X_1, ..., X_n."""

    variables: tuple[Variable, ...]

    @property
    def marginals(self) -> tuple[Distribution, ...]:
        return tuple(_distribution(variable) for variable in self.variables)


@dataclass(frozen=True)
class Joint:
    """Any law on finitely many points (X_1, ..., X_n), each with an integer weight."""

    points: tuple[tuple[Number, ...], ...]
    weights: tuple[int, ...]

    @property
    def marginals(self) -> tuple[Distribution, ...]:
        columns = zip(*self.points, strict=True)
        return tuple(Variable(tuple(column), self.weights).distribution for column in columns)


Law = Independent | Joint


@lru_cache(maxsize=256)
def _distribution(variable: Variable) -> Distribution:
    return variable.distribution


def dependence(law: Law) -> str | None:
    """Return None if the variables are independent, else a point where the product rule fails, in words."""
    if isinstance(law, Independent):
        return None
    at = dict.fromkeys(product(*law.marginals), 0)
    for point, weight in zip(law.points, law.weights, strict=True):
        at[point] += weight
    for point, weight in at.items():
        wanted = prod(law.marginals[i][x] for i, x in enumerate(point))
        if Fraction(weight, sum(law.weights)) != wanted:
            values = ", ".join(str(x) for x in point)
            return f"({values}) has probability {Fraction(weight, sum(law.weights))}, not {wanted}"
    return None


@lru_cache(maxsize=64)
def sum_distribution(law: Law) -> Distribution:
    """Return the distribution of X_1 + ... + X_n: a convolution of integer weights, or an enumeration."""
    if isinstance(law, Joint):
        return Variable(tuple(sum(point) for point in law.points), law.weights).distribution
    weights: dict[Number, int] = {0: 1}
    for variable in law.variables:
        longer: dict[Number, int] = {}
        for total, w in weights.items():
            for value, v in zip(variable.values, variable.weights, strict=True):
                longer[total + value] = longer.get(total + value, 0) + w * v
        weights = longer
    whole = sum(weights.values())
    return {value: Fraction(weight, whole) for value, weight in weights.items()}


def points_with_weights(law: Law) -> list[tuple[tuple[Number, ...], int]]:
    """List all points of the law with their integer weights; for small n."""
    if isinstance(law, Joint):
        return list(zip(law.points, law.weights, strict=True))
    values = product(*(variable.values for variable in law.variables))
    weights = product(*(variable.weights for variable in law.variables))
    return [(x, prod(w)) for x, w in zip(values, weights, strict=True)]


def mean(law: Distribution) -> Fraction:
    return sum((p * x for x, p in law.items()), Fraction(0))


def variance(law: Distribution) -> Fraction:
    centre = mean(law)
    return sum((p * (x - centre) ** 2 for x, p in law.items()), Fraction(0))


def largest(law: Distribution) -> Number:
    """Return the largest absolute value."""
    return max(max(law), -min(law))


def at_least(law: Distribution, t: Number) -> Fraction:
    """Return the probability of the values >= t."""
    return sum((p for x, p in law.items() if x >= t), Fraction(0))


def at_most(law: Distribution, t: Number) -> Fraction:
    """Return the probability of the values <= t."""
    return sum((p for x, p in law.items() if x <= t), Fraction(0))
