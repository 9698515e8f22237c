"""Recombination: few neurons of small weight, by codes and differences with a step delta of order 1.

Points and labels are rational; everything that is not rational is a ball of FLINT. For M = 2 all the moments of the
random network have closed forms, and the theorem is decided on instances; for M >= 4 it is sampled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import factorial
from typing import Any

from flint import acb, arb, fmpq, fmpq_mat, fmpz_poly

from memlib.bubeck import recombination_floats as floats
from memlib.bubeck.coded import unit_vector
from memlib.bubeck.codes import double_factorial, normal_moment
from memlib.bubeck.differences import ball_rule, fourier_bound, hermite, overshoot
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency

Rational = int | Fraction
HALF = arb(fmpq(1, 2))


def ball(v: Rational) -> arb:
    return arb(fmpq(v.numerator, v.denominator))


def inner(x: tuple, z: tuple) -> Any:
    return sum(a * b for a, b in zip(x, z, strict=True))


def sphere_points(parameters: tuple[tuple[int, ...], ...]) -> tuple[tuple[Fraction, ...], ...]:
    """Return rational points of the unit sphere of R^d, one for every integer vector of d - 1 coordinates."""
    return tuple(map(unit_vector, parameters))


# --- the setting ---


@dataclass(frozen=True)
class Coded:
    """Points with labels, the coefficients alpha of the code, and the parameters of one random unit F."""

    points: tuple[tuple[Rational, ...], ...]
    labels: tuple[Rational, ...]
    alpha: tuple[Rational, ...]
    M: int
    p: int
    delta: arb
    sigma: arb

    @property
    def n(self) -> int:
        return len(self.points)

    @property
    def d(self) -> int:
        return len(self.points[0])

    @cached_property
    def gram(self) -> list[list[Rational]]:
        """rho_ij = x_i.x_j."""
        return [[inner(x, z) for z in self.points] for x in self.points]

    @property
    def root(self) -> arb:
        """sqrt(d / n)."""
        return arb(fmpq(self.d, self.n)).sqrt()

    @cached_property
    def spread(self) -> list[Fraction]:
        """B_j^2 = (d/n) sum_il alpha_i alpha_l rho_ij rho_lj rho_il^(M-1), for unit vectors the mean of b_j^2."""
        a, rho = self.alpha, self.gram
        near = [[a[i] * a[l] * rho[i][l] ** (self.M - 1) for l in range(self.n)] for i in range(self.n)]
        return [
            Fraction(self.d, self.n)
            * sum(row[i] * v * row[l] for i, r in enumerate(near) for l, v in enumerate(r))
            for row in rho
        ]

    @cached_property
    def forms(self) -> list[tuple[Fraction, Fraction]]:
        """x_j.Qx_j and |Qx_j|^2 for Q = sum_i alpha_i x_i x_i^T; for M = 2, V = sqrt(d/n) Q g."""
        images = []
        for row in self.gram:
            scaled = [a * r for a, r in zip(self.alpha, row, strict=True)]
            images.append(tuple(inner(tuple(scaled), column) for column in zip(*self.points, strict=True)))
        return [
            (Fraction(inner(x, image)), Fraction(inner(image, image)))
            for x, image in zip(self.points, images, strict=True)
        ]


def coefficients(points: tuple, labels: tuple, M: int) -> tuple[Fraction, ...]:
    """Return alpha with sum_j (x_i.x_j)^M alpha_j = y_i. Raises ZeroDivisionError if there is no unique alpha."""
    rows = [[Fraction(inner(x, z)) ** M for z in points] for x in points]
    G = fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])
    y = fmpq_mat([[fmpq(v.numerator, v.denominator)] for v in labels])
    return tuple(Fraction(int(row[0].p), int(row[0].q)) for row in G.solve(y).tolist())


def coded(points: tuple, labels: tuple, M: int, p: int, delta: Rational, sigma: Rational = 1) -> Coded:
    """Return the setting with the alpha of the theorem."""
    return Coded(points, labels, coefficients(points, labels, M), M, p, ball(delta), ball(sigma))


def kappa(k: int, sigma: arb) -> arb:
    """E Phi(Z / sigma) He_k(Z) / sqrt(k!) for a standard Gaussian Z and k >= 1: `codes.kappa` as a ball."""
    if k % 2 == 0:
        return arb(0)
    sign = -1 if (k - 1) // 2 % 2 else 1
    return sign * double_factorial(k - 2) * (2 * arb.pi() * factorial(k) * (1 + sigma * sigma) ** k).rsqrt()


def difference_constants(p: int) -> tuple[arb, arb]:
    """Return S_p = sum |lambda_j t_j| and Q_p = sum |lambda_j t_j^(p+2)|."""
    t, weights = ball_rule(p)
    both = list(zip(weights, t, strict=True))
    return sum((abs(w * v) for w, v in both), arb(0)), sum((abs(w * v ** (p + 2)) for w, v in both), arb(0))


def variance_constant(p: int) -> arb:
    """v_p = 1/2 + o_p + o_p^2."""
    o = overshoot(p)
    return HALF + o + o * o


def moments(coded: Coded) -> list[arb]:
    """Return for every j a bound of E |b_j|^q, q = p + 2.

    M = 2: its value, since b_j is Gaussian. Orthonormal points, where b_j / B_j is He_k(z) / sqrt(k!): Hoelder's
    (E (b_j)^(q+1))^(q/(q+1)). Else hypercontractivity, (q-1)^(kq/2) B_j^q.
    """
    q, k = coded.p + 2, coded.M - 1
    size = [ball(B).sqrt() ** q for B in coded.spread]
    if k == 1:
        factor = (fmpq(2**q) / arb.pi()).sqrt() * arb(fmpq(q + 1, 2)).gamma()
    elif orthonormal(coded):
        factor = (even_moment(k, q + 1) * arb(factorial(k)).rsqrt() ** (q + 1)) ** arb(fmpq(q, q + 1))
    else:
        factor = arb(q - 1).sqrt() ** (k * q)
    return [factor * B for B in size]


def even_moment(k: int, q: int) -> int:
    """E He_k(Z)^q, an integer, from E Z^(2m) = (2m-1)!!."""
    coefficients = fmpz_poly(hermite(k, fmpz_poly([0, 1]))) ** q
    return sum(int(c) * normal_moment(e) for e, c in enumerate(coefficients.coeffs()))


def orthonormal(coded: Coded) -> bool:
    return coded.gram == [[int(i == j) for j in range(coded.n)] for i in range(coded.n)]


def bias_bounds(coded: Coded) -> list[arb]:
    """Return e_j = Q_p c_p / (p+2)! (delta / sigma)^(p+1) E |b_j|^(p+2), with the bound of `moments`."""
    p = coded.p
    _, Q = difference_constants(p)
    ratio = fmpq(1) / coded.sigma * coded.delta
    factor = Q * fourier_bound(p) * arb(fmpq(1, factorial(p + 2))) * ratio ** (p + 1)
    return [factor * m for m in moments(coded)]


# --- hypotheses ---


def unit_vectors(it: Any) -> Answer:
    for i, x in enumerate(it.points):
        if inner(x, x) != 1:
            return Counterexample(f"point {i} has the squared length {inner(x, x)}")
    return True


def alpha_solves(coded: Coded) -> Answer:
    for i, (row, y) in enumerate(zip(coded.gram, coded.labels, strict=True)):
        value = sum(a * r**coded.M for a, r in zip(coded.alpha, row, strict=True))
        if value != y:
            return Counterexample(f"(G alpha) is {value} at point {i}, where the label is {y}")
    return True


def M_is_even(it: Any) -> Answer:
    return (it.M >= 2 and it.M % 2 == 0) or Counterexample(f"M is {it.M}")


def p_is_odd(it: Any) -> Answer:
    return it.p % 2 == 1 or Counterexample(f"p is {it.p}")


def delta_and_sigma_positive(coded: Coded) -> Answer:
    for name, v in (("delta", coded.delta), ("sigma", coded.sigma)):
        if not v > 0:
            return Counterexample(f"{name} is {v.str(3, radius=False)}")
    return True


def undefined(it: Any) -> str | None:
    """Return in words why there is no unit F, or None."""
    if it.p % 2 == 0:
        return "0 is a node of the rule, and its weight would be 1/0"
    if isinstance(it, Coded) and not (it.delta > 0 or it.delta < 0):
        return "F would be a quotient by delta = 0"
    return None


def unknown(coded: Coded) -> str | None:
    """Return in words why no closed form of the moments of F decides anything, or None: they are known for M = 2."""
    if coded.M != 2:
        return f"not decided: the closed forms are for M = 2, and M is {coded.M}; sample it"
    return None


# --- bubeck-coded-mean ---


def covariance(coded: Coded, j: int, s: arb, t: arb) -> arb:
    """For M = 2: the covariance of (g + delta s V + sigma xi).x_j and (g + delta t V + sigma xi).x_j."""
    x, (form, image) = coded.points[j], coded.forms[j]
    step = coded.delta * coded.root
    own = ball(inner(x, x)) * (1 + coded.sigma * coded.sigma)
    return own + step * (s + t) * ball(form) + step * step * s * t * ball(image)


def silent(coded: Coded, j: int) -> bool:
    """Whether b_j = 0 surely, for M = 2. Then all neurons of F see the same, and F(x_j) = 0 because sum lambda = 0."""
    return coded.forms[j][1] == 0


def quadratic_mean(coded: Coded, j: int) -> arb:
    """E F(x_j) for M = 2: every neuron sees a centred Gaussian, and E psi(N(0, v)) = sqrt(v / (2 pi))."""
    if silent(coded, j):
        return arb(0)
    t, weights = ball_rule(coded.p)
    roots = [covariance(coded, j, v, v).sqrt() for v in t]
    total = sum((w * r for w, r in zip(weights, roots, strict=True)), arb(0))
    return fmpq(1) / coded.delta * total * (2 * arb.pi()).rsqrt()


def smoothed(u: acb, sigma: arb) -> acb:
    """E psi(u + sigma zeta) = u Phi(u / sigma) + sigma phi(u / sigma), continued to complex u."""
    v = fmpq(1) / sigma * u
    return (
        u * (1 + (v * acb(2).rsqrt()).erf()) * HALF
        + sigma * (-v * v * HALF).exp() * acb(2 * arb.pi()).rsqrt()
    )


def plain_power(k: int, z: acb) -> acb:
    return z**k


def orthonormal_mean(coded: Coded, j: int, code: Callable = hermite) -> arb:
    """E F(x_j) for orthonormal points, where b_j = sqrt(d/n) alpha_j h_k(z_j): one integral over z = z_j.

    Beyond |z| = 8 the integrand is at most |F| phi <= S_p |b| phi, and |He_k(z)| <= |z|^k there for k <= 5.
    """
    k, far = coded.M - 1, arb(8)
    t, weights = ball_rule(coded.p)
    size = coded.root * ball(coded.alpha[j]) * arb(factorial(k)).rsqrt()

    def integrand(z: acb, _: bool) -> acb:
        b = size * code(k, z)
        seen = [smoothed(z + coded.delta * v * b, coded.sigma) for v in t]
        total = sum((w * h for w, h in zip(weights, seen, strict=True)), acb(0))
        return total * (-z * z * HALF).exp()

    goal = arb(fmpq(1, 10**10))
    scale = (2 * arb.pi()).rsqrt()
    inside: Any = acb.integral(integrand, -far, far, rel_tol=goal, abs_tol=goal)
    S, _ = difference_constants(coded.p)
    a = arb(fmpq(k + 1, 2))
    tail = 2 * S * abs(size) * scale * arb(2) ** (a - 1) * (far * far * HALF).gamma_upper(a)
    error = arb(0, 1) * tail
    return scale * (fmpq(1) / coded.delta) * inside.real + error


def means(coded: Coded) -> list[arb] | None:
    """Return E F(x_j) for every j; None where no closed form and no single integral is known."""
    if coded.M == 2:
        return [quadratic_mean(coded, j) for j in range(coded.n)]
    if orthonormal(coded) and coded.M <= 6:
        return [orthonormal_mean(coded, j) for j in range(coded.n)]
    return None


def within(value: arb, target: arb, error: arb, where: str) -> Answer:
    """Decide |value - target| <= error with balls."""
    gap = abs(value - target)
    if gap <= error:
        return True
    if gap > error:
        words = f"{where} is {value.str(4, radius=False)}, not {target.str(4, radius=False)}"
        return Counterexample(f"{words} up to {error.str(2, radius=False)}")
    return undecided(f"|{where} - {target.str(4, radius=False)}|", error)


def at_most(value: arb, bound: arb, what: str, equal: bool = False) -> Answer:
    """Decide value <= bound with balls. equal: the two are known to be the same number, so that no ball decides."""
    if value <= bound or (equal and value.overlaps(bound)):
        return True
    if value > bound:
        return Counterexample(f"{what} is {value.str(4, radius=False)}, above {bound.str(4, radius=False)}")
    return undecided(what, bound)


def undecided(what: str, bound: arb) -> Counterexample:
    """The answer where two balls overlap: the numbers are equal, or closer to each other than the precision."""
    return Counterexample(
        f"not decided: {what} and its bound {bound.str(4, radius=False)} lie in balls that overlap"
    )


@dataclass(frozen=True)
class Average:
    """Runs in which the mean of F is estimated from `size` units each."""

    coded: Coded
    size: int
    runs: int
    seed: int

    @property
    def points(self) -> tuple:
        return self.coded.points


def mean_is_the_label(it: Coded | Average) -> Answer | Frequency:
    """|E F(x_j) - sqrt(d/n) kappa y_j| <= e_j.

    For an `Average`: the mean of the drawn units is within e_j and two standard deviations, sqrt(v_p / size) B_j
    each, with probability at least 3/4 (Chebyshev's inequality).
    """
    coded = it.coded if isinstance(it, Average) else it
    problem = undefined(coded)
    if problem:
        return Counterexample(problem)
    targets = [coded.root * kappa(coded.M - 1, coded.sigma) * ball(y) for y in coded.labels]
    errors = bias_bounds(coded)
    if isinstance(it, Average):
        noise = [(variance_constant(coded.p) * ball(B)).sqrt() for B in coded.spread]
        return floats.averages_within(it, targets, errors, noise)
    values = means(coded)
    if values is None:
        return Counterexample(
            "not decided: the mean is known for M = 2, and for orthonormal points with M <= 6"
        )
    for j, (value, target, error) in enumerate(zip(values, targets, errors, strict=True)):
        answer = within(value, target, error, f"E F at point {j}")
        if not answer:
            return answer
    return True


mean = Claim(
    "bubeck-coded-mean",
    hypotheses={
        "unit vectors": unit_vectors,
        "G alpha = y": lambda it: alpha_solves(it.coded if isinstance(it, Average) else it),
        "p is odd": lambda it: p_is_odd(it.coded if isinstance(it, Average) else it),
        "delta, sigma > 0": lambda it: delta_and_sigma_positive(it.coded if isinstance(it, Average) else it),
    },
    conclusion=mean_is_the_label,
)


def with_plain_powers(coded: Coded) -> Answer:
    """The wrong version of the mean: the code z^k in the place of He_k(z), for orthonormal points."""
    errors = bias_bounds(coded)
    for j, y in enumerate(coded.labels):
        value = orthonormal_mean(coded, j, code=plain_power)
        target = coded.root * kappa(coded.M - 1, coded.sigma) * ball(y)
        answer = within(value, target, errors[j], f"E F at point {j}")
        if not answer:
            return answer
    return True


# --- bubeck-coded-variance ---


def product_of_relus(u: arb, v: arb, c: arb) -> arb:
    """E psi(N) psi(N') for centred Gaussians, variances u and v, covariance c < sqrt(u v): the arc-cosine formula."""
    size = (u * v).sqrt()
    cosine = fmpq(1) / size * c
    angle = cosine.acos()
    return fmpq(1) / (2 * arb.pi()) * size * ((1 - cosine * cosine).sqrt() + (arb.pi() - angle) * cosine)


def square_by(p: int, delta: arb, variance: Callable, product: Callable) -> arb:
    """Return sum_il lambda_i lambda_l E h(N_i) h(N_l) / delta^2, given E h(N)^2 and E h(N) h(N') by their nodes."""
    t, weights = ball_rule(p)
    total = arb(0)
    for i, (a, s) in enumerate(zip(weights, t, strict=True)):
        total += a * a * variance(s)
        for b, r in zip(weights[:i], t, strict=False):
            total += 2 * a * b * product(s, r)
    return fmpq(1) / (delta * delta) * total


def quadratic_square(coded: Coded, j: int) -> arb:
    """E F(x_j)^2 for M = 2."""
    if silent(coded, j):
        return arb(0)

    def C(s: arb, t: arb) -> arb:
        return covariance(coded, j, s, t)

    return square_by(
        coded.p,
        coded.delta,
        variance=lambda s: HALF * C(s, s),
        product=lambda s, t: product_of_relus(C(s, s), C(t, t), C(s, t)),
    )


def square_is_small(coded: Coded, constant: arb | None = None) -> Answer:
    """E F(x_j)^2 <= v_p E b_j^2, for M = 2, with E b_j^2 = (d/n) |Q x_j|^2."""
    problem = undefined(coded) or unknown(coded)
    if problem:
        return Counterexample(problem)
    constant = variance_constant(coded.p) if constant is None else constant
    for j, (_, image) in enumerate(coded.forms):
        value, bound = quadratic_square(coded, j), constant * ball(Fraction(coded.d, coded.n) * image)
        answer = at_most(value, bound, f"E F^2 at point {j}")
        if not answer:
            return answer
    return True


variance = Claim(
    "bubeck-coded-variance",
    hypotheses={"p is odd": p_is_odd, "delta, sigma > 0": delta_and_sigma_positive},
    conclusion=square_is_small,
)


# --- bubeck-coded-theorem ---


@dataclass(frozen=True)
class Design:
    """A network of K independent units."""

    coded: Coded
    K: int

    @property
    def points(self) -> tuple:
        return self.coded.points


@dataclass(frozen=True)
class Trials:
    """Independent networks of one design; what happens is "error", "weight" or "both", see the theorem."""

    design: Design
    what: str
    trials: int
    seed: int

    @property
    def coded(self) -> Coded:
        return self.design.coded

    @property
    def points(self) -> tuple:
        return self.coded.points


def factor(coded: Coded) -> arb:
    """A = sqrt(n / d) / kappa."""
    return fmpq(1) / (coded.root * kappa(coded.M - 1, coded.sigma))


def error_bound(design: Design) -> arb:
    """n eta^2 + (n/K) (n/d) v_p mean(B^2) / kappa^2."""
    coded = design.coded
    A = factor(coded)
    eta = abs(A) * max(bias_bounds(coded), key=lambda e: e.mid())
    spread = ball(sum(coded.spread, Fraction(0)))
    return coded.n * eta * eta + A * A * variance_constant(coded.p) * spread * fmpq(1, design.K)


def energy(coded: Coded) -> arb:
    """y^T G^-1 y / n = y.alpha / n."""
    return ball(Fraction(inner(coded.labels, coded.alpha)) * Fraction(1, coded.n))


def weight_bound(coded: Coded) -> arb:
    """sqrt(n) / |kappa| * p / delta * sqrt(1 + sigma^2 + delta^2 y^T G^-1 y / (p n))."""
    p, delta = coded.p, coded.delta
    inside = 1 + coded.sigma * coded.sigma + delta * delta * energy(coded) * fmpq(1, p)
    return fmpq(p) / (abs(kappa(coded.M - 1, coded.sigma)) * delta) * (coded.n * inside).sqrt()


def expected_error(design: Design) -> arb:
    """E |f - y|^2 for M = 2: squared bias, and the variance of an average of K."""
    coded, A = design.coded, factor(design.coded)
    total = arb(0)
    for j, y in enumerate(coded.labels):
        m, s = quadratic_mean(coded, j), quadratic_square(coded, j)
        gap = A * m - ball(y)
        total += gap * gap + A * A * (s - m * m) * fmpq(1, design.K)  # gap ** 2 is nan if the ball contains 0
    return total


def expected_weight(coded: Coded) -> arb:
    """|A| / delta * sum_j |lambda_j| sqrt(E |w_j|^2), for unit vectors: at least E W(f), by Jensen's inequality."""
    t, weights = ball_rule(coded.p)
    d, n, k = coded.d, coded.n, coded.M - 1
    square = ball(Fraction(d, n) * Fraction(inner(coded.labels, coded.alpha)))  # E |V|^2
    mixed = coded.root * ball(sum(coded.alpha)) if k == 1 else arb(0)  # E g.V
    total = arb(0)
    for w, v in zip(weights, t, strict=True):
        step = coded.delta * v
        total += (
            abs(w) * (d * (1 + coded.sigma * coded.sigma) + 2 * step * mixed + step * step * square).sqrt()
        )
    return abs(factor(coded)) * (fmpq(1) / coded.delta) * total


def bounds_hold(it: Design | Trials) -> Answer | Frequency:
    """The expectations are at most the bounds; or, by Markov's inequality, what `Trials` counts is frequent enough."""
    coded = it.coded
    problem = undefined(coded)
    if problem:
        return Counterexample(problem)
    if coded.M % 2:
        return Counterexample("kappa is 0: the mean of F is 0 at every point, and no factor A can mend it")
    if isinstance(it, Trials):
        return floats.bounds_met(
            it, floats.real_units, factor(coded), error_bound(it.design), weight_bound(coded)
        )
    problem = unknown(coded)
    if problem:
        return Counterexample(problem)
    error = at_most(expected_error(it), error_bound(it), "the expected squared error")
    # all E |w_j|^2 are equal, and Cauchy-Schwarz is an equality, if V = 0, or if E g.V = 0 and all |t_j| = 1
    same = not any(coded.alpha) or (coded.p == 1 and sum(coded.alpha) == 0)
    return error and at_most(expected_weight(coded), weight_bound(coded), "the expected weight", equal=same)


theorem = Claim(
    "bubeck-coded-theorem",
    hypotheses={
        "unit vectors": unit_vectors,
        "G alpha = y": lambda it: alpha_solves(it.coded),
        "M is even": lambda it: M_is_even(it.coded),
        "p is odd": lambda it: p_is_odd(it.coded),
        "delta, sigma > 0": lambda it: delta_and_sigma_positive(it.coded),
    },
    conclusion=bounds_hold,
)


# --- bubeck-coded-corollary ---


@dataclass(frozen=True)
class Budget:
    """Points with labels of size at most Y, and the accuracy epsilon that is asked for."""

    points: tuple[tuple[Rational, ...], ...]
    labels: tuple[Rational, ...]
    M: int
    p: int
    Y: Rational
    epsilon: Rational
    trials: int
    seed: int


def gamma(points: tuple) -> Any:
    """The largest |x_i.x_j|, i != j; 0 for one point."""
    products: list[Any] = [abs(inner(x, z)) for i, x in enumerate(points) for z in points[:i]]
    return max(products) if products else 0


def well_separated(budget: Budget) -> Answer:
    value = len(budget.points) * gamma(budget.points) ** (budget.M - 1)
    return value <= Fraction(1, 2) or Counterexample(f"n gamma^(M-1) is {value}")


def labels_bounded(budget: Budget) -> Answer:
    if budget.Y <= 0:
        return Counterexample(f"Y is {budget.Y}, and must be positive")
    for i, y in enumerate(budget.labels):
        size: Any = abs(y)
        if size > budget.Y:
            return Counterexample(f"label {i} is {y}, and Y is {budget.Y}")
    return True


def epsilon_positive(budget: Budget) -> Answer:
    return budget.epsilon > 0 or Counterexample(f"epsilon is {budget.epsilon}")


def within_budget(budget: Budget) -> Answer | Frequency:
    """Both events of the corollary happen together with probability at least 1/6."""
    problem = undefined(budget)
    if problem:
        return Counterexample(problem)
    if budget.M % 2:
        return Counterexample("kappa is 0: the mean of F is 0 at every point, and no factor A can mend it")
    if budget.epsilon <= 0 or budget.Y <= 0:
        return Counterexample("the formulas for delta_0 and K divide by epsilon and Y, or take their roots")
    try:
        alpha = coefficients(budget.points, budget.labels, budget.M)
    except ZeroDivisionError:
        return Counterexample("G is singular: there is no unique alpha, so no network")
    return floats.budget_met(budget, alpha)


corollary = Claim(
    "bubeck-coded-corollary",
    hypotheses={
        "unit vectors": unit_vectors,
        "n gamma^(M-1) <= 1/2": well_separated,
        "|y_i| <= Y": labels_bounded,
        "epsilon > 0": epsilon_positive,
        "M is even": M_is_even,
        "p is odd": p_is_odd,
    },
    conclusion=within_budget,
)
