"""Execute stale pages into the cache that the build reads: ``python -m memlib.book.prefill [BOOK]``."""

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from sphinx_external_toc.parsing import parse_toc_yaml

from memlib.book import warm
from memlib.book.execution import cache_path, failed_cell, last_words

KERNELS = 2
log = logging.getLogger(__name__)


def pages(book: Path) -> list[Path]:
    """List the notebooks of the table of contents, in its order."""
    named = (book / str(name) for name in parse_toc_yaml(book / "_toc.yml"))
    notebooks = (path if path.suffix == ".ipynb" else path.with_name(f"{path.name}.ipynb") for path in named)
    return [path for path in notebooks if path.exists()]


def run(path: Path, notebook, timeout: int) -> tuple[float, str]:
    """Execute `notebook` in place, in the folder of its page; return the seconds and, if it failed, why."""
    try:
        result = single_nb_execution(notebook, cwd=str(path.parent), timeout=timeout, allow_errors=False)
    except Exception as error:  # a dead kernel, for instance: the other pages still run
        return 0.0, f"{type(error).__name__}: {error}"
    if result.err is None:
        return result.time, ""
    cell = failed_cell(notebook.cells, str(result.err))
    return result.time, f"cell {cell or '?'}: {last_words(str(result.err))}"


def prefill(book: Path) -> int:
    """Execute every page that is not in the cache, two at a time; return how many failed.

    A failure never enters the cache, so the build meets it again.
    """
    timeout = yaml.safe_load((book / "_config.yml").read_text("utf-8")).get("execute", {}).get("timeout", 30)
    cache = get_cache(str(cache_path(book)))
    stale = {}
    for path in pages(book):
        notebook = nbformat.read(path, as_version=4)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            stale[path] = notebook
    failures = 0
    with ThreadPoolExecutor(KERNELS) as pool:
        futures = {pool.submit(run, path, notebook, timeout): path for path, notebook in stale.items()}
        for count, future in enumerate(as_completed(futures), start=1):
            path = futures[future]
            name = path.relative_to(book).as_posix()
            seconds, failure = future.result()
            if failure:
                failures += 1
                log.error("[%d/%d] FAILED %s, %s", count, len(stale), name, failure)
            else:
                bundle = CacheBundleIn(stale[path], name, data={"execution_seconds": seconds})
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
                log.info("[%d/%d] executed %s in %.1f s", count, len(stale), name, seconds)
    if not stale:
        log.info("all pages are in the cache")
    return failures


def main() -> int:
    """Run on the book in the folder given, or in this one; the exit code is 1 if a page failed."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stdout)
    log.setLevel(logging.INFO)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warm.choose()
    return int(prefill(Path(sys.argv[1] if len(sys.argv) > 1 else ".")) > 0)


if __name__ == "__main__":
    sys.exit(main())
