"""The next front of a sweep in floating point: corners proposed by linear programs, and what the weights cost."""

from collections.abc import Callable, Iterator
from math import log
from typing import Any

import numpy as np
from scipy.optimize import linprog

from memlib.bubeck.total_weight import neurons_of, total_weight
from memlib.network import Network

#: A point is taken to lie on the front if its height is below this part of the largest: HiGHS solves to about 1e-9.
TIGHT = 1e-7


def corners_ahead(points: Any, rng: Any, tries: int) -> Callable[[frozenset[int]], Iterator[tuple[int, ...]]]:
    """Return a function that proposes corners, d points each, for the front after the points `swept`.

    Each linear program minimizes a random positive combination of h at the points to come, among the affine h with
    h >= 0 there, h <= 0 at the swept points and mean -1 over them: its solution is a vertex, and d points lie on it.
    The one with most points to come is proposed first. Nothing is promised.
    """
    rng, columns = np.random.default_rng(rng), []
    for column in zip(*points, strict=True):  # an affine map to [0, 1], which takes fronts to fronts
        low, width = min(column), max(column) - min(column) or 1
        columns.append([(v - low) / width for v in column])
    rows = np.column_stack([*columns, [-1.0] * len(points)])
    d = len(columns)

    def ahead(swept: frozenset[int]) -> Iterator[tuple[int, ...]]:
        old = np.zeros(len(rows), dtype=bool)
        old[list(swept)] = True
        found: dict[tuple[int, ...], int] = {}
        for _ in range(tries):
            weights = rng.exponential(size=int((~old).sum())) ** 2
            solution = linprog(
                weights @ rows[~old], A_ub=np.where(old[:, None], rows, -rows), b_ub=np.zeros(len(rows)),
                A_eq=-rows[old].mean(axis=0)[None], b_eq=[1], bounds=(None, None), method="highs-ds",
            )  # fmt: skip
            if solution.status != 0:
                continue
            h = np.abs(rows @ solution.x)
            corner = np.flatnonzero(h < TIGHT * h.max())
            new = int((~old[corner]).sum())
            if len(corner) == d and new:
                found[tuple(int(i) for i in corner)] = new
            if new == min(d, int((~old).sum())):
                break
        yield from sorted(found, key=found.__getitem__, reverse=True)

    return ahead


def weight_digits(net: Network) -> float:
    """Return log10 of the total weight of a network with one layer of ReLUs; the weight itself may overflow."""
    return float(total_weight(neurons_of(net)).log()) / log(10)
