"""Stored notebooks keep what is compared and lose what changes from run to run."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from memlib.book.normalise import main

RECORD = {
    "application/vnd.memlib.record+json": {"claim": "toy-sum", "what": "check"},
    "text/plain": "toy-sum",
}


def executed() -> nbformat.NotebookNode:
    """A notebook as an editor leaves it."""
    picture = new_output(
        "execute_result", {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 4x2>"}, execution_count=7
    )
    first = new_code_cell("plot()", execution_count=7, outputs=[picture])
    first.metadata = {"tags": ["hide-input"], "execution": {"iopub.execute_input": "now"}, "collapsed": False}
    second = new_code_cell("check()", execution_count=9, outputs=[new_output("display_data", RECORD)])
    notebook = new_notebook(cells=[new_markdown_cell("# A page"), first, second])
    notebook.metadata = {"language_info": {"name": "python", "version": "3.11.0"}, "widgets": {}}
    return notebook


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.ipynb"
    nbformat.write(executed(), path)
    return path


def test_keeps_text_and_records_and_drops_the_rest(page: Path) -> None:
    assert main([str(page)]) == 0
    notebook = nbformat.read(page, 4)
    _, first, second = notebook.cells
    assert [cell.execution_count for cell in (first, second)] == [1, 2]
    assert first.outputs[0].data == {"text/plain": "<Figure size 4x2>"}
    assert first.outputs[0].execution_count == 1
    assert second.outputs[0].data == RECORD
    assert first.metadata == {"tags": ["hide-input"]}
    assert "version" not in notebook.metadata.language_info and "widgets" not in notebook.metadata
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in nbformat.read(page, 4).cells]


def test_a_second_run_changes_nothing(page: Path) -> None:
    main([str(page)])
    once = page.read_bytes()
    assert main([str(page)]) == 0
    assert page.read_bytes() == once


@pytest.mark.parametrize(
    ("counts", "says"),
    [((None, 1), "code cell 0 was not executed"), ((2, 1), "code cell 1 was executed out of order")],
)
def test_refuses_what_was_not_run_from_top_to_bottom(
    page: Path, capsys: pytest.CaptureFixture, counts: tuple, says: str
) -> None:
    notebook = executed()
    for cell, count in zip(notebook.cells[1:], counts, strict=True):
        cell.execution_count = count
    nbformat.write(notebook, page)
    before = page.read_bytes()
    assert main([str(page)]) == 1
    assert says in capsys.readouterr().err
    assert page.read_bytes() == before
