"""Signed license files: what they carry, and that nothing but the vendor's own bytes is believed (R12, R22, R23)."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from dashboard.licenses import files
from dashboard.licenses.files import RevocationList, WrongContent, build, sign, verify
from dashboard.licenses.keys import SigningKey, new_key
from dashboard.licenses.rules import MAX_TEXT, LicenseFacts, legible, new_serial
from dashboard.licenses.signatures import (
    Changed,
    HasDoctype,
    NotXml,
    UnknownKey,
    UntrustedFile,
    WrongSignature,
    sign_document,
)
from tests.licenses.samples import facts, temporary

OPENING = b'<License xmlns="urn:reseller-dashboard:license:1">'


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return new_key(tmp_path_factory.mktemp("vendor"), "Vendor")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return new_key(tmp_path_factory.mktemp("stranger"), "Vendor")


@pytest.fixture(scope="module")
def signed(key: SigningKey) -> bytes:
    return sign(facts(), key)


def signature_of(content: bytes) -> bytes:
    found = re.search(rb"<ds:Signature .*</ds:Signature>", content, re.DOTALL)
    assert found
    return found[0]


def believed(content: bytes, key: SigningKey) -> LicenseFacts | None:
    """What a verifier makes of `content`; None if it refuses it."""
    try:
        return verify(content, [key.certificate])
    except UntrustedFile:
        return None


# What it carries


def test_R23_a_signed_license_says_every_fact(signed: bytes, key: SigningKey) -> None:
    assert verify(signed, [key.certificate]) == facts()


def test_R22_a_temporary_license_says_its_expiry_and_no_updates(key: SigningKey) -> None:
    content = sign(temporary(), key)
    assert verify(content, [key.certificate]) == temporary()
    assert b"<ExpiresOn>2025-12-23</ExpiresOn>" in content
    assert b"UpdatesUntil" not in content


def test_R23_the_file_holds_exactly_the_documented_elements(signed: bytes) -> None:
    documented = {step for place in files.PLACES.values() for step in place.split("/")} - {"ExpiresOn"}
    root = etree.fromstring(signed)
    assert {etree.QName(element).localname for element in root.iter("{urn:reseller-dashboard:license:1}*")} == {
        "License",
        *documented,
    }


def test_R23_the_format_is_described_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "license-file.md").read_text(encoding="utf-8")
    assert all(f"`{place}`" in text for place in files.PLACES.values())
    assert files.LICENSE_NAMESPACE in text
    assert files.REVOCATIONS_NAMESPACE in text


def test_R23_the_certificate_travels_in_the_file(signed: bytes, key: SigningKey) -> None:
    text = etree.fromstring(signed).findtext(".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate") or ""
    assert "".join(text.split()) == b64encode(key.certificate.public_bytes(Encoding.DER)).decode()


@settings(max_examples=60)
@given(
    *[st.text(st.characters(), max_size=MAX_TEXT).map(legible).filter(bool) for _ in range(3)],
    st.integers(1, 10**9),
)
def test_R23_hostile_texts_come_back_as_they_were(
    key: SigningKey, licensee: str, contact: str, product: str, quantity: int
) -> None:
    hostile = facts(licensee=licensee, contact=contact, product=product, quantity=quantity)
    assert verify(sign(hostile, key), [key.certificate]) == hostile


@pytest.mark.parametrize(
    "text", ["]]>", "</Licensee>", "&amp;", "<!-- -->", "<?x?>", "&#0;", "'\"", "\u202eevil", "e\u0301"]
)
def test_R23_markup_in_a_text_stays_text(key: SigningKey, text: str) -> None:
    assert verify(sign(facts(licensee=text), key), [key.certificate]).licensee == text


def test_R23_the_longest_possible_license_fits(key: SigningKey) -> None:
    names = ("licensee", "contact", "email", "order_id", "brand", "sku", "product", "platform", "plan")
    longest = facts(**dict.fromkeys((*names, "reseller_name", "reseller_email"), "&" * MAX_TEXT))
    content = sign(longest, key)
    assert len(content) < files.MAX_LICENSE / 2
    assert verify(content, [key.certificate]) == longest


# What is not believed


def test_R23_a_flip_of_any_byte_of_the_content_is_found(signed: bytes, key: SigningKey) -> None:
    start, end = signed.index(b"<License"), signed.index(b"<ds:Signature")
    for place in range(start, end):
        assert believed(signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :], key) is None, place


def test_R23_a_flip_of_any_other_byte_never_changes_what_is_believed(signed: bytes, key: SigningKey) -> None:
    kept = 0
    for place in [*range(signed.index(b"<License")), *range(signed.index(b"<ds:Signature"), len(signed))]:
        found = believed(signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :], key)
        assert found in (None, facts()), place
        kept += found is not None
    assert kept <= 2  # the XML declaration may say version 1.1


@settings(max_examples=300)
@given(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=20))
def test_R23_no_edit_makes_another_license(signed: bytes, key: SigningKey, start: int, cut: int, put: bytes) -> None:
    assert believed(signed[:start] + put + signed[start + cut :], key) in (None, facts())


@pytest.mark.parametrize("content", [b"", b"license", b"<License", b"\x00\xff", b"<a/><b/>", b"<a>\xff</a>"])
def test_R23_what_is_not_xml(key: SigningKey, content: bytes) -> None:
    with pytest.raises(NotXml):
        verify(content, [key.certificate])


def test_R23_other_encodings_and_sizes_are_refused(signed: bytes, key: SigningKey) -> None:
    utf_16 = signed.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    for content in (utf_16, signed + b" " * files.MAX_LICENSE, b"<a>" * 5000 + b"</a>" * 5000):
        with pytest.raises(NotXml):
            verify(content, [key.certificate])


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE License>",
        b'<!DOCTYPE License SYSTEM "http://127.0.0.1:9/license.dtd">',
        b'<!DOCTYPE License [<!ENTITY x "y">]>',
        b'<!DOCTYPE License [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE License [<!ATTLIST License extra CDATA "added">]>',
    ],
)
def test_R23_a_document_type_is_refused(signed: bytes, key: SigningKey, doctype: bytes) -> None:
    with pytest.raises(HasDoctype):
        verify(signed.replace(OPENING, doctype + OPENING), [key.certificate])


def test_R23_an_entity_bomb_is_refused(key: SigningKey) -> None:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10))
    with pytest.raises((HasDoctype, NotXml)):
        verify(b'<!DOCTYPE a [<!ENTITY e0 "ha">' + entities + b"]><a>&e9;</a>", [key.certificate])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Quantity>3<", b"<Quantity>9<"),
        (b"2026-11-23", b"2036-11-23"),
        (b"permanent", b"Permanent"),
        (b"anna@example.com", b"eve@example.com"),
        (b"</Quantity>", b"</Quantity><Quantity>9</Quantity>"),
        (OPENING, OPENING[:-1] + b' Id="x">'),
    ],
)
def test_R23_changed_content_is_refused(signed: bytes, key: SigningKey, old: bytes, new: bytes) -> None:
    assert old in signed
    with pytest.raises(Changed):
        verify(signed.replace(old, new), [key.certificate])


def test_R23_the_signature_of_another_license_does_not_fit(signed: bytes, key: SigningKey) -> None:
    other = sign(facts(quantity=9), key)
    with pytest.raises(Changed):
        verify(other.replace(signature_of(other), signature_of(signed)), [key.certificate])


def test_R23_a_strangers_signature_is_refused(key: SigningKey, stranger: SigningKey) -> None:
    content = sign(facts(), stranger)
    with pytest.raises(UnknownKey):
        verify(content, [key.certificate])
    with pytest.raises(UnknownKey):
        verify(content, [])


def test_R23_a_strangers_signature_under_the_vendors_certificate_is_refused(
    key: SigningKey, stranger: SigningKey
) -> None:
    with pytest.raises(Changed):
        verify(sign(facts(), SigningKey(stranger.private_key, key.certificate)), [key.certificate])


def test_R23_an_unsigned_license_is_refused(signed: bytes, key: SigningKey) -> None:
    for content in (signed.replace(signature_of(signed), b""), etree.tostring(build(facts())), b"<License/>"):
        with pytest.raises(WrongSignature):
            verify(content, [key.certificate])


def inner(content: bytes) -> bytes:
    """The signed document without its XML declaration."""
    return content[content.index(b"<License") :].strip()


def test_R23_wrapped_signatures_are_refused(signed: bytes, key: SigningKey) -> None:
    """The genuine license rides along inside a forged one, in every place where a careless verifier would look."""
    genuine, signature = inner(signed), signature_of(signed)
    unsigned = genuine.replace(signature, b"")
    forged = unsigned.replace(b"<Quantity>3<", b"<Quantity>999<")
    body = forged.removesuffix(b"</License>")
    wrapped = {
        "whole inside a stranger": b"<Wrapper>" + forged + genuine + b"</Wrapper>",
        "whole as the last child": body + genuine + b"</License>",
        "inside, signature outside": body + unsigned + signature + b"</License>",
        "in an object of the signature": body
        + signature.replace(b"</ds:Signature>", b"<ds:Object>" + unsigned + b"</ds:Object></ds:Signature>")
        + b"</License>",
        "signature first": forged.replace(OPENING, OPENING + signature),
        "two signatures": body + signature + signature + b"</License>",
        "deeper": body + b"<Extra>" + signature + b"</Extra></License>",
    }
    for place, content in wrapped.items():
        with pytest.raises((WrongSignature, Changed)):
            pytest.fail(f"{place}: {verify(content, [key.certificate])}")


def test_R23_a_signature_stands_at_the_end_only(signed: bytes, key: SigningKey) -> None:
    """Moved elsewhere it would still fit the content, but other verifiers look for it at the end."""
    signature = signature_of(signed)
    for opening in (OPENING, b"<Order>"):
        with pytest.raises(WrongSignature):
            verify(signed.replace(signature, b"").replace(opening, opening + signature), [key.certificate])


def test_R23_a_signature_over_a_part_is_refused(key: SigningKey) -> None:
    """Signed by the vendor's own key, but over one element only: the rest could be anything."""
    root = build(facts())
    root[2].set("Id", "part")
    signer = XMLSigner(
        signature_algorithm="ecdsa-sha256", c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
    )
    signed_part = signer.sign(root, key=key.private_key, cert=[key.certificate], reference_uri="#part")
    with pytest.raises(WrongSignature):
        verify(etree.tostring(signed_part), [key.certificate])


@pytest.mark.parametrize(
    "options",
    [
        {"signature_algorithm": "ecdsa-sha512"},
        {"signature_algorithm": "ecdsa-sha256", "digest_algorithm": "sha512"},
        {"signature_algorithm": "ecdsa-sha256", "c14n_algorithm": CanonicalizationMethod.CANONICAL_XML_1_1},
    ],
)
def test_R23_other_algorithms_are_refused(key: SigningKey, options: dict[str, object]) -> None:
    options = {"c14n_algorithm": CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0, **options}
    content = XMLSigner(**options).sign(build(facts()), key=key.private_key, cert=[key.certificate])  # type: ignore[arg-type]
    with pytest.raises(WrongSignature):
        verify(etree.tostring(content), [key.certificate])


@pytest.mark.parametrize("extra", [b"<!-- note -->", b"<?note text?>"])
def test_R23_nothing_may_stand_beside_the_license(signed: bytes, key: SigningKey, extra: bytes) -> None:
    for content in (signed + extra, signed.replace(OPENING, extra + OPENING)):
        with pytest.raises(WrongSignature):
            verify(content, [key.certificate])


def test_R23_a_comment_does_not_cut_a_text(signed: bytes, key: SigningKey) -> None:
    """Canonical XML leaves comments out, so one can be slipped in; the whole text is read all the same."""
    content = signed.replace(b"anna@example.com", b"anna<!-- x -->@example.com<!-- -->")
    assert verify(content, [key.certificate]).email == "anna@example.com"


def test_R23_line_ends_of_another_system_do_no_harm(signed: bytes, key: SigningKey) -> None:
    head, certificate = signed.split(b"<ds:KeyInfo>")
    assert verify(head.replace(b"\n", b"\r\n") + b"<ds:KeyInfo>" + certificate, [key.certificate]) == facts()


# Signed by the vendor, but not a license


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Quantity>3</Quantity>", b""),
        (b"<Quantity>3<", b"<Quantity>three<"),
        (b"2026-11-23", b"soon"),
        (b"permanent", b"eternal"),
        (b"license:1", b"license:2"),
        (b"GD-VIEWER-NET-DSB", b"\tx"),
    ],
)
def test_R23_signed_nonsense_is_no_license(key: SigningKey, old: bytes, new: bytes) -> None:
    text = etree.tostring(build(facts()), encoding="UTF-8")
    assert old in text
    with pytest.raises(WrongContent):
        verify(sign_document(etree.fromstring(text.replace(old, new)), key), [key.certificate])


# Revoked licenses


def test_R12_the_revocation_list_carries_its_instant_and_the_serials(key: SigningKey) -> None:
    revoked = RevocationList(datetime(2025, 11, 23, 12, tzinfo=UTC), frozenset(new_serial() for _ in range(50)))
    content = files.sign_revocations(revoked, key)
    assert files.verify_revocations(content, [key.certificate]) == revoked
    assert re.findall(rb"<Serial>(.+?)</Serial>", content) == sorted(serial.encode() for serial in revoked.serials)


def test_R12_an_empty_revocation_list_is_one_too(key: SigningKey) -> None:
    revoked = RevocationList(datetime(2025, 11, 23, 12, tzinfo=UTC), frozenset())
    assert files.verify_revocations(files.sign_revocations(revoked, key), [key.certificate]) == revoked


def test_R12_a_shortened_or_foreign_revocation_list_is_refused(key: SigningKey, stranger: SigningKey) -> None:
    revoked = RevocationList(datetime(2025, 11, 23, 12, tzinfo=UTC), frozenset({new_serial(), new_serial()}))
    content = files.sign_revocations(revoked, key)
    with pytest.raises(Changed):
        files.verify_revocations(re.sub(rb"<Serial>.+?</Serial>", b"", content, count=1), [key.certificate])
    with pytest.raises(UnknownKey):
        files.verify_revocations(files.sign_revocations(revoked, stranger), [key.certificate])


def test_R12_a_license_is_no_revocation_list_and_the_other_way_round(signed: bytes, key: SigningKey) -> None:
    revoked = RevocationList(datetime(2025, 11, 23, 12, tzinfo=UTC), frozenset())
    with pytest.raises(WrongContent):
        files.verify_revocations(signed, [key.certificate])
    with pytest.raises(WrongContent):
        verify(files.sign_revocations(revoked, key), [key.certificate])


def test_R12_a_revocation_list_without_an_instant_or_with_nonsense_is_refused(key: SigningKey) -> None:
    for inside in ("", "<IssuedAt>now</IssuedAt>", "<IssuedAt>2025-11-23T12:00:00+00:00</IssuedAt><Serial>1</Serial>"):
        root = etree.fromstring(f'<RevocationList xmlns="{files.REVOCATIONS_NAMESPACE}">{inside}</RevocationList>')
        with pytest.raises(WrongContent):
            files.verify_revocations(sign_document(root, key), [key.certificate])
