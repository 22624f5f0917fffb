"""Make quotes: drafts, versions, the issued paper, and the order that one becomes (R25)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from dashboard import chance
from dashboard.accounts import service as accounts
from dashboard.audit import service as audit
from dashboard.catalog import service as catalog
from dashboard.checkout import service as checkout
from dashboard.checkout.models import Draft
from dashboard.checkout.rules import Buyer, Origin
from dashboard.checkout.rules import Contents as OrderContents
from dashboard.clock import today, utcnow
from dashboard.documents import service as documents
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db, get_row, insert_once, locking
from dashboard.orders.models import Order
from dashboard.outbox import service as outbox
from dashboard.quotes.models import Quote
from dashboard.quotes.papers import snapshot_of
from dashboard.quotes.rules import (
    VALID_DAYS,
    Contents,
    QuoteSnapshot,
    amounts,
    id_of,
    number_of,
)
from dashboard.resellers import service as resellers
from dashboard.typed import search_text

#: Outbox effect that draws a quote.
RENDER = "quotes.render"


class NoDraft(Refused):
    """What was issued does not change: a changed quote is another version."""

    def __init__(self) -> None:
        super().__init__(N_("This quote was issued and does not change any more. Make a new version of it."))


def get_quote(quote_id: str, *, of: int, lock: bool = False) -> Quote:
    """A quote of a reseller.

    Raises:
        NotFound: if there is none, or it is another reseller's (R26).
    """
    return get_row(select(Quote).where(Quote.id == quote_id, Quote.reseller_id == of), lock=lock)


def orders_of(quote_id: str) -> list[str]:
    """The orders that were placed from a quote, the first first: each member may have begun one."""
    placed = select(Order.id).where(Order.quote_id == quote_id)
    return list(db.session.scalars(placed.order_by(Order.placed_at, Order.id)))


def blank(reseller_id: int, language: str) -> Contents:
    """A new quote in the making: tax and terms are those of the company's latest one, for they seldom change."""
    query = select(Quote.tax_label, Quote.tax_rate, Quote.terms).where(Quote.reseller_id == reseller_id)
    latest = db.session.execute(query.order_by(Quote.created_at.desc(), Quote.id.desc()).limit(1)).first()
    label, rate, terms = latest or ("", 0, "")
    return Contents((), {"language": language}, today() + timedelta(days=VALID_DAYS), label, rate, terms)


def begin(
    of: Buyer, contents: Contents, *, submit_key: str, origin: Origin | None = None, by_button: bool = True
) -> Quote:
    """A new draft; the same `submit_key` again is the one that it began, with what was typed since. If that was issued
    meanwhile, it stays as it is: the button was pressed twice.

    Raises:
        Overtaken: as `save`.
    """
    quote = _by_key(of.reseller_id, submit_key, lock=True)
    if quote is None:
        currency = resellers.get_reseller(of.reseller_id).currency
        quote = _insert(of, currency, submit_key=submit_key)
    if quote.issued_at is None:
        _keep(quote, contents, origin or Origin(quote.revision), by_button=by_button)
    return quote


def save(quote_id: str, of: int, contents: Contents, origin: Origin | None, *, by_button: bool = True) -> Quote:
    """Keep what was typed into a draft.

    Args:
        origin: of the page in which it was typed; None if what is kept was seen to differ and is to give way.

    Raises:
        NotFound: as `get_quote`.
        NoDraft: if it was issued.
        Overtaken: if a colleague, or the member in another window, has changed it since the page was made.
    """
    quote = get_quote(quote_id, of=of, lock=True)
    _keep(quote, contents, origin or Origin(quote.revision), by_button=by_button)
    return quote


def discard(quote_id: str, of: int, origin: Origin) -> None:
    """Forget a draft as the page showed it.

    Raises:
        as `save`.
    """
    quote = get_quote(quote_id, of=of, lock=True)
    if quote.issued_at is not None:
        raise NoDraft
    if not quote.follows(origin):
        raise checkout.Overtaken
    db.session.delete(quote)


def issue(quote_id: str, of: int) -> Quote:
    """Freeze a draft as it is now, and have the worker draw it; an older version of it is withdrawn.
    Issued already, nothing happens: the button was pressed twice.

    Raises:
        NotFound: as `get_quote`.
        InvalidInput: if it has no line, its last day has passed, or a SKU is not offered any more.
    """
    quote = get_quote(quote_id, of=of, lock=True)
    if quote.issued_at is not None:
        return quote
    if not quote.lines:
        raise InvalidInput(N_("Add at least one product."))
    if quote.valid_until < today():
        raise InvalidInput(N_("This day has passed. Choose a later one."))
    offered = catalog.priced({line["sku"] for line in quote.lines}, quote.currency, today())
    member = accounts.get_user(quote.made_by)
    reseller = resellers.get_reseller(of)
    quote.snapshot = snapshot_of(quote, reseller, (member.name, member.email), offered, today()).to_json()
    quote.issued_at = utcnow()
    for older in db.session.scalars(select(Quote).where(Quote.number == quote.number, Quote.version < quote.version)):
        older.withdrawn_at = older.withdrawn_at or utcnow()
    db.session.flush()
    audit.record("quote.issued", f"quote:{quote.id}")
    outbox.put(RENDER, f"{RENDER}:{quote.id}", quote_id=quote.id, reseller_id=of)
    return quote


def logo_of(content: QuoteSnapshot) -> bytes:
    """The picture that stands on a paper; empty if it has none."""
    return documents.read(content.logo) if content.logo else b""


def rendered(quote_id: str, of: int, drawn: bytes) -> None:
    """Note what the worker has drawn; drawn twice, the first document stays."""
    quote = get_quote(quote_id, of=of, lock=True)
    quote.document_digest = quote.document_digest or documents.keep(drawn, "application/pdf")


def withdraw(quote_id: str, of: int) -> None:
    """The reseller does not stand by it any more. The paper stays where it is; withdrawn twice, nothing happens.

    Raises:
        NotFound: as `get_quote`.
        Refused: if it is a draft, or was ordered.
    """
    quote = _issued(quote_id, of)
    if orders_of(quote.id):
        raise Refused(N_("This quote was ordered already."))
    if quote.withdrawn_at is None:
        quote.withdrawn_at = utcnow()
        audit.record("quote.withdrawn", f"quote:{quote.id}")


def change(quote_id: str, of: Buyer) -> str:
    """A draft of the next version; the present one holds until that is issued. Asked twice, there is one draft.

    Returns:
        the draft's id.

    Raises:
        NotFound: as `get_quote`.
        Refused: if it is a draft, or was ordered.
    """
    quote = _issued(quote_id, of.reseller_id)
    if orders_of(quote.id):
        raise Refused(N_("This quote was ordered already."))
    newest = db.session.scalars(
        select(Quote).where(Quote.number == quote.number).order_by(Quote.version.desc()).limit(1)
    ).one()
    if newest.issued_at is None:
        return newest.id
    made = _insert(of, quote.currency, submit_key=f"{quote.number}/{newest.version + 1}", after=newest)
    _write(made, _still_valid(quote.contents))
    return made.id


def copy(quote_id: str, of: Buyer, *, submit_key: str) -> str:
    """A draft like another quote, under a number of its own.

    Returns:
        the draft's id.

    Raises:
        NotFound: as `get_quote`.
    """
    quote = get_quote(quote_id, of=of.reseller_id)
    made = _by_key(of.reseller_id, submit_key)
    if made is None:
        made = _insert(of, quote.currency, submit_key=submit_key)
        _write(made, _still_valid(quote.contents))
    return made.id


def make_order(quote_id: str, of: Buyer) -> str:
    """The order form filled in from a quote: what it costs the reseller is said there, at today's prices (R10).
    A member's draft that was begun before and not placed is gone on with.

    Returns:
        the order draft's id.

    Raises:
        NotFound: as `get_quote`.
        AlreadyPlaced: if it was ordered.
        Refused: if it is a draft, or withdrawn.
    """
    quote = _issued(quote_id, of.reseller_id)
    if placed := orders_of(quote.id):
        raise checkout.AlreadyPlaced(placed[0])
    if quote.withdrawn_at is not None:
        raise Refused(N_("This quote was withdrawn."))
    begun = select(Draft.id).where(Draft.quote_id == quote.id, Draft.user_id == of.user_id)
    if draft_id := db.session.scalar(begun.limit(1)):
        return draft_id
    lines = tuple((line.sku, line.quantity) for line in quote.contents.lines)
    contents = OrderContents(lines, dict(quote.customer), quote.reference or quote.id)
    return checkout.begin_from_quote(of, quote.id, contents)


def newer_version_of(quote: Quote) -> Quote | None:
    """The newest version of a quote, if it is not this one."""
    newer = select(Quote).where(Quote.number == quote.number, Quote.version > quote.version)
    return db.session.scalar(newer.order_by(Quote.version.desc()).limit(1))


def _issued(quote_id: str, of: int) -> Quote:
    quote = get_quote(quote_id, of=of, lock=True)
    if quote.issued_at is None:
        raise Refused(N_("This quote is a draft still. Issue it first."))
    return quote


def _by_key(reseller_id: int, submit_key: str, *, lock: bool = False) -> Quote | None:
    query = select(Quote).where(Quote.reseller_id == reseller_id, Quote.submit_key == submit_key)
    return db.session.scalar(locking(query, lock=lock))


def _insert(of: Buyer, currency: str, *, submit_key: str, after: Quote | None = None) -> Quote:
    """An empty draft under a number that no other has, or as the next version of one."""
    if not submit_key or len(submit_key) > 40:
        raise NotFound
    version = after.version + 1 if after else 1
    while True:
        number = after.number if after else number_of(chance.source().randrange(10_000_000, 100_000_000))
        new = insert_once(
            Quote, id=id_of(number, version), number=number, version=version, reseller_id=of.reseller_id,
            submit_key=submit_key, made_by=of.user_id, made_by_name=accounts.get_user(of.user_id).name,
            currency=currency, lines=[], customer={}, valid_until=today(),
        )  # fmt: skip
        made = _by_key(of.reseller_id, submit_key)
        if new or made:
            assert made is not None
            return made


def _still_valid(contents: Contents) -> Contents:
    """The same, good for the usual time from today on."""
    return Contents(**{**vars(contents), "valid_until": today() + timedelta(days=VALID_DAYS)})


def _keep(quote: Quote, contents: Contents, origin: Origin, *, by_button: bool) -> None:
    if quote.issued_at is not None:
        raise NoDraft
    if not quote.follows(origin):
        if quote.contents == contents:
            return  # the button was pressed twice
        raise checkout.Overtaken
    quote.mark_kept(origin, by_button=by_button)
    _write(quote, contents)


def _write(quote: Quote, contents: Contents) -> None:
    quote.lines = [vars(line) for line in contents.lines]
    quote.customer, quote.valid_until = contents.customer, contents.valid_until
    quote.tax_label, quote.tax_rate = contents.tax_label, contents.tax_rate
    quote.terms, quote.note, quote.reference = contents.terms, contents.note, contents.reference
    quote.total_minor = amounts(contents.lines, contents.tax_rate, quote.currency).total.minor
    words = [quote.id, *(contents.customer.get(fact, "") for fact in ("company", "name", "email")), quote.reference]
    quote.search_text = search_text(*words, *(line.sku for line in contents.lines), quote.made_by_name)
    db.session.flush()
