"""Kinds and states of enquiries, how they are named, and what of an answer by mail is the answer: pure (R32)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What an enquiry is about."""

    SALES = "sales"  #: what the customer needs, and what the reseller advised
    CERTIFICATE = "certificate"
    TEMPORARY = "temporary"
    HANDOVER = "handover"  #: the vendor is to look after the customer itself
    OTHER = "other"


class State(StrEnum):
    """Who has to do something next."""

    FOR_US = "for_us"
    FOR_RESELLER = "for_reseller"
    CLOSED = "closed"


class Side(StrEnum):
    """Whose words a message holds."""

    RESELLER = "reseller"
    VENDOR = "vendor"


class MailState(StrEnum):
    """What became of a mail that came in."""

    FILED = "filed"
    WAITING = "waiting"  #: staff decide where it belongs
    DISMISSED = "dismissed"
    AUTOMATIC = "automatic"  #: written by a program: kept, never answered


class Hurdle(StrEnum):
    """Why a mail was not filed by itself."""

    NO_ENQUIRY = "no_enquiry"
    NOT_OURS = "not_ours"  #: neither a member who may write nor staff
    UNPROVEN = "unproven"  #: staff's address, but not staff's own reply address
    TOO_MANY = "too_many"


#: What a list can be narrowed to: what waits for the reader, what is not closed, …
FILTERS = ("waiting", "open", "closed", "all")

#: Characters of one message that came by mail; the rest is cut off.
LONGEST = 50_000


def waiting_for(side: Side) -> State:
    """The state of an enquiry in which this side has to do something."""
    return State.FOR_US if side is Side.VENDOR else State.FOR_RESELLER


def after_message(of: Side) -> State:
    """The state after this side has written: the other one has to read it."""
    return State.FOR_RESELLER if of is Side.VENDOR else State.FOR_US


# ── Numbers and tokens ──────────────────────────────────────────────────

#: The number as people write it in a subject, with a Latin or a Cyrillic Е.
_NUMBER = re.compile(r"(?<!\w)[EЕ]\s?-\s?(\d{4})\s?-\s?(\d{4})(?!\d)", re.ASCII | re.IGNORECASE)

#: What marks our letters: whatever stands below it in an answer is our own letter.
_MARK = re.compile(r"#E-\d{4}-\d{4}#", re.ASCII)

#: A token in a reply address or in a Message-ID of ours.
_TOKEN = re.compile(r"[+.<]([0-9a-f]{24})@", re.ASCII | re.IGNORECASE)


def number_of(digits: int) -> str:
    """The number of an enquiry, made of eight digits: `E-2046-3182`."""
    return f"E-{digits // 10_000:04}-{digits % 10_000:04}"


def find_numbers(text: str) -> list[str]:
    """Numbers of enquiries in a line of text."""
    return [f"E-{first}-{second}" for first, second in _NUMBER.findall(text)]


def mark_of(number: str) -> str:
    return f"#{number}#"


def find_tokens(texts: Iterable[str]) -> list[str]:
    """Tokens in addresses and Message-IDs."""
    return [token.lower() for text in texts for token in _TOKEN.findall(text)]


def reply_address(address: str, token: str) -> str:
    """The address that files an answer: `enquiries+TOKEN@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


# ── What somebody wrote, and what only stands below it ──────────────────


class Reply(NamedTuple):
    """The answer, and what it cites or signs with: together they are the whole text."""

    text: str
    quoted: str


#: How the line ends that mail programs write above what they cite.
_SAID = re.compile(
    r"(?:<[^<>\s]+@[^<>\s]+>|\bwrote|\bschrieb|\bпишет|\b(?:на)?писал[аи]?(?:\s?\(а\))?)\s*:$", re.IGNORECASE
)
#: Characters of a citing line, at the most; longer ones are somebody's words, and slow to look at.
_LONGEST_CITING = 400
#: A time, or a year.
_WHEN = re.compile(r"\d{1,2}[:.]\d{2}|\b\d{4}\b", re.ASCII)
#: Lines of a citing line that was wrapped, at the most.
_WRAPPED = 3

#: The head that Outlook and others copy above what they cite.
_FROM = re.compile(r"[*\s>]*(?:From|От|От кого|Von)[*\s]*:", re.IGNORECASE)
_HEAD = re.compile(
    r"[*\s>]*(?:Sent|Date|To|Subject|Отправлено|Дата|Кому|Тема|Gesendet|An|Betreff)[*\s]*:", re.IGNORECASE
)

_SEPARATOR = re.compile(
    r"\s*(?:-{2,}\s*(?:Original Message|Forwarded message|Исходное сообщение|Пересланное сообщение"
    r"|Пересылаемое сообщение)\s*-{2,}|_{10,}|-{30,})\s*",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(?:--|-- |—)|(?:Sent from|Get Outlook for|Отправлено (?:с|из)|Отправлено через)\b.*", re.IGNORECASE
)


def split_reply(text: str) -> Reply:
    """What somebody wrote above (or between) what they cite, and the rest.

    Nothing is lost: where it cannot be told, all of it is the answer.
    """
    lines = text.splitlines()
    end = _end_of_answer(lines)
    if _is_between(lines[end:]):
        end = len(lines)
    while end and _is_noise(lines[end - 1]):
        end -= 1
    signed = next((at for at in range(end) if _SIGNATURE.fullmatch(lines[at])), end)
    if not "".join(lines[:signed]).strip():
        signed = end
    if not "".join(lines[:signed]).strip():
        signed = len(lines)
    return Reply("\n".join(lines[:signed]).strip(), "\n".join(lines[signed:]).strip())


def _end_of_answer(lines: Sequence[str]) -> int:
    """The first line that belongs to what is cited."""
    for at, line in enumerate(lines):
        if _MARK.search(line) or _SEPARATOR.fullmatch(line):
            return at
        if _FROM.match(line) and any(_HEAD.match(below) for below in lines[at + 1 : at + 5]):
            return at
        if len(line) <= _LONGEST_CITING and _SAID.search(line.strip()):
            start = _start_of_citing(lines, at)
            if start is not None:
                return start
    return len(lines)


def _start_of_citing(lines: Sequence[str], at: int) -> int | None:
    """Where the citing line begins that ends in line `at`; None if it tells no time and nothing is cited below."""
    for start in range(at, max(at - _WRAPPED, -1), -1):
        if not lines[start].strip():
            break
        if _WHEN.search(lines[start]):
            return start
    below = next((line for line in lines[at + 1 :] if line.strip()), "")
    return at if below.lstrip().startswith(">") else None


def _is_between(cited: Sequence[str]) -> bool:
    """Whether somebody wrote between or below the lines that they cite."""
    marked = [at for at, line in enumerate(cited) if line.lstrip().startswith(">")]
    if not marked:
        return False
    below = cited[marked[0] :]
    signed = next((at for at, line in enumerate(below) if _SIGNATURE.fullmatch(line)), len(below))
    return any(line.strip() and not line.lstrip().startswith(">") for line in below[:signed])


def _is_noise(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(">")
