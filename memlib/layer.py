"""A layer of a network, h -> act(W h + b), in integers: dense or sparse, exact in either case.

Machine numbers do the work where a bound, computed from the layer and the batch, proves that no sum overflows (64-bit
integers) or is rounded (floats that hold integers below 2**53, for which matrix products are fastest);
elsewhere FLINT (dense) or Python integers (sparse) do it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import add
from typing import Any

from memlib.exact import matrix

ACTIVATIONS = {
    "threshold": lambda t: 1 if t >= 0 else 0,
    "relu": lambda t: t if t > 0 else 0,
    "identity": lambda t: t,
}
#: Sums below this bound fit a signed machine integer of 64 bits.
MACHINE = 2**63
#: Integers below this bound are exact in float64, and so is every sum that stays below it, in any order.
DOUBLE = 2**53


@dataclass(frozen=True)
class Sparse:
    """An integer matrix, shape (m, k), by its nonzero entries `values` at the positions (`rows`, `cols`)."""

    shape: tuple[int, int]
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if not len(self.rows) == len(self.cols) == len(self.values):
            raise ValueError(f"{len(self.rows)} rows, {len(self.cols)} columns, {len(self.values)} values")
        if not self._is_sound():
            self._refuse()
        if len(set(zip(self.rows, self.cols, strict=True))) != len(self.rows):
            raise ValueError("two entries have the same position")

    def _is_sound(self) -> bool:
        """Whether all entries are nonzero ints at positions inside the matrix."""
        if not self.values:
            return True
        m, k = self.shape
        return (
            set(map(type, chain(self.rows, self.cols, self.values))) == {int}
            and min(self.rows) >= 0 <= min(self.cols)
            and max(self.rows) < m
            and max(self.cols) < k
            and 0 not in self.values
        )

    def _refuse(self) -> None:
        """Raise the error that names the first entry at fault."""
        m, k = self.shape
        for i, j, w in zip(self.rows, self.cols, self.values, strict=True):
            if not type(i) is type(j) is type(w) is int:
                raise TypeError("positions and weights of a sparse matrix are Python ints")
            if not (0 <= i < m and 0 <= j < k):
                raise ValueError(f"position ({i}, {j}) lies outside a {m} x {k} matrix")
            if w == 0:
                raise ValueError(f"the entry at ({i}, {j}) is 0; sparse matrices list nonzero entries only")

    @classmethod
    def of(cls, rows: Iterable[Mapping[int, int]], width: int) -> "Sparse":
        """Return the matrix with `width` columns whose rows are given as {column: weight}; zeros are dropped."""
        units, entries = 0, ([], [], [])  # type: tuple[int, tuple[list[int], list[int], list[int]]]
        for i, row in enumerate(rows):
            columns = sorted(row) if all(row.values()) else sorted(j for j, w in row.items() if w != 0)
            entries[0].extend([i] * len(columns))
            entries[1].extend(columns)
            entries[2].extend(map(row.__getitem__, columns))
            units = i + 1
        return cls((units, width), *map(tuple, entries))


@dataclass(frozen=True)
class Layer:
    """One layer: weights, shape (m, k), a tuple of rows of ints or `Sparse`; biases, m ints; an activation's name."""

    weights: tuple[tuple[int, ...], ...] | Sparse
    biases: tuple[int, ...]
    activation: str

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation {self.activation!r} is not one of {sorted(ACTIVATIONS)}")
        rows = self.weights.shape[0] if isinstance(self.weights, Sparse) else len(self.weights)
        if rows != len(self.biases) or not self.biases:
            raise ValueError(f"{rows} rows of weights for {len(self.biases)} biases")
        if not isinstance(self.weights, Sparse) and len({len(row) for row in self.weights}) != 1:
            raise ValueError("the rows of weights have different lengths")
        dense = () if isinstance(self.weights, Sparse) else chain.from_iterable(self.weights)
        for kind in dict.fromkeys(map(type, chain(self.biases, dense))):
            if kind is not int:
                raise TypeError(f"a weight is a {kind.__name__}; networks hold Python ints")

    @property
    def units(self) -> int:
        return len(self.biases)

    @property
    def inputs(self) -> int:
        return self.weights.shape[1] if isinstance(self.weights, Sparse) else len(self.weights[0])

    @property
    def is_sparse(self) -> bool:
        return isinstance(self.weights, Sparse)

    @cached_property
    def entries(self) -> list[tuple[int, int, int]]:
        """The nonzero weights as (unit, input, weight)."""
        if isinstance(self.weights, Sparse):
            return list(zip(self.weights.rows, self.weights.cols, self.weights.values, strict=True))
        return [(i, j, w) for i, row in enumerate(self.weights) for j, w in enumerate(row) if w]

    def __call__(self, h: Sequence[Sequence[int]]) -> list[list[int]]:
        """Map a batch, shape (n, k), to shape (n, m), exactly."""
        outputs = self.on_batch(h)
        return outputs if isinstance(outputs, list) else outputs.tolist()

    def on_batch(self, h: Any) -> Any:
        """Do the same; the batch and the result are rows of Python ints, or an array of machine integers."""
        is_float = getattr(getattr(h, "dtype", None), "kind", "") == "f"
        outputs = self.in_machine_numbers(h.tolist() if is_float else h)  # which refuses floats
        return outputs if isinstance(outputs, list) else outputs.astype("int64", copy=False)

    def in_machine_numbers(self, h: Any) -> Any:
        """Do the same; arrays may also hold their integers as floats."""
        batch = self._as_machine_numbers(h)
        if batch is not None:
            return self._on_machine(batch)
        h = h.astype("int64").tolist() if hasattr(h, "tolist") else h
        act = ACTIVATIONS[self.activation]
        if isinstance(self.weights, Sparse):
            return [[act(t) for t in self._sums(x)] for x in h]
        flat, m = list(map(int, (matrix(h) * self._columns).entries())), self.units
        return [list(map(act, map(add, flat[k : k + m], self.biases))) for k in range(0, len(flat), m)]

    def _sums(self, x: Sequence[int]) -> list[int]:
        if len(x) != self.inputs or not all(type(v) is int for v in x):
            raise TypeError(f"a sparse layer takes {self.inputs} Python ints, not {x!r:.60}")
        sums = list(self.biases)
        for i, j, w in self.entries:
            sums[i] += w * x[j]
        return sums

    @cached_property
    def _columns(self) -> Any:
        """The weights of a dense layer, transposed, as a FLINT matrix."""
        assert not isinstance(self.weights, Sparse)
        return matrix(self.weights).transpose()

    @cached_property
    def _row_sums(self) -> tuple[int, int]:
        """The largest sum of |w| over a unit's weights, and the largest |b|."""
        if isinstance(self.weights, Sparse):
            sums = [0] * self.units
            for i, w in zip(self.weights.rows, map(abs, self.weights.values), strict=True):
                sums[i] += w
        else:
            sums = [sum(map(abs, row)) for row in self.weights]
        return max(sums), max(map(abs, self.biases))

    def _as_machine_numbers(self, h: Any) -> Any:
        """Return the batch as an array if no partial sum of W h + b can reach 2**63 on it, else None.

        Every partial sum is at most max|h| times a row's sum of |w|, plus |b|. The array is one of floats if the bound
        is below 2**53 and the layer dense, of int64 otherwise.
        """
        import numpy as np

        if not isinstance(h, np.ndarray):
            if set(map(type, chain.from_iterable(h))) - {int}:
                return None  # the exact path names what it refuses
            try:
                h = np.array(h, dtype=np.int64)
            except OverflowError:
                return None
        if h.ndim != 2 or h.shape[1] != self.inputs:
            return None
        largest = max(int(h.max(initial=0)), -int(h.min(initial=0)))
        weight, bias = self._row_sums
        bound = max(largest * weight + bias, weight)
        if bound >= MACHINE:
            return None
        return h.astype(float if bound < DOUBLE and not self.is_sparse else np.int64, copy=False)

    @cached_property
    def _machine(self) -> tuple[Any, Any]:
        """Weights, transposed, and biases as int64 arrays."""
        import numpy as np

        biases = np.array(self.biases, dtype=np.int64)
        if not isinstance(self.weights, Sparse):
            return np.array(self.weights, dtype=np.int64).T, biases
        from scipy.sparse import csr_array

        w = self.weights
        values = np.array(w.values, dtype=np.int64)
        return csr_array((values, (w.cols, w.rows)), shape=w.shape[::-1], dtype=np.int64), biases

    @cached_property
    def _in_doubles(self) -> tuple[Any, Any]:
        """The same as floats, for a layer with entries below 2**53."""
        return tuple(v.astype(float) for v in self._machine)

    def _on_machine(self, batch: Any) -> Any:
        import numpy as np

        weights, biases = self._in_doubles if batch.dtype == float else self._machine
        t = batch @ weights
        t += biases
        if self.activation == "threshold":
            return np.greater_equal(t, 0, out=t)
        return np.maximum(t, 0, out=t) if self.activation == "relu" else t
