"""Evidence: the answers of predicates, and how strong an answer is.

Strength is found from the numbers that reached a predicate; nobody states it.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from typing import Any

STRENGTHS = ("symbolic", "witness", "exact", "enclosure", "statistical", "numeric", "cited")
#: The chance with which a statistical check may pass although its claim is false.
LEVEL = 1e-6


class Counterexample:
    """A false answer that says why. Predicates answer True or one of these."""

    def __init__(self, reason: str):
        self.reason = reason

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return self.reason


@dataclasses.dataclass(frozen=True)
class Frequency:
    """Outcome of a seeded Monte Carlo run: `hits` of `trials`, claimed to have probability >= `at_least`.

    A check needs the lower, a control the upper Clopper-Pearson limit at level `LEVEL`.
    Raises ValueError unless 0 <= hits <= trials and 0 < at_least <= 1.
    """

    hits: int
    trials: int
    at_least: float

    def __post_init__(self) -> None:
        if not (0 <= self.hits <= self.trials and 0 < self.at_least <= 1):
            raise ValueError(
                f"{self.hits} hits of {self.trials} trials, at least {self.at_least}: no frequency"
            )

    def lower(self) -> float:
        from scipy.special import betaincinv  # the quantile of the beta distribution

        return float(betaincinv(self.hits, self.trials - self.hits + 1, LEVEL)) if self.hits else 0.0

    def upper(self) -> float:
        from scipy.special import betaincinv

        missed = self.trials - self.hits
        return float(betaincinv(self.hits + 1, missed, 1 - LEVEL)) if missed else 1.0

    def __repr__(self) -> str:
        return f"{self.hits} of {self.trials}"


Answer = bool | Counterexample

_decided: ContextVar[list] = ContextVar("decided")


@contextmanager
def decisions() -> Iterator[list]:
    """Collect the sympy expressions that `equal` decides inside the block."""
    token = _decided.set([])
    try:
        yield _decided.get()
    finally:
        _decided.reset(token)


def equal(left: Any, right: Any) -> bool:
    """Decide whether two exact numbers are equal, or two sympy expressions identically equal.

    Predicates that meet symbols decide through this function: a record says ``symbolic`` only if an expression
    with a free symbol was decided here. Raises ArithmeticError where sympy can neither prove nor refute equality,
    so that a control does not take "not simplified to 0" for "not 0".
    """
    if not any(hasattr(side, "free_symbols") for side in (left, right)):
        return bool(left == right)
    import sympy

    log = _decided.get(None)
    if log is not None:
        log.extend((sympy.sympify(left), sympy.sympify(right)))
    difference = sympy.expand(sympy.sympify(left) - right)
    if difference == 0:
        return True
    if _is_polynomial(difference):
        return False  # expanded, and not 0
    difference = sympy.simplify(difference)
    if difference == 0:
        return True
    if _differs_at_a_point(difference):
        return False
    raise ArithmeticError(f"sympy cannot decide whether {left} equals {right}")


def _is_polynomial(expanded: Any) -> bool:
    """Whether an expanded expression is a polynomial with rational coefficients: its monomials are then distinct."""
    numbers = all(part.is_Symbol or part.is_Rational for part in expanded.atoms())
    return numbers and bool(expanded.is_polynomial())


def _differs_at_a_point(difference: Any) -> bool:
    """Whether a sympy expression is not 0 at one of five points: primes for symbols, exp for undefined functions."""
    import sympy
    from sympy.core.function import AppliedUndef

    letters = sorted(difference.free_symbols, key=str)
    concrete = difference.replace(lambda e: isinstance(e, AppliedUndef), lambda e: sympy.exp(e.args[0]))
    for first in (3, 17, 40, 80, 150):
        primes = {s: sympy.prime(first + k) for k, s in enumerate(letters)}
        value = concrete.subs(primes).evalf(30)
        if value.is_number and abs(value) > sympy.Float("1e-20"):
            return True
    return False


def leaves(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """The numbers in an instance with their paths, of a row of ints the first; a part that is shared is read once."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name), f"{path}.{field.name}", seen)
    elif isinstance(value, (tuple, list, set, frozenset)):
        if id(value) not in seen:
            seen.add(id(value))
            if type(value) is tuple and set(map(type, value)) == {int}:  # fast: one number speaks for all
                yield f"{path}[0]", value[0]
                return
            for k, part in enumerate(value):
                yield from leaves(part, f"{path}[{k}]", seen)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(key, f"{path} key", seen)
            yield from leaves(part, f"{path}[{key!r}]", seen)
    else:
        yield path, value


def strength_of(path: str, value: Any) -> str:
    """The strength that one leaf allows. Callables, text and None carry no number."""
    if type(value) is int or value is None or isinstance(value, (int, str, Fraction, type)):
        return "exact"
    if hasattr(value, "free_symbols"):  # sympy; a float inside an expression makes it one
        import sympy

        inexact = value.atoms(sympy.Float)
        return "numeric" if inexact else "symbolic" if value.free_symbols else "exact"
    module = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    if module == "flint":  # before `callable`: polynomials are
        return "enclosure" if name.startswith(("arb", "acb")) else "exact"
    if callable(value):
        return "exact"
    if isinstance(value, (float, complex)) or (module == "numpy" and _is_floating(value)):
        return "numeric"
    raise TypeError(
        f"{path} is a {type(value).__module__}.{name}: claims are decided on ints, Fractions, FLINT or sympy "
        "numbers (exact), FLINT balls (enclosure) or floats (numeric); convert machine integers with int()"
    )


def _is_floating(value: Any) -> bool:
    return getattr(getattr(value, "dtype", None), "kind", "") in "fc"
