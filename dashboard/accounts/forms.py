"""The forms of accounts. Passwords are neither trimmed nor ever shown again."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, Field, PasswordField, SelectField, StringField, ValidationError

from dashboard.accounts.rules import usable_password
from dashboard.errors import BusinessError
from dashboard.web.forms import Form, chosen, email, line, required
from dashboard.web.languages import LANGUAGES
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l

#: Longest code that is read: a recovery code with what people may put between its groups.
CODE = 40


class NewPassword:
    """Refuses a password that cannot be taken, before anything is spent on it."""

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            usable_password(field.data)
        except BusinessError as error:
            raise ValidationError(gettext(error.message, **error.values)) from error


class RegisterForm(Form):
    name = StringField(_l("Your name"), line())
    email = EmailField(_l("E-mail address"), email())
    password = PasswordField(_l("Password"), [required(), NewPassword()], filters=[])


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
    password = PasswordField(_l("New password"), [required(), NewPassword()], filters=[])


class ChangePasswordForm(Form):
    present = PasswordField(_l("Present password"), [required()], filters=[])
    password = PasswordField(_l("New password"), [required(), NewPassword()], filters=[])


class ChangeAddressForm(Form):
    email = EmailField(_l("New e-mail address"), email())
    password = PasswordField(_l("Password"), [required()], filters=[])


class ProfileForm(Form):
    name = StringField(_l("Your name"), line())
    language = SelectField(_l("Language of pages and letters"), [chosen()], choices=LANGUAGES)
