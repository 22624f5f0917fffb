"""The order form. A draft may be half filled in; only what is to be reviewed must be complete."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from dashboard.checkout.pastes import MAX_BYTES, text_of_file
from dashboard.checkout.rules import CUSTOMER_FACTS, MAX_LINES, Contents, Origin, merged, quantity_of, require_quantity
from dashboard.documents.forms import Printable
from dashboard.errors import BusinessError
from dashboard.web.customer_fields import CustomerForm, languages, one_line
from dashboard.web.forms import (
    TEXT,
    CompanyOrName,
    EmailAddress,
    Form,
    HasLines,
    Sound,
    at_most,
    required,
    uncontrolled,
)
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l

#: Longest paste, in characters.
MAX_PASTE = 200_000


class LineForm(Form):
    """One line; its SKU is chosen below the lines and only carried along here."""

    class Meta(Form.Meta):
        csrf = False  # the form around it has the token

    sku = HiddenField(validators=one_line(60))
    renews = HiddenField(validators=one_line(40))
    quantity = StringField(_l("Quantity"), [Sound(require_quantity)])


class OrderForm(CustomerForm):
    """An order in the making."""

    draft = HiddenField()
    lines = FieldList(FormField(LineForm), max_entries=MAX_LINES)
    sku = StringField(_l("Add a product"), one_line(100))
    language = SelectField(
        _l("Language of letters to the customer"),
        choices=languages,
        invalid_choice_message=_l("Choose one of these."),
    )
    po_number = StringField(_l("Your purchase order number"), one_line(60))
    note = TextAreaField(_l("Note to us"), [at_most(TEXT)])

    @classmethod
    def of(cls, draft_id: str, contents: Contents, **options: Any) -> OrderForm:
        """The form as it was sent; if it was not sent, filled with `contents`."""
        lines = [
            {"sku": sku, "quantity": str(quantity), "renews": contents.renews.get(sku, "")}
            for sku, quantity in contents.lines
        ]
        known = {"po_number": contents.po_number, "note": contents.note, **contents.customer}
        page = {"draft": draft_id, "origin": str(contents.origin)}
        return cls(data={**page, "lines": lines, **known}, **options)

    def remove_line(self, sku: str) -> None:
        """Take a line out before it is looked at: it can be the one whose quantity is wrong."""
        self.lines.entries = [entry for entry in self.lines.entries if entry.form.sku.data != sku]

    def validate_lines(self, field: FieldList) -> None:
        if not field.errors:
            try:
                self.contents()
            except BusinessError as error:
                raise ValidationError(gettext(error.message, **error.values)) from error

    @property
    def has_quantities(self) -> bool:
        """Whether every line has a quantity that can be reckoned with."""
        return all(quantity_of(entry.form.quantity.data or "") for entry in self.lines)

    def contents(self) -> Contents:
        """What was typed, for the draft to keep. Lines without a usable quantity are left out.

        Raises:
            InvalidInput: if there is more than an order takes.
        """
        lines = ((entry.form.sku.data, quantity_of(entry.form.quantity.data or "")) for entry in self.lines)
        return Contents(
            lines=merged((sku, quantity) for sku, quantity in lines if sku and quantity),
            customer={fact: self[fact].data or "" for fact in CUSTOMER_FACTS},
            po_number=self.po_number.data or "",
            note=self.note.data or "",
            renews={entry.form.sku.data: entry.form.renews.data for entry in self.lines if entry.form.renews.data},
            origin=Origin.read(self.origin.data or ""),
        )


#: What a draft lacks that cannot be reviewed, and what cannot stand on its papers.
COMPLETE = {
    "sku": [HasLines()],
    "company": [CompanyOrName(), Printable()],
    "name": [Printable()],
    "email": [required(), EmailAddress()],
    "city": [Printable()],
    "country": [required()],
    "po_number": [Printable()],
}


def is_complete(contents: Contents) -> bool:
    """Whether a draft can be reviewed and placed."""
    form = OrderForm.of("", contents, formdata=None, meta={"csrf": False})
    return bool(form.validate(COMPLETE))


def judge(contents: Contents) -> tuple[dict[str, list[str]], str]:
    """What the order form says of a customer, a number and a note, by fact; and the address as it would keep it."""
    form = OrderForm.of("", contents, formdata=None, meta={"csrf": False})
    form.validate({fact: checks for fact, checks in COMPLETE.items() if fact != "sku"})
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}, form.email.data or ""


class ReviewForm(Form):
    """What the review page showed; nothing in it is trusted, it is only compared (R10)."""

    seen = HiddenField()
    reviewed = HiddenField()


class BulkForm(Form):
    """Rows that were pasted or sent as a file, and what was shown of them. Outer tabs stay: cells can be empty."""

    rows = TextAreaField(
        _l("Rows"), [at_most(MAX_PASTE)], filters=[lambda text: uncontrolled(text or "").strip("\r\n")]
    )
    file = FileField(_l("File"))
    twice = BooleanField(_l("These are no mistakes: order all of it"))
    key = HiddenField()
    origin = HiddenField()
    seen = HiddenField()
    reviewed = HiddenField()

    def take_file(self) -> None:
        """Put what a file holds into the rows, where it can be corrected.

        Raises:
            InvalidInput: if it is no table.
        """
        if self.file.data:
            self.rows.data = uncontrolled(text_of_file(self.file.data.read(MAX_BYTES + 1)))
