"""Complex recombination: the theorem of `recombination` with phases in the place of Hermite codes.

For m = 2 the moments of the random network have closed forms, and everything is decided with balls on instances.
"""

from fractions import Fraction
from math import factorial

from flint import arb, fmpq

from memlib.bubeck import recombination
from memlib.bubeck import recombination_floats as floats
from memlib.bubeck.differences import ball_rule
from memlib.bubeck.recombination import (
    HALF,
    Coded,
    Design,
    Trials,
    at_most,
    ball,
    covariance,
    difference_constants,
    kappa,
    square_by,
    undefined,
    weight_bound,
    within,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency

# --- bubeck-complex-coded ---


def complex_kappa(m: int, sigma: arb) -> arb:
    """2 beta_m Gamma((m+3)/2) / (sqrt((m-1)!) (1+sigma^2)^((m-1)/2)); beta_m = 0 for odd m >= 3."""
    if m % 2:
        return arb(0)
    beta = fmpq((-1) ** (m // 2 + 1)) / (arb.pi() * (m * m - 1))
    return (
        2 * beta * arb(fmpq(m + 3, 2)).gamma() * (factorial(m - 1) * (1 + square(sigma)) ** (m - 1)).rsqrt()
    )


def square(v: arb) -> arb:
    return v * v


def lipschitz(m: int) -> arb:
    """Lip_m = 1 / (2 m cos(pi / (2 m)))."""
    return fmpq(1) / (2 * m * arb.cos_pi_fmpq(fmpq(1, 2 * m)))


def complex_bias_bounds(coded: Coded) -> list[arb]:
    """Q_p Lip_m delta^(p+1) (sqrt 2 / sigma)^(p+1) sqrt((p+1)!) / (p+2)! ((p+1)^(k/2) B_j)^(p+2)."""
    p, q, k = coded.p, coded.p + 2, coded.M - 1
    _, Q = difference_constants(p)
    ratio = fmpq(1) / coded.sigma * coded.delta * arb(2).sqrt()
    constant = (
        Q * lipschitz(coded.M) * ratio ** (p + 1) * arb(factorial(p + 1)).sqrt() * arb(fmpq(1, factorial(q)))
    )
    return [constant * (arb(p + 1).sqrt() ** k * ball(B).sqrt()) ** q for B in coded.spread]


def part(coded: Coded, j: int, s: arb, t: arb, sign: int) -> arb:
    """For m = 2: the covariance of the real (sign 1) or imaginary (sign -1) parts of two neurons' arguments.

    V = S conj(g) with S = sqrt(d/n) Q, so (g + delta t V + sigma xi).x has the real part
    ((x + delta t S x).a + sigma x.a') / sqrt 2 and the imaginary part ((x - delta t S x).b + sigma x.b') / sqrt 2.
    """
    return HALF * covariance(coded, j, sign * s, sign * t)


def product_of_moduli(u: arb, v: arb, c: arb) -> arb:
    """E |N N'| for centred Gaussians with variances u, v and covariance c."""
    size = (u * v).sqrt()
    r = fmpq(1) / size * c
    return fmpq(2) / arb.pi() * size * ((1 - r * r).sqrt() + r * r.asin())


def complex_mean(coded: Coded, j: int) -> arb:
    """E F(x_j) for m = 2, from h_2(u) = (|Re u| - |Im u|) / 4."""
    t, weights = ball_rule(coded.p)
    total = arb(0)
    for w, v in zip(weights, t, strict=True):
        total += w * (part(coded, j, v, v, 1).sqrt() - part(coded, j, v, v, -1).sqrt())
    return fmpq(1, 4) * (fmpq(2) / arb.pi()).sqrt() * total * (fmpq(1) / coded.delta)


def one_neuron_mean(coded: Coded, j: int) -> arb:
    """E h_2((g + delta V + sigma xi).x_j) / delta: one node in the place of a difference."""
    one = arb(1)
    total = part(coded, j, one, one, 1).sqrt() - part(coded, j, one, one, -1).sqrt()
    return fmpq(1, 4) * (fmpq(2) / arb.pi()).sqrt() * total * (fmpq(1) / coded.delta)


def complex_square(coded: Coded, j: int) -> arb:
    """E F(x_j)^2 for m = 2; real and imaginary parts are independent."""

    def means_product(s: arb, t: arb) -> arb:
        both = part(coded, j, s, s, 1) * part(coded, j, t, t, -1)
        return fmpq(2) / arb.pi() * both.sqrt()

    def product(s: arb, t: arb) -> arb:
        same = arb(0)
        for i in (1, -1):
            same += product_of_moduli(
                part(coded, j, s, s, i), part(coded, j, t, t, i), part(coded, j, s, t, i)
            )
        return fmpq(1, 16) * (same - means_product(s, t) - means_product(t, s))

    def own_square(s: arb) -> arb:
        own = part(coded, j, s, s, 1) + part(coded, j, s, s, -1)
        return fmpq(1, 16) * (own - 2 * means_product(s, s))

    return square_by(coded.p, coded.delta, own_square, product)


def complex_bounds_hold(it: Design | Trials) -> Answer | Frequency:
    """Mean, second moment and expected error for m = 2 in closed form; for `Trials`, Markov's inequality."""
    coded, design = it.coded, it.design if isinstance(it, Trials) else it
    problem = undefined(coded)
    if problem:
        return Counterexample(problem)
    if coded.M % 2:
        return Counterexample(f"h_{coded.M} is 0, so every unit is 0")
    k = complex_kappa(coded.M, coded.sigma)
    A = fmpq(1) / (coded.root * k)
    S, _ = difference_constants(coded.p)
    top = square(S * lipschitz(coded.M))
    errors = complex_bias_bounds(coded)
    eta = abs(A) * max(errors, key=lambda e: e.mid())
    bound = coded.n * eta * eta + A * A * top * ball(sum(coded.spread, Fraction(0))) * fmpq(1, design.K)
    if isinstance(it, Trials):
        weight = (
            weight_bound(coded) * abs(kappa(coded.M - 1, coded.sigma)) * arb(2).rsqrt() * (fmpq(1) / abs(k))
        )
        return floats.bounds_met(it, bound, weight)
    total = arb(0)
    for j, y in enumerate(coded.labels):
        m, s = complex_mean(coded, j), complex_square(coded, j)
        answer = within(m, coded.root * k * ball(y), errors[j], f"E F at point {j}")
        answer = answer and at_most(s, top * ball(coded.spread[j]), f"E F^2 at point {j}")
        if not answer:
            return answer
        total += square(A * m - ball(y)) + A * A * (s - m * m) * fmpq(1, design.K)
    return at_most(total, bound, "the expected squared error")


theorem = Claim(
    "bubeck-complex-coded",
    hypotheses=recombination.theorem.hypotheses,
    conclusion=complex_bounds_hold,
)
