"""Boosting with gates: laws, oracles by another route, the controls of the page, mutants that turn each claim red."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import exp, log

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.bubeck import ntk
from memlib.bubeck.kernel_floats import least_eigenvalue, rational_sphere, tangent_kernel
from memlib.bubeck.ntk import Problem, Realization, Run, Stride
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from tests import strategies as own

F = Fraction
X = ((F(1), F(0)), (F(3, 5), F(4, 5)), (F(0), F(1)))
STAR = (*X, *(tuple(-c for c in x) for x in X))
FIRST = Realization(X, g=(2, -1), v=(1, -2), eta=1, delta=F(2, 5))
CORRELATES = "every vector correlates with its residual"
ONE = ((1,),)


def sample(n: int, d: int, epsilon: Fraction, seed: int = 0) -> Problem:
    draw = random.Random(seed)
    points = rational_sphere(n, d, rng=seed, grid=16)
    return Problem(points, tuple(draw.choice((1, -1)) for _ in points), epsilon)


def unit(n: int, k: int) -> tuple:
    return tuple(int(i == k) for i in range(n))


# bubeck-boosting


@given(st.lists(own.fractions, min_size=1, max_size=5).filter(any))
def test_the_largest_coordinate_is_greedy(y: list) -> None:
    n, r, chosen = len(y), list(y), []
    for _ in range(ntk.steps_for(F(1, n), F(1, 5))):
        k = max(range(n), key=lambda i: abs(r[i]))
        chosen.append(unit(n, k))
        r[k] = F(0)
    run = Run(tuple(y), tuple(chosen), F(1, n), F(1, 5))
    ntk.boosting.check([run], over="coordinates")
    assert run.residuals[-1] == r


def test_boosting_controls(records: list) -> None:
    ntk.boosting.check([Stride(sympy.symbols("a b"), sympy.symbols("c d"))], over="letters")
    assert records[-1]["strength"] == "symbolic"
    stuck = Run((1, 1), (unit(2, 0),) * 5, theta=F(1, 2), epsilon=F(1, 10))
    ntk.boosting.control(stuck, without=CORRELATES)
    ntk.boosting.control(Run((1, 1), (unit(2, 0),), F(1, 2), F(1, 4)), without="enough steps")
    with pytest.raises(ControlFails, match="'enough steps' still holds"):
        ntk.boosting.control(Run((1, 1), (unit(2, 0), unit(2, 1)), F(1, 2), F(1, 2)), without="enough steps")
    silent = Run((1, 1), ((0, 0),) * 5, F(1, 2), F(1, 10))  # a vector 0 has no correlation
    ntk.boosting.control(silent, without=CORRELATES)


@given(st.fractions(F(1, 50), 1), st.fractions(F(1, 99), F(99, 100)))
def test_steps_against_logarithms(theta: Fraction, epsilon: Fraction) -> None:
    steps = ntk.steps_for(theta, epsilon)
    assert steps - 1 <= log(1 / epsilon) / theta + 1e-9 and steps >= log(1 / epsilon) / theta - 1e-9
    assert float(1 - theta) ** steps <= float(epsilon) * (1 + 1e-9)
    assert ntk.steps_for(theta, F(1)) == 0


def test_mutants_of_boosting(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run((3, -1, 2, 1), tuple(unit(4, k) for k in (0, 2, 1, 3) + (0,) * 6), F(1, 4), F(1, 10))
    ntk.boosting.check([run], over="unchanged")
    true = ntk.subtract
    monkeypatch.setattr(ntk, "subtract", lambda r, factor, f: true(r, F(1, 9) * factor, f))
    with pytest.raises(ClaimFails, match=r"after step 1 the error is .*, more than \(1 - theta\)"):
        short = replace(run, vectors=run.vectors[:1], epsilon=F(1))
        ntk.boosting.check([short], over="mutant: too short a step")
    with pytest.raises(ClaimFails, match="a step gains another amount"):
        ntk.boosting.check([Stride(sympy.symbols("a b"), sympy.symbols("c d"))], over="mutant")
    monkeypatch.setattr(ntk, "subtract", true)
    monkeypatch.setattr(ntk, "steps_for", lambda theta, epsilon: 1)
    with pytest.raises(ClaimFails, match="in the end"):
        ntk.boosting.check([replace(run, vectors=run.vectors[:1])], over="mutant: one step is enough")


# bubeck-ntk-weight


@given(
    st.integers(-9, 9).filter(bool), own.fractions, own.fractions.filter(bool), own.fractions.filter(lambda v: v > 0)
)  # fmt: skip
def test_exact_iff_allowed(s: int, l: Fraction, eta: Fraction, delta: Fraction) -> None:
    ntk.weight.check([Realization(ONE, (s,), (l,), eta, delta)], over="drawn numbers")


@given(st.integers(0, 10**6), st.integers(2, 4))
@settings(max_examples=20)
def test_the_largest_width_is_the_largest(seed: int, d: int) -> None:
    points, draw = rational_sphere(6, d, rng=seed), random.Random(seed)
    g, v = ([draw.randint(-99, 99) for _ in range(d)] for _ in range(2))
    if not all(ntk.inner(g, x) for x in points):
        return
    width = ntk.largest_width(points, g, v)
    for factor, expected in ((F(1, 2), True), (F(1), True), (F(101, 100), None)):
        h = Realization(points, tuple(g), tuple(v), 1, factor * width)
        ntk.weight.check([h], over="drawn pairs")
        exact = all(ntk.output(h.relus, x) == h.gated(x) for x in points)
        limited = any(ntk.inner(g, x) * ntk.inner(v, x) < 0 for x in points)
        assert exact == (expected or not limited)


def test_weight_by_hand_and_controls(records: list) -> None:
    assert [ntk.output(FIRST.relus, x) for x in X] == [FIRST.gated(x) for x in X] == [1, -1, 0]
    assert FIRST.relus == [((F(12, 5), F(-9, 5)), F(5, 2)), ((2, -1), F(-5, 2))]
    assert ntk.largest_width(X, (2, -1), (1, -2)) == F(2, 5)
    ntk.weight.check([FIRST], over="by hand")
    ntk.weight.control(Realization(ONE, (1,), (2,), 1, -1), without="delta > 0")
    ntk.weight.control(Realization(ONE, (1,), (-2,), 0, 1), without="eta is not 0")
    ntk.weight.control(Realization(ONE, (0,), (2,), 1, 1), without="s is not 0")
    ntk.weight.rejects(Realization(ONE, (1,), (2,), 1, 1), wrong=ntk.same_for_both_signs, says="both signs")
    a, b, delta, eta = sympy.symbols("a b delta eta", positive=True)
    ntk.weight.check(
        [Realization(ONE, (-a,), ((a + b) / delta,), eta, delta)], over="too wide, for all letters"
    )
    assert records[-1]["strength"] == "symbolic"
    with pytest.raises(ValueError, match="sign"):  # whether delta b <= a depends on the letters
        ntk.weight.check([Realization(ONE, (a,), (-b,), eta, delta)], over="undecided")


def test_mutants_of_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Realization.relus.fget
    monkeypatch.setattr(
        Realization, "relus", property(lambda self: [(w, a * F(1, 2)) for w, a in true(self)])
    )
    with pytest.raises(ClaimFails, match="is allowed, and the ReLUs give 1/2, the gate 1"):
        ntk.weight.check([replace(FIRST)], over="mutant: half the output weights")
    light = Realization(X, (2, -1), (1, -2), 1, F(2, 5))
    monkeypatch.setattr(ntk, "output", lambda relus, x: light.gated(x))  # as if it were exact
    with pytest.raises(ClaimFails, match="below the bound"):
        ntk.weight.check([light], over="mutant: half the weight")


def test_the_solution_of_the_widest_gate() -> None:
    assert ntk.largest_width(X, (-1, 3), (2, 1)) == F(1, 2)
    assert ntk.largest_width(X, (-1, 3), (1, -4)) == F(9, 13)


# bubeck-ntk-theorem


@given(st.integers(1, 7), st.integers(2, 4), st.integers(0, 10**6))
@settings(max_examples=15)
def test_the_theorem_on_random_problems(n: int, d: int, seed: int) -> None:
    ntk.theorem.check([sample(n, d, F(1, 8), seed)], over="drawn points")


def test_the_theorem_by_hand_and_its_controls(records: list) -> None:
    ntk.theorem.check([Problem(X, (1, -1, 1), F(1, 10)), Problem(X, (0, 0, 0), F(1, 2))], over="by hand")
    assert records[-1]["strength"] == "enclosure"
    five = sample(5, 2, F(1, 10))
    ntk.theorem.control(Problem((*X, X[0]), (1, -1, 1, -1), F(1, 10)), without="gamma < 1")
    assert records[-1]["reason"].endswith("every function has a squared error of at least 2")
    ntk.theorem.control(Problem(STAR, (1, -1, 1, -1, 1, -1), F(1, 10)), without="gamma < 1")
    assert "at least 144/25" in records[-1]["reason"]
    tiny = tuple(tuple(c * F(1, 100) for c in x) for x in five.points)
    ntk.theorem.control(Problem(tiny, five.labels, F(1, 10)), without="unit vectors")
    ntk.theorem.control(Problem(five.points, five.labels, F(8)), without="0 < epsilon < 1")
    with pytest.raises(ValueError, match="cannot be decided"):  # equal points with equal labels do no harm
        ntk.theorem.control(Problem((*X, X[0]), (1, -1, 1, 1), F(1, 10)), without="gamma < 1")


def test_antipodes_against_least_squares_over_all_patterns() -> None:
    """Whatever gates are taken, the values on the star stay that far from the labels."""
    problem = Problem(STAR, (1, -1, 1, -1, 1, -1), F(1, 10))
    columns = []
    for k in range(60):
        g = np.array([np.cos(k + 0.1), np.sin(k + 0.1)])
        on = np.array(STAR, dtype=float) @ g > 0
        columns += list((on[:, None] * np.array(STAR, dtype=float)).T)
    A, y = np.array(columns).T, np.array(problem.labels, dtype=float)
    residual = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    assert residual @ residual == pytest.approx(float(ntk.antipodal_error(problem)))


def test_the_promise_against_floats() -> None:
    problem = sample(10, 3, F(1, 20))
    A = np.array(problem.points, dtype=float)
    ratio = np.linalg.eigvalsh(A @ A.T)[-1] / least_eigenvalue(tangent_kernel(A))
    assert abs(ntk.promised(problem) - ratio * log(20)) <= 1
    assert 1 / ratio <= float(ntk.rate(problem)) <= 1.01 / ratio
    assert ntk.promised_explicitly(problem) >= ntk.promised(problem)


def test_every_round_is_a_step_of_boosting() -> None:
    problem = sample(12, 3, F(1, 10))
    neurons, theta = ntk.greedy(problem), ntk.rate(problem)
    run = ntk.run_of(neurons, problem.labels, theta)
    ntk.boosting.check([run], over="rounds")
    assert float(run.epsilon) == pytest.approx(exp(-len(neurons) * float(theta)), abs=2e-6)
    ntk.weight.check(neurons, over="pairs")
    with pytest.raises(ClaimFails, match="too small for theta"):
        ntk.boosting.check([replace(run, theta=F(1, 2))], over="more than the gates give")


def test_mutants_of_the_theorem(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = sample(8, 3, F(1, 10), seed=1)
    width, greedy, promised = ntk.largest_width, ntk.greedy, ntk.promised
    monkeypatch.setattr(ntk, "largest_width", lambda *args: 3 * width(*args))
    with pytest.raises(ClaimFails, match="the ReLUs are not the sum of the gates"):
        ntk.theorem.check([problem], over="mutant: gates too wide")
    monkeypatch.setattr(ntk, "largest_width", width)
    monkeypatch.setattr(ntk, "greedy", lambda p: greedy(p)[:-1])
    with pytest.raises(ClaimFails, match="the squared error is"):
        ntk.theorem.check([problem], over="mutant: stops too early")
    monkeypatch.setattr(ntk, "greedy", greedy)
    monkeypatch.setattr(ntk, "promised", lambda p: promised(p) // 100)
    with pytest.raises(ClaimFails, match=r"ReLUs, and .* are promised"):
        ntk.theorem.check([problem], over="mutant: a constant too good")
    monkeypatch.setattr(ntk, "promised", promised)
    with monkeypatch.context() as m:
        m.setattr(ntk, "promised_explicitly", lambda p: promised(p) - 1)
        with pytest.raises(ClaimFails, match="neurons are promised by lambda, more than the"):
            ntk.theorem.check([problem], over="mutant: the second promise below the first")
    monkeypatch.setattr(ntk, "tuned", lambda points, g, r: (1,) * len(g))
    monkeypatch.setattr(ntk, "rate", lambda p: F(1, 4))
    with pytest.raises(ValueError, match="no gate of 1000 correlates"):
        ntk.theorem.check([problem], over="mutant: not tuned, and a rate too good")


@given(st.lists(st.lists(own.small, min_size=4, max_size=4), min_size=1, max_size=3))
def test_distance_against_least_squares(vectors: list) -> None:
    y = np.array([1, -2, 0, 3], dtype=float)
    A = np.array(vectors, dtype=float).T
    rest = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    assert float(ntk.distance_squared((1, -2, 0, 3), vectors)) == pytest.approx(rest @ rest, abs=1e-7)


def test_the_best_single_gate_against_all_subsets() -> None:
    problem = sample(5, 2, F(1, 10))
    A, y = np.array(problem.points, dtype=float), np.array(problem.labels, dtype=float)
    errors = []
    for on in product((0, 1), repeat=5):
        B = A * np.array(on)[:, None]
        rest = y - B @ np.linalg.lstsq(B, y, rcond=None)[0]
        errors.append(rest @ rest)
    assert float(ntk.best_single_gate(problem)) == pytest.approx(min(errors))


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (ntk.in_unit_interval("theta"), Run((1,), (), F(0), F(1, 2))),
        (ntk.in_unit_interval("epsilon"), Run((1,), (), F(1), F(2))),
        (ntk.vectors_correlate, Run((1, 1), ((0, 0),), F(1), F(1, 2))),
        (ntk.enough_steps, Run((1,), (), F(1), F(1, 2))),
        (ntk.width_is_positive, replace(FIRST, delta=F(0))),
        (ntk.eta_is_not_zero, replace(FIRST, eta=0)),
        (ntk.no_point_on_the_border, replace(FIRST, g=(0, 1))),
        (ntk.points_are_unit, Problem(((2,),), (1,), F(1, 2))),
        (ntk.coherence_below_one, Problem(STAR, (1,) * 6, F(1, 2))),
        (ntk.epsilon_in_range, Problem(X, (1, 1, 1), F(0))),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason


def test_epsilon_zero_is_refused_in_words() -> None:
    with pytest.raises(ClaimFails, match="violates the hypothesis '0 < epsilon < 1'"):
        ntk.theorem.check([Problem(X, (1, 1, 1), F(0))], over="no error at all")
