"""Critical forms against ranks: duality on every W, closed forms, squares, and the table; mutants of each."""

from dataclasses import replace
from math import comb

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample, equal
from memlib.exact import rank
from memlib.madden import double_points as dp
from memlib.madden.double_points import Cell, DoublePoints, Small, Syzygy, Weights
from memlib.madden.jacobian import draw, taylor_table
from tests.madden.test_jacobian import terms, weights

UNITS = ((1, 0, 0), (0, 1, 0))
PLANE = "in the plane no two weights are proportional"
SEPARATE = "forms of degree s separate the weights"
#: The fourteen places of the classical list with d <= 6, k <= 6, without d = 6: (k, d, m').
CLASSICAL = {(2, 3, 2), (2, 4, 2), (2, 4, 3), (2, 5, 2), (2, 5, 3), (2, 5, 4)} | dp.SPORADIC


# madden-kr-dual


@given(terms(), weights(4, 4))
def test_duality_for_every_weight(psi: tuple, W: tuple) -> None:
    dp.dual.check([Weights(psi, W)], over="drawn")
    assert rank(taylor_table(psi, W)) == rank(dp.gradients([k for k, _ in psi], W))


def test_duality_in_letters_and_its_controls(records: list) -> None:
    w = tuple(sympy.symbols(f"w{j}1 w{j}2") for j in (1, 2))
    dp.dual.check([Weights(((1, 2), (3, 5)), w)], over="letters", case="d = 2")
    assert records[-1]["strength"] == "symbolic"
    dp.dual.control(Weights(((2, 1), (3, 0)), ((1, 2), (3, 1))), without="all c_k are nonzero")
    assert records[-1]["reason"].endswith("the span has dimension 3, and 7 - 3 = 4")


def test_mutants_of_duality(monkeypatch: pytest.MonkeyPatch) -> None:
    gradients, out = dp.gradients, dp.multiplied_out
    w = tuple(sympy.symbols(f"w{j}1 w{j}2") for j in (1, 2))
    instances = [Weights(((2, 1), (3, -2)), draw(3, 3, 1, 3)), Weights(((3, 5),), w)]
    for mutant in (
        lambda K, W: [[c * (i + 1) for i, c in enumerate(row)] for row in gradients(K, W)],  # columns scaled
        lambda K, W: gradients(K, W[:-1] + W[:1]),  # a weight forgotten
    ):
        monkeypatch.setattr(dp, "gradients", mutant)
        with pytest.raises((ClaimFails, ValueError)):
            dp.dual.check(instances, over="mutant")
    monkeypatch.setattr(dp, "gradients", gradients)
    monkeypatch.setattr(dp, "multiplied_out", lambda t, W: out(t[:1], W))  # a power forgotten
    with pytest.raises(ClaimFails, match="the span has dimension"):
        dp.dual.check(instances[:1], over="mutant")


def test_gradients_against_sympy() -> None:
    x = sympy.symbols("x1:4")
    W = draw(2, 3, 4, 5)
    for row, (w, a) in zip(dp.gradients([2, 3], W), [(w, a) for w in W for a in range(3)], strict=True):
        at = dict(zip(x, w, strict=True))
        monomials = [sympy.prod(p**e for p, e in zip(x, b, strict=True)) for b in dp.exponents(3, [2, 3])]
        assert row == [m.diff(x[a]).subs(at) for m in monomials]
    form = {(2, 1, 0): 3, (0, 0, 3): -1}
    assert dp.gradient(form, (1, 2, 3)) == [12, 3, -27]
    assert dp.power({(1, 0): 1, (0, 1): 1}, 3, 2) == {(3, 0): 1, (2, 1): 3, (1, 2): 3, (0, 3): 1}


# madden-kr-double-point


@settings(max_examples=25)
@given(st.integers(1, 4), st.integers(0, 2), st.integers(0, 2), st.integers(0, 10**6), st.data())
def test_squares_make_double_points(d: int, s: int, more: int, seed: int, data: st.DataObject) -> None:
    h = data.draw(st.integers(1, min(5, comb(s + d - 1, d - 1))))
    points = DoublePoints(2 * s + 1 + more, s, draw(h, d, seed, 9))
    if not (dp.weights_are_separated(points) and dp.no_weight_is_zero(points)):
        return
    dp.double_point.check([points], over="drawn")
    forms = dp.peaks(points)
    block = [[c for w in points.W for c in dp.gradient(g, w)] for g in forms]
    assert rank(block) == h * d and len(forms) == h * d
    assert all(sum(e) == points.k for g in forms for e in g)
    for i, row in enumerate(block):
        assert not any(c for k, c in enumerate(row) if k // d != i // d)


def test_controls_of_double_points(records: list) -> None:
    dp.double_point.control(DoublePoints(2, 1, UNITS), without="k >= 2s + 1")
    assert records[-1]["reason"].endswith("the 6 functions span 5 dimensions")
    dp.double_point.control(DoublePoints(3, 1, ((1, 0), (0, 1), (1, 1))), without=SEPARATE)
    dp.double_point.control(DoublePoints(5, 2, ((1, 2), (2, 4))), without=SEPARATE)
    dp.double_point.control(DoublePoints(2, 0, ((0, 0),)), without="no weight is 0")
    with pytest.raises(ControlFails, match="the conclusion survives"):  # sufficient, not necessary
        dp.double_point.control(DoublePoints(4, 2, draw(4, 3, 1, 9)), without="k >= 2s + 1")


def test_mutants_of_double_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dp, "degree_is_high", lambda p: True)
    bold = dp.Claim(
        "madden-kr-double-point", dp.all_functions_are_independent, {"k": lambda p: p.k >= 2 * p.s}
    )
    with pytest.raises(ClaimFails, match="the 15 functions span 14 dimensions"):
        bold.check([DoublePoints(4, 2, draw(5, 3, 1, 99))], over="k = 2s")
    out = dp.multiplied_out
    monkeypatch.setattr(dp, "multiplied_out", lambda t, W: out(t, W[:1] * len(W)))
    with pytest.raises(ClaimFails, match="functions span"):
        dp.double_point.check([DoublePoints(3, 1, UNITS)], over="mutant: one weight for all")


# madden-kr-small


def test_closed_forms(records: list) -> None:
    plane = [Small((k,), draw(h, 2, k, 99)) for k in range(1, 12) for h in range(1, 8)]
    low = [Small(K, draw(h, d, h, 1)) for K in ((2,), (1, 2)) for d in range(1, 6) for h in range(1, 8)]
    dp.small.check(plane + low, over="families")
    dp.small.check([Syzygy(sympy.symbols("u1:4"), sympy.symbols("w1:4"))], over="letters", case="d = 3")
    assert [r["strength"] for r in records] == ["exact", "symbolic"]
    dp.small.control(Small((5,), ((1, 3), (2, 6))), without=PLANE)
    assert records[-1]["reason"].endswith("so the span has dimension 2, not 4")
    dp.small.control(Small((4,), ((1, 3), (0, 0))), without=PLANE)


@given(weights(6, 4))
def test_quadratic_activations_for_every_weight(W: tuple) -> None:
    dp.small.check([Small((2,), W), Small((1, 2), W)], over="drawn")


def test_the_generic_values() -> None:
    for d in range(1, 7):
        for h in range(1, d + 3):
            W = draw(h, d, 2, 99)
            assert dp.closed_form(Small((2,), W)) == (h * d - comb(h, 2) if h <= d else comb(d + 1, 2))
            if h <= d + 1:
                assert dp.closed_form(Small((1, 2), W)) == h * d - comb(h - 1, 2)


def test_mutants_of_the_closed_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    form = dp.closed_form
    cases = [Small((5,), draw(2, 2, 1, 99)), Small((2,), draw(4, 2, 1, 99)), Small((1, 2), draw(3, 3, 1, 99))]
    for case, wrong in zip(cases, (6, 2, 7), strict=True):
        monkeypatch.setattr(dp, "closed_form", lambda small, wrong=wrong: wrong)
        with pytest.raises(ClaimFails, match=f"the span has dimension {form(case)}, not {wrong}"):
            dp.small.check([case], over="mutant")
    u, w = sympy.symbols("u1:3"), sympy.symbols("w1:3")
    monkeypatch.setattr(dp, "equal", lambda left, right: equal(left, 2 * right))
    with pytest.raises(ClaimFails, match="the relation does not hold"):
        dp.small.check([Syzygy(u, w)], over="mutant", case="2")


# madden-kr-ah


@pytest.mark.parametrize("d", [3, 4])
def test_the_table_and_its_exceptions(d: int, records: list) -> None:
    cells = dp.cells(d, range(1, 7))
    dp.table.check(cells, over=f"d = {d}")
    assert records[-1]["strength"] == "witness"
    lost = {c.place for c in cells if not dp.plain_rule_holds(c)}
    assert lost == {place for place in CLASSICAL if place[1] == d}


def test_the_table_in_dimension_five(records: list) -> None:
    cells = dp.cells(5, range(1, 5))
    dp.table.check(cells, over="d = 5, k <= 4")
    assert {c.place for c in cells if not dp.plain_rule_holds(c)} == {p for p in CLASSICAL if p[1] == 5}
    dp.table.rejects(Cell(4, draw(5, 3, 1, 9)), wrong=dp.plain_rule_holds, says="the minimum")
    assert records[-1]["reason"] == "R is 14, not 15"


@pytest.mark.parametrize("place", sorted(dp.SPORADIC))
def test_sporadic_cells_over_the_rationals(place: tuple) -> None:
    """Exactly one critical form, over Q, and it is the one that the proof names."""
    k, d, h = place
    W = draw(h, d, seed=5, most=9)
    G = dp.gradients([k], W)
    assert rank(G) == dp.rule(*place) == comb(k + d - 1, k) - 1
    (form,) = dp.critical_forms(k, W)
    columns = dp.exponents(d, [k])
    assert form and not any(sum(c * form.get(b, 0) for c, b in zip(row, columns, strict=True)) for row in G)


def test_the_secant_cubic_on_the_curve() -> None:
    """On the rational normal curve itself it is the Hankel determinant, up to a factor: critical on the curve."""
    curve = tuple(tuple(t**i for i in range(5)) for t in (1, 2, 3, -1, -2, 5, 7))
    g = dp.secant_cubic(curve)
    for t in (4, 11, -6):  # further points of the curve
        assert dp.gradient(g, tuple(t**i for i in range(5))) == [0] * 5
    hankel = {
        (1, 0, 1, 0, 1): 1,
        (0, 1, 1, 1, 0): 2,
        (0, 0, 3, 0, 0): -1,
        (1, 0, 0, 2, 0): -1,
        (0, 2, 0, 0, 1): -1,
    }
    factor = {g[e] // c for e, c in hankel.items()}
    assert len(factor) == 1 and set(g) == set(hankel) and 0 not in factor


def test_mutants_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    five = Cell(4, draw(5, 3, 1, 9))
    critical = dp.critical_forms
    monkeypatch.setattr(dp, "critical_forms", lambda k, W: [])
    with pytest.raises(ClaimFails, match="only known to be between 14 and 15"):
        dp.table.check([replace(five)], over="mutant: no form from above")
    monkeypatch.setattr(dp, "critical_forms", lambda k, W: [dp.power({(1, 0, 0): 1}, 4, 3)])
    with pytest.raises(ClaimFails, match="should be singular at all the weights is not"):
        dp.table.check([replace(five)], over="mutant: a wrong form")
    monkeypatch.setattr(dp, "critical_forms", critical)
    monkeypatch.setattr(dp, "as_rows", lambda forms, columns: [[1, 0], [0, 1]])
    with pytest.raises(ClaimFails, match="the rank is 14 at these weights, and the forms allow at most 13"):
        dp.table.check([replace(five)], over="mutant: a form counted twice")
    monkeypatch.undo()
    with pytest.raises(ClaimFails, match="the weights are special"):
        dp.table.check([Cell(4, (*draw(4, 3, 1, 9), draw(4, 3, 1, 9)[0]))], over="mutant: two equal weights")
    claim = dp.Claim(
        "madden-kr-ah", lambda c: dp.rank_follows_the_rule(c, lambda k, d, h: dp.plain_rule(k, d, h) - 1)
    )
    with pytest.raises(ClaimFails, match="R is 12, not 11"):
        claim.check([Cell(4, draw(4, 3, 1, 9))], over="mutant: an exception too many")


def test_squares_surprise_in_three_dimensions_only() -> None:
    """d (C(d+1, 2) - 1) >= C(d+3, 4) iff (d - 3)(d - 5) <= 0; and squares of cubics never surprise."""
    for d in range(2, 60):
        assert (d * (comb(d + 1, 2) - 1) >= comb(d + 3, 4)) == ((d - 3) * (d - 5) <= 0)
        assert d * (comb(d + 2, 3) - 1) < comb(d + 5, 6)


def test_solutions_of_the_exercises() -> None:
    assert rank(taylor_table(((1, 1), (3, 1)), ((1, 0), (1, 1), (1, 2)))) == 5
    assert dp.not_proportional(Small((3,), ((1, 0), (1, 1), (1, 2)))) is True
    for k, d in ((2, 3), (3, 3), (4, 2), (3, 4)):
        h = comb(k + d - 2, d - 1)
        assert dp.rule(k, d, h) == comb(k + d - 1, k) == rank(dp.gradients([k], draw(h, d, 1, 9)))


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (dp.no_term_is_zero, Weights(((1, 0),), ((1,),))),
        (dp.degree_is_high, DoublePoints(2, 1, UNITS)),
        (dp.weights_are_separated, DoublePoints(3, 1, ((1, 2), (1, 2)))),
        (dp.weights_are_separated, DoublePoints(3, 1, ((0, 0),))),
        (dp.no_weight_is_zero, DoublePoints(3, 1, ((0, 0),))),
        (dp.not_proportional, Small((3,), ((0, 0),))),
        (dp.not_proportional, Small((3,), ((1, 1), (2, 2)))),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason


def test_one_weight_one_dimension() -> None:
    dp.double_point.check([DoublePoints(1, 0, ((3,),)), DoublePoints(7, 3, ((-2,),))], over="d = 1")
    assert [dp.rule(k, 1, 3) for k in (1, 2, 5)] == [1, 1, 1]
    assert replace(Cell(2, UNITS), k=5).place == (5, 3, 2)
