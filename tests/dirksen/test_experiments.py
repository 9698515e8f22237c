"""Published figures against ours: exact tails, runs by two routes, controls, and mutants; resumable sweeps."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import experiments as e
from memlib.dirksen import experiments_floats as drawn
from memlib.dirksen import sweep
from memlib.dirksen.experiments import Rerun, binomial, count, lower_end, meets
from memlib.dirksen.separation_floats import hyperplanes
from memlib.evidence import Frequency

HALF = Fraction(1, 2)
CELL = (100, Fraction(3, 4))
eighths = st.integers(0, 8).map(lambda k: Fraction(k, 8))


@given(st.integers(1, 12), eighths)
def test_binomial_against_scipy(r: int, p: Fraction) -> None:
    law = binomial(r, p)
    assert sum(law) == 1
    assert np.allclose([float(q) for q in law], binom.pmf(range(r + 1), r, float(p)))


@given(st.integers(1, 60), st.data())
def test_two_tails_are_the_interval_of_scipy(r: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, r))
    low, high = sorted(data.draw(st.tuples(eighths, eighths)))
    a = 0.0005
    left = beta.ppf(a, k, r - k + 1) if k else 0.0
    right = beta.ppf(1 - a, k + 1, r - k) if k < r else 1.0
    assert meets(k, r, low, high) == (left <= high and low <= right)


@pytest.mark.parametrize("k", [0, 1, 10, 34, 49, 50])
def test_the_lower_end_is_a_bound_from_above(k: int) -> None:
    exact = beta.ppf(0.0005, k, 51 - k) if k else 0.0
    assert exact - 1e-12 <= float(lower_end(k)) <= exact + 2e-9


def test_counts_meet_their_bounds_and_copies_do_not() -> None:
    e.meeting.check(
        [count(r, p, p, p) for r in (1, 7, 50) for p in (Fraction(0), HALF, Fraction(1, 9))], over=""
    )
    with pytest.raises(ClaimFails, match="outside"):
        e.meeting.check([count(5, HALF, Fraction(2, 3), Fraction(1))], over="")
    e.meeting.control(count(50, Fraction(9, 10), Fraction(0), HALF), without=e.BETWEEN)
    e.meeting.control(count(50, Fraction(1, 10), HALF, Fraction(1)), without=e.BETWEEN)
    copies = tuple(Fraction(int(k in (0, 50)), 2) for k in range(51))
    e.meeting.control(e.Count(copies, HALF, HALF, HALF), without=e.INDEPENDENT)


def test_the_level_is_not_better_than_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    loose = count(50, Fraction(1, 7), Fraction(1, 7), Fraction(1, 7), Fraction(1, 10))
    e.meeting.rejects(loose, says="level 1/50", wrong=lambda it: e.interval_meets(it, Fraction(1, 50)))
    monkeypatch.setattr(  # a mutant that cuts more than alpha / 2 off a side
        e, "at_least_half", lambda t, r, p, a: t * a.denominator >= 3 * a.numerator * p.denominator**r
    )
    with pytest.raises(ClaimFails):
        e.meeting.check([loose], over="")


def test_swapped_ends_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e, "meets", lambda k, r, low, high, alpha: meets(k, r, high, low, alpha))
    with pytest.raises(ClaimFails):
        e.meeting.check([count(20, Fraction(1, 5), Fraction(1, 20), HALF)], over="")


def test_the_table_is_the_one_of_the_notes() -> None:
    assert len(e.PUBLISHED) == 30
    assert e.PUBLISHED[CELL] == (34, Fraction(8)) and e.PUBLISHED[500, Fraction(5, 2)] == (
        50,
        Fraction(31, 5),
    )
    assert all(0 <= k <= 50 and w > 2 for k, w in e.PUBLISHED.values())


def test_agreement_and_its_controls() -> None:
    e.agreement.check(e.ends([CELL], runs=200), over="a cell")
    e.agreement.control(Rerun(100, Fraction(5, 2), CELL, runs=200), without=e.SAME_CELL)
    e.agreement.control(Rerun(*CELL, CELL, runs=200, scale=Fraction(1, 4)), without="the largest norm is 1")
    with pytest.raises(ControlFails, match="another hypothesis"):
        e.agreement.control(
            Rerun(100, Fraction(5, 2), CELL, runs=200, scale=HALF), without="the largest norm is 1"
        )


@pytest.mark.parametrize(
    "mutant",
    [
        lambda n, d, lam, rng: hyperplanes(n // 2, d, lam, rng),
        lambda n, d, lam, rng: hyperplanes(n, d, 0, rng),
    ],
)
def test_agreement_sees_another_first_layer(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "hyperplanes", mutant)
    drawn.count_successes.cache_clear()
    with pytest.raises(ClaimFails):
        e.agreement.check(e.ends([CELL], runs=200), over="a cell")
    drawn.count_successes.cache_clear()


def test_ends_ask_what_happened() -> None:
    assert [it.failures for it in e.ends([CELL])] == [False, True]
    assert [it.failures for it in e.ends([(50, Fraction(0))])] == [True]
    assert [it.failures for it in e.ends([(500, Fraction(1))])] == [False]


@pytest.mark.parametrize("n", [10, 40, 200])
@pytest.mark.parametrize("seed", range(4))
def test_three_routes_to_a_run(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    minus, plus = (X[::5] for X in drawn.two_moons())
    W, b = hyperplanes(n, 2, 0.75, rng)
    order = rng.permutation(len(minus)).tolist()
    bits = drawn.features(minus, W, b), drawn.features(plus, W, b)
    found = drawn.whole_run(*bits, order)
    assert found == drawn.whole_run_by_matrices(minus @ W.T + b > 0, plus @ W.T + b > 0, order)
    pairs = all(y & ~x for x in bits[0] for y in bits[1])
    assert found[0] == pairs


def test_one_key_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = drawn.cell(1000, 60, "0.75", 6, 5)
    assert sum(whole["success"]) == drawn.count_successes(60, Fraction(3, 4), 6, 5)
    monkeypatch.setattr(drawn, "SMALL", 10)
    monkeypatch.setattr(drawn, "BLOCK", 600)
    assert drawn.cell(1000, 60, "0.75", 6, 5) == whole


@pytest.mark.parametrize("lam", [0, 0.75])
def test_pair_probabilities_against_drawn_hyperplanes(lam: float) -> None:
    minus, plus = drawn.two_moons()
    p = drawn.pair_probabilities(lam).reshape(len(minus), len(plus))[:40, :40]
    W, b = hyperplanes(20_000, 2, lam, 1)
    left, right = ((X[:40] @ W.T + b > 0).astype(float) for X in (minus, plus))
    share = (1 - left) @ right.T / 20_000
    assert np.abs(share - p).max() < 6 * 0.5 / np.sqrt(20_000)


def test_sandwich_of_the_notes() -> None:
    assert drawn.sandwich(200, 0.75) == pytest.approx((0.716, 0.998), abs=6e-4)
    assert drawn.sandwich(500, 2.5) == pytest.approx((0.624, 0.993), abs=6e-4)


def test_two_lines_need_a_neuron_a_point() -> None:
    minus, plus = drawn.two_lines(20)
    assert np.linalg.norm(minus - plus, axis=1) == pytest.approx(np.full(10, 0.1))
    runs = [drawn.one_run((minus, plus), 2000, 1.0, np.random.default_rng(s)) for s in range(5)]
    assert all(ok and 9 <= w <= 10 for ok, w in runs)


# --- sweeps ---


def square(n: int, word: str) -> dict:
    return {"value": n * n, "word": word}


def fails_at_three(n: int, word: str) -> dict:
    if n == 3:
        raise RuntimeError("stopped")
    return square(n, word)


CELLS = [(n, "a") for n in (4, 1, 3, 2)]


def test_a_sweep_goes_on_where_it_was(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "new" / "cells.jsonl", []
    calls: list[int] = []

    def counted(n: int, word: str) -> dict:
        calls.append(n)
        return square(n, word)

    counted.__module__, counted.__qualname__ = square.__module__, "square"
    first = sweep.sweep(counted, CELLS[:2], path, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)] and calls == [4, 1]
    with path.open("a") as file:
        file.write('["half a li')  # killed while it wrote
    whole = sweep.sweep(counted, CELLS, path, progress=lambda done, of: seen.append((done, of)))
    assert calls == [4, 1, 3, 2] and seen[2:] == [(3, 4), (4, 4)]
    assert whole == {cell: square(*cell) for cell in CELLS} and first.items() <= whole.items()
    assert [json.loads(line)[1][0] for line in path.read_text().splitlines()] == [4, 1, 3, 2]


def test_an_error_keeps_what_is_done(tmp_path) -> None:
    path = tmp_path / "cells.jsonl"
    with pytest.raises(RuntimeError, match="stopped"):
        sweep.sweep(fails_at_three, CELLS, path)
    assert set(sweep.finished(fails_at_three, path)) == {(4, "a"), (1, "a")}
    assert sweep.finished(square, path) == {}  # the results of another function are not taken


def test_processes_give_what_one_gives(tmp_path) -> None:
    one = sweep.rate_map((20, 60), ("0.5", "0.75"), 4, tmp_path / "one", N=200)
    two = sweep.rate_map((20, 60), ("0.5", "0.75"), 4, tmp_path / "two", N=200, jobs=2)
    assert one == two and [len(row) for row in one] == [2, 2]
    assert one[1][1] == drawn.cell(200, 60, "0.75", 4, 0)


def test_a_cluster_gives_what_one_process_gives(tmp_path) -> None:
    """The same call on a local cluster of Dask: joblib hands the cells to its workers."""
    distributed = pytest.importorskip("distributed")
    from joblib import parallel_config

    cells = ((20, 60), ("0.5", "0.75"), 4)
    here = sweep.rate_map(*cells, tmp_path / "here", N=200)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        parallel_config(backend="dask", client=client),
    ):
        there = sweep.rate_map(*cells, tmp_path / "there", N=200, jobs=-1)
        tasks = client.run(lambda dask_worker: len(dask_worker.state.log))
    assert there == here and sum(tasks.values()) > 0


def test_cells_are_ints_and_strings(tmp_path) -> None:
    with pytest.raises(TypeError, match=r"0\.5"):
        sweep.sweep(square, [(1, 0.5)], tmp_path / "cells")


def test_a_frequency_at_both_ends_needs_both() -> None:
    it = Rerun(*CELL, CELL, runs=50)
    up = Rerun(*CELL, CELL, runs=50, failures=True)
    a, b = (e.probability_is_in_the_interval(x) for x in (it, up))
    assert isinstance(a, Frequency) and a.hits + b.hits == 50
