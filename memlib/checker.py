"""Verify memlib certificates: does this network map these points to these labels?

    python checker.py FILE...

prints one line a file, ``ACCEPT name: sizes`` or ``REJECT name: reason``, and exits with 0 if every file was
accepted, 1 if one was rejected, 2 if none was named.  It needs nothing but Python's standard library.

A certificate is a JSON object whose numbers are all integers.  It lists points x_0, x_1, ..., one label y_i
for each, an integer q = ``output_scale``, and the layers of a network.  A layer maps a vector h to
act(W h + b), where act is one of the three functions in ``ACTIVATIONS`` below.

ACCEPT means: the points are distinct; each layer fits the one before it; the last layer has a single unit;
for every i the network, evaluated on x_i in exact integer arithmetic, gives q * y_i, where q >= 1; and the
claimed numbers of hidden neurons, of nonzero weights, and of bits of the largest weight or bias are true.

ACCEPT does not mean: that the points are the data they are said to be; that the theorem named in the file is
true, or that it promises a network of this size (the name is read, never used); that no smaller network does
the same; that the outputs survive rounding the weights to floats; anything about points that are not listed.

You have to trust these lines, and Python's integers and JSON parser.  There is one multiplication for each
pair of a point and a nonzero weight.
"""

import json
import sys
from collections.abc import Callable
from itertools import pairwise
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "memlib-certificate/1"
MAX_DIGITS = 20_000
TOO_LARGE = 10**MAX_DIGITS
ACTIVATIONS: dict[str, Callable[[int], int]] = {
    "identity": lambda t: t,
    "threshold": lambda t: 1 if t >= 0 else 0,
    "relu": lambda t: t if t >= 0 else 0,
}
Rows = list[
    tuple[list[int], list[int]]
]  # a matrix: for each row the columns and values of its nonzero entries


class Rejected(ValueError):
    """The certificate is rejected; the message says where and why."""


class Layer(NamedTuple):
    """The map h -> act(W h + b)."""

    rows: Rows
    biases: list[int]
    act: Callable[[int], int]


class Summary(NamedTuple):
    """The true sizes of an accepted certificate."""

    points: int
    hidden_neurons: int  # units of all layers but the last
    nonzero_weights: int  # biases do not count
    max_weight_bits: int  # bit length of the largest absolute weight or bias

    def __str__(self) -> str:
        n, hidden, nonzero, bits = self
        return f"{n} points, {hidden} hidden neurons, {nonzero} nonzero weights, {bits}-bit weights"


def verify(document: Any) -> Summary:
    """Return the sizes if the certificate, parsed by `load`, is true in every part; raise Rejected if not."""
    names = ("format", "theorem", "points", "labels", "layers", "output_scale", "claims")
    version, theorem, points, labels, layers, scale, claims = members(document, names, "certificate")
    if version != FORMAT:
        raise Rejected(f"format is {show(version)}, not {show(FORMAT)}")
    if type(theorem) is not str or not theorem:
        raise Rejected(f"theorem is {show(theorem)}, not a name")
    if integer(scale, "output_scale") < 1:
        raise Rejected(f"output_scale is {show(scale)}, but must be at least 1")

    for i, point in enumerate(array(points, "points")):
        integers(point, f"point {i}", None if i == 0 else len(points[0]))
    order = sorted(range(len(points)), key=points.__getitem__)  # makes equal points neighbours
    for i, j in pairwise(order):
        if points[i] == points[j]:
            raise Rejected(f"points {i} and {j} are equal")
    integers(labels, "labels", len(points))

    network: list[Layer] = []
    width = len(points[0])
    for k, layer in enumerate(array(layers, "layers")):
        network.append(read_layer(layer, width, f"layer {k}"))
        width = len(network[-1].biases)
    if width != 1:
        raise Rejected(f"layer {len(layers) - 1} is the last and must have one unit, not {width}")

    weights = [values for layer in network for _, values in layer.rows]
    numbers = weights + [layer.biases for layer in network]
    summary = Summary(
        points=len(points),
        hidden_neurons=sum(len(layer.biases) for layer in network[:-1]),
        nonzero_weights=sum(len(values) for values in weights),
        max_weight_bits=max(abs(v).bit_length() for part in numbers for v in part),
    )
    counts = summary._fields[1:]
    for name, claimed, true in zip(counts, members(claims, counts, "claims"), summary[1:], strict=True):
        if integer(claimed, f"claims, {name}") != true:
            raise Rejected(f"claims: {name} is {true}, not {show(claimed)}")

    for i, (point, label) in enumerate(zip(points, labels, strict=True)):
        output = evaluate(network, point)
        if output != scale * label:
            times = f" times output_scale {show(scale)}" if scale != 1 else ""
            raise Rejected(f"point {i}: the network gives {show(output)}, the label is {show(label)}{times}")
    return summary


def evaluate(network: list[Layer], h: list[int]) -> int:
    """Return the output of the network on the point `h`."""
    for layer in network:
        h = [
            layer.act(sum(map(mul, values, map(h.__getitem__, columns)), bias))
            for (columns, values), bias in zip(layer.rows, layer.biases, strict=True)
        ]
    return h[0]


# Parts of a document, read with all rules on their form.  Types are compared with `is`: True is no integer.


def read_layer(layer: Any, width: int, place: str) -> Layer:
    """Read a layer that takes vectors of length `width`."""
    weights, biases, activation = members(layer, ("weights", "biases", "activation"), place)
    units = len(integers(biases, f"{place}, biases"))
    if type(activation) is not str or activation not in ACTIVATIONS:
        raise Rejected(f"{place}: unknown activation {show(activation)}")
    read = read_sparse if type(weights) is dict else read_dense
    return Layer(read(weights, units, width, f"{place}, weights"), biases, ACTIVATIONS[activation])


def read_dense(matrix: Any, units: int, width: int, place: str) -> Rows:
    """Read a matrix given as an array of rows."""
    rows: Rows = []
    for i, row in enumerate(array(matrix, place, units)):
        integers(row, f"{place}, row {i}", width)
        columns = [j for j in range(width) if row[j] != 0]
        rows.append((columns, [row[j] for j in columns]))
    return rows


def read_sparse(matrix: Any, units: int, width: int, place: str) -> Rows:
    """Read a matrix given as a list of entries; unlisted positions hold 0, none is listed twice."""
    shape, rows, cols, values = members(matrix, ("shape", "rows", "cols", "values"), place)
    if integers(shape, f"{place}, shape", 2) != [units, width]:
        raise Rejected(
            f"{place}: shape is {show(shape[0])} x {show(shape[1])}, but must be {units} x {width}"
        )
    for name, part in (("rows", rows), ("cols", cols), ("values", values)):
        if part != []:  # the zero matrix has no entries
            integers(part, f"{place}, {name}")
    if not len(rows) == len(cols) == len(values):
        raise Rejected(f"{place}: rows, cols, values have lengths {len(rows)}, {len(cols)}, {len(values)}")
    result: Rows = [([], []) for _ in range(units)]
    taken = set()
    for k, (i, j, value) in enumerate(zip(rows, cols, values, strict=True)):
        if not (0 <= i < units and 0 <= j < width):
            raise Rejected(f"{place}, entry {k}: position ({show(i)}, {show(j)}) is outside the matrix")
        if (i, j) in taken:
            raise Rejected(f"{place}, entry {k}: position ({i}, {j}) occurs twice")
        taken.add((i, j))
        if value != 0:
            result[i][0].append(j)
            result[i][1].append(value)
    return result


def members(value: Any, names: tuple[str, ...], place: str) -> list[Any]:
    """Return the members of an object in the order of `names`, which must be exactly its keys."""
    if type(value) is not dict:
        raise Rejected(f"{place}: {show(value)} is not an object")
    for key in value:
        if key not in names:
            raise Rejected(f"{place}: unknown key {show(key)}")
    for name in names:
        if name not in value:
            raise Rejected(f"{place}: missing key {show(name)}")
    return [value[name] for name in names]


def array(value: Any, place: str, length: int | None = None) -> list[Any]:
    """Return `value` if it is a nonempty array, of the given length if there is one."""
    if type(value) is not list:
        raise Rejected(f"{place}: {show(value)} is not an array")
    if not value:
        raise Rejected(f"{place}: empty array")
    if length is not None and len(value) != length:
        raise Rejected(f"{place}: length {len(value)}, but must be {length}")
    return value


def integers(value: Any, place: str, length: int | None = None) -> list[int]:
    """Return `value` if it is a nonempty array of integers, of the given length if there is one."""
    numbers = array(value, place, length)
    for k, number in enumerate(numbers):
        if type(number) is not int or abs(number) >= TOO_LARGE:
            integer(number, f"{place}, entry {k}")  # raises
    return numbers


def integer(value: Any, place: str) -> int:
    """Return `value` if it is an integer of at most MAX_DIGITS digits."""
    if type(value) is not int:
        raise Rejected(f"{place}: {show(value)} is not an integer")
    if abs(value) >= TOO_LARGE:
        raise Rejected(f"{place}: {show(value)} has more than {MAX_DIGITS} digits")
    return value


def show(value: Any) -> str:
    """Describe a value from an untrusted file on one short line of printable ASCII."""
    if type(value) is int:
        return str(value) if abs(value) < 10**12 else f"a number of {abs(value).bit_length()} bits"
    if type(value) is str:
        return json.dumps(value if len(value) <= 40 else value[:40] + "...")
    if value is None or type(value) in (bool, float):
        return json.dumps(value)
    return "an array" if type(value) is list else "an object"


# Files.


def load(path: str | Path) -> Any:
    """Parse a certificate file strictly: UTF-8, integers only, no key twice in one object."""
    limit = sys.get_int_max_str_digits()  # Python's own limit on digits; ours is MAX_DIGITS
    try:
        sys.set_int_max_str_digits(0)
        if not Path(path).is_file():
            raise Rejected("no such file, or not a regular file")
        return json.loads(
            Path(path).read_bytes().decode("utf-8"),
            parse_int=parse_integer,
            parse_float=refuse_number,
            parse_constant=refuse_number,
            object_pairs_hook=parse_object,
        )
    except OSError as error:
        raise Rejected(f"the file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Rejected(f"not UTF-8: invalid byte at offset {error.start}") from None
    except json.JSONDecodeError as error:
        raise Rejected(f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise Rejected("not a certificate: brackets are nested too deeply") from None
    finally:
        sys.set_int_max_str_digits(limit)


def parse_integer(literal: str) -> int:
    """Convert an integer literal after a look at its length: the work grows with its square."""
    digits = len(literal.lstrip("-"))
    if digits > MAX_DIGITS:
        raise Rejected(f"an integer has {digits} digits, more than {MAX_DIGITS}")
    return int(literal)


def refuse_number(literal: str) -> None:
    """Refuse 1.0, 1e400000000, NaN, Infinity without evaluating them."""
    raise Rejected(f"the number {show(literal)} is not an integer")


def parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; of a key that occurs twice, Python's parser would silently keep the last."""
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise Rejected(f"duplicate key {show(key)}")
        result[key] = value
    return result


def check_file(path: str | Path) -> tuple[bool, str]:
    """Return (True, sizes) if the certificate in a file is accepted, (False, reason) if not."""
    try:
        return True, str(verify(load(path)))
    except Rejected as reason:
        return False, str(reason)
    except MemoryError:
        return False, "the certificate does not fit into memory"


def main(paths: list[str]) -> int:
    """Print a verdict on each file and return the exit code."""
    if not paths:
        print("usage: python checker.py FILE...", file=sys.stderr)
        return 2
    everything = True
    for path in paths:
        accepted, message = check_file(path)
        everything = everything and accepted
        print(f"{'ACCEPT' if accepted else 'REJECT'} {json.dumps(path)[1:-1]}: {message}")
    return 0 if everything else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
