"""The counts that the book's theorems promise, as integers: one function a theorem, named like its claim.

n points of R^d, separation delta (a Fraction). Labels are the worst ones: as many 0 as 1, a change at every step.
Random first layers succeed with probability at least 1/2. The chapters' own size functions are used where they exist.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import arb

from memlib.dirksen.worst_case import ceiling, enough
from memlib.rajput import sizes, telescope_sizes
from memlib.rajput.bits import fewest_neurons
from memlib.vershynin.assembly import Budget, budget
from memlib.vershynin.normal import Q, over

HALF = Fraction(1, 2)


def up(n: int, m: int) -> int:
    """Return ceil(n / m)."""
    return -(-n // m)


# --- one hidden layer: numbers of neurons ---


def bubeck_n_neurons(n: int) -> int:
    return n


def bubeck_baum_threshold(n: int, d: int, rarer: int | None = None) -> int:
    """Return 2 ceil(n_min / d); n_min = floor(n / 2) if `rarer` is not given."""
    return 2 * up(n // 2 if rarer is None else rarer, d)


def bubeck_baum_exact(n: int, d: int, rarer: int | None = None) -> int:
    """Return min(2 ceil(n_min / d), ceil(n / d)); it increases with n_min, whose largest value is floor(n / 2)."""
    return min(bubeck_baum_threshold(n, d, rarer), up(n, d))


def bubeck_relu_4(n: int, d: int) -> int:
    return 4 * up(n, d)


def bubeck_relu_3(n: int, d: int) -> int:
    return 3 * up(n, d) + 1


def bubeck_relu_2(n: int, d: int) -> int:
    return 2 * up(n, d)


def bubeck_sweep_curves(n: int, d: int) -> int:
    """Return 1 + ceil((n - 1) / d), the blocks of a sweep of the moment curve that begins with one point."""
    return 1 + up(n - 1, d)


def madden_relu_exact(n: int, d: int) -> int:
    return 2 * up(n, d + 1)


def madden_main(n: int, d: int) -> int:
    """Return the least even m with n <= m d / 2."""
    return 2 * up(n, d)


def madden_full_jacobian(n: int, d: int) -> int:
    """Return the least m with n <= floor(m / 2)(d + 2) + [m odd]."""
    return 2 * up(n, d + 2) - (n % (d + 2) == 1)


# --- one hidden layer: lower bounds ---


def bubeck_param_lower_bound(n: int, d: int) -> int:
    return up(n, d + 1)


def madden_sard(n: int, d: int) -> int:
    return up(n, d + 2)


def limits_alternation(n: int, d: int) -> int:
    """Return ceil((n - 1) / d): alternating labels on the moment curve."""
    return up(n - 1, d)


# --- deep threshold networks ---

least_length = lru_cache(maxsize=512)(telescope_sizes.least_length)
least_parities = lru_cache(maxsize=4096)(telescope_sizes.least_parities)


@dataclass(frozen=True)
class Cost:
    """Units (the output among them if it is a threshold unit), weights (connections), and layers."""

    units: int
    weights: int
    layers: int


def rajput_main_telescope(n: int, d: int, delta: Fraction) -> Cost:
    """Return the bounds for eta = 1/2 and A = n, n >= 2."""
    it = telescope_sizes.Sizes(n, d, least_length(delta), least_parities(n, HALF))
    return Cost(it.neurons(n), it.weights(n), it.depth)


def rajput_main_paper(n: int, d: int, delta: Fraction) -> Cost:
    it = sizes.Sizes(n, d, Fraction(delta))
    return Cost(it.neurons, it.weights, it.depth)


def dirksen_thm_worst(n: int, d: int, delta: Fraction) -> Cost:
    """Return the bounds in the unit ball for lambda = 1.5852, eta = 1/2, and classes of n/2 points, n >= 2."""
    few = n // 2
    m = ceiling(enough(Fraction(15852, 10000), 1, delta, HALF, few * (n - few)))
    return Cost(m + few + 1, d * m + m * few + few, 3)


@lru_cache(maxsize=64)
def vershynin_width(n: int) -> int:
    """Return w, by bisection, such that (C2) and (C3) hold for n_3 = n_4 = n_5 = w and not for w - 1."""

    def allowed(w: int) -> bool:
        it = Budget(n, (w, w, w))
        return all(bool(predicate(it)) for predicate in budget.hypotheses.values())

    low, high = 1, 2
    while not allowed(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if allowed(middle) else (middle, high)
    return high


def vershynin_assembly(n: int, d: int, delta: arb) -> Cost:
    """Return a small network to which the theorem applies: L = 5, n_3 = n_4 = n_5 = `vershynin_width`, n_2 by (C1).

    delta : a ball, for unit vectors.
    """
    w = vershynin_width(n)
    eps = Budget(n, (w, w, w)).epsilon
    b = over((2 * (4 - delta**2) * over(arb(4), eps).log()).sqrt(), delta)
    asked = over(12 * arb(4 * n**2).log(), eps**2 * Q(b)).upper()
    first = int(asked.ceil().unique_fmpz())
    return Cost(first + 3 * w + 1, d * first + first * w + 2 * w**2 + w, 5)


def rajput_lb_line(delta: Fraction) -> int:
    """Return floor(2 / delta), units of the first layer."""
    return 2 // Fraction(delta)


def rajput_lb_weights(n: int, d: int) -> int:
    """Return the least number N of threshold units with n <= 2 W log2(e N), W = N (2d + N + 1)/2 (skips allowed)."""
    return fewest_neurons(n, d)


def parameters_needed(n: int, units: int) -> int:
    """Return the least integer W with n <= 2 W log2(e N), N = `units`; rajput-lb-weights, limits-bh."""
    bits = 2 * over(arb(units).log() + 1, arb(2).log())
    return max(1, ceiling(over(arb(n), bits)))


# --- every theorem asked ---


@dataclass(frozen=True)
class Row:
    """A theorem's answer: claim, units, weights, kind of unit and of label, what it needs beyond distinct points."""

    claim: str
    units: int
    weights: int
    unit: str
    labels: str
    needs: str


def shallow(claim: str, k: int, d: int, unit: str, labels: str, needs: str) -> Row:
    """Count k (d + 1) weights for k neurons."""
    return Row(claim, k, k * (d + 1), unit, labels, needs)


def ask(n: int, d: int, delta: Fraction | None = None, rarer: int | None = None) -> tuple[Row, ...]:
    """Return what the theorems with explicit counts promise, fewest units first.

    delta : separation of points of the unit ball, if known. rarer : the number of the rarer label, if labels are bits.
    """
    gp, every = "general position", "almost every X"
    rows = [
        shallow("bubeck-n-neurons", bubeck_n_neurons(n), d, "ReLU", "real", "-"),
        shallow("bubeck-relu-4", bubeck_relu_4(n, d), d, "ReLU", "real", "isolated groups"),
        shallow("bubeck-relu-3", bubeck_relu_3(n, d), d, "ReLU", "real", "isolated groups"),
        shallow("bubeck-relu-2", bubeck_relu_2(n, d), d, "ReLU", "real", gp),
        shallow("madden-relu-exact", madden_relu_exact(n, d), d, "ReLU", "real", gp),
        shallow("madden-main", madden_main(n, d), d, "analytic", "real", every),
        shallow("madden-full-jacobian", madden_full_jacobian(n, d), d, "tanh", "real", every),
        shallow("bubeck-baum-threshold", bubeck_baum_threshold(n, d, rarer), d, "threshold", "bits",
                "isolated groups"),
        shallow("bubeck-baum-exact", bubeck_baum_exact(n, d, rarer), d, "threshold", "bits", gp),
    ]  # fmt: skip
    if delta is not None and n >= 2:
        for claim, bound, needs in (
            ("rajput-main-telescope", rajput_main_telescope, "delta, other labels"),
            ("rajput-main-paper", rajput_main_paper, "delta, all points"),
            ("dirksen-thm-worst", dirksen_thm_worst, "delta, other labels"),
        ):
            cost = bound(n, d, delta)
            rows.append(Row(claim, cost.units, cost.weights, "threshold", "bits", needs))
    return tuple(sorted(rows, key=lambda row: (row.units, row.weights, row.claim)))
