"""Forms of applicants, of a reseller's owners, and of staff about resellers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice

from dashboard.accounts.rules import usable_password
from dashboard.config import current_settings
from dashboard.documents.forms import Printable
from dashboard.errors import InvalidInput
from dashboard.money import parse_rate
from dashboard.pictures import MAX_FILE
from dashboard.places import US_STATES
from dashboard.resellers.applications import Request
from dashboard.resellers.rules import Activity, Details, Place, Role, is_eligible, web_address
from dashboard.resellers.tax_numbers import normalized
from dashboard.web.countries import countries
from dashboard.web.forms import TEXT, Form, Sound, at_most, chosen, email, line, optional, required
from dashboard.web.languages import LANGUAGES
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l

#: Longest address of a page.
URL = 300

ACTIVITIES = {
    Activity.RESELLING: _l("Reselling IT products"),
    Activity.MIXED: _l("Reselling and other business, about equally"),
    Activity.CONSULTING: _l("Consulting or our own development"),
}


def select(label: object, options: Callable[[], Iterable[tuple[str, Any]]], *checks: Any, first: object = "") -> Any:
    """A list to choose from; `options` are asked when the form is shown, in the reader's language."""

    def choices() -> list[SelectChoice]:
        head = [SelectChoice(value="", label=str(first))] if first else []
        return [*head, *(SelectChoice(value=value, label=str(name)) for value, name in options())]

    return SelectField(label, checks, choices=choices, invalid_choice_message=_l("Choose one of these."))


class WebAddress:
    """The address of a page in the web; completed with its scheme."""

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            field.data = web_address(field.data or "")
        except InvalidInput as error:
            raise ValidationError(gettext(error.message)) from error


class PlaceForm(Form):
    """Where a company is: its site, its country and, in the US, its state."""

    website = StringField(_l("Web site"), [*line(URL), WebAddress(), at_most(URL)])
    country = select(_l("Country"), lambda: countries().items(), chosen(), first=_l("Choose a country"))
    state = select(_l("State"), US_STATES.items, first=_l("Choose a state"))

    def validate_state(self, field: Field) -> None:
        if self.country.data != "US":
            field.data = ""
        elif not field.data:
            raise ValidationError(gettext("Choose the state: US sales tax depends on it."))

    def place(self) -> Place:
        return Place(self.website.data, self.country.data, self.state.data)


class ApplicationForm(PlaceForm):
    """The application to become a reseller (R2)."""

    company = StringField(_l("Company"), line())
    description = TextAreaField(_l("What does your company do?"), [required(), at_most(TEXT)])
    activity = RadioField(
        _l("Main activity"),
        [chosen()],
        choices=[SelectChoice(value=activity, label=label) for activity, label in ACTIVITIES.items()],
        invalid_choice_message=_l("Choose one of these."),
    )
    reasons = TextAreaField(_l("Why do you want to become a reseller?"), [required(), at_most(TEXT)])
    first_customer = TextAreaField(_l("First customer in view"), [optional(), at_most(TEXT)])

    @property
    def is_stopped(self) -> bool:
        """Whether the chosen activity does not qualify (R3)."""
        chosen_one = self.activity.data
        return self.is_submitted() and chosen_one in set(Activity) and not is_eligible(chosen_one)

    def validate(self, extra_validators: Any = None) -> bool:
        """An activity that does not qualify stops the form before anything else is asked for (R3)."""
        if self.is_stopped:
            self.activity.errors = [gettext("With this main activity a company cannot become a reseller.")]
            return False
        return bool(super().validate(extra_validators))

    def request(self) -> Request:
        return Request(**{name: self[name].data or "" for name in Request.__dataclass_fields__})


class ListingForm(Form):
    """The page that lists the vendor's brands (R5a)."""

    listing_url = StringField(_l("Address of the page"), [*line(URL), WebAddress()])


class LogoForm(Form):
    """The picture that stands on the company's quotes."""

    file = FileField(_l("File"), [required()])

    def content(self) -> bytes:
        """The file's bytes; of one that is too large, a byte more than is taken."""
        return bytes(self.file.data.stream.read(MAX_FILE + 1))


class DetailsForm(Form):
    """What documents say of the company (R5c)."""

    legal_name = StringField(_l("Legal name"), [*line(), Printable()])
    street = StringField(_l("Street and number"), [*line(), Printable()])
    city = StringField(_l("City"), [*line(100), Printable()])
    postal_code = StringField(_l("Postal code"), [*line(20), Printable()])
    tax_number = StringField(_l("Tax number"), [at_most(40), Printable()])
    billing_email = StringField(_l("E-mail for invoices"), email())
    document_language = select(_l("Language of documents"), LANGUAGES.items, chosen())

    def __init__(self, country: str, **options: Any) -> None:
        super().__init__(**options)
        self.of_country = country

    def validate_tax_number(self, field: Field) -> None:
        try:
            field.data = normalized(self.of_country, field.data or "")
        except InvalidInput as error:
            raise ValidationError(gettext(error.message)) from error

    def details(self) -> Details:
        return Details(**{name: self[name].data or "" for name in Details.__dataclass_fields__})


#: What each role may do, in the words of whoever chooses one.
ROLES = {
    Role.OWNER: _l("Owner: everything, also the company's details and the team"),
    Role.BUYER: _l("Buyer: prices, orders and enquiries; accepts the reseller policy"),
    Role.ACCOUNTANT: _l("Accountant: orders, invoices, statements and certificates; places no orders"),
    Role.VIEWER: _l("Viewer: reads all of it, changes nothing"),
}


class RoleForm(Form):
    """What a member may do."""

    role = RadioField(
        _l("Role"),
        [chosen()],
        choices=[SelectChoice(value=role, label=label) for role, label in ROLES.items()],
        invalid_choice_message=_l("Choose one of these."),
    )


class InvitationForm(RoleForm):
    """Who is to become a member, and as what."""

    email = EmailField(_l("E-mail address"), email())


class JoinForm(Form):
    """What a person without account says who accepts an invitation."""

    email = EmailField(_l("E-mail address"))  # shown, also to password managers; never read
    name = StringField(_l("Your name"), line())
    password = PasswordField(_l("Password"), [required(), Sound(usable_password)], filters=[])


class AcceptForm(Form):
    """One button, for whoever is signed in."""


class LeaveForm(Form):
    """To leave the company that the page showed, and no other."""

    company = HiddenField(validators=[required()])


class OwnerForm(Form):
    """An owner whom staff invite to a company that has none any more, with the reason (R5)."""

    email = EmailField(_l("E-mail address"), email())
    reason = TextAreaField(_l("Reason"), [required(), at_most(TEXT)])


class DecisionForm(Form):
    """What staff decide about an application (R4); which of the two, its button says."""

    currency = select(_l("Currency"), lambda: ((code, code) for code in current_settings().vendor.accounts))
    reason = TextAreaField(_l("Reason for declining"), [optional(), at_most(TEXT)])


class ReasonForm(Form):
    """An action of staff that needs its reason written down."""

    reason = TextAreaField(_l("Reason"), [required(), at_most(TEXT)])


class DiscountForm(Form):
    """A discount of one reseller's own, in percent (R6)."""

    percent = StringField(_l("Discount in percent"), line(10))

    def validate_percent(self, field: Field) -> None:
        try:
            self.discount = parse_rate(field.data.replace(",", ".").replace("%", "").strip())
        except ValueError as error:
            raise ValidationError(gettext("Write a number, for example 12.5.")) from error


class CurrencyForm(Form):
    """The currency of one reseller (R4)."""

    currency = select(_l("Currency"), lambda: ((code, code) for code in current_settings().vendor.accounts), chosen())
