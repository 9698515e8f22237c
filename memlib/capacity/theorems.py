"""Which theorem of the book promises less, where, and how far from the lower bounds: claims about the counts.

The counts themselves are in `bounds`; here they are recomputed by going through groups, or by search.
"""

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from memlib.capacity import bounds
from memlib.capacity.bounds import Cost, ask, rajput_main_paper, rajput_main_telescope, up
from memlib.capacity.crossover import (
    Crossover,
    crossover,
    positive_at_start,
    proper_separation,
    smaller_from_there,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.rajput.random_parities import ball, over

# --- limits-dominates-shallow ---


@dataclass(frozen=True)
class Case:
    """n points of R^d."""

    n: int
    d: int

    def groups(self, size: int) -> int:
        """The number of groups if the points are cut into groups of `size`, by cutting."""
        return len(range(0, self.n, size))

    @property
    def smooth(self) -> int:
        """The least m with n <= floor(m / 2)(d + 2) + [m odd], by search."""
        m = 1
        while self.n > m // 2 * (self.d + 2) + m % 2:
            m += 1
        return m


def period(d: int) -> tuple[Case, ...]:
    """Return n = 1, ..., d (d + 1)(d + 2): beyond, all counts repeat themselves with constants added."""
    return tuple(Case(n, d) for n in range(1, d * (d + 1) * (d + 2) + 1))


def at_least_one(it: Case) -> Answer:
    return (it.n >= 1 and it.d >= 1) or Counterexample(f"n = {it.n}, d = {it.d}")


def equal_groups(it: Case) -> bool:
    """Whether h + i < d for n - 1 = h (d + 1) + i."""
    return sum(divmod(it.n - 1, it.d + 1)) < it.d


def in_this_order(it: Case) -> Answer:
    """The chain F <= 2 S <= 2 P <= 2 G < 3 G + 1 <= 4 G, with its cases of equality."""
    S, P, G = (it.groups(it.d + k) for k in (2, 1, 0))
    chain = (it.smooth, 2 * S, 2 * P, 2 * G, 3 * G + 1, 4 * G)
    stated = (
        bounds.madden_full_jacobian(it.n, it.d), 2 * up(it.n, it.d + 2), bounds.madden_relu_exact(it.n, it.d),
        bounds.bubeck_relu_2(it.n, it.d), bounds.bubeck_relu_3(it.n, it.d), bounds.bubeck_relu_4(it.n, it.d),
    )  # fmt: skip
    if chain != stated:
        return Counterexample(f"n = {it.n}, d = {it.d}: counted {chain}, the formulas say {stated}")
    if list(chain) != sorted(chain) or chain[3] == chain[4]:
        return Counterexample(f"n = {it.n}, d = {it.d}: {chain} is not in order")
    F = chain[0]
    for says, left, right in (
        ("F = 2S unless d + 2 divides n - 1", F == 2 * S, (it.n - 1) % (it.d + 2) != 0),
        ("P = G exactly if h + i < d", P == G, equal_groups(it)),
        ("no P = G beyond d^2", P == G and it.n > it.d**2, False),
        ("3G + 1 = 4G exactly if n <= d", G == 1, it.n <= it.d),
    ):
        if left != right:
            return Counterexample(f"n = {it.n}, d = {it.d}: {says} is wrong for {chain}")
    return True


def strict_for_more_than_d(it: Case) -> Answer:
    """The wrong version: 2 ceil(n / (d + 1)) < 2 ceil(n / d) as soon as n > d."""
    P, G = it.groups(it.d + 1), it.groups(it.d)
    return it.n <= it.d or P < G or Counterexample(f"n = {it.n}, d = {it.d}: both are {2 * G}")


dominates_shallow = Claim(
    "limits-dominates-shallow", hypotheses={"n >= 1 and d >= 1": at_least_one}, conclusion=in_this_order
)


# --- limits-dominates-deep ---


@dataclass(frozen=True)
class Deep:
    """n points of R^d with separation delta; `side` encloses pi / delta."""

    n: int
    d: int
    delta: Fraction
    side: arb

    @classmethod
    def of(cls, n: int, d: int, delta: Fraction | int) -> "Deep":
        return cls(n, d, Fraction(delta), over(arb.pi(), ball(delta)))


def two_points(it: Deep) -> Answer:
    return (it.n >= 2 and it.d >= 1) or Counterexample(f"n = {it.n}, d = {it.d}")


def fits_the_ball(it: Deep) -> Answer:
    return 0 < it.delta <= 2 or Counterexample(f"delta is {it.delta}")


def smaller_in_everything(it: Deep) -> Answer:
    """Theorem 2 has fewer units and weights than Theorem 1, two layers less, and k is the next power of two."""
    old, new = rajput_main_paper(it.n, it.d, it.delta), rajput_main_telescope(it.n, it.d, it.delta)
    for what in ("units", "weights"):
        a, b = getattr(new, what), getattr(old, what)
        if a >= b:
            return Counterexample(f"{a} {what} against {b}")
    less = old.layers - new.layers
    if less != 2:
        return Counterexample(f"{new.layers} layers against {old.layers}, {less} less")
    k = 1 << (new.layers - 4)
    return bool(k >= it.side and it.side * 2 > k) or Counterexample(f"k = {k} is not next above {it.side}")


dominates_deep = Claim(
    "limits-dominates-deep",
    hypotheses={"n >= 2 and d >= 1": two_points, "0 < delta <= 2": fits_the_ball},
    conclusion=smaller_in_everything,
)


# --- limits-factor-two ---


def worst_baum(it: Case) -> int:
    """Return the largest min(2 ceil(n_min / d), ceil(n / d)) over n_min = 1, ..., floor(n / 2), one by one."""
    whole = it.groups(it.d)
    return max(min(2 * len(range(0, rare, it.d)), whole) for rare in range(1, it.n // 2 + 1))


def two_and_one(it: Case) -> Answer:
    return (it.n >= 2 and it.d >= 1) or Counterexample(f"n = {it.n}, d = {it.d}")


def close_to_the_bounds(it: Case) -> Answer:
    """Upper against lower: twice for ReLU and for smooth units, at most one more for thresholds."""
    n, d = it.n, it.d
    P, S, G = it.groups(d + 1), it.groups(d + 2), it.groups(d)
    if (bounds.madden_relu_exact(n, d), bounds.bubeck_param_lower_bound(n, d)) != (2 * P, P):
        return Counterexample(f"ReLU, n = {n}, d = {d}: not twice {P}")
    room = P + up(P, d)
    tight = n == P * (d + 1)
    if room < G or (tight and room > G):
        return Counterexample(f"ReLU, n = {n}, d = {d}: {G} groups, P + ceil(P/d) = {room}")
    if not S == bounds.madden_sard(n, d) <= it.smooth <= 2 * S:
        return Counterexample(f"smooth, n = {n}, d = {d}: {it.smooth} against {S}")
    q, rest = divmod(n - 1, d)
    extra = int(rest == 0 and q % 2 == 1)
    found, least = worst_baum(it), bounds.limits_alternation(n, d)
    if found != bounds.bubeck_baum_exact(n, d) or found != least + extra:
        return Counterexample(f"thresholds, n = {n}, d = {d}: {found} against {least}")
    return True


def twice_for_every_count(it: Case) -> Answer:
    """The wrong version: 2 ceil(n / d) is at most twice ceil(n / (d + 1)) as well."""
    P, G = it.groups(it.d + 1), it.groups(it.d)
    return G <= P or Counterexample(f"n = {it.n}, d = {it.d}: 2 * {G} is more than 2 * {P}")


def baum_meets_alternation(it: Case) -> Answer:
    """The wrong version: Baum's count and the lower bound by alternation are equal."""
    a, b = bounds.bubeck_baum_exact(it.n, it.d), bounds.limits_alternation(it.n, it.d)
    return a == b or Counterexample(f"n = {it.n}, d = {it.d}: {a} units, and {b} are needed")


factor_two = Claim(
    "limits-factor-two", hypotheses={"n >= 2 and d >= 1": two_and_one}, conclusion=close_to_the_bounds
)


# --- limits-crossover ---

crossing = Claim(
    "limits-crossover",
    hypotheses={"0 < delta <= 2": proper_separation, "D(n_0) > 0": positive_at_start},
    conclusion=smaller_from_there,
)

__all__ = ["Case", "Cost", "Crossover", "Deep", "ask", "crossover", "period"]
