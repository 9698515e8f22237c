"""Gaussian draws for the random first layer, and many of them at once. Floating point, until rounded to integers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from memlib.evidence import Frequency


def gaussian_integers(rows: int, columns: int, rng: Any, bits: int) -> tuple[tuple[int, ...], ...]:
    """Return independent standard Gaussians times 2^bits, rounded to integers, as rows of Python ints."""
    return tuple(map(tuple, scaled_gaussians(rows, columns, np.random.default_rng(rng), bits).tolist()))


def scaled_gaussians(rows: int, columns: int, rng: np.random.Generator, bits: int) -> np.ndarray:
    """Return the same as an array of machine integers; bits <= 52, so that eight deviations fit many times over."""
    if not 0 <= bits <= 52:
        raise ValueError(f"{bits} bits: at most 52 fit a double and its multiples")
    return np.rint(np.ldexp(rng.standard_normal((rows, columns)), bits)).astype(np.int64)


def bits_of(points: np.ndarray, rows: np.ndarray, radius: int) -> np.ndarray:
    """Return [G.X + R B >= 0], shape (n, m), in machine integers. Raises OverflowError where a sum could overflow."""
    lifted = np.hstack([points, np.full((len(points), 1), radius)]).astype(np.int64)
    if float(np.abs(lifted).sum(axis=1).max()) * float(np.abs(rows).max(initial=0)) >= 2**62:
        raise OverflowError("the sums do not fit 64 bits: use fewer bits, or memlib.layer.Layer")
    return lifted @ rows.T >= 0


def rounds(draw: Any) -> Iterator[np.ndarray]:
    """Yield the codes, shape (n, m), of `draw.trials` independent integer layers."""
    rng, X = np.random.default_rng(draw.seed), np.array(draw.cloud.points, dtype=np.int64)
    for _ in range(draw.trials):
        yield bits_of(X, scaled_gaussians(draw.m, X.shape[1] + 1, rng, draw.bits), draw.cloud.radius)


def closest(codes: np.ndarray, pairs: Any) -> int:
    """Return the least Hamming distance of the pairs' codes."""
    i, j = np.array(pairs).T
    return int((codes[i] != codes[j]).sum(axis=1).min())


def rounds_without_collision(draw: Any, least: int) -> int:
    """Count the trials in which all pairs have codes of Hamming distance at least `least`."""
    if not draw.cloud.pairs:
        return draw.trials
    return sum(closest(codes, draw.cloud.pairs) >= least for codes in rounds(draw))


def frequency(hits: int, trials: int, at_least: Any) -> Frequency:
    """Return the outcome of a run; the claimed probability is rounded up to a float."""
    return Frequency(hits, trials, float(np.nextafter(float(at_least.upper()), 2)))


def successes_by_size(cloud: Any, sizes: Any, trials: int, seed: int, bits: int = 20) -> np.ndarray:
    """Return for each m the share of trials in which the first m of max(sizes) hyperplanes tell all pairs apart."""
    rng, X = np.random.default_rng(seed), np.array(cloud.points, dtype=np.int64)
    i, j = np.array(cloud.pairs).T
    done = np.zeros(len(sizes))
    for _ in range(trials):
        codes = bits_of(X, scaled_gaussians(max(sizes), X.shape[1] + 1, rng, bits), cloud.radius)
        first = (codes[i] != codes[j]).argmax(axis=1)  # the first hyperplane that separates, 0 if none does
        never = ~(codes[i] != codes[j]).any(axis=1)
        done += np.array([not never.any() and first.max() < m for m in sizes])
    return done / trials


def angle_ratio(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return angle((x, 1), (y, 1)) / (|x - y| / 2) for points of the plane; y of shape (..., 2). Nan at y = x."""
    inner = y @ x + 1
    distance = np.linalg.norm(y - x, axis=-1)
    cross = np.hypot(x[0] * y[..., 1] - x[1] * y[..., 0], distance)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.arctan2(cross, inner) / (distance / 2)
