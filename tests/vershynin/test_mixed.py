"""Sparse ReLU features against scipy, and networks with prescribed layers against the given ones."""

import math
import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from memlib import HypothesisError, Layer, Network, checker, data
from memlib.claim import ClaimFails
from memlib.points import input_scale, to_integers
from memlib.vershynin import activations, direct, direct_floats
from memlib.vershynin.activations import activated_network, types_of_layers, with_activations
from memlib.vershynin.enrichment_tails import Points, star
from memlib.vershynin.normal import ball

T, R = "threshold", "relu"
QUARTER = Fraction(1, 4)
X = star(6, 1, 6, 2)
LAYER = direct.direct_layer(X, QUARTER, runs=60, seed=1)

# vershynin-relu-direct


@given(st.integers(2, 10**6), st.sampled_from([Fraction(1, 2), Fraction(1, 100)]), st.integers(0, 30))
@settings(max_examples=25)
def test_the_letters_agree_with_scipy(K: int, beta: Fraction, extra: int) -> None:
    m = direct.direct_width(K, beta)
    assert (
        m - 1 < 2048 * math.log(2 * K / beta) ** 2 * (1 + 1e-9)
        and m >= 2048 * math.log(2 * K / beta) ** 2 - 1
    )
    x = direct.direct_layer(K, beta, m * 2**extra)
    b, tau = norm.isf(1 / math.sqrt(2 * x.m)), math.sqrt(2 * math.log(2 * x.m * K / beta))
    most = max(math.e**2, math.log(K * K / beta))
    assert math.isclose(float(x.b), b, rel_tol=1e-9)
    assert math.isclose(float(x.overlap), (tau - b) ** 2 * most, rel_tol=1e-6)
    assert math.isclose(float(x.norm), math.sqrt(x.m / 2) / 8 / b**2, rel_tol=1e-6)
    allowed = x.m / (1024 * b**4 * (tau - b) ** 4 * most**2 * math.log(2 * K))
    assert x.group < allowed * (1 + 1e-6) and x.group + 1 >= allowed * (1 - 1e-6)


def test_the_union_bound_agrees_with_scipy() -> None:
    for K in (2, 50):
        x = direct.direct_layer(K, QUARTER)
        b, p = float(x.b), 1 / math.sqrt(2 * x.m)
        beyond = x.m * K * 2 * norm.sf(float(x.tau))
        q = float(direct.firing_together(x.b.lower(), x.eps))
        common = K * (K - 1) / 2 * binom.sf(math.ceil(float(x.most)) - 1, x.m, q)
        small = K * binom.cdf(math.floor(x.m * p / 8), x.m, norm.sf(b + 1 / b))
        bound = direct.direct_failure(x)
        assert beyond + common + small <= float(bound.upper()) * (1 + 1e-6)
        assert float(bound.lower()) <= (beyond + common + small) * (1 + 1e-6)


def test_direct_checks_and_controls() -> None:
    claim = direct.relu_direct
    claim.check([direct.direct_layer(K, QUARTER) for K in (2, 1000)], over="all points")
    claim.check([LAYER], over="drawn")
    near = direct.direct_layer(star(2, 100, 1), QUARTER, m=500_000, runs=16, seed=1)
    claim.control(near, without="the inner products are at most eps")
    claim.control(replace(near, eps=ball(Fraction(99999, 10**5))), without="eps <= 1 / (4 ln(m/2))")
    few = direct.direct_layer(star(64, 0, 1), QUARTER, m=16, runs=40, seed=1)
    claim.control(few, without="m >= 2048 ln^2(2 K / beta)")
    short = replace(LAYER, runs=16, points=Points(X.rows, 9 * X.square))
    claim.control(short, without="the points have norm 1")


def test_a_bias_forgotten_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the bias the features are dense, and their inner products large."""

    class Dense(direct.Direct):
        b = 0 * ball(1)

    dense = Dense(X, LAYER.eps, QUARTER, 4000, 16, 1)
    monkeypatch.setattr(Dense, "overlap", LAYER.overlap, raising=False)
    assert not direct_floats.direct_succeeds(dense).hits


def test_a_norm_without_its_eighth_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct.Direct, "norm", property(lambda x: 8 * x.m * x.p / x.b**2))
    with pytest.raises(ClaimFails, match="does not confirm"):
        direct.relu_direct.check([LAYER], over="mutant")


def test_features_count_bits_and_values() -> None:
    bits, values = direct_floats.features(np.eye(3), 500, np.random.default_rng(0))
    z = np.random.default_rng(0).standard_normal((500, 3)) @ np.eye(3)
    t = z - norm.isf(1 / math.sqrt(1000))
    for i in range(3):
        for k in range(3):
            both = [(a, c) for a, c in t[:, [i, k]] if a > 0 and c > 0]
            assert bits[i, k] == len(both)
            assert math.isclose(values[i, k], sum(a * c for a, c in both), abs_tol=1e-12)


# networks with prescribed layers


def drawn(seed: int) -> tuple[Network, tuple[tuple[int, ...], ...], tuple[str, ...]]:
    draw = random.Random(seed)
    widths = [draw.randint(1, 4) for _ in range(draw.randint(2, 5))] + [1]
    layers = tuple(
        Layer(
            tuple(tuple(draw.randint(-3, 3) for _ in range(k)) for _ in range(m)),
            tuple(draw.randint(-3, 3) for _ in range(m)),
            T,
        )
        for k, m in pairwise(widths)
    )
    points = tuple(tuple(draw.randint(-9, 9) for _ in range(widths[0])) for _ in range(draw.randint(1, 8)))
    return Network(layers, "random", (1,) * widths[0]), points, tuple(draw.choice((T, R)) for _ in layers[1:])


@given(st.integers(0, 10**6))
def test_prescribed_layers_agree_on_the_whole_grid(seed: int) -> None:
    net, points, types = drawn(seed)
    found = with_activations(net, points, types)
    assert tuple(layer.activation for layer in found.layers) == (*types, T)
    others = tuple(tuple(random.Random(k).randint(-20, 20) for _ in net.input_scale) for k in range(30))
    assert found.at_integers(points + others) == net.at_integers(points + others)
    for before, after, kind in zip(net.widths, found.widths, (*types, T), strict=True):
        assert after == before if kind == T else before <= after <= 2 * before


@given(
    st.integers(0, 1000),
    st.sampled_from(["threshold", "relu", "mixed"]),
    st.sampled_from(["signs", "minimum-norm", "slab"]),
)
@settings(max_examples=12, deadline=None)
def test_small_random_data(seed: int, activation: str, perception: str) -> None:
    P = to_integers(data.sphere(14, 5, rng=seed), (1000,) * 5)
    y = tuple(int(v) for v in data.random_labels(14, rng=seed))
    net = activated_network(P, y, rng=seed, activation=activation, perception=perception, width=48, nodes=4)
    assert net.at_integers(P) == y
    kinds = {layer.activation for layer in net.layers[:-1]}
    if len(net.layers) > 2:
        assert kinds == {"threshold": {T}, "relu": {R}, "mixed": {T, R}}[activation]
    assert checker.verify(net.certificate(P, y).document)


@pytest.mark.parametrize("activation", ["relu", "mixed"])
@pytest.mark.parametrize(("load", "options"), [
    (data.wine, {"width": 64, "depth": 5, "nodes": 64, "perception": "slab"}),
    (data.breast_cancer, {"width": 256, "depth": 1, "perception": "slab"}),
])  # fmt: skip
def test_real_data_with_random_labels(load, options, activation: str) -> None:
    W, _ = load()
    y = tuple(int(v) for v in data.random_labels(len(W), rng=0))
    scale = input_scale(W)
    net = activated_network(to_integers(W, scale), y, scale, activation=activation, **options)
    assert {layer.activation for layer in net.layers[:-1]} == ({R} if activation == "relu" else {T, R})
    assert net(W) == y
    document = net.certificate(W, y).document
    assert checker.verify(document)
    document["labels"][3] = 1 - document["labels"][3]
    with pytest.raises(Exception, match="point 3"):
        checker.verify(document)


def test_copies_and_carries_are_not_doubled() -> None:
    P = to_integers(data.sphere(40, 6, rng=0), (1000,) * 6)
    y = tuple(int(v) for v in data.random_labels(40, rng=0))
    options = {"width": 128, "depth": 4, "nodes": 2}
    given_net = activated_network(P, y, **options)
    net = activated_network(P, y, activation="relu", **options)
    assert net.widths[:4] == (256,) * 4 and net.widths[4:] == given_net.widths[4:]
    assert len(net.widths) > 6


def test_a_second_node_is_needed() -> None:
    """Mutant: one ReLU for a bit that is subtracted gives another function."""
    first = Layer(((1, 1), (1, 1)), (-1, -2), T)
    xor = Network((first, Layer(((1, -1),), (-1,), T)), "xor", (1, 1))
    square = ((0, 0), (1, 0), (0, 1), (1, 1))
    assert with_activations(xor, square, "relu").at_integers(square) == (0, 1, 1, 0)
    single = replace(xor, layers=(Layer(first.weights, (0, -1), R), xor.layers[1]))
    assert single.at_integers(square) != (0, 1, 1, 0)


def test_one_label_and_refusals() -> None:
    P = ((0, 0), (1, 5), (2, 2))
    for activation in activations.ACTIVATIONS:
        assert activated_network(P, (1, 1, 1), activation=activation).at_integers(P) == (1, 1, 1)
    with pytest.raises(ValueError, match="'sigmoid'"):
        activated_network(P, (0, 1, 0), activation="sigmoid")
    with pytest.raises(ValueError, match="3 types"):
        types_of_layers((T, R, T), 2)
    with pytest.raises(ValueError, match="'threshold' or 'relu'"):
        types_of_layers((T, "tanh"), 2)
    with pytest.raises(HypothesisError, match="labels are 0 or 1"):
        activated_network(P, (0, 1, 2), activation="relu")
    assert types_of_layers("mixed", 3) == (R, T, R)
