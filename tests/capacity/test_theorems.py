"""The counts of the theorems: against the networks that are built, against brute force; claims, controls, mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from memlib import memorize
from memlib.capacity import bounds, theorems
from memlib.capacity import crossover as crossing_module
from memlib.capacity.bounds import Cost, ask
from memlib.capacity.crossover import Crossover, crossover, envelope, first_positive, last_failure
from memlib.capacity.theorems import Case, Deep, period
from memlib.claim import ClaimFails, ControlFails
from memlib.vershynin.assembly import Budget, budget

BALL, SIGN = "0 < delta <= 2", "D(n_0) > 0"
ORDER, TWO, LATER, CROSS = (
    theorems.dominates_shallow,
    theorems.factor_two,
    theorems.dominates_deep,
    theorems.crossing,
)
sizes = st.integers(2, 3000)
dimensions = st.integers(1, 60)
separations = st.fractions(Fraction(1, 200), 2, max_denominator=200)


# --- the functions against the networks ---


@pytest.mark.parametrize(("n", "d", "seed"), [(9, 1, 0), (14, 2, 1), (13, 3, 2), (21, 4, 3), (3, 5, 4)])
def test_networks_keep_the_counts(n, d, seed):
    rng = np.random.default_rng(seed)
    X = rng.choice(4001, (n, d), replace=d > 1) - 2000
    while len({tuple(x) for x in X}) < n:
        X = rng.integers(-2000, 2001, (n, d))
    X = (X.reshape(n, d)).tolist()
    bits = ([0, 1] * n)[:n]
    real = rng.integers(-9, 10, n).tolist()
    for method, y, most in (
        ("baum", bits, bounds.bubeck_baum_exact(n, d)),
        ("bubeck-relu", real, bounds.bubeck_relu_2(n, d)),
        ("bubeck-relu-3", real, bounds.bubeck_relu_3(n, d)),
        ("bubeck-relu-4", real, bounds.bubeck_relu_4(n, d)),
        ("madden-relu", real, bounds.madden_relu_exact(n, d)),
    ):
        assert memorize(X, y, method=method, rng=0).hidden_neurons <= most


def test_the_deep_network_keeps_its_counts():
    X = [[Fraction(i, 10), Fraction(j, 10)] for i in range(-4, 5, 2) for j in range(-4, 5, 2)]
    y = [(i + j) % 2 for i in range(5) for j in range(5)]
    net = memorize(X, y, method="rajput", rng=0, parameters="worst-case", stretched=False)
    most = bounds.rajput_main_telescope(25, 2, Fraction(1, 5))
    weights = sum(1 for layer in net.layers for _ in layer.entries)
    assert sum(net.widths) <= most.units
    assert weights <= most.weights
    assert len(net.layers) <= most.layers


# --- the functions against their definitions ---


@given(sizes, dimensions)
def test_least_even_number_and_least_number(n, d):
    m = bounds.madden_main(n, d)
    assert m % 2 == 0 and 2 * n <= m * d and 2 * n > (m - 2) * d
    F = bounds.madden_full_jacobian(n, d)
    assert (F // 2) * (d + 2) + F % 2 >= n > ((F - 1) // 2) * (d + 2) + (F - 1) % 2


@given(st.integers(2, 400), st.integers(1, 40))
def test_worst_labels_of_baum(n, d):
    by_label = [bounds.bubeck_baum_exact(n, d, rare) for rare in range(1, n // 2 + 1)]
    assert max(by_label) == by_label[-1] == bounds.bubeck_baum_exact(n, d)
    assert by_label == sorted(by_label)


@given(sizes, dimensions, separations)
def test_the_length_is_between_pi_and_two_pi_over_delta(n, d, delta):
    k = bounds.least_length(delta)
    side = arb.pi() * (1 / arb(delta.numerator)) * delta.denominator
    assert side <= arb(k) and (k == 2 or arb(k) < 2 * side)
    assert bounds.rajput_main_telescope(n, d, delta).layers == k.bit_length() + 3


@given(st.integers(2, 3000), dimensions, separations)
def test_the_telescope_formulas_at_squares(s, d, delta):
    n = s * s
    k, r = bounds.least_length(delta), bounds.least_parities(n, Fraction(1, 2))
    kappa = arb(2).log() - (1 + arb(-1).exp()).log()
    assert arb(r - 1) < arb(n * (n - 1)).log() / kappa <= arb(r)
    cost = bounds.rajput_main_telescope(n, d, delta)
    assert cost.units == 3 * k * r - r + 2 * s + 3
    assert cost.weights == (d + 6) * k * r + n + r * (3 * s - 4) + s + 2


def test_vershynin_conditions_hold_and_barely():
    def allowed(w):
        return all(bool(p(Budget(1000, (w, w, w)))) for p in budget.hypotheses.values())

    w = bounds.vershynin_width(1000)
    assert allowed(w) and not allowed(w - 1)
    far, near = (bounds.vershynin_assembly(1000, 5, arb(2).sqrt() * t) for t in (1, arb("0.5")))
    first = far.units - 3 * w - 1
    eps = Budget(1000, (w, w, w)).epsilon
    tail = (
        arb(4) / eps
    ).log().sqrt().erfc() / 2  # Q(sqrt 2 t) = erfc(t) / 2, and b = sqrt(2 ln(4 / eps)) here
    assert arb(first) >= (12 * arb(4 * 10**6).log() / (eps**2 * tail)).lower()
    assert far.weights == 5 * first + first * w + 2 * w**2 + w
    assert near.units > 100 * far.units  # closer points need more nodes in the first layer


def test_parameters_needed_is_least():
    for n, units in ((10, 1), (1000, 7), (10**6, 400)):
        W = bounds.parameters_needed(n, units)
        log = (arb(units).log() + 1) / arb(2).log()
        assert 2 * W * log >= n and not 2 * (W - 1) * log >= n


def test_everyone_is_asked_and_sorted():
    rows = ask(100, 5, Fraction(1, 10))
    assert [r.units for r in rows] == sorted(r.units for r in rows)
    assert len({r.claim for r in rows}) == len(rows) == 12
    assert len(ask(100, 5)) == 9  # nothing about deep networks without a separation
    few = {r.claim: r.units for r in ask(100, 5, rarer=3)}
    assert few["bubeck-baum-exact"] == 2 and few["bubeck-relu-2"] == 40


# --- the claims ---


def test_the_order_for_whole_periods(capsys):
    ORDER.check([case for d in (1, 2, 3, 5) for case in period(d)], over="periods")
    ORDER.rejects(Case(9, 3), wrong=theorems.strict_for_more_than_d, says="strict")
    with pytest.raises(ClaimFails, match="hypothesis"):
        ORDER.check([Case(0, 3)], over="nothing")


@given(sizes, dimensions)
def test_a_period_more_keeps_the_order(n, d):
    assert theorems.in_this_order(Case(n, d)) is True
    assert theorems.close_to_the_bounds(Case(min(n, 300), d)) is True


@pytest.mark.parametrize(
    "name", ["madden_full_jacobian", "madden_relu_exact", "bubeck_relu_2", "bubeck_relu_3", "bubeck_relu_4"]
)
def test_a_wrong_count_is_found(monkeypatch, name):
    right = getattr(bounds, name)
    monkeypatch.setattr(bounds, name, lambda n, d: right(n, d) + (n == 12))
    with pytest.raises(ClaimFails, match="formulas say"):
        ORDER.check(period(2), over="a mutant")


def test_wrong_cases_of_equality_are_found(monkeypatch):
    monkeypatch.setattr(theorems, "equal_groups", lambda it: sum(divmod(it.n - 1, it.d + 1)) <= it.d)
    with pytest.raises(ClaimFails, match="exactly if h"):
        ORDER.check(period(2), over="a mutant")


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("madden_relu_exact", lambda n, d: 2 * -(-n // d), "ReLU"),
        ("madden_sard", lambda n, d: -(-n // (d + 1)), "smooth"),
        ("bubeck_baum_exact", lambda n, d: -(-n // d), "thresholds"),
        ("limits_alternation", lambda n, d: -(-n // d), "thresholds"),
    ],
)
def test_wrong_bounds_are_found(monkeypatch, name, wrong, says):
    monkeypatch.setattr(bounds, name, wrong)
    with pytest.raises(ClaimFails, match=says):
        TWO.check([Case(n, d) for d in (1, 2, 3) for n in range(2, 40)], over="mutants")


def test_factor_two_and_its_wrong_versions():
    TWO.check([Case(n, d) for d in range(1, 8) for n in range(2, 80)], over="a table")
    TWO.rejects(Case(6, 2), wrong=theorems.twice_for_every_count, says="twice")
    TWO.rejects(Case(4, 3), wrong=theorems.baum_meets_alternation, says="equal")
    with pytest.raises(ControlFails):  # at these sizes the wrong version is right
        TWO.rejects(Case(5, 2), wrong=theorems.baum_meets_alternation, says="equal")


def test_the_second_theorem_is_smaller(monkeypatch):
    grid = [Deep.of(n, d, Fraction(2, q)) for n in (2, 3, 50, 10**6) for d in (1, 20) for q in (1, 2, 9, 500)]
    LATER.check(grid, over="a grid")
    LATER.control(Deep.of(10, 2, 4), without=BALL)
    with pytest.raises(ClaimFails, match="not next above"):
        LATER.check([replace(grid[0], side=arb(3))], over="another k")
    right = bounds.rajput_main_telescope
    monkeypatch.setattr(
        theorems, "rajput_main_telescope", lambda n, d, delta: replace(right(n, d, delta), weights=10**9)
    )
    with pytest.raises(ClaimFails, match="weights against"):
        LATER.check(grid, over="a mutant")


@given(sizes, st.integers(1, 200), separations)
def test_the_second_theorem_is_smaller_everywhere(n, d, delta):
    assert theorems.smaller_in_everything(Deep.of(n, d, delta)) is True


# --- the crossover ---


@pytest.mark.parametrize("what", ["units", "weights"])
@pytest.mark.parametrize(("d", "q"), [(1, 1), (2, 1), (1, 8)])
def test_the_crossover_by_looking_at_every_n(d, q, what):
    it = crossover(d, Fraction(1, q), what)
    start = it.least - 3 if what == "units" else max(2, it.least - 2000)
    wrong = [n for n in range(start, min(it.start, start + 4000)) if it.deep(n) >= it.shallow(n)]
    assert max(wrong) == it.least - 1
    assert not [n for n in range(it.start, it.start + 500) if it.deep(n) >= it.shallow(n)]


@given(st.integers(2, 10**7), st.integers(1, 60), separations, st.sampled_from(["units", "weights"]))
def test_the_envelope_is_below_the_difference(n, d, delta, what):
    it = Crossover(d, delta, n, n, what)
    assert envelope(it, n) <= it.shallow(n) - it.deep(n)
    assert envelope(it, 1) < 0


@given(st.integers(0, 5000), dimensions, st.sampled_from(["units", "weights"]))
def test_the_last_n_below_a_count(count, d, what):
    it = Crossover(d, Fraction(1), 2, 2, what)
    n = it.last_below(count)
    assert (n < 1 or it.shallow(n) <= count) and it.shallow(n + 1) > count


@given(st.integers(2, 4000), st.integers(1, 10), st.sampled_from(["units", "weights"]))
def test_counts_grow_and_the_sign_changes_once(n, d, what):
    it = Crossover(d, Fraction(1, 2), 2, 2, what)
    assert it.deep(n) <= it.deep(n + 1) and it.shallow(n) <= it.shallow(n + 1)
    N = first_positive(it)
    assert envelope(it, N) > 0 and not envelope(it, N - 1) > 0
    assert all(envelope(it, N * j) > 0 for j in (2, 3, 10))


def test_crossovers_move_with_dimension_and_separation():
    by_d = [crossover(d, Fraction(1, 3)).least for d in (1, 2, 4, 9)]
    by_delta = [crossover(4, Fraction(2, q)).least for q in (1, 4, 16, 64)]
    assert all(a < b for a, b in pairwise(by_d)) and all(a < b for a, b in pairwise(by_delta))


def test_the_claim_on_crossovers(monkeypatch):
    it = crossover(10, Fraction(1, 10))
    CROSS.check([it, crossover(3, Fraction(1, 2), "weights")], over="two")
    CROSS.control(replace(it, start=it.least // 2, least=it.least // 2), without=SIGN)
    with pytest.raises(ClaimFails, match="hypothesis"):
        CROSS.check([replace(it, delta=Fraction(3))], over="too far apart")
    with pytest.raises(ClaimFails, match="already"):
        CROSS.check([replace(it, least=it.least + 1)], over="one too late")
    with pytest.raises(ClaimFails, match="against"):
        CROSS.check([replace(it, least=it.least - 1)], over="one too early")
    right = crossing_module.rajput_main_telescope

    def heavier(n, d, delta):
        cost = right(n, d, delta)
        return Cost(cost.units * 4, cost.weights, cost.layers)

    monkeypatch.setattr(crossing_module, "rajput_main_telescope", heavier)
    with pytest.raises(ClaimFails):
        CROSS.check([it], over="a mutant")


def test_last_failure_from_a_start_that_fails():
    it = crossover(2, Fraction(1))
    assert last_failure(it, it.least - 1) == it.least - 1
