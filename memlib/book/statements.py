"""Statements: prf: directives that enter a claim into the ledger, with a line on evidence and provenance."""

import re
from dataclasses import dataclass
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx_proof.directive import ElementDirective

KINDS = ("definition", "lemma", "proposition", "theorem", "corollary")
ORIGINS = ("paper", "ours", "classical")
PROOFS = ("paper", "reconstructed", "ours", "classical", "none")
#: Numbered environments of sphinx-proof that would stand without a claim.
UNCLAIMED = (
    "algorithm", "assumption", "axiom", "conjecture", "criterion", "example", "notation", "observation", "property",
    "remark",
)  # fmt: skip
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")


@dataclass(frozen=True)
class Statement:
    """What a page says about a claim."""

    id: str
    kind: str
    title: str
    origin: str
    proof: str
    uses: tuple[str, ...]
    cited: str | None
    docname: str
    line: int

    @property
    def chapter(self) -> str:
        return self.id.partition("-")[0]


class claim_foot(nodes.General, nodes.Element):
    """The last line of a statement: its badge, filled in when the whole book is read, and its provenance."""


def ids(text: str) -> tuple[str, ...]:
    """Split claim ids at spaces or commas."""
    return tuple(text.replace(",", " ").split())


def origin(text: str) -> str:
    return directives.choice(text, ORIGINS)


def proof(text: str) -> str:
    return directives.choice(text, PROOFS)


class StatementDirective(ElementDirective):
    """State a claim, with what it uses and where it is from."""

    option_spec: ClassVar = {
        **ElementDirective.option_spec,
        "uses": ids,
        "origin": origin,
        "proof": proof,
        "cited": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        (node,) = super().run()
        node[1]["ids"] = [f"{node['ids'][0]}-statement"]  # sphinx-proof writes id="proof-content" every time
        part, label = part_of(self.env, self.env.docname), self.options.get("label", "")
        if not ID.fullmatch(label):
            text = f"the label {label!r} of this {self.kind} is not of the form chapter-words-of-the-paper"
            part["faults"].append((self.lineno, text))
            return [node]
        statement = self._statement(label)
        part["claims"].append(statement)
        foot = claim_foot(claim=label)
        foot += self._provenance(statement)
        node += foot
        return [node]

    @property
    def kind(self) -> str:
        return self.name.partition(":")[2]

    def _statement(self, label: str) -> Statement:
        cited = self.options.get("cited")
        unproved = cited or self.kind == "definition"
        return Statement(
            id=label,
            kind=self.kind,
            title=self.arguments[0] if self.arguments else label,
            origin=self.options.get("origin", "paper"),
            proof=self.options.get("proof", "none" if unproved else "reconstructed"),
            uses=self.options.get("uses", ()),
            cited=cited,
            docname=self.env.docname,
            line=self.lineno,
        )

    def _provenance(self, statement: Statement) -> nodes.paragraph:
        """Say in plain words where the statement and its proof are from."""
        line = nodes.paragraph(classes=["claim-provenance"])
        head = "definition" if statement.kind == "definition" else "statement"
        line += nodes.Text(f"{head}: {statement.origin}")
        if statement.proof != "none":
            line += nodes.Text(f" · proof: {statement.proof}")
        elif statement.kind != "definition":
            line += nodes.Text(" · not proved here")
        if statement.cited:
            source, messages = self.state.inline_text(f"{{cite:t}}`{statement.cited}`", self.lineno)
            line += [nodes.Text(" · source: "), *source, *messages]
        return line


class UnclaimedDirective(ElementDirective):
    """Refuse a numbered statement that no check could reach."""

    def run(self) -> list[nodes.Node]:
        raise self.error(
            f"{self.name} is numbered but has no check: use one of {', '.join(KINDS)}, or plain text"
        )


def part_of(env, docname: str) -> dict[str, list]:
    """Return what page `docname` adds to the ledger: claims, records, findings, and faults as (line, text)."""
    if not hasattr(env, "memlib"):
        env.memlib = {}
    return env.memlib.setdefault(docname, {"claims": [], "records": [], "findings": [], "faults": []})


def _purge(app, env, docname: str) -> None:
    getattr(env, "memlib", {}).pop(docname, None)


def _merge(app, env, docnames, other) -> None:
    for docname in docnames:
        if docname in getattr(other, "memlib", {}):
            part_of(env, docname).update(other.memlib[docname])


def setup(app) -> None:
    for kind in KINDS:
        directive = type(f"{kind.title()}Directive", (StatementDirective,), {"__doc__": f"State a {kind}."})
        app.add_directive_to_domain("prf", kind, directive, override=True)
    for kind in UNCLAIMED:
        app.add_directive_to_domain("prf", kind, UnclaimedDirective, override=True)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
