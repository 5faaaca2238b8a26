"""Compile the knowledge tables (TOML) into mlhazards/knowledge/tables.py.

``python tools/compile_knowledge.py`` writes the module; with ``--check`` it exits 1 when that is
out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from mlhazards.knowledge.schema import Start, Subclass, read_starts, read_subclasses

FOLDER = Path(__file__).resolve().parent.parent / "mlhazards" / "knowledge"
HEADER = '''"""The knowledge tables, compiled from the TOML files beside this one.

Made by tools/compile_knowledge.py; change the tables, not this file.
"""

from __future__ import annotations

from mlhazards.knowledge.schema import Start, Subclass
'''


def compiled() -> str:
    """Return the text of the module that the tables become."""
    starts: list[Start] = []
    subclasses: list[Subclass] = []
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        starts += read_starts(table)
        subclasses += read_subclasses(table)
    tables = [_rows("STARTS", "Start", starts), "", _rows("SUBCLASSES", "Subclass", subclasses)]
    return "\n".join([HEADER, *tables, ""])


def _rows(name: str, kind: str, entries: list[Start] | list[Subclass]) -> str:
    rows = [f"{name}: tuple[{kind}, ...] = ("]
    for entry in entries:
        rows.append(f"    {kind}(")
        for field, value in zip(entry._fields, entry, strict=True):
            if value != type(entry)._field_defaults.get(field):
                rows.append(f"        {field}={_literal(value)},")
        rows.append("    ),")
    return "\n".join([*rows, ")"])


def _literal(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        items = ", ".join(_literal(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def main() -> int:
    """Write or check the module; return the exit code."""
    path = FOLDER / "tables.py"
    text = compiled()
    if "--check" in sys.argv[1:]:
        return 0 if path.exists() and path.read_text(encoding="utf-8") == text else 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
