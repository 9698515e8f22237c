"""General position: what it costs to do without it, and how to get around it by an integer projection."""

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import affine_dependency, dot, matrix
from memlib.network import Network
from memlib.points import names
from memlib.search import fewest_bends, memorized_by

Points = tuple[tuple, ...]


@dataclass(frozen=True)
class Problem:
    """Points in the order of a list, with labels."""

    points: Points
    labels: tuple


# --- bubeck-gp-needed and bubeck-gp-needed-relu ---


def along_a_line(problem: Problem) -> Answer:
    """The points lie on one line, in the order of the list."""
    if len(problem.points) < 2:
        return Counterexample("there are fewer than two points")
    first, second, *rest = problem.points
    step = [b - a for a, b in zip(first, second, strict=True)]
    k = next((k for k, c in enumerate(step) if c), None)
    if k is None:
        return Counterexample("points 0 and 1 are equal")
    before = second
    for i, x in enumerate(rest, start=2):
        if affine_dependency([first, second, x]) is None:
            return Counterexample(f"points 0, 1 and {i} are not on one line")
        if (x[k] - before[k]) * step[k] <= 0:
            return Counterexample(f"point {i} does not come after point {i - 1}")
        before = x
    return True


def labels_alternate(problem: Problem) -> Answer:
    for i, (a, b) in enumerate(zip(problem.labels, problem.labels[1:], strict=False)):
        if {a, b} != {0, 1}:
            return Counterexample(f"points {i} and {i + 1} have the labels {a} and {b}")
    return True


def no_threshold_network_below_n_minus_1(problem: Problem) -> Answer:
    """No n - 2 threshold units memorize, whatever the output weights, decided by trying all their patterns."""
    most = len(problem.points) - 2
    if memorized_by(problem.points, problem.labels, most) is None:
        return True
    found = next(
        p for k in range(most + 1) if (p := memorized_by(problem.points, problem.labels, k)) is not None
    )
    on = "; ".join(names([i for i, v in enumerate(pattern) if v]) for pattern in found)
    return Counterexample(f"{len(found)} units suffice, which fire on {on}")


def every_coordinate_needs_n_minus_2_bends(problem: Problem) -> Answer:
    """No piecewise linear function of one coordinate takes the labels with fewer than n - 2 bends.

    Coordinates that are constant, or equal at two points of different labels, are no function's argument here.
    """
    need = len(problem.points) - 2
    for k, column in enumerate(zip(*problem.points, strict=True)):
        values: dict = {}
        if all(values.setdefault(t, v) == v for t, v in zip(column, problem.labels, strict=True)):
            t = sorted(values)
            bends = fewest_bends(t, [values[s] for s in t])
            if bends < need:
                return Counterexample(f"a function of coordinate {k} alone needs {bends} bends, not {need}")
    return True


gp_needed = Claim(
    "bubeck-gp-needed",
    hypotheses={
        "the points lie on a line, in order": along_a_line,
        "the labels alternate": labels_alternate,
    },
    conclusion=no_threshold_network_below_n_minus_1,
)

gp_needed_relu = Claim(
    "bubeck-gp-needed-relu",
    hypotheses={
        "the points lie on a line, in order": along_a_line,
        "the labels alternate": labels_alternate,
    },
    conclusion=every_coordinate_needs_n_minus_2_bends,
)


# --- bubeck-gp-projection ---


def random_projection(d: int, e: int, rng: Any) -> Points:
    """Return an e x d matrix of independent entries -1, 0, 1: small, so that the weights stay short."""
    import numpy as np

    return tuple(tuple(int(v) for v in row) for row in np.random.default_rng(rng).integers(-1, 2, (e, d)))


def product_of(weights: Points, P: Points) -> Points:
    """Return the matrix product W P, for Python ints (by FLINT) or sympy symbols."""
    kinds = set(map(type, chain.from_iterable((*weights, *P))))
    if not any(hasattr(kind, "free_symbols") for kind in kinds):
        flat, width = list(map(int, (matrix(weights) * matrix(P)).entries())), len(P[0])
        return tuple(tuple(flat[k : k + width]) for k in range(0, len(flat), width))
    columns = tuple(zip(*P, strict=True))
    return tuple(tuple(dot(row, column) for column in columns) for row in weights)


def projected(P: Points, points: Points) -> Points:
    """Return the points P x."""
    return product_of(points, tuple(zip(*P, strict=True)))


@dataclass(frozen=True)
class FormalNetwork:
    """A two-layer network in symbols: sum of a_k phi(w_k.x + b_k) with an undefined function phi."""

    weights: Points
    biases: tuple
    outputs: tuple

    @property
    def widths(self) -> tuple[int, ...]:
        return len(self.outputs), 1

    def at_integers(self, points: Points) -> tuple:
        from sympy import Function

        phi = Function("phi")
        return tuple(
            sum(
                a * phi(dot(w, x) + b)
                for w, b, a in zip(self.weights, self.biases, self.outputs, strict=True)
            )
            for x in points
        )


def pull_back(net: Any, P: Points, scale: tuple[int, ...]) -> Any:
    """Return the network x -> net(P x): the first weights W become W P, nothing else changes.

    scale : the grid of the points x; `net` must live on the integers P x.
    """
    if isinstance(net, FormalNetwork):
        return replace(net, weights=product_of(net.weights, P))
    first, *rest = net.layers
    first = replace(first, weights=product_of(first.weights, P))
    return Network((first, *rest), net.theorem, scale, net.output_scale)


@dataclass(frozen=True)
class Pullback:
    """A network F on R^e, a matrix P and points of R^d with labels."""

    net: Network | FormalNetwork
    P: Points
    points: Points
    labels: tuple


def _memorizes(net: Network | FormalNetwork, points: Points, labels: tuple, what: str) -> Answer:
    for j, (v, label) in enumerate(zip(net.at_integers(points), labels, strict=True)):
        if not equal(v, label):
            return Counterexample(f"{what} is {v} at point {j}, not {label}")
    return True


def memorizes_the_projections(pullback: Pullback) -> Answer:
    return _memorizes(pullback.net, projected(pullback.P, pullback.points), pullback.labels, "F")


def pullback_memorizes(pullback: Pullback) -> Answer:
    """x -> F(P x) gives the labels at the points themselves, with the same widths."""
    whole = pull_back(pullback.net, pullback.P, (1,) * len(pullback.P[0]))
    if whole.widths != pullback.net.widths:
        return Counterexample(f"the widths change from {pullback.net.widths} to {whole.widths}")
    return _memorizes(whole, pullback.points, pullback.labels, "the pulled back network")


gp_projection = Claim(
    "bubeck-gp-projection",
    hypotheses={"F memorizes the projected points": memorizes_the_projections},
    conclusion=pullback_memorizes,
)
