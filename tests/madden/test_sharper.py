"""All parameters count: the iff of independence, balls, the matroid bound against a brute force; mutants of each."""

from dataclasses import replace
from itertools import product
from math import cosh, e, exp, log1p, tanh

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.exact import rank
from memlib.madden import exponentials as ex
from memlib.madden import jacobian as jac
from memlib.madden import sharper as sh
from memlib.madden.monomials import draw, khatri_rao
from memlib.madden.sharper import FixedPoints, Functions, Given, Size, network, some_functions
from memlib.madden.sharper_floats import fit, reached, solved

THREE, ZERO = "psi is tanh, sigmoid or softplus", "no w_j is 0"
APART, COUNT = "no two (w_j, b_j) agree up to sign", "n <= floor(m/2)(d + 2) + [m odd]"
LINE = ((0,), (1,), (2,))
TWO = ((1, 2), (2, -1))


def sigma(t: float) -> float:
    return 1 / (1 + exp(-t))


VALUES = {
    "tanh": (tanh, lambda t: cosh(t) ** -2),
    "sigmoid": (sigma, lambda t: sigma(t) * sigma(-t)),
    "softplus": (lambda t: log1p(exp(t)), sigma),
    "exp": (exp, exp),
}


def plain(f: Functions, x: list[float]) -> list[float]:
    """The functions from their definition, in floats."""
    psi, slope = VALUES[f.psi]
    out = []
    for w, b in zip(f.W, f.b, strict=True):
        a = sum(p * q for p, q in zip(w, x, strict=True)) + b
        out += [*(c * slope(a) for c in x), slope(a), psi(a)]
    return out


# madden-full-jacobian, (a) and (b)


@pytest.mark.parametrize("psi", ["tanh", "sigmoid", "exp"])
def test_columns_are_the_functions(psi: str) -> None:
    f, x, scale = Functions(psi, TWO, (1, -1)), [0.3, -0.4], 2 if psi == "tanh" else 1
    got = ex.column(f, x, [exp(scale * c) for c in x], e**scale, lambda c: 1 / c)
    assert got == pytest.approx(plain(f, x))


def test_columns_of_softplus_are_derivatives() -> None:
    f, x, u, h = Functions("softplus", TWO, (1, -1)), [0.3, -0.4], [0.7, 0.2], 1e-5
    got = ex.column(f, x, [exp(c) for c in x], e, lambda c: 1 / c, u)
    up, down = (plain(f, [p + s * h * q for p, q in zip(x, u, strict=True)]) for s in (1, -1))
    assert got == pytest.approx(
        [(p - q) / (2 * h) for p, q in zip(up, down, strict=True)], rel=1e-6, abs=1e-8
    )


small = st.integers(-2, 2)


@settings(max_examples=60)
@given(st.sampled_from(sh.NAMES), st.integers(1, 2), st.data())
def test_independent_if_and_only_if(psi: str, d: int, data: st.DataObject) -> None:
    """Random small weights: zeros, equal and opposite neurons are frequent."""
    neurons = data.draw(st.lists(st.tuples(*[small] * (d + 1)), min_size=1, max_size=3))
    f = Functions(psi, tuple(w[:-1] for w in neurons), tuple(w[-1] for w in neurons))
    good = bool(sh.no_weight_is_zero(f)) and bool(sh.apart_up_to_sign(f))
    found = sh.rank_from_below(f, f.count + 2)
    assert (found == f.count) == good
    if good:
        sh.independent.check([f], over="drawn")


def test_strengths_and_controls(records: list) -> None:
    sh.independent.check([some_functions(p, 2, 4) for p in sh.NAMES], over="x")
    sh.almost_everywhere.check([Size(p, 3, 4) for p in sh.NAMES], over="x")
    sh.onto.check([network("tanh", LINE, 2)], over="x")
    assert [r["strength"] for r in records] == ["exact", "witness", "enclosure"]
    sh.independent.control(Functions("exp", TWO, (1, 0)), without=THREE)
    assert "-1 psi'(l_1) +1 psi(l_1) = 0" in records[-1]["reason"]
    sh.independent.control(Functions("tanh", ((0, 0), (2, -1)), (0, 1)), without=ZERO)
    sh.independent.control(Functions("sigmoid", ((1, 2), (-1, -2)), (1, -1)), without=APART)
    sh.independent.control(Functions("tanh", ((1, 2), (1, 2)), (1, 1)), without=APART)
    sh.almost_everywhere.control(Size("exp", 3, 2), without=THREE)
    with pytest.raises(ControlFails, match="still holds"):
        sh.independent.control(some_functions("tanh", 2, 2), without=ZERO)


@pytest.mark.parametrize("psi", ["tanh", "sigmoid"])
def test_mutant_slopes(psi: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """psi' = psi makes two rows equal; psi' = 1 - psi^2 of the wrong function is still independent, so not used."""
    right = ex.value_and_slope
    monkeypatch.setattr(ex, "value_and_slope", lambda p, S, inv: (right(p, S, inv)[0],) * 2)
    with pytest.raises(ClaimFails, match="= 0 for all x"):
        sh.independent.check([Functions(psi, TWO, (1, 0))], over="mutant")
    with pytest.raises(ClaimFails, match="was found, not 12"):
        sh.almost_everywhere.check([Size(psi, 2, 3)], over="mutant")


def test_relation_is_decided_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ex.relation(some_functions("tanh", 1, 2)) is None
    monkeypatch.setattr(ex, "kernel", lambda rows: [(1,) * len(rows[0])])
    assert ex.relation(Functions("exp", ((1,),), (0,))) is None
    with pytest.raises(ValueError, match="not decided"):
        sh.are_independent(Functions("exp", ((1,),), (0,)))


def test_softplus_of_opposite_neurons_is_dependent() -> None:
    """The relation of the proof, in floats: psi(a) - psi(-a) = a (psi'(a) + psi'(-a))."""
    for a in (-2.5, 0.1, 3.0):
        psi, slope = VALUES["softplus"]
        assert psi(a) - psi(-a) == pytest.approx(a * (slope(a) + slope(-a)))


def test_balls_for_other_functions() -> None:
    assert all(sh.ball_witness(name, d, h) for name in ("gelu", "sin", "tanh") for d, h in ((1, 2), (2, 3)))
    assert not sh.ball_witness("exp", 2, 2)


# madden-full-jacobian, (c)


@pytest.mark.parametrize("name", sh.NAMES)
@pytest.mark.parametrize(("d", "m"), [(1, 1), (2, 2), (2, 3), (3, 4)])
def test_all_labels(name: str, d: int, m: int) -> None:
    n = m // 2 * (d + 2) + m % 2
    sh.onto.check([network(name, draw(n, d, 11), m)], over="drawn")


def test_controls_of_onto(records: list) -> None:
    sh.onto.control(network("exp", LINE, 2), without=THREE)
    assert "no label 1 at point 2" in records[-1]["reason"]
    sh.onto.control(network("sigmoid", LINE[:2], 1), without=COUNT)
    sh.onto.control(network("tanh", ((1,), (1,)), 2), without="X is generic")
    with pytest.raises(ClaimFails, match="4 points, and 3 are allowed"):
        sh.onto.check([network("tanh", (*LINE, (4,)), 2)], over="one too many")


def test_mutants_of_onto(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network("tanh", LINE, 2)
    (w, b, _), second = net.neurons
    with pytest.raises(ValueError, match="do not cancel"):
        sh.all_labels_are_attained(replace(net, neurons=((w, b, 2), second)))
    flat = replace(net, neurons=tuple(((0,), b, v) for _, b, v in net.neurons))
    with pytest.raises(ValueError, match="not decided"):
        sh.points_are_generic(flat)
    monkeypatch.setattr(sh, "reaches_all_labels", lambda net: Counterexample("mutant"))
    with pytest.raises(ClaimFails, match="mutant"):
        sh.onto.check([net], over="mutant")


def test_exponentials_at_the_first_points() -> None:
    """The obstacle of exp, in floats: m exponentials that vanish at 0, ..., m - 1 have no coefficients."""
    q = np.array([0.5, 1.3, 2.0])
    A = np.linalg.solve(np.vander(q, 3, increasing=True).T, np.zeros(3))
    assert not A.any()
    assert sh.obstacle(network("exp", (*LINE, (3,)), 3)) is not None
    assert sh.obstacle(network("exp", LINE, 3)) is None


def test_the_count_against_the_floor() -> None:
    for m in range(1, 40):
        for d in range(1, 99):
            ours = m // 2 * (d + 2) + m % 2
            assert m % 2 == 0 or (ours >= m * d // 2) == (d <= 2 * m + 1)
            assert m % 2 or 2 * ours == m * (d + 2)


# madden-kr-matroid


def largest_union(h: int, X: tuple) -> int:
    """The largest number of points in h disjoint independent sets, by trying everything."""
    best = 0
    for place in product(range(h + 1), repeat=len(X)):  # h: nowhere
        sets = [[x for x, p in zip(X, place, strict=True) if p == j] for j in range(h)]
        if all(not s or rank(s) == len(s) for s in sets):
            best = max(best, sum(map(len, sets)))
    return best


vectors = st.integers(1, 3).flatmap(
    lambda d: st.lists(st.tuples(*[st.integers(-1, 1)] * d), min_size=1, max_size=5).map(tuple)
)


@settings(max_examples=30)
@given(vectors, st.integers(1, 2))
def test_the_bound_is_matroid_union(X: tuple, h: int) -> None:
    bound, S = sh.subset_bound(h, X)
    assert bound == largest_union(h, X) <= sh.feature_bound(h, X)
    assert bound == len(X) - len(S) + h * (rank([X[i] for i in S]) if S else 0)
    sh.attained.check([Given(h, X)], over="drawn")


@settings(max_examples=30)
@given(vectors, st.integers(1, 3), st.integers(0, 999), st.integers(0, 2))
def test_no_slopes_beat_the_bound(X: tuple, h: int, seed: int, most: int) -> None:
    fixed = FixedPoints(draw(h, len(X), seed, most), X)
    sh.fixed_points.check([fixed], over="drawn")
    assert fixed.rank == rank(khatri_rao(fixed.A, list(zip(*X, strict=True))))


def test_wrong_bounds_are_refuted(monkeypatch: pytest.MonkeyPatch, records: list) -> None:
    fixed, given_ = FixedPoints(draw(2, 4, 1), draw(4, 2, 5)), Given(2, draw(5, 2, 1))
    sh.fixed_points.rejects(fixed, wrong=sh.rank_obeys_one_neuron_less, says="m' - 1")
    assert records[-1]["reason"] == "the rank is 4, not at most 2"
    right = sh.subset_bounds
    monkeypatch.setattr(sh, "subset_bounds", lambda h, X: ((v - 1, S) for v, S in right(h, X)))
    with pytest.raises(ClaimFails, match="allow 3"):
        sh.fixed_points.check([fixed], over="mutant: one too strong")
    with pytest.raises(ClaimFails, match="the bound 3"):
        sh.attained.check([given_], over="mutant: one too strong")
    monkeypatch.setattr(sh, "subset_bounds", lambda h, X: ((v + 1, S) for v, S in right(h, X)))
    with pytest.raises(ClaimFails, match="the rank is 4, the bound 5"):
        sh.attained.check([given_], over="mutant: one too weak")
    monkeypatch.setattr(sh, "feature_bound", lambda h, X: 3)
    with pytest.raises(ClaimFails, match="coordinates allow 3"):
        sh.fixed_points.check([fixed], over="mutant")


def test_opposite_points_and_an_odd_activation() -> None:
    X = ((1,), (-1,))
    assert sh.subset_bound(2, X)[0] == 2
    assert rank(jac.jacobian(((1, 1), (3, 1)), ((1,), (2,)), X)) == 1
    assert rank(jac.jacobian(((1, 1), (2, 1)), ((1,), (2,)), X)) == 2


# the solver, and solutions of exercises


def test_the_solver_stays_below_the_count() -> None:
    assert fit(np.array([[0.0], [1.0]]), np.array([1.0, -2.0]), 2) < 1e-8
    assert solved(2, 4, 8, 0)
    assert not any(solved(1, 1, 6, seed, starts=1) for seed in range(3))
    assert 0 < reached(1, 2, 1) <= 6


def test_solutions_of_the_exercises() -> None:
    for k in (1, 2):
        rows = [plain(Functions("tanh", ((1,),), (0,)), [float(c)]) for c in (-k, 0, k)]
        assert abs(np.linalg.det(rows)) < 1e-12
    six = ((1, 0, 0), (0, 1, 0), (1, 1, 0), (1, 2, 0), (0, 0, 1), (1, 1, 1))
    assert (
        sh.subset_bound(2, six)[0]
        == 6
        == rank([six[i] for i in (0, 1, 4)]) + rank([six[i] for i in (2, 3, 5)])
    )
    rng, h, d = np.random.default_rng(0), 3, 2  # log: h d + 1 + h independent functions
    W, b, X = rng.uniform(0.2, 1, (h, d)), rng.uniform(1, 2, h), rng.uniform(0, 3, (40, d))
    rows = []
    for w, c in zip(W, b, strict=True):
        a = X @ w + c
        rows += [*(X.T / a), 1 / a, np.log(a)]
    assert np.linalg.matrix_rank(np.array(rows), tol=1e-9) <= h * d + 1 + h < h * (d + 2)


def test_degenerate_inputs() -> None:
    assert sh.subset_bound(1, ((0, 0),)) == (0, (0,))
    sh.fixed_points.check([FixedPoints(((0, 0),), ((1,), (2,)))], over="zero slopes")
    assert sh.span(network("tanh", LINE[:1], 1)) == 1
    assert bool(sh.within_the_count(network("tanh", LINE[:1], 1)))
    assert isinstance(network("tanh", LINE, 2).cube, arb)
