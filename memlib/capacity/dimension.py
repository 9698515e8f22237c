"""Four limits of counting: real labels, alternating labels, one sine, piecewise polynomials. The claims of the page.

Here is the first of them: fewer Lipschitz parameters than labels. Everything is exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import floor
from typing import Any

import sympy

from memlib.capacity.alternation import (
    as_few_as_changes,
    follows_the_curve,
    thresholds_or_relus,
)
from memlib.capacity.labellings import (
    all_labellings,
    multipliers_are_odd,
    no_more_than_the_product,
    points_are_powers,
    relu_units,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal

Number = int | Fraction
Vector = tuple[Number, ...]


# --- limits-dim ---


@dataclass(frozen=True)
class Sampled:
    """Values of a map F: R^W -> R^M at finitely many settings, and the numbers of the statement.

    settings : vectors of [-N, N]^W. labels : their values under F. L : Lipschitz constant, K : the grid
    {0, 1/K, ..., 1}^M, eps : how near the labels come to it. tight : whether equality is claimed.
    """

    settings: tuple[Vector, ...]
    labels: tuple[Vector, ...]
    N: Number
    L: Number
    K: int
    eps: Number = 0
    tight: bool = False

    @property
    def W(self) -> int:
        return len(self.settings[0])

    @property
    def M(self) -> int:
        return len(self.labels[0])

    @property
    def cuts(self) -> int:
        """floor(2 N L / (1/K - 2 eps)) + 1, the number of pieces of each side of the cube."""
        return floor(2 * self.N * self.L * Fraction(1, Fraction(1, self.K) - 2 * self.eps)) + 1


@dataclass(frozen=True)
class Bottleneck:
    """Networks R^d -> R^outputs with one hidden layer of m units and no output bias, at n points; any activation."""

    n: int
    d: int
    m: int
    outputs: int

    @property
    def parameters(self) -> int:
        return self.m * (self.d + 1 + self.outputs)


def distance(u: Vector, v: Vector) -> Number:
    """Return max |u_i - v_i|."""
    return max(max(a - b, b - a) for a, b in zip(u, v, strict=True))


def grid(M: int, K: int) -> list[Vector]:
    """Return the points of {0, 1/K, ..., 1}^M in lexicographic order."""
    return [tuple(Fraction(c, K) for c in cell) for cell in product(range(K + 1), repeat=M)]


def walk(M: int, K: int) -> list[Vector]:
    """Return the same points in the order of the snake: each one at the distance 1/K from the one before."""
    if M == 0:
        return [()]
    rest = walk(M - 1, K)
    return [
        (Fraction(c, K), *tail) for c in range(K + 1) for tail in (rest if c % 2 == 0 else reversed(rest))
    ]


def snake(M: int, K: int) -> Sampled:
    """Return the curve [-1/2, 1/2] -> [0, 1]^M that runs through the walk at constant speed, at its corners."""
    points = walk(M, K)
    steps = len(points) - 1
    times = tuple((Fraction(j, steps) - Fraction(1, 2),) for j in range(len(points)))
    return Sampled(times, tuple(points), Fraction(1, 2), Fraction(steps, K), K, tight=True)


def side_by_side(M: int, K: int, W: int) -> Sampled:
    """Return W snakes with a parameter and M coordinates each: a map from R^W to R^(W M)."""
    one = snake(M, K)
    pairs = list(product(zip(one.settings, one.labels, strict=True), repeat=W))
    return Sampled(
        tuple(tuple(t for (s, _) in chosen for t in s) for chosen in pairs),
        tuple(tuple(c for (_, y) in chosen for c in y) for chosen in pairs),
        one.N, one.L, K, tight=True,
    )  # fmt: skip


def dealt_digits(k: int, L: Number) -> Sampled:
    """Return t -> (odd digits of t, even digits of t) on the binary numbers with 2k digits in [0, 1)."""
    times, labels = [], []
    for word in product((0, 1), repeat=2 * k):
        times.append((Fraction(int("".join(map(str, word)), 2), 4**k),))
        halves = (word[0::2], word[1::2])
        labels.append(tuple(Fraction(int("".join(map(str, half)), 2), 2**k - 1) for half in halves))
    return Sampled(tuple(times), tuple(labels), 1, L, 2**k - 1)


def steepest(x: Sampled) -> Number:
    """Return the largest quotient of distances |F(s) - F(t)| / |s - t| among the settings."""
    pairs = combinations(zip(x.settings, x.labels, strict=True), 2)
    return max((Fraction(distance(y, z)) / Fraction(distance(s, t)) for (s, y), (t, z) in pairs), default=0)


def only(kind: type, predicate: Callable) -> Callable:
    """Let a hypothesis of one part of a statement speak of the instances of that part alone."""
    return lambda x: not isinstance(x, kind) or predicate(x)


def in_the_cube(x: Sampled) -> Answer:
    far = [s for s in x.settings if max(max(v, -v) for v in s) > x.N]
    return not far or Counterexample(f"the setting {far[0][0]} lies outside of [-{x.N}, {x.N}]")


def is_lipschitz(x: Sampled) -> Answer:
    found = steepest(x)
    return found <= x.L or Counterexample(f"F has a quotient of distances {found}, more than L = {x.L}")


def comes_near_the_grid(x: Sampled) -> Answer:
    reached = set(x.labels)
    for y in grid(x.M, x.K):
        if y not in reached and all(distance(y, z) > x.eps for z in reached):
            return Counterexample(f"no setting comes within {x.eps} of ({', '.join(map(str, y))})")
    return True


def eps_is_small(x: Sampled) -> Answer:
    return 0 <= 2 * x.K * x.eps < 1 or Counterexample(f"2 K eps is {2 * x.K * x.eps}")


def fewer_parameters(x: Bottleneck) -> Answer:
    labels = x.n * x.outputs
    return x.parameters < labels or Counterexample(f"there are {x.parameters} parameters for {labels} labels")


def few_grid_points_or_null(x: Sampled | Bottleneck) -> Answer:
    """Decide (K + 1)^M <= cuts^W, with equality where claimed; or that the label matrices have measure 0."""
    if isinstance(x, Bottleneck):
        return minors_vanish(x)
    points, boxes = (x.K + 1) ** x.M, x.cuts**x.W if x.cuts > 0 else 0
    if points > boxes:
        return Counterexample(f"{points} grid points are reached from {boxes} boxes")
    return not x.tight or points == boxes or Counterexample(f"{points} grid points, but {boxes} boxes")


def minors_vanish(x: Bottleneck) -> Answer:
    """The labels are Y = Z V, with letters for the features Z and the output weights V: its larger minors vanish.

    If there is no such minor, features of ReLUs that are an invertible matrix show that all labels are taken.
    """
    size = x.m + 1
    if size > min(x.n, x.outputs):
        return takes_all_labels(x)
    y = sympy.Matrix(size, size, lambda i, c: sympy.Symbol(f"y{i}_{c}"))
    terms = sympy.expand(y.det()).args
    label = {
        y[i, c]: sum(sympy.Symbol(f"z{i}_{j}") * sympy.Symbol(f"v{j}_{c}") for j in range(x.m))
        for i, c in product(range(size), repeat=2)
    }
    plus, minus = (
        sympy.Add(*(sign * t for t in terms if t.could_extract_minus_sign() == (sign < 0))).xreplace(label)
        for sign in (1, -1)
    )
    return equal(plus, minus) or Counterexample(f"a minor of size {size} does not vanish")


def takes_all_labels(x: Bottleneck) -> Answer:
    """Points 1, ..., n of the line and the units max(t - j, 0), j = 0, ..., n - 1."""
    Z = sympy.Matrix(x.n, min(x.m, x.n), lambda i, j: max(i + 1 - j, 0))
    if x.d == 1 and x.m >= x.n and Z.det() != 0:
        return Counterexample(f"{x.n} ReLUs have features of determinant {Z.det()}, and all labels are taken")
    raise ValueError("no minor vanishes and no invertible features are at hand: nothing is decided")


dim = Claim(
    "limits-dim",
    hypotheses={
        "the settings lie in the cube": only(Sampled, in_the_cube),
        "F is Lipschitz with constant L": only(Sampled, is_lipschitz),
        "every grid point is met within eps": only(Sampled, comes_near_the_grid),
        "2 K eps < 1": only(Sampled, eps_is_small),
        "W < M": only(Bottleneck, fewer_parameters),
    },
    conclusion=few_grid_points_or_null,
)


# --- limits-alternation, limits-sin, limits-bmm: see alternation.py and labellings.py ---

alternation = Claim(
    "limits-alternation",
    hypotheses={
        "the points follow the moment curve": follows_the_curve,
        "the units are thresholds or ReLUs": thresholds_or_relus,
    },
    conclusion=as_few_as_changes,
)

sine = Claim(
    "limits-sin",
    hypotheses={"x_i = 2^-i": points_are_powers, "all multipliers are odd": multipliers_are_odd},
    conclusion=all_labellings,
)

bmm = Claim("limits-bmm", hypotheses={"the units are ReLUs": relu_units}, conclusion=no_more_than_the_product)


def shown(labels: Sequence[Any]) -> str:
    """Write labels as a word."""
    return "".join(map(str, labels))
