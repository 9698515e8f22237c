"""What depends on the repository's address, which stands once, in `_config.yml`, and may be empty."""

from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

LAUNCH = {
    "notebook_interface": "jupyterlab",
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
    "thebe": False,
}
BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")


def address(config: Config) -> str:
    """Return the repository's address, or the empty string."""
    return str(config.html_theme_options.get("repository_url") or "").rstrip("/")


def pages_address(url: str) -> str:
    """Return where GitHub Pages shows the repository `url`; empty for any other host."""
    parts = urlsplit(url)
    owner, _, name = parts.path.strip("/").partition("/")
    if parts.netloc.lower() != "github.com" or not name:
        return ""
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def derive(app: Sphinx, config: Config) -> None:
    """Switch the buttons on where there is an address, and off where there is none."""
    url = address(config)
    options = config.html_theme_options
    options.update({button: bool(url) for button in BUTTONS})
    options["launch_buttons"] = LAUNCH if url else {}
    if url:
        options["repository_url"] = url
        config.html_baseurl = config.html_baseurl or pages_address(url)
    else:
        options.pop("repository_url", None)


class GetTheBook(SphinxDirective):
    """`{get-the-book}`: the commands that build the book, with the clone line only if there is an address."""

    def run(self) -> list[nodes.Node]:
        url = address(self.config)
        lines = [f"git clone {url} memlib", "cd memlib"] if url else []
        text = "\n".join([*lines, "make book"])
        return [nodes.literal_block(text, text, language="bash")]


def setup(app: Sphinx) -> None:
    app.connect("config-inited", derive)
    app.add_directive("get-the-book", GetTheBook)
