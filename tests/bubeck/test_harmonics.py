"""Harmonic neurons: arcs, spectrum, kernel and phases against other routes; controls and mutants."""

from fractions import Fraction
from math import comb, pi

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from sympy import Rational, Symbol

from memlib.bubeck import harmonics
from memlib.bubeck.codes import harmonic
from memlib.bubeck.harmonics import Flower, Kernel, Tuned, Turn
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample

THETA, RHO = sympy.symbols("theta rho", real=True)
J = Symbol("j", integer=True, nonnegative=True)
EVEN, TURNS, DEGREE = "m is even", "h changes its sign under the turn", "the code has degree m - 1"
POINTS, C = ((1, 0), (1, 2), (-2, 1)), (1, -2, 3)
LETTERS = (*sympy.symbols("delta alpha", real=True), Symbol("m", integer=True, positive=True))
evens = st.sampled_from([2, 4, 6, 8])

# bubeck-harmonic-neuron


@given(evens)
@settings(max_examples=4)
def test_flowers(m: int) -> None:
    harmonics.neuron.check([Flower(m, THETA, J)], over="every angle")


def test_strengths_and_control_of_the_neuron(records: list) -> None:
    harmonics.neuron.check([Flower(2, THETA, J)], over="letters")
    harmonics.neuron.check([Flower(4, sympy.pi / 7, 1)], over="a number")
    assert [r["strength"] for r in records] == ["symbolic", "exact"]
    harmonics.neuron.control(Flower(5, sympy.pi / 7, 0), without=EVEN)
    with pytest.raises(ControlFails, match="still holds"):
        harmonics.neuron.control(Flower(4, sympy.pi / 7, 0), without=EVEN)


@pytest.mark.parametrize("l", [0, 1, 2, 3, 4, 8, 11])
def test_beta_against_numerical_integrals(l: int) -> None:
    import numpy as np

    value, _ = integrate.quad(lambda t: np.cos(t) * np.cos(l * t) / (2 * pi), -pi / 2, pi / 2)
    assert float(harmonics.beta(l)) == pytest.approx(value, abs=1e-10)


@given(st.integers(1, 9), st.integers(-30, 30))
def test_selection_of_frequencies(m: int, l: int) -> None:
    assert harmonics.selected(m, l) == int((l - m) % (2 * m) == 0)


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 6])
def test_active_pieces_are_those_that_are_positive(m: int) -> None:
    flower = Flower(m, THETA, J)
    for i in range(2 * m):
        middle = sympy.pi * Rational(2 * i + flower.shift, 2 * m)
        positive = [piece for piece in harmonic(m) if sympy.cos(middle - piece[1]) > 0]
        assert flower.active(i) == positive


def test_mutants_of_the_neuron(monkeypatch: pytest.MonkeyPatch) -> None:
    active, beta, selected = Flower.active, harmonics.beta_by_integral, harmonics.selected
    monkeypatch.setattr(Flower, "active", lambda self, i: active(self, i)[1:])
    with pytest.raises(ClaimFails, match="on sector 0"):
        harmonics.neuron.check([Flower(4, THETA, J)], over="mutant: one ReLU forgotten")
    monkeypatch.setattr(Flower, "active", lambda self, i: active(self, i + 1))
    with pytest.raises(ClaimFails, match="on sector 0"):
        harmonics.neuron.check([Flower(4, THETA, J)], over="mutant: the neighbouring sector")
    monkeypatch.setattr(Flower, "active", active)
    monkeypatch.setattr(harmonics, "beta_by_integral", lambda l: -beta(l))
    with pytest.raises(ClaimFails, match="the coefficient at the frequency"):
        harmonics.neuron.check([Flower(2, THETA, J)], over="mutant: sign of beta")
    monkeypatch.setattr(harmonics, "beta_by_integral", beta)
    monkeypatch.setattr(harmonics, "selected", lambda m, l: selected(m, l + 1))
    with pytest.raises(ClaimFails, match="do not cancel the frequency"):
        harmonics.neuron.check([Flower(2, THETA, J)], over="mutant: another frequency")


# bubeck-harmonic-kernel


def test_kernels(records: list) -> None:
    harmonics.kernel.check([Kernel(2, RHO, 6), Kernel(4, RHO, 6)], over="letters")
    harmonics.kernel.check([Kernel(2, Fraction(-4, 5), 2), Kernel(4, 1, 4)], over="numbers")
    assert [r["strength"] for r in records] == ["symbolic", "exact"]
    harmonics.kernel.control(Kernel(3, Fraction(1, 2), 4), without=EVEN)
    harmonics.kernel.control(Kernel(2, Fraction(1, 2), 2, square=9), without="x and x' are unit vectors")
    harmonics.kernel.rejects(
        Kernel(4, Fraction(1, 2), 4), wrong=harmonics.no_power_below_m_without_signs, says="+"
    )
    assert "1/(4*pi) at rho^0, 1/(16*pi) at rho^2" in records[-1]["line"]


def test_the_kernel_of_order_two_in_closed_form() -> None:
    closed = (sympy.sqrt(1 - RHO**2) + RHO * sympy.asin(RHO) - 1) / (8 * sympy.pi)
    assert sympy.simplify(harmonics.kernel_from_relus(2, RHO) - closed) == 0


@given(evens, st.integers(0, 30))
def test_two_routes_to_the_coefficients(m: int, p: int) -> None:
    c = harmonics.kernel_coefficient(m, p)
    assert sympy.simplify(c - harmonics.chaos_coefficient(m, p)) == 0
    assert (c > 0) == (p >= m and p % 2 == 0)


def test_the_relu_kernel_against_its_series() -> None:
    series = sympy.series(harmonics.relu_kernel(RHO), RHO, 0, 9).removeO()
    assert [series.coeff(RHO, p) for p in range(9)] == [harmonics.relu_coefficient(p) for p in range(9)]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda m, p: 2 * COEFFICIENT(m, p),
        lambda m, p: COEFFICIENT(m, p) if p < 4 else COEFFICIENT(m, p + 2),
        lambda m, p: COEFFICIENT(m, p) + int(p == 5) * harmonics.relu_coefficient(4),
        lambda m, p: COEFFICIENT(m, p) if p < 20 else -COEFFICIENT(m, p),
        lambda m, p: Rational(comb(p, (p + m) // 2), 2 ** (p + 1)) * harmonics.relu_coefficient(p),
    ],
)
def test_wrong_coefficients_fail(wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harmonics, "kernel_coefficient", wrong)
    with pytest.raises(ClaimFails, match="the coefficient of rho"):
        harmonics.kernel.check([Kernel(2, RHO, 6)], over="mutant")


COEFFICIENT = harmonics.kernel_coefficient


def test_a_wrong_lipschitz_constant_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harmonics, "lipschitz", lambda m: Rational(1, 2 * m))
    with pytest.raises(ClaimFails, match=r"K\(1\)"):
        harmonics.kernel.check([Kernel(2, RHO, 2)], over="mutant")


# bubeck-phase-selection


@given(
    st.sampled_from([(2, 2, 0), (2, 1, 3), (2, 3, 1), (4, 4, 0), (4, 0, 4), (3, 3, 0)]),
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=3),
    st.integers(0, 2),
)
@settings(max_examples=25)
def test_even_orders_vanish(powers: tuple, points: list, sigma: int) -> None:
    m, p, q = powers
    tuned = Tuned(((1, 1), *points), (1,) * (len(points) + 1), m, m - 1, p, q, sigma=sigma)
    answer = harmonics.only_odd_powers(tuned)
    assert answer is True or "no signal" in answer.reason  # the messages may cancel


def test_phase_selection(records: list) -> None:
    delta, alpha, m = LETTERS
    harmonics.selection.check([Turn(m, m - 1, delta, alpha)], over="letters")
    harmonics.selection.check([Tuned(POINTS, C, 4, 3, 5, 1)], over="numbers")
    assert [r["strength"] for r in records] == ["symbolic", "exact"]
    harmonics.selection.control(Tuned(POINTS, C, 4, 3, 1, 1), without=TURNS)
    harmonics.selection.control(Tuned(POINTS, C, 4, 3, 8, 0), without=TURNS)
    harmonics.selection.control(Tuned(POINTS, C, 4, 1, 4, 0), without=DEGREE)
    with pytest.raises(ControlFails, match="still holds"):
        harmonics.selection.control(Tuned(POINTS, C, 4, 3, 4, 0), without=DEGREE)
    with pytest.raises(ControlFails, match="another hypothesis is broken"):
        harmonics.selection.control(Tuned(POINTS, C, 4, 1, 8, 0), without=TURNS)


def test_means_by_hand() -> None:
    """One point, z and b = conj(z): E (z + delta conj(z))^2 = 2 delta, E |z + delta conj(z)|^2 = 1 + delta^2."""
    one = Tuned(((1, 0),), (1,), 2, 1, 2, 0)
    assert one.means() == {(0, 0): 0, (1, 0): 1, (2, 0): 0}
    both = Tuned(((1, 0),), (1,), 2, 1, 1, 1)
    assert both.means() == {(0, 0): 1, (0, 1): 0, (1, 0): 0, (1, 1): 1}


@given(st.sampled_from([2, 3, 4]), st.integers(0, 4), st.integers(0, 3))
@settings(max_examples=30)
def test_phases_and_nodes_select_the_same(m: int, p: int, q: int) -> None:
    """Part (c) for monomials: what the signs of h_m remove has no odd part, what they keep has no even part."""
    means = Tuned(POINTS, C, m, m - 1, p, q).means()
    kept = (p - q - m) % (2 * m) == 0
    for (a, c), mean in means.items():
        assert mean == 0 or ((a + c) % 2 == 1) == kept


def test_another_degree_of_the_exercise() -> None:
    assert not any(Tuned(POINTS, C, 2, 5, 2, 0).means().values())
    means = Tuned(POINTS, C, 2, 5, 6, 0).means()
    assert means[1, 0] != 0 and not any(v for (a, c), v in means.items() if (a + c) % 2 == 0)


def test_mutants_of_the_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    delta, alpha, m = LETTERS
    wrong = Turn(m, m + 1, delta, alpha)
    assert isinstance(harmonics.only_odd_powers(wrong), Counterexample)
    turned = Turn.turned
    monkeypatch.setattr(Turn, "turned", lambda self, factor: turned(self, factor) + self.delta)
    with pytest.raises(ClaimFails, match="does not multiply delta"):
        harmonics.selection.check([Turn(m, m - 1, delta, alpha)], over="mutant: a message without phase")
    monkeypatch.setattr(harmonics, "wick", lambda P: P.as_expr().subs(dict.fromkeys(P.gens, 1)))
    with pytest.raises(ClaimFails, match="of order"):
        harmonics.selection.check([Tuned(POINTS, C, 2, 1, 4, 2)], over="mutant: all moments are 1")


@pytest.mark.parametrize("m", [2, 4, 6])
def test_pieces_of_the_harmonic_neuron(m: int) -> None:
    pieces = harmonic(m)
    assert len(pieces) == 2 * m and sum(sign for sign, _ in pieces) == 0
    assert pieces[1] == (-1, sympy.pi / m)
