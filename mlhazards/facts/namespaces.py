"""Namespaces of modules: whether the ``x.__dict__`` that a loop walks belongs to a module.

Asked only for a loop over some ``x.__dict__`` or ``vars(x)``. That is rare, so nothing is kept for
it during the walk: what the code says of ``x`` is looked up in the tree when the question comes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from mlhazards.facts.model import Binding, Parameter
from mlhazards.facts.walk import Walk
from mlhazards.syntax.fields import FIELDS

NAMESPACE = ".__dict__"
MODULE_TYPES = frozenset({"ModuleType", "types.ModuleType"})
#: Calls and look-ups that yield a module which others can reach as well, by canonical name.
_SHARED_MODULES = frozenset({
    "__import__()", "importlib.import_module()", "importlib.reload()", "inspect.getmodule()",
    "sys.modules.get()", "sys.modules.pop()", "sys.modules[]",
})  # fmt: skip
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_ANNOTATION_PARTS = re.compile(r"[\w.]+")

#: A condition and how it came out on the way to a place.
Test = tuple[ast.expr, bool]


def is_namespace(walk: Walk, place: str, node: ast.expr) -> bool:
    """Return whether ``place``, walked by the expression ``node``, is the namespace of a module."""
    if not place.endswith(NAMESPACE):
        return False
    owner = place[: -len(NAMESPACE)]
    return _is_module(walk, owner) or _is_tested(walk, owner, node)


def _is_module(walk: Walk, place: str) -> bool:
    """Return whether all that is bound to ``place`` is a module."""
    canonical = walk.resolver.dotted(place)
    if canonical in _SHARED_MODULES:
        return True
    if canonical in walk.modules:
        return place.partition(".")[0] not in walk.names
    bindings, parameters = _declarations(walk, place.removesuffix("[]"))
    texts = [item.annotation for item in bindings] + [item.annotation for item in parameters]
    if any(_names_module(text) for text in texts):
        return True
    if place.endswith("[]") or parameters:
        return False
    bound = [item.shape for item in bindings if item.shape.kind != "none"]
    return bool(bound) and all(
        shape.kind in ("call", "place")
        and _is_shared(walk, f"{shape.of}()" if shape.kind == "call" else shape.of)
        for shape in bound
    )


def _is_shared(walk: Walk, place: str) -> bool:
    return walk.resolver.dotted(place) in _SHARED_MODULES


def _declarations(walk: Walk, place: str) -> tuple[list[Binding], list[Parameter]]:
    """Return what is bound to a variable or an attribute of self so far, and its parameter."""
    root, name = place[:1], place[1:]
    if root in ("%", "$"):
        parameters = [item for item in walk.record.parameters if item.name == name]
        return walk.record.locals.get(name, []), parameters
    if root == "^":
        number, _, name = name.partition(":")
        header, detail = walk.functions[int(number)], walk.details[int(number)]
        parameters = [item for item in header.parameters if item.name == name] if header else []
        return (detail.locals.get(name, []) if detail else []), parameters
    if place.startswith("self.") and walk.scope.class_index >= 0:
        attributes = walk.classes[walk.scope.class_index].attributes
        return attributes.get(place[len("self.") :], []), []
    return walk.names.get(place, []), []


def _names_module(annotation: str) -> bool:
    return not MODULE_TYPES.isdisjoint(_ANNOTATION_PARTS.findall(annotation))


def _is_tested(walk: Walk, place: str, node: ast.expr) -> bool:
    """Return whether ``node`` is reached only where ``place`` was found to be a module."""
    bindings, parameters = _declarations(walk, place)
    if len(bindings) + len(parameters) > 1:
        return False  # it may be another object by then
    return any(_proves(walk, test, truth, place) for test, truth in _tests_before(walk.root, node))


def _proves(walk: Walk, test: ast.expr, truth: bool, place: str) -> bool:  # noqa: FBT001
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _proves(walk, test.operand, not truth, place)
    if isinstance(test, ast.BoolOp):
        return truth == isinstance(test.op, ast.And) and any(
            _proves(walk, part, truth, place) for part in test.values
        )
    if not truth or not isinstance(test, ast.Call) or not test.args:
        return False
    if walk.resolver.places(test.args[0]) != (place,):
        return False
    callees = walk.resolver.places(test.func)
    if callees == ("isinstance",):
        return any(_admits(walk, classes) for classes in test.args[1:])
    return len(callees) == 1 and walk.resolver.dotted(callees[0]) == "inspect.ismodule"


def _admits(walk: Walk, classes: ast.expr) -> bool:
    """Return whether the second argument of ``isinstance`` names the type of modules."""
    if isinstance(classes, ast.Tuple):
        return any(_admits(walk, item) for item in classes.elts)
    if isinstance(classes, ast.BinOp):
        return _admits(walk, classes.left) or _admits(walk, classes.right)
    return any(
        walk.resolver.dotted(place) in MODULE_TYPES for place in walk.resolver.places(classes)
    )


def _tests_before(root: ast.AST, node: ast.expr) -> Iterator[Test]:
    """Yield the conditions that must have come out so wherever ``node`` is evaluated."""
    current: ast.AST | None = root
    while current is not None and current is not node:
        inner = _child_around(current, node)
        if inner is not None:
            yield from _tests_between(current, inner)
        current = inner


def _child_around(parent: ast.AST, node: ast.expr) -> ast.AST | None:
    for child in _children(parent):
        if child is node or (_covers(child, node) and _holds(child, node)):
            return child
    return None


def _children(parent: ast.AST) -> Iterator[ast.AST]:
    for name, many in FIELDS[type(parent)]:
        value = getattr(parent, name)
        if many:
            yield from (item for item in value if item is not None)
        elif value is not None:
            yield value


def _covers(child: ast.AST, node: ast.expr) -> bool:
    """Return whether the lines of ``child`` may hold ``node``; some classes have no position."""
    first = getattr(child, "lineno", None)
    if first is None:
        return True
    return bool(first <= node.lineno <= (getattr(child, "end_lineno", None) or first))


def _holds(child: ast.AST, node: ast.expr) -> bool:
    pending = [child]
    while pending:
        current = pending.pop()
        if current is node:
            return True
        pending.extend(item for item in _children(current) if _covers(item, node))
    return False


def _tests_between(parent: ast.AST, child: ast.AST) -> Iterator[Test]:
    """Yield the conditions under which ``child`` is evaluated once ``parent`` is."""
    if isinstance(parent, (ast.If, ast.IfExp, ast.While)):
        yield from _branch_taken(parent, child)
    elif isinstance(parent, ast.BoolOp):
        for value in parent.values:
            if value is child:
                break
            yield value, isinstance(parent.op, ast.And)
    elif isinstance(parent, _COMPREHENSIONS):
        for generator in parent.generators:
            if generator is child:
                break
            yield from ((test, True) for test in generator.ifs)
    for _, block in ast.iter_fields(parent):
        if isinstance(block, list) and isinstance(child, ast.stmt) and child in block:
            yield from _refusals(block[: block.index(child)])


def _branch_taken(parent: ast.If | ast.IfExp | ast.While, child: ast.AST) -> Iterator[Test]:
    body = parent.body if isinstance(parent.body, list) else [parent.body]
    if child in body:
        yield parent.test, True
    elif child is not parent.test and not isinstance(parent, ast.While):
        yield parent.test, False


def _refusals(statements: Iterable[ast.stmt]) -> Iterator[Test]:
    """Yield what is known after asserts and after ``if``s whose body leaves."""
    for statement in statements:
        match statement:
            case ast.Assert(test=test):
                yield test, True
            case ast.If(test=test, body=[*_, last], orelse=[]) if isinstance(last, _LEAVING):
                yield test, False
