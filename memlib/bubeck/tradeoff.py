"""The trade-off: lightest networks and test vectors (duality), and an exact network from a trained one (polish).

Points are rational, networks are tuples of `Neuron`; floats that propose are in `tradeoff_floats`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import gcd, isqrt, lcm

from flint import fmpz_mat

from memlib.bubeck import tradeoff_floats as machine
from memlib.bubeck.total_weight import Neuron, Points, dot, lift, responses
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.network import Layer, Network
from memlib.points import HypothesisError

# --- bubeck-duality ---


@dataclass(frozen=True)
class Pair:
    """Points of the line, labels, a network and a test vector r: a proof that the network is the lightest."""

    points: Points
    y: tuple
    neurons: tuple[Neuron, ...]
    r: tuple

    @cached_property
    def reach_squared(self) -> Fraction:
        """R(r)^2, exactly."""
        return reach_squared(lift(self.points), self.r)

    @property
    def asked(self) -> Fraction:
        """r.y."""
        return Fraction(dot(self.r, self.y))

    def response(self, neuron: Neuron) -> Fraction:
        """a F_r(w, b), the part of r.y that the neuron pays."""
        return Fraction(neuron.a * responses(lift(self.points), self.r, (*neuron.w, neuron.b)))

    def touches(self, neuron: Neuron) -> bool:
        """Whether a F_r(w, b) = |a| |(w, b)| R(r)."""
        share = self.response(neuron)
        return share >= 0 and share * share == neuron.squared * self.reach_squared


def candidates(vectors: Points, r: Sequence) -> Iterator[tuple]:
    """Yield directions u of the plane, one of which has the largest |F_r(u)| / |u|.

    Turn u. Between two boundaries u.x_i = 0, F_r(u) = u.V for one vector V; on such an arc |u.V| / |u| is largest at
    an end, or at V or -V. For every arc we try its first end, and both vectors.
    """
    for x in vectors:
        for u in ((-x[1], x[0]), (x[1], -x[0])):
            ahead = (-u[1], u[0])
            on = [dot(u, z) > 0 or (dot(u, z) == 0 and dot(ahead, z) > 0) for z in vectors]
            V = tuple(
                sum(c * z[k] for c, z, open_ in zip(r, vectors, on, strict=True) if open_) for k in (0, 1)
            )
            yield from (v for v in (u, V, (-V[0], -V[1])) if any(v))


def reach_squared(vectors: Points, r: Sequence) -> Fraction:
    """Return R(r)^2 = max F_r(u)^2 / |u|^2, a rational number, for rational vectors of the plane."""
    return max(
        (Fraction(responses(vectors, r, u) ** 2) / dot(u, u) for u in candidates(vectors, r)),
        default=Fraction(0),
    )


def exact_root(q: Fraction) -> Fraction | None:
    """Return the square root if it is rational."""
    root = Fraction(isqrt(q.numerator), isqrt(q.denominator))
    return root if root * root == q else None


def price(pair: Pair) -> Fraction | None:
    """Return W(f) R(r) if it is rational.

    It is a sum of terms |a| |(w, b)| R >= 0, square roots of rationals. Square roots of different square-free numbers
    are linearly independent over the rationals, and no term is negative, so the sum is rational only if every term is.
    """
    roots = [exact_root(Fraction(neuron.squared) * pair.reach_squared) for neuron in pair.neurons]
    return None if None in roots else sum((root for root in roots if root is not None), Fraction(0))


def points_are_distinct(pair: Pair) -> Answer:
    for i, j in combinations(range(len(pair.points)), 2):
        if pair.points[i] == pair.points[j]:
            return Counterexample(f"points {i} and {j} are equal")
    return True


def pair_fits(pair: Pair) -> Answer:
    for i, (x, label) in enumerate(zip(pair.points, pair.y, strict=True)):
        value = sum(neuron(x) for neuron in pair.neurons)
        if value != label:
            return Counterexample(f"f is {value} at point {i}, not {label}")
    return True


def gap_is_closed(pair: Pair) -> Answer:
    """f takes the labels with at most n neurons, W(f) R(r) = r.y with R(r) > 0; and every neuron touches."""
    for i, j in combinations(range(len(pair.points)), 2):
        if pair.points[i] == pair.points[j] and pair.y[i] != pair.y[j]:
            return Counterexample(
                f"the test vector e_{i} - e_{j} asks for {pair.y[i] - pair.y[j]} and no neuron responds: "
                "no weight is enough"
            )
    answer = pair_fits(pair)
    if not answer:
        return answer
    if len(pair.neurons) > len(pair.points):
        return Counterexample(f"there are {len(pair.neurons)} neurons for {len(pair.points)} points")
    if pair.reach_squared == 0:
        return Counterexample("R(r) = 0")
    found = price(pair)
    if found != pair.asked:
        value = "irrational" if found is None else str(found)
        return Counterexample(f"W(f) R(r) is {value}, not r.y = {pair.asked}")
    return all(map(pair.touches, pair.neurons)) or Counterexample("a neuron does not respond fully")


def labels_close_the_gap(pair: Pair) -> Answer:
    """The wrong version: the labels themselves are always a best test vector."""
    return gap_is_closed(Pair(pair.points, pair.y, pair.neurons, pair.y))


duality = Claim(
    "bubeck-duality",
    hypotheses={"the points are distinct": points_are_distinct},
    conclusion=gap_is_closed,
)


def unit(u: Sequence) -> tuple | None:
    """Return u / |u| if the length is rational."""
    length = exact_root(Fraction(dot(u, u)))
    return None if not length else tuple(Fraction(c) / length for c in u)


def lightest_pair(points: Points, y: Sequence) -> Pair:
    """Return the lightest network on points of the line, and the test vector that proves it.

    A linear program over the directions with a kink at a point, and the two constants, proposes n neurons (floats);
    the output weights and r are then solved for in rationals, and R(r) = 1 is decided.
    Raises HypothesisError where 1 + x^2 is no rational square, or where the proposal is not optimal: then a lightest
    neuron has its kink between the points, or the program is degenerate.
    """
    vectors = lift(points)
    found = [unit(u) for x in vectors for u in ((-x[1], x[0]), (x[1], -x[0]))]
    if None in found:
        raise HypothesisError(
            "1 + x^2 is a rational square", "some point has none", "Take Pythagorean points."
        )
    columns = [u for u in found if u is not None] + [(Fraction(0), Fraction(1))]
    table = [[max(dot(u, x), Fraction(0)) for u in columns] for x in vectors]
    chosen = machine.basis(table, y)
    if len(chosen) != len(points):
        raise HypothesisError("n neurons are used", f"{len(chosen)} are", "Change a label.")
    square = [[row[k] for k, _ in chosen] for row in table]
    a = rational_solution(square, y)
    r = rational_solution(
        [list(column) for column in zip(*square, strict=True)], [sign for _, sign in chosen]
    )
    neurons = tuple(Neuron(c, columns[k][:1], columns[k][1]) for c, (k, _) in zip(a, chosen, strict=True))
    pair = Pair(tuple(points), tuple(y), neurons, tuple(r))
    answer = gap_is_closed(pair)
    if not answer:
        raise HypothesisError(
            "all lightest neurons have their kinks at points", repr(answer), "Change a label."
        )
    return pair


def rational_solution(rows: Sequence[Sequence], right: Sequence) -> list[Fraction]:
    """Solve a square rational system. Raises ZeroDivisionError if it is singular."""
    scaled = []
    for row, v in zip(rows, right, strict=True):
        entries = [Fraction(c) for c in (*row, v)]
        m = lcm(*(c.denominator for c in entries))
        scaled.append([int(c * m) for c in entries])
    M = fmpz_mat([row[:-1] for row in scaled])
    solution = M.solve(fmpz_mat([[row[-1]] for row in scaled]))
    return [Fraction(int(q.p), int(q.q)) for (q,) in solution.tolist()]


# --- bubeck-polish ---


@dataclass(frozen=True)
class Polish:
    """Points, labels, a network sum a_h psi(theta_h.(x, 1)), and a correction Delta_h of every theta_h = (w_h, b_h)."""

    points: Points
    y: tuple
    a: tuple
    theta: tuple[tuple, ...]
    delta: tuple[tuple, ...]

    @cached_property
    def tables(self) -> tuple[list[list[int]], list[list[int]], int]:
        """theta_h.(x_i, 1) and Delta_h.(x_i, 1), a row for every neuron, as integers over one denominator."""
        both, p = over_one_denominator((*self.theta, *self.delta))
        vectors, q = over_one_denominator(lift(self.points))
        table = (fmpz_mat(both) * fmpz_mat(vectors).transpose()).tolist()
        rows = [[int(v) for v in row] for row in table]
        return rows[: len(self.theta)], rows[len(self.theta) :], p * q

    def over(self, value: int) -> str:
        """A number of the tables in four digits."""
        return machine.shown(Fraction(value, self.tables[2]))

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """The corrected network."""
        moved = (
            tuple(p + q for p, q in zip(t, e, strict=True))
            for t, e in zip(self.theta, self.delta, strict=True)
        )
        return tuple(Neuron(a, t[:-1], t[-1]) for a, t in zip(self.a, moved, strict=True))


def over_one_denominator(rows: Sequence[Sequence]) -> tuple[list[list[int]], int]:
    """Return integer rows and their common denominator."""
    fractions = [[Fraction(v) for v in row] for row in rows]
    m = lcm(*{v.denominator for row in fractions for v in row})
    return [[v.numerator * (m // v.denominator) for v in row] for row in fractions], m


def residuals_removed(it: Polish) -> Answer:
    """sum over the open neurons of a_h Delta_h.(x_i, 1) = y_i - f(x_i)."""
    before, moves, m = it.tables
    for i, label in enumerate(it.y):
        on = [h for h, row in enumerate(before) if row[i] > 0]
        value = sum(it.a[h] * (before[h][i] + moves[h][i]) for h in on)
        if value != label * m:
            return Counterexample(f"the open neurons would give {it.over(value)} at point {i}, not {label}")
    return True


def nobody_switches(it: Polish) -> Answer:
    """|Delta_h.(x_i, 1)| <= |theta_h.(x_i, 1)|."""
    before, moves, _ = it.tables
    for h, (row, moved) in enumerate(zip(before, moves, strict=True)):
        for i, (s, e) in enumerate(zip(row, moved, strict=True)):
            if abs(e) > abs(s):
                return Counterexample(
                    f"neuron {h} stands at {it.over(s)} at point {i} and moves by {it.over(e)}"
                )
    return True


def corrected_memorizes(it: Polish) -> Answer:
    """The corrected network takes every label: it is built anew from its weights and evaluated at every point."""
    hidden, p = over_one_denominator([(*neuron.w, neuron.b) for neuron in it.neurons])
    vectors, q = over_one_denominator(lift(it.points))
    for i, (x, label) in enumerate(zip(vectors, it.y, strict=True)):
        value = sum(a * max(dot(t, x), 0) for a, t in zip(it.a, hidden, strict=True))
        if value != label * p * q:
            return Counterexample(
                f"the corrected network is {machine.shown(Fraction(value) / (p * q))} at point {i}"
            )
    return True


polish = Claim(
    "bubeck-polish",
    hypotheses={
        "the correction removes the residual": residuals_removed,
        "nobody switches": nobody_switches,
    },
    conclusion=corrected_memorizes,
)


def polished(
    points: Points, scale: int, y: Sequence[int], a: Sequence[int], theta: Sequence, unit_: int
) -> Polish:
    """Return the correction of a nearly memorizing network, with few entries: n numbers are moved.

    points : integers over `scale`. a : 1 or -1. theta : integers over `unit_`. Floats choose n columns of the matrix
    [a_h [s_hi > 0] (x_i, 1)] that are far from dependent; the n equations are solved in rationals. What is returned
    solves the equations; whether somebody switches is for the claim to decide.
    Raises HypothesisError if the columns are dependent: the open neurons then cannot take all labels.
    """
    Z = [(*x, scale) for x in points]
    s = (fmpz_mat([list(t) for t in theta]) * fmpz_mat([list(z) for z in Z]).transpose()).tolist()
    on = [[int(v > 0) for v in row] for row in s]
    n, k, D = len(points), len(theta), len(Z[0])
    chosen = machine.independent_columns(points, scale, a, on)
    rows = [[a[c // D] * on[c // D][i] * Z[i][c % D] for c in chosen] for i in range(n)]
    right = [
        [y[i] * unit_ * scale - sum(int(a[h]) * int(s[h][i]) for h in range(k) if on[h][i])] for i in range(n)
    ]
    try:
        solution = fmpz_mat(rows).solve(fmpz_mat(right))
    except ZeroDivisionError as error:
        raise HypothesisError(
            "rank n", "the chosen columns are dependent", "Train longer, or wider."
        ) from error
    delta = [[Fraction(0)] * D for _ in range(k)]
    for c, (q,) in zip(chosen, solution.tolist(), strict=True):
        delta[c // D][c % D] = Fraction(int(q.p), int(q.q) * unit_)
    places = tuple(tuple(Fraction(v, scale) for v in x) for x in points)
    start = tuple(tuple(Fraction(int(v), unit_) for v in t) for t in theta)
    return Polish(places, tuple(y), tuple(a), start, tuple(map(tuple, delta)))


def polished_network(it: Polish, scale: int) -> Network:
    """Return the corrected network on the grid of the points, verified."""
    hidden, m = over_one_denominator([(*neuron.w, neuron.b * scale) for neuron in it.neurons])
    common = gcd(m * scale, *(v for row in hidden for v in row))
    rows = [[v // common for v in row] for row in hidden]
    signs = tuple(int(a) for a in it.a)
    layers = (
        Layer(tuple(tuple(row[:-1]) for row in rows), tuple(row[-1] for row in rows), "relu"),
        Layer((signs,), (0,), "identity"),
    )
    points = tuple(tuple(int(v * scale) for v in x) for x in it.points)
    d = len(points[0])
    net = Network(layers, "bubeck-polish", (scale,) * d, output_scale=m * scale // common)
    return net.verified(points, it.y)
