"""What each person has to do now, and the way through the pages. Reads all, owns nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from dashboard.clock import today
from dashboard.extensions import db
from dashboard.invoices import service as invoices
from dashboard.ledger import balances
from dashboard.licenses.models import License
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import LicenseState
from dashboard.resellers import applications, policies
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Application, Reseller
from dashboard.tax import certificates
from dashboard.tax.certificates import Listed
from dashboard.web.access import Actor, Permission
from dashboard.web.pages import Link
from dashboard.web.texts import gettext as _

#: Rows that one section of a queue shows.
SHOWN = 10
#: Orders that a reseller's first page shows.
RECENT = 6


def navigation(actor: Actor) -> list[Link]:
    """The pages that this actor can go to, most used first."""
    entries = [
        (Permission.SIGNED_IN, _("Home"), "home.index"),
        (Permission.VIEW_PARTNER_PRICES, _("Prices"), "catalog.prices"),
        (Permission.VIEW_OWN_ORDERS, _("Orders"), "orders.index"),
        (Permission.VIEW_OWN_COMPANY, _("Company"), "resellers.company"),
        (Permission.VIEW_ALL_ORDERS, _("Orders"), "staff_orders.index"),
        (Permission.REVIEW_RESELLERS, _("Applications"), "staff_resellers.applications"),
        (Permission.REVIEW_RESELLERS, _("Resellers"), "staff_resellers.index"),
        (Permission.REVIEW_RESELLERS, _("Certificates"), "staff_tax.index"),
        (Permission.VIEW_MAIL, _("Letters"), "staff_mail.index"),
        (Permission.EDIT_TEXTS, _("Texts"), "staff_texts.index"),
        (Permission.VIEW_OWN_LICENSES, _("My licenses"), "customers.licenses"),
    ]
    hidden = {"customers.licenses"} if actor.is_staff else set()
    if not actor.is_active_reseller:
        hidden.add("catalog.prices")  # closed until the company's steps are done, which home lists (R5)
    return [
        Link(label, url_for(endpoint))
        for permission, label, endpoint in entries
        if actor.may(permission) and endpoint not in hidden
    ]


@dataclass(frozen=True)
class StaffQueue:
    """What waits for a person; empty on a good day."""

    applications: list[Application]
    listings: list[Reseller]
    certificates: list[Listed]
    tax_numbers: list[Reseller]
    temporary: list[Order]
    failing: list[Letter]
    waiting: list[Order]

    @property
    def count(self) -> int:
        """What a person has to act on; a transfer on its way is not among it."""
        checks = len(self.listings) + len(self.certificates) + len(self.tax_numbers)
        return len(self.applications) + checks + len(self.temporary) + len(self.failing)


def staff_queue() -> StaffQueue:
    """The queue: applications, listing pages, certificates and VAT numbers to check, temporary licenses, failing
    letters; orders awaiting money.
    """
    asked = select(Order).where(Order.license_state == LicenseState.ASKED, Order.cancelled_at.is_(None))
    failing = select(Letter).where(Letter.error != "", Letter.sent_at.is_(None)).order_by(Letter.id)
    return StaffQueue(
        applications=applications.list_waiting(),
        listings=resellers.list_resellers(only="check").resellers,
        certificates=certificates.waiting(),
        tax_numbers=resellers.numbers_to_confirm(),
        temporary=list(db.session.scalars(asked.options(orders.WITH_RESELLER_NAME).order_by(Order.placed_at))),
        failing=list(db.session.scalars(failing.limit(SHOWN))),
        waiting=orders.oldest_open(SHOWN),
    )


@dataclass(frozen=True)
class Balance:
    """What a reseller owes on credit orders, and what it has on account."""

    in_time: Money
    overdue: Money
    on_account: Money

    @property
    def owed(self) -> Money:
        return self.in_time + self.overdue


def reseller_home(reseller_id: int) -> dict[str, Any]:
    """A reseller's first page: what to do now, the last orders, the terms of the next one (R14)."""
    reseller, day = resellers.get_reseller(reseller_id), today()
    late = orders.list_orders(of=reseller_id, state="overdue").orders[:SHOWN]
    waiting = orders.list_orders(of=reseller_id, state="waiting").orders[:SHOWN]
    debts = [debt for debt in balances.debts_of(reseller_id) if debt.open]
    return {
        "reseller": reseller,
        "today": day,
        "debts": debts,
        "bank": invoices.bank_details(reseller.currency) if debts else None,
        "missing": () if reseller.activated_at else resellers.missing_steps_of(reseller),
        "policy": policies.must_accept_policy(reseller_id) if reseller.is_active else None,
        "terms": balances.terms_now(reseller, day),
        "overdue": late,
        "waiting": waiting,
        "open": balances.open_amounts([order.id for order in [*late, *waiting]]),
        "recent": orders.list_orders(of=reseller_id).orders[:RECENT],
        "balance": Balance(
            in_time=balances.not_due_yet(reseller, day),
            overdue=balances.overdue(reseller, day),
            on_account=balances.credit_on_account(reseller_id, reseller.currency),
        ),
        "months": orders.sums_by_month(reseller_id, reseller.currency, day),
        "state_of": orders.state_of,
    }


def has_licenses(user_id: int) -> bool:
    return bool(db.session.scalar(select(func.count()).where(License.user_id == user_id)))
