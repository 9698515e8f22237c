"""The trade-off: the slow rows of the table (a sweep, training), digits, and a trained network ready for polish."""

from typing import Any

import numpy as np

from memlib import HypothesisError, data, memorize
from memlib.bubeck.tradeoff_floats import greedy_network, measured, newton, trained_network

#: The trained weights are stored as integers over 2^40.
UNIT = 2**40


def row(name: str, net: Any, X: np.ndarray, y: np.ndarray) -> dict:
    """Return name, neurons, total weight and relative squared error (0 for exact networks)."""
    neurons, weight, error = measured(net, X, y)
    found = {
        "name": name,
        "neurons": neurons,
        "weight": float(f"{weight:.3g}"),
        "error": float(f"{error:.2g}"),
    }
    print(found)
    return found


def sphere() -> tuple[np.ndarray, np.ndarray]:
    return data.sphere(500, 50, 0), 2 * data.random_labels(500, 1) - 1


def slow() -> list[dict]:
    """The rows of the table that take more than a second."""
    X, y = sphere()
    rows = [row("sweep", memorize(X, y, method="bubeck-sweep"), X, y)]
    rows.append(row("greedy, untuned", greedy_network(X, y, 0.5, steps=()), X, y))
    rows.append(row("greedy, untuned", greedy_network(X, y, 0.1, steps=()), X, y))
    for width, decay in ((20, 0), (20, 0.1), (40, 0.1), (200, 0.1)):
        net = trained_network(X, y, width, decay)
        rows.append({**row("trained", net, X, y), "width": width, "decay": decay})
    return rows


def start() -> dict:
    """A trained network of 20 ReLUs and a constant, brought to rounding error by Newton's method, in integers."""
    X, y = sphere()
    a, theta, error = newton(trained_network(X, y, 20, 0.1, iterations=20_000), X, y)
    print("trained and corrected, error", error)
    assert error < 1e-20
    return {
        "unit": UNIT,
        "a": [int(v) for v in a],
        "theta": [[round(float(v) * UNIT) for v in t] for t in theta],
    }


def digits() -> list[dict]:
    """All constructions on 300 digits, unit length and three decimals; labels: odd or even."""
    A, digit = data.digits()
    X = np.round(A[:300] / np.linalg.norm(A[:300], axis=1, keepdims=True), 3)
    y = 2 * (digit[:300] % 2) - 1
    rows = []
    for method in ("bubeck-relu", "madden-relu", "bubeck-relu-3", "bubeck-relu-4"):
        rows.append(row(method, memorize(X, y, method=method, project_to=20), X, y))
    for method in ("bubeck-ntk", "bubeck-coded", "bubeck-harmonic"):
        try:
            rows.append(row(method, memorize(X, y, method=method, accuracy=0.1), X, y))
        except HypothesisError as refusal:
            rows.append({"name": method, "refusal": str(refusal)})
    rows.append(row("greedy", greedy_network(X, y, 0.1), X, y))
    rows.append(row("trained", trained_network(X, y, 20, 0.01), X, y))
    return rows


def scaling() -> list[dict]:
    """Greedy, tangent kernel and training at n = 5 d and error 0.1, for growing n."""
    rows = []
    for n in (100, 200, 400, 800):
        X, y = data.sphere(n, n // 5, 0), 2 * data.random_labels(n, 1) - 1
        for name, net in (
            ("greedy", greedy_network(X, y, 0.1)),
            ("ntk", memorize(X, y, method="bubeck-ntk", accuracy=0.1)),
            ("trained", trained_network(X, y, 20, 0.1)),
        ):
            rows.append({**row(name, net, X, y), "n": n})
    return rows


def measure() -> dict:
    return {"slow": slow(), "start": start(), "digits": digits(), "scaling": scaling()}
