"""Builds of the book of two pages in `fixture`, and of copies of it with one planted fault."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

FIXTURE = Path(__file__).parent / "fixture"
STYLE = Path(__file__).parents[2] / "chapters" / "_static" / "claims.css"
BUILD = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-n", "-W", "--keep-going"]


def run(command: list[str], book: Path) -> tuple[int, str]:
    """Run a command in a book; return its exit code and all it said, without colours."""
    done = subprocess.run(
        command,
        cwd=book,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        check=False,
    )
    return done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


def build(book: Path, *, afresh: bool = True) -> tuple[int, str]:
    """Build as `make book` does; not `afresh`: as somebody does who forgets ``--all``."""
    return run([*BUILD, *(["--all"] if afresh else [])], book)


def copy_fixture(book: Path) -> Path:
    shutil.copytree(FIXTURE, book)
    (book / "chapters" / "_static").mkdir()
    shutil.copy(STYLE, book / "chapters" / "_static")
    return book


def copy_warm(green: Path, book: Path) -> Path:
    """Copy a book with its cache of executed pages."""
    return shutil.copytree(green, book, ignore=shutil.ignore_patterns("html"))


def replace(path: Path, old: str, new: str) -> None:
    """Plant a fault: replace text that stands in a file exactly once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")


def ledger(book: Path) -> dict[str, dict]:
    """Return the claims of ``claims.json`` by id."""
    claims = json.loads((book / "_build" / "html" / "claims.json").read_text("utf-8"))["claims"]
    return {claim["id"]: claim for claim in claims}
