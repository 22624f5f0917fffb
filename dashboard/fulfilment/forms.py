"""Forms of what is done with an order."""

from __future__ import annotations

from wtforms import Field, FieldList, HiddenField, StringField, SubmitField, TextAreaField, ValidationError
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from dashboard.clock import today
from dashboard.documents.forms import Printable
from dashboard.fulfilment.corrections import Correction
from dashboard.web.forms import TEXT, DayField, Form, WholeNumberField, at_most, email, line, optional_line, required
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l


class CancelForm(Form):
    """Why an order is cancelled."""

    reason = TextAreaField(_l("Reason"), [required(), at_most(TEXT)])
    submit = SubmitField(_l("Cancel the order"))


class PartForm(Form):
    """How many pieces of each line are cancelled, and why. `seen` is what the page showed of the order's quantities."""

    seen = HiddenField(validators=[required()])
    pieces = FieldList(WholeNumberField(_l("Pieces to cancel"), [Optional()]))
    reason = TextAreaField(_l("Reason"), [required(), at_most(TEXT)])
    submit = SubmitField(_l("Cancel this part"))

    def by_position(self) -> dict[int, Field]:
        """The fields of the pieces by the position of their line in the order."""
        return {int(field.name.rpartition("-")[2]) + 1: field for field in self.pieces}

    def quantities(self) -> dict[int, int]:
        return {position: field.data or 0 for position, field in self.by_position().items()}


class CorrectionForm(Form):
    """Who the end customer really is (R21)."""

    company = StringField(_l("Company"), [*optional_line(), Printable()])
    name = StringField(_l("Contact person"), [*optional_line(), Printable()])
    email = StringField(_l("E-mail address"), email())
    submit = SubmitField(_l("Correct"))

    def correction(self) -> Correction:
        return Correction(self.company.data or "", self.name.data or "", self.email.data or "")


class RefusalForm(Form):
    """Why an exemption certificate is refused: the reseller reads it, also on the supplementary invoice."""

    reason = TextAreaField(_l("Reason"), [required(), at_most(500), Printable()])


class PaymentForm(Form):
    """A transfer that staff found on the bank's statement. `submit_key` makes a second click book nothing."""

    submit_key = HiddenField(validators=[required(), at_most(64)])
    amount = StringField(_l("Amount received"), line(30))
    received_on = DayField(_l("Value date"), [required()])
    text = StringField(_l("Payer and purpose, as the bank states them"), optional_line(300))
    submit = SubmitField(_l("Confirm the payment"))

    def validate_received_on(self, field: DayField) -> None:
        if field.data and field.data > today():
            raise ValidationError(gettext("This day has not come yet."))


class ReasonForm(Form):
    """Why something is decided so, or taken back."""

    reason = TextAreaField(_l("Reason"), [required(), at_most(300)])


class RefundForm(Form):
    """Money that was paid back. `seen` is the newest entry of the account that the page showed."""

    seen = WholeNumberField(widget=HiddenInput())
    amount = StringField(_l("Amount paid back"), line(30))
    day = DayField(_l("Day on which the bank sent it"), [required()])
    reason = StringField(_l("Reason"), line(300))
