"""Exact ReLU networks: one affine function for every d + 1 points, and two ReLUs for every change between them.

Points are tuples of Python ints, labels ints or Fractions; everything is exact.
"""

import random
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise
from math import comb, gcd, lcm
from typing import Any

from flint import fmpq_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import affine_dependency, affine_fit, dot, lifted, matrix, rank, values
from memlib.network import Layer, Network
from memlib.points import HypothesisError, names
from memlib.search import fewest_bends

Points = tuple[tuple[int, ...], ...]
Labels = tuple[int | Fraction, ...]
#: An affine function (v, c, q): x -> (v.x - c) / q, with integers v, c and q >= 1.
Affine = tuple[tuple[int, ...], int, int]


@dataclass(frozen=True)
class Cut:
    """Points with labels, a direction u, and blocks of indices in which every point occurs once.

    Raises ValueError if the blocks are no such list.
    """

    points: Points
    labels: Labels
    u: tuple[int, ...]
    blocks: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if sorted(i for block in self.blocks for i in block) != list(range(len(self.points))):
            raise ValueError("every point is in exactly one block")
        if len(self.labels) != len(self.points) or not all(self.blocks):
            raise ValueError("a block is empty, or the labels are too few or too many")

    @cached_property
    def heights(self) -> list[int]:
        """u.x for every point."""
        return [dot(self.u, x) for x in self.points]


def consecutive(points: Points, labels: Labels, u: tuple[int, ...]) -> Cut:
    """Sort the points by u.x and cut the list into blocks of d + 1, the last one perhaps shorter."""
    order = sorted(range(len(points)), key=lambda i: dot(u, points[i]))
    size = len(points[0]) + 1
    blocks = tuple(tuple(order[k : k + size]) for k in range(0, len(order), size))
    return Cut(points, labels, u, blocks)


def piece(cut: Cut, block: tuple[int, ...]) -> Affine:
    """Return L: an affine function with L(x_i) = y_i on the block, the least one if there are several.

    If the block is affinely dependent there may be none. Raises HypothesisError then, naming points.
    """
    rows = [cut.points[i] for i in block]
    wanted = [cut.labels[i] for i in block]
    try:
        return affine_fit(rows, wanted)
    except ValueError:
        pass
    echelon, r = fmpq_mat(matrix(lifted(rows)).transpose()).rref()
    basis = [next(k for k in range(len(rows)) if echelon[j, k] != 0) for j in range(int(r))]
    v, c, q = affine_fit([rows[k] for k in basis], [wanted[k] for k in basis])
    for k, (got,) in enumerate(values(tuple(rows), [(*v, c)])):
        if got != q * wanted[k]:
            guilty = affine_dependency([*(rows[j] for j in basis), rows[k]]) or ()
            raise HypothesisError(
                "general position",
                f"{names(sorted(block[j] for j in ([*basis, k][g] for g in guilty)))} are affinely dependent, "
                "and no affine function takes their labels",
                f"Project to fewer than {len(rows[0])} dimensions: memorize(..., project_to=e).",
            )
    return v, c, q


def difference(new: Affine, old: Affine) -> Affine:
    """Return the affine function new - old, in lowest terms."""
    q = lcm(new[2], old[2])
    a, b = q // new[2], q // old[2]
    *v, c = (a * s - b * t for s, t in zip((*new[0], new[1]), (*old[0], old[1]), strict=True))
    g = gcd(*v, c, q)
    return tuple(w // g for w in v), c // g, q // g


@dataclass(frozen=True)
class Switch:
    """Two ReLUs, (psi(s + eps l) - psi(s - eps l)) / (2 eps), that add l where s = u.x - t > 0.

    The first pair of a network has no s and no eps: it is psi(l) - psi(-l) = l everywhere.
    """

    l: Affine
    s: tuple[tuple[int, ...], int] | None = None
    epsilon: Fraction | None = None

    def units(self) -> list[tuple[tuple[int, ...], int, Fraction]]:
        """The two ReLUs in integers: weights, bias, output weight; K psi(t) = psi(K t) clears denominators."""
        v, c, q = self.l
        u, t, K, slope, out = (0,) * len(v), 0, 0, 1, Fraction(1, q)
        if self.s is not None and self.epsilon is not None:
            (u, t), step = self.s, self.epsilon * Fraction(1, q)
            K, slope = step.denominator, step.numerator
            out = 1 / Fraction(2 * self.epsilon * K)
        return [
            (
                tuple(K * a + sign * slope * b for a, b in zip(u, v, strict=True)),
                -K * t - sign * slope * c,
                sign * out,
            )
            for sign in (1, -1)
        ]


def largest_epsilon(s: list[int], l: list[int], q: int) -> Fraction:
    """Return q / M with the least integer M >= 1 such that |l_i| <= M |s_i| for all i, l_i / q the values of l.

    Then eps |l_i / q| <= |s_i|, the condition (E), and the units of the pair are psi(M s + l), psi(M s - l).
    """
    return Fraction(q, max([1, *(-(-abs(b) // abs(a)) for a, b in zip(s, l, strict=True))]))


def switches(cut: Cut) -> list[Switch]:
    """Return the pairs of the theorem: the first affine function, then one change for every border.

    A change by 0 costs nothing. Raises HypothesisError as `piece` does, and where u does not separate the blocks.
    """
    pieces = [piece(cut, block) for block in cut.blocks]
    pairs = [Switch(pieces[0])]
    for (left, right), (old, new) in zip(pairwise(cut.blocks), pairwise(pieces), strict=True):
        below, above = max(cut.heights[i] for i in left), min(cut.heights[i] for i in right)
        normal, t = tuple(2 * c for c in cut.u), below + above  # s = 2 (u.x - tau), tau in the middle
        s = [2 * h - t for h in cut.heights]
        if below >= above or 0 in s:
            raise HypothesisError(
                "the blocks follow each other along u", f"u.x is {below} and then {above}", "Sort by u.x."
            )
        v, c, q = l = difference(new, old)
        on_points = [w for (w,) in values(cut.points, [(*v, c)])]
        pairs.append(Switch(l, (normal, t), largest_epsilon(s, on_points, q)))
    return [pair for pair in pairs if any((*pair.l[0], pair.l[1]))]


def network_of(pairs: list[Switch], scale: tuple[int, ...]) -> Network:
    """Return the sum of the pairs: one hidden layer of ReLUs, an output without bias."""
    units = [unit for pair in pairs for unit in pair.units()]
    if not units:
        return Network((Layer(((0,) * len(scale),), (0,), "identity"),), exact.id, scale)
    weights, biases, out = zip(*units, strict=True)
    common = lcm(*(a.denominator for a in out))
    last = Layer((tuple(int(a * common) for a in out),), (0,), "identity")
    return Network((Layer(weights, biases, "relu"), last), exact.id, scale, output_scale=common)


# --- the method "madden-relu" ---

#: Directions that are tried before a refusal is passed on.
DRAWS = 10


def direction(points: Points, draw: random.Random) -> tuple[int, ...]:
    """Draw integers u with distinct u.x_i; the range is doubled until they are. The points are distinct."""
    most = 50
    while True:
        u = tuple(draw.randint(-most, most) for _ in points[0])
        if len({dot(u, x) for x in points}) == len(points):
            return u
        most *= 2


def relu_pairs_network(
    points: Points, labels: Labels, scale: tuple[int, ...] | None = None, rng: Any = 0
) -> Network:
    """Return at most 2 ceil(n / (d + 1)) ReLU units with f(x_i) = y_i, verified.

    points : distinct integer points. labels : ints or Fractions. scale : the grid of the points, default 1.
    rng : seed or numpy Generator, for the direction u. Points in general position are served by the first u.
    Raises HypothesisError, naming points, where two are equal, or where every u that was tried cuts off a block
    that is affinely dependent and has labels that no affine function takes. Implements madden-relu-exact.
    Source: ours; the pairs are those of the capacity theorem (Madden, Thrampoulidis 2024, reconstructed).
    """
    first: dict[tuple[int, ...], int] = {}
    for i, x in enumerate(points):
        if first.setdefault(tuple(x), i) != i:
            raise HypothesisError(
                "the points are distinct", f"points {first[tuple(x)]} and {i} are equal", "Drop one of them."
            )
    draw = random.Random(int(rng.integers(2**62)) if hasattr(rng, "integers") else rng)
    for left in reversed(range(DRAWS)):
        try:
            pairs = switches(consecutive(points, labels, direction(points, draw)))
            break
        except HypothesisError as error:
            if not left:
                raise HypothesisError(
                    error.hypothesis, f"after {DRAWS} directions, {error.witness}", error.remedy
                ) from error
    return network_of(pairs, scale or (1,) * len(points[0])).verified(points, labels)


# --- madden-relu-exact ---


def every_block_is_independent(cut: Cut) -> Answer:
    for block in cut.blocks:
        dependent = affine_dependency([cut.points[i] for i in block])
        if dependent is not None:
            return Counterexample(f"{names([block[k] for k in dependent])} are affinely dependent")
    return True


def blocks_follow_along_u(cut: Cut) -> Answer:
    h = cut.heights
    for left, right in combinations(cut.blocks, 2):
        i, k = max(left, key=h.__getitem__), min(right, key=h.__getitem__)
        if h[i] >= h[k]:
            return Counterexample(f"u.x is {h[i]} at point {i} and {h[k]} at point {k} of a later block")
    return True


def fault(net: Network, points: Points, labels: Labels, most: int) -> str | None:
    """Return in words how a network falls short: its form, its size, an output; or None."""
    *hidden, last = net.layers
    if [layer.activation for layer in hidden] not in ([], ["relu"]):
        return "the network is not one layer of ReLU units"
    if (last.activation, last.biases) != ("identity", (0,)):
        return "the output is not linear without bias"
    if net.hidden_neurons > most:
        return f"the network has {net.hidden_neurons} units, not {most}"
    wrong = [j for j, v in enumerate(net.at_integers(points)) if v != labels[j]]
    return f"the network is wrong at {names(wrong)}" if wrong else None


def obstacle(points: Points, labels: Labels, most: int) -> str | None:
    """Return in words why no network with `most` ReLUs has these labels, or None if none is found.

    Two obstacles are known: equal points with different labels, and points of a line, along which a network with
    k units is piecewise linear with at most k bends.
    """
    first: dict = {}
    for j, x in enumerate(points):
        i = first.setdefault(x, j)
        if labels[i] != labels[j]:
            return f"no function is {labels[i]} at point {i} and {labels[j]} at point {j}, which is the same"
    if rank(lifted(first)) == 2:
        axis = next(k for k, column in enumerate(zip(*first, strict=True)) if len(set(column)) > 1)
        along = sorted((x[axis], labels[i]) for x, i in first.items())
        bends = fewest_bends(*zip(*along, strict=True))
        if bends > most:
            return f"the labels need {bends} bends along the line, and {most} units have one each"
    return None


def decided(failure: str | None, points: Points, labels: Labels, most: int) -> Answer:
    """Answer whether `most` ReLUs memorize: they do if the construction does; else an obstacle must be found."""
    if failure is None:
        return True
    reason = obstacle(points, labels, most)
    if reason is None:
        raise ValueError(f"{failure}; whether another network exists cannot be decided here")
    return Counterexample(reason)


def memorized_by_two_a_block(cut: Cut) -> Answer:
    """The network of the theorem has at most 2 G units and, evaluated exactly, every label."""
    most = 2 * len(cut.blocks)
    try:
        net = network_of(switches(cut), (1,) * len(cut.u))
        failure = fault(net, cut.points, cut.labels, most)
    except HypothesisError as error:
        failure = f"the construction refuses: {error.witness}"
    if failure and every_block_is_independent(cut) and blocks_follow_along_u(cut):
        return Counterexample(failure)
    return decided(failure, cut.points, cut.labels, most)


exact = Claim(
    "madden-relu-exact",
    hypotheses={
        "each block is affinely independent": every_block_is_independent,
        "the blocks follow each other along u": blocks_follow_along_u,
    },
    conclusion=memorized_by_two_a_block,
)


@dataclass(frozen=True)
class Problem:
    """Points with labels, to be memorized."""

    points: Points
    labels: Labels

    @property
    def allowed(self) -> int:
        """2 ceil(n / (d + 1))."""
        return 2 * -(-len(self.points) // (len(self.points[0]) + 1))


#: The most subsets that are read to decide general position.
SUBSETS = 30_000


def in_general_position(problem: Problem) -> Answer:
    n, size = len(problem.points), min(len(problem.points), len(problem.points[0]) + 1)
    if comb(n, size) > SUBSETS:
        raise ValueError(f"{comb(n, size)} subsets are too many to decide general position")
    for subset in combinations(range(n), size):
        if rank(lifted(problem.points[i] for i in subset)) < size:
            guilty = affine_dependency([problem.points[i] for i in subset]) or ()
            return Counterexample(f"{names([subset[k] for k in guilty])} are affinely dependent")
    return True


def memorized_at_half_price(problem: Problem) -> Answer:
    """The network of the method, whatever u it drew, has at most 2 ceil(n / (d + 1)) units and every label."""
    try:
        net = relu_pairs_network(problem.points, problem.labels)
        failure = fault(net, problem.points, problem.labels, problem.allowed)
    except HypothesisError as error:
        failure = f"the construction refuses: {error.witness}"
    if failure and in_general_position(problem):
        return Counterexample(failure)
    return decided(failure, problem.points, problem.labels, problem.allowed)


general = Claim(
    "madden-relu-exact",
    hypotheses={"general position": in_general_position},
    conclusion=memorized_at_half_price,
)
