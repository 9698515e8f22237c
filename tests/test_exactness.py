"""Exact code contains no float. A scan of the syntax tree, because a hidden float escapes every sample.

A chapter's sampling and numerics live in modules of their own, `<page>_floats.py`.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted(
    path.parent for path in (ROOT / "memlib").glob("*/__init__.py") if path.parent.name != "book"
)
MODULES = [
    *(ROOT / "memlib" / name for name in ("exact.py", "search.py", "checker.py", "certificate.py")),
    *(
        module
        for chapter in CHAPTERS
        for module in sorted(chapter.glob("*.py"))
        if not module.stem.endswith("_floats")
    ),
]
#: Functions that may do what exact code must not, each with its reason.
ALLOWED: dict[str, dict[str, str]] = {
    "memlib/bubeck/hull.py": {
        "turned_in_floats": "proposes d indices, which exact code verifies",
        "facets_in_floats": "scales the points for it, and hands on indices alone",
    },
    "memlib/bubeck/general_position.py": {
        "random_projection": "draws with numpy's generator, and hands on Python ints alone"
    },
    "memlib/bubeck/n_neurons.py": {"quotient": "divides sympy expressions; integers become a Fraction"},
}

EXACT_MATH = {"gcd", "lcm", "isqrt", "comb", "perm", "prod", "factorial", "floor", "ceil"}
EXACT_TYPES = {"Fraction", "fmpq"}
INEXACT_CALLS = {"float", "complex", "allclose", "isclose", "approx"}


def _name(call: ast.expr) -> str:
    return call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")


def _is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float | complex)


def _divides_ints(node: ast.AST) -> bool:
    """A `/` that is neither part of a path nor visibly between rationals."""
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Div)
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return False
    for side in (node.left, node.right):
        if isinstance(side, ast.JoinedStr) or (
            isinstance(side, ast.Constant) and isinstance(side.value, str)
        ):
            return False
        if isinstance(side, ast.Call) and _name(side.func) in {"Path", *EXACT_TYPES}:
            return False
    return True


def _negative_power(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Pow)
        and isinstance(node.right, ast.UnaryOp)
        and isinstance(node.right.op, ast.USub)
    )


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _fault(node: ast.AST) -> str | None:
    if _is_float(node):
        return "a float literal"
    if _divides_ints(node):
        return "a division /"
    if _negative_power(node):
        return "a negative power"
    if any(name.partition(".")[0] == "numpy" for name in _imports(node)):
        return "an import of numpy"
    if isinstance(node, ast.ImportFrom) and node.module == "math":
        inexact = {alias.name for alias in node.names} - EXACT_MATH
        return f"math.{min(inexact)}" if inexact else None
    if (
        isinstance(node, ast.Attribute)
        and getattr(node.value, "id", "") == "math"
        and node.attr not in EXACT_MATH
    ):
        return f"math.{node.attr}"
    if isinstance(node, ast.Call) and _name(node.func) in INEXACT_CALLS:
        return f"a call of {_name(node.func)}()"
    return None


def faults(source: str) -> list[tuple[str, int, str]]:
    """List what is not exact in `source`: (function or class that holds it, line, what it is)."""
    found = []

    def walk(node: ast.AST, inside: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inside = f"{inside}.{node.name}".lstrip(".")
        fault = _fault(node)
        if fault:
            found.append((inside, getattr(node, "lineno", 0), fault))
        for child in ast.iter_child_nodes(node):
            walk(child, inside)

    walk(ast.parse(source), "")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_exact_module(module: Path) -> None:
    name = module.relative_to(ROOT).as_posix()
    allowed = ALLOWED.get(name, {})
    found = faults(module.read_text(encoding="utf-8"))
    assert [
        f"{name}:{line}: {what} in {inside}" for inside, line, what in found if inside not in allowed
    ] == []
    assert set(allowed) <= {inside for inside, _, _ in found}, "an allowance that nothing needs"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("x = 0.5", "a float literal"),
        ("x = 1e9", "a float literal"),
        ("x = 2j", "a float literal"),
        ("x = a / b", "a division /"),
        ("x /= 2", "a division /"),
        ("x = 2 ** -k", "a negative power"),
        ("x = float(a)", "a call of float()"),
        ("np.allclose(a, b)", "a call of allclose()"),
        ("math.isclose(a, b)", "math.isclose"),
        ("x = math.sqrt(2)", "math.sqrt"),
        ("from math import log2", "math.log2"),
        ("import numpy as np", "an import of numpy"),
        ("from numpy.linalg import norm", "an import of numpy"),
    ],
)
def test_the_scan_can_fail(line: str, what: str) -> None:
    source = f"class A:\n    def f(self):\n        {line}\n"
    assert ("A.f", 3, what) in faults(source)


@pytest.mark.parametrize(
    "line",
    [
        "x = a // b",
        "x = Fraction(a, b)",
        "x = Fraction(a) / b",
        "x = folder / 'file'",
        "x = Path(p) / f'{q}'",
        "x = math.isqrt(n) + math.comb(n, k)",
        "isinstance(x, float)",
        "x = 2 ** k",
    ],
)
def test_exact_code_passes(line: str) -> None:
    assert faults(line) == []
