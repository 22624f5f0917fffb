"""Programs of the system that tests drive: one that is missing is a failure, never a skipped test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def program(name: str) -> str:
    """Path of a program.

    Raises:
        AssertionError: if it is not installed.
    """
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    assert path, f"{name} is not installed; `make test-browser` installs it on Debian"
    return path


def run(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; its exit status is for the test to judge."""
    return subprocess.run([program(name), *arguments], capture_output=True, text=True, check=False, timeout=60)
