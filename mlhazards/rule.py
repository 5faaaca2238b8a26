"""What a rule is.

A rule is a value. It is over a Module (one tree and its facts; runs where the facts are made) or
over the Program (linked facts; never sees a tree), reads nothing else, and yields findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from msgspec import Struct

from mlhazards.findings import DefaultSet, Finding


class Rule(Struct, frozen=True):
    """One rule.

    ``doc`` is the docstring of its module, its only documentation: title line, then the sections
    *What it does*, *Why it is a hazard*, *Example*, *Use instead*, *Fix*, and where they say
    something *When to ignore it* and *Known limits*. ``check`` takes a Module or a Program, as
    ``over`` says. ``default`` is the set that its findings are in unless the finding says a
    narrower one. ``errors`` are the texts of the errors that the user has seen at run time.
    """

    code: str
    name: str
    doc: str
    over: Literal["module", "program"]
    check: Callable[[Any], Iterator[Finding]]
    default: DefaultSet = "on"
    since: str = "0.1"
    errors: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The first line of the documentation, without its full stop."""
        return self.doc.strip().splitlines()[0].rstrip(".")
