"""What the columns of a bank's table (CSV) mean: told by a person once, proposed from the head of the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.banking.detection import plain_bytes
from dashboard.banking.rules import UnreadableStatement
from dashboard.banking.values import BadValue, parsed_date, without_time
from dashboard.errors import N_, InvalidInput

#: Signs of the currencies that we bill in, as some tables write them beside a sum.
SYMBOLS = {"EUR": "€", "RUB": "₽", "USD": "$"}

#: What banks write where a column says which way the money went, whatever its case.
CREDIT_WORDS = (
    "C", "CR", "CRDT", "credit", "in", "Bij", "H", "Haben", "Gutschrift", "K", "Kreedit", "Ma", "+",
    "кредит", "Кт", "К", "приход", "поступление", "зачисление", "пополнение",
)  # fmt: skip
DEBIT_WORDS = (
    "D", "DR", "DBIT", "debit", "debet", "out", "Af", "S", "Soll", "Lastschrift", "Belastung", "Deebet", "Wn", "-",
    "дебет", "Дт", "Д", "расход", "списание",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvMapping:
    """How to read a table. Columns are counted from 0; `None` is a column that the table does not have.

    The sum stands in `amount` (below zero for money that went out, or with a word in `sign`), or in one of
    `debit` and `credit`.

    Raises:
        InvalidInput: if it could not be read unambiguously.
    """

    booked_on: int
    amount: int | None = None
    debit: int | None = None
    credit: int | None = None
    sign: int | None = None
    credit_words: tuple[str, ...] = CREDIT_WORDS
    debit_words: tuple[str, ...] = DEBIT_WORDS
    value_on: int | None = None
    currency_column: int | None = None
    currency: str = ""  #: of the whole table, where no column tells it
    account: str = ""  #: whose statement it is; a column may tell it instead
    account_column: int | None = None
    party_name: int | None = None
    party_account: int | None = None
    party_bank: int | None = None
    text: tuple[int, ...] = ()
    end_to_end_id: int | None = None
    reference: int | None = None  #: a structured creditor reference
    bank_id: int | None = None  #: the bank's own ID of the entry, never given twice
    balance: int | None = None  #: what was on the account after the entry
    row_type: int | None = None  #: what kind of row it is, where totals stand among the entries
    entry_type: str = ""  #: what `row_type` says of an entry
    delimiter: str = ";"
    encoding: str = "utf-8"
    decimal: str = ","
    date_format: str = "%d.%m.%Y"
    skip: int = 1  #: lines before the first entry, the header among them

    def __post_init__(self) -> None:
        two, one = self.debit is not None and self.credit is not None, self.amount is not None
        if one is two or (self.sign is not None and not one):
            raise InvalidInput(N_("Choose either one column for the sum, or two: for debits and for credits."))
        if (self.row_type is None) is not (not self.entry_type):
            raise InvalidInput(N_("Choose the column with the kinds of rows, and write what it says of an entry."))
        if self.decimal not in {",", "."} or len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            raise InvalidInput(N_("Choose a point or a comma as the decimal sign, and one character between columns."))
        if any(column < 0 for column in self.columns) or self.skip < 0:
            raise InvalidInput(N_("Columns and lines are counted from zero."))
        if not self.currency and self.currency_column is None:
            raise InvalidInput(N_("Choose the currency, or the column that tells it."))

    @property
    def columns(self) -> list[int]:
        """All columns that are used."""
        single = (
            *(self.booked_on, self.amount, self.debit, self.credit, self.sign, self.value_on, self.currency_column),
            *(self.account_column, self.party_name, self.party_account, self.party_bank, self.end_to_end_id),
            *(self.reference, self.bank_id, self.balance, self.row_type),
        )
        return [column for column in (*single, *self.text) if column is not None]


class NeedsMapping(UnreadableStatement):
    """The file is a table: somebody must say what its columns mean. `proposal` is a guess, if there is one."""

    def __init__(self, proposal: CsvMapping | None) -> None:
        super().__init__(N_("This file is a table. Say what its columns mean, then it can be read."))
        self.proposal = proposal


#: Names of columns in the languages of banks, by what they mean: the first that fits wins.
_NAMES: dict[str, str] = {
    "booked_on": (
        r"book\w* date|post\w* date|buchungstag|buchungsdatum|boekdatum|datum|date|transaction date|дата.*|data.*|fecha"
        r"|kuupäev|datums|date .*"
    ),
    "value_on": r"value date|valuta\w*|valutadatum|rentedatum|interest date|wertstellung\w*|дата валютирования",
    "sign": (
        r"af bij|debet/credit|debit/credit|credit/debit|d/c|dr/cr|soll/haben|s/h|deebet/kreedit|debets/kredīts"
        r"|дебет/кредит|дт/кт|приход/расход|тип операции.*"
    ),
    "debit": (
        r"debit.*|paid out|money out|withdrawals?|soll|belastung.*|дебет|расход|списан\w*"
        r"|сумма (списания|по дебету)"
    ),
    "credit": (
        r"credit.*|paid in|money in|deposits?|haben|gutschrift.*|кредит|приход|поступ\w*|зачислен\w*"
        r"|сумма (зачисления|по кредиту)"
    ),
    "amount": r"amount.*|betrag.*|umsatz|bedrag.*|сумма.*|kwota.*|montant.*|importe|summa",
    "balance": r"balance.*|running balance|saldo.*|остаток.*|kontostand",
    "currency_column": r"currency|ccy|währung|waehrung|munt|valuta|valūta|валюта.*|waluta|valuuta",
    "account_column": (
        r"iban/bban|account|account (no|number)|(own|client|customer) account( no)?|rekening|auftragskonto|kontonummer"
        r"|konto|kliendi konto|klienta konts|(номер )?сч[её]та?"
    ),
    "party_account": (
        r".*(counter\w* (account|iban)|(sender/receiver|payer|payee) account.*|tegenrekening.*"
        r"|kontonummer/iban|iban.*|сч[её]т контрагента.*)"
    ),
    "party_bank": r"bic.*|swift.*|бик.*",
    "party_name": (
        r"name.*|sender/receiver name|naam.*|payee.*|payer.*|beg(ü|ue)nstigter.*|auftraggeber.*"
        r"|counterparty.*|beneficiary.*|saaja.*|saņēmējs.*|контрагент.*"
    ),
    "end_to_end_id": r"end.?to.?end.*|kundenreferenz.*",
    "reference": r"(payment|creditor) reference|reference number|betalingskenmerk|viitenumber",
    "row_type": r"row type|reatüüp|ieraksta tips|тип строки",
    "bank_id": r"transaction id|bank reference|unique id|record id|id операции|volgnr|arhiveerimistunnus",
    "text": (
        r"(.* )?description.*|verwendungszweck.*|mededelingen|omschrijving.*|selgitus|informācija saņēmējam|memo"
        r"|purpose|назначение.*"
    ),
    "remark": r"buchungstext|details?",
}
#: What Swedbank writes beside an entry, and beside balances and turnovers.
_ENTRY_TYPE, _OTHER_TYPES = "20", {"10", "82", "86"}
_DATE_FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%d-%m-%Y", "%d/%m/%Y", "%Y%m%d", "%m/%d/%Y", "%Y/%m/%d")
_SUM = re.compile(r"[+(-]?[\d ',.\u00a0\u202f]*\d([.,]\d{1,2})?[)-]?")
_SYMBOL = re.compile("[$€₽]|^[A-Z]{3} | [A-Z]{3}$")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_WORDS = {word.casefold() for word in (*CREDIT_WORDS, *DEBIT_WORDS)}
_HEAD_LINES = 40


def propose_mapping(data: bytes) -> CsvMapping | None:
    """A guess at the mapping of a table, from its first lines; None if it does not look like one.

    A proposal is for a person to look at: it is never used unseen.
    """
    text, encoding = _head(data)
    for delimiter in _by_frequency(text):
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))[:_HEAD_LINES]
        except csv.Error:
            continue
        for number, cells in enumerate(rows):
            columns = _columns(cells)
            proposal = _proposal(rows[number:], columns, number + 1, delimiter, encoding)
            if proposal:
                return proposal
    return None


def likely_delimiter(data: bytes) -> str:
    """The sign that parts the columns, as far as can be told where nothing else can."""
    return next(iter(_by_frequency(_head(plain_bytes(data))[0])), ";")


def first_rows(data: bytes, delimiter: str, encoding: str, count: int = 8) -> list[list[str]]:
    """The first rows of a table, for a person to say what its columns mean; as far as they can be read."""
    text = plain_bytes(data)[:65536].decode(encoding, "replace")
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(cells)
            if len(rows) == count:
                break
    except csv.Error:
        pass
    return rows


def _head(data: bytes) -> tuple[str, str]:
    """Whole lines of the beginning, and the encoding in which most of it reads like a language."""
    head = data[:65536].rpartition(b"\n")[0] if len(data) > 65536 else data
    russian = max(("cp1251", "cp866"), key=lambda name: len(_CYRILLIC.findall(head.decode(name, "replace"))))
    for encoding in ("utf-8", russian, "cp1252"):
        try:
            text = head.decode(encoding)
        except UnicodeDecodeError:
            continue
        letters = re.findall(r"[^\W\d_]", text)
        cyrillic = _CYRILLIC.findall(text)
        if encoding != russian or len(cyrillic) > len(letters) * 0.4:
            return text, encoding
    return head.decode("latin-1"), "latin-1"


def _by_frequency(text: str) -> list[str]:
    counts = Counter(character for character in text if character in ";,\t|")
    return [delimiter for delimiter, _ in counts.most_common()]


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """What the cells of a header mean."""
    columns: dict[str, int] = {}
    for meaning, pattern in _NAMES.items():
        for number, cell in enumerate(cells):
            if number not in columns.values() and re.fullmatch(pattern, cell.strip().lower()):
                columns[meaning] = number
                break
    if (remark := columns.pop("remark", None)) is not None:
        columns.setdefault("text", remark)  # a kind of transaction, if something else tells the purpose
    return columns


def _proposal(
    table: list[list[str]], columns: dict[str, int], skip: int, delimiter: str, encoding: str
) -> CsvMapping | None:
    """The mapping, if the rows below the header, the first of the table, bear it out."""
    columns = dict(columns)
    rows = _entries([row for row in table[1:] if len(row) > max(columns.values(), default=0)], columns)
    two = {"debit", "credit"} <= columns.keys()
    sums = ("debit", "credit") if two else ("amount",)
    if not rows or "booked_on" not in columns or not all(name in columns for name in sums):
        return None
    form = _date_format(row[columns["booked_on"]] for row in rows)
    written = [cell for row in rows for name in sums if (cell := row[columns[name]].strip())]
    numbers = [_SYMBOL.sub("", cell).strip() for cell in written]
    if not form or not numbers or not all(_SUM.fullmatch(number) for number in numbers):
        return None
    account = columns.get("account_column")
    if account is not None and not _only(rows, account):  # of the other side, if it changes
        columns.setdefault("party_account", columns.pop("account_column"))
        account = None
    currency = _only(rows, columns.get("currency_column"))
    home = "RUB" if any(_CYRILLIC.search(cell) for cell in table[0]) else "EUR"
    home = next((code for code, symbol in SYMBOLS.items() if any(symbol in number for number in written)), home)
    used = {
        name: number for name, number in columns.items() if name not in {"text", *(() if two else ("debit", "credit"))}
    }
    if two:
        used = {name: number for name, number in used.items() if name not in {"amount", "sign"}}
    elif "sign" in used and not all(row[used["sign"]].strip().casefold() in _WORDS for row in rows):
        del used["sign"]
    return CsvMapping(
        **used,  # type: ignore[arg-type]  # the names are those of the columns, see _NAMES
        text=(columns["text"],) if "text" in columns else (),
        entry_type=_ENTRY_TYPE if "row_type" in used else "",
        account=_only(rows, account) if account is not None else "",
        currency=currency if re.fullmatch("[A-Z]{3}", currency) else "" if "currency_column" in columns else home,
        delimiter=delimiter,
        encoding=encoding,
        decimal=_decimal_sign(numbers),
        date_format=form,
        skip=skip,
    )


def _entries(rows: list[list[str]], columns: dict[str, int]) -> list[list[str]]:
    """The rows without those at the end that have no day, and without those that say that they are no entries. A
    column of rows' kinds that we do not know is taken from the columns.
    """
    if (kind := columns.get("row_type")) is not None:
        if {row[kind].strip() for row in rows} <= {_ENTRY_TYPE, *_OTHER_TYPES}:
            return [row for row in rows if row[kind].strip() == _ENTRY_TYPE] or rows  # a month may have none
        del columns["row_type"]
    column = columns.get("booked_on", 0)
    while rows and not re.search(r"\d", rows[-1][column]):
        rows = rows[:-1]
    return rows


def _date_format(texts: Iterable[str]) -> str:
    """The only form, or the first, in which all the dates can be read."""
    dates = [text.strip() for text in texts]
    return next((form for form in _DATE_FORMATS if all(_is_date(text, form) for text in dates)), "")


def _is_date(text: str, form: str) -> bool:
    try:
        parsed_date(without_time(text), form)
    except BadValue:
        return False
    return True


def _decimal_sign(numbers: list[str]) -> str:
    """The sign before the last one or two digits, by majority."""
    signs = Counter(match[1] for number in numbers if (match := re.search(r"([.,])\d{1,2}[)-]?$", number)))
    return signs.most_common(1)[0][0] if signs else "."


def _only(rows: list[list[str]], column: int | None) -> str:
    """The value of a column, if it is the same in all rows."""
    values = {row[column].strip() for row in rows} if column is not None else set()
    return values.pop() if len(values) == 1 else ""
