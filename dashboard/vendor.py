"""The vendor's identity: name, addresses, bank accounts; read once from a TOML file, because it has structure."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from stdnum import iban

from dashboard.checks import SettingsError, checked_address, checked_email, read_toml
from dashboard.errors import InvalidInput
from dashboard.pictures import logo_of
from dashboard.shades import OURS, Shades, shades_of

DEMO_VENDOR = Path(__file__).parent / "demo" / "vendor.toml"

#: Currencies of `money`, which must not be reached from here (R25): the customer's side does. A test compares them.
CURRENCIES = frozenset({"EUR", "RUB", "USD"})

#: Facts about the vendor that must be stated, if only to say that there are none.
MAY_BE_EMPTY = frozenset({"vat_number", "registration"})


@dataclass(frozen=True)
class BankAccount:
    """Where a reseller pays in one currency."""

    currency: str
    holder: str
    bank: str
    number: str  #: IBAN, or the account number where there is none
    bic: str = ""
    correspondent_account: str = ""  #: RUB only
    tax_number: str = ""  #: RUB only: INN of the holder
    bank_address: str = ""


@dataclass(frozen=True)
class Vendor:
    """Who sells: shown on every page, letter and document."""

    name: str
    legal_name: str
    address: tuple[str, ...]
    country: str  #: ISO 3166 code
    vat_number: str
    registration: str
    brands: tuple[str, ...]
    sales_email: str
    forum_url: str
    time_zone: str
    accounts: dict[str, BankAccount]
    accent: str = ""  #: color of links and buttons, as #1f5fbf; empty: ours
    logo: bytes = field(default=b"", repr=False)  #: PNG; empty: the name stands for it

    @property
    def zone(self) -> ZoneInfo:
        """All business days are days in this zone (R14)."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def shades(self) -> Shades:
        """The accent, readable on every ground."""
        return shades_of(self.accent) if self.accent else OURS


def load_vendor(path: Path) -> Vendor:
    """The vendor's identity from a TOML file.

    Raises:
        SettingsError: if the file is missing, lacks a fact or holds one that cannot be; the message names it.
    """
    where = f"VENDOR_FILE {path.name}"
    facts = read_toml(path, where)
    accounts = facts.pop("accounts", None)
    if not isinstance(accounts, dict) or not accounts:
        raise SettingsError(f"{where}: there is no bank account, such as [accounts.EUR]")
    for name in ("address", "brands"):
        lines = facts.get(name)
        if not isinstance(lines, list) or not lines or not all(isinstance(line, str) and line for line in lines):
            raise SettingsError(f"{where}: {name} must be a list of texts")
        facts[name] = tuple(lines)
    _check_facts(where, facts, Vendor, but={"accounts", "address", "brands"})
    facts["logo"] = _logo(where, path.parent, facts.get("logo"))
    vendor = Vendor(**facts, accounts={code: _account(where, code, account) for code, account in accounts.items()})
    _check_vendor(where, vendor)
    return vendor


def _logo(where: str, folder: Path, name: str | None) -> bytes:
    """The picture that lies beside the vendor's file, made fit for pages and papers."""
    if not name:
        return b""
    try:
        return logo_of((folder / name).read_bytes())
    except OSError as error:
        raise SettingsError(f"{where}: the logo {name} cannot be read: {error.strerror}") from error
    except InvalidInput as error:
        raise SettingsError(f"{where}: the logo {name} cannot be used: {error.message}") from error


def _account(where: str, code: str, facts: Any) -> BankAccount:
    where = f"{where}: accounts.{code}"
    if code not in CURRENCIES:
        raise SettingsError(f"{where}: the currency is unknown; known are {', '.join(sorted(CURRENCIES))}")
    if not isinstance(facts, dict):
        raise SettingsError(f"{where} must be a table")
    _check_facts(where, facts, BankAccount, but={"currency"})
    account = BankAccount(currency=code, **facts)
    if (code == "EUR" or re.match(r"[A-Z]{2}\d{2}", account.number)) and not iban.is_valid(account.number):
        raise SettingsError(f"{where}: the number is not a valid IBAN")
    return account


def _check_facts(where: str, facts: dict[str, Any], kind: type[Vendor | BankAccount], *, but: set[str]) -> None:
    """Whether the facts are those of `kind`, all of them texts; what has no default must have words in it."""
    known = {fact.name: fact.default is MISSING for fact in fields(kind)}
    for name in facts:
        if name not in known or name == "currency":
            raise SettingsError(f"{where}: there is no fact {name!r}")
    for name in known.keys() - but:
        value = facts.get(name)
        if not isinstance(value, str) and not (value is None and not known[name]):
            raise SettingsError(f"{where}: {name} {'is missing' if value is None else 'must be a text'}")
        if known[name] and not value and name not in MAY_BE_EMPTY:
            raise SettingsError(f"{where}: {name} is empty")


def _check_vendor(where: str, vendor: Vendor) -> None:
    if not re.fullmatch(r"[A-Z]{2}", vendor.country):
        raise SettingsError(f"{where}: country must be an ISO 3166 code such as EE, not {vendor.country!r}")
    if vendor.time_zone not in available_timezones():
        raise SettingsError(f"{where}: there is no time_zone {vendor.time_zone!r}; one is Europe/Tallinn")
    if vendor.accent and not re.fullmatch("#[0-9A-Fa-f]{6}", vendor.accent):
        raise SettingsError(f"{where}: accent must be a color such as #1f5fbf, not {vendor.accent!r}")
    checked_email(f"{where}: sales_email", vendor.sales_email)
    checked_address(f"{where}: forum_url", vendor.forum_url, {"https", "http"})
