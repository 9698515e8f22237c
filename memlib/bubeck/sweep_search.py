"""How sweeps are found: by exhaustive search, or greedily by linear programs. Floats only propose; every sign is exact.

An affine function h has a sign at every point. A sweep is a walk: it starts where all signs are +, ends where all are
-, and turns the signs of a whole block at a time, through an h that is 0 on the block.
"""

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any

from memlib.bubeck.baum import Points, every_subset_is_independent
from memlib.bubeck.hull import REMEDY, Normal, facet, normal_through
from memlib.bubeck.sweeps_floats import corners_ahead
from memlib.exact import affine_dependency, affine_fit, primitive, values
from memlib.points import HypothesisError
from memlib.search import circuits, few


@dataclass(frozen=True)
class Sweep:
    """Points, an ordered list of blocks of their indices, and for each block h = u.x - b as integers (u, b)."""

    points: Points
    blocks: tuple[tuple[int, ...], ...]
    normals: tuple[Normal, ...]

    @cached_property
    def heights(self) -> list[list[int]]:
        """h at every point, one list a block."""
        return [list(h) for h in zip(*values(self.points, self.normals), strict=True)]

    def __repr__(self) -> str:
        return f"Sweep({len(self.points)} points, blocks of {', '.join(str(len(b)) for b in self.blocks)})"


# --- one step in general position ---


def front(
    points: Points, corner: tuple[int, ...], block: tuple[int, ...], swept: frozenset[int]
) -> Normal | None:
    """Return h = (u, b): 0 on the block, negative on `swept`, positive at all others; or None.

    corner : d points that contain the block. h is the hyperplane through the corner, turned a little about the block
    until it leaves the other points of the corner on their sides. None if the hyperplane has a wrong side.
    """
    v = normal_through(points, corner)
    s = [a for (a,) in values(points, [v])]
    off = [j for j in range(len(points)) if j not in corner]
    side = {j: -1 if j in swept else 1 for j in range(len(points))}
    if off and s[off[0]] * side[off[0]] < 0:
        v, s = tuple(-c for c in v), [-a for a in s]
    if any(s[j] * side[j] <= 0 for j in off):
        return None
    if len(block) == len(corner):
        return v
    *w, c, _ = _flat(affine_fit([points[i] for i in corner], [0 if i in block else side[i] for i in corner]))
    l = [a for (a,) in values(points, [(*w, c)])]
    K = 2 + 2 * max((abs(l[j]) // abs(s[j]) for j in off), default=0)  # then |K s| is at least twice |l|
    return primitive([K * a + b for a, b in zip(v, (*w, c), strict=True)])


def _flat(fit: tuple) -> tuple[int, ...]:
    v, c, q = fit
    return (*v, c, q)


def at_once(points: Points) -> Sweep | None:
    """Return the sweep in one block, h = 0, if the points are affinely independent."""
    if len(points) > len(points[0]) + 1 or affine_dependency(points) is not None:
        return None
    return Sweep(points, (tuple(range(len(points))),), ((0,) * (len(points[0]) + 1),))


# --- exhaustion ---


def steps(points: Points) -> dict[int, dict[tuple[int, ...], tuple[int, ...]]]:
    """Return for every set that can be swept first, as bits, the blocks that can come next, each with a corner.

    In general position every front can be turned about its block until it touches d points, its corner. So the fronts
    are the hyperplanes through d points, each point of the corner being swept before, in the block, or after it.
    """
    found: dict[int, dict[tuple[int, ...], tuple[int, ...]]] = {}
    n, d = len(points), len(points[0])
    choices = [
        ([k for k in range(d) if parts[k] == 0], [k for k in range(d) if parts[k] < 0])
        for parts in product((-1, 0, 1), repeat=d)
        if 0 in parts
    ]
    for corner in combinations(range(n), d):
        s = [a for (a,) in values(points, [normal_through(points, corner)])]
        below = sum([1 << j for j in range(n) if s[j] < 0 and j not in corner])
        above = (1 << n) - 1 - below - sum([1 << i for i in corner])
        for inside, before in choices:
            block, old = tuple([corner[k] for k in inside]), sum([1 << corner[k] for k in before])
            for side in (below, above):
                found.setdefault(side + old, {}).setdefault(block, corner)
    return found


def shortest_sweep(points: Points) -> Sweep:
    """Return a sweep with the fewest blocks, of points in general position: a shortest path through all the sets.

    Reads all subsets of d points: for few points, or in few dimensions.
    """
    whole = at_once(points)
    if whole:
        return whole
    ways, everything = steps(points), (1 << len(points)) - 1
    came: dict[int, Any] = {0: None}
    queue = deque(came)
    while everything not in came:
        swept = queue.popleft()
        for block, corner in ways.get(swept, {}).items():
            after = swept + sum([1 << i for i in block])
            if after not in came:
                came[after] = swept, block, corner
                queue.append(after)
    path, now = [], everything
    while came[now]:
        path.append(came[now])
        now = came[now][0]
    blocks, normals = [], []
    for swept, block, corner in reversed(path):
        gone = frozenset(i for i in range(len(points)) if swept >> i & 1)
        normal = front(points, corner, block, gone)
        if normal is None:
            raise AssertionError("a step of the search has a wrong sign: a fault of memlib")
        blocks.append(block)
        normals.append(normal)
    return Sweep(points, tuple(blocks), tuple(normals))


def has_front(points: Points, block: tuple[int, ...], swept: frozenset[int]) -> bool:
    """Decide whether some affine h is 0 on the block, negative on `swept`, positive elsewhere, without building it.

    By Motzkin's theorem of the alternative there is none iff some affine dependency, multiplied by these signs, is
    nonnegative and not 0; a dependency is a sum of circuits that agree with it in sign.
    """
    for circuit in circuits(points):
        signed = [-c if i in swept else c for i, c in circuit.items() if i not in block]
        if signed and (min(signed) > 0 or max(signed) < 0):
            return False
    return True


def fewest_blocks(points: Points) -> int:
    """Return the least number of blocks of a sweep of distinct points: in general position by `shortest_sweep`."""
    if every_subset_is_independent(points):
        return len(shortest_sweep(points).blocks)
    return fewest_blocks_by_exhaustion(points) or 0


def fewest_blocks_by_exhaustion(points: Points, first: int | None = None) -> int | None:
    """Return the least number of blocks of a sweep of at most ten points, by trying all blocks in all orders.

    first : the size that the first block must have, default any. None if there is no such sweep.
    """
    n, d = len(few(points)), len(points[0])
    blocks = [
        block
        for size in range(1, min(n, d + 1) + 1)
        for block in combinations(range(n), size)
        if affine_dependency([points[i] for i in block]) is None
    ]
    reached, count = {frozenset[int]()}, 0
    while reached:
        count += 1
        reached = {
            swept.union(block)
            for swept in reached
            for block in blocks
            if (count > 1 or first in (None, len(block)))
            and not swept.intersection(block)
            and has_front(points, block, swept)
        }
        if frozenset(range(n)) in reached:
            return count
    return None


# --- for data: a greedy walk ---


def greedy_sweep(points: Points, rng: Any = 0, tries: int = 8) -> Sweep:
    """Return a sweep of distinct integer points, for d > 1 in general position; each block the largest of some found.

    rng : seed or numpy Generator. tries : linear programs a block. Raises HypothesisError where general position fails,
    naming points, or where no front is found.
    """
    n, d = len(points), len(points[0])
    whole = at_once(points)
    if whole:
        return whole
    if d == 1:
        order = sorted(range(n), key=lambda i: points[i])
        return Sweep(points, tuple((i,) for i in order), tuple((1, points[i][0]) for i in order))
    start = facet(points, rng)
    blocks, normals = [start.group.members], [tuple(-c for c in (*start.u, start.b))]
    swept = frozenset(blocks[0])
    ahead = corners_ahead(points, rng, tries)
    while len(swept) < n:
        for corner in ahead(swept):
            block = tuple(i for i in corner if i not in swept)
            normal = front(points, corner, block, swept)
            if normal is not None:
                break
        else:
            raise HypothesisError(
                "general position",
                f"after {len(blocks)} blocks no front was found with exactly {d} of the {n} points on it",
                REMEDY,
            )
        blocks.append(block)
        normals.append(normal)
        swept = swept.union(block)
    return Sweep(points, tuple(blocks), tuple(normals))
