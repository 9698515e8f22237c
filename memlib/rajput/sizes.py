"""The explicit sizes of the main theorem, as integers: balls decide every rounding."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb

from memlib.rajput.integers import enough_bits
from memlib.rajput.lift import block_size, enough_parities, rounded_up
from memlib.rajput.random_parities import ball, kappa, over


@dataclass(frozen=True)
class Sizes:
    """The numbers of the theorem for n points of R^d with separation delta, and what they bound.

    m hyperplanes; parity checks whose ones have chance 1/(2D); r of them; t levels of XORs; blocks of s points, q of
    them; N random parities. `bits` is the precision of the first layer.
    """

    n: int
    d: int
    delta: Fraction

    @property
    def log(self) -> arb:
        """ln(4 n^2) = ln(n^2/(2 eta)) for eta = 1/8."""
        return ball(4 * self.n**2).log()

    @cached_property
    def m(self) -> int:
        return rounded_up(over(16 * arb.pi() * self.log, ball(self.delta)))

    @cached_property
    def r(self) -> int:
        return rounded_up(over(self.log, kappa()))

    @cached_property
    def t(self) -> int:
        """The least integer t with 2^t >= 4 pi/delta; it may be negative."""
        asked, t = over(4 * arb.pi(), ball(self.delta)), 0
        while ball(Fraction(2) ** (t - 1)) >= asked:
            t -= 1
        while not ball(Fraction(2) ** t) >= asked:
            t += 1
        return t

    @property
    def s(self) -> int:
        return block_size(self.n)

    @property
    def q(self) -> int:
        return -(-self.n // self.s)

    @cached_property
    def N(self) -> int:
        return enough_parities(self.n, Fraction(1, 8))

    @cached_property
    def bits(self) -> int:
        return enough_bits(self.n, self.m, self.d, Fraction(1, 16))

    @property
    def depth(self) -> int:
        return self.t + 4

    def distance(self, m: int) -> int:
        """Return D = m delta/(4 pi), rounded up: the Hamming distance that m hyperplanes promise."""
        return rounded_up(over(ball(m * self.delta), 4 * arb.pi()))

    @property
    def ones(self) -> arb:
        """4 pi r/delta, which bounds the ones in all parity checks."""
        return over(4 * arb.pi() * self.r, ball(self.delta))

    @property
    def neurons(self) -> int:
        """m + 8 pi r/delta + 2r(t - 1) + 2rN + 2q, rounded down."""
        return -rounded_up(-2 * self.ones) + (
            self.m + 2 * self.r * (self.t - 1) + 2 * self.r * self.N + 2 * self.q
        )

    @property
    def weights(self) -> int:
        """dm + 24 pi r/delta + 8r(t - 1) + 8Nr^2 + 4r(q - 1) + q(2sr + 3), rounded down."""
        r, q = self.r, self.q
        later = 8 * r * (self.t - 1) + 8 * self.N * r**2 + 4 * r * (q - 1) + q * (2 * self.s * r + 3)
        return -rounded_up(-6 * self.ones) + self.d * self.m + later
