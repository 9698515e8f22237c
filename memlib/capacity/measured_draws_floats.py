"""How often one random draw of three methods is right, by seeded Monte Carlo: success against hidden neurons."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from memlib.capacity import measured_bounds as bounds
from memlib.capacity.measured_bounds import DirksenFrame, Given, TelescopeFrame
from memlib.evidence import Frequency


@dataclass(frozen=True)
class Curve:
    """Of `trials` draws hits[i] succeeded with neurons[i] neurons; `bound` of them succeed as often as `promised`."""

    name: str
    neurons: tuple[int, ...]
    hits: tuple[int, ...]
    trials: int
    bound: int
    promised: float

    def band(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Return the two-sided Clopper-Pearson limits at each number of neurons."""
        from scipy.stats import beta

        k, n, tail = np.array(self.hits), self.trials, (1 - level) / 2
        with np.errstate(invalid="ignore"):
            low = np.where(k > 0, beta.ppf(tail, k, n - k + 1), 0)
            high = np.where(k < n, beta.ppf(1 - tail, k + 1, n - k), 1)
        return low, high

    def at_bound(self, level: float = 1e-6) -> Frequency:
        """Return the frequency at the largest number of neurons that is not above the bound."""
        i = max(i for i, m in enumerate(self.neurons) if m <= self.bound)
        return Frequency(self.hits[i], self.trials, at_least=self.promised)


def _first_success(bits: np.ndarray, y: np.ndarray, directed: bool) -> int:
    """Return how many of the columns of bits are needed until they tell all pairs of different labels apart.

    directed : the column must be 1 at the point with label 0 and 0 at the other. If all do not suffice: one more.
    """
    minus, plus = bits[y == 1], bits[y == 0]
    told = plus[None] & ~minus[:, None] if directed else plus[None] ^ minus[:, None]
    first = np.where(told.any(axis=2), told.argmax(axis=2) + 1, bits.shape[1] + 1)
    return int(first.max())


def _hits(times: Sequence[int], sizes: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(t <= m for t in times) for m in sizes)


def greedy_layer(it: Given, bound: int, trials: int = 200, most: int = 512, rng: Any = 0) -> Curve:
    """Draw hyperplanes in the frame of `dirksen`; by dirksen-alg-iff it succeeds iff every pair is separated."""
    draw, frame, y = np.random.default_rng(rng), DirksenFrame.of(it.points), np.array(it.labels)
    Z = (np.array(it.points, dtype=float) - frame.centre) / [s or 1 for s in frame.reaches]
    R = np.linalg.norm(Z, axis=1).max()
    times = []
    for _ in range(trials):
        w, b = draw.standard_normal((most, Z.shape[1])), draw.uniform(-R, R, most)
        times.append(_first_success(Z @ w.T + b > 0, y, directed=True))
    sizes = tuple(range(8, most + 1, 8))
    return Curve("dirksen, hyperplanes", sizes, _hits(times, sizes), trials, bound, 0.5)


def parity_codes(it: Given, k: int, bound: int, trials: int = 200, most: int = 64, rng: Any = 0) -> Curve:
    """Draw r parities of k hyperplanes in the frame of `rajput`; right iff different labels have different codes."""
    draw, frame, y = np.random.default_rng(rng), TelescopeFrame.of(it.points), np.array(it.labels)
    Z = np.array(frame.points, dtype=float) / frame.radius
    times = []
    for _ in range(trials):
        w, b = draw.standard_normal((most * k, Z.shape[1])), draw.standard_normal(most * k)
        on = (Z @ w.T + b >= 0).reshape(len(Z), most, k)
        times.append(_first_success(np.bitwise_xor.reduce(on, axis=2), y, directed=False))
    r = tuple(range(1, most + 1))
    return Curve(f"rajput, parities of {k}", tuple(k * m for m in r), _hits(times, r), trials, bound, 0.75)


def averaged_units(X: Any, y: Any, accuracy: float = 0.1, trials: int = 200, rng: Any = 0) -> Curve:
    """Average K random units as `bubeck-harmonic` does (m = 2, p = 1), for K up to the number of the theorem."""
    from memlib.bubeck import harmonic_network_floats as harmonic
    from memlib.bubeck.recombination_floats import address_weights

    X, y, draw = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.random.default_rng(rng)
    length = np.linalg.norm(X, axis=1)
    X = X / length[:, None]
    n, d = X.shape
    goal, alpha = accuracy * float(y @ y), address_weights(X, y / length, 1)
    design = harmonic.closed_form_design(X, y, length, alpha, goal, 0.0)
    factor = design.c * sqrt(n / d) / harmonic.kappa_complex(2, 0.0)
    K = np.arange(1, design.K + 1)
    good = np.zeros(design.K, dtype=int)
    for _ in range(trials):
        F = np.concatenate([
            harmonic.values(X, w, out) for w, out in harmonic.drawn(X, alpha, 2, 1, 0.0, design, draw)
        ])  # fmt: skip
        f = factor * length * np.cumsum(F, axis=0) / K[:, None]
        good += np.sum((f - y) ** 2, axis=1) <= goal
    neurons = tuple((8 * K).tolist())
    return Curve("bubeck-harmonic", neurons, tuple(good.tolist()), trials, 8 * design.K, 0.5)


def curves(trials: int = 200) -> tuple[Curve, Curve, Curve]:
    """Return the curves of the page: two on the moons with their own labels, one on the sphere."""
    from memlib.capacity.measured import DATA

    it = Given.of(*DATA["moons-true"]())
    return (
        greedy_layer(it, bound=bounds.dirksen(it) - len(it.labelled(1)), trials=trials),
        parity_codes(it, k=8, bound=8 * bounds.parities(it, 8), trials=trials),
        averaged_units(*DATA["sphere-true"](), trials=trials // 4),
    )
