"""What Python's containers and builtins do: which call resizes, snapshots, walks or wraps.

Source: CPython, *Built-in Types* and *collections*; what is atomic was measured (FACTS.md,
section 1) on CPython 3.8 to 3.13.
"""

from __future__ import annotations

#: Methods that may put something in.
ADDERS = frozenset({
    "add", "append", "appendleft", "extend", "extendleft", "insert", "move_to_end",
    "setdefault", "update",
})  # fmt: skip
#: Methods that may take something out, or move what an iterator counts on.
REMOVERS = frozenset({
    "clear", "difference_update", "discard", "intersection_update", "pop", "popitem", "popleft",
    "remove", "rotate", "sort", "symmetric_difference_update",
})  # fmt: skip
RESIZERS = ADDERS | REMOVERS

VIEWS = frozenset({"keys", "values", "items"})

#: Builtins that take everything out of a container in one step, or only look at its size.
SNAPSHOTS = frozenset({
    "bool", "bytes", "dict", "frozenset", "len", "list", "set", "sorted", "tuple",
})  # fmt: skip
#: Builtins that yield the elements of their arguments one by one, whenever they are walked.
LAZY = frozenset({"enumerate", "filter", "iter", "map", "reversed", "zip"})
#: Builtins that run Python code between two elements when they are given ``key=``.
KEYED = frozenset({"max", "min"})
#: Builtins whose call never starts, resizes, or hands on anything: not worth a record.
INERT = frozenset({
    "abs", "all", "any", "ascii", "bin", "bool", "bytes", "callable", "chr", "complex", "delattr",
    "dict", "dir", "divmod", "enumerate", "filter", "float", "format", "frozenset", "getattr",
    "globals", "hasattr", "hash", "hex", "id", "input", "int", "isinstance", "issubclass", "iter",
    "len", "list", "locals", "map", "max", "min", "next", "object", "oct", "ord", "pow", "print",
    "range", "repr", "reversed", "round", "set", "setattr", "slice", "sorted", "str", "sum",
    "tuple", "type", "vars", "zip",
})  # fmt: skip
#: Builtins that a fix or an alias relies on; a function that rebinds one of them says so.
RELIED_ON = frozenset({"dict", "list", "set", "sorted", "tuple"})

#: Constructors by canonical name, and the kind of container that they make.
CONSTRUCTORS = {
    "dict": "dict",
    "set": "set",
    "list": "list",
    "tuple": "tuple",
    "frozenset": "frozenset",
    "sorted": "list",
    "range": "range",
    "str": "str",
    "bytes": "bytes",
    "int": "number",
    "float": "number",
    "bool": "number",
    "len": "number",
    "collections.deque": "deque",
    "collections.OrderedDict": "OrderedDict",
    "collections.defaultdict": "defaultdict",
    "collections.Counter": "Counter",
    "collections.ChainMap": "ChainMap",
    "weakref.WeakSet": "WeakSet",
    "weakref.WeakValueDictionary": "WeakValueDictionary",
    "weakref.WeakKeyDictionary": "WeakKeyDictionary",
    "open": "open",
    "map": "iterator",
    "filter": "iterator",
    "zip": "iterator",
    "enumerate": "iterator",
    "reversed": "iterator",
    "iter": "iterator",
}
#: Constructors of locks. Those of asyncio protect coroutine sides only.
LOCKS = frozenset({
    "asyncio.Condition", "asyncio.Lock", "asyncio.Semaphore", "multiprocessing.Condition",
    "multiprocessing.Lock", "multiprocessing.RLock", "multiprocessing.Semaphore",
    "threading.BoundedSemaphore",
    "threading.Condition", "threading.Lock", "threading.RLock", "threading.Semaphore",
    "_thread.allocate_lock", "thread.allocate_lock",
})  # fmt: skip
#: Serialisers and copiers that run Python code between two elements (FACTS.md, section 1).
SERIALIZERS = frozenset({"copy.deepcopy", "json.dump", "pickle.dump", "pickle.dumps"})
#: Calls that never return.
NO_RETURN = frozenset({
    "assert_never", "exit", "os._exit", "os.abort", "pytest.exit", "pytest.fail", "pytest.skip",
    "quit", "sys.exit", "typing.assert_never", "typing_extensions.assert_never",
})  # fmt: skip
#: Functions of compatibility modules that yield a live view or iterator of their argument.
_COMPATIBLE_VIEWS = {
    f"{prefix}{view}": view
    for prefix in ("", "iter", "view")
    for view in ("keys", "values", "items")
}
_COMPATIBLE_MODULES = frozenset({"_compat", "_six", "compat", "five", "py3compat", "py3k", "six"})


def compatible_view(canonical: str) -> str:
    """Return the view method that e.g. ``six.iteritems`` stands for, "" when it is none."""
    module, _, name = canonical.rpartition(".")
    if module.rpartition(".")[2] in _COMPATIBLE_MODULES:
        return _COMPATIBLE_VIEWS.get(name, "")
    return ""
