"""Annotations as written, taken apart: what is the class in ``"Optional[dict[str, X]]"``."""

from __future__ import annotations

from typing import NamedTuple

#: Wrappers that say nothing of the class of the value inside.
_TRANSPARENT = frozenset({
    "Annotated", "ClassVar", "Final", "InitVar", "NotRequired", "Optional", "ReadOnly", "Required",
})  # fmt: skip


class Annotation(NamedTuple):
    """The head of an annotation (``dict``) and its arguments as written (``str``, ``X``)."""

    head: str
    arguments: tuple[str, ...]


def parse(text: str) -> Annotation | None:
    """Return what ``text`` says a value is; None when it admits more than one class.

    Quotes, ``Optional``, ``X | None``, ``ClassVar`` and their like are taken off.
    """
    text = text.strip()
    while text[:1] in {"'", '"'} and text[-1:] == text[:1] and len(text) > 1:
        text = text[1:-1].strip()
    alternatives = [part for part in _split(text, "|") if part != "None"]
    if len(alternatives) != 1:
        return None
    text = alternatives[0]
    if not text.endswith("]"):
        return Annotation(text, ()) if text else None
    head, inside = text[:-1].split("[", 1)
    arguments = _split(inside, ",")
    name = head.rsplit(".", 1)[-1]
    if name == "Union":
        return parse("|".join(arguments))
    if name in _TRANSPARENT:
        return parse(arguments[0]) if arguments else None
    return Annotation(head, tuple(arguments))


def _split(text: str, separator: str) -> list[str]:
    """Split at ``separator`` where no bracket or quote is open."""
    parts: list[str] = []
    depth = start = 0
    quote = ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == separator and not depth:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
