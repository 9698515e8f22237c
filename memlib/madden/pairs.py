"""Pairs of neurons that cancel, moved apart: exactly for quadratic activations, in FLINT balls for analytic ones.

Points are tuples of ints.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from memlib.madden.monomials import dot, draw, khatri_rao

Points = tuple[tuple[int, ...], ...]
#: Bits of the balls.
BITS = 192


def ball(x: Any) -> arb:
    """Return an int or a Fraction as a ball; a ball stays as it is."""
    return x if isinstance(x, arb) else arb(fmpq(x.numerator, x.denominator))


# --- activations, read at eta: value(t) is psi(eta + t), slope(t) its derivative ---


@dataclass(frozen=True)
class Polynomial:
    """psi(eta + t) = c_0 + c_1 t + c_2 t^2 + ...; c : ints (or sympy symbols that are not 0)."""

    c: tuple

    def value(self, t: Any) -> Any:
        return self._horner(self.c, t)

    def slope(self, t: Any) -> Any:
        return self._horner([k * c for k, c in enumerate(self.c)][1:], t)

    @staticmethod
    def _horner(c: Iterable, t: Any) -> Any:
        total: Any = 0 * t
        for coefficient in reversed(list(c)):
            total = total * t + coefficient
        return total

    @property
    def support(self) -> tuple[int, ...]:
        """K: the k >= 1 with c_k not 0."""
        return tuple(k for k, c in enumerate(self.c) if k and c != 0)

    @property
    def one_sign(self) -> bool:
        """Whether psi is visibly >= 0: even powers with coefficients >= 0."""
        return all(c == 0 or (k % 2 == 0 and c > 0) for k, c in enumerate(self.c))


def _half(t: Any) -> Any:
    return t * fmpq(1, 2)


def _normal(t: arb) -> arb:
    """The distribution function of the normal law."""
    return _half(1 + (t * arb(2).rsqrt()).erf())


BALLS: dict[str, tuple[Callable, Callable]] = {
    "tanh": (lambda t: t.tanh(), lambda t: 1 - t.tanh() ** 2),
    "sigmoid": (lambda t: _half(1 + _half(t).tanh()), lambda t: _half(_half(1 - _half(t).tanh() ** 2))),
    "softplus": (lambda t: t.exp().log1p(), lambda t: _half(1 + _half(t).tanh())),
    "gelu": (
        lambda t: t * _normal(t),
        lambda t: _normal(t) + t * (-_half(t * t)).exp() * (2 * arb.pi()).rsqrt(),
    ),
    "sin": (lambda t: t.sin(), lambda t: t.cos()),
    "exp": (lambda t: t.exp(), lambda t: t.exp()),
}


@dataclass(frozen=True)
class Analytic:
    """A function of `BALLS`, analytic on the whole line and no polynomial; eta is kept as a ball."""

    name: str
    eta: Any = 0

    def __post_init__(self) -> None:
        with ctx.workprec(BITS):
            object.__setattr__(self, "eta", ball(self.eta))

    def value(self, t: Any) -> arb:
        return BALLS[self.name][0](self.eta + t)

    def slope(self, t: Any) -> arb:
        return BALLS[self.name][1](self.eta + t)

    @property
    def one_sign(self) -> bool:
        return self.name in ("sigmoid", "softplus", "exp")


Activation = Polynomial | Analytic


def jacobian(psi: Activation, W: Sequence[Sequence], X: Sequence[Sequence]) -> list[list]:
    """Return psi'(eta + W^T X) * X: row (j, a), column i holds psi'(eta + w_j.x_i) times coordinate a of x_i."""
    return khatri_rao([[psi.slope(dot(w, x)) for x in X] for w in W], list(zip(*X, strict=True)))


def candidates(psi: Activation, X: Points, pairs: int) -> Iterator[tuple]:
    """Yield some weights to try; for an analytic psi they are so small that psi is not flat at w.x."""
    most = max(1, *(abs(v) for x in X for v in x))
    for seed in range(6):
        W = draw(pairs, len(X[0]), seed)
        scale = Fraction(1, 1) if isinstance(psi, Polynomial) else Fraction(seed + 2, 9 * most)
        yield W if scale == 1 else tuple(tuple(v * scale for v in w) for w in W)


def defect(G: arb_mat) -> arb:
    """Return an upper bound of the largest row sum of |I - G|, as a ball."""
    n = G.nrows()
    return max_upper(sum((abs(G[i, q] - int(i == q)) for q in range(n)), arb(0)) for i in range(n))


def max_upper(values: Iterable[arb]) -> arb:
    """Return the largest upper bound of some balls, as a ball without radius."""
    best = arb(0)
    for v in values:
        best = best.max(v.abs_upper())
    return best


def right_inverse(psi: Activation, W: tuple, X: Points) -> arb_mat | None:
    """Return B with |I - J^T B| < 1 proved in balls (row sums), so that J has rank n; or None."""
    if len(W) * len(X[0]) < len(X):
        return None
    with ctx.workprec(BITS):
        weights = [[ball(v) for v in w] for w in W]
        J = arb_mat(jacobian(psi, weights, [[ball(v) for v in x] for x in X]))
        try:
            B = (J * (J.transpose() * J).inv()).mid()
        except ZeroDivisionError:
            return None
        return B if defect(J.transpose() * B) < 1 else None


@dataclass(frozen=True)
class Paired:
    """m' pairs of neurons: weights w_j + A_j with output weight 1/2, w_j - A_j with -1/2, where A = B z, J^T B = I.

    At z = 0 the two neurons of a pair cancel. For a quadratic psi the outputs at the points are z.
    """

    psi: Polynomial
    points: Points
    W: Points
    B: tuple[tuple[Fraction, ...], ...]

    def neurons(self, z: Iterable) -> Iterator[tuple[tuple, Fraction]]:
        """Yield (weights, output weight) of the m neurons at z, for numbers or symbols z."""
        z, d = list(z), len(self.points[0])
        for j, w in enumerate(self.W):
            A = [dot(row, z) for row in self.B[j * d : (j + 1) * d]]
            for sign in (1, -1):
                yield tuple(v + sign * a for v, a in zip(w, A, strict=True)), Fraction(sign, 2)


def outputs(psi: Activation, neurons: Iterable[tuple], X: Points) -> list:
    """Return the sum of v psi(eta + w.x) over the neurons (w, v) at every point: the definition of the network."""
    neurons = list(neurons)
    return [sum(v * psi.value(dot(w, x)) for w, v in neurons) for x in X]


@dataclass(frozen=True)
class BallPairs:
    """Pairs in balls: weights w_j + eps A_j, output weights 1 / (2 eps) and minus that, A = B z, eps = 2^-halvings."""

    psi: Activation
    points: Points
    W: tuple
    B: arb_mat
    halvings: int

    @cached_property
    def moves(self) -> list[arb_mat]:
        """For every pair the n x n matrix of x_i.B_j: how a_ji moves with z."""
        d = len(self.points[0])
        X = arb_mat([[ball(v) for v in x] for x in self.points])
        blocks = [self.B.tolist()[j * d : (j + 1) * d] for j in range(len(self.W))]
        return [X * arb_mat(block) for block in blocks]

    def shifted(self, z: arb_mat) -> Iterator[tuple[arb_mat, list[tuple[arb, arb]]]]:
        """Yield for every pair its matrix `moves` and the two arguments w.x +- epsilon A.x at every point."""
        eps = fmpq(1, 2**self.halvings)
        for w, M in zip(self.W, self.moves, strict=True):
            a = [dot([ball(v) for v in w], [ball(v) for v in x]) for x in self.points]
            step = M * z
            yield M, [(t + step[i, 0] * eps, t - step[i, 0] * eps) for i, t in enumerate(a)]

    def neurons(self, z: list[arb]) -> Iterator[tuple[list[arb], fmpq]]:
        """Yield (weights, output weight) of the m neurons at z."""
        d, s, rows = len(self.points[0]), 2**self.halvings, self.B.tolist()
        for j, w in enumerate(self.W):
            A = [dot(row, z) * fmpq(1, s) for row in rows[j * d : (j + 1) * d]]
            for sign in (1, -1):
                yield [ball(v) + sign * a for v, a in zip(w, A, strict=True)], fmpq(sign * s, 2)

    def outputs(self, z: arb_mat) -> list[arb]:
        """G(z): the outputs at the points, pair by pair."""
        total, s = [arb(0)] * len(self.points), 2**self.halvings
        for _, both in self.shifted(z):
            total = [
                g + _half(s * (self.psi.value(up) - self.psi.value(down)))
                for g, (up, down) in zip(total, both, strict=True)
            ]
        return total

    def derivative(self, z: arb_mat) -> arb_mat:
        """G'(z), as an n x n matrix of balls."""
        n = len(self.points)
        total = arb_mat(n, n)
        for M, both in self.shifted(z):
            mean = [_half(self.psi.slope(up) + self.psi.slope(down)) for up, down in both]
            total += arb_mat([[mean[i] * M[i, q] for q in range(n)] for i in range(n)])
        return total

    def weights_for(self, labels: tuple) -> list[arb]:
        """Return balls that contain the z with G(z) = labels, by z <- z + labels - G(z) from z = labels.

        |I - G'| <= 1/2 on [-2, 2]^n, so for z there the solution is within 2 |G(z) - labels| of z.
        """
        z = arb_mat([[ball(y)] for y in labels])
        for _ in range(3 * BITS):
            missed = [ball(y) - g for y, g in zip(labels, self.outputs(z), strict=True)]
            if max_upper(missed) < fmpq(1, 2 ** (BITS // 2)):
                break
            z = arb_mat([[z[i, 0] + v] for i, v in enumerate(missed)]).mid()
        far = 2 * max_upper(missed)
        return [z[i, 0] + arb(0, far) for i in range(len(labels))]


def contracting_pairs(psi: Activation, X: Points, pairs: int) -> BallPairs | None:
    """Return pairs with |I - G'(z)| <= 1/2 on all of [-2, 2]^n, proved in balls; epsilon is halved until it holds.

    Then z -> z + y - G(z) maps the cube into itself and contracts, for every y in [-1, 1]^n at once: G(0) = 0.
    """
    with ctx.workprec(BITS):
        cube = arb_mat([[arb(0, 2)]] * len(X))
        for W in candidates(psi, X, pairs):
            B = right_inverse(psi, W, X)
            if B is None:
                continue
            for halvings in range(40):
                net = BallPairs(psi, X, W, B, halvings)
                if 2 * defect(net.derivative(cube)) < 1:
                    return net
    return None
