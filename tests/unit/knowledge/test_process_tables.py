"""The tables of the process are where the data says, and what it says."""

from __future__ import annotations

import importlib
import logging
import weakref

import pytest

from mlhazards.knowledge.process_tables import LOGGERS, LOGGERS_PATH, PROCESS_TABLES

KINDS = {
    "dict": dict,
    "list": list,
    "set": set,
    "WeakSet": weakref.WeakSet,
    "WeakKeyDictionary": weakref.WeakKeyDictionary,
    "WeakValueDictionary": weakref.WeakValueDictionary,
}
#: Of these each Python has one.
OF_SOME_VERSIONS = {"asyncio.tasks._all_tasks", "asyncio.tasks._scheduled_tasks"}
ATTRIBUTES = sorted(set(PROCESS_TABLES) - OF_SOME_VERSIONS - {"globals()", "os.environ"})


def resolved(dotted: str) -> object:
    """Return the object of that name: the longest part that is a module, then attributes."""
    parts = dotted.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise AssertionError(dotted)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_table_exists_and_is_of_its_kind(name: str):
    assert isinstance(resolved(name), KINDS[PROCESS_TABLES[name].kind])


def test_all_loggers_lead_to_one_table():
    assert LOGGERS.name.endswith(LOGGERS_PATH)
    table = resolved(LOGGERS.name)
    assert table is logging.getLogger("mlhazards.some.logger").manager.loggerDict
    assert table is logging.Logger.manager.loggerDict


def test_every_table_has_its_source():
    for name, table in PROCESS_TABLES.items():
        assert table.name == name
        assert table.source.startswith("https://")
