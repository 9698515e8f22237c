"""Sparse against dense against Fractions; machine integers only where nothing can overflow."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import checker
from memlib.layer import MACHINE, Layer, Sparse
from memlib.network import Network
from tests import strategies as own

#: Weights and inputs on both sides of the edge where sums overflow.
edge = st.one_of(own.small, st.sampled_from([2**31, -(2**31), 2**62, -(2**62), 2**63 - 1, -(2**63), 2**64]))


def sparse(weights) -> Sparse:
    return Sparse.of([dict(enumerate(row)) for row in weights], len(weights[0]))


@st.composite
def layers(draw) -> Layer:
    weights = draw(own.matrices(own.one_to_three, own.one_to_three, edge))
    biases = tuple(draw(edge) for _ in weights)
    dense = Layer(
        tuple(map(tuple, weights)), biases, draw(st.sampled_from(["threshold", "relu", "identity"]))
    )
    return Layer(sparse(weights), biases, dense.activation) if draw(st.booleans()) else dense


@given(layers(), st.data())
def test_against_fractions(layer: Layer, draw: st.DataObject) -> None:
    batch = draw.draw(st.lists(st.tuples(*[edge] * layer.inputs), min_size=1, max_size=3))
    identity = Layer(layer.weights, layer.biases, "identity")
    for x, outputs in zip(batch, identity(batch), strict=True):
        for i, value in enumerate(outputs):
            exact = Fraction(layer.biases[i]) + sum(Fraction(w) * x[j] for u, j, w in layer.entries if u == i)
            assert value == exact and type(value) is int
    act = {"threshold": lambda t: int(t >= 0), "relu": lambda t: max(t, 0), "identity": lambda t: t}
    assert layer(batch) == [[act[layer.activation](t) for t in row] for row in identity(batch)]


@pytest.mark.parametrize("kind", [lambda w: w, sparse])
def test_the_bound_is_the_edge_of_the_machine(kind) -> None:
    half = MACHINE // 2
    below = Layer(kind(((1, 1),)), (half - 1,), "identity")
    # largest sum 2 * (half / 2) + half - 1 = 2**63 - 1
    assert isinstance(below.on_batch([(half // 2, half // 2)]), np.ndarray)
    assert below([(half // 2, half // 2)]) == [[MACHINE - 1]]
    above = Layer(kind(((1, 1),)), (half,), "identity")
    assert isinstance(above.on_batch([(half // 2, half // 2)]), list)
    assert above([(half // 2, half // 2)]) == [[MACHINE]]


def test_floats_and_machine_integers_are_refused_at_the_door() -> None:
    for layer in (Layer(((1, 2),), (0,), "relu"), Layer(sparse(((1, 2),)), (0,), "relu")):
        for x in ((1, 1.5), (np.int64(1), 2)):
            with pytest.raises(TypeError):
                layer([x])
        with pytest.raises(TypeError):
            layer(np.array([[1.0, 1.5]]))


@pytest.mark.parametrize("activation", ["threshold", "relu", "identity"])
def test_the_bound_is_the_edge_of_the_doubles(activation: str) -> None:
    """Dense sums below 2**53 are computed in floats, others in larger integers; sparse ones in integers always."""
    below = Layer(((1, 1),), (2**52 - 1,), activation)
    x = (2**51, 2**51 - 1)
    assert below.in_machine_numbers([x]).dtype == float  # the bound is 2 * 2**51 + 2**52 - 1
    above = Layer(((1, 1),), (2**52,), activation)
    assert above.in_machine_numbers([x]).dtype == np.int64
    assert Layer(sparse(((1, 1),)), (1,), activation).in_machine_numbers([(1, 2)]).dtype == np.int64
    for layer in (below, above):
        assert layer.on_batch([x]).dtype == np.int64
        exact = sum(x) + layer.biases[0]
        assert layer([x]) == [[1 if activation == "threshold" else exact]]
        assert type(layer([x])[0][0]) is int


def test_a_sparse_matrix_names_its_faults() -> None:
    faults = {
        "no entry 0|is 0": ((2, 2), (0,), (0,), (0,)),
        "same position": ((2, 2), (0, 0), (1, 1), (1, 2)),
        "outside": ((2, 2), (2,), (0,), (1,)),
        "1 rows, 2 columns": ((2, 2), (0,), (0, 1), (1,)),
    }
    for reason, given_ in faults.items():
        with pytest.raises(ValueError, match=reason):
            Sparse(*given_)
    with pytest.raises(TypeError, match="Python ints"):
        Sparse((1, 1), (0,), (0,), (np.int64(1),))


@given(own.networks(), st.data())
def test_a_sparse_network_has_the_sizes_the_floats_and_the_certificate_of_the_dense_one(net, draw) -> None:
    layers = tuple(
        Layer(sparse(layer.weights), layer.biases, layer.activation) if draw.draw(st.booleans()) else layer
        for layer in net.layers
    )
    thin = Network(layers, net.theorem, net.input_scale, net.output_scale)
    points = draw.draw(
        st.lists(st.tuples(*[own.small] * len(net.input_scale)), min_size=1, max_size=3, unique=True)
    )
    assert thin.at_integers(points) == net.at_integers(points)
    for size in ("widths", "hidden_neurons", "nonzero_weights", "max_weight_bits"):
        assert getattr(thin, size) == getattr(net, size)
    if net.max_weight_bits <= 12:  # then floats are exact, whatever the order of the sums
        assert np.array_equal(thin.in_floats(points), net.in_floats(points))
    summary = checker.verify(thin.certificate(points, thin.at_integers(points)).document)
    assert summary.nonzero_weights == net.nonzero_weights
