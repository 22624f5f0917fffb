"""The forms of enquiries: one for each kind of a new one, one for an answer, one for a mail that waits (R32)."""

from __future__ import annotations

import secrets
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, Field, HiddenField, StringField, TextAreaField, ValidationError

from dashboard.enquiries import attachments
from dashboard.enquiries.attachments import File
from dashboard.enquiries.rules import Kind
from dashboard.errors import InvalidInput
from dashboard.tax.rules import MAX_FILE
from dashboard.web.forms import TEXT, Form, Required, at_most, email, line, optional_line, required
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l


def _key() -> Any:
    """What makes one of a form that is sent twice."""
    return HiddenField(validators=[at_most(40)], default=lambda: secrets.token_hex(16))


def _long(label: object) -> Any:
    return TextAreaField(label, [required(), at_most(TEXT)])


class Attachments:
    """Files that can be kept with a message."""

    def __call__(self, form: Any, _field: Field) -> None:
        try:
            attachments.check(form.sent_files())
        except InvalidInput as error:
            raise ValidationError(gettext(error.message, **error.values)) from error


class WithFiles(Form):
    """A message that files can go with. The language switch loses no words; files must be chosen again."""

    files = MultipleFileField(_l("Files"), [Attachments()])

    def sent_files(self) -> list[File]:
        """The files that were chosen; of one that is too large, a byte more than is taken."""
        if self._read is None:
            self._read = [
                File(one.filename, one.stream.read(MAX_FILE + 1))
                for one in (self.files.data or [])[: attachments.MOST + 1]
                if one and one.filename
            ]
        return self._read

    _read: list[File] | None = None


class NewForm(WithFiles):
    """A new enquiry; what only one kind asks stands in `FACTS`."""

    FACTS: tuple[str, ...] = ()

    key = _key()
    subject = StringField(_l("Subject"), line(150))
    order = StringField(_l("Number of the order"), optional_line(20))
    text = _long(_l("Your message"))

    def facts(self) -> dict[str, str]:
        return {name: self[name].data for name in self.FACTS}


class SalesForm(NewForm):
    """A sales question: only with the need and the advice can it be answered in writing."""

    FACTS = ("needs", "advised")

    needs = _long(_l("What the customer needs"))
    advised = _long(_l("What you advised"))
    text = _long(_l("Your question"))


class HandoverForm(NewForm):
    """The vendor is to look after a customer itself; the customer must know and want it."""

    FACTS = ("customer", "contact", "email")

    customer = StringField(_l("Company of the customer"), line(150))
    contact = StringField(_l("Contact"), line(150))
    email = StringField(_l("E-mail address"), email())
    text = _long(_l("Why we should take over"))
    consent = BooleanField(
        _l("The customer agrees that you give us these details and that we write there"),
        [Required(_l("Hand a customer over only with their consent."))],
    )


FORMS: dict[Kind, type[NewForm]] = {**dict.fromkeys(Kind, NewForm), Kind.SALES: SalesForm, Kind.HANDOVER: HandoverForm}


class AnswerForm(WithFiles):
    """An answer on the page."""

    key = _key()
    text = _long(_l("Your message"))


class StaffAnswerForm(AnswerForm):
    """An answer of staff, with which the matter may be done."""

    close = BooleanField(_l("Close the enquiry with this answer"))


class FileForm(Form):
    """Where a mail belongs."""

    number = StringField(_l("Number of the enquiry"), line(20))
