"""Access paths taken apart: the root of a place and the steps that lead away from it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

CALL = "()"
ELEMENT = "[]"

_ROOT = re.compile(r"super\(\)|@[^(\[]*|[^.(\[]+")
_STEP = re.compile(r"\(\)|\[\]|[^.(\[]+")


class Path(NamedTuple):
    """A place taken apart. A step is an attribute's name, ``()`` or ``[]``."""

    root: str
    steps: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def split(place: str) -> Path:
    """Return ``place`` (see ``mlhazards.facts.model``) as its root and the steps after it.

    The root of ``@a.b`` is all of it: which part of it is a module is left to the link.
    """
    match = _ROOT.match(place)
    if match is None:
        return Path(place, ())
    return Path(match[0], tuple(_STEP.findall(place, match.end())))


def last(place: str) -> str:
    """Return the last attribute or name in ``place``: what is called, in a callee."""
    names = [step for step in split(place).steps if step not in {CALL, ELEMENT}]
    if names:
        return names[-1]
    return re.split(r"[.:%$^@]", split(place).root)[-1]


def written(place: str) -> str:
    """Return ``place`` as a reader of the source would write it."""
    root = split(place).root
    if root[0] == "^":
        return place.partition(":")[2]
    return place.lstrip("%$@.")
