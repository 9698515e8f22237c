"""Two ReLUs for a bit, mixed networks, nodes in place, and the arithmetic of the widths."""

import random
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Symbol

from memlib import HypothesisError, Layer, Network, checker, data, memorize
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exercise import grade
from memlib.points import input_scale, to_integers
from memlib.search import fewest_bends
from memlib.vershynin import copying, mixed, mixture, mixture_budget, relu
from memlib.vershynin import perception_floats as floats
from memlib.vershynin.mixed import MixedLayer
from memlib.vershynin.mixture import slots
from memlib.vershynin.mixture_budget import Widths, least_widths
from memlib.vershynin.relu import GAP, ROLES, SLOTS, Gadget, Mixture, data_gaps, draw_kinds, layers_in_place
from tests import strategies as own

T, R = "threshold", "relu"
X = ((0, 0), (4, 1), (1, 4), (4, 4), (1, 1))
SMALL = Network(
    (Layer(((1, 1), (1, 1)), (-3, -7), T), Layer(((1, -1),), (-1,), T)), "by-hand", input_scale=(1, 1)
)
LINE = tuple((k,) for k in range(8))
STEPS = Network((Layer(((1,), (1,)), (-2, -6), T), Layer(((1, -1),), (-1,), T)), "two steps", (1,))
XOR = Network((Layer(((1, 1), (1, 1)), (-1, -2), T), Layer(((1, -1),), (-1,), T)), "xor", (1, 1))
SQUARE = ((0, 0), (1, 0), (0, 1), (1, 1))


def threshold_networks(draw: random.Random) -> Network:
    widths = [draw.randint(1, 3) for _ in range(draw.randint(2, 4))]
    sizes = list(zip(widths, [*widths[1:], 1], strict=True))
    layers = tuple(
        Layer(
            tuple(tuple(draw.randint(-3, 3) for _ in range(k)) for _ in range(m)),
            tuple(draw.randint(-3, 3) for _ in range(m)),
            T if l + 1 < len(sizes) else draw.choice((T, "identity", R)),
        )
        for l, (k, m) in enumerate(sizes)
    )
    return Network(layers, "random", (1,) * widths[0], draw.randint(1, 3))


def drawn(seed: int, own_gaps: bool = False) -> Mixture:
    draw = random.Random(seed)
    net = threshold_networks(draw)
    points = tuple(tuple(draw.randint(-9, 9) for _ in net.input_scale) for _ in range(draw.randint(1, 8)))
    kinds = tuple(tuple(draw.choice((T, R)) for _ in range(2 * m)) for m in net.widths[:-1])
    return Mixture(net, points, kinds, data_gaps(net, points) if own_gaps else ())


def by_definition(net: mixed.MixedNetwork, x) -> Fraction:
    """Evaluate a mixed network in Fractions, node by node: an oracle."""
    h = [Fraction(v) for v in x]
    for layer in net.layers:
        t = [Fraction(b) for b in layer.sums.biases]
        for i, j, w in layer.sums.entries:
            t[i] += w * h[j]
        h = [Fraction(v >= 0) if k == T else max(v, Fraction(0)) for v, k in zip(t, layer.kinds, strict=True)]
    output = Network((net.output,), "oracle", (1,) * len(h), net.output_scale)
    dense = [0] * len(h)
    for _, j, w in net.output.entries:
        dense[j] = w
    rows = replace(net.output, weights=(tuple(dense),))
    return own.evaluate(replace(output, layers=(rows,)), h)


# (a)


@given(own.fractions, st.fractions(Fraction(1, 12), 5, max_denominator=12))
def test_the_gadget_is_the_bit_exactly_outside_the_gap(t: Fraction, gamma: Fraction) -> None:
    right = Gadget(t, gamma).value == int(t > 0)
    assert right == (t <= 0 or t >= gamma)
    assert bool(relu.nothing_in_the_gaps(Gadget(t, gamma))) == right


def test_the_gadget_in_letters(records: list) -> None:
    gamma, r = Symbol("gamma", positive=True), Symbol("r", nonnegative=True)
    relu.relu_gadget.check([Gadget(gamma + r, gamma), Gadget(-r, gamma)], over="all numbers", case="(a)")
    assert records[-1]["strength"] == "symbolic"
    relu.relu_gadget.control(Gadget(gamma * Fraction(1, 3), gamma), without=GAP)
    assert "the difference is gamma*Fraction(1, 3)" in records[-1]["reason"] or "1/3" in records[-1]["reason"]
    relu.relu_gadget.control(Gadget(1, -1), without="gamma > 0")
    with pytest.raises(ControlFails, match="still holds"):
        relu.relu_gadget.control(Gadget(gamma, gamma), without=GAP)
    with pytest.raises(ValueError, match="sign of"):
        relu.positive(Symbol("t", real=True))
    assert isinstance(relu.reproduces(Gadget(1, 0)), Counterexample)


def test_a_pair_that_forgets_to_subtract_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gadget, "value", property(lambda self: relu.relu(relu.quotient(self.t, self.gamma))))
    with pytest.raises(ClaimFails, match="the difference is 2, not 1"):
        relu.relu_gadget.check([Gadget(2, 1)], over="mutant")


# (b), (c), (d)


@given(st.integers(0, 10**6), st.booleans())
def test_theorem_on_random_networks(seed: int, own_gaps: bool) -> None:
    m = drawn(seed, own_gaps)
    relu.relu_gadget.check([m], over="a random network")
    net = relu.mixed(m.net, m.points, m.kinds, m.gaps)
    expected = m.net.at_integers(m.points)
    assert net.at_integers(m.points) == expected
    assert tuple(by_definition(net, x) for x in m.points) == expected
    assert net.in_relus().at_integers(m.points) == expected


@given(st.integers(0, 10**6))
def test_with_gamma_one_the_networks_agree_on_the_grid(seed: int) -> None:
    m = drawn(seed)
    draw = random.Random(seed + 1)
    net = relu.mixed(m.net, m.points, m.kinds)
    anywhere = tuple(tuple(draw.randint(-(10**20), 10**20) for _ in m.net.input_scale) for _ in range(9))
    assert net.at_integers(anywhere) == m.net.at_integers(anywhere)
    assert net.in_relus().at_integers(anywhere) == m.net.at_integers(anywhere)
    weights = [w for layer in net.layers for *_, w in layer.sums.entries]
    largest = max((abs(w) for layer in m.net.layers for *_, w in layer.entries), default=0)
    assert max(map(abs, weights), default=0) <= largest  # no factor anywhere


@given(st.lists(st.sampled_from((T, R)), max_size=12))
def test_slots_are_counted_as_the_theorem_says(kinds: list) -> None:
    found = slots(tuple(kinds))
    assert len(found) == kinds.count(T) + kinds.count(R) // 2 >= len(kinds) // 2
    used = [k for slot in found for k in slot]
    assert len(used) == len(set(used))
    assert all({kinds[k] for k in slot} == ({T} if len(slot) == 1 else {R}) for slot in found)


def test_the_example_of_the_page(records: list) -> None:
    assert SMALL.at_integers(X) == (0, 1, 1, 0, 0)
    assert data_gaps(SMALL, X) == ((3, 2),)
    net = relu.mixed(SMALL, X, ((R, T, R, R),), gaps=((3, 2),))
    assert net.values(X) == [[[0, 0, 0, 0], [3, 0, 0, 0], [3, 0, 0, 0], [6, 1, 3, 0], [0, 0, 0, 0]]]
    every = [Mixture(SMALL, X, (p,), ((3, 2),)) for p in product((T, R), repeat=4)]
    relu.relu_gadget.check(every, over="all types")
    assert records[-1]["strength"] == "exact"
    with pytest.raises(HypothesisError, match="no t lies strictly"):
        relu.mixed(SMALL, (*X, (2, 1)), ((R,) * 4,), gaps=((3, 2),))
    with pytest.raises(HypothesisError, match="gamma > 0"):
        relu.mixed(SMALL, X, ((R,) * 4,), gaps=((0, 2),))
    with pytest.raises(HypothesisError, match="twice as many"):
        relu.mixed(SMALL, X, ((R,) * 3,))


def test_a_point_on_the_hyperplane_does_not_fire_strictly() -> None:
    """(1, 1) has x1 + x2 - 2 = 0: [t > 0] is 0 there, in memlib [t - 1 >= 0]."""
    for kinds in ((T, T), (R, R, R, R)):
        net = relu.mixed(SMALL, X, (kinds,))
        assert net.at_integers(((1, 1), (2, 1), (1, 0))) == (0, 1, 0)


def test_controls_of_the_theorem(records: list) -> None:
    relu.relu_gadget.control(Mixture(SMALL, (*X, (2, 1)), ((R,) * 4,), ((3, 2),)), without=GAP)
    assert "node 0 of layer 0 is 1/3 at point 5, not 1" in records[-1]["reason"]
    relu.relu_gadget.control(Mixture(SMALL, X, ((R,) * 4,), ((6, 2),)), without=GAP)
    relu.relu_gadget.control(Mixture(STEPS, LINE, ((R,) * 3,)), without=SLOTS)
    assert "jump at 2 places apart" in records[-1]["reason"]
    with pytest.raises(ValueError, match="cannot be decided here"):
        relu.relu_gadget.control(Mixture(STEPS, LINE[:6], ((R,) * 3,)), without=SLOTS)
    with pytest.raises(ControlFails, match="still holds"):
        relu.relu_gadget.control(Mixture(STEPS, LINE, ((R, T, R),)), without=SLOTS)


def test_jumps_apart_need_two_bends_each() -> None:
    """The count behind the control, against the search for piecewise linear functions."""
    assert relu.jumps_apart(Mixture(STEPS, LINE, ((R,) * 3,))) == 2
    assert fewest_bends(range(4), (0, 0, 1, 1)) == fewest_bends(range(4, 8), (0, 0, 1, 1)) == 2
    assert fewest_bends(range(3), (0, 0, 1)) == 1  # with one point on a side, one bend does
    assert fewest_bends(range(6), (0, 0, 1, 1, 0, 0)) == 3  # shared points: the exercise
    assert fewest_bends(range(8), (0, 0, 1, 1, 1, 1, 0, 0)) == 4


def rounded_up(kinds: tuple) -> list:
    relus = [k for k, kind in enumerate(kinds) if kind == R]
    last = [] if len(relus) % 2 == 0 else [(relus[-1], relus[-1])]
    return sorted([*slots(kinds), *last])


def test_mutants_of_the_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    all_relu = Mixture(SMALL, X, ((R,) * 4,))
    monkeypatch.setattr(mixture, "slots", rounded_up)
    monkeypatch.setattr(relu, "slots", rounded_up)
    with pytest.raises(ClaimFails, match="node 1 of layer 0 is -1 at point 3, not 1"):
        relu.relu_gadget.check([Mixture(SMALL, X, ((R,) * 3,))], over="mutant: ceil")
    monkeypatch.undo()
    read = mixture.read
    monkeypatch.setattr(mixture, "read", lambda row, b, forms: read(row, b - 1, forms))
    with pytest.raises(ClaimFails, match="false on instance 0"):
        relu.relu_gadget.check([all_relu], over="mutant: t for t + 1")
    monkeypatch.setattr(mixture, "read", lambda row, b, forms: (*read(row, b, forms)[:2], 2))
    with pytest.raises(ClaimFails, match="false on instance 0"):
        relu.relu_gadget.check([all_relu], over="mutant: wrong denominator")
    monkeypatch.undo()
    monkeypatch.setattr(MixedLayer, "__call__", lambda self, h: self.sums(h))
    with pytest.raises(ClaimFails, match="false on instance 0"):
        relu.relu_gadget.check([all_relu], over="mutant: no activation")


def test_a_fault_of_the_builder_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relu, "rewire", lambda m: (mixture.rewire(replace(m, gaps=((4, 4),)))))
    with pytest.raises(AssertionError, match="a fault of memlib"):
        relu.mixed(SMALL, X, ((R,) * 4,))


def test_degenerate_networks() -> None:
    no_hidden = Network((Layer(((1,),), (0,), T),), "one node", (1,))
    assert relu.mixed(no_hidden, LINE, ()).at_integers(((-1,), (0,))) == (0, 1)
    dead = Network((Layer(((0,),), (-1,), T), Layer(((5,),), (2,), "identity")), "dead", (1,), 3)
    net = relu.mixed(dead, LINE, ((R, R),), gaps=data_gaps(dead, LINE))
    assert net.at_integers(LINE) == (Fraction(2, 3),) * 8 and data_gaps(dead, LINE) == ((1,),)
    huge = Network((Layer(((10**40,),), (-(10**41),), T), Layer(((1,),), (0,), "identity")), "huge", (1,))
    assert relu.mixed(huge, LINE, ((R, R),)).at_integers(((9,), (10,), (11,))) == (0, 1, 1)
    wide = relu.mixed(SMALL, X, ((R,) * 9,))
    assert sum(not any(k == i for i, *_ in wide.layers[0].sums.entries) for k in range(9)) == 5  # idle


def test_wrong_input_is_refused() -> None:
    ramp = Network((Layer(((1,),), (0,), R), Layer(((1,),), (0,), T)), "ramp", (1,))
    with pytest.raises(ValueError, match="must be threshold nodes"):
        relu.mixed(ramp, LINE, ((R, R),))
    with pytest.raises(ValueError, match="'threshold' or 'relu', not 'sigmoid'"):
        relu.mixed(SMALL, X, ((R, R, R, "sigmoid"),))
    with pytest.raises(ValueError, match="types for 2 layers"):
        relu.mixed(SMALL, X, ((R,) * 4, (T,)))
    with pytest.raises(ValueError, match="3 of 2 nodes kept"):
        relu.mixed(XOR, SQUARE, ((R,) * 4,), kept=(3,))
    with pytest.raises(ValueError, match="types for 1 layers"):
        relu.mixed(XOR, SQUARE, ((R,) * 4,), kept=(0, 0))
    with pytest.raises(ValueError, match="types for 1 sums"):
        MixedLayer(Layer(((1,),), (0,), "identity"), (T, R))


def test_mixed_layers_on_machine_integers_and_beyond() -> None:
    layer = MixedLayer.of([{0: 1}, {0: -2}, {}], [-1, 3, -1], (T, R, T), 1)
    batch = [(k,) for k in range(-3, 4)]
    expected = [[int(k >= 1), max(3 - 2 * k, 0), 0] for k in range(-3, 4)]
    assert layer(np.array(batch)).tolist() == expected == np.asarray(layer(batch)).tolist()
    assert layer([(10**30,), (-(10**30),)]) == [[1, 0, 0], [0, 3 + 2 * 10**30, 0]]


def test_real_data_and_the_certificate(records: list) -> None:
    W, cultivar = data.wine()
    y = data.indicator(cultivar, 1)
    net = memorize(W, y, method="baum")
    points = to_integers(W, net.input_scale)
    for part in (0, Fraction(1, 2), 1):
        m = relu.mixed(net, points, draw_kinds([2 * n for n in net.widths[:-1]], part, seed=1))
        types = [k for kinds in m.kinds for k in kinds]
        assert types.count(R) == int(part * len(types))
        assert m(W) == tuple(y)
    assert grade(m.in_relus(), W, y).accepted
    checker.verify(m.certificate(W, y).document)
    assert m.certificate(W, y).document["claims"]["hidden_neurons"] == m.hidden_neurons  # ReLUs only
    half = relu.mixed(net, points, draw_kinds([2 * n for n in net.widths[:-1]], Fraction(1, 2), seed=1))
    assert half.in_relus().hidden_neurons == half.hidden_neurons * 3 // 2  # two for a threshold node


# vershynin-mix (a)


@cache
def deep_network() -> tuple:
    bits = floats.random_bits(40, 96, seed=3)
    labels = tuple(int(v) for v in data.random_labels(40, 4))
    return bits, labels, copying.memory(bits, labels, nodes=2).network


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_deep_nodes_in_place(seed: int) -> None:
    bits, labels, net = deep_network()
    others = floats.random_bits(20, 96, seed=seed)
    kept = net.widths[:-1]
    kinds = draw_kinds(kept, Fraction(seed % 5, 4), seed)
    assert len(kept) >= 3 and layers_in_place(net, bits) == kept
    relu.mix.check([Mixture(net, bits + others, kinds, kept=kept)], over="all bits")
    assert relu.mixed(net, bits, kinds, kept=kept).at_integers(bits) == labels


@pytest.mark.parametrize("ones", [True, False])
def test_both_outputs_and_a_front(ones: bool) -> None:
    W, _ = data.wine()
    y = [int((k % 3 == 0) == ones) for k in range(60)]
    scale = input_scale(W[:60])
    points = to_integers(W[:60], scale)
    net = copying.copy_network(points, tuple(y), scale, rng=1, width=96, nodes=6)
    kept = layers_in_place(net, points)
    front = kept.count(0)
    assert 1 <= front <= len(kept) - 2 and kept[front:] == net.widths[front:-1]
    widths = [2 * n - k for n, k in zip(net.widths, kept, strict=False)]
    m = Mixture(net, points, draw_kinds(widths, Fraction(1, 2), 5), kept=kept)
    relu.mix.check([m], over="wine")
    one_more = (*kept[: front - 1], *net.widths[front - 1 : -1])
    with pytest.raises(HypothesisError, match="copy, perceive or carry"):
        relu.mixed(net, points, draw_kinds([2 * n - k for n, k in zip(net.widths, one_more, strict=False)], 1, 0),
                   kept=one_more)  # fmt: skip


@pytest.mark.parametrize("part", [0, Fraction(1, 2), 1])
@pytest.mark.parametrize("seed", range(2))
def test_a_small_assembly(seed: int, part: Fraction) -> None:
    bits = floats.random_bits(24, 64, seed=seed)
    labels = tuple(int(v) for v in data.random_labels(24, seed))
    net, kept = mixture.assembled(bits, labels, (64, 80, 48, 56, 40), pairs=1, rng=seed)
    assert net.at_integers(bits) == labels and sum(kept) > 7
    widths = [2 * (n - k) + k for n, k in zip(net.widths, kept, strict=False)]
    m = Mixture(net, bits + floats.random_bits(9, 64, seed=99), draw_kinds(widths, part, seed), kept=kept)
    relu.mix.check([m], over="a small assembly")
    assert relu.rewire(m)[0].at_integers(bits) == labels
    too_many = (*kept[:1], kept[1] + 1, *kept[2:])  # a bit of layer 1 in place
    answer = relu.roles_allow(replace(m, kept=too_many))
    assert isinstance(answer, Counterexample) and "of layer 2 does more than add up" in answer.reason


def test_an_assembly_without_room() -> None:
    bits = floats.random_bits(24, 64, seed=0)
    with pytest.raises(HypothesisError, match="are left"):
        mixture.assembled(bits, (0, 1) * 12, (64,), pairs=1)
    net, kept = mixture.assembled(bits, (0,) * 24, (64,), pairs=1)
    assert kept == (0,) and net.at_integers(bits) == (0,) * 24
    net, kept = mixture.assembled(bits, (1,) * 24, (64, 5), pairs=1)
    assert kept == (0, 1) and net.at_integers(bits) == (1,) * 24


def test_in_place_behind_wide_gaps() -> None:
    """A bit that arrives as a fraction of a difference: perception and carry clear its denominator."""
    front = Layer(((3,), (-2,)), (-5, 7), T)
    deep = (Layer(((1, 0), (2, -1)), (-1, -1), T), Layer(((0, 1), (1, 1)), (-1, -1), T))
    net = Network((front, *deep, Layer(((1, 1),), (-1,), T)), "deep", (1,))
    gaps = (data_gaps(net, LINE)[0], (1, 1), (1, 1))
    assert max(gaps[0]) > 1 and layers_in_place(net, LINE) == (0, 2, 2)
    for seed in range(8):
        kinds = ((R,) * 4, *draw_kinds((2, 2), Fraction(seed % 3, 2), seed))
        relu.mix.check([Mixture(net, LINE, kinds, gaps, (0, 2, 2))], over="gaps in front")


def test_controls_in_place(records: list) -> None:
    relu.mix.control(Mixture(XOR, SQUARE, ((R, R),), kept=(2,)), without=ROLES)
    assert "the output at point 3 is 1, not 0" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="the conclusion survives"):
        relu.mix.control(Mixture(XOR, SQUARE, ((T, T),), kept=(2,)), without=ROLES)
    short = relu.same_outputs_or_room(Mixture(SMALL, X, ((R,) * 3,)))
    assert isinstance(short, Counterexample) and "offer 1 of 2 bits" in short.reason
    adds = Network((XOR.layers[0], Layer(((1, 1),), (-1,), T)), "or", (1, 1))
    assert relu.roles_allow(Mixture(adds, SQUARE, ((R, R),), kept=(2,))) is True
    for output in (
        Layer(((1, 1),), (-2,), T),
        Layer(((1, 1),), (0,), T),
        Layer(((1, 1),), (-1,), "identity"),
    ):
        net = Network((XOR.layers[0], output), "no or", (1, 1))
        assert not relu.roles_allow(Mixture(net, SQUARE, ((R, R),), kept=(2,)))


def test_a_bias_left_alone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    bits, _, net = deep_network()
    true = mixture.nodes_in_place

    def biases_left_alone(given, forms, kinds, first: int):
        less = [(row, b - (kind == R)) for (row, b), kind in zip(given, kinds, strict=True)]
        return true(less, forms, kinds, first)

    monkeypatch.setattr(mixture, "nodes_in_place", biases_left_alone)
    with pytest.raises(ClaimFails, match="the output at point"):
        kinds = tuple((R,) * n for n in net.widths[:-1])
        relu.mix.check(
            [Mixture(net, bits, kinds, kept=net.widths[:-1])], over="mutant: relu(t) for relu(t + 1)"
        )


# vershynin-mix (b)


@settings(max_examples=20)
@given(
    st.integers(2, 10**7),
    st.fractions(Fraction(1, 9), 2, max_denominator=50),
    st.integers(1, 3),
    st.integers(0, 40),
)
def test_budget_at_and_above_the_boundary(K: int, delta2: Fraction, factor: int, extra: int) -> None:
    plan = least_widths(K, delta2, factor, extra)
    relu.mix.check([plan], over="least widths")
    for l in plan.late:
        n = plan.width(l)
        blocks = [mixture_budget.offered(n // 4, tau) for tau in (0, 1, n // 8, n // 4)]
        assert min(blocks) == n // 8 == mixture_budget.bits_of_a_block(n)
        q = n - 1 - 2 * (n // 4)
        assert 10 * (n // 8) >= n and 5 * (q // 2) >= n  # the estimates of the proof
    assert 6400 * plan.marked() * plan.X >= plan.connections()


@given(st.integers(35, 10**6))
def test_estimates_of_the_proof(n: int) -> None:
    q = n - 1 - 2 * (n // 4)
    assert 10 * (n // 8) >= n and 5 * (q // 2) >= n and 4 * (q // 2) >= n - 4 and 8 * (n // 8) >= n - 7
    assert (n // 4) // 2 == n // 8


def test_the_least_widths_are_least() -> None:
    for K in (2, 50, 10**6):
        plan = least_widths(K, 1)
        n = plan.n[1]
        assert not mixture_budget.condition_2(replace(plan, n=(plan.n[0], *[n - 8] * (plan.L - 2))))
        assert not mixture_budget.condition_1(replace(plan, n=(plan.n[0] - 2, *plan.n[1:])))


def test_strength_and_controls_of_the_budget(records: list) -> None:
    plan = least_widths(10**9, 2)
    relu.mix.check([plan], over="one plan")
    assert records[-1]["strength"] == "enclosure"
    s = int((192 * plan.X).floor().unique_fmpz())
    assert s == 7301807
    unlucky = replace(plan, n=(plan.n[0] * 2, *[8 * s] * 18))
    relu.mix.control(unlucky, without="condition 3")
    assert "467315616 of 1000000000" in records[-1]["reason"]
    assert mixture_budget.condition_3(unlucky, factor=1435) and not mixture_budget.condition_3(
        unlucky, factor=1436
    )
    plan = least_widths(1000, 2)
    relu.mix.control(replace(plan, n=(plan.n[0] // 2, *plan.n[1:])), without="condition 1")
    relu.mix.control(replace(plan, n=(*plan.n[:-1], 10**6)), without="condition 2")
    with pytest.raises(ControlFails, match="another hypothesis is broken as well"):
        relu.mix.control(replace(plan, n=plan.n[:-1]), without="condition 3")  # L = 4
    assert not relu.mix.hypotheses["condition 3"](replace(plan, n=plan.n[:-1]))
    assert isinstance(mixture_budget.everything_fits(replace(plan, square=arb(4))), Counterexample)


def test_one_constant_less_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = least_widths(10**9, 2)
    unlucky = replace(plan, n=(plan.n[0] * 2, *[8 * 7301807] * 18))
    monkeypatch.setattr(mixture_budget, "CONNECTIONS", 1400)
    hypotheses = {**relu.mix.hypotheses, "condition 3": lambda x: mixture_budget.condition_3(x, factor=1400)}
    monkeypatch.setattr(relu.mix, "hypotheses", hypotheses)
    with pytest.raises(ClaimFails, match="less than one half"):
        relu.mix.check([unlucky], over="mutant: 1400 for 3200")


@pytest.mark.parametrize("name", ["bits_of_a_block", "pairs_left", "offered"])
def test_mutants_of_the_budget(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the bits, or no pairs at all: the check of the least widths fails."""
    plan, true = least_widths(10**6, 2), getattr(mixture_budget, name)
    monkeypatch.setattr(relu.mix, "hypotheses", {})
    relu.mix.check([plan], over="the plan")
    monkeypatch.setattr(mixture_budget, name, lambda n, *rest: true(n, *rest) // 64)
    with pytest.raises(ClaimFails, match="false on instance 0"):
        relu.mix.check([plan], over="mutant")


def test_ranges() -> None:
    plan = least_widths(5, 2)
    assert (
        isinstance(plan, Widths) and relu.mix.hypotheses["K >= 2, 0 < delta <= sqrt 2, L >= 5"](plan) is True
    )
    for wrong in (replace(plan, K=1), replace(plan, square=arb(3)), replace(plan, n=plan.n[:-1])):
        assert isinstance(mixture_budget.in_range(wrong), Counterexample)


# The graded exercises of the page accept their solutions.


def test_solutions_of_the_exercises() -> None:
    three = Layer(((2,), (2,), (2,)), (-3, -5, -7), R)
    net = Network((three, Layer(((1, -2, 1),), (0,), "identity")), "exercise", (1,))
    assert grade(net, [[k] for k in range(6)], [0, 0, 1, 1, 0, 0], most=3).accepted
    four = Layer(((1,),) * 4, (-1, -2, -3, -4), R)
    net = Network((four, Layer(((1, -1, -1, 1),), (0,), "identity")), "exercise", (1,))
    assert grade(net, [[k] for k in range(6)], [0, 0, 1, 1, 0, 0], most=4).accepted
    n = 8 * 9689
    share = (1 - Fraction(4, n)) * (1 - Fraction(7, n))
    assert 2048 * share < 2048 <= 2049 * share and 1536 < Fraction(1536) / share < 1537
    X2 = least_widths(2, 2).X
    assert 9688 < 128 * X2 < 9689
