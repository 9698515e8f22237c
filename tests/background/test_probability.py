"""The four inequalities: laws on random finite laws, oracles from scipy, every control, and mutants that turn red."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from memlib.background import laws, probability
from memlib.background.laws import Independent, Joint, Variable, at_least, coin, dependence, mean, sign
from memlib.background.laws import sum_distribution as total
from memlib.background.probability import (
    Count,
    binomial,
    centred_sum,
    hoeffding_suffices,
    hoeffding_sum,
    tabulate,
)
from memlib.background.probability_floats import binomial_tails, distinct_codes
from memlib.claim import ClaimFails, ControlFails

numbers = st.fractions(-3, 3, max_denominator=4)
GLUED = Joint(((1,) * 5, (-1,) * 5), (1, 1))
FIVE = Independent((sign(),) * 5)


@st.composite
def variables(draw, values=numbers) -> Variable:
    chosen = draw(st.lists(values, min_size=1, max_size=3, unique=True))
    weights = draw(st.lists(st.integers(1, 9), min_size=len(chosen), max_size=len(chosen)))
    return Variable(tuple(chosen), tuple(weights))


some_laws = st.lists(variables(), min_size=1, max_size=4).map(lambda v: Independent(tuple(v)))
unit_laws = st.lists(variables(st.fractions(0, 1, max_denominator=4)), min_size=1, max_size=5).map(
    lambda v: Independent(tuple(v))
)


def as_joint(law: Independent) -> Joint:
    points, weights = zip(*laws.points_with_weights(law), strict=True)
    return Joint(points, weights)


# laws


@given(some_laws)
def test_a_product_law_is_independent_and_has_the_same_sum(law: Independent) -> None:
    joint = as_joint(law)
    assert dependence(joint) is None
    assert joint.marginals == law.marginals
    assert total(joint) == total(law)
    assert mean(total(law)) == sum(mean(m) for m in law.marginals)
    assert sum(total(law).values()) == 1


def test_dependence_is_named() -> None:
    assert dependence(Joint(((0, 0), (1, 1)), (1, 1))) == "(0, 0) has probability 1/2, not 1/4"
    assert dependence(Joint(((0, 0), (1, 0)), (1, 2))) is None


@pytest.mark.parametrize(("m", "q"), [(1, 2), (7, 3), (40, 10)])
def test_binomial_laws_agree_with_scipy(m: int, q: int) -> None:
    law = total(binomial(m, Fraction(1, q)))
    for k in range(m + 1):
        assert float(at_least(law, k)) == pytest.approx(binom.sf(k - 1, m, 1 / q), rel=1e-9)


def test_variance_and_rounding() -> None:
    assert laws.variance({1: Fraction(1, 2), -1: Fraction(1, 2)}) == 1
    words = [probability.rounded(Fraction(*p)) for p in ((1, 2), (0, 1), (1234, 10**4), (5678, 10**9))]
    assert words == ["1/2", "0", "0.123", "5.68e-6"]


# background-hoeffding


@given(some_laws, numbers, st.fractions(0, 9, max_denominator=3))
def test_hoeffding_holds(law: Independent, s: Fraction, t: Fraction) -> None:
    instance = hoeffding_sum(law, s, t)
    if instance.V > 0:
        probability.hoeffding.check([instance], over="a drawn law")
        probability.hoeffding.check([replace(instance, law=as_joint(law))], over="the same as a table")


def test_controls_of_hoeffding(records: list) -> None:
    five = hoeffding_sum(FIVE, 1, 5)
    probability.hoeffding.control(hoeffding_sum(GLUED, 1, 5), without="the X_i are independent")
    probability.hoeffding.control(replace(five, ranges=((0, 1),) * 5), without="X_i lies in [a_i, b_i]")
    probability.hoeffding.control(replace(five, t=-3), without="t >= 0")
    for s, divisor, factor in ((1, 8, 4), (Fraction(1, 4), 9, 2)):
        probability.hoeffding.rejects(
            replace(five, s=s),
            says="x",
            wrong=lambda x, d=divisor, f=factor: probability.hoeffding_with(x, d, f),
        )
    assert len(records) == 5
    with pytest.raises(ControlFails, match="survives"):
        probability.hoeffding.control(hoeffding_sum(GLUED, 1, 6), without="the X_i are independent")


@pytest.mark.parametrize(("divisor", "factor"), [(8, 3), (9, 2)])
def test_wrong_constants_fail_the_check(divisor: int, factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = lambda x: probability.hoeffding_with(x, divisor, factor)  # noqa: E731
    monkeypatch.setattr(probability.hoeffding, "conclusion", wrong)
    with pytest.raises(ClaimFails):
        probability.hoeffding.check([hoeffding_sum(FIVE, Fraction(1, 9), 5)], over="mutant")


def test_a_forgotten_centre_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probability, "mean", lambda law: Fraction(0))
    with pytest.raises(ClaimFails):
        probability.hoeffding.check(
            [hoeffding_sum(Independent((coin(Fraction(1, 2)),)), 1, 1)], over="mutant"
        )


def test_constants_are_degenerate() -> None:
    constant = hoeffding_sum(Independent((Variable((3,), (1,)),)), 1, 1)
    assert repr(probability.within_ranges(constant)) == "all ranges have length 0"


@pytest.mark.parametrize(("n", "enough"), [(1059, False), (1060, True)])
def test_the_exercise_on_samples(n: int, enough: bool) -> None:
    assert hoeffding_suffices(n, Fraction(1, 20), Fraction(1, 100)) is enough


# background-chernoff


@given(unit_laws, st.fractions(Fraction(1, 3), 3, max_denominator=6), st.fractions(0, 3, max_denominator=6),
       st.sampled_from([1, -1]))  # fmt: skip
def test_chernoff_holds(law: Independent, stretch: Fraction, far: Fraction, side: int) -> None:
    mu = mean(total(law)) * stretch
    instance = Count(law, mu, mu * far, side)
    if all(h(instance) is True for h in probability.chernoff.hypotheses.values()):
        probability.chernoff.check([instance], over="a drawn law")


def test_controls_of_chernoff(records: list) -> None:
    claim = probability.chernoff
    doubled = Independent((Variable((0, 2), (9, 1)),) * 10)
    claim.control(Count(doubled, 2, 8, 1), without="the X_i lie in [0, 1]")
    alike = Joint(((1,) * 8, (0,) * 8), (1, 1))
    claim.control(Count(alike, 4, 8, 1), without="the X_i are independent")
    claim.control(Count(alike, 4, 0, -1), without="the X_i are independent")
    ten = Count(binomial(20, Fraction(1, 2)), 10, 16, 1)
    claim.control(replace(ten, mu=5), without="EX <= mu (upper tail), EX >= mu (lower)")
    claim.control(replace(ten, nu=7), without="nu >= mu (upper tail), nu <= mu (lower)")
    six = Count(binomial(200, Fraction(1, 200)), 1, 6, 1)
    claim.rejects(six, says="x", wrong=lambda x: probability.chernoff_with(x, most=None))
    assert "5.64e-4" in records[-1]["reason"]


def coins_at_two(side: int) -> list[Count]:
    return [Count(binomial(m, Fraction(1, 2)), Fraction(m, 2), nu, side)
            for m in (2, 20, 200) for nu in range(m + 1) if side * (2 * nu - m) >= 0]  # fmt: skip


@pytest.mark.parametrize(("constants", "side"), [({"lower": 1}, -1), ({"upper": 1}, 1)])
def test_better_constants_fail_the_check(constants: dict, side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    probability.chernoff.check(coins_at_two(side), over="fair coins")
    rare = [Count(binomial(200, Fraction(1, 20)), 10, 20 if side == 1 else 1, side)]
    monkeypatch.setattr(
        probability.chernoff, "conclusion", lambda x: probability.chernoff_with(x, **constants)
    )
    with pytest.raises(ClaimFails, match="exceeds"):
        probability.chernoff.check(rare, over="mutant")


def test_the_wrong_tail_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Count, "tail", property(lambda x: at_least(total(x.law), x.nu)))
    with pytest.raises(ClaimFails, match="exceeds"):
        probability.chernoff.check(coins_at_two(-1), over="mutant")


@pytest.mark.parametrize("nu", [Fraction(1, 3), Fraction(7, 2), 4])
def test_the_cramer_bound_agrees_with_floats(nu) -> None:
    bound = np.exp(float(nu) - 2) * (2 / float(nu)) ** float(nu)
    for factor, holds in ((0.999, True), (1.001, False)):
        assert probability.below_cramer(Fraction(bound * factor), 2, nu) is holds
    assert probability.below_cramer(Fraction(1, 8), 2, 0)
    assert not probability.below_cramer(Fraction(1, 7), 2, 0)


def test_the_cramer_bound_takes_any_fraction() -> None:
    fine = 10**60
    for mu, nu in ((1, Fraction(2 * fine + 1, fine)), (Fraction(fine + 1, fine), Fraction(fine + 2, fine))):
        bound = float(nu - mu) + float(nu) * float(np.log(float(Fraction(mu) / nu)))
        assert probability.below_cramer(Fraction(np.exp(bound) * 0.999), mu, nu)
        assert not probability.below_cramer(Fraction(np.exp(bound) * 1.001), mu, nu)
    assert probability.below_cramer(Fraction(1), nu, nu) and not probability.below_cramer(
        1 + Fraction(1, fine), nu, nu
    )
    assert probability.below_cramer(Fraction(0), 1, fine) and not probability.below_cramer(
        Fraction(1, fine), 1, fine
    )
    assert probability.below_cramer(Fraction(1), 1, 0, drop_mu=True)


@pytest.mark.parametrize(("mu", "nu"), [(0, 1), (-1, 1), (1, -1)])
def test_the_cramer_bound_refuses(mu: int, nu: int) -> None:
    with pytest.raises(ValueError, match="mu > 0"):
        probability.below_cramer(Fraction(1, 2), mu, nu)


# background-bernstein


@given(some_laws, st.fractions(0, 9, max_denominator=3))
def test_bernstein_holds(law: Independent, t: Fraction) -> None:
    centred = Independent(
        tuple(Variable(tuple(x - mean(v.distribution) for x in v.values), v.weights) for v in law.variables)
    )
    instance = centred_sum(centred, t)
    if instance.M > 0:
        probability.bernstein.check([instance], over="a drawn law")


def test_controls_of_bernstein() -> None:
    claim = probability.bernstein
    one = centred_sum(Independent((Variable((1, 0, -1), (1, 98, 1)),)), 1)
    claim.control(replace(one, M=Fraction(1, 10)), without="|X_i| <= M")
    coins = centred_sum(Independent((sign(),) * 20), 12)
    claim.control(replace(coins, v=5), without="the variances sum to at most v")
    claim.control(replace(coins, t=-12), without="t >= 0")
    drift = Independent((Variable((1, -1), (9, 1)),) * 20)
    claim.control(centred_sum(drift, 16), without="EX_i = 0")
    claim.control(centred_sum(GLUED, 5), without="the X_i are independent")


@pytest.mark.parametrize("share", [Fraction(0), Fraction(1, 20)])
def test_a_smaller_share_of_m_fails_the_check(share: Fraction, monkeypatch: pytest.MonkeyPatch) -> None:
    rare = centred_sum(Independent((Variable((1, 0, -1), (1, 998, 1)),) * 10), 4)
    probability.bernstein.check([rare], over="rare")
    wrong = lambda x: probability.bernstein_with(x, share)  # noqa: E731
    monkeypatch.setattr(probability.bernstein, "conclusion", wrong)
    with pytest.raises(ClaimFails, match="exceeds the bound"):
        probability.bernstein.check([rare], over="mutant")


# background-mcdiarmid


@st.composite
def functions(draw):
    law = draw(
        st.lists(variables(st.integers(0, 4)), min_size=1, max_size=3).map(lambda v: Independent(tuple(v)))
    )
    table = {x: draw(numbers) for x in product(*law.marginals)}
    c = []
    for i in range(len(law.variables)):
        steps = [abs(table[x] - table[z]) for x in table for z in table
                 if all(a == b for j, (a, b) in enumerate(zip(x, z, strict=True)) if j != i)]  # fmt: skip
        c.append(max(steps))
    return tabulate(law, table.get, tuple(c), draw(st.fractions(0, 5, max_denominator=3)))


@given(functions())
def test_mcdiarmid_holds(instance) -> None:
    if any(instance.c):
        probability.mcdiarmid.check([instance], over="a drawn function")


@given(some_laws, st.fractions(0, 6, max_denominator=3))
def test_sums_give_the_law_of_the_sum(law: Independent, t: Fraction) -> None:
    c = tuple(max(m) - min(m) for m in law.marginals)
    assert tabulate(law, sum, c, t).distribution == total(law)


def test_controls_of_mcdiarmid() -> None:
    claim, fair = probability.mcdiarmid, tabulate(FIVE, sum, (2,) * 5, 5)
    claim.control(replace(fair, c=(1,) * 5), without="changing x_i changes f by at most c_i")
    claim.control(tabulate(GLUED, sum, (2,) * 5, 5), without="the X_i are independent")
    claim.control(replace(fair, t=-3), without="t >= 0")
    claim.rejects(fair, says="x", wrong=lambda x: probability.mcdiarmid_with(x, 4))
    one = replace(fair, c=(1, 2, 2, 2, 2))  # only the first is too small
    assert "coordinate 0 moves f by 2" in repr(probability.differences_are_bounded(one))


def test_a_larger_factor_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = lambda x: probability.mcdiarmid_with(x, 3)  # noqa: E731
    monkeypatch.setattr(probability.mcdiarmid, "conclusion", wrong)
    with pytest.raises(ClaimFails, match="exceeds the bound"):
        probability.mcdiarmid.check([tabulate(FIVE, sum, (2,) * 5, 5)], over="mutant")


# pictures


def test_curves_lie_above_the_truth() -> None:
    curves = binomial_tails(200, 0.05, np.arange(11, 41))
    assert all((curves[name] >= curves["true"]).all() for name in ("Chernoff", "Bernstein", "Hoeffding"))


def test_distinct_codes_by_enumeration() -> None:
    draws = Independent((Variable((0, 1, 2), (1, 1, 1)),) * 4)
    exact = tabulate(draws, lambda x: len(set(x)), (1,) * 4, 1).distribution
    assert distinct_codes(4, 3) == pytest.approx([float(exact.get(k, 0)) for k in range(5)])
