"""Novikoff's bound: all orders on small tasks, random separable tasks, every control, mutants that turn red."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib.background import perceptron
from memlib.background.perceptron import Task, longest_run, mistakes, path
from memlib.claim import ClaimFails
from memlib.exact import dot

STAR = (Fraction(3, 5), Fraction(-4, 5))
TASK = Task(((3, 1), (1, 2), (2, -1)), (1, -1, 1), STAR, 10)


def unit_vectors(n: int) -> Task:
    e = tuple(tuple(int(i == j) for j in range(n)) for i in range(n))
    return Task(e, (1,) * n, (1,) * n, 1)


@st.composite
def tasks(draw) -> Task:
    """Points off a hyperplane w.v = 0, with the side as the label and w / gap as separator."""
    d = draw(st.integers(1, 3))
    w = draw(st.tuples(*[st.integers(-3, 3)] * d).filter(any))
    candidates = draw(st.lists(st.tuples(*[st.integers(-4, 4)] * d), min_size=1, max_size=6))
    points = tuple(v for v in candidates if dot(w, v)) or (w,)
    gap = min(abs(dot(w, v)) for v in points)
    labels = tuple(1 if dot(w, v) > 0 else -1 for v in points)
    radius = max(dot(v, v) for v in points)
    return Task(points, labels, tuple(Fraction(c, gap) for c in w), radius)


@given(tasks())
def test_every_run_is_short(task: Task) -> None:
    perceptron.novikoff.check([task], over="a drawn task")
    run = path(task, most=10**4)
    assert mistakes(task, run[-1]) == []
    assert all(dot(w, w) <= k * task.radius_squared for k, w in enumerate(run))
    assert all(sum(a * c for a, c in zip(w, task.separator, strict=True)) >= k for k, w in enumerate(run))


def test_the_example_by_hand() -> None:
    assert path(TASK, 10) == ((0, 0), (3, 1), (2, -1), (1, -3), (4, -2), (3, -4))
    assert longest_run(TASK, 99) == 5
    assert TASK.allowed == 10


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_unit_vectors_reach_the_bound(n: int) -> None:
    task = unit_vectors(n)
    assert longest_run(task, 99) == task.allowed == len(path(task, 99)) - 1 == n


def test_the_longest_run_by_brute_force() -> None:
    """All sequences of visits, one by one."""

    def longest(w: tuple, depth: int) -> int:
        wrong = mistakes(TASK, w)
        return max((1 + longest(perceptron.corrected(TASK, w, i), depth + 1) for i in wrong), default=0)

    assert longest((0, 0), 0) == longest_run(TASK, 99)
    for order in permutations(range(3)):
        shuffled = replace(TASK, points=tuple(TASK.points[i] for i in order),
                           labels=tuple(TASK.labels[i] for i in order))  # fmt: skip
        assert len(path(shuffled, 99)) - 1 <= longest_run(TASK, 99)


def test_controls() -> None:
    claim = perceptron.novikoff
    claim.control(Task(((1, 0), (1, 0)), (1, -1), (1, 0), 1), without="y_i w*.v_i >= 1")
    claim.control(replace(TASK, radius_squared=1), without="|v_i| <= R")
    claim.control(Task(((1,),), (2,), (Fraction(1, 2),), 1), without="the labels are 1 or -1")
    claim.rejects(unit_vectors(3), says="half", wrong=perceptron.half_as_many)


def test_a_wrong_step_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        perceptron,
        "corrected",
        lambda task, w, i: tuple(a - task.labels[i] * c for a, c in zip(w, task.points[i], strict=True)),
    )
    with pytest.raises(ClaimFails, match="more than 10 corrections"):
        perceptron.novikoff.check([TASK], over="mutant")


def test_a_bound_that_is_too_small_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Task, "allowed", property(lambda task: task.radius_squared * 2))
    with pytest.raises(ClaimFails, match="more than 2 corrections"):
        perceptron.novikoff.check([unit_vectors(3)], over="mutant")


def test_a_perceptron_that_stops_early_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perceptron, "path", lambda task, most: ((0,) * len(task.points[0]),))
    with pytest.raises(ClaimFails, match="stops with point 0"):
        perceptron.novikoff.check([TASK], over="mutant")


def test_the_exercise_on_two_points() -> None:
    pair = Task(((20, 1), (-19, 1)), (1, 1), (0, 1), 800)
    assert len(path(pair, 500)) - 1 == 37
