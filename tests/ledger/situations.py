"""Reads `credit_situations.txt`: facts and expected answers, as its head explains them. It decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dashboard.ledger.rules import CreditDecision, CreditFacts, OpenItem, Reason
from dashboard.money import Money

TABLE = Path(__file__).parent / "credit_situations.txt"

_ITEM = re.compile(
    r"(?P<name>[A-Z]) (?:(?P<only>interest) |)"
    r"(?:(?P<open>[\d.]+) (?:of (?P<total>[\d.]+) )?)?(?P<kind>due|prepaid|lapsed|supplement|debt)(?: (?P<day>[\d-]+))?"
)
_TOKENS = ("paid", "cancelled", "written off", "short", "supplement", "debt")
_SETTINGS = ("needs", "net", "account")

#: What has to happen, in one word, when it is not the reseller that can do it with money.
_ENDS = {Reason.ON_HOLD: "hold", Reason.SUSPENDED: "suspension", Reason.NOT_ACTIVE: "steps"}


@dataclass(frozen=True)
class Item:
    """One thing in the column of what is open."""

    name: str
    kind: str  #: due, prepaid, lapsed, supplement, debt
    placed_on: date
    due_on: date | None
    open: Money
    total: Money
    interest: Money


@dataclass(frozen=True)
class Situation:
    """One row: the facts, and the answer in the table's own words."""

    line: int
    day: date
    currency: str
    credit_days: int
    needed: int
    history: dict[str, int]  #: how many orders came to which end
    flags: frozenset[str]
    on_account: Money
    items: tuple[Item, ...]
    answer: tuple[str, str, str]

    @property
    def facts(self) -> CreditFacts:
        """What the pure function is asked. Paid, short and old debts are paid orders; so is one that owes interest."""
        only_interest = [one for one in self.items if one.interest and one.kind != "supplement"]
        counted = sum(self.history.get(one, 0) for one in ("paid", "short", "debt")) + len(only_interest)
        return CreditFacts(
            day=self.day,
            credit_days=self.credit_days,
            paid_orders=counted,
            needed=self.needed,
            on_account=self.on_account,
            items=tuple(
                OpenItem(
                    one.name, one.placed_on, one.due_on, one.open, one.interest, one.name, one.kind != "supplement"
                )
                for one in self.items
                if one.kind != "lapsed"
            ),
            by_staff="by staff" in self.flags,
            on_hold="hold" in self.flags,
            suspended="suspended" in self.flags,
            active="not active" not in self.flags,
        )


def situations() -> Iterator[Situation]:
    """The rows of the table."""
    for number, line in enumerate(TABLE.read_text().splitlines(), start=1):
        if line and not line.startswith("#"):
            yield _situation(number, [cell.strip() for cell in line.split("|")])


def words(decision: CreditDecision) -> tuple[str, str, str]:
    """An answer in the table's words."""
    by = f"credit by {decision.due_on}" if decision.terms == "net30" else decision.terms or "closed"
    needed = []
    for one in decision.remedies:
        names = " ".join(item.name for item in one.items)
        if one.against is Reason.NEW:
            needed.append(f"{one.count} more" + (f": {names}" if names else ""))
        elif one.amount is not None:
            needed.append(f"transfer {one.amount.decimal} {names}")
        else:
            needed.append(_ENDS[one.against])
    if decision.set_off:
        needed.append(f"set off {decision.set_off.decimal}")
    late = decision.next_late
    then = f"{late.day} {late.amount.decimal} {' '.join(item.name for item in late.items)}" if late else "-"
    return f"{by}, {decision.reason}", "; ".join(needed) or "-", then


def _situation(line: int, cells: list[str]) -> Situation:
    first, reseller, open_, answer, needed, then = cells
    day = date.fromisoformat(first if len(first) > 5 else f"2026-{first}")
    told = reseller.split(", ")
    currency = next((one for one in told if one in {"EUR", "RUB"}), "USD")
    numbers = {word: value for word, _, value in (one.partition(" ") for one in told) if word in _SETTINGS}
    history = {word: int(count) for count, _, word in (one.partition(" ") for one in told) if word in _TOKENS}
    flags = frozenset(told) & {"by staff", "hold", "suspended", "not active"}
    known = len(history) + len(numbers) + len(flags) + (currency != "USD")
    assert known == len(told), f"line {line}: {reseller}"
    return Situation(
        line=line,
        day=day,
        currency=currency,
        credit_days=int(numbers.get("net", 30)),
        needed=int(numbers.get("needs", 3)),
        history=history,
        flags=flags,
        on_account=Money.of(numbers.get("account", "0"), currency),
        items=tuple(_item(one, day, currency) for one in open_.split("; ")) if open_ != "-" else (),
        answer=(_full(answer, day), needed, _full(then, day)),
    )


def _item(text: str, day: date, currency: str) -> Item:
    read = _ITEM.fullmatch(text)
    assert read, text
    of_day = date.fromisoformat(_full(read["day"], day)) if read["day"] else day - timedelta(days=60)
    is_prepaid = read["kind"] in {"prepaid", "lapsed"}
    sum_, nothing = Money.of(read["open"] or "1", currency), Money.zero(currency)
    return Item(
        name=read["name"],
        kind=read["kind"],
        placed_on=of_day if is_prepaid else of_day - timedelta(days=30),
        due_on=None if is_prepaid else of_day,
        open=nothing if read["only"] else sum_,
        total=Money.of(read["total"], currency) if read["total"] else sum_,
        interest=sum_ if read["only"] else nothing,
    )


def _full(text: str, day: date) -> str:
    """The text with the year in its days."""
    return re.sub(r"(?<![\d-])(\d\d-\d\d)(?![\d-])", rf"{day.year}-\1", text)
