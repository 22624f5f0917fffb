"""What must hold whatever has happened: each rule is a function over the books that finds nothing wrong, or says what.

Figures are summed up here from plain rows and compared with what the program says, so that both would have to be wrong
in the same way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from dashboard.clock import today
from dashboard.invoices.rules import SERIES, PaperKind
from dashboard.ledger import balances
from dashboard.ledger.extracts import Extract, Part
from dashboard.licenses.rules import LicenseKind
from dashboard.money import Money
from dashboard.orders.rules import LicenseState
from dashboard.statements.rules import Movement, Span, age_of, interest, pieces
from tests.histories.books import Books, days_of

OPENED = ("order", "supplement", "opening")
#: What lets principal be owed no more without anybody having paid it.
LESS = ("bank_fee", "credit_note", "cancellation", "write_off", "tax_credit")


def check(books: Books) -> None:
    """Everything that the rows alone can tell."""
    check_signs(books)
    check_receivables(books)
    check_transfers(books)
    check_orders(books)
    check_papers(books)
    check_bank_entries(books)
    check_interest(books)


def check_signs(books: Books) -> None:
    """Nothing is negative that must not be (R18)."""
    for (receivable, account), minor in books.open_sums.items():
        if account != "credit":
            assert minor >= 0, f"{account} of {receivable}: {minor}"
    for one in books.receivables.values():
        is_open = any(books.open_sums.get((one.id, account)) for account in ("principal", "interest"))
        assert one.is_open == is_open, f"{one.id} is noted wrongly as open, or as not"
    for transfer, minor in books.free.items():
        assert minor <= 0, f"more than all of transfer {transfer} was spent: {minor}"


def check_receivables(books: Books) -> None:
    """What was opened is paid, forgiven, taken back or open (R18); nothing is open on what is cancelled (R12)."""
    for id_, one in books.receivables.items():
        opened, paid = books.on(id_, "principal", *OPENED), -books.on(id_, "principal", "allocation")
        less, open_ = -books.on(id_, "principal", *LESS), books.on(id_, "principal")
        assert opened > 0
        assert paid >= 0
        assert less >= 0
        assert opened == paid + less + open_, f"{id_}: {opened} is not {paid} + {less} + {open_}"
        if one.cancelled_on is not None:
            assert (open_, paid, books.on(id_, "interest")) == (0, 0, 0), f"{id_} is cancelled"


def check_transfers(books: Books) -> None:
    """Each transfer's money is on what it paid, paid back, or on account; an undone one left nothing (R18)."""
    spent: dict[int | None, int] = defaultdict(int)
    sums: dict[int | None, Counter[str]] = defaultdict(Counter)
    halves: dict[tuple[int, str], int] = defaultdict(int)
    for one in books.entries:
        if one.transfer is not None:
            sums[one.transfer][one.kind if one.kind != "allocation" else f"allocation {one.account}"] += one.minor
        if one.kind == "allocation":
            spent[one.transfer] += one.minor
            halves[one.reseller, one.currency] += one.minor
    assert not any(spent.values()), "the halves of an allocation differ"
    assert not any(halves.values())
    for id_, transfer in books.transfers.items():
        if transfer.undone_at is not None:
            assert not any(sums[id_].values()), f"transfer {id_} was undone: {sums[id_]}"
            continue
        on_account = -books.free.get(id_, 0)
        paid = -sums[id_]["allocation principal"] - sums[id_]["allocation interest"]
        assert transfer.minor == paid + sums[id_]["refund"] + on_account, f"transfer {id_}: {sums[id_]}"
        assert -sums[id_]["transfer"] == transfer.minor


def check_orders(books: Books) -> None:
    """What an order's row says is what the entries, papers and licenses say (R24)."""
    permanent: dict[str, list[Any]] = defaultdict(list)
    for license_ in books.licenses:
        if license_.kind == LicenseKind.PERMANENT:
            permanent[license_.order_id].append(license_)
    for id_, order in books.orders.items():
        receivable = books.receivables[id_]
        assert (order.due_on, order.placed_on) == (receivable.due_on, receivable.placed_on)
        invoices = [paper.number for paper, content in books.papers[id_] if content.kind is PaperKind.INVOICE]
        assert invoices == ([order.invoice_number] if order.invoice_number else []), f"{id_}: one invoice (R27)"
        assert (order.cancelled_at is None) == (receivable.cancelled_on is None)
        assert order.total_minor == order.net_minor + order.tax_minor
        valid = Counter(one.position for one in permanent[id_] if one.revoked_at is None)
        assert set(valid.values()) <= {1}, f"{id_}: one license a line"
        if order.cancelled_at is not None:
            assert not valid, f"{id_} is cancelled, its license is valid"
            continue
        if not order.invoice_number:
            owed = books.on(id_, "principal", "order", "cancellation", "tax_credit")
            assert order.total_minor == owed, f"{id_} costs {order.total_minor}, owed is {owed}"
        is_open = books.on(id_, "principal") > 0
        assert (order.paid_on is None) == is_open, f"{id_}: paid on {order.paid_on}, open is {is_open}"
        assert bool(valid) == (order.license_state == LicenseState.ISSUED), f"{id_}: {order.license_state}, {valid}"
        if order.paid_on is not None and order.written_off_on is None:
            assert valid, f"{id_} is paid and has no license"
            assert order.invoice_number


def check_papers(books: Books) -> None:
    """Numbers have no gap (R27); invoice and credit notes come to nothing once cancelled, else to what is charged."""
    series: dict[tuple[str, int], list[int]] = defaultdict(list)
    for order_id, papers in books.papers.items():
        order = books.orders[order_id]
        for paper, content in papers:
            assert (paper.total_minor, paper.order_id) == (content.total_minor, order_id)
            assert content.total_minor == sum(line.net_minor for line in content.lines) + content.tax_minor
            if content.kind is not PaperKind.PRO_FORMA:
                series[SERIES[content.kind], paper.year].append(paper.sequence)
        if not order.invoice_number:
            continue
        if order.cancelled_at is not None:
            assert books.charges(order_id) == 0, f"{order_id}: invoice and credit note do not come to nothing (R12)"
            continue
        net = sum(content.net_minor for _, content in papers if content.kind is not PaperKind.PRO_FORMA)
        assert order.net_minor == net, f"{order_id}: its papers sell for {net}, its row says {order.net_minor}"
        own = [id_ for id_, one in books.receivables.items() if one.order_id == order_id]
        owed = sum(books.on(id_, "principal", *OPENED, "tax_credit", "credit_note", "cancellation") for id_ in own)
        assert books.charges(order_id) == owed, f"{order_id}: its papers charge another sum than the ledger"
    for name, sequences in series.items():
        assert sorted(sequences) == list(range(1, len(sequences) + 1)), f"{name} has a gap: {sequences}"


def check_bank_entries(books: Books) -> None:
    """Each entry of the bank is booked once: as one transfer of just that sum (R18)."""
    used = Counter(one.transfer_id for one in books.bank_entries if one.transfer_id and one.minor > 0)
    assert set(used.values()) <= {1}, f"one transfer for several entries: {used}"
    for one in books.bank_entries:
        assert (one.state == "booked") == (one.transfer_id is not None)
        if one.transfer_id:
            transfer = books.transfers[one.transfer_id]
            assert (abs(one.minor), one.currency) == (transfer.minor, transfer.currency)
            if one.minor < 0:
                assert transfer.undone_at is not None


def check_interest(books: Books) -> None:
    """Interest is what the overdue principal bears by all that is known; its days are counted once, without a gap
    (R16)."""
    spans: dict[str, dict[Span, int]] = defaultdict(lambda: defaultdict(int))
    for one in books.interest:
        spans[one.receivable_id][Span(one.after, one.until)] += one.minor
    movements: dict[str, list[Movement]] = defaultdict(list)
    for one in books.entries:
        if one.account == "principal" and one.receivable in spans:
            movements[one.receivable].append(Movement(one.day, Money(one.minor, one.currency)))
    for id_, booked in spans.items():
        receivable = books.receivables[id_]
        if receivable.cancelled_on is not None:
            continue
        assert sum(booked.values()) == books.on(id_, "interest", "interest")
        begin = receivable.due_on
        for span in sorted(booked):
            assert span.after == begin, f"{id_}: {span} begins after a gap, or counts days twice"
            begin = span.until
            bears = interest(pieces(movements[id_], span), receivable.interest_rate)
            assert booked[span] == bears, f"{id_}: {span} bears {bears}, booked is {booked[span]}"


def check_figures(books: Books) -> None:
    """What pages show of each reseller today is what the entries come to (R14, R15, R24)."""
    day = today()
    for id_, reseller in books.resellers.items():
        currency = reseller.currency
        now = Extract(id_, currency, until=date.max, due=day).standing()
        shown = tuple(one.minor for one in (now.not_due, now.overdue, now.interest, now.on_account, now.prepaid))
        late = books.standing(id_, currency, day)
        assert shown == late, f"reseller {id_}: {shown} is not {late}"
        assert min(shown) >= 0
        before = sum(books.on(one.id, "principal") for one in books.receivables.values() if one.kind == "opening")
        assert not now.on_account or shown[0] + shown[1] <= before, f"reseller {id_} has money and owes (R18)"
        assert (balances.not_due_yet(reseller, day), balances.overdue(reseller, day)) == (now.not_due, now.overdue)
        assert balances.credit_on_account(id_, currency) == now.on_account
        assert balances.interest_owed(reseller) == now.interest
        total = sum(one.minor for one in books.entries if one.reseller == id_ and one.currency == currency)
        assert now.total.minor == total
        items = balances.open_items(id_, currency)
        assert sum(one.principal.minor for one in items) == sum(shown[0:2]) + shown[4]
        by_age = Counter[str]()
        for one in items:
            by_age[age_of(one.due_on, day) if one.due_on else "prepaid"] += one.principal.minor
        assert by_age["current"] == shown[0]
        assert by_age.total() - by_age["current"] - by_age["prepaid"] == shown[1]
        open_of = {one: rest for one, rest in books.open_sums.items() if one[0] and rest}
        mine = {one for one in open_of if books.receivables[one[0]].reseller_id == id_}
        assert balances.is_settled(id_) == (not mine and not shown[3])
        assert balances.paid_orders(id_) == paid_orders(books, id_)
        owes = any(
            account == "interest" or books.receivables[receivable].due_on for receivable, account in mine
        )  # fmt: skip
        assert (id_ in balances.debtors()) == owes


def check_pro_formas(books: Books) -> None:
    """What may still be paid is asked for as it stands (R12, R27)."""
    for id_, order in books.orders.items():
        if order.paid_on is None and order.cancelled_at is None and order.valid_until and order.valid_until >= today():
            asked = [content for _, content in books.papers[id_] if content.kind is PaperKind.PRO_FORMA][-1]
            assert asked.net_minor == order.net_minor, f"{id_}: its pro-forma asks for {asked.net_minor}"


def paid_orders(books: Books, reseller_id: int) -> int:
    """Orders, and debts from before, that were paid in full and not cancelled (R14)."""
    return sum(
        one.kind != "supplement" and one.cancelled_on is None and not books.on(id_, "principal")
        and not books.on(id_, "principal", "write_off")
        for id_, one in books.receivables.items() if one.reseller_id == reseller_id
    )  # fmt: skip


def check_past(books: Books, day: date) -> None:
    """Rebuilding a past evening from the entries gives what its page shows; nothing was negative then either."""
    for id_, reseller in books.resellers.items():
        then = Extract(id_, reseller.currency, until=day, due=day).standing()
        shown = tuple(one.minor for one in (then.not_due, then.overdue, then.interest, then.on_account, then.prepaid))
        assert shown == books.standing(id_, reseller.currency, day), f"reseller {id_} on {day}"
        for part in Part:
            behind = Extract(id_, reseller.currency, until=day, due=day, part=part)
            entries = behind.lines(before=None, limit=100_000)
            total = sum(behind.amount(entry).minor for entry in entries)
            assert total == getattr(then, part).minor, f"reseller {id_} on {day}: entries behind {part} make {total}"


def check_every_evening(books: Books) -> None:
    """On no day was anything negative: no money paid before it came or was free, or an order before it was placed."""
    of = [one for one in books.entries if one.account != "credit"]
    for (receivable, account), day, minor in days_of(of, lambda one: (one.receivable, one.account)):
        assert minor >= 0, f"{account} of {receivable} was {minor} on {day}"
    free = [one for one in books.entries if one.account == "credit"]
    for transfer, day, minor in days_of(free, lambda one: one.transfer):
        assert minor <= 0, f"{minor} of transfer {transfer} was spent on {day} before it was free"
