"""Greedy and trained networks for the comparison of the chapter's constructions: practice, no theorem."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from memlib.approximate import FloatNetwork
from memlib.bubeck.total_weight import neurons_of, total_weight

#: What stands in the place of a claim id.
PRACTICE = "measured, no theorem"
#: Steps that a tuned neuron tries, both signs.
STEPS = (1 / 4, 1 / 2, 1, 2, 4)


def _network(w: list, a: list, d: int, b: Any = None) -> FloatNetwork:
    rows = np.array(w, dtype=float).reshape(-1, d)
    return FloatNetwork(rows, np.zeros(len(rows)) if b is None else b, np.array(a), "relu", PRACTICE)


def measured(net: Any, X: Any, y: Any) -> tuple[int, float, float]:
    """Return neurons, total weight and relative squared error, 0 for exact networks (verified when they were built)."""
    if isinstance(net, FloatNetwork):
        return net.hidden_neurons, net.total_weight, net.relative_error(X, y)
    return net.hidden_neurons, float(total_weight(neurons_of(net))), 0.0


def greedy_neurons(
    X: np.ndarray, y: np.ndarray, rng: Any, steps: tuple[float, ...] = STEPS
) -> Iterator[tuple[np.ndarray, float, float]]:
    """Yield, for ever, one ReLU: its weights, its output weight, and the relative squared error after it.

    Each step draws a gate g, tunes v = sqrt(d) V / |V|, V = sum r_j [g.x_j > 0] x_j, and among w = g +- delta v
    takes the w whose neuron correlates best with the residual r; then the best multiple. No steps: w = g, untuned.
    """
    rng = np.random.default_rng(rng)
    d = X.shape[1]
    r = np.array(y, dtype=float)
    while r.any():
        g = rng.standard_normal(d)
        V = X.T @ (r * (X @ g > 0))
        length = np.linalg.norm(V)
        if length == 0:
            continue
        v = np.sqrt(d) * V / length
        tried = np.array([g + s * step * v for step in steps for s in (1, -1)] or [g])
        F = np.maximum(tried @ X.T, 0)
        square = np.sum(F * F, axis=1)
        fit = F @ r
        gain = np.divide(fit * fit, square, out=np.zeros_like(fit), where=square > 0)
        k = int(np.argmax(gain))
        if gain[k] == 0:
            continue
        a = float(fit[k] / square[k])
        r = r - a * F[k]
        yield tried[k], a, float(r @ r / (y @ y))


def greedy_network(
    X: Any, y: Any, accuracy: float, rng: Any = 0, steps: tuple[float, ...] = STEPS, most: int = 20_000
) -> FloatNetwork:
    """Return the greedy network, one ReLU without bias a step, with |f - y|^2 <= accuracy |y|^2.

    X : shape (n, d), y : not all 0. Raises ValueError where `most` neurons are not enough, or accuracy <= 0.
    No theorem: the text proves what a step gains, not how many steps are enough. Source: ours.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if accuracy <= 0:
        raise ValueError(f"accuracy is {accuracy}; it must be positive")
    w: list = []
    a: list = []
    error = 1.0
    for row, out, error in greedy_neurons(X, y, rng, steps):
        w.append(row)
        a.append(out)
        if error <= accuracy:
            return _network(w, a, X.shape[1])
        if len(w) >= most:
            break
    raise ValueError(f"{len(w)} neurons reach the relative squared error {error:.2g}, not {accuracy:g}")


def trained_network(
    X: Any, y: Any, width: int, decay: float = 0.0, rng: int = 0, iterations: int = 5000
) -> FloatNetwork:
    """Return scikit-learn's network of so many ReLUs, trained with L-BFGS; its output bias is one more neuron.

    decay : adds decay |w|^2 / (2n), over all weights w but the biases, to the loss |f - y|^2 / (2n).
    """
    from sklearn.neural_network import MLPRegressor

    model = MLPRegressor(
        hidden_layer_sizes=(width,),
        solver="lbfgs",
        alpha=decay,
        tol=1e-12,
        max_iter=iterations,
        max_fun=10 * iterations,
        random_state=rng,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(np.asarray(X, dtype=float), np.asarray(y, dtype=float))
    (W1, W2), (b1, b2) = model.coefs_, model.intercepts_
    w, b, a = np.vstack([W1.T, np.zeros(len(W1))]), np.append(b1, 1.0), np.append(W2[:, 0], b2[0])
    return FloatNetwork(w, b, a, "relu", PRACTICE)


# --- bubeck-duality: which neurons a lightest network uses ---


def basis(table: Any, y: Any) -> list[tuple[int, int]]:
    """Return the columns, with the signs of their weights, of a network of least sum |a| with table a = y."""
    from scipy.optimize import linprog

    A = np.array([[float(v) for v in row] for row in table])
    k = A.shape[1]
    right = [float(v) for v in y]
    result = linprog(np.ones(2 * k), A_eq=np.hstack([A, -A]), b_eq=right, method="highs-ds")
    if not result.success:
        return []
    return [(int(c) % k, 1 if c < k else -1) for c in np.flatnonzero(result.x > 1e-9)]


# --- bubeck-polish: a start for the exact correction ---


def shown(value: Any) -> str:
    """A rational number in four digits."""
    return f"{float(value):.4g}"


def _jacobian(X: np.ndarray, a: np.ndarray, on: np.ndarray) -> np.ndarray:
    """The matrix [a_h [s_hi > 0] (x_i, 1)], shape (n, k (d+1))."""
    Z = np.hstack([X, np.ones((len(X), 1))])
    return ((a[:, None] * on).T[:, :, None] * Z[:, None, :]).reshape(len(X), -1)


def independent_columns(points: Any, scale: int, a: Any, on: Any) -> list[int]:
    """Return n columns of the matrix that a pivoted QR decomposition takes first, in their order."""
    from scipy.linalg import qr

    X = np.array(points, dtype=float) / scale
    M = _jacobian(X, np.array(a, dtype=float), np.array(on, dtype=float))
    if M.shape[1] < len(X):
        raise ValueError(f"{M.shape[1]} weights cannot take {len(X)} labels")
    pivots = qr(M, mode="r", pivoting=True)[1]
    return sorted(int(c) for c in pivots[: len(X)])


def newton(net: FloatNetwork, X: Any, y: Any, rounds: int = 20) -> tuple[np.ndarray, np.ndarray, float]:
    """Return signs a_h and rows (w_h, b_h) of the network after least corrections, and its relative squared error.

    f is piecewise linear in (w, b); each round solves the equations of the present piece with the shortest step.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    theta = np.column_stack([net.w, net.b]) * np.abs(net.a)[:, None]
    a, Z = np.sign(net.a), np.hstack([X, np.ones((len(X), 1))])
    error = np.inf
    for _ in range(rounds):
        S = theta @ Z.T
        r = y - np.maximum(S, 0).T @ a
        error = float(r @ r / (y @ y))
        if error < 1e-24:
            break
        theta = theta + np.linalg.lstsq(_jacobian(X, a, S > 0), r, rcond=None)[0].reshape(theta.shape)
    return a, theta, error


def response_found(X: Any, r: Any, rng: Any = 0, starts: int = 200, rounds: int = 40) -> float:
    """Return the largest |F_r(theta)|, |theta| = 1, that was met from random starts: at most R(r), no proof of more.

    On the piece of theta, F_r is theta.V; the step to V/|V| (or -V/|V|, to go down) is repeated.
    """
    X, r = np.asarray(X, dtype=float), np.asarray(r, dtype=float)
    Z = np.hstack([X, np.ones((len(X), 1))])
    first = np.random.default_rng(rng).standard_normal((starts, Z.shape[1]))
    best = 0.0
    for sign in (1, -1):
        U = first
        for _ in range(rounds):
            U = sign * (r * (U @ Z.T > 0)) @ Z
            U = U / np.maximum(np.linalg.norm(U, axis=1, keepdims=True), 1e-300)
        best = max(best, float(np.abs(np.maximum(U @ Z.T, 0) @ r).max()))
    return best
