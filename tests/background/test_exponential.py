"""Signs of sums of exponentials, against partial sums of the series, in fractions."""

from fractions import Fraction
from math import exp

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from memlib.background import exponential
from memlib.background.exponential import at_most_exp, ball, sign_by_balls, sign_of_exponentials

rationals = st.fractions(-6, 6, max_denominator=9)


def exponential_bounds(x: Fraction, terms: int) -> tuple[Fraction, Fraction]:
    """Return bounds of e^x, 0 <= x < terms: a partial sum, and the geometric series of its last term's successors."""
    term = total = Fraction(1)
    for k in range(1, terms):
        term *= x / k
        total += term
    rest = term * (x / terms) / (1 - x / (terms + 1))
    return total, total + rest


@given(st.lists(st.tuples(rationals, rationals), min_size=1, max_size=5))
def test_signs_agree_with_partial_sums(terms: list) -> None:
    low = high = Fraction(0)
    for c, x in terms:
        bounds = [c * b for b in exponential_bounds(x + 6, 80)]
        low, high = low + min(bounds), high + max(bounds)
    sign = sign_of_exponentials(terms)
    assert sign or (low <= 0 <= high and high - low < Fraction(1, 10**9))
    assert sign <= 0 or high > 0
    assert sign >= 0 or low < 0


@given(rationals, rationals)
def test_zero_is_found(c: Fraction, x: Fraction) -> None:
    assert sign_of_exponentials([(c, x), (-c, x), (2, 1), (-1, 1), (-1, Fraction(1))]) == 0
    assert sign_of_exponentials([]) == 0


@given(st.fractions(0, 30, max_denominator=7))
def test_the_oracle_is_near_floats(x: Fraction) -> None:
    low, high = exponential_bounds(x, 120)
    assert low <= high and float(low) == pytest.approx(exp(x)) == pytest.approx(float(high))


def test_a_close_call_is_decided() -> None:
    low, high = exponential_bounds(Fraction(1), 100)  # 150 digits
    assert not at_most_exp(high, 1) and at_most_exp(low, 1)


def test_large_numbers_are_quick() -> None:
    huge = 10**50
    assert at_most_exp(huge, huge) and not at_most_exp(Fraction(1, huge), -huge)
    assert not at_most_exp(Fraction(huge + 2, huge), Fraction(1, huge))
    assert at_most_exp(Fraction(huge + 1, huge), Fraction(1, huge))


def test_zero_in_balls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exponential, "MOST_BITS", 256)
    with pytest.raises(ArithmeticError, match="256 bits"):
        sign_by_balls(lambda: ball(2).sqrt() ** 2 - arb(2))


@pytest.mark.parametrize(
    ("p", "x", "factor", "holds"),
    [(1, 0, 1, True), (2, 0, 1, False), (Fraction(27, 10), 1, 1, True), (Fraction(272, 100), 1, 1, False),
     (0, -10**3, 1, True), (Fraction(1, 10**9), -20, 1, True), (Fraction(1, 10**8), -20, 1, False),
     (Fraction(1, 10**8), -20, 5, True)],
)  # fmt: skip
def test_known_comparisons(p, x, factor, holds: bool) -> None:
    assert at_most_exp(p, x, factor) is holds
