"""What no network of a given size can do: counting parameters, and the ceiling of polynomial activations.

All inputs are ints; everything is exact, the outputs of whole families of networks are formulas in sympy.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, product
from math import comb, prod
from typing import Any

import sympy

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import kernel, rank
from memlib.madden.monomials import V, dimension, dot, draw, is_symbolic

Points = tuple[tuple[int, ...], ...]

# --- madden-sard ---


@dataclass(frozen=True)
class Family:
    """All networks with m neurons on some points, and a polynomial equation that their labels may satisfy.

    psi : "exp", "tanh", "sigmoid", or the coefficients c_0, c_1, ... of a polynomial.
    relation : a sympy polynomial in the symbols of `labels(n)`, or None.
    """

    psi: Any
    m: int
    points: Points
    relation: Any = None

    @cached_property
    def neurons(self) -> list[tuple]:
        """The parameters (v, b, w_1, ..., w_d) of every neuron as symbols.

        For exp and sigmoid b and w stand for e^b and e^w, for tanh for e^2b and e^2w: positive numbers, and in
        them the outputs are rational functions.
        """
        d, positive = len(self.points[0]), isinstance(self.psi, str)
        return [
            (
                sympy.Symbol(f"v{j}", real=True),
                *(sympy.Symbol(f"{k}{j}", real=True, positive=positive or None)
                  for k in ("b", *(f"w{c}_" for c in range(d)))),
            )
            for j in range(self.m)
        ]  # fmt: skip

    @cached_property
    def outputs(self) -> tuple:
        """F_X: the labels of these networks, as formulas in their parameters."""
        return tuple(sum(v * self._psi(b, w, x) for v, b, *w in self.neurons) for x in self.points)

    def _psi(self, b: Any, w: Sequence, x: Sequence[int]) -> Any:
        if not isinstance(self.psi, str):
            a = b + sum(p * q for p, q in zip(w, x, strict=True))
            return sum(c * a**k for k, c in enumerate(self.psi))
        q = b * prod(p**e for p, e in zip(w, x, strict=True))
        return {
            "exp": q,
            "tanh": (q - 1) * (q + 1) ** sympy.Integer(-1),
            "sigmoid": q * (q + 1) ** sympy.Integer(-1),
        }[self.psi]


def labels(n: int) -> tuple:
    """Return the symbols y0, ..., y(n-1)."""
    return tuple(sympy.symbols([f"y{i}" for i in range(n)]))


def hankel(m: int) -> Any:
    """Return the equation of m exponential neurons at the points 0, ..., 2m: a Hankel determinant is 0.

    The labels are sums of m geometric progressions, so they satisfy a linear recurrence of length m.
    """
    y = labels(2 * m + 1)
    return sympy.Matrix(m + 1, m + 1, lambda i, j: y[i + j]).det()


def sigmoid_relation() -> Any:
    """Return the equation of one logistic neuron at 0, 1, 2, 3: the differences of 1/y are a geometric progression."""
    a, b, c, d = labels(4)
    return sympy.expand((b - c) ** 2 * a * d - (a - b) * (c - d) * b * c)


def tanh_relation() -> Any:
    """Return the equation of one tanh neuron at 0, 1, 2, 3.

    (v + y_i) / (v - y_i) is a geometric progression. Three of its terms give a value of v^2, three others too.
    """
    a, b, c, d = labels(4)
    first = (a + c - 2 * b, b * (2 * a * c - b * (a + c)))  # first[0] v^2 = first[1]
    second = (b + d - 2 * c, c * (2 * b * d - c * (b + d)))
    return sympy.expand(first[0] * second[1] - second[0] * first[1])


def annihilator(family: Family, degree: int, seed: int = 0) -> Any:
    """Return a form of this degree that vanishes at the labels of many random integer networks, or None.

    For a polynomial psi: from the kernel of an integer matrix. A candidate only, until its vanishing is decided.
    """
    rng, n = random.Random(seed), len(family.points)
    chosen = list(combinations_with_replacement(range(n), degree))
    rows = []
    for _ in range(len(chosen) + 12):
        theta = [[rng.randint(-9, 9) for _ in neuron] for neuron in family.neurons]
        y = [_value(family, theta, x) for x in family.points]
        rows.append([prod(y[i] for i in term) for term in chosen])
    found = kernel(rows)
    if not found:
        return None
    letters = labels(n)
    return sum(c * sympy.prod([letters[i] for i in term]) for c, term in zip(found[0], chosen, strict=True))


def _value(family: Family, theta: list[list[int]], x: Sequence[int]) -> int:
    """Return the output at x of a network with integer weights and a polynomial psi."""
    total = 0
    for v, b, *w in theta:
        a = b + dot(w, x)
        total += v * sum(c * a**k for k, c in enumerate(family.psi))
    return total


@dataclass(frozen=True)
class PeanoNeuron:
    """One neuron v psi(w x + b) on the line, where psi runs through the coordinates of Peano's curve.

    The points are 0, 2, ..., 2(n - 1). On [2i, 2i + 1] psi is coordinate i of Peano's curve in [0, 1]^n, and it is
    linear between these intervals: continuous, and not locally Lipschitz. digits : ternary digits of a coordinate.
    """

    n: int
    digits: int

    def psi(self, t: Fraction) -> Fraction:
        """The value at t in [0, 2n), for t with at most n * digits ternary digits in its fraction."""
        i, s = t // 2, t - 2 * (t // 2)
        if s <= 1:
            return peano(s, self.n, self.digits)[i]
        right = peano(Fraction(0), self.n, self.digits)[i + 1] if i + 1 < self.n else Fraction(0)
        return (2 - s) * peano(Fraction(1), self.n, self.digits)[i] + (s - 1) * right

    def outputs(self, b: Fraction) -> list[Fraction]:
        """The labels for w = 1, v = 1 and this bias."""
        return [self.psi(2 * i + b) for i in range(self.n)]


def peano(s: Fraction, n: int, digits: int) -> list[Fraction]:
    """Return the point of Peano's curve in [0, 1]^n at the time s in [0, 1], s with n * digits ternary digits.

    The digits of s go to the coordinates in turn; a digit is reflected, q to 2 - q, if the sum of the earlier
    digits that went to other coordinates is odd.
    """
    if s == 1:
        return [Fraction(1)] * n  # the last cell is the corner opposite to 0: all digits are 2
    t: list[int] = []
    whole = int(s * 3 ** (n * digits))
    for _ in range(n * digits):
        whole, q = divmod(whole, 3)
        t.insert(0, q)
    found = [0] * n
    for p, q in enumerate(t):
        odd = sum(r for k, r in enumerate(t[:p]) if k % n != p % n) % 2
        found[p % n] = 3 * found[p % n] + (2 - q if odd else q)
    return [Fraction(v, 3**digits) for v in found]


def time_of(y: Sequence[Fraction], digits: int) -> Fraction:
    """Return a time s at which Peano's curve is at y, for coordinates y_i in [0, 1) with `digits` ternary digits."""
    t: list[int] = []
    n = len(y)
    whole = [int(v * 3**digits) for v in y]
    for p in range(n * digits):
        q = whole[p % n] // 3 ** (digits - 1 - p // n) % 3
        odd = sum(r for k, r in enumerate(t) if k % n != p % n) % 2
        t.append(2 - q if odd else q)
    return Fraction(sum(q * 3 ** (n * digits - 1 - p) for p, q in enumerate(t)), 3 ** (n * digits))


def more_labels_than_parameters(networks: Family | PeanoNeuron) -> Answer:
    if isinstance(networks, PeanoNeuron):
        n, m, d = networks.n, 1, 1
    else:
        n, m, d = len(networks.points), networks.m, len(networks.points[0])
    return n > m * (d + 2) or Counterexample(f"there are {n} labels and {m * (d + 2)} parameters")


def is_locally_lipschitz(networks: Family | PeanoNeuron) -> Answer:
    """The activations of `Family` are smooth. Along Peano's curve difference quotients grow without bound."""
    if isinstance(networks, Family):
        return True
    n, digits = networks.n, networks.digits
    step = Fraction(1, 3 ** (n * digits))
    jump = max(abs(a - b) for a, b in zip(networks.outputs(Fraction(0)), networks.outputs(step), strict=True))
    return Counterexample(f"psi moves by {jump} over a distance of {step}")


def the_image_is_null(networks: Family | PeanoNeuron) -> Answer:
    """The labels of all these networks satisfy one polynomial equation that is not 0 = 0.

    Without an equation: a parameter at which DF_X has rank n shows that the image contains a ball.
    """
    if isinstance(networks, PeanoNeuron):
        return _fills_the_cube(networks)
    if networks.relation is None:
        return _contains_a_ball(networks)
    y = labels(len(networks.points))
    relation = sympy.Poly(networks.relation, *y)
    if relation.is_zero:
        return Counterexample("the equation is 0 = 0")
    sides = []  # the terms with positive coefficients, and the others: fractions, compared crosswise
    for sign in (1, -1):
        terms = (sign * c * _term(e, networks.outputs) for e, c in relation.terms() if sign * c > 0)
        sides.append(sympy.fraction(sympy.together(sympy.Add(*terms))))
    (p, q), (r, s) = sides
    return equal(p * s, r * q) or Counterexample("the labels do not satisfy the equation")


def _term(exponents: Sequence[int], y: Sequence) -> Any:
    return sympy.prod([v**e for v, e in zip(y, exponents, strict=True)])


def _contains_a_ball(family: Family) -> Counterexample:
    parameters = [p for neuron in family.neurons for p in neuron]
    D = sympy.Matrix(family.outputs).jacobian(parameters)
    for k in range(5):
        at = {p: sympy.Integer(2 + (k + 3 * i) % 7) for i, p in enumerate(parameters)}
        if D.subs(at).rank() == len(family.points):
            where = ", ".join(f"{p} = {v}" for p, v in at.items())
            return Counterexample(
                f"at {where} the derivative of the labels has rank {len(family.points)}: the image contains a ball"
            )
    raise ValueError("no equation is given, and no ball was found in the image")


def _fills_the_cube(neuron: PeanoNeuron) -> Answer:
    """Every label vector of the grid of step 3^-digits is attained, so by continuity all of [0, 1]^n."""
    q = 3**neuron.digits
    for whole in product(range(q), repeat=neuron.n):
        y = [Fraction(v, q) for v in whole]
        if neuron.outputs(time_of(y, neuron.digits)) != y:
            raise AssertionError(f"the curve misses {y}: a fault of memlib")
    return Counterexample(
        f"one neuron attains all the {q**neuron.n} label vectors with entries k/{q}, 0 <= k < {q}"
    )


sard = Claim(
    "madden-sard",
    hypotheses={
        "n > m(d + 2)": more_labels_than_parameters,
        "psi is locally Lipschitz": is_locally_lipschitz,
    },
    conclusion=the_image_is_null,
)


# --- madden-poly-ceiling ---


@dataclass(frozen=True)
class Layer:
    """Neurons w.x + b at integer points under one activation; eta : the common bias, None if biases are free.

    psi : coefficients of a polynomial, or "relu". weights : rows of ints or of sympy symbols.
    """

    psi: Any
    points: Points
    weights: tuple
    biases: tuple
    eta: int | None = 0

    def value(self, t: Any) -> Any:
        return max(t, 0) if self.psi == "relu" else sum(c * t**k for k, c in enumerate(self.psi))

    def row(self, j: int) -> list:
        """The outputs of neuron j at the points."""
        return [self.value(dot(self.weights[j], x) + self.biases[j]) for x in self.points]

    @property
    def degrees(self) -> tuple[int, ...]:
        """The degrees of the monomials of x in an output: K, and 0 if c_0 is not 0; up to deg psi for free biases."""
        c = taylor(self.psi, self.eta or 0)
        if self.eta is None:
            return tuple(range(len(c)))
        return tuple(k for k, v in enumerate(c) if v)

    @property
    def ceiling(self) -> int:
        """The number of these monomials: D_K + [c_0 is not 0]."""
        return dimension(len(self.points[0]), self.degrees)


def taylor(psi: Any, eta: int) -> list[int]:
    """Return c_0, c_1, ... with psi(eta + t) = c_0 + c_1 t + ... near t = 0; for "relu" eta is not 0."""
    if psi == "relu":
        if not eta:
            raise ValueError("ReLU is not analytic at 0")
        return [eta, 1] if eta > 0 else [0]
    return [
        sum(c * comb(i, k) * eta ** (i - k) for i, c in enumerate(psi) if i >= k) for k in range(len(psi))
    ]


def unreachable(layer: Layer) -> list[tuple[int, ...]]:
    """Return a basis of the integer vectors that are orthogonal to every label vector of every width."""
    return kernel(V(layer.points, layer.degrees))


def ranks(layer: Layer) -> Iterator[int]:
    """Yield the dimension of the labels that the first 1, 2, 3, ... neurons span; exact."""
    rows = [layer.row(j) for j in range(len(layer.weights))]
    return (rank(rows[:m]) for m in range(1, len(rows) + 1))


def is_polynomial(layer: Layer) -> Answer:
    return layer.psi != "relu" or Counterexample("psi is ReLU, a polynomial near eta alone")


def biases_are_eta(layer: Layer) -> Answer:
    other = [b for b in layer.biases if layer.eta is not None and b != layer.eta]
    return not other or Counterexample(f"a bias is {other[0]}, not {layer.eta}")


def stays_below_the_ceiling(layer: Layer) -> Answer:
    """Labels span at most `ceiling` dimensions.

    Integer weights: a rank. Symbols: n - ceiling independent vectors are orthogonal to all neurons at once.
    """
    n, most = len(layer.points), layer.ceiling
    rows = [layer.row(j) for j in range(len(layer.weights))]
    if not is_symbolic(rows):
        r = rank(rows)
        return r <= most or Counterexample(
            f"{len(rows)} neurons span labels of dimension {r}, and the ceiling is {most}"
        )
    found = unreachable(layer)
    if len(found) < n - most:
        return Counterexample(f"only {len(found)} vectors are orthogonal to the monomials, not {n - most}")
    for v in found:
        for row in rows:
            if not equal(dot(v, row), 0):
                return Counterexample(f"the combination {v} of the outputs of a neuron is not 0")
    return True


ceiling = Claim(
    "madden-poly-ceiling",
    hypotheses={"psi is a polynomial": is_polynomial, "all biases are eta": biases_are_eta},
    conclusion=stays_below_the_ceiling,
)


def wide(psi: Any, X: Points, m: int, eta: int | None = 0, seed: int = 0) -> Layer:
    """Return m neurons with random integer weights, and random biases if eta is None."""
    biases = (eta,) * m if eta is not None else tuple(b for (b,) in draw(m, 1, seed + 1))
    return Layer(psi, X, draw(m, len(X[0]), seed), biases, eta)


def formal(psi: Any, X: Points, m: int, eta: int | None = 0) -> Layer:
    """Return m neurons whose weights, and biases if eta is None, are symbols."""
    d = len(X[0])
    weights = tuple(tuple(sympy.symbols([f"w{j}_{c}" for c in range(d)])) for j in range(m))
    biases = (eta,) * m if eta is not None else tuple(sympy.symbols([f"b{j}" for j in range(m)]))
    return Layer(psi, X, weights, biases, eta)
