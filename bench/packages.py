"""Pinned packages: the .py files of one wheel, unpacked, never run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

#: Folders with packages that are there already, each as ``name-version``; separated as in PATH.
READY = "MLHAZARDS_CORPUS"
HOME = Path(__file__).with_name(".corpus")

#: Old releases have wheels for old Pythons alone; the first that has one is taken.
_PYTHONS = ("3.11", "3.12", "3.8", "3.6", "2.7")
_PLATFORMS = (
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux2010_x86_64",
    "manylinux1_x86_64",
    "linux_x86_64",
    "any",
)


class FetchError(Exception):
    """A package is neither there nor to be had; the message says which and why."""


def folder_of(package: str) -> Path:
    """Return the folder with the .py files of ``package`` (``name==version``).

    It is looked for in the folders of ``MLHAZARDS_CORPUS``, then in ``bench/.corpus``, and
    downloaded to the latter when it is in none.

    Raises:
        FetchError: it cannot be downloaded.

    """
    name = package.replace("==", "-")
    for home in (*_ready(), HOME):
        if (home / name).is_dir():
            return home / name
    return _download(package, HOME / name)


def sources(folder: Path) -> Iterator[Path]:
    """Yield the .py files below ``folder``, in a fixed order."""
    yield from sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix())


def digest(folder: Path) -> str:
    """Return the first 16 digits of the SHA-256 over path and bytes of each .py file."""
    state = hashlib.sha256()
    for path in sources(folder):
        state.update(path.relative_to(folder).as_posix().encode())
        state.update(b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()[:16]


def _ready() -> Iterator[Path]:
    for home in os.environ.get(READY, "").split(os.pathsep):
        if home:
            yield Path(home)


def _download(package: str, destination: Path) -> Path:
    print(f"fetching {package}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _wheel(package, Path(scratch))
        partial = destination.with_name(destination.name + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        _unpack(wheel, partial)
    # Renamed last: a folder of that name is always whole.
    partial.rename(destination)
    return destination


def _wheel(package: str, scratch: Path) -> Path:
    """Download the wheel; a source archive would have to run code of the package."""
    complaint = ""
    for version in _PYTHONS:
        result = subprocess.run(
            _pip(package, version, scratch), capture_output=True, text=True, check=False
        )
        if result.returncode == 0:
            return next(scratch.glob("*.whl"))
        complaint = result.stderr.strip().rpartition("\n")[2]
    message = f"{package} cannot be downloaded: {complaint}"
    raise FetchError(message)


def _pip(package: str, version: str, scratch: Path) -> list[str]:
    tag = "cp" + version.replace(".", "")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--dest", str(scratch), "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", version]
    for abi in (tag, tag + "m", "abi3", "none"):
        command += ["--abi", abi]
    for platform in _PLATFORMS:
        command += ["--platform", platform]
    return [*command, package]


def _unpack(wheel: Path, destination: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            parts = [
                part for part in PurePosixPath(entry.filename).parts if part not in ("..", "/")
            ]
            if entry.is_dir() or not entry.filename.endswith(".py"):
                continue
            target = destination.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(entry))
