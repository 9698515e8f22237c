"""How many labellings one sine gives, and at most how many a layered network of ReLUs: exact, and in balls."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import floor, lcm

from flint import arb

from memlib.evidence import Answer, Counterexample
from memlib.exact import dot

Labels = tuple[int, ...]
#: Rational numbers a little below and above e = 2.71828...
AROUND_E = (Fraction(1264, 465), Fraction(193, 71))


# --- limits-sin ---


@dataclass(frozen=True)
class Sine:
    """The unit [sin(omega x) > 0] at positive rational points; multipliers : the k of omega = pi k."""

    points: tuple[Fraction, ...]
    multipliers: tuple[int, ...]


def powers_of_half(n: int) -> Sine:
    """Return the points 1/2, 1/4, ..., 2^-n with the odd multipliers below 2^(n + 1)."""
    return Sine(tuple(Fraction(1, 2**i) for i in range(1, n + 1)), tuple(range(1, 2 ** (n + 1), 2)))


def quarter(t: int | Fraction, x: int | Fraction) -> tuple[int, bool]:
    """Return floor(t x) modulo 2, and whether t x is an integer, in integers."""
    floor_, rest = divmod(t.numerator * x.numerator, t.denominator * x.denominator)
    return floor_ % 2, rest == 0


def whole_below(value: arb) -> int:
    """Return the largest integer that is at most the upper end of the ball."""
    whole = value.upper().floor().unique_fmpz()
    if whole is None:
        raise ArithmeticError(f"the ball {value} is too wide")
    return int(whole)


def sine_labels(points: Sequence[int | Fraction], t: int | Fraction) -> Labels:
    """Return the labels [sin(pi t x) > 0] without any sine: t x is no integer, and its floor is even."""
    return tuple(int(not odd and not whole) for odd, whole in (quarter(t, x) for x in points))


def all_sine_labels(points: Sequence[Fraction]) -> set[Labels]:
    """Return the labels that occur for any real omega.

    The sines are 0 at omega = pi j / x_i; between neighbours of these numbers the labels are constant. They repeat
    after 2 pi times a common denominator.
    """
    period = 2 * lcm(*(x.denominator for x in points))
    zeros = sorted({j * Fraction(1, x) for x in points for j in range(floor(period * x) + 1)})
    middles = [(a + b) * Fraction(1, 2) for a, b in pairwise(zeros)]
    return {sine_labels(points, t) for t in (*zeros, *middles)}


def digits(k: int, n: int) -> Labels:
    """Return the binary digits 1, ..., n of k, counted from digit 0, the lowest."""
    return tuple(k >> i & 1 for i in range(1, n + 1))


def points_are_powers(x: Sine) -> Answer:
    for i, p in enumerate(x.points, start=1):
        if p != Fraction(1, 2**i):
            return Counterexample(f"x_{i} is {p}")
    return True


def multipliers_are_odd(x: Sine) -> Answer:
    even = [k for k in x.multipliers if k % 2 == 0]
    return not even or Counterexample(f"the multiplier {even[0]} is even")


def all_labellings(x: Sine) -> Answer:
    """Some omega gives every labelling; that of k is read from its digits, and all multipliers differ in theirs."""
    n = len(x.points)
    occurring = all_sine_labels(x.points)
    for labels in product((1, 0), repeat=n):
        if labels not in occurring:
            return Counterexample(f"no omega gives the labels {''.join(map(str, labels))}")
    read = set()
    for k in x.multipliers:
        if any(whole for _, whole in (quarter(k, p) for p in x.points)):
            return Counterexample(f"for k = {k} a sine is 0")
        labels = sine_labels(x.points, k)
        if labels != tuple(1 - b for b in digits(k, n)):
            return Counterexample(f"the labels of k = {k} are not its digits")
        read.add(labels)
    return len(read) == 2**n or Counterexample(f"the multipliers give {len(read)} labellings of {2**n}")


# --- limits-bmm ---


@dataclass(frozen=True)
class Shape:
    """A layered network: units k_i and numbers W_i of parameters up to layer i, the output layer included."""

    units: tuple[int, ...]
    reach: tuple[int, ...]

    @classmethod
    def dense(cls, d: int, *widths: int) -> "Shape":
        """Return the fully connected network from R^d with these hidden widths, one output, all biases."""
        units, reach, inputs, W = (*widths, 1), [], d, 0
        for k in units:
            W += k * (inputs + 1)
            reach.append(W)
            inputs = k
        return cls(units, tuple(reach))

    @property
    def parameters(self) -> int:
        return self.reach[-1]

    def product(self, n: int, e: Fraction, replace: bool = True) -> Fraction:
        """Return the product of 2 (2 e n k_i i / W_i)^W_i, or 2^(n k_i) where n k_i < W_i, with a rational e."""
        bound = Fraction(1)
        for i, (k, W) in enumerate(zip(self.units, self.reach, strict=True), start=1):
            few_polynomials = replace and n * k < W
            bound *= 2 ** (n * k) if few_polynomials else 2 * (2 * e * n * k * i * Fraction(1, W)) ** W
        return bound

    def bits(self, n: int) -> arb:
        """Return log2 of this product, with the true e."""
        total = arb(0)
        for i, (k, W) in enumerate(zip(self.units, self.reach, strict=True), start=1):
            total += n * k if n * k < W else 1 + W * (log2(2 * n * k * i) - log2(W) + log2(arb(1).exp()))
        return total

    @property
    def closed(self) -> arb:
        """Return L + 1 + S log2(4 e R log2(2 e R)), S the sum of the W_i, R the sum of the i k_i."""
        S, R = sum(self.reach), sum(i * k for i, k in enumerate(self.units, start=1))
        e = arb(1).exp()
        return len(self.units) + S * log2(4 * e * R * log2(2 * e * R))

    def most_points(self) -> int:
        """Return the largest n at which n <= log2 of the product has not been refuted: an upper bound."""
        low, high = 0, whole_below(self.closed) + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if arb(middle) > self.bits(middle) else (middle, high)
        return low


def log2(v: int | arb) -> arb:
    return arb(v).log_base(2)


@dataclass(frozen=True)
class Budget:
    """A shape, and a ball around the closed bound on the number of points."""

    shape: Shape
    closed: arb

    @classmethod
    def of(cls, shape: Shape) -> "Budget":
        return cls(shape, shape.closed)


@dataclass(frozen=True)
class Family:
    """All networks of a shape with parameters from `values` at some points; kind "sine": one sine, omega = pi k."""

    points: tuple[tuple[int | Fraction, ...], ...]
    widths: tuple[int, ...]
    values: tuple[int, ...]
    kind: str = "relu"

    @property
    def shape(self) -> Shape:
        """One adjustable number and an output that only reads the sign, in the case of the sine."""
        return (
            Shape((1, 1), (1, 1)) if self.kind == "sine" else Shape.dense(len(self.points[0]), *self.widths)
        )

    def labellings(self) -> set[Labels]:
        """Return the labels [f > 0] that the networks give the points."""
        if self.kind == "sine":
            line = tuple(x for (x,) in self.points)
            return {sine_labels(line, k) for k in self.values}
        settings = product(self.values, repeat=self.shape.parameters)
        return {tuple(int(self.output(theta, x) > 0) for x in self.points) for theta in settings}

    def output(self, theta: Labels, x: tuple) -> int | Fraction:
        """Return f(x): rows (w, b) are taken from theta one after the other."""
        h, at = x, 0
        for depth, k in enumerate((*self.widths, 1)):
            size = len(h) + 1
            h = tuple(dot(theta[at + j * size : at + (j + 1) * size], (*h, 1)) for j in range(k))
            at += k * size
            if depth < len(self.widths):
                h = tuple(max(v, 0) for v in h)
        return h[0]


def relu_units(x: Family | Budget) -> Answer:
    return getattr(x, "kind", "relu") == "relu" or Counterexample("the hidden unit is a sine")


def no_more_than_the_product(x: Family | Budget, replace: bool = True) -> Answer:
    """Compare the labellings of a family with the product, with rational numbers on either side of e.

    Of a budget: decide that 2^n exceeds the product for the least integer n above the closed bound.
    """
    if isinstance(x, Budget):
        n = whole_below(x.closed) + 1
        if n >= x.shape.parameters and arb(n) > x.shape.bits(n):
            return True
        return Counterexample(f"the product allows all labellings of {n} points")
    found, n = len(x.labellings()), len(x.points)
    low, high = (x.shape.product(n, e, replace) for e in AROUND_E)
    if found <= low:
        return True
    if found > high:
        return Counterexample(f"{found} labellings, and the product is less than {floor(high) + 1}")
    raise ArithmeticError(f"{found} labellings, and the product is between {low} and {high}")


def without_the_replacement(x: Family) -> Answer:
    return no_more_than_the_product(x, replace=False)


def hyperplane_cells(m: int, W: int) -> int:
    """Return the number of cells that m hyperplanes in general position make of R^W, by removing one at a time."""
    if m == 0 or W == 0:
        return 1
    return hyperplane_cells(m - 1, W) + hyperplane_cells(m - 1, W - 1)
