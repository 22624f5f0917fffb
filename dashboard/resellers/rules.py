"""Who may do what in a reseller, what makes one active, and what an address on its own site is: pure (R3-R6)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from dashboard.errors import N_, InvalidInput
from dashboard.places import EUROZONE


class Role(StrEnum):
    """What a member does for its company."""

    OWNER = "owner"
    BUYER = "buyer"
    ACCOUNTANT = "accountant"
    VIEWER = "viewer"


#: How long the link in an invitation works.
INVITATION_LIFETIME = timedelta(days=7)


class Way(StrEnum):
    """How the person who has opened an invitation gets in."""

    CLICK = "click"  #: signed in under its address
    REGISTER = "register"  #: nobody is signed in, and the address has no account that is confirmed
    SIGN_IN = "sign_in"  #: it has one
    SIGN_OUT = "sign_out"  #: somebody else is signed in here


class Activity(StrEnum):
    """What a company mainly does (R3)."""

    RESELLING = "reselling"
    MIXED = "mixed"
    CONSULTING = "consulting"


class Step(StrEnum):
    """What an approved reseller has to do before it is active (R5)."""

    LISTING = "listing"
    POLICY = "policy"
    COMPANY = "company"


@dataclass(frozen=True)
class Details:
    """What documents say of a company (R5c). Country and state stand beside it: only staff change them (R8)."""

    legal_name: str
    street: str
    city: str
    postal_code: str
    tax_number: str
    billing_email: str
    document_language: str


@dataclass(frozen=True)
class Place:
    """What only staff change: where the company is, and its web site."""

    website: str
    country: str
    state: str


def way_in(email_key: str, signed_in: str | None, *, has_account: bool) -> Way:
    """How an invitation is accepted.

    Args:
        signed_in: the key of the address of who is signed in, if anybody is.
        has_account: whether the address invited has an account that is confirmed.
    """
    if signed_in is not None:
        return Way.CLICK if signed_in == email_key else Way.SIGN_OUT
    return Way.SIGN_IN if has_account else Way.REGISTER


def is_last_owner(user_id: int, owners: Collection[int]) -> bool:
    """Whether the company would have no owner without this member.

    Args:
        owners: those who can sign in: an owner who never claimed the account can do nothing for the company.
    """
    return set(owners) == {user_id}


def is_eligible(activity: str) -> bool:
    """Whether a company of this main activity may apply; a mixed one may, and staff see that it is (R3)."""
    return activity in {Activity.RESELLING, Activity.MIXED}


def missing_steps(*, listing: bool, policy: bool, company: bool) -> tuple[Step, ...]:
    """The steps that are still to be done, in their order (R5); none: the reseller is active."""
    done = {Step.LISTING: listing, Step.POLICY: policy, Step.COMPANY: company}
    return tuple(step for step in Step if not done[step])


def proposed_currency(country: str, offered: Collection[str]) -> str:
    """The currency that staff are proposed for a country (R4), of those for which the vendor has a bank account.

    Dollars for the US and for everywhere that has no better one; empty if the vendor has no account at all.
    """
    own = "EUR" if country in EUROZONE else {"RU": "RUB"}.get(country, "USD")
    wanted = [currency for currency in (own, "USD") if currency in offered]
    return next(iter([*wanted, *sorted(offered)]), "")


#: A name of the domain system with at least one dot, in any alphabet; the last part is no number, so no IP address.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")


def web_address(text: str) -> str:
    """The address of a page as it is kept: with its scheme, which people leave out, and without a fragment.

    Raises:
        InvalidInput: if it is no address of a page in the web.
    """
    text = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidInput(_NO_ADDRESS) from error
    sound = parts.scheme in {"http", "https"} and _HOST.fullmatch(host) and parts.username is None
    if not sound or re.search(r"\s", text):
        raise InvalidInput(_NO_ADDRESS)
    return parts._replace(netloc=host if port is None else f"{host}:{port}", fragment="").geturl()


_NO_ADDRESS = N_("Write the address of a web page, for example https://www.example.com.")


def own_host(url: str) -> str:
    """The host of an address without `www.`, as the domain system spells it."""
    host = (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def host_belongs(url: str, website: str) -> bool:
    """Whether a page lies on the domain of the company's web site, or on a part of it (R5)."""
    host, own = own_host(url), own_host(website)
    return bool(own) and (host == own or host.endswith(f".{own}"))
