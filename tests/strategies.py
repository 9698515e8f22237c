"""The property-test strategies of all unit tests: exact points, matrices, labels, networks, floats."""

from fractions import Fraction
from itertools import combinations, pairwise

from hypothesis import strategies as st
from sympy import Matrix

from memlib.network import Layer, Network

small = st.integers(-4, 4)
one_to_three = st.integers(1, 3)
one_to_six = st.integers(1, 6)
two_to_nine = st.integers(2, 9)
#: Integers of every size that matters: zero, one digit, beyond 64 bits.
integers = st.one_of(small, st.integers(-(10**30), 10**30))
fractions = st.fractions(-5, 5, max_denominator=12)
finite_floats = st.floats(allow_nan=False, allow_infinity=False)
#: Floats as data files print them.
decimals = st.builds(lambda k, e: float(f"{k}e-{e}"), st.integers(-(10**6), 10**6), st.integers(0, 6))


def matrices(rows: st.SearchStrategy, columns: st.SearchStrategy, entries=small) -> st.SearchStrategy:
    """Matrices as lists of rows."""
    return st.tuples(rows, columns).flatmap(
        lambda shape: st.lists(
            st.lists(entries, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
        )
    )


@st.composite
def point_sets(draw, n=one_to_six, d=one_to_three, entries=small) -> tuple:
    """Distinct integer points: with few values to choose from, many lie on common lines and planes."""
    n, d = draw(n), draw(d)
    return tuple(draw(st.lists(st.tuples(*[entries] * d), min_size=n, max_size=n, unique=True)))


def affinely_independent(points) -> bool:
    """Decide with sympy, by the rank of the differences from the first point."""
    first, *rest = points
    return not rest or Matrix([[a - b for a, b in zip(x, first, strict=True)] for x in rest]).rank() == len(
        rest
    )


def in_general_position(points) -> bool:
    """Decide with sympy whether every d + 1 of the points (all, if fewer) are affinely independent."""
    size = min(len(points), len(points[0]) + 1)
    return all(affinely_independent(subset) for subset in combinations(points, size))


@st.composite
def general_point_sets(draw, n=two_to_nine, d=one_to_three) -> tuple:
    """Points in general position: points of the moment curve, moved by an invertible affine map.

    Any d + 1 points of the curve (t, t^2, ..., t^d) are affinely independent (Vandermonde), and the map, a
    lower triangular matrix with nonzero diagonal and a shift, keeps that.
    """
    n, d = draw(n), draw(d)
    times = draw(st.lists(st.integers(-12, 12), min_size=n, max_size=n, unique=True))
    lower = [[draw(small) for _ in range(i)] + [draw(st.integers(1, 3))] for i in range(d)]
    shift = [draw(small) for _ in range(d)]
    curve = [[t**k for k in range(1, d + 1)] for t in times]
    return tuple(
        tuple(
            sum(c * x for c, x in zip(row, point, strict=False)) + s
            for row, s in zip(lower, shift, strict=True)
        )
        for point in curve
    )


def labels(n: int) -> st.SearchStrategy:
    """n labels in {0, 1}."""
    return st.lists(st.integers(0, 1), min_size=n, max_size=n).map(tuple)


@st.composite
def networks(draw, d=one_to_three, entries=integers) -> Network:
    """Networks of up to three layers with every activation, weights up to 100 bits, and an output scale."""
    widths = [draw(d), *draw(st.lists(st.integers(1, 3), max_size=2)), 1]
    layers = tuple(
        Layer(
            tuple(tuple(draw(entries) for _ in range(k)) for _ in range(m)),
            tuple(draw(entries) for _ in range(m)),
            draw(st.sampled_from(["threshold", "relu", "identity"])),
        )
        for k, m in pairwise(widths)
    )
    return Network(layers, "a-theorem", (1,) * widths[0], draw(st.integers(1, 12)))


def evaluate(net: Network, x) -> Fraction:
    """Evaluate a network in Fractions, unit by unit, from the definition alone: an oracle."""
    h = [Fraction(v) for v in x]
    for layer in net.layers:
        h = [sum((w * v for w, v in zip(row, h, strict=True)), Fraction(b))
             for row, b in zip(layer.weights, layer.biases, strict=True)]  # fmt: skip
        if layer.activation == "threshold":
            h = [Fraction(v >= 0) for v in h]
        elif layer.activation == "relu":
            h = [max(v, Fraction(0)) for v in h]
    return h[0] / net.output_scale
