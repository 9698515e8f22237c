"""Norm drift and Enrichment II for nearly equal norms: oracles by quadrature and scipy, controls, mutants."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom, norm
from sympy import Symbol

from memlib.claim import ClaimFails, ControlFails
from memlib.vershynin import drift, norms
from memlib.vershynin import norms_floats as floats
from memlib.vershynin.drift import CRITICAL, intervals, relu_growth, threshold_growth
from memlib.vershynin.enrichment_tails import Points, star
from memlib.vershynin.normal import ball

HALF = Fraction(1, 2)
BETA = Symbol("b", positive=True)


# vershynin-norm-drift


@given(st.floats(0.1, 5))
def test_elasticities_are_difference_quotients(b: float) -> None:
    h = 1e-5

    def relu(square: float) -> float:
        r = math.sqrt(square)
        return quad(lambda x: (r * x - b) ** 2 * norm.pdf(x), b / r, b / r + 12, epsabs=0, epsrel=1e-11)[0]

    def slope(f) -> float:
        return (math.log(f(1 + h)) - math.log(f(1 - h))) / (2 * h)

    x = ball(Fraction(b))
    assert math.isclose(slope(lambda s: norm.sf(b / math.sqrt(s))), float(threshold_growth(x)), rel_tol=1e-5)
    assert math.isclose(slope(relu), float(relu_growth(x)), rel_tol=1e-4)


def test_the_critical_bias_is_between_its_decimals() -> None:
    low, high = (threshold_growth(ball(c)) for c in CRITICAL)
    assert low < 1 < high
    assert drift.critical_share_is_right()
    assert 0.116903 < norm.sf(1.190605) < 0.116906


def test_a_chain_of_means_drifts_below_the_critical_share_only() -> None:
    for p, near in ((0.03, False), (0.05, False), (0.07, False), (0.15, True), (0.3, True)):
        b, square = -norm.ppf(p), 0.9
        (x,) = intervals(Fraction(b), Fraction(b) + Fraction(1, 100), 1)
        assert bool(drift.norms_stay_near(x)) == near
        for found in drift.mean_squares(x.low, Fraction(9, 10), 8):
            assert square < 0.01 or abs(float(found) - square) < 1e-9
            square = norm.sf(b / np.sqrt(square)) / p if square > 0 else 0.0


def test_drift_checks_and_controls() -> None:
    norms.drift.check([BETA], over="letters", case="the derivatives")
    norms.drift.check([*intervals(Fraction(1, 2), CRITICAL[0], 20), *intervals(CRITICAL[1], 3, 60)], over="b")
    norms.drift.control(intervals(-1, Fraction(-99, 100), 1)[0], without="b > 0")
    with pytest.raises(ControlFails, match="not refuted"):
        norms.drift.rejects(
            intervals(2, Fraction(201, 100), 1)[0], wrong=drift.every_threshold_layer_drifts, says="always"
        )


@pytest.mark.parametrize(
    ("name", "mutant", "says"),
    [
        (
            "threshold_growth",
            lambda b: drift.over(b * drift.density(b), drift.Q(b)),
            "threshold layer is another",
        ),
        (
            "relu_growth",
            lambda b: 1 + drift.over(b * drift.moment(2, b), drift.moment(1, b)),
            "ReLU layer is another",
        ),
    ],
)
def test_a_wrong_elasticity_is_noticed(monkeypatch: pytest.MonkeyPatch, name, mutant, says) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(drift, name, mutant)
        with pytest.raises(ClaimFails, match=says):
            norms.drift.check([BETA], over="letters")


def test_a_wrong_critical_bias_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    near = intervals(Fraction(119, 100), CRITICAL[0], 1)
    norms.drift.check(near, over="below the critical bias")
    with monkeypatch.context() as patch:
        patch.setattr(drift, "CRITICAL", (Fraction(6, 5), Fraction(121, 100)))
        patch.setattr(drift, "CRITICAL_SHARE", (Fraction(0), Fraction(1)))
        with pytest.raises(ClaimFails, match="wrong side of 1"):
            norms.drift.check(intervals(Fraction(119, 100), Fraction(6, 5), 1), over="mutant")


# vershynin-enrich2-norms


def test_1062_is_the_place_where_the_longest_point_sees_2() -> None:
    assert norms.nearly(2, HALF, 1062).seen[0] > 2
    assert norms.nearly(2, HALF, 1061).seen[0] < 2


@pytest.mark.parametrize(("K", "beta"), list(product((2, 40, 1000), (HALF, Fraction(1, 100)))))
def test_the_union_bound_agrees_with_scipy(K: int, beta: Fraction) -> None:
    x = norms.nearly(K, beta)
    b, slack, eps = norm.isf(1 / math.sqrt(2 * x.m)), float(x.slack), float(x.eps)
    low = b / math.sqrt(1 + slack)

    def both(g: float) -> float:
        return norm.pdf(g) * norm.sf((low - eps * g) / math.sqrt(1 - eps**2))

    q = quad(both, low, 12, epsabs=0, epsrel=1e-9)[0]
    overlap = binom.sf(math.ceil(float(x.most)) - 1, x.m, q)
    short = binom.cdf(math.floor(float(x.norm)), x.m, norm.sf(b / math.sqrt(1 - slack)))
    bound = K * (K - 1) / 2 * overlap + K * short
    assert float(norms.nearly_failure(x).lower()) <= bound * 1.001
    assert float(norms.nearly_failure(x).upper()) >= bound * 0.999
    norms.enrich2_norms.check([x], over="all points")


def test_drawn_layers_and_controls() -> None:
    S = star(32, 1, 5, 2)
    x = norms.nearly(norms.uneven(S, lambda k: 992 + 16 * (k % 2), 1000), HALF, runs=30, seed=2)
    norms.enrich2_norms.check([x], over="uneven norms")
    short = replace(x, points=norms.uneven(S, lambda k: 3 - k % 2, 3), runs=24)
    norms.enrich2_norms.control(short, without="the squared norms are in 1 +- eps'")
    norms.enrich2_norms.control(replace(short, slack=ball(Fraction(3, 5))), without="eps' <= 1 / (8 ln(m/2))")
    with pytest.raises(ControlFails, match="survives"):
        norms.enrich2_norms.control(norms.nearly(star(2, 0, 1), HALF, m=1061, runs=40), without="m >= 1062")


def test_correlations_are_of_directions_not_of_vectors() -> None:
    """Halving all the vectors keeps their correlations; a negative inner product is always small enough."""
    x = norms.nearly(star(3, 1, 1), HALF)
    assert not norms.correlations_stay_below_eps(x)
    assert not norms.correlations_stay_below_eps(replace(x, points=norms.uneven(x.points, lambda k: 1, 9)))
    assert norms.correlations_stay_below_eps(replace(x, points=Points(((1, 0), (-1, 0)), 1)))


@pytest.mark.parametrize(
    ("attribute", "value", "says"),
    [
        ("norm", property(lambda x: arb(x.m).sqrt()), "union bound"),
        ("most", property(lambda x: arb(2)), "union bound"),
        ("together", property(lambda x: arb(2) / x.m), "fire together"),
        ("ratios", property(lambda x: (arb(1), arb("0.9"))), "times the probability"),
        ("seen", property(lambda x: (arb("1.9"), arb(2))), "sees the bias"),
    ],
)
def test_mutants_of_the_layer_fail(monkeypatch: pytest.MonkeyPatch, attribute, value, says) -> None:
    x = norms.nearly(10, HALF)
    with monkeypatch.context() as patch:
        patch.setattr(norms.Nearly, attribute, value)
        with pytest.raises(ClaimFails, match=says):
            norms.enrich2_norms.check([x], over="a mutant")


# floats


def test_chains() -> None:
    X = floats.random_points(40, 32, seed=0)
    below, above = (list(floats.sparse_chain(X, 1024, p, 6, seed=1)) for p in (0.04, 0.3))
    assert floats.spread(below[0]) < 1e-12
    assert floats.spread(below[-1]) > 5 * floats.spread(above[-1])
    assert all(floats.spread(s) < 1e-12 for s in floats.sign_chain(X, 128, 3, seed=0))


@given(st.floats(0.3, 3), st.floats(0.2, 5))
def test_next_square_is_the_expected_share(b: float, square: float) -> None:
    assert math.isclose(
        floats.next_square(b, square), norm.sf(b / math.sqrt(square)) / norm.sf(b), rel_tol=1e-9
    )
    assert math.isclose(floats.bias(norm.sf(b)), b, rel_tol=1e-9)
