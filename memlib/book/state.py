"""The page "State of the book": counts, tables, versions and times, read from the ledger and the build."""

import platform
import time
from collections import Counter
from collections.abc import Iterable
from html import escape
from importlib.metadata import version

import networkx as nx
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from memlib.book.ledger import Entry
from memlib.book.render import MEANING, Page, chip, skip
from memlib.evidence import STRENGTHS

PACKAGES = ("sympy", "python-flint", "numpy", "jupyter-book", "memlib")


class book_state(nodes.General, nodes.Element):
    """The place of one part of the state of the book."""


class BookState(SphinxDirective):
    """Show one part of the state of the book."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return [book_state(part=directives.choice(self.arguments[0], tuple(PARTS)))]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """An HTML table that scrolls by itself on a narrow screen."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        '<div class="claim-table" tabindex="0" role="region" aria-label="table"><table class="table">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>\n"
    )


def _link(page: Page, entry: Entry) -> str:
    return f'<a href="{page.to(entry)}">{page.name(entry)}</a>'


def _theorems(page: Page) -> list[Entry]:
    return [entry for entry in page.ledger.entries.values() if entry.statement.kind == "theorem"]


def counts(page: Page) -> str:
    """How many claims have each strength."""
    found = Counter(entry.strength for entry in page.ledger.entries.values())
    rows = [(chip(strength), str(found[strength]), MEANING[strength]) for strength in STRENGTHS]
    checks = sum(len(entry.checks) for entry in page.ledger.entries.values())
    controls = sum(len(entry.controls) for entry in page.ledger.entries.values())
    line = f"<p>{len(page.ledger.entries)} claims, {checks} checks, {controls} controls.</p>"
    return line + table(("strength", "claims", "the claim was"), rows)


def claims(page: Page) -> str:
    """All claims."""
    rows = []
    for claim, entry in page.ledger.entries.items():
        name = f'{_link(page, entry)}: {page.title(entry)} <code class="claim-id">{claim}</code>'
        evidence = (chip(entry.strength), chip(page.ledger.weakest(claim)))
        rows.append((name, *evidence, str(len(entry.checks)), str(len(entry.controls))))
    return table(("claim", "strength", "weakest", "checks", "controls"), rows)


def weakest(page: Page) -> str:
    """On what each main theorem rests at its weakest, and which claims those are."""
    rows = []
    for entry in _theorems(page):
        claim = entry.statement.id
        least = page.ledger.weakest(claim)
        ancestors = nx.ancestors(page.ledger.graph, claim)
        where = [e for c, e in page.ledger.entries.items() if c in ancestors and e.strength == least]
        names = ", ".join(_link(page, e) for e in where) if least != entry.strength else "the theorem itself"
        rows.append((f"{_link(page, entry)}: {page.title(entry)}", chip(entry.strength), chip(least), names))
    return table(("theorem", "strength", "weakest", "where"), rows)


def hypotheses(page: Page) -> str:
    """The hypotheses of theorems that no control breaks yet."""
    rows = [(_link(page, entry), escape(name)) for entry in _theorems(page) for name in entry.uncontrolled]
    if not rows:
        return "<p>None: every hypothesis of every theorem has a control.</p>\n"
    return table(("theorem", "hypothesis without a control"), rows)


def versions(page: Page) -> str:
    """What the book was built with."""
    rows = [("Python", platform.python_version()), *((name, version(name)) for name in PACKAGES)]
    return table(("package", "version"), rows)


def times(page: Page) -> str:
    """How long each page took to execute, and this build until this line was written."""
    rows = []
    for docname, run in page.env.memlib_runs.items():
        title = escape(page.env.titles[docname].astext())
        rows.append((f'<a href="{page.href(docname)}">{title}</a>', f"{run.seconds:.1f} s"))
    total = sum(run.seconds for run in page.env.memlib_runs.values())
    built = time.monotonic() - page.env.memlib_started
    line = (
        f"<p>Executing all pages took {total:.1f} s, added up (two run at a time). Reading and writing "
        f"the book took {built:.1f} s up to this line, not counting pages that had been executed before.</p>"
    )
    return line + table(("page", "execution"), rows)


PARTS = {part.__name__: part for part in (counts, claims, weakest, hypotheses, versions, times)}


def _start(app) -> None:
    app.env.memlib_started = time.monotonic()


def _visit(translator, node) -> None:
    translator.body.append(PARTS[node["part"]](Page(translator)))
    raise nodes.SkipNode


def setup(app) -> None:
    app.add_node(book_state, html=(_visit, None), latex=(skip, None), text=(skip, None))
    app.add_directive("book-state", BookState)
    app.connect("builder-inited", _start)
