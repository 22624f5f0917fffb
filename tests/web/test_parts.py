"""Lists that are short as a rule are shown a part at a time when they are not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.clock import today
from dashboard.tax import certificates
from dashboard.tax.certificates import Claim
from dashboard.web import parts
from dashboard.web.parts import part_of
from tests.client import Client, Page
from tests.factories import make_reseller, owner_of


@pytest.mark.parametrize(
    ("begin", "rows", "following"),
    [("", [1, 2], "3"), ("3", [3, 4], "5"), ("5", [5], ""), ("4", [4, 5], ""), ("6", [1, 2], "3"), ("x", [1, 2], "3")],
)
def test_a_part_begins_with_the_row_that_is_named(
    monkeypatch: pytest.MonkeyPatch, begin: str, rows: list[int], following: str
) -> None:
    monkeypatch.setattr(parts, "PER_PART", 2)
    part = part_of([1, 2, 3, 4, 5], begin, lambda row: row)
    assert (part.rows, part.following, part.count, part.is_first) == (rows, following, 5, rows[0] == 1)


def test_nothing_is_one_part() -> None:
    assert part_of([], "3", str) == parts.Part([], 0, is_first=True, following="")


def test_certificates_and_invitations_go_on_on_the_next_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PER_PART", 1)
    reseller = make_reseller()
    owner = owner_of(reseller)
    client.sign_in_as(owner)
    days = (today(), today() + timedelta(days=9))
    for number in ("TX-1", "TX-2"):
        certificates.upload(reseller.id, owner, Claim(("TX",), number, *days), f"%PDF-1.7 {number}".encode())

    def names(page: Page) -> list[str]:
        return [title.split()[0] for title in page.tree.xpath("//main//td[@class='c-title']/text()")]

    first = client.get("/company/certificates")
    assert (names(first), names(first.click("Next page →"))) == (["TX-1"], ["TX-2"])
    for name in ("ada", "bob"):
        client.get("/company/team").submit("Send the invitation", email=f"{name}@example.com", role="buyer")
    first = client.get("/company/team")
    assert "ada@example.com" in first.text
    assert "bob@example.com" in first.click("Next page →").text
