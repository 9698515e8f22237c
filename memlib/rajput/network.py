"""From data to a deep threshold network: the method "rajput-blocks"."""

from collections.abc import Sequence
from typing import Any

from flint import arb

from memlib.exact import Row, dot
from memlib.layer import Layer
from memlib.network import Network
from memlib.points import HypothesisError
from memlib.rajput.hyperplanes import radius_of
from memlib.rajput.lift import rounded_up
from memlib.rajput.main_floats import generator, nearest_opposites
from memlib.rajput.neuron_layers import LAYERS
from memlib.rajput.pipeline import attempt
from memlib.rajput.random_parities import ball, shown
from memlib.rajput.sizes import Sizes

#: The most hyperplanes that the method draws.
MOST = 20_000


def blocks_network(
    points: tuple[Row, ...],
    labels: Sequence[int],
    scale: tuple[int, ...],
    rng: Any = 0,
    neuron: str = "solve",
    thrift: int = 16,
) -> Network:
    """Return a verified deep threshold network: hyperplanes, parities, a lift, one neuron a block.

    points : distinct integer points, x * scale. labels : 0 or 1. neuron : "solve" (weights by linear algebra),
    "perceptron" (by corrections: smaller weights) or "hebbian" (sums of lifted vectors: no gates, a wide lift).
    thrift : the first draw takes one in `thrift` of the hyperplanes of the theorem; after a failure the next takes
    twice as many, and at most all.
    Columns are stretched to about the same range, an affine map that the first layer absorbs; the unit ball is one
    around the middle of the data; the separation is that of points with different labels.
    Method "rajput-blocks"; the theorem is rajput-main-paper, and for "hebbian" rajput-block-hebb.
    Raises HypothesisError for labels other than 0 and 1, and where the separation asks for too many hyperplanes.
    """
    for i, y in enumerate(labels):
        if y not in (0, 1):
            raise HypothesisError(
                "labels are 0 or 1", f"point {i} has the label {y}", "Build a detector a class."
            )
    if neuron not in ("solve", *LAYERS):
        raise ValueError(f"neuron {neuron!r} is not one of {['solve', *LAYERS]}")
    if thrift < 1:
        raise ValueError(f"thrift is {thrift}; it is at least 1")
    rng = generator(rng)
    columns = list(zip(*points, strict=True))
    ranges = [max(column) - min(column) for column in columns]
    stretch = [max(ranges) // length if length else 1 for length in ranges]
    middle = [(min(column) + max(column)) // 2 * c for column, c in zip(columns, stretch, strict=True)]
    centred = tuple(tuple(v * c - o for v, c, o in zip(x, stretch, middle, strict=True)) for x in points)
    radius = radius_of(centred)
    delta, i, j = nearest_opposites(centred, radius, labels)
    needed = rounded_up(16 * arb.pi() * ball(4 * len(points) ** 2).log())
    if needed >= MOST * thrift * delta:
        raise HypothesisError(
            "points of different labels keep a distance",
            f"points {i} and {j} are at distance {shown(ball(delta))} times the radius of the data",
            f"More than {MOST} hyperplanes would be needed: move or drop a point, or use the method 'baum'.",
        )
    sizes = Sizes(len(points), len(points[0]), delta)
    share, drawn = thrift, None
    for _ in range(40):
        m = -(-sizes.m // share)
        if m > MOST:
            break
        found = attempt(centred, labels, labels, sizes, m, radius, rng)
        if found is not None:
            last = found.layers[-3:] if neuron == "solve" else LAYERS[neuron](found, rng)
            if last is not None:
                drawn = (*found.layers[:-3], *last)
                break
        share = max(1, share // 2)
    if drawn is None:
        raise ArithmeticError(f"no draw with at most {MOST} hyperplanes was right")
    layers = (on_the_grid(drawn[0], stretch, middle), *drawn[1:])
    theorem = "rajput-block-hebb" if neuron == "hebbian" else "rajput-main-paper"
    return Network(layers, theorem, scale).verified(points, tuple(labels))


def on_the_grid(layer: Layer, stretch: Sequence[int], middle: Sequence[int]) -> Layer:
    """Return the layer x -> layer(stretch * x - middle)."""
    rows = [[0] * layer.inputs for _ in range(layer.units)]
    for i, j, w in layer.entries:
        rows[i][j] = w
    moved = tuple(b - dot(row, middle) for row, b in zip(rows, layer.biases, strict=True))
    stretched = tuple(tuple(w * c for w, c in zip(row, stretch, strict=True)) for row in rows)
    return Layer(stretched, moved, layer.activation)
