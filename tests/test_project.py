"""What the repository promises about itself: no machine in it, exact pins, one name in three houses."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TOP = {
    "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "LICENSE-TEXT", "Makefile", "README.md",
    "_config.yml", "_toc.yml", "chapters", "memlib", "pyproject.toml",
    "requirements-browser.txt", "requirements.txt", "tests",
    ".binder", ".ci", ".gitattributes", ".github", ".gitignore",
}  # fmt: skip
#: Written with gaps, so that this file does not hold what it looks for.
FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.:/-])/(?:home|root|work|tmp|Users|opt)/",
            r"[A-Z]:\\+Users\\+",
            r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|(?:deb|security)[.]debian[.]org",
            r"127[.]0[.]0[.]1:\d",
        ]
    )
)


def tracked() -> list[Path]:
    """Every file of the repository, also those that are new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this copy is no git repository")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def foreign(text: str) -> list[str]:
    """Find paths of a machine and hosts of registries."""
    return [match.group() for match in FOREIGN.finditer(text)]


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for path in tracked():
        try:
            hits = foreign(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        if hits:
            found[str(path.relative_to(ROOT))] = hits
    assert not found


@pytest.mark.parametrize("part", ["home", "root", "work", "tmp"])
def test_foreign_can_be_found(part: str) -> None:
    assert foreign(f"see /{part}/x") and foreign("https://pypi" + ".org/simple")
    assert not foreign(f"a{part}/x and see how/{part}/on and #!/usr/bin/env")


def test_top_level() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP
    assert {name for name in TOP if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-browser.txt"])
def test_pins_are_exact(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    assert lines == sorted(lines, key=lambda line: line.partition("==")[0])


def test_jupyter_book_is_the_first() -> None:
    assert "jupyter-book==1." in (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_citation() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "date-released", "license"} <= citation.keys()
    assert f'version = "{citation["version"]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["_config.yml", "_toc.yml", ".github/workflows/book.yml"])
def test_yaml_parses(name: str) -> None:
    assert yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_address_stands_once() -> None:
    """Outside `_config.yml` no file names the address, once there is one."""
    address = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    if not address:
        pytest.skip("the repository has no address yet")
    name = address.split("://")[-1].rstrip("/")
    others = [
        path for path in tracked() if path.name != "_config.yml" and path.suffix in (".md", ".py", ".ipynb")
    ]
    assert [str(path) for path in others if name in path.read_text(encoding="utf-8")] == []


def test_every_page_is_in_the_table_of_contents() -> None:
    text = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:root|file): (\S+)", text))
    pages = [page for page in (ROOT / "chapters").rglob("*") if page.suffix in (".ipynb", ".md")]
    there = {str(page.relative_to(ROOT).with_suffix("")) for page in pages if "/." not in str(page)}
    assert named == there


def pages() -> list[Path]:
    """The pages that state claims: each has its module and its tests."""
    notebooks = sorted((ROOT / "chapters").glob("*/*.ipynb"))
    return [page for page in notebooks if re.search(r"\{prf:(?!ref)\w+\}", page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_three_houses(page: Path) -> None:
    chapter, name = page.parent.name, page.stem.replace("-", "_")
    assert (ROOT / "memlib" / chapter / f"{name}.py").is_file()
    assert (ROOT / "tests" / chapter / f"test_{name}.py").is_file()


def test_the_example_in_contributing_runs(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The blocks of "How to add a claim" run one after another, and print what the text says."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    module = ModuleType("contributing")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for code in (code for language, code in blocks if language == "python"):
        exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    printed = "".join(code for language, code in blocks if not language)
    assert capsys.readouterr().out == printed
    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


@pytest.fixture
def environment() -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment", ROOT / ".ci" / "environment.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_uv_hears_what_pip_is_configured_with(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = r"""
global.find-links='one two'
global.extra-index-url='https://a.invalid/simple\nhttps://b.invalid/simple'
global.timeout='60'
:env:.cert='certificate.pem'
global.cert='other.pem'
"""
    for name in environment.PIP_TO_UV.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(environment.subprocess, "check_output", lambda *a, **k: said.lstrip())
    env = environment.environment_for_uv()
    assert env["UV_FIND_LINKS"] == "one,two"
    assert env["UV_INDEX"] == "https://a.invalid/simple https://b.invalid/simple"
    assert env["SSL_CERT_FILE"] == "certificate.pem"
    assert "UV_DEFAULT_INDEX" not in env


def test_an_old_python_is_told_what_to_do(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "works", lambda python, code: False)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11, 3\.12 or 3\.13 with venv"):
        environment.find_python()
