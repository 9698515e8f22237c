"""Enrichment: tails against exact sums and scipy, layers against plain loops, every control, mutants that turn red."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import asin, ceil, comb, exp, log, pi, sqrt

import numpy as np
import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, multivariate_normal, norm

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample, Frequency
from memlib.vershynin import channel as sign_module
from memlib.vershynin import enrichment
from memlib.vershynin.channel import Channel, Chord, channel, channel_failure, orthogonal_at_any_width
from memlib.vershynin.enrichment import enrich1, enrich2, first_layer, second_layer, sign_channel
from memlib.vershynin.enrichment_floats import (
    correlations,
    counts,
    homogenised,
    separated_points,
    sign_layers,
    signs,
    unit_vectors,
)
from memlib.vershynin.enrichment_tails import (
    Points,
    ceiling,
    codewords,
    firing_together,
    from_integer,
    integer,
    lower_tail,
    squared_separation,
    star,
    to_integer,
    upper_tail,
)
from memlib.vershynin.normal import Q, ball
from memlib.vershynin.sparsity import Pair

HALF = Fraction(1, 2)
probabilities = st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50)


def exact_tail(m: int, p: Fraction, a: int) -> Fraction:
    return sum((comb(m, k) * p**k * (1 - p) ** (m - k) for k in range(max(a, 0), m + 1)), Fraction(0))


def may_be(enclosure: arb, x: Fraction) -> bool:
    return bool(enclosure.overlaps(arb(fmpq(x.numerator, x.denominator))))


# points and tails


@given(st.integers(1, 40), probabilities, st.integers(-2, 43))
def test_tails_enclose_the_exact_sums(m: int, p: Fraction, a: int) -> None:
    whole = exact_tail(m, p, a)
    assert may_be(upper_tail(m, ball(p), a), whole)
    assert may_be(lower_tail(m, ball(p), a - 1), 1 - whole)


@pytest.mark.parametrize(("m", "p", "a"), [(10**6, 1e-4, 150), (12854, 0.0207, 330), (967, 0.0227, 40)])
def test_tails_are_sharp_where_it_matters(m: int, p: float, a: int) -> None:
    mine, other = upper_tail(m, arb(p), a), binom.sf(a - 1, m, p)
    assert float(mine.lower()) * 0.999 <= other <= float(mine.upper()) * 1.001
    assert float(mine.upper()) < 1.3 * other


@given(st.fractions(-50, 50, max_denominator=9), st.integers(-60, 60))
def test_integers_beyond_a_ball(x: Fraction, N: int) -> None:
    z = ball(x)
    assert ceiling(z) >= x > ceiling(z) - 2
    assert from_integer(z) <= N or x > N
    assert to_integer(z) >= N or x < N


def test_a_ball_that_is_no_integer() -> None:
    with pytest.raises(ArithmeticError, match="no integer"):
        integer(arb("nan"))


@given(st.integers(2, 5), st.integers(-3, 3), st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_stars_have_equal_products(K: int, common: int, own: list[int]) -> None:
    X = star(K, common, *own)
    for i in range(K):
        for k in range(K):
            assert X.gram[i][k] == (X.square if i == k else common**2)
    assert squared_separation(X) == Fraction(2 * sum(c * c for c in own), X.square)


def test_codewords_against_numpy() -> None:
    X = codewords(7, 20, seed=3)
    U = unit_vectors(X)
    np.testing.assert_allclose(np.linalg.norm(U, axis=1), 1)
    least = min(((U[i] - U[k]) ** 2).sum() for i, k in X.pairs)
    assert least == pytest.approx(float(squared_separation(X)))


@pytest.mark.parametrize(("b", "rho"), [(0.5, 0.25), (2.0, 0.5), (3.5, -0.5)])
def test_firing_together_against_scipy(b: float, rho: float) -> None:
    other = multivariate_normal.cdf([-b, -b], cov=[[1, rho], [rho, 1]])
    assert float(firing_together(arb(b), Fraction(rho))) == pytest.approx(other, rel=1e-4)


# vershynin-enrich1


@given(
    st.integers(2, 10**6), st.fractions(Fraction(1, 4), 3, max_denominator=8), probabilities, probabilities
)
def test_the_first_layer_is_the_least(K: int, delta2: Fraction, eps: Fraction, beta: Fraction) -> None:
    x = first_layer(K, delta2, eps, beta)
    assert float(x.b) == pytest.approx(sqrt(2 * (4 - delta2) * log(4 / eps) / delta2))
    assert x.m == pytest.approx(12 / eps**2 * log(2 * K * K / beta) / norm.sf(float(x.b)), rel=1e-6, abs=1)
    assert all(hypothesis(x) is True for hypothesis in enrich1.hypotheses.values())
    assert not enrichment.first_is_wide(replace(x, m=x.m - 1))
    assert not enrichment.bias_is_high(replace(x, b=x.b * fmpq(999, 1000)))


@pytest.mark.parametrize(("K", "delta2", "eps"), [(3, 2, HALF), (50, Fraction(36, 25), Fraction(1, 3))])
def test_the_union_bound_against_scipy(K: int, delta2: Fraction, eps: Fraction) -> None:
    x = first_layer(K, delta2, eps, HALF)
    p, room = norm.sf(float(x.b)), float(eps) / 2 * x.m * norm.sf(float(x.b))
    rho = 1 - float(delta2) / 2
    q = multivariate_normal.cdf([-float(x.b)] * 2, cov=[[1, rho], [rho, 1]])
    mean = x.m * p
    other = K * (binom.sf(mean + room, x.m, p) + binom.cdf(mean - room, x.m, p))
    other += K * (K - 1) / 2 * binom.sf(room, x.m, q)
    mine = enrichment.first_failure(x)
    assert other * 0.99 <= float(mine.upper()) <= 1.3 * other


def test_first_checks_and_controls(records: list) -> None:
    grid = [first_layer(K, d2, eps, HALF) for K in (2, 100) for d2 in (2, 1) for eps in (1, Fraction(1, 5))]
    enrich1.check(grid, over="a grid")
    base = first_layer(star(8, 0, 1), Fraction(2), HALF, HALF, runs=24, seed=5)
    antipodes = Points(((3, 4), (-3, -4), (4, -3)), 25)
    two = first_layer(antipodes, squared_separation(antipodes), HALF, HALF, runs=24, seed=5)
    enrich1.check([base, two], over="drawn layers")
    assert [r["strength"] for r in records] == ["enclosure", "statistical"]
    enrich1.control(replace(base, points=star(8, 4, 3)), without="the distances are at least delta")
    twins = Points((*base.points.rows[:7], base.points.rows[0]), 1)
    enrich1.control(replace(base, points=twins), without="the distances are at least delta")
    enrich1.control(replace(base, m=200), without="m is large enough")
    with pytest.raises(ControlFails, match="survives"):  # half of the width is still enough
        enrich1.control(replace(base, m=base.m // 2), without="m is large enough")
    with pytest.raises(ControlFails, match="another hypothesis"):
        enrich1.control(replace(base, points=star(8, 1, 1), m=9), without="m is large enough")
    one = first_layer(star(8, 1, 1), Fraction(1), HALF, HALF, runs=24, seed=5)
    third = one.b * fmpq(1, 3)
    low = replace(one, b=third, m=enrichment.least_width(8, HALF, HALF, third))
    enrich1.control(low, without="b is high enough")


def test_first_mutants(monkeypatch: pytest.MonkeyPatch) -> None:
    x = first_layer(1000, Fraction(1), HALF, HALF)
    assert enrichment.first_holds(x) is True
    assert not enrichment.first_holds(replace(x, m=x.m // 4))
    monkeypatch.setattr(enrichment, "firing_together", lambda b, rho: firing_together(b, (9 + rho) / 10))
    with pytest.raises(ClaimFails, match="the union bound is"):  # points at a tenth of the squared distance
        enrich1.check([x], over="a wrong correlation")


def test_first_counts_the_norms_too(monkeypatch: pytest.MonkeyPatch) -> None:
    base = first_layer(star(4, 0, 1), Fraction(2), HALF, HALF, runs=24, seed=1)
    monkeypatch.setattr(
        "memlib.vershynin.enrichment_floats.ndtr", lambda t: 2 * norm.cdf(t)
    )  # half the expected number of ones
    with pytest.raises(ClaimFails, match="0 of 24"):
        enrich1.check([base], over="a wrong mean")


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"points": star(1, 0, 1)}, "K >= 2"),
        ({"eps": Fraction(2)}, "0 < delta < 2, 0 < eps <= 1, 0 < beta < 1"),
        ({"points": Points(((2, 0), (0, 1)), 1)}, "the points have norm 1"),
        ({"delta2": Fraction(3)}, "the distances are at least delta"),
    ],
)
def test_first_hypotheses(change: dict, broken: str) -> None:
    x = replace(first_layer(star(2, 0, 1), Fraction(2), HALF, HALF), **change)
    assert isinstance(enrich1.hypotheses[broken](x), Counterexample)


# vershynin-sign-channel


@settings(max_examples=15)
@given(st.fractions(Fraction(-9, 10), Fraction(9, 10), max_denominator=20))
def test_sheppard(rho: Fraction) -> None:
    sign_channel.check([Pair(ball(0), ball(rho))], over="a drawn correlation")


def test_sheppard_is_about_no_bias() -> None:
    with pytest.raises(ClaimFails, match="the formula gives"):
        sign_channel.check([Pair(ball(Fraction(1, 10)), ball(HALF))], over="a bias")


def test_the_chord(monkeypatch: pytest.MonkeyPatch, records: list) -> None:
    x = Chord(sympy.Symbol("x", real=True))
    sign_channel.check([x], over="every x", case="the chord")
    assert records[0]["strength"] == "symbolic"
    monkeypatch.setattr(sympy, "asin", lambda z: sympy.pi * z**2 * sympy.Rational(2, 3))
    with pytest.raises(ClaimFails, match="it bends by"):  # another function that meets the chord at both ends
        sign_channel.check([x], over="a parabola", case="the chord")
    monkeypatch.setattr(sympy, "asin", sympy.atan)
    with pytest.raises(ClaimFails, match="does not meet"):
        sign_channel.check([x], over="the arctangent", case="the chord")


@pytest.mark.parametrize(("K", "eps", "d"), [(10, HALF, 0), (1000, Fraction(1, 5), 300), (3, HALF, 7)])
def test_the_channel_bound_against_scipy(K: int, eps: Fraction, d: int) -> None:
    x = channel(K, eps, HALF, d)
    t, worst = sqrt(2 * log(2 * K * K) / x.d), 0
    for rho in np.linspace(-float(eps), float(eps), 41):
        u = np.arccos(rho) / pi
        above = binom.sf(ceil(x.d * (u + t / 2) - 1e-9) - 1, x.d, u)
        worst = max(worst, above + binom.cdf(x.d * (u - t / 2) + 1e-9, x.d, u))
    mine = float(channel_failure(x).upper())
    assert K * (K - 1) / 2 * worst * 0.999 <= mine <= max(3 * K * (K - 1) / 2 * worst, 1e-9)
    assert float(channel_failure(x, parts=16).upper()) >= mine * 0.999


@given(st.integers(2, 1000), st.fractions(Fraction(1, 20), HALF, max_denominator=20), probabilities)
def test_the_width_of_d_is_the_least(K: int, eps: Fraction, beta: Fraction) -> None:
    x = channel(K, eps, beta)
    assert x.keeps_eps and not replace(x, d=x.d - 1).keeps_eps
    assert float(x.t) == pytest.approx(sqrt(2 * log(K * K / beta) / x.d))


def test_channel_checks_and_controls(records: list) -> None:
    sign_channel.check([channel(K, HALF, HALF, d) for K in (2, 500) for d in (0, 10, 200)], over="a grid")
    drawn = channel(star(20, 1, 1), HALF, HALF, runs=60, seed=2)
    mixed = Points(((1, 1, 0, 0), (1, -2, 0, 0), (0, 0, 7, 0), (0, 0, 0, 1)), 1)  # norms differ, signs too
    sign_channel.check([drawn, channel(mixed, HALF, HALF, runs=40, seed=2)], over="drawn layers")
    assert [r["strength"] for r in records] == ["enclosure", "statistical"]
    close = channel(star(20, 7, 1), Fraction(99, 100), HALF, d=2000, runs=24, seed=2)
    sign_channel.control(close, without="eps <= 1/2")
    tight = channel(star(20, 1, 1), Fraction(1, 4), HALF, runs=24, seed=2)
    sign_channel.control(tight, without="the correlations are at most eps")
    twins = channel(Points((*star(8, 0, 1).rows, star(8, 0, 1).rows[0]), 1), HALF, HALF, runs=24, seed=2)
    sign_channel.control(twins, without="the correlations are at most eps")
    nil = Points((*star(8, 0, 1).rows, (0,) * 9, (0,) * 9), square=1)
    sign_channel.control(channel(nil, HALF, HALF, runs=24, seed=2), without="no point is 0")
    narrow = channel(star(60, 1, 1), HALF, HALF, d=213, runs=60, seed=2)
    sign_channel.rejects(narrow, wrong=orthogonal_at_any_width, says="a third of the width is enough")


def test_a_smaller_t_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Channel, "t", property(lambda x: ball(Fraction(3, 50))))  # it should be 0.17
    with pytest.raises(ClaimFails, match="the union bound is"):
        sign_channel.check([channel(60, HALF, HALF, d=640)], over="a small t")
    with pytest.raises(ClaimFails, match="0 of 24"):
        sign_channel.check([channel(star(60, 1, 1), HALF, HALF, d=640, runs=24, seed=1)], over="a small t")


def test_another_formula_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    x = channel(star(60, 1, 1), HALF, HALF, d=3000, runs=24, seed=1)
    sign_channel.check([x], over="the arcsine")
    monkeypatch.setattr(np, "arcsin", lambda z: np.pi / 2 * z)  # as if correlations were kept
    with pytest.raises(ClaimFails, match="0 of 24"):
        sign_channel.check([x], over="no contraction")


# vershynin-enrich2


@pytest.mark.parametrize("m", [3, 246, 966, 967, 5000, 10**8])
def test_the_bias_against_scipy(m: int) -> None:
    x = second_layer(2, HALF, m)
    assert float(x.b) == pytest.approx(norm.isf(1 / sqrt(2 * m)))
    with ctx.workprec(160):
        assert bool(Q(x.b.lower()) > x.p) and bool(Q(x.b.upper()) < x.p)


def test_967_is_where_the_bias_passes_2() -> None:
    assert bool(second_layer(2, HALF, 967).b > 2) and bool(second_layer(2, HALF, 966).b < 2)


@given(st.integers(2, 10**6), probabilities)
def test_the_second_layer_is_the_least(K: int, beta: Fraction) -> None:
    x = second_layer(K, beta)
    assert x.m == max(967, ceil(128 * log(2 * K / beta) ** 2))
    assert float(x.eps) == pytest.approx(1 / (4 * log(x.m / 2)))
    assert float(x.most) == pytest.approx(max(exp(2), log(K * K / beta)))
    assert float(x.norm) == pytest.approx(float(x.m * x.p) / 2)
    assert all(hypothesis(x) is True for hypothesis in enrich2.hypotheses.values())


def test_second_checks_and_controls(records: list) -> None:
    enrich2.check(
        [second_layer(K, beta) for K in (2, 10**5) for beta in (HALF, Fraction(1, 1000))], over="a grid"
    )
    x = second_layer(star(16, 1, 5, 2), HALF, m=2500, runs=24, seed=3)
    enrich2.check([x], over="drawn layers")
    assert [r["strength"] for r in records] == ["enclosure", "statistical"]
    short = Points(tuple(tuple((3 - k % 2) * c for c in row) for k, row in enumerate(star(16, 0, 1).rows)), 9)
    enrich2.control(replace(x, points=short), without="the points have norm 1")
    near = replace(x, points=star(16, 3, 2))
    enrich2.control(near, without="the inner products are at most eps")
    enrich2.control(replace(near, eps=ball(Fraction(7, 10))), without="eps <= 1 / (4 ln(m/2))")
    enrich2.control(second_layer(2, Fraction(9, 10), m=966), without="m >= 967")
    thin = second_layer(star(64, 0, 1), Fraction(1, 1000), m=1000, runs=24, seed=3)
    enrich2.control(thin, without="m >= 128 ln^2(2 K / beta)")
    antipodes = Points(((1, 0), (-1, 0)), 1)
    enrich2.check([second_layer(antipodes, HALF, runs=40, seed=3)], over="antipodes")


def test_second_mutants(monkeypatch: pytest.MonkeyPatch) -> None:
    x = second_layer(1000, HALF)
    assert enrichment.second_holds(x) is True
    with monkeypatch.context() as m:
        m.setattr(enrichment.Second, "p", property(lambda x: ball(1) / ball(x.m).sqrt()))  # without the 2
        assert "fire together" in repr(enrichment.second_holds(second_layer(1000, HALF)))
    with monkeypatch.context() as m:
        m.setattr(enrichment.Second, "most", property(lambda x: ball(5)))
        assert "the union bound" in repr(enrichment.second_holds(replace(x, m=x.m + 1)))
    with monkeypatch.context() as m:
        m.setattr(enrichment.Second, "norm", property(lambda x: ball(Fraction(x.m, 2)).sqrt()))
        assert "the union bound" in repr(enrichment.second_holds(replace(x, m=x.m + 2)))


def test_the_last_line_below_967() -> None:
    """Exercise: at the least beta for K and m the chance of failure is far below it."""
    for m, K in ((246, 2), (400, 2), (600, 4), (966, 7)):
        least = 2 * K * exp(-sqrt(m / 128))
        failure = enrichment.second_failure(second_layer(K, min(Fraction(least), Fraction(999, 1000)), m))
        assert float(failure.upper()) < 0.11 * least


# layers in floats


def test_counts_against_a_loop() -> None:
    X = unit_vectors(star(4, 1, 2))
    A = counts(X, 0.7, 500, np.random.default_rng(8))
    G = np.random.default_rng(8).standard_normal((500, X.shape[1]))
    bits = [[bool(g @ x > 0.7) for g in G] for x in X]
    for i in range(4):
        for k in range(4):
            assert A[i, k] == sum(a and c for a, c in zip(bits[i], bits[k], strict=True))


def test_counts_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    X = unit_vectors(star(3, 0, 1))
    whole = counts(X, 0.2, 1000, np.random.default_rng(1))
    monkeypatch.setattr("memlib.vershynin.enrichment_floats.CHUNK", 7)
    np.testing.assert_array_equal(counts(X, 0.2, 1000, np.random.default_rng(1)), whole)


def test_signs_and_correlations() -> None:
    X = np.array([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0], [0.0, 3.0]])
    S = signs(X, 4000, np.random.default_rng(2))
    assert set(np.unique(S)) == {-1, 1} and S.shape == (4, 4000)
    np.testing.assert_array_equal(S[0], S[1])
    np.testing.assert_array_equal(S[0], -S[2])
    after = dict(zip(zip(*np.triu_indices(4, 1), strict=True), correlations(S @ S.T), strict=True))
    assert after[0, 1] == pytest.approx(1) and after[0, 2] == pytest.approx(-1) and abs(after[0, 3]) < 0.08


def test_sign_layers_follow_the_map() -> None:
    X = np.array([[1.0, 0.0], [0.9, sqrt(1 - 0.81)]])
    path = [float(r[0]) for r in sign_layers(X, 2000, 3, seed=1)]
    for before, after in pairwise(path):
        assert after == pytest.approx(2 / pi * asin(before), abs=0.08)


def test_points_for_the_pictures() -> None:
    X = separated_points(6, 3, 1.0, seed=1)
    assert min(np.linalg.norm(X[i] - X[k]) for i in range(6) for k in range(i)) >= 1
    H = homogenised(np.arange(12.0).reshape(4, 3) ** 2)
    np.testing.assert_allclose(np.linalg.norm(H, axis=1), 1)
    assert correlations(H @ H.T).min() > -1


def test_successes_are_frequencies() -> None:
    x = channel(star(4, 0, 1), HALF, Fraction(1, 4), runs=5, seed=1)
    found = sign_module.channel_holds(x)
    assert isinstance(found, Frequency) and (found.trials, found.at_least) == (5, 0.75)
