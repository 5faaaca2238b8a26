"""``python -m mlhazards`` is the command ``mlhazards``."""

from __future__ import annotations

import sys

from mlhazards.shells.cli import main

if __name__ == "__main__":
    sys.exit(main())
