"""What a reseller gets if it orders now: the table of situations, and what holds in all of them (R14, R15, R18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.errors import Forbidden
from dashboard.extensions import db
from dashboard.ledger import service as ledger
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.references import order_reference
from dashboard.ledger.rules import (
    Account,
    CreditDecision,
    CreditFacts,
    EntryKind,
    OpenItem,
    Reason,
    Remedy,
    Terms,
    decide_credit,
)
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.resellers.models import Reseller
from tests.factories import make_reseller, place
from tests.ledger.situations import Item, Situation, situations, words

SITUATIONS = list(situations())
DAY = date(2026, 3, 12)

#: How good an answer is.
RANK = {None: 0, Terms.PREPAID: 1, Terms.NET30: 2}


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: f"line{one.line}")
def test_R14_R15_the_answer_is_what_the_table_says(situation: Situation) -> None:
    assert words(decide_credit(situation.facts)) == situation.answer


def test_the_table_is_large_and_says_nothing_twice() -> None:
    assert len(SITUATIONS) >= 200
    facts = [replace(one, line=0, answer=("", "", "")) for one in SITUATIONS]
    assert len(facts) == len({repr(one) for one in facts})


@pytest.mark.usefixtures("app")
def test_R14_R15_the_same_from_the_entries_of_the_ledger(settings: Callable[..., Any]) -> None:
    """Every situation of the table as it comes about: orders, transfers, cancellations, interest."""
    wrong = {}
    for one in SITUATIONS:
        settings(credit_days=one.credit_days, established_after=one.needed)
        reseller, names = _happened(one)
        found = orders.credit_of(reseller, one.day)
        answer = words(_named(found, names))
        if [set(cell.replace(";", "").split()) for cell in answer] != [
            set(cell.replace(";", "").split()) for cell in one.answer
        ]:  # orders of one day stand in the order of their IDs, which are drawn
            wrong[one.line] = (answer, one.answer)
        db.session.expunge_all()
    assert not wrong


def _happened(one: Situation) -> tuple[Reseller, dict[str, str]]:
    """A reseller in this situation, and what the table calls each of its orders."""
    reseller = make_reseller(f"Reseller {one.line}", currency=one.currency)
    names = {}
    for item in one.items:
        if item.kind == "lapsed":
            order = place(reseller)
            order.valid_until = one.day - timedelta(days=1)
            names[order.id] = item.name
    before = one.day - timedelta(days=90)
    for word, count in one.history.items():
        if word == "paid":
            _paid(reseller, count, before)
            continue
        for _ in range(count):
            _past(reseller, word, before)
    for item in one.items:
        if item.kind != "lapsed":
            names[_open(reseller, item)] = item.name
    if one.on_account:
        ledger.receive(reseller.id, one.on_account, one.day, 9)
    reseller.established_by_staff, reseller.on_hold = "by staff" in one.flags, "hold" in one.flags
    reseller.suspended_at = reseller.created_at if "suspended" in one.flags else None
    reseller.activated_at = None if "not active" in one.flags else reseller.activated_at
    db.session.flush()
    return reseller, names


def _paid(reseller: Reseller, count: int, day: date) -> None:
    """Paid orders, most of what there is: written at once."""
    facts: dict[str, Any] = {"reseller_id": reseller.id, "currency": reseller.currency}
    ids: set[str] = set()
    while len(ids) < count:
        ids.add(ledger.free_order_id())
    db.session.add_all(
        Receivable(
            id=id_, kind=EntryKind.ORDER, order_id=id_, reference=order_reference(id_), terms=Terms.PREPAID,
            placed_on=day, interest_rate=0, **facts,
        )
        for id_ in ids
    )  # fmt: skip
    db.session.flush()
    db.session.add_all(
        LedgerEntry(account=Account.PRINCIPAL, receivable_id=id_, kind=kind, minor=minor, day=day, **facts)
        for id_ in ids
        for kind, minor in ((EntryKind.ORDER, 100), (EntryKind.ALLOCATION, -100))
    )


def _past(reseller: Reseller, word: str, day: date) -> None:
    """An order that came to this end."""
    id_, amount = ledger.free_order_id(), Money(100, reseller.currency)
    if word == "debt":
        id_ = ledger.open_debt(reseller.id, id_, amount, placed_on=day, due_on=day).id
    else:
        terms = Terms.NET30 if word in {"written off", "supplement"} else Terms.PREPAID
        kind = EntryKind.SUPPLEMENT if word == "supplement" else EntryKind.ORDER
        ledger.open_receivable(id_, reseller.id, amount, terms, day, kind=kind)
    if word == "written off":
        ledger.write_off(id_, day, "gone")
        return
    _pay(reseller, id_, Money(99, reseller.currency) if word == "short" else amount, day)
    if word == "short":
        ledger.forgive_rest(id_, day, 1)
    if word == "cancelled":
        ledger.cancel(id_, day, invoiced=True)
        ledger.refund(reseller.id, amount, day, "paid back")


def _open(reseller: Reseller, item: Item) -> str:
    """What the table says is open; its name on both sides."""
    id_, called = ledger.free_order_id(), ledger.free_order_id()
    if item.due_on is None:
        ledger.open_receivable(id_, reseller.id, item.total, Terms.PREPAID, item.placed_on)
        called = id_
    elif item.kind == "debt":
        debt = ledger.open_debt(reseller.id, called, item.total, placed_on=item.placed_on, due_on=item.due_on)
        id_ = debt.id
    else:
        kind = EntryKind.SUPPLEMENT if item.kind == "supplement" else EntryKind.ORDER
        called = called if item.kind == "supplement" else id_
        ledger.open_receivable(
            id_, reseller.id, item.total, Terms.NET30, item.placed_on, kind=kind, order_id=called,
            days=(item.due_on - item.placed_on).days,
        )  # fmt: skip
    if item.interest:
        _pay(reseller, id_, item.total, item.placed_on)
        ledger.add_interest(id_, item.interest, item.placed_on)
    elif item.open != item.total:
        _pay(reseller, id_, item.total - item.open, item.placed_on)
    return called


def _pay(reseller: Reseller, id_: str, amount: Money, day: date) -> None:
    ledger.receive(reseller.id, amount, day, 1)
    ledger.allocate(id_, amount, day, Account.PRINCIPAL)


def _named(found: CreditDecision, names: dict[str, str]) -> CreditDecision:
    """The answer with the table's names."""

    def rename(items: tuple[OpenItem, ...]) -> tuple[OpenItem, ...]:
        return tuple(replace(item, name=names[item.name]) for item in items)

    late = found.next_late
    return replace(
        found,
        remedies=tuple(replace(one, items=rename(one.items)) for one in found.remedies),
        next_late=replace(late, items=rename(late.items)) if late else None,
    )


# ── What holds in every situation ──

SELDOM = st.sampled_from([False, False, False, True])


@st.composite
def drawn_facts(draw: st.DrawFn) -> CreditFacts:
    """Any reseller: few items, so that days and sums meet."""
    items = []
    for number in range(draw(st.integers(0, 5))):
        due = draw(st.none() | st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days)))
        items.append(
            OpenItem(
                id=f"{number}", name=f"{number}", placed_on=DAY - timedelta(days=draw(st.integers(0, 40))), due_on=due,
                principal=Money(draw(st.integers(0, 4)), "EUR"), interest=Money(draw(st.integers(0, 2)), "EUR"),
                counts=draw(st.booleans()),
            )
        )  # fmt: skip
    return CreditFacts(
        day=DAY, credit_days=draw(st.integers(0, 60)), paid_orders=draw(st.integers(0, 4)),
        needed=draw(st.integers(0, 4)), on_account=Money(draw(st.integers(0, 6)), "EUR"), items=tuple(items),
        by_staff=draw(st.booleans()), on_hold=draw(SELDOM), suspended=draw(SELDOM), active=not draw(SELDOM),
    )  # fmt: skip


def paid(facts: CreditFacts, id_: str, amount: Money) -> CreditFacts:
    """The facts once `amount` more of one item is paid."""
    item = next(one for one in facts.items if one.id == id_)
    rest = replace(item, principal=item.principal - amount)
    counted = item.counts and bool(item.principal) and not rest.principal
    items = tuple(rest if one.id == id_ else one for one in facts.items)
    return replace(facts, items=items, paid_orders=facts.paid_orders + counted)


def remedied(facts: CreditFacts, remedy: Remedy) -> CreditFacts:
    """The facts once what a remedy asks for was done; a transfer is on account until it pays something (R18)."""
    if remedy.against is Reason.SUSPENDED:
        return replace(facts, suspended=False)
    if remedy.against is Reason.NOT_ACTIVE:
        return replace(facts, active=True)
    if remedy.against is Reason.ON_HOLD:
        return replace(facts, on_hold=False)
    if remedy.against is Reason.NEW:
        return replace(facts, paid_orders=facts.paid_orders + remedy.count)
    assert remedy.amount is not None
    return replace(facts, on_account=facts.on_account + remedy.amount)


@given(drawn_facts())
def test_R14_R15_credit_is_for_the_established_that_owe_nothing_late(facts: CreditFacts) -> None:
    late = sum(one.principal.minor for one in facts.items if one.due_on is not None and one.due_on < facts.day)
    barred = facts.suspended or not facts.active or facts.on_hold
    deserved = not barred and (facts.by_staff or facts.paid_orders >= facts.needed)
    decision = decide_credit(facts)
    assert (decision.terms is Terms.NET30) == (deserved and late <= facts.on_account.minor)
    assert (decision.due_on is not None) == (decision.terms is Terms.NET30)
    assert (decision.terms is None) == (facts.suspended or not facts.active)


@given(drawn_facts(), st.data())
def test_R14_R15_paying_never_makes_the_terms_worse(facts: CreditFacts, data: st.DataObject) -> None:
    owing = [one for one in facts.items if one.principal]
    assume(owing)
    item = data.draw(st.sampled_from(owing))
    amount = Money(data.draw(st.integers(1, item.principal.minor)), "EUR")
    assert RANK[decide_credit(paid(facts, item.id, amount)).terms] >= RANK[decide_credit(facts).terms]
    more = replace(facts, on_account=facts.on_account + amount)
    assert RANK[decide_credit(more).terms] >= RANK[decide_credit(facts).terms]


@given(drawn_facts())
def test_R15_from_the_day_that_is_told_the_answer_is_another_and_not_before(facts: CreditFacts) -> None:
    decision = decide_credit(facts)
    if decision.terms is not Terms.NET30:
        assert all(decide_credit(replace(facts, day=DAY + timedelta(days=n))).terms == decision.terms for n in range(9))
    elif decision.next_late is None:
        assert decide_credit(replace(facts, day=date(2099, 1, 1))).terms is Terms.NET30
    else:
        day = decision.next_late.day
        assert day > facts.day
        for before in range((day - facts.day).days):
            assert decide_credit(replace(facts, day=facts.day + timedelta(days=before))).terms is Terms.NET30
        turned = decide_credit(replace(facts, day=day))
        assert (turned.terms, turned.reason) == (Terms.PREPAID, Reason.OVERDUE)
        assert turned.remedies[0].items == decision.next_late.items
        assert turned.remedies[0].amount == decision.next_late.amount


@given(drawn_facts())
def test_R15_what_is_told_to_be_paid_in_time_keeps_credit_on_that_day(facts: CreditFacts) -> None:
    in_time = tuple(one for one in facts.items if one.due_on is None or one.due_on >= facts.day)
    facts = replace(facts, items=in_time, by_staff=True, on_hold=False, suspended=False, active=True)
    decision = decide_credit(facts)
    if decision.next_late is None:
        return
    then = replace(facts, on_account=facts.on_account + decision.next_late.amount, day=decision.next_late.day)
    assert decide_credit(then).terms is Terms.NET30


@given(drawn_facts())
def test_R14_R15_the_remedies_together_give_credit_and_none_of_them_is_too_much(facts: CreditFacts) -> None:
    remedies = decide_credit(facts).remedies
    done = facts
    for remedy in remedies:
        done = remedied(done, remedy)
    assert decide_credit(done).terms is Terms.NET30
    for left_out in remedies:
        done = facts
        for remedy in remedies:
            done = remedied(done, remedy) if remedy is not left_out else _not_quite(done, remedy)
        decision = decide_credit(done)
        assert decision.terms is not Terms.NET30
        assert [one.against for one in decision.remedies] == [left_out.against]


def _not_quite(facts: CreditFacts, remedy: Remedy) -> CreditFacts:
    """A cent less, an order less than what is asked for."""
    if remedy.amount is not None:
        return remedied(facts, replace(remedy, amount=remedy.amount - Money(1, "EUR")))
    return remedied(facts, replace(remedy, count=remedy.count - 1)) if remedy.count else facts


def test_R05_nobody_gets_terms_who_can_order_nothing() -> None:
    decision = decide_credit(CreditFacts(DAY, 30, 3, 3, Money(0, "USD"), suspended=True))
    with pytest.raises(Forbidden):
        _ = decision.agreed
