"""Fields of the forms in which somebody chooses products for an end customer: of orders and of quotes."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from dashboard.web.countries import countries
from dashboard.web.forms import Form, OneLine, at_most
from dashboard.web.languages import LANGUAGES
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l


def one_line(maximum: int = 200) -> list[Any]:
    """Validators of a line of text with so many characters at the most."""
    return [at_most(maximum), OneLine()]


def _countries() -> list[SelectChoice]:
    first = SelectChoice(value="", label=gettext("Choose a country"))
    return [first, *(SelectChoice(value=code, label=name) for code, name in countries().items())]


def languages() -> list[SelectChoice]:
    """In which a customer can be spoken to."""
    return [SelectChoice(value=code, label=name) for code, name in LANGUAGES.items()]


class CustomerForm(Form):
    """Whom it is for: one of the earlier customers, found by typing, or a new one."""

    origin = HiddenField()  #: what the page was made from, which is kept on the server while one types
    earlier = StringField(_l("A customer you ordered for before"), one_line(100))
    company = StringField(_l("Company"), one_line())
    name = StringField(_l("Contact person"), one_line())
    email = StringField(_l("E-mail address"), one_line())
    street = StringField(_l("Street and number"), one_line())
    city = StringField(_l("City"), one_line(100))
    postal_code = StringField(_l("Postal code"), one_line(20))
    state = StringField(_l("State or region"), one_line(100))
    country = SelectField(_l("Country"), choices=_countries, invalid_choice_message=_l("Choose one of these."))
