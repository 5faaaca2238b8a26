"""Definitions: functions and classes, and the headers that callers look at."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from sys import intern

from mlhazards.facts.bindings import Value, bind_name
from mlhazards.facts.expressions import read
from mlhazards.facts.model import Binding, Kind, Parameter, Shape
from mlhazards.facts.scope import Scope
from mlhazards.facts.walk import ClassRecord, FunctionRecord, Walk
from mlhazards.knowledge.containers import RELIED_ON

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
    scope = walk.scope
    record = walk.new_function(node, node.name)
    record.at = walk.spans.add_name(node)
    record.decorators = tuple(_decorator(walk, item) for item in node.decorator_list)
    for decorator in record.decorators:
        record.kind |= _DECORATORS.get(decorator, 0)
        if decorator.endswith((".setter", ".deleter")):
            record.kind |= Kind.PROPERTY
    if isinstance(node, ast.AsyncFunctionDef):
        record.kind |= Kind.COROUTINE
    if _is_stub(node.body):
        record.kind |= Kind.STUB
    for item in node.decorator_list:
        read(walk, item)
    for default in (*node.args.defaults, *node.args.kw_defaults):
        read(walk, default)
    if node.returns is not None:
        record.returns = walk.annotation(node.returns)
    record.parameters = _parameters(walk, node.args)
    if scope.is_class:
        if not any(item.endswith((".setter", ".deleter")) for item in record.decorators):
            walk.classes[scope.class_index].methods[node.name] = record.number
        scope.bound[node.name] = (f"function:{record.number}",)
        return True
    record.class_index = -1 if scope.number == 0 else record.class_index
    place = intern(f"function:{record.number}")
    shape = Shape("function", str(record.number))
    if scope.number and node.name not in scope.declared:
        scope.bound[node.name] = (place,)
        walk.bind_local(node.name, shape, record.at)
    else:
        bind_name(walk, node.name, Value(None, (place,), shape), node)
    return True


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
    positional = [*arguments.posonlyargs, *arguments.args]
    if not arguments.defaults and not arguments.kwonlyargs and not arguments.vararg:
        found = [_parameter(walk, item, "positional", None) for item in positional]
        if arguments.kwarg is not None:
            found.append(_parameter(walk, arguments.kwarg, "**", None))
        return tuple(found)
    found = []
    without = len(positional) - len(arguments.defaults)
    for index, item in enumerate(positional):
        default = arguments.defaults[index - without] if index >= without else None
        found.append(_parameter(walk, item, "positional", default))
    if arguments.vararg is not None:
        found.append(_parameter(walk, arguments.vararg, "*", None))
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_parameter(walk, item, "keyword", default))
    if arguments.kwarg is not None:
        found.append(_parameter(walk, arguments.kwarg, "**", None))
    return tuple(found)


def _parameter(walk: Walk, node: ast.arg, kind: str, default: ast.expr | None) -> Parameter:
    if node.annotation is None and default is None:
        return _bare_parameter(node.arg, kind)
    return Parameter(
        node.arg,
        kind,
        "" if node.annotation is None else walk.annotation(node.annotation),
        None if default is None else walk.resolver.shape(default),
    )


@lru_cache(maxsize=4096)
def _bare_parameter(name: str, kind: str) -> Parameter:
    return Parameter(name, kind)


def bind_parameters(walk: Walk, scope: Scope, record: FunctionRecord, arguments: ast.arguments) -> None:
    """Bind the parameters of a function whose body is about to be read."""
    if not record.parameters:
        record.parameters = _parameters(walk, arguments)
    for parameter in record.parameters:
        scope.bound[parameter.name] = (intern(f"${parameter.name}"),)
        if parameter.name in RELIED_ON:
            scope.shadowed |= {parameter.name}
        walk.aliases.pop(parameter.name, None)
    parent = scope.parent
    if parent is None or not parent.is_class or record.kind & (Kind.STATIC_METHOD | Kind.LAMBDA):
        return
    if record.parameters and record.parameters[0].kind == "positional":
        is_class = record.kind & Kind.CLASS_METHOD or record.name in _IMPLICIT_CLASS_METHODS
        scope.bound[record.parameters[0].name] = ("cls" if is_class else "self",)


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
    inner = Scope(outer.number, outer, record.qualname, node.name, record.index, True)  # noqa: FBT003
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
        f"{keyword.arg}={'|'.join(walk.resolver.places(keyword.value))}" for keyword in node.keywords
    )
    record.decorators = tuple(_decorator(walk, item) for item in node.decorator_list)
    walk.classes.append(record)
    return record


def _base(walk: Walk, node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    places = walk.resolver.places(node)
    return places[0] if len(places) == 1 else "?"
