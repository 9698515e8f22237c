"""The algorithm of Dirksen, Finke and Genzel: what a neuron of the greedy layer covers, and when a run succeeds.

A hyperplane is a row (w, b) of ints or Fractions, positive where w.x + b > 0. Everything is exact.
The regions of the neurons are in `algorithm_regions`, the construction `fit` is in `algorithm_network`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import permutations
from math import lcm
from typing import Any

from memlib.claim import Claim
from memlib.dirksen.algorithm_network import draw as draw
from memlib.dirksen.algorithm_network import fit as fit
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot

#: A point, or a hyperplane with its bias.
Vector = Sequence[int | Fraction]
#: Activations by name. The first four are admissible.
SIGMA = {
    "threshold": lambda t: int(t > 0),
    "ReLU": lambda t: max(t, 0),
    "squared ReLU": lambda t: max(t, 0) ** 2,
    "fading": lambda t: Fraction(1) / Fraction(1 + t) if t > 0 else 0,
    "closed threshold": lambda t: int(t >= 0),
    "signed threshold": lambda t: int(t > 0) - int(t < -1),
    "identity": lambda t: t,
}
#: Candidates of which all orders are tried, unless orders are given.
FEW = 6


def value(row: Vector, x: Vector) -> Any:
    """Return w.x + b for the hyperplane (w, b)."""
    return sum(a * b for a, b in zip(row, (*x, 1), strict=True))


def cnt(layer: Sequence[Vector], x: Vector, y: Vector) -> int:
    """Return the number of hyperplanes with w.x + b <= 0 < w.y + b."""
    return sum(value(row, x) <= 0 < value(row, y) for row in layer)


@dataclass(frozen=True)
class Neuron:
    """z -> sigma(m - u.z), made for an anchor: u marks the units that are 0 there, m is the least u.z over X^+."""

    u: tuple[int, ...]
    m: int | Fraction


@dataclass(frozen=True)
class Task:
    """Two classes X^- (`minus`) and X^+ (`plus`) behind a first layer of hyperplanes with activation `sigma`.

    orders : orders of the candidates 0, ..., N^- - 1; None means all of them, for a handful.
    """

    layer: tuple[Vector, ...]
    minus: tuple[Vector, ...]
    plus: tuple[Vector, ...]
    sigma: str = "threshold"
    orders: tuple[tuple[int, ...], ...] | None = None

    def __post_init__(self) -> None:
        if not self.minus or not self.plus:
            raise ValueError("both classes have at least one point")
        if self.orders is None and len(self.minus) > FEW:
            raise ValueError(f"{len(self.minus)} candidates have too many orders: give some")

    def features(self, x: Vector) -> tuple:
        """Phi(x): what the first layer makes of a point; its denominators are cleared once for all rows."""
        q = lcm(*(v.denominator for v in x))
        scaled: Any = [*(int(v * q) for v in x), q]
        sums = (dot(scaled, row) for row in self.layer)  # type: ignore[arg-type]
        return tuple(SIGMA[self.sigma](Fraction(t, q) if q > 1 else t) for t in sums)

    @cached_property
    def minus_features(self) -> list[tuple]:
        return [self.features(x) for x in self.minus]

    @cached_property
    def plus_features(self) -> list[tuple]:
        return [self.features(x) for x in self.plus]

    @cached_property
    def neurons(self) -> list[Neuron]:
        """The neuron of every anchor."""
        marked = [tuple(int(t == 0) for t in z) for z in self.minus_features]
        return [Neuron(u, min(dot(u, z) for z in self.plus_features)) for u in marked]

    @cached_property
    def covers(self) -> list[set[int]]:
        """For every anchor the points of X^- with u.Phi(x) < m."""
        return [{i for i, z in enumerate(self.minus_features) if dot(k.u, z) < k.m} for k in self.neurons]

    def run(self, order: Sequence[int]) -> list[int]:
        """Return the anchors that the algorithm accepts if it meets the candidates in this order."""
        candidates, uncovered, accepted = list(order), set(order), []
        while candidates and uncovered:
            anchor = candidates.pop(0)
            if self.neurons[anchor].m > 0:
                accepted.append(anchor)
                candidates = [i for i in candidates if i not in self.covers[anchor]]
                uncovered -= self.covers[anchor]
        return accepted

    def output(self, accepted: Sequence[int], z: tuple) -> int:
        """The OR of the accepted neurons at the features z, from their definition."""
        units = [self.neurons[k] for k in accepted]
        return int(sum(SIGMA[self.sigma](k.m - dot(k.u, z)) for k in units) > 0)

    def runs(self) -> Iterator[tuple[tuple[int, ...], list[int]]]:
        """Yield every order with the anchors that it accepts."""
        for order in permutations(range(len(self.minus))) if self.orders is None else self.orders:
            yield order, self.run(order)


def interpolates(task: Task, accepted: Sequence[int]) -> Answer:
    """The OR of these neurons is 1 on X^- and 0 on X^+."""
    for name, wanted, features in (("X^-", 1, task.minus_features), ("X^+", 0, task.plus_features)):
        for i, z in enumerate(features):
            if task.output(accepted, z) != wanted:
                return Counterexample(f"the network is {1 - wanted} at point {i} of {name}")
    return True


#: Where properties of an activation are tried.
QUARTERS = tuple(Fraction(k, 4) for k in range(-36, 37))


@cache
def admissible(sigma: str) -> Answer:
    """sigma(t) = 0 for t <= 0 and sigma(t) > 0 for t > 0, tried on the quarters from -9 to 9."""
    for t in QUARTERS:
        if (SIGMA[sigma](t) > 0) != (t > 0) or (t <= 0 and SIGMA[sigma](t) != 0):
            return Counterexample(f"sigma({t}) is {SIGMA[sigma](t)}")
    return True


def is_admissible(task: Task) -> Answer:
    return admissible(task.sigma)


ADMISSIBLE = "sigma is admissible"

# --- dirksen-def-separated ---


def every_pair_is_separated(task: Task) -> Answer:
    """cnt(x, y) >= 1 for all x in X^- and y in X^+: from the hyperplanes, without Phi."""
    for i, x in enumerate(task.minus):
        for j, y in enumerate(task.plus):
            if not any(value(row, x) <= 0 < value(row, y) for row in task.layer):
                return Counterexample(f"no hyperplane separates point {i} of X^- from point {j} of X^+")
    return True


separated = Claim("dirksen-def-separated", conclusion=every_pair_is_separated)
SEPARATED = "every pair is separated"

# --- dirksen-alg-zero ---


def silent_on_plus(task: Task) -> Answer:
    for k, unit in enumerate(task.neurons):
        for j, z in enumerate(task.plus_features):
            fired = SIGMA[task.sigma](unit.m - dot(unit.u, z))
            if fired != 0:
                return Counterexample(f"the neuron of point {k} of X^- is {fired} at point {j} of X^+")
    return True


zero = Claim("dirksen-alg-zero", hypotheses={ADMISSIBLE: is_admissible}, conclusion=silent_on_plus)

# --- dirksen-alg-self ---


def anchor_is_covered_iff_separated(task: Task) -> Answer:
    for k, (unit, z) in enumerate(zip(task.neurons, task.minus_features, strict=True)):
        if dot(unit.u, z) != 0:
            return Counterexample(f"u.Phi is {dot(unit.u, z)} at its own anchor, point {k}")
        apart = all(any(s == 0 < t for s, t in zip(z, y, strict=True)) for y in task.plus_features)
        if (unit.m > 0) != apart:
            words = "is" if apart else "is not"
            return Counterexample(f"m is {unit.m} for point {k}, which {words} separated from all of X^+")
        if unit.m > 0 and not SIGMA[task.sigma](unit.m) > 0:
            return Counterexample(f"the neuron of point {k} is silent at its anchor")
    return True


self_cover = Claim(
    "dirksen-alg-self", hypotheses={ADMISSIBLE: is_admissible}, conclusion=anchor_is_covered_iff_separated
)

# --- dirksen-alg-suff ---


def every_order_interpolates(task: Task) -> Answer:
    for order, accepted in task.runs():
        answer = interpolates(task, accepted)
        if not answer:
            return Counterexample(f"in the order {order} {answer}")
    return True


suff = Claim(
    "dirksen-alg-suff",
    hypotheses={SEPARATED: every_pair_is_separated, ADMISSIBLE: is_admissible},
    conclusion=every_order_interpolates,
)

# --- dirksen-alg-iff ---


def is_threshold(task: Task) -> Answer:
    return task.sigma == "threshold" or Counterexample(f"sigma is the {task.sigma}")


def interpolates_iff_separated(task: Task) -> Answer:
    apart = every_pair_is_separated(task)
    for order, accepted in task.runs():
        answer = interpolates(task, accepted)
        if answer and not apart:
            return Counterexample(f"{apart}, and yet the order {order} interpolates")
        if apart and not answer:
            return Counterexample(f"every pair is separated, and yet {answer} in the order {order}")
    return True


iff = Claim(
    "dirksen-alg-iff",
    hypotheses={"sigma is the threshold": is_threshold},
    conclusion=interpolates_iff_separated,
)

# --- dirksen-alg-width ---


@dataclass(frozen=True)
class Partition:
    """A task with parts of X^-, given by indices; they may overlap."""

    task: Task
    parts: tuple[tuple[int, ...], ...]


def parts_cover(partition: Partition) -> Answer:
    missed = set(range(len(partition.task.minus))).difference(*partition.parts)
    return not missed or Counterexample(f"point {min(missed)} of X^- is in no part")


def anchors_cover_their_parts(partition: Partition) -> Answer:
    """cnt(x*, x) < cnt(x*, y) for x*, x in one part and y in X^+, with u.Phi in place of cnt for other sigma."""
    task = partition.task
    for part in partition.parts:
        for k in part:
            u = [int(t == 0) for t in task.minus_features[k]]
            m = min(dot(u, z) for z in task.plus_features)
            for i in part:
                if not dot(u, task.minus_features[i]) < m:
                    return Counterexample(f"the neuron of point {k} does not cover point {i} of its part")
    return True


def at_most_one_neuron_a_part(partition: Partition) -> Answer:
    for order, accepted in partition.task.runs():
        answer = interpolates(partition.task, accepted)
        if not answer:
            return Counterexample(f"{answer} in the order {order}")
        if len(accepted) > len(partition.parts):
            return Counterexample(
                f"in the order {order} the number of neurons is {len(accepted)}, that of parts {len(partition.parts)}"
            )
    return True


width = Claim(
    "dirksen-alg-width",
    hypotheses={
        "the parts cover X^-": parts_cover,
        "every anchor covers its own part": anchors_cover_their_parts,
        ADMISSIBLE: lambda partition: is_admissible(partition.task),
    },
    conclusion=at_most_one_neuron_a_part,
)
