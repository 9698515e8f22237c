"""The log-free theorem on one instance: its hypotheses, its network, and the count of everything it promises. Exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from memlib import checker
from memlib.certificate import certificate
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.layer import Layer
from memlib.network import Network
from memlib.points import merge
from memlib.rajput.lift_floats import frequency
from memlib.rajput.main import impossible
from memlib.rajput.main_floats import generator
from memlib.rajput.random_parities import ball
from memlib.rajput.telescope_network import Found, attempt
from memlib.rajput.telescope_sizes import Sizes, least_length, least_parities, parities_asked
from memlib.rajput.telescoping import even_size, largest_weight
from memlib.rajput.two_points import shown

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Task:
    """Points X / radius, their labels, the separation delta of different labels, and r parities of k hyperplanes.

    eta : the chance with which the parities may fail, and that of the rounding. trials : 0, or how often to draw one
    network, to see how often it is right; `seed` starts the draws. biased : whether the hyperplanes have biases.
    """

    points: Rows
    radius: int
    labels: tuple[int, ...]
    delta: Fraction
    eta: Fraction
    k: int
    r: int
    seed: int = 0
    trials: int = 0
    biased: bool = True

    @classmethod
    def of(
        cls, points: Rows, radius: int, labels: Sequence[int], delta: Fraction, eta: Fraction, **more: Any
    ) -> "Task":
        """Return the task with k = 2^ceil(log2(pi/delta)) and the least r for kappa_k."""
        k = least_length(delta)
        return cls(
            points, radius, tuple(labels), delta, eta, k, least_parities(len(points), eta, k, delta), **more
        )

    @property
    def sizes(self) -> Sizes:
        return Sizes(len(self.points), len(self.points[0]), self.k, self.r)

    def draw(self, rng: Any) -> Found | None:
        bits = self.sizes.bits(self.eta)
        return attempt(self.points, self.labels, self.radius, self.k, self.r, rng, bits, self.biased)

    @cached_property
    def built(self) -> Found:
        """The first draw that is right. Raises ValueError after 60 failures."""
        rng = generator(self.seed)
        for _ in range(60):
            found = self.draw(rng)
            if found is not None:
                return found
        raise ValueError("60 draws failed: whether another network exists is not decided")

    def network(self, layers: tuple[Layer, ...]) -> Network:
        return Network(layers, "rajput-main-telescope", (1,) * len(self.points[0]))


def different_labels_are_separated(task: Task) -> Answer:
    if not 0 < task.delta <= 2:
        return Counterexample(f"delta is {task.delta}")
    least = (task.delta * task.radius) ** 2
    zeros = [(j, z) for j, z in enumerate(task.points) if task.labels[j] == 0]
    for i, x in enumerate(task.points):
        for j, z in zeros if task.labels[i] else ():
            if sum((a - b) ** 2 for a, b in zip(x, z, strict=True)) < least:
                return Counterexample(f"the points {i} and {j} are closer than {task.delta}")
    return True


def parities_suffice(task: Task) -> Answer:
    """k = 2^t >= 2, 0 < eta < 1, r >= 1 and r >= ln(n (n - 1) / (2 eta)) / kappa_k, with kappa_k for delta."""
    n, k = len(task.points), task.k
    if k < 2 or k & (k - 1) or task.r < 1 or not 0 < task.eta < 1 or not 0 < task.delta <= 2:
        return Counterexample(f"k is {k}, r is {task.r}, eta is {task.eta}, delta is {task.delta}")
    if n == 1:
        return True
    asked = parities_asked(n, task.eta, k, task.delta)
    return bool(ball(task.r) >= asked) or Counterexample(f"r is {task.r}, less than {shown(asked)}")


def biases_like_weights(task: Task) -> Answer:
    return task.biased or Counterexample("all hyperplanes pass through the origin")


def exceeds(task: Task, layers: tuple[Layer, ...], A: int) -> str:
    """Say which size of the theorem a network exceeds, for A changes of the label, or nothing."""
    net, sizes = task.network(layers), task.sizes
    counts = {
        "units in the first layer": (net.widths[0], sizes.m),
        "neurons": (sum(net.widths), sizes.neurons(A)),
        "weights": (net.nonzero_weights, sizes.weights(A)),
        "layers": (len(layers), sizes.depth),
        "as the largest later weight": (largest_weight(layers[1:]), 1 << task.r),
    }
    over = [f"{have} {what} instead of {bound}" for what, (have, bound) in counts.items() if have > bound]
    thresholds = all(layer.activation == "threshold" for layer in layers)
    return over[0] if over else "" if thresholds else "a unit is no threshold unit"


def refused(task: Task, layers: tuple[Layer, ...]) -> str:
    """Give the network to the certificate checker, and return the reason if it rejects."""
    points, labels = merge(task.points, task.labels)
    try:
        checker.verify(certificate(task.network(layers), points, labels).document)
    except checker.Rejected as rejection:
        return str(rejection)
    return ""


def padded(n: int) -> dict[str, int]:
    """Return s and q for n changes: sizes that do not depend on the labels."""
    s = even_size(n)
    return {"s": s, "q": max(1, -(-n // s))}


def memorized_without_logs(task: Any) -> Answer | Frequency:
    """Some network of the theorem's sizes memorizes, padded or not. Or: one draw is right often enough.

    With `trials`, eta must be below 1/2. Raises ValueError if no network is found and none is proved impossible.
    """
    if task.trials:
        rng = generator(task.seed)
        return frequency(sum(is_right(task, rng) for _ in range(task.trials)), task.trials, 1 - 2 * task.eta)
    proof = impossible(task)
    if proof is not None:
        return proof
    n, found = len(task.points), task.built
    for layers, A in ((found.layers(), found.A), (found.layers(**padded(n)), n)):
        fault = exceeds(task, layers, A) or refused(task, layers)
        if fault:
            return Counterexample(fault)
    return n >= found.A or Counterexample(f"the label changes {found.A} times")


def is_right(task: Task, rng: Any) -> bool:
    """Draw one network, and decide whether it memorizes within the sizes."""
    found = task.draw(rng)
    if found is None:
        return False
    layers = found.layers()
    return not exceeds(task, layers, found.A) and task.network(layers).at_integers(task.points) == task.labels
