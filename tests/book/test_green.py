"""What a sound book looks like: ledger, links, anchors, badges, records, warm cache."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.book import building

SQUARES, SUMS, OPENING = "chapters/toy/squares.html", "chapters/toy/sums.html", "chapters/index.html"


class Reader(HTMLParser):
    """Collects ids, links and words of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(path.read_text("utf-8"))
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.words += " " if tag in ("td", "th", "p", "div") else ""
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def read(green: Path) -> dict[str, Reader]:
    return {name: Reader(green / "_build" / "html" / name) for name in (OPENING, SQUARES, SUMS)}


def test_ledger_holds_what_the_pages_show(green: Path) -> None:
    claims = building.ledger(green)
    assert list(claims) == ["toy-square", "toy-def-even", "toy-primes", "toy-sum", "toy-sum-of-squares"]
    assert claims["toy-sum"] == {
        "id": "toy-sum",
        "kind": "theorem",
        "title": "Sums",
        "chapter": "toy",
        "page": f"{SUMS}#toy-sum",
        "origin": "paper",
        "proof": "reconstructed",
        "uses": ["toy-def-even"],
        "strength": "exact",
        "weakest": "exact",
        "inhabited": True,
        "checks": [
            {
                "strength": "exact",
                "over": "small even numbers",
                "page": f"{SUMS}#check-toy-sum",
                "passed": True,
            }
        ],
        "controls": [{"without": "a is even", "page": f"{SUMS}#control-toy-sum", "broke": True}],
    }
    assert claims["toy-sum-of-squares"]["weakest"] == "cited"
    assert claims["toy-sum-of-squares"]["checks"][1]["over"] == "zero [case a = b = 0]"
    assert claims["toy-primes"]["strength"] == "cited"
    assert not claims["toy-primes"]["inhabited"]


def test_every_local_link_and_every_address_of_the_ledger_lands(green: Path, read: dict[str, Reader]) -> None:
    html = green / "_build" / "html"
    claims = building.ledger(green).values()
    addresses = [(html, part["page"]) for c in claims for part in (c, *c["checks"], *c["controls"])]
    addresses += [((html / name).parent, link) for name, page in read.items() for link in page.links]
    landed = 0
    for folder, link in addresses:
        file, _, anchor = link.partition("#")
        target = (folder / file).resolve()
        if file.endswith(".html") and anchor and target.name in ("squares.html", "sums.html"):
            assert anchor in read[target.relative_to(html.resolve()).as_posix()].ids, link
            landed += 1
    assert landed > 30


def test_ids_are_unique(read: dict[str, Reader]) -> None:
    for name, page in read.items():
        twice = {
            i for i in page.ids if page.ids.count(i) > 1 and "claim" not in i and not i.startswith("pst")
        }
        mine = {i for i in page.ids if i.startswith(("toy-", "check-", "control-", "claim-graph"))}
        assert not twice & mine, name
        assert len(mine) == sum(i in mine for i in page.ids), name
        assert "proof-content" not in page.ids


def test_a_reader_and_a_screen_reader_find_the_evidence(read: dict[str, Reader]) -> None:
    sums = read[SUMS].words
    assert "Evidence: exact, 2 checks, 2 controls, rests on a cited claim. To the first check." in sums
    assert "statement: paper · proof: reconstructed" in sums
    assert "statement: classical · not proved here · source: Euclid" in sums
    assert "Check Theorem 2.3 holds on small even numbers exact 16 instances" in sums
    assert "Control Theorem 2.3 breaks without a is even: 1 is odd, so 3 is odd" in sums
    assert "Control Definition 2.1 excludes 3: 3 is odd" in sums


def test_opening_page_shows_graphs_and_state(green: Path, read: dict[str, Reader]) -> None:
    page, source = read[OPENING], (green / "_build" / "html" / OPENING).read_text("utf-8")
    assert r"Lemma 1.1 A square \(n^2\) is large exact; uses none of these" in page.words
    assert "Sums of squares exact rests on a cited claim; uses Proposition 2.2, Theorem 2.3" in page.words
    assert source.count('<ol aria-label="Claims in reading order">') == 3
    assert len(re.findall('<path class="from-', source)) == 3 + 3 + 1
    assert "hypothesis without a control Theorem 2.3 b is even package" in page.words
    assert "5 claims, 5 checks, 5 controls" in page.words


def test_a_second_build_executes_nothing_and_says_the_same(green: Path) -> None:
    before = building.ledger(green)
    code, said = building.build(green)
    assert code == 0, said
    assert said.count("Using cached notebook") == 2
    assert "Executing notebook" not in said
    assert building.ledger(green) == before


def test_a_finding_stands_at_its_place_and_in_the_list(read: dict[str, Reader]) -> None:
    said = (
        "Erratum No zero among the even numbers "
        "The source (text of the paper, or a talk of its authors, read): the numbers \\(2k\\) with "
        "\\(k\\ge1\\) are even. But: zero is even as well, see Theorem 2.3. Remedy: admit \\(k=0\\). "
        "Witness: Definition 2.1: Even"
    )
    for name in (SUMS, OPENING):
        assert said in read[name].words.replace("  ", " "), read[name].words
    assert "finding-1" in read[SUMS].ids
    assert {"toy/sums.html#finding-1", "toy/sums.html#toy-sum"} <= set(read[OPENING].links)
