"""Detectors, the half-way bias under extreme errors, ReLU in two precisions, circles of any size."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails
from memlib.dirksen import real_data as r
from memlib.dirksen import real_data_floats as drawn
from memlib.dirksen.algorithm import Task, interpolates
from memlib.dirksen.experiments_floats import two_moons
from memlib.dirksen.real_data import Rounded, decisions_survive
from memlib.dirksen.separation_floats import hyperplanes
from memlib.points import input_scale, to_integers

rationals = st.fractions(0, 10, max_denominator=16)


@st.composite
def neurons(draw, share=None) -> Rounded:
    covered = tuple(draw(st.lists(rationals, min_size=1, max_size=4)))
    plus = tuple(max(covered) + draw(rationals) + Fraction(1, 16) for _ in range(draw(st.integers(1, 4))))
    part = draw(st.fractions(0, Fraction(24, 100))) if share is None else share
    return Rounded(covered, plus, part * (min(plus) - max(covered)))


@given(neurons(), st.integers(0, 2**32))
def test_half_way_survives_drawn_errors_too(it: Rounded, seed: int) -> None:
    assert decisions_survive(it) is True
    rng = np.random.default_rng(seed)

    def rounded(s: Fraction) -> Fraction:
        return s + it.error * Fraction(int(rng.integers(-100, 101)), 100)

    bias = Fraction(max(map(rounded, it.covered)) + min(map(rounded, it.plus)), 2)
    assert all(bias - rounded(s) > 0 for s in it.covered)
    assert all(bias - rounded(s) < 0 for s in it.plus)


@given(neurons(share=Fraction(1, 4)))
def test_a_quarter_is_sharp(it: Rounded) -> None:
    assert not decisions_survive(it)
    r.halfway.control(it, without=r.ROOM)


@given(neurons(share=Fraction(1, 10**9)))
def test_the_bias_m_never_survives(it: Rounded) -> None:
    answer = decisions_survive(it, bias=r.at_least_sum)
    assert not answer and "(X^+)" in repr(answer)
    r.halfway.rejects(it, says="m", wrong=lambda x: decisions_survive(x, bias=r.at_least_sum))


def test_a_bias_off_the_middle_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    it = Rounded((Fraction(0), Fraction(1)), (Fraction(2),), Fraction(24, 100))
    r.halfway.check([it], over="")
    third = lambda low, high: Fraction(2 * low + high, 3)  # noqa: E731
    with pytest.raises(ClaimFails):
        monkeypatch.setattr(r.halfway, "conclusion", lambda x: decisions_survive(x, bias=third))
        r.halfway.check([it], over="")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_half_way_interpolates_what_is_covered(dtype) -> None:
    classes = tuple(X[::4] for X in two_moons())
    whole = [drawn.relu_run(classes, 60, 0.75, seed, dtype, True) for seed in range(12)]
    assert {done for *_, done in whole} == {True, False}
    assert all((a == b == 0) == done for a, b, done in whole)
    edge = [drawn.relu_run(classes, 60, 0.75, seed, dtype, False) for seed in range(12)]
    assert any(b for _, b, _ in edge) and [d for *_, d in edge] == [d for *_, d in whole]


@pytest.mark.parametrize("seed", range(3))
def test_the_relu_run_covers_what_the_exact_run_covers(seed: int) -> None:
    """Another route: the same first layer in rationals, the candidates in the same order."""
    classes = tuple(X[::50] for X in two_moons())
    rng = np.random.default_rng(seed)
    W, b = hyperplanes(12, 2, 0.75, rng)
    rows = tuple((*map(Fraction, w), Fraction(c)) for w, c in zip(W.tolist(), b.tolist(), strict=True))
    minus, plus = (tuple(tuple(map(Fraction, x)) for x in X.tolist()) for X in classes)
    task = Task(rows, minus, plus, "ReLU", ())
    order = rng.permutation(len(minus)).tolist()
    found = drawn.relu_run(classes, 12, 0.75, seed, np.float64, True)
    assert found[2] == bool(interpolates(task, task.run(order)))


def test_sums_in_order_are_rounded_one_by_one() -> None:
    terms = np.array([1, 2**-24, 2**-24], dtype=np.float32)
    assert drawn.in_order(terms) == 1 and drawn.in_order(terms[::-1]) == 1 + 2**-23


def test_detectors_through_the_checker() -> None:
    X, y = data.wine()
    nets = r.detectors(to_integers(X), y, input_scale(X), width=200, cover="greedy", prune=True)
    assert list(nets) == [0, 1, 2]
    for c, net in nets.items():
        document = net.certificate(X, data.indicator(y, c)).document
        checker.verify(document)
        document["labels"][0] = 1 - document["labels"][0]
        with pytest.raises(checker.Rejected):
            checker.verify(document)
    answers = [net(X) for net in nets.values()]
    assert [r.first_that_fires(a) for a in zip(*answers, strict=True)] == y.tolist()


def test_argmax_hides_a_silent_first_detector() -> None:
    assert r.first_that_fires((0, 0, 0)) == 0 and r.first_that_fires((0, 1, 1)) == 1


def test_circles_have_their_labels_and_radius() -> None:
    X, y = drawn.circles(41, rng=3)
    centre = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])[np.arange(41) % 4]
    assert np.linalg.norm(X - centre, axis=1) == pytest.approx(np.full(41, 0.1), abs=1e-4)
    assert all((abs(x) > 0.5) == label for (x, _), label in zip(X, y, strict=True))
