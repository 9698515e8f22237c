"""Tidy executed notebooks: python -m memlib.book.normalise FILES

Keeps what nbval compares (text outputs and records), drops what changes from run to run or weighs much
(images, times, editor settings), and numbers the cells 1..n.
Refuses a notebook that was not executed from top to bottom.
"""

import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

IMAGES = ("image/png", "image/jpeg")
METADATA = ("tags", "mystnb")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def unexecuted(notebook: NotebookNode) -> str | None:
    """Say why `notebook` was not executed from top to bottom, or return None."""
    last = 0
    for k, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        if not cell.source.strip():
            return f"code cell {k} is empty"
        if cell.execution_count is None:
            return f"code cell {k} was not executed"
        if cell.execution_count <= last:
            return f"code cell {k} was executed out of order"
        last = cell.execution_count
    return None


def normalise(notebook: NotebookNode) -> None:
    """Change `notebook` in place to the form in which it is stored."""
    number = 0
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in METADATA if key in cell.metadata}
        if cell.cell_type != "code":
            continue
        number += 1
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
            for image in IMAGES:
                output.get("data", {}).pop(image, None)
            if "metadata" in output:
                output.metadata = {}
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}


def main(paths: list[str]) -> int:
    """Normalise every file; return 1 if one of them was refused."""
    refused = 0
    for path in paths:
        before = Path(path).read_text(encoding="utf-8")
        notebook = nbformat.reads(before, 4)
        reason = unexecuted(notebook)
        if reason:
            refused = 1
            print(f"{path}: {reason}; restart the kernel and run all cells first", file=sys.stderr)
            continue
        normalise(notebook)
        after = nbformat.writes(notebook) + "\n"
        if after != before:
            Path(path).write_text(after, encoding="utf-8")
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
