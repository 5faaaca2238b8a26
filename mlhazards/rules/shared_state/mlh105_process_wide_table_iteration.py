"""Loop over a table of the whole process, which any import or any thread may change.

## What it does
Flags a loop or comprehension over `sys.modules`, `logging.root.manager.loggerDict`, `globals()`,
`vars(module)`, `module.__dict__`, `warnings.filters`, `threading._active` and tables like these,
also over their `keys()`, `values()` and `items()`, through local names, and when they are handed to
something that walks them with Python code in between, such as `map` or `max(..., key=...)`.

`vars(x)` and `x.__dict__` count where the code says that `x` is a module: it is imported, declared
as `ModuleType`, tested with `isinstance` or `inspect.ismodule`, or comes from `sys.modules` or
`importlib.import_module`.

## Why it is a hazard
Nobody owns these tables. A thread that imports something for the first time adds to `sys.modules`,
one that asks for a new logger adds to `loggerDict`, and the next turn of the loop raises
`RuntimeError: dictionary changed size during iteration`. No thread is needed either: `getattr` or
`hasattr` on a module that loads its parts lazily imports in the middle of the loop. Of a list, such
as `warnings.filters`, entries are skipped or seen twice without a word.

## Example
```python
import sys


def files():
    for module in sys.modules.values():  # expect: MLH105
        yield getattr(module, "__file__", None)
```

## Use instead
```python
import sys


def files():
    for module in list(sys.modules.values()):
        yield getattr(module, "__file__", None)
```

## Fix
Safe: iterates over a snapshot, `list(...)`, which CPython takes in one step. None for weak
containers, of which no copy is safe, and none for `os.environ`: `items()` and `values()` of it look
up each key in turn, and so does every way of copying it.

The namespace of a single module and the table of loggers are candidates: loops over them are shown
when the rule is selected by name, code or prefix, since few modules bind names after their import
and few programs name new loggers while they run. A loop that runs at import time, when there
is seldom another thread, is reported with `--pedantic` only, unless it is given modules.

## When to ignore it
In a process that is known to run no other thread yet, when the body of the loop imports nothing.

## Known limits
A loop over `os.environ.items()` or `.values()` fails with a KeyError when another thread deletes a
variable meanwhile; since that is rare, it is reported with `--pedantic` only. `os.environ.copy()`
and `dict(os.environ)` race in the same way and are not reported; a loop over the keys is sound.
`list(globals().items())` is taken for a snapshot, though before Python 3.12 a finaliser can run in
the middle of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from mlhazards.facts import Module
from mlhazards.facts.canonical import CanonicalNames
from mlhazards.facts.model import Access, Bit, ModuleFacts, Op
from mlhazards.findings import Confidence, Finding, Fix, Step
from mlhazards.knowledge.process_tables import (
    LOGGERS,
    LOGGERS_PATH,
    NAMESPACES,
    PROCESS_TABLES,
    ProcessTable,
)
from mlhazards.program.places import written
from mlhazards.rule import Rule

#: No copy of these can be taken in one step.
UNCOPIED = frozenset({"WeakKeyDictionary", "WeakSet", "WeakValueDictionary", "environ"})
ERRORS = {
    "environ": "KeyError, for a variable that is gone by the time it is looked up",
    "list": "no error: entries are skipped or seen twice",
    "set": "RuntimeError: Set changed size during iteration",
    "WeakSet": "RuntimeError: Set changed size during iteration",
}
DICT_ERROR = "RuntimeError: dictionary changed size during iteration"
#: Once a program is set up these rarely change; of the loops read so far none could fail.
SELDOM_CHANGED = frozenset({"globals()", LOGGERS.name, NAMESPACES.name})
#: It walks something else, or its error is expected.
HARMLESS = Bit.REBOUND | Bit.RETRIED


def check(module: Module) -> Iterator[Finding]:
    """Yield a finding for each loop over a table of the whole process."""
    facts = module.facts
    names = CanonicalNames(facts)
    seen: Counter[str] = Counter()
    for function, detail in enumerate(facts.details):
        for access in detail.accesses:
            if access.op != Op.ITERATE or access.bits & HARMLESS or access.place[-1] == "]":
                continue
            table, confidence = _table(names, function, access)
            if table is None or (table.kind == "environ" and not _looks_up(access)):
                continue
            identity = f"{facts.functions[function].qualname}:{table.name}"
            seen[identity] += 1
            if function == 0 and not _changes_meanwhile(table, access):
                confidence = "possible"
            yield replace(
                _finding(facts, function, access, table),
                confidence=confidence,
                default="candidate" if table.name in SELDOM_CHANGED else RULE.default,
                identity=f"{identity} #{seen[identity]}",
            )


def _table(
    names: CanonicalNames, function: int, access: Access
) -> tuple[ProcessTable | None, Confidence]:
    """Return the table that is walked, and how surely it is that one."""
    if access.bits & Bit.MODULE_NAMESPACE:
        return NAMESPACES, "likely"
    name = names.of(function, access.place)
    table = PROCESS_TABLES.get(name)
    if table is not None:
        return table, "possible" if table.kind == "environ" else "proven"
    if name.endswith(LOGGERS_PATH):
        return LOGGERS, "proven" if name.startswith("logging.") else "likely"
    if access.place[0] == "$":
        return PROCESS_TABLES.get(names.of_default(function, access.place)), "likely"
    return None, "possible"


def _changes_meanwhile(table: ProcessTable, access: Access) -> bool:
    """Return whether the table may change without another thread, which an import seldom has.

    A module that loads its parts lazily imports when it is looked at, and a loop over the own
    namespace binds its target there.
    """
    return access.place == "globals()" or (
        table.name == "sys.modules" and access.how in ("items", "values")
    )


def _looks_up(access: Access) -> bool:
    """Return whether a walk over a mapping looks each key up (its keys alone are a copy)."""
    return access.how in ("items", "values")


def _finding(facts: ModuleFacts, function: int, access: Access, table: ProcessTable) -> Finding:
    span = facts.span(access.at)
    name = written(access.place)
    steps = []
    if access.via >= 0:
        steps.append(Step(facts.path, facts.span(access.via), "another name for it, not a copy"))
    steps.append(Step(facts.path, span, f"walks `{table.name}` entry by entry"))
    fix = None
    if table.kind not in UNCOPIED:
        form = "star" if "list" in facts.functions[function].shadowed else "list"
        fix = Fix("snapshot", span, f"iterate over a snapshot of {name}", "safe", form)
    return Finding(
        code=RULE.code,
        path=facts.path,
        span=span,
        message=f"loop over `{name}` while {table.changed_by} can change it",
        identity=table.name,
        witness=tuple(steps),
        notes=(ERRORS.get(table.kind, DICT_ERROR),),
        fix=fix,
    )


RULE = Rule(
    code="MLH105",
    name="process-wide-table-iteration",
    doc=__doc__,
    over="module",
    check=check,
    errors=("dictionary changed size during iteration", "Set changed size during iteration"),
)
