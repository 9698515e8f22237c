"""How many neurons do given points need for all labels? Proved from both sides, where the two sides meet.

From below by counting the parameters that matter at these points, from above by a zero certificate.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import count
from math import lcm

from flint import arb, fmpq, fmpq_mat

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import rank
from memlib.madden.charts import Candidate, inequality_holds, widest
from memlib.madden.enclosures import all_labels_attained, labels_are_zero
from memlib.madden.enclosures_floats import chart_at, floats
from memlib.madden.newton_floats import best_zero
from memlib.madden.pairs import Points

# --- counts ---


def affine_dimension(points: Points) -> int:
    """Return delta, the dimension of the affine hull: the rank of the rows (x_i, 1), minus one.

    points : n >= 1 rows of ints or Fractions; multiplying a column by its common denominator keeps the rank.
    """
    columns = []
    for column in zip(*points, strict=True):
        scale = lcm(*(Fraction(e).denominator for e in column))
        columns.append([int(Fraction(e) * scale) for e in column])
    return rank([*columns, [1] * len(points)]) - 1


def at_least(points: Points) -> int:
    """Return ceil(n / (delta + 2)): fewer neurons miss almost all labels (madden-exact-width)."""
    return -(-len(points) // (affine_dimension(points) + 2))


def theorem_width(n: int, d: int) -> int:
    """Return 2 ceil(n / d), the least even m with n <= md / 2 (madden-main; for almost all points)."""
    return 2 * -(-n // d)


def sharper_width(n: int, d: int) -> int:
    """Return the least m with n <= floor(m / 2)(d + 2) + [m odd] (madden-full-jacobian; for almost all points)."""
    return next(m for m in count(1) if m // 2 * (d + 2) + m % 2 >= n)


def relu_width(n: int, d: int) -> int:
    """Return 2 ceil(n / (d + 1)) (madden-relu-exact; for points in general position)."""
    return 2 * -(-n // (d + 1))


# --- zeros ---


def zero_certificate(
    points: Points, m: int, activation: str = "tanh", seeds: Iterable[int] = range(24)
) -> Candidate:
    """Return m neurons that nearly cancel at the points, with a cube for which (K) holds at the labels 0.

    The search is in floats, (K) is decided in balls. Raises ValueError where no seed gives a proof.
    """
    found = best_zero(floats(points), m, activation, seeds)
    return widest(Candidate(chart_at(activation, points, found), (0,) * len(points), arb(1)))


def least_found(points: Points, widths: Sequence[int], activation: str = "tanh") -> Candidate | None:
    """Return the zero certificate with the first of the widths for which one is found, or None."""
    for m in widths:
        try:
            return zero_certificate(points, m, activation)
        except ValueError:
            pass
    return None


# --- madden-exact-width ---


def one_neuron_less_is_too_few(c: Candidate) -> Answer:
    """(m - 1)(delta + 2) < n."""
    m, delta = len(c.chart.W), affine_dimension(c.chart.points)
    return (m - 1) * (delta + 2) < c.n or Counterexample(
        f"{m - 1} neurons have {m - 1} * {delta + 2} parameters that matter, not fewer than {c.n}"
    )


def dimension_of_differences(points: Points) -> int:
    """Return delta by another route: the rank of the rows x_i - x_1, over the rationals."""
    first, *others = points
    rows = []
    for x in others:
        moved = [Fraction(a) - Fraction(b) for a, b in zip(x, first, strict=True)]
        rows.append([fmpq(q.numerator, q.denominator) for q in moved])
    return int(fmpq_mat(rows).rank()) if rows else 0


def least_width(c: Candidate) -> Answer:
    """m neurons take all labels at these points, and m - 1 do not.

    The first by the interval Newton operator. The second by counting in the coordinates of the affine hull; where the
    count does not decide, m - 1 neurons with a zero certificate are a counterexample, and without one a ValueError.
    """
    attained = all_labels_attained(c)
    if not attained:
        return attained
    fewer = len(c.chart.W) - 1
    if c.n > fewer * (dimension_of_differences(c.chart.points) + 2):
        return True
    name = getattr(c.chart.psi.psi, "name", None)  # of tanh, sigmoid, softplus, gelu
    if name is None or least_found(c.chart.points, [fewer], name) is None:
        raise ValueError(f"whether {fewer} neurons are enough is not decided here")
    return Counterexample(f"{fewer} neurons take all labels, too")


exact_width = Claim(
    "madden-exact-width",
    hypotheses={
        "the labels are 0": labels_are_zero,
        "(K) holds": inequality_holds,
        "(m - 1)(delta + 2) < n": one_neuron_less_is_too_few,
    },
    conclusion=least_width,
)
