"""What can be seen to be wrong with a built page. Every look returns complaints in words; none means good."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

from playwright.sync_api import BrowserContext, Page, Route

PHONE = 390
SCREEN = 1400
FILE_NAME = re.compile(r"^\S+\.(png|svg|jpe?g|gif|webp)$|^(\S*/)?[0-9a-f]{16,}$", re.IGNORECASE)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class Anchors(HTMLParser):
    """The ids and names of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.update(value for key, value in attrs if key in ("id", "name") and value)


class Site:
    """A folder of built pages and its address on this machine."""

    def __init__(self, folder: Path, address: str):
        self.folder, self.address = folder, address
        self._anchors: dict[Path, set[str]] = {}

    def anchors(self, file: Path) -> set[str]:
        if file not in self._anchors:
            self._anchors[file] = Anchors(file.read_text(encoding="utf-8")).found
        return self._anchors[file]

    def dead(self, url: str) -> str | None:
        """Say where a link of this site leads to nothing; None for a good link or one to another host."""
        if not url.startswith(self.address):
            return None
        parts = urlsplit(url)
        file = self.folder / unquote(parts.path).lstrip("/")
        if file.is_dir():
            file /= "index.html"
        if not file.is_file():
            return f"{parts.path} does not exist"
        if parts.fragment and file.suffix == ".html" and unquote(parts.fragment) not in self.anchors(file):
            return f"{parts.path} has no anchor #{unquote(parts.fragment)}"
        return None


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve `folder` on a free port of the loopback device."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield Site(folder, f"http://127.0.0.1:{server.server_port}/")
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def visited(context: BrowserContext, site: Site, path: str) -> Iterator[tuple[Page, list[str]]]:
    """Open a page, wait for its formulas, and collect what goes wrong while it is open."""
    complaints: list[str] = []
    page = context.new_page()

    def fetch(route: Route) -> None:
        url = route.request.url
        if url.startswith((site.address, "data:", "blob:")):
            route.continue_()
        else:
            complaints.append(f"request to another host: {url}")
            route.abort()

    page.route("**/*", fetch)
    page.on("pageerror", lambda error: complaints.append(f"script error: {error.message}"))
    page.on("console", lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None)
    page.on(
        "response", lambda r: complaints.append(f"status {r.status}: {r.url}") if r.status >= 400 else None
    )
    try:
        page.goto(site.address + path, wait_until="load")
        page.evaluate("async () => { if (window.MathJax?.startup) await MathJax.startup.promise }")
        yield page, complaints
    finally:
        page.close()


def seen(
    context: BrowserContext,
    site: Site,
    path: str,
    photograph: Callable[[Page, str], object] = lambda *_: None,
) -> list[str]:
    """Look at one page on a wide screen, on a phone and in the dark; it is loaded once."""
    with visited(context, site, path) as (page, complaints):
        page.set_viewport_size({"width": SCREEN, "height": 900})
        photograph(page, "wide")
        complaints += formulas(page) + links(page, site) + alternatives(page)
        page.set_viewport_size({"width": PHONE, "height": 844})
        photograph(page, "phone")
        complaints += sideways(page)
        page.set_viewport_size({"width": SCREEN, "height": 900})
        page.emulate_media(color_scheme="dark")
        photograph(page, "dark")
        complaints += light(page) + dropdowns(page)
    return complaints


def formulas(page: Page) -> list[str]:
    """Every formula is typeset, and no TeX is left in the text."""
    return page.evaluate(r"""() => {
        const short = text => text.trim().replace(/\s+/g, " ").slice(0, 80);
        const verbatim = "script, style, noscript, code, pre, kbd, mjx-container, .math";
        const tex = /\\[([]|\\[a-zA-Z]{2,}|\$[^$\n]+\$/;
        const bad = [];
        for (const math of document.querySelectorAll(".math"))
            if (!math.querySelector("mjx-container"))
                bad.push(`formula not typeset: ${short(math.textContent)}`);
        for (const error of document.querySelectorAll("mjx-merror, [data-mjx-error]"))
            bad.push(`formula with an error: ${error.dataset.mjxError || short(error.textContent)}`);
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const text = texts.currentNode.textContent;
            if (tex.test(text) && !texts.currentNode.parentElement.closest(verbatim))
                bad.push(`raw TeX in the text: ${short(text)}`);
        }
        return bad;
    }""")


def dropdowns(page: Page) -> list[str]:
    """Every dropdown opens by a click; afterwards all are open."""
    bad = []
    for part in page.locator("main details").all():
        summary = part.locator("> summary")
        name = (summary.text_content() or "").strip()[:60]
        part.evaluate("part => { part.open = false }")
        summary.click()
        if not part.evaluate("part => part.open"):
            bad.append(f"dropdown does not open: {name}")
    for part in page.locator("main .admonition.toggle").all():
        if "toggle-hidden" in (part.get_attribute("class") or ""):
            title = part.locator("> .admonition-title")
            title.click()
            if "toggle-hidden" in (part.get_attribute("class") or ""):
                bad.append(f"dropdown does not open: {(title.text_content() or '').strip()[:60]}")
    return bad


def links(page: Page, site: Site) -> list[str]:
    """Every link within the book, also in graphs, leads to a page and an anchor that exist."""
    targets = page.evaluate("""() => [...document.querySelectorAll("a")].map(
        a => a.href.baseVal ? new URL(a.href.baseVal, document.baseURI).href : a.href)""")
    dead = {site.dead(url) for url in targets if isinstance(url, str)}
    return [f"dead link: {reason}" for reason in sorted(dead - {None})]


def alternatives(page: Page) -> list[str]:
    """Every picture is described, and not by its file's name."""
    bad = []
    for image in page.locator("img").all():
        alt = (image.get_attribute("alt") or "").strip()
        name = (image.get_attribute("src") or "")[-50:]
        if image.get_attribute("aria-hidden") == "true" and not alt:
            continue
        if not alt:
            bad.append(f"picture without alt text: {name}")
        elif FILE_NAME.match(alt):
            bad.append(f"alt text is a file name: {alt}")
    unnamed = page.evaluate("""() => [...document.querySelectorAll("main svg")].filter(
        svg => !svg.closest("button, mjx-container, [aria-hidden=true]") && !svg.getAttribute("aria-label")
            && !svg.getAttribute("aria-labelledby") && !svg.querySelector(":scope > title")).length""")
    return bad + ["drawing (svg) without a name"] * unnamed


def sideways(page: Page) -> list[str]:
    """At the width of a phone nothing makes the page scroll sideways."""
    page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true })")
    width = page.evaluate("document.scrollingElement.scrollWidth")
    if width <= PHONE:
        return []
    culprit = page.evaluate("""() => {
        // the innermost part without which the page is narrower
        const width = () => document.scrollingElement.scrollWidth;
        const without = part => {
            const display = part.style.display;
            part.style.display = "none";
            const rest = width();
            part.style.display = display;
            return rest;
        };
        let part = document.querySelector("main");
        for (;;) {
            const children = [...part.children].filter(child => child.style && without(child) < width());
            if (!children.length) break;
            part = children.reduce((a, b) => without(b) < without(a) ? b : a);
        }
        return `${part.tagName.toLowerCase()} "${part.textContent.trim().slice(0, 50)}"`;
    }""")
    return [f"scrolls sideways: {width} px wide on a phone of {PHONE} px, because of {culprit}"]


def light(page: Page) -> list[str]:
    """In dark mode the page is dark and its text is light."""
    back, text = page.evaluate("""() => {
        const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
        const luminance = colour => {
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
            return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
        };
        const background = element => {
            const colour = getComputedStyle(element).backgroundColor;
            const clear = colour === "rgba(0, 0, 0, 0)" || colour === "transparent";
            return clear ? (element.parentElement ? background(element.parentElement) : "white") : colour;
        };
        const part = document.querySelector("main p") || document.body;
        return [luminance(background(part)), luminance(getComputedStyle(part).color)];
    }""")
    bad = [f"not dark in dark mode: the background has luminance {back:.2f}"] if back > 0.25 else []
    return bad + ([f"text too dark in dark mode: luminance {text:.2f}"] if text < 0.5 else [])
