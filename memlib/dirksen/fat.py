"""Components that are fat in high dimension: margins, a uniform count, and the theorem in the paper's form.

Points are rational; the range of the biases, or the radius that is to bound the centres, is a FLINT ball.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from flint import arb, fmpq

from memlib.claim import Claim
from memlib.dirksen import components
from memlib.dirksen.components import Experiment, binomial, nearest
from memlib.dirksen.scalars import Number, ball, over, precisely, root, shown
from memlib.dirksen.separation import a_constant, lam_is_positive
from memlib.dirksen.shadows import Component, below, squared
from memlib.dirksen.worst_case import ceiling
from memlib.evidence import Answer, Counterexample

HALF = Fraction(1, 2)


# --- dirksen-uniform-count ---


@dataclass(frozen=True)
class Orthogonal:
    """T = {r e_1, ..., r e_m} in R^m, n normal vectors, and the numbers theta, k, s of the statement; r = 1."""

    m: int
    n: int
    k: int
    theta: arb
    s: arb


@precisely
def mean_bound(m: int) -> arb:
    """Return sqrt(2 ln m), an upper bound of E max of m standard normal variables."""
    return (2 * arb(m).log()).sqrt()


@precisely
def threshold(m: int, n: int, k: int, s: Number) -> Orthogonal:
    """Return the instance with the least theta that the hypotheses allow."""
    cost = k * over(arb(n), arb(k)).log() + k + ball(s)
    theta = over(mean_bound(m) + (2 * cost).sqrt(), arb(k).sqrt())
    return Orthogonal(m, n, k, theta * (1 + fmpq(1, 2**90)), ball(s))


@precisely
def exponent_suffices(it: Orthogonal) -> Answer:
    """theta sqrt(k) > w and (theta sqrt(k) - w)^2 / 2 >= k ln(e n / k) + s."""
    gap = it.theta * arb(it.k).sqrt() - mean_bound(it.m)
    cost = it.k * over(arb(it.n), arb(it.k)).log() + it.k + it.s
    if not gap > 0:
        return Counterexample(f"theta sqrt(k) - w is {shown(gap)}")
    return below(cost, gap * gap * fmpq(1, 2)) or Counterexample(f"the exponent is below {shown(cost)}")


def k_is_proper(it: Orthogonal) -> Answer:
    return 1 <= it.k <= it.n or Counterexample(f"k is {it.k}, n is {it.n}")


@precisely
def few_exceed(it: Orthogonal) -> Answer:
    """P(for every x of T fewer than k of the n products exceed theta): independent binomials, enclosed."""
    q = over(arb(1), arb(2)) * over(it.theta, root(arb(2))).erfc()
    p = binomial(it.n, q)[it.k - 1] ** it.m
    promised = 1 - (-it.s).exp()
    return below(promised, p) or Counterexample(f"the probability is {shown(p)}, below {shown(promised)}")


uniform_count = Claim(
    "dirksen-uniform-count",
    hypotheses={"1 <= k <= n": k_is_proper, "theta is large enough": exponent_suffices},
    conclusion=few_exceed,
)


# --- dirksen-margin-sep ---


@dataclass(frozen=True)
class Margins:
    """Two points of the line, a radius R (a ball), the range of the biases and two margins."""

    c: Fraction
    d: Fraction
    R: arb
    lam: Fraction
    theta: Fraction
    other: Fraction


def margins(c: Number, d: Number, lam: Number, theta: Number, other: Number, R: Number = 1) -> Margins:
    c, d, lam, theta, other = (Fraction(v) for v in (c, d, lam, theta, other))
    return Margins(c, d, ball(R), lam, theta, other)


def clip(t: Fraction, lam: Fraction) -> Fraction:
    return max(-lam, min(lam, t))


@precisely
def mean_of(f: Callable[[Fraction], Fraction], kinks: Sequence[Fraction]) -> arb:
    """Enclose E f(G), f affine between the kinks (rational) and constant outside them, G standard normal."""
    kinks = sorted(set(kinks))
    total = ball(f(kinks[0])) * below_normal(kinks[0]) + ball(f(kinks[-1])) * below_normal(-kinks[-1])
    for u, v in pairwise(kinks):
        slope = Fraction(f(v) - f(u)) * (Fraction(1) / (v - u))
        level = f(u) - slope * u
        total += ball(level) * (below_normal(v) - below_normal(u)) + ball(slope) * (density(u) - density(v))
    return total


@precisely
def below_normal(t: Fraction) -> arb:
    """Return P(G <= t)."""
    return fmpq(1, 2) * over(-ball(t), root(arb(2))).erfc()


@precisely
def density(t: Fraction) -> arb:
    return over((-ball(t * t) * fmpq(1, 2)).exp(), root(2 * arb.pi()))


def crossings(pairs: Sequence[tuple[Fraction, Fraction]]) -> list[Fraction]:
    """Return the g with slope g = level for all (slope, level) of nonzero slope."""
    return [level * (Fraction(1) / slope) for slope, level in pairs if slope]


@precisely
def with_margins(it: Margins) -> arb:
    """Enclose P(w c + b <= -theta, w d + b > theta'): the mean of (clip(d w - theta') - clip(c w + theta))_+."""
    at = [(v, e + sign * it.lam) for v, e in ((it.d, it.other), (it.c, -it.theta)) for sign in (1, -1)]
    at.append((it.d - it.c, it.other + it.theta))
    at += [(it.d, it.other + s * it.lam) for s in (1, -1)]

    def length(g: Fraction) -> Fraction:
        return max(Fraction(0), clip(it.d * g - it.other, it.lam) - clip(it.c * g + it.theta, it.lam))

    kinks = crossings(at) or [Fraction(0)]
    far = max(abs(g) for g in kinks) + 1
    return over(mean_of(length, [*kinks, far, -far]), ball(2 * it.lam))


@precisely
def near_centre(it: Margins) -> arb:
    """Enclose P(|w c + b| <= theta)."""
    kinks = crossings([(it.c, s * it.lam + t * it.theta) for s in (1, -1) for t in (1, -1)]) or [Fraction(0)]

    def length(g: Fraction) -> Fraction:
        return clip(it.c * g + it.theta, it.lam) - clip(it.c * g - it.theta, it.lam)

    return over(mean_of(length, kinks), ball(2 * it.lam))


def both_in_ball(it: Margins) -> Answer:
    for v in (it.c, it.d):
        if not ball(abs(v)) <= it.R:
            return Counterexample(f"a centre has the norm {abs(v)}, R is {shown(it.R)}")
    return bool(it.R > 0) or Counterexample("R is not positive")


def margins_are_nonnegative(it: Margins) -> Answer:
    return min(it.theta, it.other) >= 0 or Counterexample(f"the margins are {it.theta} and {it.other}")


@precisely
def keeps_margins(it: Margins, share: Fraction = HALF) -> Answer:
    lam = ball(it.lam)
    a = over(1 - (-(over(lam, it.R) ** 2) * fmpq(1, 2)).exp(), root(2 * arb.pi()))
    bound = over(a * ball(abs(it.c - it.d)) - ball(share * (it.theta + it.other)), 2 * lam)
    p, q = with_margins(it), near_centre(it)
    if not below(bound, p):
        return Counterexample(f"the probability is {shown(p)}, below {shown(bound)}")
    most = over(ball(it.theta), lam)
    return below(q, most) or Counterexample(
        f"the margin is met with probability {shown(q)}, above {shown(most)}"
    )


def quarter_of_the_margins(it: Margins) -> Answer:
    return keeps_margins(it, Fraction(1, 4))


margin_sep = Claim(
    "dirksen-margin-sep",
    hypotheses={
        "lambda > 0": lam_is_positive,
        "|c| and |c'| are at most R": both_in_ball,
        "the margins are not negative": margins_are_nonnegative,
    },
    conclusion=keeps_margins,
)


# --- dirksen-thm-full ---


def radius_squared(part: Component) -> Fraction:
    return max(squared(x, part.centre) for x in part.points)


@precisely
def most_mean_width(part: Component) -> arb:
    """Bound w(T - c) by rad min(sqrt(d), sqrt(2 ln(2 |T|)))."""
    dimension, log = arb(len(part.centre)).sqrt(), (2 * arb(2 * len(part.points)).log()).sqrt()
    return ball(radius_squared(part)).sqrt() * dimension.min(log)


@precisely
def omega_bound(it: components.Covering) -> arb:
    """Bound omega from above, with the bound of the mean widths."""
    found = [
        over(most_mean_width(part) ** 2, ball(nearest(it, part.centre)).sqrt() ** 3)
        for part in it.minus + it.plus
    ]
    top = found[0]
    for value in found[1:]:
        top = top.max(value)
    return top


@precisely
def two_terms(it: components.Covering, R: Number, lam: arb, eta: Fraction) -> tuple[arb, arb]:
    """Return the two lower bounds of n in the theorem; omega is replaced by its bound."""
    a, pairs = a_constant(lam, R), len(it.minus) * len(it.plus)
    log = ball(Fraction(5 * pairs) * (Fraction(1) / eta)).log()
    return over(64 * lam * log, a * ball(it.delta)), over(16384 * lam * omega_bound(it), a**3)


def full_experiment(it: components.Covering, R: Number, lam: Number, eta: Number, **rest: int) -> Experiment:
    """Return the experiment with the n of the theorem, unless another one is given."""
    n = rest.pop("n", None)
    if n is None:
        n = max(ceiling(t) for t in two_terms(it, R, ball(lam), Fraction(eta)))
    return Experiment(it, R, ball(lam), Fraction(eta), n, **rest)


@precisely
def radii_are_small(it: Experiment) -> Answer:
    """r <= a d / (16 sqrt(2 (2 + ln(64 lam / (a d))))) for all components."""
    a = a_constant(it.lam, it.R)
    for part in it.covering.minus + it.covering.plus:
        ad = a * ball(nearest(it.covering, part.centre)).sqrt()
        most = over(ad, 16 * (2 * (2 + over(64 * it.lam, ad).log())).sqrt())
        r = ball(radius_squared(part)).sqrt()
        if not below(r, most):
            return Counterexample(f"a radius is {shown(r)}, the condition allows {shown(most)}")
    return True


@precisely
def n_is_large(it: Experiment) -> Answer:
    for name, term in zip(("first", "second"), two_terms(it.covering, it.R, it.lam, it.eta), strict=True):
        if not below(term, arb(it.n)):
            return Counterexample(f"n is {it.n}, the {name} term asks for {shown(term)}")
    return True


RADII = "the radii are small"
LARGE = "n is at least both terms"
full = Claim(
    "dirksen-thm-full",
    hypotheses={
        "lambda > 0": lam_is_positive,
        **components.common,
        RADII: radii_are_small,
        LARGE: n_is_large,
    },
    conclusion=components.interpolates_with_few,
)


@precisely
def tail_exponents() -> dict[str, arb]:
    """Enclose the exponents of the proof: means 7/8 and 1/4, fences 0.575 and 0.45."""
    found = {}
    for name, mean, fence in (
        ("N", Fraction(7, 8), Fraction(575, 1000)),
        ("B", Fraction(1, 4), Fraction(45, 100)),
    ):
        found[name] = ball(mean - fence) + ball(fence) * ball(fence * (Fraction(1) / mean)).log()
    return found
