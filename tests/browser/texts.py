"""The product's texts as the reader's language has them, so that no test depends on a wording."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from gettext import GNUTranslations
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency

from dashboard.config import ROOT
from dashboard.web.texts import fill

OTHER = {"ru": "en", "en": "ru"}


class Texts:
    """Texts by their msgid, and sums and days as Babel writes them: an oracle that is not the product's own."""

    def __init__(self, language: str) -> None:
        self.language = language
        path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.mo"
        with path.open("rb") as file:
            self._catalog = GNUTranslations(file)

    def __call__(self, message: str, /, **values: Any) -> str:
        return fill(self._catalog.gettext(message), message, values)

    def p(self, context: str, message: str, /, **values: Any) -> str:
        """A text in the sense that `context` gives."""
        return fill(self._catalog.pgettext(context, message), message, values)

    def n(self, singular: str, plural: str, number: int, /, **values: Any) -> str:
        """The right form for `number`."""
        text = self._catalog.ngettext(singular, plural, number)
        return fill(text, singular if number == 1 else plural, {"num": number, **values})

    def money(self, amount: Decimal, currency: str) -> str:
        shown = format_currency(amount, currency, locale=self.language)
        return re.sub(r"^([A-Z]{3})(?=\d)", "\\1\u00a0", shown)  # CLDR has a space after a code; Babel leaves it out

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=self.language)
