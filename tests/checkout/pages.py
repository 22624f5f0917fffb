"""How the tests of checkout work the order form."""

from __future__ import annotations

from dashboard.checkout.models import Draft
from dashboard.extensions import db
from tests.client import Client, Page

#: An offered customer as it is read: name, address, latest order.
CHOICE = "Nordwind GmbH jan@nordwind.example %s"


def draft_of(page: Page) -> Draft:
    """The draft whose form the page is, as it is kept."""
    db.session.rollback()
    draft = db.session.get(Draft, page.path.split("/")[2])
    assert draft is not None
    return draft


def begin(client: Client, *skus: str) -> Page:
    """An order form with these SKUs."""
    page = client.get("/order?new=1")
    for sku in skus:
        page = page.submit("Add", sku=sku)
    return page


def offers_of(page: Page) -> list[str]:
    """What the list below a search field offers."""
    return [" ".join(" ".join(one.itertext()).split()) for one in page.tree.xpath("//*[@role='option']")]


def send_typed(htmx: Client, page: Page, form: str, to: str, **fields: str) -> Page:
    """What a form sends by itself after a change.

    Args:
        htmx: the browser in which it happens, signed in.
        form: the form's id on `page`; its text areas and choices are not sent along.
        fields: what was changed, with its names.
    """
    shown = page.tree.xpath("//form[@id=$id]//input[@name]", id=form)
    values = {str(field.get("name")): str(field.get("value", "")) for field in shown}
    own = htmx.get("/order?new=1", headers={"HX-Request-Type": "full"})
    values["csrf_token"] = own.tree.xpath("string(//form[@id='order-form']//input[@name='csrf_token']/@value)")
    return htmx.post(to, {**values, "language": "en", "action": "typed", **fields})
