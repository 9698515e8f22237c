"""Which scripts the pages load.

MathJax on all: a page without a formula may show one in the table of contents beside it.
Thebe on none: the book does not use it. Jupyter Book loads sphinx-thebe in any case; its scripts come twice,
which is a script error on every page, and they name another host.
"""

from typing import Any

from sphinx.application import Sphinx


def is_thebe(script: Any) -> bool:
    attributes = getattr(script, "attributes", {})
    return "THEBE_JS_URL" in (attributes.get("body") or "") or "thebe" in str(
        getattr(script, "filename", "") or ""
    )


def leave_out(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    context["script_files"] = [script for script in context["script_files"] if not is_thebe(script)]


def setup(app: Sphinx) -> None:
    app.set_html_assets_policy("always")
    app.connect("html-page-context", leave_out, priority=900)
