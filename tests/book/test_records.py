"""A record must be what `Claim` writes, key by key and type by type."""

import json

import pytest

from memlib.book.records import fault
from memlib.claim import MIME, Claim
from memlib.evidence import Counterexample


def positive(n):
    return n > 0 or Counterexample(f"{n} is not positive")


def square_is_positive(n):
    return n * n > 0 or Counterexample(f"{n} * {n} is not positive")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """The records of a check, a control and a planted version, as the library writes them."""
    records: list[dict] = []
    monkeypatch.setattr("memlib.claim._display", lambda r: records.append(r._repr_mimebundle_()[MIME]))
    claim = Claim("a-square", square_is_positive, {"n > 0": positive})
    claim.check([1, 2], over="1 and 2", case="n < 3")
    claim.control(0, without="n > 0")
    claim.rejects(1, says="n * n < 0", wrong=lambda n: Counterexample("1 is above 0"))
    return json.loads(json.dumps(records))


def test_what_the_library_writes_is_accepted(written: list[dict]) -> None:
    assert [record["what"] for record in written] == ["check", "control", "control"]
    assert not any(map(fault, written))


@pytest.mark.parametrize(
    ("which", "key", "value"),
    [
        (0, "claim", ""),
        (0, "strength", "cited"),
        (0, "strength", "certain"),
        (0, "over", None),
        (0, "case", 3),
        (0, "instances", 0),
        (0, "instances", True),
        (0, "instances", 2.0),
        (0, "hypotheses", "n > 0"),
        (0, "hypotheses", [3]),
        (0, "inhabited", 1),
        (0, "passed", False),
        (0, "passed", 1),
        (1, "without", " "),
        (1, "reason", None),
        (1, "planted", "no"),
        (1, "broke", False),
    ],
)
def test_wrong_value_is_named(written: list[dict], which: int, key: str, value: object) -> None:
    assert f"the wrong {key}: {value!r}" in fault({**written[which], key: value})


def test_missing_and_unknown_keys_are_named(written: list[dict]) -> None:
    short = dict(written[0])
    del short["inhabited"]
    assert "missing or unknown keys: inhabited" in fault(short)
    assert "missing or unknown keys: verdict" in fault({**written[1], "verdict": "P = NP"})


@pytest.mark.parametrize("entry", [None, "a-square", [], {}, {"what": "proof"}, {"what": ["check"]}])
def test_anything_else_is_refused(entry: object) -> None:
    assert fault(entry) == "a record is neither a check nor a control"
