"""What decorators leave alone: after these a call still runs the body and yields its result.

Source: CPython documentation of *abc*, *functools* and *typing*.
"""

from __future__ import annotations

from collections.abc import Iterable

TRANSPARENT = frozenset({
    "abc.abstractmethod", "classmethod", "functools.cache", "functools.cached_property",
    "functools.lru_cache", "functools.wraps", "property", "staticmethod", "typing.final",
    "typing.no_type_check", "typing.override", "typing_extensions.deprecated",
    "typing_extensions.final", "typing_extensions.override", "warnings.deprecated",
})  # fmt: skip


def undecorated(decorators: Iterable[str]) -> bool:
    """Return whether a call runs the body and yields its result, given all its decorators."""
    return all(name.removesuffix("()") in TRANSPARENT for name in decorators)
