"""The yardstick of speed: list, read, decode and parse the .py files below the given folders.

A process of its own, with nothing imported that it does not need and the collector on.
"""

from __future__ import annotations

import ast
import io
import os
import sys
import tokenize


def main(folders: list[str]) -> int:
    """Parse everything and print how many files that were."""
    files = 0
    for path in sorted(_listed(folders)):
        files += 1
        with open(path, "rb") as stream:  # noqa: PTH123 - pathlib would cost start-up
            data = stream.read()
        try:
            ast.parse(_decoded(data), path)
        except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
            continue
    print(files)
    return 0


def _listed(folders: list[str]) -> list[str]:
    return [
        os.path.join(folder, name)  # noqa: PTH118
        for given in folders
        for folder, _, names in os.walk(given)
        for name in names
        if name.endswith(".py")
    ]


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(tokenize.detect_encoding(io.BytesIO(data).readline)[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
