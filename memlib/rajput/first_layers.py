"""How many labellings one unit, and a first layer of m units with anything behind it, can give to n points.

Labellings are listed by exhaustion: tuples of n bits, or the bits of an int. Exact.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, product
from typing import Any

from memlib.evidence import Answer, Counterexample
from memlib.exact import dot
from memlib.rajput.arrangements import Points, cells
from memlib.search import few, unit_patterns

Labelling = tuple[int, ...]


@dataclass(frozen=True)
class Cuts:
    """Points, and one unit that reads them: kind "threshold", or "disc", which fires inside or outside of a ball."""

    points: Points
    kind: str = "threshold"


def lifted_to_a_paraboloid(points: Points) -> Points:
    """Append |x|^2: balls and their complements become halfspaces, and halfspaces are limits of balls."""
    return tuple((*x, dot(x, x)) for x in points)


@lru_cache(maxsize=256)
def cuts(points: Points) -> tuple[Labelling, ...]:
    """Return all values that one threshold unit can have at the points: patterns, complements, constants."""
    half = [(0,) * len(points), *unit_patterns(points)] if points else [()]
    return tuple(dict.fromkeys([*half, *(tuple(1 - v for v in p) for p in half)]))


def threshold_units(it: Any) -> Answer:
    kind = getattr(it, "kind", "threshold")
    return kind == "threshold" or Counterexample(f"the units are of the kind {kind!r}")


def cuts_of(it: Cuts) -> tuple[Labelling, ...]:
    points = few(it.points)
    return cuts(points if it.kind == "threshold" else lifted_to_a_paraboloid(points))


def few_cuts(it: Cuts) -> Answer:
    """At most 2 R(n - 1, d) patterns, which is at most R(n, d + 1)."""
    n, d, found = len(it.points), len(it.points[0]), len(cuts_of(it))
    most = 2 * cells(n - 1, d)
    if found > most:
        return Counterexample(f"one unit cuts {n} points in {found} ways, more than {most}")
    return most <= cells(n, d + 1) or Counterexample(f"{most} is more than R({n}, {d + 1})")


@dataclass(frozen=True)
class Layered:
    """All networks on these points whose first layer has m units; nothing else is asked of them.

    kind : "threshold"; "disc" for units that fire inside or outside of a ball; "relu" for ReLUs.
    skips : whether the second of the units may read the first.
    """

    points: Points
    m: int
    kind: str = "threshold"
    skips: bool = False


def classes(chosen: tuple[Labelling, ...], n: int) -> list[int]:
    """Return the sets of points with equal codes, each as the bits of an int."""
    members: dict[Labelling, int] = {}
    for i in range(n):
        code = tuple(p[i] for p in chosen)
        members[code] = members.get(code, 0) | 1 << i
    return list(members.values())


def labellings_through(it: Layered) -> set[int]:
    """Return the labellings of layered networks, as bits of an int: every union of classes of codes.

    Whatever follows the first layer sees the codes alone; some network gives any labels to the codes.
    """
    n, found = len(few(it.points)), set()
    patterns = [p for p in cuts_of(Cuts(it.points, it.kind)) if not p[0]]  # a partition has two patterns
    for chosen in combinations_with_replacement(patterns, it.m):
        parts = classes(chosen, n)
        for taken in product((0, 1), repeat=len(parts)):
            found.add(sum(part for part, t in zip(parts, taken, strict=True) if t))
    return found


def labellings_with_a_skip(points: Points) -> set[int]:
    """Return labellings of points 0, 1, 2, ... of the line by two readers h = [x >= a], [x >= b + (c - b) h]."""
    n = len(points)
    at_least = [(1 << n) - (1 << a) for a in range(n + 1)]  # the points from a on
    low = [(1 << n) - 1 - v for v in at_least]
    return {
        (at_least[b] & low[a]) | (at_least[c] & at_least[a])
        for a in range(n + 1)
        for b in range(a + 1)
        for c in range(a, n + 1)
    }


def labellings_after_a_relu(points: Points) -> set[int]:
    """Return labellings of points 0, 1, 2, ... of the line: one ReLU passes x on, and a layer of steps does the rest.

    The output unit is [sum_k (y_k - y_(k-1)) [x >= k] + y_0 >= 1].
    """
    n, found = len(points), set()
    for y in product((0, 1), repeat=n):
        values = [max(x, 0) for (x,) in points]
        out = [y[0] + sum((y[k] - y[k - 1]) * int(v >= k) for k in range(1, n)) >= 1 for v in values]
        found.add(sum(1 << i for i, v in enumerate(out) if v))
    return found


def reached(it: Layered) -> set[int]:
    ruler = it.points == tuple((i,) for i in range(len(it.points)))
    if it.skips or it.kind == "relu":
        if not ruler or it.m != (2 if it.skips else 1):
            raise ValueError(
                "listed for the points 0, 1, 2, ... of the line, 2 readers with a skip or 1 ReLU"
            )
        return labellings_with_a_skip(it.points) if it.skips else labellings_after_a_relu(it.points)
    return labellings_through(it)


def most_labellings(n: int, d: int, m: int) -> int:
    """Return R(n - 1, d)^m 2^min(R(m, d), n)."""
    return cells(n - 1, d) ** m << min(cells(m, d), n)


def first_layer_needed(n: int, d: int) -> int:
    """Return the least m with 2^n <= R(n - 1, d)^m 2^min(R(m, d), n)."""
    m = 0
    while most_labellings(n, d, m) < 1 << n:
        m += 1
    return m


def skips_nothing(it: Any) -> Answer:
    return not getattr(it, "skips", False) or Counterexample("the second unit reads the first")


def few_labellings(it: Layered) -> Answer:
    n, d, found = len(it.points), len(it.points[0]), len(reached(it))
    most = most_labellings(n, d, it.m)
    units = "1 unit in the first layer" if it.m == 1 else f"{it.m} units that read the input"
    return found <= most or Counterexample(
        f"with {units} there are {found} labellings of {n} points, not {most} at most"
    )
