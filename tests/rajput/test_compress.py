"""Parities: exact chances against other routes, every control of the page, and mutants that turn the checks red."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from memlib.background.laws import Joint
from memlib.claim import ClaimFails, ControlFails
from memlib.exercise import grade
from memlib.layer import Layer, Sparse
from memlib.network import Network
from memlib.points import HypothesisError
from memlib.rajput import compress, random_parities, xor
from memlib.rajput.compress import (
    Bits,
    Counts,
    DrawnBlocks,
    DrawnCode,
    OneMore,
    Ones,
    Repeated,
    coins,
)
from memlib.rajput.compress_floats import distinct, hyperplane_bits, packed, parities, parity_runs, unpacked
from memlib.rajput.random_parities import (
    Blocks,
    RandomCode,
    blocks,
    dense,
    every_pair,
    in_unit_ball,
    kappa,
    opposite,
    rows_needed,
    separation_below,
    sparse,
)
from memlib.rajput.xor import Counter, Gadget, Tree, gadget, parity_layer, rows_of, total, tree, values_of

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)
SEGMENT = tuple((Fraction(i, 10),) for i in range(-10, 11))
POLES = ((Fraction(3, 5), Fraction(4, 5)), (Fraction(-3, 5), Fraction(-4, 5)))
GRAY = (0b000, 0b100, 0b110, 0b111)

INDEPENDENT = "the bits are independent"
DISTANCE = "the words keep the distance D >= 1"
ALPHA = "alpha = 1/(2D)"
ROWS = "there are enough rows"
MANY = "r >= ln(n(n-1)/(2 eta))/kappa_k"

chances = st.fractions(0, 1, max_denominator=9)


# rajput-piling-up


@given(st.lists(chances, min_size=1, max_size=6))
def test_piling_up_against_the_recursion(ps: list[Fraction]) -> None:
    odd = Fraction(0)
    for p in ps:  # one bit more: exactly one of "odd so far" and "this bit"
        odd = odd * (1 - p) + (1 - odd) * p
    bits = coins(*ps)
    assert bits.odd == odd
    compress.piling_up.check([bits], over="drawn coins")


def test_piling_up_in_letters(records: list) -> None:
    p, c = sympy.symbols("p c")
    compress.piling_up.check([Repeated(k, p) for k in range(1, 9)], over="k <= 8", case="equal p")
    compress.piling_up.check([OneMore(c, p)], over="one more bit")
    assert [r["strength"] for r in records] == ["symbolic", "symbolic"]


def test_the_step_is_the_step_of_the_binomial_sums() -> None:
    p = sympy.Symbol("p")
    for k in range(1, 6):
        assert sympy.expand(OneMore((1 - 2 * p) ** k, p).odd - Repeated(k + 1, p).odd) == 0


def test_controls_of_piling_up(records: list) -> None:
    compress.piling_up.control(Bits(Joint(((0, 0), (1, 1)), (4, 1))), without=INDEPENDENT)
    assert records[-1]["reason"].endswith("the XOR is 1 with probability 0, not 8/25")
    compress.piling_up.rejects(coins(TENTH, HALF / 2), wrong=compress.without_the_two, says="1 - p_i")
    with pytest.raises(ControlFails, match="still holds"):
        compress.piling_up.control(Bits(Joint(((0, 0), (0, 1), (1, 0), (1, 1)), (4, 4, 1, 1))), INDEPENDENT)


@pytest.mark.parametrize("cls", [Bits, Repeated, OneMore])
def test_a_wrong_product_fails_the_check(cls: type, monkeypatch: pytest.MonkeyPatch) -> None:
    p, c = sympy.symbols("p c")
    instance = {Bits: coins(TENTH, HALF / 2), Repeated: Repeated(3, p), OneMore: OneMore(c, p)}[cls]
    wrong = -instance.product if cls is Bits else instance.product * (1 - p)
    monkeypatch.setattr(cls, "product", property(lambda self: wrong))
    with pytest.raises(ClaimFails, match="the XOR is 1 with probability"):
        compress.piling_up.check([instance], over="mutant")


# rajput-linear-code


def chance_by_matrices(code: RandomCode) -> Fraction:
    """The probability that Hv is one-to-one on the words, matrix by matrix: an oracle."""
    whole = Fraction(0)
    for H in product(range(2**code.m), repeat=code.r):
        images = {tuple((h & v).bit_count() % 2 for h in H) for v in code.words}
        ones = sum(h.bit_count() for h in H)
        if len(images) == len(code.words):
            whole += code.alpha**ones * (1 - code.alpha) ** (code.m * code.r - ones)
    return whole


@given(
    st.sets(st.integers(0, 7), min_size=2, max_size=5),
    st.integers(1, 3),
    st.fractions(0, 1, max_denominator=6),
)
def test_the_count_over_all_matrices(words: set, r: int, alpha: Fraction) -> None:
    code = RandomCode(tuple(words), 3, 1, alpha, r, HALF)
    assert code.injective == chance_by_matrices(code)


@pytest.mark.parametrize("r", range(1, 7))
def test_the_numbers_by_hand(r: int) -> None:
    """Four words 0, a, b, c with a, b, c independent: the images are r-bit words drawn without repetition."""
    free = [2**r - j for j in range(4)]
    assert RandomCode(GRAY, 3, 1, HALF, r, HALF).injective == Fraction(math.prod(free), 2 ** (4 * r))


@given(st.integers(1, 6), st.fractions(0, HALF, max_denominator=8))
def test_one_row_and_one_pair_pile_up(weight: int, alpha: Fraction) -> None:
    """The probability that a row misses a difference of that weight; (a): exactly 2^-r for r rows."""
    pair = RandomCode((0, 2**weight - 1), 6, 1, alpha, 1, HALF)
    assert pair.injective == (1 - (1 - 2 * alpha) ** weight) / 2
    fair = replace(pair, alpha=HALF, r=3)
    assert 1 - fair.injective == Fraction(1, 8)


@settings(max_examples=15)
@given(st.integers(2, 500), st.fractions(Fraction(1, 1000), Fraction(99, 100), max_denominator=1000))
def test_the_least_number_of_rows(n: int, eta: Fraction) -> None:
    pairs = math.comb(n, 2)
    r = rows_needed(n, eta, fair=True)
    assert pairs <= eta * 2**r and (r == 0 or pairs > eta * 2 ** (r - 1))
    r, wanted = rows_needed(n, eta), math.log(pairs / eta) / math.log(2 / (1 + math.exp(-1)))
    assert r - 1 < wanted + 1e-9 and wanted - 1e-9 < r


def test_rows_for_a_tiny_eta_are_quick() -> None:
    wanted = (math.log(math.comb(1000, 2)) + 3000 * math.log(10)) / math.log(2 / (1 + math.exp(-1)))
    assert rows_needed(1000, Fraction(1, 10**3000)) == math.ceil(wanted)
    with pytest.raises(HypothesisError, match="eta must be positive"):
        rows_needed(3, Fraction(0))


def test_linear_code_on_all_small_codes(records: list) -> None:
    every = [
        dense(w, 3, eta) for n in (2, 3, 4, 5) for eta in (HALF, TENTH) for w in combinations(range(8), n)
    ]
    compress.linear_code.check(every, over="2 to 5 words of 3 bits")
    even = [v for v in range(32) if v.bit_count() % 2 == 0]
    compress.linear_code.check([sparse(w, 5, 2, HALF) for w in combinations(even, 2)], over="even words")
    assert [(r["strength"], r["instances"]) for r in records] == [("exact", 420), ("exact", 120)]


def test_no_matrix_with_fewer_rows_for_two_subspaces() -> None:
    """The last exercise: U and W with U + W everything; the differences are all words."""
    words = tuple(sorted({*range(4), *(4 * v for v in range(4))}))
    assert len(words) == 7 and {v ^ w for v in words for w in words} == set(range(16))
    assert RandomCode(words, 4, 1, HALF, 3, HALF).injective == 0
    assert RandomCode(words, 4, 1, HALF, 4, HALF).injective > 0


def test_controls_of_the_linear_code(records: list) -> None:
    code = dense(GRAY, 3, HALF)
    compress.linear_code.control(replace(code, words=(0, 4, 6, 6)), without=DISTANCE)
    compress.linear_code.control(replace(code, r=1), without=ROWS)
    compress.linear_code.control(replace(code, r=3), without=ROWS)  # 210/512 is below 1/2
    assert "probability 0.410" in records[-1]["reason"]
    words = (0b00000000, 0b11110000, 0b00001111, 0b11111111)
    far = sparse(words, 8, 4, HALF)
    compress.linear_code.check([far], over="four words at distance 4")
    compress.linear_code.control(replace(far, alpha=far.alpha / 10), without=ALPHA)
    with pytest.raises(ControlFails, match="survives"):
        compress.linear_code.control(replace(code, r=4, eta=Fraction(7, 20)), without=ROWS)
    for eta in (Fraction(0), Fraction(1), Fraction(3, 2)):
        assert not compress.rows_suffice(replace(code, eta=eta))
    assert not compress.words_keep_distance(replace(code, D=HALF))
    with pytest.raises(ValueError, match="too many to count"):
        replace(code, m=40).row_law()


def test_fewer_rows_than_the_lemma_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With natural in place of binary logarithms for dense rows, some code of three bits fails."""
    monkeypatch.setattr(
        compress, "few_enough", lambda n, eta, r, fair: math.comb(n, 2) / eta <= math.e**r if fair else True
    )
    every = [
        replace(dense(w, 3, HALF), r=math.ceil(math.log(12)))
        for w in combinations(range(8), 4)
    ]  # fmt: skip
    with pytest.raises(ClaimFails, match="keeps the words apart with probability"):
        compress.linear_code.check(every, over="mutant")


@given(st.lists(st.integers(0, 2**70 - 1), min_size=1, max_size=4))
def test_words_and_rows_of_bits_are_the_same(words: list) -> None:
    assert packed(unpacked(words, 70)) == tuple(words)


def test_drawn_codes(records: list) -> None:
    """The drawn frequency against the exact chance, and the segment of the page."""
    code = replace(dense(GRAY, 3, HALF), r=4)
    outcome = compress.mostly_injective(DrawnCode(code, 1000, 0))
    assert outcome.lower() < float(code.injective) < outcome.upper()
    long = packed(hyperplane_bits(SEGMENT, 3037, rng=0))
    thin = sparse(long, 3037, 24, HALF)
    assert thin.r == 16 and dense(long, 3037, HALF).r == 9
    compress.linear_code.check([DrawnCode(thin, 40, 1)], over="the segment")
    assert records[-1]["strength"] == "statistical"
    compress.linear_code.control(DrawnCode(replace(thin, alpha=thin.alpha / 10), 60, 2), without=ALPHA)


# rajput-block-parity


def test_kappa() -> None:
    assert abs(float(kappa().mid()) - math.log(2 / (1 + math.exp(-1)))) < 1e-12
    assert str(kappa().str(6, radius=False)) == "0.379885"
    for k, delta in ((32, TENTH), (2, Fraction(2)), (4, Fraction(4, 5))):
        assert k * delta >= math.pi and kappa(k, delta) > kappa()
    assert kappa(16, TENTH) < kappa()
    assert kappa(1, TENTH) > 1 / (20 * arb.pi())  # delta / 2 pi: pure separation


unit = st.fractions(-1, 1, max_denominator=20)


@given(st.tuples(unit, unit), st.tuples(unit, unit), st.integers(1, 9), st.sampled_from([0, 1, 2]))
def test_the_agreement_is_that_of_the_angle(x: tuple, y: tuple, k: int, tau: int) -> None:
    assume(tau or (any(x) and any(y)))
    a, b = (np.array([float(c) for c in (*z, tau)]) for z in (x, y))
    p = math.atan2(np.linalg.norm(np.cross(a, b)), a @ b) / math.pi
    found = float(Blocks((x, y), ((0, 1),), TENTH, k, 1, arb(HALF.numerator), tau).agreement(0, 1).mid())
    assert abs(found - (1 + (1 - 2 * p) ** k) / 2) < 1e-7


@pytest.mark.parametrize(("k", "tau"), [(1, 1), (4, 1), (2, 0)])
def test_the_agreement_is_the_frequency_of_equal_parities(k: int, tau: int) -> None:
    points = ((Fraction(1, 2), Fraction(1, 3)), (Fraction(-1, 4), Fraction(3, 4)))
    b = Blocks(points, ((0, 1),), TENTH, k, 1, arb(1) / 2, tau)
    code = parities(hyperplane_bits(points, 20000 * k, 7, tau), k)
    assert abs((code[0] == code[1]).mean() - float(b.agreement(0, 1).mid())) < 5 / math.sqrt(4 * 20000)


def test_drawn_collisions_are_as_many_as_expected() -> None:
    b = replace(blocks(SEGMENT, TENTH, HALF), r=6)
    runs = DrawnBlocks(b, 300, 3).runs
    assert abs(np.mean(runs) - float(b.expected.mid())) < 6 * np.std(runs) / math.sqrt(300)


def test_block_parity_of_the_page(records: list) -> None:
    whole = blocks(SEGMENT, TENTH, HALF)
    assert (whole.k, whole.r) == (32, 16)
    trade = [blocks(SEGMENT, TENTH, HALF, k=2**j) for j in range(8)]
    assert [b.r for b in trade] == [377, 190, 97, 50, 27, 16, 11, 9]
    compress.block_parity.check(trade, over="the segment")
    compress.block_parity.check([DrawnBlocks(whole, 200, 0)], over="200 draws")
    assert [r["strength"] for r in records] == ["enclosure", "statistical"]


@given(st.data(), st.integers(1, 3), st.integers(1, 40), st.fractions(Fraction(1, 50), Fraction(9, 10)))
def test_block_parity_on_drawn_points(draw: st.DataObject, d: int, k: int, eta: Fraction) -> None:
    integers = draw.draw(st.lists(st.tuples(*[st.integers(-9, 9)] * d), min_size=2, max_size=7, unique=True))
    labels = draw.draw(st.lists(st.integers(0, 1), min_size=len(integers), max_size=len(integers)))
    pairs = opposite(labels)
    assume(pairs)
    points = in_unit_ball(integers)
    delta = separation_below(points, pairs)
    b = blocks(points, delta, eta, pairs, k)
    compress.block_parity.check([b], over="drawn points")
    worst = max(float(b.agreement(i, j).upper()) for i, j in pairs)
    assert worst <= math.exp(-float(kappa(k, delta).mid())) + 1e-12


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=6, unique=True))
def test_scaling_and_separation(integers: list) -> None:
    points = in_unit_ball(integers)
    norms = [sum(c * c for c in x) for x in points]
    assert max(norms) <= 1
    delta = separation_below(points, every_pair(len(points)), grid=100)
    least = min(sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) for x, y in combinations(points, 2))
    assert delta**2 <= least < (delta + Fraction(1, 100)) ** 2


def test_opposite_pairs() -> None:
    assert opposite((0, 1, 1, 0)) == ((0, 1), (0, 2), (1, 3), (2, 3))
    assert opposite((1, 1)) == ()


def test_controls_of_block_parity(records: list) -> None:
    whole, claim = blocks(SEGMENT, TENTH, HALF), compress.block_parity
    claim.control(DrawnBlocks(replace(whole, r=8), 300, 0), without=MANY)
    claim.control(replace(whole, r=4), without=MANY)
    assert records[-1]["reason"].endswith("21 points share 16 codes")
    claim.control(replace(whole, k=2), without=MANY)
    pushed = (SEGMENT[0], (Fraction(-9999, 10000),), *SEGMENT[2:])
    claim.control(replace(whole, points=pushed), without="the pairs keep the distance delta")
    claim.control(replace(whole, points=(SEGMENT[0],) * 21), without="the pairs keep the distance delta")
    far = tuple((x + 10,) for (x,) in SEGMENT)
    claim.control(replace(whole, points=far), without="the points lie in the unit ball")
    poles, biases = blocks(POLES, Fraction(2), HALF), "the biases have the law of the weights"
    claim.check([poles], over="antipodes")
    claim.control(replace(poles, tau=0), without=biases)
    claim.control(DrawnBlocks(replace(poles, tau=0), 100, 0), without=biases)
    assert "0 of 100" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="survives"):  # an odd number of lines through 0 does separate
        claim.control(replace(poles, tau=0, k=3), without=biases)
    with pytest.raises(ValueError, match="decides nothing"):
        claim.control(replace(whole, r=8), without=MANY)


def test_even_and_odd_numbers_of_lines_through_the_origin() -> None:
    poles = [[0.6, 0.8], [-0.6, -0.8]]
    bits = hyperplane_bits(poles, 600, 1, tau=0)
    assert (bits[0] != bits[1]).all()
    for k in (2, 4, 6):
        assert (parities(bits, k)[0] == parities(bits, k)[1]).all()
    assert (parities(bits, 3)[0] != parities(bits, 3)[1]).all()


def test_degenerate_blocks() -> None:
    whole = blocks(SEGMENT, TENTH, HALF)
    assert not compress.blocks_are_many(replace(whole, points=SEGMENT[:1], pairs=()))
    assert not compress.blocks_are_many(replace(whole, eta=arb(0)))
    assert not compress.blocks_are_many(replace(whole, eta=arb(1)))
    assert not compress.pairs_keep_distance(replace(whole, delta=Fraction(0)))
    for points, delta, eta in ((SEGMENT[:1], TENTH, HALF), (SEGMENT, 0, HALF), (SEGMENT, TENTH, 1)):
        with pytest.raises(HypothesisError, match="n >= 2"):
            blocks(points, delta, eta)
    assert parity_runs([[0.5], [0.5]], [(0, 1)], 4, 3, 1, 5, 0) == [1] * 5  # equal points


AGREEMENT = Blocks.agreement


@pytest.mark.parametrize(
    "mutant", [lambda self, i, j: AGREEMENT(replace(self, k=1), i, j), lambda self, i, j: arb(9) / 10]
)
def test_a_wrong_agreement_fails_the_check(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Blocks, "agreement", mutant)
    with pytest.raises((ClaimFails, ValueError), match="equal codes"):
        compress.block_parity.check([blocks(SEGMENT, TENTH, HALF)], over="mutant")


def test_a_larger_kappa_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """ln 2 in place of kappa_k asks for 9 rows where 16 are needed."""
    too_good = lambda k=None, delta=0: arb(2).log()  # noqa: E731
    monkeypatch.setattr(compress, "kappa", too_good)
    monkeypatch.setattr(random_parities, "kappa", too_good)
    b = blocks(SEGMENT, TENTH, HALF)
    assert b.r == 9
    with pytest.raises(ClaimFails, match="does not confirm"):
        compress.block_parity.check([DrawnBlocks(b, 200, 0)], over="mutant")


# rajput-xor-gadget


def test_the_gadget(records: list) -> None:
    compress.xor_gadget.check([gadget()], over="four inputs")
    assert records[-1]["strength"] == "witness"
    for bias in (-1, -2, 0):
        one = Gadget(Layer(((1, 1),), (bias,), "threshold"), (1,))
        compress.xor_gadget.control(one, without="there are two units")
        assert "two diagonals" in records[-1]["reason"]


def test_no_unit_with_small_weights_is_an_xor() -> None:
    """Search instead of geometry."""
    tables = set()
    for a, b, c in product(range(-3, 4), repeat=3):
        tables.add(Gadget(Layer(((a, b),), (c,), "threshold"), (1,)).values())
    assert len(tables) == 14 and not tables & {(0, 1, 1, 0), (1, 0, 0, 1)}


@pytest.mark.parametrize(
    ("biases", "out"), [((-1, -1), (1, -1)), ((-1, -2), (1, 1)), ((-1, -3), (1, -1)), ((-2, -1), (1, -1))]
)
def test_a_wrong_gadget_fails_the_check(biases: tuple, out: tuple) -> None:
    with pytest.raises(ClaimFails, match="the sum is"):
        wrong = Gadget(Layer(((1, 1), (1, 1)), biases, "threshold"), out)
        compress.xor_gadget.check([wrong], over="mutant")


def test_the_gadget_fails_if_one_unit_could(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compress, "separable", lambda points, pattern: True)
    with pytest.raises(ClaimFails, match="one unit would do"):
        compress.xor_gadget.check([gadget()], over="mutant")


# rajput-xor-tree

TREES = [(2, 1), (2, 3), (4, 1), (4, 2), (8, 3), (16, 1)]


@pytest.mark.parametrize(("k", "r"), TREES)
def test_sizes_of_the_tree(k: int, r: int) -> None:
    layers, forms = compress.xor_layers(k, r)
    assert [layer.units for layer in layers] == [2 * r * k // 2**level for level in range(1, len(layers) + 1)]
    assert [len(layer.entries) for layer in layers] == [2 * r * k] + [
        8 * r * k // 2**level for level in range(2, len(layers) + 1)
    ]
    assert all(layer.is_sparse and layer.activation == "threshold" for layer in layers)
    assert forms.shape == (r, 2 * r)
    assert rows_of(forms) == [{2 * j: 1, 2 * j + 1: -1} for j in range(r)]
    compress.xor_tree.check([tree(k, r)], over="one tree")


@given(st.integers(0, 4), st.integers(1, 4), st.data())
def test_every_block_has_its_own_parity(t: int, r: int, draw: st.DataObject) -> None:
    """Different bits in different blocks, k = 1 included; an oracle by Python's own XOR."""
    k = 2**t
    bits = draw.draw(st.lists(st.integers(0, 1), min_size=k * r, max_size=k * r))
    layers, forms = compress.xor_layers(k, r)
    (found,) = values_of(layers, forms, [bits])
    wanted = []
    for j in range(r):
        parity = 0
        for bit in bits[j * k : (j + 1) * k]:
            parity ^= bit
        wanted.append(parity)
    assert found == wanted


def test_counts_of_the_dossier() -> None:
    assert tree(128, 56).counts == (7, 14224, 42560)


@pytest.mark.parametrize(("k", "r"), [(3, 1), (0, 1), (6, 2), (4, 0), (-2, 1)])
def test_k_must_be_a_power_of_two(k: int, r: int) -> None:
    with pytest.raises(HypothesisError, match="power of two"):
        compress.xor_layers(k, r)


def test_the_counts_in_letters(records: list) -> None:
    t, r = sympy.symbols("t r", integer=True, positive=True)
    compress.xor_tree.check([Counts(t, r)], over="letters", case="the counts")
    assert records[-1]["strength"] == "symbolic"
    units, weights = Counts(t, r).summed
    for k, many in TREES[2:]:
        at = {t: k.bit_length() - 1, r: many}
        assert (units.subs(at), weights.subs(at)) == tree(k, many).counts[1:]


def test_a_wrong_count_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    t, r = sympy.symbols("t r", integer=True, positive=True)
    monkeypatch.setattr(Counts, "summed", property(lambda self: (2 * r * (2**t - 1), 6 * r * 2**t - 6 * r)))
    with pytest.raises(ClaimFails, match="weights, not"):
        compress.xor_tree.check([Counts(t, r)], over="mutant")


@pytest.mark.parametrize("k", [2, 4, 8])
def test_an_or_is_wrong_exactly_where_the_number_of_ones_is_even(k: int, records: list) -> None:
    wrong = list(xor.without_v(tree(k, 1)).wrong())
    assert set(wrong) == {b for b in product((0, 1), repeat=k) if sum(b) and sum(b) % 2 == 0}
    assert len(wrong) == 2 ** (k - 1) - 1
    compress.xor_tree.rejects(tree(k, 1), wrong=compress.one_unit_is_enough, says="one unit")


def mutants() -> list[tuple[str, Tree]]:
    good = tree(4, 2)
    first, last = good.layers
    swapped = Sparse.of([{0: -1, 1: 1}, {2: 1, 3: -1}], 4)
    crossed = Sparse.of([{2: 1, 3: -1}, {0: 1, 1: -1}], 4)
    extra = Sparse.of([*rows_of(last.weights)[:3], {**rows_of(last.weights)[3], 0: 1}], 8)
    return [
        ("missed on 8 of 16", replace(good, forms=swapped)),
        ("reads bits of another block", replace(good, forms=crossed)),
        ("reads bits of another block", replace(good, layers=(first, replace(last, weights=extra)))),
        ("missed on", replace(good, layers=(replace(first, biases=(-1, -1) * 4), last))),
        ("missed on", replace(good, layers=(first, replace(last, biases=(-1, -2, -1, -3))))),
    ]


@pytest.mark.parametrize(("says", "wrong"), mutants())
def test_a_wrong_tree_fails_the_check(says: str, wrong: Tree) -> None:
    with pytest.raises(ClaimFails, match=says):
        compress.xor_tree.check([wrong], over="mutant")


def test_an_idle_unit_fails_the_check() -> None:
    good = tree(2, 1)
    rows = [*rows_of(good.layers[0].weights), {0: 1}]
    wide = replace(
        good,
        layers=(Layer(Sparse.of(rows, 2), (-1, -2, -1), "threshold"),),
        forms=Sparse.of([{0: 1, 1: -1}], 3),
    )
    with pytest.raises(ClaimFails, match=r"are \(1, 3, 5\), not \(1, 2, 4\)"):
        compress.xor_tree.check([wide], over="mutant")


# rajput-parity-depth2


@given(st.data())
def test_parities_of_subsets_of_forms(draw: st.DataObject) -> None:
    """The bits come as forms u - v of a tree, as on the next page."""
    k, r = draw.draw(st.sampled_from([1, 2, 4])), draw.draw(st.integers(1, 4))
    subsets = draw.draw(st.lists(st.sets(st.integers(0, r - 1)), min_size=1, max_size=4).filter(any))
    layers, forms = compress.xor_layers(k, r)
    layer, chi = parity_layer([sorted(S) for S in subsets], forms)
    bits = draw.draw(st.lists(st.integers(0, 1), min_size=k * r, max_size=k * r))
    code = [sum(bits[j * k : (j + 1) * k]) % 2 for j in range(r)]
    (found,) = values_of((*layers, layer), chi, [bits])
    assert found == [sum(code[i] for i in S) % 2 for S in subsets]
    assert layer.units == sum(map(len, subsets))


def test_parity_depth2(records: list) -> None:
    sigma = sympy.Symbol("sigma", integer=True, nonnegative=True)
    compress.parity_depth2.check([Ones(sigma)], over="letters")
    counters = [Counter(s, tuple(range(1, s + 1))) for s in range(1, 9)]
    compress.parity_depth2.check(counters, over="all inputs")
    assert [r["strength"] for r in records] == ["symbolic", "exact"]
    every = "there is a unit for every 1 <= j <= |S|"
    for s in range(2, 9):
        compress.parity_depth2.control(Counter(s, tuple(range(1, s))), without=every)
        assert f"on 1 of {2**s} inputs, one with {s} ones" in records[-1]["reason"]


@pytest.mark.parametrize("thresholds", [(1, 2, 3, 5), (2, 1, 3, 4), (0, 1, 2, 3, 4)])
def test_wrong_thresholds_are_noticed(thresholds: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        compress.parity_depth2.hypotheses, "there is a unit for every 1 <= j <= |S|", lambda x: True
    )
    with pytest.raises(ClaimFails, match="the sum is not the parity"):
        compress.parity_depth2.check([Counter(4, thresholds)], over="mutant")


def test_no_layer_without_units() -> None:
    with pytest.raises(ValueError, match="0 biases"):
        parity_layer([()], Sparse.of([{0: 1}], 1))


# the exercises


def fat_tree(k: int, r: int, a: int) -> tuple[list[Layer], Sparse]:
    layers, forms = [], Sparse.of([{i: 1} for i in range(k * r)], k * r)
    while forms.shape[0] > r:
        layer, forms = parity_layer([range(i, i + a) for i in range(0, forms.shape[0], a)], forms)
        layers.append(layer)
    return layers, forms


@pytest.mark.parametrize(("k", "r", "a"), [(16, 1, 4), (16, 2, 4), (9, 2, 3), (8, 1, 2), (4, 3, 4)])
def test_fat_trees(k: int, r: int, a: int) -> None:
    layers, forms = fat_tree(k, r, a)
    units, weights = sum(x.units for x in layers), sum(len(x.entries) for x in layers)
    assert units == Fraction(a * r * (k - 1), a - 1)
    assert weights == r * k * a + Fraction(a * a * r * (k - a), a - 1)
    if (k, r, a) == (16, 1, 4):
        assert (units, weights) == (20, 128)
    if k * r <= 9:
        inputs = list(product((0, 1), repeat=k * r))
        wanted = [[sum(x[j * k : (j + 1) * k]) % 2 for j in range(r)] for x in inputs]
        assert values_of(layers, forms, inputs) == wanted


def test_the_graded_exercise() -> None:
    cube = list(product((0, 1), repeat=3))
    for biases, out, accepted in (((-1, -2, -3), (1, -1, 1), True), ((-1, -1, -1), (1, 1, 1), False)):
        net = Network(
            (Layer(((1, 1, 1),) * 3, biases, "threshold"), Layer((out,), (0,), "identity")), "x", (1, 1, 1)
        )
        assert grade(net, cube, [sum(x) % 2 for x in cube], most=3).accepted == accepted


@pytest.mark.parametrize("r", [1, 2, 3, 4, 5])
def test_the_gray_code_of_the_exercise(r: int) -> None:
    """Threshold i belongs to the block of the largest power of two that divides it."""
    groups = [[i for i in range(1, 2**r) if i % 2**e == 0 and i % 2 ** (e + 1)] for e in range(r)]
    codes = np.array([[sum(x > i for i in g) % 2 for g in groups] for x in range(1, 2**r + 1)])
    assert distinct(codes) == 2**r
    assert (np.abs(np.diff(codes, axis=0)).sum(axis=1) == 1).all()


def test_the_sum_of_forms() -> None:
    assert total([{0: 1, 1: -1}, {1: 1, 2: 5}]) == {0: 1, 1: 0, 2: 5}
