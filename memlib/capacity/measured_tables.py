"""The measured table as text, narrow enough for a telephone: one quantity a table, methods down, data sets across."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from memlib.capacity.measured_floats import significant
from memlib.capacity.measured_row import Row

#: What stands in a field whose method refuses: the hypothesis, in four letters.
SHORT = {
    "unit vectors": "unit",
    "general position": "gp",
    "labels are 0 or 1": "0/1",
    "the sign layers keep different labels apart": "bits",
    "the bits are almost orthogonal": "bits",
}
#: What stands behind a number without a certificate.
MARKS = {"approximate": "~", "enclosure": "e", "trained": "t"}


def _count(n: int | None) -> str:
    return "-" if n is None else str(n) if n < 100_000 else f"{n // 1000}k"


def _floats(row: Row) -> str:
    if row.float64 is None:
        return "-"
    return "both" if row.float32 and row.float64 else "64" if row.float64 else "none"


QUANTITIES: dict[str, Callable[[Row], str]] = {
    "neurons": lambda row: _count(row.neurons) + MARKS.get(row.evidence, ""),
    "parameters": lambda row: _count(row.parameters),
    "nonzero weights": lambda row: _count(row.nonzero),
    "bits of the largest weight": lambda row: _count(row.largest_bits),
    "total bits": lambda row: _count(row.total_bits),
    "bits per label": lambda row: significant(row.per_label),
    "neurons / bound of the theorem": lambda row: significant(row.over("bound")),
    "neurons / lower bound": lambda row: significant(row.over("lower")),
    "floats": _floats,
    "evidence": lambda row: row.evidence[:7],
}


def table(rows: Sequence[Row], quantity: str) -> str:
    """Return one quantity as text. rows : any rows; `quantity` : one of `QUANTITIES`.

    A refusal shows its hypothesis in brackets, shortened; "-" where a row has no such number.
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity {quantity!r} is not one of {list(QUANTITIES)}")
    return _table(rows, quantity, QUANTITIES[quantity])


def _table(rows: Sequence[Row], quantity: str, show: Callable[[Row], str]) -> str:
    names, methods = (tuple(dict.fromkeys(getattr(row, key) for row in rows)) for key in ("data", "method"))
    known = {(row.method, row.data): row for row in rows}

    def field(method: str, name: str) -> str:
        row = known.get((method, name))
        if row is None:
            return ""
        if row.evidence == "refused":
            return f"({SHORT.get(row.hypothesis, 'no')})"
        return show(row)

    head = [quantity if len(quantity) < 16 else "", *(name.split("-")[0] for name in names)]
    lines = [head, *([method, *(field(method, name) for name in names)] for method in methods)]
    text = "\n".join(f"{line[0]:<16}" + "".join(f"{word:>8}" for word in line[1:]) for line in lines)
    return text if len(quantity) < 16 else f"{quantity}\n{text}"


def times(rows: Sequence[Row], machine: Mapping[tuple[str, str], Mapping[str, Any]]) -> str:
    """Return the time of every construction over that of training the network of the same row of data."""

    def ratio(row: Row) -> str:
        took, training = (machine[method, row.data]["seconds"] for method in (row.method, "trained-mlp"))
        return significant(Fraction(took) / Fraction(training))

    return _table(rows, "time / time of training", ratio)


def right_labels(
    rows: Sequence[Row], machine: Mapping[tuple[str, str], Mapping[str, Any]], bits: int = 64
) -> str:
    """Return how many labels the networks without a certificate get right, in floats of 64 or 32 bits."""

    def right(row: Row) -> str:
        return f"{machine[row.method, row.data][f'right{bits}']}/{row.n}"

    unit = {row.method for row in rows if row.hypothesis == "unit vectors"}
    floating = [row for row in rows if row.evidence in MARKS or row.method in unit]
    return _table(floating, f"right labels in float{bits}", right)


def with_labels(rows: Iterable[Row], kind: str) -> tuple[Row, ...]:
    """Return the rows whose labels are of this kind, "random" or "true"."""
    return tuple(row for row in rows if row.data.endswith(f"-{kind}"))


def find(rows: Iterable[Row], method: str, name: str) -> Row:
    """Return the row of a method on a data set."""
    return next(row for row in rows if (row.method, row.data) == (method, name))


def refusals(rows: Iterable[Row]) -> str:
    """Return each hypothesis that was violated, on how many rows, and the witness of the first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.evidence == "refused":
            found.setdefault(row.hypothesis, []).append(row)
    parts = []
    for hypothesis, refused in sorted(found.items(), key=lambda pair: -len(pair[1])):
        first = refused[0]
        parts.append(
            f"{hypothesis} ({SHORT.get(hypothesis, 'no')}): {len(refused)} rows\n"
            f"  e.g. {first.method} on {first.data}:\n  {first.refusal}"
        )
    return "\n".join(parts)
