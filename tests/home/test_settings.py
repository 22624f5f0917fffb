"""Staff can look up what applies to everybody, and no secret."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.config import Provider, Settings
from tests.client import Client
from tests.factories import make_user

SECRETS = {
    "smtp_url": "smtp://letters:pass-of-smtp@mail.example:587",
    "provider": Provider("https://id.example", "dashboard", "secret-of-client"),
}


def test_R16_the_rules_are_told_with_the_names_that_set_them(client: Client, settings: Callable[..., Settings]) -> None:
    settings(interest_rate=95_000, reminder_days=(-3, 0, 1), bank_fee_tolerance=2_500, staff_digest=False)
    client.sign_in_as(make_user(staff=True))
    told = client.get("/staff/settings").text
    assert "Interest of a year on what is overdue 9.5% INTEREST_PERCENT" in told
    assert "3 days before, on the day itself, 1 day after REMINDER_DAYS" in told
    assert "up to 25, in its currency BANK_FEE_TOLERANCE" in told
    assert "if something waits no STAFF_DIGEST" in told


def test_no_secret_is_shown(client: Client, settings: Callable[..., Settings]) -> None:
    given = settings(**SECRETS)
    client.sign_in_as(make_user(staff=True))
    page = client.get("/staff/settings")
    assert "https://id.example" in page.text
    for secret in ("pass-of-smtp", "secret-of-client", given.secret_key):
        assert secret not in page.html
