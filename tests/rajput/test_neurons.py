"""The perceptron and the Hebbian neuron of a block: laws, oracles, controls, mutants, and the method."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil, log

import numpy as np
import pytest
from flint import arb_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails, ControlFails
from memlib.points import to_integers
from memlib.rajput import neuron_layers, neurons
from memlib.rajput.blocks import Block
from memlib.rajput.chain import lifted
from memlib.rajput.golden_thompson import Exponents, sum_is_smaller
from memlib.rajput.network import blocks_network
from memlib.rajput.neurons import ORDERS, Draw, Memory
from memlib.rajput.neurons_floats import draw_until_right
from tests import strategies as own

HALF = Fraction(1, 2)
CONDITIONED, SIGNS, BITS = (
    "the least eigenvalue of V V^T is at least N/4",
    "the entries are 1 and -1",
    "labels in {0, 1}",
)
DISTINCT = "the codes are distinct"
ENOUGH = "N >= s ln(qs/eta) / (3/4 - ln(2)/2) and 0 < eta < 1"
ENOUGH_HEBB = "N >= (28/3) s ln(nq/eta) and 0 < eta < 1"


@st.composite
def sign_blocks(draw: st.DrawFn, most: int = 5) -> Block:
    s = draw(st.integers(1, most))
    N = draw(st.integers(1, 2 * s))
    rows = draw(st.lists(st.tuples(*[st.sampled_from([1, -1])] * N), min_size=s, max_size=s))
    return Block(tuple(rows), draw(own.labels(s)))


def perceptron_draw(n: int, eta: Fraction = HALF) -> Draw:
    return Draw(tuple(range(n)), (1, 0, 1, 1)[:n], 2, neurons.enough_parities(n, eta), eta)


def hebbian_draw(n: int, codes: tuple, labels: tuple, r: int = 2, eta: Fraction = HALF) -> Draw:
    return Draw(codes, labels, r, neurons.enough_for_hebb(n, eta), eta)


# rajput-golden-thompson

symmetric = st.tuples(*[st.integers(-3, 3)] * 3).map(lambda e: ((e[0], e[1]), (e[1], e[2])))


@given(symmetric, symmetric)
def test_golden_thompson(A: tuple, B: tuple) -> None:
    a, b = np.array(A), np.array(B)
    x = Exponents(arb_mat(A), arb_mat(B))
    if (a @ b != b @ a).any():
        neurons.golden_thompson.check([x], over="drawn matrices")

    def power(m: np.ndarray) -> np.ndarray:
        values, vectors = np.linalg.eigh(m)
        return vectors * np.exp(values) @ vectors.T

    left, right = x.traces
    assert float(left) == pytest.approx(np.trace(power(a + b)))
    assert float(right) == pytest.approx(np.trace(power(a) @ power(b)))


def test_commuting_matrices_are_not_decided() -> None:
    A = arb_mat([[1, 2], [2, 3]])
    with pytest.raises(ArithmeticError, match="cannot be told apart"):
        sum_is_smaller(Exponents(A, A))


def test_golden_thompson_needs_symmetry(records: list) -> None:
    torn = Exponents(arb_mat([[0, 1], [0, 0]]), arb_mat([[0, 0], [-1, 0]]))
    neurons.golden_thompson.control(torn, without="A and B are symmetric")
    assert "tr e^(A+B) is 1.081, above 1.000" in records[-1]["reason"]


# rajput-block-perceptron


@given(sign_blocks())
def test_conditioning_against_floats(block: Block) -> None:
    V = np.array(block.rows)
    least = np.linalg.eigvalsh(V @ V.T)[0] - V.shape[1] / 4
    if abs(least) > 1e-9:
        assert neurons.quarter_conditioned(block.rows) == (least > 0)


def test_conditioning_at_equality() -> None:
    rows = (
        (1, 1, 1, 1, 1, 1, 1, 1),
        (1, 1, 1, 1, 1, 1, 1, -1),
    )  # inner product 6: the least eigenvalue is N/4
    assert neurons.quarter_conditioned(rows)
    assert not neurons.quarter_conditioned((*rows, rows[0]))


def perceptron(rows: Sequence, labels: Sequence[int]) -> list[int]:
    """The oracle: from 0, add or subtract the first row that is wrong, until none is."""
    w = [0] * len(rows[0])
    while True:
        signed = [[(2 * y - 1) * a for a in v] for v, y in zip(rows, labels, strict=True)]
        wrong = [v for v in signed if sum(a * b for a, b in zip(w, v, strict=True)) < 1]
        if not wrong:
            return w
        w = [a + b for a, b in zip(w, wrong[0], strict=True)]


@given(sign_blocks())
def test_runs(block: Block) -> None:
    for order in ORDERS:
        run = neurons.perceptron_run(block, 400, order)
        if run is not None:
            w = neurons.combination(run[0], block.rows)
            assert all(
                t * sum(a * b for a, b in zip(w, v, strict=True)) >= 1
                for t, v in zip(block.targets, block.rows, strict=True)
            )
            assert sum(map(abs, run[0])) == run[1]
            assert run[1] == 0 or neurons.perceptron_run(block, run[1] - 1, order) is None
            if order == "first":
                assert perceptron(block.rows, block.labels) == list(w)
    if neurons.quarter_conditioned(block.rows):
        neurons.block_perceptron.check([block], over="drawn signs")


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_probability_against_all_draws(n: int) -> None:
    x = replace(perceptron_draw(n), N=4)
    good = sum(neurons.blocks_are_conditioned(x, sets) for sets in product(range(4), repeat=4))
    assert x.counted(neurons.blocks_are_conditioned) == Fraction(good, 4**4)


def test_perceptron_draws(records: list) -> None:
    some = [perceptron_draw(n, eta) for n, eta in ((1, HALF), (2, HALF), (3, Fraction(1, 4)), (4, HALF))]
    neurons.block_perceptron.check(some, over="counted")
    assert records[-1]["strength"] == "exact"
    neurons.block_perceptron.check(
        [Draw(tuple(range(16)), (0, 1) * 8, 4, neurons.enough_parities(16, HALF), HALF, trials=40)],
        over="drawn",
    )
    assert records[-1]["strength"] == "statistical"


@pytest.mark.parametrize(("n", "eta"), [(1, HALF), (10, Fraction(1, 8)), (1000, Fraction(1, 100))])
def test_numbers_of_parities(n: int, eta: Fraction) -> None:
    s = ceil(n**0.5)
    q = ceil(n / s)
    assert neurons.enough_parities(n, eta) == ceil(s * log(q * s / eta) / (0.75 - log(2) / 2))
    assert neurons.enough_for_hebb(n, eta) == ceil(28 / 3 * s * log(n * q / eta))


def ill_conditioned() -> Block:
    draw = random.Random(183)
    rows = tuple(tuple(draw.choice((1, -1)) for _ in range(8)) for _ in range(8))
    return Block(rows, tuple(draw.randint(0, 1) for _ in range(8)))


def test_perceptron_controls(records: list) -> None:
    claim = neurons.block_perceptron
    claim.control(ill_conditioned(), without=CONDITIONED)
    assert "more than 32 corrections" in records[-1]["reason"]
    assert neurons.perceptron_run(ill_conditioned(), 300) is not None
    claim.control(Block(((1, 1), (1, 1)), (0, 1)), without=CONDITIONED)
    claim.control(Block(((20, 1), (-19, 1)), (1, 1)), without=SIGNS)
    claim.control(Block(((1,),), (3,)), without=BITS)
    assert "a weight is 5" in records[-1]["reason"]
    claim.control(replace(perceptron_draw(4), codes=(1, 1, 0, 2)), without=DISTINCT)
    claim.control(replace(perceptron_draw(4), N=1), without=ENOUGH)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        claim.control(replace(perceptron_draw(4), N=9), without=ENOUGH)


def test_fewer_corrections_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit vectors' analogue: orthogonal signs need s corrections, so s/2 are too few."""
    true = neurons.learned_within
    monkeypatch.setattr(neurons, "learned_within", lambda block, budget: true(block, budget // 8))
    rows = tuple(map(tuple, lifted(range(8), range(8))))
    with pytest.raises(ClaimFails, match="more than 4 corrections"):
        neurons.block_perceptron.check([Block(rows, (1, 0, 0, 1, 0, 1, 1, 0))], over="mutant")


def test_fewer_parities_are_noticed() -> None:
    true = neurons.perceptron_parities
    claim = replace_hypothesis(
        neurons.block_perceptron, ENOUGH, neurons.at_least(lambda n, e: true(n, e) / 8)
    )
    with pytest.raises(ClaimFails, match="it happens with probability"):
        claim.check([replace(perceptron_draw(4, Fraction(1, 4)), N=2)], over="mutant")


def replace_hypothesis(claim, name: str, predicate):
    return type(claim)(claim.id, claim.conclusion, {**claim.hypotheses, name: predicate})


# rajput-block-hebb


@given(st.integers(1, 9), st.data())
def test_memory_by_hand(n: int, draw: st.DataObject) -> None:
    codes = tuple(draw.draw(st.lists(st.integers(0, 15), min_size=n, max_size=n, unique=True)))
    labels = draw.draw(own.labels(n))
    sets = tuple(draw.draw(st.lists(st.integers(0, 15), min_size=1, max_size=12)))
    x, s, N = Memory(codes, labels, sets), ceil(n**0.5), len(sets)
    V = np.array(lifted(codes, sets))
    wrong = []
    for k in range(ceil(n / s)):
        members = [i for i in range(k * s, min(n, k * s + s)) if labels[i]]
        w = V[members].sum(axis=0)
        wrong += [(k, j) for j in range(n) if (w @ V[j] >= N / 2) != (j in members)]
    assert sorted(x.wrong) == sorted(wrong)


def test_hebbian_draws(records: list) -> None:
    some = [hebbian_draw(2, pair, (1, y)) for pair, y in (((0, 1), 0), ((0, 3), 1))]
    neurons.block_hebb.check([*some, hebbian_draw(1, (2,), (1,))], over="counted")
    assert records[-1]["strength"] == "exact"
    labels = tuple(random.Random(0).randint(0, 1) for _ in range(36))
    neurons.block_hebb.check(
        [replace(hebbian_draw(36, tuple(range(36)), labels, 6), trials=25)], over="drawn"
    )
    assert records[-1]["strength"] == "statistical"


def test_hebbian_controls(records: list) -> None:
    claim = neurons.block_hebb
    claim.control(hebbian_draw(2, (1, 1), (0, 1), r=1), without=DISTINCT)
    claim.control(hebbian_draw(2, (0, 1), (2, 0), r=1), without=BITS)
    claim.control(replace(hebbian_draw(4, (0, 1, 2, 3), (1, 0, 0, 1)), N=1), without=ENOUGH_HEBB)
    claim.control(replace(hebbian_draw(2, (0, 1), (1, 0), r=1), N=5, eta=Fraction(0)), without=ENOUGH_HEBB)


@pytest.mark.parametrize("sign", [">", "labels"])
def test_wrong_neurons_are_noticed(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    true = neurons.combination
    wrong = {
        ">": lambda c, rows: true([-v for v in c], rows),
        "labels": lambda c, rows: true([1] * len(c), rows),
    }
    monkeypatch.setattr(neurons, "combination", wrong[sign])
    with pytest.raises(ClaimFails, match="it happens with probability"):
        neurons.block_hebb.check([hebbian_draw(2, (0, 1), (1, 0), r=1)], over="mutant")


# the networks


@pytest.mark.parametrize("neuron", ["perceptron", "hebbian"])
@pytest.mark.parametrize(
    ("X", "y"),
    [
        (((0,),), (0,)),
        (((0,),), (1,)),
        (tuple((k,) for k in range(20)), (0, 1) * 10),
        (tuple((k, 7) for k in range(9)), (1,) * 9),
        (tuple((k, 7) for k in range(9)), (0,) * 9),
        (((10**40, 0), (0, 10**40), (-(10**40), 1)), (1, 0, 0)),
    ],
)
def test_degenerate_data(X: tuple, y: tuple, neuron: str) -> None:
    net = blocks_network(X, y, (1,) * len(X[0]), rng=1, neuron=neuron)
    cert = net.certificate(X, y).document
    assert checker.verify(json.loads(json.dumps(cert))).points == len(X)
    assert cert["theorem"] == {"perceptron": "rajput-main-paper", "hebbian": "rajput-block-hebb"}[neuron]


@settings(max_examples=15)
@given(own.point_sets(n=own.two_to_nine, entries=st.integers(-9, 9)), st.data())
def test_any_points(points: tuple, draw: st.DataObject) -> None:
    y = draw.draw(own.labels(len(points)))
    for neuron in ("perceptron", "hebbian"):
        assert blocks_network(points, y, (1,) * len(points[0]), rng=0, neuron=neuron).at_integers(points) == y


def test_weights_of_the_blocks() -> None:
    """Perceptron weights are at most 4s; a Hebbian network has one unit a block and one for each bit of each set."""
    n, s, q = 100, 10, 10
    X = to_integers(data.sphere(n, 8, rng=5))
    y = tuple(data.random_labels(n, rng=6).tolist())
    nets = {k: blocks_network(X, y, (1,) * 8, rng=7, neuron=k) for k in ("perceptron", "hebbian")}
    front = {net.widths[:-3] for net in nets.values()}
    assert len(front) == 1 and all(net.widths[-2] == q for net in nets.values())
    hebb = [abs(w) for _, _, w in nets["hebbian"].layers[-2].entries]
    assert max(hebb) <= 2 * s
    lift = nets["perceptron"].widths[-3] - (q - 1)
    corrected = [abs(w) for _, j, w in nets["perceptron"].layers[-2].entries if j < lift]
    assert max(corrected) <= 2 * 4 * s


def test_bad_luck_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(neuron_layers.LAYERS, "hebbian", lambda found, rng: None)
    with pytest.raises(ArithmeticError, match="no draw"):
        blocks_network(((0,), (1,)), (0, 1), (1,), neuron="hebbian")
    assert draw_until_right((0, 1), (0, 1), 2, 1, most=0, rng=0) is None


def test_draws_are_right() -> None:
    codes, labels = tuple(range(30)), (0, 1, 1) * 10
    sets = draw_until_right(codes, labels, 6, 5, 2000, rng=3)
    assert sets is not None and not Memory(codes, labels, sets).wrong
    assert Memory(codes, labels, sets[:-1]).wrong or not any(sets[:-1])


def test_swapped_traces_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Exponents.traces.fget
    monkeypatch.setattr(Exponents, "traces", property(lambda x: true(x)[::-1]))
    with pytest.raises(ClaimFails, match="rajput-golden-thompson"):
        neurons.golden_thompson.check(
            [Exponents(arb_mat([[1, 2], [2, 0]]), arb_mat([[0, 1], [1, 3]]))], over="mutant"
        )


def test_a_smaller_constant_is_noticed() -> None:
    """With an eighth of the parities Hebbian neurons fail too often."""
    true = neurons.hebbian_parities
    claim = replace_hypothesis(neurons.block_hebb, ENOUGH_HEBB, neurons.at_least(lambda n, e: true(n, e) / 8))
    labels = tuple(random.Random(0).randint(0, 1) for _ in range(36))
    x = hebbian_draw(36, tuple(range(36)), labels, 6)
    with pytest.raises(ClaimFails, match="does not confirm a probability"):
        claim.check([replace(x, N=x.N // 8 + 1, trials=30)], over="mutant")
