"""Counting labellings: laws, oracles by another route, the controls of the page, mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import e, log2, pi, sin

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.layer import Layer
from memlib.network import Network
from memlib.rajput import arrangements, bits, budgets, first_layers
from memlib.rajput.arrangements import cells
from memlib.rajput.bits import alternating_with_skips, every_bound, fewest_neurons, fewest_parameters, price
from memlib.rajput.budgets import (
    Budget,
    Family,
    Wired,
    boolean_units,
    closed_form,
    labellings_of,
    most_by_units,
    most_points,
    most_shattered,
)
from memlib.rajput.first_layers import (
    Cuts,
    Layered,
    cuts,
    first_layer_needed,
    labellings_through,
    labellings_with_a_skip,
    most_labellings,
)
from memlib.rajput.limits import Equidistant, Ring
from memlib.rajput.line import Line, as_many_as_changes, fewest_units
from memlib.rajput.packings import Counted, Packing, between_the_lines, grid
from memlib.search import memorized_by
from tests.strategies import general_point_sets, point_sets

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
UNIT_VECTORS = tuple(tuple(int(i == j) for j in range(6)) for i in range(6))
IN_THE_WIRES = Family(UNIT_VECTORS, (1,), wirings=tuple(product((0, 1), repeat=6)))
POWERS = tuple((2**i,) for i in range(1, 16))
WIRING, SKIP = "one wiring for all labellings", "no connection skips a layer"
UNITS, FIRST = "the units are threshold units", "the first layer has threshold units"


def ruler(n: int) -> tuple:
    return tuple((i,) for i in range(n))


def curve(n: int) -> tuple:
    return tuple((i, i**3 - 3 * i + i % 3) for i in range(n))


# rajput-lb-bits


def test_families_against_layers() -> None:
    family = Family(CORNERS, (-1, 1), hidden=2)
    found = set()
    for a, b, c, d, u, v, s, t, r in product((-1, 1), repeat=9):
        hidden = Layer(((a, b), (c, d)), (-s, -t), "threshold")
        output = Layer(((u, v),), (-r,), "threshold")
        found.add(tuple(Network((hidden, output), "test", (1, 1)).at_integers(CORNERS)))
    assert family.labellings() == found and len(found) == 16 and family.bits == 9


def test_bits_and_labellings() -> None:
    family = Family(CORNERS, (-1, 0, 1, 2))
    assert family.bits == 6 and family.labellings() == set(cuts(CORNERS))
    bits.lb_bits.check([family, Family(CORNERS, (0, 1), hidden=1)], over="two families")
    masked = Family(CORNERS, (-1, 1), wirings=((1, 0),))
    assert masked.bits == 2 and masked.labellings() == {(0,) * 4, (0, 0, 1, 1), (1,) * 4}
    bits.lb_bits.check([masked], over="one connection")


def test_bits_hide_in_wires() -> None:
    assert IN_THE_WIRES.bits == 0 and len(IN_THE_WIRES.labellings()) == 64
    bits.lb_bits.control(IN_THE_WIRES, without=WIRING)
    with pytest.raises(ControlFails, match="survives"):
        bits.lb_bits.control(replace(IN_THE_WIRES, wirings=((0,) * 6, (0,) * 6)), without=WIRING)


def test_too_few_bits_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Family, "bits", property(lambda self: 3))
    with pytest.raises(ClaimFails, match="14 labellings of 4 points from 3 bits"):
        bits.lb_bits.check([Family(CORNERS, (-1, 0, 1, 2))], over="a mutant")


# rajput-lb-unit


@given(point_sets())
def test_one_unit(points: tuple) -> None:
    bits.lb_unit.check([Cuts(points)], over="drawn points")


@given(general_point_sets(n=st.integers(2, 7)))
def test_cover_is_attained_in_general_position(points: tuple) -> None:
    assert len(cuts(points)) == 2 * cells(len(points) - 1, len(points[0]))


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=7))
def test_one_unit_on_the_line(values: list[int]) -> None:
    """Prefixes and suffixes in the order of the points; equal points get equal labels."""
    marks = sorted({*values, min(values) - 1})
    up = {tuple(int(x > t) for x in values) for t in marks}
    assert set(cuts(tuple((x,) for x in values))) == up | {tuple(1 - v for v in p) for p in up}


def test_discs_cut_more() -> None:
    seven = ((1, 3), (-20, 7), (15, -8), (4, 22), (-9, -13), (18, 16), (-3, 41))
    bits.lb_unit.control(Cuts(seven, kind="disc"), without="the unit is a threshold unit")
    assert len(first_layers.cuts_of(Cuts(seven, kind="disc"))) == 2 * cells(6, 3)


@pytest.mark.parametrize("wrong", [lambda m, d: cells(m, d - 1), lambda m, d: cells(m - 1, d)])
def test_a_smaller_bound_for_a_unit_is_noticed(wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_layers, "cells", wrong)
    with pytest.raises(ClaimFails, match="ways, more than"):
        bits.lb_unit.check([Cuts(curve(6))], over="a mutant")


# rajput-lb-count


@given(point_sets(n=st.integers(1, 5), d=st.integers(1, 2)), st.integers(0, 2))
def test_labellings_behind_a_first_layer(points: tuple, m: int) -> None:
    found = labellings_through(Layered(points, m))
    for y in product((0, 1), repeat=len(points)):
        assert (sum(1 << i for i, v in enumerate(y) if v) in found) == (fewest_units(points, y) <= m)
    bits.lb_count.check([Layered(points, m)], over="drawn points")


def test_controls_of_the_count() -> None:
    bits.lb_count.control(Layered(ruler(60), 2, skips=True), without=SKIP)
    bits.lb_count.control(Layered(ruler(8), 1, kind="relu"), without=FIRST)
    with pytest.raises(ControlFails, match="survives"):
        bits.lb_count.control(Layered(ruler(20), 2, skips=True), without=SKIP)
    with pytest.raises(ValueError, match="listed for"):
        bits.lb_count.control(Layered(curve(5), 2, skips=True), without=SKIP)


def test_two_readers_with_a_skip() -> None:
    """Every threshold, every jump, unit by unit."""
    n, found = 6, set()
    for a, b, c in product(range(-1, n + 1), repeat=3):
        values = []
        for x in range(n):
            h = int(x >= a)
            values.append(int(x - b - (c - b) * h >= 0))
        found.add(sum(1 << i for i, v in enumerate(values) if v))
    assert labellings_with_a_skip(ruler(n)) == found


def test_first_layers_needed() -> None:
    assert [[first_layer_needed(n, d) for n in (1000, 10000)] for d in (2, 3, 5, 10)] == [
        [30, 118], [16, 38], [10, 17], [9, 14],
    ]  # fmt: skip
    for n, d in ((50, 2), (200, 4)):
        m = first_layer_needed(n, d)
        assert n <= m * log2(cells(n - 1, d)) + min(cells(m, d), n) + 1e-9
        assert n > (m - 1) * log2(cells(n - 1, d)) + min(cells(m - 1, d), n) - 1e-9


def test_a_smaller_bound_for_a_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_layers, "most_labellings", lambda n, d, m: most_labellings(n, d, m) >> m + 1)
    with pytest.raises(ClaimFails, match="not 22 at most"):
        bits.lb_count.check([Layered(curve(7), 1)], over="a mutant")


# rajput-lb-weights


@pytest.mark.parametrize(
    "it", [Wired(curve(5), 2), Wired(curve(6), 1), Wired(ruler(6), 2), Wired(ruler(5), 3)]
)
def test_networks_against_the_search(it: Wired) -> None:
    everything = product((0, 1), repeat=len(it.points))
    assert labellings_of(it) == {y for y in everything if memorized_by(it.points, y, it.k) is not None}
    bits.lb_weights.check([it], over="all networks")


def test_threshold_functions() -> None:
    """The numbers of threshold functions of 1, 2, 3 bits are classical: 4, 14, 104."""
    assert [len(boolean_units(k)) for k in (1, 2, 3)] == [4, 14, 104]


def test_the_numbers_of_the_page() -> None:
    assert [len(labellings_of(Wired(curve(n), 2))) for n in (4, 5, 6, 7)] == [16, 32, 62, 114]
    assert most_by_units((3, 3, 3), 4) == 2744
    assert most_points((3, 3, 3)) == 29 and most_by_units((3, 3, 3), 30) < 2**30
    assert Wired(curve(4), 0).parameters == (3,) and labellings_of(Wired(curve(4), 0)) == set(cuts(curve(4)))
    outside = {(0, 1, 0, 1, 0, 1), (1, 0, 1, 0, 1, 0)}  # the solution of an exercise
    assert not labellings_of(Wired(curve(6), 2)) & outside


@given(st.integers(1, 80), st.integers(0, 400))
def test_budgets(N: int, more: int) -> None:
    it = Budget.of(N, N + more)
    assert abs(float(it.most.mid()) - 2 * it.W * log2(e * N)) < 1e-6 * it.W
    bits.lb_weights.check([it], over="drawn numbers")


@given(st.integers(2, 12), st.integers(0, 30))
def test_the_closed_form_in_integers(N: int, more: int) -> None:
    """2^n > (eNn/W)^W for the next n, with a rational number above e."""
    W = N + more
    n = int(2 * W * log2(e * N)) + 1
    assert (2**n) * W**W > (Fraction(2718282, 1000000) * N * n) ** W


def test_a_smaller_budget_is_noticed() -> None:
    with pytest.raises(ClaimFails, match="not excluded"):
        bits.lb_weights.check([Budget(3, 9, arb(29))], over="29 points")
    assert closed_form(Budget.of(1, 5)) is True
    for factor in (1, Fraction(6, 5)):  # W log2(eN), even times 1.2, is not enough for the proof
        short = most_shattered(40, 20) * arb(factor.numerator) / arb(2 * factor.denominator)
        assert not closed_form(Budget(20, 40, short))


def test_a_smaller_product_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "most_by_units", lambda parameters, n: 61)
    with pytest.raises(ClaimFails, match="62 labellings are more than 61"):
        bits.lb_weights.check([Wired(curve(6), 2)], over="a mutant")
    monkeypatch.setattr(budgets, "E", Fraction(1, 2))
    with pytest.raises(ClaimFails, match="more than"):
        bits.lb_weights.check([Wired(curve(6), 0)], over="a mutant")


def test_sines(records: list) -> None:
    bits.lb_weights.control(Wired(POWERS, 1, kind="sine"), without=UNITS)
    assert "all labellings of 15 points" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="survives"):
        bits.lb_weights.control(Wired(POWERS[:4], 1, kind="sine"), without=UNITS)
    for y in product((0, 1), repeat=6):
        w = pi * (1 + sum(2**i for i, v in enumerate(y, start=1) if not v))
        assert tuple(int(sin(w / 2**i) > 0) for i in range(1, 7)) == y


def test_a_wrong_frequency_is_noticed() -> None:
    """Without the leading 1 the sine is 0 somewhere: not all labellings are found."""
    found = set()
    for y in product((0, 1), repeat=4):
        w = sum(2**i for i, v in enumerate(y, start=1) if not v)
        found.add(tuple(int(0 < w % 2 ** (i + 1) < 2**i) for i in range(1, 5)))
    assert len(found) < 16 and len(budgets.sine_labellings(POWERS[:4])) == 16


# rajput-main-lower


def test_every_part() -> None:
    half = Fraction(1, 2)
    parts = [
        Line(ruler(8), (0, 1) * 4),
        Ring(((1, 0), (0, 1), (-1, 0), (0, -1)), (0, 1, 0, 1)),
        Packing(grid(2, 2), 4, half, between_the_lines(2, 2)),
        Layered(curve(5), 2),
        Wired(curve(5), 2),
        Family(CORNERS, (-1, 1)),
        Equidistant.of(half),
        Counted.of(5, half, sphere=True),
        Budget.of(10, 100),
    ]
    bits.main_lower.check(parts, over="one instance of each part")
    assert "does not speak" in repr(every_bound(3))


def test_controls_of_the_main_theorem() -> None:
    bits.main_lower.control(alternating_with_skips(64, 8), without=SKIP)
    bits.main_lower.control(Wired(POWERS, 1, kind="sine"), without=UNITS)
    bits.main_lower.control(IN_THE_WIRES, without=WIRING)
    bits.main_lower.control(Packing(((0, 0, 0),), 1, Fraction(1), rows=()), without="0 < delta <= 1/2")


@given(st.integers(2, 70), st.sampled_from([2, 4, 8]))
@settings(max_examples=30)
def test_skipping_layers_on_the_line(n: int, s: int) -> None:
    it = alternating_with_skips(n, s)
    assert [it.output(x) for x in it.points] == list(it.labels)
    blocks = max(1, -(-(n - 1) // s))
    assert len(it.wires) == blocks - 1 + s + 1
    assert bool(as_many_as_changes(it)) == (len(it.readers) >= n - 1)


@pytest.mark.parametrize("s", [3, 5])
def test_odd_blocks_invert(s: int) -> None:
    it = alternating_with_skips(16, s)
    assert [it.output(x) for x in it.points] != list(it.labels)


def test_every_part_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Line, "changes", property(lambda self: 8))
    with pytest.raises(ClaimFails, match="7 units are enough for 8"):
        bits.main_lower.check([Line(ruler(8), (0, 1) * 4)], over="a mutant")
    true = cells
    monkeypatch.setattr(arrangements, "cells", lambda m, d: true(m, d) - 1)
    monkeypatch.setattr(first_layers, "cells", lambda m, d: 1)
    with pytest.raises(ClaimFails, match="not 2 at most"):
        bits.main_lower.check([Layered(curve(5), 2)], over="a mutant")


def test_prices() -> None:
    hidden = Layer(((3, 0), (-1, 2)), (0, -4), "threshold")
    net = Network((hidden, Layer(((1, -1),), (-1,), "threshold")), "test", (1, 1))
    assert price(net) == (3, 7, (2 + 1) + (1 + 1) + (2 + 1) + (3 + 1) + 3 * 2)
    assert fewest_parameters(400, 41) == min(W for W in range(1, 99) if 2 * W * log2(e * 41) >= 400)
    for n, d in ((1000, 2), (5000, 10)):
        N = fewest_neurons(n, d)
        assert N * (2 * d + N + 1) * log2(e * N) >= n > (N - 1) * (2 * d + N) * log2(e * (N - 1))
