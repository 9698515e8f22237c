"""The checker accepts what is true and rejects every forgery with a reason, never with a traceback."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import checker
from memlib.checker import Rejected, Summary, check_file, load, verify

SOURCE = Path(checker.__file__)


# Honest certificates, counted by hand.


def certificate(points: list, labels: list, layers: list, counts: tuple, output_scale: int = 1) -> dict:
    return {
        "format": "memlib-certificate/1",
        "theorem": "by-hand",
        "points": points,
        "labels": labels,
        "layers": layers,
        "output_scale": output_scale,
        "claims": dict(zip(("hidden_neurons", "nonzero_weights", "max_weight_bits"), counts, strict=True)),
    }


def layer(weights: Any, biases: list, activation: str) -> dict:
    return {"weights": weights, "biases": biases, "activation": activation}


def sparse(shape: list, *entries: tuple) -> dict:
    rows, cols, values = (list(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
    return {"shape": shape, "rows": rows, "cols": cols, "values": values}


SQUARE = [[0, 0], [0, 1], [1, 0], [1, 1]]

HONEST = {
    # exclusive or: the hidden units count whether at least one, at least two coordinates are 1
    "threshold": certificate(
        SQUARE,
        [0, 1, 1, 0],
        [layer([[1, 1], [3, 3]], [-1, -6], "threshold"), layer([[1, -1]], [-1], "threshold")],
        (2, 6, 3),
    ),
    # 3 |x - 1|
    "relu": certificate(
        [[-2], [0], [1], [4]],
        [3, 1, 0, 3],
        [layer([[1], [-1]], [-1, 1], "relu"), layer([[3, 3]], [0], "identity")],
        (2, 4, 2),
        output_scale=3,
    ),
    # exclusive or once more; the entry with value 0 is no weight, and entries need no order
    "sparse": certificate(
        [[0, 0, 7], [0, 1, 8], [1, 0, 9], [1, 1, 7]],
        [0, 1, 1, 0],
        [
            layer(
                sparse([2, 3], (1, 1, 2), (0, 0, 1), (1, 0, 2), (0, 1, 1), (0, 2, 0)), [-1, -4], "threshold"
            ),
            layer(sparse([1, 2], (0, 1, -1), (0, 0, 1)), [0], "identity"),
        ],
        (2, 6, 3),
    ),
    # is |x| at least 2?  relu, then threshold, then a change of sign and a shift
    "deep": certificate(
        [[-3], [-2], [1], [0], [2]],
        [-4, -4, 1, 1, -4],
        [
            layer([[1], [-1]], [0, 0], "relu"),
            layer([[1, 1]], [-2], "threshold"),
            layer([[-5]], [1], "identity"),
        ],
        (3, 5, 3),
    ),
    "single layer": certificate(
        [[0, 0], [1, 2], [-3, 1]], [5, 1, -4], [layer([[2, -3]], [5], "identity")], (0, 2, 3)
    ),
    "last unit relu": certificate([[-1], [0], [2]], [0, 0, 4], [layer([[2]], [0], "relu")], (0, 1, 2)),
    "one point, all zero": certificate([[0]], [0], [layer(sparse([1, 1]), [0], "identity")], (0, 0, 0)),
    "large bias": certificate([[0]], [-(2**99)], [layer([[1]], [-(2**99)], "identity")], (0, 1, 100)),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_certificates_are_accepted(name: str, tmp_path: Path) -> None:
    document = HONEST[name]
    summary = verify(document)
    assert summary == Summary(len(document["points"]), *document["claims"].values())
    assert check_file(written(tmp_path, json.dumps(document))) == (True, str(summary))


# Forgeries: (name, honest certificate, what the forger does, words of the reason).

FORGERIES: list[tuple[str, str, Callable[[Any], Any], str]] = []


def forgery(name: str, base: str, reason: str) -> Callable:
    def register(forge: Callable[[Any], Any]) -> Callable:
        FORGERIES.append((name, base, forge, reason))
        return forge

    return register


def put(*path: Any) -> Callable[[Any], None]:
    """The forger who overwrites (or adds) one place: put("layers", 0, "biases", 1, 7)."""
    *way, key, value = path

    def forge(document: Any) -> None:
        for step in way:
            document = document[step]
        document[key] = value

    return forge


def drop(*path: Any) -> Callable[[Any], None]:
    """The forger who deletes one place."""
    *way, key = path

    def forge(document: Any) -> None:
        for step in way:
            document = document[step]
        del document[key]

    return forge


FIRST, LAST = ("layers", 0), ("layers", 1)

FORGERIES += [
    # false networks and labels
    ("label", "threshold", put("labels", 3, 1), "point 3: the network gives 0, the label is 1"),
    ("label of a scaled network", "relu", put("labels", 0, 9), "the label is 9 times output_scale 3"),
    ("large label", "threshold", put("labels", 0, 2**318), "the label is a number of 319 bits"),
    ("point", "threshold", put("points", 1, 1, -1), "point 1: the network gives 0"),
    ("weight", "threshold", put(*FIRST, "weights", 1, 0, 0), "claims: nonzero_weights is 5, not 6"),
    ("weight, same counts", "threshold", put(*FIRST, "weights", 1, 0, 6), "point 2: the network gives 0"),
    ("sparse weight", "sparse", put(*FIRST, "weights", "values", 0, 4), "point 1: the network gives 0"),
    ("bias", "threshold", put(*FIRST, "biases", 0, 0), "point 0: the network gives 1"),
    ("bias below the margin", "threshold", put(*FIRST, "biases", 1, -7), "point 3: the network gives 1"),
    ("activation", "threshold", put(*FIRST, "activation", "relu"), "point 1: the network gives 0"),
    ("output_scale", "relu", put("output_scale", 2), "point 0: the network gives 9, the label is 3"),
    # output_scale and format
    ("output_scale zero", "relu", put("output_scale", 0), "output_scale is 0"),
    ("output_scale negative", "relu", put("output_scale", -3), "output_scale is -3"),
    ("output_scale missing", "relu", drop("output_scale"), 'missing key "output_scale"'),
    ("format", "relu", put("format", "memlib-certificate/2"), 'format is "memlib-certificate/2"'),
    ("format not text", "relu", put("format", ["memlib-certificate/1"]), "format is an array"),
    ("theorem empty", "relu", put("theorem", ""), 'theorem is ""'),
    ("theorem null", "relu", put("theorem", None), "theorem is null"),
    ("theorem a list", "relu", put("theorem", ["t"]), "theorem is an array"),
    # false counts
    ("fewer neurons", "threshold", put("claims", "hidden_neurons", 1), "hidden_neurons is 2, not 1"),
    ("more neurons", "threshold", put("claims", "hidden_neurons", 3), "hidden_neurons is 2, not 3"),
    ("fewer weights", "sparse", put("claims", "nonzero_weights", 5), "nonzero_weights is 6, not 5"),
    ("zeros counted", "sparse", put("claims", "nonzero_weights", 7), "nonzero_weights is 6, not 7"),
    ("fewer bits", "threshold", put("claims", "max_weight_bits", 2), "max_weight_bits is 3, not 2"),
    ("more bits", "threshold", put("claims", "max_weight_bits", 4), "max_weight_bits is 3, not 4"),
    ("bits of weights only", "large bias", put("claims", "max_weight_bits", 1), "bits is 100, not 1"),
    ("negative count", "threshold", put("claims", "hidden_neurons", -2), "hidden_neurons is 2, not -2"),
    ("huge count", "threshold", put("claims", "nonzero_weights", 10**50), "not a number of 167 bits"),
    # shapes of data
    ("ragged points", "threshold", put("points", 2, [1]), "point 2: length 1, but must be 2"),
    ("first point short", "threshold", put("points", 0, [0]), "point 1: length 2, but must be 1"),
    ("no points", "threshold", put("points", []), "points: empty array"),
    ("no coordinates", "threshold", put("points", [[]] * 4), "point 0: empty array"),
    ("flat points", "threshold", put("points", [0, 1, 2, 3]), "point 0: 0 is not an array"),
    ("points an object", "threshold", put("points", {"0": [0, 0]}), "points: an object is not an array"),
    ("labels short", "threshold", put("labels", [0, 1, 1]), "labels: length 3, but must be 4"),
    ("labels long", "threshold", put("labels", [0, 1, 1, 0, 0]), "labels: length 5, but must be 4"),
    ("no labels", "threshold", put("labels", []), "labels: empty array"),
    ("labels nested", "threshold", put("labels", [[0], [1], [1], [0]]), "labels, entry 0: an array"),
    ("duplicated points", "threshold", put("points", 2, [0, 1]), "points 1 and 2 are equal"),
    ("duplicated points far apart", "threshold", put("points", 3, [0, 0]), "points 0 and 3 are equal"),
    # shapes of layers
    ("no layers", "threshold", put("layers", []), "layers: empty array"),
    ("layers an object", "threshold", put("layers", {}), "layers: an object is not an array"),
    ("layer an array", "threshold", put(*FIRST, []), "layer 0: an array is not an object"),
    ("claims an array", "threshold", put("claims", [2, 6, 3]), "claims: an array is not an object"),
    ("ragged weights", "threshold", put(*FIRST, "weights", 1, [3]), "layer 0, weights, row 1: length 1"),
    ("long row", "threshold", put(*FIRST, "weights", 1, [3, 3, 0]), "layer 0, weights, row 1: length 3"),
    ("no weights", "threshold", put(*FIRST, "weights", []), "layer 0, weights: empty array"),
    ("empty rows", "threshold", put(*FIRST, "weights", [[], []]), "layer 0, weights, row 0: empty array"),
    ("flat weights", "threshold", put(*LAST, "weights", [1, -1]), "layer 1, weights: length 2"),
    ("flat weights of one unit", "single layer", put(*FIRST, "weights", [2]), "row 0: 2 is not an array"),
    ("no biases", "threshold", put(*FIRST, "biases", []), "layer 0, biases: empty array"),
    ("one bias", "threshold", put(*FIRST, "biases", -1), "layer 0, biases: -1 is not an array"),
    ("dropped row", "threshold", drop(*FIRST, "weights", 1), "layer 0, weights: length 1, but must be 2"),
    ("dropped bias", "threshold", drop(*FIRST, "biases", 1), "layer 0, weights: length 2, but must be 1"),
    ("dropped layer", "deep", drop("layers", 1), "layer 1, weights, row 0: length 1, but must be 2"),
    ("dropped last layer", "threshold", drop("layers", 1), "layer 0 is the last and must have one unit"),
    ("unknown activation", "threshold", put(*FIRST, "activation", "sigmoid"), 'activation "sigmoid"'),
    ("activation null", "threshold", put(*LAST, "activation", None), "layer 1: unknown activation null"),
    ("activation a list", "threshold", put(*LAST, "activation", ["relu"]), "unknown activation an array"),
    ("activation an object", "threshold", put(*LAST, "activation", {}), "unknown activation an object"),
    # sparse matrices
    ("row outside", "sparse", put(*FIRST, "weights", "rows", 0, 2), "position (2, 1) is outside"),
    ("negative row", "sparse", put(*FIRST, "weights", "rows", 0, -1), "position (-1, 1) is outside"),
    ("column outside", "sparse", put(*FIRST, "weights", "cols", 0, 3), "position (1, 3) is outside"),
    ("negative column", "sparse", put(*FIRST, "weights", "cols", 0, -1), "position (1, -1) is outside"),
    ("position twice", "sparse", put(*FIRST, "weights", "cols", 0, 0), "position (1, 0) occurs twice"),
    ("zero twice", "sparse", put(*FIRST, "weights", "cols", 4, 1), "position (0, 1) occurs twice"),
    ("values short", "sparse", drop(*FIRST, "weights", "values", 4), "have lengths 5, 5, 4"),
    ("rows short", "sparse", drop(*FIRST, "weights", "rows", 4), "have lengths 4, 5, 5"),
    ("cols short", "sparse", drop(*FIRST, "weights", "cols", 4), "have lengths 5, 4, 5"),
    ("values null", "sparse", put(*FIRST, "weights", "values", None), "null is not an array"),
    ("shape tall", "sparse", put(*FIRST, "weights", "shape", 0, 3), "shape is 3 x 3, but must be 2 x 3"),
    ("shape wide", "sparse", put(*FIRST, "weights", "shape", 1, 4), "shape is 2 x 4, but must be 2 x 3"),
    ("shape zero", "sparse", put(*FIRST, "weights", "shape", [0, 3]), "shape is 0 x 3"),
    ("shape negative", "sparse", put(*FIRST, "weights", "shape", [-2, -3]), "shape is -2 x -3"),
    ("shape huge", "sparse", put(*FIRST, "weights", "shape", [10**18] * 2), "shape is a number of 60 bits"),
    ("shape of three", "sparse", put(*FIRST, "weights", "shape", [2, 3, 1]), "shape: length 3"),
    ("shape empty", "sparse", put(*FIRST, "weights", "shape", []), "shape: empty array"),
    ("weights null", "sparse", put(*FIRST, "weights", None), "layer 0, weights: null is not an array"),
]  # fmt: skip


@forgery(
    "zero, then the same position again", "sparse", "layer 0, weights, entry 1: position (1, 1) occurs twice"
)
def _(document: Any) -> None:
    weights = document["layers"][0]["weights"]
    for name, value in (("rows", 1), ("cols", 1), ("values", 0)):
        weights[name].insert(0, value)


@forgery("dropped neuron", "threshold", "claims: hidden_neurons is 1, not 2")
def _(document: Any) -> None:
    first, last = document["layers"]
    del first["weights"][1], first["biases"][1], last["weights"][0][1]


@forgery("dropped neuron, counts mended", "threshold", "point 3: the network gives 1, the label is 0")
def _(document: Any) -> None:
    first, last = document["layers"]
    del first["weights"][1], first["biases"][1], last["weights"][0][1]
    document["claims"] = {"hidden_neurons": 1, "nonzero_weights": 3, "max_weight_bits": 1}


@forgery("idle neuron added", "threshold", "claims: hidden_neurons is 3, not 2")
def _(document: Any) -> None:
    first, last = document["layers"]
    first["weights"].append([0, 0])
    first["biases"].append(0)
    last["weights"][0].append(0)


@forgery("idle layer added", "deep", "claims: hidden_neurons is 4, not 3")
def _(document: Any) -> None:
    document["layers"].append(layer([[1]], [0], "identity"))


@forgery("second output", "threshold", "layer 1 is the last and must have one unit, not 2")
def _(document: Any) -> None:
    document["layers"][1] = layer([[1, -1], [1, -1]], [-1, -1], "threshold")


@pytest.mark.parametrize(
    ("base", "forge", "reason"), [pytest.param(*rest, id=name) for name, *rest in FORGERIES]
)
def test_forgeries_are_rejected(base: str, forge: Callable[[Any], None], reason: str, tmp_path: Path) -> None:
    document = copy.deepcopy(HONEST[base])
    forge(document)
    with pytest.raises(Rejected) as refusal:
        verify(document)
    assert reason in str(refusal.value)
    assert check_file(written(tmp_path, json.dumps(document))) == (False, str(refusal.value))


@pytest.mark.parametrize(
    ("base", "forge"),
    [
        ("threshold", put(*FIRST, "weights", 1, 0, 4)),  # 4 + 3 - 6 >= 0, and 4 - 6 < 0 as before
        ("threshold", put(*FIRST, "biases", 1, -4)),
        ("threshold", put("points", 3, [5, 5])),
        ("threshold", put("theorem", "by-another-hand")),
        ("sparse", put(*LAST, "activation", "relu")),  # the outputs 0 and 1 stay as they are
        ("sparse", put(*FIRST, "weights", "values", 4, 0)),  # an entry with value 0 is none
    ],
)
def test_changes_that_keep_it_true_are_accepted(base: str, forge: Callable[[Any], None]) -> None:
    document = copy.deepcopy(HONEST[base])
    forge(document)
    verify(document)


# Every place of a certificate in turn.


def places(part: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """Every part of a document with its path."""
    yield path, part
    for key, inner in part.items() if type(part) is dict else enumerate(part) if type(part) is list else ():
        yield from places(inner, (*path, key))


NUMBERS = [(name, path) for name in HONEST for path, part in places(HONEST[name]) if type(part) is int]
OBJECTS = [(name, path) for name in HONEST for path, part in places(HONEST[name]) if type(part) is dict]


def with_text(name: str, path: tuple, text: str) -> str:
    """An honest certificate as text, with other text at one place."""
    document = copy.deepcopy(HONEST[name])
    put(*path, "@@")(document)
    return json.dumps(document).replace('"@@"', text)


@pytest.mark.parametrize(
    "text",
    ["1.0", "0.0", "-0.0", "1e0", "1E2", "1e400000000", "1e-400000000", "NaN", "Infinity", "-Infinity",
     "true", "false", "null", '"1"', '""', "[1]", "[]", "{}"],
)  # fmt: skip
def test_only_integers_stand_for_numbers(text: str, tmp_path: Path) -> None:
    for name, path in NUMBERS:
        accepted, reason = check_file(written(tmp_path, with_text(name, path, text)))
        assert not accepted, (name, path)
        assert "is not an integer" in reason, (name, path, reason)


@pytest.mark.parametrize("text", ["01", "+1", "0x1", "1_000", "--1", "-", "1.", ".5", "\u0661", "nan"])
def test_only_json_spells_integers(text: str, tmp_path: Path) -> None:
    accepted, reason = check_file(written(tmp_path, with_text("relu", ("labels", 0), text)))
    assert not accepted
    assert reason.startswith("not JSON: ")


def test_floats_and_booleans_of_python_are_no_integers() -> None:
    for name, path in NUMBERS:
        for wrong in (1.0, True, np.int64(1), float("inf")):
            document = copy.deepcopy(HONEST[name])
            put(*path, wrong)(document)
            with pytest.raises(Rejected, match="is not an integer"):
                verify(document)


def test_unknown_missing_and_duplicate_keys_at_every_level(tmp_path: Path) -> None:
    assert len({path[-1] if path else "" for _, path in OBJECTS} & {"", 0, "weights", "claims"}) == 4
    for name, path in OBJECTS:
        document = copy.deepcopy(HONEST[name])
        target = document
        for step in path:
            target = target[step]
        target["extra"] = 1
        with pytest.raises(Rejected, match='unknown key "extra"'):
            verify(document)
        del target["extra"]
        for key, value in list(target.items()):
            del target[key]
            with pytest.raises(Rejected, match=f'missing key "{key}"'):
                verify(document)
            target["again"] = target[key] = value
            text = json.dumps(document).replace('"again"', json.dumps(key))
            accepted, reason = check_file(written(tmp_path, text))
            assert (accepted, reason) == (False, f'duplicate key "{key}"')
            del target["again"]


# Files.


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "certificate.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_truncated_files_are_rejected(tmp_path: Path) -> None:
    content = json.dumps(HONEST["sparse"]).encode()
    for end in range(len(content)):
        accepted, reason = check_file(written(tmp_path, content[:end]))
        assert not accepted
        assert reason.startswith("not JSON: "), (end, reason)


HONEST_TEXT = json.dumps(HONEST["relu"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HONEST_TEXT.encode("utf-8-sig"), "BOM"),
        (HONEST_TEXT.encode("utf-16"), "not UTF-8: invalid byte at offset 0"),
        (HONEST_TEXT.encode("utf-16-le"), "not JSON"),
        (HONEST_TEXT.encode("utf-32"), "not UTF-8"),
        (HONEST_TEXT.replace("by-hand", "b\xfc").encode("latin-1"), "not UTF-8: invalid byte at offset"),
        (HONEST_TEXT.replace("by-hand", "\ud800").encode("utf-8", "surrogatepass"), "not UTF-8"),
        (bytes(range(256)), "not UTF-8"),
        (b"\0" * 1000, "not JSON"),
        (b"", "not JSON"),
        (b"   \n", "not JSON"),
        ((HONEST_TEXT + "{}").encode(), "not JSON: Extra data"),
        (HONEST_TEXT.replace("by-hand", "\x1b[2K").encode(), "not JSON: Invalid control character"),
        (b"[]", "certificate: an array is not an object"),
        (b"null", "certificate: null is not an object"),
        (b'"ACCEPT"', 'certificate: "ACCEPT" is not an object'),
        (b"1", "certificate: 1 is not an object"),
        (b"NaN", 'the number "NaN" is not an integer'),
        (b"[-1.0]", 'the number "-1.0" is not an integer'),
        (b'{"theorem": 1e400000000}', 'the number "1e400000000" is not an integer'),
    ],
)
def test_other_content_is_rejected(content: bytes, reason: str, tmp_path: Path) -> None:
    accepted, said = check_file(written(tmp_path, content))
    assert not accepted
    assert reason in said


@pytest.mark.parametrize("text", ["theorem \u00e9\u6f22", "\\ud800", "\\u001b[2K"])
def test_any_text_names_a_theorem(text: str, tmp_path: Path) -> None:
    assert check_file(written(tmp_path, HONEST_TEXT.replace("by-hand", text)))[0]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 5_000_000,
        b'{"a":' * 5_000_000,
        b"[" * 5_000_000 + b"]" * 5_000_000,
        HONEST_TEXT.replace("[3, 1, 0, 3]", "[" * 5_000_000 + "]" * 5_000_000).encode(),
        HONEST_TEXT.replace('"by-hand"', '{"a":' * 1_000_000 + "1" + "}" * 1_000_000).encode(),
    ],
    ids=["arrays", "objects", "closed", "labels", "theorem"],
)
def test_five_million_nested_brackets(content: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, content)
    run = script(path, timeout=20)
    assert (run.returncode, run.stderr) == (1, "")
    assert "nested too deeply" in run.stdout
    assert check_file(path) == (False, "not a certificate: brackets are nested too deeply")


def test_what_is_no_file_is_rejected(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.json", tmp_path / ("x" * 5000), Path("/dev/null"), "a\0b"):
        accepted, reason = check_file(path)
        assert not accepted
        assert "file" in reason


def test_what_does_not_fit_into_memory_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(path: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(checker, "load", too_much)
    assert check_file("large.json") == (False, "the certificate does not fit into memory")


def with_digits(digits: int, sign: str = "") -> str:
    """The network x -> x + b on the point 0, with b of so many digits (66,439 bits if they are 20,000)."""
    number = sign + "9" * digits
    document = certificate([[0]], ["b"], [layer([[1]], ["b"], "identity")], (0, 1, 66_439))
    return json.dumps(document).replace('"b"', number)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("callers_limit", [0, 640, 4300])
def test_integers_have_at_most_20000_digits(sign: str, callers_limit: int, tmp_path: Path) -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(callers_limit)
    try:
        accepted, said = check_file(written(tmp_path, with_digits(20_000, sign)))
        assert (accepted, said) == (True, "1 points, 0 hidden neurons, 1 nonzero weights, 66439-bit weights")
        assert sys.get_int_max_str_digits() == callers_limit
        for digits in (20_001, 3_000_000):
            accepted, said = check_file(written(tmp_path, with_digits(digits, sign)))
            assert (accepted, said) == (False, f"an integer has {digits} digits, more than 20000")
            assert sys.get_int_max_str_digits() == callers_limit
    finally:
        sys.set_int_max_str_digits(before)


def test_integers_of_a_document_in_memory_have_at_most_20000_digits() -> None:
    for name, path in NUMBERS:
        for large in (10**20_000, -(10**20_000)):
            document = copy.deepcopy(HONEST[name])
            put(*path, large)(document)
            with pytest.raises(Rejected, match=r"a number of 66439 bits has more than 20000 digits"):
                verify(document)


@pytest.mark.parametrize("text", ["\x1b[2K\nACCEPT", "\u202eABC", "\ud800", "x" * 10**6, "\x7f", "\u00e9"])
def test_reasons_are_one_short_line_of_printable_ascii(text: str, tmp_path: Path) -> None:
    for name in ("relu", "sparse"):
        for path, part in places(HONEST[name]):
            document = copy.deepcopy(HONEST[name])
            if path and path != ("theorem",):
                put(*path, text)(document)
                check_rejected_in_one_line(document, tmp_path)
            if type(part) is dict:
                document = copy.deepcopy(HONEST[name])
                put(*path, text, 1)(document)
                check_rejected_in_one_line(document, tmp_path)


def check_rejected_in_one_line(document: Any, folder: Path) -> None:
    accepted, reason = check_file(written(folder, json.dumps(document)))
    assert not accepted
    assert reason.isascii() and reason.isprintable() and len(reason) < 400, reason


# The script.


def script(*arguments: Any, timeout: int = 60) -> subprocess.CompletedProcess:
    command = [sys.executable, "-I", "-S", str(SOURCE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def test_the_script_prints_verdicts_and_exits(tmp_path: Path) -> None:
    true, false = tmp_path / "true.json", tmp_path / "false.json"
    true.write_text(json.dumps(HONEST["deep"]))
    false.write_text(json.dumps(HONEST["deep"]).replace("-4", "4"))
    accept = f"ACCEPT {true}: 5 points, 3 hidden neurons, 5 nonzero weights, 3-bit weights\n"
    reject = f"REJECT {false}: point 0: the network gives -4, the label is 4\n"
    for files, code, lines in [
        ([true], 0, accept),
        ([true, true], 0, accept + accept),
        ([false], 1, reject),
        ([false, true], 1, reject + accept),
        ([true, false], 1, accept + reject),
    ]:
        run = script(*files)
        assert (run.returncode, run.stdout, run.stderr) == (code, lines, "")


def test_the_script_without_files_says_how_it_is_used() -> None:
    run = script()
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("usage: ")


def test_a_file_name_cannot_forge_a_verdict(tmp_path: Path) -> None:
    path = tmp_path / "x\nACCEPT \x1b\u00e9"
    path.write_text("{}")
    run = script(path)
    assert run.returncode == 1
    assert run.stdout.count("\n") == 1 and run.stdout.startswith("REJECT ") and run.stdout.isascii()


def test_the_script_stands_alone() -> None:
    tree = ast.parse(SOURCE.read_text())
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add("." * node.level + (node.module or ""))
    tops = {name.partition(".")[0] for name in imported}
    assert tops <= sys.stdlib_module_names - {"math", "cmath", "decimal", "fractions", "importlib"}
    # `python memlib/checker.py` looks for modules in memlib first
    assert not {path.stem for path in SOURCE.parent.iterdir()} & sys.stdlib_module_names


def test_the_arithmetic_is_exact() -> None:
    for node in ast.walk(ast.parse(SOURCE.read_text())):
        assert not isinstance(getattr(node, "op", None), (ast.Div, ast.FloorDiv)), ast.unparse(node)
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)))
        assert not (
            isinstance(node, ast.Call) and ast.unparse(node.func) in ("float", "round", "eval", "exec")
        )


# Laws.  The oracle evaluates with matrices of Python integers, recounts, and knows nothing of the checker.

ACTIVATIONS: dict[str, Callable] = {
    "identity": lambda t: t,
    "threshold": lambda t: np.where(t >= 0, 1, 0).astype(object),
    "relu": lambda t: np.maximum(t, 0),
}


def matrix(weights: Any) -> np.ndarray:
    if isinstance(weights, list):
        return np.array(weights, dtype=object)
    dense = np.full(weights["shape"], 0, dtype=object)
    dense[weights["rows"], weights["cols"]] = weights["values"]
    return dense


def outputs(document: Any) -> list:
    h = np.array(document["points"], dtype=object)
    for part in document["layers"]:
        h = ACTIVATIONS[part["activation"]](
            h @ matrix(part["weights"]).T + np.array(part["biases"], dtype=object)
        )
    return h[:, 0].tolist()


def true_counts(document: Any) -> dict:
    weights = [matrix(part["weights"]) for part in document["layers"]]
    numbers = [v for W in weights for v in W.flat] + [
        b for part in document["layers"] for b in part["biases"]
    ]
    return {
        "hidden_neurons": sum(len(W) for W in weights[:-1]),
        "nonzero_weights": int(sum(np.count_nonzero(W) for W in weights)),
        "max_weight_bits": len(bin(max(map(abs, numbers)))) - 2 if any(numbers) else 0,
    }


def is_true(document: Any) -> bool:
    """The verdict on a certificate that has the right form."""
    wanted = [document["output_scale"] * label for label in document["labels"]]
    return (
        document["output_scale"] >= 1
        and len({tuple(point) for point in document["points"]}) == len(document["points"])
        and outputs(document) == wanted
        and true_counts(document) == document["claims"]
    )


SMALL = st.integers(-3, 3) | st.integers(-(2**70), 2**70)


@st.composite
def certificates(draw: Callable) -> dict:
    """True certificates of random small networks; half of the matrices are sparse."""
    widths = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(1, 3)))] + [1]
    points = draw(
        st.lists(
            st.lists(SMALL, min_size=widths[0], max_size=widths[0]), min_size=1, max_size=6, unique_by=tuple
        )
    )
    layers = []
    for width, units in pairwise(widths):
        W = [draw(st.lists(SMALL, min_size=width, max_size=width)) for _ in range(units)]
        weights: Any = W
        if draw(st.booleans()):
            entries = [
                (i, j, W[i][j]) for i in range(units) for j in range(width) if W[i][j] or draw(st.booleans())
            ]
            weights = sparse([units, width], *draw(st.permutations(entries)))
        biases = draw(st.lists(SMALL, min_size=units, max_size=units))
        layers.append(layer(weights, biases, draw(st.sampled_from(sorted(ACTIVATIONS)))))
    scale = draw(st.integers(1, 3))
    if scale > 1:  # a last layer whose output is divisible by the scale
        layers.append(layer([[scale]], [scale * draw(SMALL)], "identity"))
    document = certificate(points, [], layers, (0, 0, 0), scale)
    document["labels"] = [value // scale for value in outputs(document)]
    document["claims"] = true_counts(document)
    return document


@settings(deadline=None)
@given(certificates())
def test_true_certificates_are_accepted(document: dict) -> None:
    assert verify(document) == Summary(len(document["points"]), **document["claims"])


@settings(deadline=None)
@given(certificates(), st.data())
def test_a_changed_label_is_rejected(document: dict, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(document["labels"]) - 1))
    document["labels"][i] += data.draw(SMALL.filter(bool))
    with pytest.raises(Rejected, match=f"^point {i}: the network gives"):
        verify(document)


@settings(max_examples=400, deadline=None)
@given(certificates(), st.data())
def test_any_changed_number_gets_the_verdict_of_the_oracle(document: dict, data: st.DataObject) -> None:
    form = ("shape", "rows", "cols")
    numbers = [path for path, part in places(document) if type(part) is int and not set(form) & set(path)]
    put(*data.draw(st.sampled_from(numbers)), data.draw(SMALL))(document)
    try:
        verify(document)
        accepted = True
    except Rejected:
        accepted = False
    assert accepted == is_true(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(HONEST)), JSON, st.data())
def test_any_json_anywhere_gets_a_verdict(name: str, value: Any, data: st.DataObject) -> None:
    document = copy.deepcopy(HONEST[name])
    path = data.draw(st.sampled_from([path for path, _ in places(document)]))
    if path:
        put(*path, value)(document)
    else:
        document = value
    same = document == HONEST[name] and repr(document) == repr(HONEST[name])
    try:
        assert isinstance(verify(document), Summary)
    except Rejected as reason:
        assert str(reason).isascii() and str(reason).isprintable()
        assert not same


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(HONEST)), st.data())
def test_any_bytes_get_a_verdict(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    content = bytearray(json.dumps(HONEST[name]).encode())
    at = data.draw(st.integers(0, len(content)))
    content[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    path = tmp_path_factory.getbasetemp() / "certificate.json"
    path.write_bytes(content)
    accepted, message = check_file(path)
    assert message.isascii() and message.isprintable()
    assert not accepted or is_true(load(path))
