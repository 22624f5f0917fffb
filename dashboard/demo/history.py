"""What has happened at the demo's vendor so far: resellers, customers, orders. Days count back from today."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DemoCustomer:
    """An end customer as a shipping address."""

    company: str
    name: str
    email: str
    street: str
    city: str
    postal_code: str
    country: str
    language: str = "en"
    state: str = ""


@dataclass(frozen=True)
class DemoOrder:
    """An order placed `days_ago`; `paid_after` days its transfer came, or never."""

    days_ago: int
    customer: str
    lines: tuple[tuple[str, int], ...]
    paid_after: int | None = None
    po_number: str = ""
    then: str = ""  #: "cancelled", "temporary asked", "temporary released"


@dataclass(frozen=True)
class DemoReseller:
    """A reseller with its owner and its history."""

    name: str
    legal_name: str
    owner: tuple[str, str]  #: name and e-mail
    country: str
    currency: str
    street: str
    city: str
    postal_code: str
    tax_number: str
    language: str
    website: str
    billing_email: str
    state: str = ""
    listing_checked: bool = True
    orders: tuple[DemoOrder, ...] = field(default=())


CUSTOMERS = {
    "nordwind": DemoCustomer(
        "Nordwind GmbH", "Jonas Weber", "jonas@nordwind.example", "Hafenstraße 12", "Hamburg", "20459", "DE"
    ),
    "lindqvist": DemoCustomer(
        "Lindqvist Data AB", "Elsa Lindqvist", "elsa@lindqvist.example", "Storgatan 5", "Uppsala", "753 31", "SE"
    ),
    "tehno": DemoCustomer(
        "Технопроект", "Игорь Соколов", "sokolov@tehnoproekt.example", "ул. Ленина, 8", "Екатеринбург", "620014", "RU",
        "ru",
    ),
    "ural": DemoCustomer(
        "ИТ-Сервис Урал", "Ольга Белова", "belova@itural.example", "пр. Мира, 21", "Челябинск", "454091", "RU", "ru"
    ),
    "media": DemoCustomer(
        "Медиатека", "Павел Дроздов", "drozdov@mediateka.example", "Невский пр., 104", "Санкт-Петербург", "191025",
        "RU", "ru",
    ),
    "luch": DemoCustomer(
        "Завод «Луч»", "Нина Фролова", "frolova@luch.example", "ул. Заводская, 1", "Тула", "300041", "RU", "ru"
    ),
    "brazos": DemoCustomer(
        "Brazos Analytics", "Maria Gomez", "maria@brazos.example", "410 Congress Ave", "Austin", "78701", "US",
        state="TX",
    ),
    "cascade": DemoCustomer(
        "Cascade Labs Inc.", "Tom Reed", "tom@cascadelabs.example", "15 Pine St", "Portland", "97204", "US", state="OR"
    ),
    "swan": DemoCustomer(
        "Swan River Mining", "Priya Nair", "priya@swanriver.example", "7 Hay St", "Perth", "6000", "AU"
    ),
}  # fmt: skip

_NET, _JAVA = "NET", "JAVA"


def _sku(product: str, platform: str = _NET, plan: str = "DSB") -> str:
    return f"GD-{product}-{platform}-{plan}"


RESELLERS = (
    DemoReseller(
        name="Ромашка Софт",
        legal_name="ООО «Ромашка Софт»",
        owner=("Анна Лебедева", "anna@romashka.example"),
        country="RU",
        currency="RUB",
        street="ул. Садовая, 14, офис 3",
        city="Москва",
        postal_code="127006",
        tax_number="7707083893",
        language="ru",
        website="https://romashka.example",
        billing_email="buh@romashka.example",
        orders=(
            DemoOrder(388, "tehno", ((_sku("VIEWER"), 1),), 3),
            DemoOrder(341, "luch", ((_sku("CONV"), 1),), 2),
            DemoOrder(302, "media", ((_sku("VIEWER", _JAVA), 1), (_sku("CONV", _JAVA), 1)), 5, "ЗП-118"),
            DemoOrder(256, "ural", ((_sku("VIEWER"), 2),), 27),
            DemoOrder(214, "tehno", ((_sku("SIGN"), 1),), 29, "ЗП-131"),
            DemoOrder(171, "luch", ((_sku("VIEWER", _NET, "DOEM"), 1),), 30),
            DemoOrder(143, "media", ((_sku("CONV"), 1),), None, "", "cancelled"),
            DemoOrder(118, "ural", ((_sku("VIEWER", _JAVA), 1),), 21),
            DemoOrder(87, "tehno", ((_sku("CONV", _JAVA), 3),), 30, "ЗП-154"),
            DemoOrder(62, "luch", ((_sku("SIGN", _JAVA), 1), (_sku("VIEWER"), 1)), 18),
            DemoOrder(33, "media", ((_sku("VIEWER"), 2),), None, "ЗП-166"),
            DemoOrder(24, "tehno", ((_sku("CONV"), 1), (_sku("SIGN"), 1)), None),
            DemoOrder(9, "ural", ((_sku("VIEWER"), 1),), None, "ЗП-171"),
        ),
    ),
    DemoReseller(
        name="Nordlicht Systems",
        legal_name="Nordlicht Systems GmbH",
        owner=("Klaus Petersen", "klaus@nordlicht.example"),
        country="DE",
        currency="EUR",
        street="Speicherstraße 3",
        city="Bremen",
        postal_code="28195",
        tax_number="DE136695976",
        language="en",
        website="https://nordlicht.example",
        billing_email="accounts@nordlicht.example",
        orders=(
            DemoOrder(240, "nordwind", ((_sku("VIEWER"), 1),), 2, "4711"),
            DemoOrder(190, "lindqvist", ((_sku("CONV"), 1),), 4, "4720"),
            DemoOrder(132, "nordwind", ((_sku("SIGN"), 1), (_sku("CONV"), 2)), 3, "4733"),
            DemoOrder(75, "lindqvist", ((_sku("VIEWER", _JAVA), 1),), 28, "4741"),
            DemoOrder(17, "nordwind", ((_sku("VIEWER", _NET, "DOEM"), 1),), None, "4752"),
        ),
    ),
    DemoReseller(
        name="Lone Star Tools",
        legal_name="Lone Star Tools LLC",
        owner=("Dana Whitfield", "dana@lonestar.example"),
        country="US",
        state="TX",
        currency="USD",
        street="2200 Elm St",
        city="Dallas",
        postal_code="75201",
        tax_number="12-3456789",
        language="en",
        website="https://lonestar.example",
        billing_email="ap@lonestar.example",
        orders=(
            DemoOrder(40, "brazos", ((_sku("VIEWER"), 1),), 2, "PO-1001"),
            DemoOrder(12, "cascade", ((_sku("CONV", _JAVA), 1),), None, "PO-1007", "temporary asked"),
            DemoOrder(2, "brazos", ((_sku("SIGN"), 2),), None, "PO-1009"),
        ),
    ),
    DemoReseller(
        name="Perth Code Supply",
        legal_name="Perth Code Supply Pty Ltd",
        owner=("Liam Hughes", "liam@perthcode.example"),
        country="AU",
        currency="USD",
        street="88 St Georges Tce",
        city="Perth",
        postal_code="6000",
        tax_number="51 824 753 556",
        language="en",
        website="https://perthcode.example",
        billing_email="liam@perthcode.example",
        listing_checked=False,
        orders=(
            DemoOrder(21, "swan", ((_sku("CONV"), 1),), 6),
            DemoOrder(5, "swan", ((_sku("VIEWER"), 1),), None, "", "temporary released"),
        ),
    ),
)

#: Somebody who waits for an answer: what staff find in their queue.
APPLICANT = ("Sofia Marin", "sofia@devshelf.example")
APPLICATION = {
    "company": "DevShelf",
    "description": "We sell developer tools and cloud licenses to about 300 companies in Spain and Portugal.",
    "website": "https://devshelf.example",
    "country": "ES",
    "reasons": "Three of our customers have asked us for document viewers this month.",
    "first_customer": "A logistics company in Valencia, 12 developers.",
}
