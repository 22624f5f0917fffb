"""Rates by country, state and ZIP code, each from a day on; files are loaded all or nothing (R28, R29)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from dashboard.errors import Refused
from dashboard.extensions import db
from dashboard.money import Money
from dashboard.places import US_STATES
from dashboard.tax import cli
from dashboard.tax.files import PLACES, STATES, ZIPS, ZIPS_MORE, Rates, read_rates, zip_code_of
from dashboard.tax.models import TaxRate, ZipRate
from dashboard.tax.service import load_rates, tax_of
from dashboard.web.sheets import InvalidSheet

pytestmark = pytest.mark.usefixtures("app")

HEAD = ",".join(PLACES)
STATE_HEAD = ",".join(STATES)
ZIP_HEAD = (
    "State,ZipCode,TaxRegionName,EstimatedCombinedRate,StateRate,EstimatedCountyRate,EstimatedCityRate,"
    "EstimatedSpecialRate,RiskLevel"
)
NET = Money(100_00, "USD")
RATES = Path(cli.__file__).parent.parent / "demo" / "data" / "tax_rates.csv"
DAY = date(2026, 1, 1)


def read(*lines: str, valid_from: date | None = None) -> Rates:
    return read_rates("\n".join(lines).encode(), valid_from=valid_from)


def load(*lines: str, valid_from: date | None = None) -> None:
    load_rates(read(*lines, valid_from=valid_from))


def zip_line(state: str, code: str, combined: str) -> str:
    return f"{state},{code},SOMEWHERE,{combined},0,0,0,0,1"


def problems(*lines: str, valid_from: date | None = None) -> list[tuple[int, str]]:
    with pytest.raises(InvalidSheet) as refusal:
        read(*lines, valid_from=valid_from)
    return [(problem.line, problem.column) for problem in refusal.value.problems]


def rate_on(day: date, state: str = "TX", country: str = "US", postal_code: str = "") -> int:
    return tax_of(country=country, state=state, postal_code=postal_code, on=day)(NET).rate


def count() -> int:
    rows = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (TaxRate, ZipRate)]
    return sum(rows)


def test_R28_the_rate_of_the_day_holds() -> None:
    load(HEAD, "US,TX,2025-01-01,6.25,yes", "US,TX,2026-07-01,6.5,yes", "US,TX,2027-01-01,7,no")
    assert [rate_on(day) for day in (date(2025, 1, 1), date(2026, 6, 30))] == [62_500, 62_500]
    assert [rate_on(day) for day in (date(2026, 7, 1), date(2026, 12, 31))] == [65_000, 65_000]
    assert rate_on(date(2027, 1, 1)) == 0
    with pytest.raises(Refused):
        rate_on(date(2024, 12, 31))


def test_R28_the_rate_of_another_place_does_not_hold() -> None:
    load(HEAD, "US,TX,2025-01-01,6.25,yes", "EE,,2025-01-01,24,yes")
    with pytest.raises(Refused):
        rate_on(DAY, state="CA")
    assert rate_on(DAY, state="", country="EE") == 240_000
    assert rate_on(DAY, state="TX", country="EE") == 240_000
    assert rate_on(DAY, state="TX", country="RU") == 0


def test_R28_loading_a_file_again_replaces_rates_of_the_same_day() -> None:
    for percent in ("6.25", "6.5"):
        load(HEAD, f"US,TX,2025-01-01,{percent},yes")
    assert count() == 1
    assert rate_on(DAY) == 65_000


def test_R28_a_table_of_states_is_read() -> None:
    load(STATE_HEAD, "TX,2025-01-01,6.25,yes", "CA,2025-01-01,7.25,no")
    assert (rate_on(DAY), rate_on(DAY, state="CA")) == (62_500, 0)


@pytest.mark.parametrize("numbers", [("0.0825", "0.0625", "0"), ("8.25", "6.25", "0.0")])
def test_R28_the_zip_code_decides_and_the_state_s_rate_holds_elsewhere(numbers: tuple[str, ...]) -> None:
    load(HEAD, "US,TX,2025-01-01,6.5,yes", "US,CA,2025-01-01,7.25,no", "US,NJ,2025-01-01,6.625,yes")
    high, low, none = numbers
    lines = [zip_line("TX", "75001", high), zip_line("CA", "90001", low), zip_line("NJ", "07001", none)]
    load(ZIP_HEAD, *lines, valid_from=date(2025, 6, 1))
    assert rate_on(DAY, postal_code="75001") == 82_500
    assert [rate_on(DAY, postal_code=code) for code in ("75001-1234", "750011234", " 75001 1234 ")] == [82_500] * 3
    assert [rate_on(DAY, postal_code=code) for code in ("75002", "", "7500", "750012", "?")] == [65_000] * 5
    assert rate_on(date(2025, 5, 31), postal_code="75001") == 65_000
    assert rate_on(DAY, state="CA", postal_code="90001") == 0, "California does not tax downloaded software"
    assert rate_on(DAY, state="NJ", postal_code="07001") == 0
    assert rate_on(DAY, state="NJ", postal_code="75001") == 66_250, "that ZIP code is in Texas"


def test_R28_a_later_table_of_zip_codes_takes_over_on_its_day() -> None:
    load(HEAD, "US,TX,2025-01-01,6.25,yes")
    for rate, day in (("0.08", date(2025, 1, 1)), ("0.0815", date(2026, 7, 1))):
        load(ZIP_HEAD, zip_line("TX", "75001", rate), valid_from=day)
    assert [rate_on(day, postal_code="75001") for day in (date(2026, 6, 30), date(2026, 7, 1))] == [80_000, 81_500]


@given(st.integers(10_000, 200_000), st.booleans())
def test_R28_a_fraction_and_its_percentage_are_the_same_rate(rate: int, as_fraction: bool) -> None:
    number = f"{rate // 1_000_000}.{rate:06}" if as_fraction else f"{rate // 10_000}.{rate % 10_000:04}"
    assert read(ZIP_HEAD, zip_line("TX", "75001", number), valid_from=DAY).zips[0].rate == rate


def test_R28_what_binary_fractions_leave_behind_is_no_finer_rate() -> None:
    lines = [zip_line("TX", "75001", "0.08600000000000001"), zip_line("TX", "75002", "0.0862499999999999")]
    assert [one.rate for one in read(ZIP_HEAD, *lines, valid_from=DAY).zips] == [86_000, 86_250]
    assert problems(ZIP_HEAD, zip_line("TX", "75001", "0.08612345"), valid_from=DAY) == [(2, ZIPS[2])]


def test_R29_fractions_and_percentages_in_one_file_are_refused() -> None:
    lines = [zip_line("TX", f"7500{digit}", rate) for digit, rate in enumerate(("0.0825", "8.25", "0", "6.25"))]
    assert problems(ZIP_HEAD, *lines, valid_from=DAY) == [(3, ZIPS[2]), (5, ZIPS[2])]


@pytest.mark.parametrize("rate", ["0.5", "0.25", "0.009", "21", "82.5", "-0.08", "8,25", "NaN", "1e-2", ""])
def test_R29_what_can_be_no_sales_tax_is_refused(rate: str) -> None:
    cell = f'"{rate}"'
    assert problems(ZIP_HEAD, zip_line("TX", "75001", cell), valid_from=DAY) == [(2, ZIPS[2])]


@pytest.mark.parametrize("code", ["501", "7500", "75001-1234", "7500A", "", "٧٥٠٠١"])
def test_R29_a_zip_code_is_five_digits_of_text(code: str) -> None:
    assert problems(ZIP_HEAD, zip_line("NY", code, "0.08"), valid_from=DAY) == [(2, "ZipCode")]


def test_R29_every_bad_line_is_named() -> None:
    lines = [zip_line("XX", "75001", "0.08"), zip_line("TX", "1", "0.08"), zip_line("TX", "75001", "0.08"), "TX,75001"]
    again = zip_line("TX", "75001", "0.07")
    found = problems(ZIP_HEAD, *lines, again, valid_from=DAY)
    assert found == [(2, "State"), (3, "ZipCode"), (5, ""), (6, "")]


def test_R29_only_a_table_of_zip_codes_is_told_its_day() -> None:
    assert problems(ZIP_HEAD, zip_line("TX", "75001", "0.08")) == [(1, "")]
    assert problems(HEAD, "US,TX,2025-01-01,6.25,yes", valid_from=DAY) == [(1, "")]
    assert problems(STATE_HEAD, "TX,2025-01-01,6.25,yes", valid_from=DAY) == [(1, "")]
    assert set(ZIP_HEAD.split(",")) <= {*ZIPS, *ZIPS_MORE}


@pytest.mark.parametrize(
    "line",
    [
        *("US,TX,2025-13-01,6.25,yes", "US,TX,01.01.2025,6.25,yes", "US,TX,,6.25,yes"),
        *("US,TX,2025-01-01,six,yes", "US,TX,2025-01-01,NaN,yes", "US,TX,2025-01-01,6.25001,yes"),
        *("US,TX,2025-01-01,-1,yes", "US,TX,2025-01-01,101,yes", 'US,TX,2025-01-01,"6,25",yes'),
        *("US,TX,2025-01-01,0.0625,yes", "US,TX,2025-01-01,6.25,maybe", "US,TX,2025-01-01,6.25", "US,TX"),
        *("US,TX,2025-01-01,6.25,yes,more", "USA,TX,2025-01-01,6.25,yes", "US,Texas,2025-01-01,6.25,yes"),
        *("us,tx,2025-01-01,6.25,yes", ",,2025-01-01,1,yes", "US,CA,2025-01-01,7,no"),
        *("US,ZZ,2025-01-01,6.25,yes", "US,,2025-01-01,6.25,yes", "EE,TX,2025-01-01,24,yes"),
    ],
)
def test_R29_a_line_that_cannot_be_read_is_named(line: str) -> None:
    assert [found for found, _column in problems(HEAD, "US,CA,2025-01-01,7.25,no", line)] == [3]


@pytest.mark.parametrize("head", ["", "country,state", HEAD + ",more", "US,TX,2025-01-01,6.25,yes"])
def test_R29_a_file_of_another_kind_is_refused(head: str) -> None:
    assert {line for line, _column in problems(head, "US,TX,2025-01-01,6.25,yes")} <= {1, 2}


def test_R29_the_command_loads_all_or_nothing(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(f"{HEAD}\nUS,TX,2025-01-01,6.25,yes\nUS,CA,2025-01-01,seven,no\n", encoding="utf-8")
    db.session.commit()
    refused = CliRunner().invoke(cli.load, [str(file)])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "rates.csv, line 3, rate_percent: must be a number with a decimal point\n" in refused.stderr
    assert count() == 0
    db.session.commit()
    file.write_text(f"\ufeff{HEAD}\r\nUS,TX,2025-01-01,6.25,yes\r\n", encoding="utf-8")
    loaded = CliRunner().invoke(cli.load, [str(file)])
    assert (loaded.exit_code, loaded.stdout) == (0, "1 rates loaded.\n")
    db.session.commit()
    file.write_text(f"{ZIP_HEAD}\n{zip_line('NY', '00501', '0.08625')}\n", encoding="utf-8")
    loaded = CliRunner().invoke(cli.load, [str(file), "--valid-from", "2026-01-01"])
    assert (loaded.exit_code, loaded.stdout) == (0, "1 rates loaded.\n")
    assert db.session.scalars(select(ZipRate.zip_code)).all() == ["00501"]


@pytest.mark.parametrize(("typed", "code"), [("00501", "00501"), ("00501–0001", "00501"), ("501", ""), ("K1A 0B1", "")])
def test_R28_the_first_five_digits_of_what_people_type_are_the_zip_code(typed: str, code: str) -> None:
    assert zip_code_of(typed) == code


def test_R28_the_demo_knows_every_state_and_the_vendors_country() -> None:
    load_rates(read_rates(RATES.read_bytes()))
    today = date(2026, 5, 4)
    for state in US_STATES:
        tax_of(country="US", state=state, on=today)(NET)
    assert rate_on(today, state="", country="EE") > 0
