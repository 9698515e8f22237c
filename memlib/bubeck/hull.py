"""Facets of the convex hull of integer points, found in floats and verified in integers.

Floats only propose; every sign is decided exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from memlib.bubeck.baum import Group, Points
from memlib.exact import affine_dependency, kernel, lifted, primitive, rank, values
from memlib.points import HypothesisError, names

Normal = tuple[int, ...]
REMEDY = "Project to fewer dimensions: memorize(..., project_to=e)."


@dataclass(frozen=True)
class Facet:
    """A group and s = u.x - b with s = 0 on it and s < 0 at the other points it was peeled from."""

    group: Group
    u: tuple[int, ...]
    b: int

    @cached_property
    def offsets(self) -> list[int]:
        """s = u.x - b for every point."""
        return [s for (s,) in values(self.group.points, [(*self.u, self.b)])]


def turned_in_floats(rows: Any, rng: Any) -> tuple[int, ...]:
    """Propose d points on a facet of the hull of n points, rows (x, -1): gift wrapping in floating point.

    Starts from the hyperplane at infinity, where s = -1 at every point, and turns it d times: each time in a
    random direction that keeps s = 0 at the points found so far, until s reaches 0 at one more.
    """
    import numpy as np

    v = np.append(np.zeros(rows.shape[1] - 1), 1.0)
    tight: list[int] = []
    while len(tight) < len(v) - 1:
        fixed, _ = np.linalg.qr(np.vstack([rows[tight], v]).T)
        w = rng.standard_normal(len(v))
        for _ in range(2):  # once loses digits where w lies almost in the span
            w = w - fixed @ (fixed.T @ w)
        turn, s = rows @ w, np.minimum(rows @ v, 0.0)
        turn[tight] = 0.0
        if turn.max() <= 0:
            w, turn = -w, -turn
        steps = np.full(len(turn), np.inf)
        np.divide(-s, turn, out=steps, where=turn > 0)
        new = int(np.argmin(steps))
        if not np.isfinite(steps[new]):
            break
        v = v + steps[new] * w
        v = v / np.linalg.norm(v)
        tight.append(new)
    return tuple(sorted(tight))


#: Directions tried in floats before the slow exact gift wrapping.
DIRECTIONS = 5


def facets_in_floats(points: Points, rng: Any) -> Iterator[tuple[int, ...]]:
    """Yield the points of probable facets, found in floats in a few directions. Nothing is promised."""
    import numpy as np

    rng, columns = np.random.default_rng(rng), []
    for column in zip(*points, strict=True):  # an affine map to [0, 1], which takes facets to facets
        low, width = min(column), max(column) - min(column) or 1
        columns.append([(v - low) / width for v in column])
    rows = np.column_stack([*columns, [-1.0] * len(points)])
    for _ in range(DIRECTIONS):
        members = turned_in_floats(rows, rng)
        if len(members) == len(columns):
            yield members


def wrapped(points: Points) -> Normal:
    """Return v = (u, b) with s = u.x - b <= 0 at all points and as many zeros as a facet has: exact gift wrapping.

    The same turns as in floats, with the first direction of the kernel in place of a random one. If all the
    points lie on one hyperplane, that one is returned.
    """
    axes = [tuple(int(i == k) for i in range(len(points[0]) + 1)) for k in range(len(points[0]) + 1)]
    v: Normal = axes[-1]  # the hyperplane at infinity: s = -1 everywhere
    while True:
        s = [a for (a,) in values(points, [v])]
        tight = [x for x, a in zip(points, s, strict=True) if a == 0]
        others = [w for w in (kernel(lifted(tight)) if tight else axes) if rank([v, w]) == 2]
        if not others:
            return v
        w = others[0]
        turn = [a for (a,) in values(points, [w])]
        if not any(turn):
            return w
        if max(turn) <= 0:
            w, turn = tuple(-c for c in w), [-a for a in turn]
        first = min((j for j, t in enumerate(turn) if t > 0), key=lambda j: Fraction(-s[j], turn[j]))
        v = primitive([turn[first] * a - s[first] * c for a, c in zip(v, w, strict=True)])


def normal_through(points: Points, members: tuple[int, ...]) -> Normal:
    """Return (u, b) of the only hyperplane through the members; raises HypothesisError if they are dependent."""
    rows = [points[i] for i in members]
    normals = kernel(lifted(rows))
    if len(normals) > 1:
        dependent = [members[k] for k in affine_dependency(rows) or range(len(members))]
        raise HypothesisError("general position", f"{names(dependent)} are affinely dependent", REMEDY)
    return normals[0]


def supported(points: Points, v: Normal) -> Facet | None:
    """Return the facet on the hyperplane v = (u, b), or None if it has points strictly on both sides.

    Raises HypothesisError, naming the points, if it contains more than d of them.
    """
    s, d = [a for (a,) in values(points, [v])], len(points[0])
    if max(s) > 0:
        v, s = tuple(-c for c in v), [-a for a in s]
    if max(s) > 0:
        return None
    on = tuple(j for j, a in enumerate(s) if a == 0)
    if len(on) > d:
        raise HypothesisError(
            "general position",
            f"a supporting hyperplane contains {len(on)} points in dimension {d}, {names(on)}",
            REMEDY,
        )
    return Facet(Group(points, on), v[:-1], v[-1])


def facet(points: Points, rng: Any = 0) -> Facet:
    """Return a facet of the hull: exactly d points with s = 0, all others with s < 0; all points if n <= d.

    rng : seed or numpy Generator, for the directions in which floats look for it. The hyperplane is then
    computed from the d indices, and all signs are verified, in integers. Implements bubeck-facet-peel.
    Raises HypothesisError, naming the points, where what was found breaks general position.
    """
    n, d = len(points), len(points[0])
    if n <= d:
        return Facet(Group(points, tuple(range(n))), (0,) * d, 0)
    refusal = None
    for members in facets_in_floats(points, rng) if d > 1 else ():
        try:
            found = supported(points, normal_through(points, members))
        except HypothesisError as error:  # another direction may find a facet without a fault
            found, refusal = None, error
        if found:
            return found
    if refusal:
        raise refusal
    found = supported(points, wrapped(points))
    if not found:
        raise AssertionError("gift wrapping ended at a hyperplane that supports nothing: a fault of memlib")
    return found


def peel(points: Points, rng: Any = 0) -> tuple[Facet, ...]:
    """Return the peeling order: a facet of all the points, a facet of the points left over, and so on.

    The last group, of at most d points, has s = 0 everywhere.
    """
    left, steps = list(range(len(points))), list[Facet]()
    while left:
        try:
            found = facet(tuple(points[i] for i in left), rng)
        except HypothesisError as error:
            here = f"after {len(steps)} facets, among the {len(left)} points left, {error.witness}"
            raise HypothesisError(error.hypothesis, here if steps else error.witness, error.remedy) from error
        members = tuple(left[k] for k in found.group.members)
        steps.append(Facet(Group(points, members), found.u, found.b))
        left = [i for i in left if i not in set(members)]
    return tuple(steps)
