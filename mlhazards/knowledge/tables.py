"""The knowledge tables, compiled from the TOML files beside this one.

Made by tools/compile_knowledge.py; change the tables, not this file.
"""

from __future__ import annotations

from mlhazards.knowledge.schema import Start, Subclass

STARTS: tuple[Start, ...] = (
    Start(
        call="threading.Thread",
        target=("1", "target"),
        domain="new-thread",
        description="thread",
        source="https://docs.python.org/3/library/threading.html#threading.Thread",
        arguments=("3", "args"),
        keywords="kwargs",
        begins="start",
        joins=("join",),
    ),
    Start(
        call="threading.Timer",
        target=("1", "function"),
        domain="new-thread",
        description="timer",
        source="https://docs.python.org/3/library/threading.html#threading.Timer",
        arguments=("2", "args"),
        keywords="kwargs",
        begins="start",
        joins=("join",),
    ),
    Start(
        call="_thread.start_new_thread",
        target=("0", "function"),
        domain="new-thread",
        description="thread",
        source="https://docs.python.org/3/library/_thread.html#thread.start_new_thread",
        arguments=("1", "args"),
    ),
    Start(
        call="concurrent.futures.ThreadPoolExecutor.submit",
        target=("0", "fn"),
        domain="pool",
        description="pool thread",
        source="https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.submit",
        arguments=("1+",),
        joins=("result", "exception", "shutdown"),
        gives="concurrent.futures.Future",
    ),
    Start(
        call="concurrent.futures.ThreadPoolExecutor.map",
        target=("0", "fn"),
        domain="pool",
        description="pool thread",
        source="https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.map",
        joins=("shutdown",),
    ),
    Start(
        call="concurrent.futures.ThreadPoolExecutor",
        target=("2", "initializer"),
        domain="pool",
        description="pool thread",
        source="https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor",
    ),
    Start(
        call="concurrent.futures.Future.add_done_callback",
        target=("0", "fn"),
        domain="pool",
        description="callback of a pool thread",
        source="https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.add_done_callback",
    ),
    Start(
        call="asyncio.AbstractEventLoop.run_in_executor",
        target=("1", "func"),
        domain="pool",
        description="executor thread",
        source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor",
        arguments=("2+",),
        joins=("result",),
        any_receiver=True,
    ),
    Start(
        call="asyncio.to_thread",
        target=("0", "func"),
        domain="pool",
        description="executor thread",
        source="https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread",
        arguments=("1+",),
    ),
    Start(
        call="weakref.finalize",
        target=("1", "func"),
        domain="collection",
        description="finaliser",
        source="https://docs.python.org/3/library/weakref.html#weakref.finalize",
        arguments=("2+",),
    ),
    Start(
        call="weakref.ref",
        target=("1", "callback"),
        domain="collection",
        description="weak reference callback",
        source="https://docs.python.org/3/library/weakref.html#weakref.ref",
    ),
)

SUBCLASSES: tuple[Subclass, ...] = (
    Subclass(
        base="threading.Thread",
        method="run",
        domain="new-thread",
        description="thread",
        source="https://docs.python.org/3/library/threading.html#threading.Thread.run",
        begins="start",
        joins=("join",),
    ),
    Subclass(
        base="threading.Timer",
        method="run",
        domain="new-thread",
        description="timer",
        source="https://docs.python.org/3/library/threading.html#threading.Timer",
        begins="start",
        joins=("join",),
    ),
    Subclass(
        base="object",
        method="__del__",
        domain="collection",
        description="finaliser",
        source="https://docs.python.org/3/reference/datamodel.html#object.__del__",
    ),
)
