"""``python -m mlhazards`` is the command ``mlhazards``."""

from __future__ import annotations

import sys

if not getattr(sys.flags, "safe_path", False):
    # `python -m` looks for modules in the working directory first: there lies the code under
    # analysis, whose `typing.py` or `json.py` must never be run.
    del sys.path[0]

from mlhazards.shells.cli import main

if __name__ == "__main__":
    sys.exit(main())
