"""The worker's side of mail: compose, send through SMTP, note what became of it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app

from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.documents.models import Document
from dashboard.errors import NotYet
from dashboard.extensions import db
from dashboard.mail import service
from dashboard.mail.models import Letter
from dashboard.mail.rendering import Rendered, render_letter
from dashboard.mail.service import Attachment, Composer, Content, Moot
from dashboard.web.transactions import reading, transaction

TIMEOUT = 30


def send(payload: dict[str, Any]) -> None:
    """Compose and send one letter; one that was sent before is left alone. What goes wrong is noted with it, and why it
    was not sent, if it is moot.
    """
    letter_id: int = payload["letter_id"]
    try:
        message = _compose(letter_id)
        if message is None:
            return
        if has_left := bool(current_settings().smtp_url):
            _hand_over(message)
        with transaction():
            letter = service.get_letter(letter_id)
            letter.sent_at, letter.error = utcnow() if has_left else None, ""
    except NotYet:
        raise
    except Moot as moot:
        with transaction():
            letter = service.get_letter(letter_id)
            letter.moot, letter.error = moot.why, ""
    except Exception as error:
        with transaction():
            service.get_letter(letter_id).error = f"{type(error).__name__}: {error}"[:2000]
        raise


def _compose(letter_id: int) -> EmailMessage | None:
    """The letter as it leaves; None if it has left.

    The words are kept before that; a crash in between sends the same Message-ID again, which mail programs show once.
    A secret's words are kept only where no mail server can bring them to their reader.
    """
    composers: dict[str, Composer] = current_app.extensions["mail_composers"]
    with reading():
        letter = service.get_letter(letter_id)
        if letter.sent_at:
            return None
        content = composers.get(letter.kind, Content)(letter.payload)
        facts = {**content.context, "is_copy": letter.payload.get("is_copy", False)}
        rendered = render_letter(letter.kind, letter.language, facts)
        message = _message(letter, rendered, content.attachments, content.headers)
    with transaction():
        letter = service.get_letter(letter_id)
        letter.tries += 1
        letter.subject, letter.text, letter.html = rendered.subject[:300], rendered.text, rendered.html
        if content.secret and current_settings().smtp_url:
            letter.text = letter.html = ""
        letter.attachments = [{"name": a.name, "digest": a.digest} for a in content.attachments]
        letter.composed_at = utcnow()
    return message


def _message(
    letter: Letter, rendered: Rendered, attachments: Sequence[Attachment], headers: Mapping[str, str] | None = None
) -> EmailMessage:
    settings = current_settings()
    message = EmailMessage()
    message["From"] = Address(settings.vendor.name, addr_spec=settings.sender)
    message["To"] = letter.recipient
    # Folded here: Python's way of folding may lose a blank between two words that are not ASCII (python/cpython#92081).
    message.set_raw("Subject", Header(rendered.subject, "utf-8", header_name="Subject").encode())
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    for attachment in attachments:
        document = db.session.get(Document, attachment.digest)
        if document is None:
            raise NotYet
        main, sub = document.media_type.split("/")
        message.add_attachment(document.content, maintype=main, subtype=sub, filename=attachment.name)
    message["Content-Language"] = letter.language  # last: the parts take over what is set of their content before
    return message


def _hand_over(message: EmailMessage) -> None:
    url = urlsplit(current_settings().smtp_url)
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
    with server:
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


HANDLERS = {"mail": send}
