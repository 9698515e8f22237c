"""Squares: Lagrange's reduction, pencils against floats, every control, and mutants that turn red."""

import random

import numpy as np
import pytest
from flint import fmpq, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails
from memlib.exact import kernel, rank
from memlib.madden import quadratic as qu
from memlib.madden.double_points import gradients
from memlib.madden.monomials import V, determinant, draw
from memlib.madden.quadratic import T, Task

FIVE = ((1, 0, 1), (0, 1, 1), (-1, 0, 1), (0, -1, 1), (3, 4, 5))
SIX = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1))
NORMS = tuple(sum(c * c for c in x) for x in SIX)
EXAMPLE = Task(2, FIVE, (5, 2, 5, 2, 125))


def task_of(m: int, d: int, n: int, seed: int) -> Task:
    rng = random.Random(seed)
    return Task(m, draw(n, d, seed), tuple(rng.randint(-9, 9) for _ in range(n)))


symmetric = st.integers(1, 4).flatmap(
    lambda d: st.lists(st.integers(-2, 2), min_size=d * d, max_size=d * d).map(
        lambda v: [[v[max(i, k) * d + min(i, k)] for k in range(d)] for i in range(d)]
    )
)


@given(symmetric)
def test_lagrange_writes_a_form_with_rank_many_terms(G: list) -> None:
    d = len(G)
    terms = qu.lagrange([[fmpq_poly([c]) for c in row] for row in G], T)
    assert len(terms) == rank(G)
    for a in range(d):
        for b in range(d):
            assert sum((v * w[a] * w[b] for v, w in terms), fmpq_poly([0])) % T == G[a][b]


def test_lagrange_over_a_field() -> None:
    """[[t, 1], [1, t]] is singular over Q[t] / (t^2 - 1)'s factors, regular over Q(sqrt 2)."""
    G = [[T, fmpq_poly([1])], [fmpq_poly([1]), T]]
    assert len(qu.lagrange(G, fmpq_poly([-1, 1]))) == 1
    assert len(qu.lagrange(G, fmpq_poly([-2, 0, 1]))) == 2
    c = fmpq_poly([3, 5])
    assert (c * qu.inverse(c, fmpq_poly([-2, 0, 1]))) % fmpq_poly([-2, 0, 1]) == 1


def test_the_example_by_hand() -> None:
    p = qu.singular_members(EXAMPLE)
    assert sorted(root for root, _ in p.roots()) == [fmpq(2, 3) - t for t in (3, 2, -3)]
    assert qu.labels_are_attained(EXAMPLE) is True
    terms, f = qu.network(EXAMPLE)
    assert len(terms) == 2 and f.degree() == 1


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([(3, 5), (3, 4), (3, 2), (5, 14), (5, 12)]))
def test_odd_dimensions(seed: int, size: tuple) -> None:
    d, n = size
    task = task_of(d - 1, d, n, seed)
    if qu.regular_form(task):
        qu.onto_odd.check([task], over="drawn")


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 10))
def test_wide_networks(seed: int, d: int, n: int) -> None:
    task = task_of(d, d, min(n, d * (d + 1) // 2), seed)
    if qu.points_impose_conditions(task):
        qu.onto_wide.check([task], over="drawn")


@pytest.mark.parametrize("d", [2, 4])
def test_even_dimensions_against_generalized_eigenvalues(d: int) -> None:
    """Attained iff G + t G0 is singular for a real t: eigenvalues of -G0^-1 G in floats."""
    seen = set()
    for seed in range(12):
        task = task_of(d - 1, d, d * (d + 1) // 2 - 1, seed)
        if not qu.regular_form(task):
            continue
        G, G0 = (
            np.array([[int(c.p) / int(c.q) for c in row] for row in M]) for M in (task.one_form, task.G0)
        )
        t = np.linalg.eigvals(-np.linalg.solve(G0, G))
        real = bool((abs(t.imag) < 1e-9 * abs(t)).any())
        assert (qu.real_factor(qu.singular_members(task)) is not None) == real
        seen.add(real)
    assert seen == {True, False}


def test_controls(records: list) -> None:
    wide, odd = qu.onto_wide.control, qu.onto_odd.control
    wide(Task(2, SIX, NORMS), without="m >= d")
    assert records[-1]["reason"].endswith("the only form with these labels has rank 3")
    wide(Task(3, (*SIX, (1, -1, 0)), (0,) * 6 + (1,)), without="n <= d(d + 1)/2")
    wide(Task(2, ((1, 2), (2, 4)), (1, 1)), without="X is generic")
    odd(Task(2, SIX, NORMS), without="n <= d(d + 1)/2 - 1")
    odd(Task(1, FIVE, (1, -1, 0, 0, 0)), without="m >= d - 1")
    odd(Task(1, ((1, 0), (1, 1)), (1, -1)), without="d is odd, d >= 3")
    planes = ((1, 1, 0), (1, -1, 0), (1, 1, 1), (1, -1, 1), (1, 1, 2))
    odd(Task(2, planes, tuple(2 * x * y + z * z for x, y, z in planes)), without="X is generic")
    assert "no real root" in records[-1]["reason"]


def test_mutants(monkeypatch: pytest.MonkeyPatch) -> None:
    pencil, lagrange, real_factor = qu.pencil, qu.lagrange, qu.real_factor
    twisted = [[c + T * (i == k == 0) for k, c in enumerate(row)] for i, row in enumerate(pencil(EXAMPLE))]
    monkeypatch.setattr(qu, "pencil", lambda task: twisted)  # G0 with a wrong corner
    with pytest.raises(ClaimFails, match="the network is"):
        qu.onto_odd.check([EXAMPLE], over="mutant: a wrong G0")
    monkeypatch.setattr(qu, "pencil", pencil)
    monkeypatch.setattr(qu, "lagrange", lambda G, f: [(-v, w) for v, w in lagrange(G, f)])
    with pytest.raises(ClaimFails, match="the network is"):
        qu.onto_odd.check([EXAMPLE], over="mutant: signs")
    monkeypatch.setattr(qu, "lagrange", lagrange)
    monkeypatch.setattr(qu, "real_factor", lambda p: fmpq_poly([5, 1]))  # no root at all
    with pytest.raises(ClaimFails, match="the form has 3 terms, more than 2"):
        qu.onto_odd.check([EXAMPLE], over="mutant: not a root")
    monkeypatch.setattr(qu, "real_factor", real_factor)
    bold = qu.Claim("madden-quadratic-onto", qu.labels_are_attained, {"m >= d - 1": qu.one_less})
    with pytest.raises(ClaimFails, match="has rank 3"):
        bold.check([Task(2, SIX, NORMS)], over="one point too many")


def test_real_factors() -> None:
    assert qu.real_factor(fmpq_poly([1, 0, 1])) is None
    assert qu.real_factor(fmpq_poly([-2, 0, 1])) == fmpq_poly([-2, 0, 1])
    assert qu.real_factor(fmpq_poly([3])) is None
    assert qu.real_factor(fmpq_poly([0])) == T
    assert qu.real_factor(fmpq_poly([1, 0, 1]) * fmpq_poly([-1, 3])).degree() == 1


def test_the_cone_of_the_proof_determines_its_form() -> None:
    """Forms that vanish at e_i +- e_k (opposite signs) and 3 e_i + 4 e_j + 5 e_k are multiples of H."""
    for h in ((1, 1, -1), (1, -1, -1, 1), (1, 1, 1, 1, -1)):
        d, X = len(h), []
        unit = np.eye(d, dtype=int)
        for i in range(d):
            for k in range(d):
                if h[i] != h[k]:
                    X += [unit[i] + unit[k], unit[i] - unit[k]]
                    X += [
                        3 * unit[i] + 4 * unit[j] + 5 * unit[k] for j in range(d) if j != i and h[j] == h[i]
                    ]
        points = tuple(tuple(int(c) for c in x) for x in X)
        (q,) = kernel(zip(*V(points, [2]), strict=True))
        H = qu.symmetric(q, d)
        assert abs(int(H[0][0].p)) == 1 and determinant(H) != 0
        assert all(H[a][b] == (H[0][0] * h[0] * h[a] if a == b else 0) for a in range(d) for b in range(d))


def test_coplanar_weights_never_help() -> None:
    plane = tuple((1, k, 0) for k in range(6))
    assert {rank(gradients([4], plane + draw(2, 3, seed, 20))) for seed in range(10)} == {14}


def test_degenerate_inputs() -> None:
    assert qu.labels_are_attained(Task(2, FIVE, (0,) * 5)) is True
    assert qu.labels_are_attained(Task(1, ((2,),), (8,))) is True
