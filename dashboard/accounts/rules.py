"""Decisions about addresses, passwords, codes, mailed links and limits (R1, R21)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from dashboard.errors import N_, InvalidInput

#: Characters that a password may have. The longest is bounded because hashing takes time with length.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200

THEMES = ("system", "light", "dark")


class Purpose(StrEnum):
    """What a mailed link is for; a link for one purpose opens no other page."""

    CONFIRM = "confirm"
    RESET = "reset"
    CLAIM = "claim"
    CHANGE = "change"


#: How long a mailed link works.
LIFETIMES = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.RESET: timedelta(hours=2),
    Purpose.CLAIM: timedelta(days=14),
    Purpose.CHANGE: timedelta(hours=24),
}


class Rate(NamedTuple):
    """At most `allowed` times in `window`, counted from the first of them."""

    name: str
    allowed: int
    window: timedelta


WRONG_PASSWORDS = Rate("wrong passwords of an account", 10, timedelta(minutes=15))
WRONG_PASSWORDS_FROM = Rate("wrong passwords from a place", 50, timedelta(minutes=15))
WRONG_CODES = Rate("wrong codes of an account", 5, timedelta(minutes=15))
WRONG_CODES_A_DAY = Rate("wrong codes of an account in a day", 30, timedelta(days=1))
WRONG_CODES_FROM = Rate("wrong codes from a place", 50, timedelta(minutes=15))
LETTERS = Rate("letters to an address", 5, timedelta(hours=1))
LETTERS_FROM = Rate("letters asked for from a place", 50, timedelta(hours=1))

#: How many steps of 30 seconds the clock of a phone may be wrong, either way.
CLOCKS_DIFFER = 1

#: How many recovery codes an account gets, of how many characters; none of them is read for another.
RECOVERY_CODES, RECOVERY_LENGTH = 10, 16
RECOVERY_CHARACTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class Profile:
    """What a person chooses. Only letters that neither law nor security needs can be done without."""

    name: str
    language: str
    time_zone: str
    copies_of_orders: bool
    copies_of_reminders: bool
    wants_digest: bool


def email_key(email: str) -> str:
    """An address in one case. Not `casefold`, which also makes one of ß and ss: two mailboxes (R21)."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def usable_password(password: str) -> str:
    """A new password in the one form in which it is hashed, whatever keyboard it was typed on.

    Raises:
        InvalidInput: if it is too short or too long.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(N_("Choose a password of at least %(shortest)s characters."), shortest=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise InvalidInput(N_("Choose a password of at most %(longest)s characters."), longest=LONGEST_PASSWORD)
    return typed_password(password)


def typed_password(password: str) -> str:
    """A typed password as it was hashed: й is one letter on some keyboards and two code points on others."""
    return unicodedata.normalize("NFC", password)


def typed_code(code: str) -> str:
    """A typed code, of the app or for recovery, without what people put in between to read it."""
    return "".join(unicodedata.normalize("NFKC", code).lower().replace("-", " ").split())


def in_groups(code: str, between: str = " ") -> str:
    """A long code in groups of four, for people to read and type."""
    return between.join(code[start : start + 4] for start in range(0, len(code), 4))


def local_path(wanted: str | None, otherwise: str = "/") -> str:
    """`wanted` if it is a path of this site, else `otherwise`: a link must not send people elsewhere.

    Browsers read `\\` as `/` and drop control characters, so neither may stand in it.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return otherwise
    return wanted if wanted.isprintable() else otherwise


#: How programs name themselves to servers, the more telling word first: most also claim to be those below them.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser", "Yandex Browser"), ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_of(user_agent: str) -> tuple[str, str]:
    """The names of a browser and of its system, as people know them; empty if they are not known."""
    browser, system = (
        next((name for word, name in known if word in user_agent), "") for known in (_BROWSERS, _SYSTEMS)
    )
    return browser, system


def place_of(address: str) -> str:
    """Where a request comes from, as far as limits care: an IPv6 customer has a whole /64 to choose from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


class Claims(NamedTuple):
    """What the provider says of who came back from it."""

    issuer: str
    subject: str  #: the provider's own number of the account; it never changes
    email: str  #: empty if the provider has not confirmed it
    name: str
    language: str  #: one of ours, or empty
