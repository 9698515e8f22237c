"""Whole networks with a fixed wiring: how many labellings W parameters, or a number of bits, can produce.

Networks on few points are listed by exhaustion, in integers; logarithms are FLINT balls.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, product
from math import prod
from typing import Any

from flint import arb, fmpq

from memlib.evidence import Answer, Counterexample
from memlib.exact import dot
from memlib.rajput.arrangements import E, Points, Row, cells
from memlib.rajput.first_layers import Labelling, cuts
from memlib.rajput.two_points import rounded_up
from memlib.search import few, separable

# --- bits ---


@dataclass(frozen=True)
class Family:
    """One-layer or two-layer threshold networks whose weights and thresholds are read from a list of 2^b values.

    hidden : number of hidden units, 0: the output unit reads the input. wirings : for every network that may be
    chosen, the connections that exist, one 0/1 a weight; their thresholds always exist. Fixed: a single wiring.
    """

    points: Points
    values: tuple[int, ...]
    hidden: int = 0
    wirings: tuple[Row, ...] | None = None

    @property
    def fans(self) -> tuple[int, ...]:
        """The number of weights of every unit, the output last."""
        d = len(self.points[0])
        return (d,) * self.hidden + (self.hidden or d,)

    @property
    def masks(self) -> tuple[Row, ...]:
        return self.wirings or ((1,) * sum(self.fans),)

    @property
    def bits(self) -> int:
        """Bits for the weights and thresholds of one network: log2 of the values each; the wiring is not counted."""
        each = (len(self.values) - 1).bit_length()
        return each * (max(map(sum, self.masks)) + len(self.fans))

    def labellings(self) -> set[Labelling]:
        """Return the labellings of all networks, one by one."""
        found = set()
        for mask in self.masks:
            for chosen in product(self.values, repeat=sum(mask) + len(self.fans)):
                stream = iter(chosen)
                weights = [next(stream) if there else 0 for there in mask]
                thresholds = list(stream)
                found.add(tuple(self.output(x, weights, thresholds) for x in self.points))
        return found

    def output(self, x: Row, weights: list[int], thresholds: list[int]) -> int:
        d, before = len(x), []
        for k in range(self.hidden):
            before.append(int(dot(weights[k * d : (k + 1) * d], x) >= thresholds[k]))
        return int(dot(weights[self.hidden * d :], before if self.hidden else x) >= thresholds[-1])


def one_wiring(it: Any) -> Answer:
    masks = getattr(it, "masks", ())
    return len(masks) <= 1 or Counterexample(f"there are {len(masks)} wirings to choose from")


def no_more_than_bits_say(family: Family) -> Answer:
    """At most 2^bits labellings; if all 2^n occur, there are at least n bits."""
    found, n = len(family.labellings()), len(family.points)
    if found > 2**family.bits:
        return Counterexample(f"{found} labellings of {n} points from {family.bits} bits")
    return True


# --- weights ---


def most_shattered(W: int, N: int) -> arb:
    """Enclose 2 W log2(e N)."""
    return 2 * W * ((arb(N).log() + 1) * (fmpq(1) / arb(2).log()))


@dataclass(frozen=True)
class Budget:
    """Numbers of units N and of parameters W >= N; `most` encloses 2 W log2(e N)."""

    N: int
    W: int
    most: arb

    @classmethod
    def of(cls, N: int, W: int) -> "Budget":
        return cls(N, W, most_shattered(W, N))


@dataclass(frozen=True)
class Wired:
    """The networks with k hidden units in one layer and an output unit (k = 0: one unit); or one sine before a unit.

    kind : "threshold" or "sine". The parameters are all weights and thresholds.
    """

    points: Points
    k: int
    kind: str = "threshold"

    @property
    def parameters(self) -> tuple[int, ...]:
        """Weights and thresholds of every unit, the output last."""
        if self.kind == "sine":
            return (1, 2)
        d = len(self.points[0])
        return (d + 1,) * self.k + ((self.k or d) + 1,)


@lru_cache(maxsize=8)
def boolean_units(k: int) -> tuple[dict[Row, int], ...]:
    """Return all functions of k bits that one threshold unit computes, as dictionaries."""
    cube = tuple(product((0, 1), repeat=k))
    return tuple(
        dict(zip(cube, values, strict=True))
        for values in product((0, 1), repeat=1 << k)
        if separable(cube, values)
    )


def labellings_of(it: Wired) -> set[Labelling]:
    """Return all labellings that the networks give: every choice of patterns, every output unit."""
    if it.kind == "sine":
        return sine_labellings(it.points)
    if not it.k:
        return set(cuts(few(it.points)))
    found: set[Labelling] = set()
    for chosen in combinations_with_replacement(cuts(few(it.points)), it.k):
        codes = list(zip(*chosen, strict=True))
        found.update(tuple(f[c] for c in codes) for f in boolean_units(it.k))
    return found


def sine_labellings(points: Points) -> set[Labelling]:
    """Return the labels [sin(w x) > 0] at x = 1/X for w = pi (1 + sum over the points with label 0 of X).

    points : X_i = 2^i, i = 1, 2, ... The sign is that of sin(pi u) for an exact fraction u: u mod 2 below or above 1.
    """
    found, n = set(), len(points)
    for y in product((0, 1), repeat=n):
        w = 1 + sum(X for (X,), v in zip(points, y, strict=True) if not v)  # in units of pi
        found.add(tuple(int(0 < w % (2 * X) < X) for (X,) in points))
    return found


def most_by_units(parameters: tuple[int, ...], n: int) -> int:
    """Return the product over the units of 2 R(n - 1, W_i - 1), W_i the number of parameters of unit i."""
    return prod(2 * cells(n - 1, w - 1) for w in parameters)


def most_points(parameters: tuple[int, ...]) -> int:
    """Return the largest n with 2^n <= the product over the units: more points are not shattered."""
    low, high = 0, 1
    while 1 << high <= most_by_units(parameters, high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if 1 << middle <= most_by_units(parameters, middle) else (low, middle)
    return low


def not_too_many_points(it: Any) -> Answer:
    """Labellings: at most the product over the units; (eNn/W)^W if n >= W; all 2^n only if n <= 2 W log2(eN)."""
    if isinstance(it, Budget):
        return closed_form(it)
    n, N, W = len(it.points), len(it.parameters), sum(it.parameters)
    found = len(labellings_of(it))
    if found == 1 << n and not arb(n) <= most_shattered(W, N):
        return Counterexample(f"{W} parameters and {N} units give all labellings of {n} points")
    if n >= W and found * W**W > (E * N * n) ** W:
        return Counterexample(f"{found} labellings of {n} points are more than (eNn/W)^W")
    if found > most_by_units(it.parameters, n):
        return Counterexample(f"{found} labellings are more than {most_by_units(it.parameters, n)}")
    return True


def closed_form(it: Budget) -> Answer:
    """For the next integer n above 2 W log2(eN), 2^n exceeds (e N n/W)^W; for N = 1 even 2 R(n - 1, W - 1)."""
    n = rounded_up(it.most)  # 2 W log2(eN) is no integer
    if it.N == 1 and 2 * cells(n - 1, it.W - 1) < 1 << n:
        return True
    if n * arb(2).log() > it.W * (1 + (arb(it.N * n) * (fmpq(1) / arb(it.W))).log()):
        return True
    return Counterexample(f"{n} points are not excluded for W = {it.W}, N = {it.N}")
