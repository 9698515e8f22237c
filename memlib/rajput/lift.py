"""Random parities lift different codes to independent vectors: characters, a coupon collector, and threshold units.

A code of r bits and a set S of bits are Python ints: bit i is `word >> i & 1`. Probabilities over random sets are
counted exactly, in `chain`; `lift_floats` draws.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isqrt, prod
from typing import Any

from flint import arb, fmpq

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency, equal
from memlib.exact import dot, rank_mod
from memlib.layer import Sparse
from memlib.rajput.chain import Chain, Codes, coupon_mean, coupon_tail, lifted
from memlib.rajput.lift_floats import frequency, random_words
from memlib.rajput.xor import parity_layer, values_of

#: A matrix of full rank modulo this prime has full rank over the rationals.
PRIME = 2**31 - 1


# --- rajput-characters ---


@dataclass(frozen=True)
class CodeSet:
    """Codes of r bits."""

    codes: Codes
    r: int

    def gram(self, subsets: Iterable[int]) -> list[list[int]]:
        """Return the sum of chi chi^T over the given sets; chi is the column of a set."""
        rows = lifted(self.codes, tuple(subsets))
        return [[dot(u, v) for v in rows] for u in rows]


@dataclass(frozen=True)
class Signs:
    """Letters e_i in place of the signs (-1)^(a_i + b_i)."""

    e: tuple[Any, ...]


def cube(r: int) -> CodeSet:
    """Return all codes of r bits."""
    return CodeSet(tuple(range(1 << r)), r)


def codes_are_distinct(x: Any) -> Answer:
    if isinstance(x, (Signs, Lifted)):
        return True
    for i, c in enumerate(x.codes):
        if c in x.codes[:i]:
            return Counterexample(f"the codes {x.codes.index(c)} and {i} are equal")
    return True


def is_multiple_of_identity(gram: list[list[int]], size: int) -> Answer:
    for i, row in enumerate(gram):
        for j, v in enumerate(row):
            if v != size * (i == j):
                return Counterexample(f"the mean of chi chi^T is {Fraction(v, size)} at ({i}, {j})")
    return True


def characters_are_orthogonal(x: CodeSet | Signs) -> Answer:
    """The mean of chi chi^T over all sets is the identity; or, in letters, the sum over sets is a product."""
    if isinstance(x, Signs):
        letters = range(len(x.e))
        total = sum(prod(x.e[i] for i in letters if S >> i & 1) for S in range(1 << len(x.e)))
        return equal(total, prod(1 + e for e in x.e)) or Counterexample("the sum is not the product")
    return is_multiple_of_identity(x.gram(range(1 << x.r)), 1 << x.r)


def raw_bits_are_orthogonal(x: CodeSet) -> Answer:
    """Decide the wrong version with the signs of the r bits themselves."""
    return is_multiple_of_identity(x.gram(1 << i for i in range(x.r)), x.r)


characters = Claim(
    "rajput-characters",
    hypotheses={"the codes are distinct": codes_are_distinct},
    conclusion=characters_are_orthogonal,
)


# --- rajput-coupon ---


@dataclass(frozen=True)
class Collector:
    """Codes of r bits whose lifted vectors are drawn until they span; the tails are looked at up to `most`."""

    codes: Codes
    r: int
    most: int = 14

    @cached_property
    def chain(self) -> Chain:
        """The spans of random parities."""
        return Chain(self.codes, tuple(range(1 << self.r)))


def no_slower_than_coupons(chain: Chain, most: int) -> Answer:
    """P(T > N) <= coupon tail <= s (1 - 1/s)^N <= s exp(-N/s) for N <= most, and E[T] <= s H_s."""
    s = len(chain.codes)
    for N, tail in enumerate(chain.tails(most)):
        coupons, union = coupon_tail(s, N), s * Fraction(s - 1, s) ** N
        if not tail <= coupons:
            return Counterexample(f"P(T > {N}) is {tail}, and for coupons {coupons}")
        last = s * arb(fmpq(-N, s)).exp()
        if not (coupons <= union and (N == 0 or arb(fmpq(union.numerator, union.denominator)) < last)):
            return Counterexample(f"the bounds for coupons are in disorder at N = {N}")
    mean = chain.expected()
    if mean is None or not mean <= coupon_mean(s):
        return Counterexample(f"E[T] is {mean}, and for coupons {coupon_mean(s)}")
    return True


def parities_are_quick(x: Collector) -> Answer:
    return no_slower_than_coupons(x.chain, x.most)


def raw_bits_are_quick(x: Collector) -> Answer:
    """Decide the wrong version with single bits in place of random parities."""
    return no_slower_than_coupons(Chain(x.codes, tuple(1 << i for i in range(x.r))), x.most)


coupon = Claim(
    "rajput-coupon", hypotheses={"the codes are distinct": codes_are_distinct}, conclusion=parities_are_quick
)


# --- rajput-lift ---


def block_size(n: int) -> int:
    """Return s, the square root of n rounded up."""
    return isqrt(n - 1) + 1


def cut(items: Sequence, s: int) -> list[tuple]:
    """Cut a sequence into pieces of s and a last one of at most s."""
    return [tuple(items[i : i + s]) for i in range(0, len(items), s)]


def parities_asked(n: int, eta: Fraction) -> arb:
    """Enclose s ln(q s / eta), the number of random parities before rounding."""
    s = block_size(n)
    odds = Fraction(s * -(-n // s)) / Fraction(eta)  # of q s points
    return s * arb(fmpq(odds.numerator, odds.denominator)).log()


def rounded_up(x: arb) -> int:
    """Return the least integer that is at least x. Raises ValueError where the ball does not decide it."""
    found = x.ceil().unique_fmpz()
    if found is None:
        raise ValueError(f"{x} cannot be rounded up: more precision is needed")
    return int(found)


def enough_parities(n: int, eta: Fraction) -> int:
    """Return the least integer N >= s ln(q s / eta)."""
    return rounded_up(parities_asked(n, eta))


def independent(rows: Sequence[Sequence[int]]) -> bool:
    """Certify that integer rows are linearly independent: their rank modulo a prime is full."""
    return rank_mod(rows, PRIME) == len(rows)


@dataclass(frozen=True)
class Lift:
    """n codes of r bits, cut into blocks, and N random parities, to be right with probability 1 - eta.

    trials : 0, so that the probability is counted, or how often to draw the parities from `seed`.
    """

    codes: Codes
    r: int
    N: int
    eta: Fraction
    trials: int = 0
    seed: int = 0

    @property
    def blocks(self) -> list[Codes]:
        return cut(self.codes, block_size(len(self.codes)))

    @property
    def probability(self) -> Fraction:
        """The probability that every block is independent: the chains of all blocks run on the same sets."""
        chains = [Chain(block, tuple(range(1 << self.r))) for block in self.blocks]
        law = {(0,) * len(chains): 1}
        for _ in range(self.N):
            after: dict[tuple[int, ...], int] = {}
            for states, w in law.items():
                for k in range(1 << self.r):
                    then = tuple(
                        chain.span(state | 1 << k)[0] for chain, state in zip(chains, states, strict=True)
                    )
                    after[then] = after.get(then, 0) + w
            law = after
        good = sum(
            w
            for states, w in law.items()
            if all(chain.full(state) for chain, state in zip(chains, states, strict=True))
        )
        return Fraction(good, 1 << self.r * self.N)

    @cached_property
    def good(self) -> int:
        """The number of trials in which every block is independent."""
        words = random_words(self.trials * self.N, self.r, self.seed)
        return sum(
            all(independent(lifted(block, subsets)) for block in self.blocks)
            for subsets in cut(words, self.N)
        )


@dataclass(frozen=True)
class Lifted:
    """Parities of the bits of a code, realised by one layer of threshold units."""

    r: int
    subsets: tuple[int, ...]

    def layer(self) -> tuple[Any, Sparse]:
        """The layer, on the bits of a code, and the sums over j of (-1)^(j+1) t_j as linear forms of it."""
        bits = Sparse.of([{i: 1} for i in range(self.r)], self.r)
        return parity_layer([bits_of(S) for S in self.subsets], bits)


def bits_of(S: int) -> list[int]:
    """Return the positions of the ones of a word."""
    return [i for i in range(S.bit_length()) if S >> i & 1]


def enough_are_drawn(x: Lift | Lifted) -> Answer:
    if isinstance(x, Lifted):
        return True
    if not 0 < x.eta < 1:
        return Counterexample(f"eta is {x.eta}")
    asked = parities_asked(len(x.codes), x.eta)
    return bool(asked <= x.N) or Counterexample(f"N is {x.N}, and the bound {asked.str(3, radius=False)}")


def units_compute_characters(x: Lifted) -> Answer:
    """At every code, 1 - 2 (form l) is chi_l; there are sum |S_l| <= N r units with weights 0 and 1."""
    layer, forms = x.layer()
    codes = range(1 << x.r)
    found = values_of([layer], forms, [[c >> i & 1 for i in range(x.r)] for c in codes])
    for c, values in zip(codes, found, strict=True):
        if [1 - 2 * v for v in values] != lifted([c], x.subsets)[0]:
            return Counterexample(f"the units do not give the characters of the code {c:0{x.r}b}")
    units = sum(S.bit_count() for S in x.subsets)
    if not (layer.units == units <= len(x.subsets) * x.r and {w for _, _, w in layer.entries} <= {1}):
        return Counterexample(f"there are {layer.units} units where {units} are promised")
    return True


def blocks_become_independent(x: Lift | Lifted) -> Answer | Frequency:
    """With probability >= 1 - eta every block is independent: counted, or drawn; and the layer is right."""
    if isinstance(x, Lifted):
        return units_compute_characters(x)
    if x.trials:
        return frequency(x.good, x.trials, 1 - x.eta)
    chance = x.probability
    return chance >= 1 - x.eta or Counterexample(
        f"all blocks are independent with probability {chance}, and eta is {x.eta}"
    )


lift = Claim(
    "rajput-lift",
    hypotheses={
        "the codes are distinct": codes_are_distinct,
        "N >= s ln(qs/eta) and 0 < eta < 1": enough_are_drawn,
    },
    conclusion=blocks_become_independent,
)
