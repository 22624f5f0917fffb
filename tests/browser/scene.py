"""Who takes part in the story, what they type, and what it must cost."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Page, expect

from dashboard.vendor import DEMO_VENDOR, Vendor, load_vendor
from tests.browser.hands import Hand, MouseHand
from tests.browser.letters import await_letter, verified
from tests.browser.people import Person, wait_until
from tests.browser.texts import OTHER, Texts
from tests.site import Site

CATALOG = Path(__file__).parents[2] / "dashboard" / "demo" / "data" / "catalog.csv"
VIEWER, CONVERSION = "GD-VIEWER-NET-DOEM", "GD-CONV-JAVA-DSB"
LINES = ((VIEWER, 1), (CONVERSION, 3))
PASSWORD, SECOND_PASSWORD = "four quiet gray mice", "seven loud blue birds"


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to the currency's minor unit (R11)."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Company:
    """The reseller of the story; what people type."""

    name: str
    person: str
    place: dict[str, str]
    details: dict[str, str]
    currency: str
    tax: Decimal = Decimal(0)

    @property
    def site(self) -> str:
        return f"https://{self.currency.lower()}-soft.example"


COMPANIES = {
    "ru": Company(
        "Берёза Софт",
        "Мария Кузнецова",
        {"country": "RU"},
        {
            "legal_name": "ООО «Берёза Софт»", "street": "ул. Лесная, 7", "city": "Казань", "postal_code": "420111",
            "tax_number": "7707083893",
        },
        "RUB",
    ),
    "en": Company(
        "Bluebonnet Software",
        "Mary Coleman",
        {"country": "US", "state": "TX"},
        {
            "legal_name": "Bluebonnet Software LLC", "street": "12 Guadalupe St", "city": "Austin",
            "postal_code": "78701", "tax_number": "12-3456789",
        },
        "USD",
        Decimal("0.0625"),
    ),
}  # fmt: skip

CUSTOMER = {
    "company": "Südwind Logistik AG",
    "name": "Petra Ōkawa",
    "email": "Petra@suedwind.example",
    "street": "Bahnhofstraße 3",
    "city": "Zürich",
    "postal_code": "8001",
    "country": "CH",
}


@dataclass(frozen=True)
class Sums:
    """What an order costs, reckoned by hand (R11)."""

    partner: list[Decimal]
    retail: Decimal
    net: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def all(self) -> set[Decimal]:
        """Every sum that a page about the order could show."""
        return {*self.partner, self.retail, self.net, self.total, *([self.tax] if self.tax else [])}


@dataclass
class Story:
    """Who takes part, and what they have come to know."""

    site: Site
    new_page: Callable[..., Page]
    language: str
    folder: Path
    scripts: bool = True
    hand: Callable[[Page], Hand] = MouseHand
    order_id: str = ""
    prices: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.company = COMPANIES[self.language]
        self.email = "owner@soft.example"
        self.billing = "billing@soft.example"
        #: The reseller's documents are in the other language, so that no letter is right by chance.
        self.billing_texts = Texts(OTHER[self.language])
        self.reseller, self.staff, self.customer = self.person(), self.person(), self.person()
        with CATALOG.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.prices = {row["sku"]: Decimal(row[f"price_{self.company.currency.lower()}"]) for row in rows}

    def person(self) -> Person:
        return Person(self.new_page(java_script_enabled=self.scripts), self.language, self.hand)

    def second_window(self, person: Person) -> Person:
        """The same person in another window of the same browser."""
        return Person(person.page.context.new_page(), self.language, self.hand)

    def find(self, person: Person, button: str, **typed: str) -> None:
        """Type into a search: with scripts it looks as one types, without them a button does."""
        person.fill(**typed)
        if not self.scripts:
            person.press(button)

    @property
    def vendor(self) -> Vendor:
        return load_vendor(DEMO_VENDOR)

    def letter(self, address: str, subject: str) -> EmailMessage:
        return await_letter(self.site.smtp, address, subject)

    def shown(self, amount: Decimal) -> str:
        """A sum as the reseller's pages show it."""
        return self.reseller.t.money(amount, self.company.currency)

    def sums(self, lines: Sequence[tuple[str, int]]) -> Sums:
        partner = [cents(self.prices[sku] * Decimal("0.9")) for sku, _ in lines]
        net = sum((price * quantity for price, (_, quantity) in zip(partner, lines, strict=True)), Decimal(0))
        retail = sum((self.prices[sku] * quantity for sku, quantity in lines), Decimal(0))
        return Sums(partner, retail, net, cents(net * self.company.tax))

    def license(self, content: bytes) -> dict[str, str]:
        """What a license says, after xmlsec1 has verified it with the published certificate."""
        return verified(content, self.customer.fetch("/licenses/certificates.pem"), self.folder)

    def files(self, kind: str, count: int) -> list[str]:
        """Addresses of an order's papers or licenses, once that many can be downloaded; no reload with scripts."""
        links = self.reseller.page.locator(f"#files a[href*='/{kind}/']:not([href$='/xml'])")
        if self.scripts:
            expect(links).to_have_count(count, timeout=20_000)
        else:
            wait_until(self.reseller.page, lambda: links.count() == count)
        return [str(link.get_attribute("href")) for link in links.all()]
