"""What all unit tests share: no deadlines for properties, and the records that claims display."""

import pytest
from hypothesis import settings

import memlib.claim

settings.register_profile("memlib", deadline=None, max_examples=40)  # a shared machine is slow
settings.load_profile("memlib")


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """Collect the entries of all records displayed during the test, their line under the key "line"."""
    shown: list[dict] = []

    def collect(record: memlib.claim._Record) -> None:
        shown.append({**record._repr_mimebundle_()[memlib.claim.MIME], "line": repr(record)})

    monkeypatch.setattr(memlib.claim, "_display", collect)
    return shown
