"""Tents and cliffs: laws on random points, every control of the page, mutants that turn it red, refusals by name."""

import random
from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib import data
from memlib.bubeck import relu, tents
from memlib.bubeck.baum import Group, hyperplane_through
from memlib.bubeck.hull import Facet, peel
from memlib.bubeck.tents import (
    Cliff,
    FacetProblem,
    Ridge,
    Tent,
    TentProblem,
    adds_up,
    affine_on,
    back_substitution,
    cliff_on,
    facet_network,
    network_of,
    parallel_cliffs,
    relu_2_network,
    relu_3_network,
    ridge_on,
    ridges,
)
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exercise import grade
from memlib.network import Layer, Network
from memlib.points import HypothesisError, as_labels, input_scale, merge, to_integers
from tests import strategies as own
from tests.test_methods import GOOD

ISOLATED, GENERAL = "the groups are isolated", "general position where it is used"

#: The six points of the page, with the facets in the order in which it peels them.
X = ((0, 0), (4, 2), (1, 3), (2, 0), (0, 2), (3, 3))
Y = (3, -1, 2, 0, 0, Fraction(1, 2))
STEPS = (Facet(Group(X, (0, 3)), (0, -1), 0), Facet(Group(X, (1, 4)), (0, -1), -2),
         Facet(Group(X, (2, 5)), (0, 0), 0))  # fmt: skip
LINE = tuple(tuple(k * c for c in (1, 2, -1, 3, 5)) for k in range(10))
TURNS = (0, 1) * 5

real_labels = st.one_of(own.small, own.fractions, st.integers(-(10**30), 10**30))


@st.composite
def drawn(draw, kind=Fraction) -> tuple:
    """Points in general position with labels; a third of the labelings has one value only, or one sign."""
    points = draw(own.general_point_sets())
    n = len(points)
    labels = draw(st.lists(real_labels, min_size=n, max_size=n))
    shape = draw(st.sampled_from(["any", "any", "any", "equal", "nonnegative", "sparse"]))
    if shape == "equal":
        labels = labels[:1] * n
    elif shape == "nonnegative":
        labels = [abs(y) for y in labels]
    elif shape == "sparse":
        labels = [y if i == n // 2 else 0 for i, y in enumerate(labels)]
    return points, tuple(labels)


def random_data(n: int, d: int, seed: int) -> tuple:
    draw = random.Random(seed)
    points = tuple(tuple(draw.randint(-999, 999) for _ in range(d)) for _ in range(n))
    return points, tuple(Fraction(draw.randint(-50, 50), 10) for _ in points)


def psi(t):
    return max(t, 0)


# bubeck-tent


@given(own.fractions, own.fractions)
def test_a_tent_is_the_hat_function(s: Fraction, L: Fraction) -> None:
    assert psi(s + L) - 2 * psi(s) + psi(s - L) == Tent(s, L).value == max(abs(L) - abs(s), 0)
    tents.tent.check([Tent(s, L)], over="drawn numbers")


def letters() -> list[Tent]:
    a, r = (sympy.Symbol(k, nonnegative=True) for k in "ar")
    signs = [(i, j) for i in (1, -1) for j in (1, -1)]
    return [Tent(i * a, j * (a + r)) for i, j in signs] + [Tent(i * (a + r), j * a) for i, j in signs]


def test_the_tent_in_symbols(records: list) -> None:
    tents.tent.check(letters(), over="letters")
    assert (records[-1]["strength"], records[-1]["inhabited"], records[-1]["case"]) == (
        "symbolic",
        False,
        None,
    )


def test_the_eight_cases_are_all_pairs() -> None:
    a, r = (sympy.Symbol(k, nonnegative=True) for k in "ar")
    for s in range(-4, 5):
        for L in range(-4, 5):
            low, rest = min(abs(s), abs(L)), abs(abs(s) - abs(L))
            assert any(
                (t.s.subs({a: low, r: rest}), t.L.subs({a: low, r: rest})) == (s, L) for t in letters()
            )


def test_a_letter_of_unknown_sign_is_refused() -> None:
    with pytest.raises(ValueError, match="the sign of x is not known"):
        tents.psi(sympy.Symbol("x", real=True))


@pytest.mark.parametrize("weights", [(1, -1, 1), (1, -2, 2), (1, -2, 0), (-1, 2, -1)])
@pytest.mark.parametrize("instances", [letters(), [Tent(s, L) for s in (-3, 0, 5) for L in (-4, 1, 7)]])
def test_a_wrong_tent_fails_the_check(weights, instances: list, monkeypatch: pytest.MonkeyPatch) -> None:
    def value(t: Tent):
        return sum(c * tents.psi(v) for c, v in zip(weights, (t.s + t.L, t.s, t.s - t.L), strict=True))

    monkeypatch.setattr(Tent, "value", property(value))
    with pytest.raises(ClaimFails, match="the three ReLUs are"):
        tents.tent.check(instances, over="mutant")


# affine functions


@given(own.general_point_sets(), st.data())
def test_the_fit_of_least_slope(points: tuple, draw: st.DataObject) -> None:
    """Oracle: sympy's pseudoinverse of the differences; a fit of equal values is constant."""
    k = draw.draw(st.integers(1, min(len(points[0]) + 1, len(points))))
    z = tuple(draw.draw(st.lists(own.fractions, min_size=k, max_size=k)))
    v, c, q = affine_on(Group(points, tuple(range(k))), z)
    for x, value in zip(points[:k], z, strict=True):
        assert sum(a * b for a, b in zip(v, x, strict=True)) - c == q * value
    if k > 1:
        rows = sympy.Matrix([[a - b for a, b in zip(x, points[0], strict=True)] for x in points[1:k]])
        right = sympy.Matrix([sympy.Rational(*(t - z[0]).as_integer_ratio()) for t in z[1:]])
        assert sympy.Matrix(v) / q == rows.pinv() * right
    else:
        assert not any(v)


@given(drawn())
def test_shortening_keeps_the_values_and_moves_little(case: tuple) -> None:
    points, labels = case
    d = min(len(points[0]), len(points))
    group, wanted = Group(points, tuple(range(d))), tuple(map(Fraction, labels[:d]))
    if not any(wanted):
        return
    normal = hyperplane_through(group)
    short = tents.short_affine_on(group, wanted, (*normal[0], normal[1]))
    before, after = (tents.at_points(points, l) for l in (affine_on(group, wanted), short))
    assert after[:d] == list(wanted)
    assert all(2 * abs(a - b) <= max(map(abs, wanted)) for a, b in zip(before, after, strict=True))


# bubeck-relu-3


def test_the_tent_by_hand() -> None:
    ridge = Ridge(Group(X, (0, 1)), (1, -2), 0, ((-1, 0), -4, 1), Fraction(1))
    assert ridge.values() == [4, 0, 0, 0, 0, 0] and ridge.widest == 1
    assert [(w, b, a) for w, b, a in ridge.units()] == [
        ((0, -2), 4, 1),
        ((1, -2), 0, -2),
        ((2, -2), -4, 1),
    ]


@given(drawn())
def test_the_width_of_a_tent_is_sharp(case: tuple) -> None:
    """Up to delta* a ridge is |wanted| on its group and 0 outside; beyond it is positive at a stranger."""
    points, labels = case
    d = min(len(points[0]), len(points))
    if not any(labels[:d]):
        return
    ridge = ridge_on(Group(points, tuple(range(d))), labels[:d])
    wanted = [abs(Fraction(y)) for y in labels[:d]] + [0] * (len(points) - d)
    assert ridge.widest / 2 < ridge.delta <= ridge.widest
    assert ridge.values() == replace(ridge, delta=ridge.widest).values() == wanted
    l = tents.at_points(points, ridge.l)
    if any(l[j] for j in ridge.group.strangers):
        wide = replace(ridge, delta=ridge.widest * Fraction(1001, 1000)).values()
        assert wide[:d] == wanted[:d] and any(v > 0 for v in wide[d:])


@given(drawn())
def test_three_a_group_and_one_more(case: tuple) -> None:
    points, labels = case
    n, d = len(points), len(points[0])
    net = relu_3_network(points, labels)
    assert net.at_integers(points) == labels
    assert [own.evaluate(net, x) for x in points] == list(labels)
    both = min(labels) < 0 < max(labels)
    assert net.hidden_neurons <= 3 * ceil(n / d) + both == TentProblem(points, labels).allowed
    assert net.layers[-1].biases == (0,) and net.theorem == "bubeck-relu-3"
    tents.three_relus.check([TentProblem(points, labels)], over="drawn")


def test_the_shift_and_the_sign() -> None:
    assert [TentProblem(X, Y).sign, TentProblem(X, Y).shift] == [1, 1]
    below = TentProblem(X, tuple(-abs(y) for y in Y))
    assert (below.sign, below.shift, below.allowed) == (-1, 0, 9)
    assert below.lifted.labels == tuple(abs(y) for y in Y)
    assert relu_3_network(X, Y).hidden_neurons == 10
    assert relu_3_network(X, below.labels).hidden_neurons == 9
    assert relu_3_network(X, (0,) * 6).hidden_neurons == 0
    assert relu_3_network(X, (-2, -2, 5, 6, 7, 8)).hidden_neurons == 7  # lifted, the first group has labels 0


def test_controls_of_relu_3(records: list) -> None:
    six, beads = TentProblem(X, Y), TentProblem(LINE, TURNS)
    tents.three_relus.control(beads, without=ISOLATED)
    assert "the labels need 8 bends along the line, and 6 units have one each" in records[-1]["reason"]
    tents.three_relus.control(TentProblem((*X[:5], X[0]), Y), without=ISOLATED)
    assert "no function is 3 at point 0 and 1/2 at point 5" in records[-1]["reason"]
    tents.three_relus.rejects(six, wrong=lambda p: adds_up(ridges(p), p), says="no shift")
    assert records[-1]["reason"] == "the sum is 1 at point 1, not -1"
    with pytest.raises(ControlFails, match="still holds"):
        tents.three_relus.control(six, without=ISOLATED)
    with pytest.raises(ValueError, match="whether another network exists cannot be decided here"):
        tents.three_relus.control(TentProblem(LINE, (0,) * 5 + (1,) * 5), without=ISOLATED)


def too_wide(group: Group, wanted: tuple) -> Ridge:
    ridge = ridge_on(group, wanted)
    return replace(ridge, delta=2 * ridge.widest)


def beside(group: Group, wanted: tuple) -> Ridge:
    ridge = ridge_on(group, wanted)
    return replace(ridge, b=ridge.b + 1)


def half_high(group: Group, wanted: tuple) -> Ridge:
    return ridge_on(group, tuple(Fraction(z) * Fraction(1, 2) for z in wanted))


@pytest.mark.parametrize("mutant", [too_wide, beside, half_high])
def test_a_wrong_ridge_fails_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tents, "ridge_on", mutant)
    with pytest.raises(ClaimFails, match="the network fails at point"):
        tents.three_relus.check([TentProblem(X, Y)], over="mutant")


@pytest.mark.parametrize(("shift", "sign"), [(0, 1), (2, -1)])
def test_a_wrong_shift_or_sign_fails_the_check(shift, sign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TentProblem, "shift", property(lambda self: Fraction(shift)))
    monkeypatch.setattr(TentProblem, "sign", property(lambda self: sign))
    with pytest.raises(ClaimFails, match="the network fails at point"):
        tents.three_relus.check([TentProblem(X, Y)], over="mutant")


def test_a_missing_or_superfluous_unit_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ridge, "units", lambda self, units=Ridge.units: [*units(self), ((0, 0), 0, 1)])
    with pytest.raises(ClaimFails, match="the network has 13 units, not 10"):
        tents.three_relus.check([TentProblem(X, Y)], over="mutant")


# bubeck-relu-2


def test_the_cliffs_by_hand() -> None:
    assert peel(X) == STEPS
    parts = back_substitution(STEPS, Y, short=False)
    quarters = [[4 * v for v in part.values()] for part in parts]
    assert quarters == [[11, -1, 8, 5, 11, 2], [-11, -3, 0, -7, -11, 0], [12, 0, 0, 2, 0, 0]]
    assert [(part.delta, part.tau) for part in parts] == [
        (1, 2),
        (Fraction(1, 8), Fraction(11, 32)),
        (Fraction(1, 4), Fraction(3, 4)),
    ]
    assert adds_up(parts, FacetProblem(X, Y)) is True
    bounds = [
        relu.largest_delta([p.step.offsets[j] for j in later], [p.carried[j] for j in later], p.tau / p.delta)
        for p, later in zip(parts[1:], [(2, 5), (1, 4, 2, 5)], strict=True)
    ]
    assert bounds == [Fraction(1, 5), Fraction(1, 3)]


@given(drawn(), st.integers(0, 9), st.booleans())
def test_the_triangle(case: tuple, seed: int, short: bool) -> None:
    """Each cliff is silent on later groups, gives its own what it lacks, and delta is nearly the largest."""
    points, labels = case
    steps = peel(points, seed)
    parts = back_substitution(steps, labels, short)
    later: set[int] = set()
    remaining = {part.step.group.members: part for part in parts}
    total = [Fraction(0)] * len(points)
    for step in reversed(tents.with_borrowed_points(steps)):
        part = remaining.get(step.group.members)
        lacks = [labels[i] - total[i] for i in step.group.members]
        if part is None:
            assert not any(lacks)
        else:
            found = part.values()
            assert [found[i] for i in step.group.members] == lacks
            assert not any(found[j] for j in later.difference(step.group.members))
            assert part.tau == part.delta * max(map(abs, lacks))
            total = [t + v for t, v in zip(total, found, strict=True)]
        later.update(step.group.members)
    assert tuple(total) == labels


@given(drawn(), st.integers(0, 9))
def test_two_a_group_and_never_more(case: tuple, seed: int) -> None:
    points, labels = case
    n, d = len(points), len(points[0])
    net = relu_2_network(points, labels, rng=seed)
    assert net.at_integers(points) == labels
    assert [own.evaluate(net, x) for x in points] == list(labels)
    assert net.hidden_neurons <= 2 * ceil(n / d) == FacetProblem(points, labels).allowed
    assert net.layers[-1].biases == (0,) and net.theorem == "bubeck-relu-2"
    tents.two_relus.check([FacetProblem(points, labels)], over="drawn")


@given(drawn())
def test_the_integer_units_are_the_two_relus(case: tuple) -> None:
    """Off the data too: the network is the sum of its cliffs, in Fractions from the definition."""
    points, labels = case
    parts = back_substitution(peel(points), labels)
    net = facet_network(FacetProblem(points, labels), (1,) * len(points[0]))
    for x in [tuple(v + k for v in points[0]) for k in (-3, 1, 2)]:
        total = Fraction(0)
        for f in parts:
            v, c, q = f.l
            s = sum(a * b for a, b in zip(f.step.u, x, strict=True)) - f.step.b + f.tau
            l = Fraction(sum(a * b for a, b in zip(v, x, strict=True)) - c, q)
            total += (psi(s + f.delta * l) - psi(s)) / f.delta
        assert own.evaluate(net, x) == total


@pytest.mark.parametrize(
    ("n", "d"), [(30, 3), (37, 5), (41, 4), (60, 10), (5, 8), (8, 8), (9, 8), (9, 1), (1, 1), (1, 3), (2, 1)]
)
def test_sizes_at_which_d_does_and_does_not_divide(n: int, d: int) -> None:
    points, _ = random_data(n, d, seed=n)
    draw = np.random.default_rng(n)
    labels = tuple(Fraction(int(v), 7) for v in draw.integers(-100, 100, n))
    two, three = relu_2_network(points, labels), relu_3_network(points, labels)
    assert two.at_integers(points) == three.at_integers(points) == labels
    assert two.hidden_neurons == 2 * ceil(n / d)
    both = min(labels) < 0 < max(labels)
    lowest = both and d == 1  # a group by itself, which the shift lifts to 0: it needs no tent
    assert three.hidden_neurons == 3 * ceil(n / d) + both - 3 * lowest


@pytest.mark.parametrize("label", [1, -3, Fraction(-7, 3), 10**50])
def test_equal_labels_and_zero_blocks(label) -> None:
    """Equal labels: the fit of least slope of the last group is constant, and nothing is lacking elsewhere."""
    points, _ = random_data(20, 3, seed=0)
    net = relu_2_network(points, (label,) * 20)
    assert net.hidden_neurons == 2 and net.at_integers(points) == (label,) * 20
    assert relu_3_network(points, (label,) * 20).at_integers(points) == (label,) * 20
    first = set(peel(points)[0].group.members)
    alone = tuple(label if i in first else 0 for i in range(20))
    assert relu_2_network(points, alone).hidden_neurons == 2  # only the facet lacks something
    assert relu_2_network(LINE, (0,) * 10).hidden_neurons == 0  # no group, so no hypothesis


def test_the_last_group_borrows() -> None:
    points, labels = X[:5], (1, 2, 3, 4, 5)
    steps = peel(points)
    *_, last = tents.with_borrowed_points(steps)
    assert len(steps[-1].group.members) == 1 and len(last.group.members) == 2
    assert relu_2_network(points, labels).at_integers(points) == labels
    on_one_line = (
        (0, 0),
        (1, 0),
        (0, 3),
        (1, 5),
        (2, 0),
    )  # a dependent pair to borrow never arises in the plane
    assert tents.with_borrowed_points(peel(on_one_line[:1])) == peel(on_one_line[:1])


def test_short_fits_pay() -> None:
    points, labels = random_data(80, 8, seed=3)
    problem, scale = FacetProblem(points, labels), (1,) * 8
    short, plain = (facet_network(problem, scale, short=short) for short in (True, False))
    assert short.at_integers(points) == plain.at_integers(points) == labels
    assert 5 * short.max_weight_bits < plain.max_weight_bits


def test_the_larger_case_of_the_page() -> None:
    points = to_integers(data.gaussian(500, 50, rng=0))
    labels = random_data(500, 1, seed=0)[1]
    net = relu_2_network(points, labels)
    assert net.hidden_neurons == 20 and net.max_weight_bits < 1000


def test_parallel_cuts_take_groups_of_one_more_point(monkeypatch: pytest.MonkeyPatch) -> None:
    for n, d in [(6, 2), (30, 4), (31, 5), (7, 1), (3, 5)]:
        points, labels = random_data(n, d, seed=3)
        problem = FacetProblem(points, labels)
        cuts = parallel_cliffs(problem)
        assert len(cuts) == ceil(n / (d + 1)) <= ceil(n / d) and adds_up(cuts, problem) is True
        net = network_of([u for part in cuts for u in part.units()], (1,) * d, "cuts")
        assert net.at_integers(points) == labels
    with pytest.raises(HypothesisError, match="distinct first coordinates: points 0, 2 agree"):
        parallel_cliffs(FacetProblem(((5, 1), (7, 2), (5, 3), (5, 4), (9, 1), (1, 1)), (0,) * 6))


# bubeck-relu-2: refusals, controls, mutants


def test_the_constructions_refuse_by_name() -> None:
    with pytest.raises(HypothesisError, match="general position: a supporting hyperplane contains 6 points"):
        relu_2_network(tuple((k, 2 * k) for k in range(6)), TURNS[:6])
    line_in_space = ((0, 0, 0), (1, 1, 1), (2, 2, 2))
    for build in (relu_2_network, relu_3_network):
        with pytest.raises(
            HypothesisError, match="general position: points 0, 1, 2 are affinely dependent"
        ) as error:
            build(line_in_space, (0, 1, 0))
        assert "project_to" in error.value.remedy
        with pytest.raises(TypeError, match="exact matrices take Python ints"):
            build(((np.int64(1), 2), (3, 4), (5, 7)), (0, 1, 2))
    with pytest.raises(HypothesisError, match="every hyperplane through the group of points"):
        relu_3_network(LINE, TURNS)
    D, digit = data.digits()
    points, labels = merge(to_integers(D[:100]), digit[:100])
    for build in (relu_2_network, relu_3_network):
        with pytest.raises(HypothesisError, match="general position"):
            build(points, labels)


def any_hyperplane(points: tuple, rng=0) -> tuple:
    n, d = len(points), len(points[0])
    cut = [Group(points, tuple(range(k, min(k + d, n)))) for k in range(0, n, d)]
    return tuple(Facet(group, *hyperplane_through(group)) for group in cut)


def own_labels(problem: FacetProblem):
    steps, parts = peel(problem.points), []
    for k, step in enumerate(steps):
        later = [i for s in steps[k + 1 :] for i in s.group.members]
        wanted = tuple(problem.labels[i] for i in step.group.members)
        if any(wanted):
            parts.append(cliff_on(step, later, wanted))
    return adds_up(parts, problem)


def test_controls_of_relu_2(records: list) -> None:
    six = FacetProblem(X, Y)
    tents.two_relus.control(FacetProblem(LINE, TURNS), without=GENERAL)
    assert "the labels need 8 bends along the line, and 4 units have one each" in records[-1]["reason"]
    tents.two_relus.control(FacetProblem((*X[:5], X[0]), Y), without=GENERAL)
    assert "no function is 3 at point 0 and 1/2 at point 5" in records[-1]["reason"]
    tents.two_relus.rejects(six, wrong=own_labels, says="own labels")
    assert records[-1]["reason"] == "the sum is 23/4 at point 0, not 3"
    with pytest.raises(ControlFails, match="still holds"):
        tents.two_relus.control(six, without=GENERAL)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        tents.two_relus.control(FacetProblem(LINE, (0,) * 10), without=GENERAL)


def mirrored(points: tuple, rng=0) -> tuple:
    return tuple(replace(s, u=tuple(-c for c in s.u), b=-s.b) for s in peel(points, rng))


def backwards(points: tuple, rng=0) -> tuple:
    return peel(points, rng)[::-1]


def shuffled(points: tuple, rng=0) -> tuple:
    first, second, *rest = peel(points, rng)
    return (second, first, *rest)


@pytest.mark.parametrize("mutant", [any_hyperplane, mirrored, backwards, shuffled])
def test_no_other_order_than_peeling(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tents, "peel", mutant)
    with pytest.raises(ClaimFails, match="the network fails at point"):
        tents.two_relus.check([FacetProblem(X, Y)], over="mutant")


def no_tau(step, later, wanted, short=True) -> Cliff:
    return replace(cliff_on(step, later, wanted, short), tau=Fraction(0))


def leaking(step, later, wanted, short=True) -> Cliff:
    part = cliff_on(step, later, wanted, short)
    return replace(part, delta=16 * part.delta, tau=16 * part.tau)


def cut_tau(step, later, wanted, short=True) -> Cliff:
    part = cliff_on(step, later, wanted, short)
    return replace(part, tau=part.tau * Fraction(99, 100))


def moved(step, later, wanted, short=True) -> Cliff:
    part = cliff_on(step, later, wanted, short)
    v, c, q = part.l
    return replace(part, l=(v, c + 1, q))


@pytest.mark.parametrize("mutant", [no_tau, leaking, cut_tau, moved])
def test_a_wrong_cliff_fails_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cliff is spoilt after the substitution has used its true values."""

    def spoilt(steps, labels, short=True):
        parts, seen = back_substitution(steps, labels, short), set[int]()
        result = []
        for part in parts:
            members = part.step.group.members
            wanted = tuple(part.values()[i] for i in members)
            result.append(mutant(part.step, sorted(seen.difference(members)), wanted, short))
            seen.update(members)
        return result

    problem = FacetProblem(X, tuple(-y for y in Y))
    tents.two_relus.check([problem], over="the true one")
    monkeypatch.setattr(tents, "back_substitution", spoilt)
    with pytest.raises(ClaimFails, match="the network fails at point"):
        tents.two_relus.check([problem], over="mutant")


def test_one_unit_more_or_an_output_bias_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    true = tents.facet_network

    def biased(problem, scale, rng=0):
        net = true(problem, scale)
        return replace(net, layers=(net.layers[0], replace(net.layers[1], biases=(1,))))

    def padded(problem, scale, rng=0):
        units = [u for f in back_substitution(peel(problem.points), problem.labels) for u in f.units()]
        return network_of([*units, units[0]], scale, "padded")

    for mutant, reason in [(biased, "without bias"), (padded, "7 units, not 6")]:
        monkeypatch.setattr(tents, "facet_network", mutant)
        with pytest.raises(ClaimFails, match=reason):
            tents.two_relus.check([FacetProblem(X, Y)], over="mutant")


# the methods, as `memorize` calls them


@pytest.mark.parametrize("build", [relu_2_network, relu_3_network])
def test_networks_are_certified_on_data(build) -> None:
    per = {relu_2_network: (2, 0), relu_3_network: (3, 1)}[build]
    M, _ = data.two_moons(60, rng=1)
    for A, t in [data.wine(), (M, data.gaussian(60, 1, rng=2)[:, 0])]:
        scale = input_scale(A)
        net = build(*merge(to_integers(A, scale), t), scale, 0)
        assert net(A) == as_labels(t, len(t)) and net.input_scale == scale
        assert grade(net, A, t, most=per[0] * ceil(len(A) / A.shape[1]) + per[1]).accepted
        assert net.certificate(A, t).document["theorem"] == net.theorem


@pytest.mark.parametrize("build", [relu_2_network, relu_3_network])
@pytest.mark.parametrize("case", [case for case in GOOD if case != "all labels 1 on a line"])
def test_degenerate_and_extreme_input(build, case: str) -> None:
    """One point, n < d, duplicates, 1e300, neighbouring floats: with the labels there and with -7 and -4."""
    Z, zero_one = GOOD[case]
    scale = input_scale(Z)
    for labels in ([int(v) for v in zero_one], [3 * int(v) - 7 for v in zero_one]):
        points, merged = merge(to_integers(Z, scale), labels)
        net = build(points, merged, scale, 0)
        assert net(Z) == tuple(labels)
        assert grade(net, Z, labels).accepted
        d = len(scale)
        assert net.hidden_neurons <= (2 if build is relu_2_network else 3) * ceil(len(points) / d)


@pytest.mark.parametrize(
    "predicate",
    [h for c in (tents.three_relus, tents.two_relus) for h in (*c.hypotheses.values(), c.conclusion)],
)
def test_every_predicate_answers_on_degenerate_instances(predicate) -> None:
    kind = TentProblem if predicate in (tents.memorized_by_tents, relu.groups_are_isolated) else FacetProblem
    for points in [((0, 0),), ((1,), (2,)), X, ((0, 0), (0, 0))]:
        answer = predicate(kind(points, tuple(range(len(points)))))
        assert answer is True or (isinstance(answer, Counterexample) and answer.reason)


def test_the_solutions_of_the_exercises() -> None:
    hidden = Layer(((-6, -6), (0, 0), (13, 59), (10, 50)), (36, 24, -130, -120), "relu")
    output = Layer(((1, -1, 1, -1),), (0,), "identity")
    assert grade(Network((hidden, output), "exercise", (1, 1), output_scale=4), X, Y, most=4).accepted
    hidden = Layer(((1,), (1,), (1,)), (-1, -2, -3), "relu")
    net = Network((hidden, Layer(((6, -12, 6),), (0,), "identity")), "exercise", (1,))
    assert grade(net, [[0], [1], [2], [3], [5]], [0, 0, 6, 0, 0], most=3).accepted
