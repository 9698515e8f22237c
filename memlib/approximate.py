"""Networks with one hidden layer and float weights: approximate, or exact for some weights nearby."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from memlib.points import HypothesisError


def _softplus(t: np.ndarray) -> np.ndarray:
    return np.logaddexp(t, 0)


def _gelu(t: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return t * ndtr(t)


def _sigmoid(t: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return expit(t)


ACTIVATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda t: np.maximum(t, 0),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "gelu": _gelu,
}


@dataclass(frozen=True, eq=False)
class FloatNetwork:
    """f(x) = sum_l a_l psi(w_l.x + b_l) in floating point.

    w : shape (k, d). b, a : shape (k,). activation : one of `ACTIVATIONS`. theorem : id of the claim behind it.
    Raises ValueError where the shapes do not fit or a number is not finite.
    """

    w: np.ndarray
    b: np.ndarray
    a: np.ndarray
    activation: str
    theorem: str

    def __post_init__(self) -> None:
        for name in ("w", "b", "a"):
            array = np.array(getattr(self, name), dtype=np.float64)
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds a number that is not finite")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.w.ndim != 2 or self.b.shape != (len(self.w),) or self.a.shape != (len(self.w),):
            raise ValueError(f"w, b, a have the shapes {self.w.shape}, {self.b.shape}, {self.a.shape}")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation {self.activation!r} is not one of {sorted(ACTIVATIONS)}")

    def __call__(self, X: Any) -> np.ndarray:
        """Return f at the points X, shape (n, d)."""
        return ACTIVATIONS[self.activation](np.asarray(X, dtype=float) @ self.w.T + self.b) @ self.a

    @property
    def hidden_neurons(self) -> int:
        return len(self.a)

    @property
    def nonzero_weights(self) -> int:
        return int(np.count_nonzero(self.w) + np.count_nonzero(self.a))

    @property
    def total_weight(self) -> float:
        """W(f) = sum_l |a_l| |(w_l, b_l)|, Euclidean norm; for ReLU it does not depend on how a neuron is scaled."""
        return float(np.abs(self.a) @ np.hypot(np.linalg.norm(self.w, axis=1), self.b))

    def relative_error(self, X: Any, y: Any) -> float:
        """Return |f(X) - y|^2 / |y|^2, the `accuracy` reached.

        Raises HypothesisError if y = 0.
        """
        y = np.asarray(y, dtype=float)
        if not y.any():
            raise HypothesisError("some label is not 0", "y = 0", "The network without neurons fits it.")
        return float(np.sum((self(X) - y) ** 2) / np.sum(y**2))

    def certificate(self, X: Any, y: Any) -> NoReturn:
        """Refuse: a certificate holds integers and exact outputs."""
        raise ValueError(
            f"no certificate: the weights of this {self.activation} network are floats and its outputs are rounded; "
            "relative_error(X, y) says how close it comes"
        )

    def __repr__(self) -> str:
        return (
            f"FloatNetwork({self.theorem}: {self.hidden_neurons} {self.activation} neurons in dimension "
            f"{self.w.shape[1]}, W(f) = {self.total_weight:.3g})"
        )
