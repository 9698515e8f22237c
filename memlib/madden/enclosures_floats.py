"""From floats to charts: float weights are read as the dyadic rationals that they are."""

from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat

from memlib.madden.activations import activation
from memlib.madden.charts import Chart
from memlib.madden.newton_floats import Solution, right_inverse


def fractions(Q: Any) -> tuple:
    """Return an array of floats as (nested) tuples of Fractions, exactly."""
    return tuple(
        fractions(row) if np.ndim(row) else Fraction(float(row)) for row in np.asarray(Q, dtype=float)
    )


def dyadic(Q: np.ndarray) -> arb_mat:
    """Return a matrix of floats as balls without radius."""
    return arb_mat([[arb(float(e)) for e in row] for row in Q])


def floats(points: Any) -> np.ndarray:
    """Return exact points, shape (n, d), rounded to floats."""
    return np.array([[float(e) for e in x] for x in points])


def chart_at(name: str, points: tuple, found: Solution, B: np.ndarray | None = None) -> Chart:
    """Return the chart at float weights, with the pseudo-inverse of their Jacobian unless B is given.

    points : exact, n rows of d ints or Fractions.
    """
    if B is None:
        B = right_inverse(name, floats(points), found)
    W = fractions(np.hstack([found.W, found.b[:, None]]))
    return Chart(activation(name), points, W, fractions(found.v), dyadic(B))
