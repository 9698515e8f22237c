"""Writes certificates: files of integers that `checker.py` verifies without memlib."""

import json
import sys
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING

from memlib.exact import Row
from memlib.layer import Sparse

if TYPE_CHECKING:
    from memlib.network import Network

FORMAT = "memlib-certificate/1"
#: The format's limit on the digits of one integer.
MAX_DIGITS = 20_000


@dataclass(frozen=True)
class Certificate:
    """A certificate as the dictionary that its file holds."""

    document: dict

    def save(self, path: str | Path) -> Path:
        """Write the file (UTF-8 JSON) and return its path."""
        path = Path(path)
        limit = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(MAX_DIGITS)
        try:
            path.write_text(json.dumps(self.document, separators=(",", ":")), encoding="utf-8")
        finally:
            sys.set_int_max_str_digits(limit)
        return path

    def __repr__(self) -> str:
        claims = self.document["claims"]
        return (
            f"Certificate({self.document['theorem']}: {len(self.document['points'])} points, "
            f"{claims['hidden_neurons']} hidden neurons, {claims['max_weight_bits']}-bit weights)"
        )


def _weights(weights: tuple[Row, ...] | Sparse) -> list | dict:
    if isinstance(weights, Sparse):
        return {
            "shape": list(weights.shape),
            "rows": list(weights.rows),
            "cols": list(weights.cols),
            "values": list(weights.values),
        }
    return [list(row) for row in weights]


def certificate(net: "Network", points: tuple[Row, ...], labels: tuple[int | Fraction, ...]) -> Certificate:
    """Return the certificate of a network at distinct integer points.

    `Network.certificate` is the public door; it verifies first. Rational labels become numerators over one
    denominator q; q divides the output scale, because output scale times label is an integer at every point.
    """
    q = lcm(*(v.as_integer_ratio()[1] for v in labels))
    document = {
        "format": FORMAT,
        "theorem": net.theorem,
        "points": [list(x) for x in points],
        "labels": [int(v * q) for v in labels],
        "layers": [
            {
                "weights": _weights(layer.weights),
                "biases": list(layer.biases),
                "activation": layer.activation,
            }
            for layer in net.layers
        ],
        "output_scale": net.output_scale // q,
        "claims": {
            "hidden_neurons": net.hidden_neurons,
            "nonzero_weights": net.nonzero_weights,
            "max_weight_bits": net.max_weight_bits,
        },
    }
    return Certificate(document)
