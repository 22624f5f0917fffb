"""From what the readers found to a statement file: identities, and what a person should know before booking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from dashboard.banking.rules import (
    Entry,
    Format,
    Notice,
    NoticeKind,
    Place,
    Statement,
    StatementFile,
    identity_of,
    part_identity_of,
)
from dashboard.errors import N_


def assemble(form: Format, statements: Sequence[Statement]) -> StatementFile:
    """The file with identities and notices."""
    identified, repeated = _with_identities(statements)
    checked = (
        replace(
            statement,
            notices=(*statement.notices, *_notices(statement), *_mid_day(statement, identified[:number])),
        )
        for number, statement in enumerate(identified)
    )
    known: dict[str, Place] = {}
    finished = [
        replace(statement, notices=(*statement.notices, *_duplicates(statement, known, repeated.get(number))))
        for number, statement in enumerate(checked)
    ]
    return StatementFile(format=form, statements=tuple(finished))


def _with_identities(statements: Sequence[Statement]) -> tuple[list[Statement], dict[int, Place]]:
    """Number equal entries through all statements of the file, as a day may be spread over several of them.

    A statement that stands twice word for word is one: its second copy gets the identities of the first.

    Returns:
        the statements, and for each copy (by its position) where the first one stands.
    """
    counted: Counter[str] = Counter()
    first: dict[object, Statement] = {}
    repeated: dict[int, Place] = {}
    result = []
    for number, statement in enumerate(statements):
        bases = tuple(identity_of(statement.account, entry, 0) for entry in statement.entries)
        period = (statement.period_from, statement.period_to, statement.opening, statement.closing)
        key = (statement.account, statement.statement_id, statement.sequence, *period, bases)
        if bases and key in first:
            repeated[number] = first[key].place
            identities = [entry.identity for entry in first[key].entries]
        else:
            identities = []
            for entry, base in zip(statement.entries, bases, strict=True):
                ordinal = counted[base]
                counted[base] += 1
                identities.append(identity_of(statement.account, entry, ordinal) if ordinal else base)
        entries = zip(statement.entries, identities, strict=True)
        statement = replace(statement, entries=tuple(_identified(entry, identity) for entry, identity in entries))  # noqa: PLW2901
        first.setdefault(key, statement)
        result.append(statement)
    return result, repeated


def _identified(entry: Entry, identity: str) -> Entry:
    entry = replace(entry, identity=identity)
    counted: Counter[str] = Counter()
    parts = []
    for part in entry.parts:
        base = part_identity_of(entry, part, 0)
        parts.append(replace(part, identity=part_identity_of(entry, part, counted[base]) if counted[base] else base))
        counted[base] += 1
    return replace(entry, parts=tuple(parts)) if parts else entry


def _notices(statement: Statement) -> Iterator[Notice]:
    """What one statement says of itself."""
    place = statement.place
    booked = list(statement.booked)
    if not booked:
        yield _notice(NoticeKind.NOTHING_BOOKED, place, N_("Line %(place)s: the statement has no booked entries."))
    foreign = [entry.place for entry in statement.entries if entry.amount.currency != statement.currency]
    balances = [balance for balance in (statement.opening, statement.closing) if balance]
    if foreign or any(balance.amount.currency != statement.currency for balance in balances):
        message = N_("Line %(place)s: balances and entries are in different currencies.")
        yield _notice(NoticeKind.CURRENCIES, foreign[0] if foreign else place, message)
    elif len(balances) < 2:
        message = N_("Line %(place)s: without opening and closing balance nothing proves that no entry is missing.")
        yield _notice(NoticeKind.NO_BALANCES, place, message)
    elif not statement.adds_up:
        message = N_(
            "Line %(place)s: the closing balance differs from the opening balance and the entries by %(difference)s."
        )
        yield _notice(NoticeKind.BALANCE, place, message, difference=statement.difference)
    outside = [entry.place for entry in booked if entry.has_booking_date and _is_outside(entry, statement)]
    if outside:
        message = N_("Line %(place)s: entries outside the period of the statement: %(count)s.")
        yield _notice(NoticeKind.PERIOD, outside[0], message, count=len(outside))


def _is_outside(entry: Entry, statement: Statement) -> bool:
    begins, ends = statement.period_from, statement.period_to
    return bool((begins and entry.booked_on < begins) or (ends and entry.booked_on > ends))


def _mid_day(statement: Statement, earlier: Iterable[Statement]) -> Iterator[Notice]:
    """A statement that opens with an intermediate balance continues one that the file should hold as well."""
    opening = statement.opening
    if not opening or not opening.is_intermediate:
        return
    closings = (before.closing for before in earlier if before.account == statement.account)
    if not any(closing and closing.amount == opening.amount for closing in closings):
        message = N_("Line %(place)s: the statement begins in the middle of a day; what was before is not in the file.")
        yield _notice(NoticeKind.MID_DAY, statement.place, message)


def _duplicates(statement: Statement, known: dict[str, Place], copied: Place | None) -> Iterator[Notice]:
    """What stands in the file twice; `known` are the identities so far."""
    if copied:
        message = N_("Line %(place)s: the same statement already stands on line %(first)s; it counts once.")
        yield _notice(NoticeKind.DUPLICATES, statement.place, message, first=copied)
        return
    twice = [entry for entry in statement.entries if known.setdefault(entry.identity, entry.place) is not entry.place]
    if twice:
        message = N_(
            "Line %(place)s: entries with a bank's own ID that already stands in the file (first on line %(first)s): "
            "%(count)s. Each counts once."
        )
        first = known[twice[0].identity]
        yield _notice(NoticeKind.DUPLICATES, twice[0].place, message, first=first, count=len(twice))
    facts: dict[str, Place] = {}
    equal = [
        entry
        for entry in statement.entries
        if not entry.bank_id
        and facts.setdefault(identity_of(statement.account, entry, 0), entry.place) is not entry.place
    ]
    if equal:
        message = N_("Line %(place)s: entries that equal another one in everything: %(count)s. Each counts.")
        yield _notice(NoticeKind.EQUALS, equal[0].place, message, count=len(equal))


def _notice(kind: NoticeKind, place: Place, message: str, **values: object) -> Notice:
    return Notice(place, message, {"place": place, **values}, kind=kind)
