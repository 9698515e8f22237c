"""How many codes m threshold units can give: at most R(m, d) = C(m, 0) + ... + C(m, d), attained by monic polynomials.

Units and points are integers. Whether a code occurs somewhere in space is decided by circuits, without coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial, prod
from typing import Any

from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import dot
from memlib.search import circuits

Row = tuple[int, ...]
Points = tuple[Row, ...]
#: A little less than e = 2.7182818...: whoever proves m >= x/E has proved m >= x/e.
E = Fraction(1264, 465)


def cells(m: Any, d: int) -> Any:
    """Return R(m, d) = C(m, 0) + ... + C(m, d); for a sympy symbol m a polynomial of degree d."""
    if type(m) is int:
        return sum(comb(m, i) for i in range(d + 1))
    return sum(Fraction(1, factorial(i)) * prod(m - j for j in range(i)) for i in range(d + 1))


@dataclass(frozen=True)
class Recursion:
    """The recursion R(m, d) = R(m - 1, d) + R(m - 1, d - 1) at one d >= 1 and one m, which may be a symbol."""

    m: Any
    d: int


@dataclass(frozen=True)
class Arrangement:
    """m units on R^d, a row (w, b) each; `at` the points that get codes, None: all of space.

    kind : "threshold", the unit [w.x + b >= 0], or "disc", the unit [|x - w|^2 <= b]. full : whether the units are
    claimed to give as many codes as is possible.
    """

    rows: tuple[Row, ...]
    at: Points | None = None
    kind: str = "threshold"
    full: bool = False

    @property
    def d(self) -> int:
        return len(self.rows[0]) - 1

    def code(self, x: Row) -> Row:
        if self.kind == "threshold":
            return tuple(int(dot(w, x) + b >= 0) for *w, b in self.rows)
        return tuple(int(sum((a - c) ** 2 for a, c in zip(x, w, strict=True)) <= b) for *w, b in self.rows)

    def codes(self) -> set[Row]:
        """Return the codes of the points, or all the codes that occur somewhere in space."""
        if self.at is not None:
            return {self.code(x) for x in self.at}
        if self.kind != "threshold":
            raise ValueError("only threshold units are decided for all of space; name the points")
        return {c for c in product((0, 1), repeat=len(self.rows)) if occurs(self.rows, c)}


def occurs(rows: tuple[Row, ...], code: Row) -> bool:
    """Decide whether some x has w.x + b >= 0 where the code is 1 and w.x + b < 0 where it is 0.

    By Motzkin's theorem there is none iff 0 = c_0 (0, 1) + sum c_i (w_i, b_i) with c_0 >= 0, c_i >= 0 where the code
    is 1, c_i <= 0 where it is 0, and not all of c_0 and the latter are 0. Such a relation is a sum of minimal ones
    with the same signs. Minimal relations are affine circuits once the origin is added to the vectors.
    """
    d = len(rows[0]) - 1
    vectors = ((0,) * (d + 1), (0,) * d + (1,), *rows)  # the origin, the appended coordinate, the units
    for circuit in circuits(vectors):
        signs = [(c > 0, 1 if i == 1 else code[i - 2]) for i, c in circuit.items() if i]
        strict = any(i == 1 or (i > 1 and not code[i - 2]) for i in circuit)
        if strict and (all(p == q for p, q in signs) or all(p != q for p, q in signs)):
            return False
    return True


def times(m: int) -> tuple[int, ...]:
    """Return m integers two apart, in the middle around 0."""
    return tuple(range(1 - m, m, 2))


def monic_units(m: int, d: int) -> Arrangement:
    """Return m units on R^d that give R(m, d) codes.

    A point x is the monic polynomial x_1 + x_2 T + ... + x_d T^(d - 1) + T^d; unit i is its sign at time i.
    """
    return Arrangement(tuple(tuple(t**e for e in range(d + 1)) for t in times(m)), None, full=True)


def polynomial(roots: Sequence[int]) -> Row:
    """Return the coefficients of the monic polynomial with these roots, without the leading one."""
    c = [1]
    for r in roots:
        c = [a - r * b for a, b in zip([0, *c], [*c, 0], strict=True)]
    return tuple(c[:-1])


def monic_points(m: int, d: int) -> Points:
    """Return one point a code of `monic_units(m, d)`: at most d roots, one after a time each; the others below all."""
    gaps = [t + 1 for t in times(m)]
    chosen = [roots for k in range(d + 1) for roots in combinations(gaps, k)]
    return tuple(polynomial([*roots, *[-m] * (d - len(roots))]) for roots in chosen)


def thresholds_only(it: Any) -> Answer:
    kind = getattr(it, "kind", "threshold")
    return kind == "threshold" or Counterexample(f"the units are {kind}s")


def few_codes(it: Any) -> Answer:
    """At most R(m, d) codes, all of them if claimed; R(m, d) <= (em/d)^d for m >= d; or the recursion of R."""
    if isinstance(it, Recursion):
        right = cells(it.m - 1, it.d) + cells(it.m - 1, it.d - 1)
        return equal(cells(it.m, it.d), right) or Counterexample(f"the recursion fails for d = {it.d}")
    m, d, found = len(it.rows), it.d, len(it.codes())
    if found > cells(m, d):
        return Counterexample(f"{m} units in R^{d} give {found} codes, more than {cells(m, d)}")
    if it.full and found < cells(m, d):
        return Counterexample(f"{m} units in R^{d} give only {found} codes of {cells(m, d)}")
    if m >= d and cells(m, d) * d**d > (E * m) ** d:
        return Counterexample(f"R({m}, {d}) exceeds (em/d)^d")
    return True
