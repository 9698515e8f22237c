"""The sizes of the log-free theorem: k hyperplanes a parity, r parities, and what they bound. Balls round."""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from flint import arb

from memlib.rajput.integers import enough_bits
from memlib.rajput.random_parities import ball, kappa, over
from memlib.rajput.two_points import rounded_up


def least_length(delta: Fraction) -> int:
    """Return k = 2^ceil(log2(pi / delta)) for 0 < delta <= 2: the least power of two that is at least pi/delta."""
    k = 2
    while not ball(k * delta) >= arb.pi():
        k *= 2
    return k


def parities_asked(n: int, eta: Fraction, k: int | None = None, delta: Fraction = Fraction(0)) -> arb:
    """Enclose ln(n (n - 1) / (2 eta)) / kappa_k for n >= 2; without k, with kappa in place of kappa_k."""
    return over(ball(Fraction(n * (n - 1), 2) / Fraction(eta)).log(), kappa(k, delta))


def least_parities(n: int, eta: Fraction, k: int | None = None, delta: Fraction = Fraction(0)) -> int:
    """Return the least integer r >= 1 that is large enough."""
    return max(1, rounded_up(parities_asked(n, eta, k, delta))) if n > 1 else 1


@dataclass(frozen=True)
class Sizes:
    """What n points of R^d need with r parities of k hyperplanes; A is the number of changes of the label."""

    n: int
    d: int
    k: int
    r: int

    @property
    def m(self) -> int:
        """Units of the first layer."""
        return self.k * self.r

    @property
    def depth(self) -> int:
        """t + 4 for k = 2^t."""
        return self.k.bit_length() + 3

    def neurons(self, A: int) -> int:
        """3kr - r + 2 sqrt(A) + 3, rounded down."""
        return 3 * self.m - self.r + isqrt(4 * A) + 3

    def weights(self, A: int) -> int:
        """(d + 6)kr + A + r(3 sqrt(A) - 4) + sqrt(A) + 2, rounded down."""
        return (self.d + 6) * self.m + A - 4 * self.r + 2 + isqrt((3 * self.r + 1) ** 2 * A)

    def bits(self, eta: Fraction) -> int:
        """The binary places of the hyperplanes that keep all bits with probability 1 - eta."""
        return enough_bits(self.n, self.m, self.d, eta)
