"""The first block of features of Theorem R+, drawn in floats and handed on as integers."""

from typing import Any

import numpy as np

from memlib.vershynin.assembly_floats import SCALE, _gram, _products


def first_features(
    gram: tuple, nodes: int, mean: Any, rng: np.random.Generator
) -> tuple[tuple[int, ...], ...]:
    """Return the inner products of sparse features of layer 3, with one bias for inputs of unequal norms.

    The bias is that of an input whose squared norm is `mean`, at which a node fires with probability 1 / sqrt(2 nodes).
    """
    from scipy.special import ndtri

    threshold = int(-ndtri(1 / np.sqrt(2 * nodes)) * SCALE * np.sqrt(float(mean)))
    return _gram((_products(gram, nodes, rng) > threshold).astype(np.int64))
