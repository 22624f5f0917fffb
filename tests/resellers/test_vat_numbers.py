"""VAT numbers: only a valid one gives reverse charge, and staff look it up (R28)."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.audit import service as audit
from dashboard.errors import Refused
from dashboard.resellers import service
from dashboard.resellers.rules import Details
from dashboard.resellers.tax_numbers import has_vat_number
from tests.client import Client
from tests.factories import make_reseller, make_user

Db = scoped_session[Session]

NUMBER, OTHER = "DE136695976", "DE129273398"


@pytest.mark.parametrize(
    ("country", "number", "valid"),
    [
        ("DE", NUMBER, True),
        ("DE", "136 695 976", True),
        ("DE", "DE136695977", False),
        ("DE", "", False),
        ("FR", NUMBER, False),
        ("RU", "7707083893", False),
        ("US", "12-3456789", False),
    ],
)
def test_R28_a_vat_number_has_the_form_and_check_digit_of_its_country(country: str, number: str, valid: bool) -> None:
    assert has_vat_number(country, number) is valid


def test_R28_staff_confirm_the_number_that_they_looked_up(db: Db, client: Client) -> None:
    reseller = make_reseller(country="DE", tax_number=NUMBER)
    make_reseller("Tallinn", country="EE", tax_number="EE100931558")
    make_reseller("Kedr", country="US", state="TX", tax_number="12-3456789")
    assert [one.id for one in service.numbers_to_confirm()[0]] == [reseller.id]
    client.sign_in_as(make_user(staff=True).id)
    assert "Look up the VAT number of Romashka" in client.get("/").text
    client.get(f"/staff/resellers/{reseller.id}").submit("Confirm the number")
    db.expire_all()
    assert reseller.tax_number_confirmed_at is not None
    assert service.numbers_to_confirm() == ([], 0)
    assert [entry.detail for entry in audit.history(f"reseller:{reseller.id}")] == [{"number": NUMBER}]
    assert "Look up the VAT number" not in client.get("/").text


def test_R28_another_number_takes_the_confirmation_back(db: Db) -> None:
    reseller = make_reseller(country="DE", tax_number=NUMBER)
    service.confirm_tax_number(reseller.id, NUMBER)
    details = Details("Romashka GmbH", "Main street 1", "Berlin", "10115", NUMBER, "billing@example.com", "en")
    service.save_details(reseller.id, details)
    assert reseller.tax_number_confirmed_at is not None, "the same number stays confirmed"
    service.save_details(reseller.id, Details(**{**vars(details), "tax_number": OTHER}))
    assert reseller.tax_number_confirmed_at is None
    with pytest.raises(Refused):
        service.confirm_tax_number(reseller.id, NUMBER)
