"""Forms of the pages about bank files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from dashboard.web.forms import Form, WholeNumberField, line, optional_line, whole_number
from dashboard.web.texts import gettext
from dashboard.web.texts import lazy_gettext as _l

#: Columns of a table, by their name in `CsvMapping`, that may be absent.
OPTIONAL_COLUMNS = (
    "amount", "debit", "credit", "sign", "value_on", "currency_column", "account_column", "party_name",
    "party_account", "end_to_end_id", "reference", "bank_id", "balance", "row_type",
)  # fmt: skip

DELIMITERS = ((";", _l("semicolon ;")), (",", _l("comma ,")), ("\t", _l("tab")), ("|", _l("bar |")))
ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("cp1251", "Windows-1251"),
    ("cp866", "DOS (866)"),
    ("cp1252", "Windows-1252"),
    ("latin-1", "Latin-1"),
)
DATES = (
    ("%d.%m.%Y", "31.12.2027"), ("%Y-%m-%d", "2027-12-31"), ("%d.%m.%y", "31.12.27"), ("%d-%m-%Y", "31-12-2027"),
    ("%d/%m/%Y", "31/12/2027"), ("%Y%m%d", "20271231"), ("%m/%d/%Y", "12/31/2027"), ("%Y/%m/%d", "2027/12/31"),
)  # fmt: skip


DECIMALS = ((",", _l("comma ,")), (".", _l("point .")))


def _choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class UploadForm(Form):
    """A bank's statement file."""

    file = FileField(_l("Statement file"), [FileRequired(_l("Choose a file."))])


class AcceptForm(Form):
    """Why a file that does not add up is booked all the same."""

    reason = StringField(_l("Why it should be booked all the same"), optional_line(300))


def _column(text: Any) -> SelectField:
    return SelectField(text, choices=[], coerce=_column_number)


def _column_number(value: Any) -> int | None:
    """The number of a column; none if none is chosen, -1 for what is no column."""
    if value in {"", None}:
        return None
    return int(value) if re.fullmatch(r"[0-9]{1,4}", str(value)) else -1


class MappingForm(Form):
    """What the columns of a table mean."""

    name = StringField(_l("Name of this table"), line(60))
    delimiter = SelectField(_l("Sign between columns"), choices=_choices(DELIMITERS))
    encoding = SelectField(_l("Characters"), choices=_choices(ENCODINGS))
    skip = WholeNumberField(_l("Lines before the first entry"), [whole_number(0, 1000)])
    date_format = SelectField(_l("Days look like"), choices=_choices(DATES))
    decimal = SelectField(_l("Decimal sign"), choices=_choices(DECIMALS))
    booked_on = _column(_l("Booking date"))
    value_on = _column(_l("Value date"))
    amount = _column(_l("Sum, below zero for money that went out"))
    sign = _column(_l("Word that says whether money came in or went out"))
    credit = _column(_l("Sum that came in"))
    debit = _column(_l("Sum that went out"))
    balance = _column(_l("Balance after the entry"))
    row_type = _column(_l("Column that says what a row is"))
    entry_type = StringField(_l("What it says of an entry"), optional_line(40))
    currency_column = _column(_l("Column with the currency"))
    currency = StringField(_l("Currency of the whole table"), optional_line(3))
    account_column = _column(_l("Column with your account"))
    account = StringField(_l("Your account, if no column tells it"), optional_line(64))
    party_name = _column(_l("Payer"))
    party_account = _column(_l("Payer's account"))
    reference = _column(_l("Payment reference"))
    end_to_end_id = _column(_l("Payer's own number"))
    bank_id = _column(_l("Bank's number of the entry"))
    text = SelectMultipleField(
        _l("Purpose: one or more columns"), choices=[], coerce=_column_number, widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )  # fmt: skip

    def validate_account_column(self, field: SelectField) -> None:
        """A table tells whose statement it is in a column, or a person does."""
        if field.data is None and not self.account.data:
            raise ValidationError(gettext("Choose the column with your account, or write its number."))

    def offer(self, columns: Sequence[str]) -> None:
        """Let the columns be chosen by their number and head."""
        numbered = _choices(enumerate(columns))
        self["booked_on"].choices = numbered
        self["text"].choices = numbered
        for name in OPTIONAL_COLUMNS:
            self[name].choices = [SelectChoice(value="", label="—"), *numbered]

    def facts(self) -> dict[str, Any]:
        """What was chosen, by the names of `CsvMapping`."""
        names = (*OPTIONAL_COLUMNS, "booked_on", "delimiter", "encoding", "skip", "date_format", "decimal")
        facts = {name: self[name].data for name in names}
        texts = {name: (self[name].data or "").upper().replace(" ", "") for name in ("currency", "account")}
        return {**facts, **texts, "entry_type": self.entry_type.data or "", "text": self["text"].data or []}
