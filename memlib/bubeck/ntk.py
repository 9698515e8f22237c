"""The tangent kernel network: boosting with gates, n/d neurons a constant factor of the error.

Points, gates and residuals are exact (ints and Fractions); lambda and Lambda are enclosed in FLINT balls.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice
from typing import Any

from flint import arb, ctx, fmpq

from memlib.bubeck.kernel import (
    PRECISION,
    Cloud,
    Vector,
    all_unit,
    antipodal_dependency,
    ball,
    gram,
    inner,
    pi_ball,
    quotient_of_forms,
    spread,
)
from memlib.bubeck.kernel_floats import extreme_vector
from memlib.bubeck.n_neurons import positive, quotient, relu
from memlib.bubeck.ntk_floats import integer_gates
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal


def ceiling(x: arb) -> int:
    """Return the least integer >= x. Raises ValueError if the ball is too wide to tell."""
    value = x.ceil().unique_fmpz()
    if value is None:
        raise ValueError(f"the ball {x} has no certain ceiling")
    return int(value)


def subtract(r: Sequence, factor: Any, f: Sequence) -> list:
    """Return r - factor f."""
    return [a - factor * b for a, b in zip(r, f, strict=True)]


# --- bubeck-boosting ---


@dataclass(frozen=True)
class Run:
    """A greedy run: the start y, the vectors f_1, f_2, ..., the promised correlation theta and the aim epsilon."""

    y: Vector
    vectors: tuple[Vector, ...]
    theta: Fraction
    epsilon: Fraction

    @cached_property
    def residuals(self) -> list[list]:
        """r_0 = y and r_k = r_(k-1) - eta f_k with eta = r_(k-1).f_k / f_k.f_k; a vector 0 changes nothing."""
        found = [list(self.y)]
        for f in self.vectors:
            r, square = found[-1], inner(f, f)
            found.append(subtract(r, quotient(inner(r, f), square), f) if square else r)
        return found

    @property
    def errors(self) -> list:
        """|r_k|^2 for k = 0, 1, ..."""
        return [inner(r, r) for r in self.residuals]


@dataclass(frozen=True)
class Stride:
    """One greedy step in letters: a residual r and a vector f."""

    r: tuple
    f: tuple


def in_unit_interval(name: str) -> Any:
    def predicate(instance: Run | Stride) -> Answer:
        if isinstance(instance, Stride):
            return True
        value = getattr(instance, name)
        return 0 < value <= 1 or Counterexample(f"{name} is {value}")

    return predicate


def vectors_correlate(instance: Run | Stride) -> Answer:
    if isinstance(instance, Stride):
        return True
    for k, (r, f) in enumerate(zip(instance.residuals, instance.vectors, strict=False), start=1):
        if any(r) and not any(f):
            return Counterexample(f"vector {k} is 0 and the residual is not")
        if any(r) and inner(r, f) ** 2 < instance.theta * inner(r, r) * inner(f, f):
            return Counterexample(
                f"vector {k} has r.f = {inner(r, f)}, too small for theta = {instance.theta}"
            )
    return True


def steps_for(theta: Fraction, epsilon: Fraction) -> int:
    """Return ceil(ln(1 / epsilon) / theta)."""
    with ctx.workprec(PRECISION):
        return ceiling(-ball(epsilon).log() * (fmpq(1) / ball(theta))) if epsilon != 1 else 0


def enough_steps(instance: Run | Stride) -> Answer:
    if isinstance(instance, Stride) or instance.theta <= 0 or instance.epsilon <= 0:
        return True  # a broken theta or epsilon is another hypothesis
    needed, made = steps_for(instance.theta, instance.epsilon), len(instance.vectors)
    return made >= needed or Counterexample(f"there are {made} steps, not {needed}")


def error_decays(instance: Run | Stride) -> Answer:
    """|r_k|^2 <= (1 - theta)^k |y|^2 for all k, and at most epsilon |y|^2 in the end; for letters, one step."""
    if isinstance(instance, Stride):
        r, f = instance.r, instance.f
        after = subtract(r, quotient(inner(r, f), inner(f, f)), f)
        gain = quotient(inner(r, f) ** 2, inner(f, f))
        return equal(inner(after, after), inner(r, r) - gain) or Counterexample("a step gains another amount")
    start, errors = instance.errors[0], instance.errors
    for k, error in enumerate(errors):
        if error > (1 - instance.theta) ** k * start:
            return Counterexample(
                f"after step {k} the error is {ball(Fraction(error, start)).str(3, radius=False)}, "
                f"more than (1 - theta)^{k}"
            )
    if errors[-1] > instance.epsilon * start:
        share = ball(Fraction(errors[-1], start)).str(3, radius=False)
        return Counterexample(f"the error is {share} in the end, not {instance.epsilon}")
    return True


boosting = Claim(
    "bubeck-boosting",
    hypotheses={
        "0 < theta <= 1": in_unit_interval("theta"),
        "0 < epsilon <= 1": in_unit_interval("epsilon"),
        "every vector correlates with its residual": vectors_correlate,
        "enough steps": enough_steps,
    },
    conclusion=error_decays,
)


# --- bubeck-ntk-weight ---


@dataclass(frozen=True)
class Realization:
    """A derivative neuron eta [g.x > 0] v.x, its two ReLUs of width delta, and the points where they are compared."""

    points: tuple[tuple, ...]
    g: tuple
    v: tuple
    eta: Any = 1
    delta: Any = 1

    def gated(self, x: Sequence) -> Any:
        """eta [g.x > 0] v.x."""
        return self.eta * inner(self.v, x) if positive(inner(self.g, x)) else 0

    @property
    def relus(self) -> list[tuple[tuple, Any]]:
        """The two ReLUs as (weights, output weight): (eta / delta) (psi((g + delta v).x) - psi(g.x))."""
        out = quotient(self.eta, self.delta)
        moved = tuple(a + self.delta * b for a, b in zip(self.g, self.v, strict=True))
        return [(moved, out), (self.g, -out)]


def output(relus: Sequence[tuple[tuple, Any]], x: Sequence) -> Any:
    """Return f(x) = sum a psi(w.x)."""
    return sum(a * relu(inner(w, x)) for w, a in relus)


def largest_width(points: Sequence[Vector], g: Vector, v: Vector) -> Fraction:
    """Return the largest delta for which the two ReLUs are exact: the least |s| / |l| where s l < 0; 1 if none."""
    pairs = [(inner(g, x), inner(v, x)) for x in points]
    return min((abs(Fraction(s) / Fraction(l)) for s, l in pairs if s * l < 0), default=Fraction(1))


def width_is_positive(neuron: Realization) -> Answer:
    return positive(neuron.delta) or Counterexample(f"delta is {neuron.delta}")


def no_point_on_the_border(neuron: Realization) -> Answer:
    for j, x in enumerate(neuron.points):
        if equal(inner(neuron.g, x), 0):
            return Counterexample(f"s = 0 at point {j}")
    return True


def eta_is_not_zero(neuron: Realization) -> Answer:
    return not equal(neuron.eta, 0) or Counterexample("eta is 0")


def surely_equal(a: Any, b: Any) -> bool:
    """Decide a = b; for letters: for all their values, or for none of them. Raises ValueError otherwise."""
    if equal(a, b):
        return True
    difference = a - b
    if hasattr(difference, "simplify"):
        difference = difference.simplify()
    positive(difference)  # raises if the sign is not known
    return False


def width_allows(s: Any, l: Any, delta: Any) -> bool:
    """s l >= 0 or delta |l| <= |s|."""
    return not positive(-s * l) or not positive(delta * abs(l) - abs(s))


def exact_where_allowed(neuron: Realization, allows: Any = width_allows) -> Answer:
    """The ReLUs are exact at a point iff its width is allowed; exact at all points, they are at least so heavy."""
    exact_everywhere = True
    for x in neuron.points:
        s, l = inner(neuron.g, x), inner(neuron.v, x)
        value, wanted = output(neuron.relus, x), neuron.gated(x)
        exact, allowed = surely_equal(value, wanted), allows(s, l, neuron.delta)
        if exact != allowed:
            says = "allowed" if allowed else "not allowed"
            return Counterexample(
                f"at s = {s}, l = {l} the width {neuron.delta} is {says}, and the ReLUs give {value}, the gate {wanted}"
            )
        exact_everywhere = exact_everywhere and exact
    if exact_everywhere and not hasattr(neuron.delta * neuron.eta * neuron.points[0][0], "free_symbols"):
        return heavy_enough(neuron)
    return True


def heavy_enough(neuron: Realization) -> Answer:
    """The ReLU with the weights g has a weight of at least |eta| |g| |l| / |s| where s l < 0; compared in squares."""
    (_, _), (w, a) = neuron.relus
    square = a**2 * inner(w, w)
    for x in neuron.points:
        s, l = inner(neuron.g, x), inner(neuron.v, x)
        if s * l < 0 and square * s**2 < neuron.eta**2 * inner(neuron.g, neuron.g) * l**2:
            return Counterexample(f"at s = {s}, l = {l} the squared weight {square} is below the bound")
    return True


weight = Claim(
    "bubeck-ntk-weight",
    hypotheses={
        "delta > 0": width_is_positive,
        "eta is not 0": eta_is_not_zero,
        "s is not 0": no_point_on_the_border,
    },
    conclusion=exact_where_allowed,
)


def same_for_both_signs(neuron: Realization) -> Answer:
    """The wrong version: exact iff delta |l| <= |s|, whatever the signs."""
    return exact_where_allowed(neuron, lambda s, l, delta: not positive(delta * abs(l) - abs(s)))


# --- bubeck-ntk-theorem ---


@dataclass(frozen=True)
class Problem:
    """Points with real labels, the relative squared error epsilon, and the ball for pi behind lambda."""

    points: tuple[Vector, ...]
    labels: Vector
    epsilon: Fraction
    pi: arb = field(default_factory=pi_ball)

    @cached_property
    def cloud(self) -> Cloud:
        return Cloud(self.points, self.pi)

    @cached_property
    def square(self) -> Any:
        """|y|^2."""
        return inner(self.labels, self.labels)


def extreme_eigenvalues(problem: Problem) -> tuple[arb, arb]:
    """Return a number >= lambda, the least eigenvalue of H, and one <= Lambda, the largest of R: two quotients.

    A quotient r.Mr / r.r lies between the extreme eigenvalues, whatever r is; floats propose a good r.
    """
    H, R = problem.cloud.kernel, gram(problem.points)
    with ctx.workprec(PRECISION):
        least = quotient_of_forms(H, extreme_vector(H))
        return least, quotient_of_forms(
            [[ball(v) for v in row] for row in R], extreme_vector(R, largest=True)
        )


def promised(problem: Problem) -> int:
    """Return a number that is at most the promised ceil((Lambda / lambda) ln(1 / epsilon)), as a rule equal to it."""
    least, largest = extreme_eigenvalues(problem)
    with ctx.workprec(PRECISION):
        return ceiling((largest * (fmpq(1) / least) * -ball(problem.epsilon).log()).lower())


def promised_explicitly(problem: Problem) -> int:
    """Return the same for 12 pi Lambda sqrt(L / 2) ln(1 / epsilon), which contains no lambda."""
    _, largest = extreme_eigenvalues(problem)
    with ctx.workprec(PRECISION):
        L = spread(len(problem.points), problem.cloud.coherence)
        most = 12 * problem.pi * largest * (L * fmpq(1, 2)).sqrt() * -ball(problem.epsilon).log()
        return ceiling(most.lower())


def rate(problem: Problem) -> Fraction:
    """Return a rational theta >= lambda / Lambda, less than 1 percent above it: no step may gain less."""
    least, largest = extreme_eigenvalues(problem)
    with ctx.workprec(PRECISION):
        return Fraction(ceiling((least * (fmpq(1) / largest) * 10**6).upper()), 10**6)


def tuned(points: Sequence[Vector], g: Vector, r: Sequence) -> tuple[int, ...]:
    """Return v, a short integer vector along V = sum_j r_j [g.x_j > 0] x_j; zeros if V = 0."""
    open_at = [(a, x) for a, x in zip(r, points, strict=True) if inner(g, x) > 0]
    V = [sum((a * x[k] for a, x in open_at), Fraction(0)) for k in range(len(g))]
    largest = max(map(abs, V))
    return tuple(round(255 * c / Fraction(largest)) for c in V) if largest else (0,) * len(g)


#: Gates drawn for one step before the search is given up.
DRAWS = 1000


def step(points: Sequence[Vector], r: Sequence, theta: Fraction, gates: Any) -> tuple[Realization, list]:
    """Return a derivative neuron F and r - F with |r - F|^2 <= (1 - theta) |r|^2, verified.

    v and eta are rounded to short numbers; gates that are 0 at a point are passed over. Raises ValueError if
    no drawn gate serves.
    """
    for g in islice(gates, DRAWS):
        v = tuned(points, g, r)
        s = [inner(g, x) for x in points]
        F = [inner(v, x) if h > 0 else Fraction(0) for h, x in zip(s, points, strict=True)]
        if not (all(s) and any(F)):
            continue
        eta = Fraction(round(Fraction(inner(r, F)) / Fraction(inner(F, F)) * 2**30), 2**30)
        rest = subtract(r, eta, F)
        if inner(rest, rest) <= (1 - theta) * inner(r, r):
            return Realization(tuple(points), g, v, eta, largest_width(points, g, v)), rest
    raise ValueError(f"no gate of {DRAWS} correlates with the residual")


def greedy(problem: Problem, seed: int = 0) -> list[Realization]:
    """Return the derivative neurons of the proof, exact on the points, until the error is at most epsilon |y|^2."""
    theta, gates = rate(problem), integer_gates(len(problem.points[0]), seed)
    r, neurons = list(problem.labels), []
    while inner(r, r) > problem.epsilon * problem.square:
        neuron, r = step(problem.points, r, theta, gates)
        neurons.append(neuron)
    return neurons


def run_of(neurons: Sequence[Realization], labels: Vector, theta: Fraction) -> Run:
    """Return the run of `boosting` with these neurons, as their values; epsilon = e^(-theta K), rounded up."""
    vectors = tuple(tuple(h.gated(x) for x in h.points) for h in neurons)
    with ctx.workprec(PRECISION):
        share = (-len(neurons) * ball(theta)).exp()
        epsilon = Fraction(ceiling((share * 10**6).upper()), 10**6)
    return Run(labels, vectors, theta, epsilon)


def points_are_unit(problem: Problem) -> Answer:
    return all_unit(problem.points)


def coherence_below_one(problem: Problem) -> Answer:
    return problem.cloud.coherence < 1 or Counterexample(f"gamma is {problem.cloud.coherence}")


def epsilon_in_range(problem: Problem) -> Answer:
    return 0 < problem.epsilon < 1 or Counterexample(f"epsilon is {problem.epsilon}")


def failure_of_construction(problem: Problem, neurons: Sequence[Realization]) -> str | None:
    """Return in words how the network falls short of the theorem, or None: its ReLUs are evaluated one by one."""
    relus = [unit for h in neurons for unit in h.relus]
    allowed, explicitly = promised(problem), promised_explicitly(problem)
    if allowed > explicitly:
        return f"{allowed} neurons are promised by lambda, more than the {explicitly} promised without it"
    if len(relus) > 2 * allowed:
        return f"there are {len(relus)} ReLUs, and {2 * allowed} are promised"
    outputs = [output(relus, x) for x in problem.points]
    for j, x in enumerate(problem.points):
        if outputs[j] != sum(h.gated(x) for h in neurons):
            return f"the ReLUs are not the sum of the gates at point {j}"
    r = subtract(problem.labels, 1, outputs)
    error = inner(r, r)
    return None if error <= problem.epsilon * problem.square else f"the squared error is {error}"


def distance_squared(y: Sequence, vectors: Sequence[Sequence]) -> Fraction:
    """Return the squared distance from y to the span of the vectors, by orthogonalization."""
    basis: list[list] = []
    rest = [Fraction(v) for v in y]
    for f in vectors:
        h = [Fraction(v) for v in f]
        for b in basis:
            h = subtract(h, Fraction(inner(h, b)) / Fraction(inner(b, b)), b)
        if any(h):
            basis.append(h)
            rest = subtract(rest, Fraction(inner(rest, h)) / Fraction(inner(h, h)), h)
    return inner(rest, rest)


def best_single_gate(problem: Problem) -> Fraction:
    """Return a lower bound for the squared error of one derivative neuron: any subset of the points may be open."""
    n, d = len(problem.points), len(problem.points[0])
    best = Fraction(problem.square)
    for size in range(1, n + 1):
        for chosen in combinations(range(n), size):
            columns = [[x[k] if i in chosen else 0 for i, x in enumerate(problem.points)] for k in range(d)]
            best = min(best, distance_squared(problem.labels, columns))
    return best


def obstacle(problem: Problem) -> str | None:
    """Return in words why no network can keep the theorem's promise outside its hypotheses; None if none is found."""
    aim = problem.epsilon * problem.square
    if not epsilon_in_range(problem):
        if problem.epsilon > 1 and promised(problem) < 0:
            return f"{promised(problem)} neurons are promised"
        return None
    if coherence_below_one(problem) and promised_explicitly(problem) <= 1:
        least = best_single_gate(problem)
        if least > aim:
            share = ball(Fraction(least) / Fraction(problem.square)).str(2, radius=False)
            return f"one neuron is promised, and no single one has a relative error below {share}"
    for i, j in combinations(range(len(problem.points)), 2):
        gap = problem.labels[i] - problem.labels[j]
        if problem.points[i] == problem.points[j] and gap**2 > 2 * aim:
            error = Fraction(gap**2, 2)
            return f"points {i} and {j} are equal, so every function has a squared error of at least {error}"
    error = antipodal_error(problem)
    if error > aim:
        return f"for every network of ReLUs f(x) - f(-x) is linear, so the squared error is at least {error}"
    return None


def antipodal_error(problem: Problem) -> Fraction:
    """Return a lower bound for the squared error of every f with f(x) - f(-x) linear, as for ReLUs without biases.

    If sum c x_i = 0 over pairs of antipodes, sum c (f(x_i) - f(-x_i)) = 0: f lies in a hyperplane of R^n.
    """
    relation = antipodal_dependency(problem.points)
    if relation is None:
        return Fraction(0)
    missed = sum(c * (problem.labels[i] - problem.labels[j]) for (i, j), c in relation.items())
    return Fraction(missed**2) / Fraction(2 * sum(c * c for c in relation.values()))


def approximated_by_gates(problem: Problem) -> Answer:
    """The greedy network reaches the error with the promised number of neurons; else an obstacle to every network."""
    reason = obstacle(problem)
    if reason is not None:
        return Counterexample(reason)
    if not (points_are_unit(problem) and coherence_below_one(problem) and epsilon_in_range(problem)):
        raise ValueError("whether another network exists cannot be decided here")
    failure = failure_of_construction(problem, greedy(problem))
    return True if failure is None else Counterexample(failure)


theorem = Claim(
    "bubeck-ntk-theorem",
    hypotheses={
        "unit vectors": points_are_unit,
        "gamma < 1": coherence_below_one,
        "0 < epsilon < 1": epsilon_in_range,
    },
    conclusion=approximated_by_gates,
)
