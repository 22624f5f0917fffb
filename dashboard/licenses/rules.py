"""What a license says, until when it holds, and what its serial looks like (R22, R23).

There is no price here, and none can come in: `LicenseFacts` is everything that a license file, its page and its
letter are made of.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from random import Random, SystemRandom

from dashboard.errors import N_, InvalidInput


class LicenseKind(StrEnum):
    """A permanent license ends only its updates; a temporary one ends itself."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"


#: Digits and consonants that look different on paper; without vowels no serial spells a word. Their number is a
#: prime, so that the check character finds every single mistake and every swap of two characters.
SERIAL_ALPHABET = "23456789CDFGHJKMNPQRTWX"
SERIAL_LENGTH = 16  #: 15 random characters (68 bits) and the check character
SERIAL_GROUP = 4

MAX_TEXT = 500  #: characters of one text in a license

#: What may be unknown or not apply.
OPTIONAL = frozenset({"platform", "contact", "reseller_email"})


@dataclass(frozen=True, kw_only=True)
class LicenseFacts:
    """Everything that one license file says (R23).

    Raises:
        InvalidInput: if a text cannot stand in a license (see `legible`).
        ValueError: if a number, a date or the serial contradicts the rest.
    """

    serial: str
    kind: LicenseKind
    licensee: str  #: the end customer's company, or the person's name where there is none
    contact: str
    email: str
    order_id: str
    position: int  #: of the line in its order, from 1
    brand: str
    sku: str
    product: str
    platform: str
    plan: str  #: the license type in words ("Developer OEM")
    quantity: int
    reseller_name: str
    reseller_email: str
    issued_on: date
    updates_until: date | None = None  #: permanent only: the last day whose updates are included
    expires_on: date | None = None  #: temporary only: the last day on which it works

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str) and not (value == legible(value) and len(value) <= MAX_TEXT):
                raise InvalidInput(
                    N_("“%(text)s” cannot stand in a license: it is too long or holds control characters."),
                    text=legible(value)[:80],
                )
            if value == "" and field.name not in OPTIONAL:
                raise InvalidInput(N_("A license cannot be made: %(field)s is missing."), field=field.name)
        if not is_serial(self.serial):
            raise ValueError(f"{self.serial!r} is no serial")
        if self.position < 1 or self.quantity < 1:
            raise ValueError("position and quantity count from 1")
        last, other = self.updates_until, self.expires_on
        if self.kind is LicenseKind.TEMPORARY:
            last, other = other, last
        if last is None or other is not None or last < self.issued_on:
            raise ValueError(f"the dates do not make a {self.kind} license")


def legible(text: str) -> str:
    """`text` as it may stand in a license: on one line, without control characters and spare spaces.

    What XML 1.0 cannot carry (control characters, lone surrogates, U+FFFE and U+FFFF) becomes a space, as does every
    run of white space. A service cleans with this what people typed, so that a stray tab from a spreadsheet does not
    stop a paid license; `LicenseFacts` then refuses what is still unclean.
    """
    return " ".join("".join(" " if _is_illegible(character) else character for character in text).split())


def _is_illegible(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or ord(character) & 0xFFFE == 0xFFFE


def updates_until(issued_on: date, previous_end: date | None = None) -> date:
    """The last day whose updates are included: one year from the later of issue and the old end (R23).

    Args:
        issued_on: business day of the issue.
        previous_end: of a renewal, until when the updates of the renewed license run.

    One year after 29 February is 28 February.
    """
    start = max(issued_on, previous_end or issued_on)
    if (start.month, start.day) == (2, 29):
        start = start.replace(day=28)
    return start.replace(year=start.year + 1)


def expires_on(issued_on: date, days: int = 30) -> date:
    """The last day on which a temporary license works, `days` after the business day of its issue (R22)."""
    return issued_on + timedelta(days=days)


def new_serial(chance: Random | None = None) -> str:
    """A fresh serial such as `7K3Q-M9TX-2HCD-W4RF`: random, readable aloud, with a check character (R23).

    Args:
        chance: where the characters come from; the operating system unless told otherwise.
    """
    body = "".join((chance or SystemRandom()).choice(SERIAL_ALPHABET) for _ in range(SERIAL_LENGTH - 1))
    whole = body + next(last for last in SERIAL_ALPHABET if _checksum(body + last) == 0)
    return "-".join(re.findall("." * SERIAL_GROUP, whole))


def is_serial(text: str) -> bool:
    """Whether `text` is a serial as `new_serial` writes it, check character included."""
    groups = text.split("-")
    plain = "".join(groups)
    return (
        [len(group) for group in groups] == [SERIAL_GROUP] * (SERIAL_LENGTH // SERIAL_GROUP)
        and set(plain) <= set(SERIAL_ALPHABET)
        and _checksum(plain) == 0
    )


def _checksum(plain: str) -> int:
    """Weighted sum modulo the (prime) size of the alphabet; no weight is a multiple of it."""
    return sum(weight * SERIAL_ALPHABET.index(character) for weight, character in enumerate(plain, 1)) % len(
        SERIAL_ALPHABET
    )


def file_name(facts: LicenseFacts) -> str:
    """Name of the license file: ASCII, safe on every system (`GroupDocs.Viewer-for-.NET-R-4046-8078-1.lic`)."""
    kind = "temporary" if facts.kind is LicenseKind.TEMPORARY else ""
    parts = (_plain(facts.product)[:80] or _plain(facts.sku)[:80] or "license", _plain(facts.order_id)[:40])
    return "-".join(filter(None, [*parts, str(facts.position), kind])) + ".lic"


def _plain(text: str) -> str:
    """`text` with everything but ASCII letters, digits and points made a hyphen."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")
