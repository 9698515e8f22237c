"""Prescribed widths: the claim, its controls, the builder through certificate and checker; Theorem R+ and mutants."""

import json
import random
import re
from dataclasses import replace

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails, ControlFails
from memlib.points import HypothesisError, as_labels, input_scale, to_integers
from memlib.vershynin import assembly, assembly_full, real_data, widths_floats
from memlib.vershynin.assembly import Budget, OnBasis
from memlib.vershynin.assembly_full import Full, at
from memlib.vershynin.real_data import relabelled, with_carry_cut
from memlib.vershynin.widths import vershynin_network, widths_network

CLAIM = real_data.widths


def instance(n: int, given: tuple, seed: int = 0, **options) -> real_data.Prescribed:
    X = data.sphere(n, 8, rng=seed)
    y = as_labels(data.random_labels(n, rng=seed + 1), n)
    points = to_integers(X, input_scale(X))
    net = widths_network(points, y, input_scale(X), seed, widths=given, **options)
    return real_data.prescribed(net, points, y)


@pytest.fixture(scope="module")
def deep() -> real_data.Prescribed:
    """Several layers share the work."""
    return instance(300, (128, 64, 64, 64, 64, 64), seed=0)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(60, 110), min_size=2, max_size=4),
    st.integers(2, 40),
    st.integers(0, 9),
    st.integers(1, 3),
)
def test_any_widths_are_kept_and_the_labels_are_right(given_, n: int, seed: int, tail: int) -> None:
    """A tail of single nodes is only the carry. Labels by an evaluation of its own, in plain Python."""
    x = instance(n, (*given_, *[1] * tail), seed)
    CLAIM.check([x], over="drawn widths")
    for point, y in zip(x.points, x.labels, strict=True):
        h = point
        for layer in x.network.layers:
            sums = list(layer.biases)
            for i, j, w in layer.entries:
                sums[i] += w * h[j]
            h = tuple(int(t >= 0) for t in sums)
        assert h == (y,)
    assert x.network.widths == (*given_, *[1] * tail, 1)


@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_certificates_are_accepted(name: str, tmp_path) -> None:
    X, _ = getattr(data, name)()
    y = data.random_labels(len(X), rng=1)
    points, labels = to_integers(X, input_scale(X)), as_labels(y, len(X))
    net = vershynin_network(points, labels, input_scale(X), widths=(128, 100, 120, 130))
    path = net.certificate(X, y).save(str(tmp_path / "net.json"))
    accepted, message = checker.check_file(path)
    assert accepted, message
    document = json.loads((tmp_path / "net.json").read_text())
    assert document["theorem"] == "vershynin-widths"
    assert [len(layer["biases"]) for layer in document["layers"]] == [128, 100, 120, 130, 1]
    assert "not promised by vershynin-assembly" in repr(net) and "(C2) fails" in net.note


def test_sparse_features_share_the_layer_with_the_channel() -> None:
    x = instance(80, (96,) * 5, sparsity=4)
    CLAIM.check([x], over="sparse features")
    assert x.network.stored[1] == 0, "layer 3 has no features to read"
    fired = x.network.layers[0](list(map(list, x.points)))
    block = [row[48:] for row in x.network.layers[1](fired)]
    share = sum(map(sum, block)) * 4, len(block) * len(block[0])
    assert 0.8 * share[1] < share[0] < 1.2 * share[1], "a feature fires with probability 1/4"


def test_layers_share_the_work_and_the_carry_matters(deep) -> None:
    CLAIM.check([deep], over="a deep network")
    busy = [l for l, k in enumerate(deep.network.stored) if k]
    assert len(busy) >= 2 and sum(deep.network.stored) == deep.labels.count(deep.network.marked)
    CLAIM.rejects(deep, wrong=real_data.remembers_the_last_layer_only, says="the last layer finds all")
    cut = with_carry_cut(deep, busy[0] + 1)
    CLAIM.control(cut, without="the carry is wired")
    with pytest.raises(ControlFails):
        CLAIM.control(cut, without="nobody else is found")


def test_controls_of_labels(deep) -> None:
    marked = deep.network.marked
    inside, outside = deep.labels.index(marked), deep.labels.index(1 - marked)
    CLAIM.control(relabelled(deep, outside, marked), without="each point of the class is found")
    CLAIM.control(relabelled(deep, inside, 1 - marked), without="nobody else is found")
    CLAIM.control(relabelled(deep, outside, 2), without="labels in {0, 1}")


def test_the_conclusion_counts_the_widths(deep) -> None:
    answer = real_data.memorizes_at_these_widths(replace(deep, widths=(*deep.widths[:-1], 63)))
    assert not answer and "widths" in str(answer)


@pytest.mark.parametrize("change", [{"high": -1}, {"low": 1}, {"high": 10**6}])
def test_a_wrong_threshold_is_caught(monkeypatch, change: dict) -> None:
    """Mutants: a neuron fires one step too early, at a stranger, or too late for a member."""
    group = widths_floats._group

    def wrong(*arguments):
        found = group(*arguments)
        return found._replace(**{name: getattr(found, name) + v for name, v in change.items()})

    monkeypatch.setattr(widths_floats, "_group", wrong)
    with pytest.raises(AssertionError, match="a fault of memlib"):
        instance(300, (128, 64, 64, 64, 64, 64), seed=0)


@pytest.mark.parametrize(
    "given_, hypothesis, layer",
    [
        ((8, 64, 64), "keep different labels apart", "layer 2 "),
        ((128, 8, 64), "keep different labels apart", "layer 3 "),
        ((128, 2, 1, 64), "room to pass|keep different", "layer [34] "),
        ((128, 64, 8), "room for the rarer class", "layer 4 "),
        ((128, 1), "room for the rarer class", "layer 3 "),
    ],
)
def test_refusals_name_the_layer(given_, hypothesis: str, layer: str) -> None:
    with pytest.raises(HypothesisError, match=hypothesis) as refusal:
        instance(300, given_)
    assert re.search(layer, str(refusal.value))


def test_no_admissible_group_is_said() -> None:
    """Sparse features have no block in layer 2, so two hidden layers never suffice."""
    with pytest.raises(HypothesisError, match="no block of features"):
        instance(20, (128, 128), sparsity=4)
    with pytest.raises(HypothesisError, match="not even alone"):
        instance(300, (512, 60, 64), sparsity=16)


@pytest.mark.parametrize(
    "points",
    [
        tuple((k,) for k in range(12)),
        tuple((10**30 * k, 10**30 * k * k) for k in range(12)),
        tuple((k, 3 * k, 7) for k in range(12)),
    ],
    ids=["d = 1", "huge", "on a line, a constant column"],
)
def test_degenerate_points(points: tuple) -> None:
    labels = tuple(k % 2 for k in range(12))
    net = widths_network(points, labels, widths=(90, 40, 1, 2))
    CLAIM.check([real_data.prescribed(net, points, labels)], over="alternating labels")


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("n", [1, 5])
def test_constant_labels(value: int, n: int) -> None:
    points = tuple((k, k * k) for k in range(n))
    net = widths_network(points, (value,) * n, widths=(3, 1, 2))
    CLAIM.check([real_data.prescribed(net, points, (value,) * n)], over="constant labels")


def test_bad_options() -> None:
    points, labels = ((0, 1), (1, 0)), (0, 1)
    for wrong in (5, (), (5,), (5, 0), (5, 2.0), (5, True)):
        with pytest.raises(ValueError, match="widths"):
            widths_network(points, labels, widths=wrong)
    with pytest.raises(ValueError, match="sparsity"):
        widths_network(points, labels, widths=(5, 5), sparsity=1)
    with pytest.raises(ValueError, match="perception goes with a constant width"):
        vershynin_network(points, labels, widths=(5, 5), perception="slab")
    with pytest.raises(HypothesisError, match="labels are 0 or 1"):
        widths_network(points, (0, 2), widths=(5, 5))
    assert vershynin_network(points, labels, width=16).theorem == "vershynin-copy"


def test_a_pair_keeps_strangers_inside() -> None:
    """The search by brute force over its result, for signs and for sparse features."""
    for q in (2, 4):
        rng = np.random.default_rng(q)
        bits = (rng.random((40, 64)) < 1 / q).astype(int)
        waiting, strangers = list(range(15)), list(range(15, 40))
        found = widths_floats.search(bits.tolist(), waiting, strangers, q, 99, rng)
        assert found.groups
        for w, low, high, caught in found.groups:
            values = [sum(a * b for a, b in zip(w, v, strict=True)) for v in bits.tolist()]
            assert all(low < values[k] < high for k in strangers)
            assert all(values[i] >= high or values[i] <= low for i in caught)


# Theorem R+


def least(K: int, L: int) -> Full:
    return Full(Budget(K, assembly.least_widths(K, L)[1:]))


def test_the_budget_of_the_full_theorem() -> None:
    big = Full(Budget(10**9, assembly.least_widths(10**9, 5)[1:] * 70))
    real_data.full.check([least(2, 4), least(10, 5), least(1000, 6), big], over="least widths")
    draw = random.Random(0)
    for _ in range(40):  # the arithmetic of layer 3 by floats, at and above the boundary
        K = draw.choice((2, 7, 100, 10**6))
        x = Budget(K, (4 * int(float(128 * Budget(K, (9,)).X) * draw.uniform(1, 4) + 1),) * 2)
        ratio = x.widths[0] // 4 / (76 * float(x.X))
        assert assembly_full.first_r(x) == int(np.ceil(ratio)) - 1 >= ratio / 2


def test_the_whole_theorem_with_four_layers() -> None:
    widths_ = assembly.least_widths(2, 4)
    small = OnBasis((0, 1), widths_)
    real_data.full.check([at(small)], over="two points")
    distinct = "the points keep their distance"
    real_data.full.control(at(replace(small, indices=(0, 0))), without=distinct)
    three = OnBasis((0, 1, 2), (1, *assembly.least_widths(3, 4)[1:]))
    real_data.full.control(at(three), without="(C1)")


def test_controls_of_the_widths() -> None:
    X = Budget(10**9, (9,) * 3).X
    n = 4 * int((192 * X).floor().unique_fmpz())
    real_data.full.control(Full(Budget(10**9, (n,) * 34)), without="(C3+)")
    real_data.full.control(Full(Budget(2, (40_000,) * 3)), without="(C2)")


def test_mutants_of_the_full_theorem_fail(monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(assembly_full, "FIRST", 75)  # .8464/64 is not above 1/75
        x = Budget(2, (4 * int(float(75 * 40 * Budget(2, (9,)).X) + 1),) * 2)
        x = replace(x, widths=(4 * int(float(75 * 300 * Budget(2, (9,)).X) + 2),) * 2)
        assert not assembly_full._budget_holds(x)
    assert assembly_full._budget_holds(x)
    weak = replace(Budget(10**9, (4 * int(float(192 * Budget(10**9, (9,)).X)),) * 34), constant=arb(700))
    with pytest.raises(ClaimFails, match="room"):
        real_data.full.check([Full(weak)], over="700 instead of 1600")


def test_cutting_the_first_features_loses_the_points(monkeypatch) -> None:
    """With four layers only layer 3 has features: if none fires, no point is found."""

    def silent(gram, nodes, mean, rng):
        return tuple((0,) * len(gram) for _ in gram)

    monkeypatch.setattr(assembly_full, "first_features", silent)
    answer = assembly_full.memorizes_all_labels(OnBasis((0, 1), assembly.least_widths(2, 4)))
    assert not answer and "no group" in str(answer)
