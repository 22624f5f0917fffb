"""An owner invites a colleague, who makes an account by the mailed link and does what the role allows (R5)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from dashboard.demo.accounts import RESELLER
from tests.browser.letters import await_letter, link_in
from tests.browser.people import Person
from tests.site import Site

ZOYA = "zoya@romashka.example"


def test_R05_who_is_invited_makes_an_account_by_the_letter_and_works(
    new_page: Callable[..., Page], language: str, site: Site
) -> None:
    owner = Person(new_page(), language)
    owner.sign_in(RESELLER.email, RESELLER.password)
    owner.open("/company")
    owner.follow(owner.t("Team"))
    owner.press(owner.t("Send the invitation"), email=ZOYA, role="accountant")
    owner.reads(ZOYA)
    letter = await_letter(site.smtp, ZOYA, "Lumivara")
    zoya = Person(new_page(java_script_enabled=False, viewport={"width": 360, "height": 800}), language)
    zoya.open(link_in(letter, "/invitation/"))
    zoya.press(zoya.t("Create the account and accept"), name="Zoya", password="correct horse battery")
    zoya.open("/account")
    zoya.open("/company/team")
    zoya.reads("Zoya", ZOYA)
    owner.open("/company/team")
    owner.go(owner.link(owner.t("Change %(name)s", name="Zoya")))
    owner.press(owner.t("Remove …"))
    owner.press(owner.t("Remove"))
    owner.reads_not(ZOYA)
    assert "/sign-in" in zoya.page.request.get("/account").url, "whoever is removed is signed out at once"
