"""Codes: Hermite polynomials and Gaussian means against other definitions, the claims, their controls and mutants."""

from fractions import Fraction
from math import factorial

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, sqrt

from memlib.bubeck import codes
from memlib.bubeck.codes import Pair, Signal
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample

RHO = Symbol("rho", real=True)
SIGMA = Symbol("sigma", positive=True)
Z = Symbol("z", real=True)
HALF = Rational(1, 2)
UNIT = "x and x' are unit vectors"
# Hermite polynomials and moments


@pytest.mark.parametrize("k", range(10))
def test_hermite_against_rodrigues(k: int) -> None:
    """He_k = (-1)^k e^(z^2/2) (d/dz)^k e^(-z^2/2)."""
    bell = sympy.exp(-(Z**2) / 2)
    rodrigues = sympy.expand(sympy.simplify((-1) ** k * sympy.diff(bell, Z, k) / bell))
    assert sympy.expand(codes.at(codes.hermite(k), Z) - rodrigues) == 0
    assert codes.hermite(k)[-1] == 1 and len(codes.hermite(k)) == k + 1


@pytest.mark.parametrize("e", range(9))
def test_moments_against_integrals(e: int) -> None:
    density = sympy.exp(-(Z**2) / 2) / sqrt(2 * sympy.pi)
    assert codes.normal_moment(e) == sympy.integrate(Z**e * density, (Z, -sympy.oo, sympy.oo))


@given(st.integers(0, 6), st.integers(0, 6))
def test_hermite_polynomials_are_orthogonal(j: int, k: int) -> None:
    product_ = sympy.expand(codes.at(codes.hermite(j), Z) * codes.at(codes.hermite(k), Z))
    assert codes.normal_mean(product_, Z) == (factorial(k) if j == k else 0)


def test_double_factorials() -> None:
    assert [codes.double_factorial(k) for k in (-1, 1, 3, 5, 7)] == [1, 1, 3, 15, 105]


# bubeck-code-orthogonality


@given(st.integers(0, 7), st.fractions(-1, 1, max_denominator=9), st.sampled_from(["real", "complex"]))
def test_every_address_is_overheard_with_one_power(k: int, rho: Fraction, field: str) -> None:
    codes.orthogonality.check([Pair(k, rho, field)], over="drawn correlations")


def test_orthogonality_symbolically(records: list) -> None:
    codes.orthogonality.check([Pair(k, RHO, f) for k in (1, 4) for f in ("real", "complex")], over="letters")
    codes.orthogonality.check([Pair(None, RHO)], over="all degrees")
    codes.orthogonality.check([Pair(3, Fraction(1, 2))], over="a number")
    assert [r["strength"] for r in records] == ["symbolic", "symbolic", "exact"]


def test_controls_of_orthogonality(records: list) -> None:
    codes.orthogonality.control(Pair(2, 1, other_square=4), without=UNIT)
    codes.orthogonality.control(Pair(2, 1, square=4), without=UNIT)
    codes.orthogonality.control(Pair(None, Fraction(1, 2), other_square=4), without=UNIT)
    codes.orthogonality.rejects(Pair(3, RHO), wrong=codes.one_power_of_rho_for_powers, says="z^3")
    assert "by -3*rho**3*z + 3*rho*z" in records[-1]["line"]
    with pytest.raises(ControlFails, match="the conclusion survives"):  # the code z is tuned to no variance
        codes.orthogonality.control(Pair(1, 1, other_square=4), without=UNIT)
    with pytest.raises(ControlFails, match="is not refuted"):
        codes.orthogonality.rejects(Pair(1, RHO), wrong=codes.one_power_of_rho_for_powers, says="z")


def off_by_one(k: int) -> tuple[int, ...]:
    """The recurrence with k + 1 in the place of k."""
    before, now = (0,), (1,)
    for j in range(k):
        lower = (*(-(j + 1) * c for c in before), *(0,) * (len(now) + 1 - len(before)))
        before, now = now, tuple(a + b for a, b in zip((0, *now), lower, strict=True))
    return now


@pytest.mark.parametrize("wrong", [codes.power, off_by_one, lambda k: (1, *codes.hermite(k)[1:])])
def test_wrong_codes_fail(wrong) -> None:
    assert isinstance(codes.one_power_of_rho(Pair(4, RHO), wrong), Counterexample)


def test_a_wrong_power_of_rho_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pair, "slope", property(lambda self: -self.rho))
    for k in (None, 3):
        with pytest.raises(ClaimFails):
            codes.orthogonality.check([Pair(k, RHO)], over="mutant: rho has the wrong sign")


def test_a_wrong_variance_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pair, "rest", property(lambda self: 1 - self.rho))
    for k in (None, 2):
        with pytest.raises(ClaimFails):
            codes.orthogonality.check([Pair(k, RHO)], over="mutant: 1 - rho for 1 - rho^2")


def test_the_solution_of_the_exercise() -> None:
    assert codes.hermite(4) == (3, 0, -6, 0, 1)
    assert codes.one_power_of_rho(Pair(4, RHO), code=lambda k: (3, 0, -6, 0, 1)) is True


# bubeck-kappa


def test_the_signal(records: list) -> None:
    codes.signal.check([Signal(1, SIGMA), Signal(3, SIGMA, "complex")], over="letters")
    codes.signal.check([Signal(None, SIGMA)], over="all degrees")
    codes.signal.check([Signal(3, 2), Signal(1, Fraction(1, 3)), Signal(5, 1, "complex")], over="numbers")
    assert [r["strength"] for r in records] == ["symbolic", "symbolic", "exact"]
    codes.signal.control(Signal(2, 1), without="the degree is odd")
    codes.signal.control(Signal(2, 1, "complex"), without="the degree is odd")
    assert "the mean is 0" in records[-1]["line"]
    codes.signal.control(Signal(1, -1), without="sigma > 0")
    with pytest.raises(ControlFails, match="still holds"):
        codes.signal.control(Signal(3, 1), without="sigma > 0")


@given(st.integers(1, 12).map(lambda j: 2 * j))
def test_two_forms_of_the_complex_signal(m: int) -> None:
    beta = (-1) ** (m // 2 + 1) / (sympy.pi * (m**2 - 1))
    other = (
        2 * beta * sympy.gamma(Rational(m + 3, 2)) / sqrt(factorial(m - 1)) / sqrt(1 + SIGMA**2) ** (m - 1)
    )
    assert sympy.simplify(codes.kappa_complex(m, SIGMA) / other) == 1


@given(st.integers(1, 9), st.fractions(Fraction(1, 4), 3, max_denominator=5))
@settings(max_examples=15)
def test_the_signal_by_derivatives(k: int, sigma: Fraction) -> None:
    """E[F(Z) He_k(Z)] is the k-th derivative at 0 of t -> E F(Z + t) = Phi(t / sqrt(1 + sigma^2))."""
    t, s = Symbol("t", real=True), codes.exact(sigma)
    smooth = (1 + sympy.erf(t / sqrt(2) / sqrt(1 + s**2))) / 2
    derived = sympy.diff(smooth, t, k).subs(t, 0) / sqrt(factorial(k))
    assert sympy.simplify(derived - codes.kappa(k, s)) == 0


def spoiled(k: int, sigma) -> sympy.Expr:
    """k!! in the place of (k - 2)!!."""
    return codes.double_factorial(k) * KAPPA(k, sigma)


KAPPA, KAPPA_COMPLEX = codes.kappa, codes.kappa_complex


@pytest.mark.parametrize(
    "wrong",
    [spoiled, lambda k, s: -KAPPA(k, s), lambda k, s: KAPPA(k, 0), lambda k, s: KAPPA(k, s) * sqrt(2)],
)
def test_a_wrong_kappa_fails(wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "kappa", wrong)
    for k in (None, 3):
        with pytest.raises(ClaimFails):
            codes.signal.check([Signal(k, SIGMA)], over="mutant")


def test_a_wrong_complex_kappa_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "kappa_complex", lambda m, s: KAPPA_COMPLEX(m, s) * HALF)
    with pytest.raises(ClaimFails, match="the mean is"):
        codes.signal.check([Signal(3, SIGMA, "complex")], over="mutant: one factor 2 lost")
    monkeypatch.setattr(codes, "kappa_complex", KAPPA_COMPLEX)
    monkeypatch.setattr(codes, "harmonic", lambda m: tuple((1, a) for _, a in HARMONIC(m)))
    with pytest.raises(ClaimFails, match="the mean is 0"):
        codes.signal.check([Signal(3, 1, "complex")], over="mutant: no signs")


HARMONIC = codes.harmonic
