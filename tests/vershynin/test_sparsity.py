"""A biased neuron on two points: formulas against quadrature and simulation, every control, mutants that turn red."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from memlib.background.laws import Independent, Joint, Variable, sign
from memlib.claim import ClaimFails, ControlFails
from memlib.vershynin import counts, sparsity
from memlib.vershynin.counts import Signs, Trials
from memlib.vershynin.normal import Q, ball, box, density, moment, over
from memlib.vershynin.sparsity import Density, Pair, Sparse, biases
from memlib.vershynin.sparsity_floats import cloud, relu_mean, threshold_mean, together

T = sympy.Symbol("t", positive=True)
X, Y, U = sympy.symbols("x y u", real=True)
RHO = U / sympy.sqrt(1 + U**2)
HALF = Fraction(1, 2)
positive_biases = st.fractions(0, 5, max_denominator=8)
correlations = st.fractions(Fraction(-19, 20), Fraction(19, 20), max_denominator=40)


def pair(b, rho) -> Pair:
    return Pair(ball(b), ball(rho))


# the normal law


@pytest.mark.parametrize("r", range(5))
@pytest.mark.parametrize("b", [-1.5, 0, 0.75, 3])
def test_moments_by_quadrature(r: int, b: float) -> None:
    f = lambda x: (x - b) ** r * mpmath.npdf(x)  # noqa: E731
    expected = mpmath.quad(f, [b, b + 2, b + 6, b + 14])
    assert float(moment(r, ball(Fraction(b))).mid()) == pytest.approx(float(expected), rel=1e-6)


def test_balls_and_symbols_agree() -> None:
    value = moment(3, T).subs(T, sympy.Rational(5, 4)).evalf(15)
    assert float(moment(3, ball(Fraction(5, 4))).mid()) == pytest.approx(float(value), rel=1e-9)
    assert float(over(ball(1), ball(3)).mid()) == pytest.approx(1 / 3)
    assert float(Q(ball(0)).mid()) == HALF
    assert box(1, 2).contains(ball(Fraction(3, 2)))


# vershynin-gauss-tail


def test_tails_in_symbols_and_in_balls(records: list) -> None:
    sparsity.gauss_tail.check([T], over="t > 0")
    sparsity.gauss_tail.check([ball(Fraction(k, 8)) for k in range(1, 65)], over="numbers")
    assert [r["strength"] for r in records] == ["symbolic", "enclosure"]


def test_tails_on_whole_boxes() -> None:
    sparsity.gauss_tail.check(
        [box(Fraction(k, 256), Fraction(k + 1, 256)) for k in range(128, 384)], over="1/2 to 3/2"
    )


@given(st.fractions(Fraction(1, 4), 5, max_denominator=9), st.fractions(0, 3, max_denominator=9))
def test_ratios_of_tails(s: Fraction, step: Fraction) -> None:
    """(d) and (c) between two numbers."""
    low, high = ball(s), ball(s + step)
    growth = ((high * high - low * low) * fmpq(1, 2)).exp()
    ratio = over(Q(low), Q(high))
    assert not ratio > over(high, low) * growth
    assert not ratio < growth


def test_controls_of_the_tail() -> None:
    sparsity.gauss_tail.control(ball(-1), without="t > 0")
    sparsity.gauss_tail.rejects(ball(2), says="x", wrong=sparsity.lower_bound_phi_over_t)
    sparsity.gauss_tail.rejects(ball(3), says="x", wrong=sparsity.faster_weight)
    with pytest.raises(ControlFails, match="not refuted"):
        sparsity.gauss_tail.rejects(ball(Fraction(1, 4)), says="x", wrong=sparsity.faster_weight)


@pytest.mark.parametrize("instance", [T, ball(1)], ids=["symbol", "ball"])
@pytest.mark.parametrize("name", ["density", "Q"])
def test_a_wrong_normal_law_fails_the_check(name: str, instance, monkeypatch: pytest.MonkeyPatch) -> None:
    true = getattr(sparsity, name)
    monkeypatch.setattr(sparsity, name, lambda t: 2 * true(t))
    with pytest.raises(ClaimFails):
        sparsity.gauss_tail.check([instance], over="mutant")


def test_a_wrong_bound_fails_the_symbolic_check(monkeypatch: pytest.MonkeyPatch) -> None:
    true = sparsity.mills_differences

    def mutant(t):
        found = true(t)
        found["phi(t)/t - Q(t)"] = (over(density(t), t + 1) - Q(t), over(-1, t**2))
        return found

    monkeypatch.setattr(sparsity, "mills_differences", mutant)
    with pytest.raises(ClaimFails, match="the derivative"):
        sparsity.gauss_tail.check([T], over="mutant")


# two points


@given(st.fractions(-2, 4, max_denominator=4), correlations)
@settings(max_examples=15)
def test_two_enclosures_overlap_and_agree_with_scipy(b: Fraction, rho: Fraction) -> None:
    p = pair(b, rho)
    for one, other in zip(p.by_definition, p.by_plackett, strict=True):
        assert one.overlaps(other)
        assert abs(one - other) < fmpq(1, 10**12)
    joint = multivariate_normal([0, 0], [[1, float(rho)], [float(rho), 1]], allow_singular=True)
    assert float(p.by_definition[0].mid()) == pytest.approx(joint.cdf([-float(b)] * 2), abs=1e-6)


def test_independent_neurons_factor() -> None:
    P, E = pair(Fraction(3, 2), 0).by_definition
    b = ball(Fraction(3, 2))
    assert P.overlaps(Q(b) ** 2)
    assert E.overlaps(moment(1, b) ** 2)


def test_sixty_degrees_by_hand() -> None:
    P, E = pair(0, HALF).by_definition
    assert P.overlaps(ball(Fraction(1, 3)))
    sheppard = over(arb(3).sqrt() * fmpq(1, 2) + arb.pi() * fmpq(1, 3), 2 * arb.pi())
    assert E.overlaps(sheppard)


def test_a_simulation_agrees() -> None:
    dots = cloud(0.5, 200_000, seed=3)
    P, E = together(1.0, 0.5)
    assert np.corrcoef(dots.T)[0, 1] == pytest.approx(0.5, abs=0.01)
    assert (dots > 1).all(axis=1).mean() == pytest.approx(P, rel=0.05)
    assert np.maximum(dots - 1, 0).prod(axis=1).mean() == pytest.approx(E, rel=0.05)


@pytest.mark.parametrize(("b", "rho"), [(0, -0.5), (2, 0.0625), (3, 0.9)])
def test_floats_agree_with_balls(b, rho) -> None:
    exact = pair(b, Fraction(rho)).by_definition
    assert together(b, rho) == pytest.approx([float(v.mid()) for v in exact], rel=1e-5)
    assert threshold_mean(b) == pytest.approx(float(Q(ball(b)).mid()))
    assert relu_mean(b) == pytest.approx(float(moment(1, ball(b)).mid()))


# vershynin-plackett


def test_plackett_in_symbols(records: list) -> None:
    sparsity.plackett.check([Density(X, Y, RHO)], over="all")
    assert records[-1]["strength"] == "symbolic"
    wide = Density(X, Y, RHO, variance=sympy.Integer(4))
    sparsity.plackett.control(wide, without="the variances are 1")


def test_a_symbol_without_bound_is_refused() -> None:
    with pytest.raises(ClaimFails, match="rho is u"):
        sparsity.plackett.check([Density(X, Y, U)], over="every real u")


def test_a_wrong_density_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Density.logarithm.fget
    monkeypatch.setattr(Density, "logarithm", property(lambda f: true(f) - sympy.log(1 - f.rho**2)))
    with pytest.raises(ClaimFails, match="mixed derivative"):
        sparsity.plackett.check([Density(X, Y, RHO)], over="mutant")


def test_a_wrong_kernel_fails_the_ball_check(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Pair.by_plackett.func
    monkeypatch.setattr(Pair, "by_plackett", property(lambda p: true(replace(p, rho=p.rho * fmpq(99, 100)))))
    with pytest.raises(ClaimFails, match="the integrated identity gives"):
        sparsity.plackett.check([pair(1, HALF)], over="mutant")


# vershynin-decorrelate


@given(positive_biases, correlations)
@settings(max_examples=25)
def test_a_bias_decorrelates(b: Fraction, rho: Fraction) -> None:
    assume(b * b * (1 - rho) <= 60 * (1 + rho))  # beyond, both sides are below what the integral resolves
    sparsity.decorrelate.check([pair(b, rho)], over="a drawn pair")


def test_the_points_of_the_lemma() -> None:
    delta, theta = sympy.symbols("delta theta", positive=True)
    rho = 1 - delta**2 / 2
    assert sympy.simplify((1 - rho) / (1 + rho) - delta**2 / (4 - delta**2)) == 0
    cosine = sympy.cos(theta)
    difference = (1 - cosine) / (1 + cosine) - sympy.tan(theta / 2) ** 2
    assert sympy.simplify(difference.rewrite(sympy.exp)) == 0


def test_controls_of_decorrelate() -> None:
    sparsity.decorrelate.control(pair(-2, 0), without="b >= 0")
    sparsity.decorrelate.rejects(pair(5, HALF), says="x", wrong=sparsity.decorrelated_without_factor)


@pytest.mark.parametrize("r", [0, 1])
def test_a_bound_that_is_too_small_fails_the_check(r: int, monkeypatch: pytest.MonkeyPatch) -> None:
    true = sparsity.decorrelation_bounds

    def mutant(p: Pair) -> tuple:
        bounds = list(true(p))
        bounds[r] *= fmpq(19, 20)
        return tuple(bounds)

    near_one = pair(0, Fraction(199, 200))
    sparsity.decorrelate.check([near_one], over="the tightest of the grid")
    monkeypatch.setattr(sparsity, "decorrelation_bounds", mutant)
    with pytest.raises(ClaimFails, match=f"for r = {r}"):
        sparsity.decorrelate.check([near_one], over="mutant")


@pytest.mark.parametrize(("b", "enough"), [(Fraction(143, 10), False), (Fraction(144, 10), True)])
def test_the_exercise_on_closeness(b: Fraction, enough: bool) -> None:
    assert sparsity.shares_at_most(b, HALF, Fraction(1, 1000)) is enough


# vershynin-near-indep


def test_near_independence_on_intervals(records: list) -> None:
    sparsity.near_indep.check(biases(2, 8, 8, Fraction(1, 4)), over="2 to 8")
    assert records[-1]["strength"] == "enclosure"


@given(st.fractions(2, 6, max_denominator=5), st.fractions(-2, Fraction(1, 4), max_denominator=8))
@settings(max_examples=15)
def test_ratios_agree_with_the_pair(b: Fraction, product: Fraction) -> None:
    s = Sparse(ball(b), ball(b), ball(product))
    P, E = pair(b, product / b**2).by_definition
    expected = over(P, Q(s.b) ** 2), over(E, moment(1, s.b) ** 2)
    for ratio, other in zip(s.ratios, expected, strict=True):
        assert abs(ratio - other) < fmpq(1, 10**6)
    sparsity.near_indep.check([s], over="a drawn pair")


def test_intervals_contain_their_points() -> None:
    whole = Sparse(ball(2), ball(Fraction(5, 2)), ball(Fraction(1, 4)))
    for b in (2, Fraction(9, 4), Fraction(5, 2)):
        inner = Sparse(ball(b), ball(b), ball(Fraction(1, 4)))
        assert all(w.overlaps(i) for w, i in zip(whole.ratios, inner.ratios, strict=True))


def test_controls_of_near_independence() -> None:
    sparsity.near_indep.control(Sparse(ball(4), ball(4), ball(4)), without="rho b^2 <= 1/4")
    sparsity.near_indep.control(Sparse(ball(1), ball(1), ball(Fraction(1, 4))), without="b >= 2")


@pytest.mark.parametrize(("threshold", "relu"), [(139, 185), (151, 153)])
def test_constants_below_the_truth_fail_the_check(threshold, relu, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = lambda s: sparsity.nearly_independent_with(s, fmpq(threshold, 100), fmpq(relu, 100))  # noqa: E731
    monkeypatch.setattr(sparsity.near_indep, "conclusion", wrong)
    with pytest.raises(ClaimFails, match="for b near 2"):
        sparsity.near_indep.check([Sparse(ball(2), ball(2), ball(Fraction(1, 4)))], over="mutant")


def test_the_numbers_of_the_proof() -> None:
    first = 1 + ball(Fraction(25, 64)) * over(ball(Fraction(1, 4)).exp(), ball(Fraction(255, 256)).sqrt())
    assert first < fmpq(151, 100)
    assert 1 + Fraction(151, 100) * Fraction(9, 16) < Fraction(185, 100)
    second = 1 + over(ball(Fraction(1, 8)).exp(), ball(Fraction(63, 64)).sqrt()) * fmpq(1, 2)
    assert second < fmpq(158, 100)
    assert 1 + Fraction(158, 100) * Fraction(9, 8) < Fraction(28, 10)


# vershynin-chernoff


@given(st.integers(1, 40), st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20),
       st.fractions(Fraction(1, 4), 3, max_denominator=6), st.fractions(Fraction(1, 9), 1, max_denominator=9),
       st.integers(1, 12), st.fractions(0, 2, max_denominator=6))  # fmt: skip
def test_counts(m: int, p: Fraction, stretch: Fraction, tau: Fraction, a: int, t: Fraction) -> None:
    sparsity.chernoff.check([Trials(m, p, m * p * stretch, tau, a, t)], over="drawn trials")


@given(st.lists(st.fractions(-3, 3, max_denominator=3).filter(bool), min_size=1, max_size=7),
       st.fractions(0, 12, max_denominator=3))  # fmt: skip
def test_signed_sums(weights: list, t: Fraction) -> None:
    law = Independent((sign(),) * len(weights))
    sparsity.chernoff.check([Signs(law, tuple(weights), t)], over="drawn signs")


def test_controls_of_counts() -> None:
    far = Trials(200, Fraction(1, 200), 1, 5, 6, 1)
    sparsity.chernoff.control(far, without="0 < tau <= 1")
    glued = Joint(((1,) * 8, (-1,) * 8), (1, 1))
    sparsity.chernoff.control(Signs(glued, (1,) * 8, 8), without="the signs are independent")
    loaded = Independent((Variable((1, -1), (9, 1)),) * 8)
    sparsity.chernoff.control(Signs(loaded, (1,) * 8, 8), without="the signs are fair")


def test_a_better_exponent_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    rare = Trials(200, Fraction(1, 20), 10, 1, 10, 0)
    sparsity.chernoff.check([rare], over="rare successes")
    monkeypatch.setattr(sparsity.chernoff, "conclusion", lambda x: counts.trials_with(x, 1))
    with pytest.raises(ClaimFails, match=r"\(a\) is false"):
        sparsity.chernoff.check([rare], over="mutant")


def test_a_wrong_tail_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "at_least", lambda law, t: sum(p for x, p in law.items() if x >= t - 1))
    with pytest.raises(ClaimFails, match="is false for m = 1"):
        sparsity.chernoff.check([Trials(1, Fraction(1, 100), Fraction(1, 100), 1, 1, 2)], over="mutant")
