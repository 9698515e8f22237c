"""Rounding to p bits against numpy and by enumeration, sums in every order, networks on the machine."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import memlib
from memlib import data
from memlib.bubeck import baum
from memlib.capacity import chip, chip_floats, floats, relu_errors, rounding, safety
from memlib.capacity.chip import Chip, every_order, gamma, is_p_bit, rounded
from memlib.capacity.chip_floats import on_numpy, right
from memlib.capacity.relu_errors import Task, bits_that_suffice
from memlib.capacity.rounding import Rounding, Sum, errors_within_result
from memlib.capacity.safety import (
    Gap,
    answers,
    bits_by_unit,
    centred,
    enough_bits,
    is_safe,
    neighbours,
    thin_slab,
    with_thickness,
)
from memlib.claim import ClaimFails, ControlFails
from memlib.layer import Layer
from memlib.network import Network
from memlib.points import to_integers

HALF = Fraction(1, 2)
SIX = ((0, 0), (4, 2), (1, 3), (2, 0), (0, 2), (3, 3))
REAL = (3, -1, 2, 0, 0, HALF)
BITS = st.integers(1, 9)
rationals = st.one_of(st.fractions(-50, 50, max_denominator=60), st.integers(-300, 300))
POINTS = to_integers(data.gaussian(30, 3, rng=5))
LABELS = tuple(int(v) for v in data.random_labels(30, rng=1))


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list:
    found: list = []
    monkeypatch.setattr("memlib.claim._display", lambda record: found.append(record._entry))
    return found


@pytest.fixture(scope="module")
def nets() -> dict:
    names = ("baum", "bubeck-relu", "bubeck-relu-4", "bubeck-sweep", "dirksen", "madden-relu", "rajput")
    return {name: memlib.memorize(POINTS, LABELS, method=name) for name in names}


# limits-def-float


@given(rationals, BITS)
def test_rounding_is_what_the_definition_says(t, p: int) -> None:
    floats.float_rounding.check([Rounding(t, p, rounded(t, p))], over="a drawn number")
    assert is_p_bit(rounded(t, p), p) and rounded(-t, p) == -rounded(t, p)
    assert abs(rounded(t, p) - t) * 2**p <= abs(t)
    assert is_p_bit(t, p) == (rounded(t, p) == t)
    assert rounded(8 * t, p) == 8 * rounded(t, p)


@given(st.integers(-(2**200), 2**200), st.integers(1, 2**80))
def test_rounding_against_python_and_numpy(a: int, b: int) -> None:
    """int / int in Python is correctly rounded to 53 bits; numpy rounds that to 24, here twice in the oracle."""
    assert rounded(Fraction(a, b), 53) == Fraction(a / b)
    assert rounded(a, 53) == int(float(a))
    double = Fraction(a, b).limit_denominator(2**20)
    exact_double = Fraction(float(double.numerator % 2**50) / 2**20)
    assert rounded(exact_double, 24) == Fraction(float(np.float32(float(exact_double))))


def test_ties_go_to_the_even_integer(records: list) -> None:
    assert [rounded(t, 3) for t in (9, 11, 13, 15, 17, 18)] == [8, 12, 12, 16, 16, 16]
    assert [rounded(t, 1) for t in (3, 5, 6, 7)] == [4, 4, 8, 8]
    assert rounded(Fraction(15, 2), 3) == 8 and rounded(Fraction(0), 5) == 0
    floats.float_rounding.rejects(Rounding(9, 3, 10), says="9 to 10")
    assert records[-1]["reason"] == "9 is rounded to 8, not 10"
    with pytest.raises(ClaimFails):
        floats.float_rounding.check([Rounding(11, 3, 10)], over="truncation")
    with pytest.raises(ClaimFails):
        floats.float_rounding.check([Rounding(0, 3, 1)], over="zero")


# limits-dot-error


def by_brackets(terms: list, p: int) -> set:
    """The oracle: all sequences, all ways to set brackets."""

    def trees(t: tuple) -> set:
        if len(t) == 1:
            return {t[0]}
        return {
            rounded(a + b, p) for k in range(1, len(t)) for a in trees(t[:k]) for b in trees(t[k:])
        }  # fmt: skip

    return set().union(*(trees(t) for t in permutations(terms)))


@settings(max_examples=40)
@given(st.lists(rationals, min_size=1, max_size=4), st.integers(1, 5))
def test_every_order_is_every_order(terms: list, p: int) -> None:
    terms = [rounded(t, p) for t in terms]
    assert every_order(terms, p) == by_brackets(terms, p)
    assert {order(terms, p) for order in chip.ORDERS} <= every_order(terms, p)


@settings(max_examples=60)
@given(st.lists(st.tuples(rationals, rationals), min_size=1, max_size=4), st.integers(4, 9))
def test_the_error_of_a_drawn_sum(pairs: list, p: int) -> None:
    w, x = zip(*pairs, strict=True)
    floats.dot_error.check([Sum(w, x, p)], over="a drawn sum")


def test_the_sum_by_hand(records: list) -> None:
    hand = Sum((7, HALF, -7), (1, 1, 1), 3)
    assert hand.computed() == [HALF, 1] and hand.kinds == 0 and hand.roundings == 2
    floats.dot_error.rejects(hand, wrong=errors_within_result, says="relative")
    floats.dot_error.control(replace(hand, p=1), without="m mu < 1")
    assert "the bound is -87/2" in records[-1]["reason"]
    floats.dot_error.control(Sum((Fraction(1, 3),) * 2, (Fraction(1, 3),) * 2, 2), without="m mu < 1")
    assert "divides by 0" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="still holds"):
        floats.dot_error.control(hand, without="m mu < 1")


def test_one_rounding_less_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 + mu + mu + ... falls back to 1 each time: two additions counted as one are too few."""
    stuck = Sum((1, *[Fraction(1, 32)] * 2), (1, 1, 1), 5)
    floats.dot_error.check([stuck], over="the nearly sharp sum")
    monkeypatch.setattr(Sum, "roundings", property(lambda self: len(self.w) - 2))
    with pytest.raises(ClaimFails):
        floats.dot_error.check([stuck], over="mutant: k - 2 additions")


def test_a_machine_that_chops_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def chopped(t, p: int):
        near = rounded(t, p)
        step = abs(near) and Fraction(1, 2 ** (p - 1)) * abs(near)
        return near if abs(near) <= abs(t) else near - (step if near > 0 else -step)

    monkeypatch.setattr(rounding, "rounded", chopped)
    with pytest.raises(ClaimFails):
        floats.dot_error.check([Sum((Fraction(k, 7),), (1,), 4) for k in range(1, 60)], over="mutant")


# limits-integers-exact


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=4))
def test_integers_are_exact_at_the_least_number_of_bits(pairs: list) -> None:
    w, x = zip(*pairs, strict=True)
    size = sum(abs(a * b) for a, b in pairs)
    floats.integers_exact.check([Sum(w, x, max(1, (size - 1).bit_length()))], over="a drawn sum")


def test_controls_of_integers(records: list) -> None:
    floats.integers_exact.control(Sum((8, 1), (1, 1), 3), without="they add up to at most 2^p")
    floats.integers_exact.control(Sum((7, HALF), (1, 1), 3), without="weights and inputs are integers")
    assert "one order gives 8 for 15/2" in records[-1]["reason"]
    floats.integers_exact.check([Sum((1000001, 3), (0, 2), 3)], over="a long weight at the input 0")


def test_a_bit_less_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sum, "computed", lambda self: sorted(every_order(self.terms, self.p - 1)))
    with pytest.raises(ClaimFails, match="one order gives"):
        floats.integers_exact.check([Sum((5, 2), (1, 1), 3)], over="mutant: additions with a bit less")


# limits-float-threshold


@given(st.integers(-40, 40), st.integers(0, 500), st.integers(1, 20))
def test_enough_bits_is_the_least_safe_number(s: int, more: int, m: int) -> None:
    size = abs(s) + more
    p = enough_bits(s, size, m)
    assert is_safe(s, size, m, p) and (p == 1 or not is_safe(s, size, m, p - 1))
    by_a = m < 2**p and gamma(m, p) * size < abs(s)
    assert is_safe(s, size, m, p) == (by_a or size <= 2**p)


@settings(max_examples=40)
@given(
    st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3), st.sampled_from(["threshold", "identity"])
)
def test_drawn_threshold_networks_with_just_enough_bits(seed: int, d: int, units: int, last: str) -> None:
    draw = random.Random(seed)

    def rows(m: int, k: int, most: int) -> tuple:
        return tuple(tuple(draw.randint(-most, most) for _ in range(k)) for _ in range(m))

    net = Network(
        (
            Layer(rows(units, d, 99), rows(1, units, 999)[0], "threshold"),
            Layer(rows(2, units, 9), rows(1, 2, 9)[0], "threshold"),
            Layer(rows(1, 2, 30), (draw.randint(-30, 30),), last),
        ),
        "drawn",
        (1,) * d,
    )
    machine = Chip(net, rows(4, d, 50), 1)
    p = max(map(max, bits_by_unit(machine)))
    floats.float_threshold.check([replace(machine, p=p), replace(machine, p=p + 3)], over="drawn")


def test_memorizing_networks_with_just_enough_bits(nets: dict) -> None:
    for name in ("baum", "dirksen", "rajput"):
        p = max(bits_that_suffice(nets[name], POINTS, LABELS))
        floats.float_threshold.check([Chip(nets[name], POINTS, p)], over=name)
        for matmul in (False, True):
            if p <= 24:
                assert right(on_numpy(nets[name], POINTS, "float32", matmul), LABELS) == 30
            assert right(on_numpy(nets[name], POINTS, "float64", matmul), LABELS) == 30


def test_the_worst_unit_decides(nets: dict) -> None:
    for name in ("dirksen", "rajput"):
        machine = Chip(nets[name], POINTS, 24)
        worst = safety.worst_unit(machine)
        sums, sizes, _ = machine.sums[worst.layer - 1]
        pairs = list(zip(sums[worst.point], sizes[worst.point], strict=True))
        assert worst.bits == max(map(max, bits_by_unit(machine))) and (worst.s, worst.size) in pairs
        assert worst.margin * worst.size == abs(worst.s)


def chain() -> Network:
    steps = [(9, 0), (1, -4), (1, -2), (1, -1), (3, -2)]
    last = Layer(((2,),), (-3,), "threshold")
    return Network((*(Layer(((w,),), (b,), "relu") for w, b in steps), last), "by hand", (1,))


def test_controls_of_the_threshold_theorem(records: list) -> None:
    floats.float_threshold.control(Chip(thin_slab(3), neighbours(3), 3), without="every unit is safe")
    assert "has the sum -1 at point 0, and the machine finds 0" in records[-1]["reason"]
    floats.float_threshold.control(Chip(chain(), ((1,),), 3), without="hidden units are thresholds")
    assert "has the sum 5 at point 0, and the machine finds -1" in records[-1]["reason"]


def test_wrong_margins_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_gamma(s: int, size: int, m: int, p: int) -> bool:
        return s != 0 or size <= 2**p

    monkeypatch.setattr(safety, "is_safe", no_gamma)
    with pytest.raises(ClaimFails, match="and the machine finds"):
        floats.float_threshold.check([Chip(thin_slab(3), neighbours(3), 3)], over="mutant")


# limits-float-thin


def test_the_slab_that_fails(records: list) -> None:
    floats.float_thin.check(range(2, 30), over="bits")
    floats.float_thin.control(1, without="p >= 2")
    for machine, p in (("float16", 11), ("float32", 24), ("float64", 53)):
        assert on_numpy(thin_slab(p), neighbours(p), machine) == [1, 1, 0]
        assert on_numpy(thin_slab(p - 1), neighbours(p - 1), machine) == [0, 1, 0]


def test_ties_away_from_zero_save_the_slab(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure is the tie rule's: the check notices another rule."""

    def away(t: int, p: int) -> int:
        low = max(0, abs(t).bit_length() - p)
        m = (2 * abs(t) + 2**low) // 2 ** (low + 1) if low else abs(t)
        return m * 2**low if t >= 0 else -m * 2**low

    monkeypatch.setattr(chip, "rounded", away)
    with pytest.raises(ClaimFails, match="exact"):
        floats.float_thin.check([3], over="mutant")


# limits-float-centre


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=5),
    st.lists(st.integers(-40, -1), min_size=1, max_size=5),
    st.fractions(-50, 50, max_denominator=3),
)
def test_the_centre_is_best(fires: list, silent: list, bias) -> None:
    gap = Gap(tuple(fires), tuple(silent), bias)
    floats.float_centre.check([gap, replace(gap, bias=gap.centre)], over="a drawn gap")
    assert safety.edge_is_as_good(gap) is not True


def test_controls_of_the_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    floats.float_centre.control(Gap((1,), (2,), 0), without="C < A")
    floats.float_centre.control(Gap((2,), (2,), -2), without="C < A")
    monkeypatch.setattr(
        Gap, "centre", property(lambda self: -Fraction(2 * min(self.fires) + max(self.silent), 3))
    )
    with pytest.raises(ClaimFails, match="margin"):
        floats.float_centre.check([Gap((14, 17), (8, 3), -9)], over="mutant")


def test_centring_mends_thin_slabs_and_changes_nothing_at_the_points(nets: dict) -> None:
    rarer = LABELS if 2 * sum(LABELS) <= 30 else tuple(1 - v for v in LABELS)
    slabs = [baum.slab_around(g) for g in baum.groups(POINTS, rarer)]
    thin = with_thickness(slabs, tau=1)
    assert thin.at_integers(POINTS) == rarer == with_thickness(slabs).at_integers(POINTS)
    assert right(on_numpy(thin, POINTS, "float32"), rarer) < 30
    mended = centred(thin, POINTS)
    assert max(bits_that_suffice(mended, POINTS, rarer)) <= 24 < max(bits_that_suffice(thin, POINTS, rarer))
    assert right(on_numpy(mended, POINTS, "float32"), rarer) == 30
    for name in ("baum", "dirksen", "rajput"):
        again = centred(nets[name], POINTS)
        assert again.at_integers(POINTS) == LABELS and again.widths == nets[name].widths
        first = Chip(again, POINTS, 24).sums[0][0]
        for unit in zip(*first, strict=True):
            on, off = [v for v in unit if v >= 0], [v for v in unit if v < 0]
            assert not (on and off) or min(on) == -max(off)


# limits-float-relu


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 2), st.integers(1, 3), st.integers(1, 9), st.integers(0, 12))
def test_drawn_relu_networks_stay_within_the_bound(seed: int, d: int, units: int, q: int, more: int) -> None:
    draw = random.Random(seed)

    def row(k: int) -> tuple:
        return tuple(draw.randint(-20, 20) for _ in range(k))

    layers = (
        Layer(tuple(row(d) for _ in range(units)), row(units), "relu"),
        Layer(tuple(row(units) for _ in range(2)), row(2), "relu"),
        Layer((row(2),), row(1), "identity"),
    )
    net = Network(layers, "drawn", (1,) * d, q)
    points = tuple(dict.fromkeys(row(d) for _ in range(3)))
    labels = net.at_integers(points)
    task = Task(net, points, 1, labels)
    p = max(task.bits_by_point()) + more
    floats.float_relu.check([task.at(p)], over="drawn")
    assert (
        p == 1
        or more
        or not relu_errors.bound_below_half_gap(task.at(p - 1))
        or min(2 ** (p - 1) - max(2, *task.layer_roundings), 1) <= 0
        or task.half_gap is None
    )


def test_loads_of_one_hidden_layer_by_the_formula(nets: dict) -> None:
    net = nets["bubeck-relu-4"]
    task = Task(net, POINTS, 24, LABELS)
    hidden, last = net.layers
    a = last.weights[0]
    for x, loads in zip(POINTS[:5], task.loads, strict=False):
        sizes = [
            sum(abs(c * v) for c, v in zip(w, x, strict=True)) + abs(b)
            for w, b in zip(hidden.weights, hidden.biases, strict=True)
        ]
        assert loads[1] == sum(abs(c) * s for c, s in zip(a, sizes, strict=True))
        (h,) = hidden([list(x)])
        assert loads[2] == sum(abs(c * v) for c, v in zip(a, h, strict=True)) + abs(last.biases[0])


def test_memorizing_relu_networks(nets: dict) -> None:
    for name in ("bubeck-relu", "bubeck-relu-4", "bubeck-sweep", "madden-relu"):
        task = Task(nets[name], POINTS, 24, LABELS)
        p = max(task.bits_by_point())
        floats.float_relu.check([task.at(p)], over=name)
        machine = "float32" if p <= 24 else "float64"
        assert right(on_numpy(nets[name], POINTS, machine, matmul=True), LABELS) == 30


def six() -> Task:
    net = memlib.memorize(SIX, REAL, method="bubeck-relu-4")
    return Task(net, SIX, 13, REAL)


def test_controls_of_the_relu_theorem(records: list) -> None:
    task = six()
    floats.float_relu.check([task], over="six points")
    assert task.bits_by_point() == [11, 13, 13, 12, 12, 13]
    floats.float_relu.control(task.at(4), without="the bound is below half the gap")
    floats.float_relu.control(task.at(3), without="m mu < 1")
    floats.float_relu.control(replace(task, labels=REAL[::-1]), without="the network memorizes")
    with pytest.raises(ControlFails):
        floats.float_relu.control(task, without="the bound is below half the gap")


def test_a_wrong_bound_and_a_wrong_machine_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    task = six()
    bounds = Task.bounds
    monkeypatch.setattr(Task, "bounds", lambda self: [Fraction(b, 2**12) for b in bounds(self)])
    with pytest.raises(ClaimFails, match="the machine says"):
        floats.float_relu.check([task.at(p) for p in (5, 6, 7, 8)], over="mutant: a bound too small")
    monkeypatch.undo()
    monkeypatch.setattr(relu_errors, "answers", lambda task: [{v + task.network.output_scale for v in s}
                                                             for s in answers(task)])  # fmt: skip
    with pytest.raises(ClaimFails, match="the machine says"):
        floats.float_relu.check([task], over="mutant: off by one")


def test_degenerate_tasks() -> None:
    flat = Network((Layer(((0, 0),), (3,), "identity"),), "constant", (1, 1))
    assert bits_that_suffice(flat, SIX, (3,) * 6) == [2]
    relu = memlib.memorize(SIX, (7,) * 6, method="bubeck-relu-4")
    task = Task(relu, SIX, 8, (7,) * 6)
    assert task.half_gap is None
    floats.float_relu.check([task.at(max(task.bits_by_point()))], over="one label")


# The machine against numpy


def test_the_simulated_machine_is_numpys(nets: dict) -> None:
    """From the left, bit by bit: float32 has p = 24, float64 p = 53."""
    for name in ("bubeck-relu", "bubeck-sweep", "madden-relu", "rajput"):
        net = nets[name]
        for machine, p in (("float32", 24), ("float64", 53)):
            task = Task(net, POINTS, p, LABELS)
            q = rounded(net.output_scale, p)
            last = net.layers[-1].activation
            (run,) = (task._run(lambda terms, p: {chip.from_the_left(terms, p)}),)
            simulated = [chip.activated(min(row[0]), last) for row in run[-1]]
            expected = [rounded(Fraction(v) / q, p) for v in simulated]
            assert on_numpy(net, POINTS, machine) == expected


@given(st.lists(st.floats(-1000, 1000, width=32), min_size=1, max_size=6))
def test_sums_of_numpy(terms: list) -> None:
    total = np.float32(0)
    for t in terms:
        total = np.float32(total + np.float32(t))
    if all(t == 0 or abs(t) > 1e-30 for t in terms):
        assert Fraction(float(total)) == chip.from_the_left([Fraction(t) for t in terms], 24)


def test_right_counts_nearest_labels() -> None:
    assert right([Fraction(1, 3), Fraction(2, 3), Fraction(5)], (0, 1, 0)) == 2
    assert chip_floats.BITS == {"float16": 11, "float32": 24, "float64": 53}


# The exercises


def test_solutions_of_the_exercises() -> None:
    mended = Network(
        (Layer(((2,), (2,)), (-10, -12), "threshold"), Layer(((1, -1),), (0,), "identity")), "e", (1,)
    )
    points = neighbours(3)
    assert mended.at_integers(points) == (0, 1, 0) and answers(Chip(mended, points, 3)) == [{0}, {1}, {0}]
    votes = [(v - 500, v + 500) for v in range(1001) if abs(v - 500) >= 10]
    assert max((1001 * (abs(s) + S) // abs(s)).bit_length() for s, S in votes) == 17
    for p in range(3, 9):
        shifted = tuple((x - 2 ** (p - 1),) for (x,) in neighbours(p))
        net = Network(
            (Layer(((2,), (2,)), (-1, -3), "threshold"), Layer(((1, -1),), (0,), "identity")), "e", (1,)
        )
        floats.float_threshold.check([Chip(net, shifted, 3)], over="moved")
    p, mu = 4, Fraction(1, 16)
    stuck = [1, *[mu] * 16]
    assert chip.from_the_left(stuck, p) == 1 and chip.small_first(stuck, p) == 2
