"""The check of the tree finds what must not be committed. The faults are put together here, so as not to be found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_tree import LARGEST, check, faults_of, tracked


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("see /wo" + "rk/main/README.md", "path of a machine"),
        ("cd '/ro" + "ot/project'", "path of a machine"),
        ("open('/ho" + "me/ann/x')", "path of a machine"),
        ("log in /tm" + "p/x.log", "temporary path"),
        ("from https://pyp" + "i.org/simple", "package registry"),
        ("resolved https://registry.npm" + "js.org/x", "package registry"),
        ("pip install --index" + "-url https://x", "package registry"),
        ("-----BEGIN EC PRIV" + "ATE KEY-----", "private key"),
        ("key = '-----BEGIN PRIV" + "ATE KEY-----\\nMIGHAgEAMB'", "private key"),
        ("token = 'gh" + "p_" + "a1" * 18 + "'", "access token"),
        ("smtp://ann:s3c" + "ret@mail.vendor.com", "password in an address"),
    ],
)
def test_a_planted_fault_is_found(line: str, fault: str) -> None:
    assert list(check("README.md", f"# Title\n{line}\n".encode())) == [f"README.md:2: {fault}"]


@pytest.mark.parametrize("name", ["data/dashboard.sqlite", "translations/ru/messages.mo", "secret_key", "a/b.key"])
def test_a_file_that_does_not_belong_is_found(name: str) -> None:
    assert list(check(name, b"")) == [f"{name}: such a file does not belong into the tree"]


def test_a_huge_file_is_found() -> None:
    assert len(list(check("x.bin", b"\0" * (LARGEST + 1)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "framework/work/flow",
        "https://example.org/work/",
        "postgresql+psycopg://user@/db",
        "a network of /24",
        "https://ann:s3cret@example.com",
    ],
)
def test_what_only_looks_alike_passes(line: str) -> None:
    assert list(check("README.md", line.encode())) == []


def test_a_link_is_found(tmp_path: Path) -> None:
    link = tmp_path / "environment"
    link.symlink_to(tmp_path)
    assert [fault.endswith(": a link does not belong into the tree") for fault in faults_of(link)] == [True]


def test_the_project_itself_is_looked_at() -> None:
    names = {path.as_posix() for path in tracked()}
    assert {"Makefile", "tools/check_tree.py", "tests/tools/test_check_tree.py"} <= names
