"""The keyring: the vendor's signing keys and their public certificates, in a folder of its own (R23).

    <folder>/private/        mode 0700: <id>.pem (0600) and `current`, the id of the key that signs
    <folder>/certificates/   <id>.pem, one for every key that ever signed

Only the worker needs `private`; whoever publishes or verifies needs `certificates` alone. A rotation adds a key and
keeps all certificates, so that licenses of older keys stay verifiable. Nothing of it is in the database or in git.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

PRIVATE, CERTIFICATES, CURRENT = "private", "certificates", "current"

#: A permanent license is verified for as long as it is used, so its certificate must not end first.
LIFETIME = timedelta(days=100 * 365)
#: Clocks differ: a license signed now must verify on a machine that is a little behind.
BACKDATING = timedelta(days=1)
MAX_COMMON_NAME = 64  #: bytes of UTF-8; what both X.509 and the libraries take


class KeyringError(Exception):
    """The keyring cannot be used; the message is one line for the operator."""


@dataclass(frozen=True)
class SigningKey:
    """A private key and the certificate that goes into each file that it signs."""

    private_key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def new_key(directory: Path, common_name: str) -> SigningKey:
    """Make an ECDSA P-256 key with a self-signed certificate, and let it sign from now on.

    Args:
        directory: the keyring; made if it does not exist.
        common_name: whose key it is, as people read it in the certificate; a longer one is cut to 64 bytes.
    """
    private_key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(private_key, common_name.encode()[:MAX_COMMON_NAME].decode(errors="ignore"))
    name = f"{certificate.serial_number:040x}"
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    directory.mkdir(parents=True, exist_ok=True)
    (directory / PRIVATE).mkdir(mode=0o700, exist_ok=True)
    (directory / CERTIFICATES).mkdir(exist_ok=True)
    # `current` comes last: whoever looks in between still signs with the old key.
    _write(directory / PRIVATE / f"{name}.pem", pem, mode=0o600)
    _write(directory / CERTIFICATES / f"{name}.pem", certificate.public_bytes(Encoding.PEM), mode=0o644)
    _write(directory / PRIVATE / CURRENT, f"{name}\n".encode(), mode=0o600)
    return SigningKey(private_key, certificate)


def load_signing_key(directory: Path) -> SigningKey:
    """The key that signs now.

    Raises:
        KeyringError: if there is none, others may read it, or it and its certificate do not belong together.
    """
    try:
        name = (directory / PRIVATE / CURRENT).read_text(encoding="ascii").strip()
        path = directory / PRIVATE / f"{name}.pem"
        if path.stat().st_mode & 0o007:
            raise KeyringError(f"the signing key {name} can be read by everyone: chmod 600 it")
        private_key = load_pem_private_key(path.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate((directory / CERTIFICATES / f"{name}.pem").read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise KeyringError(f"no signing key can be loaded: {error}") from error
    if not isinstance(private_key, ec.EllipticCurvePrivateKey) or not isinstance(private_key.curve, ec.SECP256R1):
        raise KeyringError(f"the signing key {name} is not an ECDSA P-256 key")
    if private_key.public_key() != certificate.public_key():
        raise KeyringError(f"the signing key {name} and its certificate do not belong together")
    return SigningKey(private_key, certificate)


def load_certificates(directory: Path) -> tuple[x509.Certificate, ...]:
    """All certificates to trust, oldest first; none while no key was made. Private keys are not touched.

    Raises:
        KeyringError: if a certificate cannot be read.
    """
    certificates = []
    for path in (directory / CERTIFICATES).glob("*.pem"):
        try:
            certificates.append(x509.load_pem_x509_certificate(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise KeyringError(f"the certificate {path.name} cannot be read: {error}") from error
    return tuple(sorted(certificates, key=lambda one: (one.not_valid_before_utc, one.serial_number)))


def bundle(certificates: Iterable[x509.Certificate]) -> bytes:
    """The certificates as one PEM file, as it is published for offline verification."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def _self_signed(private_key: ec.EllipticCurvePrivateKey, common_name: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    start = datetime.now(UTC).replace(microsecond=0) - BACKDATING
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private_key.public_key()), critical=False)
        .sign(private_key, SHA256())
    )


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Write a whole file or none: a key that has signed must never be lost or torn by a crash."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
