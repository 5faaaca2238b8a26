"""One bad file costs itself alone; nothing of the analysed code is ever run."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check, check_text

GOOD = textwrap.dedent(
    """
    import threading


    class Board:
        def __init__(self, table):
            self.lock, self.pending = threading.Lock(), {}
            self.names = table.keys()
            threading.Thread(target=self._work).start()

        def _work(self):
            while True:
                self.pending.pop("a", None)

        def flush(self):
            with self.lock:
                for name in self.pending:
                    print(f"{name!r:>{10}}", *[x async for x in ()] if 0 else ())

        def pairs(self, *, deep: bool = False):
            try:
                yield from ((k, v) for k, v in self.pending.items() if (n := len(k)) > 1)
            except KeyError:
                return 3
    """
)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "+".join("1" for _ in range(3000)),
        "x = " + "a." * 2000 + "b",
        "x = " + "f(" * 90 + ")" * 90,
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "[" * 150 + "]" * 150,
        "x = " + "-" * 5000 + "1",
        "x = " + "not " * 3000 + "y",
        "x = " + "lambda: " * 2000 + "y",
        "x = a" + "[0]" * 3000,
        "x = f" + "()" * 3000,
        "x = " + "a if b else " * 2000 + "c",
        "if a: pass\n" + "elif b: pass\n" * 5000,
        "\n".join(" " * n + "if x:" for n in range(99)) + " pass",
        "\n".join(" " * n + "def f():" for n in range(99)) + " pass",
        "\n".join(" " * n + "class C:" for n in range(99)) + " pass",
        "\n".join(" " * n + "with a:" for n in range(19)) + " pass",
        "x = " + " and ".join("a" for _ in range(5000)),
        "x = " + "await " * 500 + "y",
        "x = {" + ",".join(f"{n}: {n}" for n in range(20_000)) + "}",
        "match x:\n case " + "[" * 150 + "]" * 150 + ": pass",
        "x" + " = x" * 5000,
        "x: " + "list[" * 150 + "int" + "]" * 150,
        "x = f'" + "{a}" * 3000 + "'",
        "",
        "\n\n\n",
        "# only a comment",
        "\x0c\x0c",
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_deep_and_odd_code_is_analysed_or_an_error_of_the_parser(text):
    report = check_text(text, "a.py")
    assert [f for f in report.failures if f.stage != "parse"] == []


@pytest.mark.parametrize("seed", range(10))
def test_mutated_inputs_raise_nothing(seed):
    chance = random.Random(seed)  # noqa: S311 - the same slice in every run is what is wanted
    for _ in range(50):
        data = _mutated(GOOD.encode(), chance)
        report = check_text(data, "a.py")
        assert [f for f in report.failures if f.stage not in {"read", "parse"}] == [], data


_PIECES = (
    b"(", b")", b"[", b"{", b"]", b"}", b":", b"\n", b"\t", b"    ", b"\\\n", b'"""', b"'", b"#",
    b"lambda: ", b"yield ", b"await ", b"async ", b"del ", b"*", b"**", b"@", b"=", b":=", b", ",
    b"\0", b"\xff", b"\xc3\xa9", b"\r", b"\x0c", b"self.pending", b"self", b"global pending\n",
    b"return ", b"for x in ", b"with ", b"import ", b"from . import *\n", b"if ", b"not ", b"1",
)  # fmt: skip


def _mutated(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data = data[:start] + chance.choice(_PIECES) + data[start:]
            case 1:
                data = data[:start] + data[start + chance.randint(1, 12) :]
            case 2:
                other = chance.randrange(len(data))
                data = data[:start] + data[other : other + chance.randint(1, 40)] + data[start:]
            case 3:
                lines = data.splitlines(keepends=True)
                lines.insert(chance.randrange(len(lines)), lines.pop(chance.randrange(len(lines))))
                data = b"".join(lines)
    return data


EVIL = """
import os, sys
open("ran", "w").close()
print("ran")
class Meta(type):
    def __init_subclass__(cls): open("ran", "w").close()
@(lambda f: open("ran", "w").close())
def f(x=open("ran", "w").close()): ...
if __name__ == "__main__": raise SystemExit(9)
import evil_helper
from evil_package import thing
"""

WATCHER = """
import sys
from mlhazards.config import Settings
from mlhazards.engine import check, fix

seen = []
def hook(event, arguments):
    if event == "import" and arguments[0].split(".")[0].startswith("evil"):
        seen.append(arguments[0])
    if event == "exec" and "evil" in arguments[0].co_filename:
        seen.append(arguments[0].co_filename)
    if event == "open" and arguments[0] == "ran":
        seen.append("ran")
sys.addaudithook(hook)

settings = Settings(jobs=int(sys.argv[1]))
report = check(["."], settings)
fix(["."], settings, unsafe=True, write=False)
assert report.files == 4, report
assert not report.failures, report.failures
assert not seen, seen
assert not any(name.startswith("evil") for name in sys.modules)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_of_the_analysed_code_is_imported_or_executed(tmp_path, jobs):
    for name in ("evil.py", "evil_helper.py", "evil_package/__init__.py", "conftest.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(EVIL)
    result = subprocess.run(
        [sys.executable, "-c", WATCHER, str(jobs)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": _checkout()},
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not (tmp_path / "ran").exists()


def test_modules_in_the_working_directory_do_not_stand_in_for_those_of_python(tmp_path):
    for name in ("argparse", "difflib", "inspect", "json", "msgspec", "tokenize", "typing"):
        (tmp_path / f"{name}.py").write_text(EVIL)
    result = subprocess.run(
        [sys.executable, "-m", "mlhazards", "--isolated", "--format", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": _checkout()},
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert '"files":7' in result.stdout.replace(" ", "")
    assert not (tmp_path / "ran").exists()


THREADED = """
import threading
from mlhazards import Settings, check

if __name__ == "__main__":
    stop = threading.Event()
    threading.Thread(target=stop.wait).start()  # with other threads about, processes are not forked
    report = check(["."], Settings(jobs=2))
    stop.set()
    assert (report.files, report.failures) == (3, ()), report
"""


def test_fresh_processes_do_not_take_modules_from_the_working_directory(tmp_path):
    (tmp_path / "threaded.py").write_text(THREADED)
    (tmp_path / "code").mkdir()
    for name in ("multiprocessing", "pickle", "random"):
        (tmp_path / "code" / f"{name}.py").write_text(EVIL)
    result = subprocess.run(
        [sys.executable, str(tmp_path / "threaded.py")],
        cwd=tmp_path / "code",
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": _checkout()},
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not (tmp_path / "code" / "ran").exists()


def _checkout() -> str:
    from pathlib import Path

    return str(Path(__file__).parent.parent)


@pytest.mark.slow
def test_memory_stays_flat_over_many_files(tmp_path):
    body = "".join(
        f"def f{n}(a, b):\n    return [(x, y) for x in a for y in b if x > {n}]\n"
        for n in range(120)
    )
    for n in range(500):
        (tmp_path / f"m{n}.py").write_text(body)
    program = (
        "import resource, sys\n"
        "from mlhazards.scan import Job, scan_file\n"
        "from mlhazards.config import Settings\n"
        "from mlhazards.engine import collector_off\n"
        "from mlhazards.source.file import target\n"
        "from mlhazards.rules import RULES\n"
        "peaks = []\n"
        "with collector_off():\n"
        "    for n in range(500):\n"
        "        scan_file(Job(target(f'm{n}.py'), f'm{n}', False), Settings(), RULES)\n"
        "        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        "print(peaks[20], peaks[-1])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": _checkout()},
    )
    early, late = map(int, out.stdout.split())
    assert late < early * 1.1, (early, late)


def test_a_check_of_bad_files_reports_each_once_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "bad.py").write_bytes(b"def f(:\n")
    (tmp_path / "bytes.py").write_bytes(b"\xff")
    report = check([], Settings())
    assert report.files == 4
    assert [(f.code, f.path) for f in report.failures] == [
        ("MLH902", "bad.py"),
        ("MLH903", "bytes.py"),
    ]
