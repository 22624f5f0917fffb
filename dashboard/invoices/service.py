"""Issue papers under numbers without gaps, and find them again (R27)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace

from flask import Response
from flask_babel import force_locale
from sqlalchemy import select, update

from dashboard.config import current_settings
from dashboard.documents import service as documents
from dashboard.errors import N_, NotFound, Refused
from dashboard.extensions import db, insert_once
from dashboard.invoices import qr
from dashboard.invoices.models import PAPERS, NumberSeries, Paper
from dashboard.invoices.rules import (
    SERIES,
    BankDetails,
    PaperKind,
    PaperSnapshot,
    Party,
    paper_number,
    pro_forma_number,
)
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import PaymentState
from dashboard.outbox import service as outbox
from dashboard.places import EU_COUNTRIES
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

#: Outbox effect that draws a paper.
RENDER = "invoices.render"


def seller(language: str) -> Party:
    """The vendor as a paper in `language` names it now."""
    vendor = current_settings().vendor
    with force_locale(language):
        registered = (("", vendor.registration),) if vendor.registration else ()
    return Party(
        name=vendor.legal_name,
        address=vendor.address,
        country=vendor.country,
        tax_ids=((tax_label(vendor.country, language), vendor.vat_number), *registered),
        email=vendor.sales_email,
    )


def has_account(currency: str) -> bool:
    """Whether the vendor has an account for a currency: a reseller is given no other (R4), but settings change."""
    return currency in current_settings().vendor.accounts


def bank_details(currency: str) -> BankDetails:
    """The vendor's account for a currency; KeyError if it has none (see `has_account`)."""
    account = current_settings().vendor.accounts[currency]
    return BankDetails(**{name: value for name, value in asdict(account).items() if name != "currency"})


def bank_of_order(order_id: str, currency: str) -> BankDetails | None:
    """Where an order is paid: to the vendor's account for its currency; if the settings have none any more, to the one
    that stands on the order's newest paper, if there is one.
    """
    if has_account(currency):
        return bank_details(currency)
    papers = find_papers(order_id)
    return papers[-1].content.bank if papers else None


def transfer_code(number: str, amount: Money, reference: str, bank: BankDetails) -> str:
    """The QR code by which a banking app pays what is open today (R19), as the address of a picture on a page.

    Args:
        number: of the paper or statement that asks for it.

    Returns:
        empty where there is none: for a currency without a standard, or nothing to pay.
    """
    return qr.picture_of(qr.Open(number, amount, reference, bank))


def tax_label(country: str, language: str) -> str:
    """What a country calls the tax number of a company, in `language`."""
    with force_locale(language):
        if country == "RU":
            return pgettext("tax number", "INN")
        if country == "US":
            return pgettext("tax number", "EIN")
        return _("VAT number") if country in EU_COUNTRIES else _("Tax number")


def issue(snapshot: PaperSnapshot, *, reseller_id: int) -> Paper:
    """Issue a paper: number it, keep it, and have the worker draw it.

    The counter stays locked until the transaction ends, so call it last; a transaction that fails takes no number.
    Who needs both counters takes that of the invoices first, so that no two wait for each other.
    A pro-forma is named by its order instead; another one takes the place of the one before.
    """
    kind, year = snapshot.kind, snapshot.issued_on.year
    if kind is PaperKind.PRO_FORMA:
        issued = [one for one in find_papers(snapshot.order_id) if one.kind == kind]
        sequence, number = None, pro_forma_number(snapshot.order_id, len(issued) + 1)
    else:
        sequence = _next_number(kind, year)
        number = paper_number(kind, year, sequence)
    numbered = replace(snapshot, number=number)
    paper = PAPERS[kind](
        series=SERIES[kind].value if kind in SERIES else None,
        year=year,
        sequence=sequence,
        number=number,
        order_id=numbered.order_id,
        reseller_id=reseller_id,
        issued_on=numbered.issued_on,
        currency=numbered.currency,
        total_minor=numbered.total_minor,
        snapshot=numbered.to_json(),
    )
    db.session.add(paper)
    db.session.flush()
    outbox.put(RENDER, f"{RENDER}:{number}", paper_id=paper.id)
    return paper


def get_paper(paper_id: int, *, of: int | None = None) -> Paper:
    """A paper; with `of`, only if it is that reseller's.

    Raises:
        NotFound: if there is none, or it is another reseller's (R26).
    """
    paper = db.session.get(Paper, paper_id)
    if paper is None or (of is not None and paper.reseller_id != of):
        raise NotFound
    return paper


def find_papers(order_id: str) -> list[Paper]:
    """All papers of an order, in the order in which they were issued."""
    return list(db.session.scalars(select(Paper).where(Paper.order_id == order_id).order_by(Paper.id)))


def find_paper(order_id: str, kind: PaperKind) -> Paper | None:
    """The order's latest paper of a kind."""
    return next((paper for paper in reversed(find_papers(order_id)) if paper.kind == kind), None)


def find_invoices(order_ids: Collection[str]) -> list[Paper]:
    """The invoices of some orders with what corrects them, in the order in which they were issued; one statement."""
    query = select(Paper).where(Paper.order_id.in_(order_ids), Paper.kind != PaperKind.PRO_FORMA).order_by(Paper.id)
    return list(db.session.scalars(query))


def withdrawn(order: Order, papers: Sequence[Paper]) -> list[Paper]:
    """Those of an order's papers that ask for what is not to be paid any more: a pro-forma that another one has
    replaced, or any of a cancelled or lapsed order.
    """
    is_over = orders.state_of(order) in {PaymentState.CANCELLED, PaymentState.LAPSED}
    pro_formas = [paper for paper in papers if paper.kind == PaperKind.PRO_FORMA]
    return pro_formas if is_over else pro_formas[:-1]


def download(order: Order, number: str) -> Response:
    """One of an order's papers as a PDF. Invoices and credit notes are the same bytes for ever (R27).

    Raises:
        NotFound: if the order has no such paper.
        Refused: if it is withdrawn, or not drawn yet.
    """
    paper, digest = _drawn(order, number)
    return documents.download(digest, paper.file_name)


def download_xml(order: Order, number: str) -> Response:
    """One of an order's papers as EN 16931 XML, the same bytes for ever (R27).

    Raises:
        NotFound: if the order has no such paper, or it has no XML.
        Refused: as `download`.
    """
    paper, _digest = _drawn(order, number)
    if paper.xml_digest is None:
        raise NotFound
    return documents.download(paper.xml_digest, paper.xml_name)


def as_it_stands(paper: Paper) -> PaperSnapshot:
    """What is to be drawn: a paper as it was issued (R27), save that the pro-forma of a paid order says so (R19)."""
    if paper.kind != PaperKind.PRO_FORMA:
        return paper.content
    return replace(paper.content, paid_on=orders.get_order(paper.order_id).paid_on)


def draw_pro_forma_anew(order_id: str) -> None:
    """Have the order's pro-forma, if any, drawn as it stands now: paid, it has no QR code (R19); open again, it has.
    Nobody gets the old one.
    """
    paper = find_paper(order_id, PaperKind.PRO_FORMA)
    if paper is not None:
        db.session.execute(update(Paper).where(Paper.id == paper.id).values(document_digest=None))
        outbox.put_again(RENDER, f"{RENDER}:{paper.number}", paper_id=paper.id)


def rendered(paper_id: int, drawn: PaperSnapshot, digest: str, xml_digest: str | None = None) -> None:
    """Note the document that shows `drawn`, and its XML; the first stay, however often a paper is drawn (R27).

    A pro-forma that was paid while it was being drawn is left to the drawing that `draw_pro_forma_anew` asked for: the
    lock makes the one wait for the other.
    """
    paper = db.session.get_one(Paper, paper_id, with_for_update=True, populate_existing=True)
    if paper.document_digest is None and as_it_stands(paper) == drawn:
        noted = {"document_digest": digest, "xml_digest": xml_digest}
        db.session.execute(update(Paper).where(Paper.id == paper_id).values(noted))


def _drawn(order: Order, number: str) -> tuple[Paper, str]:
    """The order's paper of that number, and the digest of its PDF."""
    papers = find_papers(order.id)
    for paper in papers:
        if paper.number == number:
            if paper in withdrawn(order, papers):
                raise Refused(N_("This pro-forma is not to be paid any more."))
            if paper.document_digest is None:
                raise Refused(N_("The document is being made. Please try again in a few seconds."))
            return paper, paper.document_digest
    raise NotFound


def _next_number(kind: PaperKind, year: int) -> int:
    series = SERIES[kind].value
    insert_once(NumberSeries, series=series, year=year, last=0)
    taken = (
        update(NumberSeries)
        .where(NumberSeries.series == series, NumberSeries.year == year)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
    )
    return int(db.session.execute(taken).scalar_one())
