"""Findings: where a source errs, is silent or can be improved. Each stands at its claim; one page lists them all."""

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective, new_document

from memlib.book.execution import reading_order
from memlib.book.render import Page, badge, skip
from memlib.book.statements import ids, part_of

KINDS = {
    "erratum": "Erratum",
    "gap": "Missing step",
    "caution": "Caution",
    "sharpening": "Sharpening",
}
#: What was read of the source, in plain words.
READ = {
    "paper": "text of the paper, or a talk of its authors, read",
    "code": "the program of its authors read",
    "secondary": "read in lecture notes or other papers",
    "memory": "from memory",
    "unread": "how the source treats it could not be seen",
}


@dataclass
class Finding:
    """What a page says about a source; its witnesses are claims with a check and a control."""

    title: str
    kind: str
    read: str
    claims: tuple[str, ...]
    docname: str
    line: int
    node: Any = None


class finding(nodes.General, nodes.Element):
    """A finding with its title, three paragraphs and the evidence."""


class evidence(nodes.General, nodes.Element):
    """The place of the name and the badge of a claim."""


class finding_list(nodes.General, nodes.Element):
    """The place of all findings of the book."""


def kind(text: str) -> str:
    return directives.choice(text, tuple(KINDS))


def read(text: str) -> str:
    return directives.choice(text, tuple(READ))


class FindingDirective(SphinxDirective):
    """Say what a source says, what fails in it or can be better, and the remedy.

    ``:claim:`` ids of the witnesses; ``:kind:`` and ``:read:`` see `KINDS` and `READ`;
    ``:says:``, ``:but:``, ``:remedy:`` one line of text each.
    """

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "claim": ids,
        "kind": kind,
        "read": read,
        "says": directives.unchanged_required,
        "but": directives.unchanged_required,
        "remedy": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        missing = [name for name in self.option_spec if not self.options.get(name)]
        if missing:
            raise self.error(f"the finding needs {', '.join(f':{name}:' for name in missing)}")
        kind, read, claims = (self.options[name] for name in ("kind", "read", "claim"))
        part = part_of(self.env, self.env.docname)
        if kind == "erratum" and read not in ("paper", "code"):
            text = f"an erratum in a text that was not read (:read: {read}): call it a caution"
            part["faults"].append((self.lineno, text))
        number = len(part["findings"]) + 1
        node = finding(ids=[f"finding-{number}"], kind=kind)
        node += self._line("", self.arguments[0], "finding-title")
        node += self._line(f"The source ({READ[read]}): ", self.options["says"])
        node += self._line("But: ", self.options["but"])
        node += self._line("Remedy: ", self.options["remedy"])
        node += [evidence(claim=claim) for claim in claims]
        self.set_source_info(node)
        title, line = self.arguments[0], self.lineno
        part["findings"].append(Finding(title, kind, read, claims, self.env.docname, line))
        return [node]

    def _line(self, lead: str, text: str, name: str = "finding-line") -> nodes.paragraph:
        line = nodes.paragraph(classes=[name])
        if lead:
            line += nodes.strong("", lead)
        content, messages = self.state.inline_text(text, self.lineno)
        line += [*content, *messages]
        return line


class FindingList(SphinxDirective):
    """List all findings of the book, by chapter in reading order."""

    def run(self) -> list[nodes.Node]:
        return [finding_list()]


def all_findings(env) -> list[Finding]:
    return [found for name in reading_order(env) for found in part_of(env, name)["findings"]]


def _keep(app, doctree: nodes.document) -> None:
    """Keep copies of the findings of a page that has been read."""
    for found, node in zip(
        part_of(app.env, app.env.docname)["findings"], doctree.findall(finding), strict=True
    ):
        found.node = node.deepcopy()


def _resolve(app, doctree: nodes.document, docname: str) -> None:
    """Fill in the list: copies of the findings, each with a link to its place."""
    for place in list(doctree.findall(finding_list)):
        content: list[nodes.Node] = []
        folder = ""
        for found in all_findings(app.env):
            here = found.docname.rpartition("/")[0]
            if here != folder:
                folder = here
                index = f"{here}/index" if f"{here}/index" in app.env.titles else found.docname
                content.append(nodes.rubric("", app.env.titles[index].astext(), **{"heading-level": 2}))
            content.append(_copy(app, found, docname))
        app.env.get_domain("math").data["has_equations"][docname] = True
        place.replace_self(content)


def _copy(app, found: Finding, docname: str) -> nodes.Element:
    copy = found.node.deepcopy()
    anchor, copy["ids"] = copy["ids"][0], [f"{found.docname.replace('/', '-')}-{copy['ids'][0]}"]
    for reference in copy.findall(addnodes.pending_xref):
        reference["refdoc"] = docname
    document = new_document("")
    document += copy
    app.env.resolve_references(document, docname, app.builder)
    document.remove(copy)
    link = app.builder.get_relative_uri(docname, found.docname) + f"#{anchor}"
    back = nodes.reference("", "to its place in the chapter", internal=True, refuri=link)
    copy += nodes.paragraph("", "", back, classes=["finding-line"])
    return copy


def _visit(translator, node: finding) -> None:
    name = KINDS[node["kind"]]
    translator.body.append(f'<div class="finding finding-{node["kind"]}" id="{node["ids"][0]}">')
    translator.body.append(f'<span class="finding-kind">{name}</span>')


def _depart(translator, node: finding) -> None:
    translator.body.append("</div>\n")


def _visit_evidence(translator, node: evidence) -> None:
    page = Page(translator)
    entry = page.ledger.entries.get(node["claim"])
    name = escape(node["claim"])
    if entry:
        link = f'<a href="{page.to(entry)}" title="{name}">{page.name(entry)}</a>'
        name = f"{link}: {page.title(entry)} {badge(page, node['claim'])}"
    translator.body.append(f'<p class="finding-line"><strong>Witness: </strong>{name}</p>\n')
    raise nodes.SkipNode


def setup(app) -> None:
    app.add_node(finding, html=(_visit, _depart), latex=(skip, None), text=(skip, None))
    app.add_node(evidence, html=(_visit_evidence, None), latex=(skip, None), text=(skip, None))
    app.add_node(finding_list, html=(skip, None), latex=(skip, None), text=(skip, None))
    app.add_directive("finding", FindingDirective)
    app.add_directive("finding-list", FindingList)
    app.connect("doctree-read", _keep)
    app.connect("doctree-resolved", _resolve)
