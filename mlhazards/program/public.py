"""Which functions anybody may call who has the object or the module."""

from __future__ import annotations

_SPECIAL = frozenset({"__init__", "__new__", "__del__", "__init_subclass__", "__set_name__"})


def is_public(name: str) -> bool:
    """Whether anybody who has the object may call a method of that name at any time."""
    if name.startswith("__") and name.endswith("__"):
        return name not in _SPECIAL
    return not name.startswith("_")
