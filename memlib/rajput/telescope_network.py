"""From data to the log-free network: hyperplanes, parities, telescope; the method "rajput"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from memlib.exact import Row
from memlib.layer import Layer, Sparse
from memlib.network import Network
from memlib.points import HypothesisError
from memlib.rajput.hyperplanes import first_layer, radius_of
from memlib.rajput.main_floats import generator, nearest_opposites
from memlib.rajput.network import on_the_grid
from memlib.rajput.telescope_floats import block_numbers, cheapest, separation_chances
from memlib.rajput.telescope_sizes import Sizes, least_length, least_parities
from memlib.rajput.telescoping import Telescope, telescope, telescope_layers
from memlib.rajput.two_points import ball, shown
from memlib.rajput.xor import xor_layers

#: The most hyperplanes that the method draws.
MOST = 100_000
#: The probability with which the parities, and the rounding, may fail in one draw with worst-case sizes.
ETA = Fraction(1, 4)


@dataclass(frozen=True)
class Found:
    """A network that tells its points apart: r parities of k hyperplanes, and the telescope of their numbers."""

    k: int
    r: int
    first: Layer
    back: Telescope

    @property
    def A(self) -> int:
        """The number of changes of the label along z."""
        return len(self.back.changes)

    def layers(self, s: int | None = None, q: int | None = None) -> tuple[Layer, ...]:
        """Return all layers; with another cut into q blocks of s if they are given."""
        back = telescope(self.back.z, self.back.labels, s, q, self.r)
        trees, forms = xor_layers(self.k, self.r)
        return (self.first, *trees, *telescope_layers(back.table, forms))


def told_apart(z: Sequence[int], labels: Sequence[int]) -> dict[int, int] | None:
    """Return {number: label}, numbers in increasing order, or None if two points of different labels share one."""
    label_of: dict[int, int] = {}
    for number, y in zip(z, labels, strict=True):
        if label_of.setdefault(number, y) != y:
            return None
    return dict(sorted(label_of.items()))


def attempt(
    points: tuple[tuple[int, ...], ...],
    labels: Sequence[int],
    radius: int,
    k: int,
    r: int,
    rng: Any,
    bits: int,
    biased: bool = True,
) -> Found | None:
    """Draw kr hyperplanes once; None if two points of different labels have the same r parities.

    points / radius : in the unit ball. bits : binary places of the hyperplanes. biased : False leaves the biases 0.
    """
    first = first_layer(points, k * r, rng, bits, radius)
    if not biased:
        first = Layer(first.weights, (0,) * first.units, "threshold")
    label_of = told_apart(block_numbers(first, points, k), labels)
    if label_of is None:
        return None
    return Found(k, r, first, telescope(tuple(label_of), tuple(label_of.values()), r=r))


# --- rajput-hash, as a network ---


def hash_layers(
    first: Layer, points: Sequence[Row], labels: Sequence[int], rho: Sequence[int]
) -> tuple[tuple[Layer, ...], Telescope] | None:
    """Return the network with z = sum of rho_j h_j over the units h_j of the first layer; None if z collides.

    The second value is its telescope.
    """
    z = [sum(p for p, h in zip(rho, row, strict=True) if h) for row in first(points)]
    label_of = told_apart(z, labels)
    if label_of is None:
        return None
    back = telescope(tuple(label_of), tuple(label_of.values()))
    bits = Sparse.of([{j: 1} for j in range(first.units)], first.units)
    return (first, *telescope_layers(back.table, bits, rho)), back


# --- the method ---


@dataclass(frozen=True)
class Frame:
    """The points x * stretch - middle, with radius R: columns of about the same range, around the origin."""

    points: tuple[tuple[int, ...], ...]
    radius: int
    stretch: tuple[int, ...]
    middle: tuple[int, ...]

    @classmethod
    def of(cls, points: Sequence[Row], stretched: bool = True) -> "Frame":
        columns = list(zip(*points, strict=True))
        ranges = [max(c) - min(c) for c in columns]
        stretch = tuple(max(ranges) // length if length and stretched else 1 for length in ranges)
        middle = tuple(sum(c) // len(c) * v for c, v in zip(columns, stretch, strict=True))
        centred = tuple(tuple(v * c - o for v, c, o in zip(x, stretch, middle, strict=True)) for x in points)
        return cls(centred, radius_of(centred), stretch, middle)

    def too_close(self, labels: Sequence[int]) -> HypothesisError:
        """Return the refusal, with the nearest two points of different labels."""
        delta, i, j = nearest_opposites(self.points, self.radius, labels)
        return HypothesisError(
            "points of different labels keep a distance",
            f"points {i} and {j} are at distance {shown(ball(delta))} times the radius of the data",
            f"More than {MOST} hyperplanes would be needed: move or drop a point, or use the method 'baum'.",
        )


def worst_case(frame: Frame, labels: Sequence[int], rng: Any, draw: int) -> tuple[int, int, int]:
    """Return k, r and the binary places of the theorem, from the separation alone; they do not change with the draw."""
    delta, n = nearest_opposites(frame.points, frame.radius, labels)[0], len(labels)
    if not delta or least_length(delta) * least_parities(n, ETA) > MOST:
        raise frame.too_close(labels)
    k = least_length(delta)
    sizes = Sizes(n, len(frame.stretch), k, least_parities(n, ETA, k, delta))
    return sizes.k, sizes.r, sizes.bits(ETA)


def tuned(frame: Frame, labels: Sequence[int], rng: Any, draw: int) -> tuple[int, int, int]:
    """Return k and r with few units for the angles of these data, and 20 binary places; more after failures."""
    chances = separation_chances(frame.points, frame.radius, labels, rng)
    found = cheapest(*chances, Fraction(1, 2 ** (1 + draw // 2)), MOST)
    if found is None:
        raise frame.too_close(labels)
    return *found, 20


def largest_sums(layers: Sequence[Layer], points: Sequence[Row]) -> list[int]:
    """Return for every layer a bound for all partial sums of W h + b: max|h| times the largest sum of |w|, plus |b|.

    Below 2^63 machine integers are exact. After the first layer h is a vector of bits.
    """
    bounds, largest = [], max(abs(c) for x in points for c in x)
    for layer in layers:
        sums = [0] * layer.units
        for unit, _, w in layer.entries:
            sums[unit] += abs(w)
        bounds.append(largest * max(sums) + max(map(abs, layer.biases)))
        largest = 1
    return bounds


PARAMETERS: dict[str, Callable] = {"tuned": tuned, "worst-case": worst_case}


def find(frame: Frame, labels: Sequence[int], rng: Any = 0, parameters: str = "tuned") -> Found:
    """Draw hyperplanes until the points of different labels have different codes. For the options see below."""
    if parameters not in PARAMETERS:
        raise ValueError(f"parameters {parameters!r} is not one of {sorted(PARAMETERS)}")
    rng = generator(rng)
    for draw in range(40):
        if draw % 2 == 0:
            k, r, bits = PARAMETERS[parameters](frame, labels, rng, draw)
        found = attempt(frame.points, labels, frame.radius, k, r, rng, bits)
        if found is not None:
            return found
    raise ArithmeticError(f"40 draws failed, the last with {k * r} hyperplanes")


def network_of(found: Found, frame: Frame, scale: tuple[int, ...]) -> Network:
    """Return the network at the points as they were given, x * scale."""
    first, *later = found.layers()
    return Network((on_the_grid(first, frame.stretch, frame.middle), *later), "rajput-main-telescope", scale)


def telescope_network(
    points: tuple[Row, ...],
    labels: Sequence[int],
    scale: tuple[int, ...],
    rng: Any = 0,
    parameters: str = "tuned",
    stretched: bool = True,
) -> Network:
    """Return a verified deep threshold network: hyperplanes, parities, telescope; all weights are integers.

    points : distinct integer points, x * scale. labels : 0 or 1. parameters : "tuned" (as many hyperplanes as the
    angles of these data ask for) or "worst-case" (as many as the theorem asks for, from the separation alone; it is
    that of points with different labels). stretched : whether columns are stretched to about the same range, an
    affine map that the first layer absorbs.
    Method "rajput"; the theorem is rajput-main-telescope. Raises HypothesisError for labels other than 0 and 1, and
    where the separation asks for too many hyperplanes.
    """
    for i, y in enumerate(labels):
        if y not in (0, 1):
            raise HypothesisError(
                "labels are 0 or 1", f"point {i} has the label {y}", "Build a detector a class."
            )
    frame = Frame.of(points, stretched)
    return network_of(find(frame, labels, rng, parameters), frame, scale).verified(points, tuple(labels))
