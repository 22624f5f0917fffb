"""A license verifies with a program that is not ours: xmlsec1 (R12, R23)."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from dashboard.licenses.files import RevocationList, sign, sign_revocations
from dashboard.licenses.keys import SigningKey, load_certificates, new_key
from dashboard.licenses.rules import new_serial
from tests.licenses.samples import facts, temporary

pytestmark = pytest.mark.browser


def accepts(content: bytes, *trusted: SigningKey, folder: Path) -> bool:
    """Whether xmlsec1 accepts `content`, called as docs/license-file.md says."""
    (folder / "file.lic").write_bytes(content)
    options = []
    for number, key in enumerate(trusted):
        path = folder / f"trusted-{number}.pem"
        path.write_bytes(key.certificate.public_bytes(Encoding.PEM))
        options += ["--trusted-pem", str(path)]
    command = ["xmlsec1", "--verify", "--enabled-reference-uris", "empty", *options, str(folder / "file.lic")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ("OK" in (done.stdout + done.stderr).split()) == (done.returncode == 0)
    return done.returncode == 0


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return new_key(tmp_path / "ring", "Vendor <Лицензии>")


def test_R23_xmlsec_accepts_our_licenses(tmp_path: Path, key: SigningKey) -> None:
    for license_facts in (facts(), temporary(), facts(licensee="]]> & \u202e 日本 🙂", contact="")):
        assert accepts(sign(license_facts, key), key, folder=tmp_path)


def test_R23_xmlsec_refuses_a_changed_license(tmp_path: Path, key: SigningKey) -> None:
    content = sign(facts(), key)
    for old, new in [(b"<Quantity>3<", b"<Quantity>9<"), (b"2026-11-23", b"2036-11-23"), (b"Anna", b"Inna")]:
        assert old in content
        assert not accepts(content.replace(old, new), key, folder=tmp_path)


def test_R23_xmlsec_refuses_a_strangers_license(tmp_path: Path, key: SigningKey) -> None:
    stranger = new_key(tmp_path / "stranger", "Vendor <Лицензии>")
    assert not accepts(sign(facts(), stranger), key, folder=tmp_path)
    assert not accepts(sign(facts(), SigningKey(stranger.private_key, key.certificate)), key, folder=tmp_path)


def test_R23_xmlsec_accepts_licenses_from_before_and_after_a_rotation(tmp_path: Path, key: SigningKey) -> None:
    old = sign(facts(), key)
    second = new_key(tmp_path / "ring", "Vendor")
    assert len(load_certificates(tmp_path / "ring")) == 2
    for content in (old, sign(facts(), second)):
        assert accepts(content, key, second, folder=tmp_path)
    assert not accepts(sign(facts(), second), key, folder=tmp_path)


def test_R12_xmlsec_accepts_our_revocation_list_and_no_shortened_one(tmp_path: Path, key: SigningKey) -> None:
    serial = new_serial()
    content = sign_revocations(RevocationList(datetime.now(UTC), frozenset({serial})), key)
    assert accepts(content, key, folder=tmp_path)
    assert not accepts(content.replace(serial.encode(), new_serial().encode()), key, folder=tmp_path)
