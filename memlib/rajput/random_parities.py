"""Random parities whose chances are computed: of a random parity check, counted over all matrices, and of blocks of
random hyperplanes, from the angles of the points, in balls.

Words are Python ints, bit i of a word is `word >> i & 1`; points are tuples of ints or Fractions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import comb, isqrt

from flint import acb, arb, fmpq

from memlib.background.exponential import sign_by_balls
from memlib.background.laws import Number
from memlib.points import HypothesisError

Pair = tuple[int, int]
#: Words of more bits are not counted over all rows.
FEW_BITS = 16


def power(x: arb, k: int) -> arb:
    """Return x^k; FLINT's real power takes a logarithm, which a ball around 0 has not."""
    return (acb(x) ** k).real


def ball(x: Number | arb) -> arb:
    """Return the number as a ball."""
    return x if isinstance(x, arb) else arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def over(x: arb, y: arb) -> arb:
    """Return x / y."""
    return x * (fmpq(1) / y)


def shown(x: arb) -> str:
    return x.str(3, radius=False)


def kappa(k: int | None = None, delta: Number = 0) -> arb:
    """Return kappa_k = ln(2 / (1 + (1 - delta/pi)^k)); without k the number kappa = ln(2 / (1 + 1/e))."""
    agree = ball(-1).exp() if k is None else power(1 - over(ball(delta), arb.pi()), k)
    return arb(2).log() - (1 + agree).log()


# --- rajput-linear-code ---


@dataclass(frozen=True)
class RandomCode:
    """Words of m bits, their promised distance D, and a random r x m matrix of bits that are 1 with chance alpha."""

    words: tuple[int, ...]
    m: int
    D: Number
    alpha: Fraction
    r: int
    eta: Fraction

    @property
    def differences(self) -> list[int]:
        return [v ^ w for v, w in combinations(self.words, 2)]

    def row_law(self) -> dict[int, int]:
        """For every set of pairs on which a random row can agree, as bits of an int, its weight out of q^m."""
        p, q = self.alpha.numerator, self.alpha.denominator
        law: dict[int, int] = {}
        if self.m > FEW_BITS:
            raise ValueError(f"2^{self.m} rows are too many to count; draw them")
        for row in range(1 << self.m):
            agree = sum(1 << k for k, d in enumerate(self.differences) if (row & d).bit_count() % 2 == 0)
            ones = row.bit_count()
            law[agree] = law.get(agree, 0) + p**ones * (q - p) ** (self.m - ones)
        return law

    @cached_property
    def injective(self) -> Fraction:
        """The probability that H keeps the words apart: no pair agrees in all rows. Counts over all H, row by row."""
        row, some = self.row_law(), {(1 << comb(len(self.words), 2)) - 1: 1}
        for _ in range(self.r):
            after: dict[int, int] = {}
            for mask, w in some.items():
                for agree, v in row.items():
                    after[mask & agree] = after.get(mask & agree, 0) + w * v
            some = after
        return Fraction(some.get(0, 0), self.alpha.denominator ** (self.m * self.r))


def rows_needed(n: int, eta: Fraction, fair: bool = False) -> int:
    """Return the least r with binom(n, 2) 2^-r <= eta (fair coins), or with binom(n, 2) ((1 + 1/e)/2)^r <= eta."""
    if not eta > 0:
        raise HypothesisError("eta must be positive", f"it is {eta}", "Change it.")
    high = 1
    while not few_enough(n, eta, high, fair):
        high *= 2
    low = -1  # too few, or no number of rows
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if few_enough(n, eta, middle, fair) else (middle, high)
    return high


def few_enough(n: int, eta: Fraction, r: int, fair: bool) -> bool:
    """Decide whether binom(n, 2) times the chance that r rows agree is at most eta > 0, exactly.

    For r > 0 and n > 1, binom(n, 2) ((1 + 1/e)/2)^r is a polynomial in 1/e that is not constant, so not rational:
    balls decide.
    """
    pairs = comb(n, 2)
    if fair or not (r and pairs):
        return pairs <= eta * 2**r
    return sign_by_balls(lambda: ball(eta).log() - ball(pairs).log() + r * kappa()) > 0


def dense(words: Sequence[int], m: int, eta: Fraction) -> RandomCode:
    """Return the random code of part (a)."""
    return RandomCode(tuple(words), m, 1, Fraction(1, 2), rows_needed(len(words), eta, fair=True), eta)


def sparse(words: Sequence[int], m: int, D: Number, eta: Fraction) -> RandomCode:
    """Return the random code of part (b)."""
    return RandomCode(tuple(words), m, D, Fraction(1, 2) / Fraction(D), rows_needed(len(words), eta), eta)


# --- rajput-block-parity ---


def every_pair(n: int) -> tuple[Pair, ...]:
    return tuple(combinations(range(n), 2))


def opposite(labels: Sequence[int]) -> tuple[Pair, ...]:
    """Return the pairs of points with different labels."""
    return tuple((i, j) for i, j in every_pair(len(labels)) if labels[i] != labels[j])


def in_unit_ball(points: Iterable[Sequence[int]]) -> tuple[tuple[Fraction, ...], ...]:
    """Return integer points divided by one integer, the least that brings them into the unit ball."""
    points = tuple(tuple(x) for x in points)
    longest = max(sum(c * c for c in x) for x in points)
    radius = isqrt(max(longest - 1, 0)) + 1  # the square root of `longest`, rounded up
    return tuple(tuple(Fraction(c, radius) for c in x) for x in points)


def squared_distance(x: Sequence[Number], y: Sequence[Number]) -> Number:
    return sum((a - b) ** 2 for a, b in zip(x, y, strict=True))


def separation_below(points: Sequence[Sequence[Number]], pairs: Iterable[Pair], grid: int = 1000) -> Fraction:
    """Return the largest multiple of 1/grid that is at most the distance of every pair."""
    least = Fraction(min(squared_distance(points[i], points[j]) for i, j in pairs))
    return Fraction(isqrt(grid**2 * least.numerator // least.denominator), grid)


@dataclass(frozen=True)
class Blocks:
    """r blocks of k random hyperplanes, for points of which some pairs must be told apart.

    pairs : they keep the distance delta. eta : a ball, the chance of failure. tau : the standard deviation of the
    biases; that of the weights is 1.
    """

    points: tuple[tuple[Number, ...], ...]
    pairs: tuple[Pair, ...]
    delta: Number
    k: int
    r: int
    eta: arb
    tau: Number = 1

    def agreement(self, i: int, j: int) -> arb:
        """The chance (1 + (1 - 2p)^k)/2 that one parity agrees at two points; p is the angle over pi.

        The angle is that of (x, tau) and (y, tau): its sine, times both lengths, is the root below.
        """
        x, y = self.points[i], self.points[j]
        inner = sum(a * b for a, b in zip(x, y, strict=True))
        area = squared_distance(x, (0,) * len(x)) * squared_distance(y, (0,) * len(y)) - inner**2
        sine = ball(area + self.tau**2 * squared_distance(x, y)).sqrt()
        p = over(arb.atan2(sine, ball(inner + self.tau**2)), arb.pi())
        return (1 + power(1 - 2 * p, self.k)) * fmpq(1, 2)

    @cached_property
    def collisions(self) -> dict[Pair, arb]:
        """For every pair the probability that all r parities agree."""
        return {(i, j): power(self.agreement(i, j), self.r) for i, j in self.pairs}

    @property
    def expected(self) -> arb:
        """The expected number of pairs that are not told apart."""
        return sum(self.collisions.values(), arb(0))


def blocks(
    points: tuple, delta: Number, eta: Number, pairs: tuple[Pair, ...] | None = None, k: int | None = None
) -> Blocks:
    """Return the blocks of the lemma: k is the least power of two with k >= pi/delta unless given, r the least.

    points : n >= 2. delta : positive. eta : between 0 and 1. Raises HypothesisError otherwise.
    """
    n, length = len(points), 1
    if n < 2 or delta <= 0 or not 0 < eta < 1:
        raise HypothesisError(
            "n >= 2, delta > 0 and 0 < eta < 1", f"they are {n}, {delta}, {eta}", "Change them."
        )
    while not ball(length * delta) >= arb.pi():
        length *= 2
    k = k or length
    r = over(ball(Fraction(n * (n - 1), 2) / Fraction(eta)).log(), kappa(k, delta))
    return Blocks(
        points, pairs or every_pair(n), delta, k, int(str(r.upper().ceil().unique_fmpz())), ball(eta)
    )
