"""Read a mail as it comes from the mail server (RFC 5322): whoever wrote it, whatever it is written in (R32).

A mail is read from its raw headers: the parsed ones of the standard library stumble over some that are wrong.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses
from itertools import islice

from lxml import etree
from lxml import html as lxml_html

from dashboard.enquiries import attachments
from dashboard.enquiries.attachments import File
from dashboard.enquiries.rules import LONGEST
from dashboard.web.forms import trimmed

#: Bytes of a mail that are read: its words stand at the beginning, before its files. Of what is larger the last file is
#: not whole.
MOST_READ = 16 * 1024 * 1024

#: Characters of a header that are looked at, and files that are named, at the most.
MOST_OF_HEADER, MOST_FILES = 20_000, 20

#: Levels of what is cited that are marked; deeper ones say no more.
MOST_LEVELS = 3

#: Who wrote, by the envelope, if the mail server did: nobody.
NULL_SENDERS = {"", "<>", "mailer-daemon"}

#: Headers in which the reply address may stand.
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")

_MACHINES = re.compile(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
_BULK = {"bulk", "junk", "list", "auto_reply"}

#: Elements that stand on lines of their own, and those whose text nobody reads.
_BLOCKS = frozenset({
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "p", "pre", "table", "tr", "ul",
})  # fmt: skip
_UNREAD = frozenset({"head", "script", "style", "template", "title"})


class Unreadable(Exception):
    """What came is no mail."""


@dataclass(frozen=True)
class Mail:
    """A mail, as far as filing it needs to know."""

    identity: str  #: SHA-256 of its Message-ID, else of its content
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    references: tuple[str, ...]  #: Message-IDs that it answers
    subject: str
    text: str
    left_out: tuple[str, ...]  #: names of its files that are not kept
    files: tuple[File, ...] = field(default=(), kw_only=True)
    automatic: bool  #: written by a program


def read(content: bytes, recipients: Sequence[str] = (), sender: str | None = None) -> Mail:
    """The mail in `content`.

    Args:
        recipients: those of the envelope, if the mail server tells them.
        sender: that of the envelope; empty: the mail server itself. None: not told.

    Raises:
        Unreadable: if it has no sender, or nothing can be made of it.
    """
    try:
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        headers = _headers(message)
        who = [(name, address) for name, address in getaddresses(headers.get("from", [])) if "@" in address]
        if not who:
            raise Unreadable("It has no sender.")
        text, (files, left_out) = _words(message), _sorted(message, is_whole=len(content) < MOST_READ)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise Unreadable(f"It cannot be read: {type(error).__name__}.") from error
    known = (headers.get("message-id") or [""])[0].strip()
    return Mail(
        identity=hashlib.sha256(known.encode("utf-8", "surrogateescape") if known else content).hexdigest(),
        sender=_line(", ".join(address for _, address in who), 320),
        sender_name=_line(_decoded(who[0][0]) or who[0][1], 200),
        recipients=(*recipients, *(value for name in RECIPIENTS for value in headers.get(name.lower(), []))),
        references=(*headers.get("in-reply-to", []), *headers.get("references", [])),
        subject=_line(_decoded((headers.get("subject") or [""])[0]), 200),
        text=text,
        left_out=left_out,
        files=files,
        automatic=_is_automatic(headers, who[0][1], sender),
    )


def _headers(message: EmailMessage) -> dict[str, list[str]]:
    """Raw values by name in lower case, unfolded."""
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), []).append(re.sub(r"[\r\n]+[ \t]*", " ", str(value)[:MOST_OF_HEADER]))
    return found


def _is_automatic(headers: dict[str, list[str]], address: str, sender: str | None) -> bool:
    """Whether a program wrote it: answering such a mail would go round in circles."""
    told = {name: (headers.get(name) or [""])[0].strip().lower() for name in ("auto-submitted", "precedence")}
    return (
        told["auto-submitted"].split(";")[0].strip() not in {"", "no"}
        or told["precedence"] in _BULK
        or (sender is not None and sender.strip().lower() in NULL_SENDERS)
        or (headers.get("return-path") or ["-"])[0].strip() == "<>"
        or any(name in headers for name in ("list-id", "x-autoreply", "x-autorespond"))
        or bool(_MACHINES.match(address))
    )


def _decoded(raw: str) -> str:
    """A header's words; one that says what it is written in wrongly stays as far as it can be read."""
    try:
        return str(make_header(decode_header(_readable(raw))))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return _readable(raw)


def _readable(raw: str) -> str:
    """Bytes beyond ASCII that stand bare in a header are UTF-8, or else Cyrillic of Windows."""
    return _guessed(raw.encode("utf-8", "surrogateescape"))


def _guessed(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1251", "replace")


def _line(text: str, length: int) -> str:
    return str(trimmed(" ".join(text.split())))[:length]


def _words(message: EmailMessage) -> str:
    """The text of the mail, else that of its HTML."""
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    text = _text_of(body)
    if body.get_content_subtype() == "html":
        text = text_of_html(text)
    text = str(trimmed(text.replace("\r\n", "\n").replace("\r", "\n")))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _text_of(part: MIMEPart) -> str:
    """The part as text; what it says of its encoding is believed if it can be true."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    charset = str(part.get_content_charset() or "").lower()
    if charset in {"", "us-ascii", "ascii"}:
        return _guessed(content)
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return _guessed(content)


def _sorted(message: EmailMessage, *, is_whole: bool) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """The files that are kept, as many as go with one message, and the names of the others."""
    files, left_out = list[File](), list[str]()
    found = list(islice(_files(message), MOST_FILES))
    for file in found:
        is_cut = file is found[-1] and not is_whole
        size = sum(len(kept.content) for kept in [*files, file])
        fits = len(files) < attachments.MOST and size <= attachments.MOST_BYTES
        if fits and not is_cut and attachments.is_kept(file):
            files.append(file)
        else:
            left_out.append(file.name)
    return tuple(files), tuple(left_out)


def _files(message: EmailMessage) -> Iterator[File]:
    """What came with the words, pictures of a phone too; those that the words' HTML shows (they have an id) are no
    files of their own. A mail that was sent along is one file, whatever it holds.
    """
    inside: set[int] = set()
    for part in message.walk():
        shown = part.get_content_disposition() != "attachment" and (part["Content-ID"] or not part.get_filename())
        is_mail = part.get_content_type() == "message/rfc822" and part is not message
        if is_mail:
            inside |= {id(one) for one in part.walk()} - {id(part)}
        if id(part) in inside or (part.is_multipart() and not is_mail) or (shown and not is_mail):
            continue
        name = _line(_decoded(str(part.get_filename() or part.get_content_type())), 100)
        if is_mail:
            yield File(name if name.lower().endswith(".eml") else "mail.eml", _sent_along(part))
        else:
            content = part.get_payload(decode=True)
            yield File(name, content if isinstance(content, bytes) else b"")


def _sent_along(part: MIMEPart) -> bytes:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    return inner.as_bytes() if isinstance(inner, EmailMessage) else b""


def text_of_html(html: str) -> str:
    """What a person reads in a mail's HTML: a line for each paragraph, what is cited marked with `>`."""
    try:
        root = lxml_html.document_fromstring(html)
    except (etree.ParserError, ValueError):
        return ""
    lines, line, depth = [""], "", 0
    for kind, text, tag in _pieces(root):
        line += re.sub(r"[^\S\xa0]+", " ", text)
        if tag in _BLOCKS:
            lines.append("> " * min(depth, MOST_LEVELS) + line.strip())
            line = ""
        if tag == "blockquote":
            depth += 1 if kind == "start" else -1
    return re.sub(r"\n(?:(?:> )*\n){2,}", "\n\n", "\n".join([*lines, line.strip()])).strip()


def _pieces(root: etree._Element) -> Iterable[tuple[str, str, str]]:
    """Texts in their order, each with the tag at whose edge it stands: the text comes before the edge."""
    unread = 0
    before = ""
    for kind, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if kind == "start":
            yield kind, before, tag
            unread += tag in _UNREAD
            before = "" if unread else element.text or ""
        else:
            yield kind, before, "" if tag == "br" else tag
            unread -= kind == "end" and tag in _UNREAD
            before = "" if unread else element.tail or ""
    yield "end", before, ""
