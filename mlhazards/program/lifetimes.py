"""What becomes of a view that is bound to an attribute: how long it stays, and what it follows."""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Access, Binding, Bit, Kind, Op, Shape, StoredView
from mlhazards.program import ClassRef, FunctionRef, Program
from mlhazards.program import places as paths

_RESIZES = frozenset({Op.ADD, Op.REMOVE, Op.SET_ITEM})
_MAKERS = frozenset({"call", "dict", "list", "none", "set", "tuple"})


def attribute_of(view: StoredView) -> str:
    """Return the name of the attribute that a view is bound to."""
    return view.place.rpartition(".")[2]


def outlives_call(program: Program, module: str, view: StoredView) -> bool:
    """Return whether the attribute is still there when the function is left.

    It is not, when a later statement of the function surely binds it to something else, or when the
    object that has the attribute is made there and never leaves.
    """
    if _is_overwritten(program, module, view):
        return False
    root = paths.split(view.place).root
    if root[0] != "%":
        return True
    function = FunctionRef(module, view.function)
    bindings = program.detail(function).locals.get(root[1:], [])
    made_here = all(_makes_object(program, function, binding.shape) for binding in bindings)
    return not made_here or _leaves(program, function, root)


def _is_overwritten(program: Program, module: str, view: StoredView) -> bool:
    function = FunctionRef(module, view.function)
    if view.owner >= 0:
        bound = program.class_facts(ClassRef(module, view.owner)).attributes
        for binding in bound.get(attribute_of(view), ()):
            here = binding.function == view.function and binding.at > view.statement
            if here and not binding.conditional and binding.shape.kind != "view":
                return True
    return any(
        access.op == Op.REBIND
        and access.place == view.place
        and access.at > view.statement
        and access.how != "view"
        and not access.bits & Bit.CONDITIONAL
        for access in program.detail(function).accesses
    )


def _makes_object(program: Program, function: FunctionRef, shape: Shape) -> bool:
    """Return whether an expression surely makes a new object."""
    if shape.kind != "call":
        return shape.kind in _MAKERS
    callee = program.callee(function.module, function.index, shape.of)
    made = program.type_of(function.module, function.index, f"{shape.of}()")
    return callee is None and isinstance(made, ClassRef)


def _leaves(program: Program, function: FunctionRef, root: str) -> bool:
    """Return whether a local object is returned, handed on, or kept by another object."""
    header, detail = program.function(function), program.detail(function)
    if header.kind & Kind.GENERATOR:
        return True
    if any(_mentions(result.shape, root) for result in header.results):
        return True
    if any(a.place == root or root in a.made_of for call in detail.calls for a in call.arguments):
        return True
    if any(access.op == Op.REBIND and access.key == root for access in detail.accesses):
        return True
    return header.class_index >= 0 and any(
        binding.function == function.index and _mentions(binding.shape, root)
        for bindings in _attributes(program, function).values()
        for binding in bindings
    )


def _attributes(program: Program, function: FunctionRef) -> dict[str, list[Binding]]:
    owner = program.function(function).class_index
    return program.class_facts(ClassRef(function.module, owner)).attributes


def _mentions(shape: Shape, place: str) -> bool:
    return shape.of == place or any(_mentions(item, place) for item in shape.items)


def grows_later(program: Program, module: str, view: StoredView) -> bool:
    """Return whether the program may change the size of the mapping after the view was bound.

    Attributes are compared by name alone: an answer of no is what has to be sure.
    """
    if view.mapping.kind != "place":
        return view.mapping.kind == "either"
    function = FunctionRef(module, view.function)
    names = {place.rpartition(".")[2] for place in _same_object(program, function, view)}
    own = view.mapping.of
    for name, facts in program.modules.items():
        for index, detail in enumerate(facts.details):
            here = name == module and index == view.function
            for access in detail.accesses:
                if access.op not in _RESIZES or (here and _is_earlier(access, view)):
                    continue
                if (here and access.place == own) or access.place.rpartition(".")[2] in names:
                    return True
    return False


def _is_earlier(access: Access, view: StoredView) -> bool:
    return access.at < view.statement and access.loop < 0


def _same_object(program: Program, function: FunctionRef, view: StoredView) -> Iterator[str]:
    """Yield the attributes and globals that name the mapping."""
    mapping = view.mapping.of
    if mapping[0] not in "%$":
        yield mapping.partition(":")[2] if mapping[0] == "^" else mapping
    detail = program.detail(function)
    # `self.table = table = {}` gives one object two names.
    made_at = {binding.at for binding in detail.locals.get(mapping[1:], ())}
    if program.function(function).class_index >= 0:
        for attribute, bindings in _attributes(program, function).items():
            for binding in bindings:
                named = binding.shape == Shape("place", mapping) or binding.at in made_at
                if binding.function == function.index and named:
                    yield attribute
    for access in detail.accesses:
        if access.op == Op.REBIND and access.key == mapping and "." in access.place:
            yield access.place
