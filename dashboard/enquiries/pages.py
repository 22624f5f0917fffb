"""What the pages of enquiries show, to a reseller and to staff alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from dashboard.documents import service as documents
from dashboard.enquiries import attachments, service
from dashboard.enquiries.forms import AnswerForm
from dashboard.enquiries.rules import FILTERS

if TYPE_CHECKING:
    from flask import Response

    from dashboard.enquiries.models import EnquiryFile


def list_context(*, of: int | None) -> dict[str, Any]:
    """What a list shows, by the address's search, state and cursor: of one reseller, or of all to staff."""
    otherwise = "waiting" if of is None else "open"
    search, state = request.args.get("q", "").strip()[:100], request.args.get("state", otherwise)
    state = state if state in FILTERS else otherwise
    cursor = request.args.get("start", "")
    page = service.list_enquiries(of=of, state=state, search=search, cursor=cursor)
    return {
        "page": page,
        "search": search,
        "state": state,
        "otherwise": otherwise,
        "filters": FILTERS,
        "is_first_page": not cursor,
        "by_staff": of is None,
    }


def download(file: EnquiryFile) -> Response:
    """A kept file under its name; never shown in the browser."""
    return documents.download(file.digest, file.name)


def show_context(enquiry_id: str, form: AnswerForm, *, of: int | None) -> dict[str, Any]:
    """The whole exchange of one enquiry, and the form to go on with it."""
    enquiry = service.get_enquiry(enquiry_id, of=of)
    return {
        "enquiry": enquiry,
        "messages": service.messages_of(enquiry.id),
        "files": attachments.of_messages(enquiry.id),
        "form": form,
        "status": 422 if form.is_refused else 200,
        "by_staff": of is None,
    }
