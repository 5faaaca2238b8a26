"""Answers that are worked out once, also to questions that lead back to themselves.

Re-exports, attribute types (``self.x = self.x.f()``) and returned calls form cycles. Whoever asks
a question that is being answered gets what it calls nothing. What was worked out in the middle of
such a cycle is kept only until the outermost question is answered, so no answer depends on which
question came first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
N = TypeVar("N")

#: Questions inside questions beyond which an answer is nothing; far below Python's stack.
DEPTH = 50


class Memo:
    """The answers of one program."""

    __slots__ = ("_active", "_answers", "_lowest", "_provisional")

    def __init__(self) -> None:
        """Know nothing yet."""
        self._answers: dict[tuple[Any, ...], Any] = {}
        self._provisional: dict[tuple[Any, ...], Any] = {}
        self._active: dict[tuple[Any, ...], int] = {}
        self._lowest = DEPTH

    def ask(self, nothing: N, compute: Callable[..., T], *arguments: Any) -> T | N:  # noqa: ANN401
        """Return ``compute(*arguments)``, or ``nothing`` when that is being worked out."""
        key = (compute.__qualname__, *arguments)
        for known in (self._answers, self._provisional):
            if key in known:
                answer: T = known[key]
                return answer
        depth = len(self._active)
        if key in self._active or depth >= DEPTH:
            self._lowest = min(self._lowest, self._active.get(key, 0))
            return nothing
        outer, self._lowest = self._lowest, DEPTH
        self._active[key] = depth
        try:
            answer = compute(*arguments)
        finally:
            del self._active[key]
        self._keep(key, depth, answer)
        self._lowest = min(outer, self._lowest) if depth else DEPTH
        return answer

    def _keep(self, key: tuple[Any, ...], depth: int, answer: object) -> None:
        if depth and self._lowest < depth:
            # It rests on a question further out that is still open: true only within that one.
            self._provisional[key] = answer
            return
        self._answers[key] = answer
        self._lowest = DEPTH
        if not depth:
            self._provisional.clear()
