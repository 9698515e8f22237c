"""The Sphinx extension of the book: claims, records, ledger, badges, graphs, state of the book."""

import os

from sphinx.application import Sphinx

from memlib.book import (
    api,
    certificates,
    execution,
    findings,
    graph,
    ledger,
    render,
    repository,
    scripts,
    state,
    statements,
)


def setup(app: Sphinx) -> dict:
    """Register everything with Sphinx; kernels started by the build inherit one BLAS thread."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    app.setup_extension("sphinx_proof")
    parts = (
        execution,
        statements,
        ledger,
        render,
        graph,
        findings,
        state,
        repository,
        scripts,
        api,
        certificates,
    )
    for part in parts:
        part.setup(app)
    app.add_css_file("claims.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
