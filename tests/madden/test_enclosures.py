"""Certificates in balls: charts against definitions, conclusions against solutions in closed form, mutants."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import data
from memlib.claim import ClaimFails, ControlFails
from memlib.madden import charts, enclosures
from memlib.madden.activations import activation
from memlib.madden.charts import (
    Candidate,
    Chart,
    decimals,
    distance,
    enclosed_zero,
    inequality_holds,
    newton,
    origin,
    rate,
    sides,
    slack,
    standard_units,
    standardized,
    surrounded,
    whole_cube,
    widest,
    with_labels,
)
from memlib.madden.enclosures_floats import chart_at, dyadic, floats, fractions
from memlib.madden.newton_floats import best_zero, find_zero, paired_newton
from memlib.madden.pairs import BITS, ball

SQUARE, HALF = activation("x^2"), Fraction(1, 2)
B = arb_mat([[arb(-0.5), arb(0.25)], [arb(0.5), arb(0)]])
CHART = Chart(SQUARE, ((0,), (1,)), ((1, 1),), (1,), B)
HAND = Candidate(CHART, (Fraction(5, 4), 5), arb(0, 1.5))
STILL = [arb(0), arb(0)]
TRIPLE = Chart(
    SQUARE,
    ((1,), (2,)),
    ((3, 0), (4, 0), (5, 0)),
    (1, 1, -1),
    arb_mat(
        [STILL, STILL, [arb(-1) / 8, arb(1) / 16], [arb(1) / 4, arb(-1) / 16], STILL, STILL],
    ),
)
EGYPT = Candidate(TRIPLE, (0, 0), arb(0, 16))
K, ZERO = "(K) holds", "the labels are 0"


def paired(name: str = "tanh", n: int = 12, d: int = 3, pairs: int = 4) -> Candidate:
    X, y = data.gaussian(n, d, rng=3), data.gaussian(n, 1, rng=4)
    labels = tuple(v for (v,) in decimals(y))
    found = paired_newton(X, y[:, 0], pairs, name)
    return surrounded(Candidate(chart_at(name, decimals(X), found), labels, arb(1)))


@pytest.fixture(scope="module")
def zero() -> Candidate:
    """Five tanh neurons that cancel at 14 points of R^3; md / 2 is 6 with four of them."""
    X = decimals(data.gaussian(14, 3, rng=1))
    return widest(Candidate(chart_at("tanh", X, best_zero(floats(X), 5)), (0,) * 14, arb(1)))


# exact data


def test_standard_units_are_an_exact_affine_map() -> None:
    X = [[1.5, 7.0, 0.01], [2.25, 7.0, 0.03], [-3.0, 7.0, 0.09]]
    assert standard_units(((150, 7, 1), (225, 7, 3), (-300, 7, 9))) == ((25, 231), (7, 1), (4, 3))
    assert standardized(X)[2] == (Fraction(-325, 231), 0, Fraction(5, 3))
    printed = decimals(X)
    assert printed[0] == (Fraction(3, 2), 7, Fraction(1, 100))
    for x, u in zip(printed, standardized(X), strict=True):  # u = (100 x - c) / s, column by column
        assert [(100 * x[0] - 25) / 231, x[1] - 7, (100 * x[2] - 4) / 3] == list(u)


def test_wine_is_of_unit_size_and_keeps_its_differences() -> None:
    A, _ = data.wine()
    U = floats(standardized(A))
    assert np.abs(U.mean(axis=0)).max() < 0.02 and np.abs(U.std(axis=0) - 1).max() < 0.1
    assert np.abs(np.corrcoef(A.T) - np.corrcoef(U.T)).max() < 1e-9


# charts


@given(st.lists(st.integers(-4, 4), min_size=16, max_size=16))
@settings(max_examples=6)
def test_the_derivative_is_the_derivative_of_the_network(numbers: list) -> None:
    """Against sympy, from the definition: psi = t^3, d = m = n = 2."""
    z = sympy.symbols("z0 z1")
    points = ((1, 2), (-1, 3))
    start, b = [*numbers[:4], 1, -2], numbers[4:]
    theta = [s + b[2 * k] * z[0] + b[2 * k + 1] * z[1] for k, s in enumerate(start)]
    v, rows = (2, -3), (theta[:3], theta[3:])
    F = [
        sum(a * (w[0] * x[0] + w[1] * x[1] + w[2]) ** 3 for a, w in zip(v, rows, strict=True)) for x in points
    ]
    chart = Chart(
        activation("x^3"), points, (tuple(start[:3]), tuple(start[3:])), v,
        arb_mat([[arb(b[2 * k]), arb(b[2 * k + 1])] for k in range(6)]),
    )  # fmt: skip
    at = {z[0]: sympy.Rational(1, 3), z[1]: -2}
    with ctx.workprec(BITS):
        where = arb_mat([[ball(Fraction(1, 3))], [arb(-2)]])
    expected = sympy.Matrix(F).jacobian(z).subs(at)
    got = chart.derivative(where)
    with ctx.workprec(BITS):
        for i in range(2):
            f = F[i].subs(at)
            assert chart.F(where)[i].overlaps(ball(Fraction(int(f.p), int(f.q))))
            for q in range(2):
                e = expected[i, q]
                assert got[i, q].overlaps(ball(Fraction(int(e.p), int(e.q)))) and got[i, q].rad() < 1e-30


def test_a_ball_of_z_encloses_the_derivatives_in_it() -> None:
    c = paired()
    c = replace(c, cube=arb(0, 0.01))
    wide, rng = c.derivative(whole_cube(c)), np.random.default_rng(0)
    for _ in range(5):
        z = arb_mat([[arb(float(t))] for t in rng.uniform(-0.01, 0.01, c.n)])
        assert wide.contains(c.derivative(z)) or wide.overlaps(c.derivative(z))
        small = c.derivative(z)
        assert all(wide[i, q].contains(small[i, q].mid()) for i in range(c.n) for q in range(c.n))


def test_sides_by_hand() -> None:
    (g0, e0), (g1, e1) = sides(HAND)
    for got, value in ((g0, 0.25), (e0, 0.75), (g1, 1), (e1, 3 / 16)):
        assert value <= float(got) < value + 1e-7
    assert 0.1249 < float(slack(HAND)) <= 0.125 and 0.75 <= float(rate(HAND)) < 0.7501
    assert float(distance(HAND)) == pytest.approx(1.125)
    assert 7.99 < float(slack(EGYPT)) <= 8


@given(st.integers(1, 60))
@settings(max_examples=20)
def test_the_inequality_by_hand_holds_exactly_in_its_interval(k: int) -> None:
    """1/4 + r^2/2 < r and 1 + r^2/8 < r: both for 4 - sqrt 8 < r < 1 + sqrt(1/2)."""
    r = Fraction(k, 8)
    by_hand = Fraction(1, 4) + r * r * HALF < r and 1 + r * r * Fraction(1, 8) < r
    assert bool(inequality_holds(replace(HAND, cube=arb(0, ball(r))))) == by_hand


# madden-def-enclosure


def test_the_definition(records: list) -> None:
    e = enclosures.evaluated(activation("gelu"), arb(0, 2), slope=True)
    enclosures.enclosure.check([e], over="a slope")
    assert records[0]["strength"] == "enclosure"
    for wrong in (e.value.mid(), e.value + 1, e.value * fmpq(1, 2)):
        with pytest.raises(ClaimFails, match="outside the ball"):
            enclosures.enclosure.check([replace(e, value=wrong)], over="mutants")


# madden-krawczyk


def test_the_zero_by_hand() -> None:
    z = enclosed_zero(HAND)
    assert z is not None
    W = HAND.chart.weights(z)
    with ctx.workprec(BITS):
        for w in W[0]:
            assert w.overlaps(arb(5).sqrt() * fmpq(1, 2)) and w.rad() < 1e-25


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "gelu"])
def test_checks_and_strength(name: str, records: list) -> None:
    c = paired(name)
    enclosures.krawczyk.check([HAND, c], over="instances")
    assert records[0]["strength"] == "enclosure"
    with ctx.workprec(BITS):  # the exact network is as near as (b) says
        z, far = enclosed_zero(c), distance(c)
        assert z is not None
        for row, start in zip(c.chart.weights(z), c.chart.W, strict=True):
            assert all(abs(w - ball(s)) < far for w, s in zip(row, start, strict=True))


def test_controls_break_for_their_reasons(records: list) -> None:
    same = replace(CHART, B=arb_mat([[arb(0.25)] * 2, [arb(0.5)] * 2]))
    far = Chart(activation("tanh"), ((1,),), ((20, 0),), (1,), arb_mat([[arb(2) ** 56], [arb(0)]]))
    saturated = surrounded(Candidate(far, (1,), arb(1)))
    for wrong, why in [
        (replace(HAND, cube=arb(0, 0.5)), "no zero in Z"),
        (replace(HAND, cube=arb(0, 5)), "two zeros"),
        (replace(HAND, chart=same), "B has rank 1"),
        (replace(HAND, chart=replace(CHART, W=((2, 1),))), "no zero in Z"),
        (saturated, "no network exists"),
        (replace(HAND, chart=replace(CHART, points=((0,), (0,)))), "points 0 and 1 are equal"),
    ]:
        enclosures.krawczyk.control(wrong, without=K)
        assert why in records[-1]["reason"]
    assert enclosures.centre_is_enough(saturated) is True and np.tanh(20.0) == 1
    assert enclosures.centre_is_enough(replace(HAND, cube=arb(0, 0.5))).reason


def test_what_is_not_refuted_is_no_control() -> None:
    """With r = 1 the inequality fails although there is one zero in the cube."""
    with pytest.raises(ControlFails, match="survives"):
        enclosures.krawczyk.control(replace(HAND, cube=arb(0, 1)), without=K)


def test_perturbed_weights_and_labels_fail_at_the_old_radius() -> None:
    c = paired()
    W = ((c.chart.W[0][0] + Fraction(1, 1000), *c.chart.W[0][1:]), *c.chart.W[1:])
    for wrong in (
        replace(c, chart=replace(c.chart, W=W)),
        replace(c, labels=(c.labels[0] + 1, *c.labels[1:])),
    ):
        assert not inequality_holds(wrong)
        assert not enclosures.one_exact_network(wrong)


def mutant_without_v(self, z):
    with ctx.workprec(BITS):
        rows = []
        for a, M in zip(self.arguments, self.moves, strict=True):
            rows.append((arb_mat([[self.psi.slope(t) for t in (a + M * z).entries()]]) * M).entries())
        return arb_mat(rows)


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("derivative", mutant_without_v),
        ("derivative", lambda self, z: arb_mat(self.n, self.n)),
        ("F", lambda self, z: [f + fmpq(1, 10**6) for f in Chart.__dict__["_true_F"](self, z)]),
    ],
)
def test_a_wrong_chart_is_seen(name: str, mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    c = paired()
    monkeypatch.setattr(Chart, "_true_F", Chart.F, raising=False)
    monkeypatch.setattr(Chart, name, mutant)
    with pytest.raises((ClaimFails, ValueError)):
        enclosures.krawczyk.check([c], over="a mutant")


def test_an_inequality_that_forgets_r_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the factor r, or without |G(0)|, a cube without zero passes (K), and the conclusion refutes it."""
    monkeypatch.setitem(enclosures.krawczyk.hypotheses, K, lambda c: rate(c) < 1 or inequality_holds(c))
    with pytest.raises(ClaimFails, match="no zero in Z"):
        enclosures.krawczyk.check([replace(HAND, cube=arb(0, 0.5))], over="a mutant")


def test_undecided_is_said() -> None:
    flat = Candidate(replace(CHART, W=((0, 0),)), (1, 1), arb(0, 1000))
    assert newton(flat) is None
    with pytest.raises(ValueError, match="not decided"):
        enclosures.one_exact_network(flat)


def test_impossible_labels() -> None:
    sigmoid = Chart(activation("sigmoid"), ((1,),), ((0, 0),), (1,), arb_mat([[arb(4)], [arb(0)]]))
    positive = replace(sigmoid, psi=activation("softplus"))
    assert enclosures.impossible(Candidate(positive, (-1,), arb(1))) is not None
    assert enclosures.impossible(Candidate(positive, (10**9,), arb(1))) is None
    for y in (0, 1, -1, 2):
        assert enclosures.impossible(Candidate(sigmoid, (y,), arb(1)))
    assert enclosures.impossible(Candidate(sigmoid, (HALF,), arb(1))) is None


# madden-zero-cert


def test_all_labels(zero: Candidate, records: list) -> None:
    enclosures.zero_cert.check([EGYPT, zero], over="two zeros")
    assert records[0]["strength"] == "enclosure"


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=2))
@settings(max_examples=25)
def test_every_label_vector_of_the_triple(y: list) -> None:
    c = with_labels(EGYPT, y)
    assert inequality_holds(c) is True
    z = enclosed_zero(c)
    assert z is not None and all(arb(0, c.r).contains(e) for e in z.entries())
    assert enclosures.has_the_labels(c, z) is True


def test_other_labels_with_the_same_weights_allowed(zero: Candidate) -> None:
    y = [Fraction(k * k % 7, 3) - 1 for k in range(zero.n)]
    c = with_labels(zero, y)
    enclosures.krawczyk.check([c], over="labels from a zero")
    t = c.chart.v[0] / zero.chart.v[0]
    assert t == c.chart.v[1] / zero.chart.v[1] and t.numerator & (t.numerator - 1) == 0
    assert float(distance(c)) == pytest.approx(float(distance(zero)), rel=1e-6)


def test_points_may_be_balls(zero: Candidate) -> None:
    def blurred(radius: float) -> Candidate:
        points = tuple(tuple(ball(q) + arb(0, radius) for q in x) for x in zero.chart.points)
        return replace(zero, chart=replace(zero.chart, points=points))

    assert inequality_holds(blurred(1e-9))
    assert not inequality_holds(blurred(1))


def test_controls_of_the_zero_certificate(records: list) -> None:
    points = decimals(data.gaussian(9, 1, rng=0))
    idle = Chart(activation("tanh"), points, ((0, 0),) * 2, (1, -1), arb_mat(4, 9))
    enclosures.zero_cert.control(Candidate(idle, (0,) * 9, arb(0, 1)), without=K)
    assert "madden-sard" in records[-1]["reason"]
    pair = arb_mat([[arb(-4), arb(4)], [arb(4), arb(0)]])
    one = Chart(activation("sigmoid"), ((0,), (1,)), ((0, 0),), (1,), pair)
    enclosures.zero_cert.control(Candidate(one, (HALF, HALF), arb(0, 1 / 16)), without=ZERO)
    assert "labels of both signs" in records[-1]["reason"]
    with pytest.raises(ClaimFails, match="label 0 is 5/4"):
        enclosures.zero_cert.check([HAND], over="labels that are not 0")
    twice = replace(TRIPLE, points=((1,), (1,)))
    enclosures.zero_cert.control(Candidate(twice, (0, 0), arb(0, 1)), without=K)


def test_no_radius_for_a_degenerate_zero() -> None:
    """Neurons that cancel in pairs: a perfect zero whose derivative has rank 4, for 6 points."""
    X = decimals(data.gaussian(6, 2, rng=2))
    W = ((HALF, 1, 0), (HALF, 1, 0), (1, 0, HALF), (1, 0, HALF))
    v = (1, -1, 2, -2)
    chart = Chart(activation("tanh"), X, W, v, arb_mat(12, 6))
    J = chart.moves  # 6 matrices 4 x 6 of zeros: B = 0
    assert all(not any(e != 0 for e in M.entries()) for M in J)
    solution = find_zero(floats(X), 4, rng=0)[0]
    degenerate = replace(solution, W=np.array([[float(w) for w in r[:2]] for r in W]),
                         b=np.array([float(r[2]) for r in W]), v=np.array([float(a) for a in v]))  # fmt: skip
    c = Candidate(chart_at("tanh", X, degenerate), (0,) * 6, arb(1))
    with ctx.workprec(BITS):
        assert all(g.contains(0) and g.rad() < 1e-40 for g in c.G(origin(c)))
    degenerate_5 = replace(degenerate, W=degenerate.W[:2], b=degenerate.b[:2], v=degenerate.v[:2])
    with pytest.raises(ValueError, match="no radius"):
        widest(Candidate(chart_at("tanh", X, degenerate_5), (0,) * 6, arb(1)))


def test_one_point_and_one_neuron() -> None:
    """n = 1 at y = 0: tanh itself is a zero with rank 1."""
    chart = Chart(activation("tanh"), ((2,),), ((0, 0),), (1,), arb_mat([[arb(0.5)], [arb(0)]]))
    c = widest(Candidate(chart, (0,), arb(1)))
    enclosures.zero_cert.check([c], over="one neuron")
    assert enclosed_zero(with_labels(c, [-5])) is not None


def test_random_sigmoid_neurons_are_never_a_zero() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        w, b, v = rng.normal(size=3)
        B = dyadic(rng.normal(size=(2, 2)))
        chart = Chart(activation("sigmoid"), ((0,), (1,)), fractions([[w, b]]), fractions([v]), B)
        assert not inequality_holds(surrounded(Candidate(chart, (0, 0), arb(1))))


def test_conversion_is_exact() -> None:
    Q = np.array([[0.1, -3.0], [1e-300, 2.0**60]])
    assert fractions(Q)[0][0] == Fraction(0.1) and fractions(Q)[1][1] == 2**60
    assert charts.fraction(dyadic(Q)[1, 0]) == Fraction(1e-300)
    assert enclosures.exact_rank(dyadic(Q)) == 2 and enclosures.exact_rank(dyadic(Q[:, [0, 0]])) == 1


def test_other_labels_are_not_found_at_the_zero() -> None:
    z = enclosed_zero(HAND)
    assert z is not None and enclosures.has_the_labels(HAND, z) is True
    assert (
        "output at point 0" in enclosures.has_the_labels(replace(HAND, labels=(Fraction(6, 5), 5)), z).reason
    )


def test_a_small_residual_is_not_taken_for_a_zero() -> None:
    """z moves the output by 2^-59 only: the residual 2^-130 at z = 0 leaves the zero 2^-71 away."""
    slow = Chart(SQUARE, ((0,),), ((0, 1),), (1,), arb_mat([[arb(0)], [arb(fmpq(1, 2**60))]]))
    assert enclosed_zero(Candidate(slow, (1 + Fraction(1, 2**130),), arb(1))) is None
