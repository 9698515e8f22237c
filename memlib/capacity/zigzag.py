"""The zigzag 0, 1, 0, 1, ... as real labels of one layer of ReLUs with an output bias: limits-alternation, part 3.

All networks with few units are decided by linear inequalities, without rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product

from memlib.evidence import Answer, Counterexample
from memlib.layer import Layer
from memlib.network import Network
from memlib.search import fewest_bends


@dataclass(frozen=True)
class Zigzag:
    """The labels 0, 1, 0, 1, ... at t = 0, ..., n - 1, for one layer of ReLUs with an output bias."""

    n: int

    @property
    def units(self) -> int:
        """The least number of units that the statement names."""
        return self.n - 1 if self.n <= 4 else self.n - 2

    @property
    def labels(self) -> tuple[int, ...]:
        return tuple(t % 2 for t in range(self.n))


def zigzag_network(n: int) -> Network:
    """Return the network of limits-alternation, part 3, with n - 1 units for n <= 4 and n - 2 for n >= 5."""
    if n <= 4:
        rows = [(1, -t, 1 if t == 0 else -2 * (-1) ** (t + 1)) for t in range(n - 1)]
        bias = 0
    else:
        rows = [(3, -2, -1), (1, -2, 2), (-1, 3, -2)]
        rows += [(1, -k, 2 * (-1) ** k) for k in range(4, n - 1)]
        bias = 6
    if not rows:
        return Network((Layer(((0,),), (0,), "identity"),), "limits-alternation", (1,))
    w, b, a = zip(*rows, strict=True)
    hidden = Layer(tuple((c,) for c in w), b, "relu")
    return Network((hidden, Layer((a,), (bias,), "identity")), "limits-alternation", (1,))


def feasible(equations: list[list[Fraction]], inequalities: list[list[Fraction]]) -> bool:
    """Decide whether c.v + c_0 = 0 and c.v + c_0 >= 0 have a common solution v; a row is (c, c_0).

    Gauss for the equations, then Fourier and Motzkin: of two rows with opposite signs at a letter, the positive
    combination without the letter.
    """
    equations = [list(map(Fraction, row)) for row in equations]
    rows = [tuple(map(Fraction, row)) for row in inequalities]
    while equations:
        e = equations.pop()
        j = next((j for j, c in enumerate(e[:-1]) if c), None)
        if j is None:
            if e[-1]:
                return False
            continue
        clear = [c * Fraction(1, e[j]) for c in e]
        equations = [[a - r[j] * c for a, c in zip(r, clear, strict=True)] for r in equations]
        rows = [tuple(a - r[j] * c for a, c in zip(r, clear, strict=True)) for r in rows]
    for j in range(len(rows[0]) - 1 if rows else 0):
        up, down = [r for r in rows if r[j] > 0], [r for r in rows if r[j] < 0]
        mixed = {tuple(a * -s[j] + b * r[j] for a, b in zip(r, s, strict=True)) for r, s in product(up, down)}
        rows = list({r for r in rows if not r[j]} | mixed)
    return all(r[-1] >= 0 for r in rows)


def reachable(labels: Sequence[int], units: int) -> bool:
    """Decide whether some network with that many ReLUs and an output bias has these labels at 0, ..., n - 1.

    For all choices of the output signs and of the points where each unit is on: linear inequalities for (w_j, b_j)_j
    and the bias.
    """
    n = len(labels)
    on_sets = {tuple(int((t < j) == left) for t in range(n)) for j in range(n + 1) for left in (True, False)}
    for chosen in combinations_with_replacement(sorted(product((1, -1), on_sets)), units):

        def row(parts: list[tuple[int, int]], t: int, bias: int, constant: int) -> list[Fraction]:
            return [Fraction(c) for part in parts for c in (part[0] * t, part[0])] + [
                Fraction(bias), Fraction(constant)]  # fmt: skip

        equations = [row([(s * on[t], 0) for s, on in chosen], t, 1, -labels[t]) for t in range(n)]
        inequalities = [
            row([((1 if on[t] else -1) if i == j else 0, 0) for i in range(units)], t, 0, 0)
            for j, (_, on) in enumerate(chosen)
            for t in range(n)
        ]
        if feasible(equations, inequalities):
            return True
    return False


def exactly_that_many(x: Zigzag) -> Answer:
    """The network has the labels; with a unit less nothing has (all networks for n <= 5, bends for all n)."""
    net = zigzag_network(x.n)
    if net.at_integers(tuple((t,) for t in range(x.n))) != x.labels or net.hidden_neurons != x.units:
        return Counterexample(f"the network has {net.hidden_neurons} units or wrong labels")
    if x.n <= 5:
        if x.units and reachable(x.labels, x.units - 1):
            return Counterexample(f"{x.units - 1} units are enough for the zigzag of {x.n} points")
        return True
    found = fewest_bends(range(x.n), x.labels)
    return found == x.units or Counterexample(f"the zigzag needs {found} bends, not {x.units}")
