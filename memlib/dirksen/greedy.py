"""Greedy set cover, twice: the anchors that cover most, and the hyperplanes that separate most pairs.

A set is a Python int, bit i for element i; so unions and counts are exact and fast. The features of a point are one
int as well, bit i for hyperplane i. To choose neurons by solving a set cover problem is an idea on the 2022 slides of
Dirksen, Finke and Genzel; pruning the first layer in the same way is ours and rests on dirksen-alg-iff.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample

#: The bits of points, one int a point.
Features = Sequence[int]


def elements(members: int) -> list[int]:
    """Return the elements of a set."""
    return [i for i, digit in enumerate(reversed(f"{members:b}")) if digit == "1"]


def greedy_cover(sets: Sequence[int], universe: int) -> list[int]:
    """Return indices of sets that cover the universe, each the one that covers most of what is uncovered.

    Ties go to the smallest index. Implements dirksen-greedy. Raises ValueError if the sets do not cover the universe.
    """
    left, picks = universe, []
    while left:
        k = max(range(len(sets)), key=lambda i: (sets[i] & left).bit_count(), default=None)
        if k is None or not sets[k] & left:
            raise ValueError(f"element {elements(left)[0]} lies in no set")
        picks.append(k)
        left &= ~sets[k]
    return picks


def regions(minus: Features, plus: Features) -> list[int]:
    """Return for every anchor the set of x in X^- with cnt(anchor, x) < m, m the least cnt(anchor, y) over X^+."""
    found = []
    for z in minus:
        m = min((y & ~z).bit_count() for y in plus)
        found.append(sum(1 << i for i, x in enumerate(minus) if (x & ~z).bit_count() < m))
    return found


def sides(features: Features, n: int) -> list[int]:
    """Return for each of n hyperplanes the set of points on its positive side: the bits, transposed."""
    rows = [f"{z:0{n}b}" for z in reversed(features)]
    return [int("".join(column), 2) for column in zip(*rows, strict=True)][::-1]


def prune(minus: Features, plus: Features, n: int) -> list[int]:
    """Return hyperplanes that separate every pair, each the one that separates most of the pairs not yet separated.

    minus, plus : the bits of X^- and X^+ behind n hyperplanes. Hyperplane i separates the pairs in A_i x B_i: A_i are
    the points of X^- on its side <= 0, B_i those of X^+ on its side > 0. By dirksen-alg-iff these hyperplanes alone
    suffice, and by dirksen-greedy they are at most 1 + ln(N^- N^+) times as many as necessary, out of the n.
    Raises ValueError with a pair that no hyperplane separates.
    """
    everybody = (1 << len(minus)) - 1
    silent = [elements(everybody & ~side) for side in sides(minus, n)]
    active = sides(plus, n)
    left = [(1 << len(plus)) - 1] * len(minus)  # for every x the y that nothing separates from x yet

    def gain(i: int) -> int:
        return sum((left[k] & active[i]).bit_count() for k in silent[i])

    kept = []
    while any(left):
        best = max(range(n), key=gain)
        if gain(best) == 0:
            k = next(k for k, missed in enumerate(left) if missed)
            raise ValueError(
                f"no hyperplane separates point {k} of X^- from point {elements(left[k])[0]} of X^+"
            )
        kept.append(best)
        for k in silent[best]:
            left[k] &= ~active[best]
    return kept


def restricted(features: Features, kept: Sequence[int]) -> list[int]:
    """Return the bits behind the kept hyperplanes only, in their order."""
    return [sum((z >> i & 1) << k for k, i in enumerate(kept)) for z in features]


# --- dirksen-greedy ---


@dataclass(frozen=True)
class Picks:
    """Sets, as bit sets, that are to cover the elements 0, ..., size - 1, and the indices picked one by one."""

    sets: tuple[int, ...]
    size: int
    picks: tuple[int, ...]

    @property
    def universe(self) -> int:
        return (1 << self.size) - 1


def they_cover(it: Picks) -> Answer:
    left = it.universe
    for s in it.sets:
        left &= ~s
    return not left or Counterexample(f"element {elements(left)[0]} lies in no set")


def each_covers_most(it: Picks) -> Answer:
    left = it.universe
    for step, k in enumerate(it.picks):
        mine, most = (it.sets[k] & left).bit_count(), max((s & left).bit_count() for s in it.sets)
        if not left:
            return Counterexample(f"pick {step} comes when all is covered")
        if mine < most:
            return Counterexample(f"pick {step} covers {mine} more, another would cover {most}")
        left &= ~it.sets[k]
    return True


def harmonic(s: int) -> Fraction:
    """Return 1 + 1/2 + ... + 1/s."""
    return sum((Fraction(1, k) for k in range(1, s + 1)), Fraction(0))


def least_cover(sets: Sequence[int], universe: int) -> int:
    """Return the least number of sets that cover the universe, by trying all subfamilies in order of size."""
    for size in range(len(sets) + 1):
        for family in combinations(sets, size):
            left = universe
            for s in family:
                left &= ~s
            if not left:
                return size
    raise ValueError("the sets do not cover the universe")


def few_picks(it: Picks, optimal: bool = False) -> Answer:
    """At most H_s times the least number; optimal : the wrong version, at most the least number."""
    covered = 0
    for k in it.picks:
        covered |= it.sets[k]
    if it.universe & ~covered:
        return Counterexample(f"element {elements(it.universe & ~covered)[0]} stays uncovered")
    least = least_cover(it.sets, it.universe)
    bound = least if optimal else harmonic(max((s & it.universe).bit_count() for s in it.sets)) * least
    if len(it.picks) <= bound:
        return True
    return Counterexample(f"{len(it.picks)} sets were picked, {least} are enough, the bound is {bound}")


greedy = Claim(
    "dirksen-greedy",
    hypotheses={
        "the sets cover everything": they_cover,
        "each pick covers most of what is uncovered": each_covers_most,
    },
    conclusion=few_picks,
)
