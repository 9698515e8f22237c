"""The epsilon construction for a cubic activation, exactly: Taylor's formula ends with its third term.

Points are tuples of ints; weights, biases and labels ints or Fractions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq, fmpq_mat

from memlib.evidence import Answer, Counterexample
from memlib.madden.monomials import dot, khatri_rao
from memlib.madden.pairs import Points, Polynomial

Number = int | Fraction


def sup(values: Iterable[Any]) -> Any:
    """Return the largest absolute value."""
    return max(abs(v) for v in values)


@dataclass(frozen=True)
class Cubic:
    """The same for psi = c_0 + c_1 t + c_2 t^2 + c_3 t^3, rational, with a solution z that is known."""

    psi: Polynomial
    third: Number
    points: Points
    W: tuple[tuple[Number, ...], ...]
    b: tuple[Number, ...]
    epsilon: Fraction
    labels: tuple[Number, ...]
    z: tuple[Number, ...]

    @cached_property
    def a(self) -> list[list[Number]]:
        return [[dot(w, x) + c for x in self.points] for w, c in zip(self.W, self.b, strict=True)]

    @cached_property
    def B(self) -> list[list[Fraction]] | None:
        slopes = [[self.psi.slope(t) for t in row] for row in self.a]
        rows = khatri_rao(slopes, list(zip(*self.points, strict=True)))
        J = fmpq_mat([[fmpq(Fraction(v).numerator, Fraction(v).denominator) for v in row] for row in rows])
        try:
            B = J * (J.transpose() * J).inv()
        except ZeroDivisionError:
            return None
        return [[Fraction(int(v.p), int(v.q)) for v in row] for row in B.tolist()]

    def steps(self, z: tuple) -> list[list[Fraction]]:
        """h_ji = u_j.x_i for u = B z."""
        d, u = len(self.points[0]), [dot(row, z) for row in self.B or []]
        return [[dot(u[j * d : (j + 1) * d], x) for x in self.points] for j in range(len(self.W))]

    @property
    def Delta(self) -> Number:
        units = [tuple(int(p == q) for p in range(len(self.z))) for q in range(len(self.z))]
        columns = [self.steps(e) for e in units]
        return max(
            sum(abs(column[j][i]) for column in columns)
            for j in range(len(self.W))
            for i in range(len(self.points))
        )

    def G(self, z: tuple) -> list[Fraction]:
        """z_i + c_3 epsilon^2 sum_j h_ji^3: Taylor's formula ends with its third term."""
        cubes = [sum(v**3 for v in column) for column in zip(*self.steps(z), strict=True)]
        return [v + self.psi.c[3] * self.epsilon**2 * s for v, s in zip(z, cubes, strict=True)]

    def neurons(self, z: tuple) -> Iterator[tuple[tuple, Number, Fraction]]:
        d, u = len(self.points[0]), [dot(row, z) for row in self.B or []]
        for j, (w, c) in enumerate(zip(self.W, self.b, strict=True)):
            for sign in (1, -1):
                step = [sign * self.epsilon * v for v in u[j * d : (j + 1) * d]]
                yield tuple(p + s for p, s in zip(w, step, strict=True)), c, sign / Fraction(2 * self.epsilon)


def with_solution(
    c: tuple[int, ...], points: Points, W: tuple, b: tuple, z: tuple[Number, ...], factor: int = 1
) -> Cubic:
    """Return the labels G_eps(z) with a known solution z; epsilon is factor times a power of two below the bound.

    Raises ValueError if J has not rank n, or z = 0.
    """
    psi, epsilon = Polynomial(c), Fraction(1)
    while True:
        it = Cubic(psi, 6 * abs(c[3]), points, W, b, epsilon, (0,) * len(z), z)
        if it.B is None or not any(z):
            raise ValueError("J has not rank n, or z is 0")
        if epsilon_meets_the_formula(replace(it, labels=tuple(it.G(z)))):
            it = replace(it, epsilon=factor * epsilon)
            return replace(it, labels=tuple(it.G(z)))
        epsilon *= Fraction(1, 2)


def epsilon_meets_the_formula(it: Cubic) -> Answer:
    """(2 Y epsilon)^2 m' M_3 Delta^3 <= 1: the bound without its root."""
    left = (2 * sup(it.labels) * it.epsilon) ** 2 * len(it.W) * it.third * it.Delta**3
    return 0 < left <= 1 or Counterexample(f"(epsilon / epsilon*)^2 is {left}")


def labels_are_reached_exactly(it: Cubic) -> Answer:
    """The network at z, from its definition, has the labels; z is in the cube; four steps from y halve the distance."""
    net = list(it.neurons(it.z))
    for i, (x, y) in enumerate(zip(it.points, it.labels, strict=True)):
        value = sum(v * it.psi.value(dot(w, x) + b) for w, b, v in net)
        if value != y:
            return Counterexample(f"the network is {value} at point {i}, not {y}")
    if sup(it.z) > 2 * sup(it.labels):
        return Counterexample("z leaves the cube")
    step = tuple(it.labels)
    for k in range(4):
        further = tuple(v + y - f for v, y, f in zip(step, it.labels, it.G(step), strict=True))
        old, new = (sup(p - q for p, q in zip(at, it.z, strict=True)) for at in (step, further))
        if 2 * new > old:
            return Counterexample(f"step {k + 1} does not halve the distance to z")
        step = further
    return True
