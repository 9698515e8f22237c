"""Perception: good signs, greedy signs, carry nodes, and the network of constant width; laws, oracles, mutants."""

import json
import math
import random
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from flint import arb, ctx, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy import symbols

from memlib import checker, data
from memlib.claim import ClaimFails, ControlFails
from memlib.points import HypothesisError, as_labels, input_scale, merge, to_integers
from memlib.vershynin import copying, perception
from memlib.vershynin import perception_floats as floats
from memlib.vershynin.copying import Memory, Neuron, copy_network
from memlib.vershynin.perception import Group, Letters, Relay, greedy_run, potential

SUM, NORM = "the Hoeffding sum is below 1", "0 < N <= |v|^2 on the group"
ROWS = ("++++++++", "++++----", "++--++--", "+++-+-+-", "+-+++-+-", "+-+-+++-")
BITS = tuple(tuple(int(c == "+") for c in row) for row in ROWS)
SIX = tuple(tuple(2 * b - 1 for b in row) for row in BITS)
TRIO = Group(SIX, (0, 1, 2), 8)
PAIR = Memory(BITS, (1, 1, 1, 0, 0, 0), ((0, 1, 2),), ((1, -1, -1),), 2)
SINGLE = replace(PAIR, groups=((0,), (1,), (2,)), signs=((1,), (-1,), (1,)))
LETTERS = Letters(*symbols("lambda S a", real=True), symbols("n", integer=True, nonnegative=True))


@st.composite
def groups(draw) -> Group:
    K, m = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    row = st.tuples(*[st.integers(-1, 1)] * m)
    v = tuple(draw(st.lists(row, min_size=K, max_size=K)))
    members = draw(st.lists(st.integers(0, K - 1), min_size=1, max_size=K, unique=True))
    return Group(v, tuple(members), max(1, min(sum(c * c for c in v[i]) for i in members)))


# vershynin-perceive


@given(groups(), st.randoms(use_true_random=False))
def test_response_is_own_norm_plus_noise(group: Group, draw: random.Random) -> None:
    signs = [draw.choice((-1, 1)) for _ in group.members]
    own = dict(zip(group.members, signs, strict=True))
    for k, (value, X) in enumerate(zip(group.responses(signs), group.noise(signs), strict=True)):
        assert value == X + own.get(k, 0) * sum(c * c for c in group.vectors[k])
    mean_square = sum(
        sum(x * a for x, a in zip(xi, row, strict=True)) ** 2
        for row in group.products
        for xi in product((-1, 1), repeat=len(signs))
    )
    assert mean_square == 2 ** len(signs) * sum(group.V)


@given(groups())
def test_perceive_on_drawn_groups(group: Group) -> None:
    assume(perception.norms_reach_N(group) and perception.sum_is_below_one(group))
    perception.perceive.check([group], over="drawn vectors")
    assert perception.signs_are_good(group, greedy_run(group).signs)


@given(groups())
def test_small_groups_have_a_small_sum_and_the_sum_is_right(group: Group) -> None:
    value = sum(2 * math.exp(-(group.N**2) / (8 * V)) for V in group.V if V)
    assert perception.hoeffding_sum(group).overlaps(perception.potential(group, ()))
    assert math.isclose(float(perception.hoeffding_sum(group).mid()), value, rel_tol=1e-9, abs_tol=1e-300)
    if perception.is_small(group):
        assert perception.sum_is_below_one(group)


def test_the_decision_doubles_its_bits_near_one() -> None:
    """One stranger with V = 1: the sum is 2 exp(-N^2 / 8), which is 1 at N = sqrt(8 ln 2)."""
    from flint import arb, ctx

    with ctx.workprec(400):
        root = (8 * arb(2).log()).sqrt()
        digits = int((root * arb(10) ** 60).floor().unique_fmpz())
    vectors = ((1, 1, 1, 0), (0, 0, 1, 1))
    for numerator, below in ((digits, False), (digits + 1, True)):
        group = Group(vectors, (0,), Fraction(numerator, 10**60))
        assert bool(perception.sum_is_below_one(group)) is below


def test_controls_of_perceive() -> None:
    close = Group(((1, 1, 1, 0), (1, 1, 0, 1)), (0,), 3)
    perception.perceive.control(close, without=SUM)
    perception.perceive.control(Group(((1, 0), (0, 1)), (0, 1), 3), without=NORM)
    with pytest.raises(ControlFails, match="survives"):  # good signs may exist all the same
        perception.perceive.control(TRIO, without=SUM)


def test_equality_is_not_good_and_does_not_fire() -> None:
    """A stranger with X = N/2: the signs are not good; the strict neuron is silent even so."""
    edge = Group(((1, 1, 0, 0), (1, 0, 1, 0)), (0,), 2)
    assert not perception.signs_are_good(edge, (1,))
    assert perception.pair_fires_exactly(edge, (1,))


def test_mutants_of_the_pair_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = Group(((1, 1, 1, 1, 0), (0, 0, 0, 0, 1)), (0,), 4)
    perception.perceive.check([sure], over="two vectors")
    with monkeypatch.context() as patch:
        patch.setattr(Group, "responses", lambda g, s: [-2, *[0] * (len(g.vectors) - 1)])
        with pytest.raises(ClaimFails, match="0 of the two neurons fires at point 0"):
            perception.perceive.check([sure], over="a deaf pair")
    with monkeypatch.context() as patch:
        patch.setattr(Group, "responses", lambda g, s: [9] * len(g.vectors))
        with pytest.raises(ClaimFails, match="point 1, not a member"):
            perception.perceive.check([sure], over="a pair that fires everywhere")


def test_too_many_members_are_refused() -> None:
    with pytest.raises(ValueError, match="17 members are too many"):
        perception.good_signs_exist_and_serve(Group(((1,),) * 17, tuple(range(17)), 1))


# vershynin-derandomize


@given(groups())
def test_the_two_choices_average_below(group: Group) -> None:
    signs: list[int] = []
    for _ in group.members:
        before = potential(group, signs)
        plus, minus = (potential(group, [*signs, x]) for x in (1, -1))
        assert not plus + minus > 2 * before + 1e-9 * (1 + before)
        signs.append(1)


def test_letters_are_decided_and_a_wrong_exponent_is_not() -> None:
    perception.derandomize.check([LETTERS], over="letters")
    assert "not below" in str(perception.cosh_is_below_gauss(LETTERS, divisor=4))


@pytest.fixture(scope="module")
def certain() -> Group:
    vectors = tuple(tuple(2 * b - 1 for b in row) for row in floats.random_bits(40, 400, 0))
    return Group(vectors, tuple(range(6)), 400)


def test_greedy_signs(certain: Group) -> None:
    run = greedy_run(certain)
    perception.derandomize.check([run], over="six of forty vectors")
    with pytest.raises(ClaimFails, match="each sign is the better one"):
        perception.derandomize.check([replace(run, signs=(*run.signs[:-1], -run.signs[-1]))], over="flipped")
    with pytest.raises(ClaimFails, match="misreported"):
        perception.derandomize.check([replace(run, potentials=run.potentials[::-1])], over="reversed")


def test_the_potential_is_its_definition(certain: Group) -> None:
    half = Fraction(1, 2)
    for N in (certain.N, 1023 * half):
        group, first = replace(certain, N=N), (1, -1)
        with ctx.workprec(256):
            total = arb(0)
            for row, V in zip(group.products, group.V, strict=True):
                factor = Fraction(N) * Fraction(1, 2 * V)
                x = factor * (row[0] - row[1])
                y = (factor**2 * sum(a * a for a in row[2:]) - factor * N) * half
                total += 2 * arb(fmpq(*x.as_integer_ratio())).cosh() * arb(fmpq(*y.as_integer_ratio())).exp()
        assert potential(group, first).overlaps(total)


def test_a_wrong_potential_is_noticed(certain: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perception, "potential", lambda group, first: 2 * potential(group, first))
    with pytest.raises(ClaimFails, match="not at the Hoeffding sum"):
        perception.derandomize.check([greedy_run(certain)], over="twice the potential")


def test_controls_of_derandomize() -> None:
    crowd = tuple(tuple(2 * b - 1 for b in row) for row in floats.random_bits(60, 64, 0))
    run = greedy_run(Group(crowd, tuple(range(30)), 64))
    perception.derandomize.control(run, without=SUM)
    blocks = tuple(tuple(int(6 * i <= j < 6 * i + 6) for j in range(24)) for i in range(4))
    four = Group((*blocks, tuple(int(j % 6 == 0) for j in range(24))), (0, 1, 2, 3), 6)
    assert perception.sum_is_below_one(four)
    perception.derandomize.control(greedy_run(four, worst=True), without="each sign is the better one")
    perception.derandomize.check([greedy_run(four)], over="the same group")


def test_by_hand() -> None:
    """The example of the page: each stranger forbids one choice of four."""
    assert [bool(perception.signs_are_good(TRIO, s)) for s in perception.all_signs(3)] == [0, 0, 0, 1]
    assert TRIO.responses((1, 1, 1)) == [8, 8, 8, 6, 2, 2]
    assert TRIO.weights((1, -1, -1)) == (-1, -1, 1, 1, 1, 1, 3, 3)


# vershynin-carry

kinds = st.sampled_from(("threshold", "relu"))


@given(st.data())
def test_carry_remembers_on_drawn_chains(draw) -> None:
    L, points = draw.draw(st.integers(1, 5)), draw.draw(st.integers(1, 4))
    value = st.fractions(0, 2, max_denominator=4) | st.just(Fraction(0))
    node = st.tuples(*[value] * points)
    layers = tuple(tuple(draw.draw(st.lists(node, min_size=1, max_size=3))) for _ in range(L))
    chain = Relay(layers, tuple(draw.draw(kinds) for _ in range(L - 1)), (0,) * L)
    perception.carry.check([chain], over="drawn chains")
    fired = [any(n[k] > 0 for layer in layers for n in layer) for k in range(points)]
    assert [t > 0 for t in chain.total] == fired


def test_controls_of_carry() -> None:
    patterns = list(product((0, 1), repeat=4))
    layers = tuple((tuple(p[l] for p in patterns),) for l in range(4))
    chain = Relay(layers, ("threshold",) * 3, (Fraction(1, 2),) * 4)
    perception.carry.check([chain], over="all patterns of four layers")
    cut = replace(chain, cut=(2,))
    perception.carry.control(cut, without="each carry node reads the one before")
    lost = [k for k, p in enumerate(patterns) if p[0] and not any(p[1:])]
    assert [k for k, t in enumerate(cut.total) if (t > 0) != any(patterns[k])] == lost
    third = tuple((tuple(Fraction(3, 10) * v for v in node),) for (node,) in layers)
    perception.carry.control(
        replace(chain, layers=third), without="c is 0, or 1/2 at a threshold node fed by bits"
    )
    minus = Relay((((1,),), ((-1,),)), ("threshold",), (0, 0))
    perception.carry.control(minus, without="the values are at least 0")


# vershynin-copy


def test_a_neuron_on_bits_is_the_strict_neuron_on_signs() -> None:
    for d in (1, 2, 3, 4):
        for w in product(range(-2, 3), repeat=d):
            first, second = copying.antipodal_pair(w, d)
            for v in product((0, 1), repeat=d):
                s = sum(a * (2 * b - 1) for a, b in zip(w, v, strict=True))
                for neuron, value in ((first, s), (second, -s)):
                    weights, bias = neuron.on_bits
                    t = sum(weights[j] * v[j] for j in range(d)) + bias
                    assert (t >= 0) == (2 * value > d)


def test_copy_by_hand_and_its_controls() -> None:
    other = replace(PAIR, labels=(0, 0, 0, 1, 1, 1))
    empty = [Memory(BITS, (v,) * 6, (), (), 2) for v in (0, 1)]
    copying.copy.check([PAIR, SINGLE, other, replace(SINGLE, nodes=5), *empty], over="six points")
    assert SINGLE.network.widths == (10, 11, 3, 1) and PAIR.network.widths == (2, 1)
    good = "the signs are good"
    copying.copy.control(replace(PAIR, signs=((1, 1, 1),)), without=good)
    copying.copy.control(replace(PAIR, bits=(*BITS[:3], BITS[0], *BITS[4:])), without=good)
    copying.copy.control(
        replace(SINGLE, groups=((0,), (1,)), signs=((1,), (1,))), without="the groups split a class"
    )
    copying.copy.control(replace(PAIR, labels=(1, 1, 1, 0, 0, 2)), without="labels in {0, 1}")
    copying.copy.control(replace(PAIR, nodes=1), without="P >= 2")


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        (replace(SINGLE, groups=((0,), (1,), (1,))), "share a point"),
        (replace(SINGLE, groups=((0,), (1,), (3,))), "points 2, 3 should change sides"),
        (Memory(BITS, (1, 1, 1, 0, 0, 0), (), (), 2), "should change sides"),
    ],
)
def test_groups_that_are_no_class(memory: Memory, words: str) -> None:
    assert words in str(copying.groups_split_a_class(memory))


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("no constant", lambda n: (dict(enumerate(n.w)), -((n.c + 1) // 2))),
        ("no half", lambda n: (dict(enumerate(n.w)), -(n.c + sum(n.w)))),
        ("other sign", lambda n: (dict(enumerate(n.w)), (n.c + sum(n.w) + 1) // 2)),
    ],
)
def test_mutant_neurons_are_noticed(monkeypatch: pytest.MonkeyPatch, name: str, mutant) -> None:
    monkeypatch.setattr(Neuron, "on_bits", property(mutant))
    with pytest.raises(ClaimFails, match="the network is wrong"):
        copying.copy.check([replace(SINGLE)], over=name)


def test_a_cut_carry_edge_loses_what_was_stored_before() -> None:
    net = copying.with_carry_cut(replace(SINGLE, nodes=2).network, 2)
    assert net.at_integers(BITS) == (0, 1, 1, 0, 0, 0)
    assert copying.with_carry_cut(SINGLE.network, 3).at_integers(BITS) == (0, 0, 1, 0, 0, 0)


@pytest.mark.parametrize(("K", "d", "P"), [(40, 400, 2), (40, 401, 5)])
def test_certified_groups(K: int, d: int, P: int) -> None:
    labels = tuple(random.Random(d).choices((0, 1), k=K))
    m = copying.memory_without_luck(floats.random_bits(K, d, d), labels, P, largest=12)
    assert all(perception.sum_is_below_one(g) for g in m.on_signs)
    copying.copy.check([m], over="random bits")
    with pytest.raises(HypothesisError, match="not for point"):
        copying.memory_without_luck(((1,) * 8, (1,) * 7 + (0,)), (1, 0), 2, largest=3)


# from data to a network


def network_for(X, y, **options):
    scale = input_scale(X)
    points, labels = merge(to_integers(X, scale), y)
    net = copy_network(points, labels, scale, **options)
    assert net.at_integers(points) == labels
    return net


@given(st.data())
def test_drawn_points_are_memorized_or_refused_by_name(draw) -> None:
    d = draw.draw(st.integers(1, 3))
    scale = draw.draw(st.sampled_from((3, 1000, 10**40)))
    row = st.tuples(*[st.integers(-9, 9).map(lambda v: v * scale + (v > 0))] * d)
    points = draw.draw(st.lists(row, min_size=1, max_size=8, unique=True))
    labels = tuple(draw.draw(st.integers(0, 1)) for _ in points)
    way = draw.draw(st.sampled_from(("signs", "minimum-norm")))
    try:
        net = copy_network(tuple(points), labels, rng=0, perception=way, width=64)
    except HypothesisError as error:
        assert error.hypothesis in (
            "the sign layers keep different labels apart",
            "the bits are almost orthogonal",
        )
    else:
        assert net.at_integers(points) == labels


@pytest.mark.parametrize("way", ["signs", "minimum-norm"])
def test_wine_to_certificate(way: str) -> None:
    X = data.wine()[0][:60]
    y = data.random_labels(len(X), 1)
    net = network_for(X, y, perception=way, width=96)
    document = json.loads(json.dumps(net.certificate(X, y).document))
    assert document["theorem"] == "vershynin-copy"
    assert checker.verify(document).hidden_neurons == net.hidden_neurons
    document["labels"][0] = 1 - document["labels"][0]
    with pytest.raises(checker.Rejected, match="point 0"):
        checker.verify(document)


def test_degenerate_inputs() -> None:
    assert network_for([[3, 4]], [1]).widths == network_for([[3, 4]], [0]).widths == (1,)
    assert network_for([[1], [2], [9]], [1, 1, 1]).hidden_neurons == 0
    network_for([[0, 7], [1, 7]], [0, 1])  # a constant column
    network_for([[-1e-300], [2.5e300]], [0, 1])  # from tiny to huge
    network_for([[0.0], [1e-9], [50.0], [99.0]], [0, 0, 1, 0])  # bits of the first two are equal
    # three points with label 1 have equal bits: stored once, they are the rarer class after all
    assert (
        len(
            set(
                copying.sign_front(((0,), (1,), (2,), (10**9,), (2 * 10**9,)), (1, 1, 1, 0, 0), 64, 1, 0).bits
            )
        )
        == 3
    )
    network_for([[0], [1], [2], [10**9], [2 * 10**9]], [1, 1, 1, 0, 0])
    X = data.gaussian(30, 40, rng=0)
    y = data.random_labels(30, 0)
    assert network_for(X, y, depth=2, nodes=3, width=200).widths[:2] == (200, 200)
    few, other = (network_for(X, y, rng=7) for _ in range(2))
    assert few == other
    swapped = network_for(X, 1 - y, rng=7)
    assert swapped.at_integers(to_integers(X)) == tuple(1 - v for v in y.tolist())


@pytest.mark.parametrize(
    ("points", "labels", "options", "error", "words"),
    [
        (((0,), (1,)), (0, 2), {}, HypothesisError, "point 1 has the label 2"),
        (((0,), (1,), (10**9,)), (0, 1, 1), {"width": 8}, HypothesisError, "points 0 and 1 have the same 8 bits"),
        (((0,), (1,), (2,), (3,)), (0, 1, 1, 0), {"depth": 1}, HypothesisError, "inner product of size"),
        (((0,), (1,)), (0, 1), {"perception": "luck"}, ValueError, "luck"),
        (((0,), (1,)), (0, 1), {"width": 0}, ValueError, "width 0"),
        (((0,), (1,)), (0, 1), {"depth": 0}, ValueError, "depth 0"),
        (((0,), (1,)), (0, 1), {"nodes": 1}, ValueError, "nodes 1"),
    ],
)  # fmt: skip
def test_refusals_name_the_hypothesis(points, labels, options, error, words) -> None:
    with pytest.raises(error, match=words):
        copy_network(points, labels, **options)


def test_two_moons_are_too_close() -> None:
    M, _ = data.two_moons(300, rng=0)
    with pytest.raises(HypothesisError, match="have the same 64 bits"):
        copy_network(to_integers(M), as_labels(data.random_labels(300, 0), 300), width=64)


@given(st.lists(st.tuples(*[st.integers(-(10**30), 10**30)] * 2), min_size=2, max_size=6, unique=True))
def test_standard_deviations_are_close(points) -> None:
    _, deviations = copying.standardised(tuple(points))
    for (m, e), column in zip(deviations, zip(*points, strict=True), strict=True):
        n = len(column)
        variance = Fraction(n * sum(v * v for v in column) - sum(column) ** 2, n * n)
        if len(set(column)) == 1:
            assert (m, e) == (0, 0)
        else:  # about the rounded mean, which may be off by 1
            assert abs(Fraction(m * 2**e, 2**30) ** 2 - variance) <= 1 + variance / 10**5


# the pictures and the exercises


def test_draws_of_the_pictures() -> None:
    V = floats.sparse_bits(50, 400, 0.1, seed=0)
    group = Group(tuple(map(tuple, V)), tuple(range(5)), 1)
    plus, drawn = floats.spread(V, 5, 64, seed=0)
    assert plus == max(map(abs, group.noise((1,) * 5)))
    every = {max(map(abs, group.noise(s))) for s in perception.all_signs(5)}
    assert set(drawn.tolist()) <= every and min(every) < plus
    certified, drawn = floats.largest_groups(512, 200, seed=1)
    S = floats.draw_signs(512, 200, floats.generator(1)).tolist()
    sizes = [bool(perception.sum_is_below_one(Group(tuple(map(tuple, S)), tuple(range(r)), 512)))
             for r in (certified, certified + 1)]  # fmt: skip
    assert sizes == [True, False] and drawn > certified


def test_the_only_good_signs() -> None:
    eight = tuple(tuple(int(8 * i <= j < 8 * i + 8) for j in range(32)) for i in range(4))
    patterns = ((1, 1, 1, 1), (1, 1, -1, -1), (1, -1, 1, -1))
    strangers = tuple(tuple(p[j // 8] * (j % 8 < 2) for j in range(32)) for p in patterns)
    quartet = Group((*eight, *strangers), (0, 1, 2, 3), 8)
    good = [s for s in perception.all_signs(4) if perception.signs_are_good(quartet, s)]
    assert good == [(1, -1, -1, 1)]


def test_all_signs_plus_need_a_small_group() -> None:
    blocks = tuple(tuple(int(6 * i <= j < 6 * i + 6) for j in range(24)) for i in range(4))
    v = (*blocks, tuple(int(j % 6 == 0) for j in range(24)))
    assert perception.pair_fires_exactly(Group(v, (0, 1), 6), (1, 1))
    assert not perception.pair_fires_exactly(Group(v, (0, 1, 2, 3), 6), (1, 1, 1, 1))
    assert perception.pair_fires_exactly(Group(v, (0, 1, 2, 3), 6), (1, -1, 1, -1))
