"""The reference: every module on one page, plain docstrings unharmed, and who serves which claim."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import roles
from hypothesis import given
from hypothesis import strategies as st

from memlib.book import api, serves
from memlib.bubeck import relu
from tests.book import building

ROOT = Path(__file__).parents[2]


# --- every module on one page ---


def on_pages(folder: Path) -> list[str]:
    """List the modules that the pages of the reference expand to, each as often as it occurs."""
    packages = [
        name
        for page in folder.glob("*.md")
        for name in re.findall(r"^:::\{api\} (\S+)$", page.read_text(), re.M)
    ]
    return [module for package in packages for module in serves.modules(package, below=False)]


def by_files() -> list[str]:
    """List all modules but those of memlib.book, by another route: from the paths of git's kind."""
    files = (path.relative_to(ROOT).as_posix() for path in (ROOT / "memlib").rglob("*.py"))
    plain = (
        file.removesuffix(".py").replace("/", ".") for file in files if not file.startswith("memlib/book/")
    )
    return sorted(name.removesuffix(".__init__") for name in plain)


def test_every_module_is_on_exactly_one_page() -> None:
    with_text = [name for name in by_files() if name == "memlib" or not is_package(name)]
    assert sorted(on_pages(ROOT / "chapters" / "api")) == with_text


def is_package(name: str) -> bool:
    return ROOT.joinpath(*name.split("."), "__init__.py").exists()


def test_packages_of_chapters_hold_no_code() -> None:
    """Their `__init__` has no entry, so nothing may be in it."""
    for package in serves.packages():
        assert not ROOT.joinpath(*package.split("."), "__init__.py").read_text().strip(), package


def test_a_page_less_is_noticed(tmp_path: Path) -> None:
    for page in (ROOT / "chapters" / "api").glob("*.md"):
        if page.stem != "rajput":
            (tmp_path / page.name).write_text(page.read_text())
    missing = set(by_files()) - set(on_pages(tmp_path))
    assert "memlib.rajput.main" in missing


# --- docstrings ---


def claim_role(name: str, rawtext: str, text: str, *rest: object, **options: object) -> tuple[list, list]:
    return [nodes.emphasis(rawtext, text)], []


def shown(lines: list[str]) -> tuple[str, nodes.document]:
    """Return what a reader sees of a docstring; every complaint of docutils is an error."""
    roles.register_local_role("claim", claim_role)
    source = "\n".join(api.to_rst(lines))
    tree = publish_doctree(source, settings_overrides={"halt_level": 2, "report_level": 5})
    return " ".join(tree.astext().split()), tree


#: What docstrings hold and reStructuredText would read as markup.
MARKUP = "ab1 *_|<>:.-(){}[]^=~+#\\'\",;/&@!?%$"


@given(st.text(MARKUP, min_size=1).filter(str.strip))
def test_text_comes_through_as_it_is(text: str) -> None:
    if not api.PIECE.search(text):
        assert shown([text.strip()])[0] == " ".join(text.split())


@given(st.lists(st.text(MARKUP).map(str.strip), min_size=1, max_size=5))
def test_several_lines_come_through(lines: list[str]) -> None:
    if not api.PIECE.search(" ".join(lines)):
        assert shown(lines)[0] == " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("line", "text", "code", "claims"),
    [
        ("W x + b, |x| <= 2**k, a_1*b_2", "W x + b, |x| <= 2**k, a_1*b_2", [], []),
        ("1. first", "1. first", [], []),
        ("(E) holds - see `bump_on`s", "(E) holds - see bump_ons", ["bump_on"], []),
        ("``ACCEPT x: y``, or :class:`Claim`", "ACCEPT x: y, or Claim", ["ACCEPT x: y", "Claim"], []),
        ("Implements bubeck-relu-4.", "Implements bubeck-relu-4.", [], ["bubeck-relu-4"]),
        ("(claim limits-finite), memlib/bubeck-x", "(claim limits-finite), memlib/bubeck-x", [], ["limits-finite"]),
    ],
)  # fmt: skip
def test_code_and_claims(line: str, text: str, code: list[str], claims: list[str]) -> None:
    seen, tree = shown([line])
    assert seen == text
    assert [node.astext() for node in tree.findall(nodes.literal)] == code
    assert [node.astext() for node in tree.findall(nodes.emphasis)] == claims


def test_parameters_and_blocks_stay_apart() -> None:
    lines = [
        "Return x.",
        "",
        "X : points,",
        "one a row. y : labels.",
        "Raises ValueError.",
        "",
        "    python a_b*",
    ]
    tree = shown(lines)[1]
    assert [node.astext() for node in tree.findall(nodes.paragraph)] == [
        "Return x.",
        "X : points, one a row. y : labels.",
        "Raises ValueError.",
    ]
    assert [node.astext() for node in tree.findall(nodes.literal_block)] == ["python a_b*"]


# --- who serves whom ---

TOY = '''
from functools import cache, partial

class Base:
    def total(self): return depth(self)
    def idle(self): return never()

class Toy(Base):
    @property
    def size(self): return counted(self)

def counted(toy): return 1
def depth(toy): return 2
def never(): return 3
def other(size): return size
@cache
def kept(k): return inner(k)
def inner(k): return k
TABLE = {"a": lambda: inner(1)}
def holds(toy: Toy):
    """Say whether toy-claim holds."""
    never = toy.size
    return never and toy.total() == kept(2)
def make() -> list[Toy]: return [Toy()]
def named(): return "toy-claim"
def documented():
    """Return it. Implements toy-claim, and more."""
'''


@pytest.fixture
def toy() -> dict:
    """A module whose functions are memlib's, as far as the reading can tell."""
    module = ModuleType("memlib.toys.toy")
    sys.modules[module.__name__] = module
    try:
        exec(TOY, vars(module))
        yield vars(module)
    finally:
        del sys.modules[module.__name__]


def reached(toy: dict, *names: str) -> set[str]:
    return {
        name.removeprefix("memlib.toys.toy.") for name in serves.reach(serves.plain(toy[n]) for n in names)
    }


def test_what_a_predicate_reaches(toy: dict) -> None:
    assert reached(toy, "holds") == {
        "holds", "Toy", "Base", "Toy.size", "Base.total", "counted", "depth", "kept", "inner"
    }  # fmt: skip


def test_a_name_of_a_parameter_or_variable_is_no_reference(toy: dict) -> None:
    assert reached(toy, "other") == {"other"}
    assert "never" not in reached(toy, "holds")


def test_methods_count_when_named(toy: dict) -> None:
    assert reached(toy, "make") == {"make", "Toy", "Base"}


def test_words_name_the_claim(toy: dict) -> None:
    words = {
        name: "toy-claim" in serves.references(toy[name]).words for name in ("holds", "named", "documented")
    }
    assert words == {"holds": False, "named": True, "documented": True}


def test_lambdas_in_tables_and_imports_in_functions_are_read() -> None:
    from memlib.methods import _through_a_projection

    found = set(serves.references(_through_a_projection).things)
    assert "memlib.bubeck.general_position.pull_back" in found
    assert {serves.key(t) for t in serves.things({"a": [relu.gate]})} >= {"memlib.bubeck.relu.wide_enough"}


def test_the_reading_of_memlib() -> None:
    reading = serves.reading()
    assert reading.served["memlib.bubeck.relu.wide_enough"].hypothesis_of == [
        ("bubeck-derivative-neuron", "|s| >= delta |l|")
    ]
    assert reading.served["memlib.bubeck.relu.memorized_by_four_a_group"].conclusion_of == ["bubeck-relu-4"]
    assert "bubeck-relu-4" in reading.served["memlib.bubeck.relu.bump_on"].serves
    assert reading.served["memlib.bubeck.relu.relu_4_network"].builds == ["bubeck-relu-4"]
    assert "bubeck-derivative-neuron" in reading.served["memlib.bubeck.relu.Gate.value"].serves
    assert "memlib.bubeck.relu" in reading.users["memlib.exact"]


def test_every_claim_stands_at_the_module_that_makes_it() -> None:
    """Against the text of the modules: NAME = Claim( at the beginning of a line."""
    found = {(module, name) for module, claims in serves.reading().claims.items() for name in claims}
    written = {
        (module, name)
        for module in serves.modules()
        for name in re.findall(
            r"^(\w+) = Claim\(", Path(sys.modules[module].__file__ or "").read_text("utf-8"), re.M
        )
    }
    assert found >= written
    assert {name for _, name in found - written} <= {"variant"}, (
        "made by a function: allowed, but say so here"
    )


@pytest.mark.parametrize(
    ("module", "page"),
    [
        ("memlib.bubeck.relu", "chapters/bubeck/relu"),
        ("memlib.bubeck.n_neurons", "chapters/bubeck/n-neurons"),
        ("memlib.bubeck.weights_floats", "chapters/bubeck/weights"),
        ("memlib.bubeck.relu_more", "chapters/bubeck/relu"),
        ("memlib.bubeck.hull", None),
        ("memlib.relu", None),
        ("memlib", None),
    ],
)
def test_the_page_of_a_module(module: str, page: str | None) -> None:
    pages = {f"chapters/bubeck/{name}" for name in ("relu", "n-neurons", "weights")}
    assert api.page_of(module, pages) == page


def test_many_claims_are_counted() -> None:
    few, many = [f"bubeck-x{k}" for k in range(3)], [f"bubeck-x{k}" for k in range(40)]
    assert api.numbers(few).count(":claim-number:") == 3
    assert api.numbers([*many, "madden-x"]) == "41 claims: 40 of bubeck, 1 of madden"


# --- the build ---


def test_a_reference_page_builds_without_a_warning(green: Path, tmp_path: Path) -> None:
    book = building.copy_warm(green, tmp_path / "book")
    page = book / "chapters" / "perceptron.md"  # the name of a module: the link below must mean the page
    page.write_text("# Reference\n\nSee [](perceptron).\n\n:::{api} memlib.background\n:::\n")
    toc = book / "_toc.yml"
    toc.write_text(toc.read_text().rstrip() + "\n      - file: chapters/perceptron\n")
    code, said = building.build(book)
    assert code == 0, said
    html = (book / "_build" / "html" / "chapters" / "perceptron.html").read_text("utf-8")
    entry = html.partition('id="memlib.background.perceptron.')[2]
    assert 'id="module-memlib.background.perceptron"' in html
    assert "Decides the conclusion of" in entry
    assert "object at 0x" not in html
    assert "system-message" not in html
    assert ".._" not in html
