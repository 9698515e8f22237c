"""The figures of the bench: what is proved is proved again, what fails is a row, and the budget ends the run."""

import pytest

from memlib.madden import real_data_floats
from memlib.madden.newton_floats import SIZES
from memlib.madden.real_data_floats import ROWS, Reached, one_size, reach


@pytest.mark.parametrize("activation", ["tanh", "gelu"])
def test_a_proved_row(activation: str) -> None:
    row = one_size(3, 10, activation)
    assert row.proved and row.m == 8 and row.reason == ""
    assert row.radius is not None and 0 < row.radius < 1e-9
    assert row.distance is not None and 0 < row.distance < 1e-6


def test_a_failure_is_a_row() -> None:
    row = one_size(1, 40, "gelu")
    assert not row.proved and row.radius is None and "Newton's method stops" in row.reason


def test_the_same_seed_gives_the_same_points() -> None:
    assert one_size(3, 10, "tanh", rng=5).radius == one_size(3, 10, "tanh", rng=5).radius
    assert one_size(3, 10, "tanh", rng=5).radius != one_size(3, 10, "tanh", rng=6).radius


def test_a_refused_inequality_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """If (K) is never proved, no row may say so."""
    import memlib.madden.newton as newton
    from memlib.evidence import Counterexample

    monkeypatch.setattr(newton, "inequality_holds", lambda c: Counterexample("refused"))
    row = one_size(3, 10, "tanh")
    assert not row.proved and "the enclosure fails" in row.reason


def test_the_budget_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        real_data_floats, "one_size", lambda d, n, name: Reached(d, n, 2, name, False, 50.0, reason="x")
    )
    assert len(list(reach("tanh", ROWS, budget=120.0))) == 3
    assert [(r.d, r.n) for r in reach("tanh", ROWS[:2], budget=120.0)] == list(ROWS[:2])
    assert (SIZES[-1][0], 600) == ROWS[-1]
