"""Definitions: functions and classes, and the headers that callers look at."""

from __future__ import annotations

import ast
from collections.abc import Callable
from sys import intern

from mlhazards.facts.bindings import Value, bind_name
from mlhazards.facts.expressions import read
from mlhazards.facts.model import Binding, Kind, Parameter, Shape
from mlhazards.facts.scope import Scope
from mlhazards.facts.steps import PARAMETERS
from mlhazards.facts.walk import ClassRecord, FunctionRecord, Walk
from mlhazards.knowledge.containers import RELIED_ON

_CONSTANT = ast.Constant
_CLASS_METHOD = Kind.CLASS_METHOD
_NO_RECEIVER = Kind.STATIC_METHOD | Kind.LAMBDA
_SELF, _CLS = ("self",), ("cls",)
#: How many parameters without annotation and default are kept between modules.
_MAX_BARE = 1 << 13
#: Longer bodies are no stubs: a docstring and one statement.
_MIN_BODY = 3
_PARTS_OF_PROPERTY = (".setter", ".deleter")
_DECORATORS = {
    "staticmethod": Kind.STATIC_METHOD,
    "classmethod": Kind.CLASS_METHOD,
    "property": Kind.PROPERTY,
    "functools.cached_property": Kind.PROPERTY,
    "contextlib.contextmanager": Kind.CONTEXT_MANAGER,
    "contextlib.asynccontextmanager": Kind.CONTEXT_MANAGER,
    "abc.abstractmethod": Kind.ABSTRACT,
    "abc.abstractproperty": Kind.ABSTRACT | Kind.PROPERTY,
    "typing.overload": Kind.OVERLOAD,
    "typing_extensions.overload": Kind.OVERLOAD,
    "typing.final": Kind.FINAL,
}
_IMPLICIT_CLASS_METHODS = frozenset({"__init_subclass__", "__class_getitem__"})


def read_function(walk: Walk, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Read a definition: decorators and defaults now, the body when this function is done."""
    scope, name, arguments = walk.scope, node.name, node.args
    record = walk.new_function(node, name)
    record.at = walk.spans.add_name(node)
    if type(node) is not ast.FunctionDef:
        record.kind = Kind.COROUTINE
    if node.decorator_list:
        _read_decorators(walk, node.decorator_list, record)
    if len(node.body) < _MIN_BODY and _is_stub(node.body):
        record.kind |= Kind.STUB
    for default in arguments.defaults:
        if type(default) is not _CONSTANT:
            read(walk, default)
    for value in arguments.kw_defaults:
        read(walk, value)
    if node.returns is not None:
        record.returns = walk.annotation(node.returns)
    record.parameters = _parameters(walk, arguments)
    place = intern(f"function:{record.number}")
    if scope.is_class:
        # The setter of a property is no method that anybody calls by its name.
        if not (
            record.decorators and any([d.endswith(_PARTS_OF_PROPERTY) for d in record.decorators])
        ):
            walk.classes[scope.class_index].methods[name] = record.number
        scope.bound[name] = (place,)
        return True
    record.class_index = -1 if scope.number == 0 else record.class_index
    shape = Shape("function", str(record.number))
    if scope.number and name not in scope.declared:
        scope.bound[name] = (place,)
        walk.bind_local(name, shape, record.at)
    else:
        bind_name(walk, name, Value(None, (place,), shape), node)
    return True


def _read_decorators(walk: Walk, decorators: list[ast.expr], record: FunctionRecord) -> None:
    found = []
    kind = 0
    for item in decorators:
        decorator = _decorator(walk, item)
        found.append(decorator)
        kind |= _DECORATORS.get(decorator, 0)
        if decorator.endswith(_PARTS_OF_PROPERTY):
            kind |= Kind.PROPERTY
    record.decorators = tuple(found)
    record.kind |= kind
    for item in decorators:
        read(walk, item)


def _decorator(walk: Walk, node: ast.expr) -> str:
    call = isinstance(node, ast.Call)
    places = walk.resolver.places(node.func if isinstance(node, ast.Call) else node)
    dotted = walk.resolver.dotted(places[0]) if len(places) == 1 else "?"
    return f"{dotted}()" if call else dotted


def _is_stub(body: list[ast.stmt]) -> bool:
    rest = body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        rest = body[1:]
    if not rest:
        return True
    return len(rest) == 1 and isinstance(rest[0], (ast.Pass, ast.Raise))


def _parameters(walk: Walk, arguments: ast.arguments) -> tuple[Parameter, ...]:
    positional, defaults = arguments.args, arguments.defaults
    if arguments.posonlyargs:
        positional = [*arguments.posonlyargs, *positional]
    without = len(positional) - len(defaults)
    found = []
    for item in positional[:without] if defaults else positional:
        annotation = item.annotation
        found.append(
            _BARE[item.arg]
            if annotation is None
            else Parameter(item.arg, "positional", walk.annotation(annotation))
        )
    if defaults:
        for item, value in zip(positional[without:], defaults):  # noqa: B905 (as many)
            found.append(_parameter(walk, item, "positional", value))
    if arguments.vararg is not None:
        found.append(_parameter(walk, arguments.vararg, "*", None))
    if arguments.kwonlyargs:
        for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            found.append(_parameter(walk, item, "keyword", default))
    if arguments.kwarg is not None:
        found.append(_parameter(walk, arguments.kwarg, "**", None))
    return tuple(found)


def _parameter(walk: Walk, node: ast.arg, kind: str, default: ast.expr | None) -> Parameter:
    return Parameter(
        node.arg,
        kind,
        "" if node.annotation is None else walk.annotation(node.annotation),
        None if default is None else walk.resolver.shape(default),
    )


class _BareParameters(dict[str, Parameter]):
    """Positional parameters of which only the name is said; the same few thousand everywhere."""

    def __missing__(self, name: str) -> Parameter:
        if len(self) > _MAX_BARE:
            self.clear()
        made = self[name] = Parameter(name)
        return made


_BARE = _BareParameters()


def bind_parameters(
    walk: Walk, scope: Scope, record: FunctionRecord, arguments: ast.arguments
) -> None:
    """Bind the parameters of a function whose body is about to be read."""
    parameters = record.parameters
    if not parameters:
        parameters = record.parameters = _parameters(walk, arguments)
        if not parameters:
            return
    names = [parameter.name for parameter in parameters]
    bound = scope.bound
    for name in names:
        bound[name] = PARAMETERS[name]
    if not RELIED_ON.isdisjoint(names):
        scope.shadowed = RELIED_ON.intersection(names)
    if walk.aliases:
        for name in names:
            walk.aliases.pop(name, None)
    parent = scope.parent
    if parent is None or not parent.is_class or record.kind & _NO_RECEIVER:
        return
    first = parameters[0]
    if first.kind == "positional":
        is_class = record.kind & _CLASS_METHOD or record.name in _IMPLICIT_CLASS_METHODS
        bound[names[0]] = _CLS if is_class else _SELF


def read_class(
    walk: Walk,
    node: ast.ClassDef,
    read_block: Callable[[Walk, list[ast.stmt], ast.stmt | None], bool],
) -> bool:
    """Read a class: its body belongs to the enclosing function, its methods are queued."""
    outer, frame, conditions = walk.scope, walk.frame, walk.conditions
    for item in node.decorator_list:
        read(walk, item)
    record = _new_class(walk, node)
    for keyword in node.keywords:
        read(walk, keyword.value)
    place = intern(f"class:{record.index}")
    shape = Shape("class", str(record.index))
    if outer.is_class:
        outer.bound[node.name] = (place,)
        walk.classes[outer.class_index].attributes.setdefault(node.name, []).append(
            Binding(shape, record.at, -1)
        )
    elif outer.number and node.name not in outer.declared:
        outer.bound[node.name] = (place,)
        walk.bind_local(node.name, shape, record.at)
    else:
        bind_name(walk, node.name, Value(None, (place,), shape), node)
    inner = outer.inside(outer.number, record.qualname, node.name, record.index, True)
    walk.scope = walk.resolver.scope = inner
    read_block(walk, node.body, node)
    walk.scope = walk.resolver.scope = outer
    walk.frame, walk.conditions = frame, conditions
    slots = record.attributes.get("__slots__")
    if slots:
        record.slots = ("__slots__",)
    return True


def _new_class(walk: Walk, node: ast.ClassDef) -> ClassRecord:
    scope = walk.scope
    prefix = scope.qualname
    if not scope.is_class and scope.number:
        prefix += ".<locals>"
    qualname = f"{prefix}.{node.name}" if prefix else node.name
    record = ClassRecord(
        len(walk.classes), node.name, qualname, walk.spans.add_name(node), scope.number
    )
    record.bases = tuple(_base(walk, base) for base in node.bases)
    record.keywords = tuple(
        f"{keyword.arg}={'|'.join(walk.resolver.places(keyword.value))}"
        for keyword in node.keywords
    )
    record.decorators = tuple(_decorator(walk, item) for item in node.decorator_list)
    walk.classes.append(record)
    return record


def _base(walk: Walk, node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    places = walk.resolver.places(node)
    return places[0] if len(places) == 1 else "?"
