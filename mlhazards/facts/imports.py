"""Imports: which dotted name a local name stands for."""

from __future__ import annotations

import ast
from itertools import accumulate
from sys import intern

from mlhazards.facts.walk import Walk


def read_import(walk: Walk, node: ast.Import) -> bool:
    """Read ``import a.b`` and ``import a.b as c``."""
    for alias in node.names:
        walk.modules.update(accumulate(alias.name.split("."), "{}.{}".format))
        if alias.asname:
            _bind(walk, alias.asname, alias.name)
        else:
            first = alias.name.partition(".")[0]
            _bind(walk, first, first)
            if walk.scope.number == 0:
                walk.submodules.add(alias.name)
    return True


def read_import_from(walk: Walk, node: ast.ImportFrom) -> bool:
    """Read ``from a import b``; a relative import keeps its dots."""
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            walk.star_imports.append(module)
            continue
        separator = "" if module.endswith(".") else "."
        _bind(walk, alias.asname or alias.name, f"{module}{separator}{alias.name}")
    return True


def _bind(walk: Walk, name: str, dotted: str) -> None:
    scope = walk.scope
    if scope.is_class:
        scope.bound[name] = (intern(f"@{dotted}"),)
    elif scope.number == 0 or name in scope.declared:
        walk.resolver.import_as(name, dotted)
    else:
        scope.bound[name] = (intern(f"@{dotted}"),)
