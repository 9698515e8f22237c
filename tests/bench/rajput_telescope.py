"""The log-free method on sets that are too large for a page: sizes, certificates, 50,000 points; all back ends."""

import time
from typing import Any

import numpy as np

from memlib import checker, data, memorize
from memlib.layer import MACHINE
from memlib.points import input_scale, merge, to_integers
from memlib.rajput.telescope_network import largest_sums, telescope_network


def large(n: int = 50_000, d: int = 20, seed: int = 0) -> dict:
    """Memorize random labels of n points of the sphere; every layer is evaluated in 64 bits, under a proved bound."""
    X, y = data.sphere(n, d, seed), data.random_labels(n, seed + 1)
    start = time.perf_counter()
    points, labels = merge(to_integers(X), y)
    net = telescope_network(points, labels, input_scale(X), seed)  # verified at all the points
    seconds = time.perf_counter() - start
    assert max(largest_sums(net.layers, points)) < MACHINE
    baum = 2 * -(-min(labels.count(0), labels.count(1)) // d) + 1
    return {"n": n, "d": d, "widths": net.widths, "units": sum(net.widths), "weights": net.nonzero_weights,
            "bits": net.max_weight_bits, "baum": baum, "seconds": round(seconds, 1)}  # fmt: skip


def sets() -> dict[str, tuple[Any, Any]]:
    """Return the data sets by name."""
    A, digit = data.digits()
    cells, malignant = data.breast_cancer()
    wine, cultivar = data.wine()
    moons, moon = data.two_moons(1000, 0, noise=0.15)
    S = data.sphere(50, 5, 0)
    found = {
        "sphere, n = 1000, d = 10": (data.sphere(1000, 10, 0), data.random_labels(1000, 1)),
        "sphere, n = 4000, d = 8": (data.sphere(4000, 8, 0), data.random_labels(4000, 1)),
        "digits, odd or even": (A, digit % 2),
        "digits, random": (A, data.random_labels(1797, 1)),
        "breast_cancer": (cells, malignant),
        "breast_cancer, random": (cells, data.random_labels(569, 1)),
        "wine, 0 or not": (wine, (cultivar == 0).astype(int)),
        "wine, random": (wine, data.random_labels(178, 1)),
        "two moons": (moons, moon),
        "collinear, alternating": (np.arange(41)[:, None], np.arange(41) % 2),
        "antipodal pairs": (np.vstack([S, -S]), [0] * 50 + [1] * 50),
        "twins with equal labels": (np.vstack([S, S]), [0, 1] * 50),
        "constant 0": (S, [0] * 50),
        "constant 1": (S, [1] * 50),
    }
    return found


def certified() -> dict[str, dict]:
    """Memorize all the sets, and give each network to the certificate checker, which raises if it rejects."""
    rows = {}
    for name, (X, y) in sets().items():
        points, labels = merge(to_integers(X), y)
        net = telescope_network(points, labels, input_scale(X))
        summary = checker.verify(net.certificate(X, y).document)
        rows[name] = {"points": summary.points, "units": summary.hidden_neurons + 1,
                      "weights": summary.nonzero_weights, "bits": summary.max_weight_bits}  # fmt: skip
    return rows


#: What is put behind a front: name, method, options. Baum's network stands beside them.
BACK_ENDS = (
    ("Baum", "baum", {}),
    ("telescope, tuned", "rajput", {"parameters": "tuned"}),
    ("telescope, worst case", "rajput", {"parameters": "worst-case"}),
    ("blocks, solve", "rajput-blocks", {"neuron": "solve"}),
    ("blocks, perceptron", "rajput-blocks", {"neuron": "perceptron"}),
    ("blocks, hebbian", "rajput-blocks", {"neuron": "hebbian"}),
)


def all_bits(net: Any) -> int:
    """Return the number of binary digits of all weights and biases, without signs."""
    return sum(abs(v).bit_length() for x in net.layers for v in (*x.biases, *(w for _, _, w in x.entries)))


def back_ends(n: int = 1000, d: int = 10) -> list[dict]:
    """Memorize the same random labels of points of the sphere in all ways, each verified by its builder."""
    X, y, rows = data.sphere(n, d, 5), data.random_labels(n, 6), []
    for name, method, options in BACK_ENDS:
        net = memorize(X, y, method=method, rng=7, **options)
        rows.append({"name": name, "layers": len(net.layers), "units": net.hidden_neurons + 1,
                     "weights": net.nonzero_weights, "longest": net.max_weight_bits,
                     "bits": all_bits(net)})  # fmt: skip
    return rows


def measure() -> dict:
    return {"large": large(), "certified": certified(), "back_ends": back_ends()}
