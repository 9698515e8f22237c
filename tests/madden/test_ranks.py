"""Ranks of Hadamard powers: laws, sympy and numpy-free oracles, every control of the page, mutants."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import comb, factorial, prod

import pytest
import sympy
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exact import rank
from memlib.madden import monomials, ranks
from memlib.madden.ranks import Analytic, Count, Entrywise, Plane, Product, Scaled, letters, power
from tests import strategies as own

X4 = ((1, 0), (0, 1), (1, 1), (1, -1))
LINES = "the x_i lie on at least k + 1 lines"
POWER = "f is a power of t"
RAYS = tuple((1, t) for t in range(6))
SOME = ((1, 0), (3, 0), (0, 0), (0, 2), (1, 1), (-2, -2), (5, 1))


def draw(n: int, d: int, seed: int) -> tuple:
    return monomials.draw(n, d, seed, most=99)


def instance(r: int, k: int, m: int, n: int) -> Entrywise:
    return power(k, draw(m, r, 1), draw(n, r, 2))


def vectors(r: int, most: int = 5) -> st.SearchStrategy:
    return st.lists(st.tuples(*[own.small] * r), min_size=1, max_size=most).map(tuple)


# determinants in letters


@given(st.integers(1, 4).flatmap(lambda n: own.matrices(st.just(n), st.just(n))))
def test_determinants_against_sympy(rows: list) -> None:
    t = sympy.Symbol("t")
    assert ranks.determinant(rows) == sympy.Matrix(rows).det()
    moved = [[v + (t * (i + 1) if i == j else 0) for j, v in enumerate(row)] for i, row in enumerate(rows)]
    assert sympy.expand(ranks.determinant(moved) - sympy.Matrix(moved).det()) == 0


# madden-degree-count


@given(st.integers(1, 5), st.integers(0, 6))
def test_exponents_are_the_monomials(r: int, k: int) -> None:
    found = monomials.exponents(r, [k])
    by_hand = {
        tuple(chosen.count(c) for c in range(r)) for chosen in combinations_with_replacement(range(r), k)
    }
    assert set(found) == by_hand and len(found) == len(by_hand) == comb(k + r - 1, r - 1)
    assert sum(map(monomials.multinomial, found)) == r**k  # put all variables equal to 1
    ranks.degree_count.check([Count(k, r)], over="drawn")


@given(st.integers(1, 2000), st.integers(2, 9))
def test_the_least_degree_is_within_its_bounds(n: int, d: int) -> None:
    k = ranks.least_degree(n, d)
    assert comb(k + d - 1, d - 1) >= n and (k == 0 or comb(k + d - 2, d - 1) < n)
    scaled = factorial(d - 1) * n
    assert k ** (d - 1) < scaled <= (k + d - 1) ** (d - 1)
    assert k <= 2 or n > d * (d + 1) // 2


def test_one_variable_has_no_least_degree() -> None:
    assert (ranks.least_degree(1, 1), ranks.least_degree(100, 2), ranks.least_degree(1797, 64)) == (0, 99, 2)
    with pytest.raises(ValueError, match="one monomial of each degree"):
        ranks.least_degree(2, 1)


def wrong_count(k, d):
    return sympy.binomial(k + d, d)


def test_the_count_in_symbols(records: list) -> None:
    k, d = sympy.symbols("k d", integer=True, positive=True)
    ranks.degree_count.check([Count(k, d)], over="letters", case="formula")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("symbolic", False)
    for formula, reason in (
        (wrong_count, "not 1"),
        (lambda k, d: sympy.binomial(k + d - 1, d - 1) ** 2, "recursion"),
        (lambda k, d: sympy.Integer(1), "recursion"),
        (lambda k, d: sympy.binomial(k + d - 1, k - 1) + 1, "recursion|not 1"),
    ):
        answer = ranks.counted_by(formula, Count(k, d))
        assert isinstance(answer, Counterexample) and (
            "not 1" in answer.reason or "recursion" in answer.reason
        ), reason
    ranks.degree_count.rejects(
        Count(3, 2), wrong=lambda c: ranks.counted_by(wrong_count, c), says="C(k + d, d)"
    )
    assert records[-1]["reason"] == "sympy lists 4 monomials of degree 3 in 2 variables, not 10"


def test_a_lost_monomial_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = ranks.itermonomials
    monkeypatch.setattr(ranks, "itermonomials", lambda *args: list(listing(*args))[1:])
    with pytest.raises(ClaimFails, match="sympy lists 9"):
        ranks.degree_count.check([Count(3, 3)], over="mutant")


def test_the_bounds_are_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "factorial", lambda v: factorial(v + 1))
    with pytest.raises(ClaimFails, match="outside the bounds"):
        ranks.degree_count.check([Count(5, 3)], over="mutant")


# madden-hadamard-factor


@given(vectors(3), vectors(3), st.lists(own.small, min_size=1, max_size=4))
def test_the_factorization_of_numbers(W: tuple, X: tuple, c: list) -> None:
    e = Entrywise(tuple(c), W, X)
    f = [[sum(v * sum(a * b for a, b in zip(w, x, strict=True)) ** k for k, v in enumerate(c)) for x in X]
         for w in W]  # fmt: skip
    assert e.rows == f
    ranks.factor.check([e], over="drawn")
    assert rank(e.rows) <= min(e.D, len(W), len(X)) == e.generic_rank


def test_the_factorization_in_letters(records: list) -> None:
    cases = [power(k, letters("w", 2, r), letters("x", 2, r)) for r in (2, 3) for k in (2, 3)]
    ranks.factor.check(cases, over="letters", case="small")
    assert records[-1]["strength"] == "symbolic"
    c = sympy.symbols("c0:4")
    ranks.factor.check([Entrywise(c, letters("w", 1, 2), letters("x", 1, 2))], over="cubics", case="r = 2")
    assert records[-1]["strength"] == "symbolic"
    ranks.factor.rejects(
        cases[0],
        wrong=lambda e: ranks.is_product_of(lambda e: (monomials.V(e.W, e.S), monomials.V(e.X, e.S)), e),
        says="D is the identity",
    )


@pytest.mark.parametrize("symbolic", [True, False])
def test_mutants_of_the_factorization(symbolic: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    W, X = (letters("w", 2, 2), letters("x", 2, 2)) if symbolic else (X4, X4)
    monkeypatch.setattr(ranks, "multinomial", lambda alpha: comb(sum(alpha), alpha[0]) + (alpha[0] == 1))
    with pytest.raises(ClaimFails):
        ranks.factor.check([power(3, W, X)], over="mutant: one multinomial")
    monkeypatch.undo()
    found = monomials.exponents(2, [3])
    monkeypatch.setattr(ranks, "exponents", lambda d, S: found[:-1])
    with pytest.raises(ClaimFails, match="the factors meet in 3 rows, not 4"):
        ranks.factor.check([power(3, W, X)], over="mutant: a monomial forgotten")
    monkeypatch.undo()
    monkeypatch.setattr(Entrywise, "D", property(lambda e: 3))
    with pytest.raises(ClaimFails, match="not 3"):
        ranks.factor.check([power(3, W, X)], over="mutant: a count too small")


def test_the_parallelogram_law() -> None:
    assert power(2, letters("w", 1, 2), X4).kernel_vector() in ((2, 2, -1, -1), (-2, -2, 1, 1))
    five = power(3, letters("w", 1, 2), (*X4, (2, 1)))
    law = (-6, 3, -3, 1, 1)  # the exercise
    assert sympy.expand(sum(c * v for c, v in zip(law, five.rows[0], strict=True))) == 0
    assert five.kernel_vector() in (law, tuple(-c for c in law))
    assert rank(power(3, X4, X4).rows) == 4  # cubes tell the four points apart


# madden-hadamard-plane


@given(st.integers(1, 4), vectors(2, 7))
def test_the_rank_in_the_plane(k: int, W: tuple) -> None:
    slopes = {(0, 1) if a == 0 else (1, Fraction(b, a)) for a, b in W if (a, b) != (0, 0)}
    assert len(ranks.lines(W)) == len(slopes)
    ranks.plane.check([Plane(k, W, RAYS)], over="drawn")
    assert rank(power(k, W, RAYS).rows) == min(len(slopes), k + 1)


@given(st.integers(1, 4), st.integers(0, 10**6))
def test_the_minor_formula_in_numbers(k: int, seed: int) -> None:
    W, X = draw(k + 1, 2, seed), draw(k + 1, 2, seed + 1)
    e = Plane(k, W, X)
    assert sympy.Matrix(power(k, W, X).rows).det() == ranks.explicit_minor(e)


def test_the_plane_in_letters(records: list) -> None:
    for k in (1, 2, 3):
        sizes = [Plane(k, letters("w", n, 2), letters("x", n, 2)) for n in (k + 1, k + 2)]
        ranks.plane.check(sizes, over="letters", case=f"k = {k}")
        assert records[-1]["strength"] == "symbolic"
    w, x = letters("w", 3, 2), letters("x", 3, 2)
    minor = sympy.Matrix(power(2, w, x).rows).det()
    assert sympy.expand(minor - 2 * ranks.brackets(w) * ranks.brackets(x)) == 0


def test_controls_of_the_plane(records: list) -> None:
    ranks.plane.control(Plane(2, ((1, 0), (0, 1)), ((1, 1), (1, -1))), without=LINES)
    assert records[-1]["reason"].endswith("the rank is 1, not 2")
    ranks.plane.control(Plane(2, RAYS, ((1, 0), (0, 1), (1, 0))), without=LINES)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        ranks.plane.control(Plane(2, ((1, 0),), ((1, 1), (1, -1))), without=LINES)
    numbers = Plane(2, RAYS[:3], RAYS[:3])
    for says, wrong in (
        ("no binomials", lambda e: ranks.brackets(e.W) * ranks.brackets(e.X)),
        ("another sign", lambda e: -ranks.explicit_minor(e)),
        ("Vandermonde of W alone", lambda e: 2 * ranks.brackets(e.W) ** 2 * 3),
    ):
        ranks.plane.rejects(numbers, wrong=lambda e, wrong=wrong: ranks.plane_minors(wrong, e), says=says)
        in_letters = Plane(2, letters("w", 3, 2), letters("x", 3, 2))
        ranks.plane.rejects(in_letters, wrong=lambda e, wrong=wrong: ranks.plane_minors(wrong, e), says=says)


def test_mutants_of_the_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    in_letters = Plane(2, letters("w", 4, 2), letters("x", 4, 2))
    numbers = Plane(2, SOME, ((1, 0), (2, 2), (1, 2), (3, 1), (0, 1)))
    monkeypatch.setattr(ranks, "power", lambda k, W, X: Entrywise((1,) + (0,) * (k - 1) + (1,), W, X))
    with pytest.raises(ClaimFails):  # 1 + t^2 in place of t^2
        ranks.plane.check([in_letters], over="mutant", case="k = 2")
    with pytest.raises(ClaimFails):
        ranks.plane.check([numbers], over="mutant")
    monkeypatch.setattr(ranks, "power", lambda k, W, X: power(k + 1, W, X))
    with pytest.raises(ClaimFails):
        ranks.plane.check([in_letters], over="mutant: a power too high", case="k = 2")
    monkeypatch.undo()
    monkeypatch.setattr(ranks, "lines", lambda vectors: [v for v in vectors if any(v)])
    with pytest.raises(ClaimFails, match="the rank is 4, not 6"):
        ranks.plane.check([Plane(5, SOME, RAYS)], over="mutant: vectors for lines")


def test_other_sizes_in_letters_are_refused_in_words() -> None:
    answer = plane_answer = ranks.plane.conclusion(Plane(1, letters("w", 4, 2), letters("x", 4, 2)))
    assert isinstance(plane_answer, Counterexample) and "k + 1 or k + 2" in answer.reason


# madden-cauchy-binet


@given(st.integers(1, 3), st.integers(1, 5), st.integers(0, 10**6))
def test_cauchy_binet_in_numbers(s: int, N: int, seed: int) -> None:
    A, B = draw(s, N, seed), draw(N, s, seed + 1)
    ranks.cauchy_binet.check([Product(A, B)], over="drawn")
    assert (sympy.Matrix(A) * sympy.Matrix(B)).det() == ranks.sum_over(ranks.all_subsets, Product(A, B))


def test_cauchy_binet_in_letters(records: list) -> None:
    sizes = [(1, 3), (2, 3), (2, 4), (3, 4)]
    ranks.cauchy_binet.check(
        [Product(letters("a", *q), letters("b", *q[::-1])) for q in sizes], over="letters"
    )
    assert records[-1]["strength"] == "symbolic"
    e = Product(letters("a", 2, 3), letters("b", 3, 2))

    def consecutive(N: int, s: int) -> list:
        return [range(t, t + s) for t in range(N - s + 1)]

    ranks.cauchy_binet.rejects(e, wrong=lambda e: ranks.determinant_is(consecutive, e), says="consecutive")
    with pytest.raises(ControlFails, match="is not refuted"):
        ranks.cauchy_binet.rejects(
            e,
            wrong=lambda e: ranks.determinant_is(lambda N, s: combinations(range(N), s), e),
            says="the truth",
        )


def test_a_mutant_of_cauchy_binet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "dot", lambda u, v: sum(a + b for a, b in zip(u, v, strict=True)))
    with pytest.raises(ClaimFails, match="another polynomial"):
        ranks.cauchy_binet.check([Product(((1, 2),), ((3,), (5,)))], over="mutant")


# madden-hadamard-power, madden-hadamard-poly


def test_the_generic_rank_of_powers(records: list) -> None:
    sizes = [instance(r, k, m, n) for r in range(1, 5) for k in range(5)
             for m, n in ((1, 1), (3, 5), (12, 10), (16, 17))]  # fmt: skip
    ranks.hadamard_power.check(sizes, over="sizes", case="these sizes")
    assert records[-1]["strength"] == "witness"
    for e in sizes:
        assert rank(e.rows) == ranks.top_degree(e) == e.generic_rank


def test_flint_against_sympy() -> None:
    for r, k, n in ((2, 5, 8), (3, 2, 8), (3, 3, 11)):
        e = instance(r, k, n, n)
        assert sympy.Matrix(e.rows).to_DM().to_field().rank() == e.rank_mod(ranks.P) == e.generic_rank


def test_an_800_by_800_witness() -> None:
    ranks.hadamard_power.check([instance(4, 8, 800, 800)], over="165 monomials", case="this size")


def test_the_gram_witness() -> None:
    """(X^T X)^k has the rank of V_k(X), for every X."""
    for X in (draw(6, 2, 0), X4, ((1, 1, 0), (2, 2, 0), (0, 1, 1), (1, 0, 3))):
        for k in (1, 2, 3):
            assert rank(power(k, X, X).rows) == rank(monomials.V(X, [k]))


def test_controls_of_the_power(records: list) -> None:
    cubic = instance(3, 3, 10, 10)
    twin = replace(cubic, W=(cubic.W[1], *cubic.W[1:]))
    flat = replace(cubic, W=tuple((a, b, a + b) for a, b, _ in cubic.W))
    for mutant, found in ((twin, 9), (flat, 4)):
        ranks.hadamard_power.rejects(cubic, wrong=lambda e, v=mutant: ranks.has_rank(v, 10), says="for all W")
        assert records[-1]["reason"] == f"the rank is {found}, not 10"
        with pytest.raises(ClaimFails, match=f"at this point the rank mod 2\\^61 - 1 is {found}, not 10"):
            ranks.hadamard_power.check([mutant], over="a special W")
    low = instance(3, 2, 10, 10)
    ranks.hadamard_power.rejects(low, wrong=lambda e: ranks.has_rank(e, 10), says="min(m, n)")
    fifth = instance(2, 5, 6, 6)
    assert (fifth.rank_mod(5), fifth.rank_mod(1009), rank(fifth.rows)) == (2, 6, 6)
    ranks.hadamard_power.control(replace(instance(2, 2, 6, 6), c=(1, 0, 1)), without=POWER)
    assert "the rank is at least 4, more than 3" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="the conclusion survives"):
        ranks.hadamard_power.control(replace(instance(2, 2, 3, 3), c=(1, 0, 1)), without=POWER)
    with pytest.raises(ControlFails, match="is not refuted"):
        ranks.hadamard_power.rejects(cubic, wrong=lambda e: ranks.has_rank(e, 10), says="the truth")


def test_a_bad_prime_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "P", 5)
    with pytest.raises(ClaimFails, match="is 2, not 6"):
        ranks.hadamard_power.check([instance(2, 5, 6, 6)], over="mutant: p = 5")


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_wrong_formula_fails_the_check(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ranks.top_degree
    monkeypatch.setattr(ranks, "top_degree", lambda e: right(e) + shift)
    with pytest.raises(ClaimFails, match="at this point the rank"):
        ranks.hadamard_power.check([instance(3, 2, 9, 9)], over="mutant")


def test_the_upper_bound_needs_the_factorization(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "factorizes", lambda e: Counterexample("no"))
    with pytest.raises(ClaimFails, match="nothing shows"):
        ranks.hadamard_power.check([instance(3, 2, 9, 9)], over="mutant")
    ranks.hadamard_power.check([instance(3, 2, 5, 9)], over="the size bounds the rank")


def test_polynomials_of_all_small_supports(records: list) -> None:
    g, cases = random.Random(3), []
    for r in (1, 2, 3):
        for S in (S for size in (1, 2, 4) for S in combinations(range(6), size)):
            c = tuple(g.choice((-3, -1, 2, 5)) * (k in S) for k in range(6))
            N = sum(comb(k + r - 1, r - 1) for k in S)
            cases += [Entrywise(c, draw(m, r, 4), draw(n, r, 5)) for m, n in ((N + 1, N + 2), (N, 3), (2, 4))]
    ranks.hadamard_poly.check(cases, over="supports", case="these sizes")
    assert records[-1]["strength"] == "witness"


def test_controls_of_the_polynomial(records: list) -> None:
    gapped = Entrywise((0, 1, 0, 0, 1), draw(20, 2, 1), draw(20, 2, 2))
    ranks.hadamard_poly.rejects(gapped, wrong=lambda e: ranks.has_rank(e, 15), says="no gaps")
    assert records[-1]["reason"] == "the rank is 7, not 15"
    with pytest.raises(ClaimFails, match="not 7"):
        ranks.hadamard_poly.check([replace(gapped, X=((0, 0),) * 20)], over="all points 0")


def test_a_lost_term_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Entrywise, "f", lambda e, t: t ** max(e.S))
    with pytest.raises(ClaimFails, match="is 5, not 7"):
        gapped = Entrywise((0, 1, 0, 0, 1), draw(20, 2, 1), draw(20, 2, 2))
        ranks.hadamard_poly.check([gapped], over="mutant: the top term alone")


def test_the_zero_polynomial_and_constants() -> None:
    ranks.factor.check([Entrywise((0, 0), X4, X4), Entrywise((7,), X4, X4)], over="constants")
    ranks.hadamard_poly.check([Entrywise((7,), X4, X4)], over="a constant", case="f = 7")
    assert Entrywise((0,), X4, X4).generic_rank == 0


# madden-gen-vandermonde

positive = st.fractions(Fraction(1, 5), 9, max_denominator=5)


@given(st.integers(1, 3), st.data())
def test_the_lowest_term_in_numbers(q: int, data: st.DataObject) -> None:
    def nodes() -> tuple:
        return tuple(data.draw(st.lists(positive, min_size=q, max_size=q, unique=True)))

    support = sorted(data.draw(st.sets(st.integers(0, 5), min_size=q, max_size=5)))
    c = tuple(data.draw(st.sampled_from([-2, -1, 1, 3])) if k in support else 0 for k in range(6))
    e = Scaled(c, nodes(), nodes())
    ranks.gen_vandermonde.check([e], over="drawn")
    K = support[:q]
    dets = [sympy.Matrix([[sympy.Rational(v.numerator, v.denominator) ** k for k in K] for v in nodes]).det()
            for nodes in (e.a, e.t)]  # fmt: skip
    order, value = ranks.lowest_term(e)
    assert order == sum(K) and value == prod(c[k] for k in K) * dets[0] * dets[1]


def test_the_lowest_term_in_letters(records: list) -> None:
    a, t = sympy.symbols("a1:4", positive=True), sympy.symbols("t1:4", positive=True)
    c = sympy.symbols("c0:3", positive=True)
    cases = [Scaled(c[:2], a[:2], t[:2]), Scaled(c, a, t), Scaled((0, c[0], 0, c[1]), a[:2], t[:2])]
    ranks.gen_vandermonde.check(cases, over="letters", case="q = 2, 3")
    assert records[-1]["strength"] == "symbolic"
    order, value = ranks.lowest_term(cases[0])
    assert order == 1
    assert sympy.expand(value - c[0] * c[1] * (a[1] - a[0]) * (t[1] - t[0])) == 0


def test_controls_of_the_vandermonde(records: list) -> None:
    v = ranks.gen_vandermonde
    v.control(Scaled((1, 1), (1, 2, 3), (1, 2, 3)), without="f has at least q terms")
    v.control(Scaled((1, 0, 1), (1, -1), (1, 2)), without="a_1, ..., a_q are positive and distinct")
    v.control(Scaled((1, 0, 1), (1, 2), (3, 3)), without="t_1, ..., t_q are positive and distinct")
    v.control(Scaled((1, 0, 1), (1, 2), (2, -2)), without="t_1, ..., t_q are positive and distinct")
    assert "the determinant is 0 for every s" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="the conclusion survives"):  # an odd function sees signs
        v.control(Scaled((1, 1), (1, -1), (1, 2)), without="a_1, ..., a_q are positive and distinct")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda right, e: (right(e)[0] + 1, right(e)[1]),
        lambda right, e: (right(e)[0], -right(e)[1]),
        lambda right, e: right(replace(e, c=e.c[::-1])),
    ],
)
def test_a_wrong_lowest_term_is_noticed(wrong) -> None:
    e = Scaled((1, 0, -2, 3, 4), (1, 2, 3), (1, 3, 4))
    assert ranks.starts_with(ranks.lowest_term, e) is True
    assert isinstance(ranks.starts_with(lambda e: wrong(ranks.lowest_term, e), e), Counterexample)


def test_a_mutant_of_the_vandermonde(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ranks.determinant
    monkeypatch.setattr(ranks, "determinant", lambda rows: right([rows[-1], *rows[1:-1], rows[0]]) ** 2)
    with pytest.raises(ClaimFails, match="the determinant starts with"):
        ranks.gen_vandermonde.check([Scaled((1, 1), (1, 2), (1, 2))], over="mutant: squared")


# madden-hadamard-analytic


def fiftieths(n: int, r: int, seed: int) -> tuple:
    return tuple(tuple(Fraction(v, 50) for v in u) for u in draw(n, r, seed))


def test_analytic_functions(records: list) -> None:
    sizes = ((1, 5, 5), (2, 9, 7), (3, 12, 14))
    balls = [ranks.analytic(f, fiftieths(m, r, 6), fiftieths(n, r, 7))
             for f in ranks.SERIES for r, m, n in sizes]  # fmt: skip
    before = ctx.prec
    ranks.hadamard_analytic.check(balls, over="balls", case="these sizes")
    assert (records[-1]["strength"], ctx.prec) == ("enclosure", before)


def test_balls_against_sympy() -> None:
    t = Fraction(7, 5)
    exact = {
        "exp": sympy.exp(sympy.Rational(7, 5)),
        "tanh": sympy.tanh(sympy.Rational(7, 5)),
        "sin": sympy.sin(sympy.Rational(7, 5)),
        "gelu": sympy.Rational(7, 10) * (1 + sympy.erf(sympy.Rational(7, 5) / sympy.sqrt(2))),
    }
    for f, value in exact.items():
        ball = ranks.analytic(f, ((t,),), ((1,),)).table[0, 0]
        assert abs(sympy.Float(str(ball.mid().str(40, radius=False)), 40) - value.evalf(40)) < sympy.Float(
            "1e-35"
        )


def test_controls_of_the_analytic_theorem(records: list) -> None:
    line = tuple((t,) for t in (1, 2, 3, 4))
    ranks.hadamard_analytic.control(ranks.analytic((1, 1, 1), line, line), without="f is no polynomial")
    assert records[-1]["reason"].endswith("the rank is 3, not 4")
    with pytest.raises(ControlFails, match="the conclusion survives"):
        ranks.hadamard_analytic.control(
            ranks.analytic((1, 1, 1, 1), line, line), without="f is no polynomial"
        )


@pytest.mark.parametrize("f", sorted(ranks.SERIES))
def test_twins_are_no_witness(f: str) -> None:
    W, X = fiftieths(5, 2, 6), fiftieths(5, 2, 7)
    with pytest.raises(ClaimFails, match="contains 0, which decides nothing"):
        ranks.hadamard_analytic.check([ranks.analytic(f, (W[1], *W[1:]), X)], over="twins")


def test_a_constant_table_is_noticed() -> None:
    e = ranks.analytic("exp", fiftieths(4, 2, 6), fiftieths(4, 2, 7))
    flat = type(e.table)(4, 4, [arb(1)] * 16)
    assert not ranks.full_rank(Analytic(e.f, e.W, e.X, flat))


# Predicates answer in words; the exercises accept their solutions.


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (ranks.enough_lines, Plane(1, X4, ((1, 0), (2, 0), (0, 0)))),
        (ranks.one_power, Entrywise((0,), X4, X4)),
        (ranks.enough_coefficients, Scaled((0, 0), (1,), (1,))),
        (ranks.positive_and_distinct, (1, 0)),
        (ranks.positive_and_distinct, (Fraction(1, 2), Fraction(1, 2))),
        (ranks.positive_and_distinct, (sympy.Symbol("a"), 1)),
        (lambda e: ranks.rank_is(lambda e: 99, e), Entrywise((1,), X4, X4)),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason


def test_solutions_of_the_exercises() -> None:
    assert (ranks.least_degree(1000, 5), ranks.least_degree(1000, 6)) == (10, 8)
    a, b, c, d = sympy.symbols("a b c d")
    assert sympy.expand(a**2 * d**2 - b**2 * c**2 - (a * d - b * c) * (a * d + b * c)) == 0
    cone = [(1 - t * t, 2 * t, 1 + t * t) for t in range(1, 30)]  # x1^2 + x2^2 = x3^2
    for k in (1, 2, 3, 4):
        assert rank(monomials.V(tuple(cone), [k])) == 2 * k + 1
        assert rank(power(k, draw(12, 3, 0), tuple(cone)).rows) == 2 * k + 1
