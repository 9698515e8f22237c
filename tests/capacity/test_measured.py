"""The measured table: complete, honest about refusals, backed by certificates, and the same on every run."""

import json
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from flint import arb

import memlib
from memlib import checker, data
from memlib.capacity import measured, measured_bounds, measured_tables
from memlib.capacity.measured import row, rows
from memlib.capacity.measured_bounds import Given
from memlib.capacity.measured_row import Row
from memlib.checker import Rejected, verify

X = [[0, 0], [1, 3], [2, 1], [4, 3], [5, 6], [3, 7]]
Y = [0, 1, 1, 0, 1, 0]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two data sets, one of which no method for labels 0 and 1 takes."""
    monkeypatch.setattr(
        measured, "DATA", {"six-random": lambda: (X, Y), "six-true": lambda: (X, [0, 1, 2] * 2)}
    )


@pytest.fixture
def folder(tmp_path: Path, tiny: None) -> Path:
    measured.write(tmp_path / "table", growth=(4,), processes=1)
    return tmp_path / "table"


def test_the_table_and_the_methods_agree_row_by_row(folder: Path) -> None:
    table = measured.stored(folder)
    assert measured.disagreements(table) == []
    assert [r.method for r in table] == [*memlib.methods(), *measured.TRAINED] * 2
    assert measured.disagreements(table[1:]) == ["no row for baum on six-random"]
    assert measured.disagreements((*table, table[3]))[-1].startswith("2 rows for ")
    assert measured.disagreements((*table, replace(table[0], method="alchemy"))) == [
        "a row for alchemy on six-random"
    ]
    assert {r.data for r in measured.stored_growth(folder)} == {"growth-4"}


def test_the_stored_table_is_complete_where_there_is_one() -> None:
    if not (measured.TABLE / "rows.json").exists():
        pytest.skip("no table: `make table`")
    table = measured.stored()
    assert measured.disagreements(table) == []
    files = {path.name for path in (measured.TABLE / "certificates").glob("*.json")}
    assert files == {r.certificate for r in table if r.evidence == "certificate"}
    for r in table:
        assert r.evidence == "refused" or r.bound is None or r.neurons <= r.bound, r
        assert (r.evidence == "refused") == bool(r.hypothesis)


def test_a_new_method_without_a_row_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = import_module("memlib.methods")._METHODS  # the name memlib.methods is the function
    monkeypatch.setitem(known, "newton-2", "memlib.bubeck.facets:baum_exact_network")
    assert "no row for newton-2 on six-random" in measured.disagreements(measured.stored(folder))


def test_every_certificate_is_accepted_and_says_what_the_row_says(folder: Path) -> None:
    code, words = measured.verdicts(Path(checker.__file__), folder / "certificates")
    certified = [r for r in measured.stored(folder) if r.evidence == "certificate"]
    assert code == 0 and words.count("ACCEPT") == len(certified) == len(words.splitlines()) > 12
    for r in certified:
        summary = verify(json.loads((folder / "certificates" / r.certificate).read_text("utf-8")))
        assert (r.n, r.neurons, r.nonzero, r.largest_bits) == tuple(summary)


@pytest.mark.parametrize("part", ["label", "weight", "claim"])
def test_a_forged_certificate_is_refused(folder: Path, part: str) -> None:
    path = folder / "certificates" / "baum-six-random.json"
    document = json.loads(path.read_text("utf-8"))
    if part == "label":
        document["labels"][2] = 0
    elif part == "weight":
        document["layers"][1]["weights"][0][0] *= -1
    else:
        document["claims"]["hidden_neurons"] -= 1
    with pytest.raises(Rejected):
        verify(document)
    path.write_text(json.dumps(document), "utf-8")
    code, words = measured.verdicts(Path(checker.__file__), folder / "certificates")
    assert code == 1 and words.count("REJECT") == 1


def test_a_second_run_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    measured.write(tmp_path / "again", growth=(4,), processes=1)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.json"))
    assert files == sorted(
        path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*.json")
    )
    for file in files:
        if file.name != "machine.json":
            assert (folder / file).read_bytes() == (tmp_path / "again" / file).read_bytes(), file


def test_an_old_certificate_does_not_stay(folder: Path) -> None:
    (folder / "certificates" / "alchemy-six-random.json").write_text("{}", "utf-8")
    measured.write(folder, names=["six-random"], growth=(), processes=1)
    assert not (folder / "certificates" / "alchemy-six-random.json").exists()


def test_without_a_table_the_error_says_how_to_make_it(tmp_path: Path) -> None:
    for read in (measured.stored, measured.stored_growth, measured.machine):
        with pytest.raises(FileNotFoundError, match="make table"):
            read(tmp_path / "_build" / "table")


def test_a_refusal_is_a_row() -> None:
    found = row("baum", "six", X, [0, 1, 2, 0, 1, 2])
    assert (found.evidence, found.hypothesis, found.neurons) == ("refused", "labels are 0 or 1", None)
    assert (
        found.refusal == "point 2 has the label 2."
        and found.per_label is None
        and found.over("bound") is None
    )
    assert "refused: labels are 0 or 1" in repr(found)
    assert row("bubeck-ntk", "six", X, Y).hypothesis == "unit vectors"
    assert "(0/1)" in measured_tables.table([found], "neurons")


def test_a_broken_builder_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that fails on its data, or a crash, is no refusal."""
    monkeypatch.setattr("memlib.bubeck.facets.baum_exact_network", lambda *a: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        row("baum", "six", X, Y)


def test_a_builder_that_returns_another_network_is_caught(
    tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row would show it in floats, and no certificate can be written."""
    right = memlib.memorize(X, Y)
    wrong = replace(right, output_scale=2)
    monkeypatch.setattr("memlib.bubeck.facets.baum_exact_network", lambda *a: wrong)
    found = measured.measure("baum", "six-random", X, Y)
    assert found.row.float64 is False
    with pytest.raises(ValueError, match="no certificate"):
        found.network.certificate(X, Y)
    with pytest.raises(ValueError, match="no certificate"):
        measured.one("baum", "six-random", Path("nowhere"))


def test_the_readers_own_data() -> None:
    found = rows(X, Y, ["baum", "bubeck-relu", "bubeck-ntk"], name="mine")
    assert [(r.method, r.data, r.evidence) for r in found] == [
        ("baum", "mine", "certificate"), ("bubeck-relu", "mine", "certificate"), ("bubeck-ntk", "mine", "refused"),
    ]  # fmt: skip
    assert [r.method for r in rows(X[:3], Y[:3])] == memlib.methods()


def test_one_line_adds_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        measured, "DATA", {"parabola-true": lambda: ([[i, i * i] for i in range(9)], [0, 1, 0] * 3)}
    )
    table = measured.write(tmp_path, growth=(), processes=1)
    assert measured_tables.find(table, "baum", "parabola-true").neurons == 4


# --- the numbers of a row ---


def test_a_row_counted_by_hand() -> None:
    found = row("baum", "five", X[:5], Y[:5])
    assert (found.neurons, found.bound, found.parameters, found.nonzero) == (2, 2, 9, 6)
    assert (found.largest_bits, found.total_bits) == (3, 23)
    assert found.per_label == Fraction(23, 5) and found.full_per_label == Fraction(9 * 4, 5)
    assert found.float64 and found.float32 and found.over("bound") == 1


def test_equal_points_are_counted_once() -> None:
    assert row("baum", "twice", X + X, Y + Y) == replace(row("baum", "twice", X, Y))


def test_floats_are_charged_64_bits_a_parameter() -> None:
    found = row("madden-newton", "six", X, Y)
    assert (found.evidence, found.neurons, found.bound) == ("enclosure", 6, 6)
    assert found.parameters == 6 * (2 + 2) and found.total_bits == 64 * 24
    trained = row("trained-mlp", "six", X, Y)
    assert (trained.evidence, trained.neurons, trained.parameters) == ("trained", 4, 4 * 3 + 5)
    assert row("trained-logistic", "six", X, Y).parameters == 3


def test_a_projection_is_folded_in_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(measured.PROJECT, "flat-true", 1)
    flat = [[k, 2 * k, 5] for k in (0, 1, 3, 7)]
    found = row("baum", "flat-true", flat, [0, 1, 0, 1])
    assert found.d == 3 and found.options == "project_to=1" and found.neurons == found.bound == 4
    assert row("baum", "flat", flat, [0, 1, 0, 1]).hypothesis == "general position"


@pytest.mark.parametrize("seed", range(3))
def test_no_method_needs_more_than_its_theorem(seed: int) -> None:
    points, labels = data.gaussian(24, 3, seed, decimals=2), data.random_labels(24, seed)
    for r in rows(points, labels):
        if r.bound is not None:
            assert r.neurons <= r.bound, r
        if r.lower is not None and r.evidence == "certificate":
            assert r.lower <= r.neurons, r


def test_the_bounds_against_the_formulas() -> None:
    from math import ceil, exp, log, pi, sqrt

    rng = np.random.default_rng(4)
    points = [tuple(map(int, x)) for x in rng.integers(-50, 50, (30, 4))]
    labels = tuple(map(int, rng.integers(0, 2, 30)))
    it = Given.of(points, labels)
    assert (it.n, it.d, it.e) == (30, 4, 4)
    B = measured_bounds.BOUNDS
    assert [B[m](it) for m in ("bubeck-relu", "bubeck-relu-3", "bubeck-relu-4", "madden-relu")] == [
        16,
        25,
        32,
        12,
    ]
    assert (B["madden-epsilon"](it), B["madden-newton"](it)) == (12, 16)
    ones = sum(labels)
    assert B["baum"](it) == min(2 * ceil(min(ones, 30 - ones) / 4), 8)
    P = np.array(points, dtype=float)
    middle = np.floor((P.max(axis=0) + P.min(axis=0)) / 2)
    Z = (P - middle) / np.abs(P - middle).max(axis=0)
    y = np.array(labels)
    delta = min(np.linalg.norm(a - b) for a in Z[y == 1] for b in Z[y == 0])
    R, a = np.linalg.norm(Z, axis=1).max(), (1 - exp(-1 / 2)) / sqrt(2 * pi)
    hyperplanes = 2 / a * R / delta * log(2 * ones * (30 - ones))
    assert abs(B["dirksen"](it) - ones - hyperplanes) <= 1 + 1e-3 * hyperplanes
    assert measured_bounds.LOWER["baum"](it) == 1  # 2 * 7 * log2(2e) = 34
    assert measured_bounds.lower("bubeck-relu", it) == 6 and measured_bounds.lower("madden-newton", it) == 5


def test_the_lower_bounds_are_the_least_that_counting_allows() -> None:
    def shattered(W: int, U: int) -> arb:
        return 2 * W * (1 + arb(U).log()) / arb(2).log()

    for n, d in ((100, 5), (100, 2), (300, 3), (60, 20)):
        it = Given(tuple((i,) for i in range(n)), (0,) * n, (1,) * d, d)
        m = measured_bounds.fewest_thresholds(it)
        assert n <= shattered(m * (d + 2) + 1, m + 1)
        assert m == 1 or not n <= shattered((m - 1) * (d + 2) + 1, m)


# --- tables ---


def test_tables_are_narrow_and_say_what_they_show(folder: Path) -> None:
    table = measured.stored(folder)
    for quantity in measured_tables.QUANTITIES:
        text = measured_tables.table(table, quantity)
        assert quantity in text and all(len(line) <= 66 for line in text.splitlines())
    neurons = measured_tables.table(table, "neurons")
    assert "(unit)" in neurons and "(0/1)" in neurons and "6e" in neurons
    assert neurons.splitlines()[0].split() == ["neurons", "six", "six"]
    with pytest.raises(ValueError, match="quantity 'beauty' is not one of"):
        measured_tables.table(table, "beauty")
    assert {r.data for r in measured_tables.with_labels(table, "true")} == {"six-true"}
    assert "labels are 0 or 1 (0/1): 5 rows" in measured_tables.refusals(table)
    machine = measured.machine(folder)
    assert "6/6" in measured_tables.right_labels(table, machine)
    assert measured_tables.times(table, machine).splitlines()[-2].split() == ["trained-mlp", "1", "1"]


def test_twelve_data_sets_fit_the_page() -> None:
    fake = [
        Row(m, name, 100, 5, "certificate", neurons=99999, bound=3)
        for m in memlib.methods()
        for name in measured.DATA
        if name.endswith("random")
    ]
    for quantity in ("neurons", "neurons / bound of the theorem"):
        assert max(map(len, measured_tables.table(fake, quantity).splitlines())) <= 66
