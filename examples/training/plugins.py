"""Finds plugins among what is imported."""

import sys


def plugins():
    """Return the names of imported modules that have a hook."""
    return [name for name, module in sys.modules.items() if hasattr(module, "training_hook")]
