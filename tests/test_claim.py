"""Strength and verdict of a claim come from what reached its predicates; no record can be had for less."""

from collections import namedtuple
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from memlib.claim import MIME, Claim, ClaimFails, ControlFails
from memlib.evidence import LEVEL, STRENGTHS, Counterexample, Frequency, equal, leaves

x, t = sympy.symbols("x t")


def fine(instance: Any) -> bool:
    return True


anything = Claim("test-anything", conclusion=fine)


def strength_of(instances: list, records: list, claim: Claim = anything) -> str:
    claim.check(instances, over="test")
    return records[-1]["strength"]


# Strength of a single number.

EXACT = {
    "int": 3,
    "huge int": 10**50,
    "bool": True,
    "Fraction": Fraction(1, 3),
    "text": "baum",
    "None": None,
    "function": fine,
    "class": Fraction,
    "fmpz": flint.fmpz(3),
    "fmpq": flint.fmpq(1, 3),
    "nmod": flint.nmod(3, 7),
    "fmpz_mat": flint.fmpz_mat([[1, 2]]),
    "fmpz_poly, which is callable": flint.fmpz_poly([1, 2]),
    "sympy Rational": sympy.Rational(1, 3),
    "sympy sqrt": sympy.sqrt(2),
}
ENCLOSURE = {
    "arb": flint.arb(1) / 3,
    "acb": flint.acb(1, 2),
    "arb_mat": flint.arb_mat([[1, 2]]),
    "acb_mat": flint.acb_mat([[1, 2]]),
    "arb_poly, which is callable": flint.arb_poly([1, 2]),
    "acb_poly": flint.acb_poly([1, 2]),
    "arb_series": flint.arb_series([1, 2]),
}
NUMERIC = {
    "float": 0.5,
    "integral float": 1.0,
    "complex": 1j,
    "numpy float64": np.float64(0.5),
    "numpy float32": np.float32(0.5),
    "numpy longdouble": np.longdouble(0.5),
    "numpy complex": np.complex64(1j),
    "numpy float array": np.zeros(3),
    "sympy Float": sympy.Float("0.1"),
    "sympy expression with a Float": 0.5 * sympy.pi,
    "sympy Matrix with a Float": sympy.Matrix([[0.5]]),
}


@pytest.mark.parametrize("value", EXACT.values(), ids=EXACT)
def test_exact_numbers(value: Any, records: list) -> None:
    assert strength_of([value], records) == "exact"


@pytest.mark.parametrize("value", ENCLOSURE.values(), ids=ENCLOSURE)
def test_balls(value: Any, records: list) -> None:
    assert strength_of([value], records) == "enclosure"


@pytest.mark.parametrize("value", NUMERIC.values(), ids=NUMERIC)
def test_floats(value: Any, records: list) -> None:
    assert strength_of([value], records) == "numeric"


@pytest.mark.parametrize(
    "value",
    [
        np.int64(3),
        np.uint8(3),
        np.bool_(True),
        np.arange(3),
        np.array([Fraction(1, 2)]),
        object(),
        b"3",
        range(3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_numbers_are_refused_with_place_and_remedy(value: Any) -> None:
    with pytest.raises(TypeError, match=r"instance\[1\]\[0\] is a .*convert machine integers with int\(\)"):
        anything.check([(1, (value,))], over="test")


# Where numbers hide.


@dataclass(frozen=True)
class Inner:
    value: Any
    scale: int = 1


@dataclass(frozen=True)
class Outer:
    inner: Inner
    name: str = "outer"


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    "hide",
    [
        lambda v: Outer(Inner(v)),
        lambda v: Outer(Inner({"k": (1, [v])})),
        lambda v: {v: 1},
        lambda v: {1: {2: v}},
        lambda v: {1, v},
        lambda v: frozenset({1, v}),
        lambda v: [(1, 2), [3, (4, v)]],
        lambda v: Pair(1, Pair(2, v)),
        lambda v: (Outer(Inner(1)), Outer(Inner((Inner(1), Inner(v))))),
    ],
    ids=["dataclass", "mixed", "dict key", "dict", "set", "frozenset", "lists", "namedtuple", "dataclasses"],
)
@pytest.mark.parametrize(
    ("value", "strength"), [(0.5, "numeric"), (flint.arb(2), "enclosure"), (Fraction(1, 2), "exact")]
)
def test_hidden_numbers_are_found(hide: Any, value: Any, strength: str, records: list) -> None:
    assert strength_of([hide(value)], records) == strength


nested = st.recursive(
    st.sampled_from([1, Fraction(1, 2), "a", None]),
    lambda parts: st.lists(parts, max_size=3)
    | st.lists(parts, max_size=3).map(tuple)
    | st.dictionaries(st.integers(0, 3), parts, max_size=2)
    | parts.map(Inner),
    max_leaves=8,
)


@given(before=st.lists(nested, max_size=3), after=st.lists(nested, max_size=3), wrap=st.integers(0, 3))
def test_one_float_anywhere_makes_the_instance_numeric(before: list, after: list, wrap: int) -> None:
    value: Any = 0.5
    for _ in range(wrap):
        value = Inner((value,))
    kinds = {type(leaf) for _, leaf in leaves([*before, value, *after], "instance", set())}
    assert float in kinds


def test_a_shared_part_is_read_once_and_not_missed(records: list) -> None:
    """Many slabs share their points: the points are read once, and count for all."""
    reads = []

    class Points(tuple):
        def __iter__(self) -> Any:
            reads.append(1)
            return super().__iter__()

    shared = Points((0.5,))
    assert strength_of([Inner(shared, scale=k) for k in range(1000)], records) == "numeric"
    assert len(reads) == 1
    twins = (Inner((1, 2)), Inner((1, 2.5)))  # equal ids are not equal values
    assert strength_of([twins], records) == "numeric"


def test_a_list_that_contains_itself_is_read_once(records: list) -> None:
    knot: list = [1]
    knot.append(knot)
    assert strength_of([knot], records) == "exact"


# Mixed instances take the weakest.


def test_the_weakest_instance_counts(records: list) -> None:
    assert strength_of([1, flint.arb(1), Fraction(1, 2)], records) == "enclosure"
    assert strength_of([0.5, flint.arb(1), 1], records) == "numeric"
    assert strength_of([(1, flint.arb(1), 0.5)], records) == "numeric"
    assert strength_of([1, 2], records) == "exact"
    by_symbols = Claim("test-square", conclusion=lambda v: equal(0, (v + 1) ** 2 - v * v - 2 * v - 1))
    assert strength_of([x], records, by_symbols) == "symbolic"
    assert strength_of([x, 3], records, by_symbols) == "exact"
    assert strength_of([x, flint.fmpq(1, 2), t], records, by_symbols) == "exact"
    assert records[-1]["instances"] == 3


@given(st.lists(st.sampled_from([1, flint.arb(1), 0.5]), min_size=1, max_size=5))
def test_no_instance_strengthens_a_check(instances: list) -> None:
    """Law: the strength of a list is the weakest of the strengths of its members."""
    shown: list = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "memlib.claim._display", lambda r: shown.append(r._repr_mimebundle_()[MIME]["strength"])
        )
        for v in instances:
            anything.check([v], over="one")
        anything.check(instances, over="all")
    assert STRENGTHS.index(shown[-1]) == max(map(STRENGTHS.index, shown[:-1]))


# Symbols.


def test_a_decided_symbol_is_symbolic_and_inhabits_nothing(records: list) -> None:
    claim = Claim("test-square", conclusion=lambda v: equal(0, (v + 1) ** 2 - v**2 - 2 * v - 1))
    claim.check([x], over="all x")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("symbolic", False)
    claim.check([3], over="3")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == ("exact", True)


def test_an_undefined_function_of_a_symbol_is_symbolic(records: list) -> None:
    phi = sympy.Function("phi")
    claim = Claim("test-argument", conclusion=lambda v: equal(0, phi((v + 1) ** 2) - phi(v**2 + 2 * v + 1)))
    assert strength_of([x], records, claim) == "symbolic"
    assert strength_of([phi(x)], records, claim) == "symbolic"


@pytest.mark.parametrize(
    "conclusion",
    [
        fine,
        lambda v: equal(0, sympy.Integer(0)),
        lambda v: equal(0, 0),
        lambda v: equal(0, sympy.sqrt(2) ** 2 - 2),
    ],
    ids=["nothing decided", "a constant", "an int", "another constant"],
)
@pytest.mark.parametrize("instance", [x, (1, x**2), Inner(x)], ids=["symbol", "tuple", "dataclass"])
def test_a_symbol_that_reaches_no_decision_is_refused(conclusion: Any, instance: Any, records: list) -> None:
    with pytest.raises(TypeError, match="none of them reached a decided expression"):
        Claim("test-idle", conclusion=conclusion).check([instance], over="all x")
    assert records == []


def test_symbols_met_only_inside_the_predicate_count(records: list) -> None:
    """The instance is a degree; the predicate decides the identity in x for it."""
    claim = Claim(
        "test-geometric", conclusion=lambda n: equal(0, (1 - x) * sum(x**k for k in range(n)) - 1 + x**n)
    )
    assert strength_of([5], records, claim) == "symbolic"


def test_a_float_beside_a_decided_symbol_is_numeric(records: list) -> None:
    claim = Claim("test-scaled", conclusion=lambda pair: equal(0, pair[1] - pair[1]))
    with pytest.raises(TypeError, match="none of them reached"):
        claim.check([(0.5, x)], over="nothing left to decide")
    claim = Claim(
        "test-scaled", conclusion=lambda pair: equal(0, (pair[1] + 1) ** 2 - pair[1] ** 2 - 2 * pair[1] - 1)
    )
    assert strength_of([(0.5, x)], records, claim) == "numeric"


def test_decisions_of_one_instance_do_not_count_for_the_next(records: list) -> None:
    claim = Claim("test-first-only", conclusion=lambda v: v == 1 or equal(0, (v + 1) ** 2 - v**2 - 2 * v - 1))
    assert strength_of([x, 1], records, claim) == "exact"
    with pytest.raises(TypeError, match="none of them reached"):
        Claim(
            "test-first-only", conclusion=lambda v: v == t or equal(0, (v + 1) ** 2 - v**2 - 2 * v - 1)
        ).check([x, t], over="x, then t undecided")


@given(st.integers(-20, 20), st.integers(-20, 20))
def test_equal_on_numbers_and_on_polynomials(a: int, b: int) -> None:
    assert equal(0, a - b) == (a == b)
    assert equal(0, Fraction(a, 7) - Fraction(b, 7)) == (a == b)
    assert equal(0, flint.fmpq(a, 7) - flint.fmpq(b, 7)) == (a == b)
    assert equal(0, (x + a) * (x + b) - x**2 - (a + b) * x - a * b)
    assert equal(0, (x + a) ** 2 - (x + b) ** 2) == (a == b)


# Witness.


def test_witness_only_for_generic_claims_and_exact_instances(records: list) -> None:
    generic = Claim("test-generic", conclusion=fine, generic=True)
    assert strength_of([1], records, generic) == "witness"
    assert strength_of([1], records) == "exact"
    assert strength_of([flint.arb(1)], records, generic) == "enclosure"
    assert strength_of([0.5], records, generic) == "numeric"
    sampled = Claim("test-sampled", conclusion=lambda v: Frequency(100, 100, 0.5), generic=True)
    assert strength_of([1], records, sampled) == "statistical"


# The record.


def test_the_record_of_a_check(records: list) -> None:
    claim = Claim(
        "test-positive", hypotheses={"v > 0": lambda v: v > 0, "v < 9": lambda v: v < 9}, conclusion=fine
    )
    claim.check((v for v in (1, 2)), over="two numbers", case="v <= 2")
    line = "test-positive   exact   holds on two numbers (2 instances) [case v <= 2]"
    assert records == [
        {
            "claim": "test-positive",
            "what": "check",
            "strength": "exact",
            "over": "two numbers",
            "case": "v <= 2",
            "instances": 2,
            "hypotheses": ["v > 0", "v < 9"],
            "inhabited": True,
            "passed": True,
            "line": line,
        }
    ]
    claim.check([1], over="one number")
    assert records[-1]["case"] is None
    assert records[-1]["line"] == "test-positive   exact   holds on one number"


def test_the_record_of_a_control(records: list) -> None:
    Claim(
        "test-root",
        hypotheses={"v >= 0": lambda v: v >= 0 or Counterexample(f"{v} is negative")},
        conclusion=lambda v: v >= 0 or Counterexample("no root"),
    ).control(-4, without="v >= 0")
    assert records == [
        {
            "claim": "test-root",
            "what": "control",
            "planted": False,
            "without": "v >= 0",
            "reason": "-4 is negative, so no root",
            "broke": True,
            "line": "breaks without v >= 0: -4 is negative, so no root",
        }
    ]


def test_what_is_displayed_is_one_mime_bundle_and_nothing_is_returned() -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            claim = Claim("test-even", lambda v: v % 2 == 0 or Counterexample("odd"))
            assert claim.check([2], over="two") is None
            assert claim.rejects(2, wrong=lambda v: Counterexample("2 is even"), says="all are odd") is None
            restricted = Claim("test-even", claim.conclusion, {"v is even": claim.conclusion})
            assert restricted.control(3, without="v is even") is None
    finally:
        shell.clear_instance()
    bundles = [output.data for output in captured.outputs]
    assert [sorted(bundle) for bundle in bundles] == [[MIME, "text/plain"]] * 3
    assert [bundle["text/plain"] for bundle in bundles] == [
        "test-even   exact   holds on two",
        "rejects the version all are odd: 2 is even",
        "breaks without v is even: odd, so odd",
    ]
    assert [bundle[MIME]["what"] for bundle in bundles] == ["check", "control", "control"]
    assert (captured.stdout, captured.stderr) == ("", "")


def test_nobody_states_strength_or_verdict() -> None:
    for stated in ("strength", "passed", "inhabited", "broke"):
        with pytest.raises(TypeError, match="unexpected keyword"):
            anything.check([1], over="one", **{stated: True})
        with pytest.raises(TypeError, match="unexpected keyword"):
            anything.control(1, without="h", **{stated: True})
        with pytest.raises(TypeError, match="unexpected keyword"):
            anything.rejects(1, says="s", **{stated: True})


def test_a_failed_check_or_control_displays_nothing(records: list) -> None:
    claim = Claim(
        "test-small",
        hypotheses={"v > 0": lambda v: v > 0 or Counterexample("not positive")},
        conclusion=lambda v: v < 10 or Counterexample(f"{v} is large"),
    )
    failures = [
        lambda: claim.check([1, 10], over="large"),
        lambda: claim.check([1, -1], over="negative"),
        lambda: claim.check([], over="none"),
        lambda: claim.control(1, without="v > 0"),
        lambda: claim.control(-1, without="v > 0"),
        lambda: claim.control(1, without="v"),
        lambda: claim.rejects(1, says="anything", wrong=fine),
    ]
    for fails in failures:
        with pytest.raises((ClaimFails, ControlFails)):
            fails()
    assert records == []


# Checks that must fail.

positive = Claim(
    "test-square-grows",
    hypotheses={
        "v > 1": lambda v: v > 1 or Counterexample(f"{v} is not above 1"),
        "v is integral": lambda v: v.denominator == 1 or Counterexample(f"{v} is no integer"),
    },
    conclusion=lambda v: v * v >= 2 * v or Counterexample(f"{v * v} < {2 * v}"),
)


def test_the_sound_claim_passes_and_each_hypothesis_has_its_control(records: list) -> None:
    positive.check(range(2, 50), over="2 to 49")
    positive.control(1, without="v > 1")
    positive.control(Fraction(3, 2), without="v is integral")
    assert [r["what"] for r in records] == ["check", "control", "control"]
    assert records[0]["instances"] == 48


def test_nothing_to_check() -> None:
    with pytest.raises(ClaimFails, match="no instance, so nothing was checked"):
        positive.check([], over="nothing")
    with pytest.raises(ClaimFails, match="no instance"):
        positive.check(iter(()), over="an empty generator")


def test_a_violated_hypothesis_fails_the_check_although_the_conclusion_holds() -> None:
    with pytest.raises(ClaimFails, match="instance 1 violates the hypothesis 'v > 1': -3 is not above 1"):
        positive.check([2, -3], over="2 and -3")


def test_a_false_conclusion_fails_the_check_and_names_the_instance() -> None:
    false = Claim("test-false", conclusion=lambda v: v < 5 or Counterexample(f"{v} is not below 5"))
    with pytest.raises(ClaimFails, match="test-false: false on instance 2: 7 is not below 5"):
        false.check([1, 2, 7], over="1, 2, 7")


@pytest.mark.parametrize("answer", [False, None, 1, 0, "yes", np.bool_(True), sympy.true, (True,)], ids=repr)
def test_predicates_answer_true_or_a_counterexample(answer: Any) -> None:
    vague = Claim("test-vague", conclusion=lambda v: answer)
    hypothesis = Claim("test-vague", hypotheses={"vague": lambda v: answer}, conclusion=fine)
    for ask in (
        lambda: vague.check([1], over="1"),
        lambda: hypothesis.check([1], over="1"),
        lambda: hypothesis.control(1, without="vague"),
        lambda: vague.rejects(1, says="s", wrong=lambda v: Counterexample("no")),
        lambda: anything.rejects(1, says="s", wrong=lambda v: answer),
    ):
        with pytest.raises(TypeError, match="must answer True, Counterexample"):
            ask()


def test_a_crash_of_a_predicate_is_no_counterexample() -> None:
    crash = Claim(
        "test-crash", hypotheses={"v": lambda v: Counterexample("broken")}, conclusion=lambda v: 1 // 0
    )
    with pytest.raises(ZeroDivisionError):
        crash.control(1, without="v")


# Controls that must fail.


def test_unknown_hypothesis() -> None:
    with pytest.raises(ControlFails, match=r"has no hypothesis 'v > 2'; it has \['v > 1', 'v is integral'\]"):
        positive.control(1, without="v > 2")


def test_the_hypothesis_still_holds() -> None:
    with pytest.raises(ControlFails, match="'v > 1' still holds, so nothing was broken"):
        positive.control(2, without="v > 1")


def test_another_hypothesis_is_broken_as_well() -> None:
    with pytest.raises(
        ControlFails, match="another hypothesis is broken as well, 'v is integral': 1/2 is no integer"
    ):
        positive.control(Fraction(1, 2), without="v > 1")


def test_the_conclusion_survives() -> None:
    with pytest.raises(ControlFails, match=r"the conclusion survives without 'v > 1' \(-1 is not above 1\)"):
        positive.control(-1, without="v > 1")


def test_controls_read_number_types_too() -> None:
    with pytest.raises(TypeError, match="convert machine integers"):
        positive.control(np.int64(1), without="v > 1")
    with pytest.raises(TypeError, match="none of them reached"):
        Claim("test-idle", lambda v: Counterexample("no"), {"h": lambda v: Counterexample("no")}).control(
            x, without="h"
        )


# Planted versions and non-examples.


def test_rejects_a_wrong_version(records: list) -> None:
    def strict(v: int) -> Any:
        return v * v > 2 * v or Counterexample("4 is not above 4")

    positive.rejects(2, wrong=strict, says="v^2 > 2v")
    assert records[-1]["line"] == "rejects the version v^2 > 2v: 4 is not above 4"
    assert (records[-1]["planted"], records[-1]["without"]) == (True, "v^2 > 2v")
    with pytest.raises(ControlFails, match=r"the wrong version 'v\^2 > 2v' is not refuted"):
        positive.rejects(3, wrong=strict, says="v^2 > 2v")
    with pytest.raises(ControlFails, match="the hypothesis 'v > 1' is broken"):
        positive.rejects(1, wrong=strict, says="v^2 > 2v")
    with pytest.raises(ControlFails, match="the true conclusion fails on this instance as well: 0"):
        Claim("test-false", lambda v: Counterexample("0")).rejects(2, wrong=strict, says="v^2 > 2v")
    with pytest.raises(ControlFails, match="is no definition: give the wrong version"):
        positive.rejects(2, says="v^2 > 2v")


def test_rejects_a_non_example_of_a_definition(records: list) -> None:
    even = Claim("test-def-even", conclusion=lambda v: v % 2 == 0 or Counterexample(f"{v} is odd"))
    even.rejects(3, says="three")
    assert records[-1]["line"] == "excludes three: 3 is odd"
    assert records[-1]["planted"] is True
    with pytest.raises(ControlFails, match="four: no non-example, the property holds"):
        even.rejects(4, says="four")
    even.rejects(4, wrong=lambda v: Counterexample("4 is even"), says="even means odd")
    bounded = Claim(
        "test-def-even", even.conclusion, {"v > 0": lambda v: v > 0 or Counterexample("negative")}
    )
    with pytest.raises(ControlFails, match="the hypothesis 'v > 0' is broken: negative"):
        bounded.rejects(-3, says="minus three")


# Frequencies.


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_limits_are_clopper_pearson(outcome: tuple[int, int]) -> None:
    """Oracle: the exact one-sided intervals of scipy's binomial test."""
    frequency = Frequency(*outcome, at_least=0.5)
    low = binomtest(*outcome, alternative="greater").proportion_ci(1 - LEVEL, method="exact").low
    high = binomtest(*outcome, alternative="less").proportion_ci(1 - LEVEL, method="exact").high
    assert frequency.lower() == pytest.approx(low, rel=1e-6, abs=1e-12)
    assert frequency.upper() == pytest.approx(high, rel=1e-6, abs=1e-12)


sampled = Claim(
    "test-sampled",
    hypotheses={"h": lambda f: f.trials > 0 or Counterexample("no trial")},
    conclusion=lambda f: f,
)
no_trials = Claim(
    "test-sampled", hypotheses={"h": lambda f: Counterexample("h fails")}, conclusion=lambda f: f
)
CONFIRMED, UNDECIDED, REFUTED = (Frequency(hits, 1000, 0.8) for hits in (900, 800, 700))


def test_a_check_needs_the_lower_limit(records: list) -> None:
    sampled.check([CONFIRMED], over="900 of 1000")
    assert (records[-1]["strength"], records[-1]["inhabited"]) == (
        "numeric",
        True,
    )  # at_least is a float here
    for frequency in (UNDECIDED, REFUTED):
        with pytest.raises(ClaimFails, match=r"does not confirm a probability of at least 0\.8"):
            sampled.check([CONFIRMED, frequency], over="too few hits")


def test_strength_of_a_frequency(records: list) -> None:
    seeded = Claim("test-seeded", conclusion=lambda seed: replace(CONFIRMED, hits=900 + seed))
    assert strength_of([0, 1, 2], records, seeded) == "statistical"
    assert strength_of([True, 10**1], records, seeded) == "statistical"
    mixed = Claim("test-mixed", conclusion=lambda v: True if v else CONFIRMED)
    assert strength_of([0, 1], records, mixed) == "statistical"
    assert strength_of([1, flint.arb(1)], records, mixed) == "enclosure"
    assert strength_of([0, 0.5], records, mixed) == "numeric"


def test_a_control_needs_the_upper_limit(records: list) -> None:
    no_trials.control(REFUTED, without="h")
    assert records[-1]["reason"] == "h fails, so it happens 700 of 1000 times, not with probability 0.8"
    for frequency in (UNDECIDED, CONFIRMED):
        with pytest.raises(ControlFails, match=r"the conclusion survives without 'h'.*does not refute 0\.8"):
            no_trials.control(frequency, without="h")


def test_planted_versions_of_a_frequency(records: list) -> None:
    sampled.rejects(CONFIRMED, wrong=lambda f: replace(f, at_least=0.99), says="almost always")
    assert records[-1]["reason"] == "it happens 900 of 1000 times, not with probability 0.99"
    with pytest.raises(
        ControlFails, match=r"the wrong version 'more' is not refuted: 900 of 1000 does not refute 0\.9"
    ):
        sampled.rejects(CONFIRMED, wrong=lambda f: replace(f, at_least=0.9), says="more")
    for frequency in (UNDECIDED, REFUTED):
        with pytest.raises(ControlFails, match="the true conclusion fails on this instance as well"):
            sampled.rejects(frequency, wrong=lambda f: replace(f, at_least=0.99), says="almost always")


def test_between_the_limits_nothing_is_decided() -> None:
    """Law: no outcome passes both as check and as control; near the claim it passes as neither."""
    passes = [
        (f.lower() >= 0.8, f.upper() < 0.8) for f in (Frequency(k, 1000, 0.8) for k in range(0, 1001, 5))
    ]
    assert (True, True) not in passes
    assert {(True, False), (False, False), (False, True)} == set(passes)


def test_a_hypothesis_is_never_a_frequency() -> None:
    """A Frequency is neither true nor false, so it would let any instance through."""
    claim = Claim(
        "test-sampled-hypothesis", hypotheses={"h": lambda v: Frequency(0, 10, 0.9)}, conclusion=fine
    )
    for ask in (
        lambda: claim.check([1], over="1"),
        lambda: claim.control(1, without="h"),
        lambda: claim.rejects(1, says="s", wrong=lambda v: Counterexample("no")),
    ):
        with pytest.raises(TypeError, match="'h' is a hypothesis and must answer True or Counterexample"):
            ask()


@pytest.mark.parametrize(
    "outcome",
    [(11, 10, 0.5), (-1, 10, 0.5), (5, 10, 0.0), (5, 10, 1.5), (5, 10, float("nan")), (1, 0, 0.5)],
    ids=repr,
)
def test_what_is_no_frequency(outcome: tuple) -> None:
    """More hits than trials have no Clopper-Pearson limit: a comparison with nan would have passed."""
    with pytest.raises(ValueError, match="no frequency"):
        Frequency(*outcome)


def test_no_trial_decides_nothing() -> None:
    assert (Frequency(0, 0, 0.5).lower(), Frequency(0, 0, 0.5).upper()) == (0.0, 1.0)
