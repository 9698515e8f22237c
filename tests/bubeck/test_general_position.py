"""What a line costs, and the way around it: claims, controls, mutants."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib.bubeck import general_position as gp
from memlib.bubeck.baum import baum_network
from memlib.bubeck.general_position import FormalNetwork, Problem, Pullback, product_of, projected, pull_back
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.network import Layer, Network
from memlib.search import fewest_bends, memorized_by
from tests import strategies as own

ON_A_LINE = "the points lie on a line, in order"
ALTERNATE = "the labels alternate"
MEMORIZES = "F memorizes the projected points"

ALTERNATING = (0, 1, 0, 1, 0, 1)
WIRE = tuple((2 * k, 3 * k, -k) for k in range(6))
PARABOLA = tuple((k, k * k) for k in range(6))
ZIGZAG = tuple((k, k % 2) for k in range(6))
CALM = (0, 1, 1, 0, 0, 1)


@st.composite
def beads(draw, n=own.one_to_six) -> Problem:
    """Points along a line, at uneven distances, with alternating labels."""
    n = draw(n)
    step = draw(st.tuples(own.small, own.small).filter(any))
    start = draw(st.tuples(own.small, own.small))
    times = sorted(draw(st.lists(st.integers(-20, 20), min_size=n, max_size=n, unique=True)))
    first = draw(st.integers(0, 1))
    points = tuple(tuple(a + s * b for a, b in zip(start, step, strict=True)) for s in times)
    return Problem(points, tuple((first + i) % 2 for i in range(n)))


# Hypotheses: total, and right.


@given(beads(n=st.integers(2, 6)), st.randoms())
def test_order_along_a_line(problem: Problem, random) -> None:
    assert gp.along_a_line(problem) is True
    assert gp.along_a_line(replace(problem, points=problem.points[::-1])) is True
    order = random.sample(range(len(problem.points)), len(problem.points))
    shuffled = gp.along_a_line(replace(problem, points=tuple(problem.points[i] for i in order)))
    assert bool(shuffled) == (order in (sorted(order), sorted(order, reverse=True)))


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (((0, 0),), "there are fewer than two points"),
        (((0, 0), (0, 0)), "points 0 and 1 are equal"),
        (((0, 0), (1, 1), (2, 3)), "points 0, 1 and 2 are not on one line"),
        (((0, 0), (1, 1), (1, 1)), "point 2 does not come after point 1"),
        (((0, 0), (2, 2), (1, 1)), "point 2 does not come after point 1"),
        (((0, 0), (0, 2), (0, -1)), "point 2 does not come after point 1"),
        (PARABOLA, "points 0, 1 and 2 are not on one line"),
    ],
)
def test_what_is_not_in_order_along_a_line(points: tuple, reason: str) -> None:
    answer = gp.along_a_line(Problem(points, (0,) * len(points)))
    assert isinstance(answer, Counterexample) and repr(answer) == reason


def test_labels_that_do_not_alternate() -> None:
    assert gp.labels_alternate(Problem(WIRE, ALTERNATING)) is True
    for labels, reason in (
        (CALM, "points 1 and 2 have the labels 1 and 1"),
        ((0, 2, 0, 2, 0, 2), "points 0 and 1 have the labels 0 and 2"),
        ((0, 1, 0, 1, 0, Fraction(1, 2)), "points 4 and 5 have the labels 0 and 1/2"),
    ):
        assert repr(gp.labels_alternate(Problem(WIRE, labels))) == reason


# bubeck-gp-needed and bubeck-gp-needed-relu


@given(beads(n=st.integers(2, 5)))
def test_both_lower_bounds_hold_on_every_line(problem: Problem) -> None:
    assert gp.no_threshold_network_below_n_minus_1(problem) is True
    assert gp.every_coordinate_needs_n_minus_2_bends(problem) is True


def test_both_claims_pass(records: list) -> None:
    wires = [Problem(WIRE[:n], ALTERNATING[:n]) for n in range(2, 7)]
    gp.gp_needed.check(wires, over="2 to 6 points")
    gp.gp_needed_relu.check(wires, over="2 to 6 points")
    assert [(r["strength"], r["inhabited"], r["instances"]) for r in records] == [("exact", True, 5)] * 2


def test_controls_of_the_lower_bounds(records: list) -> None:
    gp.gp_needed.control(Problem(PARABOLA, ALTERNATING), without=ON_A_LINE)
    assert (
        "not on one line" in records[-1]["reason"] and "units suffice, which fire on" in records[-1]["reason"]
    )
    gp.gp_needed.control(Problem(WIRE, CALM), without=ALTERNATE)
    assert "3 units suffice" in records[-1]["reason"]
    gp.gp_needed_relu.control(Problem(ZIGZAG, ALTERNATING), without=ON_A_LINE)
    assert "a function of coordinate 1 alone needs 0 bends, not 4" in records[-1]["reason"]
    gp.gp_needed_relu.control(Problem(WIRE, CALM), without=ALTERNATE)
    assert "needs 2 bends, not 4" in records[-1]["reason"]


def test_controls_of_the_lower_bounds_can_fail() -> None:
    for claim in (gp.gp_needed, gp.gp_needed_relu):
        with pytest.raises(ControlFails, match="still holds"):
            claim.control(Problem(WIRE, ALTERNATING), without=ON_A_LINE)
        with pytest.raises(ControlFails, match="another hypothesis is broken as well"):
            claim.control(Problem(PARABOLA, CALM), without=ON_A_LINE)
        with pytest.raises(ControlFails, match="another hypothesis is broken as well"):
            claim.control(Problem(((0, 0), (0, 0)), (1, 1)), without=ALTERNATE)
    xor = Problem(((0, 0), (0, 1), (1, 1)), (0, 1, 0))
    gp.gp_needed.control(xor, without=ON_A_LINE)  # one unit suffices where the line would need two
    twins = Problem(((0, 0), (1, 1), (0, 0), (1, 1)), ALTERNATING[:4])
    gp.gp_needed.control(twins, without=ON_A_LINE)
    beyond = Problem(((0, 0), (1, 1), (1, 1)), (0, 1, 0))  # no network at all, so no network with fewer units
    with pytest.raises(ControlFails, match="the conclusion survives"):
        gp.gp_needed.control(beyond, without=ON_A_LINE)


def test_one_unit_more_and_the_bound_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """n - 1 units do suffice on a line: a conclusion that lets in one unit more is false everywhere."""
    monkeypatch.setattr(
        gp, "memorized_by", lambda points, labels, units: memorized_by(points, labels, units + 1)
    )
    for n in range(2, 7):
        with pytest.raises(ClaimFails, match="units suffice, which fire on"):
            gp.gp_needed.check([Problem(WIRE[:n], ALTERNATING[:n])], over="mutant")


def test_one_bend_less_and_the_bound_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gp, "fewest_bends", lambda t, values: fewest_bends(t, values) - 1)
    for n in range(2, 7):
        with pytest.raises(ClaimFails, match=f"needs {n - 3} bends, not {n - 2}"):
            gp.gp_needed_relu.check([Problem(WIRE[:n], ALTERNATING[:n])], over="mutant")


def test_the_bounds_are_sharp(records: list) -> None:
    """n - 1 thresholds and n - 2 bends do: the next stronger versions are rejected."""
    problem = Problem(WIRE, ALTERNATING)

    def n_units(p: Problem) -> bool | Counterexample:
        found = memorized_by(p.points, p.labels, len(p.points) - 1)
        return found is None or Counterexample(f"{len(found)} units suffice")

    gp.gp_needed.rejects(problem, wrong=n_units, says="at least n units")
    assert records[-1]["reason"] == "5 units suffice"

    def more_bends(p: Problem) -> bool | Counterexample:
        bends = fewest_bends([x[0] for x in p.points], p.labels)
        return bends >= len(p.points) - 1 or Counterexample(f"{bends} bends suffice")

    gp.gp_needed_relu.rejects(problem, wrong=more_bends, says="at least n - 1 bends")
    assert records[-1]["reason"] == "4 bends suffice"


# bubeck-gp-projection


@given(own.matrices(own.one_to_three, st.just(2)), own.matrices(st.just(2), own.one_to_three, own.integers))
def test_products_of_numbers_and_of_letters_agree(W: list, P: list) -> None:
    expected = np.array(W, dtype=object) @ np.array(P, dtype=object)
    assert product_of(W, P) == tuple(map(tuple, expected))
    letters = sympy.symarray("p", (2, len(P[0])))
    formal = product_of(W, tuple(map(tuple, letters)))
    values = {letters[i, j]: P[i][j] for i in range(2) for j in range(len(P[0]))}
    assert [[sympy.sympify(v).subs(values) for v in row] for row in formal] == expected.tolist()
    w = sympy.symarray("w", (len(W), 2))
    formal = product_of(tuple(map(tuple, w)), P)
    values = {w[i, j]: W[i][j] for i in range(len(W)) for j in range(2)}
    assert [[sympy.sympify(v).subs(values) for v in row] for row in formal] == expected.tolist()


def test_machine_integers_do_not_reach_a_product() -> None:
    for W, P in ((((np.int64(1),),), ((1,),)), (((1,),), ((np.int64(2**62),),))):
        with pytest.raises(TypeError, match="exact matrices take Python ints"):
            product_of(W, P)


@given(own.networks(d=st.just(2)), own.matrices(st.just(2), own.one_to_three, own.integers), st.data())
def test_the_pulled_back_network_is_the_network_of_the_projections(net: Network, P: list, draw) -> None:
    d = len(P[0])
    points = tuple(draw.draw(st.lists(st.tuples(*[own.integers] * d), min_size=1, max_size=3)))
    whole = pull_back(net, tuple(map(tuple, P)), (1,) * d)
    assert whole(points) == net(projected(P, points))
    assert (whole.widths, whole.output_scale, whole.theorem) == (net.widths, net.output_scale, net.theorem)
    assert pull_back(net, tuple(map(tuple, P)), (10,) * d).input_scale == (10,) * d


def test_random_projections_have_entries_minus_one_zero_one() -> None:
    P = gp.random_projection(40, 30, rng=0)
    assert gp.random_projection(40, 30, rng=0) == P != gp.random_projection(40, 30, rng=1)
    entries = [v for row in P for v in row]
    assert [len(P), len(P[0])] == [30, 40]
    assert all(type(v) is int for v in entries)
    assert all(abs(entries.count(v) - 400) < 6 * 17 for v in (-1, 0, 1))  # six standard deviations


def formal_pullback(e: int = 2, d: int = 3) -> Pullback:
    W = tuple(tuple(row) for row in sympy.symarray("w", (2, e)))
    F = FormalNetwork(W, sympy.symbols("b1:3"), sympy.symbols("a1:3"))
    P = tuple(tuple(row) for row in sympy.symarray("p", (e, d)))
    x = sympy.symbols(f"x1:{d + 1}")
    return Pullback(F, P, (x,), F.at_integers(projected(P, (x,))))


def square_pullback() -> Pullback:
    """A Baum network on the points P x for an invertible square P that is not the identity."""
    P = ((2, 1), (0, -1))
    labels = ALTERNATING
    return Pullback(baum_network(projected(P, PARABOLA), labels), P, PARABOLA, labels)


def test_the_projection_claim_in_letters_and_in_numbers(records: list) -> None:
    for e, d in ((1, 3), (2, 3), (3, 2)):
        gp.gp_projection.check([formal_pullback(e, d)], over="letters")
        assert (records[-1]["strength"], records[-1]["inhabited"]) == ("symbolic", False)
    gp.gp_projection.check([square_pullback()], over="numbers")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)


def test_letters_and_numbers_may_be_mixed(records: list) -> None:
    """The points in letters, the matrix in numbers, and the other way round."""
    formal = formal_pullback()
    P, x = ((1, 2, -1), (0, 1, 3)), ((1, 5, -2),)
    mixed = replace(formal, P=P, labels=formal.net.at_integers(projected(P, formal.points)))
    gp.gp_projection.check([mixed], over="a matrix of numbers")
    mixed = replace(formal, points=x, labels=formal.net.at_integers(projected(formal.P, x)))
    gp.gp_projection.check([mixed], over="points in numbers")
    assert [r["strength"] for r in records] == ["symbolic"] * 2


def test_controls_of_the_projection(records: list) -> None:
    good = square_pullback()
    wrong = replace(good, labels=(1, *good.labels[1:]))
    gp.gp_projection.control(wrong, without=MEMORIZES)
    assert records[-1]["reason"] == (
        "F is 0 at point 0, not 1, so the pulled back network is 0 at point 0, not 1"
    )
    first, last = good.net.layers
    broken = replace(
        good, net=replace(good.net, layers=(replace(first, biases=(-(10**9), *first.biases[1:])), last))
    )
    gp.gp_projection.control(broken, without=MEMORIZES)
    formal = formal_pullback()
    gp.gp_projection.control(replace(formal, labels=(formal.labels[0] + 1,)), without=MEMORIZES)
    assert "the pulled back network is" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="still holds"):
        gp.gp_projection.control(good, without=MEMORIZES)
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        gp.gp_projection.check([wrong], over="wrong labels")


def forgets_the_matrix(net, P, scale):
    return (
        net if isinstance(net, FormalNetwork) else Network(net.layers, net.theorem, scale, net.output_scale)
    )


def transposes_the_matrix(net, P, scale):
    return pull_back(net, tuple(zip(*P, strict=True)), scale)


def moves_the_bias(net, P, scale):
    whole = pull_back(net, P, scale)
    if isinstance(whole, FormalNetwork):
        return replace(whole, biases=(whole.biases[0] + 1, *whole.biases[1:]))
    first, last = whole.layers
    return replace(whole, layers=(replace(first, biases=(first.biases[0] + 10**6, *first.biases[1:])), last))


def adds_a_unit(net, P, scale):
    whole = pull_back(net, P, scale)
    if isinstance(whole, FormalNetwork):
        return FormalNetwork((*whole.weights, whole.weights[0]), (*whole.biases, 0), (*whole.outputs, 0))
    first, last = whole.layers
    first = Layer((*first.weights, first.weights[0]), (*first.biases, 0), first.activation)
    return replace(whole, layers=(first, Layer(((*last.weights[0], 0),), last.biases, last.activation)))


@pytest.mark.parametrize("mutant", [forgets_the_matrix, transposes_the_matrix, moves_the_bias, adds_a_unit])
@pytest.mark.parametrize("pullback", [square_pullback(), formal_pullback(2, 2)], ids=["numbers", "letters"])
def test_a_wrong_pull_back_fails_the_check(
    mutant, pullback: Pullback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gp, "pull_back", mutant)
    with pytest.raises(ClaimFails, match=r"the pulled back network is|the widths change from"):
        gp.gp_projection.check([pullback], over="mutant")
