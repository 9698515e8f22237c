"""Real labels with four ReLUs a group: laws on random points, every control of the page, mutants that turn it red."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement
from math import ceil, lcm

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib import data, memorize
from memlib.bubeck import relu
from memlib.bubeck.baum import Group
from memlib.bubeck.relu import (
    Bump,
    Gate,
    Problem,
    Units,
    bump_on,
    bumps,
    network_of,
    relu_4_network,
    reproduces,
)
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exact import affine_fit
from memlib.exercise import grade
from memlib.network import Layer, Network
from memlib.points import HypothesisError, as_labels, input_scale, to_integers
from memlib.search import fewest_bends, unit_patterns
from tests import strategies as own
from tests.test_methods import GOOD

WIDE = "|s| >= delta |l|"
ISOLATED = "the groups are isolated"
FEW = "k (d + 1) < n"

#: The six points of the page and the bump that its example works out by hand.
X = ((0, 0), (4, 2), (1, 3), (2, 0), (0, 2), (3, 3))
Y = (3, -1, 2, 0, 0, Fraction(1, 2))
BY_HAND = Bump(Group(X, (0, 1)), u=(1, -2), b=0, v=(-1, 0), c=-3, q=1,
               delta=Fraction(1, 2), tau=Fraction(3, 2))  # fmt: skip
LINE = tuple(tuple(k * c for c in (1, 2, -1, 3, 5, -2)) for k in range(12))
SEVEN = ((0, 0), (4, 1), (1, 5), (6, 3), (2, 2), (5, 7), (3, 4))
PI = (31, 41, 59, 26, 53, 58, 97)

real_labels = st.one_of(own.small, own.fractions, st.integers(-(10**30), 10**30))


@st.composite
def problems(draw) -> Problem:
    points = draw(own.general_point_sets())
    n = len(points)
    return Problem(points, tuple(draw(st.lists(real_labels, min_size=n, max_size=n))))


def psi(t):
    return max(t, 0)


# bubeck-derivative-neuron


@given(own.fractions, own.fractions, st.fractions(Fraction(1, 20), 3, max_denominator=20))
def test_a_gate_is_exact_iff_it_does_not_cross_its_kink(s: Fraction, l: Fraction, delta: Fraction) -> None:
    gate = Gate(s, l, delta)
    assert gate.value == (psi(s + delta * l) - psi(s)) / delta
    exact = gate.value == (l if s > 0 else 0)
    if abs(s) >= delta * abs(l):
        assert exact
        relu.gate.check([gate], over="drawn numbers")
    elif s * l < 0 or s == 0 < l:  # the argument moves across zero
        assert not exact


def symbolic_gates() -> list[Gate]:
    delta, r, e = (sympy.Symbol(k, positive=True) for k in ("delta", "r", "e"))
    p = sympy.Symbol("p", nonnegative=True)
    signs = [(i, j) for i in (1, -1) for j in (1, -1)]
    inside = [Gate(i * (delta * p + r), j * p, delta) for i, j in signs]
    return inside + [Gate(i * delta * e, j * e, delta) for i, j in signs]


def test_the_gate_in_symbols(records: list) -> None:
    relu.gate.check(symbolic_gates(), over="letters", case="s is not 0")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("symbolic", False)
    relu.gate.check([Gate(0, 0, Fraction(1, 3))], over="s = 0")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)


def test_the_eight_cases_leave_out_nothing_but_zero() -> None:
    """Every rational s != 0, l, delta with |s| >= delta |l| is one of the symbolic cases with numbers put in."""
    delta = Fraction(1, 3)
    for s in (Fraction(k, 6) for k in range(-9, 10) if k):
        for l in (Fraction(k, 2) for k in range(-9, 10)):
            r = abs(s) - delta * abs(l)
            if r >= 0:
                assert r > 0 or abs(l) > 0


def test_controls_of_the_gate(records: list) -> None:
    relu.gate.control(Gate(1, -2, 1), without=WIDE)
    assert records[-1]["reason"] == "delta |l| exceeds |s| by 1, so the gate is -1, not -2"
    relu.gate.control(Gate(1, 2, -1), without="delta > 0")
    relu.gate.control(Gate(1, 2, 0), without="delta > 0")
    assert records[-1]["reason"] == "delta is 0, so there is no quotient"
    with pytest.raises(ControlFails, match="the conclusion survives"):
        relu.gate.control(Gate(1, 2, 1), without=WIDE)  # too wide, but it moves away from the kink


def forgets_delta(self: Gate):
    return psi_of(self.s + self.delta * self.l) - psi_of(self.s)


def one_relu(self: Gate):
    return relu.quotient(psi_of(self.s + self.delta * self.l), self.delta)


def mirrored(self: Gate):
    return relu.quotient(psi_of(self.s) - psi_of(self.s - self.delta * self.l), self.delta * -1)


def psi_of(t):
    return relu.relu(t)


@pytest.mark.parametrize("mutant", [forgets_delta, one_relu, mirrored])
@pytest.mark.parametrize(
    "gates", [symbolic_gates(), [Gate(s, l, Fraction(1, 5)) for s in (-2, 1, 3) for l in (-4, 0, 5)]]
)
def test_a_wrong_gate_fails_the_check(mutant, gates: list, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "value", property(mutant))
    with pytest.raises(ClaimFails, match="the gate is"):
        relu.gate.check(gates, over="mutant")


# bubeck-relu-4: the bump


def test_the_bump_by_hand() -> None:
    assert BY_HAND.offsets == [0, 0, -5, 2, -4, -3]
    assert BY_HAND.carried == [3, -1, 2, 1, 3, 0]
    assert BY_HAND.values() == [3, -1, 0, 0, 0, 0]
    assert relu.largest_delta([-5, 2, -4, -3], [2, 1, 3, 0], Fraction(3)) == Fraction(1, 2)
    assert network_of([BY_HAND], (1, 1)).at_integers(X) == (3, -1, 0, 0, 0, 0)


def conditions_E(bump: Bump, wanted: tuple) -> bool:
    s, l = bump.offsets, bump.carried
    inside = all(bump.delta * abs(y) <= bump.tau for y in wanted)
    return inside and all(bump.tau + bump.delta * abs(l[j]) <= abs(s[j]) for j in bump.group.strangers)


@given(problems())
def test_the_bumps_meet_E_and_carry_the_labels(problem: Problem) -> None:
    for group, wanted in problem.shares:
        if not any(wanted):
            continue
        bump = bump_on(group, wanted)
        assert [bump.carried[i] for i in group.members] == list(wanted)
        assert not any(bump.offsets[i] for i in group.members)
        assert conditions_E(bump, wanted)
        expected = dict(zip(group.members, wanted, strict=True))
        assert bump.values() == [expected.get(j, 0) for j in range(len(problem.points))]


@given(problems())
def test_delta_is_within_a_factor_two_of_the_bound_of_E(problem: Problem) -> None:
    for bump in bumps(problem):
        s, l, out = bump.offsets, bump.carried, bump.group.strangers
        most = bump.tau / bump.delta
        bound = relu.largest_delta([s[j] for j in out], [l[j] for j in out], most)
        assert bound / 2 < bump.delta <= bound


@given(own.general_point_sets(), st.data(), st.fractions(Fraction(1, 100), 100))
def test_E_is_enough_and_its_first_half_necessary(points: tuple, draw: st.DataObject, x: Fraction) -> None:
    """Any delta and tau with (E) do; with delta |y| > tau the label is cut off at tau / delta."""
    d = len(points[0])
    wanted = draw.draw(
        st.lists(own.small.filter(bool), min_size=min(d, len(points)), max_size=min(d, len(points)))
    )
    bump = bump_on(Group(points, tuple(range(len(wanted)))), tuple(wanted))
    changed = replace(bump, delta=bump.delta * x)
    found = changed.values()
    if conditions_E(changed, tuple(wanted)):
        assert found == bump.values()
    for i, y in enumerate(wanted):
        cut = min(abs(y), changed.tau / changed.delta)
        assert found[i] == (cut if y > 0 else -cut)


@given(problems())
def test_the_integer_units_are_the_four_relus(problem: Problem) -> None:
    """Off the data too: the network is the sum of its bumps, in Fractions from the definition."""
    built = bumps(problem)
    net = network_of(built, (1,) * len(problem.points[0]))
    for x in [tuple(v + k for v in problem.points[0]) for k in range(-3, 4)]:
        total = Fraction(0)
        for f in built:
            s = sum(a * v for a, v in zip(f.u, x, strict=True)) - f.b
            l = Fraction(sum(a * v for a, v in zip(f.v, x, strict=True)) - f.c, f.q)
            for sign, t in ((1, s + f.tau), (-1, s - f.tau)):
                total += sign * (psi(t + f.delta * l) - psi(t)) / f.delta
        assert own.evaluate(net, x) == total


@given(st.fractions(Fraction(1, 10**9), 10**9))
def test_the_power_of_two_below(x: Fraction) -> None:
    power = relu.power_of_two_below(x)
    assert power <= x < 2 * power
    assert (power.numerator * power.denominator).bit_count() == 1


@given(problems())
def test_a_shortened_fit_moves_little_and_keeps_the_labels(problem: Problem) -> None:
    for bump in bumps(problem):
        group, most = bump.group, bump.tau / bump.delta
        plain = affine_fit(group.rows, [bump.carried[i] for i in group.members])
        before = [Fraction(v, plain[2]) for (v,) in relu.values(problem.points, [(*plain[0], plain[1])])]
        for i, (new, old) in enumerate(zip(bump.carried, before, strict=True)):
            assert abs(new - old) <= most / 2
            assert i not in group.members or new == old


def test_the_shortened_fit_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the step is for: a common denominator of the size of one group, not of all together."""
    draw = random.Random(0)
    points, scale = to_integers(data.gaussian(200, 20, 0)), (1000,) * 20
    labels = tuple(Fraction(draw.randint(-50, 50), 10) for _ in points)
    short = relu_4_network(points, labels, scale)
    monkeypatch.setattr(relu, "shortened", lambda fit, normal, reach: fit)
    plain = relu_4_network(points, labels, scale)
    assert short.hidden_neurons == plain.hidden_neurons == 40
    assert 10 * short.max_weight_bits < plain.max_weight_bits


# bubeck-relu-4: the network


@given(problems())
def test_the_network_has_the_count_and_the_labels(problem: Problem) -> None:
    points, labels = problem.points, problem.labels
    n, d = len(points), len(points[0])
    net = relu_4_network(points, labels)
    assert net.at_integers(points) == labels
    assert [own.evaluate(net, x) for x in points] == list(labels)
    live = sum(any(labels[k : k + d]) for k in range(0, n, d))
    assert net.hidden_neurons == 4 * live <= 4 * ceil(n / d) == problem.allowed
    assert net.layers[-1].biases == (0,)
    relu.four_relus.check([problem], over="drawn points and labels")


@given(problems(), st.fractions(-3, 3, max_denominator=7).filter(bool))
def test_multiplied_labels_need_as_many_units(problem: Problem, factor: Fraction) -> None:
    scaled = tuple(y * factor for y in problem.labels)
    net = relu_4_network(problem.points, scaled)
    assert net.at_integers(problem.points) == scaled
    assert net.hidden_neurons == relu_4_network(problem.points, problem.labels).hidden_neurons


@pytest.mark.parametrize(
    ("n", "d"),
    [(30, 3), (60, 5), (37, 5), (41, 4), (100, 10), (5, 8), (8, 8), (9, 8), (9, 1), (1, 1), (1, 3)],
)
def test_sizes_at_which_d_does_and_does_not_divide(n: int, d: int) -> None:
    rng = np.random.default_rng(n)
    points = tuple(tuple(map(int, x)) for x in rng.integers(-(10**4), 10**4, (n, d)))
    labels = tuple(Fraction(int(v), 7) for v in rng.integers(1, 100, n))
    net = relu_4_network(points, labels)
    assert net.at_integers(points) == labels
    assert net.hidden_neurons == 4 * ceil(n / d)


def test_the_last_group_borrows_points_with_the_value_zero() -> None:
    shares = Problem(X[:5], (1, 2, 3, 4, 5)).shares
    assert [(g.members, w) for g, w in shares] == [((0, 1), (1, 2)), ((2, 3), (3, 4)), ((3, 4), (0, 5))]
    assert [(g.members, w) for g, w in Problem(X[:1], (7,)).shares] == [((0,), (7,))]


def test_groups_of_zeros_cost_nothing() -> None:
    order = [0, 1, 2, 5, 3, 4]
    net = relu_4_network(tuple(X[i] for i in order), tuple(Y[i] for i in order))
    assert (net.hidden_neurons, relu_4_network(X, Y).hidden_neurons) == (8, 12)
    assert relu_4_network(X, (0,) * 6).widths == (1,)
    assert relu_4_network(X, (0,) * 6).at_integers(X) == (0,) * 6
    assert relu_4_network(X, (0, 0, 0, 0, 0, 4)).hidden_neurons == 4
    collinear = tuple((k, k) for k in range(4))
    assert relu_4_network(collinear, (0,) * 4).hidden_neurons == 0  # no group, so no hypothesis


@pytest.mark.parametrize("label", [1, -3, Fraction(-7, 3), 10**50])
def test_all_labels_equal(label) -> None:
    net = relu_4_network(X, (label,) * 6)
    assert net.at_integers(X) == (label,) * 6 and net.hidden_neurons == 12


def test_the_construction_refuses() -> None:
    with pytest.raises(HypothesisError, match="every hyperplane through the group of points"):
        relu_4_network(LINE, (0, 1) * 6)
    line_in_space = ((0, 0, 0), (1, 1, 1), (2, 2, 2), (5, 1, 0), (0, 4, 1), (1, 0, 7))
    with pytest.raises(HypothesisError, match="points 0, 1, 2 are affinely dependent") as refusal:
        relu_4_network(line_in_space, (0, 1, 0, 0, 0, 0))
    assert "project_to" in refusal.value.remedy
    with pytest.raises(HypothesisError, match="general position"):
        relu_4_network((*X[:5], X[0]), Y)
    with pytest.raises(TypeError, match="exact matrices take Python ints"):
        relu_4_network(((np.int64(1), 2), (3, 4)), (0, 1))
    with pytest.raises(TypeError, match="exact fits take ints and Fractions"):
        relu_4_network(X, (0.5, 0, 0, 0, 0, 0))


def test_memorize_real_labels() -> None:
    W, cultivar = data.wine()
    net = memorize(W, cultivar, method="bubeck-relu-4")
    assert net(W) == tuple(cultivar) and net.hidden_neurons == 40  # the first 52 wines are of cultivar 0
    assert grade(net, W, cultivar, most=4 * ceil(178 / 13)).accepted
    M, _ = data.two_moons(60, rng=1)
    heights = data.gaussian(60, 1, rng=2)[:, 0]  # floats: read exactly
    net = memorize(M, heights, method="bubeck-relu-4")
    assert net(M) == as_labels(heights, 60) and net.hidden_neurons == 120
    assert net.input_scale == input_scale(M)
    assert np.abs(net.in_floats(M) - heights).max() < 1e-6
    D, digit = data.digits()
    net = memorize(D[:100], digit[:100], method="bubeck-relu-4", project_to=20)
    assert net(D[:100]) == tuple(digit[:100]) and net.hidden_neurons == 20
    with pytest.raises(HypothesisError, match="general position"):
        memorize(D[:100], digit[:100], method="bubeck-relu-4")
    with pytest.raises(HypothesisError, match="equal points have equal labels"):
        memorize([[1, 2], [1, 2]], [0.5, 0.25], method="bubeck-relu-4")
    assert memorize([[1, 2], [3, 5], [1, 2]], [0.5, 2, 0.5], method="bubeck-relu-4").hidden_neurons == 4


@given(own.general_point_sets(), st.data())
def test_memorize_on_any_grid(points: tuple, draw: st.DataObject) -> None:
    n = len(points)
    labels = draw.draw(st.lists(own.decimals, min_size=n, max_size=n))
    s = draw.draw(st.sampled_from([1, 10, 2**60, 2**-40]))
    Z = np.array(points) / s
    net = memorize(Z, labels, method="bubeck-relu-4")
    assert net(Z) == tuple(map(Fraction, labels))
    assert grade(net, Z, labels, most=4 * ceil(n / len(points[0]))).accepted


@pytest.mark.parametrize("case", [case for case in GOOD if case != "all labels 1 on a line"])
def test_degenerate_and_extreme_input(case: str) -> None:
    """One point, n < d, duplicates, 1e300, neighbouring floats: with the labels there and with -7 and -4."""
    Z, zero_one = GOOD[case]
    for labels in ([int(v) for v in zero_one], [3 * int(v) - 7 for v in zero_one]):
        net = memorize(Z, labels, method="bubeck-relu-4")
        assert net(Z) == tuple(labels)
        assert grade(net, Z, labels, most=4 * ceil(len(labels) / len(net.input_scale))).accepted


# bubeck-relu-4: controls


def one_percent_wider(problem: Problem):
    return reproduces([replace(f, delta=f.delta * Fraction(101, 100)) for f in bumps(problem)], problem)


def test_controls_of_the_theorem(records: list) -> None:
    relu.four_relus.control(Problem(LINE, (0, 1) * 6), without=ISOLATED)
    assert "the labels need 10 bends along the line, and 8 units have one each" in records[-1]["reason"]
    relu.four_relus.control(Problem((*X[:5], X[0]), Y), without=ISOLATED)
    assert "no function is 3 at point 0 and 1/2 at point 5" in records[-1]["reason"]
    relu.four_relus.rejects(Problem(X, Y), wrong=one_percent_wider, says="wider")
    assert records[-1]["reason"] == "the sum is 300/101 at point 0, not 3"


@given(problems())
def test_one_percent_more_fails_on_every_problem_with_a_label(problem: Problem) -> None:
    assert bool(one_percent_wider(problem)) == (not any(problem.labels))
    assert reproduces(bumps(problem), problem) or not any(problem.labels)


def test_controls_of_the_theorem_can_fail() -> None:
    calm = Problem(LINE, (0,) * 6 + (1,) * 6)  # on the line, but two bends do
    with pytest.raises(ValueError, match="whether another network exists cannot be decided here"):
        relu.four_relus.control(calm, without=ISOLATED)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        relu.four_relus.control(Problem(LINE, (0,) * 12), without=ISOLATED)
    with pytest.raises(ControlFails, match="still holds"):
        relu.four_relus.control(Problem(X, Y), without=ISOLATED)
    with pytest.raises(ControlFails, match="is not refuted"):
        relu.four_relus.rejects(Problem(X, Y), wrong=lambda p: reproduces(bumps(p), p), says="the truth")


# bubeck-relu-4: mutants


def cut_tau(group: Group, wanted: tuple) -> Bump:
    f = bump_on(group, wanted)
    return replace(f, tau=f.tau * Fraction(99, 100))


def linear_l(group: Group, wanted: tuple) -> Bump:
    return replace(bump_on(group, wanted), c=0)


def moved(group: Group, wanted: tuple) -> Bump:
    f = bump_on(group, wanted)
    return replace(f, b=f.b + int(f.tau) + 1)


def huge_delta(group: Group, wanted: tuple) -> Bump:
    f = bump_on(group, wanted)
    return replace(f, delta=64 * f.delta, tau=64 * f.tau)


@pytest.mark.parametrize("mutant", [cut_tau, linear_l, moved, huge_delta])
def test_a_wrong_bump_fails_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relu, "bump_on", mutant)
    with pytest.raises(ClaimFails, match="the network fails at point"):
        relu.four_relus.check([Problem(X, Y)], over="mutant")


def test_wrong_units_fail_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    units = Bump.units
    monkeypatch.setattr(Bump, "units", lambda self: units(self)[:2])  # one gate, no slab
    with pytest.raises(ClaimFails, match="the network fails at point"):
        relu.four_relus.check([Problem(X, Y)], over="mutant")
    monkeypatch.setattr(
        Bump, "units", lambda self: 2 * [(w, b, a * Fraction(1, 2)) for w, b, a in units(self)]
    )
    with pytest.raises(ClaimFails, match="the network has 24 units, not 12"):
        relu.four_relus.check([Problem(X, Y)], over="mutant")


def test_wrong_groups_fail_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = Problem.shares.fget

    def keeps_borrowed_labels(self: Problem):
        return [(g, tuple(self.labels[i] for i in g.members)) for g, _ in shares(self)]

    monkeypatch.setattr(Problem, "shares", property(keeps_borrowed_labels))
    relu.four_relus.check([Problem(X, Y)], over="d divides n")
    with pytest.raises(ClaimFails, match="the network fails at point 3"):
        relu.four_relus.check([Problem(X[:5], (1, 2, 3, 4, 5))], over="mutant")
    everything = Group(X, tuple(range(6)))
    monkeypatch.setattr(Problem, "shares", property(lambda self: [(everything, self.labels)]))
    with pytest.raises(ClaimFails, match="violates the hypothesis 'the groups are isolated'"):
        relu.four_relus.check([Problem(X, Y)], over="mutant")


# bubeck-param-lower-bound


def draw_units(n: int, d: int, k: int, seed: int) -> Units:
    draw = random.Random(seed)

    def rows(m: int, size: int, most: int) -> tuple:
        return tuple(tuple(draw.randint(-most, most) for _ in range(size)) for _ in range(m))

    return Units(rows(n, d, 99), rows(k, d + 1, 9999), tuple(draw.choice((1, -1)) for _ in range(k)))


@given(st.integers(1, 3), st.integers(0, 3), st.integers(0, 10**6))
def test_labels_of_random_units_lie_in_a_proper_subspace(d: int, k: int, seed: int) -> None:
    units = draw_units(k * (d + 1) + 1, d, k, seed)
    relu.lower_bound.check([units], over="drawn units")
    expected = [
        sum(a * psi(sum(c * v for c, v in zip(row, (*x, 1), strict=True)))
            for a, row in zip(units.signs, units.rows, strict=True))
        for x in units.points
    ]  # fmt: skip
    assert units.labels == expected


def test_the_lower_bound_and_its_control(records: list) -> None:
    relu.lower_bound.check([draw_units(40, 3, 9, seed) for seed in range(5)], over="draws")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)
    relu.lower_bound.control(draw_units(40, 3, 25, 0), without=FEW)
    assert "the pattern has rank 40" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="the conclusion survives"):
        relu.lower_bound.control(draw_units(40, 3, 10, 0), without=FEW)  # 40 parameters, but not of full rank
    with pytest.raises(ControlFails, match="still holds"):
        relu.lower_bound.control(draw_units(40, 3, 9, 0), without=FEW)


def test_a_kink_is_no_witness() -> None:
    """A unit that is 0 at a point may switch on under any small change: nothing is decided."""
    with pytest.raises(ValueError, match="kink at point 0"):
        relu.within_a_proper_subspace(Units(((1,),), ((1, -1), (1, 5)), (1, 1)))


def test_two_units_on_seven_points() -> None:
    assert relu.outside_every_subspace(SEVEN, PI, 2) is True
    primes = relu.outside_every_subspace(SEVEN, (2, 3, 5, 7, 11, 13, 17), 2)
    assert isinstance(primes, Counterexample)
    assert "units that are on at points 1, 3, 4, 6; points 0, 2, 5" in primes.reason
    assert isinstance(relu.outside_every_subspace(SEVEN, PI, 3), Counterexample)


@given(st.integers(0, 10**6))
def test_labels_of_two_units_are_found_in_a_span(seed: int) -> None:
    """The exhaustive search never calls out of reach what two units do reach."""
    units = draw_units(5, 1, 2, seed)
    points = tuple(dict.fromkeys(units.points))
    reached = Units(points, units.rows, units.signs)
    assert relu.outside_every_subspace(points, tuple(reached.labels), 2) is not True


@given(st.lists(st.integers(-2, 2), min_size=5, max_size=5))
def test_the_search_on_a_line_against_the_search_for_bends(labels: list) -> None:
    """A function with b bends is an affine one, which is two ReLUs, and a ReLU a bend: b + 2 units reach it."""
    t = (0, 1, 3, 4, 8)
    bends = fewest_bends(t, labels)
    for k in (1, 2):
        if relu.outside_every_subspace(tuple((v,) for v in t), tuple(labels), k) is True:
            assert k < bends + 2


def test_mutants_of_the_lower_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    span, draws = relu.span_of, [draw_units(40, 3, 9, seed) for seed in range(3)]
    monkeypatch.setattr(relu, "span_of", lambda points, patterns: span(points, ((1,) * 40,) * len(patterns)))
    with pytest.raises(ClaimFails, match="not the linear image"):
        relu.lower_bound.check(draws, over="mutant: patterns ignored")
    monkeypatch.setattr(
        relu, "span_of", lambda points, patterns: [(*row[:-1], 0) for row in span(points, patterns)]
    )
    with pytest.raises(ClaimFails, match="not the linear image"):
        relu.lower_bound.check(draws, over="mutant: a bias forgotten")
    monkeypatch.setattr(relu, "span_of", lambda points, patterns: span(points, (*patterns, (1,) * 7)))
    assert isinstance(relu.outside_every_subspace(SEVEN, PI, 2), Counterexample)  # a unit too many


def test_patterns_are_all_halfplanes() -> None:
    """The 2 (C(6,0) + C(6,1) + C(6,2)) = 44 cuts of seven points in general position, the empty one among them."""
    assert own.in_general_position(SEVEN)
    assert 2 * len(unit_patterns(SEVEN)) + 2 == 44


def test_the_exhaustive_search_against_sympy() -> None:
    points, labels = ((0,), (1,), (3,), (4,), (8,)), (Fraction(1, 2), 5, -2, 7, 1)
    cuts = [tuple(int(i >= k) for i in range(5)) for k in range(5)]
    patterns = [*cuts, *(tuple(1 - v for v in p) for p in cuts[1:])]
    inside = []
    for chosen in combinations_with_replacement(patterns, 2):
        M = sympy.Matrix([[p[i] * c for p in chosen for c in (*x, 1)] for i, x in enumerate(points)])
        inside.append(M.row_join(sympy.Matrix(labels)).rank() == M.rank())
    assert (relu.outside_every_subspace(points, labels, 2) is True) == (not any(inside))
    assert lcm(*(Fraction(v).denominator for v in labels)) == 2


# The graded exercises of the page accept their solutions.


def test_solutions_of_the_exercises() -> None:
    hidden = Layer(((12,), (10,)), (-14, -15), "relu")
    net = Network((hidden, Layer(((1, -1),), (0,), "identity")), "exercise", input_scale=(1,))
    assert grade(net, [[0], [1], [2], [3]], [0, 0, 5, 7], most=2).accepted
    order = [0, 1, 2, 5, 3, 4]
    net = memorize([X[i] for i in order], [Y[i] for i in order], method="bubeck-relu-4")
    assert grade(net, X, Y, most=8).accepted
    assert not grade(memorize(X, Y, method="bubeck-relu-4"), X, Y, most=8).accepted


@given(own.fractions, own.fractions)
def test_the_tent_of_the_exercise(s: Fraction, l: Fraction) -> None:
    assert psi(s + l) - 2 * psi(s) + psi(s - l) == psi(abs(l) - abs(s))


# Predicates answer in words.


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (relu.delta_is_positive, Gate(1, 1, 0)),
        (relu.wide_enough, Gate(0, 1, 1)),
        (relu.passes_where_s_is_positive, Gate(1, 1, 0)),
        (relu.groups_are_isolated, Problem(((0, 0), (0, 0)), (1, 2))),
        (relu.groups_are_isolated, Problem(((1,), (1,)), (1, 2))),
        (relu.memorized_by_four_a_group, Problem(((1,), (1,)), (1, 2))),
        (relu.fewer_parameters_than_labels, Units(((1,),), ((1, 0),), (1,))),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason


def test_a_last_group_that_may_not_borrow_stays_short() -> None:
    """The cut {0, 1}, {2, 3}, {4} is isolated; {3, 4} is not, because point 0 is on its line."""
    problem = Problem(((0, 0), (1, 5), (7, 1), (2, 2), (5, 5)), (3, -1, 4, 1, 5))
    relu.four_relus.check([problem], over="five points, three of them on a line")
    assert relu.relu_4_network(problem.points, problem.labels).hidden_neurons == 12
