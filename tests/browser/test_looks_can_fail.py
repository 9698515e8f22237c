"""Every look is shown to be able to fail: one planted defect a page, and a good page that passes all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser import looks

GOOD = """<p>A formula: <span class="math"><mjx-container>x</mjx-container></span>,
in code <code>\\(x\\)</code>.</p>
<details><summary>Proof</summary><p>It is so.</p></details>
<p><a href="#here" id="here">here</a> <a href="other.html#there">there</a></p>
<svg role="img" aria-label="Two claims"><a href="other.html#there"><text y="9">a</text></a></svg>
<img src="dot.svg" alt="A dot">
<div style="overflow-x: auto"><table style="width: 900px"><tr><td>1</td></tr></table></div>
<style>@media (prefers-color-scheme: dark) { body { background: #121212; color: #eee } }</style>"""

FAULTS = {
    "script error": ("<script>nowhere()</script>", "script error: nowhere is not defined"),
    "console": ("<script>console.error('no good')</script>", "console: no good"),
    "another host": (
        "<img src='http://example.invalid/a.png' alt='A dot'>",
        "request to another host: http://example.invalid/a.png",
    ),
    "missing file": ("<img src='gone.png' alt='A dot'>", "status 404"),
    "raw TeX": (r"<p>so \(x^2\) grows</p>", r"raw TeX in the text: so \(x^2\) grows"),
    "raw dollars": ("<p>so $x^2$ grows</p>", "raw TeX in the text"),
    "raw command": (r"<p>so x \in A</p>", "raw TeX in the text"),
    "untypeset": ("<span class='math'>x^2</span>", "formula not typeset: x^2"),
    "TeX error": (
        "<mjx-container data-mjx-error='Undefined'>x</mjx-container>",
        "formula with an error: Undefined",
    ),
    "stuck dropdown": (
        "<details onclick='return false'><summary>Stuck</summary>x</details>",
        "dropdown does not open: Stuck",
    ),
    "stuck admonition": (
        "<div class='admonition toggle toggle-hidden'><p class='admonition-title'>Solution</p></div>",
        "dropdown does not open: Solution",
    ),
    "dead anchor": ("<a href='other.html#gone'>x</a>", "dead link: /other.html has no anchor #gone"),
    "dead page": ("<a href='gone.html'>x</a>", "dead link: /gone.html does not exist"),
    "dead graph link": (
        "<svg aria-label='g'><a href='#gone'><text>x</text></a></svg>",
        "has no anchor #gone",
    ),
    "no alt": ("<img src='dot.svg'>", "picture without alt text: dot.svg"),
    "alt is a file": ("<img src='dot.svg' alt='../_images/dot.svg'>", "alt text is a file name"),
    "alt is a hash": ("<img src='dot.svg' alt='../_images/0123456789abcdef'>", "alt text is a file name"),
    "nameless drawing": ("<svg><text>x</text></svg>", "drawing (svg) without a name"),
    # on a phone
    "wide table": ("<table style='width: 700px'><tr><td>wide</td></tr></table>", 'because of td "wide"'),
    "wide in dropdown": (
        "<details><summary>x</summary><div style='width: 700px'>wide</div></details>",
        "scrolls sideways",
    ),
    # in the dark
    "light in the dark": ("<style>body { background: #eee !important }</style>", "not dark in dark mode"),
    "dark on dark": ("<style>p { color: #222 }</style>", "text too dark in dark mode"),
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[looks.Site]:
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    (tmp_path / "other.html").write_text('<p id="there">there</p>')
    with looks.served(tmp_path) as site:
        yield site


def write(site: looks.Site, body: str) -> str:
    page = f"<!doctype html><link rel='icon' href='dot.svg'><body><main>{body}</main></body>"
    (site.folder / "page.html").write_text(page, encoding="utf-8")
    return "page.html"


def seen(context: BrowserContext, site: looks.Site, body: str) -> list[str]:
    return looks.seen(context, site, write(site, body))


def test_good_page(site: looks.Site, context: BrowserContext) -> None:
    assert seen(context, site, GOOD) == []


@pytest.mark.parametrize(("body", "says"), FAULTS.values(), ids=FAULTS)
def test_fault(site: looks.Site, context: BrowserContext, body: str, says: str) -> None:
    assert says in "\n".join(seen(context, site, GOOD + body))
