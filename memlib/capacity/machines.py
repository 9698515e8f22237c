"""All labellings that tiny threshold networks give, the largest shattered set, and the budget of a weight. Exact."""

from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from flint import arb, fmpq

from memlib.evidence import Answer, Counterexample
from memlib.exact import Row
from memlib.search import few, separable, unit_patterns

Points = tuple[Row, ...]
Labelling = tuple[int, ...]


@dataclass(frozen=True)
class Machine:
    """All networks with k hidden units in one layer and an output unit, on these points; k = 0: one unit.

    kind : "threshold", or "sine" for the unit [sin(w x) > 0] with the one parameter w; a point (X,) is then x = 1/X.
    """

    points: Points
    k: int = 0
    kind: str = "threshold"

    @property
    def U(self) -> int:
        return self.k + 1

    @property
    def W(self) -> int:
        d = len(self.points[0])
        return 1 if self.kind == "sine" else self.k * (d + 1) + (self.k or d) + 1

    def labellings(self) -> set[Labelling]:
        """Return all labellings: all patterns of the hidden units, and every output unit that separates the codes."""
        if self.kind == "sine":
            return sine_labellings(self.points)
        layers = combinations(unit_patterns(few(self.points)), self.k)
        codes = [tuple(zip(*chosen, strict=True)) for chosen in layers] if self.k else [self.points]
        found: set[Labelling] = set()
        for code in codes:
            places = tuple(dict.fromkeys(code))
            for values in product((0, 1), repeat=len(places)):
                label = dict(zip(places, values, strict=True))
                y = tuple(label[c] for c in code)
                if y not in found and separable(places, values):
                    found.add(y)
        return found


def sine_labellings(points: Points) -> set[Labelling]:
    """Return [sin(w x) > 0] at x = 1/X, X = 2, 4, 8, ..., for w/pi = 1 + the sum of those X whose label is to be 0."""
    found = set()
    for y in product((0, 1), repeat=len(points)):
        w = 1 + sum(X for (X,), v in zip(points, y, strict=True) if not v)
        found.add(tuple(int(0 < w % (2 * X) < X) for (X,) in points))
    return found


def largest_shattered(labellings: set[Labelling], n: int) -> int:
    """Return the largest size of a set of the points that gets all labellings."""
    if len(labellings) == 1 << n:
        return n
    sizes = (
        len(subset)
        for size in range(n, -1, -1)
        for subset in combinations(range(n), size)
        if len({tuple(y[i] for i in subset) for y in labellings}) == 1 << size
    )
    return next(sizes)


def log2_e(U: int) -> arb:
    """Enclose log2(e U)."""
    return (1 + arb(U).log()) * (fmpq(1) / arb(2).log())


@dataclass(frozen=True)
class Load:
    """n points, W >= U parameters and U units; `per_weight` encloses log2(e U)."""

    n: int
    W: int
    U: int
    per_weight: arb

    @classmethod
    def least(cls, W: int, U: int, times: int = 3) -> "Load":
        """Return the least load with n >= times W log2(eU)."""
        per_weight = log2_e(U)
        n = (times * W * per_weight).ceil().unique_fmpz()
        if n is None:
            raise ArithmeticError("the ball is too wide to be rounded")
        return cls(int(n), W, U, per_weight)


def threshold_units(it: Any) -> Answer:
    kind = getattr(it, "kind", "threshold")
    return kind == "threshold" or Counterexample(f"the unit is a {kind}")


def few_bits_a_weight(it: Any) -> Answer:
    """At most 2 W log2(eU) points are shattered; for n >= 3 W log2(eU), (eUn/W)^W / 2^n <= (eU)^(-W/2)."""
    if isinstance(it, Load):
        A, ratio = it.per_weight, arb(fmpq(it.n, it.W))
        exponent = A + ratio.log() * (fmpq(1) / arb(2).log()) - ratio  # log2 of the share, for each weight
        enough = 2 * exponent <= -A
        return enough or Counterexample(f"{it.n} points for {it.W} weights in {it.U} units are not enough")
    labellings, n, A = it.labellings(), len(it.points), log2_e(it.U)
    found, most = largest_shattered(labellings, n), 2 * it.W * A
    if not found <= most:
        return Counterexample(f"{found} points are shattered with W = {it.W}, U = {it.U}")
    if n >= 3 * it.W * A and not arb(len(labellings)).log() <= (n - A * fmpq(it.W, 2)) * arb(2).log():
        return Counterexample(f"{len(labellings)} labellings of {n} points are too many")
    return True
