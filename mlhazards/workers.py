"""The map step in one process or in many, with the same results in the same order.

A worker process that dies or hangs costs the one file that made it do so: its chunk is scanned
again file by file, and that file becomes a Failure. pebble is imported with the first pool.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import Struct

from mlhazards.config import Settings
from mlhazards.facts.model import decode, encode
from mlhazards.findings import Failure, Finding
from mlhazards.rule import Rule
from mlhazards.scan import Job, Scan, scan_file

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from pebble import ProcessFuture, ProcessPool

#: Below this many files a second process costs more than it saves.
_WORTH_A_POOL = 100
#: Processes for each processor at the very most: `--jobs 10000` must not bring down a machine.
_MOST_EACH = 4
#: Chunks a process gets: few enough to cost little, enough to even out what bytes do not tell.
_CHUNKS_EACH = 6
#: What a file may take: a fixed part in seconds, and bytes a second at the very least.
TIME_LIMIT = 60.0
_SLOWEST = 50_000


class Workers(Protocol):
    """Something that scans files."""

    def scan(self, jobs: Sequence[Job]) -> list[Scan]:
        """Return one Scan for each job, in their order."""

    def close(self) -> None:
        """Give back what is held."""


class Packed(Struct, array_like=True):
    """A Scan on its way between processes."""

    path: str
    facts: bytes | None
    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]
    checksum: int


def workers(settings: Settings, rules: Sequence[Rule], files: int) -> Workers:
    """Return what scans ``files`` files under the settings: this process, or a pool of others."""
    jobs = settings.jobs
    if not jobs:
        jobs = processors() if files >= _WORTH_A_POOL else 1
    jobs = min(jobs, processors() * _MOST_EACH)
    return Pool(settings, rules, jobs) if jobs > 1 and _is_safe() else Here(settings, rules)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Here:
    """This process: the default for a few files."""

    def __init__(self, settings: Settings, rules: Sequence[Rule]) -> None:
        self._settings = settings
        self._rules = rules

    def scan(self, jobs: Sequence[Job]) -> list[Scan]:
        """Return one Scan for each job, in their order."""
        return [scan_file(job, self._settings, self._rules) for job in jobs]

    def close(self) -> None:
        """Hold nothing, give back nothing."""


class Pool:
    """Processes of our own, started with the first files."""

    def __init__(
        self, settings: Settings, rules: Sequence[Rule], size: int, limit: float = TIME_LIMIT
    ) -> None:
        """``limit`` is the time in seconds that a file may take, large ones get more."""
        self._settings = settings
        self._rules = rules
        self._size = size
        self._limit = limit
        self._pool: ProcessPool | None = None
        self._environment = ExitStack()

    def scan(self, jobs: Sequence[Job]) -> list[Scan]:
        """Return one Scan for each job, in their order."""
        if not jobs:
            return []
        try:
            return self._scan(jobs)
        except (RuntimeError, OSError):  # no process can be had, or none that lives
            return Here(self._settings, self._rules).scan(jobs)

    def _scan(self, jobs: Sequence[Job]) -> list[Scan]:
        sizes = [_size(job) for job in jobs]
        chunks = balanced(sizes, self._size * _CHUNKS_EACH)
        scans: dict[int, Scan] = {}
        broken: list[int] = []
        futures = [self._schedule(jobs, chunk, sizes) for chunk in chunks]
        for chunk, future in zip(chunks, futures, strict=True):
            scanned = self._result(future)
            if isinstance(scanned, str):
                broken += chunk
            else:
                scans.update(zip(chunk, scanned, strict=True))
        for index in sorted(broken):
            scanned = self._result(self._schedule(jobs, [index], sizes))
            scans[index] = _lost(jobs[index], scanned) if isinstance(scanned, str) else scanned[0]
        return [scans[index] for index in range(len(jobs))]

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None
        self._environment.close()

    def _schedule(
        self, jobs: Sequence[Job], chunk: Sequence[int], sizes: Sequence[int]
    ) -> ProcessFuture[bytes]:
        limit = self._limit + sum(sizes[index] for index in chunk) / _SLOWEST
        batch = [jobs[index] for index in chunk]
        return self._started().schedule(_scan_chunk, args=(batch,), timeout=limit)

    @staticmethod
    def _result(future: ProcessFuture[bytes]) -> list[Scan] | str:
        """Return the scans of a chunk, or what became of its process."""
        from pebble import ProcessExpired

        try:
            return unpacked(future.result())
        except TimeoutError:
            return "it took too long"
        except ProcessExpired as error:
            return f"its process died (exit code {error.exitcode})"
        except Exception as error:  # noqa: BLE001 - whatever came back instead of scans
            from concurrent.futures import TimeoutError as OldTimeoutError

            if isinstance(error, OldTimeoutError):  # a class of its own before Python 3.11
                return "it took too long"
            return f"its process failed: {type(error).__name__}: {error}"

    def _started(self) -> ProcessPool:
        if self._pool is None:
            from pebble import ProcessPool

            if not _forks():
                self._environment.enter_context(_safe_path())
            self._pool = ProcessPool(
                max_workers=self._size,
                context=_context(),
                initializer=_start,
                initargs=(self._settings, tuple(self._rules)),
            )
        return self._pool


def balanced(sizes: Sequence[int], count: int) -> list[list[int]]:
    """Return the indexes of ``sizes`` in at most ``count`` chunks of about equal sums.

    The chunks come largest first, so that none of the large ones is started last.
    """
    import heapq

    heap: list[tuple[int, int]] = [(0, number) for number in range(min(count, len(sizes)))]
    chunks: list[list[int]] = [[] for _ in heap]
    for index in sorted(range(len(sizes)), key=lambda i: (-sizes[i], i)):
        total, number = heapq.heappop(heap)
        chunks[number].append(index)
        # An empty file costs something, too.
        heapq.heappush(heap, (total + sizes[index] + 1, number))
    return [sorted(chunk) for chunk in chunks if chunk]


def packed(scans: Iterable[Scan]) -> bytes:
    """Return scans as bytes, for another process."""
    return msgspec.msgpack.encode(
        [
            Packed(
                each.path,
                encode(each.facts) if each.facts else None,
                each.findings,
                each.failures,
                each.checksum,
            )
            for each in scans
        ]
    )


def unpacked(data: bytes) -> list[Scan]:
    """Return the scans that ``packed`` packed."""
    return [
        Scan(
            each.path,
            decode(each.facts) if each.facts else None,
            each.findings,
            each.failures,
            each.checksum,
        )
        for each in msgspec.msgpack.decode(data, type=list[Packed])
    ]


def _forks() -> bool:
    """Return whether processes are copies of this one, and no fresh interpreters.

    Forking is quick and needs no guard in the caller's main module, but copies locked locks where
    other threads run.
    """
    import threading

    return sys.platform == "linux" and threading.active_count() == 1


def _is_safe() -> bool:
    """Return whether no other process would import modules from the working directory."""
    return sys.version_info >= (3, 11) or _forks()


@contextmanager
def _safe_path() -> Iterator[None]:
    """Let fresh interpreters not look for modules in the working directory first.

    There lies the code under analysis, whose `random.py` must never be run.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTHONSAFEPATH"]
        if before is not None:
            os.environ["PYTHONSAFEPATH"] = before


def _context() -> BaseContext:
    import multiprocessing

    return multiprocessing.get_context("fork" if _forks() else "spawn")


_work: list[tuple[Settings, tuple[Rule, ...]]] = []


def _start(settings: Settings, rules: tuple[Rule, ...]) -> None:
    """Prepare a worker process; the collector would only look at trees that are dropped anyway."""
    import gc
    import signal

    gc.disable()
    # The parent hears Ctrl-C and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work[:] = [(settings, rules)]


def _scan_chunk(jobs: list[Job]) -> bytes:
    settings, rules = _work[0]
    return packed(scan_file(job, settings, rules) for job in jobs)


def _size(job: Job) -> int:
    try:
        return os.stat(job.target.absolute).st_size
    except OSError:
        return 0


def _lost(job: Job, reason: str) -> Scan:
    path = job.target.path
    message = f"not analysed: {reason}"
    return Scan(path, failures=(Failure("MLH903", path, "facts", message),))
