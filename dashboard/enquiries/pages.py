"""What the pages of enquiries show, to a reseller and to staff alike."""

from __future__ import annotations

from typing import Any

from flask import request

from dashboard.enquiries import service
from dashboard.enquiries.forms import AnswerForm
from dashboard.enquiries.rules import FILTERS


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


def show_context(enquiry_id: str, form: AnswerForm, *, of: int | None) -> dict[str, Any]:
    """The whole exchange of one enquiry, and the form to go on with it."""
    enquiry = service.get_enquiry(enquiry_id, of=of)
    return {
        "enquiry": enquiry,
        "messages": service.messages_of(enquiry.id),
        "form": form,
        "status": 422 if form.is_refused else 200,
        "by_staff": of is None,
    }
