"""The float versions against the exact ones, and the sampled direction against the formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib.bubeck import codes, harmonics
from memlib.bubeck import codes_floats as floats


@given(st.integers(0, 9), st.floats(-4, 4))
def test_hermite_against_exact_coefficients(k: int, z: float) -> None:
    size = sum(abs(c) * abs(z) ** e for e, c in enumerate(codes.hermite(k)))
    assert floats.hermite(k, z) == pytest.approx(
        sum(c * z**e for e, c in enumerate(codes.hermite(k))), abs=1e-12 * (1 + size)
    )


@given(st.integers(1, 9), st.floats(0.1, 3))
def test_signals_against_sympy(k: int, sigma: float) -> None:
    assert floats.kappa(k, sigma) == pytest.approx(float(codes.kappa(k, sigma)), rel=1e-12, abs=1e-15)
    m = k + 1
    assert floats.kappa_complex(m, sigma) == pytest.approx(
        float(codes.kappa_complex(m, sigma)), rel=1e-12, abs=1e-15
    )


@given(st.sampled_from([2, 4, 6]), st.floats(0, 6.28), st.floats(0, 5))
def test_the_harmonic_neuron_against_its_arcs(m: int, theta: float, size: float) -> None:
    i = int(theta * m / np.pi)
    arc = (-1) ** (m // 2 + 1 + i) * float(harmonics.lipschitz(m)) * np.sin((i + 0.5) * np.pi / m - theta)
    assert floats.harmonic(m, size * np.exp(1j * theta)) == pytest.approx(size * arc, abs=1e-12)


@pytest.mark.parametrize("m", [3, 5, 7])
def test_odd_harmonics_are_zero(m: int) -> None:
    z = floats.gaussians((50,), 0, "complex")
    assert abs(floats.harmonic(m, z)).max() < 1e-14


@pytest.mark.parametrize("field", ["real", "complex"])
def test_sampled_direction(field: str) -> None:
    """E|V|^2 = (d/n) y.alpha within 6 standard errors."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((8, 4))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    y = rng.choice([-1.0, 1.0], 8)
    alpha = floats.address_weights(X, y, 3)
    V = floats.direction(X, alpha, 3, floats.gaussians((20000, 4), rng, field))
    squares = (abs(V) ** 2).sum(axis=1)
    error = 6 * squares.std() / np.sqrt(len(squares))
    assert abs(squares.mean() - 4 / 8 * (y @ alpha)) < error
    assert np.allclose((X @ X.T) ** 4 @ alpha, y)


@pytest.mark.parametrize("m", [2, 4])
def test_phases_are_a_symmetric_difference_after_rotation(m: int) -> None:
    """Part (c) of phase-selection, term by term: at the rotated g every ReLU is one with the step +-delta."""
    rng = np.random.default_rng(1)
    X, c, g = rng.standard_normal((5, 3)), rng.standard_normal(5), floats.gaussians((40, 3), 2, "complex")

    def perturbed(g: np.ndarray, step: float) -> np.ndarray:
        return g @ X[0] + step * ((np.conj(g @ X.T) ** (m - 1) * c) @ (X @ X[0]))

    for r in range(2 * m):
        turn = np.exp(1j * np.pi * r / m)
        left = np.conj(turn) * perturbed(turn * g, 0.7)
        assert np.allclose(left, perturbed(g, (-1) ** r * 0.7))
    assert np.allclose(
        floats.harmonic(m, perturbed(np.exp(1j * np.pi / m) * g, 0.7)),
        -floats.harmonic(m, perturbed(g, -0.7)),
    )
