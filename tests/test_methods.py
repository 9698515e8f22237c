"""From data to a verified network: every bad input is refused by name, every degenerate one is memorized."""

import json
import warnings
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import memlib
import memlib.bubeck.baum
from memlib import data
from memlib.checker import verify
from memlib.methods import memorize, methods
from memlib.network import Layer, Network
from memlib.points import HypothesisError, input_scale
from tests import strategies as own


def test_the_methods_by_name() -> None:
    assert memlib.methods() == methods() == sorted(methods())
    assert {"baum", "bubeck-relu-4"} <= set(methods())
    assert memlib.memorize is memorize
    assert memlib.HypothesisError is HypothesisError and issubclass(HypothesisError, ValueError)


def certified(net: Network, X, y) -> bool:
    """The checker accepts the certificate, with the sizes that the network states."""
    summary = verify(json.loads(json.dumps(net.certificate(X, y).document)))
    return summary[1:] == (net.hidden_neurons, net.nonzero_weights, net.max_weight_bits)


EXACT = [
    "baum",
    "bubeck-relu",
    "bubeck-relu-3",
    "bubeck-relu-4",
    "bubeck-sweep",
    "dirksen",
    "madden-relu",
    "rajput",
    "rajput-blocks",
    "vershynin",
]
APPROXIMATE = ["bubeck-coded", "bubeck-harmonic", "bubeck-ntk", "madden-epsilon", "madden-newton"]


def test_every_method_is_tried_below() -> None:
    assert sorted(EXACT + APPROXIMATE) == methods()


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("labels", [(0, 1) * 15, (0,) * 30, (1,) * 30, (1,) + (0,) * 29])
def test_exact_methods_are_certified(method: str, labels: tuple) -> None:
    X = data.gaussian(30, 4, rng=5)
    assert certified(memorize(X, labels, method=method, rng=1), X, labels)


@pytest.mark.parametrize("method", APPROXIMATE)
def test_approximate_methods_reach_their_accuracy(method: str) -> None:
    X, y = data.sphere(30, 12, rng=5, decimals=6), np.array((1, -1) * 15)
    net = memorize(X, y, method=method, accuracy=0.2)
    assert net.relative_error(X, y) <= 0.2 and np.sum((net(X) - y) ** 2) <= 0.2 * 30
    with pytest.raises(ValueError, match="no certificate"):
        net.certificate(X, y)
    with pytest.raises(ValueError, match="needs no general position"):
        memorize(X, y, method=method, accuracy=0.2, project_to=3)


# Bad input: DESIGN's table, one row a case. Hypothesis, witness, remedy.

nan, inf = float("nan"), float("inf")
LINE = [[0, 0], [1, 1], [2, 2], [5, 0]]
BAD = {
    "NaN": ([[0.0, nan], [1, 2]], [0, 1], "X is finite", "entry 1 of point 0 is nan", "Drop the point"),
    "inf": ([[0.0, 1], [inf, 2]], [0, 1], "X is finite", "entry 0 of point 1 is inf", "Drop the point"),
    "0-d": (np.float64(1), [0], "X has shape (n, d)", "no second axis", "one row of numbers a point"),
    "1-d": ([1, 2], [0, 1], "X has shape (n, d)", "no second axis", "one row of numbers a point"),
    "ragged": ([[1, 2], [3]], [0, 1], "all points have the same dimension d >= 1", "[1, 2] entries", "Mend"),
    "n = 0": ([], [], "X has shape (n, d)", "no point", "one row"),
    "n = 0, array": (np.zeros((0, 2)), [], "X has shape (n, d)", "no point", "one row"),
    "d = 0": (np.zeros((2, 0)), [0, 1], "all points have the same dimension d >= 1", "[0] entries", "Mend"),
    "strings": ([["a", "b"]], [0], "X holds numbers", "entry 0 of point 0 is 'a'", "Use ints"),
    "labels too short": ([[1], [2]], [0], "one label a point", "2 points and 1 labels", "Mend y"),
    "labels with two axes": ([[1], [2]], [[0], [1]], "y has shape (n,)", "second axis", "one label"),
    "labels are strings": ([[1], [2]], ["a", "b"], "y holds numbers", "label 0 is 'a'", "Number the classes"),
    "a label is NaN": ([[1], [2]], [0, nan], "y is finite", "label 1 is nan", "Drop"),
    "equal points, different labels": (
        [[1, 2], [0, 0], [1, 2]],
        [0, 0, 1],
        "equal points have equal labels",
        "points 0 and 2 are equal, their labels are 0 and 1",
        "Drop one of them",
    ),
    "equal on the grid: 0.0 and -0.0": (
        [[0.0], [-0.0]],
        [0, 1],
        "equal points have equal labels",
        "points 0 and 1 are equal",
        "Drop one of them",
    ),
    "label outside {0, 1}": (
        [[1], [2]],
        [0, 2],
        "labels are 0 or 1",
        "point 1 has the label 2",
        "detector a class",
    ),
    "label -1": ([[1], [2]], [-1, 1], "labels are 0 or 1", "point 0 has the label -1", "detector a class"),
    "label 1/2": ([[1], [2]], [0, 0.5], "labels are 0 or 1", "point 1 has the label 1/2", "detector a class"),
    "three points on a line": (
        LINE,
        [1, 1, 0, 0],
        "general position",
        "every hyperplane through the group of points 0, 1 also contains point 2",
        "Project to fewer than 2 dimensions",
    ),
    "a dependent group": (
        [[0, 0, 0], [1, 1, 1], [2, 2, 2], [5, 0, 0], [0, 3, 1], [4, 4, 4], [1, 2, 8]],
        [1, 1, 1, 0, 0, 0, 0],
        "general position",
        "every hyperplane through the group of points 0, 1, 2 also contains point 5",
        "Project",
    ),
}


@pytest.mark.parametrize(("X", "y", "hypothesis", "witness", "remedy"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_by_name(X, y, hypothesis: str, witness: str, remedy: str) -> None:
    with pytest.raises(HypothesisError) as refusal:
        memorize(X, y, method="baum", rng=0)
    assert refusal.value.hypothesis == hypothesis
    assert witness in refusal.value.witness
    assert remedy in refusal.value.remedy
    for part in (hypothesis, witness, remedy):
        assert part in str(refusal.value)


def test_raw_digits_are_refused_and_a_projection_helps() -> None:
    """Pixels that are constant put all the points on one hyperplane."""
    X, y = data.digits()
    X, y = X[:300], y[:300] % 2
    with pytest.raises(HypothesisError, match=r"general position: points .* are affinely dependent"):
        memorize(X, y)
    net = memorize(X, y, project_to=10)
    assert net.hidden_neurons == min(2 * ceil(min(y.sum(), 300 - y.sum()) / 10), 300 // 10)
    assert certified(net, X, y)


def test_unknown_method() -> None:
    with pytest.raises(ValueError, match=r"method 'bomb' is not one of \['baum'"):
        memorize([[1]], [0], method="bomb")
    with pytest.raises(TypeError, match="unexpected keyword argument 'width'"):
        memorize([[1]], [0], width=3)


@pytest.mark.parametrize("e", [0, -1, 3, 100])
def test_project_to_out_of_range(e: int) -> None:
    with pytest.raises(ValueError, match=f"project_to is {e}; it must lie between 1 and the dimension 2"):
        memorize([[1, 2], [3, 4]], [0, 1], project_to=e)


def test_indices_after_merging_say_so() -> None:
    """Point 3 of the data is point 2 after merging: the message tells how it counts."""
    with pytest.raises(HypothesisError, match=r"contains point 2 \(counted after equal points are merged\)"):
        memorize([[0, 0], [0, 0], [1, 1], [2, 2], [5, 0]], [1, 1, 1, 0, 0])


def test_a_projection_mends_only_what_it_can() -> None:
    with pytest.raises(HypothesisError) as refusal:
        memorize([[0, 0, 1], [1, 0, 2], [0, 3, 1]], [0, 1, 2], project_to=2)
    assert refusal.value.witness == "point 2 has the label 2"
    assert "detector" in refusal.value.remedy
    line = [[k, k, 2 * k] for k in range(6)]
    with pytest.raises(
        HypothesisError, match=r"after 5 random projections to 2 dimensions, .*fewer"
    ) as refusal:
        memorize(line, [0, 1, 0, 1, 0, 1], project_to=2)
    assert refusal.value.hypothesis == "general position"
    cube = [[a, b, c] for a in range(3) for b in range(3) for c in range(3)]
    with pytest.raises(
        HypothesisError, match=r"after 5 random projections to 1 .*are equal.*more dim"
    ) as refusal:
        memorize(cube, [x == [1, 1, 1] for x in cube], project_to=1)
    assert refusal.value.hypothesis == "equal points have equal labels"


def test_no_network_that_fails_on_its_own_data_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    def idle(points: tuple, labels: tuple, scale: tuple) -> Network:
        return Network((Layer(((0,) * len(scale),), (0,), "identity"),), "idle", scale)

    monkeypatch.setattr(memlib.bubeck.baum, "slab_network", idle)
    assert memorize([[1], [2]], [0, 0])([[1]]) == (0,)
    with pytest.raises(AssertionError, match="0 at point 1, not 1: a fault of memlib"):
        memorize([[1], [2]], [0, 1])


# Degenerate and extreme input that must work.

GOOD = {
    "n = 1, label 0": ([[3, 4]], [0]),
    "n = 1, label 1": ([[3, 4]], [1]),
    "d = 1, n = 1": ([[0]], [1]),
    "all labels 0": ([[1, 2], [3, 5], [4, 4]], [0, 0, 0]),
    "all labels 1": ([[1, 2], [3, 5], [4, 4]], [1, 1, 1]),
    "all labels 1 on a line": (LINE, [1, 1, 1, 1]),
    "n < d": ([[1, 0, 0, 7], [0, 1, 0, 7], [0, 0, 1, 7]], [1, 0, 1]),
    "n = d + 1": ([[0, 0], [1, 0], [0, 1]], [1, 0, 1]),
    "d = 1, alternating": ([[k] for k in range(7)], [k % 2 for k in range(7)]),
    "d does not divide n_min": ([[k, k * k, k**3] for k in range(9)], [1, 1, 1, 1, 0, 0, 0, 0, 0]),
    "more ones": ([[k, k * k] for k in range(7)], [1, 1, 0, 1, 0, 1, 1]),
    "duplicates": ([[0, 1], [2, 3], [0, 1], [2, 3], [4, 9]], [0, 1, 0, 1, 0]),
    "one point many times": ([[1, 2]] * 5, [1] * 5),
    "bool labels": ([[1, 2], [3, 5], [4, 4]], [True, False, True]),
    "numpy bool labels": (np.array([[1, 2], [3, 5]]), np.array([True, False])),
    "float labels": ([[1, 2], [3, 5]], np.array([0.0, 1.0])),
    "uint8": (
        np.array([[0, 255], [255, 0], [250, 251]], dtype=np.uint8),
        np.array([1, 0, 1], dtype=np.uint8),
    ),
    "int8 at its end": (np.array([[-128], [127], [0]], dtype=np.int8), [1, 0, 0]),
    "int64 at its end": (np.array([[-(2**63), 3], [2**63 - 1, 0], [2**62, 1]]), [0, 1, 1]),
    "float32": (np.array([[0.1, 0.2], [0.3, 0.7], [0.5, 0.6]], dtype=np.float32), [1, 0, 1]),
    "float16": (np.array([[0.1], [0.3], [65504]], dtype=np.float16), [1, 0, 1]),
    "Fractions": ([[Fraction(1, 3), 2], [Fraction(1, 7), 3], [1, 1]], [1, 0, 1]),
    "Fractions beside floats": ([[Fraction(1, 3), 0.5], [0.1, Fraction(1, 9)]], [1, 0]),
    "tuples": (((1, 2), (3, 5)), (0, 1)),
    "list of arrays": ([np.array([1, 2]), np.array([3, 5])], [0, 1]),
    "1e300": ([[1e300, 1.0], [-1e300, 2.0], [1e299, 7.0]], [1, 0, 1]),
    "1e-300": ([[1e-300, 1e-300], [2e-300, 0.0], [0.0, 5e-324]], [1, 0, 0]),
    "1e300 beside 1e-300": ([[1e300, 1e-300], [1e-300, 1e300], [1.0, 1.0]], [1, 0, 0]),
    "10**50": ([[10**50, 1], [10**50 + 1, 2], [10**50, 3]], [1, 0, 0]),
    "neighbouring floats": ([[1.0], [np.nextafter(1.0, 2)], [np.nextafter(1.0, 0)]], [1, 0, 0]),
}


def n_min_and_n(X, y) -> tuple[int, int, int]:
    labels = {tuple(map(Fraction, x)): int(v) for x, v in zip(np.asarray(X, dtype=object), y, strict=True)}
    ones = sum(labels.values())
    return min(ones, len(labels) - ones), len(labels), ones


@pytest.mark.parametrize(("X", "y"), GOOD.values(), ids=GOOD)
def test_degenerate_and_extreme_input(X, y) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = memorize(X, y)
    assert net(X) == tuple(int(v) for v in y)
    assert certified(net, X, y)
    n_min, n, ones = n_min_and_n(X, y)
    d = len(net.input_scale)
    assert net.hidden_neurons == (min(2 * ceil(n_min / d), ceil(n / d)) if n_min else int(ones == n))


@given(own.general_point_sets(), st.data())
def test_memorize_on_any_grid(points: tuple, draw: st.DataObject) -> None:
    """Law: the network of X / s is that of X, fed through the input scale; s a power of two or of ten."""
    labels = draw.draw(own.labels(len(points)))
    s = draw.draw(st.sampled_from([1, 2, 10, 100, 2**60, 2**-40]))
    X = np.array(points) / s
    net, plain = memorize(X, labels), memorize(points, labels)
    assert net(X) == plain(points) == labels
    assert net.hidden_neurons == plain.hidden_neurons
    assert net.input_scale == input_scale(X)
    assert certified(net, X, labels)


@given(own.general_point_sets(d=st.integers(2, 3)), st.data())
def test_a_projected_network_lives_on_the_points_themselves(points: tuple, draw: st.DataObject) -> None:
    labels = draw.draw(own.labels(len(points)))
    e = draw.draw(st.integers(1, len(points[0])))
    try:
        net = memorize(points, labels, project_to=e, rng=draw.draw(st.integers(0, 5)))
    except HypothesisError as refusal:
        assert "after 5 random projections" in str(refusal)
        assume(False)
    assert net(points) == labels
    assert len(net.layers[0].weights[0]) == len(net.input_scale) == len(points[0])
    assert certified(net, points, labels)


def test_a_seed_fixes_the_projection() -> None:
    X, y = data.gaussian(20, 4, 0), data.random_labels(20, 1)
    assert memorize(X, y, project_to=2, rng=3) == memorize(X, y, project_to=2, rng=3)
    assert memorize(X, y, project_to=2, rng=3) == memorize(X, y, project_to=2, rng=np.random.default_rng(3))
    assert memorize(X, y, project_to=2, rng=3) != memorize(X, y, project_to=2, rng=4)
    assert memorize(X, y, rng=3) != memorize(X, y, rng=4)  # a facet is drawn
    rare = [1, 1] + [0] * 18
    assert memorize(X, rare, rng=3) == memorize(X, rare, rng=4)  # slabs suffice, nothing is drawn


def test_a_wrong_pull_back_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    from memlib.bubeck import general_position

    right = general_position.pull_back

    def forgetful(net: Network, P: tuple, scale: tuple) -> Network:
        return right(net, tuple((0,) * len(row) for row in P), scale)

    monkeypatch.setattr(general_position, "pull_back", forgetful)
    X = [[0, 0, 1], [3, 1, 0], [1, 5, 2], [4, 2, 7]]
    with pytest.raises(AssertionError, match="a fault of memlib"):
        memorize(X, [0, 1, 0, 1], project_to=2)


def test_iterators_are_read_once_and_things_without_order_refused() -> None:
    X = [[0, 0], [3, 1], [1, 5]]
    assert memorize((row for row in X), (v for v in [0, 1, 0]))(X) == (0, 1, 0)
    for bad in ({1: 0, 2: 1, 3: 0}, {0, 1, 2}):
        with pytest.raises(ValueError, match="has no order"):
            memorize(X, bad)
    with pytest.raises(ValueError, match="has no order"):
        memorize({(1, 2): 0, (3, 4): 1}, [0, 1])
    with pytest.raises(TypeError, match=r"project_to is 1\.5"):
        memorize(X, [0, 1, 0], project_to=1.5)
