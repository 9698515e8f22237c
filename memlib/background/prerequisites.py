"""Five prerequisites, as far as no other page states them: grid points in general position, ranks modulo a prime,
shattered sets. Exact.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product
from math import comb, factorial

from flint import fmpz

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import Row, affine_dependency, matrix, rank
from memlib.search import unit_patterns

Points = tuple[Row, ...]
Labelling = tuple[int, ...]
#: The largest number of vectors for which the solutions of A v = 0 mod p are counted one by one.
COUNTABLE = 200_000


# --- background-gp-random ---


@dataclass(frozen=True)
class Draw:
    """n points of R^d whose coordinates are drawn independently and uniformly from the list S.

    lists : another law, by the equally likely lists of points; for controls.
    """

    n: int
    d: int
    S: tuple[int, ...]
    lists: tuple[Points, ...] | None = None

    def outcomes(self) -> Iterator[Points]:
        """All equally likely lists of n points."""
        if self.lists is not None:
            yield from self.lists
        else:
            yield from product(product(self.S, repeat=self.d), repeat=self.n)

    @property
    def size(self) -> int:
        """The number of points of which affine independence is asked: min(n, d + 1)."""
        return min(self.n, self.d + 1)


def in_general_position(points: Points) -> bool:
    """Every at most d + 1 of the points are affinely independent; the largest subsets decide."""
    size = min(len(points), len(points[0]) + 1)
    return not any(affine_dependency(subset) for subset in combinations(points, size))


@lru_cache(maxsize=32)
def chance_of_special_position(it: Draw) -> Fraction:
    """Return the probability that the points are not in general position, by counting all lists."""
    bad = total = 0
    for points in it.outcomes():
        total += 1
        bad += not in_general_position(points)
    return Fraction(bad, total)


def elements_differ(it: Draw) -> Answer:
    return len(set(it.S)) == len(it.S) or Counterexample(
        f"S lists {len(it.S)} numbers, {len(set(it.S))} differ"
    )


def coordinates_are_independent(it: Draw) -> Answer:
    """All lists of points with coordinates in S are equally likely."""
    if it.lists is None:
        return True
    every, seen = len(it.S) ** (it.n * it.d), Counter(it.lists)
    if len(set(seen.values())) > 1:
        return Counterexample("some lists are likelier than others")
    allowed = set(product(product(it.S, repeat=it.d), repeat=it.n))
    return set(seen) == allowed or Counterexample(
        f"only {len(allowed & set(seen))} of the {every} lists occur"
    )


def special_position_is_rare(it: Draw) -> Answer:
    """At most binom(n, q) (q - 1) / |S| with q = min(n, d + 1)."""
    found = chance_of_special_position(it)
    most = Fraction(comb(it.n, it.size) * (it.size - 1), len(it.S))
    return found <= most or Counterexample(f"the probability is {found}, more than {most}")


def degree_left_out(it: Draw) -> Answer:
    """A wrong version: at most binom(n, q) / |S|."""
    found, most = chance_of_special_position(it), Fraction(comb(it.n, it.size), len(it.S))
    return found <= most or Counterexample(f"the probability is {found}, more than {most}")


gp_random = Claim(
    "background-gp-random",
    hypotheses={
        "the elements of S differ": elements_differ,
        "the coordinates are independent and uniform": coordinates_are_independent,
    },
    conclusion=special_position_is_rare,
)


# --- background-rank-mod-p ---


@dataclass(frozen=True)
class Reduction:
    """An integer matrix and the number p modulo which it is read."""

    rows: Points
    p: int


def solutions(it: Reduction) -> int:
    """Count the v with A v = 0 mod p, one by one."""
    columns = len(it.rows[0])
    if it.p**columns > COUNTABLE:
        raise ValueError(f"{it.p}^{columns} vectors are too many to try")
    return sum(
        all(sum(a * c for a, c in zip(row, v, strict=True)) % it.p == 0 for row in it.rows)
        for v in product(range(it.p), repeat=columns)
    )


def minors(rows: Points, size: int) -> Iterator[int]:
    """All size x size minors; the one of size 0 is 1."""
    if not size:
        yield 1
        return
    for chosen in combinations(rows, size):
        for columns in combinations(range(len(rows[0])), size):
            yield int(matrix([row[j] for j in columns] for row in chosen).det())


def rank_by_counting(it: Reduction) -> int | None:
    """Return r_p, where A v = 0 mod p has p^(columns - r_p) solutions, or None if there is no such number."""
    count, columns = solutions(it), len(it.rows[0])
    return next((r for r in range(columns + 1) if it.p ** (columns - r) == count), None)


def bad_primes(rows: Points) -> list[int]:
    """List the primes that divide every r x r minor, r the rank; in order."""
    g = fmpz(0)
    for minor in minors(rows, rank(rows)):
        g = g.gcd(fmpz(minor))
    return sorted(int(q) for q, _ in g.factor()) if g > 1 else []


def p_is_prime(it: Reduction) -> Answer:
    return bool(fmpz(it.p).is_prime()) or Counterexample(f"p = {it.p} is not prime")


def rank_mod_p_is_a_lower_bound(it: Reduction) -> Answer:
    """r_p <= r; r_p = r iff p spares an r x r minor; and bad primes from p on are few."""
    r, found = rank(it.rows), rank_by_counting(it)
    if found is None:
        return Counterexample(
            f"A v = 0 mod {it.p} has {solutions(it)} solutions, which is no power of {it.p}"
        )
    if found > r:
        return Counterexample(f"the rank mod {it.p} is {found}, over Q it is {r}")
    spared = any(minor % it.p for minor in minors(it.rows, r))
    if (found == r) != spared:
        return Counterexample(f"the ranks are {found} and {r}, a minor is spared: {spared}")
    H = max(abs(a) for row in it.rows for a in row)
    large = [q for q in bad_primes(it.rows) if q >= it.p]
    if it.p ** len(large) > factorial(r) * H**r:
        return Counterexample(f"{len(large)} primes from {it.p} on divide all minors")
    return True


def rank_mod_p_is_the_rank(it: Reduction) -> Answer:
    """A wrong version: r_p = r for every prime."""
    r, found = rank(it.rows), rank_by_counting(it)
    return found == r or Counterexample(f"the rank mod {it.p} is {found}, over Q it is {r}")


rank_mod_p = Claim(
    "background-rank-mod-p",
    hypotheses={"p is prime": p_is_prime},
    conclusion=rank_mod_p_is_a_lower_bound,
)


# --- background-def-shatter and background-sauer ---


@dataclass(frozen=True)
class Chosen:
    """A family of labellings of n points, and the indices of some of the points."""

    labellings: tuple[Labelling, ...]
    some: tuple[int, ...]


def missing_pattern(labellings: Sequence[Labelling], some: Sequence[int]) -> Labelling | None:
    """Return a pattern of zeros and ones that no labelling shows on the chosen points, or None."""
    seen = {tuple(y[i] for i in some) for y in labellings}
    return next((p for p in product((0, 1), repeat=len(some)) if p not in seen), None)


def all_patterns_occur(it: Chosen) -> Answer:
    pattern = missing_pattern(it.labellings, it.some)
    return pattern is None or Counterexample(f"no labelling is {pattern} on the points {it.some}")


shatter = Claim("background-def-shatter", conclusion=all_patterns_occur)


@dataclass(frozen=True)
class Family:
    """A family of labellings of n points, and a number D that is to bound its VC dimension."""

    n: int
    labellings: tuple[Labelling, ...]
    D: int

    def shattered(self) -> list[tuple[int, ...]]:
        """All shattered sets of points, the empty set among them if there is a labelling."""
        return [
            some
            for size in range(self.n + 1)
            for some in combinations(range(self.n), size)
            if missing_pattern(self.labellings, some) is None
        ]


def vc_dimension(n: int, labellings: Sequence[Labelling]) -> int:
    """Return the largest size of a shattered set; -1 for the empty family."""
    return max((len(some) for some in Family(n, tuple(labellings), n).shattered()), default=-1)


def with_dimension(n: int, labellings: Sequence[Labelling]) -> Family:
    """Return the family with D its VC dimension."""
    return Family(n, tuple(labellings), vc_dimension(n, labellings))


def at_most_ones(n: int, D: int) -> Family:
    """All labellings of n points with at most D ones: as many as the lemma allows."""
    return Family(n, tuple(y for y in product((0, 1), repeat=n) if sum(y) <= D), D)


def half_space_labellings(points: Points) -> tuple[Labelling, ...]:
    """All values of a threshold unit [u.x >= b] at integer points."""
    found = {(0,) * len(points), (1,) * len(points)}
    for pattern in unit_patterns(points):
        found |= {pattern, tuple(1 - v for v in pattern)}
    return tuple(sorted(found))


def labels_are_bits(it: Family) -> Answer:
    foreign = [v for y in it.labellings for v in y if v not in (0, 1)]
    return not foreign or Counterexample(f"a label is {foreign[0]}")


def listed_once(it: Family) -> Answer:
    twice = len(it.labellings) - len(set(it.labellings))
    return not twice or Counterexample(f"{twice} labelling is listed again")


def dimension_at_most_D(it: Family) -> Answer:
    for some in combinations(range(it.n), it.D + 1):
        if missing_pattern(it.labellings, some) is None:
            return Counterexample(f"the points {some} are shattered, and D = {it.D}")
    return True


def few_labellings(it: Family) -> Answer:
    """The family shatters at least as many sets as it has members, and has at most sum binom(n, k), k <= D."""
    size, sets = len(it.labellings), len(it.shattered())
    most = sum(comb(it.n, k) for k in range(it.D + 1))
    if size > most:
        return Counterexample(f"there are {size} labellings, more than {most}")
    return sets >= size or Counterexample(f"only {sets} sets are shattered by {size} labellings")


def only_two_to_the_D(it: Family) -> Answer:
    """A wrong version: at most 2^D labellings."""
    size = len(it.labellings)
    return size <= 2**it.D or Counterexample(f"there are {size} labellings, more than 2^{it.D}")


sauer = Claim(
    "background-sauer",
    hypotheses={
        "the labels are 0 and 1": labels_are_bits,
        "no labelling is listed twice": listed_once,
        "no D + 1 points are shattered": dimension_at_most_D,
    },
    conclusion=few_labellings,
)
