"""A row of the measured table: what the network of one method costs on one data set. Exact numbers."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from memlib.capacity import measured_floats as floats
from memlib.network import Network


@dataclass(frozen=True, repr=False)
class Row:
    """One method on one data set. evidence : certificate, enclosure, approximate, trained or refused.

    n : distinct points. neurons : hidden. parameters : all weights and biases of the layers, zeros included.
    nonzero : nonzero weights. largest_bits : of the largest weight or bias. total_bits : of all nonzero weights and
    biases, a sign each; 64 a parameter for floats. bound : hidden neurons of the theorem. lower : hidden neurons that
    nobody can beat. float64, float32 : all labels come out right in these types, for certified networks.
    accuracy : what an approximate network was asked for. refusal : hypothesis and witness.
    """

    method: str
    data: str
    n: int
    d: int
    evidence: str
    options: str = ""
    theorem: str = ""
    neurons: int | None = None
    parameters: int | None = None
    nonzero: int | None = None
    largest_bits: int | None = None
    total_bits: int | None = None
    bound: int | None = None
    lower: int | None = None
    float64: bool | None = None
    float32: bool | None = None
    accuracy: str = ""
    hypothesis: str = ""
    refusal: str = ""

    @property
    def certificate(self) -> str:
        """The name of its file."""
        return f"{self.method}-{self.data}.json"

    @property
    def per_label(self) -> Fraction | None:
        """Bits for each label; information asks for 1 on average over all labellings."""
        return None if self.total_bits is None else Fraction(self.total_bits, self.n)

    @property
    def full_per_label(self) -> Fraction | None:
        """The same if every parameter, zeros included, is written with as many bits as the largest, and a sign."""
        if self.parameters is None or self.largest_bits is None:
            return None
        signed = self.largest_bits + (self.evidence == "certificate")
        return Fraction(self.parameters * signed, self.n)

    def __repr__(self) -> str:
        head = f"{self.method} on {self.data}, {self.n} points of dimension {self.d}"
        if self.evidence == "refused":
            return f"{head}\n  refused: {self.hypothesis}\n  {self.refusal}"
        ratio = floats.significant
        lines = [
            f"{head} ({self.evidence})",
            f"{self.neurons} hidden neurons; theorem {self.bound or '-'}, lower bound {self.lower or '-'}",
            f"{self.parameters} parameters, {self.nonzero} nonzero weights",
            f"{self.total_bits} bits, the largest number has {self.largest_bits}",
            f"{ratio(self.per_label)} bits per label; with every zero {ratio(self.full_per_label)}",
        ]
        if self.evidence == "certificate":
            lines.append(f"right in float64: {self.float64}; in float32: {self.float32}")
        return "\n  ".join(lines + [f"options: {self.options}"] * bool(self.options))

    def over(self, name: str) -> Fraction | None:
        """Return neurons over `bound` or `lower`."""
        below = getattr(self, name)
        return Fraction(self.neurons, below) if below and self.neurons is not None else None


@dataclass(frozen=True)
class Measured:
    """A row, its network if it has a certificate, and what depends on the machine: seconds, right labels."""

    row: Row
    network: Network | None
    machine: dict[str, Any]
