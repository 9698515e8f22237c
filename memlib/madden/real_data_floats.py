"""How far the enclosure of madden-krawczyk reaches, as figures of the bench."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter

import numpy as np

from memlib.madden.newton import newton_network
from memlib.points import HypothesisError, input_scale, to_integers


@dataclass(frozen=True)
class Reached:
    """One size of the bench: n Gaussian points of R^d, labels uniform in [-2, 2], and what `newton_network` says.

    m : its neurons, 2 ceil(n / d). proved : whether (K) holds at one of its float networks; otherwise `reason`.
    radius : r of (K). distance : a bound for the change of any weight on the way to exact ones. seconds : of the run.
    """

    d: int
    n: int
    m: int
    activation: str
    proved: bool
    seconds: float
    radius: float | None = None
    distance: float | None = None
    reason: str = ""


#: (d, n): few dimensions, where floats give up early, and many, up to the largest size of `newton_floats.SIZES`.
ROWS = (
    *((1, n) for n in (10, 20, 30, 40)),
    *((2, n) for n in (20, 40, 60, 100, 150, 200)),
    *((20, n) for n in (64, 100, 150, 200, 300, 400, 600)),
)


def one_size(d: int, n: int, activation: str, rng: int = 0) -> Reached:
    """Draw n points and labels with three decimals, run the method, and return what it proved or why it refused."""
    draw = np.random.default_rng([rng, d, n])
    X = np.round(draw.standard_normal((n, d)), 3)
    y = tuple(Fraction(int(t), 1000) for t in draw.integers(-2000, 2001, n))
    scale, begin = input_scale(X), perf_counter()
    m = 2 * -(-n // d)
    try:
        net = newton_network(to_integers(X, scale), y, scale, rng, activation=activation)
    except HypothesisError as refusal:
        seconds = perf_counter() - begin
        return Reached(d, n, m, activation, False, round(seconds, 2), reason=str(refusal.witness))
    seconds = perf_counter() - begin
    radius, distance = float(net.enclosure.r), float(net.distance)
    return Reached(d, n, m, activation, True, round(seconds, 2), radius, distance)


def reach(
    activation: str = "tanh",
    rows: Iterable[tuple[int, int]] = ROWS,
    budget: float = 120.0,
) -> Iterator[Reached]:
    """Yield one row for each size, failures too, until `budget` seconds are used up."""
    left = budget
    for d, n in rows:
        if left > 0:
            row = one_size(d, n, activation)
            left -= row.seconds
            yield row
