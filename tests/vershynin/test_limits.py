"""Counting and the circle: enumeration by other routes, exhaustive searches, controls, mutants."""

import math
import random
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import checker
from memlib.claim import ClaimFails, ControlFails
from memlib.layer import Layer
from memlib.network import Network
from memlib.vershynin import counting, limits
from memlib.vershynin.counting import Node, Rewired, Sine, Sizes, Wiring, regions
from memlib.vershynin.limits import Regular, Ring, nested_arcs, on_circle


def curve(K: int) -> tuple:
    return tuple((i, i**3 - 3 * i + i % 3) for i in range(K))


def ring(K: int) -> Ring:
    points = on_circle(tuple((k - (K - 1) // 2, 2) for k in range(K)))
    return Ring(points, tuple(k % 2 for k in range(K)))


# vershynin-upper


@given(st.integers(0, 12), st.integers(0, 12))
def test_regions_satisfy_the_recursion(K: int, w: int) -> None:
    assert regions(K + 1, w + 1) == regions(K, w + 1) + regions(K, w)
    assert regions(K, K) == 2**K


def test_patterns_of_one_node() -> None:
    """Halfplanes on points in general position: K^2 - K + 2; on a line: 2 K; with a free bias: K + 1."""
    for K in (3, 5, 8):
        assert len(Node().patterns(curve(K))) == K * K - K + 2
        assert len(Node().patterns(tuple((k,) for k in range(K)))) == 2 * K
        assert len(Node((1, 0)).patterns(curve(K))) == K + 1
        assert len(Node((1, 0), bias=1).patterns(curve(K))) == 1


@given(st.randoms(use_true_random=False))
def test_drawn_networks_are_among_the_enumerated(draw: random.Random) -> None:
    x = Wiring(curve(6), (Node(), Node((1, draw.randint(-2, 2)))))
    found = x.labellings()
    for _ in range(20):
        a, b, c = (draw.randint(-9, 9) for _ in range(3))
        bias = draw.randint(-60, 60)
        u, v, t = (draw.randint(-3, 3) for _ in range(3))
        y = 0
        for k, (p, q) in enumerate(x.points):
            h = (int(a * p + b * q > c), int(p + x.hidden[1].weights[1] * q > bias))
            y |= int(u * h[0] + v * h[1] > t) << k
        assert y in found


def test_known_counts() -> None:
    """2-2-1 networks: 62 of 64 and 114 of 128 labellings of points in general position; on a line 14 of 16."""
    two = (Node(), Node())
    assert [len(Wiring(curve(K), two).labellings()) for K in (4, 5, 6, 7, 9)] == [16, 32, 62, 114, 326]
    line = tuple((k,) for k in range(4))
    assert len(Wiring(line, (Node((1,)), Node((1,)))).labellings()) == 14


def test_upper_checks_and_controls() -> None:
    limits.upper.check([Wiring(curve(K), (Node(), Node((1, 2), 3))) for K in (4, 7)], over="two hidden nodes")
    limits.upper.check([Sizes.of(N, W) for N in (2, 3, 50) for W in (50, 51, 4000)], over="sizes")
    limits.upper.control(Sine(15), without="the nodes are thresholds")
    limits.upper.control(Rewired(10), without="one wiring for all labels")
    limits.upper.control(Sizes.of(1, 100), without="N >= 2")
    with pytest.raises(ControlFails, match="survives"):
        limits.upper.control(Sine(6), without="the nodes are thresholds")
    limits.upper.rejects(Wiring(curve(5), (Node(),)), wrong=counting.product_is_reached, says="reached")


def test_sines_give_every_labelling_in_floats_as_well() -> None:
    K = 8
    found = set()
    for y in product((0, 1), repeat=K):
        omega = math.pi * (1 + sum((1 - v) * 2**i for i, v in enumerate(y, start=1)))
        found.add(sum((math.sin(omega * 2.0**-i) > 0) << (i - 1) for i in range(1, K + 1)))
    assert found == set(Sine(K).labellings()) == set(range(2**K))


def test_the_arithmetic_agrees_with_floats() -> None:
    for N, W in ((2, 2), (3, 9), (40, 300)):
        limit = 2 * W * math.log2(math.e * N)
        assert math.isclose(float(counting.largest_K(N, W)), limit, rel_tol=1e-12)
        K = int(limit) + 1
        assert counting.power_bound_fails(N, W, K) == (K * math.log(2) > W * math.log(math.e * N * K / W))


def test_mutants_of_counting_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Wiring(curve(7), (Node((1, 0)), Node((0, 1))))
    with monkeypatch.context() as patch:
        patch.setattr(counting, "regions", lambda K, w: w)
        with pytest.raises(ClaimFails, match="labellings occur"):
            limits.upper.check([replace(x, hidden=(Node(),))], over="too few regions")
    with monkeypatch.context() as patch:
        patch.setattr(counting, "regions", lambda K, w: 2**K)
        with pytest.raises(ClaimFails, match="above the power"):
            limits.upper.check([x], over="too many regions")
    half = replace(Sizes.of(5, 40), limit=Sizes.of(5, 40).limit * 6 / 10)
    with pytest.raises(ClaimFails, match="not below"):
        limits.upper.check([half], over="1.2 in the place of 2")


# vershynin-separation-needed


def test_circles() -> None:
    for K in (2, 4, 6, 9, 20):
        points = ring(K).points
        assert len({x * x + y * y for x, y in points}) == 1
        assert limits.points_go_round_a_circle(ring(K))
    shuffled = replace(ring(6), points=(*ring(6).points[1::-1], *ring(6).points[2:]))
    assert "cyclic" in str(limits.points_go_round_a_circle(shuffled))
    twice = replace(ring(6), points=(*ring(6).points[:5], ring(6).points[0]))
    assert "equal" in str(limits.points_go_round_a_circle(twice))


@given(st.lists(st.integers(0, 1), min_size=2, max_size=7))
def test_the_least_first_layer_is_half_the_changes(labels: list[int]) -> None:
    x = ring(len(labels))
    changes = sum(a != b for a, b in zip(labels, [*labels[1:], labels[0]], strict=True))
    assert 2 * limits.least_first_layer(x.points, tuple(labels)) == changes


def test_checks_and_controls_of_the_circle() -> None:
    limits.separation_needed.check([ring(K) for K in (2, 4, 6)], over="circles")
    limits.separation_needed.check([Regular.of(K) for K in (4, 6, 100)], over="polygons")
    six = ring(6)
    limits.separation_needed.control(replace(six, labels=(0, 0, 1, 1, 1, 1)), without="the labels alternate")
    parabola = tuple((k, k * k) for k in range(6))
    with pytest.raises(ControlFails, match="survives"):  # any convex position needs as many
        limits.separation_needed.control(
            replace(six, points=parabola), without="the points go round a circle"
        )
    zigzag = tuple((k, k % 2) for k in range(6))
    limits.separation_needed.control(replace(six, points=zigzag), without="the points go round a circle")


@pytest.mark.parametrize("K", [2, 4, 6, 10, 30])
@pytest.mark.parametrize("first", [0, 1])
def test_nested_arcs(K: int, first: int) -> None:
    points, labels = ring(K).points, tuple((k + first) % 2 for k in range(K))
    net = nested_arcs(points, labels)
    assert net.layers[0].units == K // 2
    checker.verify(net.certificate(points, labels).document)
    codes = net.layers[0](points)
    assert [sum(code) for code in codes] == [min(i, K - i) for i in range(K)]


def test_mutants_of_the_circle_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    six = ring(6)
    with monkeypatch.context() as patch:
        patch.setattr(limits, "least_first_layer", lambda points, labels: 2)
        with pytest.raises(ClaimFails, match="2 nodes for 6 points"):
            limits.separation_needed.check([six], over="a wrong search")
    build = limits.nested_arcs
    with monkeypatch.context() as patch:
        patch.setattr(limits, "nested_arcs", lambda points, labels: build(points, labels[1:] + labels[:1]))
        with pytest.raises(ClaimFails, match="the network is wrong"):
            limits.separation_needed.check([six], over="labels turned")
    short = Network(
        (Layer(((1, 0),) * 2, (0, 1), "threshold"), Layer(((1, 1),), (-1,), "threshold")), "", (1, 1)
    )
    limits.separation_needed.control(replace(six, net=short), without="the network memorizes")
    with pytest.raises(ClaimFails, match="K delta"):
        limits.separation_needed.check([replace(Regular.of(8), delta=Regular.of(18).delta)], over="too close")


def test_no_set_of_fewer_halfplanes_tells_labels_apart() -> None:
    x = ring(8)
    patterns = limits.unit_patterns(x.points)
    for three in combinations(patterns, 3):
        codes = list(zip(*three, strict=True))
        assert any(codes[k] == codes[k - 1] for k in range(8))
