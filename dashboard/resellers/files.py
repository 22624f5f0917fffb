"""Read a file of resellers that a vendor has already, as a clerk makes it in a spreadsheet. No database is known here.

One line is a company. Further lines with its key add a member or a debt each; their cells about the company may stay
empty or say the same again. The reasons are in English: they are told to the operator, by `flask resellers load`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email

from dashboard.accounts.rules import email_key
from dashboard.documents.glyphs import unprintable
from dashboard.errors import InvalidInput
from dashboard.money import WHOLE, Money, parse_amount, parse_rate
from dashboard.places import US_STATES
from dashboard.resellers.rules import Details, Role, host_belongs, own_host, web_address
from dashboard.resellers.tax_numbers import normalized
from dashboard.web.countries import countries
from dashboard.web.languages import LANGUAGES
from dashboard.web.sheets import InvalidSheet, Problem, Record, read_sheet

#: Columns that every company needs …
NEEDED = ("key", "name", "website", "country", "currency", "document_language")
#: … and what more can be said of it, …
COMPANY = (
    *("state", "legal_name", "street", "city", "postal_code", "tax_number", "billing_email"),
    *("discount", "standing", "standing_reason", "listing_url"),
)
#: … of one of its members, and of one of its debts.
MEMBER = ("member_email", "member_name", "member_role", "member_language")
DEBT = ("debt_number", "debt_ordered_on", "debt_due_on", "debt_amount")

#: Largest file, in bytes: some ten thousand companies.
MAX_BYTES = 16_000_000

#: Longest text of the columns that are not as long as a line of any form.
LENGTHS = {"key": 60, "website": 300, "listing_url": 300, "city": 100, "postal_code": 20, "tax_number": 40}
LENGTHS |= {"debt_number": 60, "standing_reason": 4000}
LENGTH = 200

#: What stands on papers.
PRINTED = frozenset({"legal_name", "street", "city", "postal_code", "tax_number", "debt_number"})

STANDINGS = ("new", "established")

_DAYS = ("%Y-%m-%d", "%d.%m.%Y")


@dataclass(frozen=True)
class MemberRow:
    """A person of a company, as the file has it."""

    line: int
    email: str
    name: str
    role: Role
    language: str


@dataclass(frozen=True)
class DebtRow:
    """What a company owes from before this program."""

    line: int
    number: str
    ordered_on: date
    due_on: date
    amount: Money


@dataclass
class CompanyRow:
    """A company, as the file has it; what is empty or None is not said."""

    line: int
    key: str
    name: str
    website: str
    country: str
    state: str
    currency: str
    details: Details
    discount: int | None  #: parts per million
    established_because: str
    listing_url: str
    members: list[MemberRow] = field(default_factory=list)
    debts: list[DebtRow] = field(default_factory=list)


def read_resellers(content: bytes, *, currencies: Collection[str], today: date) -> list[CompanyRow]:
    """All companies of a file, in its order.

    Args:
        currencies: those for which the vendor has a bank account (R4).
        today: the present business day; no order was placed later.

    Raises:
        InvalidSheet: with all problems that were found.
    """
    optional = (*COMPANY, *MEMBER, *DEBT)
    sheet = read_sheet(content, required=NEEDED, optional=optional, max_bytes=MAX_BYTES)
    found = _Found(currencies, today)
    for record in sheet.records:
        found.add(_Cells(record, sheet.problems))
    if not sheet.records and not sheet.problems:
        sheet.problems.append(Problem(1, "The file lists no company."))
    if sheet.problems:
        raise InvalidSheet(sorted(sheet.problems, key=lambda problem: problem.line))
    return list(found.companies.values())


class _Cells:
    """The cells of one line; what is wrong with one is noted and the cell taken as empty."""

    def __init__(self, record: Record, problems: list[Problem]) -> None:
        self.line, self._cells, self._problems = record.line, record.cells, problems
        self._refused: set[str] = set()
        for column, cell in record.cells.items():
            if reason := _unusable(column, cell):
                self.refuse(column, reason)
                self._cells[column] = ""

    def __getitem__(self, column: str) -> str:
        return self._cells.get(column, "")

    def says_any(self, columns: Collection[str]) -> bool:
        return any(self[column] for column in columns)

    def refuse(self, column: str, reason: str) -> None:
        if column not in self._refused:
            self._refused.add(column)
            self._problems.append(Problem(self.line, reason, column=column))

    def need(self, *columns: str) -> bool:
        """Whether all of these say something; those that do not are noted."""
        for column in columns:
            if not self[column]:
                self.refuse(column, "is empty")
        return all(self[column] for column in columns)

    def read(self, column: str, reader: Callable[[str], Any], otherwise: Any = "") -> Any:
        """What `reader` makes of a cell that says something; its refusal is noted."""
        if not self[column]:
            return otherwise
        try:
            return reader(self[column])
        except InvalidInput as error:
            self.refuse(column, error.message % error.values)
        except EmailNotValidError as error:
            self.refuse(column, str(error))
        except ValueError as error:
            self.refuse(column, error.args[0])
        return otherwise


class _Found:
    """The companies of the lines that were read so far."""

    def __init__(self, currencies: Collection[str], today: date) -> None:
        self.companies: dict[str, CompanyRow] = {}
        self._currencies, self._today = currencies, today
        self._first: dict[str, _Cells] = {}
        self._emails: dict[str, tuple[str, int]] = {}
        self._debts: dict[tuple[str, str], int] = {}

    def add(self, cells: _Cells) -> None:
        if not cells.need("key"):
            return
        key = cells["key"]
        if key in self.companies:
            _compare(cells, self._first[key])
        else:
            cells.need(*NEEDED)
            self._first[key], self.companies[key] = cells, self._company(cells)
        company = self.companies[key]
        if cells.says_any(MEMBER):
            self._add_member(company, cells)
        if cells.says_any(DEBT):
            self._add_debt(company, cells)

    def _company(self, cells: _Cells) -> CompanyRow:
        country = cells.read("country", _one_of(countries()))
        website = cells.read("website", web_address)
        _check_state(cells, country)
        if website and (url := cells.read("listing_url", web_address)) and not host_belongs(url, website):
            cells.refuse("listing_url", f"does not lie on the company's own domain, {own_host(website)}")
        established = cells.read("standing", _one_of(STANDINGS)) == "established"
        if established:
            cells.need("standing_reason")
        return CompanyRow(
            line=cells.line,
            key=cells["key"],
            name=cells["name"],
            website=website,
            country=country,
            state=cells["state"],
            currency=cells.read("currency", _one_of(self._currencies)),
            details=Details(
                legal_name=cells["legal_name"],
                street=cells["street"],
                city=cells["city"],
                postal_code=cells["postal_code"],
                tax_number=cells.read("tax_number", lambda number: normalized(country, number)),
                billing_email=cells.read("billing_email", _address),
                document_language=cells.read("document_language", _one_of(LANGUAGES)),
            ),
            discount=cells.read("discount", _discount, None),
            established_because=cells["standing_reason"] if established else "",
            listing_url=cells.read("listing_url", web_address),
        )

    def _add_member(self, company: CompanyRow, cells: _Cells) -> None:
        if not cells.need("member_email", "member_role"):
            return
        email = cells.read("member_email", _address)
        role = cells.read("member_role", _one_of(list(Role)))
        language = cells.read("member_language", _one_of(LANGUAGES), company.details.document_language)
        key, line = self._emails.setdefault(email_key(email), (company.key, cells.line))
        if email and line != cells.line:
            cells.refuse("member_email", f"stands on line {line} already" + (f", at {key}" * (key != company.key)))
        elif email and role:
            name = cells["member_name"] or email.partition("@")[0]
            company.members.append(MemberRow(cells.line, email, name, Role(role), language))

    def _add_debt(self, company: CompanyRow, cells: _Cells) -> None:
        if not cells.need(*DEBT):
            return
        ordered_on, due_on = cells.read("debt_ordered_on", _day, None), cells.read("debt_due_on", _day, None)
        amount = None
        if company.currency:
            amount = cells.read("debt_amount", lambda text: parse_amount(text, company.currency), None)
        line = self._debts.setdefault((company.key, cells["debt_number"]), cells.line)
        if line != cells.line:
            cells.refuse("debt_number", f"stands on line {line} already")
        if amount is not None and amount.minor <= 0:
            cells.refuse("debt_amount", "must be more than zero")
        if ordered_on and ordered_on > self._today:
            cells.refuse("debt_ordered_on", "has not come yet")
        if ordered_on and due_on and due_on < ordered_on:
            cells.refuse("debt_due_on", "is before the day of the order")
        if ordered_on and due_on and amount:
            company.debts.append(DebtRow(cells.line, cells["debt_number"], ordered_on, due_on, amount))


def _unusable(column: str, cell: str) -> str:
    """Why a cell can be used for nothing, whatever its column; empty if it can."""
    longest = LENGTHS.get(column, LENGTH)
    if len(cell) > longest:
        return f"is longer than {longest} characters"
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in cell):
        return "holds a line break or an invisible character"
    if column in PRINTED and unprintable(cell):
        return f"holds characters that documents cannot show: {' '.join(unprintable(cell))}"
    return ""


def _compare(cells: _Cells, first: _Cells) -> None:
    """A further line of a company says nothing else of it than the first."""
    for column in (*NEEDED, *COMPANY):
        if cells[column] and cells[column] != first[column]:
            cells.refuse(column, f"differs from line {first.line}, which is about the same company")


def _check_state(cells: _Cells, country: str) -> None:
    if country == "US" and cells["state"] not in US_STATES:
        cells.refuse("state", "must be the two letters of the state: US sales tax depends on it")
    elif country and country != "US" and cells["state"]:
        cells.refuse("state", "must be empty outside the US")


def _one_of(known: Collection[str]) -> Callable[[str], str]:
    def choose(cell: str) -> str:
        if cell not in known:
            listed = f": {', '.join(known)}" if len(known) < 10 else ""
            raise ValueError(f"is not one of those that are known{listed}")
        return cell

    return choose


def _address(cell: str) -> str:
    return validate_email(cell, check_deliverability=False, test_environment=True).normalized


def _discount(cell: str) -> int:
    try:
        rate = parse_rate(re.sub(r"\s*%$", "", cell).replace(",", "."))
    except ValueError:
        rate = WHOLE
    if not 0 <= rate < WHOLE:
        raise ValueError("must be a percentage from 0 to less than 100, for example 12.5")
    return rate


def _day(cell: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    raise ValueError("must be a day, for example 2026-03-31 or 31.03.2026")
