"""Both layers small: few hyperplanes chosen out of a pool, few anchors, verified."""

from collections.abc import Sequence
from typing import Any

from memlib.dirksen.algorithm_floats import Draws, bits
from memlib.dirksen.algorithm_network import Frame, checked, cover_greedily, three_layers
from memlib.dirksen.greedy import prune, restricted
from memlib.exact import Row
from memlib.network import Network
from memlib.points import HypothesisError


def pruned_network(
    points: Sequence[Row],
    labels: Sequence[Any],
    scale: tuple[int, ...] | None = None,
    rng: Any = 0,
    *,
    width: int = 1024,
    bias_range: Any = None,
) -> Network:
    """Return a network as `algorithm.fit` does, both layers chosen greedily: few of `width` hyperplanes, few anchors.

    Raises HypothesisError, as `fit` does, if some pair is separated by none of the hyperplanes, or a class is empty.
    """
    points, labels, most = checked(points, labels, width, bias_range, "greedy")
    index = {label: [i for i, v in enumerate(labels) if v == label] for label in (0, 1)}
    if not index[0] or not index[1]:
        raise HypothesisError("both labels occur", f"all labels are {labels[0]}", "One neuron is enough.")
    rows = Frame.of(points).hyperplanes(Draws(rng), width, most)
    features = bits(rows, points)
    minus, plus = ([features[i] for i in index[label]] for label in (1, 0))
    try:
        kept = prune(minus, plus, width)
    except ValueError as missed:
        raise HypothesisError("every pair is separated", str(missed), f"Try width={2 * width}.") from missed
    minus, plus = (restricted(z, kept) for z in (minus, plus))
    accepted = cover_greedily(minus, plus, range(len(minus)))
    net = three_layers([rows[i] for i in kept], minus, accepted, scale or (1,) * len(points[0]))
    return net.verified(points, labels)
