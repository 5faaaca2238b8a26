"""Classes that own a threading lock, and what kind of lock lies at a location."""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Binding, ModuleFacts, Shape
from mlhazards.program import Program
from mlhazards.program.locations import Location, Locator
from mlhazards.program.names import ClassRef

#: Locks that one thread holds at a time. A semaphore may let several in, asyncio's keep no thread
#: out.
EXCLUSIVE = frozenset({
    "_thread.allocate_lock", "thread.allocate_lock", "threading.Condition", "threading.Lock",
    "threading.RLock",
})  # fmt: skip
#: Those that their holder may surely take again.
REENTRANT = frozenset({"threading.RLock"})
#: A class with more subclasses than this is analysed as itself only.
MAX_SUBCLASSES = 24


def lock_owners(program: Program) -> Iterator[ClassRef]:
    """Yield the classes that bind a threading lock, and their subclasses, each once."""
    seen: set[ClassRef] = set()
    for name, module in program.modules.items():
        if not _imports_locks(module):
            continue
        for index, facts in enumerate(module.classes):
            if not any(_may_be_lock(b) for found in facts.attributes.values() for b in found):
                continue
            owner = ClassRef(name, index)
            below = program.subclasses(owner)
            for cls in (owner, *below) if len(below) <= MAX_SUBCLASSES else (owner,):
                if cls not in seen:
                    seen.add(cls)
                    yield cls


def lock_kind(locator: Locator, location: Location) -> str:
    """Return the canonical constructor of the exclusive lock at a location, "" when unknown.

    A lock that may have been given as an argument (``lock or RLock()``) is of the kind that the
    class itself would make.
    """
    found = ""
    for origin in locator.origins(location):
        for shape in leaves(origin.binding.shape):
            if shape.kind in {"none", "parameter"} or shape.of.startswith("$"):
                continue
            made = shape.of if shape.kind in {"lock", "call"} else ""
            if shape.kind == "call" and made not in EXCLUSIVE:
                made = locator.external_type(location)
            if made not in EXCLUSIVE:
                return ""
            found = made
    return found


def leaves(shape: Shape) -> Iterator[Shape]:
    """Yield the shapes that a conditional value may have."""
    if shape.kind == "either":
        for item in shape.items:
            yield from leaves(item)
    else:
        yield shape


def _imports_locks(module: ModuleFacts) -> bool:
    return any(
        dotted.startswith(("threading", "thread", "_thread")) for dotted in module.imports.values()
    )


def _may_be_lock(binding: Binding) -> bool:
    return any(
        shape.kind in {"lock", "call"} and shape.of in EXCLUSIVE for shape in leaves(binding.shape)
    )
