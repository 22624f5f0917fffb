"""The keyring: made, rotated, published (R23)."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dashboard.licenses.files import sign, verify
from dashboard.licenses.keys import KeyringError, bundle, load_certificates, load_signing_key, new_key
from dashboard.licenses.signatures import UnknownKey
from tests.licenses.samples import facts


def private_files(directory: Path) -> list[Path]:
    return sorted((directory / "private").glob("*.pem"))


def test_R23_a_new_key_is_p256_and_self_signed_for_a_century(tmp_path: Path) -> None:
    certificate = new_key(tmp_path / "ring", "Vendor licenses").certificate
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    certificate.verify_directly_issued_by(certificate)
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Vendor licenses"
    now = datetime.now(UTC)
    assert certificate.not_valid_before_utc < now - timedelta(hours=23)
    assert certificate.not_valid_after_utc > now + timedelta(days=99 * 365)


def test_R23_a_long_vendor_name_makes_a_key_too(tmp_path: Path) -> None:
    assert new_key(tmp_path, "a" + "Ж" * 99).certificate.subject.rfc4514_string() == "CN=a" + "Ж" * 31


def test_R23_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    new_key(tmp_path, "Vendor")
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in private_files(tmp_path)] == [0o600]


def test_R23_a_key_that_everyone_can_read_does_not_sign(tmp_path: Path) -> None:
    new_key(tmp_path, "Vendor")
    private_files(tmp_path)[0].chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        load_signing_key(tmp_path)


def test_R23_certificates_load_and_verify_without_any_private_key(tmp_path: Path) -> None:
    content = sign(facts(), new_key(tmp_path, "Vendor"))
    shutil.rmtree(tmp_path / "private")
    assert verify(content, load_certificates(tmp_path)) == facts()
    with pytest.raises(KeyringError, match="no signing key"):
        load_signing_key(tmp_path)


def test_R23_certificates_hold_no_private_key(tmp_path: Path) -> None:
    new_key(tmp_path, "Vendor")
    public = b"".join(path.read_bytes() for path in (tmp_path / "certificates").iterdir())
    assert public == bundle(load_certificates(tmp_path))
    assert b"PRIVATE" not in public


def test_R23_rotation_signs_with_the_new_key_and_keeps_old_licenses_verifiable(tmp_path: Path) -> None:
    first = new_key(tmp_path, "Vendor 2025")
    old = sign(facts(), load_signing_key(tmp_path))
    second = new_key(tmp_path, "Vendor 2026")
    assert load_signing_key(tmp_path).certificate == second.certificate
    new = sign(facts(), load_signing_key(tmp_path))
    certificates = load_certificates(tmp_path)
    assert set(certificates) == {first.certificate, second.certificate}
    assert verify(old, certificates) == verify(new, certificates) == facts()
    with pytest.raises(UnknownKey):
        verify(new, [first.certificate])


def test_R23_a_withdrawn_certificate_ends_the_trust_in_its_key(tmp_path: Path) -> None:
    content = sign(facts(), new_key(tmp_path, "Vendor"))
    for path in (tmp_path / "certificates").iterdir():
        path.unlink()
    with pytest.raises(UnknownKey):
        verify(content, load_certificates(tmp_path))


def test_R23_the_published_bundle_holds_every_certificate(tmp_path: Path) -> None:
    made = {new_key(tmp_path, f"Vendor {number}").certificate for number in range(3)}
    assert set(x509.load_pem_x509_certificates(bundle(load_certificates(tmp_path)))) == made


def test_R23_before_the_first_key_nothing_is_trusted(tmp_path: Path) -> None:
    assert load_certificates(tmp_path / "absent") == ()
    with pytest.raises(KeyringError, match="no signing key"):
        load_signing_key(tmp_path / "absent")


def test_R23_a_key_with_another_certificate_does_not_sign(tmp_path: Path) -> None:
    new_key(tmp_path / "ring", "Vendor")
    new_key(tmp_path / "other", "Vendor")
    private_files(tmp_path / "other")[0].rename(private_files(tmp_path / "ring")[0])
    with pytest.raises(KeyringError, match="do not belong together"):
        load_signing_key(tmp_path / "ring")


def test_R23_torn_files_are_reported_by_name(tmp_path: Path) -> None:
    new_key(tmp_path, "Vendor")
    private_files(tmp_path)[0].write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(KeyringError, match="no signing key can be loaded"):
        load_signing_key(tmp_path)
    (tmp_path / "certificates" / "torn.pem").write_bytes(b"-----BEGIN")
    with pytest.raises(KeyringError, match=r"torn\.pem"):
        load_certificates(tmp_path)
