"""From where on a deep threshold network is smaller than a shallow one: decided for all n, from one sign and a scan."""

from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb

from memlib.capacity.bounds import bubeck_baum_exact, least_length, rajput_main_telescope
from memlib.evidence import Answer, Counterexample
from memlib.rajput.random_parities import kappa
from memlib.vershynin.normal import over

#: The conclusion is looked at for start, 2 start, 4 start, ... as well, although the theorem covers all of them.
DOUBLINGS = 12


@dataclass(frozen=True)
class Crossover:
    """Say for one d and delta: D(start) > 0, and from `least` on, not earlier, the deep network is smaller.

    what : "units" or "weights". kappa : the ball of the theorem's constant.
    """

    d: int
    delta: Fraction
    start: int
    least: int
    what: str = "units"
    kappa: arb = field(default_factory=kappa)

    def deep(self, n: int) -> int:
        """U(n) or V(n), rounded down."""
        return getattr(rajput_main_telescope(n, self.d, self.delta), self.what)

    def shallow(self, n: int) -> int:
        """B(n) or (d + 1) B(n)."""
        return bubeck_baum_exact(n, self.d) * self.unit

    @property
    def unit(self) -> int:
        """What one unit of Baum's network costs."""
        return self.d + 1 if self.what == "weights" else 1

    def last_below(self, count: int) -> int:
        """Return the largest n with shallow(n) <= count: B(n) <= b exactly for n <= b d + [b even]."""
        b = count // self.unit
        return b * self.d + (b % 2 == 0)


def envelope(it: Crossover, n: int) -> arb:
    """Return D(n), a convex function of n with D(1) < 0 that is at most shallow(n) - deep(n)."""
    k, d = least_length(it.delta), it.d
    r = over(2 * arb(n).log(), it.kappa) + 1  # at least the theorem's r
    root, floor = arb(n).sqrt(), over(arb(n - 1), arb(d))
    if it.what == "units":
        return floor - (3 * k - 1) * r - 2 * root - 3
    return (d + 1) * floor - ((d + 6) * k - 4) * r - n - 3 * r * root - root - 2


def first_positive(it: Crossover) -> int:
    """Return the least integer n >= 2 with D(n) > 0 (balls decide), by bisection: D changes its sign once."""
    low, high = 1, 2
    while not envelope(it, high) > 0:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if envelope(it, middle) > 0 else (middle, high)
    return high


def last_failure(it: Crossover, start: int) -> int:
    """Return the largest n < start with deep(n) >= shallow(n), or 1; deep(start) < shallow(start) is assumed.

    Both counts increase with n. All n' <= n with shallow(n') > deep(n) are in order, so one may go on at the largest
    n' with shallow(n') <= deep(n). If that is not below n, then n itself fails.
    """
    n = start
    while n > 1:
        below = it.last_below(it.deep(n))
        if below >= n:
            return n
        n = below
    return 1


def crossover(d: int, delta: Fraction, what: str = "units") -> Crossover:
    """Return the least n from which on the deep network is smaller, with `start` >= n and D(start) > 0."""
    it = Crossover(d, Fraction(delta), 2, 2, what)
    start = first_positive(it)
    return Crossover(d, Fraction(delta), start, last_failure(it, start) + 1, what)


# --- the predicates of limits-crossover ---


def proper_separation(it: Crossover) -> Answer:
    return 0 < it.delta <= 2 or Counterexample(f"delta is {it.delta}")


def positive_at_start(it: Crossover) -> Answer:
    value = envelope(it, it.start)
    return (it.start >= 2 and bool(value > 0)) or Counterexample(
        f"D({it.start}) is {value.str(3, radius=False)}"
    )


def smaller_from_there(it: Crossover) -> Answer:
    """deep < shallow at `least`, ..., start (each n is decided), 2 start, 4 start, ...; not at `least` - 1."""
    for n in (it.start << j for j in range(DOUBLINGS)):
        if it.deep(n) >= it.shallow(n):
            return Counterexample(f"at n = {n} it is {it.deep(n)} {it.what} against {it.shallow(n)}")
    last = last_failure(it, it.start)
    if last >= it.least:
        return Counterexample(f"at n = {last} it is {it.deep(last)} {it.what} against {it.shallow(last)}")
    n = it.least - 1
    if n >= 2 and it.deep(n) < it.shallow(n):
        return Counterexample(f"already at n = {n} it is {it.deep(n)} {it.what} against {it.shallow(n)}")
    return True
