"""A fault that somebody could plant turns the build red, twice, with a message that names the place."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.book import building

Said = tuple[int, str]
SQUARES, SUMS, TOY = (f"chapters/toy/{name}" for name in ("squares.ipynb", "sums.ipynb", "toy.py"))


def loosen_an_inequality(book: Path) -> None:
    building.replace(book / TOY, "2 * n <= n * n", "3 * n <= n * n")


def control_that_does_not_break(book: Path) -> None:
    building.replace(book / SQUARES, "toy.square.control(1,", "toy.square.control(3,")


def claim_without_a_check(book: Path) -> None:
    building.replace(book / SQUARES, r"toy.square.check(range(2, 20), over=\"2 to 19\")", "2 + 2")


def faults_of_the_text(book: Path) -> None:
    building.replace(book / SUMS, ":uses: toy-def-even", ":uses: toy-def-odd, toy-sum-of-squares")
    building.replace(book / SUMS, "An integer is *even*", r":proof: folklore\nAn integer is *even*")
    building.replace(book / SUMS, ":label: toy-primes", ":label: toy-square")
    building.replace(book / SUMS, ":claim: toy-def-even", ":claim: toy-def-evn")
    building.replace(book / SUMS, ":read: paper", ":read: memory")
    building.replace(book / SQUARES, ":origin: ours", ":origin: mine")
    building.replace(book / SQUARES, ":label: toy-square", r":label: toy-square\n:uses: toy-square")
    building.replace(book / SQUARES, "A square is at least", r":::{prf:lemma} Nameless\nText.\n:::\nIt is")
    building.replace(
        book / SQUARES, "import toy", r"import toy\ndisplay({toy.KIND: {\"what\": \"check\"}}, raw=True)"
    )
    building.replace(book / TOY, "evens =", 'KIND = "application/vnd.memlib.record+json"\nevens =')
    index = book / "chapters/index.md"
    building.replace(index, ":claim: toy-sum-of-squares", ":claim: toy-nobody")
    index.write_text(
        index.read_text("utf-8") + "\n:::{prf:remark} By the way\nOne equals two.\n:::\n", "utf-8"
    )
    building.replace(book / TOY, '"toy-sum-of-squares"', '"toy-sum-of-sqares"')


#: fault -> how to plant it, and whether the second build starts afresh as `make book` does
FAULTS: dict[str, tuple[Callable[[Path], None], bool]] = {
    "inequality": (loosen_an_inequality, True),
    "control": (control_that_does_not_break, True),
    "no check": (claim_without_a_check, True),
    "text": (faults_of_the_text, False),
}


@pytest.fixture(scope="module")
def red(
    green: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Said, Said]]]:
    """Builds of all planted faults, two at a time; ask by name for the two builds of one."""

    def twice(name: str) -> tuple[Said, Said]:
        plant, afresh = FAULTS[name]
        book = tmp_path_factory.mktemp("red") / "book"
        building.copy_warm(green, book)
        plant(book)
        first = building.build(book)
        assert not (book / "_build" / "html" / "claims.json").exists(), "a red build published its ledger"
        return first, building.build(book, afresh=afresh)

    with ThreadPoolExecutor(2) as pool:
        jobs: dict[str, Future] = {name: pool.submit(twice, name) for name in FAULTS}
        yield lambda name: jobs[name].result()


def assert_both_red(builds: tuple[Said, Said], *words: str) -> None:
    for code, said in builds:
        assert code != 0, said
        for word in words:
            assert word in said, f"{word!r} is not in what the build said:\n{said}"


def test_loosened_inequality(red) -> None:
    place = f"{SQUARES}:40000: WARNING: cell 4: the page did not run to its end"
    assert_both_red(red("inequality"), place, "ClaimFails: toy-square: false on instance 0")


def test_control_that_does_not_break(red) -> None:
    place = f"{SQUARES}:50000: WARNING: cell 5: the page did not run to its end"
    assert_both_red(red("control"), place, "ControlFails: toy-square: 'n >= 2' still holds")


def test_claim_without_a_check(red) -> None:
    assert_both_red(
        red("no check"), f"{SQUARES}:3000", "cell 3: toy-square has no check: run its check on a page"
    )


@pytest.mark.parametrize(
    "words",
    [
        "toy-sum uses the unknown claim toy-def-odd (did you mean toy-def-even?)",
        "the uses go in a circle: toy-sum uses toy-sum-of-squares uses toy-sum",
        "the uses go in a circle: toy-square uses toy-square",
        "the claim toy-square is stated twice; the other place is chapters/toy/squares, cell 3",
        "cell 1: the label '' of this lemma is not of the form chapter-words-of-the-paper",
        "cell 5: a check of the unknown claim toy-sum-of-sqares: no statement has this label"
        " (did you mean toy-sum-of-squares?)",
        "Invalid option value for 'proof': folklore",
        "cell 2: a check record has missing or unknown keys: case, claim, hypotheses",
        "chapters/index.md:7: WARNING: claim-graph has nothing to draw: unknown claim 'toy-nobody'",
        "Invalid option value for 'origin': mine",
        "names the unknown claim toy-def-evn (did you mean toy-def-even?)",
        "an erratum in a text that was not read (:read: memory): call it a caution",
        "prf:remark is numbered but has no check: use one of definition, lemma",
    ],
)
def test_faults_of_the_text(red, words: str) -> None:
    assert_both_red(red("text"), words)


def test_prefill_names_the_cell_and_caches_no_failure(green: Path, tmp_path: Path) -> None:
    book = tmp_path / "book"
    building.copy_warm(green, book)
    control_that_does_not_break(book)
    prefill = [sys.executable, "-m", "memlib.book.prefill"]
    for _ in range(2):
        code, said = building.run(prefill, book)
        assert code == 1
        assert f"FAILED {SQUARES}, cell 5: ControlFails: toy-square: 'n >= 2' still holds" in said
    building.replace(book / SQUARES, "toy.square.control(3,", "toy.square.control(1,")
    assert building.run(prefill, book)[0] == 0


def test_a_change_of_the_library_shows_in_spite_of_a_warm_cache(green: Path, tmp_path: Path) -> None:
    book = tmp_path / "book"
    building.copy_warm(green, book)
    building.replace(book / TOY, "is below 2", "is less than two")
    code, said = building.build(book)
    assert code == 0, said
    assert "1 is less than two" in (book / "_build/html/chapters/toy/squares.html").read_text("utf-8")


def test_edited_output_turns_nbval_red(tmp_path: Path) -> None:
    book = building.copy_fixture(tmp_path / "book")
    path = book / SUMS
    notebook = json.loads(path.read_text("utf-8"))
    check = notebook["cells"][3]["outputs"][0]["data"]
    (kind,) = set(check) - {"text/plain"}
    check[kind]["strength"] = "symbolic"
    path.write_text(json.dumps(notebook), "utf-8")
    nbval = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--color=no",
        "--nbval",
        "-p",
        "no:cacheprovider",
        "chapters",
    ]
    code, said = building.run(nbval, book)
    assert code == 1
    assert "FAILED chapters/toy/sums.ipynb::Cell 1" in said
    assert "1 failed, 5 passed" in said
