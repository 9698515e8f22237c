"""Greedy covers and pruning: against the plain rule and all subsets, and networks through the certificate."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib import checker, data
from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import greedy
from memlib.dirksen.algorithm_floats import bits as bits_of
from memlib.dirksen.algorithm_network import cover_greedily, draw, fit
from memlib.dirksen.greedy import Picks, greedy_cover, prune, regions, restricted, sides
from memlib.dirksen.worst_case import interpolates, unseparated
from memlib.points import input_scale, to_integers

MOST = "each pick covers most of what is uncovered"
families = st.lists(st.integers(0, 255), min_size=1, max_size=7)
bits = st.lists(st.integers(0, 127), min_size=1, max_size=5)


@given(families)
def test_the_picks_are_those_of_sets(sets: list) -> None:
    universe = 0
    for s in sets:
        universe |= s
    picks, left = greedy_cover(sets, universe), {i for i in range(8) if universe >> i & 1}
    for k in picks:
        sizes = [len({i for i in range(8) if s >> i & 1} & left) for s in sets]
        assert k == sizes.index(max(sizes)) and max(sizes) > 0
        left -= {i for i in range(8) if sets[k] >> i & 1}
    assert not left


def test_a_family_that_does_not_cover_is_refused() -> None:
    with pytest.raises(ValueError, match="element 2 lies in no set"):
        greedy_cover([1, 2], 7)
    with pytest.raises(ValueError, match="element 0 lies in no set"):
        greedy_cover([], 1)
    assert greedy_cover([3], 0) == []


@given(families)
def test_the_bound_on_drawn_families(sets: list) -> None:
    size = max(s.bit_length() for s in sets) or 1
    sets = [*sets, (1 << size) - 2, 1]
    greedy.greedy.check(
        [Picks(tuple(sets), size, tuple(greedy_cover(sets, (1 << size) - 1)))], over="a drawn family"
    )


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_bad_example_of_the_exercise(k: int) -> None:
    """Two rows of 2^k - 1 points are enough; greedy takes the blocks of columns, the last one point by point."""
    columns = 2**k - 1
    row = (1 << columns) - 1
    sets, start = [], 0
    for j in reversed(range(1, k)):
        block = ((1 << 2**j) - 1) << start
        sets.append(block | block << columns)
        start += 2**j
    sets += [1 << start, 1 << start + columns, row, row << columns]
    picks = greedy_cover(sets, (1 << 2 * columns) - 1)
    it = Picks(tuple(sets), 2 * columns, tuple(picks))
    if k > 1:
        assert len(picks) == k + 1 and greedy.least_cover(sets, it.universe) == 2
    greedy.greedy.check([it], over="the exercise")


def test_controls(records: list) -> None:
    greedy.greedy.control(Picks((1, 2, 4, 8, 15), 4, (0, 1, 2, 3)), without=MOST)
    assert "4 sets were picked, 1 are enough, the bound is 25/12" in records[-1]["reason"]
    greedy.greedy.control(Picks((1, 2), 3, (0, 1)), without="the sets cover everything")
    with pytest.raises(ControlFails, match="nothing was broken"):
        greedy.greedy.control(Picks((3, 1), 2, (0,)), without=MOST)
    assert not greedy.each_covers_most(Picks((3, 1), 2, (0, 1)))  # it goes on when all is covered
    with pytest.raises(ClaimFails, match="element 1 stays uncovered"):  # it stops too early
        greedy.greedy.check([Picks((1, 2), 2, (0,))], over="half a cover")


def test_a_harmonic_sum_that_is_too_short_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    middle = Picks((3, 7, 14, 28, 56, 48), 6, (2, 5, 0))
    greedy.greedy.check([middle], over="the street")
    monkeypatch.setattr(greedy, "harmonic", lambda s: Fraction(1))
    with pytest.raises(ClaimFails, match="3 sets were picked, 2 are enough"):
        greedy.greedy.check([middle], over="the street")


def test_the_least_cover_by_hand() -> None:
    assert greedy.least_cover([3, 6, 12, 9], 15) == 2 and greedy.least_cover([1, 15], 15) == 1
    assert greedy.least_cover([], 0) == 0 and greedy.harmonic(4) == Fraction(25, 12)
    with pytest.raises(ValueError, match="do not cover"):
        greedy.least_cover([1], 3)


@given(bits, bits)
def test_pruned_layers_succeed_exactly_where_the_pool_does(minus: list, plus: list) -> None:
    if unseparated(minus, plus) is not None:
        with pytest.raises(ValueError, match="no hyperplane separates point"):
            prune(minus, plus, 7)
        return
    kept = prune(minus, plus, 7)
    few = restricted(minus, kept), restricted(plus, kept)
    assert unseparated(*few) is None and interpolates(*few, range(len(minus)))
    assert len(set(kept)) == len(kept)
    pairs = len(minus) * len(plus)
    least = next(
        size for size in range(8) for some in combinations(range(7), size)
        if unseparated(restricted(minus, some), restricted(plus, some)) is None
    )  # fmt: skip
    assert len(kept) <= greedy.harmonic(pairs) * least


@given(bits, bits)
def test_pruning_is_the_cover_of_the_pairs(minus: list, plus: list) -> None:
    if unseparated(minus, plus) is None:
        sets = [
            sum(1 << (k * len(plus) + j) for k, x in enumerate(minus) for j, y in enumerate(plus) if ~x & y & (1 << i))
            for i in range(7)
        ]  # fmt: skip
        assert prune(minus, plus, 7) == greedy_cover(sets, (1 << len(minus) * len(plus)) - 1)


@given(bits)
def test_sides_transpose(features: list) -> None:
    assert sides(features, 7) == [sum(1 << k for k, z in enumerate(features) if z >> i & 1) for i in range(7)]


@given(bits, bits)
def test_the_greedy_layer_of_fit_is_the_greedy_cover_of_the_regions(minus: list, plus: list) -> None:
    if unseparated(minus, plus) is None:
        found = [k for k, _ in cover_greedily(minus, plus, range(len(minus)))]
        assert found == greedy_cover(regions(minus, plus), (1 << len(minus)) - 1)


def test_a_kept_hyperplane_less_is_seen() -> None:
    X, y = data.two_moons(100, rng=0, noise=0.05)
    rows = draw(to_integers(X), 256, 0)
    z = bits_of(rows, to_integers(X))
    minus, plus = ([z[i] for i in range(100) if y[i] == c] for c in (1, 0))
    kept = prune(minus, plus, 256)
    assert len(kept) <= 8
    assert unseparated(restricted(minus, kept[:-1]), restricted(plus, kept[:-1])) is not None


@pytest.mark.parametrize("seed", range(3))
def test_the_network_through_the_certificate(seed: int) -> None:
    X, y = data.two_moons(200, rng=seed, noise=0.05)
    net = fit(to_integers(X), y.tolist(), input_scale(X), seed, width=256, cover="greedy", prune=True)
    assert net.widths[0] <= 10 and net(X) == tuple(y.tolist())
    checker.verify(net.certificate(X, y).document)
    pool = draw(to_integers(X), 256, seed)
    assert {row[:-1] for row in pool} >= set(net.layers[0].weights)
    document = net.certificate(X, y).document
    document["layers"][1]["biases"][0] += net.widths[0]  # now this neuron fires everywhere
    with pytest.raises(checker.Rejected):
        checker.verify(document)
