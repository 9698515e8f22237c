"""One green build for all tests of this folder; its executed pages are the warm cache of every copy."""

from pathlib import Path

import pytest

from tests.book import building


@pytest.fixture(scope="session")
def green(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book of two pages, built."""
    book = building.copy_fixture(tmp_path_factory.mktemp("green") / "book")
    code, said = building.build(book)
    assert code == 0, said
    return book
