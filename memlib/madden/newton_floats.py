"""Newton's method in floating point for the paired construction, and for zeros that certify all labels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from memlib.approximate import ACTIVATIONS

#: Steps apart of the two neurons of a pair, tried in this order.
STEPS = (1.0, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4)


def _sigmoid_slope(t: np.ndarray) -> np.ndarray:
    s = ACTIVATIONS["sigmoid"](t)
    return s * (1 - s)


def _gelu_slope(t: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(t) + t * np.exp(-t * t / 2) / np.sqrt(2 * np.pi)


SLOPES = {
    "tanh": lambda t: 1 - np.tanh(t) ** 2,
    "sigmoid": _sigmoid_slope,
    "softplus": ACTIVATIONS["sigmoid"],
    "gelu": _gelu_slope,
}


def functions(name: str) -> tuple[Any, Any]:
    """Return psi and psi' as numpy functions; also for "x^k"."""
    if name.startswith("x^"):
        k = int(name[2:])
        return (lambda t: t**k), (lambda t: k * t ** (k - 1))
    return ACTIVATIONS[name], SLOPES[name]


def jacobian(name: str, X: np.ndarray, W: np.ndarray, b: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return J, shape (m, d + 1, n): the derivatives v_j psi'(a_ji) (x_i, 1) of the outputs in (w_j, b_j)."""
    slopes = functions(name)[1](W @ X.T + b[:, None]) * v[:, None]
    return slopes[:, None, :] * np.vstack([X.T, np.ones(len(X))])[None]


@dataclass(frozen=True, eq=False)
class Solution:
    """Float weights and how far their outputs are from the labels: `residual`, the largest difference.

    history : the residual before every Newton step. condition : sigma_1 / sigma_n of the Jacobian at the base point.
    """

    W: np.ndarray
    b: np.ndarray
    v: np.ndarray
    residual: float
    history: tuple[float, ...] = ()
    condition: float = np.inf


def paired_newton(
    X: Any,
    y: Any,
    pairs: int,
    activation: str = "tanh",
    rng: Any = 0,
    scale: float = 2.0,
    biases: bool = False,
) -> Solution:
    """Return 2 * pairs neurons with the labels y up to rounding: w_j +- eps A_j with output weights +-1 / (2 eps).

    The base weights are Gaussian, w.x of size `scale`, the biases Gaussian (0 for powers). A starts at the solution
    of the linearised problem and follows damped Newton steps of least norm; eps is lowered until the residual is
    small. The labels are divided by a power of two first, and eps <= pairs / 4 keeps the neurons from saturating.
    X : shape (n, d). biases : move the biases as well, with a last coordinate 1 of the points.
    Implements the construction of madden-main; source of the algorithm: ours.
    """
    X, y, rng = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.random.default_rng(rng)
    (n, d), h = X.shape, pairs
    psi, slope = functions(activation)
    lifted = np.vstack([X.T, np.ones(n)])
    moving = lifted[: d + biases]
    b0 = np.zeros(h) if activation.startswith("x^") else rng.normal(size=h)
    size = np.sqrt(d * np.mean(X**2)) or 1.0
    T0 = np.hstack([rng.normal(size=(h, d)) * scale / size, b0[:, None]])
    J = (slope(T0 @ lifted)[:, None, :] * moving[None]).reshape(-1, n)
    s = np.linalg.svd(J, compute_uv=False)
    condition = float(s[0] / s[n - 1]) if len(s) >= n and s[n - 1] > 0 else np.inf
    unit = float(2.0 ** np.ceil(np.log2(np.abs(y).max() or 1.0)))
    y = y / unit
    start, best = np.linalg.lstsq(J.T, y, rcond=1e-13)[0], None

    def weights(A: np.ndarray, eps: float) -> np.ndarray:
        move = np.zeros_like(T0)
        move[:, : d + biases] = eps * A.reshape(h, -1)
        return np.vstack([T0 + move, T0 - move])

    for eps in (e for e in STEPS if e <= h / 4):
        v = np.r_[np.full(h, 0.5 / eps), np.full(h, -0.5 / eps)]
        A, sizes = start, []
        r = y - v @ psi(weights(A, eps) @ lifted)
        for _ in range(40):
            sizes.append(float(np.abs(r).max()))
            if best is None or sizes[-1] < best.residual:
                T = weights(A, eps)
                best = Solution(T[:, :d], T[:, d], v, sizes[-1], tuple(sizes), condition)
            G = slope(weights(A, eps) @ lifted) * v[:, None]
            G = ((G[:h] - G[h:]) * eps)[:, None, :] * moving[None]
            step, t = np.linalg.lstsq(G.reshape(-1, n).T, r, rcond=1e-13)[0], 1.0
            while t > 1e-3:
                q = y - v @ psi(weights(A + t * step, eps) @ lifted)
                if np.abs(q).max() < sizes[-1]:
                    break
                t /= 2
            else:
                break
            A, r = A + t * step, q
        if best is not None and best.residual < 1e-12:
            break
    assert best is not None
    history = tuple(unit * size for size in best.history)
    return Solution(best.W, best.b, unit * best.v, unit * best.residual, history, best.condition)


def find_zero(
    X: Any, m: int, activation: str = "tanh", rng: Any = 0, most: int = 150
) -> tuple[Solution, float]:
    """Return m neurons that nearly cancel at all points, v fixed at random, and sigma_n of the Jacobian in (W, b).

    Levenberg and Marquardt on F_X(W, b) = 0. A small sigma_n means a degenerate zero: try another seed. v must stay
    fixed and away from 0, otherwise the search ends in zeros whose neurons cancel in pairs.
    """
    X, rng = np.asarray(X, dtype=float), np.random.default_rng(rng)
    n, d = X.shape
    psi, _ = functions(activation)
    T = np.hstack([rng.normal(size=(m, d)) * 1.5 / np.sqrt(d), rng.normal(size=(m, 1))])
    v = rng.normal(size=m)
    v = np.sign(v) * (0.5 + np.abs(v))
    lifted, identity = np.vstack([X.T, np.ones(n)]), np.eye(n)

    def F(T: np.ndarray) -> np.ndarray:
        return v @ psi(T @ lifted)

    def J(T: np.ndarray) -> np.ndarray:
        return jacobian(activation, X, T[:, :d], T[:, d], v).reshape(m * (d + 1), n)

    r, damping = -F(T), 1e-2
    for _ in range(most):
        now = J(T)
        gram = now.T @ now
        for _ in range(14):
            move = now @ np.linalg.solve(gram + damping * identity, r)
            moved = T + move.reshape(T.shape)
            q = -F(moved)
            if q @ q < r @ r:
                break
            damping *= 4
        else:
            break
        T, r, damping = moved, q, max(damping / 5, 1e-13)
        if np.abs(r).max() < 1e-14:
            break
    s = np.linalg.svd(J(T), compute_uv=False)
    least = float(s[n - 1]) if len(s) >= n else 0.0
    return Solution(T[:, :d], T[:, d], v, float(np.abs(r).max())), least


def best_zero(
    X: Any,
    m: int,
    activation: str = "tanh",
    seeds: Iterable[int] = range(24),
    enough: float = 0.01,
    good: int = 3,
) -> Solution:
    """Return the zero with the largest sigma_n among the seeds, stopping after `good` of them with sigma_n > enough."""
    best: tuple[float, Solution | None] = (-1.0, None)
    for seed in seeds:
        found, least = find_zero(X, m, activation, seed)
        least = least if found.residual < 1e-10 else 0.0
        if least > best[0]:
            best = (least, found)
        good -= least > enough
        if good <= 0:
            break
    if best[1] is None:
        raise ValueError("no seed was given")
    return best[1]


def right_inverse(name: str, X: np.ndarray, found: Solution) -> np.ndarray:
    """Return B, shape (m (d + 1), n), with J^T B = I up to rounding: the pseudo-inverse, biases included."""
    X = np.asarray(X, dtype=float)
    J = jacobian(name, X, found.W, found.b, found.v)
    return np.linalg.pinv(J.reshape(-1, len(X)).T)


def attempts(
    U: np.ndarray, y: np.ndarray, pairs: int, activation: str, rng: Any, tries: int
) -> Iterator[Solution]:
    """Yield the results of Newton's method from different base weights, small and large."""
    rng = np.random.default_rng(rng)
    for k in range(tries):
        yield paired_newton(U, y, pairs, activation, rng, (2.0, 1.0, 4.0, 0.5)[k % 4], biases=True)


def folded(found: Solution, units: Any, scale: Any, B: np.ndarray) -> tuple[Solution, np.ndarray]:
    """Carry weights, biases and B from the coordinates (x scale - centre) / spread to x, in floats.

    w.u + b with u_c = (scale_c x_c - centre_c) / spread_c has the weights w_c scale_c / spread_c on x.
    """
    centre = np.array([float(c) for c, _ in units])
    spread = np.array([float(s) for _, s in units])
    grid = np.array([float(s) for s in scale])
    m, d = found.W.shape
    C = B.reshape(m, d + 1, -1)
    weights, bias = (
        C[:, :d] * (grid / spread)[None, :, None],
        C[:, d] - np.einsum("c,mcq->mq", centre / spread, C[:, :d]),
    )
    solution = Solution(
        found.W * (grid / spread), found.b - found.W @ (centre / spread), found.v, found.residual
    )
    return solution, np.concatenate([weights, bias[:, None]], axis=1).reshape(B.shape)


@dataclass(frozen=True)
class Measured:
    """One size of the bench: d, m, n = floor(md / 2), the residual that Newton's method reached in floats."""

    d: int
    m: int
    n: int
    activation: str
    residual: float


#: Sizes (d, m), m even, up to n = 600.
SIZES = ((4, 8), (10, 20), (16, 24), (20, 60))


def residuals(
    sizes: Iterable[tuple[int, int]] = SIZES, activation: str = "tanh", rng: int = 0, tries: int = 4
) -> Iterator[Measured]:
    """Yield the float residual of the paired construction for random points and labels, n = floor(md / 2).

    For the bench: below 1e-10 for all `SIZES` (n = 600 takes some seconds). Other base weights are drawn, `tries` times
    in all, until it is. Only W moves. Raises ValueError for an odd m.
    """
    for d, m in sizes:
        if m % 2:
            raise ValueError(f"m is {m}; pairs need an even number of neurons")
        n = m * d // 2
        draw = np.random.default_rng([rng, d, m])
        X, y = draw.standard_normal((n, d)), draw.standard_normal(n)
        residual = np.inf
        for _ in range(tries):
            residual = min(residual, paired_newton(X, y, m // 2, activation, draw).residual)
            if residual < 1e-10:
                break
        yield Measured(d, m, n, activation, float(residual))
