"""The construction: random integer hyperplanes, a greedy second layer on their bits, an OR; verified.

The features of a point are one Python int: bit i is 1 where hyperplane i is positive. So cnt(x, y) is a bit count.
`cover_in_order` and `cover_greedily` are the plain covers; `fit` runs them on packed words (`algorithm_packed_floats`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import isqrt
from typing import Any

from memlib.dirksen import algorithm_packed_floats as fast
from memlib.dirksen import greedy
from memlib.dirksen.algorithm_floats import PLACES, Draws
from memlib.dirksen.algorithm_packed_floats import Progress
from memlib.dirksen.progress import Bar
from memlib.exact import Row
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
    def of(cls, points: Sequence[Row], X: Any = None) -> "Frame":
        """Return the frame of the points; X : the same points as an array of machine integers, if there is one."""
        if X is None:
            columns = tuple(zip(*points, strict=True))
            lows, highs = list(map(min, columns)), list(map(max, columns))
        else:
            lows, highs = fast.ends(X)
        centre = tuple((low + high) // 2 for low, high in zip(lows, highs, strict=True))
        reaches = tuple(max(h - m, m - low) for low, h, m in zip(lows, highs, centre, strict=True))
        square = None if X is None else fast.squared_radius(X, centre, reaches, 2**PLACES)
        if square is None:
            square = max(
                sum(((v - m) * 2**PLACES // s) ** 2 for v, m, s in zip(x, centre, reaches, strict=True) if s)
                for x in points
            )
        return cls(centre, reaches, isqrt(square) + 1)

    def drawn(self, draws: Draws, n: int, bias_range: Fraction) -> fast.Hyperplanes:
        """Return n rows (2 w, 2 b) with w.x + b drawn Gaussian, half-odd biases in bias_range * [-radius, radius].

        2 w is even and 2 b is odd, so no integer point lies on a hyperplane.
        """
        most = int(bias_range * self.radius * max(self.reaches))
        biases = [2 * (u * (2 * most + 2) >> 53) - 2 * most - 1 for u in draws.uniforms(n)]
        gaussians = draws.gaussians(n, len(self.centre))
        return fast.Hyperplanes.scaled(gaussians, biases, self.reaches, self.centre)

    def hyperplanes(self, draws: Draws, n: int, bias_range: Fraction) -> list[tuple[int, ...]]:
        """Return the same as rows of Python ints."""
        return self.drawn(draws, n, bias_range).rows


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


def three_layers(
    rows: Sequence[Row],
    minus: Sequence[int] | Mapping[int, int],
    accepted: Sequence[tuple[int, int]],
    scale: tuple[int, ...],
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
    if set(map(type, chain.from_iterable(points))) - {int}:
        i, x = next((i, x) for i, x in enumerate(points) if not all(type(v) is int for v in x))
        raise TypeError(f"point {i} is {x!r}; the construction takes tuples of Python ints")
    for label in set(labels):
        if label not in (0, 1):
            i = list(labels).index(label)
            raise HypothesisError(
                "labels are 0 or 1", f"point {i} has the label {label}", "Build a detector a class."
            )
    if width is not None and (type(width) is not int or width < 1):
        raise HypothesisError("the first layer has a hyperplane", f"width is {width!r}", "Give an int >= 1.")
    most = Fraction(1 if bias_range is None else bias_range)
    if most < 0:
        raise HypothesisError("the bias range is not negative", f"it is {bias_range}", "Try 1, or 0.5.")
    if cover not in fast.COVERS:
        raise ValueError(f"cover is {cover!r}, not one of {sorted(fast.COVERS)}")
    return *merge(points, labels), most


class Pool:
    """The hyperplanes that are drawn for these points, as many as asked for, and the packed bits of all the points.

    points : distinct, tuples of Python ints. X : the same as an array of machine integers; made here if not given.
    To ask for more hyperplanes keeps those that are there.
    """

    def __init__(self, points: Sequence[Row], rng: Any, bias_range: Fraction, X: Any = None):
        self.points, self.bias_range = points, bias_range
        self.machine = fast.machine(points) if X is None else X
        self.frame, self.draws = Frame.of(points, self.machine), Draws(rng)
        self.hyperplanes: fast.Hyperplanes | None = None
        self.bits: Any = None

    def features(self, n: int) -> Any:
        """Return the packed bits behind the first n hyperplanes."""
        there = 0 if self.hyperplanes is None else len(self.hyperplanes.biases)
        if n > there:
            fresh = self.frame.drawn(self.draws, n - there, self.bias_range)
            self.hyperplanes = self.hyperplanes.followed_by(fresh) if self.hyperplanes else fresh
            full = there // 64  # words
            words = fast.first_layer(self.hyperplanes.part(64 * full), self.points, self.machine)
            self.bits = fast.stacked(self.bits[:full], words) if full else words
        return fast.beginning(self.bits, n) if n < there else self.bits

    def rows(self, n: int) -> list[tuple[int, ...]]:
        """Return the first n hyperplanes as rows (w, b) of Python ints."""
        assert self.hyperplanes is not None
        return self.hyperplanes.part(0, n).rows


@dataclass(frozen=True)
class Search:
    """What a run found: the classes' packed bits behind n hyperplanes, and the accepted anchors with their m."""

    n: int
    minus: Any
    plus: Any
    accepted: list[tuple[int, int]]


def search(pool: Pool, labels: Any, widths: Iterable[int], cover: str, progress: Progress) -> Search:
    """Return the first successful run among the widths of the first layer; both labels occur.

    Raises HypothesisError with a pair that no hyperplane separates, if all of them fail.
    """
    index = [fast.where(labels, label) for label in (0, 1)]
    order = pool.draws.order(len(index[1]))
    for n in widths:
        features = pool.features(n)
        plus, minus = (fast.chosen(features, some) for some in index)
        try:
            return Search(n, minus, plus, fast.COVERS[cover](minus, plus, order, progress, Missed))
        except Missed as pair:
            missed = int(index[1][pair.minus]), int(index[0][pair.plus])
    raise HypothesisError(
        "every pair is separated",
        f"none of the {n} hyperplanes is positive at point {missed[1]} (label 0) and not at "
        f"point {missed[0]} (label 1)",
        f"Draw more of them, width={2 * n}, or with another bias_range than {pool.bias_range}.",
    )


def network_of(pool: Pool, found: Search, cover: str, prune: bool, scale: tuple[int, ...]) -> Network:
    """Return the three layers of a run; prune : behind a part of the hyperplanes, with anchors chosen again."""
    rows, minus, accepted = pool.rows(found.n), found.minus, found.accepted
    if prune:  # every pair is separated, or the cover would have failed
        ones, zeros = fast.unpacked(minus), fast.unpacked(found.plus)
        kept = greedy.prune(ones, zeros, found.n)
        rows = [rows[i] for i in kept]
        minus, plus = (fast.packed(greedy.restricted(z, kept), len(kept)) for z in (ones, zeros))
        order = pool.draws.order(len(ones))
        accepted = fast.COVERS[cover](minus, plus, order, lambda done, of: None, Missed)
    anchors = [k for k, _ in accepted]
    bits = dict(zip(anchors, fast.unpacked(fast.chosen(minus, anchors)), strict=True))
    return three_layers(rows, bits, accepted, scale)


def memorizing(
    pool: Pool,
    labels: Sequence[int],
    scale: tuple[int, ...] | None,
    width: int | None,
    cover: str,
    prune: bool,
    progress: Progress | None,
) -> Network:
    """Return the network of `fit` for labels of the points of a pool, verified."""
    d = len(pool.points[0])
    if len(set(labels)) == 1:
        constant = Layer(((0,) * d,), (int(labels[0]) - 1,), "threshold")
        net = Network((constant,), "dirksen-alg-suff", scale or (1,) * d)
    else:
        found = search(pool, labels, widths(width), cover, progress or Bar())
        net = network_of(pool, found, cover, prune, scale or (1,) * d)
    return net.verified(pool.points, labels)


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
    progress: Progress | None = None,
) -> Network:
    """Return three threshold layers that are 1 on the points with label 1 (X^-) and 0 on the others, verified.

    points : tuples of Python ints. labels : 0 or 1. scale : the grid of the points, default 1. rng : seed or numpy
    Generator. width : hyperplanes of the first layer; None doubles their number from 32 on until the run succeeds.
    bias_range : lambda in units of the largest norm, after every column is centred and scaled to [-1, 1]; default 1.
    cover : "random" takes the candidates in random order, "greedy" the one that covers most.
    prune : keep of the hyperplanes only a greedy choice that still separates every pair (dirksen-greedy), and cover
    again behind these; a smaller first layer, for N^- N^+ bits of memory.
    progress : called with (points covered, points to cover); default: a bar on a terminal, in runs of some seconds.
    Raises HypothesisError with the pair of points that no hyperplane separates in the right direction.
    Implements dirksen-alg-suff. Source: Dirksen, Finke, Genzel (2024), their algorithm.
    """
    points, labels, most = checked(points, labels, width, bias_range, cover)
    return memorizing(Pool(points, rng, most), labels, scale, width, cover, prune, progress)


def detectors(
    points: Sequence[Row],
    classes: Sequence[int],
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    *,
    width: int | None = None,
    bias_range: Any = None,
    cover: str = "random",
    prune: bool = False,
    progress: Progress | None = None,
) -> dict[int, Network]:
    """Return for every class a network that is 1 on it and 0 on the others, all verified: one versus rest.

    points, scale, rng, options : as for `fit`; network c is the one of `fit` for the labels [class = c], with the
    same hyperplanes for all classes. classes : ints. Raises HypothesisError as `fit` does.
    """
    names = sorted({int(v) for v in classes})
    distinct, merged = merge(points, classes)
    distinct, _, most = checked(distinct, [0] * len(distinct), width, bias_range, cover)
    pool = Pool(distinct, rng, most)
    return {
        c: memorizing(pool, [int(v == c) for v in merged], scale, width, cover, prune, progress)
        for c in names
    }
