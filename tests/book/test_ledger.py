"""The ledger without a build: strengths, ancestors, and every rule that fails a build."""

from types import SimpleNamespace

import pytest

from memlib.book.ledger import Ledger, Run, compute, public
from memlib.book.statements import Statement, ids, origin, proof
from memlib.evidence import STRENGTHS

RAN = {"page": Run(True), "other": Run(True)}


def stated(
    id: str, uses: str = "", kind: str = "lemma", cited: str | None = None, page: str = "page"
) -> Statement:
    return Statement(id, kind, id.title(), "paper", "reconstructed", ids(uses), cited, page, 20_002)


def check(claim: str, strength: str = "exact", case: str | None = None, **more) -> dict:
    record = {
        "claim": claim,
        "what": "check",
        "strength": strength,
        "over": "all",
        "case": case,
        "instances": 3,
    }
    record |= {"hypotheses": ["n > 0"], "inhabited": True, "passed": True}
    return {**record, "anchor": f"check-{claim}", "line": 30_000, **more}


def control(claim: str, without: str = "n > 0") -> dict:
    record = {"claim": claim, "what": "control", "planted": False, "without": without, "reason": "n is 0"}
    return {**record, "broke": True, "anchor": f"control-{claim}", "line": 40_000}


def sound(*claims: Statement, strength: str = "exact") -> dict:
    records = [r for c in claims if not c.cited for r in (check(c.id, strength), control(c.id))]
    return {"claims": list(claims), "records": records, "faults": []}


def problems(ledger: Ledger) -> list[str]:
    return [f"{docname}:{line} {text}" for docname, line, text in ledger.problems]


def one_problem(part: dict, runs: dict[str, Run] = RAN) -> str:
    (problem,) = problems(compute({"page": part}, runs))
    return problem


def test_sound_ledger_has_no_problem() -> None:
    part = sound(stated("a-one"), stated("a-two", "a-one"), stated("a-three", kind="theorem", cited="knuth"))
    assert not problems(compute({"page": part}, RAN))


@pytest.mark.parametrize(
    ("checks", "strength"),
    [
        ([check("a-one", "numeric"), check("a-one", "exact")], "exact"),
        ([check("a-one", "symbolic")], "symbolic"),
        ([check("a-one", "symbolic", case="d = 1")], "exact"),
        ([check("a-one", "witness", case="d = 1")], "exact"),
        ([check("a-one", "symbolic", case="d = 1"), check("a-one", "witness")], "witness"),
        ([check("a-one", "numeric", case="d = 1")], "numeric"),
        ([check("a-one", "statistical", case="d = 1"), check("a-one", "numeric")], "statistical"),
    ],
)
def test_strength_is_the_strongest_check_that_is_no_special_case(checks: list[dict], strength: str) -> None:
    part = {"claims": [stated("a-one")], "records": [*checks, control("a-one")], "faults": []}
    ledger = compute({"page": part}, RAN)
    assert not ledger.problems
    assert ledger.entries["a-one"].strength == strength


@pytest.mark.parametrize("weak", STRENGTHS[:-1])
def test_weakest_looks_through_all_ancestors(weak: str) -> None:
    base = sound(stated("a-base"), strength=weak)
    rest = sound(stated("b-mid", "a-base"), stated("b-top", "b-mid"), strength="symbolic")
    ledger = compute({"page": base, "other": rest}, RAN)
    assert ledger.weakest("b-top") == weak
    assert ledger.entries["b-top"].strength == "symbolic"


def test_cited_ancestor_is_the_weakest_and_a_descendant_does_not_count() -> None:
    ledger = compute({"page": sound(stated("a-base", cited="knuth"), stated("a-top", "a-base"))}, RAN)
    assert ledger.weakest("a-top") == "cited"
    other = compute({"page": sound(stated("a-base"), stated("a-top", "a-base", cited="knuth"))}, RAN)
    assert other.weakest("a-base") == "exact"


def test_checks_of_one_claim_merge_over_pages() -> None:
    more = {"claims": [], "records": [check("a-one", "symbolic", inhabited=False)], "faults": []}
    ledger = compute({"page": sound(stated("a-one")), "other": more}, RAN)
    claim = public(ledger, lambda docname: f"{docname}.html")["claims"][0]
    assert [c["page"] for c in claim["checks"]] == ["page.html#check-a-one", "other.html#check-a-one"]
    assert (claim["strength"], claim["inhabited"]) == ("symbolic", True)


def test_inhabited_needs_a_constructed_example() -> None:
    part = sound(stated("a-one"))
    part["records"][0]["inhabited"] = False
    assert not compute({"page": part}, RAN).entries["a-one"].inhabited


def test_hypotheses_without_control_are_reported_and_do_not_fail() -> None:
    part = sound(stated("a-one"))
    part["records"][0]["hypotheses"] = ["n > 0", "n is even"]
    ledger = compute({"page": part}, RAN)
    assert not ledger.problems
    assert ledger.entries["a-one"].uncontrolled == ["n is even"]


def test_claim_without_check() -> None:
    part = {"claims": [stated("a-one")], "records": [control("a-one")], "faults": []}
    assert one_problem(part).startswith("page:20002 a-one has no check: run its check")


def test_claim_without_control() -> None:
    part = {"claims": [stated("a-one")], "records": [check("a-one")], "faults": []}
    assert (
        one_problem(part)
        == "page:20002 a-one has no control: show that its check can fail (control or rejects)"
    )


def test_definition_needs_example_and_non_example() -> None:
    part = {"claims": [stated("a-def-one", kind="definition")], "records": [], "faults": []}
    example, non_example = problems(compute({"page": part}, RAN))
    assert "a-def-one has no check: show an example" in example
    assert "a-def-one has no control: show a non-example" in non_example


def test_cited_claim_is_not_checked() -> None:
    part = sound(stated("a-one"))
    part["claims"] = [stated("a-one", cited="knuth")]
    assert "a-one is checked, so it is not cited" in one_problem(part)


def test_unknown_use() -> None:
    problem = one_problem(sound(stated("a-one"), stated("a-two", "a-onne")))
    assert problem == "page:20002 a-two uses the unknown claim a-onne (did you mean a-one?)"


@pytest.mark.parametrize(
    ("uses", "circle"),
    [
        (["a-a"], "a-a uses a-a"),
        (["a-b", "a-a"], "a-a uses a-b uses a-a"),
        (["a-b", "a-c", "a-a"], "a-a uses a-b uses a-c uses a-a"),
    ],
)
def test_cyclic_uses(uses: list[str], circle: str) -> None:
    names = ["a-a", "a-b", "a-c"][: len(uses)]
    claims = [stated(name, used) for name, used in zip(names, uses, strict=True)]
    assert one_problem(sound(*claims)).endswith(f"the uses go in a circle: {circle}")


def test_check_of_unknown_claim() -> None:
    part = sound(stated("a-one"))
    part["records"].append(check("a-onne"))
    problem = one_problem(part)
    assert problem.startswith("page:30000 a check of the unknown claim a-onne")
    assert problem.endswith("(did you mean a-one?)")


def test_duplicate_id() -> None:
    other = {"claims": [stated("a-one", page="other")], "records": [], "faults": []}
    (problem,) = problems(compute({"page": sound(stated("a-one")), "other": other}, RAN))
    assert problem == "other:20002 the claim a-one is stated twice; the other place is page, cell 2"


def test_page_that_stopped_counts_for_nothing() -> None:
    runs = {"page": Run(False, cell=5, error="ClaimFails: no"), "other": Run(True)}
    ledger = compute({"page": sound(stated("a-one"))}, runs)
    assert problems(ledger) == ["page:50000 the page did not run to its end: ClaimFails: no"]
    assert ledger.entries["a-one"].strength is None


def test_stored_records_of_a_page_that_was_not_executed_prove_nothing() -> None:
    found = problems(compute({"page": sound(stated("a-one"))}, {}))
    assert found[0] == "page:30000 a stored check of a-one, but this build did not execute the page"
    assert any("a-one has no check" in problem for problem in found)


def test_faults_of_pages_are_passed_on() -> None:
    part = sound(stated("a-one"))
    part["faults"].append((30_000, "a check record has the wrong passed: False"))
    assert one_problem(part) == "page:30000 a check record has the wrong passed: False"


@pytest.mark.parametrize(("option", "value"), [(origin, "mine"), (proof, "folklore")])
def test_bad_provenance(option, value: str) -> None:
    with pytest.raises(ValueError, match="choose from"):
        option(value)


def test_only_definitions_have_def_in_their_label() -> None:
    theorem = stated("a-def-seven", kind="theorem")
    assert "they alone" in one_problem(sound(theorem))
    assert "they alone" in one_problem(sound(stated("a-seven", kind="definition")))


def test_a_control_breaks_a_hypothesis_of_the_checked_claim() -> None:
    part = {
        "claims": [stated("a-one")],
        "records": [check("a-one"), control("a-one", "n is even")],
        "faults": [],
    }
    assert "'n is even', which is no hypothesis of its checks" in one_problem(part)
    part["records"][1]["planted"] = True
    assert not compute({"page": part}, RAN).problems


def test_a_finding_needs_witnesses_that_run() -> None:
    part = sound(stated("a-one"), stated("a-two", cited="knuth"))
    found = SimpleNamespace(title="T", claims=("a-one", "a-two", "a-onne"), docname="page", line=20_002)
    wrong = problems(compute({"page": {**part, "findings": [found]}}, RAN))
    assert [text.partition(" ")[2] for text in wrong] == [
        "the witness a-two of the finding 'T' is only cited: name a claim that runs",
        "the finding 'T' names the unknown claim a-onne (did you mean a-one?)",
    ]
