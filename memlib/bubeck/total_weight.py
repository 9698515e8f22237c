"""Neurons with exact numbers, their total weight and their largest response: what the claims on weights compute with.

W(f) and R(r), made of square roots, are balls of FLINT's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from memlib.bubeck.n_neurons import quotient, relu
from memlib.network import Network

Points = tuple[tuple, ...]


def ball(q: int | Fraction) -> arb:
    """Return a ball around a rational number."""
    return arb(fmpq(q.numerator, q.denominator))


def length(v: Sequence[int | Fraction]) -> arb:
    """Return the Euclidean length as a ball."""
    return ball(sum(c * c for c in v)).sqrt()


def dot(u: Sequence, x: Sequence) -> Any:
    return sum(c * v for c, v in zip(u, x, strict=True))


def certainly(left: arb, right: arb) -> bool:
    """Decide left <= right for two balls. Raises ArithmeticError where they overlap."""
    if left <= right:
        return True
    if left > right:
        return False
    raise ArithmeticError(f"the balls {left} and {right} overlap")


# --- neurons and their weight ---


@dataclass(frozen=True)
class Neuron:
    """x -> a psi(w.x + b), psi the ReLU; rational numbers, or sympy expressions of known sign."""

    a: Any
    w: tuple
    b: Any

    def __call__(self, x: Sequence) -> Any:
        t = dot(self.w, x) + self.b
        return self.a * relu(t.expand() if hasattr(t, "expand") else t)

    @property
    def squared(self) -> Any:
        """The square of the neuron's weight, a^2 (|w|^2 + b^2)."""
        return self.a**2 * (dot(self.w, self.w) + self.b**2)

    def rescaled(self, c: Any) -> "Neuron":
        """(a / c, c w, c b)."""
        return Neuron(quotient(self.a, c), tuple(c * v for v in self.w), c * self.b)


def total_weight(neurons: Sequence[Neuron]) -> arb:
    """Return W(f) = sum |a_h| |(w_h, b_h)|, enclosed in a ball. Implements bubeck-def-total-weight."""
    return sum((ball(neuron.squared).sqrt() for neuron in neurons), arb(0))


def neurons_of(net: Network) -> tuple[Neuron, ...]:
    """Return the neurons of a network with one hidden layer of ReLUs, in the coordinates of the data.

    The network is fed x * input_scale, so its weights are multiplied by input_scale; the output weights are
    divided by output_scale. An output bias c is the neuron c psi(0.x + 1). Raises ValueError for other networks.
    """
    *hidden, last = net.layers
    if [layer.activation for layer in hidden] not in (["relu"], []) or last.activation != "identity":
        raise ValueError(f"the total weight is defined for one hidden layer of ReLUs, not for {net!r}")
    if not hidden and last.entries:
        raise ValueError("a linear network without hidden neurons is no sum of ReLUs")
    d = len(net.input_scale)
    neurons = []
    for layer in hidden:
        rows = [[0] * d for _ in layer.biases]
        for h, i, w in layer.entries:
            rows[h][i] = w * net.input_scale[i]
        neurons = [
            Neuron(Fraction(a, net.output_scale), tuple(rows[h]), layer.biases[h]) for _, h, a in last.entries
        ]
    if last.biases[0]:
        neurons.append(Neuron(Fraction(last.biases[0], net.output_scale), (0,) * d, 1))
    return tuple(neurons)


def balanced(neurons: Sequence[Neuron]) -> tuple[Neuron, ...]:
    """Rescale each neuron by a power of two so that its largest weight or bias is near 1; no digit changes."""
    out = []
    for neuron in neurons:
        most = max(abs(Fraction(v)) for v in (*neuron.w, neuron.b))
        e = most.numerator.bit_length() - most.denominator.bit_length() if most else 0
        out.append(neuron.rescaled(Fraction(1, 1 << e) if e >= 0 else Fraction(1 << -e)))
    return tuple(out)


# --- responses ---


def lift(points: Points, bias: bool = True) -> Points:
    """Return the vectors that a neuron's parameters meet: (x, 1), or x itself for networks without biases."""
    return tuple((*x, 1) if bias else tuple(x) for x in points)


def responses(vectors: Points, r: Sequence, u: Sequence) -> Any:
    """F(u) = sum r_i psi(u.x_i)."""
    return sum(c * max(dot(u, x), 0) for c, x in zip(r, vectors, strict=True))


def reach(vectors: Points, r: Sequence) -> arb:
    """Return R(r) = max |F(u)| over |u| <= 1, for rational vectors of the plane, as a ball.

    Between two boundaries u.x_i = 0, F is linear, F(u) = u.V with V the sum of r_i x_i over a half plane. On an
    arc of unit vectors |u.V| is largest at an end, or at V or -V where the arc contains it. All of these u are
    tried; each gives a value |F(u)| / |u| that occurs, so the largest is R.
    """
    if any(len(x) != 2 for x in vectors):
        raise ValueError(
            "R is computed for vectors of the plane: points of the line, or of the plane without biases"
        )
    edges = [(s * -x[1], s * x[0]) for x in vectors for s in (1, -1) if any(x)]
    sums = []
    for u in edges:
        ahead = (-u[1], u[0])
        inside = [dot(u, x) > 0 or (dot(u, x) == 0 and dot(ahead, x) > 0) for x in vectors]
        sums.append(
            tuple(sum(c * x[k] for c, x, on in zip(r, vectors, inside, strict=True) if on) for k in (0, 1))
        )
    most = arb(0)
    for u in dict.fromkeys(edges + [(s * v[0], s * v[1]) for v in sums for s in (1, -1) if any(v)]):
        most = most.max(ball(abs(responses(vectors, r, u))) * (fmpq(1) / length(u)))
    return most
