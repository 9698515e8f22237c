"""Points and labels as exact numbers, and the error that names a violated hypothesis."""

from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction
from itertools import chain
from math import isfinite, lcm
from typing import Any

from memlib.exact import Row


class HypothesisError(ValueError):
    """The data violate a hypothesis of the theorem.

    hypothesis : its name. witness : what violates it. remedy : what to do.
    """

    def __init__(self, hypothesis: str, witness: str, remedy: str):
        super().__init__(f"{hypothesis}: {witness}. {remedy}")
        self.hypothesis, self.witness, self.remedy = hypothesis, witness, remedy


def names(indices: Sequence[int], most: int = 6) -> str:
    """Return "points 3, 5, 8 and 24 more": indices for an error message."""
    shown = ", ".join(str(i) for i in indices[:most])
    more = f" and {len(indices) - most} more" if len(indices) > most else ""
    return f"point{'s' * (len(indices) != 1)} {shown}{more}"


def as_rows(X: Any) -> list[list]:
    """Return X, shape (n, d), n, d >= 1, as lists of finite Python numbers (int, float or Fraction)."""
    rows = _rows(X)
    return rows if hasattr(X, "tolist") else [list(row) for row in rows]


def _rows(X: Any) -> list:
    """Return the same; the rows may be those of X itself, so they are not to be changed."""
    rows = _to_list(X)
    if _all_plain(rows):
        return rows
    if isinstance(rows, list):
        rows = [_to_list(x) for x in rows]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        raise HypothesisError(
            "X has shape (n, d)", f"X has {_shape(rows)}", "Give one row of numbers a point."
        )
    if len({len(row) for row in rows}) != 1 or not rows[0]:
        lengths = sorted({len(row) for row in rows})
        raise HypothesisError(
            "all points have the same dimension d >= 1", f"rows have {lengths} entries", "Mend X."
        )
    for i, row in enumerate(rows):
        for k, v in enumerate(row):
            row[k] = _plain(v, f"entry {k} of point {i}")
    return rows


def _all_plain(rows: Any) -> bool:
    """Whether rows is a list of lists or tuples of one length >= 1, ints or finite floats: the common case, fast."""
    if not isinstance(rows, list) or not rows or not set(map(type, rows)) <= {list, tuple}:
        return False
    types = set(map(type, chain.from_iterable(rows)))
    if len(set(map(len, rows))) != 1 or not (types == {int} or types == {float}):
        return False
    return types == {int} or all(map(isfinite, chain.from_iterable(rows)))


def _to_list(x: Any) -> Any:
    """Return an array or an iterable as a new list; anything else, and text, as it is."""
    if hasattr(x, "to_numpy"):  # data frames
        x = x.to_numpy()
    if getattr(getattr(x, "dtype", None), "kind", "") in "mMV" and hasattr(x, "dtype"):
        raise HypothesisError("X and y hold numbers", f"the type of the array is {x.dtype}", "Convert it.")
    if isinstance(x, (Mapping, Set)):
        raise HypothesisError(
            "X and y are ordered", f"a {type(x).__name__} has no order", "Give a list or an array."
        )
    if hasattr(x, "tolist"):
        return x.tolist()
    return list(x) if isinstance(x, Iterable) and not isinstance(x, (str, bytes)) else x


def _shape(rows: Any) -> str:
    return "no point" if rows == [] else "no second axis"


def _plain(v: Any, where: str) -> int | float | Fraction:
    if type(v) in (int, Fraction):
        return v
    v = v.item() if hasattr(v, "item") else v
    if isinstance(v, bool) or not isinstance(v, (int, float, Fraction)):
        raise HypothesisError("X holds numbers", f"{where} is {v!r}", "Use ints, floats or Fractions.")
    if isinstance(v, float) and not isfinite(v):
        raise HypothesisError("X is finite", f"{where} is {v}", "Drop the point or fill in the value.")
    return v


def input_scale(X: Any) -> tuple[int, ...]:
    """Return for every column the least power of ten, else of two, that makes its values integers.

    For floats "integers" means: round(x * scale) / scale is x again. Powers of ten serve data printed in
    decimals; powers of two serve every float. For ints and Fractions it is meant exactly.
    """
    return tuple(_column_scale(column) for column in zip(*_rows(X), strict=True))


def _column_scale(column: tuple) -> int:
    if not any(isinstance(v, float) for v in column):
        return lcm(*(v.denominator for v in column))
    for scale in (10**k for k in range(16)):
        quick = _on_decimal_grid(column, scale)
        if quick is not None:
            if quick:
                return scale
        elif all(_on_grid(v, scale) for v in column):
            return scale
    return lcm(*(v.as_integer_ratio()[1] for v in column))  # of floats alone: the largest power of two


#: From so many values on, a column of floats is looked at as an array.
MANY = 50


def _on_decimal_grid(column: Sequence, scale: int) -> list[int] | None:
    """Return the integers nearest to v * scale if all values lie on the grid, [] if not; None: not decided here.

    Decided for columns of floats with |v| * scale < 2**50 and scale a power of ten below 10**16, itself a float.
    There t = fl(v * scale) is within 1/8 of v * scale (the relative error is at most 2**-53). If k / scale rounds to
    v, then k, too, is within 1/8 of v * scale, so k = rint(t). And r / scale, rounded, is what `_on_grid` compares.
    """
    if len(column) < MANY or scale not in _POWERS or set(map(type, column)) != {float}:
        return None
    import numpy as np

    v = np.array(column)
    if max(-float(v.min()), float(v.max())) >= 2**50 // scale:
        return None
    r = np.rint(v * scale)
    return r.astype(np.int64).tolist() if bool((r / scale == v).all()) else []


#: The decimal scales: all are floats without rounding.
_POWERS = {10**k for k in range(16)}


def _nearest(v: int | float | Fraction, scale: int) -> int:
    """Return the integer nearest to v * scale, computed exactly."""
    numerator, denominator = v.as_integer_ratio()
    return (2 * numerator * scale + denominator) // (2 * denominator)


def _on_grid(v: int | float | Fraction, scale: int) -> bool:
    if isinstance(v, float):
        return _nearest(v, scale) / scale == v  # int / int rounds correctly
    return (v * scale).denominator == 1


def to_integers(X: Any, scale: Sequence[int] | None = None) -> tuple[tuple[int, ...], ...]:
    """Return the points x * scale as tuples of Python ints; scale defaults to `input_scale(X)`.

    Raises ValueError where a value does not lie on the grid.
    """
    rows = _rows(X)
    scale = input_scale(X) if scale is None else scale
    if len(rows[0]) != len(scale):
        raise ValueError(f"the points have {len(rows[0])} coordinates, the network takes {len(scale)}")
    columns = [
        column if s == 1 and set(map(type, column)) == {int} else _on_decimal_grid(column, s)
        for column, s in zip(zip(*rows, strict=True), scale, strict=True)
    ]
    if all(columns):
        return tuple(zip(*columns, strict=True))
    points = []
    for i, row in enumerate(rows):
        for k, (v, s) in enumerate(zip(row, scale, strict=True)):
            if not _on_grid(v, s):
                raise ValueError(
                    f"entry {k} of point {i}, {v}, is not a multiple of 1/{s}, the grid of this network"
                )
        points.append(tuple(map(_nearest, row, scale)))
    return tuple(points)


def as_labels(y: Any, n: int) -> tuple[int | Fraction, ...]:
    """Return n labels as ints or Fractions, exactly."""
    values = _to_list(y)
    if not isinstance(values, list):
        raise HypothesisError("y has shape (n,)", f"y is {y!r}", "Give one label a point.")
    if set(map(type, values)) == {int} and len(values) == n:
        return tuple(values)
    values = [v.tolist() if hasattr(v, "tolist") else v for v in values]
    if any(isinstance(v, (list, tuple)) for v in values):
        raise HypothesisError("y has shape (n,)", "y has a second axis", "Give one label a point.")
    if len(values) != n:
        raise HypothesisError("one label a point", f"{n} points and {len(values)} labels", "Mend y.")
    labels = []
    for i, v in enumerate(values):
        if isinstance(v, float) and not isfinite(v):
            raise HypothesisError("y is finite", f"label {i} is {v}", "Drop the point.")
        if not isinstance(v, (bool, int, float, Fraction)):
            raise HypothesisError("y holds numbers", f"label {i} is {v!r}", "Number the classes 0, 1, ...")
        exact = Fraction(v)
        labels.append(int(exact) if exact.denominator == 1 else exact)
    return tuple(labels)


def merge(points: Sequence[Row], y: Any) -> tuple[tuple[tuple[int, ...], ...], tuple[int | Fraction, ...]]:
    """Return the distinct points and their labels, in the order of first appearance.

    Raises HypothesisError if equal points carry different labels.
    """
    labels = as_labels(y, len(points))
    distinct = dict.fromkeys(map(tuple, points))
    if len(distinct) == len(points):
        return tuple(distinct), labels
    first: dict[tuple[int, ...], int] = {}
    for i, x in enumerate(points):
        j = first.setdefault(tuple(x), i)
        if labels[i] != labels[j]:
            raise HypothesisError(
                "equal points have equal labels",
                f"points {j} and {i} are equal, their labels are {labels[j]} and {labels[i]}",
                "Drop one of them: no function fits both.",
            )
    return tuple(first), tuple(labels[i] for i in first.values())
