"""What one file says to the others."""

from __future__ import annotations

from mlhazards.facts.module import Module, extract

__all__ = ["Module", "extract"]
