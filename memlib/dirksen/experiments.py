"""The authors' published figures, and when a run of ours, or a bound of the book, contradicts them.

A count of successes is compared with an interval of probabilities through two binomial tails. Published numbers: the
authors' public result files, rounded as in the book's tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from memlib.claim import Claim
from memlib.dirksen.experiments_floats import count_successes, frequency
from memlib.evidence import Answer, Counterexample, Frequency

Cell = tuple[int, Fraction]

#: Two moons with 1000 points: lambda -> (n, successes of 50 runs, ten times the mean width of all 50 runs).
COLUMNS = {
    Fraction(0): ((50, 0, 21), (100, 0, 31), (200, 0, 52), (300, 0, 84), (500, 0, 140)),
    Fraction(1, 2): ((50, 10, 82), (100, 33, 80), (200, 49, 63), (300, 50, 58), (500, 50, 54)),
    Fraction(3, 4): ((50, 8, 88), (100, 34, 80), (200, 49, 64), (300, 50, 53), (500, 50, 53)),
    Fraction(1): ((50, 6, 74), (100, 24, 86), (200, 48, 61), (300, 50, 55), (500, 50, 53)),
    Fraction(3, 2): ((50, 2, 70), (100, 25, 81), (200, 39, 71), (300, 50, 60), (500, 50, 55)),
    Fraction(5, 2): ((50, 0, 38), (100, 5, 83), (200, 25, 72), (300, 44, 70), (500, 50, 62)),
}
#: (n, lambda) -> (successes of 50 runs, mean width).
PUBLISHED: dict[Cell, tuple[int, Fraction]] = {
    (n, lam): (hits, Fraction(w, 10)) for lam, rows in COLUMNS.items() for n, hits, w in rows
}
RUNS = 50
#: Growing moons, lambda = 1: (points, n) -> (successes of 100 runs, mean width).
GROWING = {
    (10**5, 200): (69, Fraction(995, 100)),
    (10**5, 600): (100, Fraction(630, 100)),
    (10**5, 1000): (100, Fraction(586, 100)),
    (10**5, 2000): (100, Fraction(563, 100)),
    (10**6, 200): (37, Fraction(1374, 100)),
    (10**6, 1000): (100, Fraction(706, 100)),
}
#: The level of every comparison of a published count.
ALPHA = Fraction(1, 1000)

# --- dirksen-meets ---


def weights(r: int, p: Fraction) -> list[int]:
    """Return b^r P(S = k), k = 0, ..., r, for p = a/b and S the number of successes of r independent runs."""
    a, b = p.numerator, p.denominator
    return [comb(r, k) * a**k * (b - a) ** (r - k) for k in range(r + 1)]


def binomial(r: int, p: Fraction) -> tuple[Fraction, ...]:
    """Return P(S = k), k = 0, ..., r."""
    return tuple(Fraction(w, p.denominator**r) for w in weights(r, p))


def at_least_half(tail: int, r: int, p: Fraction, alpha: Fraction) -> bool:
    """Decide tail / b^r >= alpha / 2."""
    return 2 * tail * alpha.denominator >= alpha.numerator * p.denominator**r


def meets(k: int, r: int, low: Fraction, high: Fraction, alpha: Fraction = ALPHA) -> bool:
    """Decide whether the Clopper-Pearson interval of k successes of r meets [low, high].

    P_high(S >= k) >= alpha/2 and P_low(S <= k) >= alpha/2, S binomial; no quantile is computed.
    """
    above, below = sum(weights(r, high)[k:]), sum(weights(r, low)[: k + 1])
    return at_least_half(above, r, high, alpha) and at_least_half(below, r, low, alpha)


@dataclass(frozen=True)
class Count:
    """The law of a number of successes, P(S = k) for k = 0, ..., r; a probability p, and bounds for it."""

    law: tuple[Fraction, ...]
    p: Fraction
    low: Fraction
    high: Fraction
    alpha: Fraction = ALPHA


def count(r: int, p: Fraction, low: Fraction, high: Fraction, alpha: Fraction = ALPHA) -> Count:
    """Return the count of r independent runs."""
    return Count(binomial(r, p), p, low, high, alpha)


def is_binomial(it: Count) -> Answer:
    expected = binomial(len(it.law) - 1, it.p)
    for k, (found, wanted) in enumerate(zip(it.law, expected, strict=True)):
        if found != wanted:
            return Counterexample(f"P(S = {k}) is {found}, and {wanted} for independent runs")
    return True


def p_is_between(it: Count) -> Answer:
    return 0 <= it.low <= it.p <= it.high <= 1 or Counterexample(
        f"p is {it.p}, outside [{it.low}, {it.high}]"
    )


def decimals(q: Fraction) -> str:
    """Return a number of [0, 1] to four decimals, rounded down."""
    whole, rest = divmod(10**4 * q.numerator // q.denominator, 10**4)
    return f"{whole}.{rest:04}"


def interval_meets(it: Count, alpha: Fraction | None = None) -> Answer:
    """The interval meets the bounds with probability at least 1 - alpha. alpha : promise another level."""
    r, promised = len(it.law) - 1, 1 - (it.alpha if alpha is None else alpha)
    inside = sum((q for k, q in enumerate(it.law) if meets(k, r, it.low, it.high, it.alpha)), Fraction(0))
    return inside >= promised or Counterexample(
        f"they meet with probability {decimals(inside)}, less than {promised}"
    )


INDEPENDENT = "the runs are independent with success probability p"
BETWEEN = "low <= p <= high"
meeting = Claim(
    "dirksen-meets", hypotheses={INDEPENDENT: is_binomial, BETWEEN: p_is_between}, conclusion=interval_meets
)

# --- dirksen-agreement ---


@dataclass(frozen=True)
class Rerun:
    """Runs of ours on the two moons, against a published cell. failures : count failures, for the upper end.

    scale : the largest norm of the points.
    """

    n: int
    lam: Fraction
    published: Cell
    runs: int = 400
    seed: int = 0
    failures: bool = False
    scale: Fraction = Fraction(1)


def same_cell(it: Rerun) -> Answer:
    ours, theirs = ((n, str(lam)) for n, lam in ((it.n, it.lam), it.published))
    return ours == theirs or Counterexample(f"n and lambda are {ours}, in the published runs {theirs}")


def same_scale(it: Rerun) -> Answer:
    return it.scale == 1 or Counterexample(f"the largest norm is {it.scale}")


def probability_is_in_the_interval(it: Rerun) -> Answer | Frequency:
    """One end of the Clopper-Pearson interval of the published count bounds P(success), or P(failure)."""
    hits = count_successes(it.n, it.lam, it.runs, it.seed, it.scale)
    k = PUBLISHED[it.published][0]
    if it.failures:
        return frequency(it.runs - hits, it.runs, lower_end(RUNS - k))
    return frequency(hits, it.runs, lower_end(k))


def lower_end(k: int, r: int = RUNS, alpha: Fraction = ALPHA) -> Fraction:
    """Return a bound from above, on the grid of 2^-30, for the lower Clopper-Pearson limit of k successes of r.

    The limit is the q with P_q(S >= k) = alpha/2; the tail grows with q, so bisection finds it.
    """
    low, high = Fraction(0), Fraction(1)
    for _ in range(30):
        middle = Fraction(low + high, 2)
        low, high = (
            (low, middle) if at_least_half(sum(weights(r, middle)[k:]), r, middle, alpha) else (middle, high)
        )
    return high


def ends(cells: Sequence[Cell], runs: int = 400, seed: int = 0) -> list[Rerun]:
    """Return the comparisons of these cells: the lower end where a run succeeded, the upper where one failed."""
    found = []
    for cell in cells:
        hits = PUBLISHED[cell][0]
        for failures, happened in ((False, hits), (True, RUNS - hits)):
            if happened:
                found.append(Rerun(*cell, cell, runs, seed, failures))
    return found


def is_decided(cell: Cell, hits: int, runs: int) -> bool:
    """Decide whether these runs, counted before, put P(success) into the interval, as a check would."""
    k = PUBLISHED[cell][0]
    sides = ((hits, k), (runs - hits, RUNS - k))
    return all(frequency(h, runs, 1).lower() >= lower_end(c) for h, c in sides if c)


SAME_CELL = "n and lambda are the published ones"
agreement = Claim(
    "dirksen-agreement",
    hypotheses={SAME_CELL: same_cell, "the largest norm is 1": same_scale},
    conclusion=probability_is_in_the_interval,
)
