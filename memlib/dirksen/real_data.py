"""Real data: ten detectors, the half-way bias that survives rounding, and clusters of any size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from memlib.claim import Claim
from memlib.dirksen.algorithm_network import detectors as detectors
from memlib.evidence import Answer, Counterexample

# --- dirksen-halfway ---


@dataclass(frozen=True)
class Rounded:
    """One neuron: the sums u.Phi of the points that it covers, those of X^+, and a bound for errors of a sum.

    Every sum that a computer finds lies within `error` of the true one, anywhere.
    """

    covered: tuple[Fraction, ...]
    plus: tuple[Fraction, ...]
    error: Fraction

    @property
    def largest(self) -> Fraction:
        return max(self.covered)

    @property
    def least(self) -> Fraction:
        return min(self.plus)


def room_is_left(it: Rounded) -> Answer:
    """4 e < m - c: half the gap pays for the error of the bias and for that of the sum."""
    gap = it.least - it.largest
    return 4 * it.error < gap or Counterexample(
        f"the error {it.error} is not below a quarter of the gap {gap} between c and m"
    )


def found_sums(it: Rounded) -> list[tuple[str, Fraction, list[Fraction]]]:
    """Return for every sum its kind, its value and what the computer may find: the ends and the value itself."""
    sums = [("covered", s) for s in it.covered] + [("X^+", s) for s in it.plus]
    return [(kind, s, [s - it.error, s, s + it.error]) for kind, s in sums]


def half_way(low: Fraction, high: Fraction) -> Fraction:
    return Fraction(low + high, 2)


def at_least_sum(low: Fraction, high: Fraction) -> Fraction:
    """The bias of the algorithm, m itself."""
    return high


def decisions_survive(it: Rounded, bias: Callable[[Fraction, Fraction], Fraction] = half_way) -> Answer:
    """However c, m and the sum are rounded, bias - sum is > 0 on covered points and < 0 on X^+.

    All is affine in the errors, so their extreme values decide. The strict sign on X^+ keeps a ReLU silent as well.
    """
    near, found = (-it.error, it.error), []
    for kind, s, values in found_sums(it):
        for e, f, value in product(near, near, values):
            b = bias(it.largest + e, it.least + f)
            if (b - value > 0) != (kind == "covered") or b == value:
                found.append((abs(b - value), b, s, kind, value))
    if not found:
        return True
    _, b, s, kind, value = max(found)
    return Counterexample(
        f"the bias is found as {b}, the sum {s} ({kind}) as {value}; the difference is {b - value}"
    )


ROOM = "the errors are below a quarter of the gap"
halfway = Claim("dirksen-halfway", hypotheses={ROOM: room_is_left}, conclusion=decisions_survive)

# --- several classes ---


def first_that_fires(answers: Sequence[int]) -> int:
    """Return the class that argmax reads off the detectors: the first with the largest answer."""
    return max(range(len(answers)), key=lambda c: answers[c])
