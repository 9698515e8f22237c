"""Capacity: bad sets against their equations, cones against brute force, networks against their definition, mutants."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
import sympy
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.approximate import ACTIVATIONS
from memlib.claim import ClaimFails, ControlFails
from memlib.exact import dot, rank, rank_mod
from memlib.madden import capacity, pairs
from memlib.madden.capacity import Setting, SignCone, Task, Zero, every_label, is_good
from memlib.madden.pairs import (
    BALLS,
    BITS,
    Analytic,
    BallPairs,
    Paired,
    Polynomial,
    contracting_pairs,
    draw,
    jacobian,
    outputs,
)

SQUARE, CUBE, ODD, MIXED = (Polynomial(c) for c in ((0, 0, 1), (0, 0, 0, 1), (0, 1, 0, 1), (1, 2, 3)))
X = ((1, 0), (1, 2))
HALF = Fraction(1, 2)
BY_HAND = Paired(SQUARE, X, ((1, 1),), ((HALF, Fraction(0)), (-HALF / 2, Fraction(1, 12))))
LAW = ((1, 0), (0, 1), (1, 1), (1, -1))
BOX = arb(0, 1)
EVEN, COUNT, DEGREES, GOOD = (
    "m is even",
    "n <= md/2",
    "psi is no polynomial at eta, or |K| >= m/2",
    "X is not in Z",
)

small = st.integers(-4, 4)
polynomials = st.lists(small, min_size=2, max_size=5).map(tuple).filter(lambda c: any(c[1:])).map(Polynomial)


def vectors(d: int, n: int) -> st.SearchStrategy:
    return st.tuples(*[st.tuples(*[small] * d)] * n)


# activations and the Jacobian


@pytest.mark.parametrize("name", sorted(BALLS))
def test_balls_agree_with_floats_and_with_difference_quotients(name: str) -> None:
    psi, h = Analytic(name, Fraction(1, 3)), fmpq(1, 2**40)
    with ctx.workprec(BITS):
        for t in (-3, -1, 0, 2):
            quotient = (psi.value(arb(t) + h) - psi.value(arb(t) - h)) * 2**39
            assert abs(quotient - psi.slope(arb(t))) < fmpq(1, 10**20)
            if name in ACTIVATIONS:
                assert float(psi.value(arb(t))) == pytest.approx(
                    float(ACTIVATIONS[name](np.float64(t + 1 / 3))), rel=1e-13
                )
            assert not psi.one_sign or psi.value(arb(t)) > 0


@given(polynomials, vectors(2, 2), vectors(2, 3))
@settings(max_examples=15)
def test_the_jacobian_is_the_derivative_of_the_network(psi: Polynomial, W: tuple, P: tuple) -> None:
    letters = sympy.symbols("a:4")
    rows = (letters[:2], letters[2:])
    out = sympy.Matrix([sum(psi.value(dot(w, x)) for w in rows) for x in P])
    at = dict(zip(letters, [v for w in W for v in w], strict=True))
    assert out.jacobian(letters).subs(at).T.tolist() == jacobian(psi, W, P)


# madden-bad-set


@given(polynomials, st.integers(1, 3), st.integers(1, 3))
@settings(max_examples=25)
def test_the_span_is_the_rank_at_many_points(psi: Polynomial, d: int, h: int) -> None:
    W = draw(h, d, seed=h, most=3)
    forms = sum(comb(k + d - 1, d - 1) for k in psi.support)
    many = draw(forms + 5, d, seed=9, most=10**6)
    assert capacity.span_rank(psi, W) == rank_mod(jacobian(psi, W, many), capacity.P)


def test_known_reaches() -> None:
    for d in range(1, 6):
        for h in range(1, d + 1):
            assert capacity.reach(SQUARE, h, d) == h * d - comb(h, 2)
    for k in range(1, 7):
        power = Polynomial((0,) * k + (1,))
        assert [capacity.reach(power, h, 2) for h in (1, 2, 3)] == [min(2 * h, k + 1) for h in (1, 2, 3)]
    assert capacity.reach(Analytic("tanh"), 3, 4) == 12
    assert capacity.reach(SQUARE, 0, 3) == 0
    with pytest.raises(ValueError, match="not decided here"):
        capacity.reach(Polynomial((0, 0, 0, 0, 1)), 5, 3)  # the exception of Alexander and Hirschowitz


@pytest.mark.parametrize(
    "psi", [Polynomial((0, 1, 1)), ODD, Polynomial((0, 0, 1, 1)), Polynomial((3, 0, 1, 0, 2))]
)
def test_the_equations_decide_the_bad_set_on_a_grid(psi: Polynomial) -> None:
    letters = sympy.symbols("x1 x2")
    found = [sympy.lambdify(letters, q) for q in capacity.equations(psi, 1, 2, 2)]
    for a, b in product(range(-3, 4), repeat=2):
        grid = [
            ((w,), (u,)) for w in range(-5, 6) for u in range(-5, 6)
        ]  # decides a minor of degree < 11 in w, u
        somewhere = any(rank(jacobian(psi, W, ((a,), (b,)))) == 2 for W in grid)
        assert bool(is_good(psi, ((a,), (b,)), 2)) == any(q(a, b) for q in found) == somewhere


@given(vectors(2, 2))
def test_one_pair_in_the_plane_needs_independent_points(P: tuple) -> None:
    assert bool(is_good(SQUARE, P, 1)) == (P[0][0] * P[1][1] != P[0][1] * P[1][0])


@given(vectors(2, 4), polynomials)
@settings(max_examples=25)
def test_the_upper_bound_is_never_exceeded(P: tuple, psi: Polynomial) -> None:
    bound = capacity.most_rank(psi, P, 2)[0]
    assert all(rank(jacobian(psi, draw(2, 2, seed), P)) <= bound for seed in range(5))


def test_checks_of_the_bad_set(records: list) -> None:
    a, b = sympy.symbols("a b", nonzero=True)
    capacity.bad_set.check([Setting(Polynomial((0, a, 0, b)), 1, 2, 2)], over="letters")
    capacity.bad_set.check([Setting(SQUARE, 3, 2, 6), Setting(CUBE, 1, 1, 1)], over="integers")
    capacity.bad_set.check([Setting(Analytic("sin", 1), 2, 2, 4)], over="balls")
    assert [r["strength"] for r in records] == ["symbolic", "witness", "enclosure"]


def test_the_plain_count_falls(records: list) -> None:
    capacity.bad_set.rejects(
        Setting(SQUARE, 3, 2, 6), wrong=capacity.the_plain_count_is_reached, says="plain"
    )
    assert records[-1]["reason"] == "the rank is at most 5 for all W and X, not 6"
    with pytest.raises(ControlFails, match="not refuted"):
        capacity.bad_set.rejects(
            Setting(CUBE, 3, 2, 6), wrong=capacity.the_plain_count_is_reached, says="plain"
        )
    assert capacity.the_plain_count_is_reached(Setting(Analytic("tanh"), 3, 2, 6)) is True


def test_a_reach_that_is_too_large_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        capacity, "reach", lambda psi, h, d: h * d
    )  # forgets the relation between two squares
    with pytest.raises(ClaimFails, match="rank 6 was not found"):
        capacity.bad_set.check([Setting(SQUARE, 3, 2, 6)], over="mutant")


def test_a_jacobian_without_the_points_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def slopes_alone(psi, W, P):
        return [[psi.slope(dot(w, x)) for x in P] for w in W for _ in P[0]]

    monkeypatch.setattr(capacity, "jacobian", slopes_alone)
    with pytest.raises(ClaimFails, match="was not found"):
        capacity.bad_set.check([Setting(CUBE, 3, 2, 6)], over="mutant")


# madden-cone


def test_signs_of_sums_against_random_vectors() -> None:
    rng = random.Random(0)
    signs = list(product((1, 0, -1), repeat=2))
    seen = set()
    for _ in range(8000):
        u, v = [tuple(rng.choice((-2, -1, 0, 1, 2)) for _ in range(2)) for _ in range(2)]
        total = tuple(p + q for p, q in zip(u, v, strict=True))
        seen.add(tuple(tuple((t > 0) - (t < 0) for t in w) for w in (u, v, total)))
    assert all(capacity.sum_has(a, b, s) == ((a, b, s) in seen) for a in signs for b in signs for s in signs)


def test_all_cones_of_the_plane() -> None:
    signs = list(product((1, 0, -1), repeat=2))
    for chosen in product((0, 1), repeat=9):
        cone = SignCone(tuple(s for s, take in zip(signs, chosen, strict=True) if take))
        if cone.patterns and capacity.all_multiples_belong(cone) and capacity.has_interior(cone):
            assert capacity.the_sum_is_everything(cone) is True


def test_controls_of_the_cone(records: list) -> None:
    capacity.cone_sum.check([SignCone(((1, 1), (-1, -1)))], over="two quadrants")
    capacity.cone_sum.control(SignCone(((1, 1),)), without="t C = C for t != 0")
    capacity.cone_sum.control(SignCone(((1, 0), (-1, 0))), without="C has an interior point")
    capacity.cone_sum.rejects(
        SignCone(((1, 1), (-1, -1), (0, 0))), wrong=capacity.the_cone_is_everything, says="one copy"
    )
    assert records[0]["strength"] == "exact"


def test_sums_that_only_add_up_fail_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "sum_has", lambda a, b, s: a == b == s)  # forgets that signs may cancel
    with pytest.raises(ClaimFails, match="no two vectors"):
        capacity.cone_sum.check([SignCone(((1, 1), (-1, -1)))], over="mutant")


def pythagoras(*signs: int, points: tuple = ((1,), (2,))) -> Zero:
    neurons = tuple(((w,), 0, v) for w, v in zip((3, 4, 5), signs, strict=True))
    return Zero(SQUARE, points, neurons, BOX)


def test_the_derivative_of_a_zero_is_the_derivative(records: list) -> None:
    zero = pythagoras(1, 1, -1)
    letters = sympy.symbols("t:9")
    out = [
        sum(letters[3 * j + 2] * (letters[3 * j] * x + letters[3 * j + 1]) ** 2 for j in range(3))
        for (x,) in zero.points
    ]
    at = dict(zip(letters, zero.parameters, strict=True))
    assert sympy.Matrix(out).jacobian(letters).subs(at).T.tolist() == zero.derivative(zero.parameters)
    capacity.cone_zero.check([zero, Zero(CUBE, X, (((1, 1), 0, 1), ((1, 1), 0, -1)), BOX)], over="zeros")
    assert records[-1]["strength"] == "enclosure"


def test_controls_of_the_zero() -> None:
    one, none = (Zero(SQUARE, ((1,), (2,)), (((1,), 0, v),), BOX) for v in (1, 0))
    capacity.cone_zero.control(one, without="F_X = 0 at theta_0")
    capacity.cone_zero.control(none, without="DF_X has rank n at theta_0")
    with pytest.raises(ClaimFails, match="F_X is"):
        capacity.cone_zero.check([pythagoras(1, 1, 1)], over="no zero")
    with pytest.raises(ClaimFails, match="rank 2, not 3"):
        capacity.cone_zero.check([pythagoras(1, 1, -1, points=((1,), (2,), (3,)))], over="three points")


def test_a_derivative_that_is_not_invertible_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "defect", lambda G: arb(1))
    with pytest.raises(ClaimFails, match="no cube was found"):
        capacity.cone_zero.check([pythagoras(1, 1, -1)], over="mutant")


# madden-main: exact pairs


def test_the_example_by_hand() -> None:
    assert list(BY_HAND.neurons((4, -12))) == [((3, -1), HALF), ((-1, 3), -HALF)]
    assert outputs(SQUARE, BY_HAND.neurons((4, -12)), X) == [4, -12]
    assert rank(jacobian(SQUARE, ((1, 1),), X)) == 2


@given(
    vectors(2, 4),
    st.lists(st.fractions(-9, 9, max_denominator=9), min_size=4, max_size=4),
    small,
    small.filter(bool),
)
def test_quadratic_pairs_take_all_labels(P: tuple, labels: list, c1: int, c2: int) -> None:
    psi = Polynomial((7, c1, c2))
    net = capacity.exact_pairs(psi, P, 2)
    if net is None:
        assert not c1 or not is_good(psi, P, 2)
        return
    by_definition = [
        sum(
            v * (7 + c1 * a + c2 * a * a) for w, v in net.neurons(labels) for a in [w[0] * x[0] + w[1] * x[1]]
        )
        for x in P
    ]
    assert by_definition == labels
    assert sorted(v for _, v in net.neurons(labels)) == [-HALF, -HALF, HALF, HALF]


def test_all_labels_in_letters(records: list) -> None:
    y = sympy.symbols("y1:6")
    capacity.main.check(
        [Task(SQUARE, 2, X, y[:2]), Task(MIXED, 4, draw(4, 2, 5), y[:4])], over="letters", case=""
    )
    capacity.by_rank.check([Task(SQUARE, 4, draw(5, 3, 1), y)], over="letters")
    assert [r["strength"] for r in records] == ["symbolic", "symbolic"]
    capacity.main.check(
        [Task(SQUARE, 2, X, (4, Fraction(-12, 7))), Task(SQUARE, 2, ((3, 4),), (5,))], over="numbers"
    )
    assert records[-1]["strength"] == "exact"


def both_positive(self: Paired, z):
    for j, (w, v) in enumerate(neurons_of(self, z)):
        yield w, abs(v) if j == 1 else v


def moved_one_way(self: Paired, z):
    for w, v in neurons_of(self, z):
        yield (w if v > 0 else self.W[0]), v


neurons_of = Paired.neurons


@pytest.mark.parametrize("mutant", [both_positive, moved_one_way])
def test_wrong_pairs_fail_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Paired, "neurons", mutant)
    for labels in (sympy.symbols("y1 y2"), (4, -12)):
        with pytest.raises(ClaimFails, match="the network is"):
            capacity.main.check([Task(SQUARE, 2, X, labels)], over="mutant")


# madden-main: pairs in balls


@pytest.mark.parametrize("name", ["tanh", "softplus", "sin"])
def test_the_contraction_holds_at_random_points_of_the_cube(name: str) -> None:
    P = draw(6, 2, 4)
    net = contracting_pairs(Analytic(name, HALF), P, 3)
    rng = random.Random(1)
    with ctx.workprec(BITS):
        coarser = replace(net, halvings=max(0, net.halvings - 1))
        assert (
            net.halvings == 0 or 2 * pairs.defect(coarser.derivative(arb_mat([[arb(0, 2)]] * 6))).mid() >= 1
        )
        for _ in range(3):
            z = arb_mat([[arb(fmpq(rng.randint(-200, 200), 100))] for _ in P])
            assert 2 * pairs.defect(net.derivative(z)) < 1
            y = [Fraction(rng.randint(-9, 9), 9) for _ in P]
            found = outputs(net.psi, net.neurons(net.weights_for(tuple(y))), P)
            for got, want in zip(found, y, strict=True):
                assert got.contains(fmpq(want.numerator, want.denominator)) and got.rad() < fmpq(1, 10**15)


def test_the_derivative_of_the_pairs_is_a_difference_quotient() -> None:
    net, h = contracting_pairs(Analytic("gelu"), draw(3, 2, 8), 2), fmpq(1, 2**40)
    with ctx.workprec(BITS):
        z = [fmpq(1, 3), fmpq(-1), fmpq(3, 2)]
        D = net.derivative(arb_mat([[arb(v)] for v in z]))
        for q in range(3):
            up, down = (
                net.outputs(arb_mat([[arb(v) + sign * h * (k == q)] for k, v in enumerate(z)]))
                for sign in (1, -1)
            )
            for i in range(3):
                assert abs((up[i] - down[i]) * 2**39 - D[i, q]) < fmpq(1, 10**15)


def test_all_labels_in_balls(records: list) -> None:
    tasks = [Task(Analytic(name, HALF), m, draw(m * d // 2, d, 3), every_label(m * d // 2))
             for name, d, m in [("tanh", 4, 6), ("gelu", 1, 6), ("exp", 3, 4), ("sigmoid", 2, 2)]]  # fmt: skip
    capacity.main.check(tasks, over="analytic")
    capacity.main.check([Task(Polynomial((0, 1, 0, -1)), 4, draw(8, 4, 3), every_label(8))], over="cubic")
    assert {r["strength"] for r in records} == {"enclosure"}


def test_the_contraction_must_be_by_one_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """3/4 in place of 1/2 is a contraction, but it need not map the cube into itself."""
    monkeypatch.setattr(capacity, "defect", lambda G: arb(fmpq(3, 4)))
    with pytest.raises(ClaimFails, match="not within 1/2 of the identity"):
        capacity.main.check([Task(Analytic("tanh"), 2, X, every_label(2))], over="mutant")


def test_one_point_more_than_the_rank_is_refused() -> None:
    """x^2, d = 3, four neurons: R = 5 although md/2 = 6, and part (ii) covers no sixth point."""
    with pytest.raises(ClaimFails, match="there are 6 points, and R_K is 5"):
        capacity.by_rank.check([Task(SQUARE, 4, draw(6, 3, 1), tuple(range(6)))], over="one point too many")


def test_odd_width_drops_a_neuron() -> None:
    assert capacity.labels_are_attained(Task(Analytic("tanh"), 3, ((2, 1), (1, 3)), every_label(2))) is True


def test_an_epsilon_without_proof_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accept epsilon = 1 at once: the network for a corner of the cube misses its labels."""
    real = pairs.defect
    for module in (pairs, capacity):
        monkeypatch.setattr(module, "defect", lambda G: min(real(G), arb(fmpq(1, 4))))
    with pytest.raises(ClaimFails, match="the network is"):
        capacity.main.check([Task(Analytic("tanh"), 4, draw(4, 2, 5), every_label(4))], over="mutant")


def test_the_check_itself_decides_the_inequality(monkeypatch: pytest.MonkeyPatch) -> None:
    """A builder that halves epsilon once too rarely is not believed."""
    real = capacity.contracting_pairs

    def coarser(*args):
        net = real(*args)
        return replace(net, halvings=net.halvings - 1)

    monkeypatch.setattr(capacity, "contracting_pairs", coarser)
    with pytest.raises(ClaimFails, match="not within 1/2 of the identity"):
        capacity.main.check([Task(Analytic("tanh"), 4, draw(4, 2, 5), every_label(4))], over="mutant")


@pytest.mark.parametrize("name", ["moves", "neurons"])
def test_pairs_that_move_too_far_are_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "moves":
        real_moves = BallPairs.moves.func
        monkeypatch.setattr(
            BallPairs, "moves", property(lambda self: [M * fmpq(9, 8) for M in real_moves(self)])
        )
    else:
        real = BallPairs.neurons
        monkeypatch.setattr(
            BallPairs, "neurons", lambda self, z: ((w, v * fmpq(9, 8)) for w, v in real(self, z))
        )
    with pytest.raises(ClaimFails, match="the network is"):
        capacity.main.check([Task(Analytic("tanh"), 2, X, every_label(2))], over="mutant")


def test_a_psi_that_is_not_its_slope_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slope with the wrong factor never gives a matrix close to the identity."""
    monkeypatch.setitem(BALLS, "tanh", (lambda t: 2 * t.tanh(), BALLS["tanh"][1]))
    with pytest.raises(ClaimFails, match="the network is"):
        capacity.main.check([Task(Analytic("tanh"), 2, X, every_label(2))], over="mutant")


# madden-main: controls


def test_controls_of_the_theorem(records: list) -> None:
    units, tanh = ((1, 0, 0, 0), (0, 1, 0, 0)), Analytic("tanh")
    capacity.main.control(Task(Analytic("sigmoid"), 1, units, (1, -1)), without=EVEN)
    capacity.main.control(Task(SQUARE, 1, units, (1, -1)), without=EVEN)
    capacity.main.control(Task(SQUARE, 2, LAW, (0, 0, 1, 0)), without=COUNT)
    capacity.main.control(Task(SQUARE, 6, (*LAW, (1, 2), (2, 1)), (0, 0, 1, 0, 0, 0)), without=DEGREES)
    capacity.main.control(Task(tanh, 2, ((1, 2), (1, 2)), (1, -1)), without=GOOD)
    capacity.main.control(Task(tanh, 2, ((1, 2), (1, 2)), every_label(2)), without=GOOD)
    capacity.main.control(Task(SQUARE, 2, ((1, 2), (2, 4)), (1, 1)), without=GOOD)
    assert len(records) == 7


def test_controls_that_show_nothing_are_refused() -> None:
    with pytest.raises(ControlFails, match="the conclusion survives"):
        capacity.main.control(Task(MIXED, 3, X, (1, 2)), without=EVEN)
    with pytest.raises(ControlFails, match="still holds"):
        capacity.main.control(Task(SQUARE, 2, X, (1, -1)), without=EVEN)


@given(vectors(2, 4), st.tuples(*[small] * 4))
def test_an_obstacle_is_real(P: tuple, labels: tuple) -> None:
    """Where an obstacle is named, the labels are not in the span of 28 squares: a rank over the rationals."""
    spanned = [[(p * x[0] + q * x[1]) ** 2 for x in P] for p in range(-3, 4) for q in range(4)]
    inside = rank([*spanned, list(labels)]) == rank(spanned)
    assert (capacity.obstacle(Task(SQUARE, 8, P, labels)) is None) == inside


def test_what_is_not_decided_is_not_claimed() -> None:
    with pytest.raises(ValueError, match="decided in balls"):
        capacity.labels_are_attained(Task(CUBE, 2, X, (1, 2)))
    with pytest.raises(ValueError, match="scale the labels"):
        capacity.labels_are_attained(Task(CUBE, 2, X, (arb(0, 3),) * 2))
    with pytest.raises(ValueError, match="the pairs do not reach"):
        capacity.labels_are_attained(Task(Analytic("tanh"), 2, draw(3, 2, 0), every_label(3)))
    assert not is_good(SQUARE, ((0, 0),), 1)
    assert is_good(SQUARE, ((0, 1),), 1)
