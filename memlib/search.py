"""Exhaustive search for the smallest networks on tiny point sets: the oracle behind lower bounds. Exact."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise, product
from math import lcm
from typing import TypeVar

from memlib.exact import Row, kernel, lifted, rank

Pattern = tuple[int, ...]
Some = TypeVar("Some", bound=Sequence)
#: The most points for which a claim decides by exhaustion that nothing exists.
FEW = 10


def few(points: Some) -> Some:
    """Return the points themselves; raise ValueError if they are too many for an exhaustive search."""
    if len(points) > FEW:
        raise ValueError(f"{len(points)} points are too many to decide by exhaustion")
    return points


@lru_cache(maxsize=4096)
def circuits(points: tuple[Row, ...]) -> tuple[dict[int, int], ...]:
    """Return the minimal affine dependencies among the points, each as {index: coefficient}.

    A dependency is a nonzero (c_i) with sum c_i = 0 and sum c_i x_i = 0; minimal ones have at most d + 2 points.
    """
    found = []
    for size in range(2, min(len(points), len(points[0]) + 2) + 1):
        for subset in combinations(range(len(points)), size):
            relations = kernel(zip(*lifted(points[i] for i in subset), strict=True))
            if len(relations) == 1 and all(relations[0]):
                found.append(dict(zip(subset, relations[0], strict=True)))
    return tuple(found)


def separable(points: tuple[Row, ...], pattern: Pattern) -> bool:
    """Decide whether a threshold unit [u.x >= b] has the values `pattern` at the points.

    It has none iff the hulls of the two classes meet (finite sets: separable iff strictly separable). A common
    point is an affine dependency with its positive part on one class and its negative part on the other; one of
    minimal support is a circuit.
    """
    return not any(
        all(pattern[i] == (c > 0) for i, c in circuit.items())
        or all(pattern[i] == (c < 0) for i, c in circuit.items())
        for circuit in circuits(points)
    )


@lru_cache(maxsize=64)
def unit_patterns(points: tuple[Row, ...]) -> tuple[Pattern, ...]:
    """Return the values that one threshold unit can take on the points, one of each complementary pair.

    The constant patterns are left out: with an output constant, a unit or its complement serve alike.
    """
    candidates = [(0, *rest) for rest in product((0, 1), repeat=len(points) - 1)]
    return tuple(p for p in candidates if any(p) and separable(points, p))


def memorized_by(
    points: tuple[Row, ...], labels: Sequence[int | Fraction], units: int
) -> tuple[Pattern, ...] | None:
    """Return the patterns of `units` threshold units that suffice for the labels, or None if none do.

    The output may be linear or thresholded, with a constant. Every choice of patterns is tried: linear outputs
    first, by the rank of the patterns with the constant and the labels, then thresholded ones.
    """
    patterns = unit_patterns(points)
    choices = list(combinations(patterns, min(units, len(patterns))))
    constant = (1,) * len(points)
    q = lcm(*(v.denominator for v in labels))
    multiple = [int(v * q) for v in labels]  # integers in the same span
    for chosen in choices:
        basis = [constant, *chosen]
        if rank([*basis, multiple]) == rank(basis):
            return chosen
    for chosen in choices if set(labels) <= {0, 1} else ():  # a thresholded output is 0 or 1
        if chosen and separable(tuple(zip(*chosen, strict=True)), tuple(int(v) for v in labels)):
            return chosen
    return None


def fewest_bends(t: Sequence[Fraction | int], values: Sequence[Fraction | int]) -> int:
    """Return the least number of bends of a continuous piecewise linear function on the line with f(t_i) = values_i.

    t : strictly increasing. A bend is a point where the slope changes. Exact, by dynamic programming over the
    slope on either side of every t_i. Between t_i and t_(i+1) a function that leaves with slope r and arrives with
    slope q needs 0 bends if r = q = the chord's slope s, 1 if s lies strictly between r and q, else 2. Only the
    order of r and q relative to the chords matters, so one slope from every gap between chords represents all.
    """
    chords = [Fraction(w - v) / (b - a) for a, b, v, w in zip(t, t[1:], values, values[1:], strict=False)]
    marks = sorted(set(chords))
    middles = [(a + b) * Fraction(1, 2) for a, b in pairwise(marks)]
    slopes = [*marks, *middles, marks[0] - 1, marks[-1] + 1] if marks else []

    def between(r: Fraction, q: Fraction, s: Fraction) -> int:
        if r == q == s:
            return 0
        return 1 if min(r, q) < s < max(r, q) else 2

    cost = dict.fromkeys(slopes, 0)  # least bends so far, by the slope with which the function leaves t_i
    for k, s in enumerate(chords):
        arrive = {q: min(cost[r] + between(r, q, s) for r in slopes) for q in slopes}
        if k + 1 == len(chords):
            return min(arrive.values())
        cheapest = min(arrive.values())
        cost = {r: min(arrive[r], cheapest + 1) for r in slopes}  # a bend at the point itself
    return 0
