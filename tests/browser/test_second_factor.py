"""Two-step sign-in as people do it: a phone scans the screen, its code opens the second page (R1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page

from dashboard.demo.accounts import CUSTOMER
from tests.browser.people import Person
from tests.programs import run


def scanned(person: Person, picture: Path) -> pyotp.TOTP:
    """What an app makes of the code on the screen."""
    person.main.locator(".scan img").screenshot(path=picture)
    link = run("zbarimg", "--quiet", "--raw", picture).stdout.strip()
    app = pyotp.parse_uri(link)
    assert isinstance(app, pyotp.TOTP)
    return app


@pytest.mark.parametrize(("scripts", "scheme"), [(True, "dark"), (False, "light")])
def test_R01_a_phone_that_scanned_the_picture_opens_the_second_page(
    new_page: Callable[..., Page], language: str, tmp_path: Path, scripts: bool, scheme: str
) -> None:
    owner = Person(new_page(java_script_enabled=scripts, color_scheme=scheme), language)
    owner.sign_in(CUSTOMER.email, CUSTOMER.password)
    owner.open("/profile")
    owner.follow(owner.t("Set up two-step sign-in"))
    app = scanned(owner, tmp_path / "screen.png")
    assert (app.name, app.issuer) == (CUSTOMER.email, "Lumivara")
    owner.press(owner.t("Switch on"), code=app.now(), password=CUSTOMER.password)
    owner.heading(owner.t("Your recovery codes"))
    codes = owner.main.locator("pre").inner_text().split()
    saved = owner.download(owner.link(owner.t("Download"))).decode()
    assert saved.splitlines() == [f"Lumivara, {CUSTOMER.email}", "", *codes]
    owner.press(owner.t("I have kept them"))
    again = Person(new_page(java_script_enabled=scripts), language)
    again.open("/sign-in?next=/profile")
    again.press(again.t("Sign in"), email=CUSTOMER.email, password=CUSTOMER.password)
    again.heading(again.t("Second step"))
    again.press(again.t("Go on"), code=app.at(time.time() + app.interval))
    assert again.path == "/profile"
