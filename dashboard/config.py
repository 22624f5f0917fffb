"""Settings, read once from the environment; each with its one-line meaning.

The vendor's identity (name, addresses, bank accounts …) comes from a TOML file (`VENDOR_FILE`), because it has
structure; everything else is a plain environment variable of the same name in capitals.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app

ROOT = Path(__file__).resolve().parent.parent
DEMO_VENDOR = Path(__file__).parent / "demo" / "vendor.toml"


class SettingsError(Exception):
    """The settings do not allow a start; the message is one line for the operator."""


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

    @property
    def zone(self) -> ZoneInfo:
        """All business days are days in this zone (R14)."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True)
class Settings:
    """All settings of one running program."""

    secret_key: str  #: signs session cookies and mailed links
    database_url: str  #: SQLAlchemy address of the database
    data_dir: Path  #: where SQLite, keys and the demo live
    vendor: Vendor
    public_url: str = "http://127.0.0.1:8000"  #: the address that people see; links in mails begin with it
    smtp_url: str = ""  #: smtp[s]://user:password@host:port; empty: letters stay readable in the staff pages
    mail_from: str = ""  #: sender of all letters; empty: the sales address
    license_keys: Path = Path()  #: folder of signing keys; only the worker must be able to read the private ones
    trusted_hosts: tuple[str, ...] = ()  #: host names that the server answers to
    behind_proxy: bool = False  #: trust X-Forwarded-* of the one proxy in front
    demo: bool = False  #: shows the demo's accounts on the sign-in page
    pro_forma_days: int = 30  #: how long a pro-forma is valid (R12)
    credit_days: int = 30  #: calendar days from order to due date on credit (R14)
    established_after: int = 3  #: paid orders that make a new reseller established (R14)
    discount: int = 100_000  #: partner discount of a new reseller, parts per million (R6)
    temporary_days: int = 30  #: how long a temporary license runs (R22)
    release_temporary_at_once: bool = False  #: release temporary licenses without staff (R22)
    license_on_credit_at_once: bool = True  #: license of a credit order when placed, not when paid (R14)
    testing: bool = False

    @property
    def sender(self) -> str:
        return self.mail_from or self.vendor.sales_email

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def current_settings() -> Settings:
    """The settings of the running application."""
    settings = current_app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings


def load_vendor(path: Path) -> Vendor:
    """The vendor's identity from a TOML file.

    Raises:
        SettingsError: if the file is missing or lacks a fact.
    """
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        accounts = {code: BankAccount(currency=code, **account) for code, account in facts.pop("accounts").items()}
        return Vendor(
            accounts=accounts, address=tuple(facts.pop("address")), brands=tuple(facts.pop("brands")), **facts
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SettingsError(f"VENDOR_FILE {path.name}: {error}") from error


def load_settings() -> Settings:
    """Settings from the environment.

    Raises:
        SettingsError: if a setting is missing or cannot be used; the message is one line.
    """
    data_dir = Path(os.environ.get("DATA_DIR", "data")).resolve()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    vendor = load_vendor(Path(os.environ.get("VENDOR_FILE", DEMO_VENDOR)))
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    public_url = os.environ.get("PUBLIC_URL", f"http://{host}:{port}").rstrip("/")
    return Settings(
        secret_key=os.environ.get("SECRET_KEY") or _kept_secret(data_dir / "secret_key"),
        database_url=os.environ.get("DATABASE_URL", f"sqlite:///{data_dir / 'dashboard.sqlite'}"),
        data_dir=data_dir,
        vendor=vendor,
        public_url=public_url,
        smtp_url=os.environ.get("SMTP_URL", ""),
        mail_from=os.environ.get("MAIL_FROM", ""),
        license_keys=Path(os.environ.get("LICENSE_KEYS", data_dir / "license-keys")),
        trusted_hosts=tuple(filter(None, os.environ.get("TRUSTED_HOSTS", "").split(","))),
        behind_proxy=_flag("BEHIND_PROXY"),
        demo=_flag("DEMO"),
        pro_forma_days=_number("PRO_FORMA_DAYS", 30),
        credit_days=_number("CREDIT_DAYS", 30),
        established_after=_number("ESTABLISHED_AFTER", 3),
        discount=_number("DISCOUNT_PERCENT", 10) * 10_000,
        temporary_days=_number("TEMPORARY_DAYS", 30),
        release_temporary_at_once=_flag("RELEASE_TEMPORARY_AT_ONCE"),
        license_on_credit_at_once=_flag("LICENSE_ON_CREDIT_AT_ONCE", default=True),
    )


def _kept_secret(path: Path) -> str:
    """A secret made on the first start and kept, so that `make run` needs no settings."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii")


def _flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name, "").lower()
    if value not in {"", "0", "1", "no", "yes", "false", "true"}:
        raise SettingsError(f"{name} must be 1 or 0, not {value!r}")
    return default if not value else value in {"1", "yes", "true"}


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    if value and not (value.isascii() and value.isdigit()):
        raise SettingsError(f"{name} must be a whole number, not {value!r}")
    return int(value) if value else default
