"""The reference: a package expanded into its modules by autodoc, each function linked to the claims that it serves.

Docstrings of memlib are plain text. Here they become reStructuredText: `x` is code, a claim's id is a link.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib import import_module
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from memlib.book.render import Page, skip
from memlib.book.serves import Served, key, modules, packages, plain, reading

#: More claims than these are counted by chapter, not listed.
LISTED = 12
OPTIONS = ("members", "undoc-members", "no-value", "member-order: bysource")


SIGNATURE = (addnodes.desc_parameter, addnodes.desc_returns, addnodes.desc_annotation)


class claim_link(nodes.General, nodes.Inline, nodes.Element):
    """A claim by its id, its number (such as "Lemma 1.2") or its number and title; filled in when all is read."""


class ClaimRole(SphinxRole):
    """`:claim:`: a link to a statement; an id that nobody states stays code."""

    def run(self) -> tuple[list[nodes.Node], list]:
        return [claim_link(claim=self.text, show=self.name.rpartition("-")[2])], []


def _visit_link(translator: Any, node: claim_link) -> None:
    page, claim, show = Page(translator), node["claim"], node["show"]
    entry = page.ledger.entries.get(claim)
    text = f"<code>{escape(claim)}</code>"
    if entry is None:
        translator.body.append(text)
        raise nodes.SkipNode
    link = f'<a href="{page.to(entry)}" title="{escape(entry.statement.title)}">'
    if show == "claim":
        html = f"{link}{text}</a>"
    elif show == "number":
        html = f"{link}{page.name(entry)}</a>"
    else:
        html = f"{link}{page.name(entry)}</a> ({page.title(entry)})"
    translator.body.append(html)
    raise nodes.SkipNode


# --- plain text to reStructuredText ---

#: Prefixes of claims: the chapters, and "limits", which has claims in several.
CHAPTERS = "|".join([*(name.rpartition(".")[2] for name in packages()), "limits"])
PIECE = re.compile(
    r"``(?P<double>[^`]+)``|(?::\w+:)?`(?P<code>[^`]+)`"
    rf"|(?<![\w/.-])(?P<claim>(?:{CHAPTERS})(?:-[a-z0-9]+)+)(?![\w-])"
)
#: A line that starts something new: a parameter, an item, what is raised.
ITEM = re.compile(r"(?:- |[\w*]+(?:, [\w*]+)* : |Raises |Returns |Source: |Implements )")


def plain_rst(text: str) -> str:
    """Escape text for reStructuredText, all of it: nothing in it is markup."""
    return re.sub(r"([^\w\s,;.])", r"\\\1", text).replace("_", r"\_")


def inline(text: str) -> str:
    """Return a line of a docstring in reStructuredText, with its code and its claims."""
    found, end = [], 0
    for piece in PIECE.finditer(text):
        found.append(plain_rst(text[end : piece.start()]))
        code = piece["double"] or piece["code"]
        found.append(rf"\ ``{code.strip()}``\ " if code else rf"\ :claim:`{piece['claim']}`\ ")
        end = piece.end()
    found.append(plain_rst(text[end:]))
    whole = "".join(found)
    return re.sub(r"^(\w+)([.)])", r"\1\\\2", whole)  # no enumeration


def paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """Split a docstring into paragraphs, and these at items; an indented block stays as it is."""
    block: list[str] = []
    for line in [*lines, ""]:
        starts = not line.strip() or bool(ITEM.match(line))
        if block and (starts or line.startswith("    ") != block[0].startswith("    ")):
            yield "\n".join(block) if block[0].startswith("    ") else " ".join(block)
            block = []
        if line.strip():
            block.append(line.rstrip() if line.startswith("    ") else line.strip())


def to_rst(lines: Iterable[str]) -> list[str]:
    """Turn a docstring of memlib into reStructuredText."""
    result: list[str] = []
    for paragraph in paragraphs(lines):
        if paragraph.startswith("    "):
            result += [".. code-block:: text", "", *paragraph.split("\n"), ""]
        else:
            result += [inline(paragraph), ""]
    return result


def numbers(claims: Iterable[str]) -> str:
    """Links to claims by number, or counts by chapter if they are many."""
    claims = list(dict.fromkeys(claims))
    if len(claims) <= LISTED:
        return ", ".join(f":claim-number:`{claim}`" for claim in claims)
    by_chapter: dict[str, int] = {}
    for claim in claims:
        chapter = claim.partition("-")[0]
        by_chapter[chapter] = by_chapter.get(chapter, 0) + 1
    return f"{len(claims)} claims: " + ", ".join(f"{n} of {chapter}" for chapter, n in by_chapter.items())


def roles(served: Served) -> list[str]:
    """Say in reStructuredText what a function or class is to the claims."""
    said = []
    names: dict[str, list[str]] = {}
    for claim, words in served.hypothesis_of:
        names.setdefault(words, []).append(claim)
    for words, claims in names.items():
        said.append(f"Decides the hypothesis “{plain_rst(words)}” of {numbers(claims)}.")
    if served.conclusion_of:
        said.append(f"Decides the conclusion of {numbers(served.conclusion_of)}.")
    if served.serves:
        said.append(f"Serves {numbers(served.serves)}.")
    if served.builds:
        said.append(f"Builds for {numbers(served.builds)}.")
    if not said:
        return []
    return [".. container:: api-claims", "", *(f"   {line}" for text in said for line in (text, "")), ""]


# --- what autodoc asks ---


def _docstring(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Translate a docstring, and say below it what the thing serves."""
    thing = plain(thing)
    if inspect.isclass(thing) and lines and lines[0].startswith(f"{thing.__name__}("):
        lines[:] = []  # written by dataclass: the signature once more
    if what in ("attribute", "data") and not inspect.isfunction(thing):
        lines[:] = to_rst(lines)
        return
    lines[:] = to_rst(lines)
    if inspect.ismodule(thing):
        return
    everybody = reading().served
    served, owner = everybody.get(key(thing)), everybody.get(key(thing).rpartition(".")[0])
    if served and served != owner:  # what holds for a class is not said again of each method
        lines += roles(served)


def _defined(owner: Any, name: str) -> bool:
    """Whether a module or class itself makes the function, class, method or property `name`."""
    thing = plain(vars(owner).get(name))
    if not (inspect.isfunction(thing) or inspect.isclass(thing)):
        return False
    inside = f"{owner.__qualname__}." if inspect.isclass(owner) else ""
    module = owner.__module__ if inside else owner.__name__
    return thing.__module__ == module and thing.__qualname__.startswith(inside)


def _skip(app: Sphinx, what: str, name: str, thing: Any, skipped: bool, options: Any) -> bool | None:
    """Leave out fields, which the signature shows, and data without a comment, claims among them."""
    owner: Any = import_module(app.env.temp_data["autodoc:module"])
    owner = getattr(owner, app.env.temp_data.get("autodoc:class") or "", owner)
    if skipped or name.startswith("_") or _defined(owner, name):
        return None
    commented = not inspect.isclass(owner) and (owner.__name__, name) in _commented(owner)
    return None if commented else True


def _commented(module: Any) -> set[tuple[str, str]]:
    """Name the constants that a comment `#:` explains."""
    from sphinx.pycode import ModuleAnalyzer

    analyzer = ModuleAnalyzer.for_module(module.__name__)
    return {(module.__name__, name) for scope, name in analyzer.find_attr_docs() if not scope}


def page_of(module: str, pages: Iterable[str]) -> str | None:
    """Return the page whose code a module holds: relu_floats and relu belong to chapters/<chapter>/relu."""
    _, *inside = module.replace("_", "-").split(".")
    if not inside:
        return None
    words = inside[-1].split("-")
    for end in range(len(words), 0, -1):
        page = "/".join(["chapters", *inside[:-1], "-".join(words[:end])])
        if page in pages:
            return page
    return None


def head(module: str, pages: Iterable[str]) -> list[str]:
    """Say of a module, in reStructuredText: its page, its claims, who uses it."""
    found: list[str] = []
    page = page_of(module, pages)
    if page:
        found += [f"Page: :doc:`/{page}`", ""]
    for name, claim in reading().claims.get(module, {}).items():
        found.append(f"- claim ``{name}``: :claim-title:`{claim.id}`, :claim:`{claim.id}`")
    users = reading().users.get(module, ())
    if not page and users:
        few = [f":mod:`{user.removeprefix('memlib.')} <{user}>`" for user in users[:LISTED]]
        more = f" and {len(users) - LISTED} more" if len(users) > LISTED else ""
        found += ["", f"Used by {', '.join(few)}{more}.", ""]
    return [*found, ""]


def lighten(section: nodes.Element) -> None:
    """Make signatures text but for links to memlib: a node for every comma costs the build half of its time."""
    for part in list(section.findall(lambda node: isinstance(node, SIGNATURE))):
        pieces: list[nodes.Node] = []
        for piece in _pieces(part):
            if isinstance(piece, nodes.Text) and pieces and isinstance(pieces[-1], nodes.Text):
                pieces[-1] = nodes.Text(pieces[-1] + piece)
            else:
                pieces.append(piece)
        part.clear()
        part.extend(pieces)


def _pieces(node: nodes.Element) -> Iterator[nodes.Node]:
    for child in node.children:
        if isinstance(child, addnodes.pending_xref) and child["reftarget"].startswith("memlib."):
            text = nodes.Text(child.astext())
            child.clear()
            child += text
            yield child
        elif isinstance(child, nodes.Text):
            yield nodes.Text(child)
        else:
            yield from _pieces(child)


class ApiDirective(SphinxDirective):
    """`{api} memlib.bubeck`: all modules of a package, each in a section of its own."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return [self._section(module) for module in modules(self.arguments[0], below=False)]

    def _section(self, module: str) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(f"api-{module}")], names=[], classes=["api-module"])
        section += nodes.title("", module.rpartition(".")[2])
        text = [
            "```{eval-rst}",
            *head(module, self.env.found_docs),
            f".. automodule:: {module}",
            *(f"   :{option}" + ("" if ":" in option else ":") for option in OPTIONS),
            "```",
        ]
        self.state.nested_parse(StringList(text, source=f"<{module}>"), self.content_offset, section)
        lighten(section)
        return section


def _configure(app: Sphinx, config: Any) -> None:
    """Autodoc as the reference needs it: short names, source order, no complaint about a type without a page."""
    config.add_module_names = False
    config.toc_object_entries = False
    config.autodoc_inherit_docstrings = False
    config.myst_ref_domains = sorted({*app.registry.domains} - {"py"})  # [](baum) is a page, never a module
    config.nitpick_ignore_regex = [*config.nitpick_ignore_regex, (r"py:.*", r".*")]


def setup(app: Sphinx) -> None:
    app.setup_extension("sphinx.ext.autodoc")
    app.add_node(claim_link, html=(_visit_link, None), latex=(skip, None), text=(skip, None))
    for name in ("claim", "claim-number", "claim-title"):
        app.add_role(name, ClaimRole())
    app.add_directive("api", ApiDirective)
    app.connect("config-inited", _configure)
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("autodoc-skip-member", _skip)
