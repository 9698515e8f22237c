"""The Jacobian as a Khatri-Rao product, its generic rank, and the points on the axes; mutants of each step."""

from dataclasses import replace
from math import comb

import pytest
import sympy
from flint import fmpz_poly
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exact import rank
from memlib.madden import jacobian as jac
from memlib.madden.jacobian import Axes, Place, Polynomial, TwoLayer, Unknown, draw, monomial
from tests import strategies as own

ODD = ((1, 1), (3, 1))
MIXED = ((2, 3), (3, -1), (5, 2))
AXES = Axes(((2, 1), (3, 1)), ((1, 2), (2, 1)), (1, 2))


@st.composite
def terms(draw_, most: int = 5) -> tuple:
    K = sorted(draw_(st.sets(st.integers(1, most), min_size=1, max_size=3)))
    return tuple((k, draw_(st.sampled_from([-3, -2, -1, 1, 2, 3]))) for k in K)


@st.composite
def weights(draw_, most_h: int = 3, most_d: int = 3, entries=own.small) -> tuple:
    h, d = draw_(st.integers(1, most_h)), draw_(st.integers(1, most_d))
    return tuple(draw_(st.tuples(*[entries] * d)) for _ in range(h))


# madden-jacobian


def numbers(m: int = 3, n: int = 9, seed: int = 0) -> TwoLayer:
    psi = Polynomial((1, 2, -1, 3, 1, 5))
    return TwoLayer(psi, draw(m, 3, seed, 9), tuple(range(m)), (2,) * m, draw(n, 3, seed + 1, 9))


def letters(m: int = 2, d: int = 2, n: int = 2) -> TwoLayer:
    def grid(c: str, rows: int) -> tuple:
        return tuple(tuple(sympy.Symbol(f"{c}{i}_{a}") for a in range(d)) for i in range(rows))

    b = tuple(sympy.Symbol(f"b{j}") for j in range(m))
    v = tuple(sympy.Symbol(f"v{j}", nonzero=True) for j in range(m))
    return TwoLayer(Unknown(), grid("w", m), b, v, grid("x", n))


def test_the_jacobian_in_letters_and_numbers(records: list) -> None:
    jac.derivative.check([letters()], over="letters")
    jac.derivative.check([numbers()], over="numbers")
    assert [r["strength"] for r in records] == ["symbolic", "exact"]
    jac.derivative.control(replace(numbers(), v=(0, 1, 1)), without="all v_j are nonzero")
    assert records[-1]["reason"] == "v_1 is 0, so the Jacobian has rank 6, psi' * X has rank 9"
    with pytest.raises(ControlFails, match="still holds"):
        jac.derivative.control(numbers(), without="all v_j are nonzero")


def test_the_derivative_against_sympy_with_a_known_function() -> None:
    """An oracle that knows nothing of Khatri and Rao: sin, differentiated and evaluated by sympy."""
    net = letters(1, 2, 1)
    (w,), (b,), (v,), (x,) = net.W, net.b, net.v, net.X
    t = w[0] * x[0] + w[1] * x[1] + b
    expected = [v * sympy.cos(t) * c for c in (*x, 1)] + [sympy.sin(t)]
    known = {"psi": sympy.sin, "psi'": sympy.cos}
    for (entry,), value in zip(jac.differentiated(net), expected, strict=True):
        concrete = entry.replace(lambda e: str(e.func) in known, lambda e: known[str(e.func)](*e.args))
        assert sympy.simplify(concrete - value) == 0


@given(weights(), st.lists(own.small, min_size=1, max_size=5), st.integers(0, 99))
def test_epsilon_against_difference_quotients(W: tuple, coefficients: list, seed: int) -> None:
    """A polynomial's derivative is the value at 0 of the interpolated difference quotient: here by sympy."""
    net = TwoLayer(
        Polynomial(tuple(coefficients)), W, (1,) * len(W), (3,) * len(W), draw(2, len(W[0]), seed, 5)
    )
    e = sympy.Symbol("e")
    for k, row in enumerate(jac.differentiated(net)):
        theta = net.parameters
        moved = net.outputs([*theta[:k], theta[k] + e, *theta[k + 1 :]])
        assert row == [sympy.diff(f, e).subs(e, 0) for f in moved]
    jac.derivative.check([net], over="drawn")


def test_mutants_of_the_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    formula, product = jac.by_formula, jac.khatri_rao
    monkeypatch.setattr(jac, "khatri_rao", lambda A, B: product(B, A))  # (a, j) in place of (j, a)
    with pytest.raises(ClaimFails, match="the derivative of output 0 in w_12"):
        jac.derivative.check([numbers()], over="mutant")
    monkeypatch.setattr(jac, "khatri_rao", product)
    monkeypatch.setattr(jac, "by_formula", lambda net: formula(replace(net, v=(1,) * len(net.v))))
    for net in (numbers(), letters()):  # v_j forgotten
        with pytest.raises((ClaimFails, ArithmeticError)):
            jac.derivative.check([net], over="mutant")
    monkeypatch.setattr(jac, "by_formula", formula)
    monkeypatch.setattr(Polynomial, "derivative", property(lambda self: Polynomial(self.coefficients[1:])))
    with pytest.raises(ClaimFails, match="the derivative of output"):
        jac.derivative.check([numbers()], over="mutant: k forgotten in k c_k")


# madden-kr-generic


@given(terms(), weights(), st.integers(0, 10**6))
def test_the_table_against_sympy(psi: tuple, W: tuple, seed: int) -> None:
    """The closed form (T) of the coefficients, against polynomials multiplied out by sympy."""
    d = len(W[0])
    x = sympy.symbols(f"x1:{d + 1}")
    columns = jac.exponents(d, [k for k, _ in psi])
    table = jac.taylor_table(psi, W)
    assert len(columns) == jac.dimension(d, dict(psi)) == len(set(columns))
    for (w, a), row in zip([(w, a) for w in W for a in range(d)], table, strict=True):
        f = sum(k * c * sum(p * q for p, q in zip(w, x, strict=True)) ** (k - 1) for k, c in psi) * x[a]
        poly = sympy.Poly(f, *x)
        assert row == [poly.coeff_monomial(beta) for beta in columns]
    X = draw(4, d, seed, 9)  # values: the table times the monomials at the points
    values = [
        [sum(c * sympy.prod(p**e for p, e in zip(q, beta, strict=True)) for c, beta in zip(row, columns, strict=True))
         for q in X]
        for row in table
    ]  # fmt: skip
    assert values == jac.jacobian(psi, W, X)


@given(terms(), weights(), st.integers(1, 9), st.integers(0, 10**6))
def test_the_rank_never_exceeds_the_bounds(psi: tuple, W: tuple, n: int, seed: int) -> None:
    """For every W and X, special ones included: rank <= span <= R_K, and R_K <= min(m'd, D_K)."""
    h, d = len(W), len(W[0])
    place = Place(psi, W, draw(n, d, seed, most=1))
    assert place.rank <= min(n, place.span)
    assert place.span <= jac.largest_span(psi, h, d) <= min(h * d, jac.dimension(d, dict(psi)))


@pytest.mark.parametrize("psi", [monomial(1), monomial(2), monomial(4), ODD, MIXED])
def test_monotone_and_independent_of_coefficients(psi: tuple) -> None:
    for d in (1, 2, 3):
        ranks = [jac.largest_span(psi, h, d) for h in (1, 2, 3, 4)]
        assert ranks == sorted(ranks)
        other = tuple((k, (-1) ** k * (7 + k)) for k, _ in psi)
        assert ranks == [jac.largest_span(other, h, d) for h in (1, 2, 3, 4)]
        assert all(jac.largest_span((*psi, (6, 1)), h, d) >= r for h, r in enumerate(ranks, 1))


def places() -> list[Place]:
    shapes = [(monomial(5), 3, 3), (monomial(3), 2, 2), (MIXED, 2, 3), (ODD, 3, 2), (monomial(2), 2, 3)]
    return [Place(p, draw(h, d, 0, 99), draw(n, d, 1, 99)) for p, h, d in shapes for n in range(1, h * d + 3)]


def special(place: Place) -> Place:
    u, _, *rest = place.W
    return replace(place, W=(u, tuple(2 * c for c in u), *rest))


def test_generic_rank_and_its_controls(records: list) -> None:
    jac.generic_rank.check(places(), over="random")
    assert records[-1]["strength"] == "witness"
    place = Place(monomial(5), draw(3, 3, 0, 9), draw(9, 3, 1, 9))
    jac.generic_rank.control(special(place), without="the weights reach R_K")
    assert "so the rank is 6, not 9" in records[-1]["reason"]

    def for_all_points(p: Place):
        return jac.rank_is_the_generic_one(replace(p, X=(p.X[0], *p.X[:-1])))

    jac.generic_rank.rejects(place, wrong=for_all_points, says="for all points")
    assert records[-1]["reason"] == "the rank is 8, not 9"
    with pytest.raises(ControlFails, match="the conclusion survives"):  # few points do not notice
        jac.generic_rank.control(special(replace(place, X=place.X[:5])), without="the weights reach R_K")


def test_mutants_of_the_generic_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    product, size = jac.khatri_rao, jac.dimension
    monkeypatch.setattr(
        jac, "khatri_rao", lambda A, B: product(A, [[1] * len(B[0]), *B[1:]])
    )  # x_1 forgotten
    with pytest.raises(ClaimFails, match="the rank is"):
        jac.generic_rank.check(places(), over="mutant")
    monkeypatch.setattr(jac, "khatri_rao", product)
    monkeypatch.setattr(jac, "dimension", lambda d, K: sum(comb(k + d - 2, d - 1) for k in K))
    with pytest.raises(ClaimFails, match="more than"):
        jac.generic_rank.check(places(), over="mutant: degree k - 1 in D_K")
    monkeypatch.setattr(jac, "dimension", size)
    table = jac.taylor_table
    monkeypatch.setattr(jac, "taylor_table", lambda t, W: table(t, W)[:-1])  # a function forgotten
    with pytest.raises(ClaimFails, match="the rank is"):
        jac.generic_rank.check(places(), over="mutant")


def test_tanh_from_two_powers() -> None:
    assert jac.largest_span(ODD, h=20, d=10, draws=1) == 200


# madden-kr-block


@given(terms(7), st.integers(1, 3), st.data())
def test_blocks_on_all_supports(psi: tuple, d: int, data: st.DataObject) -> None:
    """Against FLINT: the whole matrix at s = 1/2^k has full rank for large k, so after clearing denominators."""
    h = data.draw(st.integers(1, len(psi)))
    column = st.lists(st.integers(1, 9), min_size=h, max_size=h, unique=True)
    W = tuple(zip(*(data.draw(column) for _ in range(d)), strict=True))
    axes = Axes(psi, W, tuple(data.draw(column)))
    jac.blocks.check([axes], over="drawn")
    top = max(k for k, _ in psi) - 1
    shrunk = tuple((k, c * 2 ** (30 * (top - k + 1))) for k, c in psi)  # phi(t / 2^30) times a power of 2
    assert rank(jac.jacobian(shrunk, W, axes.points(1))) == h * d


def test_the_determinant_in_letters(records: list) -> None:
    w = tuple(tuple(sympy.Symbol(f"w{j}{a}", positive=True) for a in (1, 2)) for j in (1, 2))
    t = sympy.symbols("t1 t2", positive=True)
    jac.blocks.check([Axes(None, w, t)], over="letters", case="d = m' = 2")
    assert records[-1]["strength"] == "symbolic"
    assert jac.determinant(AXES.matrix(1)) == 48 * -48
    assert jac.determinant([[fmpz_poly([0, 1]), 1], [1, 1]]) == fmpz_poly([-1, 1])


def test_controls_of_the_blocks(records: list) -> None:
    jac.blocks.control(replace(AXES, terms=monomial(2)), without="psi has at least m' terms")
    even = Axes(ODD, ((1, 2), (-1, 1)), (1, 2))
    jac.blocks.control(even, without="all numbers are positive")
    jac.blocks.control(replace(AXES, W=((1, 2), (1, 1))), without="the numbers are distinct")
    jac.blocks.control(replace(AXES, t=(2, 2)), without="the numbers are distinct")
    assert all("has the determinant 0 for every s" in r["reason"] for r in records)
    with pytest.raises(ControlFails, match="the conclusion survives"):  # signs may do no harm
        jac.blocks.control(Axes(AXES.terms, ((1, 2), (-1, 1)), (1, 2)), without="all numbers are positive")


def test_mutants_of_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Axes, "points", lambda self, s: [[s * t, s] for t in self.t for _ in range(2)])
    with pytest.raises(ClaimFails, match="an entry outside the blocks"):
        jac.blocks.check([AXES], over="mutant: points off the axes")
    monkeypatch.undo()
    monkeypatch.setattr(jac, "phi", lambda terms, t: terms[0][1] * t)  # one power survives
    with pytest.raises(ClaimFails, match="determinant 0"):
        jac.blocks.check([AXES], over="mutant")
    monkeypatch.undo()
    w = tuple(tuple(sympy.Symbol(f"w{j}{a}", positive=True) for a in (1, 2)) for j in (1, 2))
    monkeypatch.setattr(jac, "khatri_rao", lambda A, B: [list(row) for row in A for _ in B])
    with pytest.raises((ClaimFails, ArithmeticError)):
        jac.blocks.check([Axes(None, w, sympy.symbols("t1 t2", positive=True))], over="mutant", case="2")


# The exercises, and predicates that answer in words.


def test_solutions_of_the_exercises() -> None:
    line = ((1, 2), (3, 6), (-5, -10), (4, 1))
    assert rank(jac.jacobian(((1, 1), (3, 1), (5, 1)), draw(2, 2, 5, 99), line)) == 3
    assert rank(jac.taylor_table(ODD, ((1, 0), (0, 1), (1, 1)))) == 6
    for d in (1, 2):  # biases: one more coordinate
        W, X = draw(4, d + 1, 1, 99), tuple((*x, 1) for x in draw(12, d, 2, 99))
        assert rank(jac.jacobian(monomial(3), W, X)) == min(4 * (d + 1), comb(3 + d, d))


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (jac.output_weights_are_nonzero, replace(numbers(), v=(1, 0, 1))),
        (jac.weights_reach_the_maximum, Place(monomial(3), ((0, 0), (1, 2)), ((1, 1),))),
        (jac.enough_terms, replace(AXES, terms=monomial(3))),
        (jac.positive, replace(AXES, t=(0, 1))),
        (jac.distinct, replace(AXES, t=(1, 1))),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason


@settings(max_examples=20)
@given(weights(3, 2))
def test_degenerate_weights_are_answered(W: tuple) -> None:
    """Zero and equal weights, one neuron, d = 1: the hypothesis or the conclusion answers, nothing crashes."""
    place = Place(ODD, W, draw(3, len(W[0]), 0, 1))
    assert jac.weights_reach_the_maximum(place) in (True,) or not jac.weights_reach_the_maximum(place)
    if place.span == place.largest:
        assert place.rank <= min(3, place.largest)
