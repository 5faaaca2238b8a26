"""Tables that belong to the whole process: any import, or any thread, may change them.

A row holds the canonical name, the kind of container, who changes it, and where that is said or
done. The names that start with an underscore are not documented, but code reads them, and CPython
3.10 to 3.13 has them.
"""

from __future__ import annotations

from typing import NamedTuple


class ProcessTable(NamedTuple):
    """One table.

    ``kind`` is a kind of container (``facts.model.Shape``), or "environ" for ``os.environ``, which
    walks a copy of its keys and then looks each of them up.
    """

    name: str
    kind: str
    changed_by: str
    source: str


_IMPORT = "any import"
_THREAD = "any thread"
_START = "any thread that starts or ends"
_TASK = "any thread that makes or drops a task"
_COLLECTION = "any garbage collection"
_LIBRARY = "https://github.com/python/cpython/blob/3.13/Lib/"

PROCESS_TABLES = {
    table.name: table
    for table in (
        ProcessTable(
            "sys.modules", "dict", _IMPORT, "https://docs.python.org/3/library/sys.html#sys.modules"
        ),
        ProcessTable(
            "sys.path_importer_cache",
            "dict",
            _IMPORT,
            "https://docs.python.org/3/library/sys.html#sys.path_importer_cache",
        ),
        ProcessTable(
            "globals()",
            "dict",
            "any import or thread that binds a name of this module",
            "https://docs.python.org/3/library/functions.html#globals",
        ),
        ProcessTable(
            "warnings.filters",
            "list",
            "any thread that enters `catch_warnings` or adds a filter",
            "https://docs.python.org/3/library/warnings.html#warnings.catch_warnings",
        ),
        ProcessTable(
            "os.environ",
            "environ",
            "any thread that deletes a variable",
            "https://docs.python.org/3/library/os.html#os.environ",
        ),
        ProcessTable(
            "copyreg.dispatch_table",
            "dict",
            _IMPORT,
            "https://docs.python.org/3/library/copyreg.html#copyreg.pickle",
        ),
        ProcessTable("threading._active", "dict", _START, f"{_LIBRARY}threading.py"),
        ProcessTable("threading._limbo", "dict", _START, f"{_LIBRARY}threading.py"),
        ProcessTable("threading._dangling", "WeakSet", _START, f"{_LIBRARY}threading.py"),
        ProcessTable(
            "logging._handlers",
            "WeakValueDictionary",
            "any thread that makes or drops a handler",
            f"{_LIBRARY}logging/__init__.py",
        ),
        ProcessTable(
            "linecache.cache",
            "dict",
            "any thread that formats a traceback",
            f"{_LIBRARY}linecache.py",
        ),
        ProcessTable("inspect.modulesbyfile", "dict", _THREAD, f"{_LIBRARY}inspect.py"),
        ProcessTable("weakref.finalize._registry", "dict", _COLLECTION, f"{_LIBRARY}weakref.py"),
        ProcessTable(
            "multiprocessing.process._children",
            "set",
            "any thread that starts or joins a process",
            f"{_LIBRARY}multiprocessing/process.py",
        ),
        ProcessTable(
            "multiprocessing.util._finalizer_registry",
            "dict",
            _COLLECTION,
            f"{_LIBRARY}multiprocessing/util.py",
        ),
        ProcessTable(
            "multiprocessing.util._afterfork_registry",
            "WeakValueDictionary",
            _THREAD,
            f"{_LIBRARY}multiprocessing/util.py",
        ),
        ProcessTable(
            "concurrent.futures.thread._threads_queues",
            "WeakKeyDictionary",
            "any thread that uses an executor",
            f"{_LIBRARY}concurrent/futures/thread.py",
        ),
        ProcessTable("asyncio.tasks._all_tasks", "WeakSet", _TASK, f"{_LIBRARY}asyncio/tasks.py"),
        ProcessTable(
            "asyncio.tasks._scheduled_tasks", "WeakSet", _TASK, f"{_LIBRARY}asyncio/tasks.py"
        ),
    )
}

#: All loggers share one manager, so whichever logger leads to it, this is the same table.
LOGGERS = ProcessTable(
    "logging.root.manager.loggerDict",
    "dict",
    "any call of `logging.getLogger` with a new name",
    "https://docs.python.org/3/library/logging.html#logging.getLogger",
)
LOGGERS_PATH = ".manager.loggerDict"

#: The namespace of any module (`facts.model.Bit.MODULE_NAMESPACE`).
NAMESPACES = ProcessTable(
    "module.__dict__",
    "dict",
    "any import or thread that binds a name of that module",
    "https://docs.python.org/3/reference/datamodel.html#module.__dict__",
)
