"""The form by which a certificate is uploaded."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import SelectMultipleField, StringField, SubmitField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput

from dashboard.clock import today
from dashboard.documents.forms import Printable
from dashboard.places import US_STATES
from dashboard.tax.certificates import Claim
from dashboard.tax.rules import MAX_FILE
from dashboard.web.forms import DayField, Form, line, required
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l


class CertificateForm(Form):
    """What the certificate says, and its file. The language switch loses no words; the file must be chosen again."""

    file = FileField(_l("File"), [required()])
    number = StringField(_l("Number of the certificate"), [*line(60), Printable()])
    valid_from = DayField(_l("Valid from"), [required()])
    valid_until = DayField(_l("Valid until"), [required()])
    states = SelectMultipleField(
        _l("States that it holds for"),
        [InputRequired(_l("Choose at least one."))],
        choices=[SelectChoice(value=code, label=name) for code, name in US_STATES.items()],
        option_widget=CheckboxInput(),
    )
    submit = SubmitField(_l("Upload the certificate"))

    def validate_valid_until(self, field: DayField) -> None:
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError(gettext("This day lies before the first day of the certificate."))
        if field.data and field.data < today():
            raise ValidationError(gettext("This certificate has ended already."))

    def claim(self) -> Claim:
        return Claim(self.states.data, self.number.data, self.valid_from.data, self.valid_until.data)

    def content(self) -> bytes:
        """The file's bytes; of one that is too large, a byte more than is taken."""
        return bytes(self.file.data.stream.read(MAX_FILE + 1))
