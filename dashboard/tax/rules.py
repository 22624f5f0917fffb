"""Which tax a sale bears: pure, from the reseller's place and the rate that holds there (R28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dashboard.errors import N_, Refused
from dashboard.money import Money
from dashboard.places import EU_COUNTRIES


class TaxKind(StrEnum):
    """Why tax is added, or why not."""

    SALES_TAX = "sales_tax"
    NOT_TAXABLE = "not_taxable"  #: a US state that does not tax downloaded software
    EXEMPT = "exempt"  #: sales tax that an exemption certificate takes away (R28)
    VAT = "vat"
    REVERSE_CHARGE = "reverse_charge"
    EXPORT = "export"


class CertificateState(StrEnum):
    """What staff have made of an exemption certificate (R29)."""

    WAITING = "waiting"
    VERIFIED = "verified"
    REFUSED = "refused"


@dataclass(frozen=True)
class Exemption:
    """What takes the sales tax away: the certificate, and what an order keeps of it."""

    certificate_id: int
    number: str
    state: str
    digest: str  #: of the uploaded file
    verified: bool  #: else it exempts until staff have looked at it


@dataclass(frozen=True)
class TaxDecision:
    """The tax on a net sum: its rate in parts per million, the place of the rate, the amount.

    With an exemption the rate is the one that would hold without it: what is billed if the certificate is refused.
    """

    kind: TaxKind
    place: str
    rate: int
    amount: Money
    exemption: Exemption | None = None


@dataclass(frozen=True)
class KnownRate:
    """The rate that holds in a place on a day; `applies` says whether our goods are taxed there."""

    rate: int
    applies: bool


def owes_vat_itself(*, seller: str, country: str, has_vat_number: bool) -> bool:
    """Whether a reseller in another country of the EU accounts for the VAT: only one with a valid VAT number (R28)."""
    return has_vat_number and seller != country and {seller, country} <= EU_COUNTRIES


def rate_country(*, seller: str, country: str, has_vat_number: bool) -> str:
    """The country whose rate holds: where there is no reverse charge inside the EU, that of the vendor (R28)."""
    both_in_eu = {seller, country} <= EU_COUNTRIES
    return seller if both_in_eu and not has_vat_number else country


def tax_on(
    net: Money,
    *,
    seller: str,
    country: str,
    state: str,
    rate: KnownRate | None,
    has_vat_number: bool = False,
    exemption: Exemption | None = None,
) -> TaxDecision:
    """Tax on `net`, by the reseller's place of business, never the end customer's (R28). Rounded once (R11).

    Args:
        seller: country of the vendor, whose VAT applies to resellers there.
        country: country of the reseller; ISO 3166 codes.
        state: the reseller's state, in the US.
        rate: what holds on the day in the `rate_country`; it must be known for the US and for the vendor's own country.
        has_vat_number: the reseller has a VAT number whose form and check digit are right.
        exemption: a certificate of the reseller for its state.

    Raises:
        Refused: if the rate that the place calls for is not known; guessing one would make a wrong invoice.
    """
    nothing = Money.zero(net.currency)
    if owes_vat_itself(seller=seller, country=country, has_vat_number=has_vat_number):
        return TaxDecision(TaxKind.REVERSE_CHARGE, country, 0, nothing)
    country = rate_country(seller=seller, country=country, has_vat_number=has_vat_number)
    if country not in {"US", seller}:
        return TaxDecision(TaxKind.EXPORT, country, 0, nothing)
    place = f"US-{state}" if country == "US" else country
    if rate is None:
        raise Refused(N_("No tax rate is known for %(place)s yet. Please write to us; we will add it."), place=place)
    if country == "US":  # sales tax of the state, wherever the vendor is: there is no VAT
        if not rate.applies or not rate.rate:
            return TaxDecision(TaxKind.NOT_TAXABLE, place, 0, nothing)
        if exemption is not None:
            return TaxDecision(TaxKind.EXEMPT, place, rate.rate, nothing, exemption)
        return TaxDecision(TaxKind.SALES_TAX, place, rate.rate, net.share(rate.rate))
    return TaxDecision(TaxKind.VAT, place, rate.rate, net.share(rate.rate))


#: Largest file of a certificate, in bytes.
MAX_FILE = 5 * 1024 * 1024

#: How many days after its date a supplementary invoice is due (R29).
SUPPLEMENT_DAYS = 30

#: Days before a certificate's end on which its company is reminded of it.
REMINDERS = (60, 30)

#: What a file begins with, by its type and the ending of its name.
_FILE_TYPES = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)


def file_type(content: bytes) -> tuple[str, str] | None:
    """Media type and name ending of a certificate's file by what it holds, whatever its name; None: none of ours."""
    return next(((kind, ending) for begin, kind, ending in _FILE_TYPES if content.startswith(begin)), None)


def reminder_step(valid_until: date, on: date) -> int | None:
    """Which reminder is due of a certificate that ends after `valid_until`: that of so many days before; or none."""
    left = (valid_until - on).days
    return min((step for step in REMINDERS if 0 <= left <= step), default=None)
