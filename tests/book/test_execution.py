"""The cache key sees what pages depend on, and nothing else; a stopped page is located."""

import shutil
from pathlib import Path

import pytest

from memlib.book.execution import LIBRARY, failed_cell, fingerprint, last_words
from memlib.book.prefill import pages


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small library with an extension and a checker, a page's module, and pins."""
    for name in (
        "memlib/claim.py",
        "memlib/checker.py",
        "memlib/a/b.py",
        "memlib/book/graph.py",
        "chapters/toy.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6\n")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["memlib/claim.py", "memlib/checker.py", "memlib/a/b.py", "chapters/toy.py", "requirements.txt"]
)
def test_change_of_a_dependency_is_seen(house: Path, name: str) -> None:
    before = fingerprint(house, house / "memlib")
    (house / name).write_text("x = 2\n")
    assert fingerprint(house, house / "memlib") != before


def test_renaming_is_seen(house: Path) -> None:
    before = fingerprint(house, house / "memlib")
    (house / "memlib/a").rename(house / "memlib/c")
    assert fingerprint(house, house / "memlib") != before


def test_change_of_the_extension_keeps_the_cache(house: Path) -> None:
    before = fingerprint(house, house / "memlib")
    (house / "memlib/book/graph.py").write_text("x = 2\n")
    assert fingerprint(house, house / "memlib") == before


def test_place_on_the_machine_does_not_matter(house: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = shutil.copytree(house, tmp_path_factory.mktemp("moved") / "house")
    assert fingerprint(house, house / "memlib") == fingerprint(other, other / "memlib")


def test_the_library_of_the_kernels_is_hashed() -> None:
    assert (LIBRARY / "claim.py").exists()
    assert (LIBRARY / "book").exists()


def test_failed_cell_is_found_by_its_source() -> None:
    cells = [
        {"cell_type": "markdown", "source": "f(1)"},
        {"cell_type": "code", "source": ["f(1)"]},
        {"cell_type": "code", "source": "f(1)\nf(2)\n"},
    ]
    quoted = "An error occurred while executing the following cell:\n---\nf(1)\nf(2)\n---\n"
    assert failed_cell(cells, quoted) == 3
    assert failed_cell(cells, "DeadKernelError: Kernel died") == 0


def test_last_words_are_those_of_the_exception() -> None:
    traceback = "Traceback\n\x1b[31mControlFails\x1b[39m: a-one: 'n > 0' still holds\n\n"
    assert last_words(traceback) == "ControlFails: a-one: 'n > 0' still holds"


def test_pages_are_the_notebooks_of_the_table_of_contents() -> None:
    fixture = Path(__file__).parent / "fixture"
    assert [path.name for path in pages(fixture)] == ["squares.ipynb", "sums.ipynb"]
