"""How the tests of quotes work their pages."""

from __future__ import annotations

from dashboard.extensions import db
from dashboard.quotes.models import Quote
from tests.client import Client, Page
from tests.factories import VIEWER

DETAILS = {
    "company": "Nordwind GmbH", "name": "Jan Petersen", "email": "jan@nordwind.example", "street": "Hafenstraße 1",
    "city": "Hamburg", "postal_code": "20095", "country": "DE",
}  # fmt: skip


def begin(client: Client, *skus: str) -> Page:
    """The form of a quote with these SKUs."""
    page = client.get("/quotes/new")
    for sku in skus or (VIEWER,):
        page = page.submit("Add", sku=sku)
    return page


def issued(client: Client, **fields: str) -> Page:
    """The page of an issued quote over three pieces at 1,250.00."""
    typed = {"lines__0__quantity": "3", "lines__0__unit": "1250", **DETAILS, **fields}
    page = begin(client).submit("Issue the quote", **typed)
    assert page.status == 200, page.text
    assert not page.path.endswith("/edit"), page.text
    return page


def quote_of(page: Page) -> Quote:
    """The quote whose page it is, as it is kept."""
    db.session.rollback()
    quote = db.session.get(Quote, page.path.split("?")[0].split("/")[2])
    assert quote is not None
    return quote


def token_of(page: Page) -> str:
    """The token of the forms of a page."""
    return str(page.tree.xpath("string((//input[@name='csrf_token']/@value)[1])"))
