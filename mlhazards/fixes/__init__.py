"""The proposed fixes of one file become its new bytes.

A `Fix` names its kind; each kind is one module here, listed in `mlhazards.fixes.rewrite.KINDS`.
libcst finds the node of a fix and says where its parentheses, its line and its scope are; what is
written is a handful of insertions at those places, so that every other byte survives: comments,
quoting, line ends, encoding, and everything inside the rewritten expression as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from mlhazards.findings import Fix
from mlhazards.fixes.edits import Edited
from mlhazards.source.file import SourceFile

__all__ = ["Edited", "apply"]


def apply(source: SourceFile, fixes: Sequence[Fix]) -> Edited:
    """Return the file with the fixes carried out, and which of them were.

    Where two fixes touch, the one that comes first in ``fixes`` wins; the other is dropped with
    its reason, to be offered again on the result. A fix whose span meets no node it can rewrite is
    dropped too. When the result is no longer Python, all are, and the bytes are the old ones.

    Nothing is raised for what the file or the fixes hold.
    """
    from mlhazards.fixes.rewrite import rewrite  # libcst costs a sixth of a second to import

    return rewrite(source, fixes)
