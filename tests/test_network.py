"""Exact evaluation against an evaluator in Fractions; floats, sizes, refusals."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import data
from memlib.methods import memorize
from memlib.network import Layer, Network
from memlib.points import HypothesisError
from tests import strategies as own

#: [x >= 2] - [x >= 4] on a grid of halves, divided by 3.
SLAB = Network(
    (
        Layer(((1,), (1,)), (-4, -8), "threshold"),
        Layer(((1, -1),), (0,), "identity"),
    ),
    "by-hand",
    (2,),
    output_scale=3,
)


@given(own.networks(), st.data())
def test_exact_evaluation_against_fractions(net: Network, draw: st.DataObject) -> None:
    d = len(net.input_scale)
    points = draw.draw(st.lists(st.tuples(*[own.integers] * d), min_size=1, max_size=4))
    outputs = net.at_integers(points)
    assert outputs == net(points) == tuple(own.evaluate(net, x) for x in points)
    assert all(type(v) is (int if v.denominator == 1 else Fraction) for v in outputs)


@given(own.networks(), st.data())
def test_points_are_fed_times_the_input_scale(net: Network, draw: st.DataObject) -> None:
    d = len(net.input_scale)
    scale = draw.draw(st.tuples(*[st.integers(1, 10**6)] * d))
    x = draw.draw(st.tuples(*[own.integers] * d))
    coarse = Network(net.layers, net.theorem, scale, net.output_scale)
    assert coarse([[Fraction(v, s) for v, s in zip(x, scale, strict=True)]]) == net([x])


def test_by_hand() -> None:
    assert SLAB([[1.5], [2.0], [3.5], [4.0]]) == (0, Fraction(1, 3), Fraction(1, 3), 0)
    assert [Layer(((1,),), (0,), act)([(-2,), (0,), (3,)]) for act in ("threshold", "relu", "identity")] == [
        [[0], [1], [1]],
        [[0], [0], [3]],
        [[-2], [0], [3]],
    ]


def test_values_off_the_grid_are_refused() -> None:
    with pytest.raises(ValueError, match=r"entry 0 of point 1, 0\.25, is not a multiple of 1/2, the grid"):
        SLAB([[0.5], [0.25]])
    with pytest.raises(ValueError, match="the points have 2 coordinates, the network takes 1"):
        SLAB([[1, 2]])
    with pytest.raises(HypothesisError, match="X is finite"):
        SLAB([[float("nan")]])
    with pytest.raises(TypeError, match="exact matrices take Python ints"):
        SLAB.at_integers([(np.int64(1),)])


# Form.


def test_sizes_counted_by_hand() -> None:
    net = Network(
        (
            Layer(((1, 0), (0, 0), (-7, 2)), (0, -16, 3), "relu"),
            Layer(((1, 0, 5), (0, 0, 0)), (0, 0), "threshold"),
            Layer(((1, 1),), (-2,), "identity"),
        ),
        "by-hand",
        (1, 10),
    )
    assert net.widths == (3, 2, 1)
    assert net.hidden_neurons == 5
    assert net.nonzero_weights == 7
    assert net.max_weight_bits == 5  # the bias -16
    assert repr(net) == (
        "Network(by-hand: widths (3, 2, 1), 5 hidden neurons, 7 nonzero weights of at most 5 bits)"
    )


@given(own.networks())
def test_sizes_follow_their_definition(net: Network) -> None:
    weights = [w for layer in net.layers for row in layer.weights for w in row]
    biases = [b for layer in net.layers for b in layer.biases]
    assert net.hidden_neurons == len(biases) - 1
    assert net.nonzero_weights == len(weights) - weights.count(0)
    bits = net.max_weight_bits
    assert all(abs(v) < 2**bits for v in weights + biases)
    assert bits == 0 or any(abs(v) >= 2 ** (bits - 1) for v in weights + biases)


ONE = Layer(((1,),), (0,), "identity")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Layer(((1,),), (0,), "tanh"),
            ValueError,
            r"activation 'tanh' is not one of \['identity', 'relu'",
        ),
        (lambda: Layer(((1,),), (0, 0), "relu"), ValueError, "1 rows of weights for 2 biases"),
        (lambda: Layer((), (), "relu"), ValueError, "0 rows of weights for 0 biases"),
        (lambda: Layer(((1, 2), (1,)), (0, 0), "relu"), ValueError, "different lengths"),
        (lambda: Layer(((np.int64(1),),), (0,), "relu"), TypeError, "a weight is a int64"),
        (lambda: Layer(((1,),), (0.5,), "relu"), TypeError, "a weight is a float"),
        (lambda: Layer(((True,),), (0,), "relu"), TypeError, "a weight is a bool"),
        (lambda: Layer(((Fraction(1),),), (0,), "relu"), TypeError, "a weight is a Fraction"),
        (lambda: Network((), "t", (1,)), ValueError, "the last layer of a network has one unit"),
        (lambda: Network((Layer(((1,), (1,)), (0, 0), "relu"),), "t", (1,)), ValueError, "last layer"),
        (lambda: Network((ONE,), "t", (1, 1)), ValueError, "layer 0 takes 1 inputs and is given 2"),
        (
            lambda: Network((Layer(((1,), (1,)), (0, 0), "relu"), ONE), "t", (1,)),
            ValueError,
            "layer 1 takes 1",
        ),
        (lambda: Network((ONE,), "t", (0,)), ValueError, "scales are positive"),
        (lambda: Network((ONE,), "t", (1,), 0), ValueError, "scales are positive"),
        (lambda: Network((ONE,), "t", (np.int64(10),)), TypeError, "a scale is a int64"),
        (lambda: Network((ONE,), "t", (1,), np.int64(3)), TypeError, "a scale is a int64"),
        (lambda: Network((ONE,), "t", (1,), Fraction(3)), TypeError, "a scale is a Fraction"),
    ],
)
def test_malformed_networks(make, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


# Floats.

#: Sums of three products with these stay below 2**53 through three layers of at most three units.
tiny = st.integers(-50, 50)


@given(own.networks(entries=tiny), st.data())
def test_floats_are_exact_on_small_integers(net: Network, draw: st.DataObject) -> None:
    d = len(net.input_scale)
    points = draw.draw(st.lists(st.tuples(*[tiny] * d), min_size=1, max_size=4))
    assert net.in_floats(points).tolist() == [float(v) for v in net(points)]


@given(own.networks(entries=own.small), st.data(), st.integers(54, 3000))
def test_floats_are_exact_on_large_powers_of_two(net: Network, draw: st.DataObject, power: int) -> None:
    """Scaling all layers by a power of two changes no rounding, however large: only the exponent moves.

    The bias of layer k takes the power k + 1 times, as do its values; thresholds absorb it.
    """
    carry, layers = 0, []
    for layer in net.layers:
        carry += power
        weights = tuple(tuple(w << power for w in row) for row in layer.weights)
        layers.append(Layer(weights, tuple(b << carry for b in layer.biases), layer.activation))
        carry = 0 if layer.activation == "threshold" else carry
    large = Network(tuple(layers), net.theorem, net.input_scale, net.output_scale << carry)
    points = draw.draw(st.lists(st.tuples(*[own.small] * len(net.input_scale)), min_size=1, max_size=4))
    assert large(points) == net(points)
    assert large.in_floats(points).tolist() == [float(v) for v in net(points)]


@given(st.lists(st.integers(-99, 99), min_size=2, max_size=6, unique=True))
def test_floats_undo_the_input_scale(tenths: list) -> None:
    X = [[k / 10] for k in tenths]
    net = memorize(X, [k % 2 for k in tenths])
    assert net.in_floats(X).tolist() == list(net(X)) == [k % 2 for k in tenths]
    assert SLAB.in_floats([[k / 2] for k in tenths]).tolist() == [
        float(v) for v in SLAB([[k / 2] for k in tenths])
    ]


def large_network() -> tuple[Network, np.ndarray, np.ndarray]:
    """Three thousand bits: a Baum network of breast_cancer, its units multiplied by 2**2700.

    Multiplying all of a threshold layer by a positive number changes nothing that it computes.
    """
    X, y = data.breast_cancer()
    net = memorize(X, y)
    first, last = net.layers
    first = Layer(
        tuple(tuple(w << 2700 for w in row) for row in first.weights),
        tuple(b << 2700 for b in first.biases),
        "threshold",
    )
    return Network((first, last), net.theorem, net.input_scale), X, y


def test_floats_survive_weights_of_3000_bits() -> None:
    """In float64 the labels come out; in float32 rounding costs some, but nothing overflows."""
    net, X, y = large_network()
    assert net.max_weight_bits > 3000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert net.in_floats(X).tolist() == y.tolist()
        outputs = net.in_floats(X, np.float32)
    assert outputs.dtype == np.float32
    assert set(outputs.tolist()) <= set(range(-len(net.layers[0].biases), len(net.layers[0].biases) + 1))
    assert (outputs == y).mean() > 0.9


def test_floats_survive_huge_and_tiny_coordinates() -> None:
    X = [[1e-300, 0.5], [5e-324, 0.25], [1e300, 0.125], [-1e300, 0.5]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = memorize(X, [0, 1, 1, 0])
        assert net(X) == (0, 1, 1, 0)
        assert np.isfinite(net.in_floats(X)).all()
    line = memorize([[1e-300], [1e300]], [0, 1])
    assert line.in_floats([[1e-300], [1e300]]).tolist() == [0, 1]


def test_an_output_beyond_the_floats_is_infinite() -> None:
    net = Network((Layer(((2**2000,),), (0,), "identity"),), "t", (1,))
    with np.errstate(over="ignore"):
        assert net.in_floats([[1], [-1], [0]]).tolist() == [float("inf"), float("-inf"), 0]
    assert net([[1]]) == (2**2000,)


def test_rational_outputs_are_the_nearest_floats() -> None:
    net = Network((ONE,), "t", (1,), output_scale=49)
    assert net.in_floats([[k] for k in range(100)]).tolist() == [k / 49 for k in range(100)]


# Certificates: what the network promises before it writes one.


def test_a_wrong_label_is_refused_and_the_point_is_named() -> None:
    good = SLAB.certificate([[2.0], [4.0]], [Fraction(1, 3), 0])
    assert good.document["labels"] == [1, 0]
    with pytest.raises(ValueError, match=r"does not give the label of point 1 \(\(8,\)\)"):
        SLAB.certificate([[2.0], [4.0]], [Fraction(1, 3), Fraction(1, 3)])
    with pytest.raises(ValueError, match=r"does not give the label of point 0 \(\(4,\)\)"):
        SLAB.certificate([[2.0]], [1 / 3])  # the float 1/3 is another number
    with pytest.raises(HypothesisError, match="points 0 and 2 are equal, their labels are 0 and 1/3"):
        SLAB.certificate([[4.0], [2.0], [4.0]], [0, Fraction(1, 3), Fraction(1, 3)])
    with pytest.raises(ValueError, match="not a multiple of 1/2"):
        SLAB.certificate([[0.25]], [0])
    with pytest.raises(HypothesisError, match="1 points and 2 labels"):
        SLAB.certificate([[2.0]], [0, 0])
