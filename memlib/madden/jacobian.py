"""The Jacobian of a two-layer network in its hidden weights, and the rank it has at almost all weights and points.

Points and weights are tuples of Python ints, one a row. An activation is given by its Taylor terms at eta,
pairs (k, c_k) with k >= 1 and c_k nonzero; phi(t) = sum of k c_k t^(k-1) is then psi'(eta + t).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import sympy
from flint import fmpz_poly

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import rank, rank_mod
from memlib.madden.monomials import (
    P,
    determinant,
    dimension,
    dot,
    draw,
    exponents,
    gradients,
    khatri_rao,
    multinomial,
)

Rows = tuple[tuple[int, ...], ...]
Terms = tuple[tuple[int, int], ...]


def monomial(k: int) -> Terms:
    """The terms of psi(t) = t^k at eta = 0."""
    return ((k, 1),)


def phi(terms: Terms, t: Any) -> Any:
    """Return sum of k c_k t^(k-1), for t in any ring."""
    return sum((k * c * t ** (k - 1) for k, c in terms), 0 * t)


def jacobian(terms: Terms, W: Sequence[Sequence], X: Sequence[Sequence]) -> list[list]:
    """Return phi(W X) * X: row (j, a), column i holds phi(w_j . x_i) times coordinate a of x_i."""
    return khatri_rao([[phi(terms, dot(w, x)) for x in X] for w in W], list(zip(*X, strict=True)))


# --- madden-jacobian ---


@dataclass(frozen=True)
class Polynomial:
    """An activation c_0 + c_1 t + c_2 t^2 + ..."""

    coefficients: tuple[int, ...]

    def __call__(self, t: Any) -> Any:
        return sum((c * t**k for k, c in enumerate(self.coefficients)), 0 * t)

    @property
    def derivative(self) -> "Polynomial":
        return Polynomial(tuple(k * c for k, c in enumerate(self.coefficients))[1:])


@dataclass(frozen=True)
class Unknown:
    """Any differentiable activation: sympy knows its name and the name of its derivative."""

    def __call__(self, t: Any) -> Any:
        return sympy.Function("psi")(t)

    @property
    def derivative(self) -> Any:
        return sympy.Function("psi'")


@dataclass(frozen=True)
class TwoLayer:
    """The network x -> sum_j v_j psi(w_j . x + b_j) at some points."""

    psi: Polynomial | Unknown
    W: tuple[tuple, ...]
    b: tuple
    v: tuple
    X: tuple[tuple, ...]

    @property
    def parameters(self) -> list:
        return [*(c for w in self.W for c in w), *self.b, *self.v]

    @property
    def names(self) -> list[str]:
        m, d = len(self.W), len(self.W[0])
        weights = [f"w_{j + 1}{a + 1}" for j in range(m) for a in range(d)]
        return [*weights, *(f"{letter}_{j + 1}" for letter in "bv" for j in range(m))]

    def outputs(self, parameters: Sequence) -> list:
        """The network's value at every point, for parameters in any ring."""
        m, d = len(self.W), len(self.W[0])
        W = [parameters[j * d : (j + 1) * d] for j in range(m)]
        b, v = parameters[m * d : m * d + m], parameters[m * d + m :]
        return [sum(v[j] * self.psi(dot(W[j], x) + b[j]) for j in range(m)) for x in self.X]


def differentiated(net: TwoLayer) -> list[list]:
    """Differentiate the outputs, one row a parameter: sympy for letters, else the coefficient of epsilon."""
    theta = net.parameters
    if isinstance(net.psi, Unknown):
        prime = net.psi.derivative
        return [
            [f.diff(s).replace(sympy.Subs, lambda _, __, point: prime(point[0])) for f in net.outputs(theta)]
            for s in theta
        ]
    moved = [[*theta[:k], fmpz_poly([value, 1]), *theta[k + 1 :]] for k, value in enumerate(theta)]
    return [[int((fmpz_poly() + f)[1]) for f in net.outputs(at)] for at in moved]


def by_formula(net: TwoLayer) -> list[list]:
    """Return the rows of the lemma: (diag(v) psi'(A)) * X, then diag(v) psi'(A), then psi(A)."""
    A = [[dot(w, x) + b for x in net.X] for w, b in zip(net.W, net.b, strict=True)]
    scaled = [[v * net.psi.derivative(t) for t in row] for v, row in zip(net.v, A, strict=True)]
    return [
        *khatri_rao(scaled, list(zip(*net.X, strict=True))),
        *scaled,
        *([net.psi(t) for t in row] for row in A),
    ]


def output_weights_are_nonzero(net: TwoLayer) -> Answer:
    silent = [j for j, v in enumerate(net.v) if v == 0]
    return not silent or Counterexample(f"v_{silent[0] + 1} is 0")


def derivatives_are_khatri_rao(net: TwoLayer) -> Answer:
    """Every derivative is the formula's; for numbers, the rank in W is that of psi'(A) * X as well."""
    rows = differentiated(net)
    for name, found, expected in zip(net.names, rows, by_formula(net), strict=True):
        for i, (left, right) in enumerate(zip(found, expected, strict=True)):
            if not equal(left, right):
                return Counterexample(f"the derivative of output {i} in {name} is {left}, not {right}")
    if isinstance(net.psi, Unknown):
        return True
    m, d = len(net.W), len(net.W[0])
    ones = TwoLayer(net.psi, net.W, net.b, (1,) * m, net.X)
    moving, plain = rank(rows[: m * d]), rank(by_formula(ones)[: m * d])
    return moving == plain or Counterexample(f"the Jacobian has rank {moving}, psi' * X has rank {plain}")


derivative = Claim(
    "madden-jacobian",
    hypotheses={"all v_j are nonzero": output_weights_are_nonzero},
    conclusion=derivatives_are_khatri_rao,
)


# --- madden-kr-generic ---


def taylor_table(terms: Terms, W: Sequence[Sequence]) -> list[list]:
    """Return the coefficients (T) of the functions p_ja, one row each, at the monomials x^alpha, |alpha| in K.

    The coefficient is c_k k!/alpha! times the derivative of x^alpha in direction a at w_j, where k = |alpha|.
    """
    c = dict(terms)
    Delta = [c[sum(alpha)] * multinomial(alpha) for alpha in exponents(len(W[0]), c)]
    return [[p * q for p, q in zip(row, Delta, strict=True)] for row in gradients(c, W)]


def largest_span(terms: Terms, h: int, d: int, draws: int = 2) -> int:
    """Return the largest rank mod P of the table at random weights of h neurons: R_K, or a bound from below."""
    return max(rank_mod(taylor_table(terms, draw(h, d, seed, most=99)), P) for seed in range(draws))


@dataclass(frozen=True)
class Place:
    """An activation by its terms, weights of some neurons, and points."""

    terms: Terms
    W: Rows
    X: Rows

    @cached_property
    def span(self) -> int:
        """The dimension of the span of the functions p_ja."""
        return rank(taylor_table(self.terms, self.W))

    @cached_property
    def largest(self) -> int:
        """R_K, from below by random weights; the bounds of the proposition say whether it is certain."""
        return max(self.span, largest_span(self.terms, len(self.W), len(self.W[0])))

    @cached_property
    def rank(self) -> int:
        return rank(jacobian(self.terms, self.W, self.X))


def weights_reach_the_maximum(place: Place) -> Answer:
    return place.span == place.largest or Counterexample(
        f"the functions span {place.span} dimensions here and {place.largest} at other weights"
    )


def rank_is_the_generic_one(place: Place) -> Answer:
    """The rank of the matrix of values is min(n, R_K), and R_K obeys its bounds."""
    h, d, n = len(place.W), len(place.W[0]), len(place.X)
    most = min(h * d, dimension(d, dict(place.terms)))
    if place.largest > most:
        return Counterexample(f"the span has dimension {place.largest}, more than {most}")
    expected = min(n, place.largest)
    return place.rank == expected or Counterexample(f"the rank is {place.rank}, not {expected}")


generic_rank = Claim(
    "madden-kr-generic",
    hypotheses={"the weights reach R_K": weights_reach_the_maximum},
    conclusion=rank_is_the_generic_one,
    generic=True,
)


# --- madden-kr-block ---


@dataclass(frozen=True)
class Axes:
    """Weights with positive entries, and positive numbers t_g: the points are s t_g e_a with a small s > 0.

    terms : None stands for a function phi of which nothing is known; W, t may then be sympy letters.
    """

    terms: Terms | None
    W: tuple[tuple, ...]
    t: tuple

    def points(self, s: Any) -> list[list]:
        d = len(self.W[0])
        return [[s * t if b == a else 0 * s for b in range(d)] for t in self.t for a in range(d)]

    def matrix(self, s: Any) -> list[list]:
        """phi(W X) * X at the points s t_g e_a, rows (j, a), columns (g, a)."""
        if self.terms is not None:
            return jacobian(self.terms, self.W, self.points(s))
        X, f = self.points(s), sympy.Function("phi")
        return khatri_rao([[f(dot(w, x)) for x in X] for w in self.W], list(zip(*X, strict=True)))

    def block(self, a: int, s: Any) -> list[list]:
        """The block of coordinate a: row j, column g."""
        M, d = self.matrix(s), len(self.W[0])
        return [row[a::d] for row in M[a::d]]


def enough_terms(axes: Axes) -> Answer:
    if axes.terms is None:
        return True
    return len(axes.terms) >= len(axes.W) or Counterexample(
        f"psi has {len(axes.terms)} terms for {len(axes.W)} neurons"
    )


def positive(axes: Axes) -> Answer:
    low = [c for row in (*axes.W, axes.t) for c in row if not c > 0]
    return not low or Counterexample(f"{low[0]} is not positive")


def distinct(axes: Axes) -> Answer:
    for a, column in enumerate((*zip(*axes.W, strict=True), axes.t)):
        if len(set(column)) < len(column):
            what = "of the t_g" if a == len(axes.W[0]) else f"of the weights in coordinate {a + 1}"
            return Counterexample(f"two {what} are equal")
    return True


def invertible_for_small_s(axes: Axes) -> Answer:
    """Off its blocks the matrix is 0, and no block has the determinant 0 as a polynomial in s."""
    d = len(axes.W[0])
    s = sympy.Symbol("s", positive=True) if axes.terms is None else fmpz_poly([0, 1])
    M = axes.matrix(s)
    outside = [v for i, row in enumerate(M) for k, v in enumerate(row) if i % d != k % d]
    if any(v != 0 for v in outside):
        return Counterexample("an entry outside the blocks is not 0")
    if axes.terms is None:
        f = sympy.Function("phi")
        values = [[[f(s * t * w[a]) for t in axes.t] for w in axes.W] for a in range(d)]
        product = prod((s * t for t in axes.t), start=1) ** d * prod(map(determinant, values), start=1)
        return equal(sympy.Matrix(M).det(method="berkowitz"), product) or Counterexample("not the product")
    flat = [a for a in range(d) if determinant(axes.block(a, s)) == 0]
    return not flat or Counterexample(
        f"the block of coordinate {flat[0] + 1} has the determinant 0 for every s"
    )


blocks = Claim(
    "madden-kr-block",
    hypotheses={
        "psi has at least m' terms": enough_terms,
        "all numbers are positive": positive,
        "the numbers are distinct": distinct,
    },
    conclusion=invertible_for_small_s,
    generic=True,
)
