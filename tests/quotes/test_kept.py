"""The draft of a quote is kept while one types, by one person or by two (R25)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.extensions import db
from dashboard.quotes.models import Quote
from dashboard.resellers.models import Reseller
from tests.checkout.pages import send_typed
from tests.client import Client, Page
from tests.factories import EDITOR, VIEWER, owner_of
from tests.quotes.pages import DETAILS, begin, quote_of


class TestKeptWhileTyping:
    """A change keeps the draft and brings the sums; two people do not undo each other."""

    @pytest.fixture
    def typing(self, new_client: Callable[..., Client], reseller: Reseller) -> Client:
        """The owner's browser, in which htmx sends what changed."""
        typing = new_client(htmx=True)
        typing.sign_in_as(owner_of(reseller))
        return typing

    def typed(self, typing: Client, page: Page, **fields: str) -> Page:
        return send_typed(typing, page, "quote-form", page.path, **fields)

    def test_a_change_brings_new_sums_and_is_kept(self, client: Client, typing: Client) -> None:
        page = begin(client)
        part = self.typed(typing, page, **{"lines-0-quantity": "2", "lines-0-unit": "1000", "company": "Nordwind"})
        assert part.html.lstrip().startswith('<div id="sums"')
        assert "Total $2,000.00" in part.text
        assert self.typed(typing, page, **{"lines-0-quantity": "3", "lines-0-unit": "1000"}).status == 200
        assert quote_of(page).total_minor == 300_000

    def test_the_first_change_begins_the_quote_and_gives_it_its_address(self, client: Client, typing: Client) -> None:
        page = client.get("/quotes/new")
        first = self.typed(typing, page, company="Nordwind GmbH")
        address = first.headers["HX-Replace-Url"]
        again = self.typed(typing, page, company="Nordwind GmbH & Co.")
        assert again.headers["HX-Replace-Url"] == address
        assert quote_of(client.get(address)).customer["company"] == "Nordwind GmbH & Co."
        assert page.submit("Add", sku=VIEWER).path.split("#")[0] == address
        assert db.session.query(Quote).count() == 1

    def test_what_is_wrong_is_not_kept(self, client: Client, typing: Client) -> None:
        page = begin(client)
        part = self.typed(typing, page, **{"lines-0-quantity": "x"})
        assert part.status == 422
        assert "Correct the figures to see the sum." in part.text
        assert quote_of(page).lines[0]["quantity"] == 1

    def test_what_arrives_after_the_next_button_changes_nothing(self, client: Client, typing: Client) -> None:
        page = begin(client)
        page.submit("Add", sku=EDITOR)
        assert self.typed(typing, page, **{"lines-0-quantity": "7"}).status == 409
        assert [line["quantity"] for line in quote_of(page).lines] == [1, 1]

    def test_the_second_of_two_people_learns_of_it_and_chooses(self, client: Client, typing: Client) -> None:
        page = begin(client)
        colleague = client.get(page.path)
        assert self.typed(typing, colleague, note="Theirs").status == 200
        warned = self.typed(typing, page, note="Mine")
        assert warned.status == 409
        assert "This draft was changed since you opened it" in warned.text
        for button in ("Save the draft", "Issue the quote"):
            warned = page.submit(button, note="Mine", **DETAILS)
            assert warned.status == 409
            assert "Mine" in warned.html
            assert warned.links["See what is kept"] == page.path
            assert (quote_of(page).note, quote_of(page).issued_at) == ("Theirs", None)
        assert page.submit("Discard the draft").status == 409
        assert warned.submit("Keep mine instead", note="Mine").path.split("#")[0] == page.path
        assert quote_of(page).note == "Mine"
        assert self.typed(typing, colleague, note="Theirs").status == 409
