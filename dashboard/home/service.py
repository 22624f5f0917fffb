"""What each person has to do now, and the way through the pages. Reads all, owns nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from dashboard.clock import today
from dashboard.enquiries import inbox
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.service import Listed as EnquiryRow
from dashboard.extensions import db
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Paper
from dashboard.ledger import balances
from dashboard.licenses.models import License
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import LicenseState
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.payments import entries
from dashboard.payments.entries import Listed
from dashboard.resellers import applications, policies
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Application, Reseller
from dashboard.statements import service as statements
from dashboard.tax import certificates
from dashboard.tax.certificates import Listed as Certificate
from dashboard.web.access import Actor, Permission
from dashboard.web.pages import Link
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

#: Rows that one section of a queue shows.
SHOWN = 10
#: Orders that a reseller's first page shows.
RECENT = 6


def navigation(actor: Actor) -> list[Link]:
    """The pages that this actor can go to, most used first; what belongs together is a group."""
    account = pgettext("money of a reseller", "Account")
    money, partners = pgettext("group of pages", "Money"), pgettext("group of pages", "Resellers")
    entries = [
        (Permission.SIGNED_IN, "", _("Home"), "home.index"),
        (Permission.VIEW_PARTNER_PRICES, "", _("Prices"), "catalog.prices"),
        (Permission.VIEW_OWN_ORDERS, "", _("Orders"), "orders.index"),
        (Permission.VIEW_OWN_ORDERS, "", account, "account.show"),
        (Permission.VIEW_OWN_ENQUIRIES, "", _("Enquiries"), "enquiries.index"),
        (Permission.VIEW_OWN_COMPANY, "", _("Company"), "resellers.company"),
        (Permission.VIEW_ALL_ORDERS, "", _("Orders"), "staff_orders.index"),
        (Permission.CONFIRM_PAYMENTS, money, _("Payments"), "staff_payments.index"),
        (Permission.VIEW_ALL_ORDERS, money, _("Monthly statements"), "staff_statements.index"),
        (Permission.REVIEW_RESELLERS, partners, _("Applications"), "staff_resellers.applications"),
        (Permission.REVIEW_RESELLERS, partners, _("All resellers"), "staff_resellers.index"),
        (Permission.ANSWER_ENQUIRIES, partners, _("Enquiries"), "staff_enquiries.index"),
        (Permission.REVIEW_RESELLERS, partners, _("Exemption certificates"), "staff_tax.index"),
        (Permission.VIEW_MAIL, "", _("Letters"), "staff_mail.index"),
        (Permission.EDIT_TEXTS, "", _("Texts"), "staff_texts.index"),
        (Permission.VIEW_OWN_LICENSES, "", _("My licenses"), "customers.licenses"),
    ]
    hidden = {"customers.licenses"} if actor.is_staff else set()
    if not actor.is_active_reseller:
        hidden.add("catalog.prices")  # closed until the company's steps are done, which home lists (R5)
    also = {"account.show": (url_for("statements.index"),)}
    groups: dict[str, list[Link]] = {}
    for permission, group, label, endpoint in entries:
        if actor.may(permission) and endpoint not in hidden:
            link = Link(label, url_for(endpoint), also=also.get(endpoint, ()))
            groups.setdefault(group or endpoint, []).append(link)
    return [links[0] if len(links) == 1 else Link(group, "", tuple(links)) for group, links in groups.items()]


@dataclass(frozen=True)
class StuckEffect:
    """Something that the worker cannot do: a file that is not signed, a paper that is not drawn."""

    id: int
    kind: str
    name: str  #: the license's serial or the paper's number
    order_id: str
    error: str
    given_up: bool


@dataclass(frozen=True)
class StaffQueue:
    """What waits for a person; empty on a good day."""

    applications: list[Application]
    listings: list[Reseller]
    certificates: list[Certificate]
    tax_numbers: list[Reseller]
    temporary: list[Order]
    failing: list[Letter]
    stuck: list[StuckEffect]
    entries: list[Listed]  #: of the bank's statements, the first of `entries_waiting`
    entries_waiting: int
    enquiries: list[EnquiryRow]  #: that wait for us, the first of `enquiries_waiting`
    enquiries_waiting: int
    mails_waiting: int  #: that could not be filed by themselves
    waiting: list[Order]
    open: dict[str, Money]  #: what is still to be paid of those that wait, by order

    @property
    def counts(self) -> dict[str, int]:
        """What a person has to act on, by its kind; a transfer on its way is not among it."""
        return {
            "applications": len(self.applications),
            "listings": len(self.listings),
            "temporary": len(self.temporary),
            "failing": len(self.failing),
            "certificates": len(self.certificates),
            "tax_numbers": len(self.tax_numbers),
            "stuck": len(self.stuck),
            "entries": self.entries_waiting,
            "enquiries": self.enquiries_waiting,
            "mails": self.mails_waiting,
        }

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def staff_queue() -> StaffQueue:
    """The queue: applications, what is to be checked, temporary licenses, transfers to match, what fails; orders to be
    paid.
    """
    asked = select(Order).where(
        Order.license_state == LicenseState.ASKED, Order.cancelled_at.is_(None), Order.valid_until >= today()
    )
    failing = select(Letter).where(Letter.error != "", Letter.sent_at.is_(None)).order_by(Letter.id)
    waiting = orders.oldest_open(SHOWN)
    return StaffQueue(
        applications=applications.list_waiting(),
        listings=resellers.list_resellers(only="check").resellers,
        certificates=certificates.waiting(),
        tax_numbers=resellers.numbers_to_confirm(),
        temporary=list(db.session.scalars(asked.options(orders.WITH_RESELLER_NAME).order_by(Order.placed_at))),
        failing=list(db.session.scalars(failing.limit(SHOWN))),
        stuck=[_stuck(item) for item in outbox.stuck(SHOWN, but="mail")],  # letters tell of themselves
        entries=entries.list_entries("waiting", limit=SHOWN),
        entries_waiting=entries.count_waiting(),
        enquiries=enquiries.oldest_waiting(SHOWN),
        enquiries_waiting=enquiries.count_waiting(),
        mails_waiting=inbox.count_waiting(),
        waiting=waiting,
        open=balances.open_amounts([order.id for order in waiting]),
    )


def _stuck(item: OutboxItem) -> StuckEffect:
    """An effect with what it is about, if that is a license or a paper."""
    license_ = db.session.get(License, item.payload.get("license_id", 0))
    paper = db.session.get(Paper, item.payload.get("paper_id", 0))
    about = license_ or paper
    name = license_.serial if license_ else paper.number if paper else ""
    order_id = about.order_id if about else ""
    return StuckEffect(item.id, item.kind, name, order_id, item.error, item.failed_at is not None)


@dataclass(frozen=True)
class Balance:
    """What a reseller owes on credit orders, the interest that was booked, and what it has on account."""

    in_time: Money
    overdue: Money
    interest: Money
    on_account: Money

    @property
    def owed(self) -> Money:
        return self.in_time + self.overdue + self.interest


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
        "supplements": balances.open_supplements(reseller_id),
        "bank": invoices.bank_details(reseller.currency) if debts else None,
        "missing": () if reseller.activated_at else resellers.missing_steps_of(reseller),
        "policy": policies.must_accept_policy(reseller_id) if reseller.is_active else None,
        "credit": orders.credit_of(reseller, day),
        "overdue": late,
        "waiting": waiting,
        "open": balances.open_amounts([order.id for order in [*late, *waiting]]),
        "answered": enquiries.unread_of(reseller_id, SHOWN),
        "recent": orders.list_orders(of=reseller_id).orders[:RECENT],
        "balance": Balance(
            in_time=balances.not_due_yet(reseller, day),
            overdue=balances.overdue(reseller, day),
            interest=balances.interest_owed(reseller),
            on_account=balances.credit_on_account(reseller_id, reseller.currency),
        ),
        "statement": statements.latest_of(reseller_id),
        "months": orders.sums_by_month(reseller_id, reseller.currency, day),
        "state_of": orders.state_of,
    }


def has_licenses(user_id: int) -> bool:
    return bool(db.session.scalar(select(func.count()).where(License.user_id == user_id)))
