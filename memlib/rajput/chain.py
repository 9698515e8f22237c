"""Characters of bits, and the chain of the subspaces that random characters span, counted exactly.

A code of r bits and a set S of bits are Python ints: bit i is `word >> i & 1`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb

from memlib.exact import dot, kernel

Codes = tuple[int, ...]


def character(S: int, c: int) -> int:
    """Return chi_S(c) = (-1)^(number of ones of c in S)."""
    return -1 if (S & c).bit_count() % 2 else 1


def lifted(codes: Sequence[int], subsets: Sequence[int]) -> list[list[int]]:
    """Return the lifted vectors, shape (n, N): the row of a code holds its characters."""
    return [[character(S, c) for S in subsets] for c in codes]


@dataclass(frozen=True)
class Chain:
    """The subspaces spanned by chi_S1, chi_S2, ... for random sets S out of `subsets`, as a Markov chain.

    A subspace is known by the sets whose chi it contains: a state is an int with one bit for each of `subsets`.
    """

    codes: Codes
    subsets: tuple[int, ...]

    @cached_property
    def vectors(self) -> list[tuple[int, ...]]:
        return list(zip(*lifted(self.codes, self.subsets), strict=True))

    @cached_property
    def _spans(self) -> dict[int, tuple[int, int]]:
        return {}

    @cached_property
    def _steps(self) -> dict[int, dict[int, int]]:
        return {}

    def span(self, generators: int) -> tuple[int, int]:
        """Return the span of the chosen vectors as a state, with its dimension.

        A vector lies in a span iff it is orthogonal to everything that is orthogonal to the span.
        """
        if generators not in self._spans:
            chosen = [v for k, v in enumerate(self.vectors) if generators >> k & 1]
            normals = kernel(chosen)
            state = sum(1 << k for k, v in enumerate(self.vectors) if not any(dot(u, v) for u in normals))
            self._spans[generators] = state, len(self.codes) - len(normals)
        return self._spans[generators]

    def steps(self, state: int) -> dict[int, int]:
        """For every state that one more set can lead to, the number of sets that do."""
        if state not in self._steps:
            counts = self._steps[state] = {}
            for k in range(len(self.subsets)):
                after = state if state >> k & 1 else self.span(state | 1 << k)[0]
                counts[after] = counts.get(after, 0) + 1
        return self._steps[state]

    def full(self, state: int) -> bool:
        return bool(state) and self.span(state)[1] == len(self.codes)

    def tails(self, most: int) -> list[Fraction]:
        """P(T > N) for N = 0, ..., most, where T is the time at which the vectors span everything."""
        law, found = {0: 1}, []
        for N in range(most + 1):
            missing = sum(w for state, w in law.items() if not self.full(state))
            found.append(Fraction(missing, len(self.subsets) ** N))
            after: dict[int, int] = {}
            for state, w in law.items():
                for then, count in self.steps(state).items():
                    after[then] = after.get(then, 0) + w * count
            law = after
        return found

    def expected(self, state: int = 0) -> Fraction | None:
        """E[T], started in a state; None if T may be infinite."""
        waiting: dict[int, Fraction | None] = {}

        def wait(state: int) -> Fraction | None:
            if state not in waiting:
                steps = dict(self.steps(state))
                leave = len(self.subsets) - steps.pop(state, 0)
                then = [(count, wait(after)) for after, count in steps.items()]
                if self.full(state):
                    waiting[state] = Fraction(0)
                elif not leave or any(w is None for _, w in then):
                    waiting[state] = None
                else:
                    later = sum((count * w for count, w in then if w is not None), Fraction(0))
                    waiting[state] = (len(self.subsets) + later) * Fraction(1, leave)
            return waiting[state]

        return wait(state)


def coupon_tail(s: int, N: int) -> Fraction:
    """Return the probability that N coupons, of s kinds, miss a kind: by inclusion and exclusion."""
    return sum(((-1) ** (j + 1) * comb(s, j) * Fraction(s - j, s) ** N for j in range(1, s + 1)), Fraction(0))


def coupon_mean(s: int) -> Fraction:
    """Return s H_s, the expected number of coupons until all s kinds are there."""
    return s * sum((Fraction(1, k) for k in range(1, s + 1)), Fraction(0))
