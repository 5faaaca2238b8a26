"""Which findings the user wants to see.

A selector is a code (``MLH101``), the name of a rule or a prefix of codes (``MLH1``). The longest
selector that matches decides, as in ruff; between equals ``ignore`` wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlhazards.config import ConfigError, Settings
from mlhazards.findings import CONFIDENCES, DefaultSet, Finding


class Selection:
    """The choice that the settings make among findings."""

    def __init__(self, settings: Settings, known: Mapping[str, str]) -> None:
        """``known`` maps the code of each rule to its name.

        Raises:
            ConfigError: a selector names no rule.

        """
        select = as_codes(settings.select, known, "select")
        self._ignored = as_codes(settings.ignore, known, "ignore")
        self._wanted = (*select, *as_codes(settings.extend_select, known, "extend-select"))
        self._by_default = not select
        self._confidences = CONFIDENCES[: CONFIDENCES.index(settings.min_confidence) + 1]

    def takes(self, finding: Finding) -> bool:
        """Return whether the finding is to be shown."""
        return finding.confidence in self._confidences and self.may_take(
            finding.code, finding.default
        )

    def may_take(self, code: str, default: DefaultSet) -> bool:
        """Return whether findings of that code in that set are to be shown, if sure enough.

        Asked with the set of a rule, which none of its findings leaves for a wider one, the answer
        no says that the rule need not run.
        """
        wanted = _longest(self._wanted, code)
        if wanted < 0 and self._by_default and default == "on":
            wanted = 0
        return wanted > _longest(self._ignored, code)


def as_codes(selectors: Iterable[str], known: Mapping[str, str], origin: str) -> tuple[str, ...]:
    """Return the selectors as codes and prefixes of codes: a name becomes the code of its rule.

    ``known`` maps codes to names; ``origin`` says in the message where the selectors stand.

    Raises:
        ConfigError: one names no rule; the message has the nearest that does.

    """
    by_name = {name: code for code, name in known.items()}
    found = []
    for selector in selectors:
        code = by_name.get(selector.lower(), selector.upper())
        if not code or not any(each.startswith(code) for each in known):
            message = f"{origin}: unknown rule `{selector}`"
            raise ConfigError(message + nearest(selector, [*known, *by_name]))
        found.append(code)
    return tuple(found)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean ...?)`` with what is spelled most like ``word``, or nothing."""
    from difflib import get_close_matches

    spelled = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), spelled, n=1)
    return f" (did you mean `{spelled[found[0]]}`?)" if found else ""


def _longest(prefixes: Iterable[str], code: str) -> int:
    """Return the length of the longest prefix of ``code``, -1 if there is none."""
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)
