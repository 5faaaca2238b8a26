"""New names: variables and attributes that a loop over a namespace binds in that namespace.

``for name in globals():`` at the top of a module binds ``name``, a new global if it was none.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Access, Op
from mlhazards.program import Program
from mlhazards.program.loops import Walked

_DICT = ".__dict__"
#: What gives out the namespace of a module, in the body of that module.
_MODULE_NAMESPACES = frozenset({"globals()", "locals()", "vars()"})


def bound_in_walked(program: Program, walked: Walked) -> Iterator[Access]:
    """Yield what binds a new name in, or deletes one from, the namespace that the loop walks."""
    place = walked.access.place
    if place.endswith(_DICT):
        yield from _attributes(program, walked, place[: -len(_DICT)])
    elif place == "globals()" and walked.function.index:
        yield from _declared_global(program, walked)
    elif place in _MODULE_NAMESPACES and not walked.function.index:
        yield from _targets(program, walked)


def _attributes(program: Program, walked: Walked, holder: str) -> Iterator[Access]:
    for access in walked.detail.accesses:
        owner, _, name = access.place.rpartition(".")
        if owner != holder or not walked.goes_on_after(access):
            continue
        is_new = access.op == Op.REBIND and owner == "self" and _only_here(program, walked, name)
        if is_new or access.op == Op.DELETE:
            yield access


def _only_here(program: Program, walked: Walked, name: str) -> bool:
    """Return whether no other function binds the attribute on the instance."""
    cls = program.defining_class(walked.function)
    if cls is None or program.class_facts(cls).slots:
        return False
    return all(
        origin.module == walked.function.module
        and origin.binding.function in (-1, walked.function.index)
        and (origin.binding.function < 0 or origin.binding.at > walked.access.at)
        for origin in program.attribute_bindings(cls, name)
    )


def _declared_global(program: Program, walked: Walked) -> Iterator[Access]:
    names = program.modules[walked.function.module].names
    for access in walked.detail.accesses:
        if access.op == Op.REBIND and access.place in names and walked.goes_on_after(access):
            bindings = names[access.place]
            here = walked.function.index
            if all(b.function == here and b.at > walked.access.at for b in bindings):
                yield access


def _targets(program: Program, walked: Walked) -> Iterator[Access]:
    facts, loop, access = program.modules[walked.function.module], walked.loop, walked.access
    if loop.comprehension:
        return
    earlier = {name for other in walked.detail.loops[: access.loop] for name in other.targets}
    for name in loop.targets:
        bound = any(binding.at < access.at for binding in facts.names.get(name, ()))
        if not bound and name not in earlier and name not in facts.imports:
            yield Access(name, Op.REBIND, access.at, 0, access.loop, access.bits, "target", name)
            return
