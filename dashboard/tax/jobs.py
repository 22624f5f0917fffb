"""The worker's side of exemption certificates: the letters about them, and the daily reminder."""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboard.clock import today
from dashboard.mail.service import Composer, Content
from dashboard.outbox.schedule import each_morning
from dashboard.resellers import service as resellers
from dashboard.tax import certificates
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading, transaction

#: The daily look at certificates that end soon; its payload may name the `day`, else it is the present one.
REMIND = "tax.remind"


def about_certificate(payload: dict[str, Any]) -> Content:
    """What a letter about one certificate tells."""
    with reading():
        certificate = certificates.get_certificate(payload["certificate_id"])
        return Content(
            {
                "name": payload["name"],
                "company": resellers.get_reseller(certificate.reseller_id).name,
                "number": certificate.number,
                "states": ", ".join(certificate.states),
                "valid_from": certificate.valid_from,
                "valid_until": certificate.valid_until,
                "reason": certificate.reason,
                "link": public_url("tax.index"),
            }
        )


def remind(payload: dict[str, Any]) -> None:
    """Remind of certificates that end soon; done twice, it reminds once."""
    day = payload.get("day")
    with transaction():
        certificates.remind_of_ending(date.fromisoformat(day) if day else today())


HANDLERS = {REMIND: remind}

SCHEDULE = [each_morning(REMIND)]

COMPOSERS: dict[str, Composer] = dict.fromkeys(
    ("certificate_verified", "certificate_refused", "certificate_ends"), about_certificate
)
