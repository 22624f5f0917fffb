"""What each person has to do now, and the way through the pages. Reads all, owns nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from flask import url_for
from sqlalchemy import func, select

from dashboard.clock import today
from dashboard.enquiries import inbox
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.service import Listed as EnquiryRow
from dashboard.extensions import db
from dashboard.invoices.models import Paper
from dashboard.ledger import balances
from dashboard.licenses.models import License
from dashboard.mail import service as mail
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import LicenseState
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.payments import entries
from dashboard.payments.entries import Listed
from dashboard.resellers import applications
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Application, Reseller
from dashboard.tax import certificates
from dashboard.tax.certificates import Listed as Certificate
from dashboard.web.access import Actor, Permission
from dashboard.web.pages import Link
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

T = TypeVar("T")

#: Rows that one section of a queue shows.
SHOWN = 10


def navigation(actor: Actor) -> list[Link]:
    """The pages that this actor can go to, most used first; what belongs together is a group."""
    account = pgettext("money of a reseller", "Account")
    held = pgettext("group of pages", "Licenses")
    money, partners = pgettext("group of pages", "Money"), pgettext("group of pages", "Resellers")
    administration = pgettext("group of pages", "Administration")
    entries = [
        (Permission.SIGNED_IN, "", _("Home"), "home.index"),
        (Permission.VIEW_PARTNER_PRICES, "", _("Prices"), "catalog.prices"),
        (Permission.VIEW_OWN_ORDERS, "", _("Orders"), "orders.index"),
        (Permission.VIEW_OWN_ORDERS, "", _("Quotes"), "quotes.index"),
        (Permission.VIEW_OWN_ORDERS, held, _("Your customers' licenses"), "company_licenses.index"),
        (Permission.VIEW_OWN_ORDERS, "", account, "account.show"),
        (Permission.VIEW_OWN_ENQUIRIES, "", _("Enquiries"), "enquiries.index"),
        (Permission.VIEW_OWN_COMPANY, "", _("Company"), "resellers.company"),
        (Permission.VIEW_ALL_ORDERS, "", _("Orders"), "staff_orders.index"),
        (Permission.CONFIRM_PAYMENTS, money, _("Payments"), "staff_payments.index"),
        (Permission.VIEW_ALL_ORDERS, money, _("Invoices"), "staff_invoices.index"),
        (Permission.VIEW_ALL_ORDERS, money, _("Monthly statements"), "staff_statements.index"),
        (Permission.VIEW_REPORTS, money, _("Reports"), "reports.index"),
        (Permission.REVIEW_RESELLERS, partners, _("Applications"), "staff_resellers.applications"),
        (Permission.REVIEW_RESELLERS, partners, _("All resellers"), "staff_resellers.index"),
        (Permission.ANSWER_ENQUIRIES, partners, _("Enquiries"), "staff_enquiries.index"),
        (Permission.REVIEW_RESELLERS, partners, _("Exemption certificates"), "staff_tax.index"),
        (Permission.VIEW_MAIL, "", _("Letters"), "staff_mail.index"),
        (Permission.EDIT_CATALOG, administration, _("Catalog"), "staff_catalog.index"),
        (Permission.EDIT_TEXTS, administration, _("Texts"), "staff_texts.index"),
        (Permission.TRANSLATE, administration, _("Translations"), "translations.index"),
        (Permission.VIEW_SETTINGS, administration, _("Settings"), "staff_settings.index"),
        (Permission.VIEW_OWN_LICENSES, held, _("My licenses"), "customers.licenses"),
    ]
    hidden = {"customers.licenses"} if actor.is_staff else set()
    if not actor.is_active_reseller:
        hidden.add("catalog.prices")  # closed until the company's steps are done, which home lists (R5)
    also = {
        "account.show": (url_for("statements.index"), url_for("invoices.index")),
        "orders.index": (url_for("checkout.order"),),
    }
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
    name: str  #: the license's serial, or the number of the paper or quote
    order_id: str
    error: str
    given_up: bool


@dataclass(frozen=True)
class Group(Generic[T]):
    """What waits of one kind: the first of it, and how much there is."""

    rows: list[T]
    count: int

    @classmethod
    def of(cls, all_: list[T]) -> Group[T]:
        return cls(all_[:SHOWN], len(all_))

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)


@dataclass(frozen=True)
class StaffQueue:
    """What waits for a person; empty on a good day."""

    applications: Group[Application]
    listings: Group[Reseller]
    certificates: Group[Certificate]
    tax_numbers: Group[Reseller]
    temporary: Group[Order]
    failing: Group[Letter]
    stuck: Group[StuckEffect]
    entries: Group[Listed]  #: of the bank's statements
    enquiries: Group[EnquiryRow]  #: that wait for us
    mails_waiting: int  #: that could not be filed by themselves
    overdue: Group[Order]  #: reminded of by themselves; staff may look into them
    waiting: list[Order]
    open: dict[str, Money]  #: what is still to be paid of those that are overdue or wait, by order
    today: date

    @property
    def counts(self) -> dict[str, int]:
        """What a person has to act on, by its kind; a transfer on its way is not among it."""
        return {
            "applications": self.applications.count,
            "listings": self.listings.count,
            "temporary": self.temporary.count,
            "failing": self.failing.count,
            "certificates": self.certificates.count,
            "tax_numbers": self.tax_numbers.count,
            "stuck": self.stuck.count,
            "entries": self.entries.count,
            "enquiries": self.enquiries.count,
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
    waiting, day = orders.oldest_open(SHOWN), today()
    overdue = Group(*orders.oldest_overdue(SHOWN))
    stuck, stuck_waiting = outbox.stuck(SHOWN, but="mail")  # letters tell of themselves
    listings = resellers.list_resellers(only="check")
    numbers, numbers_waiting = resellers.numbers_to_confirm()
    return StaffQueue(
        applications=Group.of(applications.list_waiting()),
        listings=Group(listings.resellers[:SHOWN], listings.to_check),
        certificates=Group.of(certificates.waiting()),
        tax_numbers=Group(numbers, numbers_waiting),
        temporary=Group.of(
            list(db.session.scalars(asked.options(orders.WITH_RESELLER_NAME).order_by(Order.placed_at)))
        ),
        failing=Group(*mail.oldest_failing(SHOWN)),
        stuck=Group([_stuck(item) for item in stuck], stuck_waiting),
        entries=Group(entries.list_entries("waiting", limit=SHOWN), entries.count_waiting()),
        enquiries=Group(enquiries.oldest_waiting(SHOWN), enquiries.count_waiting()),
        mails_waiting=inbox.count_waiting(),
        overdue=overdue,
        waiting=waiting,
        open=balances.open_amounts(list({order.id for order in [*overdue.rows, *waiting]})),
        today=day,
    )


def _stuck(item: OutboxItem) -> StuckEffect:
    """An effect with what it is about, if that is a license, a paper or a quote."""
    license_ = db.session.get(License, item.payload.get("license_id", 0))
    paper = db.session.get(Paper, item.payload.get("paper_id", 0))
    about = license_ or paper
    name = license_.serial if license_ else paper.number if paper else item.payload.get("quote_id", "")
    order_id = about.order_id if about else ""
    return StuckEffect(item.id, item.kind, name, order_id, item.error, item.failed_at is not None)


def has_licenses(user_id: int) -> bool:
    return bool(db.session.scalar(select(func.count()).where(License.user_id == user_id)))
