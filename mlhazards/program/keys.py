"""Keys: how the key or element that an access uses stands to the loop around it."""

from __future__ import annotations

from mlhazards.program import places
from mlhazards.program.effects import Relation
from mlhazards.program.loops import Walked

_SINGLETONS = frozenset({"Ellipsis", "False", "None", "True"})


def own_relation(walked: Walked, key: str) -> Relation:
    """Return how a key that the body itself uses stands to the loop."""
    if not key:
        return "unknown"
    if is_constant(key):
        return "constant"
    targets = walked.loop.targets
    if key == walked.element:
        return "own"
    name = key.lstrip("%")
    if name in targets:
        return "index" if walked.access.how == "enumerate" and name == targets[0] else "own"
    derived = key.startswith((f"{walked.element}.", f"{walked.element}["))
    return "derived" if derived or places.split(name).root in targets else "other"


def is_constant(key: str) -> bool:
    """Return whether a key is the repr of a constant and no place."""
    return key[0] in "'\"-.0123456789" or key[:2] in ("b'", 'b"') or key in _SINGLETONS
