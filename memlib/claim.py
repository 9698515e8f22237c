"""Executable statements: hypotheses, a conclusion, a check, a control.

A predicate takes one instance (a frozen dataclass, a tuple, a number) and answers
``True``, a :class:`Counterexample` in words, or a :class:`Frequency`.
Strength and verdict are found here, from what reached the predicates; nobody states them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from memlib.evidence import LEVEL, STRENGTHS, Counterexample, Frequency, decisions, leaves, strength_of

MIME = "application/vnd.memlib.record+json"


class ClaimFails(AssertionError):
    """A check found the conclusion false where all hypotheses hold, or had nothing to check."""


class ControlFails(AssertionError):
    """A control does not show what it says."""


class _Record:
    """What a check or a control displays; made by `Claim` alone."""

    def __init__(self, line: str, entry: dict):
        self._line, self._entry = line, entry

    def __repr__(self) -> str:
        return self._line

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict:
        return {"text/plain": self._line, MIME: self._entry}


def _display(record: _Record) -> None:
    try:
        from IPython.display import display
    except ImportError:
        print(record)
    else:
        display(record)


def _answer(name: str, predicate: Callable, instance: Any) -> Any:
    """Return what a conclusion answers."""
    answer = predicate(instance)
    if answer is True or isinstance(answer, (Counterexample, Frequency)):
        return answer
    raise TypeError(f"{name!r} must answer True, Counterexample(reason) or Frequency, not {answer!r}")


def _holds(name: str, predicate: Callable, instance: Any) -> Any:
    """Return what a hypothesis answers; it is decided, so it never answers a Frequency."""
    answer = _answer(name, predicate, instance)
    if isinstance(answer, Frequency):
        raise TypeError(f"{name!r} is a hypothesis and must answer True or Counterexample(reason)")
    return answer


class Claim:
    """The statement "hypotheses imply conclusion" about instances.

    id : label of the statement in the book.
    hypotheses : name -> predicate.
    conclusion : predicate.
    generic : the claim says "there exists" or "for almost all", so that one exact instance proves it
        (strength ``witness``).
    """

    def __init__(
        self,
        id: str,
        conclusion: Callable[[Any], Any],
        hypotheses: Mapping[str, Callable[[Any], Any]] | None = None,
        generic: bool = False,
    ):
        self.id, self.conclusion, self.generic = id, conclusion, generic
        self.hypotheses = dict(hypotheses or {})

    def __repr__(self) -> str:
        return f"Claim({self.id}: {', '.join(self.hypotheses) or 'no hypothesis'})"

    def check(self, instances: Iterable, over: str, case: str | None = None) -> None:
        """Decide the claim on every instance, hypotheses first, and display the record.

        over : the instances in words. case : what is special about them, for a symbolic or witness
        check of a special case; such a check does not lift the claim above ``exact``.
        Raises ClaimFails at the first instance that violates a hypothesis or the conclusion.
        """
        instances = tuple(instances)
        if not instances:
            raise ClaimFails(f"{self.id}: no instance, so nothing was checked")
        strengths: list[str] = []
        seen: set[int] = set()
        for k, instance in enumerate(instances):
            with self._watch(instance, strengths, seen):
                for name, predicate in self.hypotheses.items():
                    answer = _holds(name, predicate, instance)
                    if not answer:
                        raise ClaimFails(
                            f"{self.id}: instance {k} violates the hypothesis {name!r}: {answer}"
                        )
                answer = _answer("the conclusion", self.conclusion, instance)
                if isinstance(answer, Frequency):
                    strengths.append("statistical")
                    if answer.lower() < answer.at_least:
                        raise ClaimFails(
                            f"{self.id}: instance {k}: {answer} does not confirm a probability of at least "
                            f"{answer.at_least:g} (lower limit {answer.lower():.4g} at level {LEVEL:g})"
                        )
                elif not answer:
                    raise ClaimFails(f"{self.id}: false on instance {k}: {answer}")
        strength = max(strengths, key=STRENGTHS.index)
        inhabited = "symbolic" not in strengths
        if strength == "exact" and self.generic:
            strength = "witness"
        count = f" ({len(instances)} instances)" if len(instances) > 1 else ""
        special = f" [case {case}]" if case else ""
        _display(
            _Record(
                f"{self.id}   {strength}   holds on {over}{count}{special}",
                {"claim": self.id, "what": "check", "strength": strength, "over": over, "case": case,
                 "instances": len(instances), "hypotheses": list(self.hypotheses),
                 "inhabited": inhabited, "passed": True},
            )
        )  # fmt: skip

    def control(self, instance: Any, without: str) -> None:
        """Show that the conclusion fails where the one hypothesis `without` is broken and all others hold."""
        if without not in self.hypotheses:
            raise ControlFails(f"{self.id} has no hypothesis {without!r}; it has {sorted(self.hypotheses)}")
        with self._watch(instance, [], set()):
            broken = _holds(without, self.hypotheses[without], instance)
            if broken:
                raise ControlFails(f"{self.id}: {without!r} still holds, so nothing was broken")
            for name, predicate in self.hypotheses.items():
                answer = _holds(name, predicate, instance)
                if name != without and not answer:
                    raise ControlFails(f"{self.id}: another hypothesis is broken as well, {name!r}: {answer}")
            found = self._refuted(
                self.conclusion, instance, f"the conclusion survives without {without!r} ({broken})"
            )
        self._display_control("breaks without", without, f"{broken}, so {found}", planted=False)

    def rejects(self, instance: Any, says: str, wrong: Callable[[Any], Any] | None = None) -> None:
        """Where there is no hypothesis to break: refute a `wrong` version of the conclusion, stated in `says`.

        The hypotheses and the true conclusion must hold on the same instance. A definition needs no wrong
        version: the instance is a non-example, described in `says`, and the property itself must fail.
        """
        if wrong is None and "-def-" not in self.id:
            raise ControlFails(f"{self.id} is no definition: give the wrong version of the conclusion")
        with self._watch(instance, [], set()):
            for name, predicate in self.hypotheses.items():
                answer = _holds(name, predicate, instance)
                if not answer:
                    raise ControlFails(f"{self.id}: the hypothesis {name!r} is broken: {answer}")
            if wrong is None:
                found = self._refuted(
                    self.conclusion, instance, f"{says}: no non-example, the property holds"
                )
            else:
                answer = _answer("the conclusion", self.conclusion, instance)
                confirmed = not isinstance(answer, Frequency) or answer.lower() >= answer.at_least
                if not (answer and confirmed):
                    raise ControlFails(
                        f"{self.id}: the true conclusion fails on this instance as well: {answer}"
                    )
                found = self._refuted(wrong, instance, f"the wrong version {says!r} is not refuted")
        head = "excludes" if wrong is None else "rejects the version"
        self._display_control(head, says, str(found), planted=True)

    def _refuted(self, predicate: Callable, instance: Any, otherwise: str) -> Any:
        answer = _answer("the conclusion", predicate, instance)
        if isinstance(answer, Frequency):
            if answer.upper() >= answer.at_least:
                raise ControlFails(f"{self.id}: {otherwise}: {answer} does not refute {answer.at_least:g}")
            return f"it happens {answer} times, not with probability {answer.at_least:g}"
        if answer:
            raise ControlFails(f"{self.id}: {otherwise}")
        return answer

    def _display_control(self, head: str, without: str, reason: str, planted: bool) -> None:
        entry = {"claim": self.id, "what": "control", "planted": planted, "without": without,
                 "reason": reason, "broke": True}  # fmt: skip
        _display(_Record(f"{head} {without}: {reason}", entry))

    @contextmanager
    def _watch(self, instance: Any, strengths: list[str], seen: set[int]) -> Iterator[None]:
        """Read the number types of an instance; hold `symbolic` to a decided expression with a free symbol."""
        kinds = {strength_of(path, leaf) for path, leaf in leaves(instance, "instance", seen)} or {"exact"}
        with decisions() as decided:
            yield
            symbolic = any(expression.free_symbols for expression in decided)
        if "symbolic" in kinds and not symbolic:
            raise TypeError(
                f"{self.id}: the instance has free symbols, but none of them reached a decided expression"
            )
        if kinds == {"exact"} and symbolic:
            kinds = {"symbolic"}
        strengths.append(max(kinds - {"exact"} or {"exact"}, key=STRENGTHS.index))
