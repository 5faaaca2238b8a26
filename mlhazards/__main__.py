"""``python -m mlhazards`` is the command ``mlhazards``."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        # `python -m` looks for modules in the working directory first: there lies the code under
        # analysis, whose `typing.py` or `json.py` must never be run.
        del sys.path[0]

    from mlhazards.shells.cli import main

    sys.exit(main())
