"""Grades a reader's network with the certificate checker."""

from dataclasses import dataclass
from typing import Any

from memlib import checker
from memlib.certificate import certificate
from memlib.network import Network
from memlib.points import merge, to_integers


@dataclass(frozen=True)
class Grade:
    """The checker's verdict on an answer."""

    accepted: bool
    reason: str

    def __repr__(self) -> str:
        return f"{'ACCEPT' if self.accepted else 'NOT YET'}: {self.reason}"


def grade(net: Network, X: Any, y: Any, most: int | None = None) -> Grade:
    """Return the checker's verdict: does `net` map X to y, with at most `most` hidden neurons?

    The checker sees the certificate alone, as it would in a file.
    """
    points, labels = merge(to_integers(X, net.input_scale), y)
    try:
        checker.verify(certificate(net, points, labels).document)
    except checker.Rejected as rejection:
        return Grade(False, str(rejection))
    if most is not None and net.hidden_neurons > most:
        return Grade(
            False, f"it memorizes, with {net.hidden_neurons} hidden neurons; at most {most} are allowed"
        )
    return Grade(True, f"{len(points)} points memorized with {net.hidden_neurons} hidden neurons")
