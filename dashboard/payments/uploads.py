"""A statement file between its upload and the click that books it, and what the columns of banks' tables mean (R18)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from dashboard.audit import service as audit
from dashboard.banking.mappings import CsvMapping, NeedsMapping, propose_mapping
from dashboard.banking.rules import StatementFile
from dashboard.banking.service import read_statement
from dashboard.clock import utcnow
from dashboard.errors import BusinessError, NotFound
from dashboard.extensions import db, put_rows
from dashboard.payments import imports, rules
from dashboard.payments.models import BankFile, BankUpload, TableMapping
from dashboard.web.progress import Watch, unwatched
from dashboard.web.transactions import reading, transaction

#: How long a file that nobody booked is kept.
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Size:
    """What is known of a file before anything of it is looked up."""

    transfers: int  #: that concern us
    needs_reason: bool


def measure(data: bytes) -> Size | None:
    """How long a file is; None for a table whose columns somebody has to explain.

    Raises:
        UnreadableStatement: if it is no statement, or cannot be read.
    """
    try:
        return _size_of(read_statement(data))
    except NeedsMapping:
        return None


def _size_of(file: StatementFile) -> Size:
    ours = imports.ours_of(file)
    return Size(len(imports.lines_of(ours)), imports.needs_acceptance(ours))


def keep_upload(data: bytes, name: str, size: Size | None, *, by: int) -> str:
    """Keep an uploaded file until it is booked; its digest. What others have left lying is thrown away."""
    db.session.execute(delete(BankUpload).where(BankUpload.uploaded_at < utcnow() - FORGOTTEN_AFTER))
    digest = hashlib.sha256(data).hexdigest()
    put_rows(
        BankUpload,
        [{
            "digest": digest, "name": name[:200], "content": data, "mapping": None, "uploaded_by": by,
            "uploaded_at": utcnow(), **asdict(size or Size(0, needs_reason=False)),
        }],
    )  # fmt: skip
    return digest


def get_upload(digest: str) -> BankUpload:
    """A file that was uploaded and is not booked yet.

    Raises:
        NotFound: if there is none.
    """
    upload = db.session.get(BankUpload, digest)
    if upload is None:
        raise NotFound
    return upload


def find_booked(digest: str) -> int | None:
    """The file that an upload became when it was booked, if it is not there any more."""
    if db.session.get(BankUpload, digest) is not None:
        return None
    return db.session.scalar(select(BankFile.id).where(BankFile.digest == digest).order_by(BankFile.id.desc()).limit(1))


def read_upload(upload: BankUpload) -> StatementFile:
    """What the file says.

    Raises:
        NeedsMapping: if it is a table whose columns nobody has explained yet.
    """
    return read_statement(upload.content, mapping_of(upload.mapping) if upload.mapping else None)


def find_long(digest: str, reason: str) -> BankUpload | None:
    """An upload that is so long that booking it is a job; None if it is short, or gone.

    Raises:
        Refused: if it does not add up, and there is no reason to book it all the same.
    """
    with reading():
        upload = db.session.get(BankUpload, digest)
        if upload is None or upload.transfers <= rules.TRANSFERS_AT_ONCE:
            return None
    if upload.needs_reason and not reason:
        raise imports.DoesNotAddUp
    return upload


def book_upload(digest: str, reason: str, *, by: int, watch: Watch = unwatched) -> int:
    """Keep the entries of an uploaded file, to be booked by the worker; the id of the file (R18).

    Whoever calls has no transaction open: reading a large file takes long. A second click finds what the first did.

    Raises:
        NotFound: if there is no such file.
        Refused: if it does not add up, and there is no reason to book it all the same.
    """
    with reading():
        if done := find_booked(digest):
            return done
        upload = get_upload(digest)
        name, data, file = upload.name, upload.content, read_upload(upload)
    kept = imports.keep(
        imports.preview(file, watch), data, name, by=by, accepted_reason=reason, upload=digest, watch=watch
    )  # fmt: skip
    with transaction():
        db.session.execute(delete(BankUpload).where(BankUpload.digest == digest))
    return kept.file_id


def explain(digest: str, name: str, facts: dict[str, Any]) -> None:
    """Say what the columns of an uploaded table mean, and keep that under a name for the next one.

    Raises:
        InvalidInput: if the table cannot be read so; nothing is kept.
    """
    upload, mapping = get_upload(digest), mapping_of(facts)
    size = _size_of(read_statement(upload.content, mapping))
    upload.mapping, upload.transfers, upload.needs_reason = asdict(mapping), size.transfers, size.needs_reason
    put_rows(TableMapping, [{"name": name, "facts": upload.mapping, "saved_at": utcnow()}])
    audit.record("table_mapping.saved", f"table_mapping:{name}")


def mapping_of(facts: dict[str, Any]) -> CsvMapping:
    """The mapping that was kept as JSON, or typed into a form.

    Raises:
        InvalidInput: if it could not be read unambiguously.
    """
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return CsvMapping(**given)


def mapping_names() -> list[str]:
    """The names under which mappings were kept."""
    return list(db.session.scalars(select(TableMapping.name).order_by(TableMapping.name)))


def find_mapping(name: str) -> CsvMapping | None:
    """The mapping that was kept under a name."""
    kept = db.session.get(TableMapping, name)
    return mapping_of(kept.facts) if kept else None


def offered_mapping(data: bytes) -> tuple[str, CsvMapping | None]:
    """The kept mapping, with its name, by which a table can be read without a fault; else a guess without a name."""
    for kept in db.session.scalars(select(TableMapping).order_by(TableMapping.saved_at.desc())):
        mapping = mapping_of(kept.facts)
        try:
            file = read_statement(data, mapping)
        except BusinessError:
            continue
        if file.is_sound and any(file.entries):
            return kept.name, mapping
    return "", propose_mapping(data)
