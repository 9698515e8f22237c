"""How many functions phi(w_j . x) x_a are independent: the critical points of polynomials decide it.

Weights are tuples of Python ints, one a row. A form is a dict from multi-indices to its nonzero coefficients.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from math import comb, lcm, prod
from typing import Any

import sympy
from flint import Ordering, fmpq, fmpq_mat, fmpz_mpoly_ctx

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import kernel, matrix, moment_vector, rank, rank_mod
from memlib.madden.jacobian import Rows, Terms, phi
from memlib.madden.monomials import P, V, dimension, dot, draw, exponents, gradients, is_symbolic, multinomial

Form = dict[tuple[int, ...], Any]


def gradient(form: Form, w: Sequence) -> list:
    """Return the gradient of a form at a point."""
    return [
        sum(c * e[a] * prod(x ** (p - (i == a)) for i, (x, p) in enumerate(zip(w, e, strict=True)))
            for e, c in form.items() if e[a])
        for a in range(len(w))
    ]  # fmt: skip


def times(f: Form, g: Form) -> Form:
    """Multiply two forms."""
    product: Form = {}
    for e, c in f.items():
        for h, k in g.items():
            at = tuple(p + q for p, q in zip(e, h, strict=True))
            product[at] = product.get(at, 0) + c * k
    return {e: c for e, c in product.items() if c}


def linear(v: Sequence) -> Form:
    """The linear form x -> v . x."""
    return {tuple(int(i == a) for i in range(len(v))): c for a, c in enumerate(v) if c}


def power(form: Form, k: int, d: int) -> Form:
    """Return the k-th power of a form in d variables."""
    result: Form = {(0,) * d: 1}
    for _ in range(k):
        result = times(result, form)
    return result


def forms_through(k: int, W: Rows) -> list[Form]:
    """Return a basis of the forms of degree k that vanish at all w_j."""
    columns, rows = exponents(len(W[0]), [k]), zip(*V(W, [k]), strict=True)
    return [{e: c for e, c in zip(columns, v, strict=True) if c} for v in kernel(rows)]


# --- madden-kr-dual ---


@dataclass(frozen=True)
class Weights:
    """An activation by its terms, and the weights of some neurons; W may hold sympy letters."""

    terms: Terms
    W: tuple[tuple, ...]


def multiplied_out(terms: Terms, W: Sequence[Sequence]) -> list[Mapping]:
    """Multiply out phi(w_j . x) x_a, one polynomial for each (j, a), by computer algebra."""
    d = len(W[0])
    if is_symbolic(W):
        x = sympy.symbols(f"x1:{d + 1}")
        return [sympy.Poly(phi(terms, dot(w, x)) * x[a], *x).as_dict() for w in W for a in range(d)]
    gens = fmpz_mpoly_ctx.get([("x", d)], Ordering.lex).gens()
    linear_forms = [sum((c * g for c, g in zip(w, gens, strict=True)), 0 * gens[0]) for w in W]
    return [(phi(terms, form) * gens[a]).to_dict() for form in linear_forms for a in range(d)]


def as_rows(polynomials: Sequence[Mapping], columns: Sequence[tuple]) -> list[list]:
    """Write polynomials as rows of coefficients."""
    return [[p.get(alpha, 0) for alpha in columns] for p in polynomials]


def no_term_is_zero(weights: Weights) -> Answer:
    missing = [k for k, c in weights.terms if c == 0]
    return not missing or Counterexample(f"the coefficient of degree {missing[0]} is 0")


def span_is_dual_to_critical_forms(weights: Weights) -> Answer:
    """For letters the proof's identity of matrices; for numbers both dimensions, each by its own route."""
    K, d = [k for k, _ in weights.terms], len(weights.W[0])
    columns, G = exponents(d, K), gradients(K, weights.W)
    table = as_rows(multiplied_out(weights.terms, weights.W), columns)
    if is_symbolic(weights.W):
        c = dict(weights.terms)
        for row, other in zip(table, G, strict=True):
            for alpha, left, right in zip(columns, row, other, strict=True):
                if not equal(left, c[sum(alpha)] * multinomial(alpha) * right):
                    return Counterexample(f"the coefficient at x^{alpha} is {left}")
        return True
    span = rank([[int(c) for c in row] for row in table])
    critical = int(matrix(G).nullspace()[1])
    return span == len(columns) - critical or Counterexample(
        f"the span has dimension {span}, and {len(columns)} - {critical} = {len(columns) - critical}"
    )


dual = Claim(
    "madden-kr-dual",
    hypotheses={"all c_k are nonzero": no_term_is_zero},
    conclusion=span_is_dual_to_critical_forms,
)


# --- madden-kr-double-point ---


@dataclass(frozen=True)
class DoublePoints:
    """Weights of neurons with psi(t) = t^k, and the degree s of the forms that tell them apart."""

    k: int
    s: int
    W: Rows


def separators(s: int, W: Rows) -> list[Form] | None:
    """Return forms g_1, ... of degree s, g_j nonzero at w_j and 0 at the other weights; None if there are none."""
    found = []
    for j, w in enumerate(W):
        through = forms_through(s, W[:j] + W[j + 1 :]) if len(W) > 1 else [power(linear(w), s, len(w))]
        g = next((g for g in through if value(g, w)), None)
        if g is None:
            return None
        found.append(g)
    return found


def value(form: Form, w: Sequence) -> Any:
    """Evaluate a form."""
    return sum(c * prod(x**p for x, p in zip(w, e, strict=True)) for e, c in form.items())


def peaks(points: DoublePoints) -> list[Form]:
    """Return the forms g_j^2 l_0^(k-2s-1) x_a of the proof, in the order (j, a)."""
    d, everywhere = len(points.W[0]), linear(moment_vector(points.W))
    rest = power(everywhere, points.k - 2 * points.s - 1, d)
    coordinates = [linear([int(i == a) for i in range(d)]) for a in range(d)]
    found = separators(points.s, points.W) or []
    return [times(times(power(g, 2, d), rest), x) for g in found for x in coordinates]


def degree_is_high(points: DoublePoints) -> Answer:
    least = 2 * points.s + 1
    return points.k >= least or Counterexample(f"k = {points.k} is below 2s + 1 = {least}")


def weights_are_separated(points: DoublePoints) -> Answer:
    return separators(points.s, points.W) is not None or Counterexample(
        f"no forms of degree {points.s} tell the weights apart"
    )


def no_weight_is_zero(points: DoublePoints) -> Answer:
    zero = [j for j, w in enumerate(points.W) if not any(w)]
    return not zero or Counterexample(f"w_{zero[0] + 1} is 0")


def all_functions_are_independent(points: DoublePoints) -> Answer:
    """Multiply out the functions (w_j . x)^(k-1) x_a and take their rank over the rationals."""
    d, h = len(points.W[0]), len(points.W)
    columns = exponents(d, [points.k])
    table = as_rows(multiplied_out(((points.k, 1),), points.W), columns)
    found = rank([[int(c) for c in row] for row in table])
    return found == h * d or Counterexample(f"the {h * d} functions span {found} dimensions")


double_point = Claim(
    "madden-kr-double-point",
    hypotheses={
        "k >= 2s + 1": degree_is_high,
        "no weight is 0": no_weight_is_zero,
        "forms of degree s separate the weights": weights_are_separated,
    },
    conclusion=all_functions_are_independent,
    generic=True,
)


# --- madden-kr-small ---


@dataclass(frozen=True)
class Small:
    """A support K and weights: K = (k,) in the plane, or K = (2,), or K = (1, 2), in any dimension."""

    K: tuple[int, ...]
    W: tuple[tuple, ...]


@dataclass(frozen=True)
class Syzygy:
    """Two neurons with psi(t) = t^2 whose weights are sympy letters."""

    u: tuple
    w: tuple


def closed_form(small: Small) -> int:
    """Return the dimension of the span that the proposition states."""
    h, d = len(small.W), len(small.W[0])
    if small.K == (2,):
        q = rank(small.W)
        return q * d - comb(q, 2)
    if small.K == (1, 2):
        q = rank([[p - r for p, r in zip(w, small.W[0], strict=True)] for w in small.W])
        return d + q * d - comb(q, 2)
    (k,) = small.K
    return min(2 * h, k + 1)


def not_proportional(small: Small | Syzygy) -> Answer:
    """In the plane: every two weights are linearly independent (for K = (k,) with k other than 2)."""
    if isinstance(small, Syzygy) or small.K in ((2,), (1, 2)):
        return True
    for j, w in enumerate(small.W):
        for i, u in enumerate(small.W[:j]):
            if u[0] * w[1] == u[1] * w[0]:
                return Counterexample(f"w_{i + 1} and w_{j + 1} are proportional")
    return any(small.W[0]) or Counterexample("the weight is 0")


def span_has_the_closed_form(small: Small | Syzygy) -> Answer:
    """Multiply the functions out and take the rank; for letters, the relation between the two neurons."""
    if isinstance(small, Syzygy):
        x = sympy.symbols(f"x1:{len(small.u) + 1}")
        p, r = ([2 * dot(w, x) * c for c in x] for w in (small.u, small.w))
        return equal(dot(small.w, p), dot(small.u, r)) or Counterexample("the relation does not hold")
    table = multiplied_out(tuple((k, 1) for k in small.K), small.W)
    found = rank([[int(c) for c in row] for row in as_rows(table, exponents(len(small.W[0]), small.K))])
    stated = closed_form(small)
    return found == stated or Counterexample(f"the span has dimension {found}, not {stated}")


small = Claim(
    "madden-kr-small",
    hypotheses={"in the plane no two weights are proportional": not_proportional},
    conclusion=span_has_the_closed_form,
)


# --- madden-kr-ah ---

#: Alexander and Hirschowitz: (k, d, m') where m' double points miss one condition; besides k = 2, 2 <= m' < d.
SPORADIC = {(4, 3, 5), (4, 4, 9), (4, 5, 14), (3, 5, 7)}


@dataclass(frozen=True)
class Cell:
    """A degree k and the weights of m' neurons: one entry of the table."""

    k: int
    W: Rows

    @property
    def place(self) -> tuple[int, int, int]:
        """(k, d, m')"""
        return self.k, len(self.W[0]), len(self.W)

    @cached_property
    def bounds(self) -> tuple[int, int] | Counterexample:
        """R_k from below by the rank mod P at these weights, from above by the counts or by critical forms.

        The forms are built from those through the weights. Where there are no more of these than at generic weights,
        they extend to nearby weights, and their products stay independent: the bound holds for almost all weights.
        """
        k, d, h = self.place
        columns = exponents(d, [k])
        below = rank_mod(gradients([k], self.W), P)
        above = min(h * d, len(columns))
        if below == above:  # the counts settle it
            return below, above
        if k % 2 == 0 and len(forms_through(k // 2, self.W)) > max(0, dimension(d, [k // 2]) - h):
            return Counterexample("the weights are special: more forms vanish at them than at generic ones")
        forms = critical_forms(k, self.W)
        for form in forms:
            if any(any(gradient(form, w)) for w in self.W):
                return Counterexample("a form that should be singular at all the weights is not")
        return below, min(above, len(columns) - (rank(as_rows(forms, columns)) if forms else 0))


def plain_rule(k: int, d: int, h: int) -> int:
    """min(m' d, D): the count of numbers and the count of monomials."""
    return min(h * d, dimension(d, [k]))


def rule(k: int, d: int, h: int) -> int:
    """Return the generic rank that the theorem states."""
    if k == 2:
        q = min(h, d)
        return q * d - comb(q, 2)
    return plain_rule(k, d, h) - ((k, d, h) in SPORADIC)


def secant_cubic(W: Rows) -> Form:
    """Return the cubic that is singular at seven points of R^5 in general position, in integers.

    The points are moved to e_1..e_5, (1..1), (1/theta_i), then to the curve (1, t, .., t^4); the cubic is the
    determinant of the Hankel matrix there, with the linear map put in. Raises ZeroDivisionError for special points.
    """
    q = fmpq_mat(matrix(zip(*W[:5], strict=True))).inv()
    six, seven = ([sum((q[i, a] * c for a, c in enumerate(w)), fmpq(0)) for i in range(5)] for w in W[5:])
    theta = [fmpq(s) / t for s, t in zip(six, seven, strict=True)]
    curve = fmpq_mat(5, 5, [c for i in range(5) for c in monic_with_roots(theta[:i] + theta[i + 1 :])])
    scale = fmpq_mat(5, 5, [fmpq(1) / six[i] if i == a else fmpq(0) for i in range(5) for a in range(5)])
    M = curve.inv() * scale * q
    common = lcm(*(int(M[i, a].q) for i in range(5) for a in range(5)))
    u = [linear([int(M[i, a] * common) for a in range(5)]) for i in range(5)]
    cubic: Form = {}
    for (i, j, k), sign in {(0, 2, 4): 1, (1, 2, 3): 2, (2, 2, 2): -1, (0, 3, 3): -1, (1, 1, 4): -1}.items():
        for e, c in times(times(u[i], u[j]), u[k]).items():
            cubic[e] = cubic.get(e, 0) + sign * c
    return {e: c for e, c in cubic.items() if c}


def monic_with_roots(roots: Sequence[fmpq]) -> list[fmpq]:
    """Return the coefficients of the product of the (t - root), constant term first."""
    c = [fmpq(1)]
    for root in roots:
        c = [low - root * high for low, high in zip([fmpq(0), *c], [*c, fmpq(0)], strict=True)]
    return c


def critical_forms(k: int, W: Rows) -> list[Form]:
    """Return forms of degree k that an argument of the text makes singular at every w_j."""
    if k % 2 == 0:  # products of two forms that vanish at all the points
        through = forms_through(k // 2, W)
        return [times(f, g) for f, g in combinations_with_replacement(through, 2)]
    if (k, len(W[0]), len(W)) == (3, 5, 7):
        try:
            return [secant_cubic(W)]
        except ZeroDivisionError:  # special points: no form is known
            return []
    return []


def rank_follows_the_rule(cell: Cell, stated: Any = rule) -> Answer:
    """R_k is pinned between its two bounds, and is the stated number."""
    if isinstance(cell.bounds, Counterexample):
        return cell.bounds
    below, above = cell.bounds
    if below > above:
        return Counterexample(f"the rank is {below} at these weights, and the forms allow at most {above}")
    if below < above:
        return Counterexample(f"the rank is only known to be between {below} and {above}")
    return below == stated(*cell.place) or Counterexample(f"R is {below}, not {stated(*cell.place)}")


def plain_rule_holds(cell: Cell) -> Answer:
    return rank_follows_the_rule(cell, plain_rule)


table = Claim("madden-kr-ah", conclusion=rank_follows_the_rule, generic=True)


def cells(d: int, degrees: Iterable[int], most: int = 99) -> list[Cell]:
    """List the cells of dimension d, for m' = 1, 2, ... until the rank has reached the number of monomials."""
    found = []
    for k in degrees:
        h = 0
        while h == 0 or rule(k, d, h) < dimension(d, [k]):
            h += 1
            found.append(Cell(k, draw(h, d, seed=k, most=most)))
    return found
