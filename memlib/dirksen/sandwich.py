"""The sandwich: the probability that a run succeeds, between two sums over the pairs of points.

Finite laws are exact; for Gaussian hyperplanes on the line everything is enclosed in FLINT balls, in the plane sampled.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import Any, ClassVar

from flint import arb

from memlib.claim import Claim
from memlib.dirksen import algorithm
from memlib.dirksen.algorithm import Task
from memlib.dirksen.geometry import Points, decide, separates
from memlib.dirksen.geometry_floats import count_successes, float_below
from memlib.dirksen.scalars import Point, precisely, shown
from memlib.evidence import Answer, Counterexample, Frequency


@dataclass(frozen=True)
class Finite:
    """A first layer drawn uniformly from a list of `layers` (tuples of indices into `pool`), and two classes."""

    pool: tuple[Point, ...]
    layers: tuple[tuple[int, ...], ...]
    minus: Points
    plus: Points
    sigma: str = "threshold"


@dataclass(frozen=True)
class OnTheLine:
    """Two classes on the line and n Gaussian hyperplanes: all probabilities are enclosed."""

    minus: Points
    plus: Points
    lam: arb
    n: int
    sigma: ClassVar[str] = "threshold"


@dataclass(frozen=True)
class Sampled:
    """Two classes in the plane and n Gaussian hyperplanes, drawn `runs` times: successes are counted, or failures."""

    minus: Points
    plus: Points
    lam: arb
    n: int
    runs: int
    seed: int = 0
    failures: bool = False
    sigma: ClassVar[str] = "threshold"


Trial = Finite | OnTheLine | Sampled


def independent(
    pool: tuple[Point, ...], n: int, minus: Points, plus: Points, sigma: str = "threshold"
) -> Finite:
    """Return the instance with n independent hyperplanes, uniform in the pool."""
    return Finite(pool, tuple(product(range(len(pool)), repeat=n)), minus, plus, sigma)


def are_independent(it: Trial) -> Answer:
    """The list of layers is the product of one list, each layer equally often."""
    if not isinstance(it, Finite):
        return True
    first, n, many = Counter(layer[0] for layer in it.layers), len(it.layers[0]), len(it.layers)
    found = Counter(it.layers)
    for layer in set(found) | set(product(first, repeat=n)):
        expected = Fraction(1)
        for i in layer:
            expected *= Fraction(first[i], many)
        if Fraction(found[layer], many) != expected:
            return Counterexample(
                f"the layer {layer} has the probability {Fraction(found[layer], many)}, not {expected}"
            )
    return True


def is_threshold(it: Trial) -> Answer:
    return it.sigma == "threshold" or Counterexample(f"sigma is the {it.sigma}")


@precisely
def pair_probabilities(it: Trial) -> list:
    """Return p(x, y) for all pairs, x in X^- and y in X^+: Fractions for a finite law, else balls."""
    pairs = [(x, y) for x in it.minus for y in it.plus]
    if not isinstance(it, Finite):
        return [separates(x, y, it.lam) for x, y in pairs]
    first = [it.pool[layer[0]] for layer in it.layers]
    return [Fraction(sum(algorithm.cnt([row], x, y) for row in first), len(first)) for x, y in pairs]


@precisely
def sandwich_bounds(probabilities: Sequence, n: int) -> tuple[Any, Any]:
    """Return 1 - sum (1 - p)^n, and 1 - (1 - min p)^n."""
    missed = [(1 - p) ** n for p in probabilities]
    worst = missed[0]
    for m in missed[1:]:
        worst = worst.max(m) if isinstance(m, arb) else max(worst, m)
    return 1 - sum(missed[1:], missed[0]), 1 - worst


def success_over_layers(it: Finite) -> Fraction:
    """Return P(success) by running the algorithm on every layer, candidates in one order."""
    order, hits = (tuple(range(len(it.minus))),), 0
    for layer in it.layers:
        task = Task(tuple(it.pool[i] for i in layer), it.minus, it.plus, it.sigma, order)
        hits += bool(algorithm.interpolates(task, task.run(order[0])))
    return Fraction(hits, len(it.layers))


@precisely
def success_on_the_line(it: OnTheLine) -> arb:
    """Enclose P(success): inclusion and exclusion over the sets S of pairs that all n hyperplanes miss.

    One hyperplane of the line separates a pair in S iff its zero lies between the two points and it faces the right
    way; so this has the probability of a union of intervals, one union for either way.
    """
    pairs = [(x[0], y[0]) for x in it.minus for y in it.plus]
    cuts = sorted({t for two in pairs for t in two})
    cells = [(a, b, separates((a,), (b,), it.lam)) for a, b in pairwise(cuts)]
    total = arb(0)
    for size in range(len(pairs) + 1):
        for S in combinations(pairs, size):
            hit = arb(0)
            for a, b, p in cells:
                hit += any(x <= a and b <= y for x, y in S) * p + any(y <= a and b <= x for x, y in S) * p
            total += (-1) ** size * (1 - hit) ** it.n
    return total


@precisely
def success_is_between(it: Trial, factor: int = 1) -> Answer | Frequency:
    """The bounds enclose P(success). factor : 2 for the mistake of counting both directions."""
    n = len(it.layers[0]) if isinstance(it, Finite) else it.n
    low, high = sandwich_bounds([factor * p for p in pair_probabilities(it)], n)
    if isinstance(it, Sampled):
        hits = count_successes(it)
        if it.failures:
            return Frequency(it.runs - hits, it.runs, float_below(1 - high))
        return Frequency(hits, it.runs, float_below(low))
    truth = success_over_layers(it) if isinstance(it, Finite) else success_on_the_line(it)
    words = f"P(success) is {shown(truth)}, the bounds are {shown(low)} and {shown(high)}"
    return decide(bool(low <= truth <= high), bool(truth < low or truth > high), words)


sandwich = Claim(
    "dirksen-sandwich",
    hypotheses={
        "the hyperplanes are independent with one law": are_independent,
        "sigma is the threshold": is_threshold,
    },
    conclusion=success_is_between,
)
