"""Dictionary view stored on an attribute.

## What it does
Flags `self.x = d.keys()`, `.values()` and `.items()`: a view that is bound to an attribute of an
instance, a class, a dataclass or a module, directly or through a local name, a conditional
expression, a list, tuple or dict written in place, or `setattr`.

## Why it is a hazard
A view is not a copy. It follows every later change of its dict, so a loop over the attribute fails
when the dict changes meanwhile; and the object that holds it can be neither pickled nor copied:
`pickle`, `copy.copy` and `copy.deepcopy` raise `TypeError: cannot pickle 'dict_keys' object`. The
object works until the day it is sent to a worker: a `DataLoader` with `num_workers`, a process
pool, a cluster.

## Example
```python
class Config:
    def __init__(self, ranges: dict[str, int]):
        self.ranges = ranges
        self.names = self.ranges.keys()  # expect: MLH201
```

## Use instead
```python
class Config:
    def __init__(self, ranges: dict[str, int]):
        self.ranges = ranges
        self.names = list(self.ranges.keys())
```

## Fix
`list(...)` around the view. Safe when all that the program does with an attribute of that name is
to loop over it, take its length, look for something in it, index it, or make a list, tuple, set or
sorted list of it. Unsafe otherwise, with the reason: a list knows no set operations, never equals a
view, and does not follow the dict.

## When to ignore it
Where the attribute is meant to follow the dict and the object never leaves its process.

## Known limits
A view in a variable of a module, or put into a container by `append` or an item assignment, is not
reported, nor one that is handed to a constructor which stores it. Where the program does not say
what the mapping is, it is taken for a dict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mlhazards.facts.model import ModuleFacts, StoredView, Use
from mlhazards.findings import Confidence, Finding, Fix, Span, Step
from mlhazards.knowledge.mappings import CROSSING_BASES, PICKLING_METHODS
from mlhazards.program import ClassRef, FunctionRef, Program
from mlhazards.program.lifetimes import attribute_of, grows_later, outlives_call
from mlhazards.program.places import written
from mlhazards.program.views import derives_from, gives_dict_view
from mlhazards.rule import Rule

#: What a list does as a view did. A view cannot be indexed, so that happens to other objects.
HARMLESS = Use.ITERATED | Use.SIZED | Use.CONTAINED | Use.INDEXED | Use.COPIED
USES = (
    (Use.SET_ALGEBRA, "takes part in set operations, which a list does not know"),
    (Use.COMPARED, "is compared, and a list never equals a view"),
    (Use.PASSED, "is handed to calls that may need more than a list"),
    (Use.OTHER, "is handed on to where its use is not followed"),
)
#: Conventional names of objects whose `keys()` is something else, where nothing says what they are.
DOUBTFUL = re.compile(r"(^|_)(dataframe|df|frame|h5|h5file|hdf|mock|npz)s?$")
#: Declarations that a list does not fit.
DECLARED = re.compile(r"\b(dict_\w+|(Items|Keys|Mapping|Values)View|(Abstract)?Set)\b")
CONFIDENCES: tuple[Confidence, ...] = ("possible", "likely", "proven")


def check(program: Program) -> Iterator[Finding]:
    """Yield a finding for each view that is bound to attributes."""
    for name in sorted(program.modules):
        facts = program.modules[name]
        groups: dict[Span, list[StoredView]] = {}
        for view in facts.views:
            if _is_stored(program, name, view):
                groups.setdefault(facts.span(view.at), []).append(view)
        seen: Counter[str] = Counter()
        for span, views in groups.items():
            identity = f"{facts.functions[views[0].function].qualname}:{_names(views)}"
            seen[identity] += 1
            yield _finding(program, facts, span, views, f"{identity} #{seen[identity]}")


def _is_stored(program: Program, module: str, view: StoredView) -> bool:
    function = FunctionRef(module, view.function)
    if gives_dict_view(program, function, view.mapping, view.method) is False:
        return False
    return outlives_call(program, module, view)


def _names(views: list[StoredView]) -> str:
    return " and ".join(dict.fromkeys(f"`{written(view.place)}`" for view in views))


def _finding(
    program: Program, facts: ModuleFacts, span: Span, views: list[StoredView], identity: str
) -> Finding:
    view, names = views[0], _names(views)
    steps = []
    if view.via >= 0:
        made = f"`{view.method}()` makes a view, not a copy"
        steps.append(Step(facts.path, facts.span(view.via), made))
    mapping = f"`{written(view.mapping.of)}`" if view.mapping.kind == "place" else "the dict"
    steps.append(Step(facts.path, span, f"from here on {names} follows {mapping}"))
    holds = "holds" if view.held == "inside" else "is"
    return Finding(
        code=RULE.code,
        path=facts.path,
        span=span,
        message=f"{names} {holds} a live `{view.method}()` view: it cannot be pickled or copied",
        identity=identity,
        confidence=_confidence(program, facts, view),
        witness=tuple(steps),
        notes=(f"TypeError: cannot pickle 'dict_{view.method}' object",),
        fix=_fix(program, facts, span, views),
    )


def _confidence(program: Program, facts: ModuleFacts, view: StoredView) -> Confidence:
    """Return how sure it is that this is a dict, and that somebody may want to send the object."""
    function = FunctionRef(facts.name, view.function)
    level = 2 if gives_dict_view(program, function, view.mapping, view.method) else 1
    last = view.mapping.of.rpartition(".")[2].lstrip("$%").lower()
    if level == 1 and view.mapping.kind == "place" and DOUBTFUL.search(last):
        level = 0
    if view.owner >= 0:
        owner = ClassRef(facts.name, view.owner)
        if derives_from(program, owner, CROSSING_BASES):
            level = min(level + 1, 2)
        if any(program.method(owner, name) is not None for name in PICKLING_METHODS):
            level = 0  # the class itself says what is pickled
    return CONFIDENCES[level]


def _fix(program: Program, facts: ModuleFacts, span: Span, views: list[StoredView]) -> Fix | None:
    if any(view.held == "factory" for view in views):
        return None
    doubts = (doubt for view in views for doubt in _doubts(program, facts, view))
    reason = next(doubts, "")
    shadowed = "list" in facts.functions[views[0].function].shadowed
    return Fix(
        kind="snapshot",
        span=span,
        title=f"store a list of the `{views[0].method}()`",
        safety="unsafe" if reason else "safe",
        form="star" if shadowed else "list",
        reason=reason,
    )


def _doubts(program: Program, facts: ModuleFacts, view: StoredView) -> Iterator[str]:
    """Yield why a list may not do in the place of the view; nothing when all uses show it does."""
    name = attribute_of(view)
    if name == "?":
        yield "the name of the attribute is known at run time only"
    if view.held == "inside":
        yield f"what is done with the elements of `{name}` is not followed"
    if view.held == "shared":
        yield f"a plain name gets the same view as `{name}`, and would get the list"
    if any(DECLARED.search(text) for text in _annotations(facts, view)):
        yield f"`{name}` is declared as a view"
    uses = _uses(program, _as_written(facts, view))
    yield from (f"`{name}` {what}" for bit, what in USES if uses & bit)
    if grows_later(program, facts.name, view):
        yield f"`{written(view.mapping.of) or 'the dict'}` may change later, and `{name}` with it"


def _annotations(facts: ModuleFacts, view: StoredView) -> Iterator[str]:
    yield view.annotation
    if view.owner >= 0:
        bindings = facts.classes[view.owner].attributes.get(attribute_of(view), ())
        yield from (binding.annotation for binding in bindings)


def _as_written(facts: ModuleFacts, view: StoredView) -> str:
    """Return the name of the attribute in the source, where uses are counted."""
    name = attribute_of(view)
    owner = f"_{facts.classes[view.owner].name.lstrip('_')}" if view.owner >= 0 else ""
    return name.removeprefix(owner) if owner and name.startswith(f"{owner}__") else name


def _uses(program: Program, name: str) -> int:
    found = 0
    for facts in program.modules.values():
        found |= facts.uses.get(name, 0)
    return found


RULE = Rule(
    code="MLH201",
    name="view-on-attribute",
    doc=__doc__,
    over="program",
    check=check,
    errors=tuple(
        f"cannot pickle '{kind}_{view}' object"
        for kind in ("dict", "odict")
        for view in ("keys", "values", "items")
    ),
)
