"""Assignments and deletions: the right side is judged and read before any target is bound."""

from __future__ import annotations

import ast

from mlhazards.facts.bindings import NO_VALUE, bind, bind_attribute, bind_name, delete, judge
from mlhazards.facts.calls import key_of, read_call
from mlhazards.facts.expressions import read, read_stack
from mlhazards.facts.model import Op, Use
from mlhazards.facts.stack import Stack
from mlhazards.facts.steps import OWN
from mlhazards.facts.walk import Walk

_NAME, _ATTRIBUTE, _CALL, _CONSTANT = ast.Name, ast.Attribute, ast.Call, ast.Constant


def assign(walk: Walk, node: ast.Assign) -> bool:
    """Read ``target = value``; a plain name or attribute as the only target is what most are."""
    value, targets = node.value, node.targets
    judged = judge(walk, value)
    target = targets[0]
    kind, value_kind = type(target), type(value)
    if kind is _NAME:
        name: str = target.id  # type: ignore[attr-defined]
        if value_kind is _CALL:
            stack: Stack = []
            read_call(walk, value, stack, "assigned", own_place(walk, name))  # type: ignore[arg-type]
            if stack:
                read_stack(walk, stack)
        elif value_kind is not _CONSTANT:
            _read_value(walk, value, target, own_place(walk, name))
        bind_name(walk, name, judged, node)
        if name == "__all__" and walk.scope.number == 0 and not walk.scope.is_class:
            _note_exported(walk, value)
    elif kind is _ATTRIBUTE:
        places = walk.resolver.attribute(target)  # type: ignore[arg-type]
        if value_kind is not _CONSTANT:
            _read_value(walk, value, target, places[0] if len(places) == 1 else "")
        if type(target.value) is not _NAME:  # type: ignore[attr-defined]
            read_target(walk, target)
        bind_attribute(walk, places, judged, node)
    else:
        _read_value(walk, value, target, assigned_place(walk, target))
        read_target(walk, target)
        bind(walk, target, judged, node)
    if len(targets) > 1:
        for other in targets[1:]:
            read_target(walk, other)
            bind(walk, other, judged, node)
    return True


def _read_value(walk: Walk, value: ast.expr, target: ast.expr, assigned: str) -> None:
    """Read the right side of an assignment; calls are told what their result is bound to."""
    kind = type(value)
    if kind is _CALL:
        stack: Stack = []
        read_call(walk, value, stack, _use_by(target), assigned)  # type: ignore[arg-type]
        if stack:
            read_stack(walk, stack)
    elif kind is _ATTRIBUTE:
        read(walk, value, _use_of_attribute(target, value))  # type: ignore[arg-type]
    elif kind is not _NAME or walk.aliases:
        read(walk, value, _use_by(target), assigned if kind is ast.Await else "")


def _use_by(target: ast.expr) -> str:
    if isinstance(target, (ast.Tuple, ast.List)):
        return f"unpacked:{len(target.elts)}"
    return "assigned"


def _use_of_attribute(target: ast.expr, value: ast.Attribute) -> str:
    if isinstance(target, ast.Name) or (
        isinstance(target, ast.Attribute) and target.attr == value.attr
    ):
        return "renamed"
    return _use_by(target)


def own_place(walk: Walk, name: str) -> str:
    """Return the place of the variable that an assignment to ``name`` binds."""
    scope = walk.scope
    if name in scope.declared:
        return name
    return OWN[name][0] if scope.is_local else scope.own(name)


def assigned_place(walk: Walk, target: ast.expr) -> str:
    """Return the one place that a target binds, "" where there is none or several."""
    if isinstance(target, ast.Name):
        return own_place(walk, target.id)
    places: tuple[str, ...] = ()
    if isinstance(target, ast.Attribute):
        places = walk.resolver.attribute(target)
    elif isinstance(target, ast.Subscript):
        places = tuple([f"{place}[]" for place in walk.resolver.places(target.value)])
    return places[0] if len(places) == 1 else ""


def read_target(walk: Walk, target: ast.expr) -> None:
    """Read the expressions inside a target: receivers and keys."""
    if isinstance(target, ast.Attribute):
        if type(target.value) is not _NAME:
            read(walk, target.value, "attribute")
    elif isinstance(target, ast.Subscript):
        read(walk, target.value, "indexed")
        read(walk, target.slice)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            if type(item) is not _NAME:
                read_target(walk, item)
    elif isinstance(target, ast.Starred):
        read_target(walk, target.value)


def _note_exported(walk: Walk, value: ast.expr) -> None:
    items = value.elts if isinstance(value, (ast.List, ast.Tuple)) else []
    walk.exported = tuple(
        item.value
        for item in items
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    )


def assign_annotated(walk: Walk, node: ast.AnnAssign) -> bool:
    """Read ``target: annotation = value``."""
    annotation = walk.annotation(node.annotation)
    target, value = node.target, node.value
    if value is None:
        if walk.scope.is_local:
            return True
        judged = NO_VALUE
    else:
        judged = judge(walk, value)
        if type(value) is not _CONSTANT:
            _read_value(walk, value, target, assigned_place(walk, target))
    if isinstance(target, ast.Name):
        bind_name(walk, target.id, judged, node, annotation)
    else:
        read_target(walk, target)
        bind(walk, target, judged, node, annotation)
    return True


_RESIZING_OPERATORS = {
    ast.BitOr: (Op.ADD, "|="),
    ast.Add: (Op.ADD, "+="),
    ast.Sub: (Op.REMOVE, "-="),
    ast.BitAnd: (Op.REMOVE, "&="),
    ast.BitXor: (Op.REMOVE, "^="),
}


def assign_augmented(walk: Walk, node: ast.AugAssign) -> bool:
    """Read ``target += value``, which may resize what it is done to."""
    target = node.target
    if isinstance(target, ast.Attribute):
        walk.use(target.attr, Use.OTHER)
    read(walk, node.value)
    read_target(walk, target)
    if isinstance(target, ast.Subscript):
        for place in walk.resolver.places(target.value):
            walk.access(place, Op.AUGMENT_ITEM, node, "[]", key_of(walk, target.slice))
        return True
    operator = _RESIZING_OPERATORS.get(type(node.op))
    if operator is not None and walk.scope.number:
        for place in walk.resolver.places(target):
            walk.access(place, operator[0], node, operator[1])
    return True


def read_delete(walk: Walk, node: ast.Delete) -> bool:
    """Read ``del targets``."""
    for target in node.targets:
        read_target(walk, target)
        delete(walk, target, node)
    return True
