"""Slabs: planes by another route, rounding, the deep network, the methods through certificate and checker, mutants."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails
from memlib.evidence import Counterexample
from memlib.points import HypothesisError, as_labels, input_scale, to_integers
from memlib.vershynin import copying, deep_slabs, slab
from memlib.vershynin import perception_floats as floats
from memlib.vershynin.deep_slabs import Deep, Slab, slab_layers
from memlib.vershynin.slab import Chosen, Plane, Rounding, perceiving_network, slab_network
from memlib.vershynin.slab_floats import counting_bound, group_by_slab, per_point, shortest_solution

CUBE = ((1, 1, -1), (1, -1, 1), (-1, 1, 1), (1, 1, 1), (-1, -1, 1), (1, -1, -1))
HULL = "no stranger is in the affine hull"


def signs(K: int, d: int, seed: int) -> tuple:
    return tuple(tuple(2 * b - 1 for b in row) for row in floats.random_bits(K, d, seed))


@st.composite
def chosen(draw) -> Chosen:
    K, d = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    points = draw(st.lists(st.tuples(*[st.integers(-2, 2)] * d), min_size=K, max_size=K))
    members = draw(st.lists(st.integers(0, K - 1), min_size=1, max_size=K, unique=True))
    return Chosen(tuple(points), tuple(members))


# (a)


@given(chosen())
def test_planes_exist_iff_no_stranger_is_in_the_hull(x: Chosen) -> None:
    """The hull by sympy's ranks of differences; the plane by evaluation."""
    base = x.vectors[x.members[0]]

    def differences(indices) -> sympy.Matrix:
        return sympy.Matrix([[a - b for a, b in zip(x.vectors[i], base, strict=True)] for i in indices])

    rank = differences(x.members).rank()
    inside = [k for k in x.strangers if differences([*x.members, k]).rank() == rank]
    assert bool(slab.no_stranger_in_the_hull(x)) == (not inside)
    plane = slab.plane_through(x)
    assert isinstance(plane, Counterexample) == bool(inside)
    if not inside:
        slab.slab.check([x], over="drawn points")
        values = [sum(a * b for a, b in zip(plane.w, s, strict=True)) - plane.tau for s in x.vectors]
        assert {k for k, v in enumerate(values) if v == 0} == set(x.members)


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_the_pair_differs_on_the_plane_only(tau: int, value: int) -> None:
    first, second = Plane((1,), tau).pair((value,))
    assert first - second == int(value == tau)


def test_controls_of_planes() -> None:
    slab.slab.control(Chosen(CUBE, (0, 1, 3)), without=HULL)
    everybody = Chosen(CUBE[:4], (0, 1, 2, 3))
    slab.slab.check([everybody], over="no stranger")
    with pytest.raises(ClaimFails, match="group is not empty"):
        slab.slab.check([Chosen(CUBE, ())], over="nobody")


def test_ranks_modulo_a_prime_only_certify(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modulo 2 all sign vectors look alike; the rational rank still decides."""
    x = Chosen(CUBE, (0, 1, 2))
    assert all(slab.certified_outside(x, k) for k in x.strangers)
    with monkeypatch.context() as patch:
        patch.setattr(slab, "PRIME", 2)
        assert not any(slab.certified_outside(x, k) for k in x.strangers)
        assert slab.no_stranger_in_the_hull(x)


def test_a_plane_through_a_stranger_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(slab, "plane_through", lambda x: Plane((1, 0, 0), 1))
        with pytest.raises(ClaimFails, match="0 and 0 at point 2"):
            slab.slab.check([Chosen(CUBE, (0, 1, 2))], over="a wrong plane")
    with monkeypatch.context() as patch:
        patch.setattr(slab, "moment_vector", lambda rows: (1,) + (0,) * (len(rows[0]) - 1))
        with pytest.raises(ClaimFails):
            slab.slab.check([Chosen(CUBE, (k,)) for k in range(6)], over="the first basis vector")


# (b)


@pytest.fixture(scope="module")
def solved() -> Rounding:
    v, r = signs(80, 24, 1), 12
    w = shortest_solution(np.array(v), range(r))
    x = Rounding(Chosen(v, tuple(range(r))), tuple(Fraction(float(c)) for c in w), 1)
    return replace(x, M=int(24 / (x.gap - x.residual)) + 1)


def test_rounding(solved: Rounding) -> None:
    slab.slab.check([solved, replace(solved, M=10 * solved.M)], over="twelve of 24 dimensions")
    slab.slab.control(replace(solved, M=1), without="M (gap - residual) > d")
    long = tuple(tuple(1000 * c for c in s) for s in solved.chosen.vectors)
    far = Rounding(
        Chosen(long, solved.chosen.members), tuple(c * Fraction(1, 1000) for c in solved.w), solved.M
    )
    slab.slab.control(far, without="the vectors are signs")


def test_offsets_are_exact(solved: Rounding) -> None:
    for k, s in enumerate(solved.chosen.vectors):
        assert solved.offsets[k] == sum(a * b for a, b in zip(solved.w, s, strict=True)) - 1


def test_a_wrong_rounding_is_noticed(solved: Rounding, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Rounding, "rounded", property(lambda x: tuple(round(c) for c in x.w)))
        with pytest.raises(ClaimFails, match="contains point 12"):
            slab.slab.check([solved], over="without the factor")


# (c)


@pytest.fixture(scope="module")
def deep() -> Deep:
    bits = floats.random_bits(60, 16, seed=3)
    y = tuple(int(k < 25) for k in range(60))
    return Deep(bits, y, slab.slabs_for(bits, y), nodes=2)


def test_deep_networks(deep: Deep) -> None:
    assert len(deep.slabs) > 1
    other = replace(deep, labels=tuple(1 - t for t in deep.labels))
    empty = [Deep(deep.bits, (t,) * 60, (), 2) for t in (0, 1)]
    slab.slab.check([*(replace(deep, nodes=P) for P in (2, 3, 4, 7)), other, *empty], over="random bits")


def test_controls_of_deep_networks(deep: Deep) -> None:
    controls = {
        "the groups split a class": replace(deep, slabs=deep.slabs[1:]),
        "labels in {0, 1}": replace(deep, labels=(*deep.labels[:-1], 2)),
        "P >= 2": replace(deep, nodes=1),
        "each slab contains its group and nobody else": replace(
            deep, slabs=(replace(deep.slabs[0], lo=-(10**9), hi=10**9), *deep.slabs[1:])
        ),
    }
    for name, instance in controls.items():
        slab.slab.control(instance, without=name)
    slab.slab.rejects(deep, wrong=deep_slabs.all_weights_plus, says="all weights +1")


@given(st.integers(1, 7), st.randoms(use_true_random=False))
def test_layers_or_the_slabs(d: int, draw: random.Random) -> None:
    """On all bit vectors: the output fires iff some slab contains the point, whatever the slabs are."""
    slabs = []
    for _ in range(draw.randint(0, 4)):
        w, lo = tuple(draw.randint(-3, 3) for _ in range(d)), draw.randint(-4, 4)
        slabs.append(Slab((), w, lo, lo + draw.randint(0, 2)))
    points = tuple(product((0, 1), repeat=min(d, 5)))
    points = tuple((*v, *(0,) * (d - len(v))) for v in points)
    for ones in (True, False):
        layers = slab_layers(d, slabs, draw.randint(2, 6), ones)
        h = points
        for layer in layers:
            h = layer.on_batch(h)
        for v, row in zip(points, h, strict=True):
            values = [sum(a * (2 * b - 1) for a, b in zip(s.w, v, strict=True)) for s in slabs]
            found = any(s.lo <= t <= s.hi for s, t in zip(slabs, values, strict=True))
            assert int(row[0]) == int(found == ones)


def test_mutants_of_the_pair_fail(deep: Deep, monkeypatch: pytest.MonkeyPatch) -> None:
    for pair in (
        lambda s: (copying.Neuron(s.w, s.lo), copying.Neuron(s.w, s.hi)),
        lambda s: (copying.Neuron(s.w, s.lo + 1), copying.Neuron(s.w, s.hi + 1)),
        lambda s: (copying.Neuron(s.w, s.hi + 1), copying.Neuron(s.w, s.lo)),
    ):
        tight = tuple(slab.slab_of(deep.sigma, s.members, s.w) for s in deep.slabs)
        with monkeypatch.context() as patch:
            patch.setattr(Slab, "pair", property(pair))
            with pytest.raises(ClaimFails, match="the network is wrong"):
                slab.slab.check([replace(deep, slabs=tight)], over="a mutant")


# from data to a network


@pytest.mark.parametrize("way", slab.WAYS)
def test_methods_through_certificate_and_checker(way: str) -> None:
    A = data.wine()[0][::2]
    y = as_labels(data.random_labels(len(A), rng=3), len(A))
    net = perceiving_network(to_integers(A), y, input_scale(A), rng=1, perception=way, width=96)
    checker.verify(net.certificate(A, y).document)
    assert net.theorem == ("vershynin-slab" if way == "slab" else "vershynin-copy")
    forged = net.certificate(A, y).document
    forged["labels"][5] = 1 - forged["labels"][5]
    with pytest.raises(checker.Rejected):
        checker.verify(forged)


def test_slabs_are_cheaper_than_signs() -> None:
    A = data.wine()[0]
    y = as_labels(data.random_labels(len(A), rng=3), len(A))
    front = copying.sign_front(to_integers(A), y, 96, None, rng=0)
    costs = {way: per_point(slab.deep_part(front.bits, y, way), len(A)) for way in slab.WAYS}
    assert costs["slab"][0] < costs["minimum-norm"][0] < costs["signs"][0]
    assert costs["slab"][0] > counting_bound(len(A), 3) / len(A)


def test_several_layers_of_slabs() -> None:
    points = tuple(map(tuple, np.random.default_rng(0).integers(-99, 100, (200, 8)).tolist()))
    y = as_labels(data.random_labels(200, rng=0), 200)
    net = slab_network(points, y, width=40, depth=1, nodes=2)
    assert net.at_integers(points) == y
    assert net.widths[1:-1].count(43) >= 1 and len(net.layers) == 5


def test_degenerate_data() -> None:
    assert slab_network(((0,), (1,)), (1, 1)).at_integers(((0,), (1,))) == (1, 1)
    assert slab_network(((0, 0), (1, 5)), (0, 1), width=8).at_integers(((0, 0), (1, 5))) == (0, 1)
    assert slab_network(((3,),), (0,)).at_integers(((3,),)) == (0,)
    with pytest.raises(HypothesisError, match="label 2"):
        slab_network(((0,), (1,)), (0, 2))
    with pytest.raises(ValueError, match="width 0"):
        slab_network(((0,), (1,)), (0, 1), width=0)
    with pytest.raises(ValueError, match="perception is 'luck'"):
        perceiving_network(((0,), (1,)), (0, 1), perception="luck")
    line = tuple((k,) for k in range(100))
    with pytest.raises(HypothesisError, match=r"apart|orthogonal"):
        slab_network(line, tuple(k % 2 for k in range(100)), width=4)


def test_equal_bits_with_equal_labels_are_stored_once() -> None:
    points = ((0, 0), (1, 10**6), (10**9, 0), (10**9, 10**6), (5, 5))
    net = slab_network(points, (1, 1, 0, 0, 1), width=6, depth=1)
    assert net.at_integers(points) == (1, 1, 0, 0, 1)


def test_group_by_slab_is_exact_and_half_way() -> None:
    S = floats.as_signs(floats.random_bits(90, 20, seed=5))
    members, w, lo, hi = group_by_slab(S, range(90))
    values = [sum(a * int(b) for a, b in zip(w, s, strict=True)) for s in S]
    assert {k for k, v in enumerate(values) if lo <= v <= hi} == set(members)
    inside = [values[k] for k in members]
    above = min(v for k, v in enumerate(values) if v > hi)
    assert max(inside) <= hi <= (max(inside) + above) / 2
    twins = np.vstack([S[:1], S[:1]])
    assert group_by_slab(twins, [0]) is None
