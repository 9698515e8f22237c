"""How many connections are needed at least, and how many nodes close points cost: counting, and a circle. Exact.

A node is [t > 0]. Labellings are ints whose bit k is the label of point k.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from math import comb, prod

from flint import arb

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot, rank
from memlib.layer import Layer
from memlib.network import Network
from memlib.points import names
from memlib.search import few, unit_patterns

Points = tuple[tuple[int, ...], ...]
Pattern = tuple[int, ...]


# --- vershynin-upper ---


def regions(K: int, w: int) -> int:
    """Return R(K, w) = C(K, 0) + ... + C(K, w), the most cells into which K hyperplanes cut R^w."""
    return sum(comb(K, j) for j in range(w + 1))


@dataclass(frozen=True)
class Node:
    """A node that reads the point. weights = None : weights and bias are free; else bias = None : only the bias is."""

    weights: tuple[int, ...] | None = None
    bias: int | None = None

    def free(self, d: int) -> int:
        return d + 1 if self.weights is None else int(self.bias is None)

    def patterns(self, points: Points) -> set[Pattern]:
        """Return all values [<w, x> > c] on the points."""
        if self.weights is None:
            return all_patterns(points)
        sums = [dot(self.weights, x) for x in points]
        biases = {min(sums) - 1, *sums} if self.bias is None else {self.bias}
        return {tuple(int(s > c) for s in sums) for c in biases}


@lru_cache(maxsize=32)
def all_patterns(points: Points) -> set[Pattern]:
    """Return all values that one node with free weights and bias can have on the points."""
    half = [(0,) * len(points), *unit_patterns(few(points))]
    return {*half, *(tuple(1 - v for v in p) for p in half)}


@dataclass(frozen=True)
class Wiring:
    """Hidden nodes that read the points, and an output node with free weights and bias that reads them."""

    points: Points
    hidden: tuple[Node, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of free parameters of each node that has any."""
        frees = [node.free(len(self.points[0])) for node in self.hidden]
        return (*(w for w in frees if w), len(self.hidden) + 1)

    def labellings(self) -> set[int]:
        """Return all labellings that some choice of the free parameters gives, by trying all patterns of all nodes."""
        cube = tuple(product((0, 1), repeat=len(self.hidden)))
        outputs = [dict(zip(cube, pattern, strict=True)) for pattern in all_patterns(cube)]
        found = set()
        for chosen in product(*(node.patterns(self.points) for node in self.hidden)):
            codes = list(zip(*chosen, strict=True))
            found |= {sum(f[c] << k for k, c in enumerate(codes)) for f in outputs}
        return found


@dataclass(frozen=True)
class Sizes:
    """N nodes with W free parameters altogether: the arithmetic of the last step."""

    N: int
    W: int


@dataclass(frozen=True)
class Sine:
    """K points 1/2, 1/4, ..., a node sin(omega x) with a free omega, and a threshold node that reads it."""

    K: int
    sizes: tuple[int, ...] = (1, 2)

    def labellings(self) -> Iterator[int]:
        """Yield the labelling that omega = pi (1 + sum of (1 - y_i) 2^i) gives, for every y: 1 where the sine is > 0.

        omega x_i / pi = top / 2^i; the sine is positive iff that lies in (0, 1) modulo 2.
        """
        for y in product((0, 1), repeat=self.K):
            top = 1 + sum((1 - v) << i for i, v in enumerate(y, start=1))
            yield sum((0 < top % (2 << i) < (1 << i)) << (i - 1) for i in range(1, self.K + 1))


@dataclass(frozen=True)
class Rewired:
    """The points e_1, ..., e_K; a node with weights 1 from inputs chosen for each labelling, and a node that reads it."""

    K: int
    sizes: tuple[int, ...] = (1, 1)

    def labellings(self) -> Iterator[int]:
        """Yield [[sum of x_i, i in S, > 1/2] > 1/2] at the K points, for every set S."""
        for S in product((0, 1), repeat=self.K):
            yield sum(int(s > 0) << k for k, s in enumerate(S))


Count = Wiring | Sizes | Sine | Rewired


def two_nodes(x: Count) -> Answer:
    N = x.N if isinstance(x, Sizes) else len(x.sizes)
    return N >= 2 or Counterexample(f"N is {N}")


def nodes_are_thresholds(x: Count) -> Answer:
    return not isinstance(x, Sine) or Counterexample("a node computes a sine")


def wiring_is_fixed(x: Count) -> Answer:
    return not isinstance(x, Rewired) or Counterexample("the labels decide which inputs a node reads")


def largest_K(N: int, W: int) -> arb:
    """Enclose 2 W log2(e N)."""
    return 2 * W * (1 + arb(N).log()) * (1 / arb(2).log())


def power_bound_fails(N: int, W: int, K: int) -> bool:
    """Decide 2^K > (e N K / W)^W, by logarithms."""
    return bool(K * arb(2).log() > W * (1 + arb(N * K).log() - arb(W).log()))


def counts_are_bounded(x: Count) -> Answer:
    """Enumerate the labellings; for sizes alone decide 2^K > (e N K / W)^W for the first K above 2 W log2(e N)."""
    if isinstance(x, Sizes):
        K = int(largest_K(x.N, x.W).floor().unique_fmpz()) + 1
        return power_bound_fails(x.N, x.W, K) or Counterexample(
            f"N = {x.N} and W = {x.W} give {x.N * K * arb(1).exp() * (1 / arb(x.W)):.4}^{x.W} at K = {K}, not less than 2^{K}"
        )
    found, N, W = set(x.labellings()), len(x.sizes), sum(x.sizes)
    K = len(x.points) if isinstance(x, Wiring) else x.K
    if len(found) == 2**K and not K <= largest_K(N, W):
        most = largest_K(N, W).str(4, radius=False)
        return Counterexample(f"all 2^{K} labellings occur, and 2 W log2(e N) is {most}")
    most = prod(regions(K, w) for w in x.sizes)
    if len(found) > most:
        return Counterexample(f"{len(found)} labellings occur, and the product is {most}")
    if K >= W and not arb(most) <= (N * K * arb(1).exp() * (1 / arb(W))) ** W:
        return Counterexample(f"the product {most} is above the power")
    return True


upper = Claim(
    "vershynin-upper",
    hypotheses={
        "N >= 2": two_nodes,
        "the nodes are thresholds": nodes_are_thresholds,
        "one wiring for all labels": wiring_is_fixed,
    },
    conclusion=counts_are_bounded,
)


def product_is_reached(x: Wiring) -> Answer:
    """The wrong version: the number of labellings is the product of the R(K, w)."""
    found, most = len(x.labellings()), prod(regions(len(x.points), w) for w in x.sizes)
    return found == most or Counterexample(f"there are {found} labellings, and the product is {most}")


# --- vershynin-separation-needed ---


@dataclass(frozen=True)
class Ring:
    """Points of the plane with labels; with a network, what is said about it, else about all networks."""

    points: Points
    labels: Pattern
    net: Network | None = None


def turn(x: Pattern, y: Pattern, z: Pattern) -> int:
    """Return the sign of the orientation of three points of the plane."""
    area = (y[0] - x[0]) * (z[1] - x[1]) - (y[1] - x[1]) * (z[0] - x[0])
    return (area > 0) - (area < 0)


def points_go_round_a_circle(x: Ring) -> Answer:
    """On a circle or a line iff |x|^2 is an affine function of the points; in cyclic order iff all triples turn left."""
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


def half_of_the_points(x: Ring) -> Answer:
    """At least K/2 nodes of the first layer; and K/2, with one output node, are enough on the circle."""
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
        p, q = (tuple(a + b for a, b in zip(points[i], points[i + 1 - K], strict=True)) for i in (j, K - 1 - j))
        u = (p[1] - q[1], q[0] - p[0]) if K > 2 else tuple(b - a for a, b in zip(*points, strict=True))
        s = 1 if 2 * dot(u, points[j + 1]) > dot(u, p) else -1
        rows.append(tuple(2 * s * c for c in u))
        biases.append(-s * dot(u, p))
    sign = 1 if labels[0] == 0 else -1
    output = Layer((tuple(sign * (-1) ** j for j in range(K // 2)),), (-1 if sign == 1 else 0,), "threshold")
    return Network((Layer(tuple(rows), tuple(biases), "threshold"), output), "vershynin-separation-needed", (1, 1))


separation_needed = Claim(
    "vershynin-separation-needed",
    hypotheses={
        "the points go round a circle": points_go_round_a_circle,
        "the labels alternate": labels_alternate,
        "the first layer has thresholds": first_layer_is_threshold,
        "the network memorizes": net_memorizes,
    },
    conclusion=half_of_the_points,
)


def on_circle(parameters: tuple[tuple[int, int], ...]) -> Points:
    """Return integer points on a circle around 0, one for each fraction t = p / q: (q^2 - p^2, 2 p q) / (q^2 + p^2).

    The angle is 2 arctan(t), so increasing t go round once, against the clock.
    """
    common = prod({p * p + q * q for p, q in parameters})
    return tuple(
        ((q * q - p * p) * common // (p * p + q * q), 2 * p * q * common // (p * p + q * q)) for p, q in parameters
    )
