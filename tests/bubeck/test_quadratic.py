"""The quadratic case: laws with letters and numbers, oracles (integration, sampling, mpmath), controls, mutants."""

from dataclasses import replace
from fractions import Fraction
from math import pi, sqrt

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from memlib import data
from memlib.bubeck import quadratic, quadratic_floats, quadratic_network
from memlib.bubeck import recombination as rec
from memlib.bubeck import recombination_floats as sampler
from memlib.bubeck.differences import rule
from memlib.bubeck.quadratic import Form, axes_and_diagonals
from memlib.bubeck.quadratic_network import Trials, plan, wanted
from memlib.claim import ClaimFails, ControlFails

SYMMETRIC, ODD, STEP = "S is symmetric", "p is odd", "delta is not 0"
FAN, Y3 = ((1, 0), (Fraction(3, 5), Fraction(4, 5)), (0, 1)), (1, -1, 1)
SPREAD = rec.sphere_points(((0, 1, 2), (1, -1, 0), (2, 1, 1), (0, 0, 1), (-1, 2, 0), (1, 1, -2), (3, 0, 1)))
Y7 = (1, -1, 1, 1, -1, -1, 1)
DOUBLE = tuple((2 * a, 2 * b) for a, b in FAN)
DIAGONAL = Form(((1, 0), (0, -1)), (Fraction(3, 5), Fraction(4, 5)), 1, 0)
rationals = st.fractions(-3, 3, max_denominator=5)


def letters(p: int = 1) -> Form:
    s11, s12, s22, x1, x2 = sympy.symbols("s11 s12 s22 x1 x2", real=True)
    delta, sigma = sympy.symbols("delta sigma", positive=True)
    return Form(((s11, s12), (s12, s22)), (x1, x2), delta, sigma, p)


@st.composite
def numbers(draw) -> Form:
    d = draw(st.integers(1, 3))
    upper = {(i, j): draw(rationals) for i in range(d) for j in range(i, d)}
    S = tuple(tuple(upper[min(i, j), max(i, j)] for j in range(d)) for i in range(d))
    x = tuple(draw(st.lists(rationals, min_size=d, max_size=d)))
    assume(any(x))
    step, noise = draw(st.fractions(Fraction(1, 9), 3)), draw(st.fractions(0, 2))
    return Form(S, x, step, noise, draw(st.sampled_from((1, 3))))


# the mean


def test_letters_are_symbolic_and_numbers_exact(records: list) -> None:
    quadratic.case.check([letters(1), letters(3)], over="letters", case="d = 2")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("symbolic", False)
    quadratic.case.check([DIAGONAL], over="the example")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)


@given(numbers())
def test_random_forms(form: Form) -> None:
    quadratic.case.check([form], over="a form")


def mean_by_integration(form: Form) -> float:
    """E F(x) from the density of each neuron's argument, whose variance is taken from matrices, in floats."""
    S, x = np.array(form.S, dtype=float), np.array(form.x, dtype=float)
    nodes, weights = sampler.chebyshev(form.p)
    total = 0.0
    for t, w in zip(nodes, weights, strict=True):
        # w.x = g.((I + delta t S)^T x) + sigma xi.x
        moved = (np.eye(len(x)) + float(form.delta) * t * S).T @ x
        spread = sqrt(moved @ moved + float(form.sigma) ** 2 * x @ x)
        if spread:
            total += w * quad(lambda u, s=spread: s * u * np.exp(-(u**2) / 2) / sqrt(2 * pi), 0, 40)[0]
    return total / float(form.delta)


@given(numbers())
def test_the_printed_formulas_against_integration(form: Form) -> None:
    nodes, weights = (list(map(float, part)) for part in rule(form.p))
    a, q, v, step = (float(c) for c in (form.a, form.q, form.v, quadratic.number(form.delta)))

    def R(u: float) -> float:
        return sqrt(max(a + 2 * q * u + v * u * u, 0))

    mean = mean_by_integration(form)
    printed = sum(w * R(step * t) for w, t in zip(weights, nodes, strict=True)) / (step * sqrt(2 * pi))
    assert printed == pytest.approx(mean, abs=1e-7)
    if form.p == 1:
        s = 2 * sqrt(a) / (R(step) + R(-step))
        assert s * q / sqrt(2 * pi * a) == pytest.approx(mean, abs=1e-7)
        assert (1 + step**2 * v / a) ** -0.5 - 1e-12 <= s <= 1 + 1e-12


@given(numbers())
def test_the_next_term(form: Form) -> None:
    """Part (d): with a small step the mean is the leading term and, for p = 1, the term with delta^2."""
    form = replace(form, p=1)
    a, q, v = (float(c) for c in (form.a, form.q, form.v))
    step = Fraction(1, 1000)
    mean = mean_by_integration(replace(form, delta=step)) * sqrt(2 * pi)
    second = -q * (a * v - q * q) / (2 * a**2.5) * float(step) ** 2
    size = (1 + v / a) ** 3 * sqrt(a)
    assert mean == pytest.approx(q / sqrt(a) + second, abs=1e-7 * size)


def test_controls_of_the_mean(records: list) -> None:
    quadratic.case.control(Form(((0, 1), (0, 0)), (1, 2), 1, 0), without=SYMMETRIC)
    assert "sees the variance 10, not 13" in records[-1]["reason"]
    quadratic.case.control(replace(DIAGONAL, p=2), without=ODD)
    quadratic.case.control(replace(DIAGONAL, delta=0), without=STEP)
    quadratic.case.rejects(DIAGONAL, wrong=quadratic.no_bias_at_all, says="no bias")
    assert records[-1]["reason"] == "sqrt(2 pi) times the mean is -1/5, not -7/25"
    with pytest.raises(ControlFails, match="not refuted"):  # an eigenvector has no bias
        quadratic.case.rejects(replace(DIAGONAL, x=(1, 0)), wrong=quadratic.no_bias_at_all, says="no bias")
    with pytest.raises(ControlFails, match="survives"):  # S x = S^T x at this x
        quadratic.case.control(Form(((0, 1), (0, 0)), (1, 1), 1, 0), without=SYMMETRIC)


MUTANTS = {
    "mixed term": ("square", lambda form, t: TRUE_SQUARE(form, t) + form.delta * t * form.q, "variance"),
    "no noise": ("square", lambda form, t: TRUE_SQUARE(replace(form, sigma=0), t), "variance"),
}
TRUE_SQUARE = Form.square


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_formula_fails(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, wrong, reason = MUTANTS[mutant]
    monkeypatch.setattr(Form, name, wrong)
    with pytest.raises(ClaimFails, match=reason):
        quadratic.case.check([letters()], over="mutant")


def test_wrong_identities_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Form, "v", property(lambda form: form.q))
    with pytest.raises(ClaimFails, match=r"\(R\+ R-\)\^2"):
        quadratic.case.check([letters()], over="mutant")
    monkeypatch.undo()
    monkeypatch.setattr(quadratic, "mean_of_relu", lambda s: s / sympy.sqrt(sympy.pi))
    with pytest.raises(ClaimFails, match="mean of a ReLU"):
        quadratic.case.check([letters()], over="mutant")
    monkeypatch.undo()
    nodes, weights = rule(1)
    monkeypatch.setattr(quadratic, "rule", lambda p: (nodes, tuple(2 * w for w in weights)))
    with pytest.raises(ClaimFails, match="sum lambda"):
        quadratic.case.check([letters()], over="mutant")


# the rank


@given(st.integers(1, 5), st.data())
def test_rank_of_random_points(d: int, drawn: st.DataObject) -> None:
    n = drawn.draw(st.integers(1, d * (d + 1) // 2 + 2))
    rng = np.random.default_rng(drawn.draw(st.integers(0, 10**6)))
    points = tuple(tuple(map(int, x)) for x in rng.integers(-(10**4), 10**4, (n, d)))
    answer = quadratic.squares_are_independent(points)
    vectors = sympy.Matrix([[x[i] * x[j] for i in range(d) for j in range(i, d)] for x in points])
    assert bool(answer) == (vectors.rank() == n)


def test_controls_of_the_rank(records: list) -> None:
    quadratic.forms.check([axes_and_diagonals(d) for d in (1, 2, 5)], over="axes")
    assert records[-1]["strength"] == "witness"
    quadratic.forms.control((*axes_and_diagonals(3), (1, 2, 3)), without="n <= d (d + 1) / 2")
    assert records[-1]["reason"].endswith("so G has the rank 6 for 7 points")
    with pytest.raises(ClaimFails, match="rank 1 for 2 points"):  # no witness: two equal points
        quadratic.forms.check([((1, 2), (1, 2))], over="twins")
    with pytest.raises(ClaimFails, match="rank"):
        quadratic.forms.check([((1, 0), (-1, 0), (0, 1))], over="opposite points")


# the network

PLANS = [
    plan(P, y, step, K, c)
    for P, y in ((FAN, Y3), (SPREAD, Y7))
    for step in (Fraction(1, 8), 1, 3)
    for K in (1, 50)
    for c in (1, Fraction(3, 2))
]


def test_the_network_in_balls(records: list) -> None:
    quadratic_network.network.check(PLANS, over="plans")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("enclosure", True)


@pytest.mark.parametrize("step", [Fraction(1, 4), 2])
def test_closed_forms_against_sampling(step: Fraction) -> None:
    it = plan(SPREAD, Y7, step, K=3, c=Fraction(5, 4))
    X = np.array(SPREAD, dtype=float)
    alpha = np.array([float(a) for a in it.coded.alpha])
    samples = 150_000
    w, out = sampler.real_units(X, alpha, 2, 1, float(step), 0.0, samples, 0)
    F = float(quadratic_network.factor(it)) * sampler.values(X, w, out)
    means = [1.25 * float(s) * y for s, y in zip(quadratic_network.shrinks(it.coded), Y7, strict=True)]
    assert np.abs(F.mean(axis=0) - means).max() < 6 * F.std() / sqrt(samples)
    error = np.sum((F.mean(axis=0) - np.array(Y7)) ** 2) + F.var(axis=0).sum() / 3
    assert float(quadratic_network.expected_error(it)) == pytest.approx(error, rel=0.02)
    W = float(quadratic_network.factor(it)) * sampler.total_weight(w, out) / samples
    assert W <= float(quadratic_network.expected_weight(it)) <= float(quadratic_network.weight_bound(it))


def test_controls_of_the_network(records: list) -> None:
    small = plan(FAN, Y3, Fraction(1, 10), 10**5)
    claim = quadratic_network.network
    claim.control(plan(DOUBLE, Y3, Fraction(1, 10), 10**5), without="unit vectors")
    assert "s is 0.4995" in records[-1]["reason"]
    claim.control(replace(small, coded=replace(small.coded, alpha=Y3)), without="G alpha = y")
    claim.control(replace(small, c=-small.c), without="c, delta > 0")
    claim.control(replace(small, coded=replace(small.coded, delta=arb(0))), without="c, delta > 0")
    claim.check([Trials(small, "both", 15, 1)], over="trials")
    assert records[-1]["strength"] == "statistical"


MUTATED = {
    "half the noise": ("error_bound", lambda it: (bias(it) + error_bound(it)) / 2, "squared error"),
    "less weight": ("weight_bound", lambda it: weight_bound(it) * 9 / 10, "weight"),
    "no lower limit": ("shrinks", lambda it: [s * s * s for s in shrinks(it)], "not between"),
}
bias, error_bound = quadratic_network.bias, quadratic_network.error_bound
weight_bound, shrinks = quadratic_network.weight_bound, quadratic_network.shrinks


@pytest.mark.parametrize("mutant", MUTATED)
def test_stronger_constants_fail(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, wrong, reason = MUTATED[mutant]
    monkeypatch.setattr(quadratic_network, name, wrong)
    with pytest.raises(ClaimFails, match=reason):
        quadratic_network.network.check(PLANS, over="mutant")


def test_the_budget(records: list) -> None:
    claim = quadratic_network.budget
    claim.check(
        [wanted(P, y, e) for P, y in ((FAN, Y3), (SPREAD, Y7)) for e in (1, Fraction(1, 50))], over="budgets"
    )
    assert records[-1]["strength"] == "enclosure"
    claim.control(wanted(DOUBLE, Y3, Fraction(1, 10)), without="unit vectors")
    four = (*FAN, (Fraction(4, 5), Fraction(-3, 5)))
    claim.control(wanted(four, (1, -1, 1, 1), Fraction(1, 10)), without="G is invertible")
    claim.control(wanted(FAN, Y3, 0), without="epsilon > 0")
    claim.control(wanted(FAN, (0, 0, 0), 1), without="some label is not 0")


def test_half_the_neurons_break_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = quadratic_network.recipe

    def stingy(budget: quadratic_network.Budget) -> quadratic_network.Plan:
        full = recipe(budget)
        return replace(full, K=max(1, full.K // 3))

    monkeypatch.setattr(quadratic_network, "recipe", stingy)
    with pytest.raises(ClaimFails, match="squared error"):
        quadratic_network.budget.check([wanted(SPREAD, Y7, Fraction(1, 100))], over="a third of the neurons")


# floats


def test_costs_are_the_closed_forms_of_the_balls() -> None:
    X, y = np.array(SPREAD, dtype=float), np.array(Y7, dtype=float)
    for step in (0.25, 1.0):
        it = plan(SPREAD, Y7, Fraction(step), K=10)
        found = quadratic_floats.costs(X, y, step, c=1)
        total = found.bias + found.noise / 10
        assert 7 * total == pytest.approx(float(quadratic_network.expected_error(it)))
        assert 7 * found.bias == pytest.approx(float(quadratic_network.bias(it)))
        assert sqrt(7) * found.weight == pytest.approx(float(quadratic_network.weight_bound(it)))
        assert found.relus(total) == pytest.approx(20) and found.relus(found.bias) == np.inf
        best = quadratic_floats.costs(X, y, step)
        assert best.bias <= min(quadratic_floats.costs(X, y, step, c=c).bias for c in (0.9, 1.0, 1.3, best.c))


def test_the_numbers_of_the_text() -> None:
    """A solution without bias for the step 1/2, by iteration; the energy near 1 / (1 - n/N)."""
    X, y = data.sphere(500, 50, rng=0, decimals=9), 2.0 * data.random_labels(500, rng=1) - 1
    z = y.copy()
    for _ in range(21):
        S, e = quadratic_floats.form_through(X, z)
        s = quadratic_floats.shrinks(X, S, 0.5)
        left = np.abs(s * z - y).max()
        z = y / s
    assert left < 1e-8 and 6.5 < sqrt(2 * pi * (4 + e)) < 6.6
    _, e = quadratic_floats.form_through(X, y)
    assert e == pytest.approx(1 / (1 - 500 / 1275), rel=0.1)
