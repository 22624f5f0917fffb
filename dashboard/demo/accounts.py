"""The accounts of the demo, as its sign-in page and `make run` show them."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.errors import N_


class DemoAccount(NamedTuple):
    """Somebody to sign in as; `role` is a text to be translated."""

    role: str
    name: str
    email: str
    password: str
    language: str


STAFF = DemoAccount(N_("Staff of the vendor"), "Mari Kask", "mari@lumivara.example", "demo-mari-2026", "en")
RESELLER = DemoAccount(N_("Reseller"), "Анна Лебедева", "anna@romashka.example", "demo-anna-2026", "ru")
CUSTOMER = DemoAccount(N_("Customer"), "Jonas Weber", "jonas@nordwind.example", "demo-jonas-2026", "en")
TRANSLATOR = DemoAccount(N_("Translator"), "Вера Орлова", "vera@lumivara.example", "demo-vera-2026", "ru")

ACCOUNTS = (STAFF, RESELLER, CUSTOMER, TRANSLATOR)

#: Password of all other people of the demo.
EVERYBODY = "demo-2026-demo"
