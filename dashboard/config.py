"""Settings, read once from the environment or a settings file; each with its one-line meaning.

The vendor's identity (name, addresses, bank accounts …) comes from a TOML file (`VENDOR_FILE`), because it has
structure; everything else is a plain environment variable of the same name in capitals. `SETTINGS_FILE` names a TOML
file with the same names, for servers whose services and commands must agree; the environment wins over it.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult

from flask import current_app
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from dashboard.checks import SettingsError, checked_address, checked_email, read_toml
from dashboard.vendor import DEMO_VENDOR, Vendor, load_vendor

ROOT = Path(__file__).resolve().parent.parent

#: Everything that may be set, besides SETTINGS_FILE; a settings file with another name in it is refused.
NAMES = frozenset({
    "BANK_FEE_TOLERANCE", "BEHIND_PROXY", "CREDIT_DAYS", "DATABASE_URL", "DATA_DIR", "DEMO", "DISCOUNT_PERCENT",
    "ENQUIRIES_MAIL", "ESTABLISHED_AFTER", "EXEMPT_PROVISIONALLY", "HOST", "INTEREST_PERCENT", "LICENSE_KEYS",
    "LICENSE_ON_CREDIT_AT_ONCE", "MAIL_FROM", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET",
    "OIDC_ISSUER", "PORT", "PRO_FORMA_DAYS", "PRO_FORMA_REMINDER_DAYS", "PSEUDO", "PUBLIC_URL",
    "RELEASE_TEMPORARY_AT_ONCE", "REMINDER_DAYS", "SECRET_KEY", "SMTP_URL", "STAFF_DIGEST", "TEMPORARY_DAYS",
    "TRUSTED_HOSTS", "VENDOR_FILE",
})  # fmt: skip

#: What a secret must have at least, so that nobody guesses it.
SECRET_LENGTH, SECRET_VARIETY = 32, 10

#: Names by which a machine calls itself; requests to them do no harm.
OWN_NAMES = ("127.0.0.1", "localhost")


class Provider(NamedTuple):
    """The vendor's identity provider (OpenID Connect), which knows us as a client."""

    issuer: str  #: its address, as it writes it in its tokens
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Provider({self.issuer})"


@dataclass(frozen=True)
class Settings:
    """All settings of one running program."""

    secret_key: str = field(repr=False)  #: signs session cookies, seals the keys of second factors
    database_url: str = field(repr=False)  #: SQLAlchemy address of the database
    data_dir: Path  #: where SQLite, keys and the demo live
    vendor: Vendor
    host: str = "127.0.0.1"  #: where the web server listens
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"  #: the address that people see; links in mails begin with it
    #: smtp[s]://user:password@host:port; empty: letters stay readable in the staff pages
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""  #: sender of all letters; empty: the sales address
    enquiries_mail: str = ""  #: address whose mails are filed with enquiries (R32); empty: answers are written on pages
    provider: Provider | None = None  #: where accounts may sign in instead of with a password (R1)
    license_keys: Path = Path()  #: folder of signing keys; only the worker must be able to read the private ones
    trusted_hosts: tuple[str, ...] = ()  #: host names that the server answers to; empty (in tests): all
    behind_proxy: bool = False  #: trust X-Forwarded-* and X-Request-Id of the one proxy in front
    demo: bool = False  #: shows the demo's accounts and all components, and asks staff for no second factor
    pseudo: bool = False  #: in the demo only: English is shown in brackets and longer, what is in no catalog plain
    pro_forma_days: int = 30  #: how long a pro-forma is valid (R12)
    pro_forma_reminder_days: int = 7  #: so many days before its end a pro-forma is reminded of (R12)
    reminder_days: tuple[int, ...] = (-3, 0, 7, 21)  #: steps of reminders, in days from the due date; empty: none
    staff_digest: bool = True  #: mail staff each morning what waits for them
    credit_days: int = 30  #: calendar days from order to due date on credit (R14)
    interest_rate: int = 100_000  #: of a year, on what is overdue, parts per million (R16)
    bank_fee_tolerance: int = 2_000  #: how much of a transfer the banks may keep, in minor units (R18)
    established_after: int = 3  #: paid orders that make a new reseller established (R14)
    discount: int = 100_000  #: partner discount of a new reseller, parts per million (R6)
    temporary_days: int = 30  #: how long a temporary license runs (R22)
    release_temporary_at_once: bool = False  #: release temporary licenses without staff (R22)
    license_on_credit_at_once: bool = True  #: license of a credit order when placed, not when paid (R14)
    exempt_provisionally: bool = True  #: an exemption certificate holds until staff have looked at it (R29)
    testing: bool = False

    @property
    def sender(self) -> str:
        return self.mail_from or self.vendor.sales_email

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def staff_need_second_factor(self) -> bool:
        """Where the world can reach us, a password alone must not open everybody's orders."""
        return self.is_https and not self.demo


def current_settings() -> Settings:
    """The settings of the running application."""
    settings = current_app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment and the settings file that it may name.

    Raises:
        SettingsError: if a setting is missing or cannot be used; the message is one line and tells no secret.
    """
    given = _Given(environment)
    host, port = given.text("HOST", "127.0.0.1"), given.number("PORT", 8000, at_least=1, at_most=65535)
    public_url = given.text("PUBLIC_URL", f"http://{f'[{host}]' if ':' in host else host}:{port}").rstrip("/")
    public = _check_public_url(public_url)
    demo, is_https = given.flag("DEMO"), public.scheme == "https"
    data_dir = _folder(Path(given.text("DATA_DIR", "data")).resolve())
    return Settings(
        secret_key=_secret(given.text("SECRET_KEY"), data_dir / "secret_key", is_https=is_https),
        database_url=_checked_database(given.text("DATABASE_URL", f"sqlite:///{data_dir / 'dashboard.sqlite'}")),
        data_dir=data_dir,
        vendor=load_vendor(_vendor_file(given.text("VENDOR_FILE"), may_be_demo=demo or not is_https)),
        host=host,
        port=port,
        public_url=public_url,
        smtp_url=_checked_smtp(given.text("SMTP_URL")),
        mail_from=checked_email("MAIL_FROM", given.text("MAIL_FROM")),
        enquiries_mail=_checked_reply(given.text("ENQUIRIES_MAIL")),
        provider=_provider(given.text("OIDC_ISSUER"), given.text("OIDC_CLIENT_ID"), given.text("OIDC_CLIENT_SECRET")),
        license_keys=Path(given.text("LICENSE_KEYS", str(data_dir / "license-keys"))),
        trusted_hosts=given.names("TRUSTED_HOSTS") or (str(public.hostname), *OWN_NAMES),
        behind_proxy=given.flag("BEHIND_PROXY"),
        demo=demo,
        pseudo=demo and given.flag("PSEUDO"),
        pro_forma_days=given.number("PRO_FORMA_DAYS", 30),
        pro_forma_reminder_days=given.number("PRO_FORMA_REMINDER_DAYS", 7),
        reminder_days=given.steps("REMINDER_DAYS", "-3,0,7,21"),
        staff_digest=given.flag("STAFF_DIGEST", default=True),
        credit_days=given.number("CREDIT_DAYS", 30),
        interest_rate=given.rate("INTEREST_PERCENT", "10"),
        bank_fee_tolerance=given.number("BANK_FEE_TOLERANCE", 20, at_most=1_000) * 100,
        established_after=given.number("ESTABLISHED_AFTER", 3),
        discount=given.number("DISCOUNT_PERCENT", 10, at_most=100) * 10_000,
        temporary_days=given.number("TEMPORARY_DAYS", 30),
        release_temporary_at_once=given.flag("RELEASE_TEMPORARY_AT_ONCE"),
        license_on_credit_at_once=given.flag("LICENSE_ON_CREDIT_AT_ONCE", default=True),
        exempt_provisionally=given.flag("EXEMPT_PROVISIONALLY", default=True),
    )


class _Given:
    """What is set, by name; an empty value counts as none."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        file = environment.get("SETTINGS_FILE", "")
        self._values = {**(_read_settings_file(Path(file)) if file else {}), **environment}

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def names(self, name: str) -> tuple[str, ...]:
        """Words separated by commas."""
        return tuple(word for part in self.text(name).split(",") if (word := part.strip()))

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name).lower()
        if value not in {"", "0", "1", "no", "yes", "false", "true"}:
            raise SettingsError(f"{name} must be 1 or 0, not {value!r}")
        return default if not value else value in {"1", "yes", "true"}

    def number(self, name: str, default: int, *, at_least: int = 0, at_most: int = 3650) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not at_least <= int(value) <= at_most:
            raise SettingsError(f"{name} must be a whole number from {at_least} to {at_most}, not {value!r}")
        return int(value)

    def steps(self, name: str, default: str) -> tuple[int, ...]:
        """Days before (negative) and after something, earliest first; or `off`."""
        value = self.text(name, default).replace(" ", "")
        known = re.fullmatch(r"off|-?[0-9]{1,3}(,-?[0-9]{1,3}){0,9}", value)
        days = [int(day) for day in value.split(",")] if known and value != "off" else []
        if not known or days != sorted(set(days)):
            raise SettingsError(f"{name} must be days such as -3,0,7,21, earliest first, or off; not {value!r}")
        return tuple(days)

    def rate(self, name: str, default: str) -> int:
        """A percentage, in parts per million."""
        value = self.text(name, default)
        if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?|100", value):
            raise SettingsError(f"{name} must be a percentage from 0 to 100 such as 9.5, not {value!r}")
        return int(Decimal(value) * 10_000)


def _read_settings_file(path: Path) -> dict[str, str]:
    where = f"SETTINGS_FILE {path.name}"
    values = read_toml(path, where)
    for name, value in values.items():
        if name not in NAMES:
            raise SettingsError(f"{where}: there is no setting {name!r}")
        if not isinstance(value, str | int):
            raise SettingsError(f"{where}: {name} must be a text, a whole number, true or false")
    return {name: str(value) for name, value in values.items()}


def _check_public_url(address: str) -> SplitResult:
    """https for the world, plain http only for this machine: sessions and licenses travel over it."""
    url = checked_address("PUBLIC_URL", address, {"http", "https"})
    if url.path or url.query or url.fragment or url.username:
        raise SettingsError("PUBLIC_URL must be like https://partners.example.com, without a path")
    if url.scheme == "http" and not _is_loopback(str(url.hostname)):
        raise SettingsError(f"PUBLIC_URL {address}: plain http is only for this machine itself; elsewhere use https")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"DATA_DIR {path} cannot be made: {error.strerror}") from error
    return path


def _secret(given: str, kept: Path, *, is_https: bool) -> str:
    """The secret: chosen by the operator where the world can reach us, else made on the first start and kept."""
    if is_https and (len(given) < SECRET_LENGTH or len(set(given)) < SECRET_VARIETY):
        raise SettingsError(
            f"SECRET_KEY is {'too weak' if given else 'missing'}: with an https PUBLIC_URL it must be "
            f"{SECRET_LENGTH} random characters or more, such as `openssl rand -hex 32` prints"
        )
    if given:
        return given
    try:
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_hex(32), encoding="ascii")
        return kept.read_text(encoding="ascii")
    except OSError as error:
        raise SettingsError(f"the secret kept in DATA_DIR cannot be used: {error.strerror}") from error


def _checked_database(address: str) -> str:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise SettingsError("DATABASE_URL is no address of a database") from error
    if url.drivername == "sqlite":
        if not url.database or not Path(url.database).is_absolute() or not Path(url.database).parent.is_dir():
            raise SettingsError("DATABASE_URL must name a SQLite file by its whole path, in a folder that exists")
    elif url.drivername != "postgresql+psycopg":
        raise SettingsError(f"DATABASE_URL must begin with postgresql+psycopg:// or sqlite://, not {url.drivername}://")
    return address


def _checked_smtp(address: str) -> str:
    if address:
        checked_address("SMTP_URL", address, {"smtp", "smtps"})
    return address


def _provider(issuer: str, client_id: str, client_secret: str) -> Provider | None:
    """The identity provider, if there is one; what it says must come over TLS, or from this machine itself."""
    given = Provider(issuer, client_id, client_secret)
    if not any(given):
        return None
    if not all(given):
        raise SettingsError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be given together")
    url = checked_address("OIDC_ISSUER", issuer, {"http", "https"})
    if url.scheme == "http" and not _is_loopback(str(url.hostname)):
        raise SettingsError("OIDC_ISSUER must be an address that begins with https://")
    return given


def _checked_reply(address: str) -> str:
    """An address to which a token can be added: `enquiries+TOKEN@example.com`."""
    if "+" in checked_email("ENQUIRIES_MAIL", address):
        raise SettingsError(f"ENQUIRIES_MAIL must be an address without a plus sign, not {address!r}")
    return address


def _vendor_file(given: str, *, may_be_demo: bool) -> Path:
    """The vendor's facts: nobody must be billed in the name of the demo's vendor by mistake."""
    if not given and not may_be_demo:
        raise SettingsError("VENDOR_FILE is missing: with an https PUBLIC_URL it must name your own vendor.toml")
    return Path(given) if given else DEMO_VENDOR
