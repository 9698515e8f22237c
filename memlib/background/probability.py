"""Four inequalities for sums of independent variables: Hoeffding, Chernoff, Bernstein, McDiarmid.

Probabilities are counted exactly on finite laws and compared with the exponential bounds without rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from flint import arb

from memlib.background.exponential import at_most_exp, ball, sign_by_balls, sign_of_exponentials
from memlib.background.laws import (
    Distribution,
    Independent,
    Law,
    Number,
    Variable,
    at_least,
    at_most,
    coin,
    dependence,
    largest,
    mean,
    points_with_weights,
    sum_distribution,
    variance,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample


def binomial(m: int, p: Number) -> Independent:
    """Return m independent coins that show 1 with probability p."""
    return Independent((coin(p),) * m)


def is_independent(instance) -> Answer:
    found = dependence(instance.law)
    return found is None or Counterexample(found)


def t_is_nonnegative(instance) -> Answer:
    return instance.t >= 0 or Counterexample(f"t is {instance.t}")


def rounded(p: Fraction) -> str:
    """Write a probability for a reader, with three digits."""
    if p == 0 or p.denominator < 1000:
        return str(p)
    e = 0
    while p * 10**e < 1:
        e += 1
    digits = round(p * 10 ** (e + 2))
    return f"{digits // 100}.{digits % 100:02d}e-{e}" if e > 2 else f"0.{round(p * 1000):03d}"


# --- background-hoeffding ---


@dataclass(frozen=True)
class Sum:
    """X_1 + ... + X_n with ranges [a_i, b_i], and the numbers s and t of the two parts of the statement."""

    law: Law
    ranges: tuple[tuple[Number, Number], ...]
    s: Number
    t: Number

    @property
    def V(self) -> Number:
        """The sum of the squared lengths of the ranges."""
        return sum((b - a) ** 2 for a, b in self.ranges)


def hoeffding_sum(law: Law, s: Number, t: Number) -> Sum:
    """Return the sum with the smallest ranges."""
    return Sum(law, tuple((min(m), max(m)) for m in law.marginals), s, t)


def within_ranges(x: Sum) -> Answer:
    for i, (law, (a, b)) in enumerate(zip(x.law.marginals, x.ranges, strict=True)):
        if min(law) < a or max(law) > b:
            return Counterexample(f"X_{i} takes values from {min(law)} to {max(law)}")
    return x.V > 0 or Counterexample("all ranges have length 0")


def moment_is_below(law: Distribution, s: Number, length: Number, divisor: int = 8) -> bool:
    """Decide E exp(s (X - EX)) <= exp(s^2 length^2 / divisor)."""
    centre = mean(law)
    terms = [(p, s * (x - centre)) for x, p in law.items()]
    return sign_of_exponentials([*terms, (-1, Fraction(s * s * length**2, divisor))]) <= 0


def hoeffding_with(x: Sum, divisor: int, factor: int) -> Answer:
    """Decide the moment bound exp(s^2 c^2 / divisor) and the tail bound exp(-factor t^2 / V), both tails."""
    for i, (law, (a, b)) in enumerate(zip(x.law.marginals, x.ranges, strict=True)):
        if not moment_is_below(law, x.s, b - a, divisor):
            return Counterexample(f"E exp(s (X_{i} - EX_{i})) exceeds its bound at s = {x.s}")
    law, exponent = sum_distribution(x.law), Fraction(-factor * x.t**2) / Fraction(x.V)
    for side in (1, -1):
        centred: Distribution = {side * (value - mean(law)): p for value, p in law.items()}
        tail = at_least(centred, x.t)
        if not at_most_exp(tail, exponent):
            what = "S - ES" if side == 1 else "ES - S"
            return Counterexample(f"P({what} >= {x.t}) = {rounded(tail)} exceeds the bound")
    return True


def moments_and_tails(x: Sum) -> Answer:
    return hoeffding_with(x, divisor=8, factor=2)


hoeffding = Claim(
    "background-hoeffding",
    hypotheses={
        "X_i lies in [a_i, b_i]": within_ranges,
        "the X_i are independent": is_independent,
        "t >= 0": t_is_nonnegative,
    },
    conclusion=moments_and_tails,
)


# --- background-chernoff ---


@dataclass(frozen=True)
class Count:
    """X = X_1 + ... + X_n, a bound mu of its mean, and the tail X >= nu (side 1) or X <= nu (side -1)."""

    law: Law
    mu: Number
    nu: Number
    side: int

    @property
    def tau(self) -> Fraction:
        """nu = (1 + tau) mu for the upper tail, (1 - tau) mu for the lower."""
        return self.side * (Fraction(self.nu) / Fraction(self.mu) - 1)

    @property
    def tail(self) -> Fraction:
        law = sum_distribution(self.law)
        return at_least(law, self.nu) if self.side == 1 else at_most(law, self.nu)


def within_unit_interval(x: Count) -> Answer:
    for i, law in enumerate(x.law.marginals):
        if min(law) < 0 or max(law) > 1:
            return Counterexample(f"X_{i} takes values from {min(law)} to {max(law)}")
    return True


def mean_is_on_the_side(x: Count) -> Answer:
    EX = mean(sum_distribution(x.law))
    if x.mu <= 0:
        return Counterexample(f"mu is {x.mu}")
    return x.side * (x.mu - EX) >= 0 or Counterexample(f"EX is {EX} and mu is {x.mu}")


def nu_is_beyond_mu(x: Count) -> Answer:
    beyond = x.side * (x.nu - x.mu) >= 0 and x.nu >= 0
    return beyond or Counterexample(f"nu is {x.nu} and mu is {x.mu}")


def below_cramer(p: Fraction, mu: Number, nu: Number, drop_mu: bool = False) -> bool:
    """Decide p <= e^(nu - mu) (mu/nu)^nu, or p <= (e mu/nu)^nu, for mu > 0 and nu >= 0, by logarithms in balls.

    Terminates: if the exponent is 0, then mu = nu or nu = 0, and the bound is 1. Otherwise the two sides differ,
    as a power of e with a rational exponent, not 0, is transcendental, while p^q and (mu/nu)^(q nu) are rational.
    """
    p, mu, nu = Fraction(p), Fraction(mu), Fraction(nu)
    if mu <= 0 or nu < 0:
        raise ValueError(f"the bound needs mu > 0 and nu >= 0, and they are {mu} and {nu}")
    exponent = nu if drop_mu else nu - mu
    if p <= 0 or not exponent:
        return p <= 1

    def room() -> arb:
        power = ball(nu) * (ball(mu).log() - ball(nu).log()) if nu else ball(0)
        return ball(exponent) + power - ball(p).log()

    return sign_by_balls(room) > 0


def chernoff_with(x: Count, upper: int = 3, lower: int = 2, most: int | None = 1) -> Answer:
    """Decide the three bounds; `upper`, `lower` divide tau^2 mu in the exponent, tau <= most in the upper one."""
    tail, tau, head = x.tail, x.tau, f"P(X {'>=' if x.side == 1 else '<='} {x.nu})"
    if not below_cramer(tail, x.mu, x.nu):
        return Counterexample(f"{head} = {rounded(tail)} exceeds exp(nu - mu) (mu/nu)^nu")
    if x.side == 1 and not below_cramer(tail, x.mu, x.nu, drop_mu=True):
        return Counterexample(f"{head} = {rounded(tail)} exceeds (e mu/nu)^nu")
    divisor = upper if x.side == 1 else lower
    asked = x.side == -1 or most is None or tau <= most
    if asked and not at_most_exp(tail, -tau * tau * x.mu * Fraction(1, divisor)):
        return Counterexample(f"{head} = {rounded(tail)} exceeds exp(-tau^2 mu/{divisor}), tau = {tau}")
    return True


def chernoff_tails(x: Count) -> Answer:
    return chernoff_with(x)


chernoff = Claim(
    "background-chernoff",
    hypotheses={
        "the X_i lie in [0, 1]": within_unit_interval,
        "the X_i are independent": is_independent,
        "EX <= mu (upper tail), EX >= mu (lower)": mean_is_on_the_side,
        "nu >= mu (upper tail), nu <= mu (lower)": nu_is_beyond_mu,
    },
    conclusion=chernoff_tails,
)


# --- background-bernstein ---


@dataclass(frozen=True)
class Centred:
    """X_1 + ... + X_n with mean 0, |X_i| <= M, variances that sum to at most v."""

    law: Law
    M: Number
    v: Number
    t: Number


def centred_sum(law: Law, t: Number) -> Centred:
    """Return the sum with the smallest M and v."""
    return Centred(
        law,
        max(largest(m) for m in law.marginals),
        sum((variance(m) for m in law.marginals), Fraction(0)),
        t,
    )


def has_mean_zero(x: Centred) -> Answer:
    for i, law in enumerate(x.law.marginals):
        if mean(law) != 0:
            return Counterexample(f"X_{i} has mean {mean(law)}")
    return True


def is_bounded(x: Centred) -> Answer:
    for i, law in enumerate(x.law.marginals):
        if largest(law) > x.M:
            return Counterexample(f"|X_{i}| reaches {largest(law)}")
    return x.M > 0 or Counterexample(f"M is {x.M}")


def variances_fit(x: Centred) -> Answer:
    total = sum((variance(law) for law in x.law.marginals), Fraction(0))
    return total <= x.v or Counterexample(f"the variances sum to {total}")


def bernstein_with(x: Centred, share: Fraction) -> Answer:
    """Decide P(S >= t), P(S <= -t) <= exp(-t^2 / (2 (v + share M t)))."""
    law = sum_distribution(x.law)
    spread = 2 * (x.v + share * x.M * x.t)
    exponent = Fraction(-(x.t**2)) / Fraction(spread) if spread else Fraction(0)
    for side in (1, -1):
        tail = at_least({side * value: p for value, p in law.items()}, x.t)
        if not at_most_exp(tail, exponent):
            return Counterexample(
                f"P({'-' if side < 0 else ''}S >= {x.t}) = {rounded(tail)} exceeds the bound"
            )
    return True


def bernstein_tails(x: Centred) -> Answer:
    return bernstein_with(x, Fraction(1, 3))


bernstein = Claim(
    "background-bernstein",
    hypotheses={
        "EX_i = 0": has_mean_zero,
        "|X_i| <= M": is_bounded,
        "the variances sum to at most v": variances_fit,
        "the X_i are independent": is_independent,
        "t >= 0": t_is_nonnegative,
    },
    conclusion=bernstein_tails,
)


# --- background-mcdiarmid ---


@dataclass(frozen=True)
class Function:
    """f(X_1, ..., X_n) as a table over the product of the supports, in the order of itertools.product."""

    law: Law
    table: tuple[Number, ...]
    c: tuple[Number, ...]
    t: Number

    @property
    def grid(self) -> list[tuple[Number, ...]]:
        return list(product(*self.law.marginals))

    @property
    def distribution(self) -> Distribution:
        """The distribution of f(X)."""
        f = dict(zip(self.grid, self.table, strict=True))
        points, weights = zip(*points_with_weights(self.law), strict=True)
        return Variable(tuple(f[x] for x in points), weights).distribution


def tabulate(law: Law, f: Callable, c: tuple[Number, ...], t: Number) -> Function:
    """Write f as a table over all points whose coordinates are values of the X_i, likely or not."""
    return Function(law, tuple(f(x) for x in product(*law.marginals)), c, t)


def differences_are_bounded(x: Function) -> Answer:
    f = dict(zip(x.grid, x.table, strict=True))
    for i, marginal in enumerate(x.law.marginals):
        for point in f:
            for value in marginal:
                moved = (*point[:i], value, *point[i + 1 :])
                if f[point] - f[moved] > x.c[i]:
                    step = f[point] - f[moved]
                    return Counterexample(f"coordinate {i} moves f by {step}, more than {x.c[i]}")
    return any(x.c) or Counterexample("all c_i are 0")


def mcdiarmid_with(x: Function, factor: int) -> Answer:
    """Decide P(f - Ef >= t), P(Ef - f >= t) <= exp(-factor t^2 / sum of c_i^2)."""
    law, exponent = x.distribution, Fraction(-factor * x.t**2) / Fraction(sum(c**2 for c in x.c))
    for side in (1, -1):
        tail = at_least({side * (value - mean(law)): p for value, p in law.items()}, x.t)
        if not at_most_exp(tail, exponent):
            what = "f - Ef" if side == 1 else "Ef - f"
            return Counterexample(f"P({what} >= {x.t}) = {rounded(tail)} exceeds the bound")
    return True


def function_tails(x: Function) -> Answer:
    return mcdiarmid_with(x, factor=2)


mcdiarmid = Claim(
    "background-mcdiarmid",
    hypotheses={
        "changing x_i changes f by at most c_i": differences_are_bounded,
        "the X_i are independent": is_independent,
        "t >= 0": t_is_nonnegative,
    },
    conclusion=function_tails,
)


def hoeffding_suffices(n: int, eps: Number, eta: Number) -> bool:
    """Decide 2 exp(-2 n eps^2) <= eta: n samples in [0, 1] give their mean within eps, up to probability eta."""
    return sign_of_exponentials([(2, -2 * n * Fraction(eps) ** 2), (-Fraction(eta), 0)]) <= 0
