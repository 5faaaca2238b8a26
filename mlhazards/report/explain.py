"""The documentation of a rule, for a terminal and for the web page.

The only copy is the docstring of the rule's module; what is here are two views of it.
"""

from __future__ import annotations

import re

from mlhazards.findings import DefaultSet
from mlhazards.report.terminal import Palette
from mlhazards.rule import Rule

_DEFAULT_SENTENCES: dict[DefaultSet, str] = {
    "on": "on by default",
    "candidate": "a candidate: shown when selected by code, name or prefix",
    "extended": "extended: shown when selected by code, name or prefix",
}

#: Codes that are not rules: they stand for what the tool could not do.
ERRORS: dict[str, tuple[str, str]] = {
    "MLH902": (
        "syntax-error",
        """The file does not parse with the Python that runs mlhazards, so nothing is said about it.
Run mlhazards with a Python that is at least as new as the code.""",
    ),
    "MLH903": (
        "not-analysed",
        """The file could not be analysed: it is unreadable, undecodable, not a regular file, above
max-file-size, or the analyser gave up on it. The message says which.""",
    ),
}

# Examples mark their findings for the tests; a reader wants the code alone.
_EXPECTATION = re.compile(r"#\s*expect:\s*(MLH\d{3})")


def _text(rule: Rule) -> str:
    return _EXPECTATION.sub(r"# \1", rule.doc.strip())


def section(rule: Rule, title: str) -> str:
    """Return the text under a heading of the rule's documentation, "" when it has none."""
    match = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", rule.doc, re.MULTILINE | re.DOTALL
    )
    return match[1].strip() if match else ""


def fixable(rule: Rule) -> bool:
    """Tell whether some findings of the rule offer a fix, by its section *Fix*."""
    text = section(rule, "Fix").lower()
    return bool(text) and not text.startswith(("none", "no fix", "there is no"))


def _facts(rule: Rule) -> str:
    fix = "sometimes fixable" if fixable(rule) else "no automatic fix"
    return f"{_DEFAULT_SENTENCES[rule.default]}; {fix}; since {rule.since}"


def _errors(rule: Rule) -> list[str]:
    return [f"`{error}`" for error in rule.errors]


def page(rule: Rule) -> str:
    """Return the rule's page of the documentation as Markdown."""
    title, _, body = _text(rule).partition("\n")
    head = [f"# {rule.code} {rule.name}", "", title.rstrip("."), "", f"*{_facts(rule)}*"]
    if rule.errors:
        head += ["", "Seen at run time as: " + ", ".join(_errors(rule))]
    return "\n".join([*head, "", body.strip(), ""])


def terminal(rule: Rule, palette: Palette) -> str:
    """Return the rule's documentation for a terminal: headings painted, code indented."""
    title, _, body = _text(rule).partition("\n")
    lines = [palette.strong(f"{rule.code} {rule.name}"), title.rstrip("."), f"({_facts(rule)})"]
    if rule.errors:
        lines.append("Seen at run time as: " + ", ".join(_errors(rule)))
    lines.append("")
    in_code = False
    for line in body.strip().splitlines():
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            lines.append(f"    {line}".rstrip())
        elif line.startswith("## "):
            lines.append(palette.label(line[3:]))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def error_text(code: str, palette: Palette) -> str:
    """Return what a code of an error means, for a terminal."""
    name, text = ERRORS[code]
    return f"{palette.strong(f'{code} {name}')}\n{text}\n"
