"""How few blocks a sweep can have: n / d on curves; more, where points lie inside others. Exact, by exhaustion."""

from dataclasses import dataclass
from itertools import pairwise

from memlib.bubeck.baum import Points
from memlib.bubeck.sweep_curves import moment_sweep, polygon_sweep
from memlib.bubeck.sweep_search import fewest_blocks, fewest_blocks_by_exhaustion
from memlib.bubeck.sweeps import is_a_sweep
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import affine_dependency, lifted, solve

# --- bubeck-sweep-curves ---


@dataclass(frozen=True)
class Curve:
    """Points of the moment curve (t, ..., t^d), t increasing, or corners of a convex polygon in their cyclic order."""

    points: Points
    first: int

    @property
    def on_moment_curve(self) -> bool:
        d, times = len(self.points[0]), [x[0] for x in self.points]
        powers = all(x == tuple(x[0] ** e for e in range(1, d + 1)) for x in self.points)
        return powers and all(a < b for a, b in pairwise(times))

    @property
    def convex(self) -> bool:
        """Whether all other corners lie strictly on one side of the line through any two neighbours."""
        n = len(self.points)
        if len(self.points[0]) != 2 or n < 3:
            return False
        turns = {
            turn(self.points[i - 1], self.points[i], x)
            for i in range(n)
            for x in self.points
            if x not in (self.points[i - 1], self.points[i])
        }
        return len(set(self.points)) == n and turns in ({1}, {-1})

    @property
    def blocks(self) -> int:
        """1 + ceil((n - first) / d)."""
        return 1 + -(-(len(self.points) - self.first) // len(self.points[0]))


def turn(x: tuple[int, ...], y: tuple[int, ...], z: tuple[int, ...]) -> int:
    """Return 1, -1, 0: the turn from x over y to z in the plane, to the left, to the right, none."""
    area = (y[0] - x[0]) * (z[1] - x[1]) - (y[1] - x[1]) * (z[0] - x[0])
    return (area > 0) - (area < 0)


def lies_on_such_a_curve(curve: Curve) -> Answer:
    if curve.on_moment_curve or curve.convex:
        return True
    return Counterexample("the points are no convex polygon, and not (t, ..., t^d) with increasing t")


def first_block_fits(curve: Curve) -> Answer:
    most = min(len(curve.points), len(curve.points[0]))
    return 1 <= curve.first <= most or Counterexample(f"the first block would have {curve.first} points")


def sweeps_as_fast_as_possible(curve: Curve) -> Answer:
    """There is a sweep with `first` points in the first block and 1 + ceil((n - first) / d) blocks.

    Where it is not built, exhaustion decides.
    """
    n, d = len(curve.points), len(curve.points[0])
    if all(hypothesis(curve) for hypothesis in curves.hypotheses.values()):
        if curve.on_moment_curve:
            sweep = moment_sweep(tuple(x[0] for x in curve.points), d, curve.first)
        else:
            sweep = polygon_sweep(curve.points, curve.first)
        answer = is_a_sweep(sweep)
        if not answer:
            return answer
        found = len(sweep.blocks[0]), len(sweep.blocks)
        wanted = curve.first, curve.blocks
        same = found == wanted and sweep.points == curve.points
        return same or Counterexample(f"the sweep has {found[1]} blocks, the first with {found[0]} points")
    least = fewest_blocks_by_exhaustion(curve.points, curve.first)
    if least is None:
        return Counterexample(f"no sweep of these {n} points begins with {curve.first} points, by exhaustion")
    return least <= curve.blocks or Counterexample(
        f"every sweep that begins with {curve.first} points has {least} blocks or more, by exhaustion"
    )


curves = Claim(
    "bubeck-sweep-curves",
    hypotheses={
        "a moment curve or a convex polygon": lies_on_such_a_curve,
        "the first block has 1 to d points": first_block_fits,
    },
    conclusion=sweeps_as_fast_as_possible,
)


# --- bubeck-sweep-nested ---


@dataclass(frozen=True)
class Nest:
    """Points; the first m (d + 1) of them, d + 1 at a time, are meant to be nested simplices, the outermost first."""

    points: Points
    m: int

    @property
    def simplices(self) -> list[Points]:
        size = len(self.points[0]) + 1
        return [self.points[k * size : (k + 1) * size] for k in range(self.m)]

    @property
    def core(self) -> list[int]:
        """The indices of further points inside the innermost simplex."""
        start = self.m * (len(self.points[0]) + 1)
        return [i for i in range(start, len(self.points)) if inside(self.points[i], self.simplices[-1])]

    @property
    def least(self) -> int:
        """The number of blocks that every sweep has at least: two for every simplex, and one for a core."""
        return 2 * self.m + bool(self.core)


def inside(x: tuple[int, ...], corners: Points) -> bool:
    """Decide whether x lies inside the simplex of d + 1 corners: all barycentric coordinates are positive."""
    try:
        coordinates = solve(zip(*lifted(corners), strict=True), (*x, -1))
    except ZeroDivisionError:
        return False
    return all(c > 0 for c in coordinates)


def simplices_are_nested(nest: Nest) -> Answer:
    d = len(nest.points[0])
    if nest.m < 1 or len(nest.points) < nest.m * (d + 1):
        return Counterexample(f"{len(nest.points)} points are not enough for {nest.m} simplices")
    for k, corners in enumerate(nest.simplices, start=1):
        if affine_dependency(corners) is not None:
            return Counterexample(f"the corners of simplex {k} are affinely dependent")
    for k, (outer, inner) in enumerate(pairwise(nest.simplices), start=1):
        if not all(inside(x, outer) for x in inner):
            return Counterexample(f"simplex {k + 1} does not lie inside simplex {k}")
    return True


def more_than_one_block(nest: Nest) -> Answer:
    n, d = len(nest.points), len(nest.points[0])
    return n >= d + 2 or Counterexample(f"there are {n} points in dimension {d}")


def two_blocks_a_simplex(nest: Nest) -> Answer:
    """Every sweep has at least two blocks for every simplex, and one more for a core."""
    found = fewest_blocks(nest.points)
    return found >= nest.least or Counterexample(f"there is a sweep with {found}, not {nest.least} blocks")


nested = Claim(
    "bubeck-sweep-nested",
    hypotheses={"nested simplices": simplices_are_nested, "n >= d + 2": more_than_one_block},
    conclusion=two_blocks_a_simplex,
)
