"""Letters as they arrived at the mail server of the tests, and the files that they bring."""

from __future__ import annotations

import re
import time
from email.message import EmailMessage
from pathlib import Path

from lxml import etree

from tests.browser.people import squeezed
from tests.programs import run
from tests.smtp import MailServer

#: Seconds within which the worker must have sent a letter.
PATIENCE = 20
LICENSE = "urn:reseller-dashboard:license:1"


def await_letter(smtp: MailServer, address: str, subject: str) -> EmailMessage:
    """The newest letter to an address whose subject has these words, as soon as it is there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [one for one in smtp.sent_to(address) if squeezed(subject) in squeezed(one["Subject"])]
        if found:
            return found[-1]
        subjects = [one["Subject"] for one in smtp.sent_to(address)]
        assert time.monotonic() < deadline, f"no letter {subject!r} to {address}, only {subjects}"
        time.sleep(0.2)


def text_of(letter: EmailMessage) -> str:
    return _body(letter, "plain")


def html_of(letter: EmailMessage) -> str:
    return _body(letter, "html")


def _body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None, f"the letter {letter['Subject']} has no {kind} part"
    return str(part.get_content())


def link_in(letter: EmailMessage, path: str) -> str:
    """The one link of a letter that leads below `path`; both variants of the letter have it."""
    [link] = set(re.findall(rf"https?://[^\s/]+{path}\S*", text_of(letter)))
    assert link in html_of(letter)
    return str(link)


def attachments_of(letter: EmailMessage) -> dict[str, bytes]:
    """The attached files by their names."""
    return {str(part.get_filename()): part.get_payload(decode=True) or b"" for part in letter.iter_attachments()}  # type: ignore[misc]


def pdf_text(content: bytes, folder: Path) -> str:
    """The words of a PDF as poppler reads them."""
    assert content.startswith(b"%PDF"), content[:40]
    path = folder / "paper.pdf"
    path.write_bytes(content)
    done = run("pdftotext", "-layout", path, "-")
    assert done.returncode == 0, done.stderr
    return squeezed(done.stdout)


def verified(content: bytes, certificates: bytes, folder: Path) -> dict[str, str]:
    """What a license file says, once xmlsec1 has verified it as docs/license-file.md tells anyone to do."""
    license_path, trusted = folder / "file.lic", folder / "certificates.pem"
    license_path.write_bytes(content)
    trusted.write_bytes(certificates)
    options = ["--verify", "--enabled-reference-uris", "empty", "--trusted-pem"]
    done = run("xmlsec1", *options, trusted, license_path)
    assert done.returncode == 0, done.stderr
    root = etree.fromstring(content)
    tree, facts = root.getroottree(), {}
    for element in root.iter(f"{{{LICENSE}}}*"):
        path = tree.getelementpath(element).replace(f"{{{LICENSE}}}", "")
        facts[path] = "".join(map(str, element.itertext()))
    return facts
