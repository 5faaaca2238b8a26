"""A name for each finding that survives moved lines."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence

from mlhazards.findings import Finding


def fingerprints(findings: Sequence[Finding], root: str) -> list[str]:
    """Return one fingerprint for each finding, in their order: 32 hexadecimal digits.

    It is made from the code, the path below ``root`` (the project's folder, so that it does not
    depend on the working directory; "" takes the path as it is) and the finding's identity, which
    holds no line number. Findings that agree in all of these are told apart by their order.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    digests = []
    for finding in findings:
        key = (finding.code, _below(finding.path, root), finding.identity)
        parts = [*key, str(seen[key])]
        seen[key] += 1
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        digests.append(hashlib.sha256(text).hexdigest()[:32])
    return digests


def _below(path: str, root: str) -> str:
    if not root:
        return path
    try:
        relative = os.path.relpath(path, root)
    except ValueError:  # another drive on Windows
        return path
    return relative.replace(os.sep, "/")
