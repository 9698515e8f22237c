"""Looks at every page of the built book. Run by `make browser`, which builds the book first if it has to."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import BrowserContext, Page

from tests.browser import looks

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "_build" / "html"
TALLEST = 30_000
SHOTS = ROOT / "_build" / "screenshots"


def files(part: dict | list) -> Iterator[str]:
    """Every page that the table of contents names."""
    if isinstance(part, list):
        for item in part:
            yield from files(item)
    else:
        yield from (part[key] for key in ("root", "file") if key in part)
        for key in ("parts", "chapters", "sections"):
            yield from files(part.get(key, []))


PAGES = list(files(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))


@pytest.fixture(scope="session")
def site() -> Iterator[looks.Site]:
    with looks.served(BOOK) as site:
        yield site


def photograph(page: Page, name: str, way: str) -> None:
    """Keep a picture of the page, of its first 30,000 pixels if it is longer."""
    SHOTS.mkdir(exist_ok=True)
    width, height = page.evaluate("[innerWidth, document.scrollingElement.scrollHeight]")
    page.screenshot(
        path=SHOTS / f"{name.removeprefix('chapters/').replace('/', '-')}-{way}.jpg",
        type="jpeg",
        quality=70,
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)},
    )


def no(complaints: list[str]) -> None:
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize("name", PAGES)
def test_page(context: BrowserContext, site: looks.Site, name: str) -> None:
    no(looks.seen(context, site, f"{name}.html", lambda page, way: photograph(page, name, way)))


def test_front_door(context: BrowserContext, site: looks.Site) -> None:
    page = context.new_page()
    page.goto(f"{site.address}index.html")
    page.wait_for_url(f"**/{PAGES[0]}.html")
    page.close()


def test_ledger_links(site: looks.Site) -> None:
    """Every claim, check and control of the ledger can be gone to."""
    claims = json.loads((BOOK / "claims.json").read_text(encoding="utf-8"))["claims"]
    pages = [e["page"] for c in claims for e in (c, *c["checks"], *c["controls"]) if "page" in e]
    assert pages
    no([reason for page in pages if (reason := site.dead(site.address + page))])
