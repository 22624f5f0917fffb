"""Rates have a day from which they hold, and come from a file, all or nothing (R28, R29)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from dashboard.errors import InvalidInput, Refused
from dashboard.extensions import db
from dashboard.money import Money
from dashboard.places import US_STATES
from dashboard.tax import cli
from dashboard.tax.models import TaxRate
from dashboard.tax.service import COLUMNS, decide_tax, load_rates

pytestmark = pytest.mark.usefixtures("app")

HEAD = ",".join(COLUMNS)
NET = Money(100_00, "USD")
RATES = Path(cli.__file__).parent.parent / "demo" / "data" / "tax_rates.csv"


def rate_on(day: date, state: str = "TX", country: str = "US") -> int:
    return decide_tax(NET, country=country, state=state, on=day).rate


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(TaxRate)) or 0


def test_R28_the_rate_of_the_day_holds() -> None:
    assert load_rates([HEAD, "US,TX,2025-01-01,6.25,yes", "US,TX,2026-07-01,6.5,yes", "US,TX,2027-01-01,7,no"]) == 3
    assert [rate_on(day) for day in (date(2025, 1, 1), date(2026, 6, 30))] == [62_500, 62_500]
    assert [rate_on(day) for day in (date(2026, 7, 1), date(2026, 12, 31))] == [65_000, 65_000]
    assert rate_on(date(2027, 1, 1)) == 0
    with pytest.raises(Refused):
        rate_on(date(2024, 12, 31))


def test_R28_the_rate_of_another_place_does_not_hold() -> None:
    load_rates([HEAD, "US,TX,2025-01-01,6.25,yes", "EE,,2025-01-01,24,yes"])
    with pytest.raises(Refused):
        rate_on(date(2026, 1, 1), state="CA")
    assert rate_on(date(2026, 1, 1), state="", country="EE") == 240_000
    assert rate_on(date(2026, 1, 1), state="TX", country="EE") == 240_000
    assert rate_on(date(2026, 1, 1), state="TX", country="DE") == 0


def test_R28_loading_a_file_again_replaces_rates_of_the_same_day() -> None:
    for percent in ("6.25", "6.5"):
        load_rates([HEAD, f"US,TX,2025-01-01,{percent},yes"])
    assert count() == 1
    assert rate_on(date(2026, 1, 1)) == 65_000


@pytest.mark.parametrize(
    "line",
    [
        *("US,TX,2025-13-01,6.25,yes", "US,TX,01.01.2025,6.25,yes", "US,TX,,6.25,yes"),
        *("US,TX,2025-01-01,six,yes", "US,TX,2025-01-01,NaN,yes", "US,TX,2025-01-01,6.25001,yes"),
        *("US,TX,2025-01-01,-1,yes", "US,TX,2025-01-01,101,yes", 'US,TX,2025-01-01,"6,25",yes'),
        *("US,TX,2025-01-01,6.25,maybe", "US,TX,2025-01-01,6.25", "US,TX", "US,TX,2025-01-01,6.25,yes,more"),
        *(
            "USA,TX,2025-01-01,6.25,yes",
            "US,Texas,2025-01-01,6.25,yes",
            "us,tx,2025-01-01,6.25,yes",
            ",,2025-01-01,1,yes",
        ),
        *("US,ZZ,2025-01-01,6.25,yes", "US,,2025-01-01,6.25,yes", "EE,TX,2025-01-01,24,yes"),
    ],
)
def test_R29_a_line_that_cannot_be_read_is_named_and_nothing_is_loaded(line: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        load_rates([HEAD, "US,CA,2025-01-01,7.25,no", line])
    assert refusal.value.values == {"line": 3}


@pytest.mark.parametrize(
    "head", ["", "country,state", HEAD + ",more", HEAD.replace(",", ";"), "US,TX,2025-01-01,6.25,yes"]
)
def test_R29_a_file_of_another_kind_is_refused(head: str) -> None:
    with pytest.raises(InvalidInput, match="first line"):
        load_rates([head, "US,TX,2025-01-01,6.25,yes"])


def test_R29_the_command_loads_all_or_nothing(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(f"{HEAD}\nUS,TX,2025-01-01,6.25,yes\nUS,CA,2025-01-01,seven,no\n", encoding="utf-8")
    refused = CliRunner().invoke(cli.load, [str(file)])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "rates.csv: Line 3 cannot be read. Nothing was loaded.\n"
    assert count() == 0
    db.session.commit()
    file.write_text(f"\ufeff{HEAD}\r\nUS,TX,2025-01-01,6.25,yes\r\n", encoding="utf-8")
    loaded = CliRunner().invoke(cli.load, [str(file)])
    assert (loaded.exit_code, loaded.stdout) == (0, "1 rates loaded.\n")
    assert count() == 1


def test_R28_the_demo_knows_every_state_and_the_vendors_country() -> None:
    load_rates(RATES.read_text(encoding="utf-8").splitlines())
    today = date(2026, 5, 4)
    for state in US_STATES:
        decide_tax(NET, country="US", state=state, on=today)
    assert rate_on(today, state="", country="EE") > 0
