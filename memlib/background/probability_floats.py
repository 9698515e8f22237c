"""The pictures of the page: tails of a binomial law with their bounds, and the law of the number of codes."""

import numpy as np
from scipy.stats import binom


def binomial_tails(m: int, p: float, nu: np.ndarray) -> dict[str, np.ndarray]:
    """Return P(X >= nu) for X ~ Bin(m, p) and its three exponential bounds, nu > mp."""
    mu, t = m * p, nu - m * p
    return {
        "true": binom.sf(nu - 1, m, p),
        "Chernoff": np.exp(t - nu * np.log(nu / mu)),
        "Bernstein": np.exp(-(t**2) / (2 * (m * p * (1 - p) + max(p, 1 - p) * t / 3))),
        "Hoeffding": np.exp(-2 * t**2 / m),
    }


def distinct_codes(n: int, codes: int) -> np.ndarray:
    """Return the law of the number of different codes among n uniform draws: entry k is P(k different ones)."""
    law = np.zeros(n + 1)
    law[0] = 1
    seen = np.arange(n + 1)
    for _ in range(n):
        new = law * (1 - seen / codes)
        law = law * seen / codes
        law[1:] += new[:-1]
    return law
