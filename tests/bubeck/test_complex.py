"""Complex recombination: closed forms against samples, controls, mutants, and the real network it hides for m = 2."""

from dataclasses import replace
from fractions import Fraction
from math import pi, sqrt

import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from memlib.bubeck import codes, codes_floats, complex_floats
from memlib.bubeck import complex as phases
from memlib.bubeck import recombination as rec
from memlib.bubeck import recombination_floats as floats
from memlib.bubeck.recombination import Design, Trials
from memlib.claim import ClaimFails, ControlFails
from tests.bubeck.test_recombination import DOUBLE, FAN, SIGNS, SMALL, SPREAD, Y, drawn, floats_of, settings

F = Fraction


@given(settings())
def test_the_theorem_on_drawn_settings(coded: rec.Coded) -> None:
    phases.theorem.check([Design(coded, 7)], over="drawn")


@pytest.mark.parametrize("p", [1, 3])
def test_closed_forms_against_samples(p: int) -> None:
    coded = rec.coded(FAN, Y, 2, p, F(1, 2), F(1, 2))
    sample = drawn(coded, 200_000, complex_floats.complex_units)
    error = 6 * sample.std(axis=0) / sqrt(len(sample))
    for j in range(3):
        assert abs(sample[:, j].mean() - float(phases.complex_mean(coded, j))) < error[j]
        assert (sample[:, j] ** 2).mean() == pytest.approx(float(phases.complex_square(coded, j)), rel=0.06)


@pytest.mark.parametrize("m", [2, 4])
def test_complex_units_are_harmonic_neurons(m: int) -> None:
    """The real ReLUs add up to sum_j lambda_j h_m(w_j.x) / delta, with h_m from its Fourier series."""
    X, alpha, _ = floats_of(rec.coded(SPREAD, SIGNS, m, 1, F(1, 2)))
    w, out = complex_floats.complex_units(X, alpha, m, 1, 0.5, 1.0, 5, 0)
    turned = w.reshape(5, 2, 2 * m, -1)
    z = turned[:, :, 0] @ X.T + 1j * (turned[:, :, m // 2] @ X.T)  # the angles 0 and pi / 2
    series = sum(
        2 * (-1) ** (l // 2 + 1) / (pi * (l * l - 1)) * np.cos(l * np.angle(z)) for l in range(m, 4001, 2 * m)
    )
    direct = np.einsum("kjn,j->kn", np.abs(z) * series, floats.chebyshev(1)[1] / 0.5)
    assert floats.values(X, w, out) == pytest.approx(direct, abs=1e-2)


@given(st.integers(0, 99), st.sampled_from([1, 3]))
def test_a_unit_is_at_most_the_bound_surely(seed: int, p: int) -> None:
    """Part 2: |F| <= S_p Lip_m |b|, b recomputed from the weights of the neurons."""
    X, alpha, _ = floats_of(SMALL)
    for m in (2, 4):
        w, out = complex_floats.complex_units(X, alpha, m, p, 0.7, 1.0, 50, seed)
        turned = w.reshape(50, p + 1, 2 * m, -1)
        w_j = turned[:, :, 0] + 1j * turned[:, :, m // 2]
        b = (w_j[:, 0] - w_j[:, -1]) @ X.T / (2 * 0.7)
        most = float(rec.difference_constants(p)[0] * phases.lipschitz(m))
        assert np.all(np.abs(floats.values(X, w, out)) <= most * np.abs(b) + 1e-9)


@given(st.integers(0, 99), st.sampled_from([1, 3]))
def test_for_m_2_it_is_the_average_of_four_real_units(seed: int, p: int) -> None:
    """The exercise, with noise: the real units that belong to u, -u, v, -v, where g = (u + iv) / sqrt 2."""
    X, alpha, _ = floats_of(SMALL)
    S = sqrt(2 / 3) * X.T @ np.diag(alpha) @ X
    (u, v), (a, b) = np.random.default_rng(seed).standard_normal((2, 2, 2))
    t, weights = floats.chebyshev(p)
    h, x = 0.6, X[1]

    def real(g: np.ndarray, xi: np.ndarray) -> float:
        return sum(w * max((g + h * s * S @ g + xi) @ x, 0) for w, s in zip(weights, t, strict=True)) / h

    g, xi = (u + 1j * v) / sqrt(2), (a + 1j * b) / sqrt(2)
    unit = sum(
        w * codes_floats.harmonic(2, (g + h * s * S @ g.conj() + xi) @ x)
        for w, s in zip(weights, t, strict=True)
    )
    four = [real(u, a), real(-u, -a), real(v, b), real(-v, -b)]
    assert unit / h == pytest.approx(np.mean(four) / sqrt(2), abs=1e-9)


@pytest.mark.parametrize("m", [2, 4, 6, 8])
def test_the_power_of_two_and_the_constants(m: int) -> None:
    ratio = abs(codes.kappa(m - 1, 1)) / sympy.sqrt(2) / abs(codes.kappa_complex(m, 1))
    assert sympy.simplify(ratio - sympy.Integer(2) ** (m // 2 - 1)) == 0
    assert float(phases.kappa(m, arb(2))) == pytest.approx(float(codes.kappa_complex(m, 2)))
    coded = rec.coded(SPREAD, SIGNS, m, 1, F(1, 2))
    bounds = float(phases.complex_weight_bound(coded)), float(rec.weight_bound(coded))
    assert bounds[0] == pytest.approx(2 ** (m // 2 - 1) * bounds[1])


def test_controls(records: list) -> None:
    phases.theorem.control(Design(rec.coded(FAN, Y, 3, 1, F(1, 10)), 9), without="M is even")
    phases.theorem.control(Design(replace(SMALL, alpha=Y), 9), without="G alpha = y")
    phases.theorem.control(Design(rec.coded(DOUBLE, Y, 2, 1, F(1, 10)), 9), without="unit vectors")
    phases.theorem.control(Design(replace(SMALL, p=2), 9), without="p is odd")
    phases.theorem.control(Design(replace(SMALL, delta=arb(0)), 9), without="delta, sigma > 0")
    assert not any("not decided" in r["line"] for r in records)
    with pytest.raises(ControlFails, match="survives"):  # the signs do not matter
        phases.theorem.control(Design(replace(SMALL, sigma=-SMALL.sigma), 9), without="delta, sigma > 0")


def test_predicates_are_total() -> None:
    with pytest.raises(ClaimFails, match="not decided"):
        phases.theorem.check([Design(rec.coded(FAN, Y, 4, 1, F(1, 2)), 9)], over="m = 4 in closed form")
    for labels in ((1, -1), (0, 0), (0, 1)):
        coded = rec.coded(((1, 0), (0, 1)), labels, 2, 1, F(1, 3))
        phases.theorem.check([Design(coded, 9)], over="equal irrational sides, labels 0")


def test_trials(records: list) -> None:
    quartic = rec.coded(SPREAD, SIGNS, 4, 1, F(1, 4))
    phases.theorem.check([Trials(Design(quartic, 100), "both", 15, 0)], over="m = 4")
    assert records[-1]["strength"] == "statistical"


TINY = replace(SMALL, delta=arb(fmpq(1, 100)))
MUTANTS = {
    "kappa": (lambda m, s: TRUE["kappa"](m, s) * arb(fmpq(21, 20)), TINY, "E F at point 0"),
    "bias_bounds": (lambda c: [e * arb(fmpq(1, 100)) for e in TRUE["bias_bounds"](c)], SMALL, "E F at point"),
    "top": (lambda c: TRUE["top"](c) * arb(fmpq(1, 5)), SMALL, r"E F\^2 at point"),
    "one_node_mean": (lambda c, j: TRUE["one_node_mean"](c, j) * 2, SMALL, "one node gives"),
    "error_bound": (lambda it: TRUE["error_bound"](it) * arb(fmpq(1, 10)), TINY, "expected squared error"),
    "complex_weight_bound": (lambda c: TRUE["complex_weight_bound"](c) * arb(fmpq(99, 100)), SMALL, "weight"),
}
TRUE = {name: getattr(phases, name) for name in MUTANTS}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_part_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant, coded, words = MUTANTS[name]
    monkeypatch.setattr(phases, name, mutant)
    with pytest.raises(ClaimFails, match=words):
        phases.theorem.check([Design(coded, 1)], over=name)


def test_units_without_signs_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """All 2m ReLUs with the sign +: no signal of order m."""

    def unsigned(*arguments):
        w, out = complex_floats.complex_units(*arguments)
        return w, np.abs(out)

    monkeypatch.setattr(phases, "complex_units", unsigned)
    quartic = rec.coded(SPREAD, SIGNS, 4, 1, F(1, 4))
    with pytest.raises(ClaimFails, match="does not confirm"):
        phases.theorem.check([Trials(Design(quartic, 300), "error", 15, 0)], over="no signs")
