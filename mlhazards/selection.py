"""Stage 0: which findings the user wants to see.

A selector is a code (``MLH101``), the name of a rule or a prefix of codes (``MLH1``). The longest
selector that matches decides, as in ruff; between equals ``ignore`` wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlhazards.config import ConfigError, Settings
from mlhazards.findings import CONFIDENCES, Finding


class Selection:
    """The choice that the settings make among findings."""

    def __init__(self, settings: Settings, known: Mapping[str, str]) -> None:
        """``known`` maps the code of each rule to its name.

        Raises:
            ConfigError: a selector names no rule.

        """
        for key in ("select", "ignore", "extend_select"):
            verify(getattr(settings, key), known, key.replace("_", "-"))
        self._known = known
        self._by_default = not settings.select
        self._wanted = (*settings.select, *settings.extend_select)
        self._ignored = settings.ignore
        self._confidences = CONFIDENCES[: CONFIDENCES.index(settings.min_confidence) + 1]

    def takes(self, finding: Finding) -> bool:
        """Return whether the finding is to be shown."""
        if finding.confidence not in self._confidences:
            return False
        name = self._known.get(finding.code, "")
        wanted = _longest(self._wanted, finding.code, name)
        if wanted < 0 and self._by_default and finding.default == "on":
            wanted = 0
        return wanted > _longest(self._ignored, finding.code, name)


def verify(selectors: Iterable[str], known: Mapping[str, str], origin: str) -> None:
    """Make sure that each selector names at least one rule.

    ``known`` maps codes to names; ``origin`` says in the message where the selector stands.

    Raises:
        ConfigError: one names none; the message has the nearest that does.

    """
    for selector in selectors:
        if any(_length(selector, code, name) >= 0 for code, name in known.items()):
            continue
        message = f"{origin}: unknown rule `{selector}`"
        raise ConfigError(message + nearest(selector, [*known, *known.values()]))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean ...?)`` with what is spelled most like ``word``, or nothing."""
    from difflib import get_close_matches

    spelled = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), spelled, n=1)
    return f" (did you mean `{spelled[found[0]]}`?)" if found else ""


def _longest(selectors: Iterable[str], code: str, name: str) -> int:
    return max((_length(selector, code, name) for selector in selectors), default=-1)


def _length(selector: str, code: str, name: str) -> int:
    """Return how specific a selector that matches is, -1 if it does not match."""
    if name and selector.lower() == name:
        return len(code)
    return len(selector) if selector and code.startswith(selector.upper()) else -1
