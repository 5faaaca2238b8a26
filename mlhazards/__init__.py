"""mlhazards proves hazards of concurrent and pickled Python code, and fixes them.

The public API is loaded when it is asked for::

    report = mlhazards.check(["src"], mlhazards.Settings())
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, which the code under analysis may hold: see __main__.py
if TYPE_CHECKING:
    from mlhazards.config import ConfigError, Settings
    from mlhazards.engine import check, fix
    from mlhazards.findings import Failure, Finding, Fix, Report, Span, Step
    from mlhazards.fixing import Fixed
    from mlhazards.rule import Rule

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "Failure",
    "Finding",
    "Fix",
    "Fixed",
    "Report",
    "Rule",
    "Settings",
    "Span",
    "Step",
    "check",
    "fix",
]

_HOMES = {
    "ConfigError": "config",
    "Failure": "findings",
    "Finding": "findings",
    "Fix": "findings",
    "Fixed": "fixing",
    "Report": "findings",
    "Rule": "rule",
    "Settings": "config",
    "Span": "findings",
    "Step": "findings",
    "check": "engine",
    "fix": "engine",
}


def __getattr__(name: str) -> object:
    """Import the part of the API that is asked for: a shell pays for what it uses alone."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted(__all__)
