"""The epsilon construction: balls against definitions and samples, exact cubics, every control, mutants."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.madden import construct, cubic
from memlib.madden.construct import M3, OSCILLATION, THIRD, Construction, lipschitz, mean_slope, solution
from memlib.madden.cubic import Cubic, with_solution
from memlib.madden.monomials import draw
from memlib.madden.pairs import BALLS, BITS, Analytic, Polynomial, ball, outputs

SMALL, THIRD_BOUND, RANK, NONZERO = (
    "0 < epsilon <= epsilon*",
    "|psi'''| <= M_3",
    "J has rank n",
    "some label is not 0",
)
SINE = Construction(Analytic("sin"), 1, ((1,),), ((0,),), (0,), (1,))
TWINS = Construction(Analytic("tanh"), 2, ((1, 2), (1, 2)), ((1, 1),), (0,), (1, -1))
HALF = Fraction(1, 2)
X = ((1, 0), (1, 2), (2, 1), (-1, 3))


def start(name: str, d: int, pairs: int, seed: int = 1, n: int | None = None) -> Construction:
    rng = random.Random(seed)

    def tenths(k: int) -> tuple:
        return tuple(Fraction(rng.randint(-10, 10), 10) for _ in range(k))

    n = n or pairs * d
    W = tuple(tenths(d) for _ in range(pairs))
    b, y = tenths(pairs), tenths(n)
    return Construction(Analytic(name), M3[name], draw(n, d, seed, most=3), W, b, y)


# third derivatives


@pytest.mark.parametrize("name", sorted(M3))
def test_third_derivatives_and_their_bounds(name: str) -> None:
    """Against difference quotients of psi'; the bound holds on a grid, and is reached up to the rounding of M_3."""
    third, place = THIRD[name]
    slope, h = BALLS[name][1], fmpq(1, 2**30)
    with ctx.workprec(BITS):
        for k in range(-40, 41):
            t = arb(fmpq(k, 5))
            quotient = (slope(t + h) + slope(t - h) - 2 * slope(t)) * 2**60
            assert abs(quotient - third(t)) < fmpq(1, 10**12)
            assert abs(third(t)) <= abs(third(place())) + fmpq(1, 10**40)
        most = abs(third(place()))
        assert most <= ball(M3[name]) + fmpq(1, 10**40) and ball(M3[name]) < most * fmpq(1002, 1000)


@pytest.mark.parametrize("name", sorted(M3))
def test_the_bound_holds_on_the_line(name: str) -> None:
    """Interval by interval on [-12, 12], in balls; beyond, |psi'''| is below 1e-3 for all but the sine."""
    third = THIRD[name][0]
    with ctx.workprec(BITS):
        for k in range(-3000, 3000):
            piece = arb(fmpq(2 * k + 1, 500), fmpq(1, 500))
            assert abs(third(piece)).upper() < ball(M3[name]) * fmpq(103, 100)
        if name != "sin":
            assert abs(third(arb(12))) < fmpq(1, 1000) and abs(third(arb(-12))) < fmpq(1, 1000)


@given(
    st.sampled_from(sorted(M3)),
    st.integers(-30, 30),
    st.integers(-20, 20),
    st.integers(0, 30),
    st.floats(-1, 1),
)
def test_mean_slope_encloses_samples(name: str, a: int, mid: int, radius: int, at: float) -> None:
    with ctx.workprec(BITS):
        t, h = arb(fmpq(a, 10)), arb(fmpq(mid, 20), fmpq(radius, 20))
        inside = arb(fmpq(mid, 20)) + arb(at) * fmpq(radius, 20)
        psi = Analytic(name)
        exact = (psi.slope(t + inside) + psi.slope(t - inside)) * fmpq(1, 2)
        assert mean_slope(psi, t, h).overlaps(exact)


def test_a_wrong_third_derivative_is_refused() -> None:
    for name in M3:
        low = replace(start(name, 1, 1), third=ball_floor(M3[name]))
        answer = construct.third_derivative_is_bounded(low)
        assert isinstance(answer, Counterexample) and "|psi'''| is" in answer.reason
    assert construct.third_derivative_is_bounded(with_solution((0, 1, 0, 1), X[:1], ((1, 1),), (0,), (1,)))
    for c, third in (((0, 1, 0, 0, 1), 99), ((0, 1, 0, 1), 5), ((0, 1, 1), 0)):
        it = Cubic(Polynomial(c), third, X[:1], ((1, 1),), (0,), HALF, (1,), (1,))
        assert not construct.third_derivative_is_bounded(it)


def ball_floor(bound) -> Fraction:
    return Fraction(bound) * Fraction(99, 100)


# the construction


def test_by_hand() -> None:
    assert SINE.Delta.contains(1) and (2 * SINE.epsilon).contains(1)
    z, errors = solution(SINE)
    with ctx.workprec(BITS):
        assert z[0, 0].contains(arb.pi() * fmpq(1, 3)) and z[0, 0].rad() < fmpq(1, 2**80)
        v = [v for _, _, v in SINE.neurons(z)]
        assert v[0].contains(1) and v[1].contains(-1)
        assert lipschitz(SINE) < fmpq(1, 2) and lipschitz(SINE) >= 1 - arb(1).cos()
    assert float(errors[0]) == pytest.approx(1 - 2 * np.sin(0.5))


@given(
    st.sampled_from(sorted(M3)),
    st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]),
    st.integers(0, 10**6),
)
@settings(max_examples=15)
def test_random_starts(name: str, size: tuple, seed: int) -> None:
    it = start(name, *size, seed)
    if len(set(it.points)) < len(it.points) or it.B is None or it.Delta > 10**6 or not any(it.labels):
        return
    construct.explicit.check([it], over="a drawn start")


def test_fewer_points_than_rows() -> None:
    construct.explicit.check([start("tanh", 3, 2, n=4), start("gelu", 2, 3, n=5)], over="n < m' d")


@pytest.mark.parametrize("name", sorted(M3))
def test_G_is_the_network_and_its_derivative(name: str) -> None:
    """G, from pairs, is what the neurons give; the derivative is a difference quotient; at 0 it is I."""
    it = start(name, 2, 2)
    n = len(it.points)
    with ctx.workprec(BITS):
        z = arb_mat([[arb(fmpq(k - 1, 7))] for k in range(n)])
        by_pairs = it.G(z)
        net = [((*w, b), v) for w, b, v in it.neurons(z)]
        by_neurons = outputs(it.psi, net, [(*x, 1) for x in it.points])
        for p, q in zip(by_pairs, by_neurons, strict=True):
            assert p.overlaps(q) and p.rad() < fmpq(1, 10**30)
        D, h = it.derivative(z), fmpq(1, 2**40)
        for q in range(n):
            up = arb_mat([[z[k, 0] + (h if k == q else 0)] for k in range(n)])
            for i, (new, old) in enumerate(zip(it.G(up), by_pairs, strict=True)):
                assert abs((new - old) * 2**40 - D[i, q]) < fmpq(1, 10**8)
        zero = it.derivative(arb_mat(n, 1))
        assert all(abs(zero[i, q] - int(i == q)) < fmpq(1, 10**30) for i in range(n) for q in range(n))


def test_Delta_is_the_largest_move() -> None:
    """Against all corners z of the cube [-1, 1]^n: how far an argument moves, from the neurons themselves."""
    it = start("tanh", 2, 2)
    best = arb(0)
    with ctx.workprec(BITS):
        for corner in product((1, -1), repeat=4):
            z = arb_mat([[arb(c)] for c in corner])
            for (w, _, _), base in zip(list(it.neurons(z))[::2], it.W, strict=True):
                for x in it.points:
                    moved = sum(((p - ball(q)) * c for p, q, c in zip(w, base, x, strict=True)), arb(0))
                    best = best.max(abs(moved) / it.epsilon)
        assert best.overlaps(it.Delta) and best.rad() < fmpq(1, 10**20)


@pytest.mark.parametrize("name", sorted(M3))
@pytest.mark.parametrize("seed", range(4))
def test_the_estimates_of_the_proof(name: str, seed: int) -> None:
    """|e| <= Y / 3 and |e(z) - e(z')| <= |z - z'| / 2 at random points of the cube; e from G alone."""
    it = start(name, 1, 2, seed)
    if it.B is None or not any(it.labels):
        return
    rng = np.random.default_rng(seed)
    Y = float(it.Y)
    points = [np.array(v) * 2 * Y for v in [(1, 1), (1, -1), *rng.uniform(-1, 1, (6, 2))]]
    with ctx.workprec(BITS):
        e = [np.array([float(g) for g in it.G(arb_mat([[arb(float(v))] for v in z]))]) - z for z in points]
    for p, a in zip(points, e, strict=True):
        assert np.abs(a).max() <= Y / 3 * (1 + 1e-9)
        for q, b in zip(points, e, strict=True):
            assert np.abs(a - b).max() <= np.abs(p - q).max() / 2 * (1 + 1e-9) + 1e-12


def test_the_lipschitz_bound_is_nearly_attained() -> None:
    """GELU where its third derivative is largest and Delta is large: 1/2 up to a percent, at a corner."""
    it = Construction(Analytic("gelu"), M3["gelu"], ((1,),), ((0,),), (Fraction(-4, 5),), (1,))
    with ctx.workprec(BITS):
        at_corner = abs(1 - it.derivative(arb_mat([[arb(2)]]))[0, 0])
        assert fmpq(495, 10**3) < at_corner < fmpq(1, 2)


def test_ten_times_the_labels() -> None:
    it = start("gelu", 2, 1)
    ten = replace(it, labels=tuple(10 * y for y in it.labels))
    with ctx.workprec(BITS):
        assert (10 * ten.epsilon).overlaps(it.epsilon)
        z, Z = solution(it)[0], solution(ten)[0]
        assert all((10 * z[i, 0]).overlaps(Z[i, 0]) for i in range(2))


# claims, controls


def test_checks_and_controls(records: list) -> None:
    construct.explicit.check([SINE, start("tanh", 2, 2)], over="two starts")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("enclosure", True)
    construct.explicit.control(replace(SINE, factor=Fraction(21, 10)), without=SMALL)
    assert "no output exceeds 0.95238, and a label has the size 1" in records[-1]["reason"]
    construct.explicit.control(replace(SINE, third=Fraction(1, 5)), without=THIRD_BOUND)
    assert "no output exceeds 0.89443" in records[-1]["reason"]
    construct.explicit.control(TWINS, without=RANK)
    assert "no function is 1 and -1 at the equal points 0 and 1" in records[-1]["reason"]
    two = Construction(Analytic("sigmoid"), M3["sigmoid"], ((1, 0), (0, 1)), ((0, 0),), (0,), (1, -1))
    construct.explicit.rejects(two, wrong=construct.one_neuron_less, says="odd")
    assert "one sign" in records[-1]["reason"]


def test_controls_can_fail() -> None:
    with pytest.raises(ControlFails, match="still holds"):
        construct.explicit.control(SINE, without=SMALL)
    with pytest.raises(
        ControlFails, match="the conclusion survives"
    ):  # too large for the theorem, still fine
        construct.explicit.control(replace(start("tanh", 2, 2), factor=2), without=SMALL)
    with pytest.raises(ValueError, match="not decided here"):  # runs away, but the outputs are large enough
        construct.explicit.control(replace(start("softplus", 2, 2), factor=10**5), without=SMALL)
    with pytest.raises(ValueError, match="not decided here"):
        construct.one_neuron_less(SINE)
    assert not construct.some_label_is_not_zero(replace(SINE, labels=(0,)))
    assert not construct.jacobian_has_rank_n(start("tanh", 1, 1, n=2, seed=3))
    for name, most in OSCILLATION.items():
        values = [float(BALLS[name][0](arb(t))) for t in np.linspace(-40, 40, 4001)]
        assert most * 0.99 < max(values) - min(values) <= most


def with_epsilon(power: int, root: bool = True):
    """epsilon with another power of Delta, or without the root."""

    def epsilon(self: Construction) -> arb:
        with ctx.workprec(BITS):
            inner = len(self.W) * ball(self.third) * self.Delta**power
            return fmpq(1) / (2 * ball(self.Y) * (inner.sqrt() if root else inner))

    return epsilon


@pytest.mark.parametrize("mutant", [with_epsilon(2), with_epsilon(4), with_epsilon(3, root=False)])
def test_another_epsilon_fails_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Construction, "epsilon", property(mutant))
    with pytest.raises(ClaimFails, match=r"an output weight is not|not proved"):
        construct.explicit.check([start("tanh", 2, 2)], over="mutant")


def test_wrong_networks_and_iterations_fail_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    neurons, G, moves = Construction.neurons, Construction.G, Construction.moves.func
    it = start("tanh", 2, 2)

    def one_sided(self, z):
        for k, (w, b, v) in enumerate(neurons(self, z)):
            yield (w, b, v) if k % 2 == 0 else ([ball(c) for c in self.W[k // 2]], b, v)

    with monkeypatch.context() as patch:
        patch.setattr(Construction, "neurons", one_sided)
        with pytest.raises(ClaimFails, match="the network is"):
            construct.explicit.check([it], over="mutant")
    with monkeypatch.context() as patch:
        patch.setattr(Construction, "G", lambda self, z: [2 * g for g in G(self, z)])
        with pytest.raises(ClaimFails, match="does not halve the error"):
            construct.explicit.check([it], over="mutant")
    with monkeypatch.context() as patch:
        patch.setattr(Construction, "moves", property(lambda self: [2 * M for M in moves(self)]))
        with pytest.raises(ClaimFails, match="not proved"):
            construct.explicit.check([it], over="mutant")
    with monkeypatch.context() as patch:
        patch.setitem(construct.M3, "tanh", Fraction(1))
        with pytest.raises(ClaimFails, match="violates the hypothesis"):
            construct.explicit.check([start("tanh", 2, 2)], over="mutant")


# cubics


@given(
    st.tuples(*[st.integers(-3, 3)] * 4).filter(lambda c: c[3]),
    st.tuples(*[st.fractions(-2, 2, max_denominator=4)] * 2).filter(any),
    st.integers(0, 10**6),
)
@settings(max_examples=25)
def test_random_cubics(c: tuple, z: tuple, seed: int) -> None:
    W, b = draw(2, 1, seed, most=3), tuple(v for (v,) in draw(2, 1, seed + 1, most=3))
    try:
        it = with_solution(c, ((1,), (2,)), W, b, z)
    except ValueError:
        return
    construct.cubic.check([it], over="a drawn cubic")
    net = [((*w, beta), v) for w, beta, v in it.neurons(it.z)]
    assert tuple(outputs(it.psi, net, [(*x, 1) for x in it.points])) == it.labels


def test_cubics_of_the_page(records: list) -> None:
    it = with_solution((0, 1, 0, 1), X, ((1, 1), (1, -1)), (HALF, 0), (1, -1, HALF, 0))
    construct.cubic.check([it], over="four points")
    assert records[-1]["strength"] == "exact"
    far = with_solution((0, 1, 0, 1), ((1,),), ((0,),), (0,), (1,), factor=8)
    assert (far.epsilon, far.labels) == (1, (2,))  # 1 + 1^3
    construct.cubic.control(far, without=SMALL)
    assert "step 1 does not halve" in records[-1]["reason"]
    with pytest.raises(ValueError, match="J has not rank n"):
        with_solution((0, 1, 0, 1), (X[0], X[0]), ((1, 1),), (0,), (1, 2))


def test_the_cubic_ends_with_its_third_term() -> None:
    """In letters: (psi(t + eps h) - psi(t - eps h)) / (2 eps) = psi'(t) h + c_3 eps^2 h^3, so M_3 / 6 is attained."""
    t, h, eps, *c = sympy.symbols("t h epsilon c0:4")

    def psi(s):
        return sum(a * s**k for k, a in enumerate(c))

    pair = (psi(t + eps * h) - psi(t - eps * h)) / (2 * eps)
    assert sympy.expand(pair - sympy.diff(psi(t), t) * h - c[3] * eps**2 * h**3) == 0


def test_mutants_of_the_cubic(monkeypatch: pytest.MonkeyPatch) -> None:
    it = with_solution((0, 1, 0, 1), X, ((1, 1), (1, -1)), (HALF, 0), (1, -1, HALF, 0))
    with pytest.raises(ClaimFails, match="the network is"):
        construct.cubic.check([replace(it, labels=(*it.labels[:3], it.labels[3] + 1))], over="mutant")
    with pytest.raises(ClaimFails, match="violates the hypothesis '0 < epsilon"):
        construct.cubic.check([replace(it, epsilon=8 * it.epsilon)], over="mutant")
    G = Cubic.G
    monkeypatch.setattr(Cubic, "G", lambda self, z: [2 * v for v in G(self, z)])
    with pytest.raises(ClaimFails, match="does not halve the distance"):
        construct.cubic.check([it], over="mutant")


def test_exact_and_enclosed_constructions_agree() -> None:
    """Delta of a cubic in fractions is that of the floats behind, by another formula."""
    it = with_solution((0, 0, 0, 1), X, ((1, 1), (1, -1)), (0, 0), (1, -1, HALF, 2))
    P, W = np.array(X, dtype=float), np.array([(1, 1), (1, -1)], dtype=float)
    J = (3 * (W @ P.T)[:, None, :] ** 2 * P.T[None]).reshape(4, 4)
    B = np.linalg.pinv(J.T)
    moves = P @ B.reshape(2, 2, 4)
    assert float(it.Delta) == pytest.approx(np.abs(moves).sum(axis=2).max())
    assert cubic.sup((1, Fraction(-5, 2), 2)) == Fraction(5, 2)


# the exercise: the best radius


def test_the_best_radius() -> None:
    r = sympy.symbols("r", positive=True)
    into, contracts = 6 * (r - 1) / r**3, 2 / r**2
    best = sympy.Rational(3, 2)
    assert sympy.solve(sympy.diff(into, r), r) == [best]
    assert into.subs(r, best) == contracts.subs(r, best) == sympy.Rational(8, 9)
    for k in range(11, 60):
        at = sympy.Rational(k, 10)
        assert min(into.subs(r, at), contracts.subs(r, at)) <= sympy.Rational(8, 9)
