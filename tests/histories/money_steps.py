"""Steps of a history in which money moves: transfers by hand, the bank's files, and what staff decide."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from dashboard.fulfilment import bank_entries, bookkeeping, transfers
from dashboard.ledger import balances
from dashboard.ledger.references import statement_reference
from dashboard.money import Money
from dashboard.orders.rules import first_of_month
from tests.histories.steps import step
from tests.histories.world import CURRENCIES, Nothing, World, major, pick
from tests.payments.camt import Payment

NUMBER = st.integers(0, 7)
BACK = st.sampled_from([0, 0, 1, 4, 15, 40])
#: How a transfer compares with what it is for.
AMOUNT = st.sampled_from(["full", "full", "full", "short", "half", "excess", "double"])
HOW = st.sampled_from(["reference", "reference", "id", "invoice", "statement", "name", "nobody"])


def amount_of(kind: str, open_: int, interest: int = 0) -> int:
    """The minor units of a transfer."""
    amounts = {
        "full": open_ + interest, "short": open_ - 1_500, "half": open_ // 2, "excess": open_ + 12_345,
        "double": 2 * open_ + 700,
    }  # fmt: skip
    return max(amounts[kind], 1)


class MoneySteps:
    """To be mixed into a history."""

    world: World

    @step(3, number=NUMBER, kind=AMOUNT, back=BACK)
    def confirm_by_hand(self, number: int, kind: str, back: int) -> None:
        """Staff confirm a transfer for one order, and press the button twice."""
        world = self.world
        order = pick(world.books.open_orders(), number)
        amount = Money(amount_of(kind, world.books.on(order.id, "principal")), order.currency)
        day, key = world.today - timedelta(days=back), f"hand{world.steps}"
        for _ in range(2):
            world.do(
                lambda: (
                    transfers.confirm_payment(
                        order.id, amount, day, text="by hand", staff_id=world.staff, submit_key=key
                    ).id
                )
            )
        world.by_hand[key] = amount.minor

    @step(5, number=NUMBER, how=HOW, kind=AMOUNT, back=BACK, foreign=st.integers(0, 9), with_id=st.booleans())
    def money_comes(self, number: int, how: str, kind: str, back: int, **chance: int) -> None:
        """The bank books a transfer; no file tells of it yet. One of ten is in another currency."""
        world = self.world
        order = pick(world.books.open_orders() or list(world.books.orders.values()), number)
        text = {
            "reference": order.reference, "id": f"order {order.id}", "invoice": order.invoice_number or "?",
            "statement": statement_reference(first_of_month(world.today, 0), order.reseller_id),
        }.get(how, "software")  # fmt: skip
        own = world.currency[order.reseller_id]
        currency = own if chance["foreign"] < 9 else next(one for one in CURRENCIES if one != own)
        name = "Somebody" if how == "nobody" else world.names[order.reseller_id]
        account = f"GB29NWBK6016133192681{0 if how == 'nobody' else order.reseller_id}"
        minor = amount_of(kind, world.books.on(order.id, "principal"), world.books.on(order.id, "interest"))
        world.bring(currency, Payment(
            major(minor), text, name, account, "id" if chance["with_id"] else "",
            value_day=world.today - timedelta(days=back),
        ))  # fmt: skip

    @step(1, currency=st.sampled_from(CURRENCIES), number=NUMBER)
    def the_same_money_comes_again(self, currency: str, number: int) -> None:
        """Two equal genuine transfers on one day are two."""
        came = [one for one in self.world.accounts[currency].entries if not one.reversal]
        self.world.bring(currency, pick(came[-3:], number))

    @step(1, currency=st.sampled_from(CURRENCIES), number=NUMBER)
    def money_goes_back(self, currency: str, number: int) -> None:
        """The bank takes a transfer back."""
        one = pick([one for one in self.world.accounts[currency].entries if not one.reversal], number)
        self.world.bring(currency, Payment(f"-{one.amount}", f"returned {one.text}", one.name, reversal=True))

    @step(5, currency=st.sampled_from(CURRENCIES), first=st.integers(0, 3), days=st.sampled_from([1, 1, 2, 5, 99]),
          order=NUMBER, book=st.sampled_from(["all", "all", "half", "none"]))  # fmt: skip
    def import_a_file(self, currency: str, first: int, days: int, order: int, book: str) -> None:
        """A file of some whole days, in any order; others of the same days may have come before."""
        account = self.world.accounts[currency]
        wanted = account.days()[first : first + days]
        if not wanted:
            raise Nothing
        matched = self.world.keep(account.file(wanted, Random(order)))
        self._book(matched[: {"all": None, "half": len(matched) // 2, "none": 0}[book]])

    @step(1, order=NUMBER)
    def import_everything_again(self, order: int) -> None:
        """Replayed, in another order, all days in one file: nothing is kept that was known (R18)."""
        world = self.world
        for account in world.accounts.values():
            known = {one.day for number, one in enumerate(account.entries) if number in account.told and one.day}
            if known:
                self._book(world.keep(account.file(known, Random(order))))  # also what came later on those days
                world.books.refresh()
                before = [(one.id, one.state) for one in world.books.bank_entries], len(world.books.entries)
                assert world.keep(account.file(known, Random(order + 1))) == []
                world.books.refresh()
                assert before == ([(one.id, one.state) for one in world.books.bank_entries], len(world.books.entries))

    @step(1)
    def the_worker_books_what_is_matched(self) -> None:
        self._book([one.id for one in self._entries("matched")])

    @step(3, number=NUMBER, whose=NUMBER, many=st.integers(0, 2), choice=NUMBER)
    def staff_decide(self, number: int, whose: int, many: int, choice: int) -> None:
        """Staff book what waits: for orders or supplementary invoices that they choose, or on account."""
        world = self.world
        entry = pick(self._entries("waiting"), number)
        reseller = entry.reseller_id or pick(world.resellers, whose)
        own = [
            one.id for one in world.books.receivables.values()
            if one.reseller_id == reseller and world.books.on(one.id, "principal")
        ]  # fmt: skip
        chosen = list(dict.fromkeys(pick(own, choice + shift) for shift in range(min(many, len(own)))))
        world.do(lambda: bank_entries.decide(entry.id, reseller, chosen, staff_id=world.staff).id)

    @step(1, number=NUMBER)
    def staff_dismiss(self, number: int) -> None:
        entry = pick(self._entries("waiting"), number)
        self.world.do(lambda: bank_entries.dismiss(entry.id, "none of ours", staff_id=self.world.staff))

    @step(1, number=NUMBER)
    def staff_undo_an_entry(self, number: int) -> None:
        entry = pick(self._entries("booked", "dismissed")[::-1], number)
        self.world.do(lambda: bank_entries.undo(entry.id, "not theirs", staff_id=self.world.staff))

    @step(1, number=NUMBER)
    def staff_undo_a_transfer(self, number: int) -> None:
        transfer = pick(list(self.world.books.transfers)[::-1], number)
        self.world.do(lambda: bank_entries.undo_transfer(transfer, "not theirs", staff_id=self.world.staff))

    @step(1, number=NUMBER)
    def staff_settle_a_return(self, number: int) -> None:
        """Money that went back belongs to a transfer of the same sum."""
        world = self.world
        entry = pick([one for one in self._entries("waiting") if one.minor < 0], number)
        transfer = pick([one.id for one in world.books.transfers.values() if one.minor == -entry.minor], number)
        world.do(lambda: bank_entries.settle_return(entry.id, transfer, "recalled", staff_id=world.staff))

    @step(1, whose=NUMBER, part=st.sampled_from([1, 2, 3]))
    def refund(self, whose: int, part: int) -> None:
        """Credit on account is paid back, wholly or in part."""
        world = self.world
        reseller = pick(world.resellers, whose)
        currency = world.currency[reseller]
        free = world.books.standing(reseller, currency, world.today)[3] // part
        if free <= 0:
            raise Nothing
        seen, amount = world.look(lambda: balances.newest_entry(reseller)), Money(free, currency)
        if world.do(lambda: bookkeeping.refund(reseller, amount, world.today, "asked for it", seen=seen) or True):
            world.refunded[reseller] += free

    def _book(self, entry_ids: Any) -> None:
        """What is matched is booked, or waits for a person: it is never refused, else the worker would try for days."""
        for entry_id in entry_ids:
            assert self.world.do(lambda id_=entry_id: bank_entries.book_matched(id_)) is not None

    def _entries(self, *states: str) -> list[Any]:
        return [one for one in self.world.books.bank_entries if one.state in states]
