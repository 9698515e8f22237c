"""The exact ReLU networks at the sizes that are too large for a page: ReLUs, bits, seconds."""

import time

from memlib import data, memorize

SIZES = ((500, 50), (2000, 50))
METHODS = ("bubeck-relu-4", "bubeck-relu-3", "bubeck-relu", "madden-relu")


def measure() -> dict:
    """Return one row for each method and size; every network is verified exactly before it is returned."""
    rows = []
    for n, d in SIZES:
        X, y = data.gaussian(n, d, rng=0), [(7 * i) % 19 - 9 for i in range(n)]
        for method in METHODS:
            start = time.perf_counter()
            net = memorize(X, y, method=method)
            seconds = time.perf_counter() - start
            rows.append(
                {
                    "method": method,
                    "n": n,
                    "d": d,
                    "relus": net.hidden_neurons,
                    "bits": net.max_weight_bits,
                    "seconds": round(seconds, 1),
                }
            )
            print(
                f"  {method:13} n = {n}: {net.hidden_neurons} ReLUs, {net.max_weight_bits} bits, {seconds:.1f} s"
            )
    return {"rows": rows}
