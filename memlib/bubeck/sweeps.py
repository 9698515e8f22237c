"""One ReLU a block: a front sweeps over the points, and every neuron overshoots at all points that are still to come.

Points are tuples of Python ints, labels ints or Fractions; everything is exact. Sweeps are found in `sweep_search`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

from memlib.bubeck import relu
from memlib.bubeck.baum import Points
from memlib.bubeck.relu import obstacle, power_of_two_below, shortened
from memlib.bubeck.sweep_search import Sweep, greedy_sweep
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import affine_dependency, affine_fit, dot, values
from memlib.network import Layer, Network
from memlib.points import names
from memlib.search import separable

# --- bubeck-def-sweep ---


def blocks_partition_the_points(sweep: Sweep) -> Answer:
    listed = [i for block in sweep.blocks for i in block]
    lost = sorted(set(range(len(sweep.points))) - set(listed))
    if lost:
        return Counterexample(f"{names(lost)} {'is' if len(lost) == 1 else 'are'} in no block")
    twice = sorted({i for i in listed if listed.count(i) > 1})
    return not twice or Counterexample(f"{names(twice)} occur twice")


def blocks_are_independent(sweep: Sweep) -> Answer:
    for block in sweep.blocks:
        dependent = affine_dependency([sweep.points[i] for i in block])
        if dependent is not None:
            return Counterexample(f"{names([block[i] for i in dependent])} are affinely dependent")
    return True


def front_has_the_right_signs(sweep: Sweep) -> Answer:
    """h_g is 0 on block g, negative on the earlier blocks and positive on the later ones."""
    for g, h in enumerate(sweep.heights):
        for k, block in enumerate(sweep.blocks):
            for i in block:
                if (h[i] > 0) - (h[i] < 0) != (k > g) - (k < g):
                    where = "its own block" if k == g else "an earlier block" if k < g else "a later block"
                    return Counterexample(f"h_{g + 1} is {h[i]} at point {i} of {where}")
    return True


PARTS = {
    "the blocks partition the points": blocks_partition_the_points,
    "each block is affinely independent": blocks_are_independent,
    "h_g is 0 on its block, negative before, positive after": front_has_the_right_signs,
}


def is_a_sweep(sweep: Sweep) -> Answer:
    answers = (part(sweep) for part in PARTS.values())
    return next((answer for answer in answers if not answer), True)


definition = Claim("bubeck-def-sweep", conclusion=is_a_sweep)


# --- bubeck-sweep ---


@dataclass(frozen=True)
class Problem:
    """A sweep with a label for every point."""

    sweep: Sweep
    labels: tuple[int | Fraction, ...]

    @property
    def points(self) -> Points:
        return self.sweep.points

    @property
    def needs_loader(self) -> bool:
        """Whether the labels of the first block have both signs."""
        first = [self.labels[i] for i in self.sweep.blocks[0]]
        return min(first) < 0 < max(first)

    @property
    def allowed(self) -> int:
        """The theorem's number of ReLUs: one a block, and the loader where it is needed."""
        return len(self.sweep.blocks) + self.needs_loader


@dataclass(frozen=True)
class Limited(relu.Problem):
    """Points with labels, and the number of ReLUs that are allowed."""

    most: int

    @property
    def allowed(self) -> int:
        return self.most


@dataclass(frozen=True)
class Unit:
    """x -> sign * psi(w.x + b) / over, in integers; sign is 1 or -1."""

    sign: int
    w: tuple[int, ...]
    b: int
    over: int

    def __call__(self, x: tuple[int, ...]) -> Fraction:
        return Fraction(self.sign * max(dot(self.w, x) + self.b, 0), self.over)


def least_slope(h: list[int], l: list[Fraction], claim: list[Fraction]) -> Fraction:
    """Return a C with C h + l <= 0 where h < 0, and C h + l > max(0, claim) where h > 0: a power of two, or 0.

    claim is sign * residual. All C above the bound will do; the least power of two keeps the overshoot small.
    """
    bounds = []
    for a, b, r in zip(h, l, claim, strict=True):
        if a:
            bounds.append(Fraction(b - max(Fraction(0), r) if a > 0 else b) / Fraction(-a))
    bound = max(bounds, default=Fraction(-1))
    if bound < 0:
        return Fraction(0)
    return 2 * power_of_two_below(bound) if bound else Fraction(1)


def block_unit(sweep: Sweep, g: int, residuals: list[Fraction], sign: int) -> Unit:
    """Return the ReLU of block g: sign * psi(C h + l), with l = sign * residual on the block."""
    block, h = sweep.blocks[g], sweep.heights[g]
    claim = [sign * r for r in residuals]
    fit = affine_fit([sweep.points[i] for i in block], [claim[i] for i in block])
    if any(sweep.normals[g]):
        most = max((abs(r) for r in claim if r), default=Fraction(1))
        fit = shortened(fit, sweep.normals[g], Fraction(max(map(abs, h))) / most)
    v, c, q = fit
    l = [Fraction(t, q) for (t,) in values(sweep.points, [(*v, c)])]
    C = least_slope(h, l, claim)
    over = lcm(q, C.denominator)
    *w, b = (int(C * over) * s + over // q * t for s, t in zip(sweep.normals[g], (*v, c), strict=True))
    return Unit(sign, tuple(w), -b, over)


def units_of(problem: Problem) -> tuple[Unit, ...]:
    """Return the ReLUs of the proof: the loader where it is needed, then one for every block."""
    sweep, d = problem.sweep, len(problem.points[0])
    residuals = [Fraction(y) for y in problem.labels]
    first = [residuals[i] for i in sweep.blocks[0]]
    units = []
    sign = 1 if min(first) >= 0 else -1
    if problem.needs_loader:
        top = max(first)
        units.append(Unit(1, (0,) * d, top.numerator, top.denominator))
        residuals = [r - top for r in residuals]
    for g in range(len(sweep.blocks)):
        units.append(block_unit(sweep, g, residuals, sign))
        residuals = [r - units[-1](x) for r, x in zip(residuals, sweep.points, strict=True)]
        sign = -sign
    return tuple(units)


def network_of(problem: Problem, scale: tuple[int, ...] | None = None) -> Network:
    """Return the ReLUs as one hidden layer with a linear output without bias."""
    units = units_of(problem)
    common = lcm(*(unit.over for unit in units))
    hidden = Layer(tuple(unit.w for unit in units), tuple(unit.b for unit in units), "relu")
    out = tuple(unit.sign * (common // unit.over) for unit in units)
    scale = scale or (1,) * len(problem.points[0])
    return Network((hidden, Layer((out,), (0,), "identity")), theorem.id, scale, output_scale=common)


def sweep_network(
    points: Points, labels: tuple, scale: tuple[int, ...] | None = None, rng: Any = 0, tries: int = 8
) -> Network:
    """Return one ReLU for every block of a sweep, and at most one more, with f(x_i) = y_i, verified.

    points : distinct integer points; for d > 1 in general position. labels : ints or Fractions. scale : the grid of
    the points, default 1. rng : seed or numpy Generator, tries : linear programs a block, both for the search of a
    short sweep; the theorem says nothing about how short it is. Raises HypothesisError as `greedy_sweep` does.
    Implements bubeck-sweep. Source: ours.
    """
    problem = Problem(greedy_sweep(points, rng, tries), labels)
    return network_of(problem, scale).verified(points, labels)


def fault_of(net: Network, problem: Problem) -> str | None:
    """Return in words how the network falls short of the theorem, or None."""
    hidden, last = net.layers
    if (hidden.activation, last.activation, last.biases) != ("relu", "identity", (0,)):
        return "the network is not one layer of ReLUs with a linear output without bias"
    if net.hidden_neurons > problem.allowed:
        return f"the network has {net.hidden_neurons} ReLUs, not {problem.allowed}"
    out = [w for _, _, w in last.entries]
    if len(out) != net.hidden_neurons or any(a * b > 0 for a, b in pairwise(out)):
        return "the output weights do not alternate in sign"
    found = zip(net.at_integers(problem.points), problem.labels, strict=True)
    return next((f"it is {v} at point {j}, not {t}" for j, (v, t) in enumerate(found) if v != t), None)


def memorized_with_one_unit_a_block(problem: Problem) -> Answer:
    """ReLUs of the theorem's number memorize the labels.

    Where the construction fails outside the hypotheses, an obstacle to all networks of that size must be found.
    """
    if is_a_sweep(problem.sweep):
        failure = fault_of(network_of(problem), problem)
        return failure is None or Counterexample(failure)
    reason = obstacle(Limited(problem.points, problem.labels, problem.allowed))
    if reason is None:
        raise ValueError("no sweep; whether another network exists cannot be decided here")
    return Counterexample(reason)


def of_the_sweep(part: Callable[[Sweep], Answer]) -> Callable[[Problem], Answer]:
    return lambda problem: part(problem.sweep)


theorem = Claim(
    "bubeck-sweep",
    hypotheses={name: of_the_sweep(part) for name, part in PARTS.items()},
    conclusion=memorized_with_one_unit_a_block,
)


def one_unit_a_block_without_loader(problem: Problem) -> Answer:
    """The wrong version: G ReLUs always suffice. Refuted for G = 2 if no line tells the signs of the labels apart.

    Two ReLUs of one sign give labels of one sign; psi(A) - psi(B) is positive only where A > B, and negative only
    where A < B.
    """
    signs = tuple(int(y > 0) for y in problem.labels)
    two = len(problem.sweep.blocks) == 2 and all(problem.labels) and len(set(signs)) == 2
    if two and not separable(problem.points, signs):
        return Counterexample(f"two ReLUs cannot have the signs {signs}: no affine function has them")
    raise ValueError("not decided")
