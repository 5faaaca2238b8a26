"""Stage 3, facts: all that other files or later stages may need to know of one module.

Facts are plain, typed, serialisable values and the only memory between files. They are a pure
function of the bytes of the file, the version of the tool and of Python, and the knowledge tables.

*Place*: an access path, an interned string. ::

    place := root step*
    root  := self | cls | super() | $parameter | %local | ^function:name | @dotted | name
    step  := .attribute | [] (an element) | () (the value of a call)

``self`` is the receiver of the enclosing method, whatever it is called in the source. ``%x`` is
a local variable that is bound to an object of its own (a literal, the value of a call); a local
that is only another name for a place is resolved to that place. ``^3:x`` is the local or
parameter ``x`` of function number 3, captured by a nested function. ``@a.b`` was imported inside a
function (a relative import keeps its dots: ``@.b``). ``function:N``, ``class:N`` and ``lambda:N``
name a function or class of this module by its number. A plain ``name`` is left to the link: module
binding, import, or builtin. Double-underscore attributes of ``self`` are mangled.

*At*: an index into the module's table of spans, which is kept apart from everything else so that
moved lines change nothing but that table. Within one function, a smaller At was seen earlier in
source order.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from mlhazards.findings import Span
from mlhazards.syntax.spans import span

#: Grows with every change of a Struct in this file; facts of another version are never believed.
FORMAT_VERSION = 1


# Plain integers, not enum.IntFlag: the walk combines bits a few hundred times per 1,000 lines, and
# every operator of an IntFlag is a call of Python code.


class Kind:
    """What sort of function it is (bits)."""

    NONE: Final = 0
    GENERATOR: Final = 1
    COROUTINE: Final = 2  # async def; with GENERATOR: an async generator
    LAMBDA: Final = 4
    STATIC_METHOD: Final = 8
    CLASS_METHOD: Final = 16
    PROPERTY: Final = 32
    CONTEXT_MANAGER: Final = 64  # @contextmanager, @asynccontextmanager
    ABSTRACT: Final = 128
    OVERLOAD: Final = 256
    STUB: Final = 512  # the body is a docstring, pass, ... or a single raise
    MODULE: Final = 1024  # the body of the module itself, function number 0
    YIELD_FROM: Final = 2048  # contains `yield from`
    YIELD_PLAIN: Final = 4096  # contains a `yield` whose value nobody looks at
    YIELD_USED: Final = 8192  # contains `x = yield`, that is, it is driven by send()
    END_REACHABLE: Final = 16384  # control can reach the end of the body
    READS_STOP_VALUE: Final = 32768  # reads `.value` of a caught StopIteration
    FINAL: Final = 65536  # decorated @final / @typing.final


class Op:
    """What an access does to the object at its place."""

    ITERATE: Final = 1
    ADD: Final = 2  # may put a new key or element in
    REMOVE: Final = 3  # may take one out
    SET_ITEM: Final = 4  # x[k] = v: new key or not, see Access.key
    AUGMENT_ITEM: Final = 5  # x[k] += v: the key must exist (but see defaultdict)
    READ_ITEM: Final = 6  # x[k] is read: resizes a defaultdict when the key is new
    REBIND: Final = 7  # the place is bound to another object
    SERIALIZE: Final = 8  # walked by a serialiser or a deep copier (MLH106)
    DELETE: Final = 9  # `del x.attr`
    SNAPSHOT: Final = 10  # everything is taken out in one step: list(x), sorted(x.items())


class Bit:
    """Circumstances of an access or a call."""

    NONE: Final = 0
    CONDITIONAL: Final = 1  # under an if, a try handler, a loop that may not run ...
    MEMBERSHIP: Final = 2  # under a membership test of the very container it touches
    OWN_KEY: Final = 4  # the key is the target of the enclosing loop over the same place
    COMPREHENSION: Final = 8  # the iteration is a comprehension or generator expression
    RETRIED: Final = 16  # its RuntimeError is caught in the same function
    REBOUND: Final = 32  # reached through an alias whose place is rebound in this function
    ALIAS: Final = 64  # reached through a local alias
    EITHER: Final = 128  # the alias may stand for another object (conditional expression, branches)
    GENERATOR_EXPRESSION: Final = 256
    FINALLY: Final = 512  # inside a finally block
    HANDLER: Final = 1024  # inside an except handler
    GUARDED_RETURN: Final = 2048  # a result under a condition that tests a parameter
    ASYNC_FOR: Final = 4096
    REVERSED: Final = 8192  # iterated through reversed(...)
    MODULE_NAMESPACE: Final = 16384  # `x.__dict__` of something tested or declared to be a module
    PRESENT: Final = 32768  # under a test that the key is in the very container: `if k in d`


class Shape(Struct, frozen=True, array_like=True, gc=False):
    """What an expression yields, as far as its own text tells.

    ``kind`` is one of: dict set list tuple frozenset deque OrderedDict defaultdict Counter
    WeakSet WeakValueDictionary WeakKeyDictionary ChainMap str bytes number bool none range;
    view (``of`` its mapping), generator, iterator (map, filter, zip ...),
    lambda, function, open, class, lock; call (the value of calling ``of``), awaited (the awaited
    value of calling ``of``), place (another name for ``of``), parameter (``of`` its name),
    element (an item of ``of``), attributes (``vars(x)``, ``x.__dict__``), either (one of
    ``items``), unknown.

    ``of`` is a place or a name: for a view the place of its mapping, for a lock the canonical
    constructor ("threading.RLock"), for a lambda or function its number. ``form`` refines: the
    method of a view ("keys"), "empty" for an empty literal or constructor. ``items`` holds the
    shapes inside a tuple, and for a lock made from another lock (``Condition(lock)``) the shape of
    that argument.
    """

    kind: str
    of: str = ""
    form: str = ""
    items: tuple[Shape, ...] = ()


class Binding(Struct, frozen=True, array_like=True, gc=False):
    """One place in the source where a name or attribute gets a value.

    ``function`` is the number of the function it stands in; ``keys`` are the constant keys of
    a literal dict (``repr`` of each), ``annotation`` the annotation as written.
    """

    shape: Shape
    at: int
    function: int
    annotation: str = ""
    keys: tuple[str, ...] = ()
    conditional: bool = False
    value: int = -1  # At of the value expression, -1 where there is none


class Parameter(Struct, frozen=True, array_like=True, gc=False):
    """A parameter; ``kind`` is one of "positional", "keyword" (only), "*" and "**"."""

    name: str
    kind: str = "positional"
    annotation: str = ""
    default: Shape | None = None


class Result(Struct, frozen=True, array_like=True, gc=False):
    """One `return` with a value (or a bare one: shape none, ``bare``) of a function.

    ``tests`` are the places that the conditions around it look at.
    """

    shape: Shape
    at: int
    bare: bool = False
    bits: int = 0
    tests: tuple[str, ...] = ()


class FunctionFacts(Struct, frozen=True, array_like=True, gc=False):
    """The header of a function: what a caller may want to know of it.

    ``class_index`` and ``parent`` are indexes into the module's classes and functions, -1 for
    none. ``holds_at_yield`` are the locks held at the (only) plain yield: what a ``with`` over
    this context manager holds. ``raises_if`` are the places tested by an ``if ...: raise`` at
    the head of the body. ``shadowed`` are builtin names rebound in this function's scope.
    ``end_tests`` are the places tested by the conditions that decide whether the end is reached.
    ``at`` is the span of the name in its definition.
    """

    name: str
    qualname: str
    class_index: int
    parent: int
    kind: int
    at: int
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    returns: str = ""
    holds_at_yield: tuple[str, ...] = ()
    raises_if: tuple[str, ...] = ()
    shadowed: tuple[str, ...] = ()
    end_tests: tuple[str, ...] = ()


class Access(Struct, frozen=True, array_like=True, gc=False):
    """A touch of a place.

    ``at`` is the span of the touched expression: of the *iterated* expression for ITERATE (what a
    snapshot would wrap), of the whole statement or call for the others. ``how`` is the form of an
    iteration ("", "keys", "values", "items", "enumerate" ...) or the method or operator that
    resizes ("pop", "[]=", "del"). ``loop`` is the index of the innermost enclosing loop of this
    function, or for ITERATE by a loop that loop itself; -1 outside of loops. ``exits`` is how
    many of the enclosing loops are surely left after the access before the next turn (99: the
    function is left). ``key`` describes the key or element used: ``'text'`` a constant's repr,
    a place, or "" for unknown. ``via`` is the At where the alias was made, -1 for none.
    """

    place: str
    op: int
    at: int
    lockset: int = 0
    loop: int = -1
    bits: int = 0
    how: str = ""
    key: str = ""
    exits: int = 0
    via: int = -1


class Argument(Struct, frozen=True, array_like=True, gc=False):
    """An argument of a call that is a place or a function of this module.

    ``slot`` is the position ("0", "1" ...), the keyword, "*" or "**"; an item of a tuple or list
    that is written in place has the slot of the tuple and its own position ("args.0"). ``place``
    is the place, or "lambda:N" / "function:N" for function number N. ``partial`` marks a callable
    wrapped in functools.partial. ``made_of`` are the places given to a call that is itself the
    argument.
    """

    slot: str
    place: str
    partial: bool = False
    made_of: tuple[str, ...] = ()


class Call(Struct, frozen=True, array_like=True, gc=False):
    """A call.

    ``use`` says what becomes of the result: dropped, awaited, from (``yield from``), looped,
    looped:N and unpacked:N (with N targets), returned, yielded, tested, compared, indexed, with,
    argument, next, consumed (list(), tuple(), sorted() ...), attribute, assigned, other.
    ``assigned`` is the place that the result is bound to, if any. ``conditions`` are the places
    tested around a call whose result is looped over or unpacked.
    """

    callee: str
    at: int
    lockset: int = 0
    loop: int = -1
    bits: int = 0
    use: str = "other"
    assigned: str = ""
    arguments: tuple[Argument, ...] = ()
    exits: int = 0
    tests: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


class Loop(Struct, frozen=True, array_like=True, gc=False):
    """A for loop or one clause of a comprehension.

    ``places`` are what it may walk (views stripped), ``targets`` the names it binds, ``arity`` the
    number of targets when it unpacks (0: it does not), ``outer`` the enclosing loop's index,
    ``awaits`` whether the body awaits and can go on afterwards.
    """

    at: int
    places: tuple[str, ...]
    lockset: int = 0
    outer: int = -1
    targets: tuple[str, ...] = ()
    arity: int = 0
    awaits: bool = False
    comprehension: bool = False


class FunctionDetail(Struct, array_like=True, gc=False):
    """The body of a function, in source order."""

    accesses: list[Access] = []
    calls: list[Call] = []
    loops: list[Loop] = []
    locals: dict[str, list[Binding]] = {}


class ClassFacts(Struct, frozen=True, array_like=True, gc=False):
    """A class: bases as written, methods by name (the last definition wins), attributes.

    ``attributes`` holds every binding of ``self.x``, ``cls.x`` and of names in the class body;
    those of the class body have ``function`` = -1. ``guarded`` maps an attribute to the
    lock that a declaration names. ``parent`` is the number of the function it is defined in (0
    for the module).
    """

    name: str
    qualname: str
    at: int
    bases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    methods: dict[str, int] = {}
    attributes: dict[str, list[Binding]] = {}
    guarded: dict[str, str] = {}
    slots: tuple[str, ...] = ()
    parent: int = 0


class StoredView(Struct, frozen=True, array_like=True, gc=False):
    """A live view of a mapping that is bound to an attribute.

    ``place`` is the attribute (``self.names``; ``Config.names`` in a class body), ``mapping`` what
    the view is of and ``method`` the method that gave it. ``owner`` is the index of the class whose
    attribute it is, -1 when it is another object's. ``at`` is the expression to be copied, ``via``
    the At where a local became a name for the view, -1 for none. ``held`` is "inside" when a
    container written in place holds the view, "shared" when the statement gives it to a plain name
    as well,
    "factory" when each instance makes its own, and "" otherwise.
    """

    place: str
    mapping: Shape
    method: str
    function: int
    owner: int
    at: int
    statement: int
    via: int = -1
    held: str = ""
    annotation: str = ""


class Use:
    """How an attribute of that name is used anywhere in the module, all receivers together."""

    NONE: Final = 0
    ITERATED: Final = 1
    SIZED: Final = 2
    CONTAINED: Final = 4
    INDEXED: Final = 8
    COPIED: Final = 16  # list(), tuple(), sorted(), set() ... of it
    SET_ALGEBRA: Final = 32
    COMPARED: Final = 64
    PASSED: Final = 128  # as an argument to something else
    OTHER: Final = 256


class ModuleFacts(Struct, array_like=True, gc=False):
    """All facts of one module.

    ``functions`` are headers and ``details`` bodies, at the same index; number 0 is the module's
    own body. ``locksets`` are tuples of places (an ``async with`` lock is marked "async place",
    one that is held on some ways only "maybe place"); index 0 is the empty one. ``starts`` are
    calls that may start something, by the last part of the callee: (function, call index).
    ``results_used`` are the calls whose result is looped over or unpacked, likewise. ``uses`` maps
    an attribute name to its Use bits; looking up an attribute of it is no use, but for those that
    views have. ``yielded_from`` are the last names of callees that appear
    in a ``yield from`` or are driven for their return value.
    """

    name: str
    path: str
    is_package: bool
    format: int = FORMAT_VERSION
    imports: dict[str, str] = {}
    star_imports: tuple[str, ...] = ()
    type_checking: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()  # a.b of `import a.b`
    names: dict[str, list[Binding]] = {}
    exported: tuple[str, ...] | None = None
    classes: list[ClassFacts] = []
    functions: list[FunctionFacts] = []
    starts: tuple[tuple[int, int], ...] = ()
    results_used: tuple[tuple[int, int], ...] = ()
    uses: dict[str, int] = {}
    views: list[StoredView] = []
    yielded_from: tuple[str, ...] = ()
    opaque: bool = False
    locksets: list[tuple[str, ...]] = msgspec.field(default_factory=lambda: [()])
    details: list[FunctionDetail] = []
    spans: bytes = b""  # a packed table, see syntax.spans

    def span(self, at: int) -> Span:
        """Return the span at index ``at``."""
        return span(self.spans, at)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ModuleFacts)


def encode(facts: ModuleFacts) -> bytes:
    """Return the facts as bytes; the same facts give the same bytes."""
    try:
        return _encoder.encode(facts)
    except UnicodeEncodeError:  # half a surrogate pair in a literal, as tests of decoders have
        return _encoder.encode(_escaped(msgspec.to_builtins(facts, builtin_types=(bytes,))))


def _escaped(value: Any) -> Any:
    """Return plain values with what is no Unicode in their texts escaped."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_escaped(key): _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(inner) for inner in value]
    return value


def decode(data: bytes) -> ModuleFacts:
    """Return the facts that ``data`` holds.

    Raises:
        ValueError: the bytes are damaged or of another format version.

    """
    try:
        facts = _decoder.decode(data)
    except msgspec.MsgspecError as error:
        message = f"damaged facts: {error}"
        raise ValueError(message) from error
    if facts.format != FORMAT_VERSION:
        message = f"facts of format {facts.format}, this version reads {FORMAT_VERSION}"
        raise ValueError(message)
    return facts
