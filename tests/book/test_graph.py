"""Which claims and arcs a diagram shows."""

import re

import pytest

from memlib.book.graph import WIDTH, arc, select
from memlib.book.ledger import Entry, Ledger
from memlib.book.statements import Statement


@pytest.fixture
def ledger() -> Ledger:
    """A theorem of chapter b that rests on a theorem of chapter a, through a lemma of b."""
    claims = [
        ("a-def-x", "definition", ()),
        ("a-main", "theorem", ("a-def-x",)),
        ("b-step", "lemma", ("a-main",)),
        ("b-aside", "lemma", ()),
        ("b-main", "theorem", ("b-step",)),
    ]
    entries = (Entry(Statement(i, k, i, "paper", "ours", u, None, "page", 1)) for i, k, u in claims)
    return Ledger({entry.statement.id: entry for entry in entries})


@pytest.mark.parametrize(
    ("what", "name", "rows", "arcs"),
    [
        ("chapter", "b", ["b-step", "b-aside", "b-main"], {("b-step", "b-main")}),
        ("chapter", "c", [], set()),
        ("claim", "b-step", ["a-def-x", "a-main", "b-step"], {("a-def-x", "a-main"), ("a-main", "b-step")}),
        ("claim", "nobody", [], set()),
        ("main", None, ["a-main", "b-main"], {("a-main", "b-main")}),
    ],
)
def test_selection(ledger: Ledger, what: str, name: str | None, rows: list, arcs: set) -> None:
    graph = select(ledger, what, name)
    assert list(graph) == rows
    assert set(graph.edges) == arcs


def test_arcs_stay_in_the_gutter_and_longer_ones_reach_further() -> None:
    reach = []
    for span in range(1, 40):
        control = float(re.findall(r"C(-?[\d.]+)", arc(0, span, 39))[0])
        reach.append(WIDTH - 0.75 * (WIDTH - control))  # a cubic with both control points at x comes that far
    assert min(reach) >= 0
    assert reach == sorted(reach, reverse=True)
