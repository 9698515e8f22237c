"""The claims of the page: found once, carried to the end, at any widths; and Theorem R+.

The networks of prescribed widths are built in `widths`; instances and predicates of Theorem R+ are in `assembly_full`.
"""

from dataclasses import dataclass, replace
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.layer import Layer, Sparse
from memlib.network import Network
from memlib.points import names
from memlib.vershynin import assembly, assembly_full

CLAIM = "vershynin-widths"
Row = tuple[int, ...]


@dataclass(frozen=True, repr=False)
class PrescribedNetwork(Network):
    """A network of prescribed widths; `note` says which hypothesis of the theorem of the page on assembly is broken.

    perceive : for every hidden layer the places of its perception nodes. carry : the place of its carry node, or None.
    marked : the label of the class whose points are found. stored : for every hidden layer the points it has found.
    """

    perceive: tuple[Row, ...] = ()
    carry: tuple[int | None, ...] = ()
    marked: int = 1
    stored: Row = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}; {self.note})"


@dataclass(frozen=True)
class Prescribed:
    """A network with the places of its perception and carry nodes, integer points, labels, and prescribed widths."""

    network: PrescribedNetwork
    points: tuple[Row, ...]
    labels: Row
    widths: Row

    @property
    def finds(self) -> list[bool]:
        """Whether some perception node of some layer fires, at every point."""
        h: Any = [list(x) for x in self.points]
        seen = [False] * len(h)
        for layer, places in zip(self.network.layers[:-1], self.network.perceive, strict=True):
            h = layer(h)
            seen = [a or any(row[j] for j in places) for a, row in zip(seen, h, strict=True)]
        return seen


def labels_are_bits(x: Prescribed) -> Answer:
    foreign = [k for k, y in enumerate(x.labels) if y not in (0, 1)]
    return not foreign or Counterexample(f"point {foreign[0]} has the label {x.labels[foreign[0]]}")


def the_class_is_found(x: Prescribed) -> Answer:
    lost = [k for k, seen in enumerate(x.finds) if x.labels[k] == x.network.marked and not seen]
    return not lost or Counterexample(f"nothing fires at {names(lost)}")


def nobody_else_is_found(x: Prescribed) -> Answer:
    caught = [k for k, seen in enumerate(x.finds) if x.labels[k] != x.network.marked and seen]
    return not caught or Counterexample(f"something fires at {names(caught)}")


def carry_is_wired(x: Prescribed) -> Answer:
    """From layer to layer the carry node collects what fired, and the output collects the last."""
    net = x.network
    before: set[int] = set()
    for l, layer in enumerate(net.layers):
        output = l + 1 == len(net.layers)
        place = 0 if output else net.carry[l]
        if place is None and before:
            return Counterexample(f"layer {l + 2} has no carry node")
        if place is not None:
            sign = 1 if net.marked or not output else -1
            read = {j: w for i, j, w in layer.entries if i == place}
            if read != dict.fromkeys(before, sign) or layer.biases[place] != (-1 if sign == 1 else 0):
                wrong = sum(read.get(j) != sign for j in before) + len(set(read) - before)
                return Counterexample(f"{wrong} of the weights into the carry of layer {l + 2} are wrong")
        if not output:
            before = {*net.perceive[l], *(j for j in net.carry[l : l + 1] if j is not None)}
    return True


def memorizes_at_these_widths(x: Prescribed) -> Answer:
    """Compare the widths, and the integer output with every label."""
    if x.network.widths != (*x.widths, 1) or {a.activation for a in x.network.layers} != {"threshold"}:
        return Counterexample(f"the widths are {x.network.widths}, or a node is no threshold")
    wrong = [k for k, v in enumerate(x.network.at_integers(x.points)) if v != x.labels[k]]
    return not wrong or Counterexample(f"the network is wrong at {names(wrong)}")


def remembers_the_last_layer_only(x: Prescribed) -> Answer:
    """The wrong version: the last hidden layer alone finds the whole class."""
    last = x.network.perceive[-1]
    h: Any = [list(p) for p in x.points]
    for layer in x.network.layers[:-1]:
        h = layer(h)
    lost = [k for k, row in enumerate(h) if x.labels[k] == x.network.marked and not any(row[j] for j in last)]
    return not lost or Counterexample(f"the last layer does not fire at {len(lost)} points of the class")


widths = Claim(
    CLAIM,
    hypotheses={
        "labels in {0, 1}": labels_are_bits,
        "each point of the class is found": the_class_is_found,
        "nobody else is found": nobody_else_is_found,
        "the carry is wired": carry_is_wired,
    },
    conclusion=memorizes_at_these_widths,
)


def with_carry_cut(x: Prescribed, layer: int) -> Prescribed:
    """Return the instance whose carry node in hidden layer `layer` (layer 2 of the page is 0) reads nothing."""
    net, place = x.network, x.network.carry[layer]
    old = net.layers[layer]
    rows: list[dict[int, int]] = [{} for _ in range(old.units)]
    for i, j, w in old.entries:
        if i != place:
            rows[i][j] = w
    cut = Layer(Sparse.of(rows, old.inputs), old.biases, "threshold")
    layers = (*net.layers[:layer], cut, *net.layers[layer + 1 :])
    return replace(x, network=replace(net, layers=layers))


def relabelled(x: Prescribed, k: int, label: int) -> Prescribed:
    return replace(x, labels=(*x.labels[:k], label, *x.labels[k + 1 :]))


def prescribed(net: PrescribedNetwork, points: tuple[Row, ...], labels: tuple) -> Prescribed:
    """Return the instance of the claim for a network at points on its grid."""
    return Prescribed(net, points, tuple(map(int, labels)), net.widths[:-1])


# --- vershynin-assembly-full ---

full = Claim(
    "vershynin-assembly-full",
    hypotheses={
        "K >= 2": lambda x: assembly.budget.hypotheses["K >= 2"](x.budget),
        "the points keep their distance": lambda x: assembly_full.of_points(
            "the points keep their distance", x
        ),
        "(C1)": lambda x: assembly_full.of_points("(C1)", x),
        "(C2)": lambda x: assembly.budget.hypotheses["(C2)"](x.budget),
        "(C3+)": assembly_full.condition_3,
    },
    conclusion=assembly_full.holds,
)
