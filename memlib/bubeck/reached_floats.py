"""What the approximate methods of the chapter return: a float network that states the error it reached."""

from dataclasses import dataclass

from memlib.approximate import FloatNetwork


@dataclass(frozen=True, eq=False)
class ReachedNetwork(FloatNetwork):
    """A FloatNetwork that knows the relative squared error |f - y|^2 / |y|^2 it reached on its data."""

    reached: float = 0.0

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, relative squared error {self.reached:.2g})"
