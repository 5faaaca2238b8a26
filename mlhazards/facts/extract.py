"""Extraction: one walk over a tree yields all facts of the module."""

from __future__ import annotations

import ast

from mlhazards.facts.definitions import bind_parameters
from mlhazards.facts.expressions import read
from mlhazards.facts.model import FunctionDetail, FunctionFacts, Kind, ModuleFacts, Result
from mlhazards.facts.results import MAY_REFUSE, note_tests, refusal_tests
from mlhazards.facts.scope import Scope
from mlhazards.facts.statements import read_block
from mlhazards.facts.steps import forget
from mlhazards.facts.walk import Function, FunctionRecord, Walk

_END_REACHABLE = Kind.END_REACHABLE


def extract_facts(
    tree: ast.Module,
    text: str,
    *,
    name: str,
    path: str,
    is_package: bool,
    start_names: frozenset[str],
) -> ModuleFacts:
    """Return all facts of one module.

    Args:
        tree: the parsed source.
        text: the source itself, for columns in code points.
        name: the dotted name under which the module is imported.
        path: where it lies, as it is to be reported.
        is_package: whether it is an ``__init__.py``.
        start_names: the last names of the callables that start something (knowledge tables).

    """
    forget()
    walk = Walk(tree, text, start_names)
    read_block(walk, tree.body, None)
    _finish(walk)
    while walk.queue:
        node, scope, record = walk.queue.popleft()
        _read_body(walk, node, scope, record)
        _finish(walk)
    return ModuleFacts(
        name=name,
        path=path,
        is_package=is_package,
        imports=walk.imports,
        star_imports=tuple(walk.star_imports),
        type_checking=tuple(walk.type_checking),
        submodules=tuple(sorted(walk.submodules)),
        names=walk.names,
        exported=walk.exported,
        classes=[record.facts() for record in walk.classes],
        functions=[header for header in walk.functions if header is not None],
        starts=tuple(walk.starts),
        results_used=tuple(walk.results_used),
        uses=walk.uses,
        views=walk.views,
        yielded_from=tuple(sorted(walk.yielded_from)),
        opaque=walk.opaque,
        locksets=list(walk.locksets),
        details=[detail for detail in walk.details if detail is not None],
        spans=walk.spans.packed(),
    )


def _read_body(walk: Walk, node: Function, scope: Scope, record: FunctionRecord) -> None:
    walk.enter(node, scope, record)
    if isinstance(node, ast.Lambda):
        record.kind |= Kind.LAMBDA
        record.at = walk.spans.add(node)
        bind_parameters(walk, scope, record, node.args)
        read(walk, node.body, "returned")
        record.results.append(Result(walk.resolver.shape(node.body), walk.spans.add(node.body)))
        return
    bind_parameters(walk, scope, record, node.args)
    body = node.body
    if type(body[0]) in MAY_REFUSE:
        record.raises_if = refusal_tests(walk, body)
    if read_block(walk, body, None):
        record.kind |= _END_REACHABLE
    if record.results:
        note_tests(walk, record, body)


def _finish(walk: Walk) -> None:
    record = walk.record
    shadowed: frozenset[str] = frozenset()
    scope: Scope | None = walk.scope
    while scope is not None:
        if scope.shadowed:
            shadowed |= scope.shadowed
        scope = scope.parent
    names = tuple(sorted(shadowed)) if shadowed else ()
    walk.functions[record.number] = FunctionFacts(
        record.name, record.qualname, record.class_index, record.parent, record.kind, record.at,
        record.parameters, record.decorators, tuple(record.results), record.returns,
        record.held_at_yield or (), record.raises_if, names, record.end_tests,
    )  # fmt: skip
    walk.details[record.number] = FunctionDetail(
        record.accesses, record.calls, record.loops, record.locals
    )
