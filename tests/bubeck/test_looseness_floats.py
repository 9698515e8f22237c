"""Bounds beside measurements: the bounds against the balls of the claims, the bounds on random data, mutants."""

from fractions import Fraction
from math import isclose, sqrt

import numpy as np
import pytest

from memlib import data, memorize
from memlib.bubeck import looseness_floats as loose
from memlib.bubeck import quadratic_network as net
from memlib.bubeck import recombination as rec
from memlib.bubeck.looseness_floats import Row
from memlib.bubeck.recombination import Design
from memlib.bubeck.total_weight import neurons_of, total_weight
from memlib.points import input_scale, to_integers

SPREAD = rec.sphere_points(((0, 1, 2), (1, -1, 0), (2, 1, 1), (0, 0, 1), (-1, 2, 0), (1, 1, -2), (3, 0, 1)))
SIGNS = (1, -1, 1, 1, -1, -1, 1)
X = np.array([[float(c) for c in x] for x in SPREAD])
Y = np.array(SIGNS, dtype=float)


@pytest.mark.parametrize("delta", [Fraction(1, 8), Fraction(1, 2), Fraction(2)])
def test_error_bounds_are_those_of_the_claims(delta: Fraction) -> None:
    """Oracle: the same bounds in rational numbers and balls, in the modules of the claims."""
    K = 100
    exact = float(rec.error_bound(Design(rec.coded(SPREAD, SIGNS, 2, 1, delta), K)))
    assert isclose(loose.coded_error(X, Y, float(delta), K), exact, rel_tol=1e-9)
    exact = float(net.error_bound(net.plan(SPREAD, SIGNS, delta, K, Fraction(5, 4))))
    assert isclose(loose.quadratic_error(X, Y, float(delta), 1.25, K), exact, rel_tol=1e-9)


def test_a_row_knows_its_direction() -> None:
    assert Row("a", "error", 6.0, 2.0).factor == 3 and Row("a", "W >=", 2.0, 6.0).factor == 3
    assert Row("a", "error", 2.0, 6.0).factor < 1 and Row("a", "W >=", 6.0, 2.0).factor < 1


@pytest.mark.parametrize("seed", range(3))
def test_on_random_data_the_bounds_hold(seed: int) -> None:
    """The eigenvalue and the slabs always; one network of many units is close to its mean."""
    U = data.sphere(60, 15, rng=seed, decimals=12)
    y = 2.0 * data.random_labels(60, rng=seed) - 1
    rows = [
        *loose.tangent(U, 0.1, 2),
        *loose.coded(U, y, 0.35, 4000, seed),
        *loose.squared(U, y, 0.5, 4000, seed),
    ]
    assert all(row.factor > 0.8 for row in rows), [str(row) for row in rows]
    ratios = {(row.claim, row.what): row.factor for row in rows}
    assert ratios["bubeck-coded-theorem", "W / sqrt(n)"] < 1.2
    assert ratios["bubeck-quadratic-network", "W / sqrt(n)"] < 1.2
    assert ratios["bubeck-ntk-eigen", "eigenvalue >="] > 2


def test_thin_slabs_weigh_what_the_network_weighs() -> None:
    U, y = data.sphere(40, 8, rng=1), [(-1) ** k for k in range(40)]
    row = loose.thin_slabs(to_integers(U), input_scale(U), tuple(y))
    W = float(total_weight(neurons_of(memorize(U, y, method="bubeck-relu-4"))))
    assert isclose(row.measured * sqrt(40), W, rel_tol=1e-9) and row.factor > 1


def test_the_exponent_of_the_corollary() -> None:
    assert loose.incoherent_exponent(np.eye(5)) == 2
    U = data.sphere(60, 15, rng=0, decimals=12)
    M, g = loose.incoherent_exponent(U), data.coherence(U)
    assert M % 2 == 0 and 60 * g ** (M - 1) <= 0.5 < 60 * g ** (M - 3)
    orthonormal = {
        row.what: row.bound for row in loose.corollary(np.eye(4), np.array([1.0, -1, 1, 1]), 0.5, 2, 2.0)
    }
    # delta_0 and K by hand: n = d, omega = 1, kappa^2 = 1/(4 pi), v_1 = 1/2, so K = 12 * 4 pi * 2
    assert orthonormal["ReLUs"] == 2 * np.ceil(24 * 4 * np.pi)


def test_mutants_of_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound without its variance, or one with a forgotten factor n / d, is below what is measured."""
    U = data.sphere(60, 15, rng=0, decimals=12)
    y = 2.0 * data.random_labels(60, rng=0) - 1
    monkeypatch.setattr(loose.floats, "variance_constant", lambda p: 0.0)
    row = next(iter(loose.coded(U, y, 0.05, 50)))
    assert row.what == "error" and row.factor < 1
    true = loose.quadratic.shrinks
    monkeypatch.setattr(loose.quadratic, "shrinks", lambda X, S, delta: np.ones(len(X)))
    blind = loose.quadratic_error(U, y, 2.0, 1.0, 10**9)
    monkeypatch.setattr(loose.quadratic, "shrinks", true)
    assert blind < 1e-3 < loose.quadratic_error(U, y, 2.0, 1.0, 10**9)
