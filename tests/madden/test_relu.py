"""Two ReLUs for d + 1 labels: laws on random points, the formula as an oracle, every control, mutants."""

import json
import random
from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import data
from memlib.checker import verify
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exercise import grade
from memlib.madden import relu
from memlib.madden.relu import Cut, Problem, Switch, consecutive, relu_pairs_network, switches
from memlib.network import Layer, Network
from memlib.points import HypothesisError, as_labels, input_scale, merge, to_integers
from tests import strategies as own
from tests.test_methods import GOOD

X = ((0, 0), (4, 2), (1, 3), (2, 0), (0, 2), (3, 3))
Y = (3, -1, 2, 0, 0, Fraction(1, 2))
CUT = consecutive(X, Y, (2, 1))
INDEPENDENT, ORDER, GENERAL = (
    "each block is affinely independent",
    "the blocks follow each other along u",
    "general position",
)
LINE = tuple((k, 2 * k) for k in range(9))
BEADS = Cut(LINE, (0, 1) * 4 + (0,), (1, 0), ((0, 1, 2), (3, 4, 5), (6, 7, 8)))
TWINS = Cut((*X[:5], X[0]), Y, (2, 1), CUT.blocks)

real_labels = st.one_of(own.small, own.fractions, st.integers(-(10**30), 10**30))


@st.composite
def problems(draw) -> Problem:
    points = draw(own.general_point_sets())
    return Problem(points, tuple(draw(st.lists(real_labels, min_size=len(points), max_size=len(points)))))


def psi(t):
    return max(t, 0)


def affine(l, x) -> Fraction:
    v, c, q = l
    return Fraction(sum(a * b for a, b in zip(v, x, strict=True)) - c, q)


def by_the_formula(pairs: list[Switch], x) -> Fraction:
    """The sum of the pairs as the theorem prints it, in Fractions: an oracle for the integer network."""
    total = Fraction(0)
    for pair in pairs:
        l = affine(pair.l, x)
        if pair.s is None:
            total += psi(l) - psi(-l)
        else:
            s = affine((*pair.s, 1), x)
            total += (psi(s + pair.epsilon * l) - psi(s - pair.epsilon * l)) / (2 * pair.epsilon)
    return total


# the example of the page


def test_by_hand() -> None:
    assert CUT.blocks == ((0, 4, 3), (2, 5, 1))
    first, second = switches(CUT)
    assert first == Switch(((-3, -3), -6, 2))
    assert second == Switch(((3, 9), 10, 4), ((4, 2), 9), Fraction(1, 5))
    assert [affine(second.l, x) for x in X] == [Fraction(-5, 2), 5, 5, -1, 2, Fraction(13, 2)]
    assert second.units()[0] == ((83, 49), -190, Fraction(1, 8))
    assert relu_pairs_network(X, Y).hidden_neurons == 4


def test_the_jacobian_gives_the_pieces() -> None:
    order = [i for block in CUT.blocks for i in block]
    J = sympy.Matrix(
        [
            [on * (*X[i], 1)[a] for on, i in zip(row, order, strict=True)]
            for row in ([1] * 6, [0, 0, 0, 1, 1, 1])
            for a in range(3)
        ]
    )
    A = J.T.LUsolve(sympy.Matrix([sympy.Rational(Y[i]) for i in order]))
    for g, pair in enumerate(switches(CUT)):
        v, c, q = pair.l
        assert [sympy.Rational(w, q) for w in (*v, -c)] == list(A[3 * g : 3 * g + 3])


# laws


@given(problems(), st.integers(0, 10**6))
def test_every_problem_in_general_position(problem: Problem, seed: int) -> None:
    u = relu.direction(problem.points, random.Random(seed))
    cut = consecutive(problem.points, problem.labels, u)
    relu.exact.check([cut], over="drawn points")
    relu.general.check([problem], over="drawn points")
    pairs = switches(cut)
    net = relu.network_of(pairs, (1,) * len(u))
    for x, label in zip(problem.points, problem.labels, strict=True):
        assert by_the_formula(pairs, x) == own.evaluate(net, x) == label
    assert net.hidden_neurons <= 2 * ceil(len(problem.points) / (len(u) + 1))


@given(problems(), st.data())
def test_the_network_is_the_formula_everywhere(problem: Problem, draw: st.DataObject) -> None:
    """Also at points that are not in the data, and with any epsilon."""
    u = relu.direction(problem.points, random.Random(1))
    factor = draw.draw(st.fractions(Fraction(1, 50), 3))
    pairs = [
        pair if pair.s is None else replace(pair, epsilon=factor * pair.epsilon)
        for pair in switches(consecutive(problem.points, problem.labels, u))
    ]
    x = tuple(draw.draw(own.small) for _ in u)
    assert own.evaluate(relu.network_of(pairs, (1,) * len(u)), x) == by_the_formula(pairs, x)


@given(problems())
def test_epsilon_is_the_largest_of_its_kind(problem: Problem) -> None:
    """q / M meets (E) at all points, q / (M - 1) does not, unless M = 1."""
    cut = consecutive(problem.points, problem.labels, relu.direction(problem.points, random.Random(2)))
    for pair in switches(cut)[1:]:
        if pair.s is None:
            continue
        q = pair.l[2]
        values = [(abs(affine((*pair.s, 1), x)), abs(affine(pair.l, x))) for x in cut.points]
        assert all(pair.epsilon * l <= s for s, l in values)
        M = q / pair.epsilon
        assert M.denominator == 1
        assert M == 1 or not all(q / (M - 1) * l <= s for s, l in values)


@given(
    own.fractions.filter(bool),
    own.fractions.filter(bool),
    st.fractions(Fraction(1, 20), 3, max_denominator=20),
)
def test_a_pair_is_right_iff_the_condition_holds(s: Fraction, l: Fraction, eps: Fraction) -> None:
    quotient = (psi(s + eps * l) - psi(s - eps * l)) / (2 * eps)
    assert (quotient == (l if s > 0 else 0)) == (eps * abs(l) <= abs(s))


@given(problems(), st.tuples(own.small, own.small, own.small))
def test_labels_of_an_affine_function_cost_two_neurons(problem: Problem, coefficients: tuple) -> None:
    labels = tuple(
        sum(a * b for a, b in zip(coefficients, x, strict=False)) + coefficients[-1] for x in problem.points
    )
    net = relu_pairs_network(problem.points, labels)
    n, d = len(labels), len(problem.points[0])
    if n % (d + 1) == 0:  # else the last piece is the least one, not this one
        assert net.hidden_neurons <= 2
    assert net.hidden_neurons <= 2 * ceil(n / (d + 1))
    assert net.at_integers(problem.points) == labels


@pytest.mark.parametrize(
    ("n", "d"), [(1, 1), (1, 5), (4, 5), (5, 5), (6, 5), (7, 5), (12, 5), (13, 5), (60, 20)]
)
@pytest.mark.parametrize("kind", ["random", "signs", "sevens", "zeros"])
def test_sizes_and_labels(n: int, d: int, kind: str) -> None:
    draw = random.Random(n + d)
    points = tuple(tuple(draw.randint(-99, 99) for _ in range(d)) for _ in range(n))
    labels = {
        "random": tuple(Fraction(draw.randint(-99, 99), 7) for _ in points),
        "signs": tuple(draw.choice((1, -1)) for _ in points),
        "sevens": (7,) * n,
        "zeros": (0,) * n,
    }[kind]
    net = relu_pairs_network(points, labels, rng=3)
    assert net.at_integers(points) == labels
    assert net.hidden_neurons <= 2 * ceil(n / (d + 1))
    if kind == "zeros":
        assert net.widths == (1,)
    if kind == "random":
        assert net.hidden_neurons == 2 * ceil(n / (d + 1))
    summary = verify(json.loads(json.dumps(net.certificate(points, labels).document)))
    assert summary[1:] == (net.hidden_neurons, net.nonzero_weights, net.max_weight_bits)


def test_a_large_problem() -> None:
    """n = 500, d = 50: twenty neurons, in about a second."""
    draw = random.Random(0)
    points = tuple(tuple(draw.randint(-999, 999) for _ in range(50)) for _ in range(500))
    labels = tuple(Fraction(draw.randint(-50, 50), 10) for _ in points)
    net = relu_pairs_network(points, labels)
    assert net.hidden_neurons == 20 and net.at_integers(points) == labels
    assert net.max_weight_bits < 8000


# the method


def memorize(A, y, rng=0) -> Network:
    """The door `memlib.memorize` without its table of methods."""
    scale = input_scale(A)
    return relu_pairs_network(*merge(to_integers(A, scale), y), scale, rng)


@pytest.mark.parametrize("case", list(GOOD))
def test_degenerate_and_extreme_input(case: str) -> None:
    """One point, n < d, duplicates, 1e300, neighbouring floats: with the labels there and with -7 and -4."""
    Z, zero_one = GOOD[case]
    for labels in ([int(v) for v in zero_one], [3 * int(v) - 7 for v in zero_one]):
        net = memorize(Z, labels)
        assert net(Z) == tuple(labels)
        distinct = len(set(to_integers(Z)))
        assert grade(net, Z, labels, most=2 * ceil(distinct / (len(net.input_scale) + 1))).accepted


@given(own.general_point_sets(), st.data())
def test_memorize_on_any_grid(points: tuple, draw: st.DataObject) -> None:
    n = len(points)
    labels = draw.draw(st.lists(own.decimals, min_size=n, max_size=n))
    Z = np.array(points) / draw.draw(st.sampled_from([1, 10, 2**60, 2**-40]))
    net = memorize(Z, labels)
    assert net(Z) == tuple(map(Fraction, labels))
    assert grade(net, Z, labels, most=2 * ceil(n / (len(points[0]) + 1))).accepted


def test_real_data() -> None:
    W, cultivar = data.wine()
    net = memorize(W, cultivar)
    assert grade(net, W, cultivar, most=2 * ceil(178 / 14)).accepted
    M, _ = data.two_moons(60, rng=1)
    heights = data.gaussian(60, 1, rng=2)[:, 0]  # floats: read exactly
    net = memorize(M, heights)
    assert net(M) == as_labels(heights, 60) and net.hidden_neurons == 40
    assert np.abs(net.in_floats(M) - heights).max() < 1e-6


def test_a_seed_fixes_the_network() -> None:
    assert relu_pairs_network(X, Y, rng=3) == relu_pairs_network(X, Y, rng=3)
    one, two = (relu_pairs_network(X, Y, rng=np.random.default_rng(3)) for _ in range(2))
    assert one == two
    assert len({relu_pairs_network(X, Y, rng=seed) for seed in range(5)}) > 1


def test_refusals() -> None:
    with pytest.raises(HypothesisError, match="points 0 and 5 are equal"):
        relu_pairs_network((*X[:5], X[0]), Y)
    with pytest.raises(
        HypothesisError, match=r"after 10 directions, points ., ., . are affinely dep"
    ) as refusal:
        relu_pairs_network(LINE, BEADS.labels)
    assert refusal.value.hypothesis == "general position" and "project_to" in refusal.value.remedy
    with pytest.raises(TypeError, match="exact fits take ints and Fractions"):
        relu_pairs_network(X, (0.5, 0, 0, 0, 0, 0))
    with pytest.raises(ValueError, match="every point is in exactly one block"):
        Cut(X, Y, (1, 0), ((0, 1, 2), (2, 3, 4, 5)))
    with pytest.raises(ValueError, match="a block is empty"):
        Cut(X, Y, (1, 0), ((0, 1, 2), (), (3, 4, 5)))


def test_the_refusal_names_a_dependent_set() -> None:
    """Four points of a plane among five of space, with labels that no affine function takes."""
    points = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0))
    with pytest.raises(HypothesisError, match="points 0, 1, 2, 3 are affinely dependent"):
        relu_pairs_network(points, (0, 0, 0, 1))
    assert (
        relu_pairs_network(points, (0, 1, 1, 2)).hidden_neurons == 2
    )  # dependent, but an affine function fits


def test_another_direction_may_help() -> None:
    """Three points of a line and three others: a block of the three is refused, another cut serves."""
    points = ((0, 0), (1, 0), (2, 0), (0, 7), (1, 9), (2, 30))
    labels = (0, 1, 0, 0, 0, 0)
    with pytest.raises(HypothesisError):
        switches(consecutive(points, labels, (1, 50)))
    net = relu_pairs_network(points, labels)
    assert net.at_integers(points) == labels and net.hidden_neurons <= 4


# claims: controls, mutants


def test_checks_and_controls(records: list) -> None:
    relu.exact.check([CUT], over="six points")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)
    relu.exact.control(BEADS, without=INDEPENDENT)
    assert "the labels need 7 bends along the line, and 6 units have one each" in records[-1]["reason"]
    relu.exact.control(TWINS, without=ORDER)
    assert "no function is 3 at point 0 and 1/2 at point 5" in records[-1]["reason"]
    far = tuple(tuple(k * c for c in (1, 2, -1, 3, 5, -2)) for k in range(12))
    relu.general.control(Problem(far, (0, 1) * 6), without=GENERAL)
    assert "10 bends" in records[-1]["reason"]


def test_controls_can_fail() -> None:
    with pytest.raises(ControlFails, match="the conclusion survives"):
        relu.exact.control(replace(BEADS, labels=(4,) * 9), without=INDEPENDENT)
    with pytest.raises(ControlFails, match="still holds"):
        relu.exact.control(CUT, without=ORDER)
    with pytest.raises(ValueError, match="cannot be decided here"):  # seven bends at most are needed
        relu.exact.control(replace(BEADS, labels=(0, 1, 0, 0, 0, 0, 0, 0, 0)), without=INDEPENDENT)
    with pytest.raises(ValueError, match="subsets are too many"):
        relu.in_general_position(Problem(tuple((k, k * k, k**3) for k in range(99)), (0,) * 99))


def test_one_more_neuron_per_bend_is_enough_on_the_line() -> None:
    """The obstacle is honest: with as many units as bends plus two, labels on a line are memorized."""
    line = tuple((k,) for k in range(9))
    assert relu.obstacle(line, BEADS.labels, 7) is None
    assert relu_pairs_network(line, BEADS.labels).hidden_neurons <= 10


def broken_units(self: Switch) -> list:
    return [(w, b, a * 2) if self.s is None else (w, b, a) for w, b, a in true_units(self)]


def no_bias(self: Switch) -> list:
    return [(w, 0, a) for w, _, a in true_units(self)]


def one_sided(self: Switch) -> list:
    """psi(s + eps l) - psi(s) in place of the pair, with the factor of the pair."""
    (w, b, a), (w2, b2, c) = true_units(self)
    if self.s is None:
        return [(w, b, a), (w2, b2, c)]
    return [(w, b, a), (tuple((p + q) // 2 for p, q in zip(w, w2, strict=True)), (b + b2) // 2, c)]


true_units = Switch.units


@pytest.mark.parametrize("mutant", [broken_units, no_bias, one_sided])
def test_wrong_units_fail_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Switch, "units", mutant)
    with pytest.raises(ClaimFails, match="the network is wrong at point"):
        relu.exact.check([CUT], over="mutant")


def test_wrong_epsilon_or_border_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(relu, "largest_epsilon", lambda s, l, q: 1 / Fraction(4))  # the bound is 1/5
        with pytest.raises(ClaimFails, match="the network is wrong at point"):
            relu.exact.check([CUT], over="mutant")
    with monkeypatch.context() as patch:
        patch.setattr(relu, "difference", lambda new, old: new)  # the old function is not taken away
        with pytest.raises(ClaimFails, match="the network is wrong at points 1, 2, 5"):
            relu.exact.check([CUT], over="mutant")


def test_smaller_blocks_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(points, labels, u):
        cut = consecutive(points, labels, u)
        return replace(cut, blocks=tuple((i,) for block in cut.blocks for i in block))

    monkeypatch.setattr(relu, "consecutive", short)
    with pytest.raises(ClaimFails, match="units, not 4"):
        relu.general.check([Problem(X, Y)], over="mutant")


def test_predicates_answer_in_words() -> None:
    for predicate, instance in [
        (relu.every_block_is_independent, BEADS),
        (relu.blocks_follow_along_u, TWINS),
        (relu.in_general_position, Problem(LINE, BEADS.labels)),
        (relu.memorized_by_two_a_block, TWINS),
        (relu.memorized_at_half_price, Problem((X[0], X[0]), (0, 1))),
    ]:
        answer = predicate(instance)
        assert isinstance(answer, Counterexample) and answer.reason


def test_solutions_of_the_exercises() -> None:
    hidden = Layer(((1,), (-1,), (3,), (5,)), (0, 0, -3, -9), "relu")
    net = Network(
        (hidden, Layer(((2, -2, 3, -3),), (0,), "identity")), "exercise", input_scale=(1,), output_scale=2
    )
    assert grade(net, [[0], [1], [2], [3]], [0, 1, 5, 3], most=4).accepted


@given(st.integers(1, 4), st.data())
@settings(max_examples=20)
def test_one_neuron_serves_a_single_last_point(d: int, draw: st.DataObject) -> None:
    """The exercise: with L_G = L_(G-1) + c s_G the last change is c psi(s_G)."""
    points = draw.draw(own.general_point_sets(n=st.just(d + 2), d=st.just(d)))
    labels = tuple(draw.draw(own.small) for _ in points)
    cut = consecutive(points, labels, relu.direction(points, random.Random(0)))
    first, last = cut.blocks
    L = relu.piece(cut, first)
    t = Fraction(max(cut.heights[i] for i in first) + cut.heights[last[0]], 2)
    c = (labels[last[0]] - affine(L, points[last[0]])) / (cut.heights[last[0]] - t)
    for i, x in enumerate(points):
        assert affine(L, x) + c * psi(cut.heights[i] - t) == labels[i]
