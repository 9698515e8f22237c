"""Networks of exactly the widths that are asked for: channel, features, perception and carry side by side.

The theorem of the page on assembly begins at layers of 400 000 nodes. Here the same wiring is tried at any widths; what
comes out is verified in integers at its own points, and says that the theorem did not promise it.
"""

from collections.abc import Sequence
from typing import Any

from memlib.layer import Layer
from memlib.network import Network
from memlib.points import HypothesisError
from memlib.vershynin import widths_floats as floats
from memlib.vershynin.activations import activated_network
from memlib.vershynin.assembly import Budget, budget
from memlib.vershynin.copying import DRAWS, first_layer, rarer_class, require_zero_or_one
from memlib.vershynin.perception_floats import gaussian_rows, generator
from memlib.vershynin.real_data import CLAIM, PrescribedNetwork, Row

#: The Gaussian weights behind the first layer are rint(2^BITS g).
BITS = 4


def outside_the_theorem(K: int, given: Sequence[int]) -> str:
    """Say which hypothesis of vershynin-assembly the widths break, or that the data would have to be judged."""
    if len(given) < 2 or K < 2:
        return f"vershynin-assembly promises nothing for {len(given)} hidden layers and {K} points"
    for name in ("(C2)", "(C3)"):
        answer = budget.hypotheses[name](Budget(K, tuple(given[1:])))
        if not answer:
            return f"not promised by vershynin-assembly, whose {name} fails: {answer}"
    return "(C2) and (C3) of vershynin-assembly hold; (C1) and the separation were not decided"


def layer_of(inputs: int, rows: list[list[int]], biases: list[int], nodes: int) -> Layer:
    """Return the layer with these rows, filled up with idle nodes (weights 0, bias -1)."""
    idle = nodes - len(rows)
    weights = [*rows, *([0] * inputs for _ in range(idle))]
    return Layer(tuple(map(tuple, weights)), (*biases, *([-1] * idle)), "threshold")


def constant_network(value: int, given: Sequence[int], scale: Row, note: str) -> PrescribedNetwork:
    """Return idle layers and an output that is always `value`."""
    sizes = [len(scale), *given]
    layers = [layer_of(m, [], [], n) for m, n in zip(sizes, given, strict=False)]
    output = layer_of(given[-1], [[0] * given[-1]], [value - 1], 1)
    empty, nothing = ((),) * len(given), (None,) * len(given)
    return PrescribedNetwork(
        (*layers, output), CLAIM, scale, 1, empty, nothing, 1 - value, (0,) * len(given), note
    )


class Builder:
    """The layers under construction: the blocks of the last one, the points still waiting, who found what."""

    def __init__(self, points: tuple, labels: tuple, given: Row, q: int, rng: Any):
        self.given, self.q, self.rng = given, q, rng
        self.waiting = rarer_class(labels)
        self.marked = int(labels[self.waiting[0]])
        self.strangers = [k for k, y in enumerate(labels) if y != self.marked]
        self.layers = [first_layer(points, given[0], rng)]
        self.outputs = self.layers[0].on_batch(points)
        self.channel = range(given[0])
        self.features = self.channel if q == 2 else range(0)
        self.perceive: list[Row] = [()]
        self.carry: list[int | None] = [None]
        self.stored = [0]
        self._require_distinct()

    @property
    def place(self) -> str:
        """Name the layer that is being built."""
        l = len(self.layers)
        return f"layer {l + 2} ({self.given[l]} nodes)"

    def _block(self, columns: range) -> Any:
        rows = self.outputs if isinstance(self.outputs, list) else self.outputs.tolist()
        return [row[columns.start : columns.stop] for row in rows]

    def _require_distinct(self) -> None:
        pair = floats.equal_rows(self._block(self.channel), self.waiting, self.strangers)
        if pair:
            raise HypothesisError(
                "the sign layers keep different labels apart",
                f"in layer {len(self.layers) + 1} ({self.given[len(self.layers) - 1]} nodes) points {pair[0]} and "
                f"{pair[1]} have the same {len(self.channel)} bits, their labels differ",
                "Give this layer more nodes.",
            )

    def _collected(self) -> list[int]:
        """The nodes that a carry node reads: perception and carry of the layer before."""
        return [*self.perceive[-1], *(j for j in self.carry[-1:] if j is not None)]

    def add_layer(self) -> None:
        """Perceive in the features of the layer before, carry, and pass the points on if some still wait."""
        n, collected = self.given[len(self.layers)], self._collected()
        last, room = len(self.layers) + 1 == len(self.given), n - bool(collected)
        groups, worst, waiting = self._perception(room // 2)
        if waiting and last:
            self._refuse(waiting, worst, full=len(groups) == room // 2)
        d = s = 0
        if waiting:
            groups = groups[: n // 4]  # half of the nodes stay for the blocks
            blocks = room - 2 * len(groups)
            d, s = (blocks, 0) if self.q == 2 else (blocks // 2, blocks - blocks // 2)
            if d < 1:
                raise HypothesisError(
                    "every layer has room to pass the points on",
                    f"{self.place} has no node for the channel, and {len(waiting)} points wait",
                    "Give this layer more nodes, or those before it, so that no point waits.",
                )
        self._append(n, d, s, groups, collected)
        self._require_distinct() if self.waiting else None

    def _perception(self, most: int) -> tuple[list, Any, list[int]]:
        """Return groups, the worst pair, and who still waits."""
        if not self.waiting or not self.features or not most:
            return [], None, self.waiting
        block = self._block(self.features)
        found = floats.search(block, self.waiting, self.strangers, self.q, most, self.rng)
        caught = {i for group in found.groups for i in group.caught}
        return found.groups, found.worst, [i for i in self.waiting if i not in caught]

    def _refuse(self, waiting: list[int], worst: Any, full: bool) -> None:
        so_far = f"the layers 2, 3, ... before have stored {self.stored}"
        if full:
            raise HypothesisError(
                "the layers have room for the rarer class",
                f"{self.place} is the last; it is full, and {len(waiting)} points still wait; {so_far}",
                "Give more nodes or more layers.",
            )
        why = "the layer before has no block of features"
        if worst:
            i, k, own, seen = worst
            why = (
                f"in the {len(self.features)} features before it, the neuron for point {i} sees {own} there "
                f"and {seen} at point {k}, whose label differs"
            )
        raise HypothesisError(
            "some group of points is admissible",
            f"{self.place} is the last, and {len(waiting)} points are in no group, not even alone: {why}; {so_far}",
            "Give the layers before it more nodes.",
        )

    def _append(self, n: int, d: int, s: int, groups: list, collected: list[int]) -> None:
        m, D = self.layers[-1].units, len(self.channel)
        rows = gaussian_rows(d, D, BITS, self.rng) if d else []
        biases = [-(sum(row) // 2) - 1 for row in rows]  # <g, 2v - 1> > 0 iff <g, v> >= floor(sum g / 2) + 1
        if s:
            sparse, c = floats.sparse_rows(s, D, self.q, BITS, self.rng)
            rows += sparse  # <g, 2v - 1> >= c iff <g, v> >= (c + sum g) / 2, rounded up
            biases += [-((t + sum(row) + 1) // 2) for row, t in zip(sparse, c, strict=True)]
        rows = [row + [0] * (m - D) for row in rows]
        before, after = [0] * self.features.start, [0] * (m - self.features.stop)
        for w, low, high, _ in groups:
            rows += [[*before, *w, *after], [*before, *(-v for v in w), *after]]
            biases += [-high, low]
        self.perceive.append(tuple(range(d + s, len(rows))))
        self.carry.append(len(rows) if collected else None)
        if collected:
            rows.append([int(j in set(collected)) for j in range(m)])
            biases.append(-1)
        caught = {i for group in groups for i in group.caught}
        self.stored.append(len(caught))
        self.waiting = [i for i in self.waiting if i not in caught]
        self.layers.append(layer_of(m, rows, biases, n))
        self.outputs = self.layers[-1].on_batch(self.outputs)
        self.channel, self.features = range(d), range(d) if self.q == 2 else range(d, d + s)

    def network(self, scale: Row, note: str) -> PrescribedNetwork:
        """Return the network, with its output node."""
        sign, read = (1 if self.marked else -1), set(self._collected())
        row = [sign * int(j in read) for j in range(self.layers[-1].units)]
        output = Layer((tuple(row),), (-1 if self.marked else 0,), "threshold")
        places = tuple(self.perceive), tuple(self.carry), self.marked, tuple(self.stored)
        return PrescribedNetwork((*self.layers, output), CLAIM, scale, 1, *places, note)


def widths_network(
    points: tuple[Row, ...],
    labels: tuple,
    scale: Row | None = None,
    rng: Any = 0,
    *,
    widths: Sequence[int],
    sparsity: int = 2,
) -> PrescribedNetwork:
    """Return a threshold network with exactly these hidden widths that memorizes the points, verified in integers.

    points : distinct integer points. labels : 0 or 1. scale : the grid of the points, default 1. rng : seed or
    generator. widths : n_2, ..., n_L, at least two. sparsity : q; a feature fires with probability 1/q. With q = 2 the
    signs of the channel are the features; else channel and features are separate blocks, as in the theorem.
    Raises HypothesisError, naming the layer, if a layer makes different labels equal, has no node for the channel, or
    if at the last layer points wait that are in no admissible group or for which there is no room; and if a label is
    not 0 or 1. That no network of these widths exists is not meant: three draws found none.
    Implements vershynin-widths; the returned `note` says which hypothesis of vershynin-assembly is broken.
    """
    given = tuple(widths) if isinstance(widths, Sequence) else ()
    if len(given) < 2 or not all(type(n) is int and n >= 1 for n in given):
        raise ValueError(
            f"widths is {widths!r}; at least two positive integers are needed, a hidden layer each"
        )
    if type(sparsity) is not int or sparsity < 2:
        raise ValueError(f"sparsity is {sparsity!r}; it is an integer, at least 2")
    scale = scale or (1,) * len(points[0])
    require_zero_or_one(labels)
    note = outside_the_theorem(len(points), given)
    if len(set(labels)) == 1:
        constant = constant_network(int(labels[0]), given, scale, note)
        constant.verified(points, labels)
        return constant
    rng = generator(rng)
    for draw in range(DRAWS):
        try:
            builder = Builder(points, labels, given, sparsity, rng)
            for _ in given[1:]:
                builder.add_layer()
        except HypothesisError:
            if draw == DRAWS - 1:
                raise
        else:
            break
    net = builder.network(scale, note)
    net.verified(points, labels)
    return net


def vershynin_network(
    points: tuple[Row, ...],
    labels: tuple,
    scale: Row | None = None,
    rng: Any = 0,
    *,
    widths: Sequence[int] | None = None,
    **options: Any,
) -> Network:
    """Return `widths_network` if widths are prescribed, else `activated_network`; the options are theirs."""
    if widths is None:
        return activated_network(points, labels, scale, rng, **options)
    foreign = sorted(set(options) - {"sparsity"})
    if foreign:
        raise ValueError(f"{foreign[0]} goes with a constant width; with widths= the one option is sparsity=")
    return widths_network(points, labels, scale, rng, widths=widths, **options)
