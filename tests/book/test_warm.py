"""Warm kernels do what kernels do that are started anew; their processes end."""

import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from memlib.book import warm


@pytest.fixture(autouse=True)
def chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(warm.VARIABLE, warm.NAME)
    yield
    process = warm.WARM._process
    assert process is not None and process.poll() is None  # it was in use, and outlives every kernel


def run(folder: Path, *cells: str) -> list[list]:
    """Execute cells in a folder; return the outputs of each."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, timeout=60).execute()
    return [cell.outputs for cell in notebook.cells]


def said(outputs: list) -> str:
    return "".join(output.get("text", "") for output in outputs)


def test_a_page_finds_its_folder_and_nothing_of_memlib(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        "import os, sys\nprint(os.getcwd())\nprint(sys.path[0] == '')\n"
        "print([name for name in sys.modules if name.startswith('memlib')])",
        "import subprocess\nprint(subprocess.run(['true']).returncode)",
        "from matplotlib import pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    )
    assert said(found[0]).split("\n") == [str(tmp_path.resolve()), "True", "[]", ""]
    assert said(found[1]) == "0\n"
    assert [output.output_type for output in found[2]][-1] == "display_data"
    assert "image/png" in found[2][-1].data


def test_two_kernels_share_no_state(tmp_path: Path) -> None:
    draw = "import random, os\nseen = random.random()\nprint(seen, os.getpid())"
    first, second = (said(run(tmp_path, draw)[0]).split() for _ in range(2))
    assert first[0] != second[0]
    assert first[1] != second[1]
    with pytest.raises(CellExecutionError, match="NameError"):
        run(tmp_path, "seen")


def test_a_kernel_ends_with_its_page(tmp_path: Path) -> None:
    kernel = warm.Forked(int(said(run(tmp_path, "import os\nprint(os.getpid())")[0])))
    for _ in range(100):
        if kernel.poll() is not None:
            return
        time.sleep(0.05)
    raise AssertionError("the kernel still runs")


def test_a_dead_kernel_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(DeadKernelError):
        run(tmp_path, "import os\nos._exit(1)")
