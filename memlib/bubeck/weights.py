"""What the weights must weigh: total weight, test vectors, contraction, the lower bound for random labels.

Networks are tuples of neurons with exact numbers (`total_weight`). What samples or computes in floats is in
`weights_floats`; what large weights cost is in `conditioning`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

from flint import arb, fmpq

from memlib.bubeck import weights_floats as machine
from memlib.bubeck.n_neurons import positive
from memlib.bubeck.total_weight import (
    Neuron,
    Points,
    ball,
    certainly,
    dot,
    lift,
    reach,
    total_weight,
)
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency, equal
from memlib.exact import affine_fit

Outcome = Answer | Frequency


# --- bubeck-def-total-weight ---


@dataclass(frozen=True)
class Rescaling:
    """A neuron, the factor c that moves from its output weight to its weights and bias, and a point."""

    neuron: Neuron
    c: Any
    at: tuple


def factor_is_positive(r: Rescaling) -> Answer:
    return positive(r.c) or Counterexample(f"c is {r.c}")


def same_function_same_weight(r: Rescaling) -> Answer:
    if equal(r.c, 0):
        return Counterexample("nothing is divided by 0")
    other = r.neuron.rescaled(r.c)
    before, after = r.neuron(r.at), other(r.at)
    if not equal(before, after):
        return Counterexample(
            f"the neuron was {before} at x = {r.at[0] if len(r.at) == 1 else r.at} and is {after}"
        )
    if not equal(r.neuron.squared, other.squared):
        return Counterexample(f"the square of the weight was {r.neuron.squared} and is {other.squared}")
    return True


weight = Claim(
    "bubeck-def-total-weight",
    hypotheses={"c > 0": factor_is_positive},
    conclusion=same_function_same_weight,
)


# --- bubeck-weight-correlation ---


@dataclass(frozen=True)
class Probe:
    """A network on points of the line (or of the plane, without biases), a test vector r, and W(f)."""

    points: Points
    neurons: tuple[Neuron, ...]
    r: tuple
    bias: bool
    weight: arb

    @property
    def correlation(self) -> Any:
        """sum r_i f(x_i)."""
        return sum(
            c * sum(neuron(x) for neuron in self.neurons) for c, x in zip(self.r, self.points, strict=True)
        )


def probe(points: Points, neurons: tuple[Neuron, ...], r: Sequence, bias: bool = True) -> Probe:
    """Return the network with its weight, and the vector r to test it."""
    return Probe(points, neurons, tuple(r), bias, total_weight(neurons))


def biases_as_stated(p: Probe) -> Answer:
    biased = [h for h, neuron in enumerate(p.neurons) if neuron.b]
    return p.bias or not biased or Counterexample(f"neuron {biased[0]} has a bias")


def within(value: Any, bound: arb) -> Answer:
    """|sum r f| is at most the bound."""
    if certainly(ball(abs(value)), bound):
        return True
    found = ball(abs(value)).str(3, radius=False)
    return Counterexample(f"|sum r f| is {found}, above {bound.str(3, radius=False)}")


def paid_by_weight(p: Probe) -> Answer:
    return within(p.correlation, p.weight * reach(lift(p.points, p.bias), p.r))


correlation = Claim(
    "bubeck-weight-correlation",
    hypotheses={"no bias where R is taken without": biases_as_stated},
    conclusion=paid_by_weight,
)


# --- bubeck-contraction ---


@dataclass(frozen=True)
class Shrinking:
    """Finitely many vectors, and a function applied to every coordinate."""

    vectors: tuple[tuple[int, ...], ...]
    phi: Callable[[Any], Any]

    def mean_of_largest(self, phi: Callable[[Any], Any], absolute: bool = False) -> Fraction:
        """E max over the vectors of sum sigma_i phi(t_i), or of its absolute value, over all signs sigma."""
        images = [[phi(t) for t in v] for v in self.vectors]
        measure = abs if absolute else lambda v: v
        n = len(images[0])
        largest = (max(measure(dot(signs, v)) for v in images) for signs in product((1, -1), repeat=n))
        return Fraction(sum(largest), 2**n)


def never_expands(s: Shrinking) -> Answer:
    values = sorted({t for v in s.vectors for t in v})
    for k, a in enumerate(values):
        for b in values[:k]:
            if abs(s.phi(a) - s.phi(b)) > a - b:
                return Counterexample(f"phi takes {b} and {a} to {s.phi(b)} and {s.phi(a)}")
    return True


def mean_does_not_grow(s: Shrinking) -> Answer:
    before, after = s.mean_of_largest(lambda t: t), s.mean_of_largest(s.phi)
    return after <= before or Counterexample(f"the mean grows from {before} to {after}")


def absolute_mean_does_not_grow(s: Shrinking) -> Answer:
    """The wrong version, with the absolute value of each sum."""
    before = s.mean_of_largest(lambda t: t, absolute=True)
    after = s.mean_of_largest(s.phi, absolute=True)
    return after <= before or Counterexample(f"the mean grows from {before} to {after}")


contraction = Claim(
    "bubeck-contraction",
    hypotheses={"phi is 1-Lipschitz on the coordinates": never_expands},
    conclusion=mean_does_not_grow,
)


# --- bubeck-weight-lower-bound ---


@dataclass(frozen=True)
class Labels:
    """How label vectors arise: all sign vectors, `trials` draws of random signs, or the given vectors alone."""

    law: str  # "every sign vector", "random signs" or "given"
    trials: int = 0
    seed: int = 0
    given: tuple[tuple[int, ...], ...] = ()

    def vectors(self, n: int) -> Any:
        if self.law == "every sign vector":
            return machine.every_sign_vector(n)
        return machine.random_signs(n, self.trials, self.seed) if self.law == "random signs" else self.given


@dataclass(frozen=True)
class Draw:
    """Points x_i = points_i / scale, a law of labels, and the deviation t of the theorem."""

    points: tuple[tuple[int, ...], ...]
    scale: int
    labels: Labels
    t: arb
    bias: bool = True

    def at(self, i: int) -> tuple[Fraction, ...]:
        """The point x_i."""
        return tuple(Fraction(v, self.scale) for v in self.points[i])

    @property
    def excess(self) -> arb:
        """sqrt(2) + t, without biases 1 + t: where the lengths stop, in units of sqrt(n)."""
        return arb(2 if self.bias else 1).sqrt() + self.t

    @property
    def floor(self) -> arb:
        """The theorem's bound for exact memorization: sqrt(n) / (sqrt(2) + t), without biases sqrt(n) / (1 + t)."""
        return arb(len(self.points)).sqrt() * (fmpq(1) / self.excess)

    @property
    def probability(self) -> arb:
        """1 - 2 exp(-t^2 / 4), without biases 1 - 2 exp(-t^2 / 2)."""
        return 1 - 2 * (-(self.t**2) * fmpq(1, 4 if self.bias else 2)).exp()

    @property
    def lifted(self) -> tuple[tuple[int, ...], ...]:
        """The vectors (x_i, 1), or x_i, times scale: integers."""
        return tuple((*x, self.scale) if self.bias else x for x in self.points)

    @cached_property
    def heavy(self) -> int:
        """The number of label vectors with R(y) <= (sqrt(2) + t) sqrt(n), for which every network is heavy.

        R(y) is at most the largest length of sum_{i in H} y_i (x_i, 1) over half planes H; integers are compared.
        0 where the lifted points do not lie in a plane: then no bound is computed here.
        """
        if len(self.lifted[0]) != 2:
            return 0
        n = len(self.points)
        most = n * (self.excess * self.scale) ** 2
        limit = int(str(most.lower().floor().unique_fmpz()))
        squares = machine.longest_squared(self.lifted, self.labels.vectors(n))
        return sum(int(v) <= limit for v in squares)

    @cached_property
    def light(self) -> tuple[int, arb | None]:
        """The number of label vectors with a network lighter than the bound, and the last such weight."""
        found, last = 0, None
        for y in self.labels.vectors(len(self.points)):
            labels = tuple(int(v) for v in y)
            neurons = light_network(self.points, self.scale, labels)
            if neurons is None or (not self.bias and any(neuron.b for neuron in neurons)):
                continue
            fits = all(sum(g(self.at(i)) for g in neurons) == label for i, label in enumerate(labels))
            if fits and total_weight(neurons) < self.floor:
                found, last = found + 1, total_weight(neurons)
        return found, last


def light_network(points: Points, scale: int, y: tuple[int, ...]) -> tuple[Neuron, ...] | None:
    """Return a network that fits signs, if one of two simple ones does: a constant, or psi(l+) - psi(l-).

    l+ and l- are affine, 1 and 0 (0 and 1) where the label is 1 (is -1); they exist if the points are affinely
    independent.
    """
    d = len(points[0])
    if len(set(y)) == 1:
        return (Neuron(y[0], (0,) * d, 1),)
    try:
        fits = [(sign, affine_fit(points, [int(v == sign) for v in y])) for sign in (1, -1)]
    except ValueError:
        return None
    return tuple(Neuron(Fraction(sign, q), tuple(c * scale for c in v), -c) for sign, (v, c, q) in fits)


def in_the_unit_ball(draw: Draw) -> Answer:
    for i, x in enumerate(draw.points):
        if dot(x, x) > draw.scale**2:
            return Counterexample(
                f"the square of the length of point {i} is {Fraction(dot(x, x), draw.scale**2)}"
            )
    return True


def labels_are_fair_signs(draw: Draw) -> Answer:
    if draw.labels.law in ("every sign vector", "random signs"):
        return True
    given = set(draw.labels.given)
    if given == set(product((1, -1), repeat=len(draw.points[:12]))) and len(given) == len(draw.labels.given):
        return True  # a list of all of them; for more than 12 points lists are not read
    return Counterexample(f"only {len(given)} label vector{'s' * (len(given) != 1)} can occur")


def no_light_network(draw: Draw) -> Outcome:
    """With the stated probability every network is as heavy as stated.

    True or a frequency counts label vectors that are proved to be heavy. "False" counts those for which a light
    network is at hand; where neither decides, it says so.
    """
    if draw.labels.law == "random signs":
        return Frequency(draw.heavy, draw.labels.trials, at_least=machine.rounded_up(draw.probability))
    total = len(draw.labels.vectors(len(draw.points)))
    if ball(Fraction(draw.heavy, total)) >= draw.probability:
        return True
    found, last = draw.light
    if last is not None and ball(Fraction(total - found, total)) < draw.probability:
        return Counterexample(
            f"for {found} of {total} label vectors there is a network of weight {last.str(2, radius=False)}, "
            f"below {draw.floor.str(2, radius=False)}"
        )
    raise ValueError(f"{draw.heavy} label vectors are heavy and {found} are light, of {total}: not decided")


lower_bound = Claim(
    "bubeck-weight-lower-bound",
    hypotheses={
        "the points lie in the unit ball": in_the_unit_ball,
        "the labels are fair signs": labels_are_fair_signs,
    },
    conclusion=no_light_network,
)
