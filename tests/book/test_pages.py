"""The house rules for pages can fail: sound pages pass, and each planted fault is named."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from memlib.book import pages

FIXTURE = Path(__file__).parent / "fixture" / "chapters"
TEXT = """\
::::{prf:lemma} One
:label: a-one
:uses: a-def-x
By {prf:ref}`a-def-x`:
```python
print("a block of code")
```
::::

::::{dropdown} Proof of {prf:ref}`a-one`
:::{prf:proof}
See {prf:ref}`the definition <a-def-x>` and {prf:ref}`a-remark`.
:::
::::

A remark between the two: {prf:ref}`a-two` is next.

```{prf:theorem} Two
:label: a-two
:uses: a-one, a-def-x
Text.
```

*Proof.* Take {prf:ref}`a-one`,
then {prf:ref}`a-def-x`. ∎

Afterwards {prf:ref}`a-three` can be named.
"""
CLAIMS = {"a-def-x", "a-one", "a-two", "a-three"}


def uses_faults(text: str) -> list[str]:
    return list(pages.wrong_uses(pages.statements(text), CLAIMS))


@pytest.mark.parametrize("path", pages.pages(FIXTURE), ids=lambda path: path.name)
def test_pages_of_the_fixture_are_sound(path: Path) -> None:
    assert not list(
        pages.wrong_uses(pages.statements(pages.text(path)), {"toy-sum", "toy-primes", "toy-def-even"})
    )
    assert path.suffix == ".md" or not list(pages.faults(pages.read(path)))


def test_references_of_statement_and_proof_are_the_uses() -> None:
    assert [(s.id, s.uses) for s in pages.statements(TEXT)] == [
        ("a-one", {"a-def-x"}),
        ("a-two", {"a-one", "a-def-x"}),
    ]
    assert not uses_faults(TEXT)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (":uses: a-one, a-def-x", ":uses: a-def-x", "a-two: the proof names a-one, :uses: does not"),
        (":uses: a-def-x", ":uses: a-def-x a-three", "a-one: :uses: names a-three, the proof does not"),
        ("`the definition <a-def-x>`", "`a-three`", "a-one: the proof names a-three, :uses: does not"),
        (". ∎", ". {prf:ref}`a-three` ∎", "a-two: the proof names a-three, :uses: does not"),
        ("Text.", "By {prf:ref}`a-three`.", "a-two: the proof names a-three, :uses: does not"),
    ],
)
def test_difference_is_named(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    assert uses_faults(TEXT.replace(old, new, 1)) == [fault]


def test_late_proof_belongs_to_the_statement_in_its_title() -> None:
    late = "\n:::{dropdown} Proof of {prf:ref}`a-one`\nUses {prf:ref}`a-three`.\n:::\n"
    assert uses_faults(TEXT + late) == ["a-one: the proof names a-three, :uses: does not"]


def figure(**shown: dict) -> list:
    output = new_output("display_data", {"text/plain": "<Figure size 660x220 with 1 Axes>"})
    return [new_code_cell("plot()", outputs=[output], execution_count=1, metadata={"mystnb": shown})]


def faults(cells: list, **metadata: dict) -> str:
    """What is wrong with a notebook of these cells, as it would be stored."""
    return " ".join(pages.faults(json.loads(nbformat.writes(new_notebook(cells=cells, metadata=metadata)))))


IMAGE, CAPTION = {"alt": "two slabs"}, {"caption": "The slabs do not meet."}


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (figure(image=IMAGE, figure=CAPTION), ""),
        (figure(figure=CAPTION), "without alt text"),
        (figure(image=IMAGE), "without a caption"),
        ([new_code_cell("f()")], "its count is None, not 1"),
        ([new_code_cell("f()", execution_count=2)], "its count is 2, not 1"),
        ([new_code_cell("#" * 67, execution_count=1)], "67 columns"),
        ([new_code_cell("#" * 67, execution_count=1, metadata={"tags": ["remove-cell"]})], ""),
        ([new_code_cell("#" * 66, execution_count=1)], ""),
        ([new_code_cell("_Record('P = NP', {})", execution_count=1)], "'_Record'"),
        ([new_code_cell("from memlib.claim import MIME", execution_count=1)], "'MIME'"),
        ([new_code_cell("t = 'application/vnd.memlib.record+json'", execution_count=1)], "vnd.memlib"),
        ([new_code_cell("def _repr_mimebundle_(s): 1", execution_count=1)], "_repr_mimebundle_"),
        ([new_code_cell("publish_display_data({})", execution_count=1)], "publish_display_data"),
        ([new_code_cell("display({'a': 1},\n  raw=True)", execution_count=1)], "raw="),
        ([new_code_cell("slab.conclusion = f", execution_count=1)], "changes an object"),
        ([new_code_cell("n_neurons.generic |= True", execution_count=1)], "changes an object"),
        ([new_code_cell("setattr(slab, 'id', 'x')", execution_count=1)], "calls setattr"),
        ([new_code_cell("vars(module)['x']", execution_count=1)], "calls vars"),
        ([new_code_cell("from memlib.claim import Claim", execution_count=1)], "imports Claim"),
        ([new_code_cell("from memlib.evidence import LEVEL", execution_count=1)], "imports LEVEL"),
        ([new_code_cell("from memlib.claim import ControlFails", execution_count=1)], ""),
        ([new_code_cell("f()  # NBVAL_SKIP", execution_count=1)], "a comment for nbval"),
        (
            [new_code_cell("c.check([1], over='x')", execution_count=1, metadata={"tags": ["remove-cell"]})],
            "no reader",
        ),
        ([new_code_cell("%time f()", execution_count=1)], "not plain Python"),
    ],
)
def test_fault_of_a_stored_notebook(cells: list, fault: str) -> None:
    found = faults(cells)
    assert fault in found if fault else not found


def test_ids_are_unique() -> None:
    notebook = {
        "metadata": {},
        "cells": [{"cell_type": "markdown", "id": "x"}, {"cell_type": "markdown", "id": "x"}],
    }
    assert list(pages.faults(notebook)) == ["cell 2: its id is missing or not unique"]


def test_stored_images_and_errors() -> None:
    image = new_output("display_data", {"image/png": "iVBO", "text/plain": "x"})
    error = new_output("error", ename="ClaimFails", evalue="no", traceback=[])
    cell = new_code_cell("f()", outputs=[image, error], execution_count=1)
    assert "a stored image/png" in faults([cell])
    assert "a stored ClaimFails" in faults([cell])
    cell.metadata.tags = ["raises-exception"]
    assert "the tag raises-exception" in faults([cell])


def test_a_record_does_not_share_a_cell_with_a_figure() -> None:
    (cell,) = figure(image=IMAGE, figure=CAPTION)
    cell.outputs.append(new_output("display_data", {"text/plain": "a-one   exact   holds on all"}))
    assert "use two cells" in faults([cell])


def test_settings_of_a_notebook_cannot_switch_execution_off() -> None:
    assert "metadata" in faults([], mystnb={"execution_mode": "off"})


def test_text_pages_hold_text() -> None:
    assert list(pages.text_faults("# A page\n\nwith `code`")) == []
    assert "code cell" in " ".join(pages.text_faults("```{code-cell}\nx\n```"))
    assert "by hand" in " ".join(pages.text_faults('<a class="claim-badge">symbolic</a>'))
    assert "in a title" in " ".join(pages.text_faults("# Up to $1/\\delta$\n"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("1. A list with\n$$u=v$$\nwhich says: $u$.", ["$", "u$."]),
        (":::{note}\nIf $\\alpha$, then \\beta.\n:::", [", then \\beta."]),
        ("The formula\n\n$$u=v$$\n\nsays $u=v$; `$\\alpha$` is code.\n\n```text\n$\\beta$\n```", []),
    ],
)
def test_no_tex_is_left_in_the_text(text: str, left: list[str]) -> None:
    assert list(pages.raw_tex(text)) == left


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Text.\n\n:::{dropdown} Break it\nMore text.", ":::{dropdown} Break it"),
        ("::::{dropdown} Proof\n:::{prf:lemma} One\n:::\n", "::::{dropdown} Proof"),
        (":::\n\nAfter the block.", ":::"),
        ("```python\nx = 1", "```python"),
        (":::{note}\nDone.\n:::\n\n```text\n:::{note}\n```\n", None),
        (TEXT, None),
    ],
)
def test_a_block_ends_in_its_cell(text: str, first: str | None) -> None:
    assert pages.unclosed(text) == first
