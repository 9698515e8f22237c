"""The built book ships the certificates and the checker, and no book is built without the table that it shows."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

import memlib
from memlib.book import certificates
from tests.book import building

X, Y = [[0, 0], [1, 3], [2, 1], [4, 3]], [0, 1, 1, 0]


def write_table(book: Path) -> None:
    folder = book / "_build" / "table"
    (folder / "certificates").mkdir(parents=True)
    (folder / "rows.json").write_text("[]", encoding="utf-8")
    memlib.memorize(X, Y).certificate(X, Y).save(folder / "certificates" / "baum-four.json")


def application(book: Path, *found: str) -> SimpleNamespace:
    (book / "html").mkdir(parents=True)
    env = SimpleNamespace(found_docs={*found})
    return SimpleNamespace(srcdir=book, outdir=book / "html", builder=SimpleNamespace(format="html"), env=env)


def verdict(html: Path) -> subprocess.CompletedProcess:
    """What a reader gets who has the built folder alone, and no memlib."""
    files = sorted(str(path.relative_to(html)) for path in (html / "certificates").glob("*.json"))
    return subprocess.run(
        [sys.executable, "-I", "-S", "checker.py", *files],
        cwd=html,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_copy_of_the_built_folder_is_enough(tmp_path: Path) -> None:
    app = application(tmp_path / "book", certificates.PAGE)
    write_table(tmp_path / "book")
    certificates.require(app, app.env, [])
    certificates.ship(app, None)
    alone = tmp_path / "alone"
    app.outdir.rename(alone)
    said = verdict(alone)
    assert said.returncode == 0 and said.stdout.startswith("ACCEPT certificates/baum-four.json: 4 points")
    document = json.loads((alone / "certificates" / "baum-four.json").read_text("utf-8"))
    document["labels"][2] = 0
    (alone / "certificates" / "forged.json").write_text(json.dumps(document), "utf-8")
    said = verdict(alone)
    assert said.returncode == 1 and "REJECT certificates/forged.json: point 2" in said.stdout


def test_what_an_older_table_left_behind_goes(tmp_path: Path) -> None:
    app = application(tmp_path, certificates.PAGE)
    write_table(tmp_path)
    (tmp_path / "html" / "certificates").mkdir()
    (tmp_path / "html" / "certificates" / "old.json").write_text("{}", "utf-8")
    certificates.ship(app, None)
    assert [path.name for path in (tmp_path / "html" / "certificates").iterdir()] == ["baum-four.json"]


def test_without_the_table_there_is_no_build(tmp_path: Path) -> None:
    app = application(tmp_path, certificates.PAGE)
    with pytest.raises(ExtensionError, match=r"run `make table`, or `python -m memlib\.capacity\.measured`"):
        certificates.require(app, app.env, [])


def test_a_book_without_the_page_and_a_red_build_ship_nothing(tmp_path: Path) -> None:
    other = application(tmp_path / "other", "chapters/index")
    certificates.require(other, other.env, [])
    certificates.ship(other, None)
    red = application(tmp_path / "red", certificates.PAGE)
    write_table(tmp_path / "red")
    certificates.ship(red, RuntimeError("red"))
    assert not [*(tmp_path / "other" / "html").iterdir(), *(tmp_path / "red" / "html").iterdir()]


def test_a_real_build_asks_for_the_table_and_ships_it(green: Path, tmp_path: Path) -> None:
    book = building.copy_warm(green, tmp_path / "book")
    (book / "chapters" / "capacity").mkdir()
    (book / f"{certificates.PAGE}.md").write_text(
        '# The measured table\n\nThe <a href="../../checker.py">checker</a>.\n', "utf-8"
    )
    toc = book / "_toc.yml"
    toc.write_text(toc.read_text("utf-8").rstrip() + "\n", "utf-8")
    first = next(line for line in toc.read_text("utf-8").splitlines() if "file:" in line and "- " in line)
    indent = first[: first.index("-")]
    building.replace(toc, first, f"{indent}- file: {certificates.PAGE}\n{first}")
    code, said = building.build(book)
    assert code != 0 and "make table" in said
    write_table(book)
    code, said = building.build(book)
    assert code == 0, said
    html = book / "_build" / "html"
    assert verdict(html).returncode == 0
    assert 'href="../../checker.py"' in (html / f"{certificates.PAGE}.html").read_text("utf-8")
