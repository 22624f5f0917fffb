"""Forms of the pages on which staff edit the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, StopValidation

from dashboard.catalog.editing import Choice
from dashboard.catalog.files import TEXTS, faults
from dashboard.clock import today
from dashboard.errors import InvalidInput
from dashboard.money import CURRENCIES, Money, parse_amount
from dashboard.web.forms import DayField, Form, required
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l


class FitsCatalog:
    """Refuses what a catalog file could not hold in this column either."""

    def __init__(self, column: str) -> None:
        self._column = column

    def __call__(self, _form: Any, field: Field) -> None:
        for message, values in faults(self._column, field.data or ""):
            raise ValidationError(gettext(message, column=field.label.text, **values))


class UnlessChosen:
    """Asks for nothing here once one that is there was chosen."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __call__(self, form: Any, field: Field) -> None:
        if form[self._field].data:
            field.errors = []
            raise StopValidation


class IsPrice:
    """Refuses what is no price above nothing in the currency of the field."""

    def __init__(self, currency: str) -> None:
        self._currency = currency

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            price = parse_amount(field.data or "", self._currency)
        except InvalidInput as error:
            raise ValidationError(gettext(error.message, **error.values)) from error
        if price.minor <= 0:
            raise ValidationError(gettext("A price is more than nothing."))


class NotPast:
    """Refuses a day that has passed."""

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data and field.data < today():
            raise ValidationError(gettext("This day has passed: a price holds from today at the earliest."))


def _text(label: Any, column: str, *, chosen: str = "", long: bool = False) -> Field:
    kind = TextAreaField if long else StringField
    return kind(label, [*([UnlessChosen(chosen)] if chosen else []), required(), FitsCatalog(column)])


def _prices(form: Form) -> dict[str, Money]:
    """The prices that were typed, by currency."""
    typed = {currency: form[f"price_{currency.lower()}"].data for currency in CURRENCIES}
    return {currency: parse_amount(text, currency) for currency, text in typed.items() if text}


class PricesForm(Form):
    """Prices from a day on; a currency that is left empty stays as it is."""

    valid_from = DayField(_l("From which day"), [required(), NotPast()])
    price_usd = StringField(_l("Price in USD"), [Optional(), IsPrice("USD")])
    price_eur = StringField(_l("Price in EUR"), [Optional(), IsPrice("EUR")])
    price_rub = StringField(_l("Price in RUB"), [Optional(), IsPrice("RUB")])

    def prices(self) -> dict[str, Money]:
        return _prices(self)


class StopForm(Form):
    """From when a SKU is not sold any more, and in which currency."""

    stop_from = DayField(_l("From which day"), [required(), NotPast()])
    currency = SelectField(
        _l("Currency"), choices=[SelectChoice("", _l("All currencies")), *map(SelectChoice, CURRENCIES)], default=""
    )


class TakeBackForm(Form):
    """Which coming price is taken back."""

    currency = HiddenField(validators=[required()])
    valid_from = DayField(validators=[required()])


class TextsForm(Form):
    """What a product and a plan are called."""

    brand = _text(_l("Brand"), "brand")
    product = _text(_l("Product"), "product")
    platform = _text(_l("Platform"), "platform")
    description_en = _text(_l("Description in English"), "description_en", long=True)
    description_ru = _text(_l("Description in Russian"), "description_ru", long=True)
    plan = _text(_l("Plan"), "plan")
    scope_en = _text(_l("Who may use it, in English"), "scope_en")
    scope_ru = _text(_l("Who may use it, in Russian"), "scope_ru")

    def texts(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in TEXTS}


class NewSkuForm(PricesForm):
    """A further SKU: its product and plan are chosen among those that there are, or described."""

    code = StringField(_l("SKU"), [required(), FitsCatalog("sku")])
    product_id = SelectField(_l("Choose the product"), choices=[], default="")
    brand = _text(_l("Brand"), "brand", chosen="product_id")
    product = _text(_l("Name of the new product"), "product", chosen="product_id")
    platform = _text(_l("Platform"), "platform", chosen="product_id")
    description_en = _text(_l("Description in English"), "description_en", chosen="product_id", long=True)
    description_ru = _text(_l("Description in Russian"), "description_ru", chosen="product_id", long=True)
    plan_id = SelectField(_l("Choose the plan"), choices=[], default="")
    plan = _text(_l("Name of the new plan"), "plan", chosen="plan_id")
    scope_en = _text(_l("Who may use it, in English"), "scope_en", chosen="plan_id")
    scope_ru = _text(_l("Who may use it, in Russian"), "scope_ru", chosen="plan_id")

    def offer(self, products: Iterable[Choice], plans: Iterable[Choice], spoken: str) -> None:
        """What can be chosen."""
        named = [SelectChoice(str(one.id), one.words(spoken)) for one in products]
        scoped = [SelectChoice(str(one.id), one.words(spoken)) for one in plans]
        self.product_id.choices = [SelectChoice("", gettext("A new product")), *named]
        self.plan_id.choices = [SelectChoice("", gettext("A new plan")), *scoped]

    def texts(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in TEXTS}


class UploadForm(Form):
    """A catalog file and the day from which its prices hold."""

    file = FileField(_l("Catalog file"), [FileRequired(_l("Choose a file."))])
    valid_from = DayField(_l("Prices and withdrawals hold from"), [required(), NotPast()])


class LoadForm(Form):
    """The day, and the difference that the page showed."""

    valid_from = DayField(validators=[required()])
    seen = HiddenField(validators=[required()])
