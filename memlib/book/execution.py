"""Execution of pages: a cache that sees changes of the library, and the cell at which a page stopped."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

LIBRARY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """How the execution of a page ended. `cell` counts from 1; 0 if unknown."""

    succeeded: bool
    seconds: float = 0.0
    cell: int = 0
    error: str = ""


def _sources(book: Path, library: Path) -> Iterable[tuple[str, Path]]:
    """Every file that a page depends on besides its own cells, under a name without machine paths.

    The extension itself (``memlib/book``) is left out, because no page imports it.
    """
    for path in sorted(library.rglob("*.py")):
        name = path.relative_to(library)
        if name.parts[0] != "book":
            yield f"memlib/{name.as_posix()}", path
    for path in sorted([*(book / "chapters").rglob("*.py"), *(book / "chapters" / "_bench").glob("*.json")]):
        yield path.relative_to(book).as_posix(), path
    if (book / "requirements.txt").exists():
        yield "requirements.txt", book / "requirements.txt"


def fingerprint(book: Path, library: Path = LIBRARY) -> str:
    """Hash the library, the modules and measured figures beside the pages, and the pins."""
    state = hashlib.sha256()
    for name, path in _sources(book, library):
        content = path.read_bytes()
        state.update(f"{name} {len(content)}\n".encode())
        state.update(content)
    return state.hexdigest()[:12]


def cache_path(book: Path) -> Path:
    """Name the folder of executed notebooks; every state of the library has its own.

    jupyter-cache compares code cells only: one folder for all would replay outputs of an old library.
    """
    return book / "_build" / ".jupyter_cache" / fingerprint(book)


def failed_cell(cells: Iterable[Mapping], traceback: str) -> int:
    """Find the cell (counted from 1, text cells included) that nbclient quotes in `traceback`; 0 if none."""
    for number, cell in enumerate(cells, start=1):
        source = "".join(cell["source"]).strip()
        if cell["cell_type"] == "code" and source and f"---\n{source}\n---" in traceback:
            return number
    return 0


def last_words(traceback: str) -> str:
    """Return the line that says what went wrong: the last one that names an exception."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", traceback).strip().splitlines() or ["no traceback"]
    named = [line for line in lines if re.match(r"[\w.]+(Error|Fails|Exception|Interrupt)\b", line)]
    return (named or lines)[-1].strip()


def reading_order(env) -> list[str]:
    """List the pages as the table of contents does."""
    order: dict[str, None] = {}

    def visit(docname: str) -> None:
        if docname not in order:
            order[docname] = None
            for child in env.toctree_includes.get(docname, ()):
                visit(child)

    visit(env.config.root_doc)
    return [*order, *sorted(set(env.all_docs) - set(order))]


def page_runs(env) -> dict[str, Run]:
    """Read from myst-nb how the pages ran."""
    runs = {}
    for docname in reading_order(env):
        data = getattr(env, "nb_metadata", {}).get(docname, {}).get("exec_data")
        if data:
            cell, error = 0, data["error"] or ""
            if data["traceback"]:
                error = last_words(data["traceback"])
                path = Path(env.doc2path(docname))
                cells = json.loads(path.read_text("utf-8"))["cells"] if path.suffix == ".ipynb" else []
                cell = failed_cell(cells, data["traceback"])
            runs[docname] = Run(data["succeeded"], data["runtime"] or 0.0, cell, error)
    return runs


def _use_cache(app, config) -> None:
    config.nb_execution_cache_path = str(cache_path(Path(app.srcdir)))


def _read_every_page(app, env, added: set, changed: set, removed: set) -> set:
    """Have every page read again in every build: it may depend on the library and on other pages."""
    return env.found_docs - added - changed


def setup(app) -> None:
    app.connect("config-inited", _use_cache, priority=100)
    app.connect("env-get-outdated", _read_every_page)
