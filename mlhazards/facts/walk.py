"""The state of one walk over one module, and the few operations that every handler needs.

There is one state object a module and no closure over it, so nothing keeps a tree alive once the
walk is done (with the collector off, a reference cycle here would keep every tree of a run).
"""

from __future__ import annotations

import ast
from collections import deque
from typing import TypeAlias

from msgspec import Struct

from mlhazards.facts.exits import Frame
from mlhazards.facts.model import (
    Access,
    Binding,
    Bit,
    Call,
    ClassFacts,
    FunctionDetail,
    FunctionFacts,
    Kind,
    Loop,
    Parameter,
    Result,
    Shape,
    StoredView,
)
from mlhazards.facts.places import Resolver
from mlhazards.facts.scope import Scope
from mlhazards.knowledge.containers import SERIALIZERS
from mlhazards.syntax.spans import SpanTable

_NAME, _ATTRIBUTE = ast.Name, ast.Attribute
_CONDITIONAL = Bit.CONDITIONAL
#: Annotations inside of annotations are told down to this depth.
_MAX_NESTED = 3
#: The last names of what walks a whole object.
_SERIALIZING = frozenset(name.rpartition(".")[2] for name in SERIALIZERS)
#: A linked list of the tests that the walk stands under: (outer, test).
Conditions = tuple["Conditions | None", ast.expr]
Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda"


class FunctionRecord(Struct, gc=False):
    """What is known so far of the function being read.

    ``conditions`` are those around each result, ``reads`` the items whose reading is noted.
    """

    number: int
    name: str
    qualname: str
    class_index: int
    parent: int
    kind: int = 0
    at: int = 0
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[str, ...] = ()
    results: list[Result] = []
    conditions: list[Conditions | None] = []
    returns: str = ""
    held_at_yield: tuple[str, ...] | None = None
    raises_if: tuple[str, ...] = ()
    end_tests: tuple[str, ...] = ()
    accesses: list[Access] = []
    calls: list[Call] = []
    loops: list[Loop] = []
    locals: dict[str, list[Binding]] = {}
    reads: set[tuple[str, str, int, int]] = set()


class ClassRecord:
    """What is known so far of a class."""

    __slots__ = (
        "at", "attributes", "bases", "decorators", "index", "keywords", "methods", "name",
        "parent", "qualname", "slots",
    )  # fmt: skip

    def __init__(self, index: int, name: str, qualname: str, at: int, parent: int) -> None:
        """Start the record of class ``index``."""
        self.index = index
        self.name = name
        self.qualname = qualname
        self.at = at
        self.parent = parent
        self.bases: tuple[str, ...] = ()
        self.keywords: tuple[str, ...] = ()
        self.decorators: tuple[str, ...] = ()
        self.methods: dict[str, int] = {}
        self.attributes: dict[str, list[Binding]] = {}
        self.slots: tuple[str, ...] = ()

    def facts(self) -> ClassFacts:
        """Return the finished class."""
        return ClassFacts(
            self.name, self.qualname, self.at, self.bases, self.keywords, self.decorators,
            self.methods, self.attributes, {}, self.slots, self.parent,
        )  # fmt: skip


class Walk:
    """The state of the walk over one module."""

    __slots__ = (
        "aliases", "bits", "classes", "conditions", "details", "exported", "frame", "functions",
        "imports", "last_at", "last_node", "locks", "lockset", "locksets", "loop", "members",
        "modules", "names", "nodes", "noted", "opaque", "present", "queue", "record", "resolver",
        "results_used", "root", "scope", "spans", "star_imports", "start_names", "starts",
        "submodules", "type_checking", "uses", "views", "yielded_from",
    )  # fmt: skip

    def __init__(self, tree: ast.Module, text: str, start_names: frozenset[str]) -> None:
        """Prepare to walk ``tree``, the tree of ``text``."""
        self.root: ast.AST = tree
        self.spans = SpanTable(text)
        self.nodes = self.spans.nodes
        self.start_names = start_names
        self.noted = start_names | _SERIALIZING
        self.record = FunctionRecord(0, "<module>", "<module>", -1, -1)
        self.record.kind = Kind.MODULE
        self.scope = Scope(0, None)
        self.resolver = Resolver(self.scope)
        self.imports = self.resolver.imports
        self.functions: list[FunctionFacts | None] = [None]
        self.details: list[FunctionDetail | None] = [None]
        self.classes: list[ClassRecord] = []
        self.queue: deque[tuple[Function, Scope, FunctionRecord]] = deque()
        self.locks: tuple[str, ...] = ()
        self.lockset = 0
        self.locksets: dict[tuple[str, ...], int] = {(): 0}
        self.loop = -1
        self.frame: Frame | None = None
        self.bits = 0
        self.conditions: Conditions | None = None
        self.aliases: dict[str, str] = {}
        self.names: dict[str, list[Binding]] = {}
        self.uses: dict[str, int] = {}
        self.starts: list[tuple[int, int]] = []
        self.results_used: list[tuple[int, int]] = []
        self.yielded_from: set[str] = set()
        self.star_imports: list[str] = []
        self.type_checking: list[str] = []
        self.exported: tuple[str, ...] | None = None
        self.opaque = False
        self.members: tuple[str, ...] = ()
        self.present: tuple[tuple[str, str], ...] = ()
        self.last_node: ast.stmt | ast.expr | None = None
        self.last_at = 0
        self.submodules: set[str] = set()
        self.modules: set[str] = set()
        self.views: list[StoredView] = []

    def enter(self, node: ast.AST, scope: Scope, record: FunctionRecord) -> None:
        """Begin the body of the function ``node``: nothing is held, nothing is iterated."""
        self.root = node
        self.scope = self.resolver.scope = scope
        self.record = record
        self.locks = ()
        self.lockset = 0
        self.loop = -1
        self.frame = None
        self.bits = 0
        self.conditions = None
        self.members = ()
        self.present = ()
        self.aliases = scope.aliases

    def hold(self, locks: tuple[str, ...]) -> None:
        """Set the locks held from here on."""
        self.locks = locks
        index = self.locksets.get(locks)
        if index is None:
            index = self.locksets[locks] = len(self.locksets)
        self.lockset = index

    def at(self, node: ast.stmt | ast.expr) -> int:
        """Return the At of a statement or expression; one entry serves several facts of it."""
        if node is not self.last_node:
            self.last_node = node
            nodes = self.nodes
            self.last_at = len(nodes)
            nodes.append(node)
        return self.last_at

    def exits(self) -> int:
        """Return how many enclosing loops are surely left after the current statement."""
        frame = self.frame
        return 0 if frame is None or self.loop < 0 else frame.loops_left(frame.index)

    def use(self, attribute: str, bit: int) -> None:
        """Note that an attribute of that name is used in that way."""
        self.uses[attribute] = self.uses.get(attribute, 0) | bit

    def access(
        self,
        place: str,
        op: int,
        node: ast.expr | ast.stmt,
        how: str,
        key: str = "",
        bits: int = 0,
        via: int = -1,
    ) -> None:
        """Record a touch of ``place`` by ``node``, under everything that holds here."""
        if place in self.members:
            bits |= Bit.MEMBERSHIP
            if (place, key) in self.present:
                bits |= Bit.PRESENT
        self.record.accesses.append(
            Access(
                place,
                op,
                self.at(node),
                self.lockset,
                self.loop,
                self.bits | bits,
                how,
                key,
                self.exits(),
                via,
            )
        )

    def suspend(self) -> None:
        """Note that the function may be suspended here: loops that go on afterwards await."""
        loops = self.record.loops
        index, left = self.loop, self.exits()
        while index >= 0:
            loop = loops[index]
            if left <= 0 and not loop.awaits:
                loops[index] = Loop(
                    loop.at, loop.places, loop.lockset, loop.outer, loop.targets, loop.arity,
                    True, loop.comprehension,
                )  # fmt: skip
            if not loop.comprehension:
                left -= 1
            index = loop.outer

    def new_function(self, node: Function, name: str) -> FunctionRecord:
        """Give a function its number and queue its body, to be read when this one is done."""
        scope = self.scope
        number = len(self.functions)
        prefix = scope.qualname
        if scope.number and not scope.is_class:
            prefix += ".<locals>"
        qualname = f"{prefix}.{name}" if prefix else name
        record = FunctionRecord(number, name, qualname, scope.class_index, scope.number)
        self.functions.append(None)
        self.details.append(None)
        inner = scope.inside(number, qualname, scope.class_name, scope.class_index, False)
        if self.aliases:
            inner.aliases = self.aliases.copy()
        self.queue.append((node, inner, record))
        return record

    def bind_local(
        self, name: str, shape: Shape, at: int, annotation: str = "", keys: tuple[str, ...] = ()
    ) -> None:
        """Note that a local variable is bound to an object of that shape."""
        record = self.record
        made = Binding(shape, at, record.number, annotation, keys, self.bits & _CONDITIONAL != 0)
        bindings = record.locals.get(name)
        if bindings is None:
            record.locals[name] = [made]
        else:
            bindings.append(made)

    def annotation(self, node: ast.expr, depth: int = 0) -> str:
        """Return an annotation as text: names, subscripts and unions; "?" for anything else."""
        kind = type(node)
        if kind is _NAME:
            name: str = node.id  # type: ignore[attr-defined]
            scope = self.scope
            if not scope.nested and name not in scope.bound:
                return self.imports.get(name, name)
        if kind is _NAME or kind is _ATTRIBUTE:
            places = self.resolver.places(node)
            return self.resolver.dotted(places[0]) if len(places) == 1 else "?"
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else str(node.value)
        if depth > _MAX_NESTED:
            return "?"
        depth += 1
        if isinstance(node, ast.Subscript):
            return f"{self.annotation(node.value, depth)}[{self.annotation(node.slice, depth)}]"
        if isinstance(node, ast.Tuple):
            return ", ".join([self.annotation(item, depth) for item in node.elts])
        if isinstance(node, ast.BinOp):
            return f"{self.annotation(node.left, depth)} | {self.annotation(node.right, depth)}"
        return "?"
