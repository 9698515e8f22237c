"""How many random hyperplanes the worst data need, and how many all data need.

Data are tuples of points with rational coordinates; the range of the biases is a FLINT ball.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import factorial

from flint import arb

from memlib.claim import Claim
from memlib.dirksen.scalars import Number, Point, ball, dot, over, precisely, root, shown
from memlib.dirksen.separation import (
    Pair,
    a_constant,
    around_the_origin,
    lam_is_positive,
    no_indicator,
    points_differ,
)
from memlib.dirksen.worst_case_floats import frequency
from memlib.evidence import Answer, Counterexample, Frequency

Points = tuple[Point, ...]


# --- the algorithm, on bits ---


def first_layer(weights: Iterable[Point], biases: Iterable[Number], points: Points) -> list[int]:
    """Return the bits of every point, hyperplane i in place i: 1 where w.x + b > 0."""
    planes = list(zip(weights, biases, strict=True))
    return [sum((dot(w, x) + b > 0) << i for i, (w, b) in enumerate(planes)) for x in points]


def unseparated(minus: Sequence[int], plus: Sequence[int]) -> tuple[int, int] | None:
    """Return the first pair (i, j) of points without a hyperplane that has i on its side <= 0 and j on its side > 0."""
    pairs = ((i, j) for i, p in enumerate(minus) for j, q in enumerate(plus) if not ~p & q)
    return next(pairs, None)


def second_layer(minus: Sequence[int], plus: Sequence[int], order: Iterable[int]) -> list[tuple[int, int]]:
    """Run the greedy algorithm on the bits: return (anchor, m) for every accepted neuron."""
    neurons, alive = [], set(range(len(minus)))
    for i in order:
        if i not in alive:
            continue
        m = min((~minus[i] & q).bit_count() for q in plus)
        alive.remove(i)
        if m > 0:
            neurons.append((i, m))
            alive -= {k for k in alive if (~minus[i] & minus[k]).bit_count() < m}
    return neurons


def interpolates(minus: Sequence[int], plus: Sequence[int], order: Iterable[int]) -> bool:
    """Run the algorithm and evaluate its network at every point: 1 on the first class, 0 on the second?

    The second layer must not have more neurons than the first class has points.
    """
    neurons = second_layer(minus, plus, order)

    def fires(bits: int) -> bool:
        return any((~minus[i] & bits).bit_count() < m for i, m in neurons)

    return len(neurons) <= len(minus) and all(map(fires, minus)) and not any(map(fires, plus))


# --- dirksen-thm-worst ---


@dataclass(frozen=True)
class Experiment:
    """Two classes, what is promised about them, and a random first layer of n hyperplanes.

    R, delta : promised radius and distance. lam : the range of the biases, a ball. eta : allowed failure.
    scale : biases are drawn from [-scale lam, scale lam]. runs : 0 to enclose the probability of success,
    else how many seeded runs of the algorithm count successes. relu : ReLU neurons in place of thresholds.
    """

    minus: Points
    plus: Points
    R: Number
    delta: Number
    lam: arb
    eta: Fraction
    n: int
    scale: Number = 1
    runs: int = 0
    seed: int = 0
    relu: bool = False

    @property
    def pairs(self) -> list[Pair]:
        """All pairs of points of different classes, with the range that is drawn."""
        return [Pair(x, y, self.lam * ball(self.scale)) for x in self.minus for y in self.plus]


def experiment(minus: Sequence, plus: Sequence, lam: Number, **rest) -> Experiment:
    """Return the experiment with points as tuples of Fractions and lam as a ball."""
    minus, plus = (tuple(tuple(map(Fraction, x)) for x in X) for X in (minus, plus))
    return Experiment(minus, plus, lam=ball(lam), **rest)


def ceiling(x: arb) -> int:
    """Return the least integer >= x. Raises ValueError if the ball is too wide to tell."""
    value = x.ceil().unique_fmpz()
    if value is None:
        raise ValueError(f"the ball {x} has no certain ceiling")
    return int(value)


@precisely
def enough(lam: Number | arb, R: Number, delta: Number, eta: Number, pairs: int) -> arb:
    """Return 2 lam / (a delta) log(pairs / eta), the theorem's number of hyperplanes."""
    lam = ball(lam)
    return over(2 * lam * ball(Fraction(pairs) / eta).log(), a_constant(lam, R) * ball(delta))


@precisely
def q_bound(lam: arb, delta: Number) -> arb:
    """Return delta / (2 sqrt(2 pi) lam), the largest probability of separating points at distance delta."""
    return over(ball(delta), 2 * root(2 * arb.pi()) * lam)


@precisely
def too_few(lam: Number | arb, delta: Number, eta: Number) -> arb:
    """Return (2 sqrt(2 pi) lam / delta - 1) log(1 / eta): fewer hyperplanes fail with probability above eta."""
    return (over(arb(1), q_bound(ball(lam), delta)) - 1) * ball(Fraction(1) / eta).log()


@precisely
def failure_bounds(it: Experiment) -> tuple[arb, arb]:
    """Enclose P(failure) for thresholds: at least the largest (1 - p)^n over the pairs, at most their sum."""
    missed = [(1 - around_the_origin(pair)) ** it.n for pair in it.pairs]
    low = missed[0]
    for m in missed[1:]:
        low = low.max(m)
    return low, sum(missed[1:], missed[0])


def points_in_ball(it: Experiment) -> Answer:
    for x in it.minus + it.plus:
        if dot(x, x) > Fraction(it.R) ** 2:
            return Counterexample(f"a point has the norm {shown(ball(dot(x, x)).sqrt())}, R is {it.R}")
    return True


def classes_apart(it: Experiment) -> Answer:
    nearest = min(pair.D2 for pair in it.pairs)
    if nearest < Fraction(it.delta) ** 2:
        return Counterexample(f"two points are {shown(ball(nearest).sqrt())} apart, delta is {it.delta}")
    return it.delta > 0 or Counterexample(f"delta is {it.delta}")


def eta_is_proper(it: Experiment) -> Answer:
    return 0 < it.eta < 1 or Counterexample(f"eta is {it.eta}")


def biases_fill_the_range(it: Experiment) -> Answer:
    return it.scale == 1 or Counterexample(f"they are uniform on [-{it.scale} lambda, {it.scale} lambda]")


def n_is_enough(it: Experiment) -> Answer:
    need = enough(it.lam, it.R, it.delta, it.eta, len(it.minus) * len(it.plus))
    return bool(it.n >= need) or Counterexample(f"n is {it.n}, the theorem asks for {shown(need)}")


@precisely
def succeeds(it: Experiment) -> Answer | Frequency:
    """P(success) >= 1 - eta: by enclosure of the failure probability, or by runs of the algorithm."""
    if it.runs:
        return frequency(it, interpolates, at_least=1 - it.eta)
    low, high = failure_bounds(it)
    if high <= ball(it.eta):
        return True
    if low > ball(it.eta):
        return Counterexample(f"it fails with probability at least {shown(low)}, more than {it.eta}")
    raise ArithmeticError(f"the failure probability is between {low} and {high}: not decided")


worst = Claim(
    "dirksen-thm-worst",
    hypotheses={
        "lambda > 0": lam_is_positive,
        "0 < eta < 1": eta_is_proper,
        "the points lie in the ball of radius R": points_in_ball,
        "the classes are at distance >= delta > 0": classes_apart,
        "n >= 2 lambda / (a delta) log(N- N+ / eta)": n_is_enough,
        "the biases are uniform on [-lambda, lambda]": biases_fill_the_range,
    },
    conclusion=succeeds,
)


# --- dirksen-lower-delta ---


def some_pair_is_close(it: Experiment) -> Answer:
    nearest = min(pair.D2 for pair in it.pairs)
    if nearest <= Fraction(it.delta) ** 2:
        return True
    return Counterexample(f"the classes are {shown(ball(nearest).sqrt())} apart, delta is {it.delta}")


def n_is_too_small(it: Experiment) -> Answer:
    bound = too_few(it.lam, it.delta, it.eta)
    return bool(0 <= it.n < bound) or Counterexample(f"n is {it.n}, the bound is {shown(bound)}")


def thresholds(it: Experiment) -> Answer:
    return not it.relu or Counterexample("the neurons are ReLUs")


@precisely
def fails_often(it: Experiment) -> Answer | Frequency:
    """P(failure) is at least (1 - delta / (2 sqrt(2 pi) lam))^n, and above eta."""
    promised = (1 - q_bound(it.lam, it.delta)) ** it.n
    if not promised > ball(it.eta):
        promised = ball(it.eta)
    if it.runs:
        return frequency(it, interpolates, at_least=promised.upper(), of_failure=True)
    low, high = failure_bounds(it)
    if low >= promised:
        return True
    if high < promised:
        return Counterexample(f"it fails with probability at most {shown(high)}, not {shown(promised)}")
    raise ArithmeticError(f"the failure probability is between {low} and {high}: not decided")


lower = Claim(
    "dirksen-lower-delta",
    hypotheses={
        "lambda > 0": lam_is_positive,
        "0 < eta < 1": eta_is_proper,
        "two points of different classes are at distance <= delta": some_pair_is_close,
        "n < (2 sqrt(2 pi) lambda / delta - 1) log(1 / eta)": n_is_too_small,
        "the neurons are thresholds": thresholds,
        "the biases are uniform on [-lambda, lambda]": biases_fill_the_range,
    },
    conclusion=fails_often,
)


# --- dirksen-lambda-zero ---


@dataclass(frozen=True)
class Lines:
    """A given first layer and two classes, all integers."""

    weights: Points
    biases: tuple[int, ...]
    minus: Points
    plus: Points

    def bits(self) -> tuple[list[int], list[int]]:
        """The bits of the two classes."""
        both = first_layer(self.weights, self.biases, self.minus + self.plus)
        return both[: len(self.minus)], both[len(self.minus) :]


def biases_are_zero(it: Lines) -> Answer:
    return not any(it.biases) or Counterexample(f"a bias is {next(b for b in it.biases if b)}")


def on_a_ray(x: Point, y: Point) -> bool:
    """Decide whether y = t x with t >= 0: the equality case of Cauchy and Schwarz, with the right sign."""
    inner = dot(x, y)
    return inner >= 0 and inner**2 == dot(x, x) * dot(y, y) and (any(x) or not any(y))


def common_ray(it: Lines) -> Answer:
    if any(on_a_ray(x, y) for x in it.minus for y in it.plus):
        return True
    return Counterexample("no x+ is t x- with t >= 0")


def never_interpolated(it: Lines, most: int = 120) -> Answer:
    """No order of candidates (all of them, if at most `most`) ends with an interpolating network."""
    minus, plus = it.bits()
    indices = range(len(minus))
    orders = permutations(indices) if factorial(len(minus)) <= most else [indices, reversed(indices)]
    for order in orders:
        if interpolates(minus, plus, order):
            return Counterexample(f"the algorithm interpolates with {len(it.weights)} hyperplanes")
    return True


lambda_zero = Claim(
    "dirksen-lambda-zero",
    hypotheses={"all biases are 0": biases_are_zero, "some x+ is t x-, t >= 0": common_ray},
    conclusion=never_interpolated,
)


# --- dirksen-lambda-range ---


@dataclass(frozen=True)
class FarPair:
    """A pair and a radius rho that is to be below both norms."""

    pair: Pair
    rho: Number

    @property
    def lam(self) -> arb:
        return self.pair.lam


def different_points(it: FarPair) -> Answer:
    return points_differ(it.pair)


def pair_on_a_ray(it: FarPair) -> Answer:
    x, y = it.pair.x, it.pair.y
    return (on_a_ray(x, y) and any(y)) or Counterexample("y is not t x with t > 0")


def norms_at_least_rho(it: FarPair) -> Answer:
    for z in (it.pair.x, it.pair.y):
        if dot(z, z) < Fraction(it.rho) ** 2:
            return Counterexample(f"a norm is {shown(ball(dot(z, z)).sqrt())}, rho is {it.rho}")
    return it.rho > 0 or Counterexample(f"rho is {it.rho}")


@precisely
def small_on_both_sides(it: FarPair, shrink: int = 1) -> Answer:
    """Decide p <= D / (2 sqrt(2 pi) lam) and p <= lam D / (4 sqrt(2 pi) rho^2 shrink)."""
    p, D = around_the_origin(it.pair), ball(it.pair.D2).sqrt()
    small = over(it.lam * D, 4 * shrink * root(2 * arb.pi()) * ball(Fraction(it.rho) ** 2))
    for bound in (no_indicator(it.pair), small):
        if p > bound:
            return Counterexample(f"p is {shown(p)}, above {shown(bound)}")
        if not p <= bound:
            raise ArithmeticError("the balls are too wide to tell")
    return True


lambda_range = Claim(
    "dirksen-lambda-range",
    hypotheses={
        "x and y differ": different_points,
        "lambda > 0": lam_is_positive,
        "y = t x with t > 0": pair_on_a_ray,
        "|x| and |y| are at least rho": norms_at_least_rho,
    },
    conclusion=small_on_both_sides,
)
