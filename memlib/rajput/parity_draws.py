"""Random parities for codes in blocks: the probability that a draw is good, counted exactly or sampled."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, prod

from memlib.evidence import Answer, Counterexample, Frequency
from memlib.rajput.chain import Codes
from memlib.rajput.lift import block_size, cut
from memlib.rajput.lift_floats import frequency, random_words


def labelled_blocks(codes: Codes, labels: Sequence[int]) -> list[tuple[Codes, tuple[int, ...]]]:
    """Cut the codes and their labels into blocks of s, the square root of their number rounded up."""
    s = block_size(len(codes))
    return list(zip(cut(codes, s), cut(labels, s), strict=True))


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """List all ways to write `total` as an ordered sum of `parts` integers >= 0."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, parts - 1):
            yield (first, *rest)


@dataclass(frozen=True)
class Draw:
    """n labelled codes of r bits in blocks, and N random parities, to be good with probability 1 - eta.

    trials : 0, so that the probability is counted, or how often to draw the parities from `seed`.
    """

    codes: Codes
    labels: tuple[int, ...]
    r: int
    N: int
    eta: Fraction
    trials: int = 0
    seed: int = 0

    def counted(self, good: Callable[["Draw", tuple[int, ...]], bool]) -> Fraction:
        """Return the probability that N random sets are good; how often each set occurs decides that."""
        kinds, ways = 1 << self.r, 0
        for counts in compositions(self.N, kinds):
            sets = tuple(S for S, c in enumerate(counts) for _ in range(c))
            if good(self, sets):
                ways += factorial(self.N) // prod(map(factorial, counts))
        return Fraction(ways, kinds**self.N)

    def hits(self, good: Callable[["Draw", tuple[int, ...]], bool]) -> int:
        """Return the number of trials in which the drawn sets are good."""
        words = random_words(self.trials * self.N, self.r, self.seed)
        return sum(good(self, sets) for sets in cut(words, self.N))

    def decide(self, good: Callable[["Draw", tuple[int, ...]], bool]) -> Answer | Frequency:
        if self.trials:
            return frequency(self.hits(good), self.trials, 1 - self.eta)
        chance = self.counted(good)
        return chance >= 1 - self.eta or Counterexample(
            f"it happens with probability {chance.limit_denominator(10**6)}, and eta is {self.eta}"
        )
