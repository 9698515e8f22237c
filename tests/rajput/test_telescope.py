"""The telescope, the hash, the log-free theorem and its method: laws, oracles by other routes, mutants."""

import json
import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from math import ceil, exp, log, log2, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails, ControlFails
from memlib.layer import MACHINE, Layer
from memlib.points import HypothesisError, input_scale, merge, to_integers
from memlib.rajput import hashing, telescope, telescope_task, telescoping
from memlib.rajput import telescope_network as method
from memlib.rajput.hyperplanes import Cloud, first_layer, radius_of
from memlib.rajput.random_parities import Blocks, ball, in_unit_ball, opposite
from memlib.rajput.telescope import Hash, HashNetwork, Letters, Task
from memlib.rajput.telescope_floats import (
    block_numbers,
    cheapest,
    expected_collisions,
    injective_runs,
    separation_chances,
)
from memlib.rajput.telescope_network import Frame, attempt, find, largest_sums, telescope_network
from memlib.rajput.telescope_sizes import Sizes, least_length, least_parities
from memlib.rajput.telescoping import Telescope, even_size, label_changes
from tests import strategies as own

QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)
BALL, SEP = (
    "the points lie in the unit ball",
    "0 < delta <= 2, and different labels are delta-separated",
)
BITS, BIAS = "labels in {0, 1}", "the biases have the law of the weights"
ENOUGH = "k = 2^t >= 2, 0 < eta < 1, r >= ln(n(n-1)/(2 eta))/kappa_k"
CHANGES, EVEN, LARGE = "the a_i are the changes of the label, in order", "s is even", "q s >= A"
INCREASE = "z increases, and 0 <= z < 2^r"
DIFFER, RANGE = "the codes of the pairs differ", "R >= |E| / eta"


def comb(n: int = 16, s: int = 4) -> Telescope:
    return telescope.telescope(range(n), [i % 2 for i in range(n)], s=s)


@pytest.fixture(scope="module")
def line() -> Task:
    return Task.of(tuple((i - 10,) for i in range(21)), 10, (0, 1) * 10 + (0,), Fraction(1, 10), QUARTER)


# rajput-telescope

numbers = st.sets(st.integers(0, 2**40), min_size=1, max_size=14).map(sorted)


@given(numbers, st.data())
def test_any_numbers_and_labels(z: list, draw: st.DataObject) -> None:
    y = draw.draw(own.labels(len(z)))
    s = draw.draw(st.sampled_from([None, 2, 4, 6]))
    x = telescope.telescope(z, y, s=s)
    wide = replace(x, q=x.q + draw.draw(st.integers(0, 3)), r=x.r + draw.draw(st.integers(0, 30)))
    telescope.telescoping.check([x, wide], over="drawn numbers")
    assert tuple(x.outputs()) == y


@given(numbers, st.data())
def test_between_the_points_the_parity_is_counted(z: list, draw: st.DataObject) -> None:
    """At every number up to the last the output is the parity of the changes up to it, point or not."""
    x = telescope.telescope(z, draw.draw(own.labels(len(z))))
    others = draw.draw(st.lists(st.integers(0, z[-1]), min_size=1, max_size=6))
    elsewhere = Telescope(tuple(others), (0,) * len(others), (), 2, 1, x.r)
    h = [[v >> b & 1 for b in range(x.r)] for v in elsewhere.z]
    for layer in x.layers:
        h = layer(h)
    assert [v for (v,) in h] == [sum(a <= v for a in x.changes) % 2 for v in others]


def test_all_labels_of_six_numbers() -> None:
    for y in product((0, 1), repeat=6):
        for s in (2, 4, 6):
            assert tuple(telescope.telescope(range(6), y, s=s).outputs()) == y


def test_the_example_by_hand() -> None:
    x = telescope.telescope((2, 3, 5, 8, 11, 12), (0, 1, 0, 1, 1, 0))
    assert (x.changes, x.table, x.s, x.q) == ((3, 5, 8, 12), ((3, 5), (8, 12)), 2, 2)
    B, P, out = x.layers
    assert B.biases == (-8, -1, -1, -1, -1) and P.biases == (-3, -5) and out.biases == (-1,)
    assert [w for i, j, w in P.entries if j == 0] == [-5, -7]
    assert [x.block(v) for v in x.z] == [0, 0, 0, 1, 1, 1]


def test_recommended_sizes() -> None:
    for A in range(2000):
        s = even_size(A)
        assert s == max(2, 2 * ceil(sqrt(A) / 2))
        q = max(1, -(-A // s))
        assert (q + s - 3) ** 2 <= 4 * A and s * (q - 1) <= A and s * q >= A


@given(st.lists(st.integers(0, 1), min_size=1, max_size=9))
def test_changes(labels: list) -> None:
    changes = label_changes(range(10, 10 + len(labels)), labels)
    assert [sum(a <= 10 + i for a in changes) % 2 for i in range(len(labels))] == labels


def test_odd_rows_are_inverted() -> None:
    wrong = [
        sum(a != b for a, b in zip(comb(s=s).outputs(), comb(s=s).labels, strict=True)) for s in (2, 3, 4, 5)
    ]
    assert wrong == [0, 6, 0, 5]


def test_controls_of_the_telescope(records: list) -> None:
    control = telescope.telescoping.control
    control(comb(s=3), without=EVEN)
    mixed = list(comb().changes)
    random.Random(0).shuffle(mixed)
    control(replace(comb(), changes=tuple(mixed)), without=CHANGES)
    control(replace(comb(), q=3), without=LARGE)
    control(Telescope((3, 3), (0, 1), (3,), 2, 1, 2), without=INCREASE)
    control(telescope.telescope((0, 1), (0, 2)), without=BITS)
    telescope.telescoping.rejects(comb(), wrong=telescope.without_the_move, says="no move")
    assert "6 of 16 outputs are wrong, the first at z = 4" in records[0]["reason"]
    with pytest.raises(ControlFails, match="survives"):  # with one row nothing moves
        control(telescope.telescope((0, 1, 2), (0, 1, 1), s=3), without=EVEN)


def test_numbers_need_their_bits() -> None:
    with pytest.raises(ClaimFails, match="does not fit 3 bits"):
        telescope.telescoping.check([replace(comb(), r=3)], over="16 numbers of 3 bits")
    with pytest.raises(ValueError, match="must be positive"):
        Telescope((1,), (0,), (), 0, 1, 1)


def test_letters(records: list) -> None:
    telescope.telescoping.check([Letters.of(4, 4)], over="letters", case="the threshold")
    assert records[-1]["strength"] == "symbolic"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w, b: (tuple(-c for c in w), b),
        lambda w, b: ((*w[:-1], w[-1] + 1), b),
        lambda w, b: (w, -b),
        lambda w, b: (w[::-1], b),
    ],
)
def test_wrong_thresholds_are_noticed(wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    true = telescoping.moving
    for module in (telescope, telescoping):
        monkeypatch.setattr(module, "moving", lambda table, i: wrong(*true(table, i)))
    with pytest.raises(ClaimFails, match="P_0 compares"):
        telescope.telescoping.check([Letters.of(3, 2)], over="mutant")
    with pytest.raises(ClaimFails, match="outputs are wrong"):
        telescope.telescoping.check(
            [telescope.telescope((0, 1, 5, 7, 9, 20), (0, 1, 0, 1, 0, 1), s=2)], over="mutant"
        )


@pytest.mark.parametrize(("layer", "shift"), [(0, -1), (1, -1), (1, 1), (2, -1), (2, 1)])
def test_shifted_biases_are_noticed(layer: int, shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    true = telescoping.telescope_layers

    def moved(*args):
        layers = list(true(*args))
        layers[layer] = replace(layers[layer], biases=tuple(b + shift for b in layers[layer].biases))
        return tuple(layers)

    monkeypatch.setattr(telescoping, "telescope_layers", moved)
    with pytest.raises(ClaimFails, match="outputs are wrong"):
        telescope.telescoping.check([comb()], over="mutant")


def test_sizes_of_a_telescope_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    x = replace(comb(), q=4)
    x.layers  # noqa: B018
    monkeypatch.setattr(telescope, "isqrt", lambda v: isqrt_less(v))
    with pytest.raises(ClaimFails, match=r"units and .* weights for 15 changes"):
        telescope.telescoping.check([x], over="mutant: 2 sqrt(A) - 1")


def isqrt_less(v: int) -> int:
    return int(sqrt(v)) - 3


# rajput-hash


@given(st.sets(st.integers(0, 7), min_size=2, max_size=3), st.integers(1, 6))
def test_hash_counts(codes: set, R: int) -> None:
    x = Hash.of(sorted(codes), 3, R)
    by_hand = sum(
        len({sum(w for b, w in enumerate(rho) if c >> b & 1) for c in codes}) == len(codes)
        for rho in product(range(R), repeat=3)
    )
    assert x.injective == Fraction(by_hand, R**3) >= 1 - x.eta
    if x.eta < 1:
        telescope.hashing.check([x], over="drawn codes")


def test_the_birthday_problem() -> None:
    for R in range(1, 9):
        assert Hash.of((1, 2, 4), 3, R).injective == Fraction((R - 1) * (R - 2), R**2)
    assert injective_runs((1, 2, 4), 3, [(0, 1), (0, 2), (1, 2)], 2, 50, 0) == 0
    hits = injective_runs((1, 2, 4), 3, [(0, 1), (0, 2), (1, 2)], 6, 2000, 0)
    assert abs(hits / 2000 - 5 / 9) < 0.06


def test_hash_claim(records: list) -> None:
    hundred = Hash.of([1 << b for b in range(100)], 100, 100**2, trials=2000)
    telescope.hashing.check([hundred], over="100 codes")
    assert records[-1]["strength"] == "statistical"
    telescope.hashing.control(replace(hundred, R=100, trials=300), without=RANGE)
    three = Hash.of((1, 2, 4), 3, 6)
    telescope.hashing.control(replace(three, R=3, eta=HALF), without=RANGE)
    telescope.hashing.control(replace(three, codes=(1, 2, 2)), without=DIFFER)


@pytest.fixture(scope="module")
def hashed() -> HashNetwork:
    X = to_integers(data.sphere(40, 6, 0))
    y = tuple(data.random_labels(40, 1).tolist())
    return HashNetwork(X, y, first_layer(X, 80, 0), 1000, HALF)


def test_hash_network(hashed: HashNetwork) -> None:
    flat = [replace(hashed, labels=(c,) * 40, R=R) for c in (0, 1) for R in (1, 7)]
    telescope.hashing.check([hashed, *flat], over="networks of four layers")
    layers, back = hashed.built()
    assert len(layers) == 4 and layers[1].units == back.q - 1 + 80
    dull = replace(hashed, first=Layer(((0,) * 6,) * 2, (1, -1), "threshold"))
    telescope.hashing.control(dull, without=DIFFER)


def test_hash_network_sizes_are_counted(hashed: HashNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as m:
        m.setattr(hashing, "isqrt", lambda v: 0)
        with pytest.raises(ClaimFails, match="units instead of"):
            telescope.hashing.check([hashed], over="mutant")
    monkeypatch.setattr(hashing, "largest_weight", lambda layers: 10**9)
    with pytest.raises(ClaimFails, match="as the largest weight instead of 80000"):
        telescope.hashing.check([hashed], over="mutant")


def test_a_wrong_hash_is_noticed(hashed: HashNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    true = method.telescope_layers
    monkeypatch.setattr(
        method,
        "telescope_layers",
        lambda t, f, v: true(t, f, [c + 5000 * (b == 3) for b, c in enumerate(v)]),
    )
    with pytest.raises(ClaimFails, match="the network is wrong"):
        telescope.hashing.check([hashed], over="mutant: one weight of z")


# the sizes


@pytest.mark.parametrize(
    ("n", "delta", "eta"), [(2, 2, 0.5), (21, 0.1, 0.25), (1797, 0.393, 0.25), (10**6, 0.01, 0.001)]
)
def test_sizes_against_floats(n: int, delta: float, eta: float) -> None:
    d, e = Fraction(delta), Fraction(eta)
    k = 2 ** ceil(log2(pi / delta))
    assert least_length(d) == k
    pairs = log(n * (n - 1) / (2 * eta))
    assert least_parities(n, e) == ceil(pairs / log(2 / (1 + exp(-1))))
    assert least_parities(n, e, k, d) == ceil(pairs / log(2 / (1 + (1 - delta / pi) ** k)))
    S = Sizes(n, 5, k, 20)
    for A in (0, 1, 2, 77):
        assert S.neurons(A) == int(60 * k - 20 + 2 * sqrt(A) + 3)
        assert S.weights(A) == int(11 * k * 20 + A + 20 * (3 * sqrt(A) - 4) + sqrt(A) + 2)
    assert S.depth == log2(k) + 4


def test_one_point_needs_one_parity() -> None:
    assert least_parities(1, HALF) == 1 == least_parities(2, Fraction(999, 1000))


# rajput-main-telescope


def sphere(n: int, d: int, seed: int, **more) -> Task:
    X = to_integers(data.sphere(n, d, seed))
    y = tuple(data.random_labels(n, seed + 1).tolist())
    R = radius_of(X)
    return Task.of(X, R, y, Cloud(X, R, y).separation(), QUARTER, **more)


@pytest.fixture(scope="module")
def poles() -> Task:
    plus = ((5, 0, 0), (0, 5, 0), (0, 0, 5))
    minus = tuple(tuple(-c for c in x) for x in plus)
    return Task.of(plus + minus, 5, (0,) * 3 + (1,) * 3, Fraction(7, 5), QUARTER)


def test_the_theorem(line: Task, poles: Task, records: list) -> None:
    small = sphere(60, 8, 0)
    flat = [replace(small, labels=(c,) * 60) for c in (0, 1)]
    two = Task.of(((1,), (-1,)), 1, (0, 1), Fraction(2), Fraction(999, 1000))
    one = Task.of(((0, 0),), 1, (1,), Fraction(1), QUARTER)
    twins = replace(
        small, points=small.points + small.points[:4], labels=small.labels + small.labels[:4], r=40
    )
    telescope.main_telescope.check([small, *flat, two, one, twins, line, poles], over="small data")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)
    assert (two.k, two.r, sum(two.network(two.built.layers()).widths)) == (2, 1, 8)
    telescope.main_telescope.check([replace(line, trials=30)], over="draws")
    assert records[-1]["strength"] == "statistical"


def test_controls_of_the_theorem(line: Task, poles: Task, records: list) -> None:
    control = telescope.main_telescope.control
    row = tuple((2 * i,) for i in range(300))
    control(Task.of(row, 1, (0, 1) * 150, Fraction(2), QUARTER), without=BALL)
    assert "changes 299 times" in records[-1]["reason"]
    control(Task.of(row, 600, (0, 1) * 150, Fraction(2), QUARTER), without=SEP)
    control(Task.of(((3, 4), (3, 4)), 5, (0, 1), Fraction(1), QUARTER), without=SEP)
    control(Task.of(((1,), (-1,)), 1, (0, 2), Fraction(2), QUARTER), without=BITS)
    control(replace(line, k=1, r=16), without=ENOUGH)
    control(replace(line, r=5, trials=40), without=ENOUGH)
    control(replace(poles, biased=False, trials=40), without=BIAS)
    assert "0 of 40" in records[-1]["reason"]


def test_an_odd_number_of_unbiased_hyperplanes_tells_antipodes_apart(poles: Task) -> None:
    """The parity of an even number of them never does; that of one always does."""
    for k, works in ((1, True), (2, False), (4, False)):
        found = [
            attempt(poles.points, poles.labels, 5, k, 40, seed, 20, biased=False) is not None
            for seed in range(9)
        ]
        assert any(found) == works


def test_a_control_needs_a_proof(line: Task) -> None:
    calm = Task.of(((0,), (2,), (4,)), 1, (0, 1, 1), Fraction(2), QUARTER)
    with pytest.raises(ControlFails, match="survives"):
        telescope.main_telescope.control(calm, without=BALL)


@pytest.mark.parametrize(
    ("size", "less", "says"),
    [
        ("neurons", 3, "neurons instead of"),
        ("weights", 60, "weights instead of"),
        ("depth", 1, "layers instead of"),
    ],
)
def test_smaller_sizes_are_noticed(
    size: str, less: int, says: str, line: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.built  # noqa: B018
    true = getattr(Sizes, size)
    smaller = property(lambda S: true.fget(S) - less) if size == "depth" else lambda S, A: true(S, A) - less
    monkeypatch.setattr(Sizes, size, smaller)
    with pytest.raises(ClaimFails, match=says):
        telescope.main_telescope.check([line], over="mutant")


def test_larger_weights_are_noticed(line: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telescope_task, "largest_weight", lambda layers: 2**line.r + 1)
    with pytest.raises(ClaimFails, match="as the largest later weight"):
        telescope.main_telescope.check([line], over="mutant")


def test_a_wrong_tree_is_rejected(line: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    true = method.xor_layers

    def wrong(k, r):
        trees, forms = true(k, r)
        last = replace(trees[-1], biases=(-1, -1, *trees[-1].biases[2:]))  # v = u for the first parity
        return (*trees[:-1], last), forms

    monkeypatch.setattr(method, "xor_layers", wrong)
    with pytest.raises(ClaimFails, match="point"):
        telescope.main_telescope.check([line], over="mutant")


def test_bad_luck_is_no_counterexample(line: Task) -> None:
    with pytest.raises(ValueError, match="not decided"):
        telescope_task.memorized_without_logs(replace(line, k=32, r=1))


# codes and chances


@given(st.integers(0, 9), st.sampled_from([(1, 3), (2, 5), (4, 9)]))
def test_block_numbers(seed: int, shape: tuple) -> None:
    k, r = shape
    X = to_integers(data.gaussian(7, 3, seed))
    layer = first_layer(X, k * r, seed)
    bits = layer(X)
    by_hand = [sum((sum(row[j * k : (j + 1) * k]) % 2) << j for j in range(r)) for row in bits]
    assert block_numbers(layer, X, k) == by_hand
    huge = tuple(tuple(c * 10**30 for c in x) for x in X)
    far = first_layer(huge, k * r, seed)
    assert len(block_numbers(far, huge, k)) == 7  # beyond machine integers


def test_chances_and_expectation() -> None:
    X = to_integers(data.gaussian(30, 3, 0))
    y = tuple(data.random_labels(30, 1).tolist())
    R = radius_of(X)
    p, pairs = separation_chances(X, R, y, np.random.default_rng(0))
    true = sorted(float(c.mid()) for c in Cloud(X, R, y).chances)
    assert pairs.sum() == len(true)
    rounded = np.repeat(p, pairs.astype(int))
    assert (rounded <= np.array(true) * (1 + 1e-9)).all() and (rounded >= np.array(true) * 0.998).all()
    unit = tuple(tuple(Fraction(c, R) for c in x) for x in X)
    exact = Blocks(unit, opposite(y), Fraction(1, 100), 4, 12, ball(HALF)).expected
    found = expected_collisions(p, pairs, 4, 12)
    assert float(exact.mid()) <= found <= 1.05 * float(exact.mid())
    assert in_unit_ball(X) == unit


def test_a_sample_of_the_pairs_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = to_integers(data.sphere(400, 5, 0)), tuple(data.random_labels(400, 1).tolist())
    whole = separation_chances(X, 1100, y, np.random.default_rng(0))
    monkeypatch.setattr("memlib.rajput.telescope_floats.PAIRS", 20_000)
    part = separation_chances(X, 1100, y, np.random.default_rng(0))
    assert part[1].sum() == pytest.approx(whole[1].sum())
    assert part[0] @ part[1] == pytest.approx(whole[0] @ whole[1], rel=0.05)


def test_cheapest_is_the_minimum() -> None:
    p, pairs = np.array([0.01, 0.1, 0.3]), np.array([2.0, 50.0, 1000.0])
    k, r = cheapest(p, pairs, 0.5, 5000)
    costs = {
        (a, b): a * b + 2 * b * (a - 1) + b
        for a in (1, 2, 4, 8, 16, 32, 64)
        for b in range(1, 59)
        if expected_collisions(p, pairs, a, b) <= 0.5
    }
    assert costs[k, r] == min(costs.values())
    assert cheapest(np.array([1e-9]), np.array([1.0]), 0.5, 5000) is None


# the method


@pytest.mark.parametrize("parameters", ["tuned", "worst-case"])
@pytest.mark.parametrize(
    ("X", "y"),
    [
        (((0,),), (0,)),
        (((0,),), (1,)),
        (((0, 0), (1, 0), (2, 0)), (0, 1, 0)),
        (tuple((k,) for k in range(41)), (0, 1) * 20 + (0,)),
        (tuple((k, 7) for k in range(9)), (1,) * 9),
        (tuple((k, 7) for k in range(9)), (0,) * 9),
        (((10**40, 0), (0, 10**40), (-(10**40), 1)), (1, 0, 0)),
        (((0, 0, 0, 0, 1), (1, 2, 3, 4, 5)), (1, 0)),
        (((3, 4), (-3, -4), (5, 0), (-5, 0)), (0, 1, 0, 1)),
    ],
)
def test_degenerate_data(X: tuple, y: tuple, parameters: str) -> None:
    net = telescope_network(X, y, (1,) * len(X[0]), rng=1, parameters=parameters)
    assert net.at_integers(X) == y
    cert = net.certificate(X, y)
    assert checker.verify(json.loads(json.dumps(cert.document))).points == len(X)
    assert cert.document["theorem"] == "rajput-main-telescope"


@settings(max_examples=15)
@given(own.point_sets(n=own.two_to_nine, entries=st.integers(-9, 9)), st.data())
def test_any_points(points: tuple, draw: st.DataObject) -> None:
    y = draw.draw(own.labels(len(points)))
    for options in ({}, {"parameters": "worst-case"}, {"stretched": False}):
        assert telescope_network(points, y, (1,) * len(points[0]), 0, **options).at_integers(points) == y


def small_sets() -> dict:
    S = data.sphere(30, 5, 0)
    A, digit = data.digits()
    cells, malignant = data.breast_cancer()
    wine, cultivar = data.wine()
    M, moon = data.two_moons(200, 0, noise=0.15)
    return {
        "digits": (A[:300], digit[:300] % 2),
        "digits, random": (A[:300], data.random_labels(300, 1)),
        "cancer": (cells, malignant),
        "wine": (wine, cultivar == 0),
        "wine, random": (wine, data.random_labels(178, 1)),
        "moons": (M, moon),
        "antipodes": (np.vstack([S, -S]), [0] * 30 + [1] * 30),
        "twins": (np.vstack([S, S]), [0, 1] * 30),
    }


SETS = small_sets()


@pytest.mark.parametrize("name", SETS)
def test_data_sets(name: str) -> None:
    X, y = SETS[name]
    points, labels = merge(to_integers(X), np.asarray(y).astype(int))
    net = telescope_network(points, labels, input_scale(X))
    checker.verify(net.certificate(X, np.asarray(y).astype(int)).document)
    found = find(Frame.of(points), labels)
    S = Sizes(len(points), len(points[0]), found.k, found.r)
    assert sum(net.widths) <= S.neurons(found.A) and net.nonzero_weights <= S.weights(found.A)  # k = 1 too
    assert found.r <= 58 and max(largest_sums(net.layers[1:], [(1,)])) < MACHINE
    assert all(isinstance(layer.on_batch(h), np.ndarray) for layer, h in batches(net, points))


def batches(net, points):
    h = points
    for layer in net.layers[:1]:
        h = layer(h)
    for layer in net.layers[1:]:
        yield layer, h
        h = layer(h)


def test_the_theorem_never_needs_more(line: Task) -> None:
    """With worst-case parameters k and r are those of the theorem, for the measured separation."""
    X = line.points
    frame = Frame.of(X)
    found = find(frame, line.labels, 0, "worst-case")
    delta = Fraction(2, 20)  # neighbours, in units of the radius 10
    assert found.k == least_length(delta) == 32 and found.r == least_parities(21, QUARTER, 32, delta)
    assert frame.radius == 10 and frame.middle == (0,)


def test_largest_sums_bound_every_sum() -> None:
    layers = (Layer(((3, -4), (1, 1)), (5, -6), "threshold"), Layer(((7, -9),), (2,), "threshold"))
    assert largest_sums(layers, [(1, -10), (2, 3)]) == [10 * 7 + 6, 18]
    for layer, bound, h in zip(
        layers, largest_sums(layers, [(1, -10), (2, 3)]), ([10, -10], [1, 1]), strict=True
    ):
        for row, b in zip(layer.weights, layer.biases, strict=True):
            assert sum(abs(w * v) for w, v in zip(row, h, strict=True)) + abs(b) <= bound


def test_the_method_refuses() -> None:
    X = ((0, 0), (1, 1), (0, 1))
    with pytest.raises(HypothesisError, match="point 1 has the label 2"):
        telescope_network(X, (0, 2, 0), (1, 1))
    for parameters in ("tuned", "worst-case"):
        with pytest.raises(HypothesisError, match=r"points 1 and 0 are at distance .*e-30"):
            telescope_network(((0,), (1,), (10**30,)), (0, 1, 0), (1,), parameters=parameters)
        with pytest.raises(HypothesisError, match="points 1 and 0 are at distance 0 times"):
            telescope_network(((0,), (0,)), (0, 1), (1,), parameters=parameters)
    with pytest.raises(ValueError, match="parameters 'best' is not one of"):
        telescope_network(X, (0, 1, 0), (1, 1), parameters="best")
    with pytest.raises(HypothesisError, match="points 0 and 1 are equal, their labels are 0 and 1"):
        merge(to_integers([[0.5], [0.5]]), [0, 1])


def test_draws_that_fail_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method, "attempt", lambda *args: None)
    with pytest.raises(ArithmeticError, match="40 draws failed"):
        telescope_network(((0,), (1,)), (0, 1), (1,))


def test_same_seed_same_network() -> None:
    X, y = SETS["wine, random"]
    points, labels = merge(to_integers(X), y)
    nets = [telescope_network(points, labels, input_scale(X), rng=seed) for seed in (3, 3, 4)]
    assert nets[0] == nets[1] != nets[2]


def test_pairs_of_a_hash_network(hashed: HashNetwork) -> None:
    wanted = {(i, j) for i, j in combinations(range(40), 2) if hashed.labels[i] != hashed.labels[j]}
    assert set(hashed.pairs) == wanted
