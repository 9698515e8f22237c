"""Signs of sums of exponentials, against FLINT's balls."""

from fractions import Fraction
from itertools import islice

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from memlib.background.exponential import at_most_exp, exponential_bounds, sign_of_exponentials

rationals = st.fractions(-6, 6, max_denominator=9)


def as_ball(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


@given(st.lists(st.tuples(rationals, rationals), min_size=1, max_size=5))
def test_signs_agree_with_balls(terms: list) -> None:
    total = sum((as_ball(c) * as_ball(x).exp() for c, x in terms), arb(0))
    sign = sign_of_exponentials(terms)
    if sign:
        assert not (total * sign < 0)
    if total > 0 or total < 0:
        assert sign == (1 if total > 0 else -1)


@given(rationals, rationals)
def test_zero_is_found(c: Fraction, x: Fraction) -> None:
    assert sign_of_exponentials([(c, x), (-c, x), (2, 1), (-1, 1), (-1, Fraction(1))]) == 0
    assert sign_of_exponentials([]) == 0


@given(st.fractions(0, 30, max_denominator=7))
def test_bounds_enclose_and_tighten(x: Fraction) -> None:
    pairs = list(islice(exponential_bounds(x), 60))
    value = as_ball(x).exp()
    assert all(as_ball(low) <= value.upper() and value.lower() <= as_ball(high) for low, high in pairs)
    assert all(low <= high for low, high in pairs)
    assert pairs[-1][1] - pairs[-1][0] <= Fraction(1, 10**3)


@pytest.mark.parametrize(
    ("p", "x", "factor", "holds"),
    [(1, 0, 1, True), (2, 0, 1, False), (Fraction(27, 10), 1, 1, True), (Fraction(272, 100), 1, 1, False),
     (0, -10**3, 1, True), (Fraction(1, 10**9), -20, 1, True), (Fraction(1, 10**8), -20, 1, False),
     (Fraction(1, 10**8), -20, 5, True)],
)  # fmt: skip
def test_known_comparisons(p, x, factor, holds: bool) -> None:
    assert at_most_exp(p, x, factor) is holds
