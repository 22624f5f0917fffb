"""The signed files: licenses (R22, R23) and the list of revoked ones (R12). Their format is in docs/license-file.md.

Pure of database and application: facts and a key go in, bytes come out; bytes and certificates go in, facts come out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cryptography import x509
from lxml import etree

from dashboard.errors import N_, BusinessError
from dashboard.licenses.keys import SigningKey
from dashboard.licenses.rules import LicenseFacts, LicenseKind, is_serial
from dashboard.licenses.signatures import UntrustedFile, new_document, sign_document, verify_document

LICENSE_NAMESPACE = "urn:reseller-dashboard:license:1"
REVOCATIONS_NAMESPACE = "urn:reseller-dashboard:revocations:1"

MAX_LICENSE = 64 * 1024  #: bytes; the longest possible facts stay below half of it
MAX_REVOCATIONS = 16 * 1024 * 1024  #: bytes; some 400,000 serials

#: Where each fact stands in the file, in the file's order. A date that does not apply has no element.
PLACES = {
    "serial": "Serial",
    "kind": "Kind",
    "licensee": "Licensee/Name",
    "contact": "Licensee/Contact",
    "email": "Licensee/Email",
    "brand": "Product/Brand",
    "product": "Product/Name",
    "platform": "Product/Platform",
    "sku": "Product/SKU",
    "plan": "LicenseType",
    "quantity": "Quantity",
    "order_id": "Order/ID",
    "position": "Order/Line",
    "reseller_name": "Reseller/Name",
    "reseller_email": "Reseller/Email",
    "issued_on": "IssuedOn",
    "updates_until": "UpdatesUntil",
    "expires_on": "ExpiresOn",
}

#: How the facts that are not texts are read back.
READERS: dict[str, Any] = {
    "kind": LicenseKind,
    "quantity": int,
    "position": int,
    **dict.fromkeys(("issued_on", "updates_until", "expires_on"), date.fromisoformat),
}


class WrongContent(UntrustedFile):
    """Signed by the vendor, but something else than what was asked for."""

    reason = N_("This file is signed by the vendor, but it is not of the expected kind.")


def build(facts: LicenseFacts) -> etree._Element:
    """The license as XML, not signed yet."""
    root = new_document("License", LICENSE_NAMESPACE)
    for name, place in PLACES.items():
        value = getattr(facts, name)
        if value is not None:
            _element(root, place).text = value.isoformat() if isinstance(value, date) else str(value)
    etree.indent(root)
    return root


def sign(facts: LicenseFacts, key: SigningKey) -> bytes:
    """The license file: the bytes to keep and to serve as they are (R23)."""
    return sign_document(build(facts), key)


def verify(content: bytes, trusted: Iterable[x509.Certificate]) -> LicenseFacts:
    """What a license file says, if the vendor signed exactly this. Whether it expired or was revoked is not asked.

    Raises:
        UntrustedFile: `NotXml`, `HasDoctype`, `WrongSignature`, `UnknownKey`, `Changed` or `WrongContent`.
    """
    root = verify_document(content, trusted, MAX_LICENSE)
    if root.tag != f"{{{LICENSE_NAMESPACE}}}License":
        raise WrongContent
    found = {name: root.findtext("/".join(_steps(place))) for name, place in PLACES.items()}
    try:
        return LicenseFacts(**{name: READERS.get(name, str)(text) for name, text in found.items() if text is not None})
    except (BusinessError, TypeError, ValueError) as error:
        raise WrongContent from error


@dataclass(frozen=True)
class RevocationList:
    """Which licenses no longer hold, as of an instant."""

    issued_at: datetime
    serials: frozenset[str]


def sign_revocations(revocations: RevocationList, key: SigningKey) -> bytes:
    """The published revocation list: its instant and the serials, in no order that tells anything (R12)."""
    root = new_document("RevocationList", REVOCATIONS_NAMESPACE)
    issued_at = etree.SubElement(root, f"{{{REVOCATIONS_NAMESPACE}}}IssuedAt")
    issued_at.text = revocations.issued_at.astimezone(UTC).isoformat(timespec="seconds")
    for serial in sorted(revocations.serials):
        etree.SubElement(root, f"{{{REVOCATIONS_NAMESPACE}}}Serial").text = serial
    etree.indent(root)
    return sign_document(root, key)


def verify_revocations(content: bytes, trusted: Iterable[x509.Certificate]) -> RevocationList:
    """The revocation list in `content`, if the vendor signed exactly this.

    Raises:
        UntrustedFile: as `verify`.
    """
    root = verify_document(content, trusted, MAX_REVOCATIONS)
    space = f"{{{REVOCATIONS_NAMESPACE}}}"
    serials = frozenset(element.text or "" for element in root.iter(f"{space}Serial"))
    if root.tag != f"{space}RevocationList" or not all(map(is_serial, serials)):
        raise WrongContent
    try:
        return RevocationList(datetime.fromisoformat(root.findtext(f"{space}IssuedAt") or ""), serials)
    except ValueError as error:
        raise WrongContent from error


def _steps(place: str) -> list[str]:
    """`Order/ID` as the full names of its elements."""
    return [f"{{{LICENSE_NAMESPACE}}}{step}" for step in place.split("/")]


def _element(root: etree._Element, place: str) -> etree._Element:
    """The element at `place`, made with its parents where it does not exist."""
    element = root
    for step in _steps(place):
        found = element.find(step)
        element = found if found is not None else etree.SubElement(element, step)
    return element
