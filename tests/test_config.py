"""Settings: where they come from, and that one that allows no start stops it with one line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import money
from dashboard.checks import SettingsError
from dashboard.config import NAMES, ROOT, Settings, load_settings
from dashboard.pictures import size_of
from dashboard.shades import OURS
from dashboard.vendor import CURRENCIES, DEMO_VENDOR, load_vendor
from tests.quotes.samples import a_logo
from tests.smtp import free_port

SECRET = "0123456789abcdef0123456789ABCDEF"

OIDC = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "dashboard", "OIDC_CLIENT_SECRET": "password"}

#: Settings of a vendor's own server; `{dir}` is the folder of the test.
PRODUCTION = {
    "PUBLIC_URL": "https://partners.lumivara.example",
    "SECRET_KEY": SECRET,
    "VENDOR_FILE": "{dir}/vendor.toml",
    "DATABASE_URL": "postgresql+psycopg://dashboard:password@db.example/dashboard",
}

#: What is wrong, changed from PRODUCTION, and what the one line says.
FAULTS = [
    ({"SECRET_KEY": ""}, "SECRET_KEY is missing: with an https PUBLIC_URL it must be 32 random characters or more"),
    ({"SECRET_KEY": "changeme"}, "SECRET_KEY is too weak"),
    ({"SECRET_KEY": "a" * 64}, "SECRET_KEY is too weak"),
    ({"VENDOR_FILE": ""}, "VENDOR_FILE is missing: with an https PUBLIC_URL it must name your own vendor.toml"),
    ({"VENDOR_FILE": "{dir}/none.toml"}, "VENDOR_FILE none.toml cannot be read: No such file or directory"),
    ({"PUBLIC_URL": "http://partners.lumivara.example"}, "plain http is only for this machine itself"),
    ({"PUBLIC_URL": "http://10.0.0.7:8000"}, "plain http is only for this machine itself"),
    ({"PUBLIC_URL": "http://127.0.0.1.example.com"}, "plain http is only for this machine itself"),
    ({"PUBLIC_URL": "", "HOST": "0.0.0.0"}, "plain http is only for this machine itself"),
    ({"PUBLIC_URL": "partners.lumivara.example"}, "PUBLIC_URL must be an address that begins with http:// or https://"),
    ({"PUBLIC_URL": "https://"}, "PUBLIC_URL must be an address"),
    ({"PUBLIC_URL": "https://one two"}, "PUBLIC_URL must be an address"),
    ({"PUBLIC_URL": "https://partners.example:port"}, "PUBLIC_URL must be an address"),
    ({"PUBLIC_URL": "https://lumivara.example/partners"}, "PUBLIC_URL must be like https://partners.example.com"),
    ({"DATABASE_URL": "what"}, "DATABASE_URL is no address of a database"),
    ({"DATABASE_URL": "postgresql+psycopg://dashboard:password@db.example:x/d"}, "DATABASE_URL is no address"),
    ({"DATABASE_URL": "postgresql://dashboard:password@db.example/d"}, "DATABASE_URL must begin with postgresql+psy"),
    ({"DATABASE_URL": "mysql://dashboard:password@db.example/d"}, "DATABASE_URL must begin with postgresql+psycopg://"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must name a SQLite file by its whole path"),
    ({"DATABASE_URL": "sqlite:///relative.sqlite"}, "DATABASE_URL must name a SQLite file by its whole path"),
    ({"DATABASE_URL": "sqlite:////no/such/folder/file"}, "in a folder that exists"),
    ({"SMTP_URL": "mail.example:587"}, "SMTP_URL must be an address that begins with smtp:// or smtps://"),
    ({"SMTP_URL": "smtp://post:password@mail.example:none"}, "SMTP_URL must be an address"),
    ({"MAIL_FROM": "sales"}, "MAIL_FROM must be an e-mail address, not 'sales'"),
    ({"MAIL_FROM": "Sales <sales@lumivara.example>"}, "MAIL_FROM must be an e-mail address"),
    ({"ENQUIRIES_MAIL": "enquiries"}, "ENQUIRIES_MAIL must be an e-mail address, not 'enquiries'"),
    ({"ENQUIRIES_MAIL": "a+b@lumivara.example"}, "ENQUIRIES_MAIL must be an address without a plus sign"),
    ({"PORT": "x"}, "PORT must be a whole number from 1 to 65535, not 'x'"),
    ({"PORT": "0"}, "PORT must be a whole number from 1 to 65535"),
    ({"PORT": "70000"}, "PORT must be a whole number from 1 to 65535"),
    ({"PORT": "８０００"}, "PORT must be a whole number from 1 to 65535"),
    ({"CREDIT_DAYS": "-1"}, "CREDIT_DAYS must be a whole number from 0 to 3650, not '-1'"),
    ({"REMINDER_DAYS": "7,0"}, "REMINDER_DAYS must be days such as -3,0,7,21, earliest first, or off; not '7,0'"),
    ({"REMINDER_DAYS": "soon"}, "REMINDER_DAYS must be days"),
    ({"REMINDER_DAYS": "1,1"}, "REMINDER_DAYS must be days"),
    ({"CREDIT_DAYS": "9" * 5000}, "CREDIT_DAYS must be a whole number"),
    ({"DISCOUNT_PERCENT": "101"}, "DISCOUNT_PERCENT must be a whole number from 0 to 100, not '101'"),
    ({"BEHIND_PROXY": "maybe"}, "BEHIND_PROXY must be 1 or 0, not 'maybe'"),
    ({"DATA_DIR": "{dir}/vendor.toml/data"}, "DATA_DIR {dir}/vendor.toml/data cannot be made: Not a directory"),
    (
        {"OIDC_ISSUER": "https://id.example"},
        "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be given together",
    ),
    ({**OIDC, "OIDC_ISSUER": "http://id.example"}, "OIDC_ISSUER must be an address that begins with https://"),
    ({**OIDC, "OIDC_ISSUER": "id.example"}, "OIDC_ISSUER must be an address that begins with http:// or https://"),
    ({"SETTINGS_FILE": "{dir}/none"}, "SETTINGS_FILE none cannot be read: No such file or directory"),
]

#: What is wrong in the vendor's file: text to replace, what to put there, and what the line says.
VENDOR_FAULTS = [
    ("[accounts.USD]", "[accounts.XXX]", "accounts.XXX: the currency is unknown; known are EUR, RUB, USD"),
    ("[accounts.USD]", "[accounts]", "accounts.holder: the currency is unknown"),
    ("[accounts.", "[other.", "there is no bank account, such as [accounts.EUR]"),
    ("EE38220022102014568", "EE38220022102014569", "accounts.USD: the number is not a valid IBAN"),
    ('holder = "Lumivara Software OÜ"\n', "", "accounts.USD: holder is missing"),
    ('bank = "Demo Bank of Tartu"', 'bank = ""', "accounts.USD: bank is empty"),
    ("bank_address", "bank_adress", "accounts.USD: there is no fact 'bank_adress'"),
    ("bank_address =", 'currency = "EUR"\nbank_address =', "accounts.USD: there is no fact 'currency'"),
    ('name = "Lumivara"\n', "", "name is missing"),
    ('name = "Lumivara"', "name = 5", "name must be a text"),
    ('country = "EE"', 'country = "Estonia"', "country must be an ISO 3166 code such as EE, not 'Estonia'"),
    ("Europe/Tallinn", "Europe/Talinn", "there is no time_zone 'Europe/Talinn'; one is Europe/Tallinn"),
    ("Europe/Tallinn", "../../etc/passwd", "there is no time_zone '../../etc/passwd'"),
    ("sales@lumivara.example", "sales", "sales_email must be an e-mail address, not 'sales'"),
    ("https://forum", "forum", "forum_url must be an address that begins with http:// or https://"),
    ('brands = ["GroupDocs", "Aspose", "Conholdate"]', 'brands = "GroupDocs"', "brands must be a list of texts"),
    ('"Näituse 17–4"', "17", "address must be a list of texts"),
    ("sales_email", "sales_mail", "there is no fact 'sales_mail'"),
    ('country = "EE"', 'country = "EE"\naccent = "teal"', "accent must be a color such as #1f5fbf, not 'teal'"),
    ('country = "EE"', 'country = "EE"\naccent = 5', "accent must be a text"),
    (
        'country = "EE"',
        'country = "EE"\nlogo = "none.png"',
        "the logo none.png cannot be read: No such file",
    ),
    (
        'country = "EE"',
        'country = "EE"\nlogo = "vendor.toml"',
        "the logo vendor.toml cannot be used: The file",
    ),
    ('country = "EE"', 'country = "EE', "is not TOML: Illegal character"),
]


@pytest.fixture
def vendor_file(tmp_path: Path) -> Path:
    return Path(shutil.copy(DEMO_VENDOR, tmp_path / "vendor.toml"))


def environment(folder: Path, **changes: str) -> dict[str, str]:
    given = {"DATA_DIR": "{dir}/data", **PRODUCTION, **changes}
    return {name: value.replace("{dir}", str(folder)) for name, value in given.items()}


def refusal(folder: Path, **changes: str) -> str:
    """The one line that the settings are refused with."""
    with pytest.raises(SettingsError) as refused:
        load_settings(environment(folder, **changes))
    line = str(refused.value.code)
    assert len(line.splitlines()) == 1
    for secret in ("password", SECRET, changes.get("SECRET_KEY") or SECRET):
        assert secret not in line
    return line


def test_without_settings_all_is_for_this_machine(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path)})
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/dashboard.sqlite"
    assert settings.trusted_hosts == ("127.0.0.1", "127.0.0.1", "localhost")
    assert len(settings.secret_key) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert load_settings({"DATA_DIR": str(tmp_path)}).secret_key == settings.secret_key


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
def test_plain_http_is_for_loopback(tmp_path: Path, host: str) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "HOST": host, "PORT": "8001"})
    assert settings.public_url == (f"http://[{host}]:8001" if ":" in host else f"http://{host}:8001")
    assert not settings.is_https


def test_a_server_of_the_vendors_own(tmp_path: Path, vendor_file: Path) -> None:
    settings = load_settings(environment(tmp_path, TRUSTED_HOSTS="", HOST="0.0.0.0"))
    assert settings.is_https
    assert settings.secret_key == SECRET
    assert settings.trusted_hosts == ("partners.lumivara.example", "127.0.0.1", "localhost")
    assert load_settings(environment(tmp_path, TRUSTED_HOSTS="a.example, b.example")).trusted_hosts == (
        "a.example", "b.example",
    )  # fmt: skip


def test_a_demo_may_be_shown_to_the_world_under_its_own_name(tmp_path: Path) -> None:
    assert load_settings(environment(tmp_path, VENDOR_FILE="", DEMO="1")).vendor.name == "Lumivara"


def test_the_language_made_for_looking_is_for_the_demo(tmp_path: Path) -> None:
    asked = environment(tmp_path, VENDOR_FILE="", PSEUDO="1")
    assert load_settings(asked | {"DEMO": "1"}).pseudo
    assert not load_settings(asked | {"PUBLIC_URL": "http://127.0.0.1:8000"}).pseudo


@pytest.mark.parametrize(("changes", "line"), FAULTS)
def test_a_setting_that_allows_no_start_is_named(
    tmp_path: Path, vendor_file: Path, changes: dict[str, str], line: str
) -> None:
    assert line.replace("{dir}", str(tmp_path)) in refusal(tmp_path, **changes)


@pytest.mark.parametrize(("old", "new", "line"), VENDOR_FAULTS)
def test_a_fact_about_the_vendor_that_cannot_be_is_named(vendor_file: Path, old: str, new: str, line: str) -> None:
    text = vendor_file.read_text(encoding="utf-8")
    assert old in text
    vendor_file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_vendor(vendor_file)
    told = str(refused.value.code)
    assert told.startswith("VENDOR_FILE vendor.toml")
    assert line in told
    assert len(told.splitlines()) == 1


def test_an_account_may_be_in_any_currency_that_we_bill_in() -> None:
    assert set(money.CURRENCIES) == CURRENCIES


def test_R01_an_identity_provider_is_given_whole_and_its_secret_is_shown_to_nobody(
    tmp_path: Path, vendor_file: Path
) -> None:
    settings = load_settings(environment(tmp_path, **OIDC))
    assert settings.provider == ("https://id.example", "dashboard", "password")
    assert "password" not in repr(settings)


def test_a_vendor_may_choose_a_color_and_a_logo(vendor_file: Path) -> None:
    assert load_vendor(vendor_file).shades == OURS
    (vendor_file.parent / "ours.png").write_bytes(a_logo(300, 100))
    text = vendor_file.read_text(encoding="utf-8")
    vendor_file.write_text(f'accent = "#0f766e"\nlogo = "ours.png"\n{text}', encoding="utf-8")
    vendor = load_vendor(vendor_file)
    assert vendor.shades.light == "#0f766e"
    assert size_of(vendor.logo) == (300, 100)


def test_a_vendor_without_tax_number_says_so(vendor_file: Path) -> None:
    text = vendor_file.read_text(encoding="utf-8")
    vendor_file.write_text(text.replace("EE123456780", "").replace("Reg. no. 10000000", ""), encoding="utf-8")
    vendor = load_vendor(vendor_file)
    assert (vendor.vat_number, vendor.registration) == ("", "")


def test_a_settings_file_holds_the_same_names_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('CREDIT_DAYS = 14\nPRO_FORMA_DAYS = "7"\nDEMO = true\nHOST = "localhost"\n', encoding="utf-8")
    settings = load_settings({"DATA_DIR": str(tmp_path), "SETTINGS_FILE": str(file), "PRO_FORMA_DAYS": "9"})
    assert (settings.credit_days, settings.pro_forma_days, settings.demo) == (14, 9, True)
    assert settings.public_url == "http://localhost:8000"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("CREDIT_DAY = 14", "SETTINGS_FILE settings.toml: there is no setting 'CREDIT_DAY'"),
        ("SETTINGS_FILE = 'x'", "there is no setting 'SETTINGS_FILE'"),
        ("CREDIT_DAYS = 1.5", "CREDIT_DAYS must be a text, a whole number, true or false"),
        ("CREDIT_DAYS = ", "SETTINGS_FILE settings.toml is not TOML"),
        ("# \xff", "SETTINGS_FILE settings.toml is not TOML"),
    ],
)
def test_a_settings_file_with_a_fault_is_refused(tmp_path: Path, content: str, line: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content.encode("latin-1"))
    assert line in refusal(tmp_path, SETTINGS_FILE=str(file))


def test_every_setting_is_known_and_documented() -> None:
    source = (ROOT / "dashboard" / "config.py").read_text(encoding="utf-8")
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert re.search(rf"given\.\w+\(\s*\"{name}\"", source), f"{name} is not read"
        assert f"`{name}`" in manual, f"{name} is not documented"


def test_secrets_are_not_shown_with_the_settings(tmp_path: Path, vendor_file: Path) -> None:
    settings = load_settings(environment(tmp_path, SMTP_URL="smtp://post:password@mail.example"))
    assert isinstance(settings, Settings)
    shown = repr(settings)
    assert SECRET not in shown
    assert "password" not in shown


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "dashboard.serve"],
        ["-m", "flask", "--app", "wsgi", "worker"],
        ["-c", "import wsgi"],
    ],
)
def test_however_it_is_started_a_bad_setting_is_one_line(tmp_path: Path, command: list[str]) -> None:
    given = environment(tmp_path, SECRET_KEY="", PORT=str(free_port()))
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("SECRET_KEY is missing")
    assert len(done.stderr.splitlines()) == 1


def test_a_web_server_of_its_own_is_told_without_a_traceback(tmp_path: Path) -> None:
    given = environment(tmp_path, SECRET_KEY="")
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(free_port()), "wsgi:app"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "SECRET_KEY is missing" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(("given", "steps"), [("", (-3, 0, 7, 21)), ("off", ()), (" -5, 10 ", (-5, 10)), ("0", (0,))])
def test_R14_the_steps_of_reminders(tmp_path: Path, given: str, steps: tuple[int, ...]) -> None:
    assert load_settings({"DATA_DIR": str(tmp_path), "REMINDER_DAYS": given}).reminder_days == steps
