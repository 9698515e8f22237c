"""The log-free route: hyperplanes, parities or a hash, and a telescope. Everything after the draws is exact integers.

The construction is in `telescoping`, `hashing` and `telescope_network`, its sizes are in `telescope_sizes`, the
instances of the theorem in `telescope_task`.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import isqrt

import sympy

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.rajput.hashing import Hash, HashNetwork, codes_differ, hash_is_injective, range_is_large
from memlib.rajput.main import labels_are_bits, points_in_ball
from memlib.rajput.telescope_task import (
    Task,
    biases_like_weights,
    different_labels_are_separated,
    memorized_without_logs,
    parities_suffice,
)
from memlib.rajput.telescoping import (
    Table,
    Telescope,
    even_size,
    label_changes,
    largest_weight,
    moving,
    telescope,
)

# --- rajput-telescope ---


@dataclass(frozen=True)
class Letters:
    """A table of thresholds in letters."""

    table: Table

    @classmethod
    def of(cls, q: int, s: int) -> "Letters":
        return cls(tuple(tuple(sympy.Symbol(f"a_{j},{i}", integer=True) for i in range(s)) for j in range(q)))


def numbers_increase(x: Telescope | Letters) -> Answer:
    if isinstance(x, Letters):
        return True
    for i, (a, b) in enumerate(pairwise(x.z)):
        if a >= b:
            return Counterexample(f"z is {a} at {i} and {b} at {i + 1}")
    fits = x.z[0] >= 0 and x.z[-1] < 1 << x.r
    return fits or Counterexample(f"z does not fit {x.r} bits")


def labels_are_zero_or_one(x: Telescope | Letters) -> Answer:
    return True if isinstance(x, Letters) else labels_are_bits(x)


def changes_in_order(x: Telescope | Letters) -> Answer:
    if isinstance(x, Letters) or x.changes == label_changes(x.z, x.labels):
        return True
    return Counterexample(f"the list of the changes begins with {x.changes[:4]}")


def size_is_even(x: Telescope | Letters) -> Answer:
    s = len(x.table[0])
    return s % 2 == 0 or Counterexample(f"s is {s}")


def table_is_large(x: Telescope | Letters) -> Answer:
    if isinstance(x, Letters) or x.q * x.s >= len(x.changes):
        return True
    return Counterexample(f"there are {len(x.changes)} changes for {x.q} blocks of {x.s}")


def threshold_moves(x: Letters) -> Answer:
    """With B_1, ..., B_j equal to 1 and the others 0, the unit P_i compares z with a_(j,i): decided in letters."""
    for i in range(len(x.table[0])):
        weights, bias = moving(x.table, i)
        for j, row in enumerate(x.table):
            if not equal(-bias - sum(weights[:j]), row[i]):
                return Counterexample(f"P_{i} compares z with {-bias - sum(weights[:j])} in block {j}")
    return True


def gives_the_labels(x: Telescope | Letters) -> Answer:
    """The layers return the labels at all the numbers, within the sizes of the lemma."""
    if isinstance(x, Letters):
        return threshold_moves(x)
    found = x.outputs()
    wrong = [i for i, (v, y) in enumerate(zip(found, x.labels, strict=True)) if v != y]
    if wrong:
        return Counterexample(
            f"{len(wrong)} of {len(found)} outputs are wrong, the first at z = {x.z[wrong[0]]}"
        )
    A, (B, P, _) = len(x.changes), x.layers
    own = sum(j < x.q - 1 for _, j, _ in P.entries)
    units = B.units - x.r + P.units + 1
    if units > x.q + x.s or own > x.s * (x.q - 1):
        return Counterexample(f"there are {units} units, and {own} weights between them")
    if largest_weight(x.layers) > 1 << x.r:
        return Counterexample(f"a weight or bias is {largest_weight(x.layers)}, and 2^r is {1 << x.r}")
    recommended = x.s == even_size(A) and x.q == max(1, -(-A // x.s))
    if recommended and (units > isqrt(4 * A) + 3 or own > A or (own == A > 0)):
        return Counterexample(f"there are {units} units and {own} weights for {A} changes")
    return True


telescoping = Claim(
    "rajput-telescope",
    hypotheses={
        "z increases, and 0 <= z < 2^r": numbers_increase,
        "labels in {0, 1}": labels_are_zero_or_one,
        "the a_i are the changes of the label, in order": changes_in_order,
        "s is even": size_is_even,
        "q s >= A": table_is_large,
    },
    conclusion=gives_the_labels,
)


# --- rajput-hash ---

hashing = Claim(
    "rajput-hash",
    hypotheses={"the codes of the pairs differ": codes_differ, "R >= |E| / eta": range_is_large},
    conclusion=hash_is_injective,
)


# --- rajput-main-telescope ---

main_telescope = Claim(
    "rajput-main-telescope",
    hypotheses={
        "the points lie in the unit ball": points_in_ball,
        "0 < delta <= 2, and different labels are delta-separated": different_labels_are_separated,
        "labels in {0, 1}": labels_are_bits,
        "k = 2^t >= 2, 0 < eta < 1, r >= ln(n(n-1)/(2 eta))/kappa_k": parities_suffice,
        "the biases have the law of the weights": biases_like_weights,
    },
    conclusion=memorized_without_logs,
)


# --- wrong versions ---


def without_the_move(x: Telescope) -> Answer:
    """Decide the wrong version whose thresholds stay at a_(0,i)."""
    stuck = replace(x, changes=x.changes[: x.s], q=1)
    found = stuck.outputs()
    wrong = [i for i, (v, y) in enumerate(zip(found, x.labels, strict=True)) if v != y]
    return not wrong or Counterexample(f"{len(wrong)} of {len(found)} outputs are wrong")


__all__ = ["Hash", "HashNetwork", "Letters", "Task", "hashing", "main_telescope", "telescope", "telescoping"]
