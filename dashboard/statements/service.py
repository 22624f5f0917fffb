"""Monthly statements: rehearsed, made once a reseller and month, found again (R17)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import defer

from dashboard.audit import service as audit
from dashboard.clock import today
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db
from dashboard.invoices import service as invoices
from dashboard.jobs import asking
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import Bundle, Receivable
from dashboard.ledger.references import statement_reference
from dashboard.ledger.rules import OpenItem
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import PaymentState, first_of_month
from dashboard.outbox import service as outbox
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Reseller
from dashboard.statements import interest, recipients, rules
from dashboard.statements.models import Statement
from dashboard.statements.rules import StatementRow, StatementSnapshot, ages_of, days_late, statement_number
from dashboard.web.progress import Watch, unwatched
from dashboard.web.transactions import reading, transaction

#: Outbox effects: a month's run, one reseller's statement, its drawing.
RUN, MAKE, RENDER = "statements.run", "statements.make", "statements.render"

#: Statements that a page of a list shows.
PAGE = 40

#: What is told of a run.
MAKING = N_("Making the statements")


def parse_month(text: str) -> date:
    """First day of a month written as `2026-11`.

    Raises:
        InvalidInput: if it is none.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise InvalidInput(N_("Write the month like 2026-11.")) from error


def this_month() -> date:
    """First day of the present month, in the vendor's time zone."""
    return first_of_month(today(), 0)


def next_month() -> date:
    """First day of the coming month."""
    return first_of_month(today(), -1)


def debtors() -> list[int]:
    """Ids of the resellers that a month's run looks at; who owes nothing gets no statement."""
    return balances.debtors()


def start_run(month: date) -> bool:
    """Have the statements made that a month's rehearsal shows; whether nobody has asked for it today (R17).

    Raises:
        Refused: if it is not the present month.
    """
    require_present(month)
    is_new = outbox.put(RUN, f"{RUN}:{month:%Y-%m}:{today()}", month=f"{month:%Y-%m}", again=f":{today()}")
    if is_new:
        audit.record("statements.run", "statements", month=f"{month:%Y-%m}")
    return is_new


def start_long_run(month: date, *, by: int) -> str | None:
    """The same as a job, once a day, if the run is long: its token; None if it is short.

    Raises:
        Refused: if it is not the present month.
    """
    require_present(month)
    if len(debtors()) <= rules.RESELLERS_AT_ONCE:
        return None
    audit.record("statements.run", "statements", month=f"{month:%Y-%m}")
    payload = {"month": f"{month:%Y-%m}"}
    return asking.start("month_run", f"month_run:{month:%Y-%m}:{today()}", by=by, payload=payload)


def require_present(month: date) -> None:
    """A statement says what is owed now: make sure that the month is the present one.

    Raises:
        Refused: if it is over, or has not begun.
    """
    if month > this_month():
        raise Refused(N_("This month has not begun yet."))
    if month < this_month():
        raise Refused(N_("This month is over. What is still owed stands on the statement of the present month."))


def rehearse(reseller_id: int, month: date) -> StatementSnapshot | None:
    """What the run of the present month, or of the coming one, would send to a reseller; None if it gets no
    statement, or has it. Nothing is written.
    """
    if _has_later(reseller_id, month):
        return None
    reseller, on = resellers.get_reseller(reseller_id), max(today(), month)
    items = _items(reseller, on)
    return _snapshot(
        reseller, month, on, items, {item.id: item.interest + interest.accrued(item.id, on) for item in items}
    )


def make_all(month: date, watch: Watch = unwatched) -> list[StatementSnapshot]:
    """Make the statements of all who owe something, each in a transaction of its own. A run that was cut off is simply
    begun anew (R17).
    """
    made = []
    with reading():
        owing = debtors()
    for id_ in watch(owing, MAKING):
        with transaction():
            if statement := make_statement(id_, month):
                made.append(statement.content)
    return made


def rehearse_all(month: date, watch: Watch = unwatched) -> list[StatementSnapshot]:
    """What `make_all` would send; nothing is written."""
    with reading():
        owing = debtors()
        return [content for id_ in watch(owing, MAKING) if (content := rehearse(id_, month))]


@dataclass(frozen=True)
class Rehearsal:
    """What a run would send to some of the resellers that owe something, and whom it would write to."""

    statements: list[tuple[StatementSnapshot, str]]  #: with the address of its letter
    looked_at: int  #: resellers that owe something, in all
    following: int  #: where the next page begins; 0 at the end


def rehearse_page(month: date, *, after: int = 0) -> Rehearsal:
    """A page of a rehearsal: of the resellers with a greater id than `after`."""
    owing = debtors()
    rest = [id_ for id_ in owing if id_ > after]
    found = [(content, recipients.address_of(resellers.get_reseller(id_)))
             for id_ in rest[:PAGE] if (content := rehearse(id_, month))]  # fmt: skip
    return Rehearsal(found, len(owing), rest[PAGE - 1] if len(rest) > PAGE else 0)


def make_statement(reseller_id: int, month: date) -> Statement | None:
    """Make and send a reseller's statement of the present month, once, whoever asks and how often; None if it owes
    nothing or has it. Interest is booked up to today first (R16).
    """
    reseller, on = resellers.get_reseller(reseller_id, lock=True), today()
    if month != this_month() or _has_later(reseller_id, month):
        return None
    for item in balances.open_items(reseller.id, reseller.currency):
        if item.due_on is not None and item.due_on < on:
            interest.book(item.id, on, on)
    items = _items(reseller, on)
    content = _snapshot(reseller, month, on, items, {item.id: item.interest for item in items})
    if content is None:
        return None
    statement = Statement(
        reseller_id=reseller_id,
        month=month,
        number=content.number,
        reference=content.reference,
        issued_on=on,
        currency=content.currency,
        total_minor=content.total_minor,
        snapshot=content.to_json(),
    )
    db.session.add(statement)
    db.session.flush()
    ledger.open_bundle(content.number, reseller_id, month, content.currency, [row.id for row in content.rows])
    outbox.put(RENDER, f"{RENDER}:{content.number}", statement_id=statement.id)
    recipients.write_to(
        reseller, "monthly_statement", key=f"monthly_statement:{content.number}", statement_id=statement.id
    )
    audit.record("statement.sent", f"reseller:{reseller_id}", number=content.number, total=content.total_minor)
    return statement


def _has_later(reseller_id: int, month: date) -> bool:
    """Whether a reseller has a statement of the month, or of a later one: a clock may be set back."""
    found = select(Statement.id).where(Statement.reseller_id == reseller_id, Statement.month >= month)
    return db.session.scalar(found.limit(1)) is not None


def latest_of(reseller_id: int) -> Statement | None:
    """A reseller's newest statement, if it ever got one."""
    query = select(Statement).where(Statement.reseller_id == reseller_id).order_by(Statement.month.desc()).limit(1)
    return db.session.scalar(query.options(defer(Statement.snapshot)))


def get_statement(number: str, *, of: int | None = None) -> Statement:
    """A statement; with `of`, only if it is that reseller's.

    Raises:
        NotFound: if there is none, or it is another reseller's (R26).
    """
    statement = db.session.scalar(select(Statement).where(Statement.number == number))
    if statement is None or (of is not None and statement.reseller_id != of):
        raise NotFound
    return statement


def get_by_id(statement_id: int) -> Statement:
    return db.session.get_one(Statement, statement_id)


def list_statements(*, of: int | None = None, before: int | None = None) -> list[tuple[Statement, str]]:
    """A page of statements with the names of their resellers, the newest first; those with a smaller id than
    `before`.
    """
    query = select(Statement, Reseller.name).join(Reseller, Reseller.id == Statement.reseller_id)
    query = query.options(defer(Statement.snapshot)).order_by(Statement.id.desc()).limit(PAGE)
    if of is not None:
        query = query.where(Statement.reseller_id == of)
    if before is not None:
        query = query.where(Statement.id < before)
    return [(statement, name) for statement, name in db.session.execute(query)]


def open_of(statement: Statement) -> Money:
    """What is open today of all that stands in the total of a statement, with interest booked since."""
    return balances.open_in_all([row.id for row in statement.content.rows], statement.currency)


def document_of(statement: Statement) -> tuple[str, str]:
    """Digest and name of a statement's PDF.

    Raises:
        Refused: if it is not drawn yet.
    """
    if statement.document_digest is None:
        raise Refused(N_("The document is being made. Please try again in a few seconds."))
    return statement.document_digest, statement.file_name


def look_again(reseller_id: int, day: date, *, reopened: Collection[str] = ()) -> None:
    """Note which statements have nothing open any more, and which have again; each is then drawn as it stands (R19).

    Args:
        day: the day of the money that has paid.
        reopened: receivables that are open again, so that statements that were paid may not be.
    """
    query = select(Statement, Bundle.receivable_ids).join(Bundle, Bundle.number == Statement.number)
    query = query.where(Statement.reseller_id == reseller_id).options(defer(Statement.snapshot))
    if not reopened:
        query = query.where(Statement.paid_on.is_(None))
    for statement, receivable_ids in db.session.execute(query).all():
        if statement.paid_on is not None and not set(reopened).intersection(receivable_ids):
            continue
        is_open = balances.open_in_all(receivable_ids, statement.currency).minor > 0
        if is_open != (statement.paid_on is None):
            statement.paid_on, statement.document_digest = None if is_open else day, None
            outbox.put_again(RENDER, f"{RENDER}:{statement.number}", statement_id=statement.id)


def rendered(statement_id: int, paid_on: date | None, digest: str) -> None:
    """Note the document that shows a statement paid, or not; the first one stays, however often it is drawn. One that
    was paid while it was being drawn is left to the drawing that `look_again` asked for.
    """
    db.session.execute(
        update(Statement)
        .where(Statement.id == statement_id, Statement.document_digest.is_(None))
        .where(Statement.paid_on.is_not_distinct_from(paid_on))
        .values(document_digest=digest)
    )


def invoices_of(statement: Statement) -> dict[str, str]:
    """The digests of the invoices of a statement's orders, by their file names.

    Raises:
        Refused: if there are none, such as for debts from before this program, or they are not drawn yet.
    """
    papers = invoices.find_invoices([row.order_id for row in statement.content.rows if row.order_id])
    files = {paper.file_name: paper.document_digest for paper in papers if paper.document_digest is not None}
    if not files:
        raise Refused(N_("There is no invoice to download yet."))
    return files


def _items(reseller: Reseller, on: date) -> list[OpenItem]:
    """What is open: orders on credit, and prepaid ones whose transfer may still come on a day."""
    items = balances.open_items(reseller.id, reseller.currency)
    prepaid = orders.find_orders([item.id for item in items if item.due_on is None])
    waiting = {order.id for order in prepaid if orders.state_of(order, on) is PaymentState.WAITING}
    return [item for item in items if item.due_on is not None or item.interest or item.id in waiting]


def _snapshot(
    reseller: Reseller, month: date, on: date, items: Sequence[OpenItem], interest_of: dict[str, Money]
) -> StatementSnapshot | None:
    facts = _facts(items)
    rows = [_row(item, facts[item.id], interest_of[item.id], on) for item in items]
    owed = tuple(row for row in rows if row.due_on is not None)
    principal = sum(row.open_minor for row in owed)
    late = sum(row.interest_minor for row in owed)
    if principal + late <= 0:
        return None
    language = reseller.document_language
    return StatementSnapshot(
        number=statement_number(month, reseller.id),
        month=month,
        issued_on=on,
        language=language,
        currency=reseller.currency,
        seller=asdict(invoices.seller(language)),
        buyer=_buyer(reseller, language),
        bank=asdict(invoices.bank_details(reseller.currency)),
        reference=statement_reference(month, reseller.id),
        rows=owed,
        prepaid=tuple(row for row in rows if row.due_on is None),
        ages=ages_of(owed, on),
        principal_minor=principal,
        interest_minor=late,
        total_minor=principal + late,
    )


def _facts(items: Iterable[OpenItem]) -> dict[str, tuple[Receivable, Order | None]]:
    """Each receivable with the order that it belongs to; a debt from before this program has none."""
    found = {one.id: one for one in balances.find_receivables([item.id for item in items])}
    of = {order.id: order for order in orders.find_orders([one.order_id for one in found.values() if one.order_id])}
    return {id_: (one, of.get(one.order_id or "")) for id_, one in found.items()}


def _row(item: OpenItem, facts: tuple[Receivable, Order | None], late: Money, on: date) -> StatementRow:
    receivable, order = facts
    return StatementRow(
        id=item.id,
        order_id=order.id if order else "",
        number=receivable.number or (order.invoice_number if order else ""),
        po_number=order.po_number if order else "",
        customer=order.customer if order else "",
        placed_on=item.placed_on,
        due_on=item.due_on,
        total_minor=order.total_minor if order and order.id == item.id else item.principal.minor,
        open_minor=item.principal.minor,
        interest_minor=late.minor,
        days_late=days_late(item.due_on, on) if item.due_on and item.principal.minor else 0,
    )


def _buyer(reseller: Reseller, language: str) -> dict[str, Any]:
    city = " ".join(filter(None, (reseller.city, reseller.state, reseller.postal_code)))
    number = reseller.tax_number
    return {
        "name": reseller.legal_name or reseller.name,
        "address": [line for line in (reseller.street, city) if line],
        "country": reseller.country,
        "tax_ids": [(invoices.tax_label(reseller.country, language), number)] if number else [],
    }
