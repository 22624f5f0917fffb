"""The form of a text: both languages side by side, and what is to be kept with the version."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wtforms import BooleanField, HiddenField, StringField, TextAreaField, ValidationError

from dashboard.errors import BusinessError
from dashboard.prose.checks import check
from dashboard.prose.rules import Kind, tidy
from dashboard.prose.versions import Version
from dashboard.web.forms import Form, optional_line
from dashboard.web.texts import gettext, lazy_gettext


class TextForm(Form):
    """A new version of a text, written on top of the version that `base` names."""

    base = HiddenField()
    english = TextAreaField(lazy_gettext("In English"))
    russian = TextAreaField(lazy_gettext("In Russian"))
    note = StringField(lazy_gettext("What has changed"), validators=optional_line())
    correction = BooleanField(lazy_gettext("Only the wording is corrected"))

    def __init__(self, version: Version, *, base: int, **settings: Any) -> None:
        """Begin with the texts of `version`."""
        texts = {"base": base, "english": version.english, "russian": version.russian}
        super().__init__(data=texts, **settings)
        for field in (self.english, self.russian):
            field.validators = [_sound(version.kind)]
        if version.kind is not Kind.POLICY:
            del self.correction  # only the policy is accepted

    @property
    def follows(self) -> int:
        """Number of the version that the writer had before the eyes; -1 if the form does not say."""
        given = str(self.base.data)
        return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else -1

    def go_on_from(self, seen: Version, newest: Version) -> None:
        """What was typed on top of `seen` is now meant to follow `newest`; a language left as it was becomes its."""
        self.base.data = str(newest.number)
        for field, language in ((self.english, "en"), (self.russian, "ru")):
            if tidy(field.data) == tidy(seen.text(language)):
                field.data = newest.text(language)


def _sound(kind: Kind) -> Callable[[Any, Any], None]:
    def validate(_form: Any, field: Any) -> None:
        try:
            check(kind, field.data or "")
        except BusinessError as error:
            raise ValidationError(gettext(error.message, **error.values)) from error

    return validate
