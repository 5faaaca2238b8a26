"""Speed: whole processes, user and system time, both sides in turn, ratios alone are figures.

``python -m bench.speed [--rounds N]``
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from bench.corpus import corpus, pins
from bench.packages import FetchError
from bench.tables import table

ROUNDS = 5
#: Starting an interpreter is short, so it is repeated more often than a run over the corpus.
SMALL = 4

_TOOL = ("-m", "mlhazards", "check", "--isolated", "--no-cache", "--jobs", "1", "--exit-zero")
_CRASHED = 1  # with --exit-zero nothing else ends so
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes

_SMALL_FILE = '''\
"""A file of everyday size."""

import threading


class Counter:
    """Counts names on a thread of its own."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def _work(self):
        with self.lock:
            self.counts["a"] = 1

    def names(self):
        with self.lock:
            return list(self.counts)
'''


class Cost(Struct, frozen=True):
    """What a process used: seconds of CPU (user and system), bytes of memory at its peak."""

    seconds: float
    peak: int


class Pair(Struct, frozen=True):
    """The costs of the yardstick and of the tool, round by round."""

    base: list[Cost]
    tool: list[Cost]

    def ratio(self, of: Callable[[list[float]], float]) -> float:
        """Return tool by base, each reduced by ``of`` (min, median)."""
        return of([c.seconds for c in self.tool]) / of([c.seconds for c in self.base])

    def surplus(self, of: Callable[[list[float]], float]) -> float:
        """Return how many seconds the tool needs more, each side reduced by ``of``."""
        return of([c.seconds for c in self.tool]) - of([c.seconds for c in self.base])

    @property
    def peak(self) -> int:
        """The tool's largest memory, in bytes."""
        return max(cost.peak for cost in self.tool)


def cost(command: Sequence[str]) -> Cost:
    """Run a command and return what it used.

    Raises:
        RuntimeError: it crashed.

    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors, env=_environment()
        )
        # wait4 gives the use of this child alone; RUSAGE_CHILDREN would add up all.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        _must_have_worked(command, process.returncode, errors.read())
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _UNIT)


def _environment() -> dict[str, str]:
    """Return an environment in which modules are compiled once, as they are once installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def pair(base: Sequence[str], tool: Sequence[str], rounds: int) -> Pair:
    """Run both in turn, after one run of each that only warms the file system's cache."""
    measured = Pair([], [])
    cost(base)
    cost(tool)
    for number in range(rounds):
        # Who goes first alternates: what a neighbour does to the machine hits both sides.
        for command, costs in ((base, measured.base), (tool, measured.tool))[:: (-1) ** number]:
            costs.append(cost(command))
    return measured


def cold(folders: Sequence[Path], rounds: int) -> Pair:
    """Measure a cold run of the default set, one process, against parsing the same files."""
    base, tool = _sides(folders)
    return pair(base, [*tool, "--output", os.devnull], rounds)


def file_counts(folders: Sequence[Path]) -> tuple[int, int, int]:
    """Return how many files are parsed, checked, and among these not analysed after all.

    The ratio means something only if the first two are equal and the last is about zero.
    """
    base, tool = (_output(side) for side in _sides(folders))
    report = json.loads(tool)
    return int(base), int(report["summary"]["files"]), len(report["errors"])


def small_file(rounds: int) -> Pair:
    """Measure one small file against an interpreter that does nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "small.py"
        path.write_text(_SMALL_FILE, "utf-8")
        return pair(_python("-c", "pass"), _python(*_TOOL, str(path)), rounds * SMALL)


def report(rounds: int = ROUNDS) -> None:
    """Print the table.

    Raises:
        FetchError: the corpus is not there.

    """
    folders = list(corpus().values())
    counts = file_counts(folders)
    whole = cold(folders, rounds)
    small = small_file(rounds)
    lines = sum(pin.lines for pin in pins())
    megabytes = whole.peak / 1e6
    print(f"\nSpeed, CPU of whole processes, {rounds} rounds, {lines / 1e6:.2f} million lines")
    rows = [
        ("cold, one process, by ast.parse", *(f"{whole.ratio(of):.2f} x" for of in _REDUCERS)),
        ("  seconds of ast.parse", *(f"{of(_seconds(whole.base)):.2f}" for of in _REDUCERS)),
        ("  seconds of mlhazards", *(f"{of(_seconds(whole.tool)):.2f}" for of in _REDUCERS)),
        ("one small file, over python", *(f"{small.surplus(of) * 1e3:.0f} ms" for of in _REDUCERS)),
        ("memory of the cold run", f"{megabytes:.0f} MB", ""),
        ("  for each million lines", f"{megabytes / lines * 1e6:.0f} MB", ""),
    ]
    print(table(("", "minimum", "median"), rows))
    print("files: {} parsed, {} checked, {} of them not analysed".format(*counts))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(arguments)
    try:
        report(options.rounds)
    except FetchError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


_REDUCERS: tuple[Callable[[list[float]], float], ...] = (min, statistics.median)


def _sides(folders: Sequence[Path]) -> tuple[list[str], list[str]]:
    paths = [str(folder) for folder in folders]
    yardstick = str(Path(__file__).with_name("parse_only.py"))
    return _python(yardstick, *paths), _python(*_TOOL, "--format", "json", *paths)


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, check=False)
    _must_have_worked(command, done.returncode, done.stderr)
    return done.stdout.decode()


def _must_have_worked(command: Sequence[str], code: int, errors: bytes) -> None:
    if code < 0 or code == _CRASHED or b"Traceback (most recent call last)" in errors:
        complaint = errors.decode(errors="replace")[-2000:]
        message = f"{' '.join(command)} failed: {complaint}"
        raise RuntimeError(message)


def _seconds(costs: list[Cost]) -> list[float]:
    return [cost.seconds for cost in costs]


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "ignore", *arguments]


if __name__ == "__main__":
    sys.exit(main())
