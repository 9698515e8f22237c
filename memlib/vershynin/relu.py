"""Any mixture of threshold and ReLU nodes: two ReLUs make a bit, and what perceives, carries or copies needs one.

The construction is in `mixture`, the evaluation of mixed layers in `mixed`, the arithmetic of the widths in
`mixture_budget`. Everything is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.network import Network
from memlib.points import HypothesisError
from memlib.vershynin.mixed import Kinds, MixedNetwork, rows_of
from memlib.vershynin.mixture import Mixture, data_gaps, draw_kinds, rewire, slots, strict_values
from memlib.vershynin.mixture_budget import (
    Widths,
    condition_1,
    condition_2,
    condition_3,
    everything_fits,
    in_range,
)

# --- vershynin-relu-gadget: two ReLUs make a bit ---


@dataclass(frozen=True)
class Gadget:
    """The strict pre-activation t of a threshold node and a gap gamma: numbers, or sympy expressions of known sign."""

    t: Any
    gamma: Any

    @property
    def value(self) -> Any:
        """relu(t / gamma) - relu(t / gamma - 1)."""
        x = quotient(self.t, self.gamma)
        return relu(x) - relu(x - 1)


def quotient(a: Any, b: Any) -> Any:
    if hasattr(a, "free_symbols") or hasattr(b, "free_symbols"):
        return sympy.expand(a * sympy.Pow(b, -1))
    return Fraction(a) / Fraction(b)


def positive(x: Any) -> bool:
    """Decide x > 0; of a sympy expression from the signs that its symbols are declared to have."""
    if not hasattr(x, "free_symbols"):
        return x > 0
    x = sympy.expand(x)
    if x.is_positive or x.is_nonpositive:
        return bool(x.is_positive)
    raise ValueError(f"the sign of {x} is not known")


def relu(x: Any) -> Any:
    """max(x, 0); of a sympy expression that is known to be at least 0 it is the expression."""
    if hasattr(x, "free_symbols") and sympy.expand(x).is_nonnegative:
        return x
    return x if positive(x) else 0


# --- hypotheses ---


def gammas_are_positive(x: Gadget | Mixture) -> Answer:
    if isinstance(x, Gadget):
        return positive(x.gamma) or Counterexample(f"gamma is {x.gamma}")
    least = min((g for gaps in x.gaps for g in gaps), default=1)
    return least > 0 or Counterexample(f"a gamma is {least}")


def nothing_in_the_gaps(x: Gadget | Mixture) -> Answer:
    """No pre-activation lies strictly between 0 and gamma; integers are never between 0 and 1."""
    if isinstance(x, Gadget):
        inside = positive(x.t) and positive(x.gamma - x.t)
        return not inside or Counterexample(f"t = {x.t} lies between 0 and gamma = {x.gamma}")
    for l, layer in enumerate(strict_values(x) if x.gaps else []):
        for k, row in enumerate(layer):
            for j, t in enumerate(row[: x.bits_in(l)]):
                if 0 < t < x.gap(l, j):
                    return Counterexample(
                        f"t = {t} at point {k}, below gamma = {x.gap(l, j)} (layer {l}, node {j})"
                    )
    return True


def enough_slots(x: Gadget | Mixture) -> Answer:
    """tau + floor(rho / 2) >= n in every layer; n counts the bits, tau and rho the nodes that are there for bits."""
    if isinstance(x, Mixture):
        for l in range(len(x.hidden)):
            kinds, n = x.for_bits(l), x.bits_in(l)
            if len(slots(kinds)) < n:
                tau = kinds.count("threshold")
                return Counterexample(
                    f"layer {l} has {tau} threshold and {len(kinds) - tau} ReLU nodes, which offer "
                    f"{len(slots(kinds))} of {n} bits"
                )
    return True


# --- conclusions ---


def jumps_apart(m: Mixture) -> int:
    """Count places on a line where a bit of the first layer jumps, each with two points of its own on either side."""
    line = tuple(sorted(set(m.points)))
    patterns = list(zip(*m.hidden[0](line), strict=True))
    found, free = 0, 0
    for a in range(len(line) - 3):
        four = [p[a : a + 4] for p in patterns]
        if a >= free and any(v[0] == v[1] != v[2] == v[3] for v in four):
            found, free = found + 1, a + 4
    return found


def cannot_be_followed(m: Mixture) -> Counterexample:
    """Refute bits as affine forms where slots are missing, on a line and in the first layer.

    At four points with the bits 0, 0, 1, 1 an affine form follows only with a step, or two kinks, between them.
    Raises ValueError where this does not decide.
    """
    count = jumps_apart(m) if len(m.net.input_scale) == 1 else 0
    offered = len(slots(m.kinds[0]))
    if count > offered:
        return Counterexample(f"the bits jump at {count} places apart, and the layer can follow {offered}")
    raise ValueError("whether other weights exist cannot be decided here")


def reproduces(x: Gadget | Mixture) -> Answer:
    """The gadget is the bit; the mixed network shows every bit as a form of its values, and has the same outputs."""
    if isinstance(x, Gadget):
        if equal(x.gamma, 0):
            return Counterexample("there is no quotient")
        bit = int(positive(x.t))
        return equal(x.value, bit) or Counterexample(f"the difference is {x.value}, not {bit}")
    if not enough_slots(x):
        return cannot_be_followed(x)
    net, forms = rewire(x)
    h: Any = x.points
    for l, (layer, values) in enumerate(zip(x.hidden, net.values(x.points), strict=True)):
        h = layer(h)
        for k, (bits, row) in enumerate(zip(h, values, strict=True)):
            for j, (bit, form) in enumerate(zip(bits, forms[l], strict=True)):
                value = sum(c * row[i] for i, c in form.items())
                if value != bit:
                    return Counterexample(f"node {j} of layer {l} is {value} at point {k}, not {bit}")
    return same_outputs(x, net)


def same_outputs(m: Mixture, net: MixedNetwork) -> Answer:
    pairs = zip(net.at_integers(m.points), m.net.at_integers(m.points), strict=True)
    wrong = [(k, v, t) for k, (v, t) in enumerate(pairs) if v != t]
    return not wrong or Counterexample("the output at point {} is {}, not {}".format(*wrong[0]))


GAP, SLOTS = "no t lies strictly between 0 and gamma", "tau + floor(rho / 2) >= n in every layer"
relu_gadget = Claim(
    "vershynin-relu-gadget",
    hypotheses={"gamma > 0": gammas_are_positive, GAP: nothing_in_the_gaps, SLOTS: enough_slots},
    conclusion=reproduces,
)


# --- vershynin-mix ---


def roles_allow(m: Mixture | Widths) -> Answer:
    """The kept nodes copy, perceive or carry, and what is no bit is only added up.

    Bits read inputs, bits and copies, and so do perception nodes; a copy is [v - 1 >= 0] of a bit or copy v; a carry
    is [sum - 1 >= 0]; the output is [sum - 1 >= 0] or [-sum >= 0]. Inputs that are 0 or 1 count as bits.
    """
    if isinstance(m, Widths):
        return True
    exact = set(range(len(m.net.input_scale)))  # what has the same value in both networks
    countable = all(v in (0, 1) for x in m.points for v in x)  # whether all nodes before are integers >= 0
    for l, layer in enumerate(m.hidden):
        after = set(range(m.bits_in(l)))
        for k, (row, b) in enumerate(rows_of(layer)):
            adds = countable and b == -1 and set(row.values()) <= {1}
            if not exact.issuperset(row) and (k < m.bits_in(l) or not adds):
                return Counterexample(f"node {k} of layer {l} does more than add up what is no bit")
            if adds and len(row) == 1 and exact.issuperset(row):
                after.add(k)
        exact, countable = after, True
    output = m.net.layers[-1]
    ((row, b),) = rows_of(output)
    counts = (b, *set(row.values())) in ((-1,), (-1, 1), (0,), (0, -1)) and output.activation == "threshold"
    return (countable and counts) or Counterexample("the output does more than add up")


def same_outputs_or_room(x: Mixture | Widths) -> Answer:
    if isinstance(x, Widths):
        return everything_fits(x)
    short = enough_slots(x)
    return same_outputs(x, rewire(x)[0]) if short else short


ROLES, ROOM = "the kept nodes copy, perceive or carry", "there is room for the bits"
mix = Claim(
    "vershynin-mix",
    hypotheses={
        ROLES: roles_allow,
        ROOM: enough_slots,
        "K >= 2, 0 < delta <= sqrt 2, L >= 5": in_range,
        "condition 1": condition_1,
        "condition 2": condition_2,
        "condition 3": condition_3,
    },
    conclusion=same_outputs_or_room,
)


# --- from a network to a mixed one ---


def mixed(
    net: Network,
    points: tuple[tuple[int, ...], ...],
    kinds: Sequence[Kinds],
    gaps: tuple[tuple[int, ...], ...] = (),
    kept: tuple[int, ...] = (),
) -> MixedNetwork:
    """Return a network with nodes of the given types and the outputs of `net` at the points, verified in integers.

    net : integer network with threshold hidden layers. points : integer points of its grid. kinds : the types
    "threshold" or "relu" of the nodes of every hidden layer; twice the width of `net` always suffices.
    gaps : gamma for every hidden node, default 1; with 1 the two networks agree on the whole grid.
    kept : for every hidden layer how many of its last nodes stay in place; they must copy, perceive or carry.
    Raises HypothesisError if a layer offers too few bits, if a gamma is wrong, or if a node in place does more.
    Implements vershynin-relu-gadget and part (a) of vershynin-mix.
    """
    m = Mixture(net, points, tuple(kinds), gaps, kept)
    for name, holds, remedy in (
        (SLOTS, enough_slots, "Give the layer more nodes; twice as many always suffice."),
        ("gamma > 0", gammas_are_positive, "Take gaps=data_gaps(net, points), or none."),
        (GAP, nothing_in_the_gaps, "Take gaps=data_gaps(net, points), or none."),
        (ROLES, roles_allow if any(kept) else (lambda _: True), "Keep fewer nodes in place."),
    ):
        answer = holds(m)
        if not answer:
            raise HypothesisError(name, str(answer), remedy)
    result, _ = rewire(m)
    fault = same_outputs(m, result)
    if not fault:
        raise AssertionError(f"{fault}: a fault of memlib")
    return result


def layers_in_place(net: Network, points: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """Return `kept` for the most of the last hidden layers all of whose nodes copy, perceive or carry."""
    widths = net.widths[:-1]
    kinds = tuple(("threshold",) * n for n in widths)
    choices = [(0,) * l + widths[l:] for l in range(len(widths) + 1)]
    return next((c for c in choices if roles_allow(Mixture(net, points, kinds, kept=c))), choices[-1])


__all__ = [
    "Gadget",
    "Mixture",
    "Widths",
    "data_gaps",
    "draw_kinds",
    "layers_in_place",
    "mix",
    "mixed",
    "relu_gadget",
]
