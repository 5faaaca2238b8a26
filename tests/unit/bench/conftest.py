"""Make the bench importable; it is no part of the installed package."""

from __future__ import annotations

import sys
from pathlib import Path

# Last, so that an installed mlhazards is not replaced by the checkout's.
sys.path.append(str(Path(__file__).parents[3]))
