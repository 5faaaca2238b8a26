"""Stage 0, knowledge: what Python and its libraries do, as data with sources."""

from __future__ import annotations

#: The last names of all callables that start something; the link looks at nothing else.
START_NAMES = frozenset({
    "Thread", "Timer", "apply_async", "finalize", "map", "ref", "run_in_executor",
    "start_new_thread", "submit", "to_thread",
})  # fmt: skip
