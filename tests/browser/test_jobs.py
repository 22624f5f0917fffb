"""A long task in a real browser: its page follows it to the end by itself, and may be closed meanwhile (R18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from dashboard.demo.accounts import STAFF
from dashboard.payments.rules import TRANSFERS_AT_ONCE
from tests.browser.test_pages import signed_in
from tests.payments import camt as samples
from tests.payments.camt import Payment


@pytest.mark.parametrize("language", ["en"], indirect=True)  # the words are the same on every page
def test_R18_a_long_file_is_booked_while_its_page_is_closed(
    new_page: Callable[..., Page], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "today", lambda: datetime.now(UTC).date())  # there is no application here
    mari = signed_in(new_page, language, STAFF)
    page, count = mari.page, TRANSFERS_AT_ONCE + 1
    strangers = (Payment(f"{number}.17", "no word", name=f"Stranger {number}") for number in range(1, count + 1))
    page.goto("/staff/payments")
    file = {"name": "long.xml", "mimeType": "text/xml", "buffer": samples.camt(*strangers)}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=mari.t("Look at it")).click()
    page.get_by_role("button", name=mari.t("Book it")).click()
    page.wait_for_url("**/jobs/*")
    address = page.url
    page.goto("about:blank")
    page.goto("/jobs")
    page.get_by_role("link", name="long.xml").click()
    expect(page).to_have_url(address)
    expect(page.locator("#job .notice.ok")).to_contain_text(f"{count} wait for a person.")
    expect(page.locator("#job[data-hx-get]")).to_have_count(0)
    mari.look()
    page.get_by_role("link", name=mari.t("Open the file")).click()
    expect(page.get_by_role("heading", name="long.xml")).to_be_visible()
