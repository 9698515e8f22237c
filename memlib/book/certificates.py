"""The built book ships the certificates of the measured table, with the checker beside them.

From a copy of the built folder alone, ``python checker.py certificates/*.json`` verifies them all.
"""

import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

CHECKER = Path(__file__).parents[1] / "checker.py"
#: The page that shows the table. A book without it has no certificates to ship.
PAGE = "chapters/capacity/measured"


def table(app: Sphinx) -> Path:
    """Name the folder into which `make table` writes."""
    return Path(app.srcdir, "_build", "table")


def require(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Stop before the long work if the book has the page and not the table."""
    if PAGE in env.found_docs and not (table(app) / "rows.json").exists():
        raise ExtensionError(
            f"{PAGE} shows the measured table, and _build/table/rows.json is not there: run `make table`, "
            "or `python -m memlib.capacity.measured`"
        )


def ship(app: Sphinx, exception: Exception | None) -> None:
    """Copy certificates and checker into the built book; certificates of an older table go."""
    if exception is not None or app.builder.format != "html" or PAGE not in app.env.found_docs:
        return
    target = Path(app.outdir, "certificates")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(table(app) / "certificates", target)
    shutil.copy(CHECKER, Path(app.outdir, "checker.py"))


def setup(app: Sphinx) -> None:
    app.connect("env-before-read-docs", require)
    app.connect("build-finished", ship)
