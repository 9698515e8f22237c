"""The ledger: every claim with its evidence and what it rests on, and the rules that fail a build."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx
from sphinx.util import logging

from memlib.book.execution import Run, page_runs, reading_order
from memlib.book.statements import Statement
from memlib.evidence import STRENGTHS

log = logging.getLogger(__name__)


@dataclass
class Entry:
    """A claim of the ledger. Checks and controls are records with the page that made them."""

    statement: Statement
    checks: list[dict[str, Any]] = field(default_factory=list)
    controls: list[dict[str, Any]] = field(default_factory=list)

    @property
    def strength(self) -> str | None:
        """The strongest check; a symbolic check or a witness of a special case counts as exact."""
        if self.statement.cited:
            return "cited"
        return min((counted(check) for check in self.checks), key=STRENGTHS.index, default=None)

    @property
    def inhabited(self) -> bool:
        return any(check["inhabited"] for check in self.checks)

    @property
    def hypotheses(self) -> list[str]:
        return list(dict.fromkeys(name for check in self.checks for name in check["hypotheses"]))

    @property
    def uncontrolled(self) -> list[str]:
        """The hypotheses that no control has broken."""
        broken = {control["without"] for control in self.controls}
        return [name for name in self.hypotheses if name not in broken]


def counted(check: Mapping[str, Any]) -> str:
    """Return the strength to which a check lifts its claim."""
    special = check["case"] is not None and check["strength"] in ("symbolic", "witness")
    return "exact" if special else check["strength"]


@dataclass
class Ledger:
    """All claims in reading order, and the problems found as (page, line, text)."""

    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[tuple[str, int, str]] = field(default_factory=list)

    @cached_property
    def graph(self) -> nx.DiGraph:
        """The known uses: an edge leads from a claim to each claim that uses it."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.entries)
        for claim, entry in self.entries.items():
            graph.add_edges_from((used, claim) for used in entry.statement.uses if used in self.entries)
        return graph

    def weakest(self, claim: str) -> str | None:
        """Return the weakest strength among a claim and its ancestors; None while one of them has none."""
        strengths = [self.entries[c].strength for c in {claim, *nx.ancestors(self.graph, claim)}]
        return None if None in strengths else max(strengths, key=STRENGTHS.index)

    def problem(self, statement: Statement, text: str) -> None:
        self.problems.append((statement.docname, statement.line, text))


def compute(parts: Mapping[str, Mapping[str, list]], runs: Mapping[str, Run]) -> Ledger:
    """Make the ledger from what the pages state and record (`parts`, in reading order) and how they ran."""
    ledger = Ledger()
    for docname, part in parts.items():
        ledger.problems += [(docname, line, text) for line, text in part["faults"]]
        for statement in part["claims"]:
            other = ledger.entries.setdefault(statement.id, Entry(statement)).statement
            if other is not statement:
                place = f"{other.docname}, {_place(other.line) or f'line {other.line}'}"
                text = f"the claim {statement.id} is stated twice; the other place is {place}"
                ledger.problem(statement, text)
    for docname, part in parts.items():
        _enter_records(ledger, docname, part["records"], runs.get(docname))
    for part in parts.values():
        _check_witnesses(ledger, part.get("findings", ()))
    for docname, run in runs.items():
        if not run.succeeded:
            reason = f"the page did not run to its end: {run.error}"
            ledger.problems.append((docname, run.cell * 10_000 or 1, reason))
    stopped = {docname for docname, run in runs.items() if not run.succeeded}
    for entry in ledger.entries.values():
        _check_uses(ledger, entry.statement)
        if entry.statement.docname not in stopped:
            _check_evidence(ledger, entry)
    _check_cycles(ledger)
    return ledger


def _enter_records(ledger: Ledger, docname: str, records: Iterable[dict], run: Run | None) -> None:
    """Count the records of a page, but only if this build ran it to its end: stored outputs prove nothing."""
    for record in records:
        if run is None:
            text = f"a stored {record['what']} of {record['claim']}, but this build did not execute the page"
            ledger.problems.append((docname, record["line"], text))
        elif run.succeeded and record["claim"] not in ledger.entries:
            text = f"a {record['what']} of the unknown claim {record['claim']}: no statement has this label"
            ledger.problems.append((docname, record["line"], text + _similar(record["claim"], ledger)))
        elif run.succeeded:
            entry = ledger.entries[record["claim"]]
            evidence = entry.checks if record["what"] == "check" else entry.controls
            evidence.append({**record, "docname": docname})


def _check_uses(ledger: Ledger, statement: Statement) -> None:
    for used in statement.uses:
        if used not in ledger.entries:
            text = f"{statement.id} uses the unknown claim {used}" + _similar(used, ledger)
            ledger.problem(statement, text)


def _check_evidence(ledger: Ledger, entry: Entry) -> None:
    statement, definition = entry.statement, entry.statement.kind == "definition"
    if statement.cited:
        if entry.checks or entry.controls:
            text = f"{statement.id} is checked, so it is not cited: remove :cited: or the checks"
            ledger.problem(statement, text)
        return
    if definition != ("-def-" in statement.id):
        ledger.problem(statement, f"{statement.id}: definitions, and they alone, have -def- in their label")
    for control in entry.controls if entry.checks else ():
        known = set().union(*(check["hypotheses"] for check in entry.checks))
        if not control["planted"] and control["without"] not in known:
            text = f"{statement.id}: a control without {control['without']!r}, which is no hypothesis of its checks"
            ledger.problem(statement, text)
    if not entry.checks:
        text = "show an example with its check" if definition else "run its check on a page, or cite a source"
        ledger.problem(statement, f"{statement.id} has no check: {text}")
    if not entry.controls:
        text = "show a non-example" if definition else "show that its check can fail (control or rejects)"
        ledger.problem(statement, f"{statement.id} has no control: {text}")


def _check_witnesses(ledger: Ledger, findings: Iterable[Any]) -> None:
    """A finding about a source has the evidence of a theorem: each witness is a claim that runs."""
    for found in findings:
        for claim in found.claims:
            if claim not in ledger.entries:
                text = f"the finding {found.title!r} names the unknown claim {claim}" + _similar(
                    claim, ledger
                )
                ledger.problems.append((found.docname, found.line, text))
            elif ledger.entries[claim].statement.cited:
                text = f"the witness {claim} of the finding {found.title!r} is only cited: name a claim that runs"
                ledger.problems.append((found.docname, found.line, text))


def _check_cycles(ledger: Ledger) -> None:
    """Report one cycle of each knot of claims that use each other."""
    for knot in nx.strongly_connected_components(ledger.graph):
        first = next(claim for claim in ledger.entries if claim in knot)
        if len(knot) > 1 or ledger.graph.has_edge(first, first):
            edges = nx.find_cycle(ledger.graph.subgraph(knot).reverse(), first)
            words = " uses ".join([edges[0][0], *(used for _, used in edges)])
            ledger.problem(ledger.entries[edges[0][0]].statement, f"the uses go in a circle: {words}")


def _similar(name: str, ledger: Ledger) -> str:
    close = difflib.get_close_matches(name, list(ledger.entries), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _place(line: int) -> str:
    """Name the cell: in a notebook, myst-nb numbers lines as 10000 * cell + line."""
    return f"cell {line // 10_000}" if line >= 10_000 else ""


def public(ledger: Ledger, uri) -> dict:
    """Return what ``claims.json`` says. uri : page name -> address from the root of the book."""
    claims = []
    for claim, entry in ledger.entries.items():
        said = entry.statement
        claims.append(
            {
                "id": claim,
                "kind": said.kind,
                "title": said.title,
                "chapter": said.chapter,
                "page": f"{uri(said.docname)}#{claim}",
                "origin": said.origin,
                "proof": said.proof,
                "uses": list(said.uses),
                "strength": entry.strength,
                "weakest": ledger.weakest(claim),
                "inhabited": entry.inhabited,
                "checks": [
                    {
                        "strength": check["strength"],
                        "over": over(check),
                        "page": f"{uri(check['docname'])}#{check['anchor']}",
                        "passed": check["passed"],
                    }
                    for check in entry.checks
                ],
                "controls": [
                    {
                        "without": control["without"],
                        "page": f"{uri(control['docname'])}#{control['anchor']}",
                        "broke": control["broke"],
                    }
                    for control in entry.controls
                ],
            }
        )
    return {"version": 1, "claims": claims}


def over(check: Mapping[str, Any]) -> str:
    """Say on what a check held, with its special case if it has one."""
    return check["over"] + (f" [case {check['case']}]" if check["case"] else "")


def _close(app, env) -> None:
    """Compute the ledger when all pages are read, and report its problems as warnings."""
    parts = getattr(env, "memlib", {})
    env.memlib_runs = page_runs(env)
    order = [docname for docname in reading_order(env) if docname in parts]
    env.memlib_ledger = compute({docname: parts[docname] for docname in order}, env.memlib_runs)
    for docname, line, text in env.memlib_ledger.problems:
        place = _place(line)
        log.warning(f"{place}: {text}" if place else text, location=(docname, line), type="memlib")


def _write(app, error) -> None:
    """Write ``claims.json``; a ledger with problems is not published."""
    path = Path(app.outdir, "claims.json")
    ledger = getattr(app.env, "memlib_ledger", None)
    if app.builder.format != "html" or ledger is None:
        return
    if error or ledger.problems:
        path.unlink(missing_ok=True)
        return
    text = json.dumps(public(ledger, app.builder.get_target_uri), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def setup(app) -> None:
    app.connect("env-check-consistency", _close)
    app.connect("build-finished", _write)
