"""ReLU networks on a machine with p bits: how an error travels to the output, and when the nearest label is right."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import prod

from memlib.capacity.chip import Chip, Number, Points, gamma, is_p_bit, layer_of_sizes, rounded
from memlib.capacity.safety import answers, bits_by_unit, hidden_units_are
from memlib.evidence import Answer, Counterexample
from memlib.network import Network

# --- limits-float-relu ---


@dataclass(frozen=True)
class Task(Chip):
    """A chip whose network shall give these labels."""

    labels: tuple[Number, ...]

    @property
    def half_gap(self) -> Fraction | None:
        """Half the least distance between two different labels; None if there is one label alone."""
        values = sorted(set(self.labels))
        return min((Fraction(b - a, 2) for a, b in pairwise(values)), default=None)

    @cached_property
    def loads(self) -> list[list[int]]:
        """For every point B_0, ..., B_L: sums |w h| + |b| of each layer, carried to the output through the |w|."""
        layers = [layer_of_sizes(layer, bias=False) for layer in self.network.layers]
        starts = [[[abs(v) for v in x] for x in self.points], *(size for _, size, _ in self.sums)]
        result = []
        for l, h in enumerate(starts):
            for layer in layers[l:]:
                h = layer(h)
            result.append([row[0] for row in h])
        return [list(point) for point in zip(*result, strict=True)]

    @property
    def layer_roundings(self) -> list[int]:
        """m_l = k + 1 for every layer, k the largest count of nonzero numbers of a unit."""
        return [max(counts) + 1 for _, _, counts in self.sums]

    def at(self, p: int) -> "Task":
        """Return the same task with p bits, what is known about it included."""
        other = replace(self, p=p)
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k in ("inputs", "sums", "loads")})
        return other

    def bounds(self) -> list[Fraction]:
        """The theorem's bound for the error of the machine's answer, at every point."""
        p, m = self.p, self.layer_roundings
        inputs = 0 if all(is_p_bit(v, p) for x in self.points for v in x) else Fraction(1, 2**p)
        own = [inputs, *(gamma(k, p) for k in m)]
        share = [g * prod(1 + gamma(k, p) for k in m[l:]) for l, g in enumerate(own)]
        result = []
        for loads, (s,) in zip(self.loads, self.sums[-1][0], strict=True):
            error = sum(c * load for c, load in zip(share, loads, strict=True))
            result.append(
                Fraction(error * (1 + gamma(2, p)) + gamma(2, p) * abs(s), self.network.output_scale)
            )
        return result

    def bits_by_point(self) -> list[int]:
        """The least p with a bound below half the gap, for every point; bounds fall as p grows."""
        p, result, gap = max(2, *self.layer_roundings).bit_length(), [0] * len(self.points), self.half_gap
        while not all(result):
            for i, bound in enumerate(self.at(p).bounds()):
                if not result[i] and (gap is None or bound < gap):
                    result[i] = p
            p += 1
        return result


def short(t: Number | None) -> str:
    """Write a fraction with few digits, or the power of two just below it."""
    if t is None or t.denominator < 10**4:
        return str(t)
    e = abs(t.numerator).bit_length() - t.denominator.bit_length()
    e -= abs(t) < Fraction(2) ** e
    return f"{'' if t > 0 else '-'}2^{e} or a little more"


def hidden_relus(task: Task) -> Answer:
    answer = hidden_units_are(task, "relu")
    if answer and task.network.layers[-1].activation != "identity":
        return Counterexample("the output unit is not linear")
    return answer


def memorizes(task: Task) -> Answer:
    exact = task.network.at_integers(task.points)
    wrong = [i for i, (v, y) in enumerate(zip(exact, task.labels, strict=True)) if v != y]
    return not wrong or Counterexample(f"the exact output is {exact[wrong[0]]} at point {wrong[0]}")


def few_roundings_a_layer(task: Task) -> Answer:
    m = max(2, *task.layer_roundings)
    return m < 2**task.p or Counterexample(f"m mu is {Fraction(m, 2**task.p)}")


def bound_below_half_gap(task: Task) -> Answer:
    if max(2, *task.layer_roundings) == 2**task.p or 2**task.p in (2, *task.layer_roundings):
        return Counterexample("the bound divides by 0")
    worst, gap = max(task.bounds()), task.half_gap
    return gap is None or worst < gap or Counterexample(f"the bound is {short(worst)}, half the gap {gap}")


def machine_answers(task: Task) -> list[set]:
    """The last sum, divided by the rounded output scale and rounded, in all runs."""
    q = rounded(task.network.output_scale, task.p)
    sums = answers(task)
    return [{rounded(Fraction(v) * Fraction(1, q), task.p) for v in values} for values in sums]


def nearest_labels_are_right(task: Task) -> Answer:
    """Every answer is within its bound, and the label nearest to it is the right one."""
    bounds = [None] * len(task.points) if 2**task.p in (2, *task.layer_roundings) else task.bounds()
    for i, (values, y, bound) in enumerate(zip(machine_answers(task), task.labels, bounds, strict=True)):
        for v in sorted(values):
            if bound is None or abs(v - y) > bound:
                return Counterexample(
                    f"the machine says {short(v)} at point {i} for {y}, and the bound is {short(bound)}"
                )
            if any(abs(v - z) <= abs(v - y) for z in task.labels if z != y):
                return Counterexample(f"the machine says {short(v)} at point {i}, and the label is {y}")
    return True


def bits_that_suffice(network: Network, points: Points, labels: tuple) -> list[int]:
    """Return the proved number of bits: of every unit (threshold networks) or at every point (ReLU networks)."""
    task = Task(network, points, 1, labels)
    if network.layers[0].activation == "relu":
        return task.bits_by_point()
    return [p for layer in bits_by_unit(task) for p in layer]
