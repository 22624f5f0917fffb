"""Import a bank's statement file: see what it would bring, then keep its entries once each (R18).

Reading and matching take no write lock. Keeping goes in batches; what was kept stays, and an import that was cut off is
simply done again. What is matched is then booked by `fulfilment`, entry by entry, whoever comes first: the import
itself or the worker.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import func, select

from dashboard.audit import service as audit
from dashboard.banking.rules import Direction, Entry, Part, Statement, StatementFile
from dashboard.clock import begin_of, today
from dashboard.config import current_settings
from dashboard.errors import N_, Refused
from dashboard.extensions import db, insert_all_once, locking
from dashboard.outbox import service as outbox
from dashboard.payments.matching import CHUNK, Incoming, match_all
from dashboard.payments.models import BankEntry, BankFile, BankUpload
from dashboard.payments.rules import Hurdle, Match, Waiting
from dashboard.vendor import BankAccount
from dashboard.web.progress import Watch, unwatched
from dashboard.web.transactions import reading, transaction

#: Outbox effect that books a matched entry; its handler is fulfilment's.
BOOK = "payments.book"

#: What is told of a long import.
MATCHING, KEEPING = N_("Matching the transfers"), N_("Writing the transfers down")


class DoesNotAddUp(Refused):
    """A file is booked only if a person says why."""

    def __init__(self) -> None:
        super().__init__(N_("This file does not add up. Say why it should be booked all the same."))


@dataclass(frozen=True)
class Line:
    """An entry, or one payment of a batch, that concerns us: money that came in, or that went back."""

    statement: Statement
    entry: Entry
    part: Part  #: the entry itself, unless it is a batch

    @property
    def is_return(self) -> bool:
        """Whether it takes an earlier payment back, of either direction: what that means, a person decides."""
        return self.entry.is_reversal or self.part.is_return

    @property
    def incoming(self) -> Incoming:
        part = self.part
        return Incoming(
            amount_minor=part.amount.minor,
            currency=part.amount.currency,
            received_on=self.entry.received_on,
            payer_name=part.party.name,
            payer_account=part.party.account,
            payer_tax_number=part.party.tax_number,
            text="\n".join(filter(None, (*part.references, part.text, part.end_to_end_id))),
        )


@dataclass(frozen=True)
class Row:
    """A line and what would become of it; `known` if it was kept before."""

    line: Line
    decision: Match | Waiting
    known: bool


@dataclass(frozen=True)
class Preview:
    """What importing a file would bring; nothing is written."""

    file: StatementFile
    rows: list[Row]
    foreign: list[Statement]  #: of accounts that are not the vendor's: never booked

    @property
    def new(self) -> list[Row]:
        return [row for row in self.rows if not row.known]

    @property
    def known(self) -> list[Row]:
        return [row for row in self.rows if row.known]

    @property
    def matched(self) -> list[Row]:
        return [row for row in self.new if isinstance(row.decision, Match)]

    @property
    def later(self) -> list[Row]:
        """Those of the matched that are booked on their value date only, which has not come yet (R16)."""
        return [row for row in self.matched if row.line.entry.received_on > today()]

    @property
    def waiting(self) -> list[Row]:
        return [row for row in self.new if isinstance(row.decision, Waiting)]

    @property
    def left_out(self) -> int:
        """How many booked entries of the vendor's accounts are none of our business: what it pays to others."""
        parts = (part for one in self.ours for entry in one.booked for part in entry.parts or (entry,))
        return len({part.identity for part in parts}) - len(self.rows)

    @property
    def announced(self) -> int:
        """How many entries of the vendor's accounts the bank has not booked yet: nothing is done with them."""
        return sum(len(one.entries) - sum(1 for _ in one.booked) for one in self.ours)

    @property
    def ours(self) -> list[Statement]:
        """The statements of the vendor's accounts."""
        return [one for one in self.file.statements if one not in self.foreign]

    @property
    def needs_acceptance(self) -> bool:
        """Whether a person has to say why it is booked all the same."""
        return needs_acceptance(self.ours)


@dataclass(frozen=True)
class Kept:
    """A file that was kept: its id, and those of its entries that are matched and can be booked now."""

    file_id: int
    matched: list[int]


def needs_acceptance(ours: Iterable[Statement]) -> bool:
    """Whether statements of our accounts are booked only if a person says why: they do not add up, or book nothing."""
    return any(not one.is_sound or not any(one.booked) for one in ours)


def ours_of(file: StatementFile) -> list[Statement]:
    """The statements of a file that are of the vendor's accounts."""
    return [one for one in file.statements if find_account(one.account, one.currency, one.bank)]


def lines_of(ours: Iterable[Statement]) -> list[Line]:
    """What concerns us of our accounts' statements; what stands there twice counts once."""
    return list({line.part.identity: line for one in ours for line in _lines(one)}.values())


def preview(file: StatementFile, watch: Watch = unwatched) -> Preview:
    """What importing `file` would bring, entry by entry, and why."""
    with reading():
        ours = ours_of(file)
        foreign = [one for one in file.statements if one not in ours]
        lines = lines_of(ours)
        known = _known(line.part.identity for line in lines)
        received = [line for line in lines if not line.is_return]
        decisions = dict(
            zip(
                (line.part.identity for line in received),
                match_all((line.incoming for line in watch(received, MATCHING)), current_settings().bank_fee_tolerance),
                strict=True,
            )
        )
        decisions |= dict(_brought_twice([line for line in received if line.part.identity not in known], file.format))
        returned = Waiting(Hurdle.RETURNED)
        rows = [Row(line, decisions.get(line.part.identity, returned), line.part.identity in known) for line in lines]
    return Preview(file, _of_one_transfer(rows), foreign)


def _of_one_transfer(rows: Sequence[Row]) -> list[Row]:
    """Rows that say what came beyond what is open only where no other new row pays the same order."""
    named = Counter(
        id_ for row in rows if not row.known and isinstance(row.decision, Match) for id_ in row.decision.targets
    )
    return [
        replace(row, decision=replace(row.decision, beyond=None))
        if isinstance(row.decision, Match) and any(named[id_] > 1 for id_ in row.decision.targets)
        else row
        for row in rows
    ]


def keep(
    seen: Preview,
    data: bytes,
    name: str,
    *,
    by: int | None,
    accepted_reason: str = "",
    upload: str = "",
    watch: Watch = unwatched,
) -> Kept:
    """Keep the new entries of a file: those that are matched will be booked, the others wait for a person.

    Args:
        data: the file's bytes, for their digest alone.
        by: the account that imports it; None from the command line.
        accepted_reason: why a file that does not add up is booked all the same.
        upload: digest of the upload that it comes from: clicked twice at once, or cut off, it is one file.

    Returns:
        the file, and the matched entries, to be booked now or by the worker.

    Raises:
        DoesNotAddUp: if the file needs a person's acceptance, and there is no reason.
    """
    if seen.needs_acceptance and not accepted_reason:
        raise DoesNotAddUp
    file_id = _file_of(seen, data, name, by=by, accepted_reason=accepted_reason, upload=upload)
    rest = iter(watch(seen.new, KEEPING))
    matched: list[int] = []
    while batch := list(islice(rest, CHUNK)):
        with transaction():
            matched += _keep_batch(batch, file_id)
    return Kept(file_id, matched)


def _file_of(seen: Preview, data: bytes, name: str, *, by: int | None, accepted_reason: str, upload: str) -> int:
    """The file that the entries are kept under: that of the same upload, if it was begun already."""
    digest = hashlib.sha256(data).hexdigest()
    with transaction():
        uploaded = db.session.scalar(locking(select(BankUpload).where(BankUpload.digest == upload)))
        file_id = _begun(digest, uploaded) if upload else None
        if file_id is None:
            file_id = _new_file(seen, digest, name[:200], by=by, accepted_reason=accepted_reason)
        if uploaded:
            uploaded.file_id = file_id
        return file_id


def _begun(digest: str, uploaded: BankUpload | None) -> int | None:
    """The file as which an upload is being booked already, or was, if it is not there any more."""
    if uploaded:
        return uploaded.file_id
    return db.session.scalar(select(BankFile.id).where(BankFile.digest == digest).order_by(BankFile.id.desc()).limit(1))


def _new_file(seen: Preview, digest: str, name: str, *, by: int | None, accepted_reason: str) -> int:
    file = BankFile(
        digest=digest,
        name=name,
        format=seen.file.format,
        accepted_reason=accepted_reason[:300],
        imported_by=by,
        accounts=[_summary(one) for one in seen.ours],
    )
    db.session.add(file)
    db.session.flush()
    audit.record("bank_file.imported", f"bank_file:{file.id}", name=name, entries=len(seen.new), reason=accepted_reason)
    return file.id


def find_account(account: str, currency: str, bank: str = "") -> BankAccount | None:
    """The vendor's account that a statement is of, however the bank writes it; None if it is not ours.

    Banks write an IBAN, the account number in it, `bank code/account number`, or a number with its currency behind.

    Args:
        bank: bank code or BIC, where the file tells it; a short number is ours only at our bank.
    """
    head, _, written = account.rpartition("/")
    bank = _plain(head or bank)
    for code, ours in current_settings().vendor.accounts.items():
        if code == (currency or code) and _is_number_of(ours, _plain(written).removesuffix(code), bank):
            return ours
    return None


def _is_number_of(ours: BankAccount, written: str, bank: str) -> bool:
    known = _plain(ours.number)
    if written == known or (len(written) >= 8 and known.endswith(written)):
        return True
    if not written.strip("0") or not bank:
        return False
    inside = known[4:].removeprefix(bank)  # an IBAN holds the bank's code, and the number filled up with zeros
    if inside != known[4:] and inside.lstrip("0") == written.lstrip("0"):
        return True
    return bank[:8] == _plain(ours.bic)[:8] and known.endswith(written.zfill(8))


def _plain(account: str) -> str:
    return "".join(char for char in account.upper() if char.isalnum())


def _lines(statement: Statement) -> Iterator[Line]:
    """What came in and what went back; what the vendor pays to others is none of our business."""
    for entry in statement.booked:
        for part in entry.parts or (entry,):
            line = Line(statement, entry, part)
            if part.amount.minor and (part.direction is Direction.CREDIT or line.is_return):
                yield line


def _known(identities: Iterable[str]) -> set[str]:
    rest, known = iter(list(identities)), set[str]()
    while part := list(islice(rest, CHUNK)):
        known |= set(db.session.scalars(select(BankEntry.identity).where(BankEntry.identity.in_(part))))
    return known


def _brought_twice(new: Sequence[Line], format_: str) -> Iterator[tuple[str, Waiting]]:
    """What may be a payment that a file of another format has brought already, in other words and without the bank's
    id: so many of one sum and day as are known from there wait for a person. The vendor has one account a currency.
    """
    if not new:
        return
    days = [line.entry.booked_on for line in new]
    found = db.session.execute(
        select(BankEntry.currency, BankEntry.booked_on, BankEntry.minor, func.count())
        .join(BankFile, BankFile.id == BankEntry.file_id)
        .where(BankEntry.booked_on.between(min(days), max(days)), BankFile.format != format_)
        .group_by(BankEntry.currency, BankEntry.booked_on, BankEntry.minor)
    )
    known = {(currency, day, minor): count for currency, day, minor, count in found}
    for line in new:
        key = line.part.amount.currency, line.entry.booked_on, line.part.signed
        if known.get(key):
            known[key] -= 1
            yield line.part.identity, Waiting(Hurdle.TWICE)


def booking_effect(entry_id: int) -> str:
    """The key of the effect that books a matched entry."""
    return f"{BOOK}:{entry_id}"


def _keep_batch(rows: Sequence[Row], file_id: int) -> list[int]:
    """Write entries down, each once: who imports the same file at the same moment finds them written.

    Returns:
        the matched entries that can be booked now; the others are booked on their value date.
    """
    fresh = insert_all_once(BankEntry, [_facts(row, file_id) for row in rows])
    matched = select(BankEntry).where(BankEntry.id.in_(fresh), BankEntry.state == "matched").order_by(BankEntry.id)
    entries = list(db.session.scalars(matched))
    ids = [entry.id for entry in entries if not entry.is_early]
    outbox.put_all(BOOK, {booking_effect(id_): {"entry_id": id_} for id_ in ids})
    for entry in entries:
        if entry.is_early:
            outbox.put_later(BOOK, booking_effect(entry.id), begin_of(entry.received_on), entry_id=entry.id)
    return ids


def _facts(row: Row, file_id: int) -> dict[str, object]:
    line, incoming, decision = row.line, row.line.incoming, row.decision
    facts: dict[str, object] = {
        "file_id": file_id,
        "identity": line.part.identity,
        "account": line.statement.account[:64],
        "minor": line.part.signed,
        "currency": incoming.currency,
        "booked_on": line.entry.booked_on,
        "received_on": incoming.received_on,
        "payer_name": incoming.payer_name[:300],
        "payer_account": incoming.payer_account[:64],
        "payer_tax_number": incoming.payer_tax_number[:40],
        "text": incoming.text,
        "place": str(line.part.place)[:200],
        "reason": "", "hurdle": "", "targets": [], "within": [],
    }  # fmt: skip
    if isinstance(decision, Match):
        return facts | {
            "state": "matched", "reason": decision.reason, "reseller_id": decision.reseller_id,
            "targets": list(decision.targets), "within": list(decision.within),
        }  # fmt: skip
    reseller_id = decision.resellers[0] if len(decision.resellers) == 1 else None
    return facts | {"state": "waiting", "hurdle": decision.hurdle, "reseller_id": reseller_id}


def _summary(statement: Statement) -> dict[str, object]:
    return {
        "account": statement.account,
        "currency": statement.currency,
        "from": statement.period_from.isoformat() if statement.period_from else "",
        "to": statement.period_to.isoformat() if statement.period_to else "",
        "opening": str(statement.opening.decimal) if statement.opening else "",
        "closing": str(statement.closing.decimal) if statement.closing else "",
    }
