"""Moments of polynomials of normals: random polynomials, an oracle by sympy, every control, mutants."""

from dataclasses import replace
from fractions import Fraction
from math import factorial

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib.background import hypercontractivity as hyper
from memlib.background.hypercontractivity import gaussian_moment, hermite, in_normals
from memlib.background.hypercontractivity_floats import tail
from memlib.claim import ClaimFails

coefficients = st.fractions(-3, 3, max_denominator=3)
polynomials = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 2)), coefficients, min_size=1, max_size=4
)


@given(polynomials, st.sampled_from([2, 4, 6]))
def test_the_norms_compare(terms: dict, q: int) -> None:
    degree = max(sum(e) for e in terms)
    hyper.hypercontractivity.check([in_normals(terms, degree, q)], over="a drawn polynomial")


@given(polynomials)
def test_moments_agree_with_sympy(terms: dict) -> None:
    g, h = sympy.symbols("g h")
    f = sum(sympy.Rational(c.numerator, c.denominator) * g**i * h**j for (i, j), c in terms.items())
    fourth = sympy.Poly(f**4, g, h).terms()
    expected = sum(c * gaussian_moment(i) * gaussian_moment(j) for (i, j), c in fourth)
    assert in_normals(terms, 4, 4).power_mean(4) == Fraction(int(expected.p), int(expected.q))


def test_gaussian_moments_by_integration() -> None:
    x = sympy.Symbol("x", real=True)
    for j in range(7):
        integral = sympy.integrate(x**j * sympy.exp(-(x**2) / 2), (x, -sympy.oo, sympy.oo))
        assert sympy.simplify(integral / sympy.sqrt(2 * sympy.pi)) == gaussian_moment(j)


@pytest.mark.parametrize("k", range(7))
def test_hermite_polynomials(k: int) -> None:
    x = sympy.Symbol("x")
    wanted = sympy.Poly(sympy.hermite_prob(k, x), x).all_coeffs()[::-1]
    assert [hermite(k).get((j,), 0) for j in range(k + 1)] == wanted
    assert in_normals(hermite(k), k, 2).power_mean(2) == factorial(k)


def test_controls(records: list) -> None:
    cubic = in_normals(hermite(3), 3, 4)
    hyper.hypercontractivity.control(replace(cubic, k=1), without="f has degree at most k")
    p = Fraction(1, 20)
    rare = replace(in_normals({(1,): 1}, 1, 4), moments=(1, p, p))
    hyper.hypercontractivity.control(rare, without="the variables are normal")
    hyper.hypercontractivity.rejects(cubic, says="q - 2", wrong=lambda f: hyper.norms_with(f, f.q - 2))
    assert [r["strength"] if r["what"] == "check" else r["what"] for r in records] == ["control"] * 3
    assert repr(hyper.q_is_even(replace(cubic, q=3))) == "q is 3"


@pytest.mark.parametrize("lower", [1, 2])
def test_a_smaller_base_fails_the_check(lower: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = lambda f: hyper.norms_with(f, f.q - 1 - lower)  # noqa: E731
    monkeypatch.setattr(hyper.hypercontractivity, "conclusion", wrong)
    with pytest.raises(ClaimFails, match="the bound is"):
        hyper.hypercontractivity.check([in_normals(hermite(3), 3, 4)], over="mutant")


def test_wrong_moments_are_noticed() -> None:
    f = in_normals(hermite(2), 2, 4)
    with pytest.raises(ClaimFails, match=r"E x\^4 is 4"):
        hyper.hypercontractivity.check([replace(f, moments=(1, 1, 4, 15, 105))], over="mutant")


def test_degenerate_polynomials() -> None:
    hyper.hypercontractivity.check(
        [in_normals({(0,): 0}, 0, 4), in_normals({(0, 0): 7}, 0, 6), in_normals({(1,): 1}, 5, 4)],
        over="degenerate",
    )


def test_tails_of_degree_one_are_normal() -> None:
    from scipy.stats import norm

    t = np.array([0.5, 1.0, 3.0])
    assert tail(1, t) == pytest.approx(2 * norm.sf(t), rel=1e-3)


@pytest.mark.parametrize(("alpha", "reached"), [(Fraction(-3, 4), True), (Fraction(-1), False)])
def test_the_exercise_on_quadratics(alpha: Fraction, reached: bool) -> None:
    f = in_normals({(2,): 1, (0,): alpha}, 2, 4)
    assert (f.power_mean(4) / f.power_mean(2) ** 2 >= 16) is reached
