"""Hamming distances and rounding: oracles from scipy, every control, mutants that turn each claim red."""

from dataclasses import replace
from fractions import Fraction
from math import comb, erf, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from memlib.claim import ClaimFails, ControlFails
from memlib.rajput import integers
from memlib.rajput.hyperplanes import Cloud, Draw, radius_of, segment
from memlib.rajput.integers import Nudge, Rounding, below, enough_bits, enough_for_distance, nudge, rounded
from memlib.rajput.integers_floats import FINE, changes, distances, distinct_codes, rounded_rows
from memlib.rajput.two_points import ball
from tests.strategies import point_sets

HALF = Fraction(1, 2)
MANY = "m >= (16 pi/delta) ln(n(n-1)/(2 eta))"
BITS = "2^p >= n m sqrt(d+1) / (eta sqrt(2 pi))"
eta = st.fractions(Fraction(1, 50), Fraction(9, 10), max_denominator=50)


def many(cloud: Cloud, delta: Fraction | None = None) -> Draw:
    delta = delta or cloud.separation()
    return Draw.of(cloud, HALF, enough_for_distance(len(cloud.points), delta, HALF), delta)


LINE = many(segment(11))
GENTLE = Rounding(segment(21), 380, enough_bits(21, 380, 1, HALF), ball(HALF))


# rajput-hamming


@given(st.integers(1, 60), st.fractions(0, 1, max_denominator=20), st.integers(0, 70))
def test_binomial_tails_against_scipy(m: int, p: Fraction, least: int) -> None:
    assert float(below(m, ball(p), least).mid()) == pytest.approx(binom.cdf(least - 1, m, float(p)), abs=1e-9)


@given(point_sets(n=st.integers(2, 4)))
def test_hamming_holds_on_drawn_points(points: tuple) -> None:
    integers.hamming.check([many(Cloud(points, radius_of(points)))], over="drawn points")


@given(st.integers(2, 300), st.fractions(Fraction(1, 40), 2, max_denominator=40), eta)
def test_enough_for_distance_is_the_least(n: int, delta: Fraction, eta: Fraction) -> None:
    m = enough_for_distance(n, delta, eta)
    failure = lambda k: comb(n, 2) * np.exp(-k * float(delta) / (16 * pi))  # noqa: E731
    assert failure(m) <= float(eta) * (1 + 1e-9)
    assert m == 1 or failure(m - 1) > float(eta) * (1 - 1e-9)


def test_checks_and_controls_of_hamming(records: list) -> None:
    integers.hamming.check([LINE], over="segment")
    integers.hamming.check([replace(LINE, trials=40)], over="drawn")
    assert [r["strength"] for r in records] == ["enclosure", "statistical"]
    integers.hamming.control(replace(LINE, m=5), without=MANY)
    integers.hamming.control(replace(LINE, m=40, trials=60), without=MANY)
    far = Cloud(((10,), (9,)), 1)
    integers.hamming.control(many(far, Fraction(1)), without="the points lie in the unit ball")
    twice = Cloud(((1, 0), (0, 1), (1, 0)), 1, (0, 0, 1))
    integers.hamming.control(many(twice, Fraction(1)), without="the pairs are delta-separated")
    with pytest.raises(ControlFails, match="still holds"):
        integers.hamming.control(LINE, without=MANY)


@pytest.mark.parametrize("factor", [2, 3])
def test_a_larger_promised_distance_fails(factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    true = integers.promised
    monkeypatch.setattr(integers, "promised", lambda draw: factor * true(draw))
    two = Cloud(((100,), (99,)), 100)  # an extremal pair: the mean is hardly more than 2 D
    with pytest.raises((ClaimFails, ValueError)) as error:
        integers.hamming.check([many(two)], over="mutant")
    assert factor == 2 or error.type is ClaimFails


@pytest.mark.parametrize("claim_and_instance", [
    (integers.hamming, replace(LINE, m=LINE.m - 1)),
    (integers.rounding, replace(GENTLE, bits=GENTLE.bits - 1)),
    (integers.rounding, replace(GENTLE, eta=ball(1))),
])  # fmt: skip
def test_hypotheses_are_sharp(claim_and_instance: tuple) -> None:
    claim, instance = claim_and_instance
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        claim.check([instance], over="just outside")


def test_distances_are_hamming_distances() -> None:
    codes = ((0, 1, 1), (1, 1, 0), (0, 1, 1))
    assert distances(codes, ((0, 1), (0, 2), (1, 2))).tolist() == [2, 0, 2]


# rajput-rounding


@given(st.integers(-(2**54), 2**54), st.integers(0, FINE - 1))
def test_rounding_is_to_nearest(g: int, bits: int) -> None:
    (G,) = rounded((g,), bits)
    assert abs(Fraction(G, 2**bits) - Fraction(g, 2**FINE)) <= Fraction(1, 2 ** (bits + 1))
    assert rounded_rows(np.array([g]), bits).tolist() == [G]


@given(point_sets(), st.integers(0, 12), st.integers(0, 1000))
def test_a_changed_bit_was_close(points: tuple, bits: int, seed: int) -> None:
    it = nudge(Cloud(points, radius_of(points)), 20, bits, seed)
    assert all(it.closeness(i, k) <= 1 for i, k in it.changed)


def test_the_reach_is_reached() -> None:
    row = (int(HALF * 2**FINE), -int(Fraction(1499, 1000) * 2**FINE))  # 1/2 -> 1 and -1.499 -> -1
    it = Nudge(Cloud(((1,),), 1), (row,), bits=0)
    assert it.changed == [(0, 0)]
    assert Fraction(99, 100) < it.closeness(0, 0) <= 1


def test_changes_agree_with_exact_integers() -> None:
    c = segment(9)
    rows = nudge(c, 30, 3, 5).rows
    counts = changes(c, 30, [0, 3, 6], trials=1, seed=5)[0]
    assert counts.tolist() == [len(Nudge(c, rows, p).changed) for p in (0, 3, 6)]
    assert distinct_codes(c, 200, [20], seed=5) == [9]
    assert distinct_codes(c, 1, [20], seed=5)[0] <= 2


@given(point_sets(), st.integers(0, 20))
def test_chance_of_change_against_floats(points: tuple, bits: int) -> None:
    R = radius_of(points)
    for X in points:
        t = (sum(abs(c) for c in X) / R + 1) / 2 ** (bits + 1)
        deviation = sqrt(sum(c * c for c in X) / R**2 + 1)
        chance = integers.chance_of_change(X, R, bits)
        assert float(chance.mid()) == pytest.approx(erf(t / deviation / sqrt(2)), rel=1e-9)


@given(point_sets(), st.integers(1, 50), eta)
def test_rounding_holds_on_drawn_points(points: tuple, m: int, eta: Fraction) -> None:
    bits = enough_bits(len(points), m, len(points[0]), eta)
    integers.rounding.check(
        [Rounding(Cloud(points, 1), m, bits, ball(eta))], over="points outside the ball, too"
    )
    asked = len(points) * m * sqrt(len(points[0]) + 1) / (float(eta) * sqrt(2 * pi))
    assert 2**bits >= asked * (1 - 1e-9)
    assert bits == 0 or 2 ** (bits - 1) < asked


def test_checks_and_controls_of_rounding(records: list) -> None:
    integers.rounding.check([GENTLE], over="segment")
    integers.rounding.check([replace(GENTLE, trials=100)], over="drawn")
    assert [r["strength"] for r in records] == ["enclosure", "statistical"]
    integers.rounding.control(replace(GENTLE, bits=7, trials=100), without=BITS)
    with pytest.raises(ControlFails, match="still holds"):
        integers.rounding.control(GENTLE, without=BITS)
    with pytest.raises(ValueError, match="decides nothing"):
        integers.rounding.control(replace(GENTLE, bits=7), without=BITS)


@pytest.mark.parametrize("shift", [4, 6])
def test_coarser_rounding_fails(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from memlib.rajput import integers_floats

    true = integers_floats.rounded_rows
    monkeypatch.setattr(integers_floats, "rounded_rows", lambda rows, p: true(rows, p - shift) << shift)
    with pytest.raises(ClaimFails):
        integers.rounding.check([replace(GENTLE, trials=100)], over="mutant")


def test_a_density_four_times_too_large_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    true = integers.chance_of_change
    monkeypatch.setattr(integers, "chance_of_change", lambda *a: 4 * true(*a))
    with pytest.raises(ValueError, match="decides nothing"):
        integers.rounding.check([GENTLE], over="mutant")
