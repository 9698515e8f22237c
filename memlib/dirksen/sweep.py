"""Long runs: a function at many cells of parameters, in parallel, resumable, with progress.

Every finished cell is one line of a file, [name of the function, cell, result]. A run that is stopped goes on where it
was; a line that was not finished is dropped. Results are those of a run from the start, since every cell has its seed.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from memlib.dirksen import experiments_floats as drawn


def name_of(measure: Callable) -> str:
    return f"{measure.__module__}.{measure.__qualname__}"


def finished(measure: Callable, path: Path) -> dict[tuple, Any]:
    """Return the results of this function that the file holds, by cell; an unfinished last line is cut off."""
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    rows = [json.loads(line) for line in whole.splitlines()]
    return {tuple(cell): result for name, cell, result in rows if name == name_of(measure)}


def sweep(
    measure: Callable[..., Any],
    cells: Sequence[tuple],
    path: str | Path,
    jobs: int = 1,
    progress: Callable[[int, int], Any] | None = None,
) -> dict[tuple, Any]:
    """Return measure(*cell) for every cell, from the file where it is there already.

    measure : a function of a module, its result fit for JSON. cells : tuples of ints and strings. path : the file.
    jobs : processes, through joblib (it comes with scikit-learn); in `with joblib.parallel_config("dask", client=c)`
    the workers of a Dask cluster instead, jobs=-1 for all of them, and likewise for Ray.
    progress : called with (done, all) after each cell.
    """
    from joblib import Parallel, delayed

    path = Path(path)
    done = finished(measure, path)
    for cell in cells:
        if not all(type(v) in (int, str) for v in cell):
            raise TypeError(f"the cell {cell!r} holds something else than ints and strings")
    todo = [cell for cell in dict.fromkeys(cells) if cell not in done]
    runs = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(_at)(measure, cell) for cell in todo
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for k, (cell, result) in enumerate(runs, 1):
            file.write(json.dumps([name_of(measure), cell, result]) + "\n")
            file.flush()
            done[cell] = result
            if progress:
                progress(len(cells) - len(todo) + k, len(cells))
    return {cell: done[cell] for cell in cells}


def _at(measure: Callable, cell: tuple) -> tuple[tuple, Any]:
    """Return the cell with its result: the order in which processes end is not that of the cells."""
    return cell, json.loads(json.dumps(measure(*cell)))


def rate_map(
    widths: Sequence[int],
    lams: Sequence[str],
    runs: int,
    path: str | Path,
    N: int = 1000,
    seed: int = 0,
    **how: Any,
) -> list[list[dict]]:
    """Return success and width of the runs on two moons, a row for every n, a column for every lambda (decimals)."""
    cells = {(n, lam): (N, n, lam, runs, seed) for n in widths for lam in lams}
    found = sweep(drawn.cell, list(cells.values()), path, **how)
    return [[found[cells[n, lam]] for lam in lams] for n in widths]
