"""Wiring against a real network, projected rows, the budget at its edge, Theorem R at its own sizes."""

from dataclasses import replace
from itertools import product

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.layer import Layer
from memlib.network import Network
from memlib.vershynin import assembly
from memlib.vershynin.assembly import Budget, Group, OnBasis, Projected, Wiring

UNIT = tuple(tuple(int(i == k) for i in range(4)) for k in range(4))
HAND = Wiring(
    (UNIT, UNIT), ((Group((0, 2), (1, 0, -1, 0), 1),), (Group((3,), (0, 0, 0, 1), 1),)), (1, 0, 1, 1), 1
)


def as_network(x: Wiring) -> Network:
    """Build the table of the lemma as layers of memlib, unit by unit: an oracle.

    The input is all blocks one after the other; identity units carry the blocks that later layers read.
    A threshold fires at t >= 0 here, so t > N/2 becomes 2 t - N - 1 >= 0.
    """
    size = len(x.blocks[0][0])
    layers, held, seen = [], len(x.blocks) * size, 0  # held: carried block entries; seen: P and z before
    for found in x.groups:
        rows, biases = [], []
        for g in found:
            for sign in (1, -1):
                rows.append([sign * 2 * w for w in g.w] + [0] * (held - size + seen))
                biases.append(-g.N - 1)
        rows.append([0] * held + [2] * seen)  # the carry: 2 (sum P + z) - 2 >= 0
        biases.append(-2)
        carried = [[int(j == size + i) for j in range(held + seen)] for i in range(held - size)]
        # bits are carried by thresholds: 2 v - 1 >= 0
        layers.append(
            Layer(
                tuple(tuple(2 * v for v in row) for row in carried) + tuple(map(tuple, rows)),
                (-1,) * len(carried) + tuple(biases),
                "threshold",
            )
        )
        held, seen = held - size, len(rows)
    last = tuple([2 if x.marked else -2] * seen)
    layers.append(Layer((last,), (-2 if x.marked else 0,), "threshold"))
    return Network(tuple(layers), "vershynin-wiring", (1,) * (len(x.blocks) * size))


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 4))
def test_wiring_against_a_network(seed, K, layers):
    x = assembly.draw_wiring(seed, K, layers)
    assembly.wiring.check([x], over="a draw")
    inputs = [tuple(v for block in x.blocks for v in block[k]) for k in range(K)]
    assert as_network(x).at_integers(inputs) == x.labels


@given(st.integers(0, 10**6))
def test_groups_that_are_drawn_are_found_by_brute_force(seed):
    x = assembly.draw_wiring(seed)
    for block, found in zip(x.blocks, x.groups, strict=True):
        for g in found:
            seen = {
                k
                for k, s in enumerate(block)
                if 2 * abs(sum(a * b for a, b in zip(g.w, s, strict=True))) > g.N
            }
            assert seen == set(g.members) and g.N > 0


def test_a_strict_pair_is_noticed(monkeypatch):
    edge = Wiring(((((2,), (1,))),), ((Group((0,), (1,), 2),),), (1, 0), 1)  # point 1 sees 1 = N / 2
    assembly.wiring.check([edge], over="a stranger on the edge")
    monkeypatch.setattr(assembly, "fires", lambda t: int(t >= 0))
    with pytest.raises(ClaimFails, match="wrong at point 1"):
        assembly.wiring.check([edge], over="thresholds that fire at their bias")


def test_wiring_mutants():
    assert not assembly.without_carry(HAND)
    one_layer = Wiring((UNIT,), ((Group((0, 2, 3), (1, 0, -1, 1), 1),),), (1, 0, 1, 1), 1)
    assert assembly.gives_the_labels(one_layer) and assembly.without_carry(one_layer)
    with pytest.raises(ControlFails, match="another hypothesis is broken as well"):
        assembly.wiring.control(
            replace(HAND, groups=((), ()), labels=(1, 2, 1, 1)), without="labels in {0, 1}"
        )


@given(st.data())
def test_projected_rows(draw):
    K, n = draw.draw(st.integers(1, 4)), draw.draw(st.integers(1, 5))
    row = st.tuples(*[st.integers(-5, 5)] * n)
    inputs, g = tuple(draw.draw(row) for _ in range(K)), draw.draw(row)
    c = draw.draw(st.tuples(*[st.integers(-3, 3)] * K))
    u = tuple(sum(a * v[j] for a, v in zip(c, inputs, strict=True)) for j in range(n))
    assembly.projection.check([Projected(inputs, g, u)], over="a draw")
    projected = assembly.projected_row(Projected(inputs, g, u))
    rest = [a - b for a, b in zip(g, projected, strict=True)]
    assert all(sum(a * b for a, b in zip(rest, v, strict=True)) == 0 for v in inputs)


def test_a_wrong_coefficient_is_noticed(monkeypatch):
    true = assembly.coefficients
    monkeypatch.setattr(assembly, "coefficients", lambda U, g: [2 * c for c in true(U, g)])
    with pytest.raises(ClaimFails, match=r"g'\.u = 4 and g\.u = 2"):
        assembly.projection.check([Projected(((1, 1),), (1, 1), (1, 1))], over="doubled coefficients")


@given(st.integers(2, 10**9), st.integers(5, 8), st.lists(st.integers(0, 10**6), min_size=6, max_size=6))
def test_the_budget_on_and_above_its_edge(K, L, more):
    n = assembly.least_widths(K, L)[1]
    x = Budget(K, tuple(n * 5 // 4 + extra for extra in more[: L - 2]))
    for name, holds in assembly.inequalities(x):
        if not name.startswith("inequality 6") and assembly.budget.hypotheses["(C2)"](x):
            assert holds, name
    if assembly.budget.hypotheses["(C2)"](x) and assembly.budget.hypotheses["(C3)"](x):
        assembly.budget.check([x], over="a draw")


def test_a_smaller_constant_is_noticed():
    K = 10**9
    n = 4 * int((192 * Budget(K, (9, 9, 9)).X).floor().unique_fmpz())
    with pytest.raises(ClaimFails, match="inequality 6"):
        assembly.budget.check([Budget(K, (n,) * 34, arb(700))], over="700 in place of 1600")


def test_least_widths_are_nearly_least():
    for K in (2, 10, 1000):
        n2, n, *_ = assembly.least_widths(K, 5)
        condition_2 = assembly.budget.hypotheses["(C2)"]
        assert condition_2(Budget(K, (n,) * 3)) and not condition_2(Budget(K, (n * 99 // 100,) * 3))
        assert n2 == int(assembly.least_first_width(Budget(K, (n,) * 3)).upper().ceil().unique_fmpz())


def test_the_theorem_at_its_own_sizes_for_two_points():
    x = OnBasis((0, 1), assembly.least_widths(2, 5), seed=4)
    assembly.assembly.check([x], over="two points", case="orthonormal points")


def test_perception_without_room_is_noticed():
    features = (((3, 2), (2, 3)),)  # an overlap of 2 > 3/2: no pair finds one point alone
    x = OnBasis((0, 1), (4, 4000, 4000, 4000))
    assert assembly.perception(x, features, (0,)) is None
    apart = (((3, 1), (1, 3)),)
    for labels in product((0, 1), repeat=2):
        T = tuple(k for k, y in enumerate(labels) if y)
        layers = assembly.perception(x, apart, T)
        assert layers is not None and assembly.outputs(layers, 1, 2) == labels


def test_products_of_the_random_rows_are_exact_and_nearly_normal():
    import numpy as np

    from memlib.vershynin.assembly_floats import SCALE, _products

    A = ((9, 3), (3, 4))
    t = _products(A, 20_000, np.random.default_rng(0)) / SCALE
    assert np.allclose(np.cov(t), A, rtol=0.1)
