"""Points of a line: every change of label costs a unit that reads the input, unless connections skip a layer.

Points and networks are integers; all layered networks on few points are decided by exhaustion. Exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from memlib.evidence import Answer, Counterexample
from memlib.exact import dot
from memlib.search import few, unit_patterns

Points = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Unit:
    """One unit of a network: weights of the input, weights of the units before it, bias, threshold or relu."""

    inputs: tuple[int, ...]
    earlier: tuple[int, ...]
    bias: int
    activation: str = "threshold"

    def value(self, x: Sequence[int], before: Sequence[int]) -> int:
        t = self.bias + dot(self.inputs, x) + sum(w * v for w, v in zip(self.earlier, before, strict=False))
        return max(t, 0) if self.activation == "relu" else int(t >= 0)


@dataclass(frozen=True)
class Line:
    """Points in order with labels; `wires`: one network that memorizes them, its last unit the output.

    Without wires the instance stands for all layered networks whose first layer are threshold units.
    """

    points: Points
    labels: tuple[int, ...]
    wires: tuple[Unit, ...] | None = None

    @property
    def changes(self) -> int:
        """How often the label changes from one point to the next."""
        return sum(a != b for a, b in pairwise(self.labels))

    @property
    def readers(self) -> list[Unit]:
        """The units of `wires` that read the input."""
        return [unit for unit in self.wires or () if any(unit.inputs)]

    def output(self, x: Sequence[int]) -> int:
        values: list[int] = []
        for unit in self.wires or ():
            values.append(unit.value(x, values))
        return values[-1]


def along_a_line(line: Line) -> Answer:
    first, *rest = line.points
    if not rest:
        return True
    v = [b - a for a, b in zip(first, rest[-1], strict=True)]
    steps = [[b - a for a, b in zip(x, z, strict=True)] for x, z in pairwise(line.points)]
    for i, step in enumerate(steps):
        if dot(step, step) * dot(v, v) != dot(step, v) ** 2 or dot(step, v) <= 0:
            return Counterexample(f"from point {i} to point {i + 1} it does not go along the line")
    return True


def no_skips(line: Line) -> Answer:
    for k, unit in enumerate(line.wires or ()):
        if any(unit.inputs) and any(unit.earlier):
            return Counterexample(f"unit {k} reads the input and other units")
    return True


def first_layer_of_thresholds(line: Line) -> Answer:
    for unit in line.readers:
        if unit.activation != "threshold":
            return Counterexample(f"a unit that reads the input is a {unit.activation}")
    return True


def fewest_units(points: Points, labels: Sequence[int]) -> int:
    """Return the least number of threshold units whose codes determine the labels, by exhaustion.

    Whatever comes after a layer sees its codes alone, and can compute any function of them. Equal points
    have equal labels.
    """
    patterns = unit_patterns(few(points))
    for k in range(len(patterns) + 1):
        for chosen in combinations(patterns, k):
            label_of: dict[tuple[int, ...], int] = {}
            found = zip(zip(*chosen, strict=True) if chosen else [()] * len(points), labels, strict=True)
            if all(label_of.setdefault(code, label) == label for code, label in found):
                return k
    raise ValueError("two equal points have different labels")


def as_many_as_changes(line: Line) -> Answer:
    """The least first layer has exactly one unit for each change of label; no network has fewer readers."""
    if line.wires is None:
        least = fewest_units(line.points, line.labels)
        if least == line.changes:
            return True
        return Counterexample(f"{least} units are enough for {line.changes} changes of label")
    wrong = [i for i, x in enumerate(line.points) if line.output(x) != line.labels[i]]
    if wrong:
        raise ValueError(f"the network fails at point {wrong[0]}: it says nothing about memorizing")
    count = len(line.readers)
    units = "unit reads" if count == 1 else "units read"
    return count >= line.changes or Counterexample(
        f"{count} {units} the input, for {line.changes} changes of label"
    )
