"""The tangent kernel network in floats: what it promises, what it refuses."""

from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import data
from memlib.bubeck import ntk_floats
from memlib.bubeck.kernel_floats import least_eigenvalue, tangent_kernel
from memlib.bubeck.ntk_floats import greedy_pairs, integer_gates, largest_width, ntk_network, promised_neurons
from memlib.exact import dot, rank_mod
from memlib.points import HypothesisError, input_scale, to_integers


def build(X, y, **options):
    return ntk_network(to_integers(X), y, input_scale(X), **options)


def signs(n: int, seed: int = 0) -> np.ndarray:
    return 2 * data.random_labels(n, rng=seed) - 1


@given(st.integers(1, 30), st.integers(2, 12), st.integers(0, 10**6), st.sampled_from([0.5, 0.1, 0.003]))
@settings(max_examples=25)
def test_the_accuracy_is_reached(n: int, d: int, seed: int, accuracy: float) -> None:
    X = data.sphere(n, d, rng=seed, decimals=3)
    y = np.random.default_rng(seed).standard_normal(n)
    try:
        net = build(X, y, accuracy=accuracy, rng=seed)
    except HypothesisError as error:  # d = 2: two directions may be too close, or the same after rounding
        assert d == 2 and error.hypothesis.startswith(("the directions", "the points have different"))
        return
    f = sum(a * np.maximum(X @ w, 0) for w, a in zip(net.w, net.a, strict=True))
    assert np.sum((f - y) ** 2) <= accuracy * np.sum(y**2) * (1 + 1e-6)
    assert 0 <= net.reached <= accuracy and np.isclose(net.reached, net.relative_error(X, y))
    assert net.theorem == "bubeck-ntk-theorem" and not net.b.any() and net.hidden_neurons % 2 == 0


def test_the_count_is_within_the_promise_and_follows_n_over_d() -> None:
    counts = []
    for n, d in ((100, 20), (200, 40), (200, 20)):
        X = data.sphere(n, d, rng=0)
        counts.append(build(X, signs(n), accuracy=0.1).hidden_neurons)
        assert counts[-1] <= 2 * promised_neurons(X, 0.1)
    assert abs(counts[0] - counts[1]) < 15 and counts[2] > 1.5 * counts[1]


def test_one_draw_a_round_falls_at_the_promised_rate_on_average() -> None:
    X, y = data.sphere(40, 8, rng=1, decimals=15), signs(40).astype(float)
    theta = least_eigenvalue(tangent_kernel(X)) / np.linalg.eigvalsh(X @ X.T)[-1]
    after = [[e for _, _, e in islice(greedy_pairs(X, y, seed), 20)][-1] for seed in range(40)]
    assert np.mean(after) <= (1 - theta) ** 20


def test_the_pairs_are_gates() -> None:
    X, y = data.sphere(50, 10, rng=2, decimals=15), signs(50).astype(float)
    for w, a, _ in islice(greedy_pairs(X, y, 3), 10):
        moved, g = X @ w.T[:, 0], X @ w.T[:, 1]
        assert np.allclose(np.maximum(X @ w.T, 0) @ a, (g > 0) * (moved - g) * a[0], atol=1e-8)


def test_the_width_is_limited_by_opposite_signs_only() -> None:
    assert largest_width(np.array([1.0, -2.0]), np.array([5.0, -7.0])) == 2.0
    assert largest_width(np.array([1.0, -2.0, 3.0]), np.array([5.0, 7.0, -1.0])) == pytest.approx(2 / 7)


def test_same_seed_same_network() -> None:
    X, y = data.sphere(30, 6, rng=0), signs(30)
    first, again, other = (build(X, y, accuracy=0.1, rng=r) for r in (4, np.random.default_rng(4), 5))
    assert np.array_equal(first.w, again.w) and not np.array_equal(first.w[:2], other.w[:2])


def test_degenerate_data() -> None:
    one = build([[1.0, 0.0]], [3], accuracy=0.01)
    assert one([[1.0, 0.0]]) == pytest.approx([3])
    line = build([[1], [-1]], [2, 5], accuracy=0.01)  # antipodes: each gate sees one of them
    assert line.relative_error([[1], [-1]], [2, 5]) <= 0.01
    nothing = build(data.sphere(5, 3, rng=0), [0] * 5)
    assert nothing.hidden_neurons == 0 and not nothing(np.ones((2, 3))).any()
    huge = build(data.sphere(9, 5, rng=0), [Fraction(10**40, 3) * (-1) ** k for k in range(9)], accuracy=0.1)
    assert huge.hidden_neurons > 0


def test_points_that_are_not_unit_vectors_are_named() -> None:
    X = data.sphere(6, 4, rng=0)
    with pytest.raises(
        HypothesisError, match=r"point 3 has the length 1\.0[23]\d*, not 1 within 0\.01. Divide"
    ):
        build(np.where(np.arange(6)[:, None] == 3, 1.025 * X, X), signs(6))
    with pytest.raises(HypothesisError, match="point 5 has the length 0, not 1"):
        build([*X[:5], [0, 0, 0, 0]], signs(6))
    build(data.sphere(60, 60, rng=0), signs(60), accuracy=0.3)  # three decimals are well within the tolerance


def test_one_direction_twice_is_refused() -> None:
    with pytest.raises(HypothesisError, match="points 0 and 2 have the same direction"):
        ntk_network(((1000, 0), (0, 1000), (1001, 0)), (1, 2, 3), (1000, 1000))
    ntk_network(
        ((1000, 0), (0, 1000), (-1001, 0)), (1, 2, 3), (1000, 1000), accuracy=0.1
    )  # antipodes may stay


def test_close_points_run_out_of_neurons_and_say_why() -> None:
    X = [[1, 0], [1, 0.0001], [0, 1]]
    with pytest.raises(HypothesisError, match=r"8 neurons reach .*points 0 and 1 have the cosine 1\.000000"):
        build(X, [1, -1, 1], accuracy=0.01, most=8)


def test_more_antipodes_than_dimensions_are_refused() -> None:
    X = np.vstack([np.eye(2), [[0.6, 0.8]]])
    with pytest.raises(HypothesisError, match="well dispersed: 60 neurons"):
        build(np.vstack([X, -X]), [1, 1, -1, -1, -1, 1], accuracy=0.1, most=60)


@pytest.mark.parametrize("accuracy", [0, 1, -0.1, 2])
def test_accuracy_lies_between_0_and_1(accuracy: float) -> None:
    with pytest.raises(ValueError, match="accuracy is"):
        build([[1, 0]], [1], accuracy=accuracy)


def test_a_network_that_misses_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the pairs misreport their error, the measured one decides."""
    true = ntk_floats.greedy_pairs

    def boasting(X, y, rng):
        for w, a, _ in true(X, y, rng):
            yield w, a, 0.0

    monkeypatch.setattr(ntk_floats, "greedy_pairs", boasting)
    X, y = data.sphere(20, 5, rng=0), signs(20)
    assert build(X, y, accuracy=0.05).relative_error(X, y) <= 0.05


def test_the_solution_of_all_gates_at_once() -> None:
    Q = to_integers(data.gaussian(60, 30, rng=0))
    gates = list(islice(integer_gates(30, rng=1), 11))
    ranks = [
        rank_mod([[c * (dot(g, x) > 0) for g in gates[:K] for c in x] for x in Q], 2**61 - 1)
        for K in (2, 10, 11)
    ]
    assert ranks == [47, 59, 60]
    assert sum(all(dot(g, x) <= 0 for g in gates[:10]) for x in Q) == 1
