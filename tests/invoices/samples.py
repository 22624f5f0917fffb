"""Papers to test with: made-up parties, sums that add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from dashboard.invoices.rules import BankDetails, PaperKind, PaperLine, PaperSnapshot, Party, TaxLine, TaxNote, tax_on
from dashboard.ledger.references import order_reference
from dashboard.orders.models import Order
from dashboard.prose.models import TextVersion
from dashboard.resellers.models import Reseller

ORDER_ID = "R-2046-3182"
NOVEMBER = date(2026, 11, 23)

BANKS = {
    "EUR": BankDetails("Lumivara Software OÜ", "Demo Bank", "EE382200221020145685", "DEMOEE2X"),
    "USD": BankDetails("Lumivara Software OÜ", "Demo Bank", "EE382200221020145685", "DEMOEE2X"),
    "RUB": BankDetails(
        holder="ООО «Лумивара Рус»",
        bank="Демонстрационный банк, г. Москва",
        number="40702810900000000017",
        bic="044525000",
        correspondent_account="30101810400000000000",
        tax_number="7700000000",
    ),
}


def a_line(position: int = 1, quantity: int = 3, unit_minor: int = 104_913, retail_minor: int = 119_900) -> PaperLine:
    return PaperLine(
        position=position,
        sku="GD-VIEWER-NET-DSB",
        description="GroupDocs.Viewer for .NET",
        plan="Developer Small Business",
        quantity=quantity,
        retail_minor=retail_minor,
        unit_minor=unit_minor,
        net_minor=unit_minor * quantity,
        scope="1 developer, 1 deployment location",
    )


def a_lines(count: int) -> tuple[PaperLine, ...]:
    """So many lines, of one to four pieces."""
    return tuple(a_line(position, quantity=1 + position % 4) for position in range(1, count + 1))


def a_snapshot(*lines: PaperLine, rate: int = 240_000, **changes: Any) -> PaperSnapshot:
    """An invoice on credit for 3 × 1,049.13 and 24 % VAT; `changes` replace any of its facts."""
    lines = changes.get("lines") or lines or (a_line(),)
    net = sum(line.net_minor for line in lines)
    tax = tax_on(net, rate)
    currency = changes.get("currency", "EUR")
    facts: dict[str, Any] = {
        "kind": PaperKind.INVOICE,
        "issued_on": NOVEMBER,
        "language": "en",
        "currency": currency,
        "order_id": ORDER_ID,
        "seller": Party(
            "Lumivara Software OÜ", ("Näituse 17–4", "Tartu"), "EE", (("VAT number", "EE123456780"),), "sales@x.example"
        ),
        "buyer": Party("Nordic Resale AB", ("Storgatan 5", "Stockholm"), "SE", (("VAT number", "SE5566778899"),)),
        "ship_to": ("Nordwind GmbH", "Jan Petersen", "Hamburg"),
        "lines": lines,
        "taxes": (TaxLine("vat", "EE", rate, net, tax),) if rate else (),
        "net_minor": net,
        "tax_minor": tax,
        "total_minor": net + tax,
        "discount": 125_000,
        "reference": order_reference(ORDER_ID),
        "bank": BANKS[currency],
        "number": "2026-000123",
        "due_on": date(2026, 12, 23),
    }
    return PaperSnapshot(**facts | changes)


def a_pro_forma(**changes: Any) -> PaperSnapshot:
    """The same order before it is paid, prepaid."""
    given: dict[str, Any] = {"kind": PaperKind.PRO_FORMA, "due_on": None, "valid_until": date(2026, 12, 23)}
    return a_snapshot(**given | changes)


#: What strains the layout: a name of 200 characters, words without a place to break, an address of four lines.
LONG_NAME = (
    "Gesellschaft für internationale Softwarelizenzierung, Beschaffungsberatung und Wiederverkauf von "
    "Entwicklerwerkzeugen in Mittel-, Ost- und Südosteuropa sowie angrenzenden Gebieten, Niederlassung Süd GmbH"
)
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_ADDRESS = (
    "Straße des Dreißigsten Novembers 1234, Hinterhaus, Aufgang C, dritte Etage links",
    "Gewerbepark Süd-Ost am Rande der Autobahn",
    LONG_WORD,
    "12345 Sankt Georgen im Schwarzwald",
)


def lengthy(**changes: Any) -> PaperSnapshot:
    """An invoice whose names are as long as they come, with sums of eleven figures."""
    line = replace(
        a_line(quantity=9_999, unit_minor=123_456_789, retail_minor=999_999_999),
        sku="X" * 60, description=LONG_NAME, plan=LONG_WORD, scope=LONG_NAME,
    )  # fmt: skip
    buyer = Party(LONG_NAME, LONG_ADDRESS, "DE", (("VAT number", "DE123456789"),))
    shipped = (LONG_NAME, *LONG_ADDRESS)
    return a_snapshot(line, a_line(2), **{"buyer": buyer, "ship_to": shipped, "po_number": "X" * 60} | changes)


def an_order(session: scoped_session[Session]) -> Order:
    """The rows that a paper hangs on: a reseller and its order `ORDER_ID`."""
    user = User(email="a@x.example", email_key="a@x.example", name="Anna")
    reseller = Reseller(name="Nordic", website="https://x.example", country="SE", currency="EUR", discount=125_000)
    policy = TextVersion(kind="policy", number=1, text_en="Policy", text_ru="Политика")
    session.add_all([user, reseller, policy])
    session.flush()
    order = Order(
        id=ORDER_ID,
        reseller_id=reseller.id,
        submit_key="once",
        placed_by=user.id,
        placed_by_name="Anna",
        placed_on=NOVEMBER,
        policy_id=policy.id,
        reference=order_reference(ORDER_ID),
        billing_address={},
        shipping_address={},
        customer="Nordwind GmbH",
        customer_email="jan@x.example",
        customer_language="en",
        currency="EUR",
        discount=125_000,
        retail_minor=0,
        net_minor=0,
        tax_minor=0,
        total_minor=0,
        tax_kind="vat",
        tax_rate=240_000,
        tax_place="EE",
        terms="prepaid",
        search_text="",
    )
    session.add(order)
    session.flush()
    return order


RUSSIAN = Party("ООО «Лумивара Рус»", ("Тверская ул., 1", "Москва"), "RU", (("ИНН", "7700000000"),), "r@x.example")
SWEDISH = Party("Nordic Resale AB", ("Storgatan 5", "111 22 Stockholm"), "SE", (("VAT number", "SE5566778899"),))
AUSTRALIAN = Party(
    "Romashka Pty", ("Main street 1", "Perth WA 6000"), "AU", (), "b@x.example", "Perth", "6000", "Western Australia"
)

#: How VAT can stand to a sale: its code, and the facts of such a paper.
TREATMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "VAT": ("S", {}),
    "VAT at nothing": ("Z", {"rate": 0, "taxes": (TaxLine("vat", "EE", 0, 314_739, 0),)}),
    "reverse charge": ("AE", {"rate": 0, "tax_note": TaxNote.REVERSE_CHARGE, "buyer": SWEDISH}),
    "export": ("G", {"rate": 0, "tax_note": TaxNote.EXPORT, "buyer": AUSTRALIAN}),
    "outside VAT": ("O", {"rate": 0, "tax_note": TaxNote.EXPORT, "seller": RUSSIAN, "buyer": AUSTRALIAN}),
    "VAT outside the EU": ("S", {"rate": 200_000, "seller": RUSSIAN, "buyer": replace(RUSSIAN, name="ООО «Ромашка»")}),
}


def made(facts: dict[str, Any], **changes: Any) -> PaperSnapshot:
    return a_snapshot(**facts | changes)
