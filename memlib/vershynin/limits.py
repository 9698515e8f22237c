"""How many connections are needed at least, and how many nodes close points cost: counting, and a circle. Exact.

A node is [t > 0]. The instances and predicates of vershynin-upper are in `counting`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import prod

from flint import arb

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot, rank
from memlib.layer import Layer
from memlib.network import Network
from memlib.points import names
from memlib.search import few, unit_patterns
from memlib.vershynin.counting import (
    Pattern,
    Points,
    counts_are_bounded,
    nodes_are_thresholds,
    two_nodes,
    wiring_is_fixed,
)
from memlib.vershynin.normal import over

# --- vershynin-upper ---

upper = Claim(
    "vershynin-upper",
    hypotheses={
        "N >= 2": two_nodes,
        "the nodes are thresholds": nodes_are_thresholds,
        "one wiring for all labels": wiring_is_fixed,
    },
    conclusion=counts_are_bounded,
)


# --- vershynin-separation-needed ---


@dataclass(frozen=True)
class Ring:
    """Points of the plane with labels; with a network, what is said about it, else about all networks."""

    points: Points
    labels: Pattern
    net: Network | None = None


@dataclass(frozen=True)
class Regular:
    """The regular polygon with K corners on the unit circle, K >= 4 even; delta, a ball, is the least distance."""

    K: int
    delta: arb

    @classmethod
    def of(cls, K: int) -> "Regular":
        return cls(K, 2 * over(arb.pi(), arb(K)).sin())


def turn(x: Pattern, y: Pattern, z: Pattern) -> int:
    """Return the sign of the orientation of three points of the plane."""
    area = (y[0] - x[0]) * (z[1] - x[1]) - (y[1] - x[1]) * (z[0] - x[0])
    return (area > 0) - (area < 0)


def points_go_round_a_circle(x: Ring) -> Answer:
    """On a circle or a line iff |x|^2 is affine on the points; in cyclic order iff all triples turn left."""
    if len(set(x.points)) < len(x.points):
        return Counterexample("two points are equal")
    if rank([(dot(p, p), *p, 1) for p in x.points]) > 3:
        return Counterexample("the points are not on a circle")
    turns = {turn(*triple) for triple in combinations(x.points, 3)}
    return turns <= {1} or Counterexample("the points are not in cyclic order")


def labels_alternate(x: Ring) -> Answer:
    same = [k for k, y in enumerate(x.labels) if y == x.labels[k - 1]]
    return not same or Counterexample(f"point {same[0]} has the label of the point before")


def first_layer_is_threshold(x: Ring) -> Answer:
    kind = x.net.layers[0].activation if x.net else "threshold"
    return kind == "threshold" or Counterexample(f"the first layer is {kind}")


def net_memorizes(x: Ring) -> Answer:
    if x.net is None:
        return True
    wrong = [k for k, v in enumerate(x.net.at_integers(x.points)) if v != x.labels[k]]
    return not wrong or Counterexample(f"the network is wrong at {names(wrong)}")


def least_first_layer(points: Points, labels: Pattern) -> int:
    """Return the least number of threshold nodes whose bits differ at any two points with different labels.

    All sets of patterns are tried. A function of the bits that gives the labels exists iff the bits differ so.
    """
    patterns = unit_patterns(few(points))
    for m in range(len(points)):
        for chosen in combinations(patterns, m):
            seen: dict[Pattern, int] = {}
            codes = list(zip(*chosen, strict=True)) if m else [()] * len(points)
            if all(seen.setdefault(c, y) == y for c, y in zip(codes, labels, strict=True)):
                return m
    raise AssertionError("n - 1 hyperplanes tell n points apart")


def of_rings(predicate: Callable[[Ring], Answer]) -> Callable[[Ring | Regular], Answer]:
    return lambda x: isinstance(x, Regular) or predicate(x)


def bounds_by_delta(x: Regular) -> Answer:
    """2 / delta < K / 2 < pi / delta."""
    half = arb(x.K // 2)
    inside = bool(half * x.delta > 2) and bool(half * x.delta < arb.pi())
    return inside or Counterexample(f"K delta / 2 is {(half * x.delta).str(4, radius=False)}")


def half_of_the_points(x: Ring | Regular) -> Answer:
    """At least K/2 nodes of the first layer; and K/2, with one output node, are enough on the circle."""
    if isinstance(x, Regular):
        return bounds_by_delta(x)
    K = len(x.points)
    least = least_first_layer(x.points, x.labels) if x.net is None else x.net.layers[0].units
    if 2 * least < K:
        return Counterexample(f"{least} node{'s' * (least != 1)} for {K} points")
    if x.net is None:
        net = nested_arcs(x.points, x.labels)
        return 2 * net.layers[0].units == K and net_memorizes(Ring(x.points, x.labels, net))
    return True


def nested_arcs(points: Points, labels: Pattern) -> Network:
    """Return the network with K/2 hidden nodes: lines that cut off the points j + 1, ..., K - 1 - j, j = 0, 1, ...

    Point i is cut off by min(i, K - i) of them, and that has the parity of i. The lines pass through the middles of
    two sides of the polygon, and so on one side of all other vertices. points : in cyclic order, labels alternating.
    """
    K = len(points)
    rows, biases = [], []
    for j in range(K // 2):
        p, q = (
            tuple(a + b for a, b in zip(points[i], points[i + 1 - K], strict=True)) for i in (j, K - 1 - j)
        )
        u = (p[1] - q[1], q[0] - p[0]) if K > 2 else tuple(b - a for a, b in zip(*points, strict=True))
        s = 1 if 2 * dot(u, points[j + 1]) > dot(u, p) else -1
        rows.append(tuple(2 * s * c for c in u))
        biases.append(-s * dot(u, p))
    sign = 1 if labels[0] == 0 else -1
    output = Layer((tuple(sign * (-1) ** j for j in range(K // 2)),), (-1 if sign == 1 else 0,), "threshold")
    return Network(
        (Layer(tuple(rows), tuple(biases), "threshold"), output), "vershynin-separation-needed", (1, 1)
    )


separation_needed = Claim(
    "vershynin-separation-needed",
    hypotheses={
        "the points go round a circle": of_rings(points_go_round_a_circle),
        "the labels alternate": of_rings(labels_alternate),
        "the first layer has thresholds": of_rings(first_layer_is_threshold),
        "the network memorizes": of_rings(net_memorizes),
    },
    conclusion=half_of_the_points,
)


def on_circle(parameters: tuple[tuple[int, int], ...]) -> Points:
    """Return integer points on a circle around 0, one for each fraction t = p / q: (q^2 - p^2, 2 p q) / (q^2 + p^2).

    The angle is 2 arctan(t), so increasing t go round once, against the clock.
    """
    common = prod({p * p + q * q for p, q in parameters})
    return tuple(
        ((q * q - p * p) * common // (p * p + q * q), 2 * p * q * common // (p * p + q * q))
        for p, q in parameters
    )
