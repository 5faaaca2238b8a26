"""Write docs/rules/<CODE>.md from the docstrings of the rules, and remove pages of rules gone by.

python tools/gen_docs.py            write
python tools/gen_docs.py --check    write nothing, exit with 1 if a page is not current
"""

from __future__ import annotations

import sys
from pathlib import Path

from mlhazards.report.explain import page
from mlhazards.rules import RULES

FOLDER = Path(__file__).parent.parent / "docs" / "rules"


def wanted() -> dict[Path, str]:
    """Return the text of every page."""
    return {FOLDER / f"{rule.code}.md": page(rule) for rule in RULES}


def stale() -> list[Path]:
    """Return the pages that are missing, not current, or of no rule."""
    pages = wanted()
    on_disk = set(FOLDER.glob("*.md"))
    changed = [
        path
        for path, text in pages.items()
        if path not in on_disk or path.read_text(encoding="utf-8") != text
    ]
    return sorted([*changed, *(on_disk - set(pages))])


def main() -> int:
    """Write the pages, or with --check name those that would change."""
    pages = wanted()
    paths = stale()
    for path in paths:
        print(path.relative_to(FOLDER.parent.parent))
        if "--check" in sys.argv[1:]:
            continue
        if path in pages:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages[path], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return int("--check" in sys.argv[1:] and bool(paths))


if __name__ == "__main__":
    sys.exit(main())
