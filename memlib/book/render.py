"""HTML of badges and records, and the words, numbers and links that graphs and tables share with them."""

import re
from html import escape

from docutils import nodes

from memlib.book.ledger import Entry, Ledger, over
from memlib.book.records import record
from memlib.book.statements import claim_foot

#: What each strength says about a claim; the wording of the book's introduction.
MEANING = {
    "symbolic": "decided for all values of its symbols by computer algebra",
    "witness": "proved outright by one exact instance",
    "exact": "decided on stated instances in exact arithmetic",
    "enclosure": "decided on stated instances by ball arithmetic",
    "statistical": "tested by seeded Monte Carlo at a stated level",
    "numeric": "tested in floats with a derived tolerance",
    "cited": "not checked here; a source is given",
}


class Page:
    """The page that is being written: addresses relative to it, and the ledger."""

    def __init__(self, translator):
        self.builder = translator.builder
        self.env = self.builder.env
        self.docname = self.builder.current_docname
        self.ledger: Ledger = self.env.memlib_ledger

    def href(self, docname: str, anchor: str = "") -> str:
        return self.builder.get_relative_uri(self.docname, docname) + (f"#{anchor}" if anchor else "")

    def to(self, entry: Entry) -> str:
        """Address of a statement."""
        return self.href(entry.statement.docname, entry.statement.id)

    def name(self, entry: Entry) -> str:
        """Kind and number of a statement, such as "Lemma 1.2"."""
        said = entry.statement
        known = self.env.proof_list[said.id]
        counters = self.env.toc_fignumbers.get(said.docname, {}).get(known["countertype"], {})
        return " ".join([said.kind.title(), ".".join(map(str, counters.get(said.id, ())))]).strip()

    def title(self, entry: Entry) -> str:
        """Title of a statement as HTML, its formulas left to MathJax."""
        if "$" in entry.statement.title:
            self.env.get_domain("math").data["has_equations"][self.docname] = True
        pieces = re.split(r"\$([^$]+)\$", entry.statement.title)
        formula = r'<span class="math notranslate nohighlight">\({}\)</span>'
        return "".join(formula.format(escape(p)) if k % 2 else escape(p) for k, p in enumerate(pieces))


def count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def chip(strength: str | None) -> str:
    """One word in its colour, with its meaning as a tooltip."""
    if strength is None:
        return '<span class="claim-chip claim-none">no check</span>'
    return f'<span class="claim-chip claim-{strength}" title="{MEANING[strength]}">{strength}</span>'


def rests_on(ledger: Ledger, claim: str) -> str:
    """Say on what a claim rests if an ancestor is weaker than itself."""
    weakest, own = ledger.weakest(claim), ledger.entries[claim].strength
    if weakest is None or weakest == own:
        return ""
    return f"rests on {'an' if weakest[0] in 'ae' else 'a'} {weakest} claim"


def badge(page: Page, claim: str) -> str:
    """The evidence for a claim in one link to its first check."""
    entry = page.ledger.entries[claim]
    words = [chip(entry.strength)]
    if not entry.statement.cited:
        words += [count(len(entry.checks), "check"), count(len(entry.controls), "control")]
    words += filter(None, [rests_on(page.ledger, claim)])
    text = '<span class="claim-aside">Evidence: </span>' + '<span class="claim-dot">, </span>'.join(words)
    if not entry.checks:
        return f'<span class="claim-badge">{text}</span>'
    first = entry.checks[0]
    link = page.href(first["docname"], first["anchor"])
    text += '<span class="claim-aside">. To the first check.</span>'
    return f'<a class="claim-badge" href="{link}">{text}</a>'


def verb(control: dict) -> str:
    """Say what a control does to the words in its `without`."""
    if not control["planted"]:
        return "breaks without"
    return "excludes" if "-def-" in control["claim"] else "rejects the version"


def record_box(page: Page, found: dict) -> str:
    """One check or control as a line with a coloured bar, linked to its statement."""
    entry = page.ledger.entries.get(found["claim"])
    name = escape(found["claim"])
    if entry:
        name = f'<a href="{page.to(entry)}" title="{name}">{page.name(entry)}</a>'
    if found["what"] == "check":
        number = count(found["instances"], "instance")
        how = f'<span class="claim-how">{chip(found["strength"])} {number}</span>'
        text = f"holds on {escape(over(found))} {how}"
    else:
        text = f"{verb(found)} <q>{escape(found['without'])}</q>: {escape(found['reason'])}"
    head = found["what"].title()
    return (
        f'<div class="claim-record claim-{found["what"]}" id="{found["anchor"]}">'
        f'<p><span class="claim-head">{head}</span> {name} {text}</p></div>\n'
    )


def _visit_foot(translator, node) -> None:
    html = badge(Page(translator), node["claim"])
    translator.body.append(f'<div class="claim-foot">{html}')


def _depart_foot(translator, node) -> None:
    translator.body.append("</div>\n")


def _visit_record(translator, node) -> None:
    translator.body.append(record_box(Page(translator), node["entry"]))
    raise nodes.SkipNode


def skip(translator, node) -> None:
    """Leave a node out, in formats other than HTML."""
    raise nodes.SkipNode


def setup(app) -> None:
    app.add_node(claim_foot, html=(_visit_foot, _depart_foot), latex=(skip, None), text=(skip, None))
    app.add_node(record, html=(_visit_record, None), latex=(skip, None), text=(skip, None))
