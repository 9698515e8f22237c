"""Complex recombination: the theorem of `recombination` with phases in the place of Hermite codes.

For m = 2 the moments of the random network have closed forms, and everything is decided with balls on instances.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import factorial

from flint import arb, fmpq

from memlib.bubeck import recombination
from memlib.bubeck import recombination_floats as floats
from memlib.bubeck.complex_floats import complex_units
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
    silent,
    square_by,
    undefined,
    unknown,
    weight_bound,
    within,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency

# --- the constants ---


def square(v: arb) -> arb:
    return v * v


def kappa(m: int, sigma: arb) -> arb:
    """2 beta_m Gamma((m+3)/2) / (sqrt((m-1)!) (1+sigma^2)^((m-1)/2)), 0 for odd m >= 3; as in `codes`, a ball."""
    if m % 2:
        return arb(0)
    beta = fmpq((-1) ** (m // 2 + 1)) / (arb.pi() * (m * m - 1))
    size = (factorial(m - 1) * (1 + square(sigma)) ** (m - 1)).rsqrt()
    return 2 * beta * arb(fmpq(m + 3, 2)).gamma() * size


def lipschitz(m: int) -> arb:
    """Lip_m = 1 / (2 m cos(pi / (2 m)))."""
    return fmpq(1) / (2 * m * arb.cos_pi_fmpq(fmpq(1, 2 * m)))


def factor(coded: Coded) -> arb:
    """A = sqrt(n / d) / kappa."""
    return fmpq(1) / (coded.root * kappa(coded.M, coded.sigma))


def bias_bounds(coded: Coded) -> list[arb]:
    """Q_p Lip_m delta^(p+1) (sqrt 2 / sigma)^(p+1) sqrt((p+1)!) / (p+2)! ((p+1)^(k/2) B_j)^(p+2)."""
    p, q, k = coded.p, coded.p + 2, coded.M - 1
    _, Q = difference_constants(p)
    ratio = fmpq(1) / coded.sigma * coded.delta * arb(2).sqrt()
    constant = (
        Q * lipschitz(coded.M) * ratio ** (p + 1) * arb(factorial(p + 1)).sqrt() * arb(fmpq(1, factorial(q)))
    )
    return [constant * (arb(p + 1).sqrt() ** k * ball(B).sqrt()) ** q for B in coded.spread]


def top(coded: Coded) -> arb:
    """S_p^2 Lip_m^2, the bound of E F(x_j)^2 / B_j^2."""
    S, _ = difference_constants(coded.p)
    return square(S * lipschitz(coded.M))


def error_bound(design: Design) -> arb:
    """n max_j (A e_j)^2 + A^2 S_p^2 Lip_m^2 / K times the sum of the B_j^2."""
    coded, A = design.coded, factor(design.coded)
    eta = abs(A) * max(bias_bounds(coded), key=lambda e: e.mid())
    return coded.n * eta * eta + A * A * top(coded) * ball(sum(coded.spread, Fraction(0))) * fmpq(1, design.K)


def complex_weight_bound(coded: Coded) -> arb:
    """|kappa| / (sqrt 2 |kappa^C|) W_0."""
    real = recombination.kappa(coded.M - 1, coded.sigma)
    return weight_bound(coded) * abs(real) * arb(2).rsqrt() * (fmpq(1) / abs(kappa(coded.M, coded.sigma)))


# --- closed forms for m = 2 ---


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


def neuron_mean(coded: Coded, j: int, t: arb) -> arb:
    """E h_2((g + delta t V + sigma xi).x_j), from h_2(u) = (|Re u| - |Im u|) / 4."""
    size = fmpq(1, 4) * (fmpq(2) / arb.pi()).sqrt()
    return size * (part(coded, j, t, t, 1).sqrt() - part(coded, j, t, t, -1).sqrt())


def complex_mean(coded: Coded, j: int) -> arb:
    """E F(x_j) for m = 2."""
    if silent(coded, j):
        return arb(0)
    t, weights = ball_rule(coded.p)
    total = sum((w * neuron_mean(coded, j, v) for w, v in zip(weights, t, strict=True)), arb(0))
    return fmpq(1) / coded.delta * total


def one_node_mean(coded: Coded, j: int) -> arb:
    """E h_2((g + delta V + sigma xi).x_j) / delta: one node in the place of a difference."""
    return fmpq(1) / coded.delta * neuron_mean(coded, j, arb(1))


def complex_square(coded: Coded, j: int) -> arb:
    """E F(x_j)^2 for m = 2; real and imaginary parts are independent."""
    if silent(coded, j):
        return arb(0)

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


def expected_weight(coded: Coded) -> arb:
    """|A| / delta sum_j |lambda_j| sqrt(E |w_j|^2 / 2), for unit vectors: at least E W(f). Here E Re(conj(g).V) = 0."""
    t, weights = ball_rule(coded.p)
    noise = coded.d * (1 + square(coded.sigma))
    energy = square(coded.delta) * coded.d * recombination.energy(coded)  # delta^2 E |V|^2
    total = sum(
        (abs(w) * (HALF * (noise + v * v * energy)).sqrt() for w, v in zip(weights, t, strict=True)), arb(0)
    )
    return abs(factor(coded)) * (fmpq(1) / coded.delta) * total


# --- bubeck-complex-coded ---


def parts_hold(coded: Coded) -> Answer:
    """Parts 1, 2 and 4 of the theorem, at every point: mean, second moment, and the one node."""
    targets = [coded.root * kappa(coded.M, coded.sigma) * ball(y) for y in coded.labels]
    pair = replace(coded, p=1)
    for j, (target, error) in enumerate(zip(targets, bias_bounds(coded), strict=True)):
        answer = within(complex_mean(coded, j), target, error, f"E F at point {j}")
        answer = answer and at_most(
            complex_square(coded, j), top(coded) * ball(coded.spread[j]), f"E F^2 at point {j}"
        )
        if not answer:
            return answer
        one, two = one_node_mean(coded, j), complex_mean(pair, j)
        if not one.overlaps(two):
            return Counterexample(
                f"one node gives {one.str(4, radius=False)} at point {j}, the pair {two.str(4, radius=False)}"
            )
    return True


def expected_error(design: Design) -> arb:
    """E |f - y|^2 for m = 2: squared bias, and the variance of an average of K."""
    coded, A = design.coded, factor(design.coded)
    total = arb(0)
    for j, y in enumerate(coded.labels):
        m, s = complex_mean(coded, j), complex_square(coded, j)
        total += square(A * m - ball(y)) + A * A * (s - m * m) * fmpq(1, design.K)
    return total


def complex_bounds_hold(it: Design | Trials) -> Answer | Frequency:
    """Mean, second moment, error, weight and the one node for m = 2; for `Trials`, Markov's inequality."""
    coded = it.coded
    problem = undefined(coded)
    if problem:
        return Counterexample(problem)
    if coded.M % 2:
        return Counterexample(f"h_{coded.M} is 0, so every unit is 0")
    weight = complex_weight_bound(coded)
    if isinstance(it, Trials):
        return floats.bounds_met(it, complex_units, factor(coded), error_bound(it.design), weight)
    problem = unknown(coded)
    if problem:
        return Counterexample(problem)
    same = coded.p == 1 or not any(
        coded.alpha
    )  # then all E |w_j|^2 are equal, and the two sides are one number
    steps: list[Callable[[], Answer]] = [
        lambda: parts_hold(coded),
        lambda: at_most(expected_error(it), error_bound(it), "the expected squared error"),
        lambda: at_most(expected_weight(coded), weight, "the expected weight", equal=same),
    ]
    return next((answer for answer in (step() for step in steps) if not answer), True)


theorem = Claim(
    "bubeck-complex-coded",
    hypotheses=recombination.theorem.hypotheses,
    conclusion=complex_bounds_hold,
)
