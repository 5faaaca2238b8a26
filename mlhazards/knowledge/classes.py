"""The classes of Python's containers and the kind of each, by canonical name.

Source: CPython, *collections*, *weakref* and *typing*.
"""

from __future__ import annotations

CONTAINER_CLASSES = {
    "builtins.dict": "dict", "builtins.set": "set", "builtins.list": "list",
    "builtins.tuple": "tuple", "builtins.frozenset": "frozenset", "builtins.str": "str",
    "builtins.bytes": "bytes", "collections.deque": "deque",
    "collections.OrderedDict": "OrderedDict", "collections.defaultdict": "defaultdict",
    "collections.Counter": "Counter", "collections.ChainMap": "ChainMap",
    "weakref.WeakSet": "WeakSet", "weakref.WeakValueDictionary": "WeakValueDictionary",
    "weakref.WeakKeyDictionary": "WeakKeyDictionary",
}  # fmt: skip

#: Further names of the same classes, in annotations.
CONTAINER_ANNOTATIONS = {
    "typing.Dict": "dict", "typing.Set": "set", "typing.List": "list", "typing.Tuple": "tuple",
    "typing.FrozenSet": "frozenset", "typing.Deque": "deque", "typing.OrderedDict": "OrderedDict",
    "typing.DefaultDict": "defaultdict", "typing.Counter": "Counter",
    "typing.ChainMap": "ChainMap",
}  # fmt: skip
