"""Counting: what one unit, a first layer, W parameters and some bits cannot do; and all lower bounds together."""

from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.network import Network
from memlib.rajput.budgets import (
    Budget,
    Family,
    Wired,
    most_shattered,
    no_more_than_bits_say,
    not_too_many_points,
    one_wiring,
)
from memlib.rajput.first_layers import (
    Layered,
    few_cuts,
    few_labellings,
    skips_nothing,
    threshold_units,
)
from memlib.rajput.limits import Equidistant, Ring, half_as_many_as_changes
from memlib.rajput.line import Line, Unit, as_many_as_changes, first_layer_of_thresholds, no_skips
from memlib.rajput.packings import Counted, Packing, delta_at_most_half, many_units

lb_bits = Claim(
    "rajput-lb-bits",
    hypotheses={"one wiring for all labellings": one_wiring},
    conclusion=no_more_than_bits_say,
)

lb_unit = Claim(
    "rajput-lb-unit", hypotheses={"the unit is a threshold unit": threshold_units}, conclusion=few_cuts
)

lb_count = Claim(
    "rajput-lb-count",
    hypotheses={
        "no connection skips a layer": skips_nothing,
        "the first layer has threshold units": threshold_units,
    },
    conclusion=few_labellings,
)

lb_weights = Claim(
    "rajput-lb-weights",
    hypotheses={"the units are threshold units": threshold_units},
    conclusion=not_too_many_points,
)


# --- rajput-main-lower ---


def alternating_with_skips(n: int, s: int) -> Line:
    """Return the points 0, ..., n - 1 of the line with labels 0, 1, 0, ... and a network that skips layers.

    s : even. The units B_k = [x >= ks + 1] count the blocks of s changes that lie before x; unit P_i asks for the i-th
    change of the block, [x >= i + 1 + s (B_1 + B_2 + ...)]; the output is [P_0 - P_1 + P_2 - ... >= 1].
    """
    blocks = -(-(n - 1) // s) - 1
    units = [Unit((1,), (), -k * s - 1) for k in range(1, blocks + 1)]
    units += [Unit((1,), (-s,) * blocks, -i - 1) for i in range(s)]
    signs = tuple(1 - 2 * (i % 2) for i in range(s))
    units.append(Unit((0,), (0,) * blocks + signs, -1))
    return Line(tuple((i,) for i in range(n)), tuple(i % 2 for i in range(n)), tuple(units))


def layered(it: Any) -> Answer:
    """No connection skips a layer, where that matters: weights and bits are counted for any wiring."""
    return no_skips(it) if isinstance(it, Line) else skips_nothing(it)


def of_thresholds(it: Any) -> Answer:
    return first_layer_of_thresholds(it) if isinstance(it, Line) else threshold_units(it)


def every_bound(it: Any) -> Answer:
    """The part of the theorem that speaks of the instance."""
    if isinstance(it, (Ring, Equidistant)):
        return half_as_many_as_changes(it)
    if isinstance(it, Line):
        return as_many_as_changes(it)
    if isinstance(it, (Packing, Counted)):
        return many_units(it)
    if isinstance(it, Layered):
        return few_labellings(it)
    if isinstance(it, (Wired, Budget)):
        return not_too_many_points(it)
    if isinstance(it, Family):
        return no_more_than_bits_say(it)
    return Counterexample(f"the theorem does not speak of a {type(it).__name__}")


main_lower = Claim(
    "rajput-main-lower",
    hypotheses={
        "0 < delta <= 1/2": delta_at_most_half,
        "no connection skips a layer": layered,
        "the units are threshold units": of_thresholds,
        "one wiring for all labellings": one_wiring,
    },
    conclusion=every_bound,
)


# --- what networks cost ---


def fewest_parameters(n: int, N: int) -> int:
    """Return the least W with n <= 2 W log2(e N)."""
    W = 1
    while not n <= most_shattered(W, N):
        W += 1
    return W


def fewest_neurons(n: int, d: int) -> int:
    """Return the least N with n <= 2 W log2(e N) for W = N (2d + N + 1)/2.

    Unit i has a threshold and reads at most d inputs and i - 1 units: that many weights and thresholds together.
    """
    N = 1
    while not n <= most_shattered(N * (2 * d + N + 1) // 2, N):
        N += 1
    return N


def price(net: Network) -> tuple[int, int, int]:
    """Return the number of units, of nonzero weights and thresholds, and their bits, a sign each."""
    numbers = [w for layer in net.layers for _, _, w in layer.entries]
    numbers += [b for layer in net.layers for b in layer.biases if b]
    return sum(net.widths), len(numbers), sum(abs(v).bit_length() + 1 for v in numbers)
