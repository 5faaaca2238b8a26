"""Where Settings are read from: ``[tool.mlhazards]``, options, ``requires-python``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from mlhazards.config import ConfigError, Settings
from mlhazards.findings import CONFIDENCES
from mlhazards.selection import as_codes, nearest

_SELECTORS = ("select", "ignore", "extend_select")
_SIZES = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_MARKS = ("pyproject.toml", "setup.cfg", ".git")


def load(
    paths: Sequence[str],
    known: Mapping[str, str],
    *,
    config: str | None = None,
    isolated: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings for a run over ``paths`` (none: the current folder).

    ``known`` maps the codes of all rules to their names. ``config`` is read instead of the
    nearest pyproject.toml; ``isolated`` reads none. ``options`` are fields of Settings that the
    command line sets; None means not given.

    Raises:
        ConfigError: a file cannot be read, or holds an unknown key, rule or value.

    """
    folder = common_parent(paths)
    file = None if isolated else _file(config, folder)
    values: dict[str, Any] = {}
    if file:
        document = _document(file)
        values = _values(document, file, known)
        admitted = _lowest_python(document)
        if admitted and "target_python" not in values:
            values["target_python"] = admitted
    given = {key: value for key, value in (options or {}).items() if value is not None}
    for key in _SELECTORS:
        given[key] = as_codes(given.get(key, ()), known, "--" + key.replace("_", "-"))
    values = _merged(values, given)
    # A file that is named may lie anywhere: where the project is, it does not say.
    nearest_file = file if config is None else None
    root = os.path.dirname(nearest_file) if nearest_file else project_root(folder)
    return replace(Settings(), **values, root=root, config=file or "")


def common_parent(paths: Sequence[str]) -> str:
    """Return the deepest folder, absolute, that holds all the paths."""
    absolute = [os.path.abspath(path) for path in paths or ["."]]
    try:
        common = os.path.commonpath(absolute)
    except ValueError:  # several drives on Windows
        common = absolute[0]
    return common if os.path.isdir(common) else os.path.dirname(common)


def project_root(folder: str) -> str:
    """Return the nearest folder upwards that looks like a project's, else ``folder`` itself."""
    for above in _upwards(folder):
        if any(os.path.exists(os.path.join(above, mark)) for mark in _MARKS):
            return above
    return folder


def parse_python(text: str) -> tuple[int, int]:
    """Return (major, minor) of ``3.11`` or ``py311``.

    Raises:
        ValueError: it is neither.

    """
    found = re.fullmatch(r"(?:py)?(3)\.?(\d{1,2})", text.strip())
    if not found:
        message = f"`{text}` is no Python version such as 3.11"
        raise ValueError(message)
    return int(found[1]), int(found[2])


def parse_size(text: str) -> int:
    """Return the number of bytes that ``10MB``, ``500k`` or ``1000`` say.

    Raises:
        ValueError: it is no size.

    """
    found = re.fullmatch(r"(\d+)\s*([kmg]?)b?", text.strip().lower(), re.ASCII)
    if not found:
        message = f"`{text}` is no size such as 10000000 or 10MB"
        raise ValueError(message)
    return int(found[1]) * _SIZES[found[2]]


def _upwards(folder: str) -> list[str]:
    found = [folder]
    while os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        found.append(folder)
    return found


def _file(config: str | None, folder: str) -> str | None:
    if config is not None:
        return os.path.abspath(config)
    candidates = [os.path.join(above, "pyproject.toml") for above in _upwards(folder)]
    return next((path for path in candidates if os.path.isfile(path)), None)


def _document(file: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        with open(file, "rb") as stream:
            document: dict[str, Any] = tomllib.load(stream)
            return document
    except OSError as error:
        message = f"{file}: {error.strerror or error}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{file}: no valid TOML: {error}"
    raise ConfigError(message)


def _values(document: dict[str, Any], file: str, known: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of Settings that the document sets."""
    table, place = document, ""
    if "tool" in document or os.path.basename(file) == "pyproject.toml":
        place = "[tool.mlhazards] "
        for key in ("tool", "mlhazards"):
            table = table.get(key, {})
            if not isinstance(table, dict):
                message = f"{file}: `{key}` is no table"
                raise ConfigError(message)
    values: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{file}: {place}{key}"
        if key not in _READERS:
            message = f"{where}: unknown key{nearest(key, _READERS)}"
            raise ConfigError(message)
        try:
            read = _READERS[key](value)
        except (TypeError, ValueError) as error:
            message = f"{where}: {error}"
            raise ConfigError(message) from None
        field = key.replace("-", "_")
        values[field] = as_codes(read, known, where) if field in _SELECTORS else read
    if (
        values.pop("pedantic", False)
        and values.setdefault("min_confidence", "possible") != "possible"
    ):
        message = f"{file}: {place}pedantic contradicts min-confidence"
        raise ConfigError(message)
    return values


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        message = "must be a list of strings"
        raise ValueError(message)
    return tuple(value)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        message = "must be true or false"
        raise TypeError(message)
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        message = "must be a number, 0 or more"
        raise ValueError(message)
    return value


def _size(value: object) -> int:
    return parse_size(value) if isinstance(value, str) else _count(value)


def _confidence(value: object) -> str:
    if value not in CONFIDENCES:
        message = f"must be one of {', '.join(CONFIDENCES)}"
        raise ValueError(message)
    return str(value)


def _python(value: object) -> tuple[int, int]:
    if not isinstance(value, str):
        message = 'must be a string such as "3.11"'
        raise TypeError(message)
    return parse_python(value)


_READERS: dict[str, Callable[[object], Any]] = {
    "select": _strings,
    "ignore": _strings,
    "extend-select": _strings,
    "exclude": _strings,
    "extend-exclude": _strings,
    "force-exclude": _boolean,
    "respect-gitignore": _boolean,
    "min-confidence": _confidence,
    "pedantic": _boolean,
    "target-python": _python,
    "max-file-size": _size,
    "jobs": _count,
    "cache": _boolean,
}


def _merged(values: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the file's values under the given ones.

    Selectors are layers, as in ruff: a given ``select`` starts afresh, a given ``ignore`` or
    ``extend_select`` is added and is stronger than what the file says.
    """
    merged = {**values, **{k: v for k, v in given.items() if k not in _SELECTORS}}
    if given["select"]:
        return {**merged, **{key: given[key] for key in _SELECTORS}}
    ignore, extend = given["ignore"], given["extend_select"]
    wanted = (*values.get("select", ()), *values.get("extend_select", ()))
    # A selector of the file that the command line's covers would win by its length: repeat it.
    covered = [old for old in wanted if old.startswith(ignore)]
    kept = [old for old in values.get("ignore", ()) if not old.startswith(extend)]
    merged["ignore"] = (*kept, *ignore, *covered)
    merged["extend_select"] = (*values.get("extend_select", ()), *extend)
    return merged


_CLAUSE = re.compile(r"\s*(~=|===?|!=|<=?|>=?)\s*3\.(\d+)((?:\.(?:\d+|\*))*)\s*")


def _lowest_python(document: dict[str, Any]) -> tuple[int, int] | None:
    """Return the lowest (3, minor) that ``requires-python`` admits, None where it says nothing."""
    project = document.get("project", {})
    text = project.get("requires-python") if isinstance(project, dict) else None
    if not isinstance(text, str):
        return None
    clauses = [found for part in text.split(",") if (found := _CLAUSE.fullmatch(part))]
    if not any(clause[1][0] in "~=>" for clause in clauses):
        return None
    admitted = (minor for minor in range(100) if all(_admits(c, minor) for c in clauses))
    lowest = next(admitted, None)
    return None if lowest is None else (3, lowest)


def _admits(clause: re.Match[str], minor: int) -> bool:
    """Return whether some release 3.``minor``.x satisfies the clause."""
    operator, bound, rest = clause[1], int(clause[2]), clause[3]
    if operator in {">=", ">"} or (operator == "~=" and not rest):
        return minor >= bound
    if operator == "<":
        return minor < bound or (minor == bound and rest.strip(".0*") != "")
    if operator == "<=":
        return minor <= bound
    if operator == "!=":
        return minor != bound or not rest.endswith("*")
    return minor == bound
