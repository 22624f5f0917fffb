"""The worker's side of enquiries: what their letters say (R32)."""

from __future__ import annotations

from typing import Any

from dashboard.config import current_settings
from dashboard.enquiries import attachments, exchange
from dashboard.enquiries.rules import mark_of, reply_address
from dashboard.mail.service import Composer, Content, thread_id
from dashboard.resellers import service as resellers
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading


def about_message(payload: dict[str, Any]) -> Content:
    """The letter that brings a message, with the address that files its answer, if there is one."""
    with reading():
        message = exchange.get_message(payload["message_id"])
        enquiry = exchange.get_enquiry(message.enquiry_id)
        pages = "staff_enquiries" if payload["thread"] == enquiry.staff_token else "enquiries"
        files = [
            (one.name, public_url(f"{pages}.file", enquiry_id=enquiry.id, file_id=one.id))
            for one in attachments.of_message(message.id)
        ]
        context = {
            "name": payload["name"],
            "company": resellers.get_reseller(enquiry.reseller_id).name,
            "enquiry": enquiry,
            "facts": enquiry.facts if payload.get("opens") else {},
            "message": message,
            "files": files,
            "mark": mark_of(enquiry.id),
            "answers": bool(current_settings().enquiries_mail),
            "link": public_url(f"{pages}.show", enquiry_id=enquiry.id),
        }
    return Content(context, headers=_headers(payload["thread"]))


def _headers(thread: str) -> dict[str, str]:
    """What lets an answer find its way, and mail programs show the exchange as one."""
    address = current_settings().enquiries_mail
    joined = {"In-Reply-To": thread_id(thread), "References": thread_id(thread)}
    return joined | ({"Reply-To": reply_address(address, thread)} if address else {})


COMPOSERS: dict[str, Composer] = dict.fromkeys(("enquiry_opened", "enquiry_answer", "enquiry_message"), about_message)
