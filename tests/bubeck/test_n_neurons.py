"""The triangular fit of n neurons against linear algebra; the claim, its control, its mutants."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib.bubeck import n_neurons
from memlib.bubeck.n_neurons import Problem, direction, n_neurons_network, positive, triangular_fit
from memlib.claim import ClaimFails, ControlFails
from memlib.points import HypothesisError
from tests import strategies as own

DISTINCT = "the points are distinct"


@st.composite
def problems(draw, entries=own.small) -> Problem:
    points = draw(own.point_sets(n=own.two_to_nine, entries=entries))
    return Problem(points, tuple(draw(st.lists(own.fractions, min_size=len(points), max_size=len(points)))))


#: Four points of a line at positions t < t + g1 < t + g1 + g2 < ..., with any labels.
t = sympy.Symbol("t", real=True)
gaps = sympy.symbols("g1:4", positive=True)
letters = sympy.symbols("y1:5", real=True)
SYMBOLIC = Problem(tuple((t + sum(gaps[:k]),) for k in range(4)), letters)


# The construction.


@given(st.lists(own.integers, min_size=1, max_size=7, unique=True), st.data())
def test_the_fit_solves_the_triangular_system(times: list, draw: st.DataObject) -> None:
    """Oracle: sympy solves the n x n system of the values relu(t_j - beta_i)."""
    times = sorted(times)
    labels = draw.draw(st.lists(own.fractions, min_size=len(times), max_size=len(times)))
    kinks, weights = triangular_fit(times, labels)
    assert kinks == [times[0] - 1, *times[:-1]]
    system = sympy.Matrix([[max(s - b, 0) for b in kinks] for s in times])
    assert system.is_lower and all(system[i, i] > 0 for i in range(len(times)))
    oracle = system.LUsolve(sympy.Matrix([sympy.Rational(v.numerator, v.denominator) for v in labels]))
    assert weights == [Fraction(int(v.p), int(v.q)) for v in oracle]


@given(own.point_sets(n=own.two_to_nine))
def test_the_direction_keeps_the_points_apart(points: tuple) -> None:
    u = direction(points)
    assert len({sum(a * b for a, b in zip(u, x, strict=True)) for x in points}) == len(points)


@given(problems(entries=own.integers))
def test_the_network_has_n_neurons_and_the_labels(problem: Problem) -> None:
    net = n_neurons_network(problem.points, problem.labels)
    assert net.widths == (len(problem.points), 1)
    assert net(problem.points) == problem.labels
    assert tuple(own.evaluate(net, x) for x in problem.points) == problem.labels


@given(problems(), st.randoms())
def test_the_order_of_the_points_does_not_matter(problem: Problem, random) -> None:
    pairs = list(zip(problem.points, problem.labels, strict=True))
    random.shuffle(pairs)
    shuffled = n_neurons_network(*map(tuple, zip(*pairs, strict=True)))
    net = n_neurons_network(problem.points, problem.labels)
    everywhere = [tuple(v + k for v in x) for x in problem.points for k in (-3, 0, 2)]
    assert sorted(shuffled.layers[0].biases) == sorted(net.layers[0].biases)
    assert shuffled(everywhere) == net(everywhere)


def test_degenerate_points() -> None:
    assert n_neurons_network(((5, 7),), (Fraction(2, 3),))([[5, 7]]) == (Fraction(2, 3),)
    assert n_neurons_network(((0,), (1,), (2,)), (4, 4, 4))([[0], [1], [2]]) == (4, 4, 4)
    line = tuple((k, k, k) for k in range(6))
    assert n_neurons_network(line, (0, 1) * 3)(line) == (0, 1) * 3
    merged = n_neurons_network(((0, 1), (2, 3), (0, 1)), (1, 2, 1))
    assert merged.hidden_neurons == 2
    assert merged([[0, 1], [2, 3]]) == (1, 2)
    far = ((10**50,), (10**50 + 1,), (-(10**50),))
    assert n_neurons_network(far, (1, 2, 3))(far) == (1, 2, 3)


def test_equal_points_with_different_labels_are_refused() -> None:
    with pytest.raises(HypothesisError, match="points 0 and 2 are equal, their labels are 1 and 5"):
        n_neurons_network(((0, 1), (2, 3), (0, 1)), (1, 2, 5))
    with pytest.raises(ValueError, match="zero vector"):
        direction(((1, 2), (1, 2)))


def test_signs_of_expressions_must_be_known() -> None:
    assert positive(gaps[0]) and not positive(-gaps[0]) and not positive(sympy.Integer(0))
    with pytest.raises(ValueError, match="the sign of t is not known"):
        positive(t)


# The claim.


def test_the_claim_in_letters(records: list) -> None:
    n_neurons.n_neurons.check([SYMBOLIC], over="letters", case="n = 4, d = 1")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("symbolic", False)
    backwards = Problem(SYMBOLIC.points[::-1], SYMBOLIC.labels)
    n_neurons.n_neurons.check([backwards], over="letters, in falling order")
    assert records[-1]["strength"] == "symbolic"


@given(problems())
def test_the_conclusion_holds_on_distinct_points(problem: Problem) -> None:
    assert n_neurons.points_are_distinct(problem) is True
    assert n_neurons.fitted_by_n_neurons(problem) is True


def test_the_claim_on_numbers(records: list) -> None:
    n_neurons.n_neurons.check(
        [Problem(((0, 1), (2, 3), (1, 1)), (1, Fraction(1, 2), -3)), Problem(((4,),), (7,))],
        over="two problems",
    )
    assert (records[-1]["strength"], records[-1]["inhabited"], records[-1]["instances"]) == ("exact", True, 2)


def test_the_control(records: list) -> None:
    n_neurons.n_neurons.control(Problem(((0, 1), (2, 3), (0, 1)), (1, 2, 5)), without=DISTINCT)
    assert records[-1]["reason"] == (
        "points 0 and 2 are equal, so no function takes the values 1 and 5 at one point"
    )
    with pytest.raises(ControlFails, match="still holds"):
        n_neurons.n_neurons.control(Problem(((0, 1), (2, 3)), (1, 2)), without=DISTINCT)
    with pytest.raises(
        ControlFails, match="the conclusion survives"
    ):  # equal points with equal labels do no harm
        n_neurons.n_neurons.control(Problem(((0, 1), (2, 3), (0, 1)), (1, 2, 1)), without=DISTINCT)
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        n_neurons.n_neurons.check([Problem(((0, 1), (0, 1)), (1, 2))], over="twins")


# Mutants: each turns a check red.

NUMBERS = Problem(((0,), (1,), (3,), (4,)), (1, 3, 0, 2))


def early_kink(times: list, labels: list) -> tuple[list, list]:
    """The last neuron wakes one point too early."""
    kinks, weights = triangular_fit(times, labels)
    return [*kinks[:-1], kinks[-2]], weights


def flat_kinks(times: list, labels: list) -> tuple[list, list]:
    """All neurons wake before the first point."""
    kinks, weights = triangular_fit(times, labels)
    return [kinks[0]] * len(kinks), weights


def doubled_weight(times: list, labels: list) -> tuple[list, list]:
    kinks, weights = triangular_fit(times, labels)
    return kinks, [2 * weights[0], *weights[1:]]


def forgotten_neuron(times: list, labels: list) -> tuple[list, list]:
    kinks, weights = triangular_fit(times, labels)
    return kinks[:-1], weights[:-1]


@pytest.mark.parametrize("mutant", [early_kink, flat_kinks, doubled_weight, forgotten_neuron])
@pytest.mark.parametrize("problem", [NUMBERS, SYMBOLIC], ids=["numbers", "letters"])
def test_a_wrong_fit_fails_the_check(mutant, problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(n_neurons, "triangular_fit", mutant)
    with pytest.raises(ClaimFails, match="the network fails at point"):
        n_neurons.n_neurons.check([problem], over="mutant")


def test_a_relu_that_does_not_bend_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    ascending = [x for (x,) in SYMBOLIC.points]
    fit = triangular_fit(ascending, list(SYMBOLIC.labels))
    monkeypatch.setattr(n_neurons, "triangular_fit", lambda times, labels: fit)
    monkeypatch.setattr(n_neurons, "relu", lambda v: v)
    with pytest.raises(ClaimFails, match="the network fails at point"):
        n_neurons.n_neurons.check([SYMBOLIC], over="mutant")
