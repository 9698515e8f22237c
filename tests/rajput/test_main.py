"""One neuron a block, its gate, the network within its sizes, and the method: laws, oracles, mutants."""

import json
import random
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil, log, log2, pi, sqrt

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails, ControlFails
from memlib.layer import Layer, Sparse
from memlib.points import HypothesisError, to_integers
from memlib.rajput import main, pipeline
from memlib.rajput.blocks import Block, Gated, Unit, block_weights, pivots
from memlib.rajput.hyperplanes import Cloud, radius_of
from memlib.rajput.main import Task
from memlib.rajput.main_floats import nearest_opposites, sparse_row
from memlib.rajput.network import blocks_network, on_the_grid
from memlib.rajput.pipeline import pruned_trees
from memlib.rajput.sizes import Sizes
from memlib.rajput.xor import values_of, xor_layers
from tests import strategies as own

INDEPENDENT, SIGNS, BITS = (
    "the vectors are linearly independent",
    "their entries are 1 and -1",
    "labels in {0, 1}",
)
INCREASE, HEAVY = "z increases from point to point", "M >= |w|_1"
BALL, SEPARATED = "the points lie in the unit ball", "0 < delta <= 2, and the points are delta-separated"
signs = st.sampled_from([1, -1])


@st.composite
def sign_blocks(draw, most: int = 5) -> Block:
    s = draw(st.integers(1, most))
    N = draw(st.integers(s, s + 3))
    rows = draw(st.lists(st.tuples(*[signs] * N), min_size=s, max_size=s))
    return Block(tuple(rows), draw(own.labels(s)))


def sphere(n: int, d: int, seed: int = 0, labels: tuple | None = None, **options) -> Task:
    draw = random.Random(seed)
    X = to_integers(data.sphere(n, d, seed))
    R = radius_of(X)
    y = labels or tuple(draw.randint(0, 1) for _ in X)
    return Task(X, R, y, Cloud(X, R).separation(), **options)


@pytest.fixture(scope="module")
def task() -> Task:
    return sphere(40, 8, 1)


# rajput-block-exact


@given(sign_blocks())
def test_one_neuron_for_a_block(block: Block) -> None:
    full = sympy.Matrix(block.rows).rank() == len(block.rows)
    assert bool(main.rows_are_independent(block)) == full
    if full:
        main.block_exact.check([block], over="drawn signs")
        w, D = block_weights(block.rows, block.labels)
        assert [sum(c * row[k] for k, c in w.items()) for row in block.rows] == [D * t for t in block.targets]
    else:
        with pytest.raises(ZeroDivisionError):
            block_weights(block.rows, block.labels)


@given(sign_blocks())
def test_pivots_are_the_first_independent_columns(block: Block) -> None:
    assert tuple(pivots(block.rows)) == sympy.Matrix(block.rows).rref()[1]


def test_the_bound_is_attained_at_four() -> None:
    A = ((1, 1, 1, 1), (1, -1, 1, -1), (1, 1, -1, -1), (-1, -1, -1, 1))  # the solution of the exercise
    assert block_weights(A, (1, 1, 1, 1)) == ({0: 2, 1: -1, 2: -1, 3: 1}, 1)


def test_determinants_of_signs() -> None:
    found = {abs(sympy.Matrix(3, 3, entries).det()) for entries in product((1, -1), repeat=9)}
    assert found == {0, 4}


def test_controls_of_a_block(records: list) -> None:
    main.block_exact.control(Block(((1, 1), (1, 1)), (0, 1)), without=INDEPENDENT)
    assert "no w fits all the labels" in records[-1]["reason"]
    main.block_exact.control(Block(((1, 2), (3, 1)), (1, 1)), without=SIGNS)
    main.block_exact.control(Block(((1, 1), (1, -1)), (2, 0)), without=BITS)
    with pytest.raises(ZeroDivisionError):  # twins with equal labels: solvable, but not by the lemma
        main.block_exact.control(Block(((1, 1), (1, 1)), (1, 1)), without=INDEPENDENT)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda w, D: ({k: 9 * c for k, c in w.items()}, 9 * D), "the largest"),
        (lambda w, D: (w, -D), "D is"),
        (lambda w, D: ({k: -c for k, c in w.items()}, D), "is not"),
        (lambda w, D: ({**w, 90: 0, 91: 0, 92: 0, 93: 0, 94: 0}, D), "coordinates"),
    ],
)
def test_wrong_weights_are_noticed(wrong, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    true = block_weights
    monkeypatch.setattr(main, "block_weights", lambda rows, labels: wrong(*true(rows, labels)))
    with pytest.raises(ClaimFails, match=says):
        main.block_exact.check(
            [Block(((1, 1, 1, 1), (1, -1, 1, 1), (1, 1, -1, 1)), (1, 0, 1))], over="mutant"
        )


# rajput-block-gate


def test_gates(task: Task, records: list) -> None:
    neurons = main.gates_of(task.built)
    main.block_gate.check(neurons, over="a network")
    assert main.or_of(neurons) == list(task.built.labels)
    off = main.without_gates(task.built)
    assert main.or_of(off) != list(task.built.labels)
    main.block_gate.control(off[1], without=HEAVY)
    assert "of the 33 points of other blocks" in records[-1]["reason"]
    flipped = replace(neurons[1], z=neurons[1].z[::-1])
    main.block_gate.control(flipped, without=INCREASE)
    labels = tuple(1 - y for y in neurons[1].labels)
    main.block_gate.control(
        replace(neurons[1], labels=labels), without="<w, v> >= 1 on the block for label 1, <= -1 for 0"
    )
    v = tuple(tuple(9 * c for c in row) if i == 30 else row for i, row in enumerate(neurons[1].rows))
    loud = [
        replace(neurons[1], rows=tuple(v)),
        replace(neurons[1], rows=tuple(tuple(-c for c in r) if i == 30 else r for i, r in enumerate(v))),
    ]
    fires = next(g for g in loud if not main.silent_elsewhere(g))
    main.block_gate.control(fires, without="the entries are 1 and -1")


@given(st.integers(1, 4), st.integers(0, 3), st.data())
def test_a_unit_against_its_formula(q: int, place: int, draw: st.DataObject) -> None:
    """The linear form of a unit on the units of the lift is that of the lemma, at all values of parities and B."""
    place %= q
    w = draw.draw(st.lists(st.integers(-3, 3), min_size=2, max_size=2))
    unit = Unit({k: c for k, c in enumerate(w) if c}, sum(map(abs, w)), place, q)
    form, bias = unit.form([{0: 1, 1: -1}, {2: 1}], first=3)
    for t0, t1, t2 in product((0, 1), repeat=3):
        for block in range(q):
            h = [t0, t1, t2, *(int(k <= block) for k in range(1, q))]
            chi = [1 - 2 * (t0 - t1), 1 - 2 * t2]
            wanted = w[0] * chi[0] + w[1] * chi[1] - unit.M * (block != place) - 1
            assert sum(c * h[u] for u, c in form.items()) + bias == wanted


def test_a_late_staircase_is_noticed(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Gated,
        "staircase",
        lambda g, k, z: int(k == 0) if k in (0, len(g.starts)) else int(z > g.z[g.starts[k]]),
    )
    with pytest.raises(ClaimFails, match="rajput-block-gate"):
        main.block_gate.check(main.gates_of(task.built), over="mutant: > for >=")


# the sparse code as trees


@given(st.lists(st.lists(st.integers(0, 7), max_size=8, unique=True), min_size=1, max_size=3).filter(any))
def test_pruned_trees_at_all_inputs(pieces: list) -> None:
    pieces = [p for p in pieces if p]
    layers, forms = pruned_trees(pieces, 3, 8)
    inputs = list(product((0, 1), repeat=8))
    found = values_of(layers, forms, inputs)
    assert found == [[sum(x[i] for i in p) % 2 for p in pieces] for x in inputs]
    ones = sum(map(len, pieces))
    assert sum(layer.units for layer in layers) <= 2 * ones + 2 * len(pieces)
    assert sum(len(layer.entries) for layer in layers) <= 6 * ones + 8 * len(pieces)
    assert sum(layer.units for layer in layers) == sum(-(-len(p) // 2**k) for p in pieces for k in range(3))


def test_full_trees_are_those_of_the_lemma() -> None:
    layers, forms = pruned_trees([range(8 * j, 8 * j + 8) for j in range(3)], 3, 24)
    assert (layers, forms) == xor_layers(8, 3)


def test_sparse_rows_have_the_right_mean() -> None:
    rng = np.random.default_rng(0)
    ones = sum(len(sparse_row(1000, 5, rng)) for _ in range(200))
    assert 19_000 < ones < 21_000  # mean 20,000, standard deviation 134


# rajput-main-paper


@pytest.mark.parametrize(
    ("n", "d", "delta"), [(2, 1, 2), (50, 3, Fraction(1, 10)), (1797, 64, Fraction(1, 7))]
)
def test_sizes_against_floats(n: int, d: int, delta: Fraction) -> None:
    S, D = Sizes(n, d, Fraction(delta)), float(delta)
    kappa = log(2 / (1 + 1 / 2.718281828459045))
    m, r, t = ceil(16 * pi / D * log(4 * n * n)), ceil(log(4 * n * n) / kappa), ceil(log2(4 * pi / D))
    s = ceil(sqrt(n))
    q, N = ceil(n / s), ceil(s * log(8 * s * ceil(n / s)))
    assert (S.m, S.r, S.t, S.s, S.q, S.N) == (m, r, t, s, q, N)
    assert S.neurons == int(m + 8 * pi * r / D + 2 * r * (t - 1) + 2 * r * N + 2 * q)
    assert S.weights == int(
        d * m + 24 * pi * r / D + 8 * r * (t - 1) + 8 * N * r * r + 4 * r * (q - 1) + q * (2 * s * r + 3)
    )
    assert 2**S.bits >= 16 * n * m * sqrt(d + 1) / sqrt(2 * pi) > 2 ** (S.bits - 1)
    assert S.distance(m) == ceil(m * D / (4 * pi))


def test_the_theorem(task: Task, records: list) -> None:
    flat = [replace(task, labels=(c,) * 40) for c in (0, 1)]
    two = Task(((1,), (-1,)), 1, (0, 1), Fraction(2))
    one = Task(((0, 0),), 1, (1,), Fraction(1))
    main.main_paper.check([task, *flat, two, one], over="spheres, two points, one")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)


def test_draws(records: list) -> None:
    main.main_paper.check([replace(sphere(12, 8, 2), trials=24)], over="draws")
    assert records[-1]["strength"] == "statistical"


def test_controls_of_the_theorem(records: list) -> None:
    far = Task(tuple((2 * i,) for i in range(1000)), 1, (0, 1) * 500, Fraction(2))
    main.main_paper.control(far, without=BALL)
    assert "changes 999 times, and the 383 units" in records[-1]["reason"]
    main.main_paper.control(Task(((3, 4), (3, 4)), 5, (0, 1), Fraction(1)), without=SEPARATED)
    main.main_paper.control(Task(((1,),), 1, (1,), Fraction(1000)), without=SEPARATED)
    assert "at most -2 layers" in records[-1]["reason"]
    main.main_paper.control(Task(((1,), (-1,)), 1, (0, 2), Fraction(2)), without=BITS)


def test_a_control_needs_an_impossibility() -> None:
    calm = Task(tuple((2 * i,) for i in range(12)), 1, (0,) * 6 + (1,) * 6, Fraction(2))
    with pytest.raises(ValueError, match="whether another network exists is not decided"):
        main.main_paper.control(calm, without=BALL)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        main.main_paper.control(Task(((2,),), 1, (1,), Fraction(2)), without=BALL)
    with pytest.raises(ControlFails, match="still holds"):
        main.main_paper.control(Task(((1,),), 1, (1,), Fraction(2)), without=BALL)


@pytest.mark.parametrize(
    ("size", "value", "says"),
    [
        ("neurons", 1000, "neurons instead of 1000"),
        ("weights", 5000, "weights instead of 5000"),
        ("depth", 7, "layers instead of 7"),
    ],
)
def test_smaller_sizes_are_noticed(size, value, says, task, monkeypatch: pytest.MonkeyPatch) -> None:
    built = task.built
    monkeypatch.setattr(Sizes, size, value)
    assert says in main.exceeds(task, built)
    with pytest.raises(ClaimFails, match=says):
        main.main_paper.check([task], over="mutant")


def test_a_wrong_gate_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    form = Unit.form
    monkeypatch.setattr(Unit, "form", lambda unit, *args: form(replace(unit, M=0), *args))
    with pytest.raises(ClaimFails, match="point"):
        main.main_paper.check([sphere(40, 8, 3)], over="mutant: no gates")


def test_a_wrong_block_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        pipeline, "block_weights", lambda rows, labels: block_weights(rows, [1 - y for y in labels])
    )
    with pytest.raises(ClaimFails, match="point"):
        main.main_paper.check([sphere(12, 8, 3)], over="mutant: labels reversed")


def test_bad_luck_is_a_failed_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "sparse_row", lambda m, D, rng: [0])  # every parity is the first bit
    with pytest.raises(ArithmeticError, match="3 draws failed"):
        t = sphere(12, 8, 3)
        pipeline.theorem_network(t.points, t.radius, t.labels, t.delta, 0, draws=3)
    monkeypatch.undo()
    monkeypatch.setattr(pipeline, "random_word", lambda bits, rng: 1)  # every parity lifts one bit
    with pytest.raises(ArithmeticError, match="3 draws failed"):
        pipeline.theorem_network(t.points, t.radius, t.labels, t.delta, 0, draws=3)


def test_stages_of_a_network(task: Task) -> None:
    built = task.built
    assert list(built.codes) == sorted(set(built.codes)) and len(built.codes) == 40
    assert sum(built.widths.values()) == sum(task.network(built).widths)
    assert max(map(len, built.pieces)) <= 2**task.sizes.t
    assert len(built.pieces) <= 2 * task.sizes.r and len(built.subsets) <= task.sizes.N


# the method


@pytest.mark.parametrize("neuron", ["solve", "perceptron"])
@pytest.mark.parametrize(
    ("X", "y"),
    [
        (((0,),), (0,)),
        (((0,),), (1,)),
        (((0, 0), (1, 0), (2, 0)), (0, 1, 0)),
        (tuple((k,) for k in range(20)), (0, 1) * 10),
        (tuple((k, 7) for k in range(9)), (1,) * 9),
        (((10**40, 0), (0, 10**40), (-(10**40), 1)), (1, 0, 0)),
        (((0, 0, 0, 0, 1), (1, 2, 3, 4, 5)), (1, 0)),
    ],
)
def test_degenerate_data(X: tuple, y: tuple, neuron: str) -> None:
    net = blocks_network(X, y, (1,) * len(X[0]), rng=1, neuron=neuron)
    assert net.at_integers(X) == y
    cert = net.certificate(X, y)
    assert checker.verify(json.loads(json.dumps(cert.document))).points == len(X)
    assert cert.document["theorem"] == "rajput-main-paper"


@settings(max_examples=15)
@given(own.point_sets(n=own.two_to_nine, entries=st.integers(-9, 9)), st.data())
def test_any_points(points: tuple, draw: st.DataObject) -> None:
    y = draw.draw(own.labels(len(points)))
    for thrift in (16, 4):
        assert blocks_network(points, y, (1,) * len(points[0]), rng=0, thrift=thrift).at_integers(points) == y


def test_the_method_refuses() -> None:
    X = ((0, 0), (1, 1), (0, 1))
    with pytest.raises(HypothesisError, match="point 1 has the label 2"):
        blocks_network(X, (0, 2, 0), (1, 1))
    with pytest.raises(HypothesisError, match=r"points 1 and 0 are at distance 2\.00e-30"):
        blocks_network(((0,), (1,), (10**30,)), (0, 1, 0), (1,))
    with pytest.raises(ValueError, match="neuron 'hebb' is not one of"):
        blocks_network(X, (0, 1, 0), (1, 1), neuron="hebb")
    with pytest.raises(ValueError, match="thrift is 0"):
        blocks_network(X, (0, 1, 0), (1, 1), thrift=0)


def test_the_grid_of_the_first_layer() -> None:
    layer = Layer(((2, -3), (1, 1)), (4, -5), "threshold")
    moved = on_the_grid(layer, (10, 1), (7, -2))
    sparse = on_the_grid(
        Layer(Sparse.of([{0: 2, 1: -3}, {0: 1, 1: 1}], 2), (4, -5), "threshold"), (10, 1), (7, -2)
    )
    assert moved == sparse
    for x in product(range(-3, 4), repeat=2):
        assert moved([x]) == layer([(10 * x[0] - 7, x[1] + 2)])


@given(own.point_sets(n=own.two_to_nine), st.data())
def test_nearest_opposites_by_brute_force(points: tuple, draw: st.DataObject) -> None:
    y = draw.draw(own.labels(len(points)))
    R = radius_of(points)
    distance, i, j = nearest_opposites(points, R, y)
    squares = [
        sum((a - b) ** 2 for a, b in zip(points[i], points[j], strict=True))
        for i in range(len(points))
        for j in range(i)
        if y[i] != y[j]
    ]
    assert float(distance) == pytest.approx(min([2, *(sqrt(v) / R for v in squares)]))
    assert not squares or distance == 2 or y[i] != y[j]
