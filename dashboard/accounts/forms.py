"""The forms of accounts. Passwords are neither trimmed nor ever shown again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any

from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from dashboard.accounts.rules import Profile, usable_password
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.web import formats
from dashboard.web.forms import Form, Sound, chosen, email, line, required
from dashboard.web.languages import LANGUAGES
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l

#: The letters that somebody can do without.
LETTERS = {"copies_of_orders", "copies_of_reminders", "wants_digest"}

#: Longest code that is read: a recovery code with what people may put between its groups.
CODE = 40


class RegisterForm(Form):
    name = StringField(_l("Your name"), line())
    email = EmailField(_l("E-mail address"), email())
    password = PasswordField(_l("Password"), [required(), Sound(usable_password)], filters=[])


class SignInForm(Form):
    email = EmailField(_l("E-mail address"), line())
    password = PasswordField(_l("Password"), [required()], filters=[])


class PasswordForm(Form):
    """The present password of an account that is known already."""

    email = EmailField(_l("E-mail address"))  # shown, also to password managers; never read
    password = PasswordField(_l("Password"), [required()], filters=[])


class CodeForm(Form):
    """The second factor alone: the password was shown on the page before."""

    code = StringField(_l("Code"), line(CODE))


class BothFactorsForm(Form):
    """What a change of the second factor asks for."""

    password = PasswordField(_l("Password"), [required()], filters=[])
    code = StringField(_l("Code"), line(CODE))


class EmptyForm(Form):
    """One button."""


class AskResetForm(Form):
    email = EmailField(_l("E-mail address"), email())


class NewPasswordForm(Form):
    email = EmailField(_l("E-mail address"))  # as above
    password = PasswordField(_l("New password"), [required(), Sound(usable_password)], filters=[])


class ChangePasswordForm(Form):
    present = PasswordField(_l("Present password"), [required()], filters=[])
    password = PasswordField(_l("New password"), [required(), Sound(usable_password)], filters=[])


class ChangeAddressForm(Form):
    email = EmailField(_l("New e-mail address"), email())
    password = PasswordField(_l("Password"), [required()], filters=[])


def _zones() -> list[SelectChoice]:
    """The vendor's zone, then all cities with what their clocks are ahead of UTC now."""
    vendor, names, now = current_settings().vendor.time_zone, formats.zone_names(formats.language()), utcnow()
    own = gettext("as at %(vendor)s: %(city)s", vendor=current_settings().vendor.name, city=names.get(vendor, vendor))
    rest = [SelectChoice(value=zone, label=f"{city} ({formats.offset(zone, now)})") for zone, city in names.items()]
    return [SelectChoice(value="", label=own), *rest]


class ProfileForm(Form):
    """What a person chooses; the letters are those that one can do without."""

    name = StringField(_l("Your name"), line())
    language = SelectField(_l("Language of pages and letters"), [chosen()], choices=LANGUAGES)
    time_zone = SelectField(_l("Time zone"), choices=_zones)
    copies_of_orders = BooleanField(_l("Copies of letters about orders and payments of the company"))
    copies_of_reminders = BooleanField(_l("Copies of reminders and monthly statements"))
    wants_digest = BooleanField(_l("In the morning, what waits for staff"))

    def __init__(self, *args: Any, offered: Collection[str] = (), **kwargs: Any) -> None:
        """A form with those letters that are `offered` to this person."""
        super().__init__(*args, **kwargs)
        for name in LETTERS - set(offered):
            del self[name]

    def profile(self, present: Profile) -> Profile:
        """The choices; what was not offered stays as it is."""
        return replace(present, **{one.name: self[one.name].data for one in fields(Profile) if one.name in self})
