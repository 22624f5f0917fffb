"""An invoice or credit note as EN 16931 XML, in the syntax CII and the profile EN 16931 of Factur-X (R27).

It says what the PDF says, from the same snapshot, in the paper's own language; the same snapshot gives the same bytes.
Comments name the business terms (BT) of the standard. A credit note (381) takes back by what it is, so its sums are
positive here, though the PDF shows them negative.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from flask_babel import force_locale
from lxml import etree
from stdnum import iban

from dashboard.documents.glyphs import printable_form
from dashboard.invoices.corrections import opposite
from dashboard.invoices.rules import PaperKind, PaperLine, PaperSnapshot, Party, TaxNote
from dashboard.money import Money, percent_of
from dashboard.places import EU_COUNTRIES
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

#: What every file of this profile says of itself (BT-24).
PROFILE = "urn:cen.eu:en16931:2017"

#: UNTDID 1001 (BT-3).
TYPES = {PaperKind.INVOICE: "380", PaperKind.CREDIT_NOTE: "381"}

#: UNTDID 4461 (BT-81): a credit transfer, and one inside SEPA.
TRANSFER, SEPA_TRANSFER = "30", "58"

#: UN/ECE Recommendation 20 (BT-130): one. A license is counted, not measured.
PIECE = "C62"

#: Countries that the standard has other codes for than CLDR: Kosovo is not in ISO 3166.
OTHER_CODES = {"XK": "1A"}

_DATA = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{_DATA}CrossIndustryInvoice:100",
    "ram": f"{_DATA}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_DATA}UnqualifiedDataType:100",
    "qdt": f"{_DATA}QualifiedDataType:100",
}


class Category(StrEnum):
    """How VAT stands to a sale: UNTDID 5305 (BT-118, BT-151)."""

    STANDARD = "S"
    ZERO = "Z"
    REVERSE_CHARGE = "AE"
    EXPORT = "G"
    OUTSIDE = "O"  #: no VAT of the seller's at all


#: Codes of the reasons why no VAT is charged (BT-121).
REASONS = {
    Category.REVERSE_CHARGE: "VATEX-EU-AE",
    Category.EXPORT: "VATEX-EU-G",
    Category.OUTSIDE: "VATEX-EU-O",
}


def category_of(paper: PaperSnapshot) -> Category | None:
    """How VAT stands to the sale; None where EN 16931 cannot say what the paper says: US sales tax, a paper that is
    neither invoice nor credit note, a party without the number that the standard demands.
    """
    if paper.kind not in TYPES or [tax.kind for tax in paper.taxes] not in ([], ["vat"]):
        return None
    if paper.taxes:
        category = Category.STANDARD if paper.taxes[0].rate else Category.ZERO
    elif paper.tax_note is TaxNote.REVERSE_CHARGE:
        return Category.REVERSE_CHARGE if vat_id(paper.seller) and vat_id(paper.buyer) else None
    elif paper.tax_note is TaxNote.EXPORT:
        is_from_eu = paper.seller.country in EU_COUNTRIES and vat_id(paper.seller)
        category = Category.EXPORT if is_from_eu else Category.OUTSIDE
    else:
        return None
    known_by = _tax_number(paper.seller) or (category is Category.OUTSIDE and _registration(paper.seller))
    return category if known_by else None


def vat_id(party: Party) -> str:
    """The party's VAT identifier with the letters of its country; empty if its number is of another sort, as an INN."""
    number = "".join(char for char in _tax_number(party).upper() if char.isalnum())
    return number if number.startswith("EL" if party.country == "GR" else party.country) else ""


def to_xml(paper: PaperSnapshot) -> bytes | None:
    """The paper as XML, UTF-8; None where EN 16931 has no words for it (see `category_of`)."""
    category = category_of(paper)
    if category is None:
        return None
    if paper.kind is PaperKind.CREDIT_NOTE:
        paper = opposite(paper)
    with force_locale(paper.language):
        invoice = _element("rsm:CrossIndustryInvoice", _context(), _document(paper), _transaction(paper, category))
    return bytes(etree.tostring(invoice, xml_declaration=True, encoding="UTF-8", pretty_print=True))


# ── The parts, in the order of the schema ──


def _context() -> etree._Element | None:
    return _some(
        "rsm:ExchangedDocumentContext",
        _some("ram:GuidelineSpecifiedDocumentContextParameter", _some("ram:ID", PROFILE)),
    )


def _document(paper: PaperSnapshot) -> etree._Element | None:
    return _some(
        "rsm:ExchangedDocument",
        _some("ram:ID", paper.number),  # BT-1
        _some("ram:TypeCode", TYPES[paper.kind]),
        _day("ram:IssueDateTime", paper.issued_on),  # BT-2
    )


def _transaction(paper: PaperSnapshot, category: Category) -> etree._Element | None:
    return _some(
        "rsm:SupplyChainTradeTransaction",
        *(_line(paper, line, category) for line in paper.lines),
        _some(
            "ram:ApplicableHeaderTradeAgreement",
            _party("ram:SellerTradeParty", paper.seller, category, is_seller=True),
            _party("ram:BuyerTradeParty", paper.buyer, category),
            _some("ram:SellerOrderReferencedDocument", _some("ram:IssuerAssignedID", paper.order_id)),  # BT-14
            _some("ram:BuyerOrderReferencedDocument", _some("ram:IssuerAssignedID", paper.po_number)),  # BT-13
        ),
        _element(  # which must be there, were it empty
            "ram:ApplicableHeaderTradeDelivery",
            _some("ram:ShipToTradeParty", _some("ram:Name", ", ".join(paper.ship_to))),  # BT-70
        ),
        _settlement(paper, category),
    )


def _line(paper: PaperSnapshot, line: PaperLine, category: Category) -> etree._Element | None:
    gross = _some(
        "ram:GrossPriceProductTradePrice",
        _some("ram:ChargeAmount", _amount(paper, line.retail_minor)),  # BT-148
        _some(
            "ram:AppliedTradeAllowanceCharge",
            _some("ram:ChargeIndicator", _some("udt:Indicator", "false")),
            _some("ram:ActualAmount", _amount(paper, line.retail_minor - line.unit_minor)),  # BT-147
        ),
    )
    return _some(
        "ram:IncludedSupplyChainTradeLineItem",
        _some("ram:AssociatedDocumentLineDocument", _some("ram:LineID", str(line.position))),  # BT-126
        _some(
            "ram:SpecifiedTradeProduct",
            _some("ram:SellerAssignedID", line.sku),  # BT-155
            _some("ram:Name", line.description),  # BT-153
            _some("ram:Description", ". ".join(filter(None, (line.plan, line.scope)))),  # BT-154
        ),
        _some(
            "ram:SpecifiedLineTradeAgreement",
            gross if line.retail_minor > line.unit_minor else None,
            _some(
                "ram:NetPriceProductTradePrice", _some("ram:ChargeAmount", _amount(paper, line.unit_minor))
            ),  # BT-146
        ),
        _some(
            "ram:SpecifiedLineTradeDelivery",
            _some("ram:BilledQuantity", str(line.quantity), unitCode=PIECE),  # BT-129
        ),
        _some(
            "ram:SpecifiedLineTradeSettlement",
            _some(
                "ram:ApplicableTradeTax",
                _some("ram:TypeCode", "VAT"),
                _some("ram:CategoryCode", category.value),  # BT-151
                _rate(paper, category),  # BT-152
            ),
            _some(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                _some("ram:LineTotalAmount", _amount(paper, line.net_minor)),  # BT-131
            ),
        ),
    )


def _party(tag: str, party: Party, category: Category, *, is_seller: bool = False) -> etree._Element | None:
    """Seller or buyer. A number that is no VAT identifier goes with the legal registration: the buyer has no other
    place for it, and the seller must be known by one. Outside VAT nobody has a VAT identifier (BR-O-02).
    """
    vat = "" if category is Category.OUTSIDE else vat_id(party)
    number = _tax_number(party)
    fiscal = number if is_seller and not vat and category is not Category.OUTSIDE else ""
    return _some(
        tag,
        _some("ram:Name", party.name),  # BT-27, BT-44
        _some(
            "ram:SpecifiedLegalOrganization",
            _some("ram:ID", _registration(party) or ("" if vat else number)),  # BT-30, BT-47
        ),
        _address(party),
        _some("ram:URIUniversalCommunication", _some("ram:URIID", party.email, schemeID="EM")),  # BT-34, BT-49
        _some("ram:SpecifiedTaxRegistration", _some("ram:ID", vat, schemeID="VA")),  # BT-31, BT-48
        _some("ram:SpecifiedTaxRegistration", _some("ram:ID", fiscal, schemeID="FC")),  # BT-32
    )


def _address(party: Party) -> etree._Element | None:
    """Line by line, as it is printed; city, code and state in places of their own, where they are known apart."""
    lines = party.address[:-1] if party.city else party.address
    return _some(
        "ram:PostalTradeAddress",
        _some("ram:PostcodeCode", party.postal_code),  # BT-38, BT-53
        _some("ram:LineOne", lines[0] if lines else ""),  # BT-35, BT-50
        _some("ram:LineTwo", lines[1] if lines[1:] else ""),  # BT-36, BT-51
        _some("ram:LineThree", ", ".join(lines[2:])),  # BT-162, BT-163
        _some("ram:CityName", party.city),  # BT-37, BT-52
        _some("ram:CountryID", OTHER_CODES.get(party.country, party.country)),  # BT-40, BT-55
        _some("ram:CountrySubDivisionName", party.state),  # BT-39, BT-54
    )


def _settlement(paper: PaperSnapshot, category: Category) -> etree._Element | None:
    is_credit_note = paper.kind is PaperKind.CREDIT_NOTE
    holder = paper.bank.holder if paper.is_payable and paper.bank.holder != paper.seller.name else ""
    number, issued_on = paper.corrects or ("", None)
    return _some(
        "ram:ApplicableHeaderTradeSettlement",
        _some("ram:PaymentReference", "" if is_credit_note else paper.reference),  # BT-83
        _some("ram:InvoiceCurrencyCode", paper.currency),  # BT-5
        _some(
            "ram:PayeeTradeParty",
            _some("ram:Name", holder),  # BT-59
            _some("ram:SpecifiedLegalOrganization", _some("ram:ID", paper.bank.tax_number if holder else "")),  # BT-61
        ),
        _how_to_pay(paper) if paper.is_payable else None,
        _tax(paper, category),
        _terms(paper),
        _sums(paper),
        _some(
            "ram:InvoiceReferencedDocument",
            _some("ram:IssuerAssignedID", number),  # BT-25
            _day("ram:FormattedIssueDateTime", issued_on, "qdt") if issued_on else None,  # BT-26
        ),
    )


def _how_to_pay(paper: PaperSnapshot) -> etree._Element | None:
    bank = paper.bank
    account = bank.number.replace(" ", "")
    is_iban = iban.is_valid(account)
    correspondent = bank.correspondent_account and f"{_('Correspondent account')} {bank.correspondent_account}"
    return _some(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        _some("ram:TypeCode", SEPA_TRANSFER if is_iban and paper.currency == "EUR" else TRANSFER),
        _some("ram:Information", ", ".join(filter(None, (bank.bank, bank.bank_address, correspondent)))),  # BT-82
        _some(
            "ram:PayeePartyCreditorFinancialAccount",  # BT-84, BT-85
            _some("ram:IBANID", account) if is_iban else None,
            _some("ram:AccountName", bank.holder),
            None if is_iban else _some("ram:ProprietaryID", account),
        ),
        # BT-86: a BIC, or a code of the country's own banks, as in Russia.
        _some("ram:PayeeSpecifiedCreditorFinancialInstitution", _some("ram:BICID", bank.bic)),
    )


def _tax(paper: PaperSnapshot, category: Category) -> etree._Element | None:
    """The one VAT breakdown (BG-23): all lines of a paper bear the same rate."""
    reason = _(paper.no_vat) if category in REASONS and paper.no_vat else ""
    return _some(
        "ram:ApplicableTradeTax",
        _some("ram:CalculatedAmount", _amount(paper, paper.tax_minor)),  # BT-117
        _some("ram:TypeCode", "VAT"),
        _some("ram:ExemptionReason", reason),  # BT-120
        _some("ram:BasisAmount", _amount(paper, paper.net_minor)),  # BT-116
        _some("ram:CategoryCode", category.value),  # BT-118
        _some("ram:ExemptionReasonCode", REASONS.get(category, "")),  # BT-121
        _rate(paper, category),  # BT-119
    )


def _terms(paper: PaperSnapshot) -> etree._Element | None:
    """What is due and when: a sum that is not nothing must say so (BR-CO-25)."""
    if paper.kind is PaperKind.CREDIT_NOTE:
        note = pgettext("payment terms of a credit note", "Nothing is to be paid.")
        return _some("ram:SpecifiedTradePaymentTerms", _some("ram:Description", note))  # BT-20
    if not paper.is_payable or paper.due_on is None:
        return None
    return _some("ram:SpecifiedTradePaymentTerms", _day("ram:DueDateDateTime", paper.due_on))  # BT-9


def _sums(paper: PaperSnapshot) -> etree._Element | None:
    total = paper.total_minor
    paid = total if paper.paid_on else 0
    return _some(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        _some("ram:LineTotalAmount", _amount(paper, paper.net_minor)),  # BT-106
        _some("ram:TaxBasisTotalAmount", _amount(paper, paper.net_minor)),  # BT-109
        _some("ram:TaxTotalAmount", _amount(paper, paper.tax_minor), currencyID=paper.currency),  # BT-110
        _some("ram:GrandTotalAmount", _amount(paper, total)),  # BT-112
        _some("ram:TotalPrepaidAmount", _amount(paper, paid) if paid else ""),  # BT-113
        _some("ram:DuePayableAmount", _amount(paper, total - paid)),  # BT-115
    )


# ── Small pieces ──


def _some(tag: str, *content: etree._Element | str | None, **attributes: str) -> etree._Element | None:
    """An element, or None if there is nothing to put into it: the standard forbids empty ones."""
    element = _element(tag, *content, **attributes)
    return element if len(element) or element.text else None


def _element(tag: str, *content: etree._Element | str | None, **attributes: str) -> etree._Element:
    """An element of what is not None. Texts are written as the PDF has them, on one line."""
    prefix, name = tag.split(":")
    element = etree.Element(f"{{{NAMESPACES[prefix]}}}{name}", attributes, nsmap=NAMESPACES)
    for part in content:
        if isinstance(part, str):
            element.text = " ".join(printable_form(part).split())
        elif part is not None:
            element.append(part)
    return element


def _day(tag: str, day: date, type_: str = "udt") -> etree._Element | None:
    return _some(tag, _some(f"{type_}:DateTimeString", f"{day:%Y%m%d}", format="102"))


def _rate(paper: PaperSnapshot, category: Category) -> etree._Element | None:
    """The rate in percent; outside VAT there is none, not even a zero (BR-O-05)."""
    if category is Category.OUTSIDE:
        return None
    percent = percent_of(paper.taxes[0].rate) if paper.taxes else Decimal(0)
    return _some("ram:RateApplicablePercent", f"{percent:f}")


def _amount(paper: PaperSnapshot, minor: int) -> str:
    return f"{Money(minor, paper.currency).decimal:f}"


def _tax_number(party: Party) -> str:
    return next((value for label, value in party.tax_ids if label), "")


def _registration(party: Party) -> str:
    return next((value for label, value in party.tax_ids if not label), "")
