"""The linear programs and the margins against geometry that can be done by hand."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from memlib.capacity import counting_floats as floats


def test_margins_by_hand() -> None:
    """One vector: its length. Two orthogonal unit vectors: 1/sqrt 2. Opposite demands: none."""
    assert floats.largest_margin([[3, 4]], [1]) == pytest.approx(5)
    assert floats.largest_margin([[1, 0], [0, 1]], [1, -1]) == pytest.approx(0.5**0.5)
    assert floats.largest_margin([[1, 2], [2, 4]], [1, -1]) == 0


@pytest.mark.parametrize("seed", range(5))
def test_margins_in_the_plane_against_all_directions(seed: int) -> None:
    draw = np.random.default_rng(seed)
    X, y = draw.standard_normal((3, 2)), draw.choice((-1, 1), 3)
    turn = np.linspace(0, 2 * np.pi, 100001)
    best = ((np.array([np.cos(turn), np.sin(turn)]).T @ X.T) * y).min(axis=1).max()
    assert floats.largest_margin(X, y) == pytest.approx(max(best, 0), abs=1e-3)


def test_proposals_separate_or_there_are_none() -> None:
    square = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    assert floats.proposed(square, (1, 1, -1, 1)) is None  # the first and the last are x and -x, both with +
    assert floats.proposed(square, (1, 1, -1, -1))[0] > 0
    w = floats.proposed(((10**9, 1), (1, 10**9)), (1, -1))
    assert w[0] * 10**9 + w[1] > 0 > w[0] + w[1] * 10**9


def test_shares_at_both_ends() -> None:
    draw = np.random.default_rng(0)
    assert floats.separable_share(draw.standard_normal((5, 5)), 20, 0) == 1
    assert floats.separable_share(draw.standard_normal((60, 5)), 20, 0) == 0


@pytest.mark.parametrize("kappa", [0, 0.3, 1, 2.5])
def test_gardner_against_quadrature(kappa: float) -> None:
    integral = quad(lambda t: (t + kappa) ** 2 * norm.pdf(t), -kappa, np.inf)[0]
    assert floats.gardner(kappa) == pytest.approx(1 / integral)


def test_measured_margins_lie_near_gardners_border() -> None:
    """At d = 100 the mean of 8 draws is within 0.1 of the border: over five of its standard errors, about 0.02."""
    for alpha, kappa in ((0.5, 1.034), (1, 0.471)):
        assert abs(floats.margins(alpha, 100, 8, 3).mean() - kappa) < 0.1
        assert float(floats.gardner(kappa)) == pytest.approx(alpha, abs=2e-3)
