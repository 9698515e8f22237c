"""Every committed page keeps the house rules. `tests/book/test_pages.py` shows that these tests can fail."""

from functools import cache
from pathlib import Path

import pytest

from memlib.book import pages

ROOT = Path(__file__).parents[1]
PAGES = {path.relative_to(ROOT).as_posix(): path for path in pages.pages(ROOT / "chapters")}


@cache
def stated(name: str) -> list[pages.Stated]:
    return pages.statements(pages.text(PAGES[name]))


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".ipynb")])
def test_stored_notebook(name: str) -> None:
    faults = list(pages.faults(pages.read(PAGES[name])))
    assert not faults, "\n".join([name, *faults])


@pytest.mark.parametrize("name", PAGES)
def test_text(name: str) -> None:
    assert not list(pages.text_faults(pages.text(PAGES[name])))


@pytest.mark.parametrize("name", PAGES)
def test_uses_are_what_the_proof_refers_to(name: str) -> None:
    claims = {statement.id for page in PAGES for statement in stated(page)}
    faults = list(pages.wrong_uses(stated(name), claims))
    assert not faults, "\n".join([name, *faults])
