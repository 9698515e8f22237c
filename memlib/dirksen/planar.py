"""Finite sets in the plane and a random direction: who is extreme on which arc, and integrals over the arcs.

Points are rational; a point of the line gets a second coordinate 0, which changes no probability. Arcs and extreme
points are found exactly, integrals are enclosed in balls.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cmp_to_key
from math import gcd, lcm
from typing import Any

from flint import acb, arb, fmpq

from memlib.dirksen.scalars import Point, ball, dot, erf, over, precisely, root

Points = Sequence[Point]
#: A direction of the plane, as a primitive integer vector.
Direction = tuple[int, int]
#: When an integral may stop to refine its ball; the ball is right whatever this says.
EFFORT: dict[str, Any] = {"rel_tol": arb(fmpq(1, 2**70)), "abs_tol": arb(fmpq(1, 2**100))}


def flat(T: Iterable[Point]) -> list[Point]:
    """Return the points as points of the plane. Raises ValueError in dimension 3 or more."""
    points = [(*x, 0) if len(x) == 1 else tuple(x) for x in T]
    if any(len(x) != 2 for x in points):
        raise ValueError("planar sets have dimension 1 or 2")
    return points


def step(p: Point, q: Point) -> Point:
    return (q[0] - p[0], q[1] - p[1])


def cross(u: Point, v: Point) -> Fraction:
    return Fraction(u[0] * v[1] - u[1] * v[0])


def hull(T: Iterable[Point]) -> list[Point]:
    """Return the vertices of the convex hull, counterclockwise: Andrew's monotone chain, exact."""
    points = sorted(set(flat(T)))
    if len(points) < 3:
        return points
    chains = []
    for line in (points, points[::-1]):
        chain: list[Point] = []
        for x in line:
            while len(chain) > 1 and cross(step(chain[-2], chain[-1]), step(chain[-1], x)) <= 0:
                chain.pop()
            chain.append(x)
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def edges(vertices: Points) -> list[Point]:
    """Return the edges of the polygon; a segment has two, a point none."""
    return [step(p, q) for p, q in zip(vertices, [*vertices[1:], *vertices[:1]], strict=True) if p != q]


@precisely
def perimeter(T: Iterable[Point]) -> arb:
    """Enclose the perimeter of the convex hull; that of a segment is twice its length."""
    return sum((ball(dot(e, e)).sqrt() for e in edges(hull(T))), arb(0))


def primitive(v: Point) -> Direction:
    m = lcm(*(Fraction(c).denominator for c in v))
    x, y = (int(c * m) for c in v)
    g = gcd(x, y)
    return x // g, y // g


def arcs(vectors: Iterable[Point]) -> Iterator[tuple[Direction, Direction, Direction]]:
    """Yield arcs (start, end, a direction inside), once around: cut where the direction is orthogonal to a vector.

    Inside an arc no vector changes its sign. The axes cut as well, so that every arc is shorter than pi.
    """
    cuts = {primitive(s) for x, y in [*vectors, (1, 0), (0, 1)] for s in ((-y, x), (y, -x))}

    def compare(u: Direction, v: Direction) -> int:
        first, second = (w[1] < 0 or (w[1] == 0 and w[0] < 0) for w in (u, v))
        return first - second or (-1 if cross(u, v) > 0 else 1)

    around = sorted(cuts, key=cmp_to_key(compare))
    for u, v in zip(around, around[1:] + around[:1], strict=True):
        yield u, v, (u[0] + v[0], u[1] + v[1])


@precisely
def mean_sup(S: Iterable[Point]) -> arb:
    """Enclose E max of g.s over s in S, g standard normal in the plane: arc by arc, without the perimeter.

    g has the mean length sqrt(pi / 2) and a uniform direction e; on an arc the integral of e.s is explicit.
    """
    vertices, total = hull(S), arb(0)
    for u, v, middle in arcs(edges(vertices)):
        s = max(vertices, key=lambda x: dot(middle, x))
        (a, b), (c, d) = unit(u), unit(v)
        total += ball(s[0]) * (d - b) + ball(s[1]) * (a - c)
    return over(total, 2 * root(2 * arb.pi()))


@precisely
def unit(u: Direction) -> tuple[arb, arb]:
    length = arb(u[0] ** 2 + u[1] ** 2).sqrt()
    return over(arb(u[0]), length), over(arb(u[1]), length)


@precisely
def sweep(z: Point, u: Direction, lam: arb) -> arb:
    """Enclose the integral of psi(z.e) over the directions e from that of z to u; psi(s) = E clip(r s).

    psi(s) = sqrt(pi/2) s erf(lam / (sqrt(2) |s|)) is odd, so the integral is odd in the angle beta from z to u and
    equal for beta and pi - beta. For |s| <= lam / 16 the error function is 1, up to less than erfc(8).
    """
    size = ball(dot(z, z)).sqrt()
    if not any(z) or cross(z, u) == 0:
        return arb(0)
    along, across = abs(dot(z, u)), abs(cross(z, u))
    beta, near, half_pi = arb.atan2(ball(across), ball(along)), lam * fmpq(1, 16), arb.pi() * fmpq(1, 2)
    c, one = half_pi.sqrt(), 1 - arb(0).union(1) * arb(8).erfc()

    def psi(t: acb, _: bool) -> acb:
        s = size * t.cos()
        return c * s * erf(over(lam, root(arb(2)) * s))

    if size < near:
        total = c * size * beta.sin() * one
    elif size * beta.cos() > near:
        total = acb.integral(psi, arb(0), beta, **EFFORT).real
    else:
        edge = over(near, size).acos()
        rest = c * size * (beta.sin() - edge.sin()) * one
        total = acb.integral(psi, arb(0), edge, **EFFORT).real + rest
    return total if cross(z, u) > 0 else -total


@precisely
def swept(sweeps: Counter, lam: arb) -> arb:
    """Enclose the sum of the sweeps, each as often as counted."""
    return sum((k * sweep(z, u, lam) for (z, u), k in sweeps.items() if k), arb(0))


@precisely
def block_probability(T: Iterable[Point], U: Iterable[Point], lam: arb) -> arb:
    """Enclose P(w.x + b <= 0 < w.y + b for all x in T, y in U), T and U finite sets or their hulls.

    Given w = r e, the good b form an interval of length (clip(r min e.y) - clip(r max e.x))_+, and its sign does
    not depend on r. Over the law of r it has the mean psi(min) - psi(max). Neighbouring arcs telescope.
    """
    T, U = hull(T), hull(U)
    sweeps: Counter = Counter()
    for u, v, middle in arcs(edges(T) + edges(U) + [step(x, y) for x in T for y in U if x != y]):
        top, low = max(T, key=lambda x: dot(middle, x)), min(U, key=lambda y: dot(middle, y))
        if dot(middle, low) > dot(middle, top):
            sweeps.update({(low, v): 1, (top, u): 1})
            sweeps.subtract({(low, u): 1, (top, v): 1})
    return over(swept(sweeps, lam), 4 * arb.pi() * lam)


@precisely
def cut_probability(T: Iterable[Point], lam: arb) -> arb:
    """Enclose P(w.x + b <= 0 < w.y + b for some x, y in T): the mean of clip(max) - clip(min), over 2 lam."""
    T = hull(T)
    sweeps: Counter = Counter()
    for u, v, middle in arcs(edges(T)):
        top = max(T, key=lambda x: dot(middle, x))
        sweeps.update({(top, v): 1})
        sweeps.subtract({(top, u): 1})
    return over(swept(sweeps, lam), 2 * arb.pi() * lam)


def ring(centre: Point, radius: Fraction, m: int) -> tuple[Point, ...]:
    """Return m rational points of the circle, almost evenly spaced, for even m: from the stereographic projection.

    The quarter of the circle is described by t = k / m' with tan(angle / 2) about t; the others by turning.
    """
    quarter = [tangent(k, m) for k in range(-(m // 4), m // 4 + m % 4 // 2)]
    right = [(Fraction(1 - t * t) / (1 + t * t), Fraction(2 * t) / (1 + t * t)) for t in quarter]
    circle = right + [(-x, -y) for x, y in right]
    return tuple((centre[0] + radius * x, centre[1] + radius * y) for x, y in circle)


def tangent(k: int, m: int) -> Fraction:
    """Return a fraction near tan(pi k / m), |k| <= m / 4."""
    t = (arb.pi() * fmpq(k, m)).tan() * 2**20
    return Fraction(int(str(t.mid().floor().unique_fmpz())), 2**20)
