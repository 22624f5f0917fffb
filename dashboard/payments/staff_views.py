"""Staff bring in the bank's statement files: see first, then book; and the list of what they said (R18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.banking.detection import format_of, plain_bytes
from dashboard.banking.mappings import NeedsMapping, first_rows, likely_delimiter
from dashboard.banking.rules import Format
from dashboard.config import current_settings
from dashboard.errors import BusinessError
from dashboard.jobs import asking
from dashboard.payments import entries, imports, uploads
from dashboard.payments.forms import AcceptForm, MappingForm, UploadForm
from dashboard.payments.imports import Preview, Row
from dashboard.payments.rules import Match, Reason
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.languages import is_switching

if TYPE_CHECKING:
    from dashboard.payments.models import BankUpload

bp = Blueprint("staff_payments", __name__, url_prefix="/staff/payments")

CONFIRM = Permission.CONFIRM_PAYMENTS

#: Rows of a preview that one page shows.
ROWS = 100

#: What is booked, the least certain first: that is what a person should look at.
LEAST_CERTAIN_FIRST = [Reason.SUM, Reason.ACCOUNT, Reason.NUMBER, Reason.REFERENCE]


@bp.route("", methods=["GET", "POST"], requires=CONFIRM)
def index() -> ResponseReturnValue:
    """Bring in a file, and what became of those before it. Nothing is booked by an upload."""
    form = UploadForm()
    if form.validate_on_submit():
        data, name = form.file.data.read(), form.file.data.filename or ""
        try:
            size = uploads.measure(data)  # slow, and so before the first statement
        except BusinessError as error:
            form.refuse(error, "file")
        else:
            digest = uploads.keep_upload(data, name, size, by=actor.user)
            return redirect(url_for(".preview" if size else ".columns", digest=digest), 303)
    status = 422 if form.is_refused else 200
    return render("payments/index.html", status=status, form=form, files=entries.list_files())


@bp.get("/uploads/<digest>", requires=CONFIRM)
def preview(digest: str) -> ResponseReturnValue:
    """What booking an uploaded file would bring, entry by entry, and why; nothing is written. Going back to it after
    it was booked leads to what became of it."""
    if file_id := uploads.find_booked(digest):
        return redirect(url_for(".file", file_id=file_id), 303)
    return _preview_page(digest, AcceptForm())


def _preview_page(digest: str, form: AcceptForm) -> ResponseReturnValue:
    upload = uploads.get_upload(digest)
    name = upload.name
    try:
        seen = imports.preview(uploads.read_upload(upload))
    except NeedsMapping:
        return redirect(url_for(".columns", digest=digest), 303)
    return render(
        "payments/preview.html", status=422 if form.is_refused else 200, digest=digest, name=name, form=form,
        is_table=upload.mapping is not None, **_preview_context(seen),
    )  # fmt: skip


def _preview_context(seen: Preview) -> dict[str, Any]:
    """The rows of the address's page: what waits first, then what is booked, the least certain first."""
    waiting, matched = seen.waiting, _least_certain_first(seen.matched)
    page = max(request.args.get("page", 1, type=int), 1)
    start, end = (page - 1) * ROWS, page * ROWS
    shown = [*waiting, *matched][start:end]
    return {
        "seen": seen,
        "waiting": waiting[start:end],
        "matched": matched[max(start - len(waiting), 0) : max(end - len(waiting), 0)],
        "known": seen.known[:ROWS],
        "counts": {"waiting": len(waiting), "matched": len(matched), "known": len(seen.known)},
        "names": entries.names_of(shown),
        "tolerance": current_settings().bank_fee_tolerance,
        "page": page,
        "following": page + 1 if end < len(waiting) + len(matched) else None,
    }


def _least_certain_first(rows: list[Row]) -> list[Row]:
    def certainty(row: Row) -> int:
        return LEAST_CERTAIN_FIRST.index(row.decision.reason) if isinstance(row.decision, Match) else 0

    return sorted(rows, key=certainty)


@bp.post("/uploads/<digest>/book", requires=CONFIRM)
def book(digest: str) -> ResponseReturnValue:
    """Book an uploaded file: its entries are kept, and the worker books what is certain. All of a long one is a job."""
    form = AcceptForm()
    if is_switching() or not form.validate():
        return _preview_page(digest, form)
    reason = form.reason.data or ""
    try:
        if upload := uploads.find_long(digest, reason):
            return _book_in_the_background(upload, reason)
        file_id = uploads.book_upload(digest, reason, by=actor.user)
    except BusinessError as error:
        if error.status == 404:
            raise
        form.refuse(error, "reason")
        return _preview_page(digest, form)
    return redirect(url_for(".file", file_id=file_id), 303)


def _book_in_the_background(upload: BankUpload, reason: str) -> ResponseReturnValue:
    key = f"bank_import:{upload.digest}:{upload.uploaded_at.isoformat()}"
    payload = {"digest": upload.digest, "name": upload.name, "reason": reason}
    return redirect(url_for("jobs.show", token=asking.start("bank_import", key, by=actor.user, payload=payload)), 303)


@bp.route("/uploads/<digest>/columns", methods=["GET", "POST"], requires=CONFIRM)
def columns(digest: str) -> ResponseReturnValue:
    """Say what the columns of a table mean; it is kept under a name and offered for the next one."""
    data = uploads.get_upload(digest).content
    if format_of(plain_bytes(data)) is not Format.CSV:
        return redirect(url_for(".preview", digest=digest), 303)  # such a file says itself what it means
    form = _mapping_form(data)
    delimiter, encoding = form.delimiter.data or ";", form.encoding.data or "utf-8"
    rows = first_rows(data, delimiter, encoding)
    form.offer(_heads(rows, (form.skip.data or 1) - 1))
    if request.form.get("step") == "read" and form.validate_on_submit():
        try:
            uploads.explain(digest, form.name.data, form.facts())
        except BusinessError as error:
            form.refuse(error)
        else:
            return redirect(url_for(".preview", digest=digest), 303)
    return render(
        "payments/columns.html", status=422 if form.is_refused else 200, form=form, rows=rows, digest=digest,
        names=uploads.mapping_names(),
    )  # fmt: skip


def _mapping_form(data: bytes) -> MappingForm:
    """The form, filled with the mapping that was asked for, or with the one that fits; the account by its currency."""
    if request.method == "POST":
        return MappingForm()
    name = request.args.get("use", "")
    mapping = uploads.find_mapping(name) if name else None
    if mapping is None:
        name, mapping = uploads.offered_mapping(data)
    form = MappingForm(obj=mapping) if mapping else MappingForm(delimiter=likely_delimiter(data))
    form.name.data = name
    ours = current_settings().vendor.accounts.get(form.currency.data or "")
    if ours and not form.account.data and form.account_column.data is None:
        form.account.data = ours.number
    return form


def _heads(rows: list[list[str]], head: int) -> list[str]:
    """What each column is called: its number and what stands in its head."""
    names = [*(rows[head] if 0 <= head < len(rows) else [])]
    names += [""] * (max(map(len, rows), default=0) - len(names))
    return [f"{number}: {name[:40]}".removesuffix(": ") for number, name in enumerate(names, start=1)]


@bp.get("/files/<int(max=2147483647):file_id>", requires=CONFIRM)
def file(file_id: int) -> ResponseReturnValue:
    """An imported file: how far its booking has come, and its entries."""
    state = request.args.get("state", "")
    found = entries.get_file(file_id)
    if state not in entries.STATES:
        state = next((one for one in entries.STATES if found.counts[one]), "booked")
    rows = entries.list_entries(state, file_id=file_id, beyond=_beyond())
    return render(
        "payments/file.html", "entries", found=found, state=state, rows=rows, more=_more(rows),
        is_first_page=_beyond() is None,
    )  # fmt: skip


@bp.get("/waiting", requires=CONFIRM)
def waiting() -> ResponseReturnValue:
    """The entries that wait for a person, the oldest first; or, by the address's state, the others."""
    state = request.args.get("state", "waiting")
    state = state if state in entries.STATES else "waiting"
    rows, waits = entries.list_and_count(state, beyond=_beyond())
    return render(
        "payments/waiting.html", state=state, rows=rows, more=_more(rows), is_first_page=_beyond() is None, waits=waits
    )


def _beyond() -> int | None:
    beyond = request.args.get("beyond", type=int)
    return None if beyond is None else max(0, min(beyond, 2**31 - 1))


def _more(rows: list[entries.Listed]) -> int | None:
    """Where the next page begins."""
    return rows[-1].entry.id if len(rows) == entries.PAGE else None
