"""Arc diagrams: claims as rows in reading order, and an arc from each claim to each claim that uses it."""

from typing import ClassVar

import networkx as nx
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from memlib.book.ledger import Ledger
from memlib.book.render import Page, chip, rests_on, skip

log = logging.getLogger(__name__)

#: Width of the gutter in the units of its view box; a row is one unit high.
WIDTH = 10


class claim_graph(nodes.General, nodes.Element):
    """The place of an arc diagram."""


class ClaimGraph(SphinxDirective):
    """Draw the claims of a chapter, one claim with all that it rests on, or the main theorems of the book."""

    option_spec: ClassVar = {
        "chapter": directives.unchanged,
        "claim": directives.unchanged,
        "main": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        if len(self.options) != 1:
            raise self.error("claim-graph needs one of :chapter:, :claim:, :main:")
        ((what, name),) = self.options.items()
        serial = f"claim-graph-{self.env.new_serialno('claim-graph') + 1}"
        node = claim_graph(what=what, name=name, serial=serial)
        self.set_source_info(node)
        return [node]


def select(ledger: Ledger, what: str, name: str | None = None) -> nx.DiGraph:
    """Return the part of the graph to draw, its nodes in reading order.

    chapter : the claims of chapter `name`. claim : the claim `name` and all its ancestors.
    main : the theorems, with an edge wherever one depends on another through any path.
    """
    whole = ledger.graph
    if what == "main":
        kept = {claim for claim, entry in ledger.entries.items() if entry.statement.kind == "theorem"}
    elif what == "chapter":
        kept = {claim for claim, entry in ledger.entries.items() if entry.statement.chapter == name}
    else:
        kept = {name, *nx.ancestors(whole, name)} if name in ledger.entries else set()
    graph = nx.DiGraph()
    graph.add_nodes_from(claim for claim in ledger.entries if claim in kept)
    if what == "main":
        graph.add_edges_from((used, claim) for claim in graph for used in nx.ancestors(whole, claim) & kept)
    else:
        graph.add_edges_from(whole.subgraph(kept).edges)
    return graph


def arc(start: int, end: int, longest: int) -> str:
    """Draw one arc in the gutter; the further apart its rows, the further it bulges to the left."""
    bulge = WIDTH * (0.25 + 0.7 * ((abs(end - start) - 1) / max(longest - 1, 1)) ** 0.6) / 0.75
    left = f"{WIDTH - bulge:.2f}"
    path = f"M{WIDTH} {start + 0.5} C{left} {start + 0.5} {left} {end + 0.5} {WIDTH} {end + 0.5}"
    return f'<path class="from-{start} to-{end}" d="{path}"/>'


def highlights(serial: str, rows: int) -> str:
    """Style rules: a row under the pointer or in focus lights up its arcs and its neighbours."""
    rules = []
    for k in range(rows):
        row = f"#{serial}:has(.row-{k}:is(:hover,:focus-within))"
        rules.append(
            f"{row} :is(path.from-{k},path.to-{k}){{stroke:var(--claim-arc);opacity:1;stroke-width:2.5}}"
            f"{row} :is(li.uses-{k},li.used-by-{k}){{background:var(--claim-glow)}}"
        )
    return "".join(rules)


def diagram(page: Page, graph: nx.DiGraph, serial: str, main: bool) -> str:
    """The whole diagram as HTML: rows are links and are the screen reader's list, the arcs are decoration."""
    row = {claim: k for k, claim in enumerate(graph)}
    arcs = sorted((row[used], row[claim]) for used, claim in graph.edges)
    longest = max((abs(end - start) for start, end in arcs), default=1)
    items = [_row(page, graph, row, claim, main) for claim in graph]
    return (
        f'<div class="claim-graph" id="{serial}"><style>{highlights(serial, len(row))}</style>'
        f'<svg aria-hidden="true" viewBox="0 0 {WIDTH} {len(row)}" preserveAspectRatio="none">'
        f"{''.join(arc(*ends, longest) for ends in arcs)}</svg>"
        f'<ol aria-label="Claims in reading order">{"".join(items)}</ol></div>\n'
    )


def _row(page: Page, graph: nx.DiGraph, row: dict[str, int], claim: str, main: bool) -> str:
    entry = page.ledger.entries[claim]
    used = sorted(graph.predecessors(claim), key=row.__getitem__)
    classes = [f"row-{row[claim]}", *(f"uses-{row[u]}" for u in used)]
    classes += sorted(f"used-by-{row[c]}" for c in graph.successors(claim))
    link = page.href(opening(page, entry.statement)) if main else page.to(entry)
    heard = ", ".join(page.name(page.ledger.entries[u]) for u in used) or "none of these"
    weak = rests_on(page.ledger, claim)
    return (
        f'<li class="{" ".join(classes)}"><a href="{link}" title="{claim}">'
        f'<span class="claim-name">{page.name(entry)}</span> '
        f'<span class="claim-title">{page.title(entry)}</span> '
        f'<span class="claim-how">{chip(entry.strength)}{f" <small>{weak}</small>" if weak else ""}</span>'
        f'<span class="claim-aside">; uses {heard}</span></a></li>'
    )


def opening(page: Page, statement) -> str:
    """Return the opening page of the chapter of a statement: the index of its folder, or its own page."""
    index = f"{statement.docname.rpartition('/')[0]}/index"
    return index if index in page.env.all_docs else statement.docname


def _visit(translator, node) -> None:
    page = Page(translator)
    graph = select(page.ledger, node["what"], node["name"])
    if not graph and node["what"] != "main":
        text = f"claim-graph has nothing to draw: unknown {node['what']} {node['name']!r}"
        log.warning(text, location=node, type="memlib")
    translator.body.append(diagram(page, graph, node["serial"], node["what"] == "main"))
    raise nodes.SkipNode


def setup(app) -> None:
    app.add_node(claim_graph, html=(_visit, None), latex=(skip, None), text=(skip, None))
    app.add_directive("claim-graph", ClaimGraph)
