"""Chebyshev's differences, the smoothed ReLU and the step: laws, oracles by other routes, mutants that turn red."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from memlib.bubeck import differences
from memlib.bubeck.differences import (
    Difference,
    Field,
    Kinks,
    Pair,
    Peak,
    Smoothed,
    ball_rule,
    fourier_bound,
    hermite,
    overshoot,
    peak_of_density,
    pieces,
    rule,
    sign_of,
)
from memlib.claim import ClaimFails, ControlFails
from tests import strategies as own

odd = st.integers(0, 7).map(lambda m: 2 * m + 1)
T = sympy.Symbol("t", real=True)
SIGMA = sympy.Symbol("sigma", positive=True)


def equidistant(p: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(2 * j - p, p) for j in range(p + 1))


# bubeck-cheb-diff


@given(odd, st.data())
def test_the_rule_differentiates_and_a_higher_degree_spoils_it(p: int, data) -> None:
    c = tuple(data.draw(st.lists(own.small, min_size=p + 2, max_size=p + 2)))
    if p > 5:  # sympy's roots are slow
        differences.chebyshev.check([Difference(p, c, equidistant(p))], over="drawn")
    t, weights = ball_rule(p)
    for extra, exact in ((0, True), (1, False)):
        values = [sum(a * v**e for e, a in enumerate(c)) + extra * v ** (p + 2) for v in t]
        total = sum((w * value for w, value in zip(weights, values, strict=True)), arb(0))
        assert total.overlaps(arb(c[1])) is exact


@pytest.mark.parametrize("p", [1, 3, 5])
def test_three_kinds_of_numbers_agree(p: int) -> None:
    t, weights = rule(p)
    assert all(
        arb(str(sympy.N(a, 30))).overlaps(b + arb(0, 1e-12)) for a, b in zip(t, ball_rule(p)[0], strict=True)
    )
    for a, b in zip(weights, ball_rule(p)[1], strict=True):
        assert abs(float(a) - float(b)) < 1e-12
    field = Field(p)
    z = np.exp(1j * np.pi / p)
    for a, b in zip(field.rule()[1], weights, strict=True):
        value = sum(float(Fraction(int(c.p), int(c.q))) * z**e for e, c in enumerate(a.coeffs()))
        assert value == pytest.approx(complex(b), abs=1e-12)


def test_letters(records: list) -> None:
    items = [Difference(p, sympy.symbols(f"q:{p + 2}"), equidistant(p)) for p in (1, 3)]
    differences.chebyshev.check(items, over="letters")
    assert records[-1]["strength"] == "symbolic"


def test_controls_of_the_rule() -> None:
    differences.chebyshev.control(Difference(2, sympy.symbols("q:4"), equidistant(2)), without="p is odd")
    quintic = Difference(3, (0, 1, 0, 0, 0, 1), equidistant(3))
    differences.chebyshev.control(quintic, without="degree at most p + 1")
    far = Difference(1, (0, 1, 0), (Fraction(-2), Fraction(2)))
    differences.chebyshev.control(far, without="the rival's nodes lie in [-1, 1]")
    with pytest.raises(ControlFails, match="survives"):  # farther than 1, and yet no cheaper
        lopsided = Difference(1, (0, 1, 0), (Fraction(0), Fraction(3, 2)))
        differences.chebyshev.control(lopsided, without="the rival's nodes lie in [-1, 1]")


@given(st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=40))
def test_no_rival_is_cheaper(s: Fraction) -> None:
    rival = (Fraction(-1), -s, s, Fraction(1))
    weights = Difference(3, (0, 1), rival).rival_weights()
    for e in range(4):
        assert sum(w * t**e for w, t in zip(weights, rival, strict=True)) == (e == 1)
    assert sum(abs(w) for w in weights) == 1 / (s * (1 - s)) - 1 >= 3  # the exercise's formula


def mutants():
    weight = differences.weight
    yield "no halves at the ends", lambda p, j, s: weight(p, 1, s) * (-1) ** (j + 1)
    yield "wrong sign", lambda p, j, s: -weight(p, j, s)
    yield "no p", lambda p, j, s: weight(p, j, s) * p
    yield "no alternation", lambda p, j, s: weight(p, j, s) * (-1) ** j


@pytest.mark.parametrize(("name", "mutant"), list(mutants()))
@pytest.mark.parametrize("p", [3, 7])
def test_a_wrong_weight_is_noticed(name: str, mutant, p: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rule.cache_clear()
    monkeypatch.setattr(differences, "weight", mutant)
    try:
        with pytest.raises(ClaimFails):
            differences.chebyshev.check([Difference(p, (0, 1, 2, 3, 4), equidistant(p))], over=name)
    finally:
        rule.cache_clear()


# bubeck-smooth-relu


def test_smoothed_relu_in_letters_and_in_samples(records: list) -> None:
    differences.smooth_relu.check([Smoothed(T, SIGMA, r) for r in (0, 1, 3)], over="letters")
    assert records[-1]["strength"] == "symbolic"
    drawn = np.random.default_rng(0).standard_normal(400_000)
    formula = float(differences.smoothed_relu(sympy.Rational(1, 2), sympy.Rational(3, 2)).evalf())
    assert np.maximum(0.5 + 1.5 * drawn, 0).mean() == pytest.approx(formula, abs=0.01)


def test_the_peaks(records: list) -> None:
    peaks = [Peak(r, fourier_bound(r)) for r in range(10)]
    differences.smooth_relu.check(peaks, over="peaks")
    assert records[-1]["strength"] == "enclosure"
    u = np.linspace(-6, 6, 24_001)
    for peak in peaks:
        grid = np.abs(hermite(peak.r, u) * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)).max()
        assert grid <= float(peak.bound) * (1 + 1e-9)
        assert (peak_of_density(Peak(peak.r, arb(grid * 0.999))) is True) is False
        if peak.r % 2 == 0:
            assert grid == pytest.approx(float(peak.bound), rel=1e-6)


def test_controls_of_the_smoothed_relu() -> None:
    differences.smooth_relu.control(Smoothed(T, sympy.Integer(-1), 0), without="sigma > 0")
    differences.smooth_relu.rejects(
        Peak(2, fourier_bound(2)), wrong=lambda q: peak_of_density(Peak(2, q.bound * 99 / 100)), says="0.99"
    )


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("smoothed_relu", lambda t, s: t * differences.distribution(t / s) - s * differences.density(t / s)),
        ("hermite", lambda k, z: z**k),
        ("distribution", lambda u: 1 - (1 + sympy.erf(u / sympy.sqrt(2))) / 2),
    ],
)
def test_a_wrong_formula_is_noticed(name: str, mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, name, mutant)
    with pytest.raises(ClaimFails):
        differences.smooth_relu.check([Smoothed(T, SIGMA, 2)], over=name)


# bubeck-difference-step


@given(st.sampled_from([1, 3]), own.fractions, own.fractions, own.fractions.filter(bool))
def test_the_step_on_rationals(p: int, c: Fraction, b: Fraction, delta: Fraction) -> None:
    pair = Pair(p, c, b, delta)
    differences.step.check([pair], over="drawn")
    t, weights = rule(p)
    direct = sum(w * max(c + delta * v * b, 0) for w, v in zip(weights, t, strict=True)) / delta
    assert pair.value == direct
    assert Pair(p, c, b, -delta).value == direct


@pytest.mark.parametrize("p", [1, 3])
def test_the_pieces_are_everything(p: int, records: list) -> None:
    differences.step.check(pieces(p), over="pieces")
    assert records[-1]["strength"] == "symbolic"
    kinks = sorted(-Fraction(str(v)) for v in rule(p)[0])
    assert len(pieces(p)) == 2 * (len(kinks) + (len(kinks) - 1) + 2)  # at, between, outside; two signs


def test_overshoots() -> None:
    assert overshoot(1) == 0
    assert overshoot(3).overlaps(arb(fmpq(1, 12)))
    limit = 2 * arb.const_catalan() / arb.pi() - arb(fmpq(1, 2))
    assert abs(float(overshoot(201) - limit)) < 1e-6
    for p in (5, 9, 31):
        t, weights = (np.array([float(v) for v in part]) for part in ball_rule(p))
        u = np.linspace(-1.1, 1.1, 4001)
        assert -np.min(weights @ np.maximum(u + t[:, None], 0)) == pytest.approx(
            float(overshoot(p)), abs=2e-3
        )


def test_controls_and_mutants_of_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    differences.step.control(Pair(3, 1, 1, 0), without="delta is not 0")
    differences.step.check([Kinks(p, arb(fmpq(1, 6))) for p in (3, 9)], over="kinks")
    with pytest.raises(ClaimFails, match="at a kink"):
        differences.step.check([Kinks(3, arb(fmpq(1, 13)))], over="too little")
    with pytest.raises(
        ClaimFails, match="not decided"
    ):  # the bound is attained: equal numbers that are not rational
        differences.step.check([Kinks(5, overshoot(5))], over="no room")
    t, weights = rule(3)
    monkeypatch.setattr(differences, "rule", lambda p: (t, (*weights[:-1], 0)))
    with pytest.raises(ClaimFails):
        differences.step.check(pieces(3), over="a node dropped")
    monkeypatch.setattr(differences, "rule", lambda p: (t, tuple(2 * w for w in weights)))
    with pytest.raises(ClaimFails):
        differences.step.check(pieces(3), over="doubled")


@pytest.mark.parametrize("factor", [fmpq(9, 10), fmpq(11, 10)])
def test_a_step_that_ends_too_low_or_too_high_is_noticed(factor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        differences, "ball_rule", lambda p: (ball_rule(p)[0], [w * factor for w in ball_rule(p)[1]])
    )
    with pytest.raises(ClaimFails, match="ends at"):
        differences.step.check([Kinks(9, arb(fmpq(1, 3)))], over="no plateau at 1")


def test_the_plateaus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule whose weights do not add up to 0 keeps the mirror symmetry, but not the plateau."""
    assert [Pair(3, c, 1, 1).plateau for c in (-1, 0, 1)] == [0, None, 1]
    assert Pair(3, 2, -1, -2).plateau == -1 and Pair(3, 0, 0, 1).plateau == 0
    monkeypatch.setattr(Pair, "value", property(lambda self: self.b * sympy.Rational(1, 2)))
    with pytest.raises(ClaimFails, match="where all neurons are on"):
        differences.step.check([Pair(3, 2, 1, 1)], over="F = b / 2")


def test_signs_of_sums() -> None:
    r, s = sympy.symbols("r s", positive=True)
    assert [sign_of(v) for v in (r + s, -r * s - 2, r - r, 0, sympy.sqrt(5) - 3)] == [1, -1, 0, 0, -1]
    with pytest.raises(ValueError, match="not known"):
        sign_of(r - s)
    with pytest.raises(ValueError, match="not known"):
        sign_of(sympy.Symbol("x"))
