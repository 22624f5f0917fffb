"""What the bank told the small world of the walkers."""

from __future__ import annotations

from dashboard.accounts.models import User
from dashboard.banking.service import read_statement
from dashboard.extensions import db
from dashboard.fulfilment import bank_entries
from dashboard.orders.models import Order
from dashboard.payments import imports, uploads
from dashboard.payments.models import BankEntry, Transfer
from dashboard.web.transactions import transaction
from tests.payments.camt import Payment, camt


def import_file(order: Order, staff: User) -> tuple[int, int, int, str]:
    """A file with an entry of each kind is booked, another one only uploaded; file, waiting entry, transfer, digest."""
    entries = (
        Payment("3391.17", f"{order.reference} and more"),
        Payment("2791.53", "no word", name="Somebody"),
        Payment("-3391.17", "sent back", reversal=True),
    )
    by, data = staff.id, camt(*entries)
    db.session.commit()  # an import has transactions of its own
    kept = imports.keep(imports.preview(read_statement(data)), data, "statement.xml", by=by)
    for entry_id in kept.matched:
        with transaction():
            bank_entries.book_matched(entry_id)
    later = camt(Payment("6571.39", "no word", name="Somebody"))
    digest = uploads.keep_upload(later, "next.xml", uploads.measure(later), by=by)
    waiting = db.session.query(BankEntry).filter_by(state="waiting").first()
    transfer = db.session.query(Transfer).order_by(Transfer.id.desc()).first()
    assert waiting is not None
    assert transfer is not None
    return kept.file_id, waiting.id, transfer.id, digest


def import_more(count: int) -> None:
    """A file of that many entries that nobody can match."""
    data = camt(*(Payment(f"{5831 + number}.47", "no word", name=f"Person {number}") for number in range(count)))
    db.session.commit()
    imports.keep(imports.preview(read_statement(data)), data, "more.xml", by=None)
