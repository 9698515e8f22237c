"""What the theorems promise for a data set, and what nobody can beat: hidden neurons. Balls decide the rounding."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from memlib.capacity import bounds
from memlib.capacity import measured_floats as floats
from memlib.dirksen.algorithm_network import PLACES
from memlib.dirksen.algorithm_network import Frame as DirksenFrame
from memlib.points import input_scale, merge, to_integers
from memlib.rajput.bits import fewest_neurons
from memlib.rajput.budgets import most_shattered
from memlib.rajput.hyperplanes import radius_of
from memlib.rajput.main_floats import nearest_opposites
from memlib.rajput.random_parities import ball
from memlib.rajput.sizes import Sizes as BlockSizes
from memlib.rajput.telescope_network import ETA
from memlib.rajput.telescope_network import Frame as TelescopeFrame
from memlib.rajput.telescope_sizes import Sizes as TelescopeSizes
from memlib.rajput.telescope_sizes import least_length, least_parities
from memlib.rajput.two_points import over, rounded_up


@dataclass(frozen=True)
class Given:
    """The data as a method sees them: integer points (x * scale), labels, the dimension e after a projection."""

    points: tuple[tuple[int, ...], ...]
    labels: tuple
    scale: tuple[int, ...]
    e: int

    @classmethod
    def of(cls, X: Any, y: Any, e: int | None = None) -> "Given":
        """Read the data exactly; equal points are merged."""
        scale = input_scale(X)
        return cls(*merge(to_integers(X, scale), y), scale, e or len(scale))

    @property
    def n(self) -> int:
        return len(self.points)

    @property
    def d(self) -> int:
        return len(self.scale)

    def groups(self, size: int) -> int:
        """Return ceil(n / size)."""
        return bounds.up(self.n, size)

    def labelled(self, label: int) -> list[tuple[int, ...]]:
        return [x for x, y in zip(self.points, self.labels, strict=True) if y == label]


# --- what a theorem promises ---


def baum(it: Given) -> int:
    """bubeck-baum-exact: min(2 ceil(n_min / d), ceil(n / d)); at most one unit if all labels are equal."""
    rarer = min(len(it.labelled(0)), len(it.labelled(1)))
    return max(1, bounds.bubeck_baum_exact(it.n, it.e, rarer))


def parities(it: Given, k: int) -> int:
    """Return the r that rajput-main-telescope asks for with k hyperplanes a parity and eta = 1/4."""
    frame = TelescopeFrame.of(it.points)
    return least_parities(it.n, ETA, k, nearest_opposites(frame.points, frame.radius, it.labels)[0])


def rajput(it: Given) -> int:
    """rajput-main-telescope with eta = 1/4 and the theorem's own k and r; delta separates the labels."""
    frame = TelescopeFrame.of(it.points)
    delta = nearest_opposites(frame.points, frame.radius, it.labels)[0]
    k = least_length(delta)
    return TelescopeSizes(it.n, it.d, k, parities(it, k)).neurons(it.n) - 1


def rajput_blocks(it: Given) -> int:
    """rajput-main-paper; delta separates the labels, in the coordinates in which the method draws."""
    columns = list(zip(*it.points, strict=True))
    ranges = [max(c) - min(c) for c in columns]
    stretch = [max(ranges) // length if length else 1 for length in ranges]
    middle = [(min(c) + max(c)) // 2 * v for c, v in zip(columns, stretch, strict=True)]
    centred = tuple(tuple(v * c - o for v, c, o in zip(x, stretch, middle, strict=True)) for x in it.points)
    delta = nearest_opposites(centred, radius_of(centred), it.labels)[0]
    return BlockSizes(it.n, it.d, delta).neurons - 1


def dirksen(it: Given) -> int:
    """dirksen-thm-worst, lambda = R, eta = 1/2: (2/a)(R/delta) ln(2 N^- N^+) hyperplanes, one unit a point of X^-."""
    frame = DirksenFrame.of(it.points)

    def framed(x: tuple[int, ...]) -> list[Fraction]:
        return [Fraction(v - m, s) for v, m, s in zip(x, frame.centre, frame.reaches, strict=True) if s]

    minus, plus = ([framed(x) for x in it.labelled(label)] for label in (1, 0))
    if not (minus and plus):
        return 0
    square = min(sum((a - b) ** 2 for a, b in zip(x, z, strict=True)) for x in minus for z in plus)
    ratio = ball(Fraction(frame.radius**2, 4**PLACES) / Fraction(square)).sqrt()
    a = (1 - ball(Fraction(-1, 2)).exp()) * (2 * arb.pi()).rsqrt()
    return rounded_up(over(2 * ratio * ball(2 * len(minus) * len(plus)).log(), a)) + len(minus)


#: method -> the most hidden neurons that its theorem asks for. The counts of the others depend on more than the data:
#: on the sweep or the groups that are found, or on the noise that is chosen.
BOUNDS: dict[str, Callable[[Given], int]] = {
    "baum": baum,
    "bubeck-relu": lambda it: bounds.bubeck_relu_2(it.n, it.e),
    "bubeck-relu-3": lambda it: bounds.bubeck_relu_3(it.n, it.e),
    "bubeck-relu-4": lambda it: bounds.bubeck_relu_4(it.n, it.e),
    "bubeck-ntk": lambda it: 2 * floats.derivative_neurons(it.points, it.scale),
    "madden-relu": lambda it: bounds.madden_relu_exact(it.n, it.e),
    "madden-epsilon": lambda it: 2 * it.groups(it.d + 1),
    "madden-newton": lambda it: bounds.madden_main(it.n, it.d),
    "dirksen": dirksen,
    "rajput": rajput,
    "rajput-blocks": rajput_blocks,
}


# --- what nobody can beat ---


def fewest_relus(it: Given) -> int:
    """bubeck-param-lower-bound: ReLUs in one hidden layer, for almost all real labels."""
    return bounds.bubeck_param_lower_bound(it.n, it.d)


def fewest_smooth(it: Given) -> int:
    """limits-dim: m neurons a psi(w.x + b) have m (d + 2) parameters; for almost all real labels."""
    return bounds.madden_sard(it.n, it.d)


def fewest_thresholds(it: Given) -> int:
    """limits-bh: the least m for which m hidden units in one layer and an output unit may serve all labellings."""
    m = 1
    while not it.n <= most_shattered(m * (it.d + 2) + 1, m + 1):
        m += 1
    return m


def fewest_deep_thresholds(it: Given) -> int:
    """rajput-lb-weights: the same for any wiring of threshold units, the output not counted; at least one."""
    return max(1, fewest_neurons(it.n, it.d) - 1)


_THRESHOLDS = dict.fromkeys(("dirksen", "rajput", "rajput-blocks", "vershynin"), fewest_deep_thresholds)
_SMOOTH = dict.fromkeys(("madden-epsilon", "madden-newton"), fewest_smooth)
#: method -> lower bound, for networks of its kind; `fewest_relus` for all others.
LOWER: dict[str, Callable[[Given], int]] = {"baum": fewest_thresholds, **_THRESHOLDS, **_SMOOTH}


def lower(method: str, it: Given) -> int:
    return LOWER.get(method, fewest_relus)(it)
