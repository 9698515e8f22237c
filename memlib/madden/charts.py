"""Float weights as exact numbers, the outputs near them in n coordinates, and the two sides of an inequality in balls.

Weights, points and labels are exact (a float is a dyadic rational); neuron j carries (w_j, b_j) as d + 1 numbers, its
last coordinate is the bias. Everything computed from them is a FLINT ball.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import isqrt
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from memlib.evidence import Answer, Counterexample
from memlib.madden.activations import Enclosed
from memlib.madden.pairs import BITS, Points, ball, max_upper
from memlib.points import input_scale, to_integers

#: Bits of the balls in derivatives, which need fewer; FLINT keeps numbers of this size without a heap.
SHORT = 128

# --- exact data ---


def decimals(X: Any) -> tuple[tuple[Fraction, ...], ...]:
    """Return the points as printed, as Fractions: on the grid of `memlib.points.input_scale`."""
    scale = input_scale(X)
    return tuple(tuple(Fraction(p, s) for p, s in zip(x, scale, strict=True)) for x in to_integers(X, scale))


def standard_units(points: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    """Return for every column of integers its mean and its standard deviation, rounded to integers (at least 1)."""
    n, units = len(points), []
    for column in zip(*points, strict=True):
        centre = (2 * sum(column) + n) // (2 * n)
        units.append((centre, max(1, isqrt(sum((p - centre) ** 2 for p in column) // n))))
    return tuple(units)


def standardized(X: Any) -> tuple[tuple[Fraction, ...], ...]:
    """Return (p - centre) / spread for every column, exactly, where p are the printed decimals as integers.

    An invertible affine map with rational coefficients: neurons w.u + b on these points are neurons on X.
    """
    points = to_integers(X)
    units = standard_units(points)
    return tuple(tuple(Fraction(p - c, s) for p, (c, s) in zip(x, units, strict=True)) for x in points)


# --- charts and candidates ---


@dataclass(frozen=True)
class Chart:
    """The outputs of a network near some weights, in n coordinates z: its weights are W + B z.

    W : m rows (w_j, b_j). v : m output weights, which stay. B : m (d + 1) x n, numbers without radius; its row
    j (d + 1) + c moves W[j][c]. points : n rows; they may be balls, and then all points in them are meant.
    """

    psi: Enclosed
    points: Points
    W: tuple
    v: tuple
    B: arb_mat

    @property
    def n(self) -> int:
        return len(self.points)

    @cached_property
    def moves(self) -> list[arb_mat]:
        """For every point the m x n matrix of (x_i, 1).B_j: how the arguments a_ji of psi move with z."""
        with ctx.workprec(SHORT):
            m, width, n, entries = len(self.W), len(self.W[0]), self.B.ncols(), self.B.entries()
            wide = [entries[(j * width + c) * n :][:n] for c in range(width) for j in range(m)]
            M = (self._lifted * arb_mat(width, m * n, list(chain.from_iterable(wide)))).entries()
            return [arb_mat(m, n, M[i * m * n : (i + 1) * m * n]) for i in range(self.n)]

    @property
    def _lifted(self) -> arb_mat:
        return arb_mat([[*map(ball, x), arb(1)] for x in self.points])

    @cached_property
    def arguments(self) -> list[arb_mat]:
        """For every point the m x 1 matrix of w_j.x_i + b_j."""
        with ctx.workprec(BITS):
            a = arb_mat([[ball(w) for w in row] for row in self.W]) * self._lifted.transpose()
            return [arb_mat([[row[i]] for row in a.tolist()]) for i in range(self.n)]

    @cached_property
    def _out(self) -> list[arb]:
        with ctx.workprec(BITS):
            return [ball(v) for v in self.v]

    def _at(self, z: arb_mat) -> list[arb]:
        """The arguments of psi at z, point by point: for a z without radius W + B z is cheaper, and no wider."""
        if all(e.is_exact() for e in z.entries()):
            return (self._lifted * arb_mat(self.weights(z)).transpose()).entries()
        pairs = zip(self.arguments, self.moves, strict=True)
        return [t for a, M in pairs for t in (a + M * z).entries()]

    def F(self, z: arb_mat) -> list[arb]:
        """The outputs at the points, for an n x 1 matrix z of balls."""
        with ctx.workprec(BITS):
            m, values = len(self.v), [self.psi.value(t) for t in self._at(z)]
            return (arb_mat(self.n, m, values) * arb_mat(m, 1, self._out)).entries()

    def derivative(self, z: arb_mat) -> arb_mat:
        """F'(z) = J^T B: row i is the sum over j of v_j psi'(a_ji) (x_i, 1).B_j."""
        with ctx.workprec(SHORT):
            m, slopes, rows = len(self.v), [self.psi.slope(t) for t in self._at(z)], []
            for i, M in enumerate(self.moves):
                row = [v * s for v, s in zip(self._out, slopes[i * m : (i + 1) * m], strict=True)]
                rows += (arb_mat(1, m, row) * M).entries()
            return arb_mat(self.n, self.B.ncols(), rows)

    @cached_property
    def at_origin(self) -> list[arb]:
        """F(0)."""
        return self.F(arb_mat(self.B.ncols(), 1))

    @cached_property
    def _on_cubes(self) -> dict[tuple, arb_mat]:
        return {}

    def on_cube(self, r: arb) -> arb_mat:
        """F'(Z) for the cube Z = [-r, r]^n, r a ball without radius; computed once for every r."""
        key = tuple(map(int, r.man_exp()))
        if key not in self._on_cubes:
            self._on_cubes[key] = self.derivative(arb_mat([[arb(0, r)]] * self.B.ncols()))
        return self._on_cubes[key]

    def weights(self, z: arb_mat) -> list[list[arb]]:
        """W + B z."""
        with ctx.workprec(BITS):
            move, width = (self.B * z).entries(), len(self.W[0])
            return [
                [ball(w) + move[j * width + c] for c, w in enumerate(row)] for j, row in enumerate(self.W)
            ]


@dataclass(frozen=True)
class Candidate:
    """A chart, labels, and the ball [-r, r] whose n-th power is the cube Z: what the inequality (K) reads."""

    chart: Chart
    labels: tuple
    cube: arb

    @property
    def r(self) -> arb:
        return self.cube.rad()

    @property
    def n(self) -> int:
        return len(self.labels)

    def G(self, z: arb_mat) -> list[arb]:
        """Outputs minus labels."""
        with ctx.workprec(BITS):
            return [f - ball(y) for f, y in zip(self.chart.F(z), self.labels, strict=True)]

    def derivative(self, z: arb_mat) -> arb_mat:
        return self.chart.derivative(z)

    @property
    def at_origin(self) -> list[arb]:
        """G(0)."""
        with ctx.workprec(BITS):
            return [f - ball(y) for f, y in zip(self.chart.at_origin, self.labels, strict=True)]

    @property
    def on_cube(self) -> arb_mat:
        """G'(Z), entry by entry a ball around all values on Z."""
        return self.chart.on_cube(self.r)


def origin(c: Candidate) -> arb_mat:
    return arb_mat(c.n, 1)


def whole_cube(c: Candidate) -> arb_mat:
    """Z as a vector of balls: what is evaluated there holds for all z of Z."""
    return arb_mat([[arb(0, c.r)]] * c.n)


def sides(c: Candidate) -> list[tuple[arb, arb]]:
    """Return for every i upper bounds of |G_i(0)| and of the sum over q of |delta_iq - G'(z)_iq|, z in Z."""
    with ctx.workprec(BITS):
        G, identity = c.at_origin, arb_mat([[int(i == q) for q in range(c.n)] for i in range(c.n)])
        rows = [sum(map(abs, row), arb(0)) for row in (c.on_cube - identity).tolist()]
        return [(g.abs_upper(), row.abs_upper()) for g, row in zip(G, rows, strict=True)]


def slack(c: Candidate) -> arb:
    """Return a lower bound of the least r - |G_i(0)| - r sum_q |delta_iq - G'(Z)_iq|, without radius."""
    with ctx.workprec(BITS):
        rest = [(c.r - g - c.r * row).lower() for g, row in sides(c)]
    return min(rest, key=fraction) if all(e.is_finite() for e in rest) else arb(-1)


def fraction(x: arb) -> Fraction:
    """Return a finite ball without radius as a Fraction, exactly."""
    man, exp = x.man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def rate(c: Candidate) -> arb:
    """Return kappa, the largest row sum of |I - G'(Z)|: an upper bound of the contraction."""
    return max_upper(row for _, row in sides(c))


def short(x: arb) -> str:
    return x.str(3, radius=False)


def inequality_holds(c: Candidate) -> Answer:
    """(K): |G_i(0)| + r sum_q |delta_iq - G'(Z)_iq| < r for all i, decided in balls."""
    with ctx.workprec(BITS):
        for i, (g, row) in enumerate(sides(c)):
            if not g + c.r * row < c.r:
                return Counterexample(
                    f"r is {short(c.r)}, and in row {i} of (K) |G(0)| is {short(g)}, the sum {short(row)}"
                )
    return True


def distance(c: Candidate) -> arb:
    """Return r times the largest row sum of |B|: no weight of theta* is farther from its start."""
    with ctx.workprec(BITS):
        return c.r * max_upper(sum((abs(e) for e in row), arb(0)) for row in c.chart.B.tolist())


def surrounded(c: Candidate) -> Candidate:
    """Return the candidate with the cube r = 4 max |G_i(0)| (or 2^-100, if that is larger)."""
    with ctx.workprec(BITS):
        r = 4 * max_upper(c.at_origin)
        return replace(c, cube=arb(0, r if r > fmpq(1, 2**100) else arb(fmpq(1, 2**100))))


def widest(c: Candidate, halvings: int = 60) -> Candidate:
    """Return the candidate with a cube as large as (K) allows, up to a small factor, aiming at kappa = 1/4.

    kappa(r) grows about linearly in r, so one value predicts the radius; it is halved until (K) holds there.
    Raises ValueError if (K) is found for no radius.
    """
    small = surrounded(c)
    with ctx.workprec(BITS):
        kappa, r = rate(small), small.r
        if kappa.is_finite() and kappa > 0:
            while 8 * kappa < 1:
                kappa, r = 2 * kappa, 2 * r
        for _ in range(halvings):
            wide = replace(c, cube=arb(0, r))
            if inequality_holds(wide):
                return wide
            r = r * fmpq(1, 2)
            if r < small.r:
                break
    if inequality_holds(small):
        return small
    raise ValueError("(K) holds for no radius that was tried")


def with_labels(c: Candidate, y: Sequence) -> Candidate:
    """Return the candidate for the labels y: output weights t v, with the least power of two t >= 2 |y| / slack.

    F becomes t F, z becomes t z and B becomes B / t; the weights that are allowed, W + B z, stay the same.
    Raises ValueError if (K) does not hold at y = 0.
    """
    rho = fraction(slack(replace(c, labels=(0,) * c.n)))
    if rho <= 0:
        raise ValueError("(K) does not hold at y = 0")
    least, t = 2 * max(abs(Fraction(e)) for e in y), Fraction(1)
    while t * rho < least:
        t *= 2
    with ctx.workprec(BITS):
        s = ball(Fraction(1) / t)
        B = arb_mat([[e * s for e in row] for row in c.chart.B.tolist()])
        chart = replace(c.chart, v=tuple(e * t for e in c.chart.v), B=B)
        vars(chart)["moves"] = [M * s for M in c.chart.moves]  # exactly, since t is a power of two
        return Candidate(chart, tuple(y), c.cube * ball(t))


# --- zeros, by Newton's method and by the interval Newton operator with FLINT's linear solver ---


def newton_steps(
    c: Candidate, start: arb_mat | None = None, steps: int = 12
) -> Iterator[tuple[arb_mat, arb]]:
    """Yield z and max |G_i(z)|, from 0 or `start` on, by Newton's method in long floats; ends where it breaks down."""
    with ctx.workprec(BITS):
        z = origin(c) if start is None else start
        for _ in range(steps):
            G = c.G(z)
            if not all(g.is_finite() for g in G):
                return
            yield z, max_upper(g.mid() for g in G)
            A = c.derivative(z).mid()
            try:
                with ctx.workprec(64):  # a step need not be more accurate than that: the next one mends it
                    step = A.solve(arb_mat([[g] for g in G]), algorithm="approx").mid()
            except ZeroDivisionError:
                return
            z = (z - step).mid()


def newton(c: Candidate, start: arb_mat | None = None) -> arb_mat | None:
    """Return z with G(z) nearly 0, or None if Newton's method does not converge."""
    goal = fmpq(1, 2 ** (2 * BITS // 3))
    return next((z for z, size in newton_steps(c, start) if size < goal), None)


def enclosed_zero(c: Candidate, start: arb_mat | None = None) -> arb_mat | None:
    """Return a tiny cube that contains exactly one zero of G, by the interval Newton operator; or None.

    N = z - A^-1 G(z) with A containing G' on the tiny cube: if N is inside it, there is exactly one zero in it.
    """
    z = newton(c, start)
    if z is None:
        return None
    with ctx.workprec(BITS):
        tiny = fmpq(1, 2 ** (BITS // 2))
        cube = arb_mat([[z[i, 0] + arb(0, tiny)] for i in range(c.n)])
        try:
            A, G = c.derivative(cube), arb_mat([[g] for g in c.G(z)])
            with ctx.workprec(SHORT):
                step = A.solve(G)
            N = z - step
        except ZeroDivisionError:
            return None
        return N if all(cube[i, 0].contains_interior(N[i, 0]) for i in range(c.n)) else None
