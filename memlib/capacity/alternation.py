"""Labels that alternate: thresholds on the moment curve, deep ReLU networks on a line. All exact.

The third part of the claim, the zigzag as real labels, is in zigzag.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

from memlib.capacity.zigzag import Zigzag, exactly_that_many
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot
from memlib.layer import Layer
from memlib.network import Network
from memlib.search import few, unit_patterns

Points = tuple[tuple[int, ...], ...]


def changes(labels: Sequence) -> int:
    """Return how often the label changes from one point to the next."""
    return sum(a != b for a, b in pairwise(labels))


def moment_curve(n: int, d: int) -> Points:
    """Return the points (t, t^2, ..., t^d), t = 0, ..., n - 1."""
    return tuple(tuple(t**e for e in range(1, d + 1)) for t in range(n))


# --- part 1: threshold units on the moment curve ---


@dataclass(frozen=True)
class Labelled:
    """Points in order with labels 0 and 1. kind : "threshold", or "sine" for one unit [sin(pi (t + 1/2)) > 0]."""

    points: Points
    labels: tuple[int, ...]
    kind: str = "threshold"


@dataclass(frozen=True)
class Cut:
    """One threshold unit [w.x + b >= 0], row = (w, b), at n points of the moment curve; always true."""

    row: tuple[int, ...]
    n: int

    @property
    def values(self) -> list[int]:
        return [int(dot(self.row, (*x, 1)) >= 0) for x in moment_curve(self.n, len(self.row) - 1)]


def vanishing_at(marks: Sequence[int]) -> tuple[int, ...]:
    """Return the coefficients c_0, c_1, ... of the polynomial with the factors 2 t - (2 g + 1), g in `marks`."""
    c = [1]
    for g in marks:
        c = [2 * a - (2 * g + 1) * b for a, b in zip([0, *c], [*c, 0], strict=True)]
    return tuple(c)


def fences(x: Labelled) -> Network:
    """Return the network with ceil(A/d) threshold units: each one changes in the middle of d gaps of the labels.

    Implements limits-alternation, part 1. A constant output is one unit that always fires, or nothing.
    """
    n, d = len(x.points), len(x.points[0])
    marks = [t for t in range(n - 1) if x.labels[t] != x.labels[t + 1]]
    groups = [marks[k : k + d] for k in range(0, len(marks), d)]
    weights, biases, out = [], [], []
    for group in groups:
        b, *w = vanishing_at(group)
        weights.append((*w, *(0,) * (d - len(w))))
        biases.append(b)
        before = int(len(group) % 2 == 0)  # the value of the unit left of its first mark
        out.append(1 if before == x.labels[group[0]] else -1)
    first = [int(b >= 0) for b in biases]  # the values at t = 0
    bias = x.labels[0] - dot(out, first)
    hidden = [Layer(tuple(weights), tuple(biases), "threshold")] if groups else []
    last = Layer((tuple(out),) if groups else ((0,) * d,), (bias,), "identity")
    return Network((*hidden, last), "limits-alternation", (1,) * d)


def fewest_units(x: Labelled) -> int:
    """Return the least number of threshold units whose values determine the labels, by exhaustion."""
    patterns = unit_patterns(few(x.points))
    for m in range(len(patterns) + 1):
        for chosen in combinations(patterns, m):
            label_of: dict[tuple[int, ...], int] = {}
            codes = zip(*chosen, strict=True) if chosen else [()] * len(x.points)
            if all(label_of.setdefault(c, y) == y for c, y in zip(codes, x.labels, strict=True)):
                return m
    raise ValueError("two equal points have different labels")


def one_sine(x: Labelled) -> Answer:
    """The unit [sin(pi (t + 1/2)) > 0] is 1 at even t and 0 at odd t."""
    if any(y != 1 - point[0] % 2 for point, y in zip(x.points, x.labels, strict=True)):
        raise ValueError("the sine does not give these labels: nothing is decided")
    return Counterexample(f"one sine serves {changes(x.labels)} changes of label")


def determined_by_few(x: Labelled) -> Answer:
    """The least number of units is ceil(A/d) (by exhaustion, for few points), and the network attains it."""
    if x.kind == "sine":
        return one_sine(x)
    d, A = len(x.points[0]), changes(x.labels)
    wanted = -(-A // d)
    if len(x.points) <= 7 and (least := fewest_units(x)) != wanted:
        units = "unit is" if least == 1 else "units are"
        return Counterexample(f"{least} {units} needed for {A} changes in dimension {d}, not {wanted}")
    net = fences(x)
    if net.at_integers(x.points) != x.labels or net.hidden_neurons != wanted:
        return Counterexample(f"the network has {net.hidden_neurons} units or wrong labels")
    return True


# --- part 2: layers of ReLUs on a line ---


@dataclass(frozen=True)
class Deep:
    """A ReLU network on the line; a layer is a tuple of rows (w, b), the last layer one row without ReLU.

    at : points in order, at which [f >= 0] is read.
    """

    layers: tuple[Points, ...]
    at: tuple[int | Fraction, ...] = ()

    @property
    def most(self) -> int:
        """(k + 1)^L, with k the largest width."""
        *hidden, _ = self.layers
        return (max(map(len, hidden), default=0) + 1) ** len(hidden)

    def __call__(self, t: int | Fraction, depth: int | None = None) -> list:
        """Return the arguments of the ReLUs of layer `depth` (default: the output) at t."""
        h: list[Any] = [t]
        for k, rows in enumerate(self.layers[:depth]):
            h = [dot(row, (*(max(v, 0) for v in h), 1) if k else (*h, 1)) for row in rows]
        return h

    @property
    def labels(self) -> list[int]:
        return [int(self(t)[0] >= 0) for t in self.at]


def middles(breaks: list[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """Return two points inside of each of the intervals that the breaks make of the line."""
    if not breaks:
        return [(Fraction(0), Fraction(1))]
    inner = [((2 * a + b) * Fraction(1, 3), (a + 2 * b) * Fraction(1, 3)) for a, b in pairwise(breaks)]
    return [(breaks[0] - 2, breaks[0] - 1), *inner, (breaks[-1] + 1, breaks[-1] + 2)]


def bends(net: Deep) -> list[Fraction]:
    """Return the points where the slope of the network changes, layer by layer, without rounding.

    Between two points of `breaks` all arguments of a layer are affine; a ReLU adds the zero of its argument.
    """
    breaks: list[Fraction] = []
    for depth in range(1, len(net.layers)):
        found = set(breaks)
        edges = [None, *breaks, None]
        for (p, q), low, high in zip(middles(breaks), edges, edges[1:], strict=False):
            for u, v in zip(net(p, depth), net(q, depth), strict=True):
                if u != v:
                    zero = p - u * (q - p) * Fraction(1, v - u)
                    if (low is None or low < zero) and (high is None or zero < high):
                        found.add(zero)
        breaks = sorted(found)
    slopes = [(net(q)[0] - net(p)[0]) * Fraction(1, q - p) for p, q in middles(breaks)]
    return [t for t, a, b in zip(breaks, slopes, slopes[1:], strict=False) if a != b]


def few_pieces(net: Deep) -> Answer:
    """At most (k + 1)^L affine pieces, and at most as many changes of label."""
    pieces, A = len(bends(net)) + 1, changes(net.labels)
    if pieces > net.most:
        return Counterexample(f"the network has {pieces} affine pieces, more than {net.most}")
    return pieces >= A or Counterexample(f"{A} changes of label on {pieces} affine pieces")


def tent_network(L: int) -> Deep:
    """Return L layers of two ReLUs that are 2 T(...T(t)) - 1 on [0, 1], with the tent T(t) = 1 - |2t - 1|.

    On [0, 1] T(t) = max(2t, 0) - 2 max(2t - 1, 0). At j / 2^L the L-fold tent is 0 for even and 1 for odd j.
    """
    first, later = ((2, 0), (2, -1)), ((2, -4, 0), (2, -4, -1))
    return Deep(
        (first, *(later,) * (L - 1), ((2, -4, -1),)), tuple(Fraction(j, 2**L) for j in range(2**L + 1))
    )


# --- the hypotheses and the conclusion of the claim ---


def follows_the_curve(x: Labelled | Cut | Deep | Zigzag) -> Answer:
    if not isinstance(x, Labelled):
        return True
    for point in x.points:
        if point != tuple(point[0] ** e for e in range(1, len(point) + 1)):
            return Counterexample(f"({', '.join(map(str, point))}) is not a point of the moment curve")
    times = [point[0] for point in x.points]
    return times == list(range(len(times))) or Counterexample("the points come in another order")


def thresholds_or_relus(x: Labelled | Cut | Deep | Zigzag) -> Answer:
    return getattr(x, "kind", "threshold") == "threshold" or Counterexample("the unit is a sine")


def as_few_as_changes(x: Labelled | Cut | Deep | Zigzag) -> Answer:
    if isinstance(x, Labelled):
        return determined_by_few(x)
    if isinstance(x, Deep):
        return few_pieces(x)
    if isinstance(x, Zigzag):
        return exactly_that_many(x)
    found, d = changes(x.values), len(x.row) - 1
    return found <= d or Counterexample(f"one unit changes {found} times in dimension {d}")
