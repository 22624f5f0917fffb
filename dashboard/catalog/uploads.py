"""A catalog file between its upload and the click that loads it. Only files without a fault are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from dashboard.catalog.files import read_catalog
from dashboard.catalog.loading import CatalogChanges, compare_catalog, load_catalog
from dashboard.clock import today
from dashboard.documents import service as documents
from dashboard.documents.models import Document
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db

CSV = "text/csv"


@dataclass(frozen=True)
class Difference:
    """What loading a file on a day would change."""

    changes: CatalogChanges

    @property
    def digest(self) -> str:
        """Names just this difference, so that nothing else is loaded than what was shown."""
        return hashlib.sha256(repr(self.changes).encode()).hexdigest()

    @property
    def is_empty(self) -> bool:
        return not (self.changes.new or self.changes.changed or self.changes.withdrawn)


def keep_upload(content: bytes) -> str:
    """Keep a catalog file; its digest.

    Raises:
        InvalidSheet: with everything that is wrong in it; nothing is kept.
    """
    read_catalog(content)
    return documents.keep(content, CSV)


def difference(digest: str, valid_from: date) -> Difference:
    """What loading a kept file would change on a day.

    Raises:
        NotFound: if there is no such file.
    """
    return Difference(compare_catalog(read_catalog(_content(digest)), valid_from))


def load_upload(digest: str, valid_from: date, seen: str) -> CatalogChanges:
    """Load a kept file whole, if it changes just what was seen.

    Args:
        seen: digest of the difference that the page showed.

    Raises:
        NotFound: if there is no such file.
        InvalidInput: for a day that has passed.
        Refused: if the catalog has changed since; nothing is loaded.
    """
    if valid_from < today():
        raise InvalidInput(N_("This day has passed: a price holds from today at the earliest."))
    rows = read_catalog(_content(digest))
    if Difference(compare_catalog(rows, valid_from)).digest != seen:
        raise Refused(N_("The catalog has changed since you looked. This is what the file would change now."))
    return load_catalog(rows, valid_from)


def _content(digest: str) -> bytes:
    """The bytes of a catalog file; documents of other kinds are none of its business."""
    content = db.session.scalar(select(Document.content).where(Document.digest == digest, Document.media_type == CSV))
    if content is None:
        raise NotFound
    return content
