"""The perceptron's corrections, counted: for one order of visits, and for the worst of all orders.

Points, weights and labels are Python ints; everything is exact.
"""

from dataclasses import dataclass
from fractions import Fraction

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Task:
    """Points v_i with labels +1 or -1, a weight vector w* that separates them, and the square of a radius R.

    w* : ints or Fractions.
    """

    points: tuple[Vector, ...]
    labels: tuple[int, ...]
    separator: tuple[int | Fraction, ...]
    radius_squared: int

    @property
    def allowed(self) -> int | Fraction:
        """R^2 |w*|^2."""
        return self.radius_squared * sum(c * c for c in self.separator)


def corrected(task: Task, w: Vector, i: int) -> Vector:
    """Return w + y_i v_i."""
    return tuple(a + task.labels[i] * c for a, c in zip(w, task.points[i], strict=True))


def mistakes(task: Task, w: Vector) -> list[int]:
    """List the points with y_i w.v_i <= 0."""
    return [i for i, v in enumerate(task.points) if task.labels[i] * dot(w, v) <= 0]


def path(task: Task, most: int) -> tuple[Vector, ...]:
    """Return all weight vectors of a run that visits the points cyclically; at most `most` corrections."""
    n, w, i, quiet = len(task.points), (0,) * len(task.points[0]), 0, 0
    run = [w]
    while quiet < n and len(run) <= most:
        if task.labels[i] * dot(w, task.points[i]) <= 0:
            w, quiet = corrected(task, w, i), 0
            run.append(w)
        else:
            quiet += 1
        i = (i + 1) % n
    return tuple(run)


def longest_run(task: Task, most: int) -> int:
    """Return the largest number of corrections over all orders, or `most` if some order needs that many.

    Level k holds every weight vector that some order reaches after k corrections.
    """
    level, k = {(0,) * len(task.points[0])}, 0
    while k < most:
        level = {corrected(task, w, i) for w in level for i in mistakes(task, w)}
        if not level:
            return k
        k += 1
    return most


def labels_are_signs(task: Task) -> Answer:
    foreign = [y for y in task.labels if y not in (1, -1)]
    return not foreign or Counterexample(f"a label is {foreign[0]}")


def separator_has_margin_one(task: Task) -> Answer:
    for i, (v, y) in enumerate(zip(task.points, task.labels, strict=True)):
        margin = y * sum(a * c for a, c in zip(task.separator, v, strict=True))
        if margin < 1:
            return Counterexample(f"y w*.v is {margin} at point {i}")
    return True


def points_are_in_the_ball(task: Task) -> Answer:
    for i, v in enumerate(task.points):
        if dot(v, v) > task.radius_squared:
            return Counterexample(f"|v|^2 is {dot(v, v)} at point {i}")
    return True


def cyclic_run_is_short(task: Task) -> Answer:
    """The cyclic run ends after at most R^2 |w*|^2 corrections, and separates."""
    run = path(task, most=int(task.allowed) + 1)
    if len(run) - 1 > task.allowed:
        return Counterexample(f"the run makes more than {task.allowed} corrections")
    wrong = mistakes(task, run[-1])
    return not wrong or Counterexample(f"the run stops with point {wrong[0]} on the wrong side")


def every_run_is_short(task: Task) -> Answer:
    """Every order of visits makes at most R^2 |w*|^2 corrections: all of them, if the task is small."""
    if len(task.points) > 6 or task.allowed > 40:
        return cyclic_run_is_short(task)
    longest = longest_run(task, most=int(task.allowed) + 1)
    if longest > task.allowed:
        return Counterexample(f"some order makes more than {task.allowed} corrections")
    return cyclic_run_is_short(task)


novikoff = Claim(
    "background-novikoff",
    hypotheses={
        "the labels are 1 or -1": labels_are_signs,
        "y_i w*.v_i >= 1": separator_has_margin_one,
        "|v_i| <= R": points_are_in_the_ball,
    },
    conclusion=every_run_is_short,
)


def half_as_many(task: Task) -> Answer:
    """A wrong version: at most half of R^2 |w*|^2 corrections."""
    longest = longest_run(task, most=int(task.allowed) + 1)
    return 2 * longest <= task.allowed or Counterexample(f"some order makes {longest} of {task.allowed}")
