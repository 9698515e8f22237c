"""Parities: many bits become few, by random parity checks or by blocks of hyperplanes, and XORs from threshold units.

Words are Python ints, bit i of a word is `word >> i & 1`; points are tuples of Fractions. Probabilities over random
matrices are counted exactly; angles are balls; `compress_floats` draws.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import comb, prod
from typing import Any

import sympy
from flint import arb

from memlib.background.laws import Independent, Law, Number, coin, dependence, points_with_weights
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency, equal
from memlib.rajput.compress_floats import injective_runs, parity_frequency, parity_runs
from memlib.rajput.random_parities import (
    Blocks,
    RandomCode,
    ball,
    few_enough,
    kappa,
    over,
    rows_needed,
    shown,
    squared_distance,
)
from memlib.rajput.xor import CORNERS, Counter, Gadget, Tree, without_v
from memlib.rajput.xor import parity_layer as parity_layer
from memlib.rajput.xor import xor_layers as xor_layers
from memlib.search import Pattern, separable

# --- rajput-piling-up ---


@dataclass(frozen=True)
class Bits:
    """Bits with a joint law."""

    law: Law

    @property
    def odd(self) -> Fraction:
        """P(XOR = 1), counted."""
        weighted = points_with_weights(self.law)
        return Fraction(sum(w for x, w in weighted if sum(x) % 2), sum(w for _, w in weighted))

    @property
    def product(self) -> Fraction:
        """The product of the 1 - 2 p_i."""
        return prod((1 - 2 * law.get(1, Fraction(0)) for law in self.law.marginals), start=Fraction(1))


def coins(*p: Number) -> Bits:
    """Return independent bits, 1 with the probabilities p."""
    return Bits(Independent(tuple(coin(q) for q in p)))


@dataclass(frozen=True)
class Repeated:
    """k independent bits, each 1 with probability p, which may be a letter."""

    k: int
    p: Any

    @property
    def odd(self) -> Any:
        """P(XOR = 1): the binomial sum over the odd numbers of ones."""
        return sum(
            comb(self.k, j) * self.p**j * (1 - self.p) ** (self.k - j) for j in range(1, self.k + 1, 2)
        )

    @property
    def product(self) -> Any:
        return (1 - 2 * self.p) ** self.k


@dataclass(frozen=True)
class OneMore:
    """The step of the induction: a bit that is 1 with probability (1 - c) / 2, and one more with probability p."""

    c: Any
    p: Any

    @property
    def odd(self) -> Any:
        """P(XOR = 1): exactly one of the two is 1."""
        so_far = (1 - self.c) * Fraction(1, 2)
        return so_far * (1 - self.p) + (1 - so_far) * self.p

    @property
    def product(self) -> Any:
        return self.c * (1 - 2 * self.p)


def bits_are_independent(bits: Bits | Repeated | OneMore) -> Answer:
    found = dependence(bits.law) if isinstance(bits, Bits) else None
    return found is None or Counterexample(found)


def piles_up(bits: Bits | Repeated | OneMore) -> Answer:
    """P(XOR = 1) = (1 - product) / 2."""
    odd, formula = bits.odd, (1 - bits.product) * Fraction(1, 2)
    return equal(odd, formula) or Counterexample(f"the XOR is 1 with probability {odd}, not {formula}")


def without_the_two(bits: Bits) -> Answer:
    """Decide the wrong version with 1 - p_i in place of 1 - 2 p_i."""
    wrong = (1 - prod(1 - law.get(1, Fraction(0)) for law in bits.law.marginals)) * Fraction(1, 2)
    return bits.odd == wrong or Counterexample(f"{bits.odd} is not {wrong}")


piling_up = Claim(
    "rajput-piling-up", hypotheses={"the bits are independent": bits_are_independent}, conclusion=piles_up
)

# --- rajput-linear-code ---


@dataclass(frozen=True)
class DrawnCode:
    """A random code too large to count, drawn many times."""

    code: RandomCode
    trials: int
    seed: int


def code_of(x: RandomCode | DrawnCode) -> RandomCode:
    return x.code if isinstance(x, DrawnCode) else x


def words_keep_distance(x: RandomCode | DrawnCode) -> Answer:
    code = code_of(x)
    if code.D < 1:
        return Counterexample(f"D is {code.D}")
    near = min((d.bit_count() for d in code.differences), default=code.D)
    return near >= code.D or Counterexample(f"two words differ in {near} places")


def chance_is_right(x: RandomCode | DrawnCode) -> Answer:
    code = code_of(x)
    return 2 * code.D * code.alpha == 1 or Counterexample(f"alpha is {code.alpha} and D is {code.D}")


def rows_suffice(x: RandomCode | DrawnCode) -> Answer:
    """Enough rows: those of (a) if alpha = 1/2, those of (b) otherwise; and eta is a probability."""
    code = code_of(x)
    if not 0 < code.eta < 1:
        return Counterexample(f"eta is {code.eta}")
    n, is_dense = len(code.words), code.alpha == Fraction(1, 2)
    enough = few_enough(n, code.eta, code.r, is_dense)
    return enough or Counterexample(f"{code.r} rows where {rows_needed(n, code.eta, is_dense)} are needed")


def mostly_injective(x: RandomCode | DrawnCode) -> Answer | Frequency:
    """H keeps the words apart with probability at least 1 - eta: counted over all H, or drawn."""
    code = code_of(x)
    if isinstance(x, DrawnCode):
        return injective_runs(code.words, code.m, code.alpha, code.r, x.trials, x.seed, 1 - code.eta)
    chance = code.injective
    return chance >= 1 - code.eta or Counterexample(
        f"H keeps the words apart with probability {shown(ball(chance))}, and eta is {code.eta}"
    )


linear_code = Claim(
    "rajput-linear-code",
    hypotheses={
        "the words keep the distance D >= 1": words_keep_distance,
        "alpha = 1/(2D)": chance_is_right,
        "there are enough rows": rows_suffice,
    },
    conclusion=mostly_injective,
)


# --- rajput-block-parity ---


@dataclass(frozen=True)
class DrawnBlocks:
    """The same, drawn many times."""

    blocks: Blocks
    trials: int
    seed: int

    @cached_property
    def runs(self) -> list[int]:
        """For every trial, the number of pairs that are not told apart."""
        b = self.blocks
        return parity_runs(b.points, b.pairs, b.k, b.r, b.tau, self.trials, self.seed)


def blocks_of(x: Blocks | DrawnBlocks) -> Blocks:
    return x.blocks if isinstance(x, DrawnBlocks) else x


def points_in_ball(x: Blocks | DrawnBlocks) -> Answer:
    for i, point in enumerate(blocks_of(x).points):
        square = squared_distance(point, (0,) * len(point))
        if square > 1:
            return Counterexample(f"point {i} has the squared norm {square}")
    return True


def pairs_keep_distance(x: Blocks | DrawnBlocks) -> Answer:
    b = blocks_of(x)
    if b.delta <= 0:
        return Counterexample(f"delta is {b.delta}")
    for i, j in b.pairs:
        square = squared_distance(b.points[i], b.points[j])
        if square < b.delta**2:
            return Counterexample(f"the points {i} and {j} have the squared distance {square}")
    return True


def blocks_are_many(x: Blocks | DrawnBlocks) -> Answer:
    """r >= ln(n (n - 1) / (2 eta)) / kappa_k, with n >= 2 and 0 < eta < 1."""
    b = blocks_of(x)
    n = len(b.points)
    if n < 2 or not (b.eta > 0 and b.eta < 1):
        return Counterexample(f"there are {n} points, and eta is {shown(b.eta)}")
    needed = over(ball(Fraction(n * (n - 1), 2)).log() - b.eta.log(), kappa(b.k, b.delta))
    return b.r >= needed or Counterexample(f"r is {b.r}, less than {shown(needed)}")


def biases_like_weights(x: Blocks | DrawnBlocks) -> Answer:
    tau = blocks_of(x).tau
    return tau == 1 or Counterexample(f"the biases have the standard deviation {tau}")


def told_apart(x: Blocks | DrawnBlocks) -> Answer | Frequency:
    """All the pairs get different codes with probability at least 1 - eta; and kappa_k > kappa if k >= pi/delta.

    Decided by the union bound where that is enough. It is refuted if one pair alone collides with a larger
    probability than eta, or if there are more points than codes. Between the two nothing is decided.
    """
    b = blocks_of(x)
    if isinstance(x, DrawnBlocks):
        return parity_frequency(x.runs, 1 - b.eta)
    if b.expected <= b.eta:
        larger = kappa(b.k, b.delta) > kappa() or not ball(b.k * b.delta) >= arb.pi()
        return larger or Counterexample(f"kappa_k is {shown(kappa(b.k, b.delta))}, at most kappa")
    n = len(b.points)
    if 2**b.r < n and len(b.pairs) == comb(n, 2):
        return Counterexample(f"{n} points share {2**b.r} codes")
    for (i, j), chance in b.collisions.items():
        if chance > b.eta:
            return Counterexample(f"the points {i} and {j} have equal codes with probability {shown(chance)}")
    raise ValueError(f"the expected number of equal codes, {shown(b.expected)}, decides nothing")


block_parity = Claim(
    "rajput-block-parity",
    hypotheses={
        "the points lie in the unit ball": points_in_ball,
        "the pairs keep the distance delta": pairs_keep_distance,
        "r >= ln(n(n-1)/(2 eta))/kappa_k": blocks_are_many,
        "the biases have the law of the weights": biases_like_weights,
    },
    conclusion=told_apart,
)


# --- rajput-xor-gadget ---


def two_units(gadget: Gadget) -> Answer:
    return gadget.units.units >= 2 or Counterexample("there is one unit")


def one_unit_can(patterns: tuple[Pattern, ...] = ((0, 1, 1, 0), (1, 0, 0, 1))) -> bool:
    """Decide whether one unit of two bits can be their XOR, or its complement, at the four corners."""
    return any(separable(CORNERS, pattern) for pattern in patterns)


def is_xor(gadget: Gadget) -> Answer:
    """The sum is the XOR of the two bits, and no single unit has its values or their complements."""
    for (a, b), value in zip(CORNERS, gadget.values(), strict=True):
        if value != a ^ b:
            wrong = f"the sum is {value} at ({a}, {b})"
            if gadget.units.units == 1 and not one_unit_can():
                wrong += ", and no other unit does it: the two diagonals of the square meet"
            return Counterexample(wrong)
    return not one_unit_can() or Counterexample("one unit would do")


xor_gadget = Claim(
    "rajput-xor-gadget",
    hypotheses={"there are two units": two_units},
    conclusion=is_xor,
    generic=True,  # two units exist: one example proves it
)


# --- rajput-xor-tree ---


@dataclass(frozen=True)
class Counts:
    """The sizes of the tree for k = 2^t, in letters."""

    t: Any
    r: Any

    @property
    def summed(self) -> tuple[Any, Any]:
        """Units and weights, summed over the levels: r k / 2^l XORs of two units at level l, of fan-in 2, then 4."""
        level = sympy.Symbol("level", integer=True)
        xors = self.r * 2 ** (self.t - level)
        units = sympy.summation(2 * xors, (level, 1, self.t))
        return units, 4 * xors.subs(level, 1) + sympy.summation(8 * xors, (level, 2, self.t))


def k_is_a_power_of_two(x: Tree | Counts) -> Answer:
    if isinstance(x, Counts):
        return True
    return (x.k >= 2 and not x.k & (x.k - 1)) or Counterexample(f"k is {x.k}")


def counts_add_up(x: Counts) -> Answer:
    k = 2**x.t
    for what, found, formula in zip(
        ("units", "weights"), x.summed, (2 * x.r * (k - 1), 6 * x.r * k - 8 * x.r), strict=True
    ):
        if not equal(found, formula):
            return Counterexample(f"there are {found} {what}, not {formula}")
    return True


def is_parity_tree(x: Tree | Counts) -> Answer:
    """Every output is the parity of its block, for all inputs, and the counts are those of the lemma.

    An output that depends on its block alone is right for all inputs if it is right for the 2^k inputs that give
    every block the same bits.
    """
    if isinstance(x, Counts):
        return counts_add_up(x)
    for j in range(x.r):
        if not x.inputs_of(j) <= set(range(j * x.k, (j + 1) * x.k)):
            return Counterexample(f"output {j} reads bits of another block")
    wrong = list(x.wrong())
    if wrong:
        return Counterexample(f"the parity is missed on {len(wrong)} of {2**x.k} inputs")
    t = x.k.bit_length() - 1
    wanted = (t, 2 * x.r * (x.k - 1), 6 * x.r * x.k - 8 * x.r)
    if x.counts != wanted:
        return Counterexample(f"layers, units and weights are {x.counts}, not {wanted}")
    weights = {w for layer in x.layers for _, _, w in layer.entries}
    biases = {b for layer in x.layers for b in layer.biases}
    if not (weights <= {1, -1} and biases <= {-1, -2}):
        return Counterexample("a weight is not 1 or -1, or a bias not -1 or -2")
    return True


def one_unit_is_enough(x: Tree) -> Answer:
    """Decide the wrong version of the lemma with one unit for an XOR."""
    wrong = list(without_v(x).wrong())
    return not wrong or Counterexample(f"the parity is missed on {len(wrong)} of {2**x.k} inputs")


xor_tree = Claim(
    "rajput-xor-tree", hypotheses={"k = 2^t with t >= 1": k_is_a_power_of_two}, conclusion=is_parity_tree
)


# --- rajput-parity-depth2 ---


@dataclass(frozen=True)
class Ones:
    """Any number sigma of ones among the bits, a letter: then t_j = 1 for j <= sigma and 0 for larger j."""

    sigma: Any


def every_threshold(x: Counter | Ones) -> Answer:
    if isinstance(x, Ones):
        return True
    missing = sorted(set(range(1, x.s + 1)) - set(x.thresholds))
    return not missing or Counterexample(f"the unit for {missing[0]} is missing")


def alternates(x: Counter | Ones) -> Answer:
    """The alternating sum is the parity: at all inputs, or by the sum of sigma alternating signs."""
    if isinstance(x, Ones):
        j = sympy.Symbol("j", integer=True)
        found = sympy.summation((-1) ** (j + 1), (j, 1, x.sigma))
        parity = (1 - (-1) ** x.sigma) * Fraction(1, 2)
        return equal(found, parity) or Counterexample(f"the sum is {found}, not {parity}")
    inputs = list(product((0, 1), repeat=x.s))
    wrong = [b for b, v in zip(inputs, x.values(inputs), strict=True) if v != sum(b) % 2]
    return not wrong or Counterexample(
        f"the sum is not the parity on {len(wrong)} of {len(inputs)} inputs, one with {sum(wrong[0])} ones"
    )


parity_depth2 = Claim(
    "rajput-parity-depth2",
    hypotheses={"there is a unit for every 1 <= j <= |S|": every_threshold},
    conclusion=alternates,
)
