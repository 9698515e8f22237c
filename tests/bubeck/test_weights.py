"""Total weight, test vectors, contraction, the lower bound: laws, oracles, every control of the page, mutants."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from memlib import data
from memlib.bubeck import weights
from memlib.bubeck import weights_floats as machine
from memlib.bubeck.n_neurons import quotient, relu
from memlib.bubeck.relu import relu_4_network
from memlib.bubeck.total_weight import Neuron, dot, length, lift, neurons_of, reach, total_weight
from memlib.bubeck.weights import Draw, Labels, Rescaling, Shrinking, probe
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample, Frequency
from memlib.network import Layer, Network
from tests import strategies as own

FAIR = "the labels are fair signs"
BALL = "the points lie in the unit ball"

#: The example by hand: 2|x| - 1 at three points.
POINTS, Y = ((-1,), (0,), (1,)), (1, -1, 1)
VALLEY = (Neuron(2, (1,), 0), Neuron(2, (-1,), 0), Neuron(-1, (0,), 1))
SPREAD = tuple((2 * k - 11,) for k in range(12))
EVERY = Labels("every sign vector")
FAR = tuple(tuple(10 * int(i == j) for j in range(8)) for i in range(8))


def neurons(d: int) -> st.SearchStrategy:
    return st.builds(Neuron, own.fractions, st.tuples(*[own.fractions] * d), own.fractions)


def close(ball: arb, value: float) -> bool:
    return math.isclose(float(ball), value, rel_tol=1e-9, abs_tol=1e-12)


def by_numpy(net) -> float:
    return sum(abs(float(g.a)) * math.hypot(*map(float, (*g.w, g.b))) for g in net)


# bubeck-def-total-weight


@given(
    neurons(2), st.fractions(Fraction(1, 9), 9, max_denominator=9), st.tuples(own.fractions, own.fractions)
)
def test_rescaling_changes_neither_function_nor_weight(g: Neuron, c: Fraction, x: tuple) -> None:
    weights.weight.check([Rescaling(g, c, x)], over="drawn neurons")
    assert close(total_weight([g]), by_numpy([g]))
    assert g(x) == g.a * max(g.w[0] * x[0] + g.w[1] * x[1] + g.b, 0)


def letters() -> list[Rescaling]:
    a, w, x = sympy.symbols("a w x", real=True)
    c, p = (sympy.Symbol(k, positive=True) for k in "cp")
    return [Rescaling(Neuron(a, (w,), v - w * x), c, (x,)) for v in (p, -p)]


def test_rescaling_in_letters(records: list) -> None:
    weights.weight.check(letters(), over="letters", case="d = 1")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("symbolic", False)


def test_controls_of_the_definition(records: list) -> None:
    turned = Rescaling(Neuron(1, (1,), 0), -1, (1,))
    weights.weight.control(turned, without="c > 0")
    assert records[-1]["reason"] == "c is -1, so the neuron was 1 at x = 1 and is 0"
    assert turned.neuron.squared == turned.neuron.rescaled(-1).squared
    weights.weight.control(replace(turned, c=0), without="c > 0")
    with pytest.raises(ControlFails, match="survives"):
        weights.weight.control(Rescaling(Neuron(1, (0,), 0), -1, (1,)), without="c > 0")


@pytest.mark.parametrize(
    "mutant",
    [
        lambda g, c: Neuron(g.a, tuple(c * v for v in g.w), c * g.b),
        lambda g, c: Neuron(quotient(g.a, c), tuple(c * v for v in g.w), g.b),
        lambda g, c: Neuron(quotient(g.a, c**2), tuple(c * v for v in g.w), c * g.b),
    ],
)
def test_a_wrong_rescaling_fails_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Neuron, "rescaled", mutant)
    with pytest.raises((ClaimFails, ValueError), match=r"the neuron was|the sign of"):
        weights.weight.check(letters(), over="mutant")
    with pytest.raises(ClaimFails, match="false on instance"):
        weights.weight.check([Rescaling(Neuron(3, (1,), 2), 2, (5,))], over="mutant")


def test_a_weight_that_is_not_invariant_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Neuron, "squared", property(lambda g: g.a**2 + dot(g.w, g.w) + g.b**2))
    with pytest.raises(ClaimFails, match="the square of the weight was"):
        weights.weight.check(letters(), over="sum of squares")


@given(own.general_point_sets(), st.data())
def test_neurons_of_a_network_are_the_network(points: tuple, drawn) -> None:
    """Same outputs in the coordinates of the data, and W by numpy from the integers of the layers."""
    n, d = len(points), len(points[0])
    labels = tuple(drawn.draw(st.lists(own.small, min_size=n, max_size=n)))
    scale = tuple(drawn.draw(st.lists(st.integers(1, 9), min_size=d, max_size=d)))
    net = relu_4_network(points, labels, scale)
    found = neurons_of(net)
    for x, label in zip(points, labels, strict=True):
        assert sum(g([Fraction(v, s) for v, s in zip(x, scale, strict=True)]) for g in found) == label
    if net.hidden_neurons:
        W = np.array(net.layers[0].weights, dtype=float) * np.array(scale, dtype=float)
        b, a = np.array(net.layers[0].biases, dtype=float), np.array(net.layers[1].weights[0], dtype=float)
        assert close(
            total_weight(found), float(np.abs(a / net.output_scale) @ np.hypot(np.linalg.norm(W, axis=1), b))
        )


def test_neurons_of_special_networks() -> None:
    relus = Layer(((3, 4), (0, 1)), (0, 2), "relu")
    net = Network((relus, Layer(((2, 0),), (-3,), "identity")), "x", (1, 10), output_scale=4)
    assert neurons_of(net) == (Neuron(Fraction(1, 2), (3, 40), 0), Neuron(Fraction(-3, 4), (0, 0), 1))
    silent = Network((Layer(((0, 0),), (0,), "identity"),), "x", (1, 1))
    assert neurons_of(silent) == () and total_weight(()) == 0
    for layers in (
        (Layer(((1,),), (0,), "threshold"), Layer(((1,),), (0,), "identity")),
        (Layer(((1,),), (0,), "identity"),),
        (Layer(((1,),), (0,), "relu"), Layer(((1,),), (0,), "relu")),
    ):
        with pytest.raises(ValueError, match=r"no sum of ReLUs|one hidden layer"):
            neurons_of(Network(layers, "x", (1,)))


# bubeck-weight-correlation


vectors = st.lists(st.tuples(own.small, own.small), min_size=1, max_size=6).map(tuple)


@given(vectors, st.data())
def test_the_reach_against_a_dense_circle(x: tuple, drawn) -> None:
    """R is at least every response, and the best of 7200 angles falls short by at most |r|_1 max|x| pi / 7200."""
    r = tuple(drawn.draw(st.lists(own.small, min_size=len(x), max_size=len(x))))
    angle = np.linspace(0, 2 * np.pi, 7200, endpoint=False)
    heights = np.maximum(np.array(x, dtype=float) @ np.stack([np.cos(angle), np.sin(angle)]), 0)
    best = float(np.abs(np.array(r, dtype=float) @ heights).max())
    slope = sum(map(abs, r)) * max(math.hypot(*v) for v in x)
    found = float(reach(x, r))
    assert best - 1e-9 <= found <= best + slope * math.pi / 7200 + 1e-9


def test_the_reach_refuses_space() -> None:
    with pytest.raises(ValueError, match="vectors of the plane"):
        reach(((1, 2, 3),), (1,))
    assert reach(((0, 0),), (5,)) == 0


def test_the_example_by_hand() -> None:
    assert [sum(g(x) for g in VALLEY) for x in POINTS] == list(Y)
    assert total_weight(VALLEY) == 5
    assert reach(lift(POINTS), Y) == 1 and reach(lift(POINTS), (1, -3, 1)) == 1
    for b, w in ((Fraction(k, 9), Fraction(j, 9)) for k in range(-9, 10) for j in range(10)):
        F = relu(b - w) - 3 * relu(b) + relu(b + w)
        cases = -b if b >= w else w - 2 * b if b >= 0 else w + b if b > -w else 0
        assert cases == F


@given(
    st.lists(neurons(1), max_size=4), st.lists(st.tuples(own.fractions), min_size=1, max_size=5), st.data()
)
def test_weight_pays_for_the_response(net: list, points: list, drawn) -> None:
    r = drawn.draw(st.lists(own.fractions, min_size=len(points), max_size=len(points)))
    p = probe(tuple(points), tuple(net), r)
    assume(len(net) > 1 or p.correlation == 0)  # one neuron may respond best: then two equal balls overlap
    try:
        assert weights.paid_by_weight(p) is True
    except ArithmeticError:
        assert close(p.weight * reach(lift(p.points), p.r), float(abs(p.correlation)))


def test_correlation_check_and_controls(records: list) -> None:
    weights.correlation.check([probe(POINTS, VALLEY, r) for r in (Y, (1, -3, 1))], over="by hand")
    assert records[-1]["strength"] == "enclosure"
    constant = probe(((1, 0), (-1, 0)), (Neuron(1, (0, 0), 1),), (1, 1), bias=False)
    weights.correlation.control(constant, without="no bias where R is taken without")
    assert records[-1]["reason"] == "neuron 0 has a bias, so |sum r f| is 2.00, above 1.00"


def test_mutants_of_the_correlation(monkeypatch: pytest.MonkeyPatch) -> None:
    best = probe(POINTS, VALLEY, (1, -3, 1))
    with pytest.raises(ClaimFails, match=r"is 5.00, above 4.95"):
        weights.correlation.check([replace(best, weight=best.weight * arb("0.99"))], over="a lighter weight")
    one_side = probe(((-2,), (-1,), (1,), (2,)), (Neuron(1, (1,), 0),), (1, -1, -1, 1))
    assert weights.paid_by_weight(one_side) is True

    def linear(x, r):
        return length([sum(c * v[k] for c, v in zip(r, x, strict=True)) for k in (0, 1)])

    monkeypatch.setattr(weights, "reach", linear)
    with pytest.raises(ClaimFails, match=r"is 1.00, above 0"):
        weights.correlation.check([one_side], over="mutant: the ReLU never switches off")


# bubeck-contraction


phis = st.sampled_from(
    [relu, abs, lambda t: max(-2, min(2, t)), lambda t: -t, lambda t: 7, lambda t: abs(t - 1)]
)


@given(
    st.integers(1, 5).flatmap(lambda n: st.lists(st.tuples(*[own.small] * n), min_size=1, max_size=5)), phis
)
def test_contraction(found: list, phi) -> None:
    weights.contraction.check([Shrinking(tuple(found), phi)], over="drawn vectors")


def test_the_mean_of_the_largest_by_hand() -> None:
    """Signs ++, +-, -+, -- of (1, 2) and (0, -1): max(3, -1), max(-1, 1), max(1, -1), max(-3, 1)."""
    s = Shrinking(((1, 2), (0, -1)), relu)
    assert s.mean_of_largest(lambda t: t) == Fraction(3 + 1 + 1 + 1, 4)
    assert s.mean_of_largest(lambda t: t, absolute=True) == Fraction(3 + 1 + 1 + 3, 4)


def test_controls_of_the_contraction(records: list, monkeypatch: pytest.MonkeyPatch) -> None:
    double = Shrinking(((1,), (-1,)), lambda t: 2 * t)
    weights.contraction.control(double, without="phi is 1-Lipschitz on the coordinates")
    assert records[-1]["reason"].endswith("so the mean grows from 1 to 2")
    weights.contraction.rejects(
        Shrinking(((-1, 1, 2), (1, 1, 0)), relu), wrong=weights.absolute_mean_does_not_grow, says="absolute"
    )
    assert records[-1]["reason"] == "the mean grows from 2 to 9/4"
    with pytest.raises(ControlFails, match="survives"):
        weights.contraction.control(
            Shrinking(((0, 5), (0, 5)), lambda t: 3 * t), without="phi is 1-Lipschitz on the coordinates"
        )
    monkeypatch.setattr(
        Shrinking, "mean_of_largest", lambda self, phi: max(sum(map(phi, v)) for v in self.vectors)
    )
    with pytest.raises(ClaimFails, match="the mean grows"):
        weights.contraction.check([Shrinking(((-1, -1), (1, -3)), relu)], over="mutant: no signs")


# bubeck-weight-lower-bound


@given(vectors)
def test_half_planes_against_many_directions(x: tuple) -> None:
    """Every direction that is on no boundary gives one of the sets, and every set belongs to such a direction."""
    found = {tuple(row) for row in machine.half_planes(x).tolist()}
    seen = set()
    for u in product(range(-40, 41), repeat=2):
        heights = [u[0] * p + u[1] * q for p, q in x]
        if any(u) and not any(h == 0 and any(v) for h, v in zip(heights, x, strict=True)):
            seen.add(tuple(int(h > 0) for h in heights))
    assert found == (seen if any(map(any, x)) else set())


@given(vectors, st.data())
def test_the_longest_sum_by_integers_bounds_the_reach(x: tuple, drawn) -> None:
    y = drawn.draw(st.lists(st.sampled_from((1, -1)), min_size=len(x), max_size=len(x)))
    squares = [
        sum(sum(c * v[k] for c, v, on in zip(y, x, row, strict=True) if on) ** 2 for k in (0, 1))
        for row in machine.half_planes(x).tolist()
    ]
    longest = int(machine.longest_squared(x, [y])[0])
    assert longest == max(squares, default=0)
    assert reach(x, y) ** 2 <= longest + arb("1e-9")


def test_sums_that_are_too_long_are_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        machine.longest_squared(((2**26, 0),), [[1]])


def line(n: int, labels: Labels, t: int) -> Draw:
    rng = np.random.default_rng(n)
    return Draw(tuple((int(v),) for v in rng.integers(-999, 1000, n)), 1000, labels, arb(t))


def test_the_lower_bound(records: list) -> None:
    weights.lower_bound.check([Draw(SPREAD, 11, EVERY, arb(t)) for t in (2, 3)], over="all labels")
    assert records[-1]["strength"] == "enclosure"
    weights.lower_bound.check([line(100, Labels("random signs", 1000, 0), 4)], over="coin flips")
    assert records[-1]["strength"] == "statistical"
    circle = tuple((int(p), int(q)) for p, q in (999 * data.sphere(60, 2, rng=0)).astype(int))
    weights.lower_bound.check(
        [Draw(circle, 1000, Labels("random signs", 1000, 0), arb(3), bias=False)], over="circle"
    )


def test_the_claimed_numbers() -> None:
    draw = line(200, EVERY, 4)
    assert close(draw.floor, math.sqrt(200) / (math.sqrt(2) + 4))
    assert close(draw.probability, 1 - 2 * math.exp(-4))
    bare = replace(draw, bias=False, t=arb(3))
    assert close(bare.floor, math.sqrt(200) / 4) and close(bare.probability, 1 - 2 * math.exp(-4.5))
    assert machine.rounded_up(draw.probability) >= draw.probability.upper()


@settings(max_examples=15)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=7), st.integers(0, 127))
def test_heavy_labels_have_no_lighter_network_than_the_linear_program_finds(places: list, k: int) -> None:
    """A third route: the least weight over 360 directions is at least n / R, and at least the theorem's bound."""
    places = sorted(set(places))
    n = len(places)
    y = [1 - 2 * (k >> i & 1) for i in range(n)]
    x = [(v / 9, 1.0) for v in places]
    exact = tuple((Fraction(v, 9), 1) for v in places)
    least = machine.lightest(x, y, 360)
    assert least >= n / float(reach(exact, y)) - 1e-6


def test_controls_of_the_lower_bound(records: list) -> None:
    flips = line(200, Labels("random signs", 2000, 0), 4)
    ones = Labels("given", given=((1,) * 200,))
    weights.lower_bound.control(replace(flips, labels=ones), without=FAIR)
    assert records[-1]["reason"] == (
        "only 1 label vector can occur, so for 1 of 1 label vectors there is a network of weight 1.0, below 2.6"
    )
    both = Labels("given", given=((1,) * 200, (-1,) * 200))
    weights.lower_bound.control(replace(flips, labels=both), without=FAIR)
    weights.lower_bound.control(Draw(FAR, 1, EVERY, arb(2)), without=BALL)
    assert "for 254 of 256 label vectors" in records[-1]["reason"]


def test_controls_of_the_lower_bound_can_fail() -> None:
    with pytest.raises(ControlFails, match="still holds"):
        weights.lower_bound.control(Draw(SPREAD, 11, EVERY, arb(2)), without=FAIR)
    some = Labels("given", given=((1, -1) * 6,))
    with pytest.raises(ControlFails, match="survives"):
        weights.lower_bound.control(Draw(SPREAD, 11, some, arb(2)), without=FAIR)
    with pytest.raises(ValueError, match="not decided"):  # no bound for space, and no light network is known
        weights.lower_bound.control(
            Draw(tuple((20, k, k * k) for k in range(5)), 1, EVERY, arb(2)), without=BALL
        )
    small = tuple(product((1, -1), repeat=3))
    assert weights.labels_are_fair_signs(Draw(POINTS, 1, Labels("given", given=small), arb(2))) is True
    assert not weights.labels_are_fair_signs(Draw(POINTS, 1, Labels("given", given=small[1:]), arb(2)))
    assert not weights.labels_are_fair_signs(
        Draw(POINTS, 1, Labels("given", given=(*small, small[0])), arb(2))
    )


def test_mutants_of_the_lower_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def flips() -> list[Draw]:
        return [line(100, Labels("random signs", 1000, 0), 4)]

    with monkeypatch.context() as m:
        m.setattr(Draw, "excess", property(lambda draw: arb(1)))  # sqrt(n) without a constant
        with pytest.raises(ClaimFails, match="191 of 1000 does not confirm"):
            weights.lower_bound.check(flips(), over="mutant")
        with pytest.raises(ValueError, match="not decided"):
            weights.lower_bound.check([Draw(SPREAD, 11, EVERY, arb(2))], over="mutant")
    with monkeypatch.context() as m:
        m.setattr(Draw, "probability", property(lambda draw: arb("0.9999")))
        with pytest.raises(ClaimFails, match="1000 of 1000 does not confirm"):
            weights.lower_bound.check(flips(), over="mutant: more than 1000 draws can tell")
    with monkeypatch.context() as m:
        m.setattr(machine, "random_signs", lambda n, trials, rng: np.ones((trials, n), dtype=int))
        with pytest.raises(ClaimFails, match="0 of 1000 does not confirm"):
            weights.lower_bound.check(flips(), over="mutant")
    with monkeypatch.context() as m:
        few = machine.random_signs
        m.setattr(
            machine, "random_signs", lambda n, trials, rng: np.repeat(few(n // 25, trials, rng), 25, axis=1)
        )
        with pytest.raises(ClaimFails, match="does not confirm"):
            weights.lower_bound.check(flips(), over="mutant: blocks of 25 equal labels")
    with monkeypatch.context() as m:
        m.setattr(machine, "half_planes", lambda x: np.zeros((1, len(x)), dtype=int))
        assert (
            line(100, Labels("given", given=((1,) * 100,)), 4).heavy == 1
        )  # why the sets have an oracle of their own


@given(st.lists(st.sampled_from((1, -1)), min_size=4, max_size=4), st.integers(1, 5))
def test_light_networks_fit(y: list, scale: int) -> None:
    points = ((0, 0, 1), (3, 1, 0), (1, 5, 2), (2, 2, 7))
    net = weights.light_network(points, scale, tuple(y))
    for x, label in zip(points, y, strict=True):
        assert sum(g([Fraction(v, scale) for v in x]) for g in net) == label
    assert weights.light_network(POINTS, 1, (1, -1, 1)) is None


def test_unit_vectors_are_cheap() -> None:
    """The page's remark: W = sqrt(n+) + sqrt(n-) for the unit vectors of R^n, whatever the labels."""
    n = 6
    for y in product((1, -1), repeat=n):
        net = [Neuron(s, tuple(int(v == s) for v in y), 0) for s in (1, -1)]
        assert [sum(g([int(i == j) for j in range(n)]) for g in net) for i in range(n)] == list(y)
        assert total_weight(net) < arb(2 * n).sqrt() + arb("1e-9")


# The linear program of the play cell, the exercises, and answers in words.


def test_the_linear_program_finds_the_weights_known_by_hand() -> None:
    x = [(-1, 1), (0, 1), (1, 1)]
    for y, least in ((Y, 5), ((0, 1, 0), 3), ((1, 1, -1), 3), ((1, 1, 1), 1)):
        assert math.isclose(machine.lightest(x, y), least, rel_tol=1e-6)
    assert math.isclose(machine.lightest([(-1, 1), (1, 1)], (1, -1)), math.sqrt(2), rel_tol=1e-6)
    assert machine.lightest([(1, 1), (1, 1)], (1, -1)) == math.inf


def test_solutions_of_the_exercises() -> None:
    h = Fraction(1, 2)
    mine = (Neuron(1, (-h,), h), Neuron(-1, (h,), h))
    assert [sum(g(x) for g in mine) for x in [(-1,), (1,)]] == [1, -1]
    assert total_weight(mine) < arb("1.5")
    fold = (Neuron(1, (0,), 1), Neuron(-2, (1,), 0))
    assert [sum(g(x) for g in fold) for x in POINTS] == [1, 1, -1] and total_weight(fold) == 3
    r = (-1, 3, -1)
    assert sum(c * v for c, v in zip(r, (1, 1, -1), strict=True)) == 3 and reach(lift(POINTS), r) == 1
    assert 1 / reach(lift(POINTS), (1, 1, -1)) * 3 < arb("2.9")


def test_labels_in_blocks() -> None:
    """The exercise: with blocks of g equal labels the longest sums grow like sqrt(n g)."""
    n, g = 240, 12
    x = [(int(v), 1000) for v in np.random.default_rng(0).integers(-1000, 1001, n)]
    signs = np.repeat(machine.random_signs(n // g, 500, 0), g, axis=1)
    longest = np.sqrt(machine.longest_squared(x, signs)) / 1000
    assert (longest <= (math.sqrt(2) + 4) * math.sqrt(n * g)).all()
    assert longest.max() > (math.sqrt(2) + 4) * math.sqrt(n)


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (weights.same_function_same_weight, Rescaling(Neuron(1, (1,), 0), 0, (1,))),
        (weights.never_expands, Shrinking(((0, 1),), lambda t: 2 * t)),
        (weights.in_the_unit_ball, Draw(((2,),), 1, EVERY, arb(2))),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason


def test_random_labels_answer_with_a_frequency() -> None:
    answer = weights.no_light_network(line(30, Labels("random signs", 50, 1), 3))
    assert isinstance(answer, Frequency) and (answer.hits, answer.trials) == (50, 50)
