"""XML signatures in the one form that this product writes and accepts (R23).

Enveloped XMLDSig over the whole document, ECDSA P-256 with SHA-256, exclusive canonicalization, and the signer's
certificate in KeyInfo. A verifier that accepted other forms would only give an attacker more to try.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from dashboard.errors import N_, InvalidInput
from dashboard.licenses.keys import SigningKey

SIGNATURE_METHOD = SignatureMethod.ECDSA_SHA256
DIGEST = DigestAlgorithm.SHA256
CANONICAL = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

_DS = "{http://www.w3.org/2000/09/xmldsig#}"

#: Every element of a signature with its attributes, in the order of the document. The empty URI is the whole
#: document: a signature that points elsewhere (the "wrapping" attack), or carries more, has another shape.
_SHAPE: list[tuple[object, dict[str, str]]] = [
    (_DS + "Signature", {}),
    (_DS + "SignedInfo", {}),
    (_DS + "CanonicalizationMethod", {"Algorithm": CANONICAL.value}),
    (_DS + "SignatureMethod", {"Algorithm": SIGNATURE_METHOD.value}),
    (_DS + "Reference", {"URI": ""}),
    (_DS + "Transforms", {}),
    (_DS + "Transform", {"Algorithm": ENVELOPED}),
    (_DS + "Transform", {"Algorithm": CANONICAL.value}),
    (_DS + "DigestMethod", {"Algorithm": DIGEST.value}),
    (_DS + "DigestValue", {}),
    (_DS + "SignatureValue", {}),
    (_DS + "KeyInfo", {}),
    (_DS + "X509Data", {}),
    (_DS + "X509Certificate", {}),
]

_EXPECTED = SignatureConfiguration(
    location="./", signature_methods=frozenset({SIGNATURE_METHOD}), digest_algorithms=frozenset({DIGEST})
)


class UntrustedFile(InvalidInput):
    """A file that must not be believed; the subclasses say why."""

    reason = N_("This file cannot be trusted.")

    def __init__(self) -> None:
        super().__init__(self.reason)


class NotXml(UntrustedFile):
    reason = N_("This file is not XML in UTF-8, or it is too large.")


class HasDoctype(UntrustedFile):
    reason = N_("This file holds a document type or entities, which a signed file never does.")


class WrongSignature(UntrustedFile):
    reason = N_("This file carries no signature that covers the whole of it.")


class UnknownKey(UntrustedFile):
    reason = N_("This file was signed with a key that is not the vendor's.")


class Changed(UntrustedFile):
    reason = N_("This file was changed after it was signed.")


def new_document(name: str, namespace: str) -> etree._Element:
    """An empty document whose elements need no prefix."""
    prefixes: Any = {None: namespace}  # lxml-stubs know of no namespace without a prefix
    return etree.Element(f"{{{namespace}}}{name}", nsmap=prefixes)


def sign_document(root: etree._Element, key: SigningKey) -> bytes:
    """The signed document in UTF-8. Signing twice gives different bytes, both valid: keep what was signed first."""
    signer = XMLSigner(signature_algorithm=SIGNATURE_METHOD, digest_algorithm=DIGEST, c14n_algorithm=CANONICAL)
    signed = signer.sign(root, key=key.private_key, cert=[key.certificate])
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8") + b"\n"


def verify_document(content: bytes, trusted: Iterable[x509.Certificate], max_size: int) -> etree._Element:
    """The document that was signed, without its signature: read from what was verified, nothing else.

    Args:
        content: the file.
        trusted: the vendor's certificates.
        max_size: bytes that the file may have.

    Raises:
        UntrustedFile: one of its subclasses; nothing of the file may be used.
    """
    root = _parse(content, max_size)
    signature = _whole_signature(root)
    certificate = _trusted_certificate(signature, trusted)
    try:
        result = XMLVerifier().verify(content, x509_cert=certificate, expect_config=_EXPECTED)
    except (SignXMLException, etree.LxmlError, ValueError) as error:
        raise Changed from error
    if not isinstance(result, VerifyResult) or result.signed_xml is None:
        raise Changed
    return result.signed_xml


def _parse(content: bytes, max_size: int) -> etree._Element:
    if len(content) > max_size:
        raise NotXml
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml from error
    document = root.getroottree().docinfo
    if document.internalDTD is not None:
        raise HasDoctype
    if (document.encoding or "UTF-8").upper() != "UTF-8":
        raise NotXml
    return root


def _whole_signature(root: etree._Element) -> etree._Element:
    """The one signature, as the last child of the document; the document has nothing beside its root."""
    signatures = list(root.iter(_DS + "Signature"))
    if len(signatures) != 1 or signatures[0] is not root[-1]:
        raise WrongSignature
    if root.getprevious() is not None or root.getnext() is not None:
        raise WrongSignature
    if [(element.tag, dict(element.attrib)) for element in signatures[0].iter()] != _SHAPE:
        raise WrongSignature
    return signatures[0]


def _trusted_certificate(signature: etree._Element, trusted: Iterable[x509.Certificate]) -> x509.Certificate:
    """The trusted certificate that the signature names; a stranger's is compared as text and never parsed."""
    named = "".join((signature.findtext(f".//{_DS}X509Certificate") or "").split())
    for certificate in trusted:
        if b64encode(certificate.public_bytes(Encoding.DER)).decode() == named:
            return certificate
    raise UnknownKey
