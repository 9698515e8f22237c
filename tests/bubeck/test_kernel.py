"""The tangent kernel: laws, oracles by another route, the controls of the page, mutants that turn each claim red."""

import random
from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from memlib.bubeck import kernel
from memlib.bubeck.kernel import Cloud, Letters, Pair, Partial, Powers, Step, Term, ball
from memlib.bubeck.kernel_floats import (
    extreme_vector,
    gates_open_together,
    least_eigenvalue,
    rational_sphere,
    tangent_kernel,
)
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample

UNIT = "unit vectors"
THREE = ((Fraction(1), Fraction(0)), (Fraction(3, 5), Fraction(4, 5)), (Fraction(0), Fraction(1)))
STAR = (*THREE, *(tuple(-c for c in x) for x in THREE))
Q, T = sympy.Symbol("q", integer=True, nonnegative=True), sympy.Symbol("t", real=True)
turns = st.fractions(0, 1, max_denominator=60)


def scaled(points: tuple, factor: Fraction) -> tuple:
    return tuple(tuple(c * factor for c in x) for x in points)


# bubeck-ntk-kernel


@given(turns, turns)
def test_the_shared_arc_is_half_a_turn_minus_the_angle(a: Fraction, b: Fraction) -> None:
    angle = min((a - b) % 1, (b - a) % 1)
    assert kernel.share_open_together(Pair(a, b)) == Fraction(1, 2) - angle


def test_kernel_checks_and_controls(records: list) -> None:
    kernel.together.check([Pair(Fraction(1, 8), Fraction(k, 12)) for k in range(12)], over="pairs")
    kernel.together.check([Term(Q, T)], over="all q")
    kernel.together.check([Partial(ball(Fraction(k, 7)), 9) for k in (-6, -1, 2, 5)], over="sevenths")
    assert [r["strength"] for r in records] == ["exact", "symbolic", "enclosure"]
    kernel.together.control(Pair(Fraction(0), Fraction(1, 6), (1, Fraction(1, 2))), without=UNIT)
    kernel.together.control(Pair(Fraction(0), Fraction(1, 6), (2, 2)), without=UNIT)  # arccos 2 is no angle
    with pytest.raises(ControlFails, match="the conclusion survives"):  # 90 degrees: any length will do
        kernel.together.control(Pair(Fraction(0), Fraction(1, 4), (2, 2)), without=UNIT)


@given(st.fractions(-1, 1, max_denominator=50))
def test_the_kernel_in_balls_against_floats(rho: Fraction) -> None:
    value = float(kernel.kernel_at(ball(rho), arb.pi()).mid())
    assert value == pytest.approx(float(rho) * (np.pi - np.arccos(float(rho))) / (2 * np.pi), abs=1e-9)


def test_the_sampled_frequency_against_an_integral() -> None:
    """P(z > 0, rho z + s z' > 0) by integrating over z."""
    from scipy.stats import norm

    for rho in (-0.7, 0.0, 0.4):
        s = np.sqrt(1 - rho**2)
        chance, _ = quad(lambda z, rho=rho, s=s: norm.pdf(z) * norm.cdf(rho * z / s), 0, 12)
        assert gates_open_together(rho, 6, 200_000, rng=1) == pytest.approx(chance, abs=0.005)
        assert chance == pytest.approx((np.pi - np.arccos(rho)) / (2 * np.pi), abs=1e-8)


def test_mutants_of_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    true = kernel.c
    monkeypatch.setattr(kernel, "c", lambda q: true(q) * (2 * q + 1))
    with pytest.raises(ClaimFails, match="recurrence"):
        kernel.together.check([Term(Q, T)], over="mutant: not integrated")
    with pytest.raises(ClaimFails, match="rest of the series"):
        kernel.together.check([Partial(ball(Fraction(1, 2)), 9)], over="mutant: not integrated")
    monkeypatch.setattr(kernel, "c", lambda q: 2 * true(q))
    with pytest.raises(ClaimFails, match="first coefficient"):
        kernel.together.check([Term(Q, T)], over="mutant: a factor 2")
    monkeypatch.setattr(kernel, "share_open_together", lambda pair: (pair.first - pair.second) % 1)
    with pytest.raises(ClaimFails, match=r"the formula gives 0\.333"):
        kernel.together.check([Pair(Fraction(1, 6), Fraction(0))], over="mutant: the angle itself")


# bubeck-hadamard-power

symmetric = st.lists(st.integers(-3, 3), min_size=6, max_size=6).map(
    lambda v: [[v[0], v[1], v[2]], [v[1], v[3], v[4]], [v[2], v[4], v[5]]]
)


@given(symmetric)
def test_positive_semidefinite_against_principal_minors(M: list) -> None:
    chosen = ([0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2])
    minors = [sympy.Matrix(M).extract(list(c), list(c)).det() for c in chosen]
    assert kernel.positive_semidefinite(M) == all(v >= 0 for v in minors)


@given(symmetric)
def test_a_gram_matrix_is_semidefinite(M: list) -> None:
    assert kernel.positive_semidefinite(kernel.gram([tuple(row) for row in M]))


@given(st.integers(1, 6), st.integers(2, 4), st.integers(1, 5), st.integers(0, 10**6))
@settings(max_examples=25)
def test_powers_on_random_points(n: int, d: int, m: int, seed: int) -> None:
    points = rational_sphere(n, d, rng=seed, grid=32)
    top = max(sum(abs(v) for v in row) for row in kernel.gram(points))  # a row sum bounds the norm
    kernel.powers.check([Powers(points, m, top)], over="drawn points")


def test_the_largest_response_against_all_signs() -> None:
    M = [[3, 1, 0], [1, 2, Fraction(-1, 2)], [0, Fraction(-1, 2), 1]]
    inverse = sympy.Matrix(M).inv()
    largest = max(abs(v) for s in product((1, -1), repeat=3) for v in inverse * sympy.Matrix(s))
    assert kernel.largest_response(M) == Fraction(int(largest.p), int(largest.q))


def test_ranks_of_powers() -> None:
    points = [tuple(random.Random(k).randint(-9, 9) for k in range(4 * i, 4 * i + 4)) for i in range(36)]
    for n, m in ((10, 2), (12, 2), (30, 2), (36, 4)):
        assert kernel.rational_rank(Powers(tuple(points[:n]), m).matrix) == min(n, comb(3 + m, m))


@settings(max_examples=25)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 12), st.integers(0, 10**6))
def test_the_rank_against_the_rank_of_the_monomials(d: int, m: int, n: int, seed: int) -> None:
    """Oracle: R^(o m) is invertible iff the vectors of monomials are independent, by another elimination."""
    draw = random.Random(seed)
    points = tuple(tuple(draw.randint(-2, 2) for _ in range(d)) for _ in range(n))
    rows = [[sympy.Integer(v) for _, v in kernel.monomials(x, m)] for x in points]
    independent = sympy.Matrix(rows).rank() == n
    assert bool(kernel.power_is_invertible(Powers(points, m))) == independent
    if independent:
        assert kernel.no_more_points_than_monomials(Powers(points, m))


def test_full_rank_is_witnessed(records: list, monkeypatch: pytest.MonkeyPatch) -> None:
    good = Powers(kernel.integer_points(35, 4), 4)
    kernel.full_rank.check([good], over="35 points of R^4, m = 4")
    assert records[-1]["strength"] == "witness"
    kernel.full_rank.control(Powers(kernel.integer_points(11, 4), 2), without="n <= (d+m-1 choose m)")
    assert records[-1]["reason"].endswith("so the power has the rank 10 for 11 points")
    with pytest.raises(ClaimFails, match="rank 1 for 2 points"):
        kernel.full_rank.check([Powers(((1, 2), (2, 4)), 3)], over="parallel points are no witness")
    monkeypatch.setattr(kernel, "P", 2)  # a prime that sees little: the rationals decide
    assert kernel.power_is_invertible(Powers(((1, 1), (1, -1)), 1)) is True
    monkeypatch.setattr(Powers, "matrix", property(lambda self: kernel.gram(self.points)))
    with pytest.raises(ClaimFails, match="rank 4 for 35 points"):
        kernel.full_rank.check([good], over="mutant: the power is forgotten")


def test_hadamard_controls(records: list) -> None:
    points = rational_sphere(10, 4, rng=0)
    letters = Letters(sympy.symbols("x1:4"), sympy.symbols("z1:4"), 3)
    kernel.powers.check([letters], over="letters")
    assert records[-1]["strength"] == "symbolic"
    kernel.powers.control(Powers(((2,),), 2, 4), without=UNIT)
    kernel.powers.control(Powers(points, 2, Fraction(1)), without="t bounds the norm of R")
    kernel.powers.rejects(Powers(points, 2, Fraction(6)), wrong=kernel.rank_stays, says="no more rank")
    with pytest.raises(ControlFails, match="is not refuted"):
        kernel.powers.rejects(Powers(points, 1, Fraction(6)), wrong=kernel.rank_stays, says="no more rank")


def test_mutants_of_hadamard(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = Powers(rational_sphere(8, 3, rng=2), 2, Fraction(8))
    kernel.powers.check([instance], over="unchanged")
    true = kernel.coherence
    monkeypatch.setattr(kernel, "coherence", lambda points: true(points) * Fraction(1, 3))
    with pytest.raises(ClaimFails, match=r"\(b\) fails"):
        kernel.powers.check([instance], over="mutant: the coherence is too small")
    monkeypatch.setattr(kernel, "coherence", true)
    monkeypatch.setattr(kernel, "comb", lambda a, b: comb(a, b) - 1)
    with pytest.raises(ClaimFails, match=r"\(e\) fails: the rank is 6, more than 5"):
        kernel.powers.check([instance], over="mutant: one dimension less")
    monkeypatch.setattr(kernel, "comb", comb)
    monkeypatch.setattr(kernel, "monomials", lambda x, m: [(1, v**m) for v in x])
    with pytest.raises(ClaimFails, match="there are 2 monomials"):
        kernel.powers.check([Letters(sympy.symbols("a b"), sympy.symbols("c d"), 2)], over="mutant")
    monkeypatch.setattr(
        Powers, "matrix", property(lambda self: [[1 - v for v in row] for row in kernel.gram(self.points)])
    )
    with pytest.raises(ClaimFails, match=r"\(a\) fails"):
        kernel.powers.check([Powers(instance.points, 2, Fraction(8))], over="mutant: another function")


def test_each_part_of_the_lemma_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrices that are not powers: too large for (b); within (b), but their inverse is too large for (d)."""
    points, top = (THREE[0], THREE[1]), Fraction(8, 5)  # R has the eigenvalues 2/5 and 8/5, and s = 3/5
    kernel.powers.check([Powers(points, 1, top)], over="two points")
    with monkeypatch.context() as m:
        m.setattr(Powers, "matrix", property(lambda self: [[4, 0], [0, 4]]))
        with pytest.raises(ClaimFails, match=r"\(b\) fails: an eigenvalue is above 8/5"):
            kernel.powers.check([Powers(points, 1, Fraction(9))], over="mutant: 4 I")
    u, v = (Fraction(12, 13), Fraction(5, 13)), (Fraction(-5, 13), Fraction(12, 13))
    turned = [[Fraction(2, 5) * u[i] * u[j] + Fraction(8, 5) * v[i] * v[j] for j in (0, 1)] for i in (0, 1)]
    with monkeypatch.context() as m:
        m.setattr(Powers, "matrix", property(lambda self: turned))
        with pytest.raises(ClaimFails, match=r"\(d\) fails: some \|z_i\| <= 1 give an entry"):
            kernel.powers.check([Powers(points, 1, top)], over="mutant: the same eigenvalues, turned")


# bubeck-ntk-eigen


@given(st.integers(1, 9), st.integers(2, 5), st.integers(0, 10**6))
@settings(max_examples=25)
def test_eigen_on_random_points(n: int, d: int, seed: int) -> None:
    cloud = Cloud(rational_sphere(n, d, rng=seed, grid=64))
    kernel.eigen.check([cloud], over="drawn points")
    X = np.array(cloud.points, dtype=float)
    assert np.allclose([[float(v.mid()) for v in row] for row in cloud.kernel], tangent_kernel(X), atol=1e-7)
    sharper = float(kernel.sharper_bound(n, cloud.coherence).mid())
    assert 0 <= sharper <= least_eigenvalue(tangent_kernel(X)) + 1e-9
    if kernel.spread(n, cloud.coherence) < 400:
        assert sharper >= float(kernel.eigenvalue_bound(cloud).mid())


def test_eigen_controls(records: list) -> None:
    kernel.eigen.check([Cloud(THREE), Cloud(((Fraction(1),),))], over="three points, one point")
    assert records[-1]["strength"] == "enclosure"
    kernel.eigen.check([Step(sympy.Symbol("q", positive=True))], over="induction")
    assert records[-1]["strength"] == "symbolic"
    kernel.eigen.check([Step(q) for q in range(1, 30)], over="c_q; an equality at q = 1")
    kernel.eigen.control(Cloud(STAR), without="gamma < 1")
    assert "-3, 5, -4" in records[-1]["reason"]
    kernel.eigen.control(Cloud((*THREE, THREE[0])), without="gamma < 1")
    kernel.eigen.control(Cloud(scaled(THREE, Fraction(1, 100))), without=UNIT)


def test_one_antipodal_pair_is_harmless() -> None:
    """H is I/2: nothing is refuted, and the balls cannot decide against a bound 0."""
    pair = Cloud((THREE[0], STAR[3]))
    assert least_eigenvalue([[float(v.mid()) for v in row] for row in pair.kernel]) == pytest.approx(0.5)
    assert kernel.antipodal_dependency(pair.points) is None
    with pytest.raises(ValueError, match="too wide"):
        kernel.eigen.control(pair, without="gamma < 1")


def test_the_antipodal_vector_is_in_the_kernel_of_h() -> None:
    relation = kernel.antipodal_dependency(STAR)
    r = np.zeros(6)
    for (i, j), c in relation.items():
        r[i], r[j] = c, -c
    assert np.abs(tangent_kernel(np.array(STAR, dtype=float)) @ r).max() < 1e-12


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)).filter(any), min_size=1, max_size=4))
def test_the_kernel_of_vectors_of_any_length(points: list) -> None:
    """A gate does not notice lengths: H_ij = x_i.x_j P, by the share of the circle; parallel vectors as well."""
    H = [[float(v.mid()) for v in row] for row in Cloud(tuple(points)).kernel]
    for x, row in zip(points, H, strict=True):
        for z, value in zip(points, row, strict=True):
            angle = abs(np.arctan2(x[0] * z[1] - x[1] * z[0], x[0] * z[0] + x[1] * z[1]))
            assert value == pytest.approx(
                (x[0] * z[0] + x[1] * z[1]) * (np.pi - angle) / (2 * np.pi), abs=1e-9
            )


def test_by_hand_on_the_page() -> None:
    X = np.array([[np.cos(k * np.pi / 3), np.sin(k * np.pi / 3)] for k in range(3)])
    assert least_eigenvalue(tangent_kernel(X)) == pytest.approx((11 - np.sqrt(33)) / 24)
    square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    assert np.allclose(tangent_kernel(square), np.eye(4) / 2)  # the solution of the first exercise


def test_mutants_of_eigen(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(rational_sphere(12, 3, rng=1, grid=64))
    bound, at = kernel.eigenvalue_bound, kernel.kernel_at
    monkeypatch.setattr(kernel, "eigenvalue_bound", lambda c: 12 * bound(c))
    with pytest.raises(ClaimFails, match="an eigenvalue of H is at most"):
        kernel.eigen.check([cloud], over="mutant: 1 / pi in place of 1 / (12 pi)")
    monkeypatch.setattr(kernel, "eigenvalue_bound", bound)
    monkeypatch.setattr(kernel, "kernel_at", lambda rho, pi: at(rho, pi) - rho)
    with pytest.raises(ClaimFails, match="an eigenvalue of H is at most"):
        kernel.eigen.check([Cloud(cloud.points)], over="mutant: minus arccos in place of pi minus arccos")
    true = kernel.c
    monkeypatch.setattr(kernel, "c", lambda q: true(q + 1))
    with pytest.raises(ClaimFails, match="c_1 is too small"):
        kernel.eigen.check([Step(1)], over="mutant: off by one; the bound is an equality at q = 1")


# Numerics and words


@given(st.integers(1, 20), st.integers(2, 6), st.integers(0, 10**6))
@settings(max_examples=20)
def test_rational_points_are_unit_and_apart(n: int, d: int, seed: int) -> None:
    points = rational_sphere(n, d, rng=seed, grid=64)
    assert len(points) == n and kernel.all_unit(points) is True and kernel.coherence(points) < 1


def test_a_coarse_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="too few points"):
        rational_sphere(30, 2, rng=0, grid=1)


def test_extreme_vectors_are_nearly_eigenvectors() -> None:
    M = [[2, 1], [1, 5]]
    low, high = np.linalg.eigvalsh(np.array(M))
    assert float(kernel.quotient_of_forms(M, extreme_vector(M)).mid()) == pytest.approx(low)
    assert float(kernel.quotient_of_forms(M, extreme_vector(M, largest=True)).mid()) == pytest.approx(high)


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (kernel.of_unit_vectors, Partial(arb(1), 3)),
        (kernel.of_unit_vectors, Pair(Fraction(0), Fraction(0), (2, 1))),
        (kernel.cloud_is_unit, Cloud(((2,),))),
        (kernel.coherence_below_one, Cloud(STAR)),
        (kernel.points_are_unit, Powers(((2,),), 1, 4)),
        (kernel.top_bounds_the_norm, Powers(((1,),), 1, 0)),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason
