"""Check what git keeps: no secrets, no paths or hosts of the machine it was written on, nothing made or huge."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

#: Largest file that belongs into the tree, in bytes: the bank's list of 340 products is a tenth of it.
LARGEST = 1_500_000

#: What must not stand in any text, by what to call it.
PATTERNS = {
    "path of a machine": re.compile(r"(?<![\w.~-])/(?:work|root|home/\w+|Users/\w+|var/folders)/(?!_)"),
    "temporary path": re.compile(r"(?<![\w.}~-])/tmp/\w"),
    "package registry": re.compile(
        r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|deb\.debian\.org)\b"
        r"|--(?:extra-)?index-url[ =]|--trusted-hos[t]",
        re.IGNORECASE,
    ),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s*$|\\n\w{8})"),
    "access token": re.compile(r"\b(?:gh[pousr]_\w{30,}|glpat-\w{18,}|xox[abprs]-\w{10,}|AKIA[0-9A-Z]{16})\b"),
    "password in an address": re.compile(  # hosts made up for examples aside
        r"\b(?:https?|smtps?|postgresql(?:\+\w+)?)://\w+:(?!password@)[^\s@/{}<>$%'\"]+@(?!(?:[\w.-]+\.)?example\b)"
    ),
}

#: Files that are made, not written, or hold secrets by their nature.
UNWANTED = re.compile(r"(\.(mo|pyc|sqlite|sqlite3|db|log|key|p12|pfx)|(^|/)(\.env|secret_key|\.DS_Store|uv\.lock))$")


def check(name: str, content: bytes) -> Iterator[str]:
    """All faults of one file; `name` is its path in the tree."""
    if UNWANTED.search(name):
        yield f"{name}: such a file does not belong into the tree"
    if len(content) > LARGEST:
        yield f"{name}: {len(content)} bytes; the largest allowed file has {LARGEST}"
    if b"\0" in content:
        return
    for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), start=1):
        for fault, pattern in PATTERNS.items():
            if pattern.search(line):
                yield f"{name}:{number}: {fault}"


def tracked() -> list[Path]:
    """All files that git keeps or would add."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    return [Path(name) for name in names if name and (Path(name).is_file() or Path(name).is_symlink())]


def faults_of(path: Path) -> Iterator[str]:
    """All faults of one tracked file; a link is one, because where it leads is of this machine alone."""
    if path.is_symlink():
        yield f"{path.as_posix()}: a link does not belong into the tree"
    else:
        yield from check(path.as_posix(), path.read_bytes())


def main() -> int:
    faults = [fault for path in tracked() for fault in faults_of(path)]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
