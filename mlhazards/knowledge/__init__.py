"""What Python and its libraries do, as data with sources."""

from __future__ import annotations

from mlhazards.knowledge.tables import STARTS

#: The last names of all callables that start something, and what a Thread subclass of the
#: project may end in; the link looks at no other call.
START_NAMES = frozenset(start.call.rpartition(".")[2] for start in STARTS)
