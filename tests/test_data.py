"""Data sets, and the numbers by which theorems measure them, against brute force."""

from itertools import combinations
from math import comb, dist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import data
from memlib.points import HypothesisError, to_integers
from tests import strategies as own


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: data.gaussian(20, 3, rng),
        lambda rng: data.sphere(20, 3, rng),
        lambda rng: data.two_moons(20, rng)[0],
        lambda rng: data.random_labels(20, rng),
    ],
    ids=["gaussian", "sphere", "two_moons", "random_labels"],
)
def test_a_seed_fixes_the_draw(make) -> None:
    assert np.array_equal(make(1), make(1))
    assert not np.array_equal(make(1), make(2))
    rng = np.random.default_rng(1)
    assert np.array_equal(make(1), make(rng))
    assert not np.array_equal(make(1), make(rng))  # a generator moves on


def test_random_points_live_on_the_grid_they_are_rounded_to() -> None:
    for X in (data.gaussian(50, 3, 0, decimals=2), data.sphere(50, 3, 0, decimals=2)):
        points = to_integers(X, (100,) * 3)
        assert np.array_equal(np.array(points) / 100, X)
    assert np.abs(np.linalg.norm(data.sphere(200, 5, 0), axis=1) - 1).max() < 5 * 0.0005


def test_random_draws_have_the_law_they_name() -> None:
    X = data.gaussian(20_000, 2, 0)
    assert np.abs(X.mean(axis=0)).max() < 6 / np.sqrt(20_000)
    assert np.abs(X.T @ X / 20_000 - np.eye(2)).max() < 6 * np.sqrt(2 / 20_000)
    S = data.sphere(20_000, 4, 0)
    assert np.abs(S.T @ S / 20_000 - np.eye(4) / 4).max() < 6 / np.sqrt(20_000)
    assert abs(data.random_labels(20_000, 0).mean() - 0.5) < 3 / np.sqrt(20_000)


def test_the_bundled_sets() -> None:
    X, y = data.breast_cancer()
    assert (len(X), len(X[0]), int(y.sum())) == (569, 30, 212)
    X, y = data.wine()
    assert (len(X), len(X[0]), np.bincount(y).tolist()) == (178, 13, [59, 71, 48])
    X, y = data.digits()
    assert (len(X), len(X[0]), X.min(), X.max(), len(set(y))) == (1797, 64, 0, 16, 10)
    X, y = data.two_moons(40, 0)
    assert np.bincount(y).tolist() == [20, 20]
    assert np.bincount(data.indicator(data.wine()[1], 2)).tolist() == [130, 48]


# Numbers.


@given(own.point_sets(n=own.two_to_nine), st.data())
def test_separation_against_brute_force(points: tuple, draw: st.DataObject) -> None:
    labels = draw.draw(own.labels(len(points)))
    pairs = list(combinations(range(len(points)), 2))
    assert data.separation(points) == pytest.approx(min(dist(points[i], points[j]) for i, j in pairs))
    mixed = [dist(points[i], points[j]) for i, j in pairs if labels[i] != labels[j]]
    if mixed:
        assert data.separation(points, labels) == pytest.approx(min(mixed))
    else:
        with pytest.raises(HypothesisError, match="there are two points to separate"):
            data.separation(points, labels)


def test_separation_needs_two_points() -> None:
    with pytest.raises(HypothesisError, match="there are two points to separate: 1 points"):
        data.separation([[1, 2]])
    assert data.separation([[1, 2], [1, 2]]) == 0


@given(own.point_sets(n=own.two_to_nine))
def test_coherence_against_brute_force(points: tuple) -> None:
    if any(not any(x) for x in points):
        zero = next(i for i, x in enumerate(points) if not any(x))
        with pytest.raises(HypothesisError, match=f"no point is 0: point {zero} is 0"):
            data.coherence(points)
        return
    cosines = [
        abs(sum(a * b for a, b in zip(x, z, strict=True))) / (dist(x, [0] * len(x)) * dist(z, [0] * len(z)))
        for x, z in combinations(points, 2)
    ]
    assert data.coherence(points) == pytest.approx(max(cosines))
    assert data.coherence(3 * np.array(points)) == pytest.approx(data.coherence(points))


@given(own.point_sets(n=st.integers(1, 7)))
def test_general_position_against_brute_force(points: tuple) -> None:
    if own.in_general_position(points):
        data.require_general_position(points)
    else:
        with pytest.raises(HypothesisError, match="are affinely dependent") as refusal:
            data.require_general_position(points)
        named = [int(word) for word in refusal.value.witness.replace(",", "").split() if word.isdigit()]
        assert not own.affinely_independent([points[i] for i in named])


@given(own.general_point_sets())
def test_the_moment_curve_is_in_general_position(points: tuple) -> None:
    data.require_general_position(points)


def test_too_many_subsets_are_not_read() -> None:
    points = tuple((i, i * i) for i in range(120))
    with pytest.raises(ValueError, match=f"{comb(120, 3)} subsets of 3 points are too many"):
        data.require_general_position(points)
    with pytest.raises(ValueError, match="4 subsets of 3 points are too many"):
        data.require_general_position(points[:4], most=3)
    data.require_general_position(points[:4], most=4)
