"""Balls and the sandwich: other routes, every control, and mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations, product
from math import dist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import geometry, sandwich
from memlib.dirksen import geometry_floats as drawn
from memlib.dirksen.geometry import ENOUGH, ball_covers, in_order, limit, points_of, triangle
from memlib.dirksen.greedy import elements
from memlib.dirksen.sandwich import Finite, OnTheLine, Sampled, independent
from memlib.dirksen.scalars import ball
from memlib.dirksen.worst_case import interpolates
from memlib.evidence import Frequency

HALF = Fraction(1, 2)
GAP, NORMS = "2 R exp(-lambda^2 / 2 R^2) < g", "the norms are at most R"
ONE_LAW = "the hyperplanes are independent with one law"
STREET = [(k - 5 * HALF, -3 * HALF / 2) for k in range(6)]
ABOVE = [(k - 5 * HALF, 3 * HALF / 2) for k in range(6)]
SIX = limit(STREET, ABOVE, lam=9, R=Fraction(53, 20), n=31500, eta=Fraction(1, 10))
# two points, and an enemy that is nearer to the one than to the other
SMALL = limit([(0, 0), (1, 0)], [(0, HALF)], lam=4, R=1, n=43000, eta=Fraction(1, 10))
POOL = ((1, -HALF), (-1, HALF), (1, -3 * HALF), (-1, 3 * HALF))
coordinates = st.fractions(-1, 1, max_denominator=6).map(lambda v: v * Fraction(7, 10))
places = st.tuples(coordinates, coordinates)


# dirksen-metric


@given(places, places, places, st.sampled_from([HALF, 1]))
@settings(max_examples=10)
def test_the_metric_on_drawn_triangles(x, y, z, lam) -> None:
    geometry.metric.check([triangle(x, y, z, lam, R=1)], over="a drawn triangle")


def test_controls_of_the_metric() -> None:
    geometry.metric.control(triangle((3, 0), (Fraction(29, 10), 0), (0, 1), 1, R=1), without=NORMS)
    near = triangle((0, 0), (HALF, 0), (0, HALF), 1, R=1)
    lossless = lambda it: geometry.is_a_metric_near_the_distance(it, kept=ball(1))  # noqa: E731
    geometry.metric.rejects(near, wrong=lossless, says="nothing is lost")
    with pytest.raises(ControlFails, match="nothing was broken"):
        geometry.metric.control(near, without=NORMS)


def test_mutants_of_the_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    it, right = triangle((0, 0), (HALF, 0), (-HALF, 0), 2, R=1), geometry.rho
    for wrong, says in (
        (lambda x, y, lam: right(x, y, lam) * 2, "sqrt"),  # 8 lambda p
        (lambda x, y, lam: right(x, y, lam) * (1 + (x < y) * ball(Fraction(1, 100))), "one way"),
    ):
        with monkeypatch.context() as m:
            m.setattr(geometry, "rho", wrong)
            with pytest.raises(ClaimFails, match=says):
                geometry.metric.check([it], over="a mutant")
    squares = lambda x, y, lam: ball(geometry.squared(x, y))  # noqa: E731
    monkeypatch.setattr(geometry, "rho", squares)
    monkeypatch.setattr(geometry, "loss", lambda lam, R: ball(1))
    row = triangle((0, 0), (Fraction(3, 4), 0), (Fraction(3, 8), 0), 2, R=1)
    with pytest.raises(ClaimFails, match="the detour"):  # squares of distances are no metric
        geometry.metric.check([row], over="squares")


# dirksen-cccd-limit


@given(st.lists(places, min_size=2, max_size=7, unique=True), st.integers(1, 6))
def test_the_balls_by_distances(points: list, cut: int) -> None:
    minus, plus = points[: min(cut, len(points) - 1)], points[min(cut, len(points) - 1) :]
    for k, cover in enumerate(ball_covers(minus, plus)):
        reach = min(dist(minus[k], y) for y in plus)
        for i, x in enumerate(minus):
            if abs(dist(minus[k], x) - reach) > 1e-9:
                assert (cover >> i & 1) == (dist(minus[k], x) < reach)


def test_a_tie_is_outside() -> None:
    assert ball_covers([(0,), (1,)], [(2,)]) == [0b11, 0b10]
    assert ball_covers([(0,), (2,)], [(-2,)]) == [0b01, 0b11]


def test_the_run_by_hand() -> None:
    covers = ball_covers(STREET, ABOVE)
    assert [elements(c) for c in covers] == [[0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5]]
    assert in_order(covers, (2, 1, 0, 5, 4, 3)) == [2, 0, 5]
    widths = [len(in_order(covers, order)) for order in permutations(range(6))]
    assert Fraction(sum(widths), 720) == Fraction(26, 9) and set(widths) == {2, 3}


def test_the_limit_by_enclosure_and_by_runs(records: list) -> None:
    geometry.cccd_limit.check([SMALL], over="two points")
    assert records[-1]["strength"] == "enclosure"
    geometry.cccd_limit.check([replace(SMALL, runs=200)], over="runs")
    assert records[-1]["strength"] == "statistical"
    assert 3e4 < float(geometry.enough(SIX)) < 31500


def test_controls_of_the_limit() -> None:
    crooked = replace(SIX, lam=ball(2), n=10**6)
    geometry.cccd_limit.control(crooked, without=GAP)
    geometry.cccd_limit.control(replace(crooked, R=HALF), without=NORMS)
    geometry.cccd_limit.control(replace(SIX, n=300, runs=200), without=ENOUGH)
    with pytest.raises(ControlFails, match="survives"):
        geometry.cccd_limit.control(replace(SMALL, n=1), without=ENOUGH)  # p knows nothing of n


def test_a_tie_has_no_gap() -> None:
    tie = limit([(0, 0), (1, 0)], [(-1, 0)], lam=9, R=1, n=10**6, eta=HALF)
    assert not geometry.gap_is_clear(tie) and not geometry.clear_gap(tie) > 0


def test_mutants_of_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as m:
        m.setattr(geometry, "ball_covers", lambda A, B: [c ^ 2 for c in ball_covers(A, B)])
        for it in (SMALL, replace(SMALL, runs=100)):
            with pytest.raises(ClaimFails):
                geometry.cccd_limit.check([it], over="wrong balls")
    right = geometry.clear_gap
    monkeypatch.setattr(geometry, "clear_gap", lambda it: 3 * right(it))
    with pytest.raises(ClaimFails, match="away from the least"):
        geometry.cccd_limit.check([SMALL], over="three times the margin")


def test_the_counts_are_those_of_the_algorithm() -> None:
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((5, 2)), rng.standard_normal((4, 2))
    own, other = drawn.counts(A, B, 700, 2.0, 5)
    W, b = drawn.hyperplanes(700, 2, 2.0, np.random.default_rng(5))
    for k, i in product(range(5), range(5)):
        assert own[k, i] == np.sum((W @ A[k] + b <= 0) & (W @ A[i] + b > 0))
    assert other[2, 3] == np.sum((W @ A[2] + b <= 0) & (W @ B[3] + b > 0))
    assert (np.diag(own) == 0).all()


def test_widths_of_a_cover() -> None:
    cover = np.array([[bool(c >> i & 1) for i in range(6)] for c in ball_covers(STREET, ABOVE)])
    assert abs(np.mean(drawn.widths(cover, 4000, 0)) - 26 / 9) < 0.03 and drawn.greedy_width(cover) == 2
    assert drawn.jaccard(cover, cover) == 1 and drawn.jaccard(cover, ~cover) == 0
    assert (drawn.in_balls(drawn.as_floats(STREET), drawn.as_floats(ABOVE)) == cover).all()


# dirksen-sandwich


def tasks() -> list[Finite]:
    sets = [(a, tuple(set(range(3)) - set(a))) for r in (1, 2) for a in combinations(range(3), r)]
    return [independent(POOL, 3, points_of([(k,) for k in a]), points_of([(k,) for k in b])) for a, b in sets]


BEADS = OnTheLine(points_of([(-1,), (HALF,)]), points_of([(0,), (1,)]), ball(1), n=20)


def test_the_sandwich_in_three_ways(records: list) -> None:
    sandwich.sandwich.check(tasks(), over="all first layers")
    sandwich.sandwich.check([BEADS, replace(BEADS, n=1)], over="the line")
    plane = Sampled(SIX.minus, SIX.plus, ball(4), 60, 1500)
    sandwich.sandwich.check([plane, replace(plane, n=12, failures=True)], over="the plane")
    assert [r["strength"] for r in records] == ["exact", "enclosure", "statistical"]


def test_success_over_layers_by_separation() -> None:
    for it in tasks():
        hits = 0
        for layer in it.layers:
            rows = [it.pool[i] for i in layer]
            hits += all(
                any(w * x[0] + b <= 0 < w * y[0] + b for w, b in rows) for x in it.minus for y in it.plus
            )
        assert sandwich.success_over_layers(it) == Fraction(hits, 64)


def test_success_on_the_line_by_runs() -> None:
    it = Sampled(BEADS.minus, BEADS.plus, BEADS.lam, BEADS.n, 4000, seed=2)
    found, truth = drawn.count_successes(it), float(sandwich.success_on_the_line(BEADS))
    assert abs(found / 4000 - truth) < 5 * (truth * (1 - truth) / 4000) ** 0.5
    assert bool(sandwich.success_on_the_line(replace(BEADS, n=1)).contains(0))  # one cannot serve both ways
    assert drawn.count_successes(replace(it, n=1)) == 0


def test_controls_of_the_sandwich() -> None:
    copies = Finite(POOL, tuple((i,) * 3 for i in range(4)), points_of([(0,)]), points_of([(2,)]))
    sandwich.sandwich.control(copies, without=ONE_LAW)
    lucky = independent(((1, 0),), 1, points_of([(-1,), (HALF,)]), points_of([(2,)]), sigma="ReLU")
    sandwich.sandwich.control(lucky, without="sigma is the threshold")
    between = OnTheLine(
        points_of([(Fraction(98, 100),)]), points_of([(1,), (Fraction(96, 100),)]), ball(1), 1026
    )
    sandwich.sandwich.rejects(between, says="2p", wrong=lambda it: sandwich.success_is_between(it, factor=2))
    lame = replace(copies, layers=tuple(product(range(4), repeat=3))[1:])
    assert not sandwich.are_independent(lame) and sandwich.are_independent(tasks()[0]) is True


def test_mutants_of_the_sandwich(monkeypatch: pytest.MonkeyPatch) -> None:
    right = sandwich.sandwich_bounds
    for wrong in (
        lambda p, n: right(p, n + 1),  # one hyperplane too many
        lambda p, n: right(p[:1], n),  # one pair for all
        lambda p, n: (
            right(p, n)[0],
            1 - (1 - max(p)) ** n if isinstance(p[0], Fraction) else right(p, n)[0],
        ),
    ):
        with monkeypatch.context() as m:
            m.setattr(sandwich, "sandwich_bounds", wrong)
            with pytest.raises(ClaimFails, match=r"P\(success\) is"):
                sandwich.sandwich.check([*tasks(), BEADS], over="mutants")


def test_a_run_that_never_fails_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    plane = Sampled(SIX.minus, SIX.plus, ball(4), 12, 200, failures=True)
    monkeypatch.setattr(sandwich, "count_successes", lambda it: it.runs)
    with pytest.raises(ClaimFails, match="does not confirm"):
        sandwich.sandwich.check([plane], over="no failure")


def test_floats_below() -> None:
    assert drawn.float_below(ball(HALF)) < 0.5 and drawn.float_below(ball(-1)) > 0
    assert isinstance(geometry.covers_are_balls(replace(SMALL, runs=3)), Frequency)
    assert interpolates([0], [1], (0,))
