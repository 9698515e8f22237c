"""The main theorem: one neuron a block, its gate, and the whole network within explicit sizes.

Everything is integers; the network is built in `pipeline`, its neurons in `blocks`, its sizes in `sizes`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, pairwise, takewhile
from math import ceil
from typing import Any

from memlib import checker
from memlib.certificate import certificate
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.exact import dot, rank
from memlib.network import Network
from memlib.rajput.blocks import Block, Gated, block_of, block_weights, gated, norm_1
from memlib.rajput.lift import independent
from memlib.rajput.lift_floats import frequency
from memlib.rajput.main_floats import generator
from memlib.rajput.pipeline import Pipeline, attempt, theorem_network
from memlib.rajput.sizes import Sizes

Row = tuple[int, ...]
Rows = tuple[Row, ...]


def labels_are_bits(x: Any) -> Answer:
    for i, y in enumerate(x.labels):
        if y not in (0, 1):
            return Counterexample(f"point {i} has the label {y}")
    return True


def entries_are_signs(x: Any) -> Answer:
    for i, row in enumerate(x.rows):
        for k, v in enumerate(row):
            if v not in (1, -1):
                return Counterexample(f"entry {k} of vector {i} is {v}")
    return True


# --- rajput-block-exact ---


def rows_are_independent(block: Block) -> Answer:
    if independent(block.rows):
        return True
    found = rank(block.rows)
    return found == len(block.rows) or Counterexample(f"{len(block.rows)} vectors span {found} dimensions")


def solved_by_one_neuron(block: Block) -> Answer:
    """Some integer w on at most s coordinates has <w, v_i> = (2 y_i - 1) D, D >= 1, and |w|^2 4^(s-1) <= s^s.

    If the targets are outside the column space there is no w at all. If the matrix is square and w, D have no
    common factor, every other solution is a multiple of w: then w decides.
    """
    s, targets = len(block.rows), block.targets
    if rank([(*row, y) for row, y in zip(block.rows, targets, strict=True)]) > rank(block.rows):
        return Counterexample("no w fits all the labels: the augmented matrix has a larger rank")
    w, D = block_weights(block.rows, block.labels)
    if D < 1 or len(w) > s:
        return Counterexample(f"D is {D}, on {len(w)} coordinates")
    for i, (row, y) in enumerate(zip(block.rows, targets, strict=True)):
        if sum(c * row[k] for k, c in w.items()) != y * D:
            return Counterexample(f"<w, v_{i}> is not {y} D")
    largest = max(map(abs, w.values()))
    if largest**2 * 4 ** (s - 1) > s**s:
        return Counterexample(
            f"the largest |w_l| is {largest}, and its square times 4^{s - 1} exceeds {s}^{s}"
        )
    return True


block_exact = Claim(
    "rajput-block-exact",
    hypotheses={
        "the vectors are linearly independent": rows_are_independent,
        "their entries are 1 and -1": entries_are_signs,
        "labels in {0, 1}": labels_are_bits,
    },
    conclusion=solved_by_one_neuron,
)


# --- rajput-block-gate ---


def gates_of(net: Pipeline) -> list[Gated]:
    """Return the neurons of all blocks of a network."""
    starts = [0]
    for block in net.blocks[:-1]:
        starts.append(starts[-1] + len(block))
    return [gated(net.codes, net.labels, net.subsets, unit, starts) for unit in net.units]


def numbers_increase(x: Gated) -> Answer:
    for i, (a, b) in enumerate(pairwise(x.z)):
        if a >= b:
            return Counterexample(f"z is {a} at point {i} and {b} at the next")
    starts_increase = x.starts[0] == 0 and all(a < b for a, b in pairwise((*x.starts, len(x.z))))
    return starts_increase or Counterexample(f"the blocks start at {x.starts}")


def right_on_the_block(x: Gated) -> Answer:
    for i in x.block:
        value = dot(x.w, x.rows[i])
        if x.labels[i] not in (0, 1) or (2 * x.labels[i] - 1) * value < 1:
            return Counterexample(f"<w, v> is {value} at point {i}, with the label {x.labels[i]}")
    return True


def gate_is_heavy(x: Gated) -> Answer:
    size = sum(map(abs, x.w))
    return size <= x.M or Counterexample(f"M is {x.M}, and |w|_1 is {size}")


def silent_elsewhere(x: Gated) -> Answer:
    """The neuron returns the label on its block and 0 at all other points."""
    found, block = x.outputs(), x.block
    fires = [i for i, v in enumerate(found) if v and i not in block]
    if fires:
        others = len(found) - len(block)
        wrong = sum(1 - x.labels[i] for i in fires)
        return Counterexample(
            f"it fires at {len(fires)} of the {others} points of other blocks, {wrong} of them with label 0"
        )
    missed = [i for i in block if found[i] != x.labels[i]]
    return not missed or Counterexample(f"it returns {found[missed[0]]} at point {missed[0]} of its block")


block_gate = Claim(
    "rajput-block-gate",
    hypotheses={
        "z increases from point to point": numbers_increase,
        "<w, v> >= 1 on the block for label 1, <= -1 for 0": right_on_the_block,
        "the entries are 1 and -1": entries_are_signs,
        "M >= |w|_1": gate_is_heavy,
    },
    conclusion=silent_elsewhere,
)


# --- rajput-main-paper ---


@dataclass(frozen=True)
class Task:
    """Points X / radius, their labels, and their separation delta.

    trials : 0, or how often to draw one network, to see how often it is right; `seed` starts the draws.
    """

    points: Rows
    radius: int
    labels: Row
    delta: Fraction
    seed: int = 0
    trials: int = 0

    @cached_property
    def sizes(self) -> Sizes:
        return Sizes(len(self.points), len(self.points[0]), self.delta)

    @cached_property
    def built(self) -> Pipeline:
        return theorem_network(self.points, self.radius, self.labels, self.delta, self.seed)

    def network(self, found: Pipeline) -> Network:
        return Network(found.layers, "rajput-main-paper", (1,) * len(self.points[0]))


def points_in_ball(task: Task) -> Answer:
    for i, x in enumerate(task.points):
        if dot(x, x) > task.radius**2:
            return Counterexample(
                f"point {i} is outside the ball: its squared length is {dot(x, x)}/{task.radius}^2"
            )
    return True


def near(x: Row, z: Row, least: int) -> bool:
    return sum((a - b) ** 2 for a, b in zip(x, z, strict=True)) < least


def strip(order: Sequence[Row], k: int, least: int) -> Iterator[Row]:
    """Yield the points after the k-th of a sorted list that are close to it in the first coordinate."""
    return takewhile(lambda z: (z[0] - order[k][0]) ** 2 < least, islice(order, k + 1, None))


def points_are_separated(task: Task) -> Answer:
    if not 0 < task.delta <= 2:
        return Counterexample(f"delta is {task.delta}")
    least = ceil((task.delta * task.radius) ** 2)  # what is compared with it are integers
    order = sorted(task.points)
    if any(near(x, z, least) for k, x in enumerate(order) for z in strip(order, k, least)):
        pairs = combinations(enumerate(task.points), 2)
        i, j = next((i, j) for (i, x), (j, z) in pairs if near(x, z, least))
        return Counterexample(f"the points {i} and {j} are closer than {task.delta}")
    return True


def impossible(task: Task) -> Counterexample | None:
    """Return a proof that no network of the promised shape has these labels, if one of four is found."""
    m = task.sizes.m
    label_of: dict[Row, int] = {}
    if task.sizes.depth < 1:
        return Counterexample(f"a network with at most {task.sizes.depth} layers has no unit")
    if not labels_are_bits(task):
        return Counterexample(f"{labels_are_bits(task)}, and a threshold unit returns 0 or 1")
    for i, (x, y) in enumerate(zip(task.points, task.labels, strict=True)):
        if label_of.setdefault(x, y) != y:
            return Counterexample(f"no function fits: point {i} occurs before, with the other label")
    if len(task.points[0]) == 1:
        order = sorted(zip(task.points, task.labels, strict=True))
        changes = sum(a != b for (_, a), (_, b) in pairwise(order))
        if changes > m:
            return Counterexample(
                f"along the line the label changes {changes} times, and the {m} units of the first layer "
                f"change at most once each"
            )
    return None


def exceeds(task: Task, found: Pipeline) -> str:
    """Say which of the theorem's sizes a network exceeds, or nothing; all counts are taken from its layers."""
    net, sizes = task.network(found), task.sizes
    counts = {
        "units in the first layer": (net.widths[0], sizes.m),
        "neurons": (sum(net.widths), sizes.neurons),
        "weights": (net.nonzero_weights, sizes.weights),
        "layers": (len(net.layers), sizes.depth),
    }
    over = [f"{have} {what} instead of {bound}" for what, (have, bound) in counts.items() if have > bound]
    thresholds = all(layer.activation == "threshold" for layer in net.layers)
    return over[0] if over else "" if thresholds else "a unit is no threshold unit"


def refused(task: Task, found: Pipeline) -> str:
    """Give the network to the certificate checker, and return the reason if it rejects."""
    try:
        checker.verify(certificate(task.network(found), task.points, task.labels).document)
    except checker.Rejected as rejection:
        return str(rejection)
    return ""


def memorized_within_the_sizes(task: Task) -> Answer | Frequency:
    """Some network of the theorem's sizes memorizes: the checker accepts it. Or: one draw is right half of the time.

    Raises ValueError if none is found and none is proved impossible.
    """
    proof = impossible(task)
    if proof is not None:
        return proof
    if task.trials:
        return frequency(hits(task), task.trials, Fraction(1, 2))
    try:
        task.built  # noqa: B018
    except ArithmeticError as bad_luck:
        raise ValueError(f"{bad_luck}: whether another network exists is not decided") from bad_luck
    fault = exceeds(task, task.built) or refused(task, task.built)
    return not fault or Counterexample(fault)


def hits(task: Task) -> int:
    """Count the draws that give a network within the sizes which memorizes."""
    rng, sizes, good = generator(task.seed), task.sizes, 0
    for _ in range(task.trials):
        found = attempt(task.points, task.labels, range(len(task.points)), sizes, sizes.m, task.radius, rng)
        if found is not None and not exceeds(task, found):
            good += task.network(found).at_integers(task.points) == task.labels
    return good


main_paper = Claim(
    "rajput-main-paper",
    hypotheses={
        "the points lie in the unit ball": points_in_ball,
        "0 < delta <= 2, and the points are delta-separated": points_are_separated,
        "labels in {0, 1}": labels_are_bits,
    },
    conclusion=memorized_within_the_sizes,
)


def without_gates(found: Pipeline) -> tuple[Gated, ...]:
    """Return the neurons of all blocks with M = 0."""
    return tuple(Gated(g.z, g.rows, g.labels, g.starts, g.place, g.w, 0) for g in gates_of(found))


def or_of(neurons: Sequence[Gated]) -> list[int]:
    """Return the output of the network whose blocks have these neurons: the OR, point by point."""
    return [max(column) for column in zip(*(g.outputs() for g in neurons), strict=True)]


__all__ = ["Block", "Gated", "Task", "block_exact", "block_gate", "block_of", "main_paper", "norm_1"]
