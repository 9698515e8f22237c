"""A machine with p binary digits, simulated exactly: integers and Fractions that are rounded after every operation.

Its exponents have no bounds, so nothing overflows and nothing underflows. float32 has p = 24, float64 p = 53.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

from memlib.layer import Layer, Sparse
from memlib.network import Network

#: An int or a Fraction.
Number = Any
Points = tuple[tuple[int, ...], ...]
#: Units with at most so many terms are added in every order; there are 3 orders for 3 terms, 105 for 5.
EXHAUSTIVE = 5


def rounded(t: Number, p: int) -> Number:
    """Return the p-bit number nearest to t; if two are, the one whose p-bit integer is even (p >= 1)."""
    if type(t) is int:
        low = t.bit_length() - p
        if low <= 0:
            return t
        m = abs(t)
        m += (1 << (low - 1)) - 1 + (m >> low & 1)  # half a unit; a little less if the integer below is even
        m = m >> low << low
        return m if t > 0 else -m
    e = t.denominator.bit_length() + p  # t 2^e has more than p bits before the point, unless t = 0
    whole, rest = divmod(abs(t) * 2**e, 1)
    sticky = 2 * whole + (rest > 0)  # one more bit says that something was cut off
    value = Fraction(rounded(int(sticky), p), 2 ** (e + 1))
    return value if t > 0 else -value


def is_p_bit(t: Number, p: int) -> bool:
    """Whether t is an integer of at most p bits times a power of two."""
    q, m = t.denominator, abs(t.numerator)
    return q & (q - 1) == 0 and (m == 0 or (m // (m & -m)).bit_length() <= p)


def gamma(m: int, p: int) -> Fraction:
    """Return m mu / (1 - m mu) with mu = 2^-p, that is m / (2^p - m). Raises ZeroDivisionError if m mu = 1."""
    return Fraction(m, 2**p - m)


# --- sums in every order ---


def every_order(terms: Sequence[Number], p: int) -> set:
    """Return all values that p-bit additions of the terms can have, over all orders: all binary trees."""
    everybody = tuple(range(len(terms)))
    reach: dict[tuple[int, ...], set] = {(i,): {t} for i, t in enumerate(terms)}
    for size in range(2, len(terms) + 1):
        for part in combinations(everybody, size):
            values = reach[part] = set()
            for k in range(1, size):
                for left in combinations(part, k):
                    if left[0] == part[0]:  # each split once: the first term stands on the left
                        right = tuple(i for i in part if i not in left)
                        values |= {rounded(a + b, p) for a in reach[left] for b in reach[right]}
    return reach[everybody] if terms else {0}


def from_the_left(terms: Sequence[Number], p: int) -> Number:
    """Add one after the other."""
    total: Number = 0
    for t in terms:
        total = rounded(total + t, p)
    return total


def from_the_right(terms: Sequence[Number], p: int) -> Number:
    return from_the_left(terms[::-1], p)


def in_pairs(terms: Sequence[Number], p: int) -> Number:
    """Add neighbours, then neighbouring sums, and so on."""
    while len(terms) > 1:
        terms = [rounded(sum(terms[i : i + 2]), p) for i in range(0, len(terms), 2)]
    return terms[0] if terms else 0


def small_first(terms: Sequence[Number], p: int) -> Number:
    return from_the_left(sorted(terms, key=abs), p)


def large_first(terms: Sequence[Number], p: int) -> Number:
    return from_the_left(sorted(terms, key=abs, reverse=True), p)


ORDERS: tuple[Callable, ...] = (from_the_left, from_the_right, in_pairs, small_first, large_first)


# --- a network on the machine ---


@dataclass(frozen=True)
class Chip:
    """A network with integer weights, integer points, and a machine with p bits that evaluates it there."""

    network: Network
    points: Points
    p: int

    @cached_property
    def inputs(self) -> list[list[list[int]]]:
        """The exact activations h that every layer is given, and at the end the network's last sums."""
        h = [list(map(list, self.points))]
        for layer in self.network.layers:
            h.append(layer(h[-1]))
        return h

    @cached_property
    def sums(self) -> list[tuple[list, list, list]]:
        """For every layer: the exact sums s = w.h + b, the sizes S = sum |w_i h_i| + |b|, and the counts k.

        s and S have a row a point, k is the number of nonzero weights and biases of each unit.
        """
        return [layer_sums(layer, h) for layer, h in zip(self.network.layers, self.inputs, strict=False)]

    def roundings(self, l: int) -> list[int]:
        """m for the units of layer l of a threshold network: k + 2 in the first, k where inputs are 0 and 1."""
        return [k + 2 * (l == 0) for k in self.sums[l][2]]

    def runs(self) -> list[list[list[list[set]]]]:
        """Return run[l][i][j], what unit j of layer l may sum up to at point i, before its activation.

        One run with all possible values if no unit has more than `EXHAUSTIVE` terms: every order in every unit.
        Otherwise five runs, one for each of `ORDERS`, each with one value.
        """
        if max(k for _, _, counts in self.sums for k in counts) <= EXHAUSTIVE:
            return [self._run(every_order)]
        return [self._run(lambda terms, p, order=order: {order(terms, p)}) for order in ORDERS]

    def _run(self, add: Callable) -> list[list[list[set]]]:
        p, result = self.p, []
        states = [[{rounded(v, p)} for v in x] for x in self.points]
        for layer in self.network.layers:
            units = [([(j, rounded(w, p)) for j, w in row], rounded(b, p)) for row, b in by_unit(layer)]
            sums = [[unit_values(row, b, x, p, add) for row, b in units] for x in states]
            result.append(sums)
            states = [[{activated(v, layer.activation) for v in unit} for unit in x] for x in sums]
        return result


def activated(v: Number, activation: str) -> Number:
    if activation == "threshold":
        return int(v >= 0)
    return max(v, 0) if activation == "relu" else v


def layer_sums(layer: Layer, h: list[list[int]]) -> tuple[list, list, list]:
    """Return (s, S, k) of a layer on a batch of exact inputs, as `Chip.sums` describes."""
    count = [int(b != 0) for b in layer.biases]
    for i, _, _ in layer.entries:
        count[i] += 1
    plain = replace(layer, activation="identity")
    return plain(h), layer_of_sizes(layer)([[abs(v) for v in x] for x in h]), count


def layer_of_sizes(layer: Layer, bias: bool = True) -> Layer:
    """Return the layer with |w| for w and |b|, or 0, for b, without an activation."""
    biases = tuple(abs(b) * bias for b in layer.biases)
    w = layer.weights
    if isinstance(w, Sparse):
        return Layer(replace(w, values=tuple(map(abs, w.values))), biases, "identity")
    return Layer(tuple(tuple(map(abs, row)) for row in w), biases, "identity")


def by_unit(layer: Layer) -> list[tuple[list[tuple[int, int]], int]]:
    """Return for every unit its nonzero weights as (input, weight), and its bias."""
    rows: list[list[tuple[int, int]]] = [[] for _ in layer.biases]
    for i, j, w in layer.entries:
        rows[i].append((j, w))
    return list(zip(rows, layer.biases, strict=True))


def unit_values(row: list[tuple[int, Number]], bias: Number, x: list[set], p: int, add: Callable) -> set:
    """Return what a sum w.h + b of rounded numbers may become if each h_j is any element of the set x[j].

    Terms that are 0 are left out: a sum with 0 is never rounded.
    """
    choices: list[list[Number]] = [[bias] if bias else []]
    if all(len(x[j]) == 1 for j, _ in row):
        terms = choices[0]
        for j, w in row:
            (v,) = x[j]
            t = w if v == 1 else rounded(w * v, p)  # w is rounded already
            if t:
                terms.append(t)
        return add(terms, p)
    for j, w in row:
        products = {rounded(w * v, p) for v in x[j]}
        choices = [[*terms, t] if t else terms for terms in choices for t in products]
        if len(choices) > 4096:
            raise ValueError("the units before can have too many values: use fewer terms")
    return set().union(*(add(terms, p) for terms in choices))
