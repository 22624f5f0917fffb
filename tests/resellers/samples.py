"""Files of resellers for tests."""

from __future__ import annotations

import csv
import io

from dashboard.vendor import DEMO_VENDOR

#: The file that the documentation shows.
EXAMPLE = DEMO_VENDOR.parent / "data" / "resellers.csv"

#: A company that needs nothing but the click on the policy, with its owner and a debt.
BIRCH = {
    "key": "1001",
    "name": "Birch Software",
    "legal_name": "Birch Software Inc.",
    "website": "https://birch.example",
    "country": "US",
    "state": "TX",
    "street": "12 Congress Avenue",
    "city": "Austin",
    "postal_code": "78701",
    "tax_number": "12-3456789",
    "billing_email": "billing@birch.example",
    "document_language": "en",
    "currency": "USD",
    "discount": "12.5",
    "standing": "established",
    "standing_reason": "Buys from us since 2019",
    "listing_url": "https://birch.example/brands",
    "member_email": "olivia@birch.example",
    "member_name": "Olivia Reed",
    "member_role": "owner",
    "member_language": "",
    "debt_number": "2026-0117",
    "debt_ordered_on": "2026-03-02",
    "debt_due_on": "2026-04-01",
    "debt_amount": "2398.00",
}

#: A further line of the same company says nothing of it.
MORE = dict.fromkeys(BIRCH, "") | {"key": "1001"}

RYABINA = dict.fromkeys(BIRCH, "") | {
    "key": "1002",
    "name": "Рябина Софт",
    "website": "https://ryabina.example",
    "country": "RU",
    "document_language": "ru",
    "currency": "RUB",
    "member_email": "darya@ryabina.example",
    "member_name": "Дарья",
    "member_role": "owner",
}


def file_of(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """A file with these lines."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*BIRCH], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
