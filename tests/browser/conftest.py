"""One browser for the run, and three ways to look: on a wide screen, on a phone, in the dark."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.looks import PHONE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        installed = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=installed)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def wide(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1400, "height": 900})


@pytest.fixture(scope="session")
def phone(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": PHONE, "height": 844})


@pytest.fixture(scope="session")
def dark(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme="dark")
