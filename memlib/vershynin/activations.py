"""Deep networks whose layers have prescribed activations: threshold, ReLU, or one after the other, in integers.

A layer of memlib has one activation, so "mixed" means: prescribed layer by layer. (Types that change from node to
node inside a layer are `memlib.vershynin.relu.mixed`, which returns a `MixedNetwork`.)
"""

from collections.abc import Sequence
from typing import Any

from memlib.layer import Layer
from memlib.network import Network
from memlib.vershynin.relu import layers_in_place, mixed
from memlib.vershynin.slab import perceiving_network

#: What `activation` may be, besides a sequence with one type for each hidden layer.
ACTIVATIONS = ("threshold", "relu", "mixed")


def types_of_layers(activation: str | Sequence[str], hidden: int) -> tuple[str, ...]:
    """Return one type for each of the hidden layers; "mixed" alternates, and the first layer is a ReLU layer."""
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation is {activation!r}, not one of {ACTIVATIONS} or a type for each layer"
            )
        pattern = ("relu", "threshold") if activation == "mixed" else (activation,)
        return tuple(pattern[l % len(pattern)] for l in range(hidden))
    types = tuple(activation)
    if len(types) != hidden:
        raise ValueError(f"activation has {len(types)} types, and the network has {hidden} hidden layers")
    if not set(types) <= {"threshold", "relu"}:
        raise ValueError(f"activation is {types}; a layer is 'threshold' or 'relu'")
    return types


def with_activations(
    net: Network, points: tuple[tuple[int, ...], ...], activation: str | Sequence[str]
) -> Network:
    """Return a network with the prescribed activations and the outputs of `net` on all integer points.

    net : integer network with threshold hidden layers. points : integer points, on which the outputs are compared.
    activation : "threshold", "relu", "mixed", or one type for each hidden layer of `net`.
    In a ReLU layer a bit [t >= 0] becomes relu(t + 1) - relu(t), two nodes; the last layers, as far as all their
    nodes copy, perceive or carry, keep one node for one, relu(t + 1). Threshold layers keep their width.
    Implements vershynin-relu-gadget (d) and vershynin-mix (a), for types that are constant in each layer.
    """
    hidden = net.layers[:-1]
    types = types_of_layers(activation, len(hidden))
    if "relu" not in types:
        return net
    kept = layers_in_place(net, points)
    widths = [
        layer.units if kind == "threshold" else 2 * layer.units - k
        for layer, kind, k in zip(hidden, types, kept, strict=True)
    ]
    kinds = [(kind,) * n for kind, n in zip(types, widths, strict=True)]
    found = mixed(net, points, kinds, kept=kept)
    layers = (
        Layer(one.sums.weights, one.sums.biases, kind) for one, kind in zip(found.layers, types, strict=True)
    )
    return Network((*layers, found.output), found.theorem, net.input_scale, found.output_scale)


def activated_network(
    points: tuple[tuple[int, ...], ...],
    labels: tuple,
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    *,
    activation: str | Sequence[str] = "threshold",
    **options: Any,
) -> Network:
    """Return the network of `perceiving_network` with prescribed activations of its hidden layers, verified.

    activation : "threshold" (the default), "relu", "mixed" (layers take turns, a ReLU layer first), or one type for
    each hidden layer; how many there are depends on the data, unless `depth` and the number of groups fix it. The
    output node is a threshold. options : those of `perceiving_network`.
    Raises ValueError for another activation, else as `perceiving_network`.
    """
    if isinstance(activation, str):
        types_of_layers(activation, 0)  # refuse before the long work
    net = perceiving_network(points, labels, scale, rng, **options)
    return with_activations(net, points, activation).verified(points, labels)
