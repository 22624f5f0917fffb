"""Keep bytes, read them again, and send them to a browser."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from flask import Response
from sqlalchemy import func, select
from werkzeug.http import dump_options_header

from dashboard.documents.models import Document
from dashboard.errors import NotFound
from dashboard.extensions import db, insert_once


def keep(content: bytes, media_type: str) -> str:
    """Store `content` once; returns its SHA-256 in hexadecimal, by which it is found again."""
    digest = hashlib.sha256(content).hexdigest()
    insert_once(Document, digest=digest, media_type=media_type, content=content)
    return digest


def read(digest: str) -> bytes:
    """The bytes of a kept document.

    Raises:
        NotFound: if there is none of that digest.
    """
    content = db.session.scalar(select(Document.content).where(Document.digest == digest))
    if content is None:
        raise NotFound
    return content


def size(digests: Collection[str]) -> int:
    """How many bytes these documents have together."""
    total = select(func.sum(func.length(Document.content))).where(Document.digest.in_(digests))
    return db.session.scalar(total) or 0


def download(digest: str, name: str) -> Response:
    """The document as a file to save under `name`; the exact bytes, marked by their digest."""
    document = db.session.get(Document, digest)
    if document is None:
        raise NotFound
    response = Response(document.content, mimetype=document.media_type)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    response.set_etag(digest)
    return response
