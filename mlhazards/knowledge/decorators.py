"""What decorators leave alone: after these a call still runs the body and yields its result.

Source: CPython documentation of *abc*, *functools* and *typing*.
"""

from __future__ import annotations

#: By their name as written, with and without the module.
TRANSPARENT = frozenset(
    prefix + name
    for prefix, names in (
        ("", ("classmethod", "property", "staticmethod")),
        ("abc.", ("abstractmethod",)),
        ("functools.", ("cache", "cached_property", "lru_cache", "wraps")),
        ("typing.", ("final", "no_type_check", "override")),
        ("typing_extensions.", ("deprecated", "final", "override")),
    )
    for name in names
) | {
    "abstractmethod", "cache", "cached_property", "final", "lru_cache", "override", "wraps",
}  # fmt: skip
