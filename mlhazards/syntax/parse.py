"""Text becomes a tree, or one error with its place."""

from __future__ import annotations

import ast
import warnings

from mlhazards.source.file import SourceFile


class ParseError(Exception):
    """The text is not Python, or too deep for the parser.

    ``line`` and ``column`` count from 1, columns in code points; None where there is no place.
    ``syntax`` tells a mistake in the code (True) from a limit of the parser (False).
    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        column: int | None = None,
        *,
        syntax: bool = True,
    ) -> None:
        """Keep what went wrong and where."""
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.syntax = syntax


def parse(source: SourceFile) -> ast.Module:
    """Return the tree of the file.

    Raises:
        ParseError: ``ast.parse`` gave up, in whatever way.

    """
    try:
        with warnings.catch_warnings():
            # Invalid escapes and `is` with a literal are other linters' subject.
            warnings.simplefilter("ignore")
            # CPython would open a file of the name it is given, to find the column of an error:
            # one in another encoding, or a FIFO.
            return ast.parse(source.text, filename="")
    except SyntaxError as error:
        # CPython gives column 0 or a place of line 0 for errors without one.
        line = error.lineno or None
        column = max(error.offset or 1, 1) if line else None
        raise ParseError(error.msg or "invalid syntax", line, column) from None
    except ValueError as error:  # null bytes, which are a SyntaxError from Python 3.12 on
        raise ParseError(str(error) or "invalid syntax") from None
    except RecursionError:
        message = "nested too deeply for the parser"
    except MemoryError:
        message = "too complex for the parser"
    except OverflowError as error:
        message = str(error) or type(error).__name__
    raise ParseError(message, syntax=False)
