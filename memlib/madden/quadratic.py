"""Squares without biases: a network is a quadratic form of bounded rank, and one singular member of a pencil is enough.

Points are tuples of ints, labels ints. Numbers of the field Q(t), f(t) = 0, are FLINT polynomials modulo f.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy
from flint import fmpq, fmpq_mat, fmpq_poly, fmpz_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import kernel, matrix, rank
from memlib.madden.monomials import V, determinant, dot, draw, exponents
from memlib.madden.pairs import Points

Form = list[list[fmpq_poly]]
Terms = list[tuple[fmpq_poly, list[fmpq_poly]]]
T = fmpq_poly([0, 1])


def symmetric(coefficients: Sequence, d: int) -> list[list]:
    """Return the symmetric matrix G with x . G x = sum of the coefficients times the monomials of degree 2."""
    G = [[fmpq(0)] * d for _ in range(d)]
    for c, alpha in zip(coefficients, exponents(d, [2]), strict=True):
        a, b = [i for i, e in enumerate(alpha) for _ in range(e)]
        G[a][b] = G[b][a] = fmpq(c) if a == b else fmpq(c) * fmpq(1, 2)
    return G


@dataclass(frozen=True)
class Task:
    """m neurons v (w . x)^2, points and labels."""

    m: int
    X: Points
    y: tuple[int, ...]

    @property
    def d(self) -> int:
        return len(self.X[0])

    @property
    def N(self) -> int:
        """The number of monomials of degree 2: the dimension of the space of forms."""
        return self.d * (self.d + 1) // 2

    @cached_property
    def E(self) -> list[tuple[int, ...]]:
        """The matrix of G -> (x_i . G x_i)_i, one row a point."""
        return list(zip(*V(self.X, [2]), strict=True))

    @cached_property
    def one_form(self) -> list[list[fmpq]]:
        """A symmetric matrix G with E(G) = y: the one of least norm. Needs E of rank n."""
        E = fmpq_mat(matrix(self.E))
        g = E.transpose() * (E * E.transpose()).solve(fmpq_mat(fmpz_mat([[v] for v in self.y])))
        return symmetric([row[0] for row in g.tolist()], self.d)

    @cached_property
    def G0(self) -> list[list[fmpq]]:
        """The form that vanishes at all points, for n = N - 1 points with E of rank n."""
        return symmetric(kernel(self.E)[0], self.d)


def pencil(task: Task) -> Form:
    """Return G + t G0, the forms with the labels y at N - 1 points."""
    return [
        [fmpq_poly([p, q]) for p, q in zip(row, other, strict=True)]
        for row, other in zip(task.one_form, task.G0, strict=True)
    ]


def singular_members(task: Task) -> fmpq_poly:
    """Return det(G + t G0), a polynomial in t; its real roots are the singular members of the pencil."""
    return fmpq_poly(determinant(pencil(task)))


def real_factor(p: fmpq_poly) -> fmpq_poly | None:
    """Return an irreducible factor with a real root, of least degree, or None. T for the polynomial 0."""
    if p == 0:
        return T
    factors = sorted((q for q, _ in p.numer().factor()[1]), key=lambda q: q.degree())
    t = sympy.Symbol("t")
    for q in factors:
        if q.degree() > 0 and sympy.Poly([int(c) for c in reversed(list(q))], t).count_roots() > 0:
            return fmpq_poly(q)
    return None


def inverse(c: fmpq_poly, f: fmpq_poly) -> fmpq_poly:
    """Return 1 / c modulo the irreducible f, for c not 0."""
    g, s, _ = c.xgcd(f)
    if g != 1:
        raise ZeroDivisionError(f"{c} has no inverse modulo {f}")
    return s % f


def lagrange(G: Form, f: fmpq_poly) -> Terms:
    """Write G as a sum of rank(G) terms v w w^T over the field Q[t] / f (Lagrange's reduction).

    If c = u . G u is not 0, then G - (G u)(G u)^T / c has a kernel larger by u. Such a u is e_i or e_i + e_k.
    """
    d, terms = len(G), []
    G = [[c % f for c in row] for row in G]
    while any(c != 0 for row in G for c in row):
        i, k = next(
            (i, k) for i in range(d) for k in range(i, d)
            if (G[i][i] if i == k else G[i][i] + G[k][k] + 2 * G[i][k]) != 0
        )  # fmt: skip
        Gu = [row[i] if i == k else row[i] + row[k] for row in G]
        v = inverse((Gu[i] if i == k else Gu[i] + Gu[k]) % f, f)
        terms.append((v, Gu))
        G = [[(G[a][b] - v * Gu[a] * Gu[b]) % f for b in range(d)] for a in range(d)]
    return terms


def filled(task: Task) -> Task:
    """Adjoin random points with the label 0 until there are N - 1 points with a regular G0."""
    missing = task.N - 1 - len(task.X)
    for seed in range(20 if missing else 1):
        more = Task(task.m, (*task.X, *draw(missing, task.d, seed)), (*task.y, *(0,) * missing))
        if rank(more.E) == task.N - 1 and (not missing or determinant(more.G0) != 0):
            return more
    raise ValueError("no further points were found")


def network(task: Task) -> tuple[Terms, fmpq_poly] | None:
    """Return terms (v, w) over a real field Q[t] / f with at most m of them, by the proof; None where it fails."""
    if task.m >= task.d:
        return lagrange([[fmpq_poly([c]) for c in row] for row in task.one_form], T), T
    if len(task.X) >= task.N:
        return None
    more = filled(task)
    f = real_factor(singular_members(more))
    return None if f is None else (lagrange(pencil(more), f), f)


def obstacle(task: Task) -> str | None:
    """Return in words why no m squares have these labels, or None."""
    for c in kernel(V(task.X, [2])):
        if dot(c, task.y):
            return f"the combination {c} is 0 for all forms, and {dot(c, task.y)} for the labels"
    if task.m == 1 and min(task.y) < 0 < max(task.y):
        return "one square has outputs of one sign"
    n, E_rank = len(task.X), rank(task.E)
    if n == E_rank == task.N:
        r = int(fmpq_mat(task.one_form).rank())
        return f"the only form with these labels has rank {r}" if r > task.m else None
    if n == E_rank == task.N - 1 and task.m == task.d - 1:
        p = singular_members(task)
        if real_factor(p) is None:
            text = str(p).replace("x", "t")
            short = f" = {text}" if len(text) < 60 else f", of degree {p.degree()},"
            return f"det(G + t G0){short} has no real root"
    return None


def labels_are_attained(task: Task) -> Answer:
    """At most m terms v (w . x)^2 over a real field have exactly the labels."""
    reason = obstacle(task)
    if reason:
        return Counterexample(reason)
    found = network(task)
    if found is None:
        raise ValueError("whether the labels are attained is not decided here")
    terms, f = found
    if len(terms) > task.m:
        return Counterexample(f"the form has {len(terms)} terms, more than {task.m}")
    for i, (x, y) in enumerate(zip(task.X, task.y, strict=True)):
        out = sum((v * dot(w, x) ** 2 for v, w in terms), fmpq_poly([0])) % f
        if out != y:
            return Counterexample(f"the network is {out} at point {i}, not {y}")
    return True


def wide_enough(task: Task) -> Answer:
    return task.m >= task.d or Counterexample(f"m is {task.m}, and d is {task.d}")


def few_points(task: Task) -> Answer:
    n = len(task.X)
    return n <= task.N or Counterexample(f"there are {n} points, and {task.N} monomials")


def points_impose_conditions(task: Task) -> Answer:
    """E has the largest rank that n points can have."""
    r, most = rank(task.E), min(len(task.X), task.N)
    return r == most or Counterexample(f"E has rank {r}, not {most}")


onto_wide = Claim(
    "madden-quadratic-onto",
    hypotheses={
        "m >= d": wide_enough,
        "n <= d(d + 1)/2": few_points,
        "X is generic": points_impose_conditions,
    },
    conclusion=labels_are_attained,
)


def one_less(task: Task) -> Answer:
    return task.m >= task.d - 1 or Counterexample(f"m is {task.m}, and d is {task.d}")


def odd_dimension(task: Task) -> Answer:
    return (task.d % 2 == 1 and task.d >= 3) or Counterexample(f"d is {task.d}")


def fewer_points(task: Task) -> Answer:
    n = len(task.X)
    return n <= task.N - 1 or Counterexample(f"there are {n} points, and {task.N} monomials")


def regular_form(task: Task) -> Answer:
    """E has full rank, and for n = N - 1 the form G0 that vanishes at the points is regular."""
    answer = points_impose_conditions(task)
    if answer is not True or len(task.X) != task.N - 1:
        return answer
    return determinant(task.G0) != 0 or Counterexample("the form that vanishes at all points is singular")


onto_odd = Claim(
    "madden-quadratic-onto",
    hypotheses={
        "m >= d - 1": one_less,
        "d is odd, d >= 3": odd_dimension,
        "n <= d(d + 1)/2 - 1": fewer_points,
        "X is generic": regular_form,
    },
    conclusion=labels_are_attained,
)
