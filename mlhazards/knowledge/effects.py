"""Containers of the standard library that code gets by name, and methods that resize one.

Source: CPython documentation of *gc*, *glob*, *logging*, *os*, *re*, *sys*, *warnings* and the
built-in types.
"""

from __future__ import annotations

from typing import NamedTuple


class Reach(NamedTuple):
    """What a method does to an attribute of the object it is called on."""

    attribute: str
    kind: str
    removes: bool


#: Methods whose names are unique enough to be known on any receiver.
ATTRIBUTE_RESIZERS = {
    "addFilter": Reach("filters", "list", removes=False),
    "addHandler": Reach("handlers", "list", removes=False),
    "removeFilter": Reach("filters", "list", removes=True),
    "removeHandler": Reach("handlers", "list", removes=True),
}
#: Mappings whose iterator walks over a copy of the keys.
COPIED_BY_ITER = frozenset({"os.environ", "os.environb"})
#: Variables of the standard library, and their kind.
STANDARD_CONTAINERS = {
    "gc.callbacks": "list", "gc.garbage": "list", "logging.root.filters": "list",
    "logging.root.handlers": "list", "logging.root.manager.loggerDict": "dict",
    "sys.argv": "list", "sys.meta_path": "list", "sys.modules": "dict", "sys.path": "list",
    "sys.path_hooks": "list", "sys.path_importer_cache": "dict", "warnings.filters": "list",
}  # fmt: skip
#: Functions that make a new container, and its kind.
MADE_BY = {
    "builtins.dict.fromkeys": "dict", "glob.glob": "list", "os.listdir": "list",
    "re.findall": "list", "re.split": "list",
}  # fmt: skip
