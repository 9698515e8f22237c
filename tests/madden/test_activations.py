"""Enclosed activations against dense samples, floats and calculus."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from memlib.approximate import ACTIVATIONS
from memlib.madden.activations import NAMES, RANGES, Enclosed, activation, hull, reachable
from memlib.madden.newton_floats import functions
from memlib.madden.pairs import BITS, Analytic, ball

ALL = (*NAMES, "x^1", "x^2", "x^3", "x^6")
quarters = st.integers(-24, 24).map(lambda k: Fraction(k, 4))


@given(st.sampled_from(ALL), quarters, quarters, st.integers(0, 16))
def test_the_ball_contains_every_value(name: str, centre: Fraction, radius: Fraction, k: int) -> None:
    psi, t = activation(name), centre + abs(radius) * Fraction(k - 8, 8)
    with ctx.workprec(BITS):
        cube = ball(centre) + arb(0, ball(abs(radius)))
        assert psi.value(cube).overlaps(psi.psi.value(ball(t)))
        assert psi.slope(cube).overlaps(psi.psi.slope(ball(t)))


@pytest.mark.parametrize("name", ALL)
def test_the_ball_is_not_much_wider_than_the_range(name: str) -> None:
    psi, f = activation(name), functions(name)
    for a, b in [(-3, 3), (-1, 0.5), (0.25, 2), (-2.5, -0.5)]:
        with ctx.workprec(BITS):
            cube = arb(a).union(arb(b))
            found = psi.value(cube), psi.slope(cube)
        t = np.linspace(a, b, 4001)
        for got, g in zip(found, f, strict=True):
            values = g(t)
            assert float(got.lower()) == pytest.approx(values.min(), abs=1e-4 * max(1, np.ptp(values)))
            assert float(got.upper()) == pytest.approx(values.max(), abs=1e-4 * max(1, np.ptp(values)))


@pytest.mark.parametrize("name", ALL)
def test_slopes_are_derivatives(name: str) -> None:
    psi, h = activation(name), fmpq(1, 2**50)
    value, slope = functions(name)
    for t in (-2.5, -0.3, 0.0, 1.7):
        with ctx.workprec(BITS):
            quotient = (psi.value(arb(t) + h) - psi.value(arb(t) - h)) * 2**49
            assert abs(quotient - psi.slope(arb(t))) < fmpq(1, 10**20)
            assert float(psi.value(arb(t))) == pytest.approx(float(value(np.float64(t))), rel=1e-12)
            assert float(psi.slope(arb(t))) == pytest.approx(float(slope(np.float64(t))), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_psi_and_its_slope_turn_nowhere_else(name: str) -> None:
    """Between two neighbours of the listed points the float functions go one way."""
    psi, t = activation(name), np.linspace(-6, 6, 2001)
    for f, breaks in zip(functions(name), (psi.turns, psi.bends), strict=True):
        up = np.sign(np.diff(f(t)))
        turns = t[1:-1][up[1:] * up[:-1] < 0]
        assert len(turns) == len(breaks)
        for found, known in zip(turns, breaks, strict=True):
            assert abs(found - float(known)) < 0.01


def test_a_missing_turn_is_seen() -> None:
    gelu = activation("gelu")
    with ctx.workprec(BITS):
        wrong = Enclosed(gelu.psi, (), gelu.bends).value(arb(-3, 3))
        assert not wrong.contains(gelu.value(arb(-0.75)))
        assert hull(lambda t: t * t, arb(0, 1), ()).lower() > 0.9


def test_ranges_and_reachable_labels() -> None:
    assert set(RANGES) < set(NAMES)
    for name, (low, high) in RANGES.items():
        values = ACTIVATIONS[name](np.linspace(-8, 8, 99))
        assert (low is None or values.min() > low) and (high is None or values.max() < high)
    half = Fraction(1, 2)
    assert reachable(activation("tanh"), (half, -half)) == (-1, 1)
    assert reachable(activation("sigmoid"), (3, -2)) == (-2, 3)
    assert reachable(activation("softplus"), (3, 1)) == (0, None)
    assert reachable(activation("softplus"), (3, -1)) == (None, None)
    assert reachable(activation("gelu"), (1,)) == (None, None)


@pytest.mark.parametrize("name", ["relu", "x^0", "x^-1", "x^", "tanh "])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not one of"):
        activation(name)


def test_signs() -> None:
    assert activation("sigmoid").one_sign and activation("x^2").one_sign
    assert not activation("tanh").one_sign and not activation("x^3").one_sign
    assert isinstance(activation("tanh").psi, Analytic)
