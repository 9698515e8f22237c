"""Slabs in integers, and the deep network of copies, slabs and a carry: part (c) of vershynin-slab."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from memlib.evidence import Answer, Counterexample
from memlib.exact import dot
from memlib.layer import Layer, Sparse
from memlib.network import Network
from memlib.points import names
from memlib.vershynin.copying import Neuron

Vectors = tuple[tuple[int, ...], ...]
CLAIM = "vershynin-slab"


@dataclass(frozen=True)
class Slab:
    """lo <= <w, sigma> <= hi, which is to hold exactly at the members."""

    members: tuple[int, ...]
    w: tuple[int, ...]
    lo: int
    hi: int

    @property
    def pair(self) -> tuple[Neuron, Neuron]:
        """The neurons that fire from lo on, and from hi + 1 on."""
        return Neuron(self.w, self.lo), Neuron(self.w, self.hi + 1)


def excludes_strangers(slab: Slab, vectors: Vectors) -> Answer:
    inside = set(slab.members)
    for k, sigma in enumerate(vectors):
        if (slab.lo <= dot(slab.w, sigma) <= slab.hi) != (k in inside):
            return Counterexample(f"the slab {'misses' if k in inside else 'contains'} point {k}")
    return True


def slab_layers(d: int, slabs: Sequence[Slab], nodes: int, ones: bool) -> tuple[Layer, ...]:
    """Return the deep part, which reads d bits: copies, pairs for the slabs, a carry; and the output.

    The carry and the output read a pair with the weights 1 and -1, which is a bit, and the carry before with 1.
    nodes : P, the most perception neurons of a layer. ones : whether the output fires if something was found, or if
    nothing was.
    """
    per_layer = nodes // 2
    shifts = [slabs[k : k + per_layer] for k in range(0, len(slabs), per_layer)]
    layers: list[Layer] = []
    inputs = d
    marks: dict[int, int] = {}
    for l, shift in enumerate(shifts):
        copies = d if l + 1 < len(shifts) else 0
        rows, biases = [{j: 1} for j in range(copies)], [-1] * copies
        for neuron in (neuron for slab in shift for neuron in slab.pair):
            weights, bias = neuron.on_bits
            rows.append(weights)
            biases.append(bias)
        if l:
            rows.append(marks)
            biases.append(-1)
        layers.append(Layer(Sparse.of(rows, inputs), tuple(biases), "threshold"))
        inputs = len(rows)
        marks = {copies + j: (-1) ** j for j in range(2 * len(shift))}
        if l:
            marks[inputs - 1] = 1
    sign = 1 if ones else -1
    output = Sparse.of([{j: sign * w for j, w in marks.items()}], inputs)
    return (*layers, Layer(output, (-1 if ones else 0,), "threshold"))


@dataclass(frozen=True)
class Deep:
    """Bit vectors with labels, slabs whose members make up a label class, and the number P of nodes."""

    bits: Vectors
    labels: tuple[int, ...]
    slabs: tuple[Slab, ...]
    nodes: int

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        return tuple(slab.members for slab in self.slabs)

    @property
    def marked(self) -> tuple[int, ...]:
        return tuple(i for group in self.groups for i in group)

    @property
    def marks_ones(self) -> bool:
        return self.labels[self.marked[0]] == 1 if self.marked else 1 not in self.labels

    @cached_property
    def sigma(self) -> Vectors:
        return tuple(tuple(2 * v - 1 for v in row) for row in self.bits)

    @cached_property
    def network(self) -> Network:
        d = len(self.bits[0])
        return Network(slab_layers(d, self.slabs, self.nodes, self.marks_ones), CLAIM, (1,) * d)


def memorizes_by_slabs(x: Deep) -> Answer:
    """Count layers, widths and the weights of the pairs, and compare the integer output with every label."""
    if x.nodes < 2:
        return Counterexample("no layer has room for a pair of neurons")
    net, d, G = x.network, len(x.bits[0]), len(x.slabs)
    if len(net.layers) - 1 != -(-G // (x.nodes // 2)):
        return Counterexample(f"there are {len(net.layers) - 1} hidden layers")
    if max(net.widths[:-1], default=0) > d + x.nodes + 1:
        return Counterexample(f"a layer has {max(net.widths[:-1])} neurons")
    most = 2 * G * (d + 1) + (len(net.layers) - 1) * (d + 1)  # pairs, what reads them, copies and carries
    if net.nonzero_weights > most:
        return Counterexample(f"{net.nonzero_weights} weights are not 0, more than {most}")
    wrong = [k for k, v in enumerate(net.at_integers(x.bits)) if v != x.labels[k]]
    return not wrong or Counterexample(f"the network is wrong at {names(wrong)}")


def all_weights_plus(x: Deep) -> Answer:
    """The wrong version: the output reads both neurons of each slab with the weight 1 (its network has one layer)."""
    *hidden, output = x.network.layers
    plus = Sparse.of([{j: abs(w) for _, j, w in output.entries}], output.inputs)
    net = Network((*hidden, Layer(plus, output.biases, "threshold")), CLAIM, x.network.input_scale)
    wrong = [k for k, v in enumerate(net.at_integers(x.bits)) if v != x.labels[k]]
    return not wrong or Counterexample(f"the network is wrong at {names(wrong)}")
