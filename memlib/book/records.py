"""Records: outputs of the type `memlib.claim.MIME` become evidence in the ledger and a line on the page."""

from typing import Any, ClassVar

from docutils import nodes

from memlib.book.statements import part_of
from memlib.claim import MIME
from memlib.evidence import STRENGTHS


class record(nodes.General, nodes.Element):
    """The place of one check or control on its page."""


def _words(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list_of_words(value: Any) -> bool:
    return isinstance(value, list) and all(map(_words, value))


#: What each key of a record must satisfy; `memlib.claim` writes exactly these keys.
CHECK = {
    "claim": _words,
    "what": lambda value: value == "check",
    "strength": lambda value: value in STRENGTHS and value != "cited",
    "over": _words,
    "case": lambda value: value is None or _words(value),
    "instances": lambda value: type(value) is int and value > 0,
    "hypotheses": _list_of_words,
    "inhabited": lambda value: type(value) is bool,
    "passed": lambda value: value is True,
}
CONTROL = {
    "claim": _words,
    "what": lambda value: value == "control",
    "planted": lambda value: type(value) is bool,
    "without": _words,
    "reason": _words,
    "broke": lambda value: value is True,
}


def fault(entry: Any) -> str:
    """Say what is wrong with a record, or nothing if `Claim` can have written it."""
    what = entry.get("what") if isinstance(entry, dict) else None
    shape = {"check": CHECK, "control": CONTROL}.get(what) if isinstance(what, str) else None
    if shape is None:
        return "a record is neither a check nor a control"
    if set(entry) != set(shape):
        wrong = sorted(set(entry) ^ set(shape), key=str)
        return f"a {what} record has missing or unknown keys: {', '.join(map(str, wrong))}"
    for key, holds in shape.items():
        if not holds(entry[key]):
            return f"a {what} record has the wrong {key}: {entry[key]!r}"
    return ""


class RecordRenderer:
    """Hands our MIME type from myst-nb to the ledger (entry point ``myst_nb.mime_renderers``)."""

    mime_priority_overrides: ClassVar = [("*", MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Enter a record into the ledger and leave its place on the page."""
        env = getattr(renderer.renderer, "sphinx_env", None)
        if data.mime_type != MIME or inline or env is None:
            return None
        part, line = part_of(env, env.docname), (data.cell_index + 1) * 10_000
        problem = fault(data.content)
        if problem:
            part["faults"].append((line, f"{problem}; only check, control and rejects make records"))
            return []
        entry = dict(data.content)
        like = [e for e in part["records"] if (e["claim"], e["what"]) == (entry["claim"], entry["what"])]
        entry["anchor"] = f"{entry['what']}-{entry['claim']}" + (f"-{len(like) + 1}" if like else "")
        entry["line"] = line
        part["records"].append(entry)
        return [record("", ids=[entry["anchor"]], entry=entry)]
