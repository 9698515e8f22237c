"""Threshold networks on a machine with p bits: safe units, a slab that fails, and the bias in the middle."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from memlib.bubeck.baum import Group, Slab
from memlib.capacity.chip import Chip, Number, Points, activated, by_unit, is_p_bit
from memlib.evidence import Answer, Counterexample
from memlib.layer import Layer, Sparse
from memlib.network import Network

# --- limits-float-threshold ---


def is_safe(s: int, size: int, m: int, p: int) -> bool:
    """(A) m mu < 1 and gamma_m S < |s|, that is m S < (2^p - m) |s|, or (B) S <= 2^p."""
    return (m < 2**p and m * size < (2**p - m) * abs(s)) or size <= 2**p


def enough_bits(s: int, size: int, m: int) -> int:
    """Return the least p >= 1 at which the unit is safe: 2^p > m (1 + S / |s|) or 2^p >= S."""
    by_size = max(1, (size - 1).bit_length()) if size else 1
    return min(by_size, max(1, (m * (abs(s) + size) // abs(s)).bit_length())) if s else by_size


def bits_by_unit(chip: Chip) -> list[list[int]]:
    """Return for every layer the bits that are enough for each unit, at all points; a linear unit is added exactly."""
    result = []
    for l, (sums, sizes, counts) in enumerate(chip.sums):
        linear, m = chip.network.layers[l].activation == "identity", chip.roundings(l)
        result.append(
            [
                max(
                    enough_bits(0 if linear else s[j], size[j], m[j])
                    for s, size in zip(sums, sizes, strict=True)
                )
                for j in range(len(counts))
            ]
        )
    return result


@dataclass(frozen=True)
class Unit:
    """A threshold unit at a point: its sum s, the size S of the sum, and the roundings m that it meets."""

    layer: int
    point: int
    s: int
    size: int
    m: int

    @property
    def margin(self) -> Fraction:
        """|s| / S."""
        return Fraction(abs(self.s), self.size)

    @property
    def bits(self) -> int:
        return enough_bits(self.s, self.size, self.m)


def worst_unit(chip: Chip) -> Unit:
    """Return the first threshold unit that needs the most bits, with the point where it does; layers from 1 on."""
    units = (
        Unit(l + 1, i, s, S, m)
        for l, (sums, sizes, _) in enumerate(chip.sums)
        if chip.network.layers[l].activation == "threshold"
        for i, (row, size) in enumerate(zip(sums, sizes, strict=True))
        for s, S, m in zip(row, size, chip.roundings(l), strict=True)
        if S
    )
    return max(units, key=lambda unit: unit.bits)


def hidden_units_are(chip: Chip, activation: str) -> Answer:
    for l, layer in enumerate(chip.network.layers[:-1]):
        if layer.activation != activation:
            return Counterexample(f"layer {l + 1} is {layer.activation}")
    return True


def hidden_thresholds(chip: Chip) -> Answer:
    return hidden_units_are(chip, "threshold")


def all_units_are_safe(chip: Chip) -> Answer:
    for l, (sums, sizes, _) in enumerate(chip.sums):
        linear, m = chip.network.layers[l].activation == "identity", chip.roundings(l)
        for i, (row, size) in enumerate(zip(sums, sizes, strict=True)):
            for j, (s, S) in enumerate(zip(row, size, strict=True)):
                if not is_safe(0 if linear else s, S, m[j], chip.p):
                    return Counterexample(
                        f"unit {j} of layer {l + 1} has s = {s} and S = {S} at point {i}, with {chip.p} bits"
                    )
    return True


def every_unit_keeps_its_value(chip: Chip) -> Answer:
    """Every threshold unit has its exact bit, and a linear output its exact number, in all runs of the machine."""
    last = len(chip.network.layers) - 1
    for run in chip.runs():
        for l, layer in enumerate(chip.network.layers):
            if layer.activation != "threshold" and l < last:
                continue
            for i, exact in enumerate(chip.inputs[l + 1]):
                for j, right in enumerate(exact):
                    for v in sorted(run[l][i][j]):
                        if activated(v, layer.activation) != right:
                            return Counterexample(
                                f"unit {j} of layer {l + 1} has the sum {chip.sums[l][0][i][j]} at point {i}, "
                                f"and the machine finds {v}"
                            )
    return True


# --- limits-float-thin ---


def neighbours(p: int) -> Points:
    """Return the points 2^(p-1), 2^(p-1) + 1, 2^(p-1) + 2 of the line, p-bit numbers for p >= 2."""
    return tuple((2 ** (p - 1) + k,) for k in range(3))


def thin_slab(p: int) -> Network:
    """Return the slab 2c - 1 <= 2x < 2c + 1 around c, the middle one of the three neighbours."""
    c = 2 ** (p - 1) + 1
    return with_thickness([Slab(Group(neighbours(p), members=(1,)), u=(2,), b=2 * c, tau=1)])


def answers(chip: Chip) -> list[set]:
    """The values that the network's output may have at each point, over the runs."""
    last, runs = chip.network.layers[-1].activation, chip.runs()
    return [{activated(v, last) for run in runs for v in run[-1][i][0]} for i in range(len(chip.points))]


def at_least_two_bits(p: int) -> Answer:
    return p >= 2 or Counterexample(f"p is {p}")


def fails_with_p_bits_alone(p: int) -> Answer:
    """Exact answers 0, 1, 0; with p bits 1, 1, 0 in every order; with p + 1 bits 0, 1, 0 in every order."""
    net, points = thin_slab(p), neighbours(p)
    found = net.at_integers(points), answers(Chip(net, points, p)), answers(Chip(net, points, p + 1))
    if not all(is_p_bit(x, p) for (x,) in points):
        return Counterexample(f"the points are no {p}-bit numbers")
    wanted = (0, 1, 0), [{1}, {1}, {0}], [{0}, {1}, {0}]
    return found == wanted or Counterexample(
        f"exact {found[0]}, {p} bits {found[1]}, {p + 1} bits {found[2]}"
    )


# --- limits-float-centre ---


@dataclass(frozen=True)
class Gap:
    """The values w.x of one unit at the points where it fires and where it is silent, and some bias for it."""

    fires: tuple[Number, ...]
    silent: tuple[Number, ...]
    bias: Number

    @property
    def width(self) -> Number:
        """A - C."""
        return min(self.fires) - max(self.silent)

    @property
    def centre(self) -> Fraction:
        """The bias -(A + C) / 2."""
        return -Fraction(min(self.fires) + max(self.silent), 2)

    def margin(self, bias: Number) -> Number | None:
        """The least |w.x + bias| over all points; None if the bias gives other bits."""
        if min(self.fires) + bias < 0 or max(self.silent) + bias >= 0:
            return None
        return min(abs(v + bias) for v in (*self.fires, *self.silent))


def some_bias_gives_the_bits(it: Gap) -> Answer:
    return it.width > 0 or Counterexample(
        f"it fires at {min(it.fires)} and shall be silent at {max(it.silent)}"
    )


def centre_is_best(it: Gap) -> Answer:
    best, other = it.margin(it.centre), it.margin(it.bias)
    if best is None or 2 * best != it.width:
        return Counterexample(f"the bias {it.centre} has the margin {best}, and the gap is {it.width}")
    if other is not None and (other > best or (other == best) != (it.bias == it.centre)):
        return Counterexample(f"the bias {it.bias} has the margin {other}, the centre {best}")
    return True


def edge_is_as_good(it: Gap) -> Answer:
    """The wrong version: the edge -A has as large a margin as the centre."""
    edge, best = it.margin(-min(it.fires)), it.margin(it.centre)
    return edge == best or Counterexample(f"the edge has the margin {edge}, the centre {best}")


def centred(network: Network, points: Points) -> Network:
    """Return the network with the bias of every threshold unit in the middle of its gap at these points.

    Weights and biases are doubled so that they stay integers. A unit that gives the same bit at all points becomes
    constant. At the points nothing changes.
    """
    layers, chip = [], Chip(network, points, 1)
    for layer, (sums, _, _) in zip(network.layers, chip.sums, strict=True):
        rows, biases = [], []
        for (row, b), values in zip(by_unit(layer), zip(*sums, strict=True), strict=True):
            on, off = [v for v in values if v >= 0], [v for v in values if v < 0]
            rows.append({j: 2 * w for j, w in row} if on and off else {})
            biases.append(2 * b - min(on) - max(off) if on and off else 1 if on else -1)
        new = Layer(Sparse.of(rows, layer.inputs), tuple(biases), "threshold")
        layers.append(new if layer.activation == "threshold" else layer)
    labels = network.at_integers(points)
    return replace(network, layers=tuple(layers)).verified(points, labels)


def with_thickness(slabs: Sequence[Slab], tau: int | None = None) -> Network:
    """Return the sum of the slabs as a network, each with half-thickness tau (default: its own)."""
    d = len(slabs[0].u)
    biases = tuple(-s.b + sign * (tau or s.tau) for s in slabs for sign in (1, -1))
    first = Layer(tuple(s.u for s in slabs for _ in range(2)), biases, "threshold")
    signs = Layer(((1, -1) * len(slabs),), (0,), "identity")
    return Network((first, signs), "bubeck-baum-threshold", (1,) * d)
