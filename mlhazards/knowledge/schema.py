"""The schema of the knowledge tables: what a table may say, and the records it becomes.

A table is a TOML file. ``[[start]]`` is a call that makes code run concurrently; ``[[subclass]]``
is a base class that runs one method of its subclasses so. ``tools/compile_knowledge.py`` turns the
tables of the package into ``tables.py``, so that a run parses no TOML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

DOMAINS = frozenset({"new-thread", "pool", "collection"})


class Start(NamedTuple):
    """A call that makes a callable run concurrently.

    ``call`` is the canonical name of the callable; of a method, that of its class first. The
    callable that runs stands in one of the slots ``target`` (positions or keywords); what it is
    given in ``arguments``: slots that hold a tuple, or "N+" for everything from position N on.
    ``begins`` is the method of the result that really starts it ("" where the call does), ``joins``
    those that wait for its end. ``domain``: new-thread (one for each call), pool (some thread of a
    pool), collection (whichever thread drops the last reference or collects). ``any_receiver``
    says that the method's name alone is proof enough. ``gives`` is the class of what the call
    returns, where another entry speaks of its methods.
    """

    call: str
    target: tuple[str, ...]
    domain: str
    description: str
    source: str
    arguments: tuple[str, ...] = ()
    keywords: str = ""
    begins: str = ""
    joins: tuple[str, ...] = ()
    any_receiver: bool = False
    gives: str = ""


class Subclass(NamedTuple):
    """A base class that runs ``method`` of its subclasses concurrently, once ``begins`` is called.

    The base ``object`` stands for every class.
    """

    base: str
    method: str
    domain: str
    description: str
    source: str
    begins: str = ""
    joins: tuple[str, ...] = ()


class KnowledgeError(ValueError):
    """A table that does not fit the schema; the message names the entry and the key."""


def read_starts(table: Mapping[str, Any]) -> tuple[Start, ...]:
    """Return the ``[[start]]`` entries of a parsed table.

    Raises:
        KnowledgeError: a key is unknown or missing, or has a value of the wrong type.

    """
    return tuple(Start(**_checked(Start, entry, "start")) for entry in table.get("start", ()))


def read_subclasses(table: Mapping[str, Any]) -> tuple[Subclass, ...]:
    """Return the ``[[subclass]]`` entries of a parsed table; raises like ``read_starts``."""
    entries = table.get("subclass", ())
    return tuple(Subclass(**_checked(Subclass, entry, "subclass")) for entry in entries)


def _checked(kind: type[Start | Subclass], entry: Mapping[str, Any], title: str) -> dict[str, Any]:
    name = entry.get("call") or entry.get("base") or "?"
    types = {"any_receiver": bool, "target": list, "arguments": list, "joins": list}
    found: dict[str, Any] = {}
    for key, value in entry.items():
        wanted = types.get(key, str)
        fits = isinstance(value, wanted)
        if fits and wanted is list:
            fits = all(isinstance(item, str) for item in value)
        if key not in kind._fields or not fits:
            message = f"[[{title}]] {name}: {key} is unknown or no {wanted.__name__}"
            raise KnowledgeError(message)
        found[key] = tuple(value) if wanted is list else value
    missing = [k for k in kind._fields if k not in found and k not in kind._field_defaults]
    if missing:
        message = f"[[{title}]] {name}: {missing[0]} is missing"
        raise KnowledgeError(message)
    if found["domain"] not in DOMAINS:
        message = f"[[{title}]] {name}: domain is none of {', '.join(sorted(DOMAINS))}"
        raise KnowledgeError(message)
    return found
