"""The base of all forms: trimmed input, messages in the reader's language, and a language switch that loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from wtforms import DateField, Field, FieldList, FormField, IntegerField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, StopValidation

from dashboard.errors import BusinessError
from dashboard.web.languages import is_switching
from dashboard.web.texts import gettext, lazy_gettext

#: Longest text of one line that any form takes.
LINE = 200
#: Longest free text.
TEXT = 4000

#: C0 and C1 control characters, and what breaks XML; line ends and tabs stay in free texts.
_CONTROL = dict.fromkeys(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]
)


def trimmed(value: Any) -> Any:
    """Text without outer spaces and control characters; anything else as it is."""
    return uncontrolled(value).strip() if isinstance(value, str) else value


def day_typed(text: str) -> date | None:
    """The day that an address or a date field names; None if it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def row_id(text: str) -> int:
    """The number of a row, as addresses and hidden fields name it: the `type` of `request.args.get`.

    Raises:
        ValueError: if the text is no number that the databases' ids can be.
    """
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError(text)
    return number


def row_typed(text: str) -> int | None:
    """The same of any text; None if it names no row."""
    try:
        return row_id(text)
    except ValueError:
        return None


def uncontrolled(text: str) -> str:
    """Text without control characters; line ends and tabs stay."""
    return text.translate(_CONTROL)


class Form(FlaskForm):  # type: ignore[misc]
    """Base of all forms.

    A submission that only switches the language is not submitted: the view shows the form again, filled as it was.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        locales = ()

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            if not issubclass(unbound_field.field_class, (FieldList, FormField)):
                unbound_field.kwargs.setdefault("filters", [trimmed])
            if issubclass(unbound_field.field_class, SelectField):
                unbound_field.kwargs.setdefault("invalid_choice_message", lazy_gettext("Choose one of these."))
            return unbound_field.bind(form=form, **options)

        def get_translations(self, form: Any) -> None:
            return None  # every message is ours

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        return not is_switching() and bool(super().validate_on_submit(extra_validators))

    @property
    def is_refused(self) -> bool:
        """Whether something in the form, or the form as a whole, was refused."""
        return bool(self.errors or self.form_errors)

    def refuse(self, error: BusinessError, field: str | None = None) -> None:
        """Show a refusal of the service beside `field`, or on top of the form."""
        message = gettext(error.message, **error.values)
        if field:
            self[field].errors = [*self[field].errors, message]
        else:
            self.form_errors.append(message)


class DayField(DateField):  # type: ignore[misc]
    """A calendar day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Write a day, for example 2027-03-31.")) from error


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Write a whole number.")) from error


class Required(DataRequired):  # type: ignore[misc]
    """Refuses an empty field; one in which something unreadable stands keeps the message that says so."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.errors:
            raise StopValidation
        super().__call__(form, field)


def required() -> Required:
    return Required(lazy_gettext("Fill in this field."))


def chosen() -> InputRequired:
    return InputRequired(lazy_gettext("Choose one of these."))


def whole_number(at_least: int, at_most: int) -> NumberRange:
    text = lazy_gettext("Write a whole number from %(min)s to %(max)s.")
    return NumberRange(at_least, at_most, message=text)


def optional() -> Optional:
    return Optional()


def at_most(length: int = LINE) -> Length:
    return Length(max=length, message=lazy_gettext("Write at most %(max)s characters."))


class Sound:
    """Refuses what `check` refuses, before anything is spent on it, in the words of that refusal."""

    def __init__(self, check: Callable[[str], object]) -> None:
        self._check = check

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            self._check(field.data or "")
        except BusinessError as error:
            raise ValidationError(gettext(error.message, **error.values)) from error


class OneLine:
    """Refuses line ends where one line is meant: they would break letters' headers."""

    def __call__(self, _form: Any, field: Field) -> None:
        if any(end in (field.data or "") for end in "\r\n\u2028\u2029\u0085"):
            raise ValidationError(gettext("Write this in one line."))


class EmailAddress:
    """An address that mail can be sent to; normalized, its case kept. No look-up in the network."""

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            field.data = validate_email(field.data or "", check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError as error:
            raise ValidationError(gettext("Write an e-mail address, for example name@example.com.")) from error


class CompanyOrName:
    """A customer has a company's name, a person's, or both."""

    def __call__(self, form: Any, _field: Field) -> None:
        if not form.company.data and not form.name.data:
            raise ValidationError(gettext("Fill in the company or the contact person."))


class HasLines:
    """An order or a quote has a line; said beside the field that adds one."""

    def __call__(self, form: Any, _field: Field) -> None:
        if not form.lines.entries:
            raise ValidationError(gettext("Add at least one product."))


def line(maximum: int = LINE) -> list[Any]:
    """Validators of a required text of one line."""
    return [required(), at_most(maximum), OneLine()]


def optional_line(maximum: int = LINE) -> list[Any]:
    return [optional(), at_most(maximum), OneLine()]


def email() -> list[Any]:
    return [required(), at_most(), OneLine(), EmailAddress()]
