"""The construction: random integer hyperplanes, a greedy second layer on their bits, an OR; verified.

The features of a point are one Python int: bit i is 1 where hyperplane i is positive. So cnt(x, y) is a bit count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from memlib.dirksen import greedy
from memlib.dirksen.algorithm_floats import PLACES, Draws, bits
from memlib.exact import Row, dot
from memlib.network import Layer, Network
from memlib.points import HypothesisError, merge

#: Widths of the first layer that are tried if none is given: doubled from the first to the last.
NARROWEST, WIDEST = 32, 2**15


@dataclass(frozen=True)
class Frame:
    """Coordinates in which the hyperplanes are drawn: centred, the largest |value| of every column 1.

    centre : the middle of every column. reaches : largest distance from it; 0 for a constant column.
    radius : the largest norm of a point in these coordinates, times 2**PLACES.
    """

    centre: tuple[int, ...]
    reaches: tuple[int, ...]
    radius: int

    @classmethod
    def of(cls, points: Sequence[Row]) -> "Frame":
        columns = tuple(zip(*points, strict=True))
        centre = tuple((min(c) + max(c)) // 2 for c in columns)
        reaches = tuple(max(abs(v - m) for v in c) for c, m in zip(columns, centre, strict=True))
        squares = (
            sum(((v - m) * 2**PLACES // s) ** 2 for v, m, s in zip(x, centre, reaches, strict=True) if s)
            for x in points
        )
        return cls(centre, reaches, isqrt(max(squares)) + 1)

    def hyperplanes(self, draws: Draws, n: int, bias_range: Fraction) -> list[tuple[int, ...]]:
        """Return n rows (2 w, 2 b) with w.x + b drawn Gaussian, half-odd biases in bias_range * [-radius, radius].

        2 w is even and 2 b is odd, so no integer point lies on a hyperplane.
        """
        unit = max(self.reaches)
        most = int(bias_range * self.radius * unit)
        rows = []
        for g, u in zip(draws.gaussians(n, len(self.centre)), draws.uniforms(n), strict=True):
            w = [
                2 * ((2 * v * unit + s) // (2 * s)) if s else 0 for v, s in zip(g, self.reaches, strict=True)
            ]
            rows.append((*w, 2 * (u * (2 * most + 2) >> 53) - 2 * most - 1 - dot(w, self.centre)))
        return rows


def draw(points: Sequence[Row], n: int, rng: Any = 0, bias_range: Any = 1) -> tuple[tuple[int, ...], ...]:
    """Return the n random hyperplanes that `fit` draws for these points, as rows (w, b) of Python ints."""
    return tuple(Frame.of(points).hyperplanes(Draws(rng), n, Fraction(bias_range)))


@dataclass(frozen=True)
class Missed(Exception):
    """No hyperplane separates this point of X^- from this point of X^+ (positions in their classes)."""

    minus: int
    plus: int


def least_count(anchor: int, plus: Sequence[int]) -> int:
    """Return m: the least cnt(anchor, y) over X^+."""
    return min((y & ~anchor).bit_count() for y in plus)


def cover_in_order(minus: Sequence[int], plus: Sequence[int], order: Sequence[int]) -> list[tuple[int, int]]:
    """Return the accepted anchors with their m, candidates in the given order.

    Raises Missed at the first anchor with m = 0: by dirksen-alg-iff no order can succeed any more.
    """
    uncovered, accepted = set(order), []
    for k in order:
        if k in uncovered:
            m = least_count(minus[k], plus)
            if m == 0:
                raise Missed(k, next(j for j, y in enumerate(plus) if not y & ~minus[k]))
            accepted.append((k, m))
            uncovered -= {i for i in uncovered if (minus[i] & ~minus[k]).bit_count() < m}
    return accepted


def cover_greedily(minus: Sequence[int], plus: Sequence[int], order: Sequence[int]) -> list[tuple[int, int]]:
    """Return anchors with their m, each the one that covers most of what is uncovered; ties go by the order.

    The greedy rule of the set cover problem, for the regions of all anchors. Raises Missed.
    """
    regions = []
    for k in order:
        m = least_count(minus[k], plus)
        if m == 0:
            raise Missed(k, next(j for j, y in enumerate(plus) if not y & ~minus[k]))
        inside = sum(1 << i for i, x in enumerate(minus) if (x & ~minus[k]).bit_count() < m)
        regions.append((k, m, inside))
    uncovered, accepted = (1 << len(minus)) - 1, []
    while uncovered:
        k, m, inside = max(regions, key=lambda region: (region[2] & uncovered).bit_count())
        accepted.append((k, m))
        uncovered &= ~inside
    return accepted


COVERS = {"random": cover_in_order, "greedy": cover_greedily}


def three_layers(
    rows: Sequence[Row], minus: Sequence[int], accepted: Sequence[tuple[int, int]], scale: tuple[int, ...]
) -> Network:
    """Return the network with [t >= 0] units: hyperplanes, [m - 1 - u.z >= 0] for every anchor, OR.

    m - u.z is an integer, so it is > 0 iff m - 1 - u.z >= 0; the odd pre-activations of the first layer are > 0
    iff they are >= 0.
    """
    first = Layer(tuple(tuple(row[:-1]) for row in rows), tuple(row[-1] for row in rows), "threshold")
    u = tuple(tuple((minus[k] >> i & 1) - 1 for i in range(len(rows))) for k, _ in accepted)
    second = Layer(u, tuple(m - 1 for _, m in accepted), "threshold")
    last = Layer(((1,) * len(accepted),), (-1,), "threshold")
    return Network((first, second, last), "dirksen-alg-suff", scale)


def widths(width: int | None) -> Iterator[int]:
    """Yield the widths of the first layer to try."""
    n = NARROWEST if width is None else width
    yield n
    while width is None and n < WIDEST:
        n *= 2
        yield n


def checked(points: Sequence[Row], labels: Sequence[Any], width: Any, bias_range: Any, cover: str) -> tuple:
    """Return distinct points, labels and the bias range as a Fraction; refuse what the theorem does not allow."""
    for i, x in enumerate(points):
        if not all(type(v) is int for v in x):
            raise TypeError(f"point {i} is {x!r}; the construction takes tuples of Python ints")
    for i, label in enumerate(labels):
        if label not in (0, 1):
            raise HypothesisError(
                "labels are 0 or 1", f"point {i} has the label {label}", "Build a detector a class."
            )
    if width is not None and (type(width) is not int or width < 1):
        raise HypothesisError("the first layer has a hyperplane", f"width is {width!r}", "Give an int >= 1.")
    most = Fraction(1 if bias_range is None else bias_range)
    if most < 0:
        raise HypothesisError("the bias range is not negative", f"it is {bias_range}", "Try 1, or 0.5.")
    if cover not in COVERS:
        raise ValueError(f"cover is {cover!r}, not one of {sorted(COVERS)}")
    return *merge(points, labels), most


def fit(
    points: Sequence[Row],
    labels: Sequence[Any],
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    *,
    width: int | None = None,
    bias_range: Any = None,
    cover: str = "random",
    prune: bool = False,
) -> Network:
    """Return three threshold layers that are 1 on the points with label 1 (X^-) and 0 on the others, verified.

    points : tuples of Python ints. labels : 0 or 1. scale : the grid of the points, default 1. rng : seed or numpy
    Generator. width : hyperplanes of the first layer; None doubles their number from 32 on until the run succeeds.
    bias_range : lambda in units of the largest norm, after every column is centred and scaled to [-1, 1]; default 1.
    cover : "random" takes the candidates in random order, "greedy" the one that covers most.
    prune : keep of the hyperplanes only a greedy choice that still separates every pair (dirksen-greedy), and cover
    again behind these; a smaller first layer, for N^- N^+ bits of memory.
    Raises HypothesisError with the pair of points that no hyperplane separates in the right direction.
    Implements dirksen-alg-suff. Source: Dirksen, Finke, Genzel (2024), their algorithm.
    """
    points, labels, most = checked(points, labels, width, bias_range, cover)
    scale = scale or (1,) * len(points[0])
    index = {label: [i for i, v in enumerate(labels) if v == label] for label in (0, 1)}
    if not index[0] or not index[1]:
        constant = Layer(((0,) * len(points[0]),), (-int(not index[1]),), "threshold")
        return Network((constant,), "dirksen-alg-suff", scale).verified(points, labels)
    frame, draws = Frame.of(points), Draws(rng)
    order, features = draws.order(len(index[1])), [0] * len(points)
    rows: list[tuple[int, ...]] = []
    for n in widths(width):
        fresh = frame.hyperplanes(draws, n - len(rows), most)
        features = [old | new << len(rows) for old, new in zip(features, bits(fresh, points), strict=True)]
        rows += fresh
        minus, plus = ([features[i] for i in index[label]] for label in (1, 0))
        try:
            accepted = COVERS[cover](minus, plus, order)
        except Missed as pair:
            missed = index[1][pair.minus], index[0][pair.plus]
        else:
            if prune:  # every pair is separated, or the cover would have failed
                kept = greedy.prune(minus, plus, len(rows))
                rows = [rows[i] for i in kept]
                minus, plus = (greedy.restricted(z, kept) for z in (minus, plus))
                accepted = COVERS[cover](minus, plus, order)
            return three_layers(rows, minus, accepted, scale).verified(points, labels)
    raise HypothesisError(
        "every pair is separated",
        f"none of the {len(rows)} hyperplanes is positive at point {missed[1]} (label 0) and not at "
        f"point {missed[0]} (label 1)",
        f"Draw more of them, width={2 * len(rows)}, or with another bias_range than {most}.",
    )
