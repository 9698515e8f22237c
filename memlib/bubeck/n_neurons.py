"""Warm-up: n ReLU neurons memorize n points, by a triangular system."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from math import lcm
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import dot, moment_vector
from memlib.network import Layer, Network
from memlib.points import merge


@dataclass(frozen=True)
class Problem:
    """Points and labels: ints and Fractions, or sympy expressions whose signs are known from their assumptions."""

    points: tuple[tuple, ...]
    labels: tuple


def positive(v: Any) -> bool:
    """Return whether v > 0, for a number or for a sympy expression of known sign."""
    if hasattr(v, "is_positive"):
        if v.is_positive is None:
            raise ValueError(f"the sign of {v} is not known")
        return bool(v.is_positive)
    return v > 0


def relu(v: Any) -> Any:
    return v if positive(v) else 0


def direction(points: tuple[tuple, ...]) -> tuple[int, ...]:
    """Return an integer vector u with u.x_i all different. Raises ValueError if two points are equal."""
    differences = [
        tuple(a - b for a, b in zip(x, z, strict=True)) for i, x in enumerate(points) for z in points[:i]
    ]
    return moment_vector(differences) if differences else (1,) * len(points[0])


def quotient(a: Any, b: Any) -> Any:
    return a / b if hasattr(a * b, "free_symbols") else Fraction(a, b)


def triangular_fit(t: list, labels: list) -> tuple[list, list]:
    """Return kinks beta and output weights a with sum_i a_i relu(t_j - beta_i) = labels_j; t ascending.

    Kinks at t_1 - 1, t_1, ..., t_(n-1): neuron i is silent up to t_(i-1) and open at t_i, so the system is
    lower triangular with a positive diagonal, and forward substitution solves it.
    """
    kinks = [t[0] - 1, *t[:-1]]
    weights: list = []
    for j, label in enumerate(labels):
        so_far = sum(a * relu(t[j] - b) for a, b in zip(weights, kinks, strict=False))
        weights.append(quotient(label - so_far, t[j] - kinks[j]))
    return kinks, weights


def ascending_order(t: list) -> list[int]:
    """Return the indices that sort numbers, or expressions whose differences have a known sign."""

    def compare(i: int, j: int) -> int:
        return 1 if positive(t[i] - t[j]) else -1

    return sorted(range(len(t)), key=cmp_to_key(compare))


def triangular_network(points: tuple[tuple[int, ...], ...], labels: tuple) -> Network:
    """Return the network of the proof for distinct integer points: n ReLU neurons, all with the weights u."""
    u = direction(points)
    t = [dot(u, x) for x in points]
    order = ascending_order(t)
    kinks, a = triangular_fit([t[i] for i in order], [labels[i] for i in order])
    q = lcm(*(v.denominator for v in a))
    first = Layer((u,) * len(kinks), tuple(-b for b in kinks), "relu")
    last = Layer((tuple(int(v * q) for v in a),), (0,), "identity")
    return Network((first, last), "bubeck-n-neurons", (1,) * len(u), output_scale=q)


def n_neurons_network(points: tuple[tuple[int, ...], ...], labels: tuple) -> Network:
    """Return n ReLU neurons with f(x_i) = y_i for n distinct integer points and rational labels, verified.

    Raises HypothesisError if equal points carry different labels; equal points with equal labels are merged.
    Source: Zhang, Bengio, Hardt, Recht and Vinyals (2017), the triangular proof.
    """
    points, labels = merge(points, labels)
    return triangular_network(points, labels).verified(points, labels)


def equal_pair(points: tuple[tuple, ...]) -> tuple[int, int] | None:
    """Return the indices of two equal points, or None."""
    for i, x in enumerate(points):
        for j, z in enumerate(points[:i]):
            if all(equal(a, b) for a, b in zip(x, z, strict=True)):
                return j, i
    return None


def points_are_distinct(problem: Problem) -> Answer:
    pair = equal_pair(problem.points)
    return pair is None or Counterexample(f"points {pair[0]} and {pair[1]} are equal")


def fitted_by_n_neurons(problem: Problem) -> Answer:
    """A network of at most n neurons has every label as its value.

    For numbers it is the network in integers, n neurons; for letters the sum of the proof.
    """
    points, labels = problem.points, problem.labels
    pair = equal_pair(points)
    if pair is not None:
        i, j = pair
        if not equal(labels[i], labels[j]):
            return Counterexample(f"no function takes the values {labels[i]} and {labels[j]} at one point")
        return fitted_by_n_neurons(Problem(points[:j] + points[j + 1 :], labels[:j] + labels[j + 1 :]))
    if any(hasattr(v, "free_symbols") for v in (*labels, *(c for x in points for c in x))):
        values = values_of_the_fit(points, labels)
    else:
        net = triangular_network(points, labels)
        if net.hidden_neurons > len(points):
            return Counterexample(f"the network has {net.hidden_neurons} neurons for {len(points)} points")
        values = list(net.at_integers(points))
    wrong = [
        i for i, (value, label) in enumerate(zip(values, labels, strict=True)) if not equal(value, label)
    ]
    return not wrong or Counterexample(f"the network fails at point {wrong[0]}")


def values_of_the_fit(points: tuple[tuple, ...], labels: tuple) -> list:
    """Return sum_i a_i relu(u.x - beta_i) at every point x, for numbers or letters."""
    u = direction(points)
    t = [sum(c * v for c, v in zip(u, x, strict=True)) for x in points]
    order = ascending_order(t)
    kinks, weights = triangular_fit([t[i] for i in order], [labels[i] for i in order])
    return [sum(a * relu(s - b) for a, b in zip(weights, kinks, strict=True)) for s in t]


n_neurons = Claim(
    "bubeck-n-neurons",
    hypotheses={"the points are distinct": points_are_distinct},
    conclusion=fitted_by_n_neurons,
)
