"""Recombination: closed forms against samples and sympy, every control, mutants that turn the checks red."""

import random
from dataclasses import replace
from fractions import Fraction
from math import gamma as gamma_function
from math import pi, sqrt

import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from memlib import data
from memlib.bubeck import codes, codes_floats
from memlib.bubeck import recombination as rec
from memlib.bubeck import recombination_floats as floats
from memlib.bubeck.recombination import Average, Budget, Coded, Design, Trials
from memlib.claim import ClaimFails, ControlFails
from memlib.points import HypothesisError, input_scale, to_integers

F = Fraction
FAN = ((1, 0), (F(3, 5), F(4, 5)), (0, 1))
Y = (1, -1, 1)
SMALL = rec.coded(FAN, Y, M=2, p=1, delta=F(1, 10))
ORTHO = ((F(3, 5), F(4, 5), 0), (F(-4, 5), F(3, 5), 0))
SPREAD = rec.sphere_points(((0, 1, 2), (1, -1, 0), (2, 1, 1), (0, 0, 1), (-1, 2, 0), (1, 1, -2), (3, 0, 1)))
SIGNS = (1, -1, 1, 1, -1, -1, 1)
DOUBLE = tuple((2 * a, 2 * b) for a, b in FAN)


@st.composite
def settings(draw) -> Coded:
    """M = 2, up to five points of the sphere in three dimensions, a random rule, step and noise; labels may be 0."""
    size = draw(st.integers(1, 5))
    square = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
    parameters = draw(st.lists(square, min_size=size, max_size=size, unique=True))
    points = rec.sphere_points(tuple(parameters))
    values = st.integers(-3, 3)
    labels = tuple(draw(st.lists(values, min_size=size, max_size=size)))
    step, sigma = (draw(st.fractions(F(1, 10), 2, max_denominator=10)) for _ in range(2))
    try:
        return rec.coded(points, labels, 2, draw(st.sampled_from([1, 3, 5])), step, sigma)
    except ZeroDivisionError:  # two opposite points
        return SMALL


def floats_of(coded: Coded):
    X = np.array([[float(c) for c in x] for x in coded.points])
    return X, np.array([float(a) for a in coded.alpha]), np.array([float(v) for v in coded.labels])


def drawn(coded: Coded, K: int, draw=floats.real_units, seed: int = 0) -> np.ndarray:
    X, alpha, _ = floats_of(coded)
    w, out = draw(X, alpha, coded.M, coded.p, float(coded.delta), float(coded.sigma), K, seed)
    return floats.values(X, w, out)


# the setting


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=4, unique=True))
def test_rational_points_of_the_sphere(parameters: list) -> None:
    points = rec.sphere_points(tuple(parameters))
    assert all(sum(c * c for c in x) == 1 for x in points)
    assert len(set(points)) == len(points)


def test_the_example_by_hand() -> None:
    assert SMALL.alpha == (F(41, 16), F(-625, 144), F(34, 9))
    assert [form for form, _ in SMALL.forms] == [1, -1, 1]
    Q = sympy.Matrix([[1, sympy.Rational(-25, 12)], [sympy.Rational(-25, 12), 1]])
    for x, (_, image) in zip(FAN, SMALL.forms, strict=True):
        v = Q * sympy.Matrix([sympy.Rational(F(c).numerator, F(c).denominator) for c in x])
        assert image == F(str(v.dot(v)))


@given(settings())
def test_two_formulas_for_the_second_moment_of_b(coded: Coded) -> None:
    assert coded.spread == [F(coded.d, coded.n) * image for _, image in coded.forms]


def test_too_many_points_have_no_alpha() -> None:
    four = (*FAN, (F(4, 5), F(-3, 5)))
    with pytest.raises(ZeroDivisionError):
        rec.coefficients(four, (1, -1, 1, 1), 2)
    assert len(rec.coefficients(four, (1, -1, 1, 1), 4)) == 4


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("sigma", [0.5, 1.0])
def test_kappa_against_the_integral(k: int, sigma: float) -> None:
    from scipy.special import eval_hermitenorm

    def integrand(z: float) -> float:
        return norm.cdf(z / sigma) * eval_hermitenorm(k, z) * norm.pdf(z) / sqrt(gamma_function(k + 1))

    value = quad(integrand, -12, 12)[0]
    assert float(rec.kappa(k, arb(sigma))) == pytest.approx(value, abs=1e-9)
    assert float(rec.kappa(k, arb(sigma))) == pytest.approx(float(codes.kappa(k, sympy.Rational(sigma))))


def test_gaussian_moments() -> None:
    he3 = 23 - 8  # E (Z^3 - 3Z)^2 = 15 - 18 + 9 = 6
    assert rec.even_moment(3, 2) == 6 == he3 - 9
    z = np.random.default_rng(0).standard_normal(10**6)
    assert rec.even_moment(2, 4) == pytest.approx(np.mean((z**2 - 1) ** 4), rel=0.1)
    for moment, B in zip(rec.moments(SMALL), SMALL.spread, strict=True):  # p = 1: E |N|^3 = sqrt(8/pi)
        assert float(moment) == pytest.approx(sqrt(8 / pi) * float(B) ** 1.5)


# bubeck-coded-mean and bubeck-coded-variance


@given(settings())
def test_the_claims_on_drawn_settings(coded: Coded) -> None:
    rec.mean.check([coded], over="drawn")
    rec.variance.check([coded], over="drawn")
    rec.theorem.check([Design(coded, 7)], over="drawn")


@pytest.mark.parametrize("p", [1, 3])
def test_closed_forms_against_samples(p: int) -> None:
    coded = rec.coded(FAN, Y, 2, p, F(1, 2), F(1, 2))
    sample = drawn(coded, 200_000)
    error = 6 * sample.std(axis=0) / sqrt(len(sample))
    for j in range(3):
        assert abs(sample[:, j].mean() - float(rec.quadratic_mean(coded, j))) < error[j]
        assert (sample[:, j] ** 2).mean() == pytest.approx(float(rec.quadratic_square(coded, j)), rel=0.06)


def test_the_integral_against_the_closed_form_and_samples() -> None:
    two = rec.coded(ORTHO, (1, -2), 2, 3, F(1, 2))
    for j in range(2):
        assert rec.orthonormal_mean(two, j).overlaps(rec.quadratic_mean(two, j))
    cubic = rec.coded(ORTHO, (1, -2), 4, 1, F(1, 2))
    sample = drawn(cubic, 200_000)
    error = 6 * sample.std(axis=0) / sqrt(len(sample))
    assert all(abs(sample[:, j].mean() - float(m)) < error[j] for j, m in enumerate(rec.means(cubic)))
    assert rec.means(rec.coded(FAN, Y, 4, 1, F(1, 2))) is None


def test_the_leading_term_in_symbols() -> None:
    """The exercise: the mean of the pair is even in delta, and its value at 0 is q / sqrt(2 pi (1 + sigma^2))."""
    h, q, e, s = sympy.symbols("h q e s", positive=True)
    R = sympy.sqrt(1 + s**2 + 2 * h * q + h**2 * e)
    pair = (R - R.subs(h, -h)) / (2 * h * sympy.sqrt(2 * sympy.pi))
    assert sympy.simplify(pair - pair.subs(h, -h)) == 0
    assert sympy.simplify(sympy.limit(pair, h, 0) - q / sympy.sqrt(2 * sympy.pi * (1 + s**2))) == 0


@given(st.integers(0, 99))
def test_a_unit_is_between_zero_and_b(seed: int) -> None:
    """Surely, -o_p b <= F <= (1 + o_p) b; recomputed from the weights of the neurons."""
    for p in (1, 3):
        X, alpha, _ = floats_of(SMALL)
        w, out = floats.real_units(X, alpha, 2, p, 0.7, 1.0, 50, seed)
        b = (w[:, 0] - w[:, -1]) @ X.T / (2 * 0.7)
        unit, o = floats.values(X, w, out), floats.overshoot(p)
        low, high = np.minimum(-o * b, (1 + o) * b), np.maximum(-o * b, (1 + o) * b)
        assert np.all(unit >= low - 1e-9) and np.all(unit <= high + 1e-9)


def test_averages_for_four(records: list) -> None:
    quartic = rec.coded(SPREAD, SIGNS, M=4, p=1, delta=F(1, 4))
    rec.mean.check([Average(quartic, 2000, 60, 3)], over="averages")
    assert records[-1]["strength"] == "statistical"
    silent = replace(quartic, alpha=tuple(3 * a for a in quartic.alpha))
    with pytest.raises(ClaimFails, match="violates the hypothesis 'G alpha = y'"):
        rec.mean.check([Average(silent, 2000, 60, 3)], over="averages")


def test_predicates_are_total() -> None:
    """Where balls or closed forms do not decide, the answer says so; equal sides that are known to be equal pass."""
    quartic = rec.coded(FAN, Y, 4, 1, F(1, 2))
    for claim, item in ((rec.mean, quartic), (rec.variance, quartic), (rec.theorem, Design(quartic, 5))):
        with pytest.raises(ClaimFails, match="not decided"):
            claim.check([item], over="no closed form")
    opposite = rec.coded(((1, 0), (0, 1)), (1, -1), 2, 1, F(1, 3))  # alpha adds up to 0: W_0 is attained
    rec.theorem.check([Design(opposite, 5)], over="an equality of irrational numbers")
    silent = rec.coded(((1, 0), (0, 1)), (0, 0), 2, 3, F(1, 3))
    for claim, item in ((rec.mean, silent), (rec.variance, silent), (rec.theorem, Design(silent, 5))):
        claim.check([item], over="labels 0")
    third = arb(fmpq(1, 3))
    assert "balls that overlap" in str(rec.at_most(third, third, "x")) and rec.at_most(
        third, third, "x", equal=True
    )
    assert "balls that overlap" in str(rec.within(third, arb(0), third, "x"))
    twins = budget(points=((1, 0), (1, 0)))
    assert "no unique alpha" in str(rec.within_budget(twins))


def test_controls_of_mean_and_variance(records: list) -> None:
    rec.mean.check([SMALL], over="one")
    assert records[-1]["strength"] == "enclosure"
    rec.mean.control(rec.coded(DOUBLE, Y, 2, 1, F(1, 10)), without="unit vectors")
    rec.mean.control(replace(SMALL, alpha=Y), without="G alpha = y")
    rec.mean.control(replace(SMALL, p=2), without="p is odd")
    rec.mean.control(replace(SMALL, delta=arb(0)), without="delta, sigma > 0")
    cubic = rec.coded(ORTHO, (1, -2), 4, 1, F(1, 10))
    rec.mean.rejects(cubic, wrong=rec.with_plain_powers, says="z^3")
    tiny = replace(SMALL, delta=arb(fmpq(1, 100)))
    rec.variance.rejects(tiny, wrong=lambda c: rec.square_is_small(c, arb(fmpq(99, 200))), says="0.495")
    with pytest.raises(ControlFails, match="survives"):  # the signs do not matter
        rec.mean.control(replace(SMALL, delta=-SMALL.delta), without="delta, sigma > 0")


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("kappa", lambda k, s: -TRUE_KAPPA(k, s)),
        ("kappa", lambda k, s: TRUE_KAPPA(k, s) * arb(fmpq(51, 50))),
        ("bias_bounds", lambda c: [e * arb(fmpq(1, 10)) for e in TRUE_BIAS(c)]),
    ],
)
def test_a_wrong_constant_of_the_mean_is_noticed(name: str, mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rec, name, mutant)
    with pytest.raises(ClaimFails):
        rec.mean.check([SMALL, rec.coded(FAN, Y, 2, 1, 1)], over=name)


TRUE_KAPPA, TRUE_BIAS = rec.kappa, rec.bias_bounds


# bubeck-coded-theorem


def test_controls_of_the_theorem() -> None:
    many = 100_000
    rec.theorem.control(Design(rec.coded(DOUBLE, Y, 2, 1, F(1, 10)), many), without="unit vectors")
    rec.theorem.control(Design(replace(SMALL, alpha=(0, 0, 0)), many), without="G alpha = y")
    rec.theorem.control(Design(rec.coded(FAN, Y, 3, 1, F(1, 10)), many), without="M is even")
    rec.theorem.control(Design(replace(SMALL, p=2), many), without="p is odd")
    rec.theorem.control(Design(replace(SMALL, delta=arb(0)), many), without="delta, sigma > 0")


def test_the_weight_bound_is_nearly_attained() -> None:
    coded = rec.coded(SPREAD, SIGNS, 2, 1, F(1, 2))
    X, alpha, y = floats_of(coded)
    w, out = floats.real_units(X, alpha, 2, 1, 0.5, 1.0, 20_000, 0)
    A = sqrt(7 / 4) / codes_floats.kappa(1, 1.0)
    weight, bound = A * floats.total_weight(w, out) / 20_000, float(rec.weight_bound(coded))
    assert 0.8 * bound < weight < bound
    assert bound == pytest.approx(floats.weight_bound(X, y, alpha, 1, 0.5))


@pytest.mark.parametrize("what", ["error", "weight", "both"])
def test_frequencies(what: str, records: list) -> None:
    design = Design(rec.coded(SPREAD, SIGNS, 2, 3, F(1, 2)), 100)
    rec.theorem.check([Trials(design, what, 40, 0)], over=what)
    assert records[-1]["strength"] == "statistical"


@pytest.mark.parametrize("name", ["error_bound", "weight_bound", "variance_constant"])
def test_a_bound_that_is_too_small_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    true = getattr(rec, name)
    monkeypatch.setattr(rec, name, lambda it: true(it) * arb(fmpq(4, 5)))
    tight = Design(rec.coded(SPREAD, SIGNS, 2, 1, F(1, 50)), 1)
    with pytest.raises(ClaimFails, match="above"):
        rec.theorem.check([tight], over=name)


def test_a_network_for_the_wrong_code_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    quartic = rec.coded(SPREAD, SIGNS, M=4, p=1, delta=F(1, 100))
    monkeypatch.setattr(codes_floats, "hermite", lambda k, z: z**k)
    with pytest.raises(ClaimFails, match="does not confirm"):
        rec.mean.check([Average(quartic, 20_000, 20, 0)], over="powers")


# bubeck-coded-corollary


def budget(**changes) -> Budget:
    return replace(Budget(((1, 0), (0, 1)), (1, -1), 2, 1, 1, F(1, 10), 100, 0), **changes)


def test_the_corollary_and_its_controls() -> None:
    rec.corollary.check([budget(trials=20)], over="two points")
    rec.corollary.check([budget(trials=20, p=3, labels=(F(1, 2), 0))], over="p = 3")
    close = ((1, 0), (F(6399, 6401), F(160, 6401)))
    rec.corollary.control(budget(points=close), without="n gamma^(M-1) <= 1/2")
    rec.corollary.control(budget(labels=(20, -20)), without="|y_i| <= Y")
    rec.corollary.control(budget(points=((2, 0), (0, 1))), without="unit vectors")
    rec.corollary.control(budget(epsilon=0), without="epsilon > 0")
    rec.corollary.control(budget(M=3), without="M is even")
    rec.corollary.control(budget(p=2), without="p is odd")


def test_too_few_units_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = floats.recipe
    monkeypatch.setattr(floats, "recipe", lambda *a: (true(*a)[0], max(1, true(*a)[1] // 100), true(*a)[2]))
    with pytest.raises(ClaimFails, match="does not confirm"):
        rec.corollary.check([budget()], over="a hundredth of K")


def test_one_point_has_coherence_zero() -> None:
    assert rec.gamma(((1, 0),)) == 0
    rec.corollary.check([budget(points=((1, 0),), labels=(1,), trials=20)], over="one point")


# coded_network


@given(st.integers(0, 20), st.sampled_from([0.5, 0.2]), st.sampled_from([1, 3]))
def test_networks_reach_the_accuracy_that_is_asked_for(seed: int, accuracy: float, p: int) -> None:
    X = data.sphere(20, 8, rng=seed)
    y = np.random.default_rng(seed).normal(size=20)
    net = floats.coded_network(to_integers(X), y, input_scale(X), seed, accuracy=accuracy, p=p)
    assert net.relative_error(X, y) <= accuracy
    assert net.reached == pytest.approx(net.relative_error(X, y))
    assert repr(net).endswith(f"W(f) = {net.total_weight:.3g}, relative squared error {net.reached:.2g})")
    assert net.theorem == "bubeck-coded-theorem" and not net.b.any()


def test_degenerate_data() -> None:
    one = floats.coded_network(((1, 0),), (3,), accuracy=0.3)
    assert one.relative_error([[1, 0]], [3]) <= 0.3
    line = floats.coded_network(((1,),), (-2,), accuracy=0.3)
    assert line.relative_error([[1]], [-2]) <= 0.3
    quartic = floats.coded_network(((5, 0), (3, 4), (0, 5), (4, -3)), (1, -1, 1, 1), (5, 5), 0, 0.9, M=4)
    assert quartic.relative_error([(1, 0), (0.6, 0.8), (0, 1), (0.8, -0.6)], (1, -1, 1, 1)) <= 0.9
    with pytest.raises(HypothesisError, match="y = 0"):
        floats.coded_network(((1, 0),), (0,))
    with pytest.raises(ValueError, match="must be positive"):
        floats.coded_network(((1, 0),), (1,), accuracy=0)
    with pytest.raises(ValueError, match="odd"):
        floats.coded_network(((1, 0),), (1,), p=2)


def test_refusals_name_the_witness() -> None:
    X = data.sphere(12, 5, rng=0)
    scale, y = input_scale(X), np.ones(13)
    with pytest.raises(HypothesisError, match=r"unit vectors: point 3 has the length 2"):
        far = X.copy()
        far[3] *= 2
        floats.coded_network(to_integers(far, (1000,) * 5), y[:12], (1000,) * 5)
    for sign, word in ((1, "equal"), (-1, "opposite")):
        twins = to_integers(np.vstack([X, sign * X[4]]), scale)
        with pytest.raises(HypothesisError, match=f"points 4, 12 are {word}"):
            floats.coded_network(twins, y, scale)
    with pytest.raises(HypothesisError, match="rank 3 in float64, and there are 4 points"):
        floats.coded_network(((10, 0), (0, 10), (6, 8), (8, -6)), (1, 2, 3, 4), (10, 10))
    with pytest.raises(HypothesisError, match=r"at most 100 neurons: accuracy 0\.01 asks for"):
        floats.coded_network(to_integers(X), y[:12], scale, accuracy=0.01, most=100)


def test_the_network_knows_when_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = floats.kappa
    monkeypatch.setattr(floats, "kappa", lambda k, s: -true(k, s))
    with pytest.raises(HypothesisError, match="20 draws reached"):
        floats.coded_network(((1, 0), (0, 1)), (1, -1), accuracy=0.2)


def test_parameters_meet_the_theorem() -> None:
    """The floats of `parameters` make the exact bound of the theorem at most half of the goal."""
    y = tuple(random.Random(0).choice((1, -1)) for _ in SPREAD)
    for p in (1, 3):
        base = rec.coded(SPREAD, y, 2, p, 1)
        X, alpha, labels = floats_of(base)
        goal = 0.3 * float(labels @ labels)
        delta, K = floats.parameters(X, alpha, goal, 2, p, 1.0)
        coded = replace(base, delta=arb(delta))
        squares = sum(float(rec.factor(coded) * e) ** 2 for e in rec.bias_bounds(coded))
        assert squares == pytest.approx(goal / 4)
        assert float(rec.expected_error(Design(coded, K))) <= goal / 2
