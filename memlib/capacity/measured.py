"""The measured table: every method of memlib on the same data sets, and what its network costs. Exact numbers.

A data set is one line of `DATA`. What depends on the machine (times, trained networks, rounded outputs of float
networks) is kept apart, in `measured_floats`; it is shown and never compared.

    python -m memlib.capacity.measured

computes all rows and writes them, with their certificates, to `_build/table` (`make table` does the same).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from memlib import data
from memlib.approximate import FloatNetwork
from memlib.capacity import measured_floats as floats
from memlib.capacity.measured_bounds import BOUNDS, Given, fewest_relus, lower
from memlib.capacity.measured_row import Measured, Row
from memlib.madden.newton import EnclosedNetwork
from memlib.methods import memorize, methods
from memlib.points import HypothesisError
from memlib.rajput.bits import price

#: Where the table is written, in the copy of the repository that is installed.
TABLE = Path(__file__).parents[2] / "_build" / "table"


def coins(X: Any, rng: int = 1) -> tuple[Any, Any]:
    """Return the points with random labels."""
    return X, data.random_labels(len(X), rng)


def half_space(X: Any) -> tuple[Any, Any]:
    """Return the points with the label 1 where the first coordinate is positive."""
    return X, (X[:, 0] > 0).astype(int)


def every(k: int, X: Any, y: Any) -> tuple[Any, Any]:
    """Return every k-th point."""
    return X[::k], y[::k]


def some_digits() -> tuple[Any, Any]:
    """Return the first hundred digits; label 1 = odd."""
    X, y = data.digits()
    return X[:100], y[:100] % 2


#: name -> function that returns (X, y). The part of the name behind the last hyphen says what the labels are.
DATA: dict[str, Callable[[], tuple[Any, Any]]] = {
    "gaussian-random": lambda: coins(data.gaussian(100, 5, rng=1, decimals=2)),
    "sphere-random": lambda: coins(floats.separated_sphere(60, 20, 1, rng=1)),
    "moons-random": lambda: coins(data.two_moons(100, rng=1, decimals=2)[0]),
    "digits-random": lambda: coins(some_digits()[0]),
    "cancer-random": lambda: coins(every(6, *data.breast_cancer())[0]),
    "wine-random": lambda: coins(every(2, *data.wine())[0]),
    "gaussian-true": lambda: half_space(data.gaussian(100, 5, rng=1, decimals=2)),
    "sphere-true": lambda: half_space(floats.separated_sphere(60, 20, 1, rng=1)),
    "moons-true": lambda: data.two_moons(100, rng=1, decimals=2),
    "digits-true": some_digits,
    "cancer-true": lambda: every(6, *data.breast_cancer()),
    "wine-true": lambda: every(2, *data.wine()),
}
#: Data sets far from general position, and to how many dimensions they are projected for the methods that need it.
PROJECT = {"digits-random": 10, "digits-true": 10}
NEED_GENERAL_POSITION = {
    "baum", "bubeck-relu", "bubeck-relu-3", "bubeck-relu-4", "bubeck-sweep", "madden-relu",
}  # fmt: skip
#: Options that are not the defaults. Layers of 48 bits make smaller certificates than 256.
OPTIONS: dict[str, dict[str, Any]] = {
    "vershynin": {"width": 48, "perception": "slab"},
    "bubeck-coded": {"accuracy": "0.1"},
    "bubeck-harmonic": {"accuracy": "0.1"},
    "bubeck-ntk": {"accuracy": "0.01"},
    "madden-epsilon": {"accuracy": "1e-12"},
    "madden-newton": {"accuracy": "1e-16"},
}
#: Numbers of points of the unit sphere of R^16 for the picture of the neurons against n.
GROWTH, GROWTH_DIMENSION = (16, 32, 48, 64, 96, 128), 16
TRAINED = ("trained-mlp", "trained-logistic")


# --- from data to a row ---


def measure(method: str, name: str, X: Any, y: Any) -> Measured:
    """Build the network of a method, or train it, and measure it. A refusal is a row; a builder's fault is raised."""
    if method in TRAINED:
        return trained(method, name, X, y)
    options = dict(OPTIONS.get(method, {}))
    if name in PROJECT and method in NEED_GENERAL_POSITION:
        options["project_to"] = PROJECT[name]
    shown = ", ".join(f"{key}={value}" for key, value in options.items() if key != "accuracy")
    start = floats.seconds()
    try:
        net = memorize(X, y, method=method, rng=0, **floats.plain(options))
    except HypothesisError as error:
        took = floats.seconds() - start
        row = Row(
            method,
            name,
            len(X),
            len(X[0]),
            "refused",
            shown,
            hypothesis=error.hypothesis,
            refusal=f"{error.witness}.",
        )
        return Measured(row, None, {"seconds": took})
    took = floats.seconds() - start
    it = Given.of(X, y, options.get("project_to"))
    common: dict[str, Any] = {
        "options": shown,
        "theorem": net.theorem,
        "neurons": net.hidden_neurons,
        "nonzero": net.nonzero_weights,
        "bound": BOUNDS[method](it) if method in BOUNDS else None,
        "lower": lower(method, it),
    }
    if isinstance(net, FloatNetwork):
        parameters = floats.parameters(net)
        proved = isinstance(net, EnclosedNetwork) and bool(net.proves(X, y))
        evidence = "enclosure" if proved else "approximate"
        row = Row(
            method, name, it.n, it.d, evidence, **common, parameters=parameters, largest_bits=64,
            total_bits=64 * parameters, accuracy=options["accuracy"],
        )  # fmt: skip
        return Measured(row, None, {"seconds": took, **floats.rounded_right(net, X, y)})
    row = Row(
        method, name, it.n, it.d, "certificate", **common,
        parameters=sum(layer.units * (layer.inputs + 1) for layer in net.layers),
        largest_bits=net.max_weight_bits, total_bits=price(net)[2],
        float64=floats.survives(net, it.points, it.labels, 64),
        float32=floats.survives(net, it.points, it.labels, 32),
    )  # fmt: skip
    return Measured(row, net, {"seconds": took})


def trained(method: str, name: str, X: Any, y: Any) -> Measured:
    """Train a baseline; its row says how large it is, and only the machine's part how many labels it got right."""
    it = Given.of(X, y)
    width = 2 * it.groups(it.d + 1) if method == "trained-mlp" else 0
    parameters, nonzero, machine = floats.train(X, y, width)
    row = Row(
        method, name, it.n, it.d, "trained", neurons=width, parameters=parameters, nonzero=nonzero,
        largest_bits=64, total_bits=64 * parameters, lower=fewest_relus(it) if width else None,
    )  # fmt: skip
    return Measured(row, None, machine)


def row(method: str, name: str, X: Any, y: Any) -> Row:
    """Return the row of one method on one data set."""
    return measure(method, name, X, y).row


def rows(X: Any, y: Any, chosen: Iterable[str] | None = None, name: str = "yours") -> tuple[Row, ...]:
    """Return the rows of these methods, default all, on the reader's own data."""
    return tuple(row(method, name, X, y) for method in (methods() if chosen is None else chosen))


# --- the table on disk ---


def _missing(folder: Path) -> FileNotFoundError:
    return FileNotFoundError(
        f"the measured table is not in {folder.parent.name}/{folder.name}: run `make table`, "
        "or `python -m memlib.capacity.measured`"
    )


def _read(file: Path) -> list[dict]:
    if not file.exists():
        raise _missing(file.parent)
    return json.loads(file.read_text("utf-8"))


def stored(folder: Path = TABLE) -> tuple[Row, ...]:
    """Read the rows; raise FileNotFoundError, saying how to make them, if they are not there."""
    return tuple(Row(**entry) for entry in _read(folder / "rows.json"))


def stored_growth(folder: Path = TABLE) -> tuple[Row, ...]:
    """Read the rows behind the picture of the neurons against n."""
    return tuple(Row(**entry) for entry in _read(folder / "growth.json"))


def machine(folder: Path = TABLE) -> dict[tuple[str, str], dict[str, Any]]:
    """Read what depends on the machine, by method and data set: seconds, and how many labels came out right."""
    entries = _read(folder / "machine.json")
    return {(entry.pop("method"), entry.pop("data")): entry for entry in entries}


def disagreements(table: Sequence[Row]) -> list[str]:
    """Say which rows are missing or superfluous: for every data set one for every method and every baseline."""
    found = [(row.method, row.data) for row in table]
    wanted = [(method, name) for name in DATA for method in (*methods(), *TRAINED)]
    faults = [f"no row for {method} on {name}" for method, name in wanted if (method, name) not in found]
    faults += [f"a row for {method} on {name}" for method, name in found if (method, name) not in wanted]
    return faults + [
        f"{found.count(key)} rows for {key[0]} on {key[1]}" for key in wanted if found.count(key) > 1
    ]


def growing(n: int) -> tuple[Any, Any]:
    """Return n random points of the sphere with random labels, the data of the picture."""
    return coins(data.sphere(n, GROWTH_DIMENSION, rng=n))


def one(method: str, name: str, folder: Path) -> tuple[dict, dict]:
    """Measure, write the certificate, and return what goes into the two files."""
    growth = name.startswith("growth-")
    X, y = growing(int(name.removeprefix("growth-"))) if growth else DATA[name]()
    found = measure(method, name, X, y)
    if found.network is not None and not growth:
        found.network.certificate(X, y).save(Path(folder, "certificates", found.row.certificate))
    return asdict(found.row), {"method": method, "data": name, **found.machine}


def write(
    folder: Path = TABLE,
    names: Sequence[str] | None = None,
    growth: Sequence[int] = GROWTH,
    processes: int = 2,
) -> tuple[Row, ...]:
    """Compute the rows of the data sets `names`, default all, and write them with their certificates.

    rows.json, growth.json and the certificates are the same on every machine; machine.json is not.
    """
    from joblib import Parallel, delayed

    (folder / "certificates").mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.json"), *(folder / "certificates").glob("*.json")):
        old.unlink()
    jobs = [(method, name) for name in names or DATA for method in (*methods(), *TRAINED)]
    jobs += [(method, f"growth-{n}") for n in growth for method in methods()]
    results = Parallel(processes, return_as="generator")(delayed(one)(*job, folder) for job in jobs)
    done = list(floats.progress(results, jobs))
    files: dict[str, list[dict]] = {
        "machine.json": [pair[1] for pair in done],
        "growth.json": [],
        "rows.json": [],
    }
    for entry, _ in done:
        files["growth.json" if entry["data"].startswith("growth-") else "rows.json"].append(entry)
    for file, entries in files.items():  # rows.json is the last: make looks at it
        Path(folder, file).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    return stored(folder)


def verdicts(checker: Path, certificates: Path) -> tuple[int, str]:
    """Run checker.py as a program of its own on all certificates of a folder; return its exit code and its words."""
    import subprocess
    import sys

    files = sorted(str(path) for path in certificates.glob("*.json"))
    done = subprocess.run(
        [sys.executable, "-I", str(checker), *files], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    from memlib.capacity import measured  # so that the processes know the functions by this name

    measured.write()
