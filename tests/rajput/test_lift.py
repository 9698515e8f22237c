"""Characters, the coupon collector and the lift: laws, oracles by enumeration, and mutants that must be noticed."""

import random
from fractions import Fraction
from itertools import product
from math import exp

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.rajput import chain, lift
from memlib.rajput.chain import Chain, character, coupon_mean, coupon_tail, lifted
from memlib.rajput.lift import CodeSet, Collector, Lift, Lifted, Signs, cube
from memlib.rajput.lift_floats import distinct_words, random_words, rank_growth

DISTINCT, ENOUGH = "the codes are distinct", "N >= s ln(qs/eta) and 0 < eta < 1"
HALF = Fraction(1, 2)
words = st.integers(0, 15)
code_sets = st.lists(st.integers(0, 7), min_size=1, max_size=6, unique=True).map(tuple)


# rajput-characters


@given(words, words, words)
def test_characters_multiply(S: int, a: int, b: int) -> None:
    assert character(S, a) * character(S, b) == character(S, a ^ b)
    assert character(S, a) * character(a ^ b, a) == character(S ^ a ^ b, a)
    assert character(S, a) == (-1) ** sum((S >> i & 1) * (a >> i & 1) for i in range(4))


@given(st.lists(words, min_size=1, max_size=6))
def test_orthogonal_iff_distinct(codes: list) -> None:
    x = CodeSet(tuple(codes), 4)
    assert bool(lift.characters_are_orthogonal(x)) == (len(set(codes)) == len(codes))
    assert bool(lift.codes_are_distinct(x)) == (len(set(codes)) == len(codes))


def test_characters_in_letters(records: list) -> None:
    lift.characters.check([Signs(sympy.symbols("e1:5"))], over="letters", case="r = 4")
    assert records[-1]["strength"] == "symbolic"
    lift.characters.check([cube(4)], over="all codes of four bits")
    assert records[-1]["strength"] == "exact" and records[-1]["inhabited"]


def test_controls_of_the_characters(records: list) -> None:
    lift.characters.control(CodeSet((0, 3, 5, 3), 3), without=DISTINCT)
    assert "the mean of chi chi^T is 1 at (1, 3)" in records[-1]["reason"]
    lift.characters.rejects(cube(4), wrong=lift.raw_bits_are_orthogonal, says="raw bits")
    assert "1/2 at (0, 1)" in records[-1]["reason"]
    orthogonal = CodeSet((0b0000, 0b0011), 4)  # these two differ in half of the bits
    with pytest.raises(ControlFails, match="is not refuted"):
        lift.characters.rejects(orthogonal, wrong=lift.raw_bits_are_orthogonal, says="raw bits")


def test_wrong_characters_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "character", lambda S, c: -1 if (S ^ c).bit_count() % 2 else 1)
    with pytest.raises(ClaimFails, match="the mean of chi chi"):
        lift.characters.check([cube(2)], over="mutant: xor in place of and")


# rajput-coupon


@given(code_sets)
def test_the_chain_against_enumeration(codes: tuple) -> None:
    """All sequences of at most four sets of two bits; ranks by sympy."""
    codes = tuple(dict.fromkeys(c & 3 for c in codes))
    tails = Chain(codes, (0, 1, 2, 3)).tails(3)
    for N in (1, 2, 3):
        missing = sum(
            sympy.Matrix(lifted(codes, sets)).rank() < len(codes) for sets in product(range(4), repeat=N)
        )
        assert tails[N] == Fraction(missing, 4**N)


@given(code_sets)
def test_coupons_on_all_codes(codes: tuple) -> None:
    lift.coupon.check([Collector(codes, 3, most=10)], over="drawn codes")


@given(st.integers(1, 3))
def test_subcubes_are_coupons(t: int) -> None:
    subcube = Chain(tuple(range(2**t)), tuple(range(8)))
    assert subcube.tails(9) == [coupon_tail(2**t, N) for N in range(10)]
    assert subcube.expected() == coupon_mean(2**t)


def test_the_law_of_coupons_against_enumeration() -> None:
    for s in (1, 2, 3):
        for N in range(6):
            missing = sum(len(set(kinds)) < s for kinds in product(range(s), repeat=N))
            assert coupon_tail(s, N) == Fraction(missing, s**N)
    assert coupon_mean(4) == Fraction(25, 3)
    assert sum(coupon_tail(4, N) for N in range(120)) == pytest.approx(25 / 3)


def test_a_translation_changes_nothing() -> None:
    codes = (0, 3, 5, 6, 1)
    for a in range(8):
        moved = Chain(tuple(c ^ a for c in codes), tuple(range(8)))
        assert moved.tails(9) == Chain(codes, tuple(range(8))).tails(9)


def test_controls_of_the_coupons(records: list) -> None:
    lift.coupon.control(Collector((0, 1, 1), 2), without=DISTINCT)
    assert "P(T > 3) is 1" in records[-1]["reason"]
    assert Chain((0, 1, 1), (0, 1, 2, 3)).expected() is None
    lift.coupon.rejects(Collector((0, 1, 2, 3), 2), wrong=lift.raw_bits_are_quick, says="single bits")
    with pytest.raises(ControlFails, match="still holds"):
        lift.coupon.control(Collector((0, 1), 2), without=DISTINCT)


@pytest.mark.parametrize("shift", [1, 2])
def test_a_quicker_collector_is_noticed(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lift, "coupon_tail", lambda s, N: coupon_tail(s, N + shift))
    with pytest.raises(ClaimFails, match=r"P\(T > \d\) is"):
        lift.coupon.check([Collector((0, 1, 2, 3), 2)], over="mutant: one coupon is free")


def test_a_smaller_mean_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lift, "coupon_mean", lambda s: coupon_mean(s) - Fraction(1, 1000))
    with pytest.raises(ClaimFails, match=r"E\[T\] is 25/3"):
        lift.coupon.check([Collector((0, 1, 2, 3), 2)], over="mutant")


# rajput-lift


def test_sizes_of_blocks_and_numbers_of_parities() -> None:
    assert [lift.block_size(n) for n in (1, 2, 4, 5, 9, 10, 16, 17)] == [1, 2, 2, 3, 3, 4, 4, 5]
    assert [len(b) for b in lift.cut(range(10), 4)] == [4, 4, 2]
    for n in (1, 7, 64, 1000):
        s, N = lift.block_size(n), lift.enough_parities(n, HALF)
        padded = s * -(-n // s)
        assert padded * exp(-N / s) <= 0.5 < padded * exp(-(N - 1) / s)


@given(st.lists(st.integers(0, 31), min_size=1, max_size=8).filter(any))
def test_the_layer_at_all_codes(subsets: list) -> None:
    lift.lift.check([Lifted(5, tuple(subsets))], over="drawn sets")


def test_the_counted_probability_against_enumeration() -> None:
    x = Lift((0, 1, 2), 2, 3, HALF)  # blocks of two and one
    good = sum(
        all(lift.independent(lifted(b, sets)) for b in x.blocks) for sets in product(range(4), repeat=3)
    )
    assert x.probability == Fraction(good, 64) and 0 < good < 64


def test_the_lift(records: list) -> None:
    some = [Lift(tuple(range(n)), 3, lift.enough_parities(n, HALF), HALF) for n in (1, 2, 5, 8)]
    lift.lift.check(some, over="counted")
    assert records[-1]["strength"] == "exact"
    drawn = Lift(distinct_words(30, 40, 1), 40, lift.enough_parities(30, HALF), HALF, trials=60)
    lift.lift.check([drawn], over="drawn")
    assert records[-1]["strength"] == "statistical"


def test_controls_of_the_lift(records: list) -> None:
    few = Lift(tuple(range(8)), 3, 2, HALF)
    lift.lift.control(few, without=ENOUGH)
    assert "with probability 0" in records[-1]["reason"]
    lift.lift.control(Lift((5, 5, 1, 2), 3, 9, HALF), without=DISTINCT)
    lift.lift.control(Lift((5, 5, 1, 2), 3, 9, HALF, trials=40), without=DISTINCT)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        lift.lift.control(Lift(tuple(range(8)), 3, 8, HALF), without=ENOUGH)  # N a little too small only
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        lift.lift.check([Lift((0, 1), 1, 99, Fraction(1))], over="eta = 1")


def test_a_better_constant_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With s ln(qs/eta)/2 parities the lift fails too often."""
    true = lift.parities_asked
    monkeypatch.setattr(lift, "parities_asked", lambda n, eta: true(n, eta) / 2)
    x = Lift(tuple(range(16)), 4, lift.enough_parities(16, Fraction(1, 4)), Fraction(1, 4))
    with pytest.raises(ClaimFails, match="all blocks are independent with probability"):
        lift.lift.check([x], over="mutant")


def test_a_missing_unit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = lift.parity_layer
    monkeypatch.setattr(
        lift, "parity_layer", lambda subsets, forms: true([S[:-1] or S for S in subsets], forms)
    )
    with pytest.raises(ClaimFails, match="do not give the characters of the code"):
        lift.lift.check([Lifted(3, (0b111, 0b011))], over="mutant")


# draws


def test_rank_growth_against_flint() -> None:
    draw = random.Random(0)
    rows = [[draw.choice((1, -1)) for _ in range(6)] for _ in range(9)]
    ranks = rank_growth(rows)
    assert ranks == [0, *(lift.rank_mod(rows[:k], lift.PRIME) for k in range(1, 10))]
    repeated = rank_growth([rows[0], rows[0], rows[1]])
    assert repeated == [0, 1, 1, 2]


def test_words_are_drawn_by_seed() -> None:
    assert distinct_words(5, 3, 1) == distinct_words(5, 3, 1) and len(set(distinct_words(8, 3, 1))) == 8
    assert random_words(3, 70, 2) == random_words(3, 70, 2) != random_words(3, 70, 3)
    assert max(random_words(50, 70, 2)).bit_length() > 64
    with pytest.raises(ValueError, match="only 8 words of 3 bits"):
        distinct_words(9, 3, 1)
