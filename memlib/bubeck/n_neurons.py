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


def n_neurons_network(points: tuple[tuple[int, ...], ...], labels: tuple) -> Network:
    """Return n ReLU neurons with f(x_i) = y_i for n distinct integer points and rational labels.

    Raises HypothesisError if equal points carry different labels; equal points with equal labels are merged.
    Source: Zhang, Bengio, Hardt, Recht and Vinyals (2017), the triangular proof.
    """
    points, labels = merge(points, labels)
    u = direction(points)
    t = [dot(u, x) for x in points]
    order = ascending_order(t)
    kinks, a = triangular_fit([t[i] for i in order], [labels[i] for i in order])
    q = lcm(*(v.denominator for v in a))
    first = Layer((u,) * len(points), tuple(-b for b in kinks), "relu")
    last = Layer((tuple(int(v * q) for v in a),), (0,), "identity")
    net = Network((first, last), "bubeck-n-neurons", (1,) * len(u), output_scale=q)
    return net.verified(points, labels)


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
    """The n neurons of the triangular fit reproduce every label."""
    pair = equal_pair(problem.points)
    if pair is not None:
        a, b = (problem.labels[i] for i in pair)
        if not equal(a, b):
            return Counterexample(f"no function takes the values {a} and {b} at one point")
        keep = [i for i in range(len(problem.points)) if i != pair[1]]
        return fitted_by_n_neurons(
            Problem(tuple(problem.points[i] for i in keep), tuple(problem.labels[i] for i in keep))
        )
    u = direction(problem.points)
    t = [sum(c * v for c, v in zip(u, x, strict=True)) for x in problem.points]
    order = ascending_order(t)
    kinks, weights = triangular_fit([t[i] for i in order], [problem.labels[i] for i in order])
    for i in order:
        value = sum(a * relu(t[i] - b) for a, b in zip(weights, kinks, strict=True))
        if not equal(value, problem.labels[i]):
            return Counterexample(f"the network fails at point {i}")
    return True


n_neurons = Claim(
    "bubeck-n-neurons",
    hypotheses={"the points are distinct": points_are_distinct},
    conclusion=fitted_by_n_neurons,
)
