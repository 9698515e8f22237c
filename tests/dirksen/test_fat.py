"""Margins, the uniform count, the paper's form of the theorem, and polytopes settled at their vertices."""

import random
from dataclasses import replace
from fractions import Fraction
from math import comb, erf, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails
from memlib.dirksen import components, components_floats, fat, infinite
from memlib.dirksen.algorithm import cnt, value
from memlib.dirksen.components import covering, disc, experiment, point
from memlib.dirksen.fat import full_experiment, margins, near_centre, threshold, with_margins
from memlib.dirksen.infinite import Polytopes, some_point, twins
from memlib.dirksen.planar import fmpq
from memlib.dirksen.scalars import agree, ball
from memlib.dirksen.separation import around_the_origin, pair

TENTH, BEST = Fraction(1, 10), Fraction(15852, 10000)
TIGHT = fmpq(1, 10**15)
tenths = st.integers(-15, 15).map(lambda k: Fraction(k, 10))
SQUARE = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def plane(r):
    return covering(
        [disc((s, 0), r, 12) for s in (1, -1)], [disc((0, s), r, 12) for s in (1, -1)], Fraction(1414, 1000)
    )


# The uniform count.


def test_enclosed_probability_is_the_binomial_one() -> None:
    it = replace(threshold(3, 12, 2, 1), theta=ball(1))
    q = (1 - erf(1 / sqrt(2))) / 2
    p = sum(comb(12, k) * q**k * (1 - q) ** (12 - k) for k in range(2)) ** 3
    assert not fat.few_exceed(it)
    assert f"{p:.4f}"[:5] in str(fat.few_exceed(it))


def test_threshold_meets_its_hypothesis_with_equality() -> None:
    it = threshold(20, 200, 10, 2)
    theta = (sqrt(2 * log(20)) + sqrt(2 * (10 * log(20) + 10 + 2))) / sqrt(10)
    assert abs(float(it.theta) - theta) < 1e-12
    assert fat.exponent_suffices(it)
    assert not fat.exponent_suffices(replace(it, theta=it.theta * fmpq(99, 100)))
    assert not fat.k_is_proper(replace(it, k=0)) and not fat.k_is_proper(replace(it, k=201))


def test_count_without_the_union_bound_is_noticed(monkeypatch) -> None:
    """Mutant: the hypothesis without k ln(e n / k)."""
    it = replace(threshold(1, 100, 5, 1), theta=ball(Fraction(64, 100)))
    monkeypatch.setitem(fat.uniform_count.hypotheses, "theta is large enough", lambda it: True)
    with pytest.raises(ClaimFails, match=r"below 0[.]63"):
        fat.uniform_count.check([it], over="a mutant")


# Margins.


@settings(max_examples=30, deadline=None)
@given(tenths, tenths, st.sampled_from([Fraction(1, 3), Fraction(1), Fraction(3)]))
def test_without_margins_it_is_the_known_probability(c, d, lam) -> None:
    if c != d:
        assert agree(
            with_margins(margins(c, d, lam, 0, 0)), around_the_origin(pair((c,), (d,), lam)), fmpq(1, 10**12)
        )


@settings(max_examples=30, deadline=None)
@given(tenths, tenths, st.integers(0, 9), st.integers(0, 9))
def test_margins_on_drawn_pairs(c, d, s, t) -> None:
    it = margins(c, d, 1, s * TENTH, t * TENTH, R=2)
    fat.margin_sep.check([it], over="drawn pairs")


def test_margins_agree_with_a_sample() -> None:
    rng = np.random.default_rng(0)
    w, b = rng.standard_normal(400_000), rng.uniform(-2, 2, 400_000)
    it = margins(-1, Fraction(1, 2), 2, TENTH, Fraction(1, 4))
    assert abs(np.mean((-w + b <= -0.1) & (w / 2 + b > 0.25)) - float(with_margins(it))) < 3e-3
    assert abs(np.mean(abs(b - w) <= 0.1) - float(near_centre(it))) < 2e-3


def test_a_margin_that_is_too_small_is_noticed(monkeypatch) -> None:
    it = margins(Fraction(95, 100), 1, 1, Fraction(1, 200), Fraction(1, 200))
    monkeypatch.setattr(fat, "with_margins", lambda it: with_margins(it) * fmpq(1, 2))
    with pytest.raises(ClaimFails, match="below"):
        fat.margin_sep.check([it], over="half of the probability")


# The theorem in the paper's form.


def test_two_terms_by_floats() -> None:
    it = plane(Fraction(1, 200))
    first, second = map(float, fat.two_terms(it, 1, ball(BEST), TENTH))
    a, lam = (1 - np.exp(-(1.5852**2) / 2)) / np.sqrt(2 * np.pi), 1.5852
    omega = 2 * 0.005**2 / 2**1.5
    assert abs(first - 64 * lam / (a * 1.414) * log(200)) < 1e-6 * first
    assert abs(second - 16384 * lam * omega / a**3) < 1e-6 * second


def test_the_radius_condition_by_floats() -> None:
    a = (1 - np.exp(-(1.5852**2) / 2)) / np.sqrt(2 * np.pi)
    ad = a * np.sqrt(2)
    most = ad / (16 * np.sqrt(2 * (2 + log(64 * 1.5852 / ad))))
    for factor, fine in ((Fraction(999, 1000), True), (Fraction(1001, 1000), False)):
        r = Fraction(most).limit_denominator(10**6) * factor
        assert bool(fat.radii_are_small(full_experiment(plane(r), 1, BEST, TENTH))) == fine


def test_full_notices_bad_first_layers(monkeypatch) -> None:
    it = full_experiment(plane(Fraction(6, 1000)), 1, BEST, TENTH, runs=140)
    fat.full.check([it], over="small polygons")
    monkeypatch.setattr(
        components_floats, "hyperplanes", lambda n, d, lam, rng: (np.ones((n, d)), np.full(n, 9.0))
    )
    with pytest.raises(ClaimFails, match="0 of 140"):
        fat.full.check([it], over="hyperplanes far away")


def test_the_numbers_of_the_proof() -> None:
    found = {name: float(x) for name, x in fat.tail_exponents().items()}
    assert 0.0585 < found["N"] < 0.0586 and 0.0645 < found["B"] < 0.0646
    assert min(found.values()) * 32 > 1
    assert Fraction(575, 1000) - Fraction(2, 32) == Fraction(45, 100) + Fraction(2, 32)


# Polytopes.


def layers(n, seed):
    draw = random.Random(seed)
    return tuple(
        (draw.randint(-9, 9), draw.randint(-9, 9), Fraction(2 * draw.randint(-50, 50) + 1, 2))
        for _ in range(n)
    )


def shifted(x, y, r=1):
    return tuple((x + u * r, y + v * r) for u, v in SQUARE)


def test_counts_by_hand() -> None:
    half = Fraction(1, 2)
    layer = ((1, 0, -3 + half), (0, 1, half), (-1, 0, 3 - half))
    it = Polytopes(layer, (SQUARE,), (((4, -1), (4, 1)),))
    assert it.counts == ([[1]], [1])
    assert infinite.every_pair_has_a_block(it) and not infinite.more_blocks_than_cuts(it)
    assert infinite.more_blocks_than_cuts(replace(it, few=False))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_counts_bound_all_points(seed, n) -> None:
    it = Polytopes(layers(n, seed), (shifted(-8, 0), shifted(8, 0)), (shifted(0, 8), shifted(0, -8)))
    draw = random.Random(seed)
    (N, K) = it.counts
    for l, P in enumerate(it.minus):
        x, z = some_point(P, draw), some_point(P, draw)
        assert cnt(it.layer, x, z) <= K[l]
        for j, Q in enumerate(it.plus):
            assert cnt(it.layer, x, some_point(Q, draw)) >= N[l][j]


def test_certificate_holds_where_it_should() -> None:
    tried = [
        Polytopes(layers(80, s), (shifted(-8, 0),), (shifted(0, 8), shifted(8, 0)), samples=3)
        for s in range(10)
    ]
    good = [it for it in tried if infinite.more_blocks_than_cuts(it)]
    assert good
    infinite.certificate.check(good, over="squares")


def test_a_certificate_at_the_centres_is_noticed(monkeypatch) -> None:
    """Mutant: signs at the first vertex in place of all vertices."""
    true = infinite.signs
    monkeypatch.setattr(infinite, "signs", lambda layer, P: true(layer, P[:1]))
    tried = [Polytopes(layers(4, s), (shifted(-8, 0, 5),), (shifted(8, 0, 5),), few=False) for s in range(40)]
    claimed = [it for it in tried if infinite.every_pair_has_a_block(it)]
    with pytest.raises(ClaimFails, match="false on instance"):
        infinite.certificate.check(claimed, over="a mutant")


def test_infinite_classes_and_a_wrong_network(monkeypatch) -> None:
    it = experiment(plane(Fraction(2, 100)), 1, BEST, TENTH)
    infinite.theorem.check([it], over="polygons")
    assert not infinite.some_network_interpolates(replace(it, n=3))
    monkeypatch.setattr(infinite, "explicit_network", lambda found, x: False)
    with pytest.raises(ClaimFails, match="the network is wrong"):
        infinite.theorem.check([it], over="a silent network")


def test_a_common_point_cannot_be_interpolated() -> None:
    it = experiment(covering([point(1, 0)], [point(1, 0)], 1), 1, BEST, TENTH)
    assert not components.all_centres_apart(it)
    assert "both classes" in str(infinite.some_network_interpolates(it))


def test_twins_have_equal_bits_and_lie_inside() -> None:
    rows = [(3, -4, 1), (-1, 2, -1), (5, 5, 2)]
    p = (Fraction(3, 5), Fraction(-4, 5))
    x = twins(rows, p)
    assert x[0] ** 2 + x[1] ** 2 < 1
    assert [value(w, x) > 0 for w in rows] == [value(w, p) > 0 for w in rows]


def test_exact_rows_are_the_floats() -> None:
    it = replace(experiment(plane(Fraction(2, 100)), 1, BEST, TENTH), n=5)
    W, b = components_floats.hyperplanes(5, 2, float(it.lam.mid()), 3)
    assert [[float(v) for v in row] for row in components_floats.exact_rows(it, 3)] == np.c_[W, b].tolist()
