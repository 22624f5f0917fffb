"""What a form must not take, because no document could show it."""

from __future__ import annotations

from typing import Any

from wtforms import Field, ValidationError

from dashboard.documents.glyphs import unprintable
from dashboard.web.texts import gettext


class Printable:
    """Refuses characters that our documents cannot print: with one of them a paper would never be drawn (R27)."""

    def __call__(self, _form: Any, field: Field) -> None:
        if missing := unprintable(field.data or ""):
            raise ValidationError(
                gettext(
                    "Our documents cannot show %(characters)s here. Please use Latin or Cyrillic letters.",
                    characters=" ".join(missing),
                )
            )
