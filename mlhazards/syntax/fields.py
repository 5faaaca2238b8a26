"""The node-bearing fields of every node class of ast: what a walk has to look at.

Contexts, operators, identifiers and constants are left out; they hold no nodes worth a visit.
"""

from __future__ import annotations

import ast

#: Fields that never hold an expression or a statement.
_PLAIN = frozenset({
    "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "lineno",
    "module", "n", "name", "names", "op", "ops", "rest", "s", "simple", "tag", "type_comment",
    "type_ignores", "vararg_name",
})  # fmt: skip
_MANY = frozenset({
    "args", "bases", "body", "cases", "cls", "comparators", "decorator_list", "defaults", "elts",
    "finalbody", "generators", "handlers", "ifs", "items", "keywords", "kw_defaults", "kwd_attrs",
    "kwd_patterns", "kwonlyargs", "orelse", "patterns", "posonlyargs", "targets", "type_params",
    "values",
})  # fmt: skip
#: (class, field) pairs where a name that is a list elsewhere holds one node.
_SINGLE = frozenset({
    ("MatchClass", "cls"), ("Lambda", "args"), ("Lambda", "body"), ("IfExp", "body"),
    ("IfExp", "orelse"), ("FunctionDef", "args"), ("AsyncFunctionDef", "args"),
    ("Expression", "body"),
})  # fmt: skip
_LIST_OF_NODES = frozenset({("Dict", "keys"), ("MatchMapping", "keys")})
_CONSTANTS = frozenset({"Constant", "MatchSingleton"})


def _fields_of(kind: type[ast.AST]) -> tuple[tuple[str, bool], ...]:
    name = kind.__name__
    if name in _CONSTANTS:
        return ()
    found = []
    for field in kind._fields:
        if field in _PLAIN:
            continue
        many = (field in _MANY and (name, field) not in _SINGLE) or (name, field) in _LIST_OF_NODES
        found.append((field, many))
    return tuple(found)


def _all_kinds(kind: type[ast.AST]) -> list[type[ast.AST]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _all_kinds(child))]


#: For each node class: (field, whether it is a list; the lists may hold None).
FIELDS: dict[type[ast.AST], tuple[tuple[str, bool], ...]] = {
    kind: _fields_of(kind) for kind in _all_kinds(ast.AST)
}
