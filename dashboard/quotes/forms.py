"""The form of a quote. A draft may be half filled in; only what is to be issued must be complete."""

from __future__ import annotations

from functools import partial
from typing import Any

from wtforms import Field, FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField, ValidationError

from dashboard.catalog.rules import PricedSku
from dashboard.checkout.rules import CUSTOMER_FACTS, MAX_LINES, MAX_QUANTITY, Origin, quantity_of, require_quantity
from dashboard.clock import today
from dashboard.documents.forms import Printable
from dashboard.errors import N_, InvalidInput
from dashboard.money import Money, percent_of
from dashboard.quotes.rules import MARKUP_PERCENT, TAX_PERCENT, Contents, Line, marked_up, rate_of, unit_price
from dashboard.web.customer_fields import CustomerForm, languages, one_line
from dashboard.web.formats import plain_money
from dashboard.web.forms import (
    TEXT,
    CompanyOrName,
    DayField,
    EmailAddress,
    Form,
    HasLines,
    Sound,
    at_most,
    optional,
    required,
)
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l


def _unit_price(text: str) -> None:
    unit_price(text, "EUR")  # all our currencies have two places


class LineForm(Form):
    """One line; its SKU is chosen below the lines and only carried along here."""

    class Meta(Form.Meta):
        csrf = False  # the form around it has the token

    sku = HiddenField(validators=one_line(60))
    quantity = StringField(_l("Quantity"), [Sound(require_quantity)])
    unit = StringField(_l("Your unit price"), [at_most(30), Sound(_unit_price)])


class QuoteForm(CustomerForm):
    """A quote in the making."""

    key = HiddenField()
    lines = FieldList(FormField(LineForm), max_entries=MAX_LINES)
    sku = StringField(_l("Add a product"), one_line(100))
    markup = StringField(
        _l("Mark-up on all retail prices in percent"), [at_most(20), Sound(partial(rate_of, bounds=MARKUP_PERCENT))]
    )
    language = SelectField(
        _l("Language of the quote"),
        choices=languages,
    )
    valid_until = DayField(_l("Holds until"), [required()])
    reference = StringField(_l("Your reference"), one_line(60))
    tax_label = StringField(_l("Your tax, in your words"), one_line(40))
    tax_rate = StringField(_l("Its rate in percent"), [at_most(20), Sound(partial(rate_of, bounds=TAX_PERCENT))])
    terms = TextAreaField(_l("Terms"), [at_most(TEXT)])
    note = TextAreaField(_l("Note to the customer"), [at_most(TEXT)])

    @classmethod
    def of(cls, contents: Contents, currency: str, origin: Origin, **options: Any) -> QuoteForm:
        """The form filled with what is kept, or with what was sent."""
        lines = [
            {"sku": line.sku, "quantity": str(line.quantity), "unit": plain_money(Money(line.unit_minor, currency))}
            for line in contents.lines
        ]
        rate = f"{percent_of(contents.tax_rate):f}" if contents.tax_rate else ""
        facts = {name: value for name, value in vars(contents).items() if name not in {"lines", "customer", "tax_rate"}}
        known = {fact: contents.customer.get(fact, "") for fact in CUSTOMER_FACTS}
        return cls(data={"origin": str(origin), "lines": lines, "tax_rate": rate, **facts, **known}, **options)

    def remove_line(self, sku: str) -> None:
        """Take a line out before it is looked at: it can be the one that is wrong."""
        self.lines.entries = [entry for entry in self.lines.entries if entry.form.sku.data != sku]

    def add_line(self, sku: PricedSku) -> int:
        """One piece more of a SKU; a new line begins with the retail price.

        Returns:
            the place of its line.

        Raises:
            InvalidInput: if that is more than an order takes.
        """
        for place, entry in enumerate(self.lines.entries):
            if entry.form.sku.data == sku.code:
                quantity = quantity_of(entry.form.quantity.data or "") or 0
                entry.form.quantity.data = str(min(quantity + 1, MAX_QUANTITY))
                return place
        if len(self.lines.entries) >= MAX_LINES:
            raise InvalidInput(
                N_("A quote takes at most %(max)s lines. Issue this one and begin another."), max=MAX_LINES
            )
        self.lines.append_entry({"sku": sku.code, "quantity": "1", "unit": plain_money(sku.retail)})
        return len(self.lines.entries) - 1

    def mark_up(self, offered: dict[str, PricedSku]) -> None:
        """Set every line's price to the retail price and so many percent of it (R11). What is no percentage changes
        nothing; the form says so when it is validated.
        """
        try:
            rate = rate_of(self.markup.data or "", MARKUP_PERCENT)
        except InvalidInput:
            return
        for entry in self.lines.entries:
            if sku := offered.get(entry.form.sku.data):
                entry.form.unit.data = plain_money(marked_up(sku.retail, rate))

    def replace_customer(self, customer: dict[str, str]) -> None:
        for fact, value in customer.items():
            self[fact].data = value

    def validate_tax_label(self, field: Field) -> None:
        try:
            rate = rate_of(self.tax_rate.data or "", TAX_PERCENT)
        except InvalidInput:
            return  # said beside the rate
        if rate and not field.data:
            raise ValidationError(gettext("Say what the tax is called, for example VAT."))

    @property
    def can_be_reckoned(self) -> bool:
        """Whether every quantity, price and rate is a number."""
        fields = [field for entry in self.lines.entries for field in (entry.form.quantity, entry.form.unit)]
        return not any(field.errors for field in [*fields, self.tax_rate, *self.lines.entries])

    def contents(self, currency: str) -> Contents:
        """What was typed, for the draft to keep; the form was validated."""
        lines: dict[str, Line] = {}
        for entry in self.lines.entries:
            sku, quantity = entry.form.sku.data, quantity_of(entry.form.quantity.data or "")
            if sku and quantity:
                lines[sku] = Line(sku, quantity, unit_price(entry.form.unit.data or "", currency).minor)
        return Contents(
            lines=tuple(lines.values()),
            customer={fact: self[fact].data or "" for fact in CUSTOMER_FACTS},
            valid_until=self.valid_until.data,
            tax_label=self.tax_label.data or "",
            tax_rate=rate_of(self.tax_rate.data or "", TAX_PERCENT),
            terms=self.terms.data or "",
            note=self.note.data or "",
            reference=self.reference.data or "",
        )


class NotPassed:
    """A day that is still to come, or today."""

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data and field.data < today():
            raise ValidationError(gettext("This day has passed. Choose a later one."))


#: What a draft lacks that cannot be issued, and what cannot stand on its paper.
COMPLETE = {
    "sku": [HasLines()],
    "company": [CompanyOrName(), Printable()],
    "email": [optional(), EmailAddress()],
    "valid_until": [NotPassed()],
    **{
        name: [Printable()]
        for name in ("name", "street", "city", "postal_code", "state", "reference", "tax_label", "terms", "note")
    },
}


class KeyForm(Form):
    """The copy of a quote, made once however often the button is pressed."""

    key = HiddenField(validators=[required(), at_most(40)])
