"""Every piece of the design system in every state, for whoever builds pages; in development and in the demo only."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from dashboard.config import current_settings
from dashboard.errors import NotFound
from dashboard.invoices.rules import BankDetails
from dashboard.invoices.service import transfer_code
from dashboard.money import Money
from dashboard.web.access import Permission
from dashboard.web.forms import DayField, Form, chosen, email, line, required
from dashboard.web.fragments import render

bp = Blueprint("gallery", __name__)

FILLED = {
    "company": "Nordwind GmbH",
    "email": "jan@nordwind.example",
    "country": "DE",
    "activity": "mixed",
    "languages": ["ru", "en"],
    "note": "Two lines\nof a note",
}

#: Of nobody's transfer: the standard's own examples of a reference and an account.
REFERENCE, BANK = "RF18539007547034", BankDetails("Nobody", "No bank", "DE89370400440532013000", "COBADEFFXXX")
AMOUNT = Money(215_820, "EUR")


def _choices(labels: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in labels.items()]


class GalleryForm(Form):
    """One field of each kind. Its words are English on purpose: nobody but builders of pages sees them."""

    company = StringField("Company", line())
    email = StringField("E-mail address", email())
    country = SelectField("Country", [chosen()], choices=_choices({"": "Choose", "DE": "Germany", "EE": "Estonia"}))
    vat = StringField("VAT number", line(), description="As on your invoices, with the country's letters.")
    activity = RadioField("Main activity", [chosen()], choices=_choices({"reselling": "Reselling", "mixed": "Mixed"}))
    languages = SelectMultipleField(
        "Languages", choices=_choices({"ru": "Russian", "en": "English"}),
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip
    until = DayField("Valid until", [required()])
    note = TextAreaField("Note", [required()])
    file = FileField("Certificate")
    accepted = BooleanField("I have read it", [required()])


@bp.get("/_components", requires=Permission.PUBLIC)
def components() -> ResponseReturnValue:
    """The gallery."""
    if not current_settings().demo:
        raise NotFound
    refused = GalleryForm(formdata=None, prefix="refused-")
    refused.validate()
    return render(
        "components/gallery.html",
        filled=GalleryForm(formdata=None, prefix="filled-", data=FILLED),
        refused=refused,
        filters=GalleryForm(formdata=None, prefix="filters-"),
        amount=AMOUNT,
        reference=REFERENCE,
        bank=BANK,
        transfer_code=transfer_code("INV-1", AMOUNT, REFERENCE, BANK),
    )
