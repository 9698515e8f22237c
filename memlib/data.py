"""Data sets and random point sets, and the numbers by which theorems measure them.

Generators return (X, y) or X as numpy arrays; random points are rounded to `decimals` places, so that the
integers behind them stay small and the rounding happens in sight. Exact code reads them through
`memlib.points.to_integers`.
"""

from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from memlib.exact import Row, affine_dependency
from memlib.points import HypothesisError, names

Seed = int | np.random.Generator


def gaussian(n: int, d: int, rng: Seed, decimals: int = 3) -> np.ndarray:
    """Return n independent standard Gaussian points, shape (n, d), rounded."""
    return np.round(np.random.default_rng(rng).standard_normal((n, d)), decimals)


def sphere(n: int, d: int, rng: Seed, decimals: int = 3) -> np.ndarray:
    """Return n independent uniform points of the unit sphere, shape (n, d), rounded: norms are 1 up to the rounding."""
    X = np.random.default_rng(rng).standard_normal((n, d))
    return np.round(X / np.linalg.norm(X, axis=1, keepdims=True), decimals)


def two_moons(n: int, rng: Seed, noise: float = 0.1, decimals: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return n points of two interleaved half circles in the plane with Gaussian noise, and their moon."""
    from sklearn.datasets import make_moons

    seed = int(np.random.default_rng(rng).integers(2**31))
    X, y = make_moons(n, noise=noise, random_state=seed)
    return np.round(X, decimals), y


def random_labels(n: int, rng: Seed) -> np.ndarray:
    """Return n independent fair labels in {0, 1}."""
    return np.random.default_rng(rng).integers(0, 2, n)


def breast_cancer() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's breast cancer data, shape (569, 30); label 1 = malignant (212 points)."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    return X, 1 - y


def wine() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's wine data, shape (178, 13); labels 0, 1, 2 = cultivar."""
    from sklearn.datasets import load_wine

    return load_wine(return_X_y=True)


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's 8 x 8 digits, shape (1797, 64), pixels 0 to 16; labels 0 to 9."""
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


def separation(X: np.ndarray, y: np.ndarray | None = None) -> float:
    """Return delta, the least distance of two points; with labels y, of two points of different labels.

    Floating point. Raises HypothesisError if there is no such pair.
    """
    from scipy.spatial.distance import pdist

    X = np.asarray(X, dtype=float)
    distances = pdist(X)
    if y is not None:
        i, j = np.triu_indices(len(X), 1)
        distances = distances[np.asarray(y)[i] != np.asarray(y)[j]]
    if not len(distances):
        raise HypothesisError(
            "there are two points to separate", f"{len(X)} points", "Give more points or labels."
        )
    return float(distances.min())


def coherence(X: np.ndarray) -> float:
    """Return the largest |cosine| between two different points, each taken as a vector. Floating point."""
    X = np.asarray(X, dtype=float)
    norms = np.linalg.norm(X, axis=1)
    if (norms == 0).any():
        raise HypothesisError("no point is 0", f"point {int(np.argmin(norms))} is 0", "Drop or shift it.")
    cosines = np.abs((X @ X.T) / np.outer(norms, norms))
    np.fill_diagonal(cosines, 0)
    return float(cosines.max())


def require_general_position(points: tuple[Row, ...], most: int = 200_000) -> None:
    """Raise HypothesisError, naming the points, unless every d + 1 of the integer points are affinely independent.

    Reads all subsets of d + 1 points (of all the points, if n <= d), so n must be small: at most `most` subsets.
    """
    size = min(len(points), len(points[0]) + 1)
    if comb(len(points), size) > most:
        raise ValueError(
            f"{comb(len(points), size)} subsets of {size} points are too many to test one by one"
        )
    for subset in combinations(range(len(points)), size):
        dependent = affine_dependency([points[i] for i in subset])
        if dependent is not None:
            guilty = [subset[i] for i in dependent]
            raise HypothesisError(
                "general position",
                f"{names(guilty)} are affinely dependent",
                f"Project to fewer than {len(points[0])} dimensions: memorize(..., project_to=e).",
            )


def indicator(y: Any, label: Any) -> np.ndarray:
    """Return 1 where y equals the label, else 0: the labels of a detector of one class."""
    return (np.asarray(y) == label).astype(int)
