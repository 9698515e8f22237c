"""The sign front: oracles by scipy, brute force over small Hamming distances, controls, mutants."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sympy import symbols

from memlib.claim import ClaimFails, ControlFails
from memlib.vershynin import front
from memlib.vershynin import front_floats as floats
from memlib.vershynin.enrichment_tails import Points, star
from memlib.vershynin.normal import ball

HALF = Fraction(1, 2)
X = star(10, 5, 1)  # cosines 25/26, angle .278
THETA = Fraction(1, 4)
LAYERS = {p: front.sign_layer(X, THETA, HALF, p, runs=48, seed=1) for p in front.FACTORS}
TOWER = front.chain(star(6, 14, 1), Fraction(1, 10), seed=1)


@given(
    st.integers(2, 10**5),
    st.floats(0.01, 3.1),
    st.floats(0.001, 0.999),
    st.sampled_from(["distinct", "distant"]),
)
def test_least_width_is_the_formula(K: int, theta: float, beta: float, promise: str) -> None:
    factor = {"distinct": 1, "distant": 8}[promise]
    needed = factor * math.pi / theta * math.log(K * K / 2 / beta)
    m = front.least_width(K, ball(Fraction(theta)), Fraction(beta), promise)
    assert needed <= m * (1 + 1e-9) and m - 1 < needed * (1 + 1e-9)


@given(st.integers(2, 1000), st.sampled_from([Fraction(3), Fraction(1), Fraction(1, 5), Fraction(1, 50)]))
def test_the_union_bound_agrees_with_scipy(K: int, theta: Fraction) -> None:
    u, pairs = float(theta) / math.pi, K * (K - 1) // 2
    for promise in front.FACTORS:
        x = front.sign_layer(K, theta, HALF, promise)
        few = 0 if promise == "distinct" else math.floor(x.m * u / 2)
        oracle = pairs * binom.cdf(few, x.m, u)
        bound = front.layer_failure(x)
        assert oracle * (1 - 1e-6) <= float(bound.upper()) <= 3 * oracle + 1e-12


@given(st.floats(1e-12, 0.367))
def test_the_chain_reaches_a_constant_distance(delta: float) -> None:
    J = front.number_of_layers(ball(Fraction(delta)))
    assert max(0, math.ceil(math.log2(math.log(1 / delta)) - 1e-12)) == J
    d = delta
    for _ in range(J):
        d = math.sqrt(2 * d / math.pi)
    closed = (2 / math.pi) ** (1 - 2**-J) * delta ** (2**-J)
    assert math.isclose(d, closed, rel_tol=1e-9) and d >= 0.2341


def test_hamming_distances_by_brute_force() -> None:
    S = floats.signs(np.random.default_rng(0).standard_normal((7, 3)), 50, np.random.default_rng(1))
    brute = [int((S[i] != S[k]).sum()) for i, k in combinations(range(7), 2)]
    assert sorted(floats.hamming(S).tolist()) == sorted(brute)


def test_integer_layers_by_python_integers() -> None:
    rows = np.array(TOWER.points.rows)
    S = floats.integer_signs(rows, 40, np.random.default_rng(5))
    g = np.rint(2**floats.BITS * np.random.default_rng(5).standard_normal((40, rows.shape[1])))
    weights = [[int(v) for v in row] for row in g]
    for x, signs in zip(TOWER.points.rows, S.tolist(), strict=True):
        assert signs == [1 if sum(a * b for a, b in zip(w, x, strict=True)) > 0 else -1 for w in weights]


def test_an_angle_is_met_with_its_share() -> None:
    two = np.array([[1.0, 0.0], [math.cos(0.7), math.sin(0.7)]])
    H = floats.hamming(floats.signs(two, 40_000, np.random.default_rng(2)))[0]
    assert abs(H / 40_000 - 0.7 / math.pi) < 0.011  # five standard deviations


def test_no_cosine_is_negative_behind_a_constant_coordinate() -> None:
    Y = floats.with_constant(np.random.default_rng(0).standard_normal((30, 2)))
    assert (Y @ Y.T).min() > -1e-12
    assert floats.least_distance(Y) > 0


def test_checks() -> None:
    front.sign_front.check([front.Rung(*symbols("delta s", positive=True))], over="letters", case="(c)")
    front.sign_front.check(LAYERS.values(), over="drawn")
    front.sign_front.check([TOWER], over="integers")
    front.sign_front.check([front.chain(100, ball(Fraction(1, 1000)))], over="all points")


def test_controls() -> None:
    claim = front.sign_front
    for x in LAYERS.values():
        claim.control(replace(x, points=star(10, 60, 1)), without="the angles are at least theta")
        claim.control(replace(x, m=x.m // 40), without="the layers are wide enough")
    nil = Points((*X.rows, (0,) * 11, (0,) * 11), square=26)
    claim.control(front.sign_layer(nil, THETA, HALF, "distinct", runs=24), without="no point is 0")
    claim.control(replace(TOWER, points=star(6, 400, 1)), without="norm 1, distances at least delta")
    claim.control(replace(TOWER, widths=(20, 20)), without="the layers are wide enough")
    close = ball(Fraction(1, 100))
    claim.control(front.Chain(6, close, front.least_widths(6, close, 1)), without="2^J >= ln(1/delta)")
    big = ball(Fraction(9, 10))
    climbs_down = front.Chain(6, big, front.least_widths(6, big, 1))
    claim.control(climbs_down, without="0 < theta <= pi, 0 < beta < 1, 0 < delta < 1/e")
    claim.rejects(LAYERS["distant"], wrong=front.reaches_the_mean, says="the mean")


@pytest.mark.parametrize(("promise", "factor"), [("distinct", Fraction(9, 10)), ("distant", Fraction(1, 2))])
def test_narrower_layers_fail_the_union_bound(promise: str, factor: Fraction) -> None:
    x = front.sign_layer(10**4, Fraction(1, 10), Fraction(1, 1000), promise)
    assert front.front_holds(x)
    assert not front.front_holds(replace(x, m=int(x.m * factor)))


def test_a_wrong_recursion_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_root(delta: arb, J: int) -> list[arb]:
        return [delta * (1 + j) for j in range(J + 1)]

    monkeypatch.setattr(front, "ladder", without_root)
    with pytest.raises(ClaimFails, match="last distance"):
        front.sign_front.check([front.chain(10, ball(Fraction(1, 1000)))], over="mutant")


def test_a_promise_without_the_factor_two_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean would give 4 delta / pi in place of 2 delta / pi."""

    def of_the_mean(delta: arb, J: int) -> list[arb]:
        found = [delta]
        for _ in range(J):
            found.append((4 * found[-1] / arb.pi()).sqrt())
        return found

    monkeypatch.setattr(front, "ladder", of_the_mean)
    monkeypatch.setattr(front, "climbs", lambda x: True)
    with pytest.raises(ClaimFails, match="the union bound is"):
        front.sign_front.check([front.chain(1000, ball(Fraction(1, 1000)))], over="mutant")


def test_wrong_signs_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer with a large bias gives all points the same signs."""
    monkeypatch.setattr(floats, "signs", lambda X, m, rng: np.ones((len(X), m)))
    with pytest.raises(ClaimFails, match="does not confirm"):
        front.sign_front.check([LAYERS["distinct"]], over="mutant")


def test_a_lost_root_in_the_distance_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "distances_between", lambda rows, widths, seed: [m // 100 for m in widths])
    with pytest.raises(ClaimFails, match="after layer 1 two points differ in 9 of 901"):
        front.sign_front.check([TOWER], over="mutant")


def test_a_control_needs_a_broken_hypothesis() -> None:
    with pytest.raises(ControlFails, match="still holds"):
        front.sign_front.control(TOWER, without="the layers are wide enough")
