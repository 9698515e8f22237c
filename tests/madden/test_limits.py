"""Limits: equations against random networks, Peano's curve, ceilings by another count, and mutants that turn red."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from math import comb, exp, tanh

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.exact import dot, rank
from memlib.madden import limits
from memlib.madden.limits import Family, Layer, PeanoNeuron, draw, formal, labels, peano, time_of, wide

LINE = tuple((k,) for k in range(7))
MANY, LIPSCHITZ = "n > m(d + 2)", "psi is locally Lipschitz"
SQUARE, LAW = (0, 0, 1), ((1, 0), (0, 1), (1, 1), (1, -1))
CUBIC = (0, 1, 0, 1)
FAMILIES = {
    "tanh": Family("tanh", 1, LINE[:4], limits.tanh_relation()),
    "sigmoid": Family("sigmoid", 1, LINE[:4], limits.sigmoid_relation()),
    "exp": Family("exp", 1, LINE[:4], limits.hankel(1)),
    "two exp": Family("exp", 2, LINE, limits.hankel(2)),
}
small = st.integers(-4, 4)
weights = st.floats(-1.5, 1.5)


# madden-sard: equations


def value(psi: str, t: float) -> float:
    return {"tanh": tanh, "exp": exp, "sigmoid": lambda a: 1 / (1 + exp(-a))}[psi](t)


@given(st.sampled_from(sorted(FAMILIES)), st.lists(weights, min_size=6, max_size=6))
def test_the_equations_hold_for_networks_from_their_definition(name: str, theta: list) -> None:
    family = FAMILIES[name]
    n = len(family.points)
    y = [
        sum(v * value(family.psi, w * x + b) for v, w, b in [theta[:3], theta[3:]][: family.m])
        for (x,) in family.points
    ]
    f = sympy.lambdify(labels(n), family.relation)
    size = max(1e-3, *map(abs, y))
    assert (
        abs(f(*[v / size for v in y])) < 1e-9
    )  # at most 30 terms of size 8, rounded to 2^-53 each, with room


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_the_letters_of_a_family_are_its_definition(name: str) -> None:
    """e^2b for tanh, e^b for the others: put numbers in and compare."""
    family = FAMILIES[name]
    factor = 2 if family.psi == "tanh" else 1
    theta = [(0.7, 0.3, -0.4), (-1.1, -0.2, 0.5)][: family.m]  # v, b, w
    at = {}
    for letters, numbers in zip(family.neurons, theta, strict=True):
        at.update(
            {
                letters[0]: numbers[0],
                letters[1]: exp(factor * numbers[1]),
                letters[2]: exp(factor * numbers[2]),
            }
        )
    for out, (x,) in zip(family.outputs, family.points, strict=True):
        assert float(out.subs(at)) == pytest.approx(
            sum(v * value(family.psi, w * x + b) for v, b, w in theta)
        )


def test_the_example_by_hand() -> None:
    at = [dict(zip(labels(4), y, strict=True)) for y in ((0, 1, 0, 0), (1, 2, 0, 1))]
    assert [limits.tanh_relation().subs(a) for a in at] == [0, 12]


def test_checks_of_the_count(records: list) -> None:
    limits.sard.check(FAMILIES.values(), over="equations")
    assert records[-1]["strength"] == "symbolic"


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_changed_coefficient_fails_the_check(name: str) -> None:
    family = FAMILIES[name]
    y = labels(len(family.points))
    (first, c), *rest = sympy.Poly(family.relation, *y).terms()
    wrong = sympy.Poly(dict([(first, 2 * c), *rest]), *y).as_expr()
    with pytest.raises(ClaimFails, match="do not satisfy the equation"):
        limits.sard.check([replace(family, relation=wrong)], over="mutant")
    with pytest.raises(ClaimFails, match="0 = 0"):
        limits.sard.check([replace(family, relation=sympy.Integer(0))], over="mutant")


@pytest.mark.parametrize(
    ("psi", "points", "degree"),
    [(CUBIC, ((-2,), (1,), (3,), (7,)), 3), ((0, 0, 1), LINE[:4], 1), ((0, 1, 0, 0, 1), LINE[:4], 4)],
)
def test_equations_that_are_found(psi: tuple, points: tuple, degree: int) -> None:
    family = Family(psi, 1, points)
    assert all(limits.annihilator(family, k) is None for k in range(1, degree))
    found = limits.annihilator(family, degree)
    limits.sard.check([replace(family, relation=found)], over="a polynomial")
    y = dict(
        zip(labels(4), [sum(c * (3 * x - 5) ** k for k, c in enumerate(psi)) for (x,) in points], strict=True)
    )
    assert found.subs(y) == 0
    assert any(found.subs(dict(zip(labels(4), at, strict=True))) for at in ((1, 2, 0, 1), (1, 0, 0, 2)))


def test_an_equation_of_other_points_is_refused() -> None:
    found = limits.annihilator(Family(CUBIC, 1, LINE[:4]), 3)
    with pytest.raises(ClaimFails, match="do not satisfy"):
        limits.sard.check([Family(CUBIC, 1, ((0,), (1,), (2,), (4,)), found)], over="mutant")


# madden-sard: controls


@pytest.mark.parametrize("psi", ["tanh", "sigmoid", CUBIC])
def test_as_many_labels_as_parameters(psi, records: list) -> None:
    limits.sard.control(Family(psi, 1, LINE[:3]), without=MANY)
    assert "has rank 3: the image contains a ball" in records[-1]["reason"]


def test_exp_wastes_a_parameter() -> None:
    with pytest.raises(ValueError, match="no ball was found"):
        limits.sard.control(Family("exp", 1, LINE[:3]), without=MANY)
    with pytest.raises(ControlFails, match="survives"):
        limits.sard.control(Family("exp", 1, LINE[:3], limits.hankel(1)), without=MANY)


def test_peano_is_the_control_of_lipschitz(records: list) -> None:
    limits.sard.control(PeanoNeuron(4, 1), without=LIPSCHITZ)
    assert "attains all the 81 label vectors" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="another hypothesis"):
        limits.sard.control(PeanoNeuron(3, 1), without=LIPSCHITZ)


@given(st.integers(1, 5), st.integers(1, 3), st.data())
def test_the_time_of_a_point(n: int, digits: int, data: st.DataObject) -> None:
    q = 3**digits
    y = [Fraction(data.draw(st.integers(0, q - 1)), q) for _ in range(n)]
    s = time_of(y, digits)
    assert 0 <= s < 1 and peano(s, n, digits) == y
    assert PeanoNeuron(n, digits).outputs(s) == y


@pytest.mark.parametrize(("n", "digits"), [(2, 1), (2, 3), (3, 2), (4, 1)])
def test_peano_moves_one_cell_at_a_time(n: int, digits: int) -> None:
    """And so it is continuous: two times at most 3^-nr apart lie in cells that are equal or neighbours."""
    q = 3 ** (n * digits)
    path = [peano(Fraction(k, q), n, digits) for k in range(q)]
    steps = {sum(abs(a - b) for a, b in zip(u, v, strict=True)) for u, v in pairwise(path)}
    assert steps == {Fraction(1, 3**digits)}
    assert len({tuple(u) for u in path}) == q
    assert path[-1] == [1 - Fraction(1, 3**digits)] * n  # towards the corner opposite to 0


def test_the_cells_are_nested() -> None:
    for k in range(81):
        coarse = peano(Fraction(k // 9, 9), 2, 1)
        fine = peano(Fraction(k, 81), 2, 2)
        assert all(c <= f < c + Fraction(1, 3) for c, f in zip(coarse, fine, strict=True))


def test_without_reflections_the_curve_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A curve that misses a point is noticed: break the rule of one direction only."""
    real = limits.peano
    monkeypatch.setattr(limits, "peano", lambda s, n, k: real(s, n, k)[::-1])
    with pytest.raises(AssertionError, match="the curve misses"):
        limits.sard.control(PeanoNeuron(4, 1), without=LIPSCHITZ)


def test_peano_psi_between_the_intervals() -> None:
    neuron = PeanoNeuron(2, 1)
    assert [neuron.psi(Fraction(t, 2)) for t in (0, 2, 3, 4, 6)] == [0, 1, HALF, 0, 1]


HALF = Fraction(1, 2)


# madden-poly-ceiling


@given(st.lists(small, min_size=1, max_size=5), st.integers(-3, 3))
def test_the_taylor_coefficients(psi: list, eta: int) -> None:
    t = sympy.Symbol("t")
    shifted = sympy.Poly(sum(c * (t + eta) ** k for k, c in enumerate(psi)), t).all_coeffs()[::-1]
    assert limits.taylor(psi, eta)[: len(shifted)] == shifted
    assert not any(limits.taylor(psi, eta)[len(shifted) :])


def test_the_taylor_coefficients_of_relu() -> None:
    assert limits.taylor("relu", 2) == [2, 1] and limits.taylor("relu", -1) == [0]
    with pytest.raises(ValueError, match="not analytic"):
        limits.taylor("relu", 0)


@given(
    st.lists(small, min_size=1, max_size=4).map(tuple), st.integers(1, 3), st.sampled_from([0, 1, -2, None])
)
@settings(max_examples=30)
def test_no_layer_leaves_its_subspace(psi: tuple, d: int, eta: int | None) -> None:
    points = draw(14, d, seed=d, most=30)
    layer = wide(psi, points, 12, eta, seed=3)
    limits.ceiling.check([layer], over="drawn") if any(psi) else None
    for v in limits.unreachable(layer):
        assert all(dot(v, layer.row(j)) == 0 for j in range(12))
    heights = list(limits.ranks(layer))
    assert heights == sorted(heights) and all(b - a <= 1 for a, b in pairwise([0, *heights]))


@pytest.mark.parametrize(
    ("psi", "K"), [(SQUARE, {2}), ((0, 0, 0, 1), {3}), ((5, 1, 0, 1), {0, 1, 3}), ((0, 1, 1), {1, 2})]
)
@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_ceiling_is_reached(psi: tuple, K: set, d: int) -> None:
    """Generic weights and points attain it; the monomials are counted one by one."""
    expected = sum(len([e for e in product(range(k + 1), repeat=d) if sum(e) == k]) for k in K)
    layer = wide(psi, draw(expected + 2, d, seed=5, most=40), expected + 3, seed=8)
    assert layer.ceiling == expected
    assert list(limits.ranks(layer))[-1] == expected
    assert len(limits.unreachable(layer)) == 2


def test_the_parallelogram_law(records: list) -> None:
    layer = formal(SQUARE, LAW, m=2)
    assert limits.unreachable(layer) == [(2, 2, -1, -1)] or limits.unreachable(layer) == [(-2, -2, 1, 1)]
    limits.ceiling.check([layer, formal((1, 2, 0, 3), draw(16, 2, 1), 1, eta=2)], over="letters")
    limits.ceiling.check([wide(SQUARE, LAW, 9)], over="numbers")
    assert [r["strength"] for r in records] == ["symbolic", "exact"]


def test_free_biases_have_their_own_ceiling() -> None:
    for k, d in product((1, 2, 3), (1, 2)):
        layer = wide((0,) * k + (1,), draw(comb(k + d, d) + 2, d, 7, 50), 14, eta=None)
        assert layer.ceiling == comb(k + d, d) == list(limits.ranks(layer))[-1]


def test_controls_of_the_ceiling(records: list) -> None:
    points = draw(12, 3, 4)
    free = wide(SQUARE, points, 20, eta=None)
    limits.ceiling.control(replace(free, eta=0), without="all biases are eta")
    assert records[-1]["reason"].endswith("20 neurons span labels of dimension 10, and the ceiling is 6")
    limits.ceiling.control(wide("relu", points, 20, eta=1), without="psi is a polynomial")
    with pytest.raises(ControlFails, match="survives"):
        limits.ceiling.control(wide("relu", points[:4], 20, eta=1), without="psi is a polynomial")


def test_a_ceiling_one_too_low_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Layer.ceiling.fget
    monkeypatch.setattr(Layer, "ceiling", property(lambda self: real(self) - 1))
    for layer in (wide(SQUARE, draw(9, 2, 3), 9), formal(SQUARE, LAW, 1)):
        with pytest.raises(ClaimFails, match=r"span labels|vectors are orthogonal"):
            limits.ceiling.check([layer], over="mutant")


@pytest.mark.parametrize("eta", [0, 1])
def test_forgotten_monomials_fail(eta: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real = limits.V
    monkeypatch.setattr(limits, "V", lambda P, degrees: real(P, degrees[1:]))
    with pytest.raises(ClaimFails, match="of the outputs of a neuron is not 0"):
        limits.ceiling.check([formal((1, 0, 1), draw(9, 2, 3), 1, eta)], over="mutant")


def test_expansion_at_the_wrong_point_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The degrees at eta = 1 are 0, 1, 2 for a square, not 2 alone."""
    real = limits.taylor
    monkeypatch.setattr(limits, "taylor", lambda psi, eta: real(psi, 0))
    with pytest.raises(ClaimFails, match="span labels of dimension"):
        limits.ceiling.check([wide(SQUARE, draw(9, 2, 3), 9, eta=1)], over="mutant")


def test_ranks_against_numpy() -> None:
    layer = wide((0, 1, 0, 1), draw(9, 2, 0, most=3), 12)
    rows = np.array([layer.row(j) for j in range(12)], dtype=float)
    assert list(limits.ranks(layer)) == [np.linalg.matrix_rank(rows[:m]) for m in range(1, 13)]
    assert rank([layer.row(0)]) == 1
