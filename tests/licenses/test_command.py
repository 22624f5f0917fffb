"""`flask licenses verify`: what a file says, and a status that is 0 only for a license that holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.documents import service as documents
from dashboard.licenses import files, keys, service
from tests.factories import make_key, make_reseller, pay, place
from tests.licenses.samples import facts, temporary

Verify = Callable[[bytes], tuple[int, str, str]]


@pytest.fixture
def verify(app: Flask, db: scoped_session[Session], tmp_path: Path) -> Verify:
    """Status, output and errors of the command for a file with this content."""

    def run(content: bytes) -> tuple[int, str, str]:
        file = tmp_path / "license.xml"
        file.write_bytes(content)
        db.commit()
        done = app.test_cli_runner().invoke(args=["licenses", "verify", str(file)])
        assert "Traceback" not in done.output
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.fixture
def issued(app: Flask, work: Callable[[], int]) -> tuple[str, bytes]:
    """An order with its license file."""
    make_key()
    order = pay(place(make_reseller()))
    work()
    [license_] = service.of_order(order.id)
    return order.id, documents.read(license_.digest or "")


def test_R23_a_license_of_ours_holds(verify: Verify, issued: tuple[str, bytes]) -> None:
    status, said, errors = verify(issued[1])
    assert (status, errors) == (0, "")
    assert f"order_id: {issued[0]}" in said


def test_R12_a_revoked_license_does_not_hold(verify: Verify, issued: tuple[str, bytes]) -> None:
    service.revoke(issued[0])
    status, said, errors = verify(issued[1])
    assert (status, errors) == (1, f"Error: This license was revoked on {today()}.\n")
    assert f"order_id: {issued[0]}" in said


@pytest.mark.parametrize(("days", "status"), [(-1, 1), (0, 0)])
def test_R22_a_temporary_license_holds_to_its_last_day(app: Flask, verify: Verify, days: int, status: int) -> None:
    make_key()
    key = keys.load_signing_key(current_settings().license_keys)
    found, _, errors = verify(files.sign(temporary(expires_on=today() + timedelta(days=days)), key))
    assert found == status
    assert ("This temporary license ended on" in errors) == bool(status)
    assert "the database does not know this license" in errors


def test_R23_what_was_tampered_with_or_signed_by_others_is_refused(
    verify: Verify, issued: tuple[str, bytes], tmp_path: Path
) -> None:
    tampered = verify(issued[1].replace(b"<Quantity>1<", b"<Quantity>9<"))
    assert tampered == (1, "", "Error: This file was changed after it was signed.\n")
    foreign = files.sign(facts(), keys.new_key(tmp_path / "others", "Others"))
    assert verify(foreign) == (1, "", "Error: This file was signed with a key that is not the vendor's.\n")
    shutil.rmtree(current_settings().license_keys)
    assert "make a key with `licenses new-key`" in verify(foreign)[2]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<License xmlns="urn:reseller-dashboard:license:1">&b;</License>"""


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"<a>", BOMB, b"<a>" + b"x" * 100_000 + b"</a>"])
def test_R23_what_is_no_license_is_refused(verify: Verify, issued: tuple[str, bytes], content: bytes) -> None:
    status, said, errors = verify(content)
    assert (status, said) == (1, "")
    assert errors.startswith("Error: This file ")
    assert errors.count("\n") == 1
