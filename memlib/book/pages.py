"""House rules for pages: what a stored notebook or a text page must satisfy before anyone builds it."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from memlib.book.statements import KINDS, ids
from memlib.claim import MIME

WIDTH = 66
FENCE = re.compile(r"^\s*(:{3,}|`{3,})(?:\{([\w:-]+)\}\s*(.*?)|\s*(\w.*?))?\s*$")
OPTION = re.compile(r"^\s*:([\w-]+):\s*(.*?)\s*$")
REFERENCE = re.compile(r"\{prf:ref\}`(?:[^`<]*<)?([^`<>]+)>?`")
BY_HAND = re.compile(
    rf"_Record|{re.escape(MIME)}|\bMIME\b|_repr_mimebundle_|publish_display_data|display_pub|display\(.*?\braw\s*=",
    re.DOTALL,
)
#: What page code may take from the machinery of claims; statements themselves come from the chapter's module.
FROM_CLAIM = {"ClaimFails", "ControlFails", "Counterexample"}
#: Calls by which page code could reach behind the machinery.
REACHING = {"setattr", "delattr", "vars", "globals", "locals", "exec", "eval", "__import__"}


@dataclass
class Stated:
    """A statement in the text of a page, with the claims named in it and in the proof that follows."""

    id: str
    uses: set[str]
    named: set[str] = field(default_factory=set)


def pages(folder: Path) -> list[Path]:
    """List all notebooks and text pages under `folder`."""
    found = (path for suffix in ("ipynb", "md") for path in folder.rglob(f"*.{suffix}"))
    return sorted(path for path in found if not any(part.startswith((".", "_")) for part in path.parts))


def read(path: Path) -> dict[str, Any]:
    """Return a notebook as it is stored; nbformat would repair it."""
    return json.loads(path.read_text("utf-8"))


def text(path: Path) -> str:
    """Return the text of a page; text cells of a notebook end with a blank line."""
    if path.suffix == ".md":
        return path.read_text("utf-8")
    cells = read(path)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def text_faults(page: str) -> Iterator[str]:
    """Say what is wrong with a text page, or the text of a notebook."""
    if "{code-cell}" in page:
        yield "a code cell on a text page, which no test compares: make it a notebook"
    if "claim-badge" in page or "claim-chip" in page:
        yield "a badge made by hand"
    if title := re.search(r"^# .*\\[a-z].*", page, re.MULTILINE):
        yield f"a formula in a title, which the navigation shows as TeX: {title[0]}"
    for left in raw_tex(page):
        yield f"TeX in the text (blank lines around a display formula help): {left[:60]}"


MARKDOWN: MarkdownIt = create_md_parser(
    MdParserConfig(enable_extensions={"amsmath", "colon_fence", "dollarmath"}), RendererHTML
)


def raw_tex(page: str) -> Iterator[str]:
    """Find dollars and TeX commands that the parser takes for text, also inside directives."""
    for token in MARKDOWN.parse(page):
        directive = re.match(r"\{([\w:-]+)", token.info)
        if (
            token.type in ("fence", "colon_fence")
            and directive
            and directive[1] not in ("code", "math", "raw")
        ):
            yield from raw_tex(token.content)
        for part in token.children or ():
            if part.type == "text" and re.search(r"\$|\\[a-zA-Z]{2,}", part.content):
                yield part.content.strip()


def statements(page: str) -> list[Stated]:
    """Read the statements of a page and what their proofs refer to.

    A proof is a dropdown titled "Proof ...", a ``prf:proof``, or a paragraph from "*Proof" to the end sign ∎;
    it belongs to the last statement, or to the one that its title names.
    """
    found: dict[str, Stated] = {}
    current: Stated | None = None
    fences: list[tuple[str, Stated | None]] = []  # what is open, and the statement that its text belongs to
    open_proof = in_head = False
    for line in page.splitlines():
        fence, owner = FENCE.match(line), fences[-1][1] if fences else None
        if fence and fence[2]:
            in_head = fence[2].removeprefix("prf:") in KINDS and fence[2].startswith("prf:")
            if in_head:
                owner = current = Stated("", set())
                open_proof = False
            elif fence[2] == "prf:proof" or (fence[2] == "dropdown" and fence[3].startswith("Proof")):
                titled = [label for label in REFERENCE.findall(fence[3]) if label in found]
                owner = found[titled[0]] if titled else owner or current
            fences.append((fence[1], owner))
        elif fence:
            if fences and not fence[4] and fence[1].startswith(fences[-1][0]):
                fences.pop()
            else:  # a block of plain code opens
                fences.append((fence[1], owner))
            in_head = False
        elif in_head and (option := OPTION.match(line)) and current:
            if option[1] == "label":
                current.id = option[2]
                found[current.id] = current
            elif option[1] == "uses":
                current.uses = set(ids(option[2]))
        else:
            in_head = False
            open_proof = open_proof or (not fences and line.startswith(("*Proof", "**Proof")))
            owner = owner or (current if open_proof else None)
            if owner:
                owner.named.update(REFERENCE.findall(line))
            if "∎" in line or line.startswith("#"):
                open_proof = False
    return list(found.values())


def wrong_uses(page: Iterable[Stated], claims: set[str]) -> Iterator[str]:
    """Compare each statement's :uses: with the claims named in it and in its proof."""
    for stated in page:
        named = stated.named & claims - {stated.id}
        for missing in sorted(named - stated.uses):
            yield f"{stated.id}: the proof names {missing}, :uses: does not"
        for idle in sorted(stated.uses - named):
            yield f"{stated.id}: :uses: names {idle}, the proof does not"


def unclosed(text: str) -> str | None:
    """Return the first line of a block (a directive, plain code) that does not end in this text, if there is one."""
    fences: list[tuple[str, str]] = []
    for line in text.splitlines():
        if fence := FENCE.match(line):
            verbatim = bool(fences) and fences[-1][0].startswith("`")
            if fences and not (fence[2] or fence[4]) and fence[1].startswith(fences[-1][0]):
                fences.pop()
            elif not verbatim:
                fences.append((fence[1], line.strip()))
    return fences[0][1] if fences else None


def faults(notebook: dict[str, Any]) -> Iterator[str]:
    """Say what is wrong with a stored notebook, cell by cell."""
    if not {"kernelspec", "language_info"}.issuperset(notebook["metadata"]):
        yield "the notebook's metadata hold more than kernelspec and language_info"
    seen: set[str | None] = {None}
    number = 0
    for k, cell in enumerate(notebook["cells"], start=1):
        if cell.get("id") in seen:
            yield f"cell {k}: its id is missing or not unique"
        seen.add(cell.get("id"))
        if cell["cell_type"] == "markdown" and (opened := unclosed("".join(cell.get("source", "")))):
            yield f"cell {k}: the block {opened!r} does not end in its cell; what follows would be swallowed"
        if cell["cell_type"] == "code":
            number += 1
            if cell["execution_count"] != number:
                yield f"cell {k}: its count is {cell['execution_count']}, not {number} (make normalise)"
            yield from (f"cell {k}: {fault}" for fault in _code_faults(cell))


def _reaching(source: str) -> Iterator[str]:
    """Find code that makes claims on the page, or changes the library's objects, instead of using them."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"is not plain Python: {error.msg}"
        return
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Attribute) for target in targets):
            yield f"changes an object: {ast.unparse(node)[:50]}"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in REACHING:
            yield f"calls {ast.unparse(node.func)}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("memlib.claim", "memlib.evidence")
        ):
            for name in sorted({alias.name for alias in node.names} - FROM_CLAIM):
                yield f"imports {name} from {node.module}: claims are made in the module of the page"


def _code_faults(cell: dict[str, Any]) -> Iterator[str]:
    tags, shown = cell["metadata"].get("tags", []), cell["metadata"].get("mystnb", {})
    source = "".join(cell["source"])
    if not {"remove-cell", "remove-input"}.intersection(tags):
        for line in source.splitlines():
            if len(line) > WIDTH:
                yield f"a line of code has {len(line)} columns, more than {WIDTH}: {line.strip()}"
    for tag in sorted({"raises-exception", "nbval-skip"}.intersection(tags)):
        yield f"the tag {tag}: every cell runs to its end and is compared"
    if "NBVAL" in source:
        yield "a comment for nbval: a cell that shows a time has the tag nbval-ignore-output"
    unseen = {"remove-cell", "remove-output", "nbval-ignore-output"}.intersection(tags)
    if unseen and re.search(r"\.(check|control|rejects)\(", source):
        yield "a check or control that no reader sees, or no test compares"
    yield from _reaching(source)
    if hand := BY_HAND.search(source):
        yield f"records are made by check, control and rejects alone, not by {hand[0]!r}"
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            yield f"a stored {output['ename']}"
        data = output.get("data", {})
        yield from (f"a stored {kind}" for kind in sorted(data) if kind.startswith("image/"))
        if "".join(data.get("text/plain", "")).startswith("<Figure"):
            if not str(shown.get("image", {}).get("alt", "")).strip():
                yield "a figure without alt text (mystnb: image: alt)"
            if not str(shown.get("figure", {}).get("caption", "")).strip():
                yield "a figure without a caption (mystnb: figure: caption)"
        elif data and "figure" in shown:
            yield "shows something beside its figure, which would get the caption too: use two cells"
