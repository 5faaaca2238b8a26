"""make demo: what mlhazards finds in two published packages, and what its fixes would change.

The wheels are downloaded for one fixed platform and Python, so that everybody sees the same code;
only their .py files are unpacked, into .demo/, and nothing of them is imported or run. Without
network the small package in examples/ stands in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
PACKAGES = ("aim==3.25.1", "nuscenes-devkit==1.1.11")
PYTHON = "3.11"
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "any")

#: Exit codes of the command: 1 stands for findings, and for a diff.
FOUND, DIFFERS = 1, 1


class DownloadError(Exception):
    """A package cannot be had; the message says why."""


def main() -> int:
    """Show the findings and the diff of their fixes; return the exit code of the demo."""
    try:
        folders = [_folder_of(package) for package in PACKAGES]
        home, named = DEMO, [folder.name for folder in folders]
    except DownloadError as error:
        print(f"OFFLINE: {error}\nShowing the package in examples/ instead.\n", flush=True)
        home, named = ROOT, ["examples"]
    found = _mlhazards(home, *named)
    print("\nWhat --fix would change:\n", flush=True)
    changed = _mlhazards(home, "--diff", *named)
    print("\nFor your own code: mlhazards PATH, then mlhazards --fix PATH", flush=True)
    return 0 if (found, changed) == (FOUND, DIFFERS) else 2


def _mlhazards(home: Path, *words: str) -> int:
    command = [sys.executable, "-m", "mlhazards", "--isolated", *words]
    print(f"$ mlhazards {' '.join(words)}\n", flush=True)
    return subprocess.run(command, cwd=home, check=False).returncode


def _folder_of(package: str) -> Path:
    """Return the folder with the .py files of ``package``, downloaded when it is missing."""
    folder = DEMO / package.replace("==", "-")
    if folder.is_dir():
        return folder
    DEMO.mkdir(exist_ok=True)
    # Renamed last, so that a folder of that name is always whole.
    with tempfile.TemporaryDirectory(dir=DEMO) as scratch:
        wheel = _download(package, Path(scratch))
        unpacked = Path(scratch, "unpacked")
        _unpack(wheel, unpacked)
        unpacked.rename(folder)
    return folder


def _download(package: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--python-version", PYTHON]
    for platform in PLATFORMS:
        command += ["--platform", platform]
    # No retries: without network the answer should come at once.
    command += ["--retries", "1", "--timeout", "20", "--dest", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        complaint = done.stderr.strip().splitlines() or ["pip said nothing"]
        message = f"{package} cannot be downloaded ({complaint[-1]})"
        raise DownloadError(message)
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, folder: Path) -> None:
    """Unpack the .py files; a name that leads out of the folder stays inside of it."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            parts = [
                part for part in PurePosixPath(entry.filename).parts if part not in {"..", "/"}
            ]
            if not entry.is_dir() and entry.filename.endswith(".py"):
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(entry))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONIOENCODING", "utf-8")
    sys.exit(main())
