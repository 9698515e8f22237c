"""Which claims a function serves, read from compiled code; nothing is called.

A claim is decided by its predicates and by what they refer to. A method counts if its class does and something that
counts names it. A function builds for a claim if it returns an instance, holds the id as a word or "implements" it.
"""

import ast
import dis
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, get_args

import memlib
from memlib.claim import Claim

ROOT = Path(memlib.__file__).parent
#: Packages of memlib that build the book and prove nothing.
BUILDERS = ("book",)
#: What a docstring says of a builder.
IMPLEMENTS = re.compile(r"(?:Implements|theorem is) ([^.,;:()]*)")


@cache
def modules(package: str = "memlib", *, below: bool = True) -> tuple[str, ...]:
    """Return the names of the modules of a package, in alphabetic order, of all its packages too if `below`."""
    folder = ROOT.joinpath(*package.split(".")[1:])
    files = folder.rglob("*.py") if below else folder.glob("*.py")
    found = []
    for file in files:
        parts = file.relative_to(ROOT).with_suffix("").parts
        if parts[0] not in BUILDERS and not (parts[-1] == "__init__" and len(parts) > 1):
            found.append(".".join(("memlib", *(p for p in parts if p != "__init__"))))
    return tuple(sorted(found))


def packages() -> list[str]:
    """Return memlib's packages but those that build the book: one for each chapter with modules."""
    return sorted(
        f"memlib.{p.parent.name}" for p in ROOT.glob("*/__init__.py") if p.parent.name not in BUILDERS
    )


def is_class(thing: Any) -> bool:
    return isinstance(thing, type)


def plain(thing: Any) -> Any:
    """Return the function behind a property, a method, a cache or a partial application."""
    for name in ("fget", "__func__", "func"):  # `func` of cached_property and partial
        if not inspect.isroutine(thing) or isinstance(thing, partial):
            thing = getattr(thing, name, None) or thing
    return inspect.unwrap(thing) if callable(thing) else thing


def key(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def ours(thing: Any) -> bool:
    """Whether this is a function or class of memlib."""
    return (inspect.isfunction(thing) or is_class(thing)) and (
        (getattr(thing, "__module__", None) or "").partition(".")[0] == "memlib"
    )


def things(value: Any, depth: int = 3) -> Iterator[Any]:
    """Find memlib's functions and classes in a value: itself, in a container, in a type, in another claim."""
    value = plain(value)
    if ours(value):
        yield value
    elif isinstance(value, Claim):
        for predicate in (value.conclusion, *value.hypotheses.values()):
            yield from things(predicate, 1)
    elif depth and isinstance(value, Mapping):
        yield from things(tuple(value.values()), depth - 1)
    elif depth and isinstance(value, (tuple, list)):
        for part in value:
            yield from things(part, depth - 1)
    elif depth:
        for part in get_args(value):
            yield from things(part, depth - 1)


def _annotated(annotations: Iterable[Any], names: Mapping[str, Any]) -> Iterator[Any]:
    for note in annotations:
        yield from things(names.get(note) if isinstance(note, str) else note)


@dataclass
class References:
    """What a function or class refers to: functions and classes, names of attributes, words."""

    things: dict[str, Any] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def add(self, found: Iterable[Any]) -> None:
        self.things.update((key(thing), thing) for thing in found)


@cache
def references(thing: Any) -> References:
    """Read a function's code, or a class without the bodies of its methods."""
    found = References()
    if is_class(thing):
        names = vars(inspect.getmodule(thing) or object)
        found.add(base for base in thing.__mro__[1:] if ours(base))
        found.add(_annotated(getattr(thing, "__annotations__", {}).values(), names))
        found.attributes |= {name for name in vars(thing) if name.startswith("__")}
        return found
    names = thing.__globals__
    found.add(_annotated(thing.__annotations__.values(), names))
    found.add(things((*(thing.__defaults__ or ()), *_cells(thing))))
    _read(thing.__code__, names, found)
    return found


def _cells(function: Callable) -> Iterator[Any]:
    for cell in getattr(function, "__closure__", None) or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            continue


def _read(code: CodeType, names: Mapping[str, Any], found: References) -> None:
    source: Any = None  # the module that the instruction before has loaded
    for instruction in dis.get_instructions(code):
        loaded, operation, name = source, instruction.opname, instruction.argval
        source = None
        if operation in ("LOAD_GLOBAL", "LOAD_NAME"):
            value = names.get(name)
            source = value if isinstance(value, ModuleType) else None
            found.add(things(value))
        elif operation == "IMPORT_NAME":
            source = import_module(name) if name.startswith("memlib") else None
        elif operation == "IMPORT_FROM":
            found.add(things(getattr(loaded, name, None)))
            source = loaded
        elif operation in ("LOAD_ATTR", "LOAD_METHOD"):
            found.attributes.add(name)
            found.add(things(getattr(loaded, name, None)) if loaded else ())
        elif operation == "STORE_FAST":
            source = loaded  # between two names of one import
    for constant in code.co_consts:
        if isinstance(constant, str):
            found.words.add(constant)
            found.words.update(word for said in IMPLEMENTS.findall(constant) for word in said.split())
        elif isinstance(constant, CodeType):
            _read(constant, names, found)


@cache
def methods(owner: Any) -> dict[str, Any]:
    """Return the functions behind the methods and properties that a class itself defines."""
    found = {name: plain(value) for name, value in vars(owner).items()}
    return {name: value for name, value in found.items() if inspect.isfunction(value) and ours(value)}


def reach(start: Iterable[Any]) -> dict[str, Any]:
    """Return what the given functions and classes refer to, directly or not, themselves included."""
    reached: dict[str, Any] = {}
    named: set[str] = set()  # attributes that somebody reached reads
    unnamed: dict[str, list] = {}  # the methods of reached classes that nobody has named so far
    waiting = list(start)
    while waiting:
        thing = waiting.pop()
        if key(thing) in reached:
            continue
        reached[key(thing)] = thing
        found = references(thing)
        waiting.extend(found.things.values())
        if is_class(thing):
            for name, method in methods(thing).items():
                unnamed.setdefault(name, []).append(method)
        fresh = found.attributes - named if not is_class(thing) else found.attributes
        named |= fresh
        for name in (named if is_class(thing) else fresh) & unnamed.keys():
            waiting.extend(unnamed.pop(name))
    return reached


@dataclass
class Served:
    """What a function or class is to the claims of the book; ids in the order of the modules."""

    conclusion_of: list[str] = field(default_factory=list)
    hypothesis_of: list[tuple[str, str]] = field(default_factory=list)
    serves: list[str] = field(default_factory=list)
    builds: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """All claims of memlib and all that serves them.

    claims : module -> {variable: claim}. served : name of a function or class -> what it is to the claims.
    users : module -> the modules that import from it.
    """

    claims: dict[str, dict[str, Claim]]
    served: dict[str, Served]
    users: dict[str, list[str]]


def _everything() -> Iterator[Any]:
    """Yield all functions, classes and methods of memlib."""
    for name in modules():
        for value in vars(import_module(name)).values():
            value = plain(value)
            if ours(value) and value.__module__ == name:
                yield value
                if is_class(value):
                    yield from methods(value).values()


def _predicates(claim: Claim) -> list[Any]:
    return [p for p in map(plain, (claim.conclusion, *claim.hypotheses.values())) if ours(p)]


def _instances(claim: Claim) -> set[str]:
    """Name the classes that the claim's predicates take, those of chapters only: a network serves everybody."""
    found: set[str] = set()
    for predicate in _predicates(claim):
        code, notes = predicate.__code__, predicate.__annotations__
        given = [notes[name] for name in code.co_varnames[: code.co_argcount] if name in notes]
        found.update(
            key(thing)
            for thing in _annotated(given, predicate.__globals__)
            if thing.__module__.count(".") == 2
        )
    return found


def _claims() -> dict[str, dict[str, Claim]]:
    """Return module -> {variable: claim}, where an imported claim stays with the module that made it."""
    found: dict[str, dict[str, Claim]] = {}
    seen: set[int] = set()
    for name in modules():
        module = import_module(name)
        made = {n: v for n, v in vars(module).items() if isinstance(v, Claim)}
        imported = _imported(name)
        found[name] = {n: v for n, v in made.items() if n not in imported and id(v) not in seen}
        seen.update(map(id, found[name].values()))
    return found


@cache
def _imported(module: str) -> dict[str, str]:
    """Return name -> module, for what a module imports from memlib by name, here or in a function."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(Path(import_module(module).__file__ or "").read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update((alias.name, alias.name) for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("memlib"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found[alias.asname or alias.name] = whole if whole in modules() else node.module or ""
    return found


@cache
def reading() -> Reading:
    """Read all of memlib, once."""
    claims = _claims()
    served: dict[str, Served] = {}
    everything = {key(thing): thing for thing in _everything()}
    by_word: dict[str, list[Any]] = {}  # claim id or name of a class -> what names or returns it
    for thing in everything.values():
        words = references(thing).words if inspect.isfunction(thing) else set()
        notes = [thing.__annotations__.get("return")] if inspect.isfunction(thing) else []
        made = _annotated(notes, getattr(thing, "__globals__", {}))
        for name in {*words, *map(key, made)}:
            by_word.setdefault(name, []).append(thing)

    def of(name: str) -> Served:
        return served.setdefault(name, Served())

    for claim in (claim for made in claims.values() for claim in made.values()):
        of(key(plain(claim.conclusion))).conclusion_of.append(claim.id)
        for said, predicate in claim.hypotheses.items():
            of(key(plain(predicate))).hypothesis_of.append((claim.id, said))
        direct = {key(p): p for p in _predicates(claim)}
        deciding = reach(direct.values())
        for name in deciding.keys() - direct.keys():
            of(name).serves.append(claim.id)
        builders = [thing for word in (claim.id, *_instances(claim)) for thing in by_word.get(word, ())]
        for name in reach(builders).keys() - deciding.keys():
            of(name).builds.append(claim.id)
    users: dict[str, list[str]] = {}
    for name in modules():
        for source in sorted(set(_imported(name).values()) - {name}):
            users.setdefault(source, []).append(name)
    return Reading(claims, served, users)
