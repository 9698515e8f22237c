"""Zero sets, unisolvent points, witnesses: laws, other routes, every control of the page, mutants."""

from fractions import Fraction
from itertools import product

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exact import rank, rank_mod
from memlib.madden import generic
from memlib.madden.generic import Grid, Polynomial, Witness, monomials, polynomial
from tests import strategies as own

CONICS = monomials(2)
FIVE = ((0, 0), (2, 0), (0, 2), (2, 2), (3, 1))
INDEPENDENT = "the functions are independent"
RANK = "M(u0) mod p has rank r"


@st.composite
def polynomials(draw, letters=("x", "y"), degree=3) -> Polynomial:
    terms = draw(st.dictionaries(st.tuples(*[st.integers(0, degree)] * len(letters)), own.small, max_size=4))
    return Polynomial(letters, tuple((c, e) for e, c in terms.items() if c))


def powers(k: int, nodes: tuple, letters: str) -> tuple:
    return tuple(tuple(polynomial(f"(1 + {a}*{u})**{k}", letters) for u in letters.split()) for a in nodes)


# polynomials


@given(polynomials(), own.small, own.small)
def test_evaluation_against_sympy(f: Polynomial, x: int, y: int) -> None:
    letters = sympy.symbols("x y")
    expression = sympy.sympify(repr(f))
    assert f((x, y)) == expression.subs(dict(zip(letters, (x, y), strict=True)))
    assert polynomial(repr(f)) == Polynomial(f.letters, polynomial(repr(f)).terms)
    assert polynomial(repr(f))((x, y)) == f((x, y))
    assert f.degree == (sympy.Poly(expression, *letters).total_degree() if f.terms else -1)
    assert f.mod(3)((x, y)) % 3 == f((x, y)) % 3


def test_reading_a_polynomial() -> None:
    assert polynomial("x*(x - 2)").terms == ((1, (2, 0)), (-2, (1, 0)))
    assert polynomial("0").terms == () and repr(polynomial("0")) == "0"
    with pytest.raises(ValueError, match="not an integer"):
        polynomial("x/2")


@pytest.mark.parametrize(("degree", "letters", "count"), [(0, "x", 1), (4, "x y", 15), (3, "x y z", 20)])
def test_monomials(degree: int, letters: str, count: int) -> None:
    found = monomials(degree, letters)
    assert len(found) == len(set(found)) == count and [f.degree for f in found] == sorted(
        f.degree for f in found
    )


# madden-zero-set


@given(polynomials(), st.sets(own.small, min_size=1, max_size=5), st.sampled_from([0, 2, 3, 11]))
def test_zeros_are_few(f: Polynomial, S: set, p: int) -> None:
    grid = Grid(f, tuple({s % p if p else s for s in S}), p)
    zeros = set(grid.zeros())
    assert zeros == {x for x in product(grid.S, repeat=2) if (f(x) % p if p else f(x)) == 0}
    if f.mod(p).terms:
        generic.zero_set.check([grid], over="drawn")


@pytest.mark.parametrize("p", [2, 3, 5])
def test_singular_matrices_mod_p(p: int) -> None:
    """Their number is known: p^4 - (p^2 - 1)(p^2 - p)."""
    det = polynomial("a*d - b*c", "a b c d")
    grid = Grid(det, tuple(range(p)), p)
    assert sum(1 for _ in grid.zeros()) == p**4 - (p**2 - 1) * (p**2 - p)
    generic.zero_set.check([grid], over="2 x 2 matrices")


def test_controls_of_the_zero_set(records: list) -> None:
    line = polynomial("x**2 - x", "x")
    generic.zero_set.control(Grid(line, tuple(range(6)), 6), without="the values lie in a field")
    assert "4 zeros in a grid that may have 2" in records[-1]["reason"]
    generic.zero_set.control(
        Grid(polynomial("5*x + 10*y"), (0, 1, 2), 5), without="the polynomial is not zero"
    )
    generic.zero_set.control(Grid(line, (0, 0, 1), 0), without="the elements of S differ")
    with pytest.raises(ControlFails, match="the conclusion survives"):
        generic.zero_set.control(Grid(line, (0, 1), 6), without="the values lie in a field")
    with pytest.raises(ControlFails, match="still holds"):
        generic.zero_set.control(Grid(line, (0, 1), 0), without="the elements of S differ")


def test_the_bound_is_sharp_and_a_smaller_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    sharp = Grid(polynomial("(x - 1)*(x - 2)*(x - 3)"), (1, 2, 3, 4), 0)
    generic.zero_set.check([sharp], over="sharp")
    monkeypatch.setattr(Polynomial, "degree", property(lambda f: max(sum(e) for _, e in f.terms) - 1))
    with pytest.raises(ClaimFails, match="12 zeros in a grid that may have 8"):
        generic.zero_set.check([sharp], over="mutant: degree off by one")


def test_a_zero_too_many_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Grid, "zeros", lambda grid: product(grid.S, repeat=2))
    with pytest.raises(ClaimFails, match="961 zeros"):
        generic.zero_set.check([Grid(polynomial("x + y"), tuple(range(31)), 31)], over="mutant")


# madden-unisolvent


@given(st.lists(polynomials(), min_size=1, max_size=4))
def test_unisolvent_points_exist_iff_the_functions_are_independent(functions: list) -> None:
    functions = tuple(functions)
    x, y = sympy.symbols("x y")
    expressions = [sympy.sympify(repr(f)) for f in functions]
    exponents = sorted({m for e in expressions for m in sympy.Poly(e, x, y).monoms()})
    rows = [[sympy.Poly(e, x, y).coeff_monomial(x**i * y**j) for i, j in exponents] for e in expressions]
    if sympy.Matrix(rows).rank() == len(functions):
        generic.unisolvent.check([functions], over="drawn")
        points = generic.unisolvent_points(functions)
        assert sympy.Matrix([[f(z) for z in points] for f in functions]).det() != 0
    else:
        assert not generic.independent(functions)
        with pytest.raises(ValueError, match="combination of the functions before it"):
            generic.unisolvent_points(functions)


@given(own.small, own.small)
def test_the_expansion_is_the_determinant(x: int, y: int) -> None:
    g = generic.last_column(CONICS, FIVE)
    assert g((x, y)) == generic.determinant(CONICS, (*FIVE, (x, y)))
    assert g((x, y)) == -16 * (x * (x - 2) + 3 * y * (y - 2))


def test_a_witness_of_unisolvence(records: list) -> None:
    generic.unisolvent.check(
        [CONICS, monomials(4), monomials(0, "x"), monomials(2, "x y z")], over="monomials"
    )
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("witness", True)
    assert len(set(generic.unisolvent_points(monomials(4)))) == 15


def test_controls_of_unisolvence(records: list) -> None:
    generic.unisolvent.control((*CONICS, polynomial("(x + y)**2")), without=INDEPENDENT)
    generic.unisolvent.control((polynomial("0"),), without=INDEPENDENT)
    ellipse = (*FIVE, (-1, 1))
    generic.unisolvent.rejects(CONICS, wrong=lambda f: generic.unisolvent_at(f, ellipse), says="any six")
    assert records[-1]["reason"] == "at these 6 points the rank is 5"
    with pytest.raises(ControlFails, match="is not refuted"):
        generic.unisolvent.rejects(
            CONICS, wrong=lambda f: generic.unisolvent_at(f, (*FIVE, (1, 1))), says="the truth"
        )


def test_points_on_a_line_lose_rank() -> None:
    """Quartics restricted to a line have five dimensions."""
    on_line = tuple((t, 2 * t + 1) for t in range(15))
    assert rank(generic.table(monomials(4), on_line)) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        lambda f: next(iter(product(range(1), repeat=len(f.letters)))),  # always the origin
        lambda f: (0,) * (len(f.letters) - 1) + (1,),
    ],
)
def test_wrong_points_fail_the_check(wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generic, "nonzero_at", wrong)
    with pytest.raises(ClaimFails):
        generic.unisolvent.check([CONICS], over="mutant")


def test_wrong_cofactors_fail_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    right = generic.last_column
    monkeypatch.setattr(
        generic, "last_column", lambda f, p: right((*f[:-1], f[0]), p) if len(f) > 1 else f[0]
    )
    with pytest.raises(ClaimFails, match="combination"):
        generic.unisolvent.check([CONICS], over="mutant: the last function forgotten")


# madden-witness


@given(st.integers(1, 3), st.lists(own.small, min_size=3, max_size=3), st.sampled_from([2, 3, 5, 101]))
def test_the_rank_mod_p_never_exceeds_the_generic_rank(k: int, at: list, p: int) -> None:
    M = powers(k, (0, 1, 2), "a b c")
    w = Witness(M, tuple(at), p, 0)
    assert w.rank_mod_p <= rank([[f(at) for f in row] for row in M]) <= w.generic_rank == min(3, k + 1)
    generic.witness.check([Witness(M, tuple(at), p, w.rank_mod_p)], over="drawn")


def test_the_generic_rank_by_another_route() -> None:
    a, b, c = letters = sympy.symbols("a b c")
    M = powers(2, (0, 1, 2), "a b c")
    matrix = sympy.Matrix(3, 3, lambda i, j: (1 + i * letters[j]) ** 2)
    assert sympy.factor(matrix.det()) == sympy.factor(4 * (b - a) * (c - a) * (c - b))
    assert Witness(M, (0, 0, 0), 7, 0).generic_rank == 3


def test_controls_of_the_witness(records: list) -> None:
    M = powers(3, (0, 1, 2, -1), "u1 u2 u3 u4")
    twin = Witness(tuple((a, b, b, d) for a, b, _, d in M), (3, 1, 4, -2), 101, 4)
    generic.witness.control(twin, without=RANK)
    assert "the generic rank is 3, below 4" in records[-1]["reason"]
    fifth = powers(5, (0, 1, 2), "u1 u2 u3")
    generic.witness.rejects(
        Witness(fifth, (1, 2, 3), 5, 2), wrong=generic.small_rank_proves_something, says="equality"
    )
    assert "the rank at this point is 2, the generic rank is 3" in records[-1]["reason"]
    generic.witness.check([Witness(fifth, (1, 2, 3), 7, 3)], over="p = 7")
    assert records[-1]["strength"] == "exact"
    with pytest.raises(
        ControlFails, match="the conclusion survives"
    ):  # an unlucky place is no counterexample
        generic.witness.control(Witness(M, (1, 1, 1, 1), 101, 4), without=RANK)
    with pytest.raises(ControlFails, match="is not refuted"):
        generic.witness.rejects(
            Witness(fifth, (1, 2, 3), 7, 3), wrong=generic.small_rank_proves_something, says="lucky"
        )


def test_a_witness_that_lies_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    M = powers(1, (0, 1, 2), "a b c")  # generic rank 2
    honest = Witness(M, (1, 2, 3), 101, 3)
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        generic.witness.check([honest], over="a rank too high")
    monkeypatch.setattr(generic, "rank_mod", lambda rows, p: rank_mod(rows, p) + 1)
    with pytest.raises(ClaimFails, match="the generic rank is 2, below 3"):
        generic.witness.check([honest], over="mutant: rank off by one")
    monkeypatch.undo()
    monkeypatch.setattr(Witness, "generic_rank", property(lambda w: 1))
    with pytest.raises(ClaimFails, match="below 2"):
        generic.witness.check([Witness(M, (1, 2, 3), 101, 2)], over="mutant: generic rank too small")


def test_every_prime_but_finitely_many_has_a_witness() -> None:
    """u^5 - u is 0 at all integers mod 5 (Fermat), not mod 7."""
    M = ((polynomial("u**5 - u", "u"),),)
    assert all(Witness(M, (u,), 5, 1).rank_mod_p == 0 for u in range(-10, 10))
    generic.witness.check([Witness(M, (2,), 7, 1)], over="p = 7")


# Predicates answer in words; the exercises accept their solutions.


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (generic.over_a_field, Grid(polynomial("x"), (0,), 1)),
        (generic.not_the_zero_polynomial, Grid(polynomial("0"), (0,), 0)),
        (generic.different_elements, Grid(polynomial("x"), (0, 7), 7)),
        (generic.few_zeros, Grid(polynomial("0"), (0, 1), 0)),
        (generic.independent, (polynomial("0"), polynomial("0"))),
        (generic.has_unisolvent_points, (polynomial("x"), polynomial("2*x"))),
        (generic.modulus_is_prime, Witness(((polynomial("x"),),), (1, 1), 9, 1)),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason


def test_the_sixth_point_of_the_exercise() -> None:
    known = ((0, 0), (1, 0), (0, 1), (2, 1), (1, 2))
    bad = [z for z in product(range(-9, 10), repeat=2) if not generic.determinant(CONICS, (*known, z))]
    assert set(bad) == {*known, (2, 2)}
    y = Fraction(1) + Fraction(1155, 1000)  # beyond the largest y of the ellipse
    assert (y + 1) ** 2 < 4 * (y * y - y)


def test_smooth_functions_with_many_bad_pairs() -> None:
    """Two ReLUs: a pair is unisolvent iff one point is positive and the other negative."""
    for s, t in product(range(-3, 4), repeat=2):
        det = max(s, 0) * max(-t, 0) - max(t, 0) * max(-s, 0)
        assert (det != 0) == (s * t < 0)
