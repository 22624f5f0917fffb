"""The form in which a translator's file is sent."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from dashboard.web.forms import Form
from dashboard.web.texts import lazy_gettext as _l


class CatalogForm(Form):
    """A .po file."""

    file = FileField(_l("Your .po file"), [FileRequired(_l("Choose a file."))])
