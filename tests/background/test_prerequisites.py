"""The prerequisites: counting against formulas, ranks by two routes, Sauer's lemma on all small families, mutants."""

from fractions import Fraction
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.background import prerequisites as pre
from memlib.background.prerequisites import Chosen, Draw, Family, Reduction
from memlib.claim import ClaimFails, ControlFails
from memlib.exact import rank, rank_mod
from tests.strategies import affinely_independent

PRIMES = (2, 3, 5, 7)


def families(n: int) -> list[tuple]:
    every = list(product((0, 1), repeat=n))
    return list(chain.from_iterable(combinations(every, k) for k in range(1, len(every) + 1)))


# --- general position ---


@pytest.mark.parametrize(
    "n, d, N", [(1, 1, 2), (1, 3, 2), (2, 1, 6), (3, 1, 7), (2, 2, 4), (3, 2, 4), (2, 3, 2)]
)
def test_special_position_is_rare(n: int, d: int, N: int) -> None:
    pre.gp_random.check([Draw(n, d, tuple(range(N)))], over="a grid")


def test_one_dimension_is_the_birthday_problem() -> None:
    assert pre.chance_of_special_position(Draw(3, 1, tuple(range(5)))) == 1 - Fraction(5 * 4 * 3, 5**3)
    assert pre.chance_of_special_position(Draw(3, 2, (0, 1, 2))) == Fraction(
        225 + 8 * 6, 9**3
    )  # 8 lines of 3


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=5))
def test_general_position_against_fractions(points: list) -> None:
    subsets = (s for k in range(1, min(len(points), 3) + 1) for s in combinations(points, k))
    assert pre.in_general_position(tuple(points)) == all(affinely_independent(s) for s in subsets)


def test_controls_of_general_position() -> None:
    pre.gp_random.control(Draw(2, 1, (0, 0, 0, 1)), without="the elements of S differ")
    diagonal = tuple(product(((s, s) for s in range(4)), repeat=3))
    pre.gp_random.control(
        Draw(3, 2, tuple(range(4)), diagonal), without="the coordinates are independent and uniform"
    )
    pre.gp_random.rejects(Draw(3, 2, (0, 1, 2)), says="no degree", wrong=pre.degree_left_out)


def test_a_position_test_that_asks_too_much_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pre, "in_general_position", lambda points: False)
    pre.chance_of_special_position.cache_clear()
    with pytest.raises(ClaimFails, match="the probability is 1"):
        pre.gp_random.check([Draw(2, 1, (0, 1, 2))], over="mutant")
    pre.chance_of_special_position.cache_clear()


# --- ranks ---


@given(
    st.integers(1, 3).flatmap(
        lambda m: st.lists(st.tuples(*[st.integers(-6, 6)] * m), min_size=1, max_size=3)
    ),
    st.sampled_from(PRIMES),
)
@settings(max_examples=60, deadline=None)
def test_rank_mod_p(rows: list, p: int) -> None:
    it = Reduction(tuple(rows), p)
    pre.rank_mod_p.check([it], over="drawn matrices")
    assert pre.rank_by_counting(it) == rank_mod(rows, p)
    assert (p in pre.bad_primes(it.rows)) == (rank_mod(rows, p) < rank(rows))


def test_degenerate_matrices() -> None:
    zero = Reduction(((0, 0), (0, 0)), 3)
    pre.rank_mod_p.check([zero, Reduction(((0,),), 2), Reduction(((5,),), 5)], over="edges")
    assert pre.rank_by_counting(zero) == 0 and pre.bad_primes(zero.rows) == []


def test_controls_of_the_rank() -> None:
    pre.rank_mod_p.control(Reduction(((2,),), 4), without="p is prime")
    bad = Reduction(((1, 2), (3, 8)), 2)
    pre.rank_mod_p.rejects(bad, says="equal", wrong=pre.rank_mod_p_is_the_rank)
    with pytest.raises(ControlFails, match="not refuted"):
        pre.rank_mod_p.rejects(Reduction(bad.rows, 3), says="equal", wrong=pre.rank_mod_p_is_the_rank)


def test_too_many_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        pre.solutions(Reduction(((1, 2, 3),), 2**61 - 1))


@pytest.mark.parametrize(
    "name, mutant, says",
    [
        ("rank", lambda rows: 1, "the rank mod 3 is 2, over Q it is 1"),
        ("minors", lambda rows, size: iter((3, 6)), "a minor is spared: False"),
        ("bad_primes", lambda rows: [3, 5, 7, 11, 13], "5 primes from 3 on"),
    ],
)
def test_a_wrong_part_of_the_rank_is_noticed(monkeypatch, name, mutant, says) -> None:
    monkeypatch.setattr(pre, name, mutant)
    with pytest.raises(ClaimFails, match=says):
        pre.rank_mod_p.check([Reduction(((1, 2), (3, 8)), 3)], over="mutant")


# --- shattering ---


def test_sauer_on_all_families_of_three_points() -> None:
    pre.sauer.check([pre.with_dimension(3, f) for f in families(3)], over="all families")
    pre.sauer.check([pre.with_dimension(n, f) for n in (1, 2) for f in families(n)], over="all families")


@given(st.sets(st.tuples(*[st.integers(0, 1)] * 5), min_size=1, max_size=20))
def test_sauer_on_drawn_families(labellings: set) -> None:
    family = pre.with_dimension(5, sorted(labellings))
    pre.sauer.check([family], over="drawn families")
    # shattering by another route: the restriction has 2^k members
    shattered = [
        s for s in family.shattered() if len({tuple(y[i] for i in s) for y in labellings}) == 2 ** len(s)
    ]
    assert shattered == family.shattered()


@pytest.mark.parametrize("n, D", [(1, 0), (3, 1), (5, 2), (6, 6)])
def test_the_bound_is_reached(n: int, D: int) -> None:
    family = pre.at_most_ones(n, D)
    assert pre.vc_dimension(n, family.labellings) == D
    assert len(family.shattered()) == len(family.labellings)


def test_half_planes() -> None:
    triangle = ((0, 0), (2, 0), (0, 2))
    assert len(pre.half_space_labellings(triangle)) == 8
    four = (*triangle, (2, 2))
    assert pre.vc_dimension(4, pre.half_space_labellings(four)) == 3
    assert set(product((0, 1), repeat=4)) - set(pre.half_space_labellings(four)) == {
        (1, 0, 0, 1),
        (0, 1, 1, 0),
    }
    pre.shatter.check([Chosen(pre.half_space_labellings(triangle), (0, 1, 2))], over="a triangle")
    pre.shatter.rejects(Chosen(pre.half_space_labellings(four), (0, 1, 2, 3)), says="a square")


def test_every_four_points_of_the_plane_fail() -> None:
    grid = list(product(range(3), repeat=2))
    for four in combinations(grid, 4):
        assert pre.vc_dimension(4, pre.half_space_labellings(four)) <= 3


def test_controls_of_sauer() -> None:
    pre.sauer.control(Family(2, tuple(product((0, 1), repeat=2)), 1), without="no D + 1 points are shattered")
    pre.sauer.control(Family(1, ((0,), (0,)), 0), without="no labelling is listed twice")
    pre.sauer.control(Family(1, ((0,), (1,), (2,)), 1), without="the labels are 0 and 1")
    pre.sauer.rejects(pre.at_most_ones(3, 1), says="2^D", wrong=pre.only_two_to_the_D)


def test_a_shattering_test_that_is_too_strict_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    family = pre.at_most_ones(3, 2)
    monkeypatch.setattr(pre, "missing_pattern", lambda labellings, some: (1,) if some else None)
    with pytest.raises(ClaimFails, match="only 1 sets are shattered by 7"):
        pre.sauer.check([family], over="mutant")


def test_a_pattern_that_is_forgotten_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pre, "unit_patterns", lambda points: ((0, 0, 1), (0, 1, 0)))
    with pytest.raises(ClaimFails, match=r"no labelling is \(0, 1, 1\)"):
        labellings = pre.half_space_labellings(((0, 0), (2, 0), (0, 2)))
        pre.shatter.check([Chosen(labellings, (0, 1, 2))], over="mutant")
