"""`mlhazards rules` and `mlhazards explain`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from mlhazards.report import catalogue, explain
from mlhazards.report.terminal import palette_for
from mlhazards.rules import RULES
from mlhazards.selection import nearest
from mlhazards.shells.options import explain_parser, rules_parser
from mlhazards.shells.output import put, say


def rules(words: Sequence[str]) -> int:
    """Print all rules; return the exit code."""
    options = rules_parser().parse_args(words)
    if options.format == "json":
        text = catalogue.as_json(RULES)
    else:
        text = catalogue.table(RULES, palette_for(sys.stdout, os.environ))
    put(text)
    return 0


def explained(words: Sequence[str]) -> int:
    """Print the documentation of rules; return the exit code, 2 when one is unknown."""
    palette = palette_for(sys.stdout, os.environ)
    by_word = {rule.code.lower(): rule for rule in RULES} | {rule.name: rule for rule in RULES}
    errors = {code.lower(): code for code in explain.ERRORS}
    errors |= {name: code for code, (name, _) in explain.ERRORS.items()}
    known = [*(rule.code for rule in RULES), *(rule.name for rule in RULES), *explain.ERRORS]
    texts, status = [], 0
    for word in explain_parser().parse_args(words).rules:
        key = word.lower()
        if key in by_word:
            texts.append(explain.terminal(by_word[key], palette))
        elif key in errors:
            texts.append(explain.error_text(errors[key], palette))
        else:
            hint = nearest(word, known) or "; `mlhazards rules` shows all"
            say(f"mlhazards: unknown rule {word}{hint}")
            status = 2
    put("\n".join(texts))
    return status
