"""Views: whether `x.keys()` is a live view of a dict, by all that the program says of `x`."""

from __future__ import annotations

from mlhazards.facts.model import Binding, Shape
from mlhazards.knowledge.classes import CONTAINER_ANNOTATIONS, CONTAINER_CLASSES
from mlhazards.knowledge.mappings import ABSTRACT_MAPPINGS, DICT_MAKERS, gives_no_dict_view
from mlhazards.program import Base, ClassRef, External, FunctionRef, Origin, Program
from mlhazards.program import places as paths

_DICTS = frozenset({"dict", "OrderedDict", "defaultdict", "Counter"})
_MAX_DEPTH = 3


def gives_dict_view(
    program: Program, function: FunctionRef, mapping: Shape, method: str, depth: int = 0
) -> bool | None:
    """Return whether ``method`` of ``mapping``, as ``function`` sees it, gives a live dict view.

    None where the program does not say.
    """
    kind = mapping.kind
    if kind in _DICTS or kind == "attributes":
        return True
    if kind == "either":
        found = {gives_dict_view(program, function, item, method, depth) for item in mapping.items}
        return found.pop() if len(found) == 1 else None
    if kind == "place":
        return _of_place(program, function, mapping.of, method, depth)
    if kind == "call":
        return _of_place(program, function, f"{mapping.of}()", method, depth)
    return None if kind in {"awaited", "element", "unknown"} else False


def _of_place(
    program: Program, function: FunctionRef, place: str, method: str, depth: int
) -> bool | None:
    shape = Shape("call", place[:-2]) if place.endswith("()") else Shape("place", place)
    origin = Origin(function.module, None, Binding(shape, 0, function.index))
    kind = program.container_kind([origin])
    if kind is not None:
        return kind in _DICTS
    answer = _of_class(program, program.type_of(*_key(function), place), method, depth)
    if answer is None and _made_by_no_dict(program, function, place):
        return False
    return answer


def _key(function: FunctionRef) -> tuple[str, int]:
    return function.module, function.index


def _of_class(program: Program, cls: Base | None, method: str, depth: int) -> bool | None:
    if cls is None:
        return None
    if isinstance(cls, External):
        return _of_external(cls.name)
    own = program.method(cls, method)
    if own is not None:
        return _of_method(program, own, method, depth)
    answers = {_of_base(base.name) for base in program.mro(cls) if isinstance(base, External)}
    if False in answers:
        return False
    return True if True in answers else None


def _of_external(name: str) -> bool | None:
    kind = CONTAINER_CLASSES.get(name) or CONTAINER_ANNOTATIONS.get(name)
    if kind is not None:
        return kind in _DICTS
    if name in DICT_MAKERS:
        return True
    return False if gives_no_dict_view(name) else None


def _of_base(name: str) -> bool | None:
    return False if name in ABSTRACT_MAPPINGS else _of_external(name)


def _of_method(program: Program, own: FunctionRef, method: str, depth: int) -> bool | None:
    """Return whether a method of the program, called ``keys`` or so, hands out a dict view."""
    results = program.function(own).results
    if not results or depth >= _MAX_DEPTH:
        return False if depth < _MAX_DEPTH else None
    if any(result.shape.kind != "view" for result in results):
        return False
    answers = {
        gives_dict_view(program, own, Shape("place", result.shape.of), method, depth + 1)
        for result in results
    }
    return answers.pop() if len(answers) == 1 else None


def _made_by_no_dict(program: Program, function: FunctionRef, place: str) -> bool:
    """Return whether ``place`` is an attribute, an element or a result of such an object."""
    root, steps = paths.split(place)
    prefix = root
    for step in steps:
        owner = program.type_of(*_key(function), prefix)
        if isinstance(owner, External) and gives_no_dict_view(owner.name):
            return True
        prefix += step if step in {paths.CALL, paths.ELEMENT} else f".{step}"
    symbol = program.resolve(function.module, root)
    return isinstance(symbol, External) and gives_no_dict_view(f"{symbol.name}.{'.'.join(steps)}")


def derives_from(program: Program, cls: ClassRef, names: frozenset[str]) -> bool:
    """Return whether a class derives from something outside the program that ``names`` lists."""
    return any(isinstance(base, External) and base.name in names for base in program.mro(cls))
