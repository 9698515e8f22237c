"""Polytopes, settled by the signs at their vertices: infinitely many points from finitely many integers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from memlib.claim import Claim
from memlib.dirksen import components
from memlib.dirksen.algorithm import Task, Vector, cnt, every_order_interpolates, value
from memlib.dirksen.components import Experiment
from memlib.dirksen.components_floats import exact_rows
from memlib.dirksen.scalars import Point
from memlib.dirksen.shadows import Points, written
from memlib.evidence import Answer, Counterexample


@dataclass(frozen=True)
class Polytopes:
    """A first layer of hyperplanes (w, b), and the vertices of polytopes of both classes.

    few : whether the second part of the statement is asked, at most one neuron for each polytope of X^-.
    """

    layer: tuple[Vector, ...]
    minus: tuple[Points, ...]
    plus: tuple[Points, ...]
    few: bool = True
    samples: int = 20
    seed: int = 0

    @cached_property
    def counts(self) -> tuple[list[list[int]], list[int]]:
        """N, hyperplanes that separate two polytopes as blocks, and K, hyperplanes that cut one of X^-."""
        minus, plus = ([signs(self.layer, P) for P in parts] for parts in (self.minus, self.plus))
        N = [[sum(a[0] and b[1] for a, b in zip(s, t, strict=True)) for t in plus] for s in minus]
        return N, [sum(not (low or high) for low, high in s) for s in minus]


def signs(layer: Sequence[Vector], vertices: Points) -> list[tuple[bool, bool]]:
    """Return for every hyperplane: all vertices at <= 0? all at > 0?"""
    found = [[value(row, x) > 0 for x in vertices] for row in layer]
    return [(not any(side), all(side)) for side in found]


def some_point(vertices: Points, draw: random.Random) -> Point:
    """Return a random convex combination of the vertices, rational."""
    weights = [draw.randint(0, 9) for _ in vertices]
    if not any(weights):
        weights[0] = 1
    total = sum(weights)
    return tuple(sum(a * c for a, c in zip(weights, column, strict=True)) * Fraction(1, total)
                 for column in zip(*vertices, strict=True))  # fmt: skip


def every_pair_has_a_block(it: Polytopes) -> Answer:
    for l, row in enumerate(it.counts[0]):
        if min(row) < 1:
            return Counterexample(f"no hyperplane separates the polytopes {l} and {row.index(0)} as blocks")
    return True


def more_blocks_than_cuts(it: Polytopes) -> Answer:
    N, K = it.counts
    for l, (row, k) in enumerate(zip(N, K, strict=True)):
        if it.few and min(row) <= k:
            return Counterexample(f"polytope {l} has {min(row)} blocks and {k} cuts")
    return True


def explicit_network(it: Polytopes, x: Vector) -> bool:
    """The network with one neuron a polytope: fewer than min_j N_lj hyperplanes between its first vertex and x."""
    return any(cnt(it.layer, P[0], x) < min(row) for P, row in zip(it.minus, it.counts[0], strict=True))


def subsets_are_interpolated(it: Polytopes) -> Answer:
    """Random finite subsets, all orders; with `few` also the widths, and the explicit network on the same points."""
    draw = random.Random(it.seed)
    each = max(1, 4 // len(it.minus))
    tasks = []
    for _ in range(it.samples):
        minus, plus = (
            tuple(sorted({some_point(P, draw) for P in parts for _ in range(each)}))
            for parts in (it.minus, it.plus)
        )
        tasks.append(Task(it.layer, minus, plus))
    for task in tasks:
        answer = every_order_interpolates(task)
        if not answer:
            return answer
        most = max(len(accepted) for _, accepted in task.runs())
        if it.few and most > len(it.minus):
            return Counterexample(f"an order needs {most} neurons for {len(it.minus)} polytopes")
    for task in tasks if it.few else []:
        for x in task.minus + task.plus:
            if explicit_network(it, x) != (x in task.minus):
                return Counterexample(f"the explicit network is wrong at {written(tuple(x))}")
    return True


BLOCKS, MORE = "N_lj >= 1 for all l, j", "N_lj > K_l for all l, j"
certificate = Claim(
    "dirksen-vertex-cert",
    hypotheses={BLOCKS: every_pair_has_a_block, MORE: more_blocks_than_cuts},
    conclusion=subsets_are_interpolated,
)


# --- dirksen-thm-infinite ---

#: First layers that are tried.
TRIES = 20


def first_layer_for(it: Experiment) -> Polytopes | None:
    """Return the hulls with the first drawn layer that has more blocks than cuts; components of the plane."""
    minus, plus = (tuple(part.points for part in parts) for parts in (it.covering.minus, it.covering.plus))
    for seed in range(it.seed, it.seed + TRIES):
        found = Polytopes(exact_rows(it, seed), minus, plus, samples=3)
        if every_pair_has_a_block(found) and more_blocks_than_cuts(found):
            return found
    return None


def some_network_interpolates(it: Experiment) -> Answer:
    """A first layer with more blocks than cuts settles the hulls; try its network on points of the hulls."""
    common = set(it.covering.X_minus) & set(it.covering.X_plus)
    if common:
        return Counterexample(f"{written(min(common))} belongs to both classes")
    found = first_layer_for(it)
    if found is None:
        return Counterexample(f"none of {TRIES} first layers has more blocks than cuts")
    draw = random.Random(0)
    for parts, wanted in ((found.minus, True), (found.plus, False)):
        for x in [some_point(P, draw) for P in parts for _ in range(5)]:
            if explicit_network(found, x) != wanted:
                return Counterexample(f"the network is wrong at {written(x)}")
    return True


theorem = Claim(
    "dirksen-thm-infinite", hypotheses=dict(components.cover.hypotheses), conclusion=some_network_interpolates
)


def twins(rows: Sequence[Vector], p: Point) -> Point:
    """Return a point (1 - eps) p of the open disc with the same bits as p on the unit circle, p on no line."""
    eps = Fraction(1)
    for row in rows:
        at = value(row, p)
        size = Fraction(1 + abs(at - row[-1]))  # 1 + |w.p|: the step changes the value by eps |w.p|
        eps = min(eps, abs(at) * Fraction(1, 2) * (Fraction(1) / size))
    return tuple((1 - eps) * c for c in p)
