"""The epsilon construction in floating point: the method "madden-epsilon"."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from memlib.approximate import ACTIVATIONS, FloatNetwork
from memlib.points import HypothesisError, names


def _sigmoid_slope(t: np.ndarray) -> np.ndarray:
    s = ACTIVATIONS["sigmoid"](t)
    return s * (1 - s)


def _gelu_slope(t: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(t) + t * np.exp(-t * t / 2) / np.sqrt(2 * np.pi)


#: psi' and M_3, a bound of |psi'''|.
SMOOTH: dict[str, tuple[Callable[[np.ndarray], np.ndarray], float]] = {
    "tanh": (lambda t: 1 - np.tanh(t) ** 2, 2.0),
    "sigmoid": (_sigmoid_slope, 0.125),
    "softplus": (ACTIVATIONS["sigmoid"], 0.0963),
    "gelu": (_gelu_slope, 0.78),
}


@dataclass(frozen=True, eq=False)
class Base:
    """Base weights of m' neurons at points Z, one a row, shape (n, d); biases are the last column if Z ends in 1."""

    activation: str
    Z: np.ndarray
    W: np.ndarray

    @cached_property
    def a(self) -> np.ndarray:
        """w_j.z_i, shape (m', n)."""
        return self.W @ self.Z.T

    @cached_property
    def J(self) -> np.ndarray:
        """psi'(a_ji) times coordinate c of z_i, shape (m' d, n)."""
        slopes = SMOOTH[self.activation][0](self.a)
        return (slopes[:, None, :] * self.Z.T[None]).reshape(-1, len(self.Z))

    @cached_property
    def _svd(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.linalg.svd(self.J, full_matrices=False)

    @property
    def rank(self) -> int:
        """The numerical rank of J: singular values above 1e-13 of the largest."""
        s = self._svd[1]
        return int(np.sum(s > 1e-13 * s[0]))

    @cached_property
    def B(self) -> np.ndarray:
        """J (J^T J)^-1, shape (m' d, n), where J has rank n."""
        U, s, V = self._svd
        return (U / s) @ V

    @cached_property
    def moves(self) -> np.ndarray:
        """X^T B_j, shape (m', n, n)."""
        return self.Z @ self.B.reshape(len(self.W), self.Z.shape[1], -1)

    @property
    def Delta(self) -> float:
        return float(np.abs(self.moves).sum(axis=2).max())

    def epsilon(self, Y: float) -> float:
        """1 / (2 Y sqrt(m' M_3 Delta^3)), the bound of the theorem."""
        return float(1 / (2 * Y * np.sqrt(len(self.W) * SMOOTH[self.activation][1] * self.Delta**3)))

    def G(self, z: np.ndarray, epsilon: float) -> np.ndarray:
        """The outputs at the points for u = B z."""
        psi, step = ACTIVATIONS[self.activation], epsilon * (self.moves @ z)
        return np.sum(psi(self.a + step) - psi(self.a - step), axis=0) / (2 * epsilon)

    def contraction(
        self, y: np.ndarray, epsilon: float, steps: int = 60
    ) -> Iterator[tuple[np.ndarray, float]]:
        """Yield z and |y - G(z)| for z = y, then z + y - G(z) and so on, as long as the error falls."""
        z, old = y.copy(), np.inf
        for _ in range(steps):
            missed = y - self.G(z, epsilon)
            error = float(np.abs(missed).max())
            if not error < old:
                return
            yield z, error
            z, old = z + missed, error

    def weights(self, z: np.ndarray, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the first weights of the 2m' neurons, shape (2m', d), and the output weights."""
        u = epsilon * (self.B @ z).reshape(self.W.shape)
        v = np.full(len(self.W), 0.5 / epsilon)
        return np.vstack([self.W + u, self.W - u]), np.concatenate([v, -v])


#: Sizes of the base weights, draws for each, and multiples of the theorem's epsilon that are tried, in this order.
SIZES, DRAWS = (1.0, 2.0, 4.0, 8.0), 2
FACTORS = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)


def centred(points: Any, scale: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the points x, (x - middle) * stretch with a 1 appended, middle and stretch; constant columns get 0."""
    X = np.array([[c / s for c, s in zip(x, scale, strict=True)] for x in points])
    low, high = X.min(axis=0), X.max(axis=0)
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    unit = np.where(half > 0, half, 1)
    root = np.sqrt(np.mean(((X - middle) / unit) ** 2, axis=0))
    stretch = np.where(half > 0, 1 / unit / np.where(root > 0, root, 1), 0)
    return X, np.column_stack([(X - middle) * stretch, np.ones(len(X))]), middle, stretch


def best_base(activation: str, Z: np.ndarray, pairs: int, rng: Any) -> Base | None:
    """Return the base weights with the least Delta among some draws; None if J never has rank n."""
    rng, found = np.random.default_rng(rng), []
    for size in SIZES:
        for _ in range(DRAWS):
            W = rng.standard_normal((pairs, Z.shape[1])) * size
            W[:, :-1] /= np.sqrt(max(1, Z.shape[1] - 1))
            base = Base(activation, Z, W)
            if base.rank == len(Z):
                found.append(base)
    return min(found, key=lambda base: base.Delta, default=None)


def epsilon_network(
    points: Any,
    labels: Any,
    scale: Any = None,
    rng: Any = 0,
    accuracy: float = 1e-12,
    activation: str = "tanh",
    pairs: int | None = None,
) -> FloatNetwork:
    """Return a network of m' pairs of smooth neurons with |f - y|^2 <= accuracy |y|^2, verified in floats.

    points : distinct integer points, x * scale. labels : numbers, not all 0. activation : one of `SMOOTH`.
    pairs : m', default ceil(n / r), where r is the rank of the points with a 1 appended, d + 1 as a rule.
    Weights and biases move: the theorem is applied to the points (x, 1), after the columns are brought to one size.
    epsilon is the largest of `FACTORS` times the theorem's with which the contraction reaches the accuracy.
    Raises HypothesisError where J has not rank n, or rounding keeps the accuracy out of reach. The network is a
    float network: it has no certificate. Implements madden-eps-construct; source: ours.
    """
    if activation not in SMOOTH:
        raise ValueError(f"activation {activation!r} is not one of {sorted(SMOOTH)}")
    if not accuracy > 0:
        raise ValueError(f"accuracy is {accuracy}; it is a relative squared error, more than 0")
    if pairs is not None and (type(pairs) is not int or pairs < 1):
        raise ValueError(f"pairs is {pairs!r}; it is an int, at least 1")
    first: dict = {}
    for i, x in enumerate(points):
        if first.setdefault(tuple(x), i) != i:
            raise HypothesisError(
                "the points are distinct", f"{names([first[tuple(x)], i])} are equal", "Drop one of them."
            )
    y = np.array([float(v) for v in labels])
    if not y.any():
        raise HypothesisError("some label is not 0", "y = 0", "The network without neurons fits it.")
    X, Z, middle, stretch = centred(points, scale or (1,) * len(points[0]))
    n, r = len(Z), int(np.linalg.matrix_rank(Z))
    h = pairs or -(-n // r)
    base = best_base(activation, Z, h, rng)
    if base is None:
        raise HypothesisError(
            "J has rank n in float64",
            f"no draw of {h} pairs reached rank {n}; the points with a 1 appended have rank {r}, and the closest "
            f"two are points {_closest(Z)}",
            f"Take more pairs: pairs={h + max(1, h // 4)}, or drop one of the two.",
        )
    size = float(np.abs(y).max())
    best = np.inf
    for factor in FACTORS:
        epsilon = factor * base.epsilon(size)
        z = y
        for z, _ in base.contraction(y, epsilon):  # noqa: B007  (the last z is the best)
            pass
        W, v = base.weights(z, epsilon)
        w = W[:, :-1] * stretch
        net = FloatNetwork(w, W[:, -1] - w @ middle, v, activation, "madden-eps-construct")
        reached = net.relative_error(X, y)
        if reached <= accuracy:
            return net
        best = min(best, reached)
    raise HypothesisError(
        "float64 is precise enough",
        f"the relative squared error is {best:.2g} at best, not {accuracy:g}; Delta is {base.Delta:.2g}",
        f"Ask for less accuracy=, or take more pairs: pairs={h + max(1, h // 4)}, or another rng=.",
    )


def _closest(Z: np.ndarray) -> str:
    from scipy.spatial.distance import pdist, squareform

    D = squareform(pdist(Z))
    np.fill_diagonal(D, np.inf)
    i, j = np.unravel_index(int(np.argmin(D)), D.shape)
    return f"{i} and {j}"
