"""What an expression can stand for: a symbol, or an object of a class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mlhazards.program import declared
from mlhazards.program.classes import Base
from mlhazards.program.names import ClassRef, External, Symbol


class Instance(NamedTuple):
    """An object of a class; ``annotation`` is the one that says so, for its elements."""

    cls: Base
    annotation: declared.Annotation | None = None
    module: str = ""


class Super(NamedTuple):
    """The value of ``super()`` in a method of ``defining``, on an object of class ``cls``."""

    cls: ClassRef
    defining: ClassRef


Value = Symbol | Instance | Super | None

#: Says nothing of a place: a binding to None, or a question that leads back to itself.
NOTHING = Instance(External(""))


def agreed(values: Iterable[Value]) -> Value:
    """Return what all values are: None when one is unknown, or when they differ."""
    found: Value = NOTHING
    for value in values:
        if value is None:
            return None
        if found == NOTHING:
            found = value
        elif value not in (NOTHING, found) and not same_class(found, value):
            return None
    return found


def same_class(one: Value, other: Value) -> bool:
    """Return whether both are objects, and of one class."""
    return isinstance(one, Instance) and isinstance(other, Instance) and one.cls == other.cls
