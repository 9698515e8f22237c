"""One address, from which everything else follows; without it, nothing that needs it."""

from types import SimpleNamespace

import pytest

from memlib.book.repository import BUTTONS, derive, pages_address


def derived(url: str) -> SimpleNamespace:
    config = SimpleNamespace(html_theme_options={"repository_url": url}, html_baseurl="")
    derive(None, config)
    return config


@pytest.mark.parametrize("url", ["", None])
def test_no_address_no_buttons(url: str) -> None:
    config = derived(url)
    assert not any(config.html_theme_options[button] for button in BUTTONS)
    assert config.html_theme_options["launch_buttons"] == {}
    assert "repository_url" not in config.html_theme_options
    assert config.html_baseurl == ""


def test_an_address_switches_everything_on() -> None:
    config = derived("https://github.com/Owner/Book/")
    assert all(config.html_theme_options[button] for button in BUTTONS)
    assert config.html_theme_options["repository_url"] == "https://github.com/Owner/Book"
    assert config.html_theme_options["launch_buttons"]["colab_url"]
    assert config.html_baseurl == "https://owner.github.io/Book/"


@pytest.mark.parametrize(
    ("url", "pages"),
    [
        ("https://github.com/Owner/owner.github.io", "https://owner.github.io/"),
        ("https://gitlab.com/owner/book", ""),
        ("https://github.com/owner", ""),
    ],
)
def test_where_the_pages_are(url: str, pages: str) -> None:
    assert pages_address(url) == pages
