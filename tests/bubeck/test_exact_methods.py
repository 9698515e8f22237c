"""The exact methods by name: counts at most the theorems', accepted certificates, refusals that name the points."""

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import ceil
from pathlib import Path
from random import Random

import pytest

from memlib import checker, data, memorize
from memlib.points import HypothesisError


def up(n: int, d: int) -> int:
    return ceil(Fraction(n, d))


def baum(n: int, d: int, y: list) -> int:
    ones = sum(y)
    return y[0] if ones in (0, n) else min(2 * up(min(ones, n - ones), d), up(n, d))


ALLOWED: dict[str, Callable[[int, int, list], int]] = {
    "baum": baum,
    "bubeck-relu": lambda n, d, y: 2 * up(n, d),
    "bubeck-relu-3": lambda n, d, y: 3 * up(n, d) + (min(y) < 0 < max(y)),
    "bubeck-relu-4": lambda n, d, y: 4 * up(n, d),
}
SETS = ("breast_cancer", "wine", "two moons", "digits")


@cache
def points(name: str) -> tuple:
    """Points, and the dimension after the projection."""
    if name == "digits":
        return data.digits()[0][:300], 20
    X = {"breast_cancer": data.breast_cancer, "wine": data.wine}.get(
        name, lambda: data.two_moons(200, rng=0)
    )()[0]
    return X, X.shape[1]


def accepted(*paths: Path) -> bool:
    """Ask the checker in a process of its own, without packages."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", checker.__file__, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode == 0 and run.stdout.count("ACCEPT") == len(paths)


@pytest.mark.parametrize("method", ALLOWED)
def test_real_data_with_rational_labels_are_certified(method: str, tmp_path: Path) -> None:
    paths, draw = [], Random(1)
    for name in SETS:
        X, d = points(name)
        n = len(X)
        y = [draw.randint(0, 1) if method == "baum" else Fraction(draw.randint(-500, 500), 7) for _ in X]
        net = memorize(X, y, method=method, **({"project_to": d} if name == "digits" else {}))
        assert net(X) == tuple(y)
        assert net.hidden_neurons <= ALLOWED[method](n, d, y)
        paths.append(net.certificate(X, y).save(tmp_path / f"{name}.json"))
    assert accepted(*paths)


@pytest.mark.parametrize("method", ALLOWED)
@pytest.mark.parametrize(("n", "d"), [(37, 5), (7, 3), (5, 8), (3, 3), (1, 4), (9, 1), (13, 12)])
def test_counts_and_certificates_in_all_corners(method: str, n: int, d: int) -> None:
    """d does not divide n, n <= d, one point, a line; labels all equal, all 0, or 0 on whole groups."""
    draw = Random(100 * n + d)
    columns = [draw.sample(range(-999, 999), n) for _ in range(d)]
    X = [list(x) for x in zip(*columns, strict=True)]
    zeros = min(n, 2 * d)
    cases = [[0] * n, [1] * n, [0] * zeros + [1] * (n - zeros), [draw.randint(0, 1) for _ in X]]
    if method != "baum":
        cases += [[Fraction(-7, 2)] * n, [Fraction(draw.randint(-50, 50), 6) for _ in X]]
    for y in cases:
        net = memorize(X, y, method=method)
        assert net(X) == tuple(y)
        assert net.hidden_neurons <= ALLOWED[method](n, d, y)
        checker.verify(net.certificate(X, y).document)


@pytest.mark.parametrize("method", ALLOWED)
def test_points_of_a_line_are_refused_by_name(method: str) -> None:
    line = [[k, 2 * k, -k] for k in range(12)]
    with pytest.raises(
        HypothesisError, match=r"general position: .*points \d+, \d+, .*project_to=e"
    ) as refusal:
        memorize(line, [0, 1] * 6, method=method)
    assert refusal.value.hypothesis == "general position"
    net = memorize(line, [0, 1] * 6, method=method, project_to=1)  # the remedy
    assert net(line) == (0, 1) * 6 and net.hidden_neurons <= ALLOWED[method](12, 1, [0, 1] * 6)
