"""Addresses, passwords, paths and places."""

from __future__ import annotations

import pytest

from dashboard.accounts.rules import email_key, local_path, place_of, typed_password, usable_password
from dashboard.errors import InvalidInput


@pytest.mark.parametrize(
    "path", ["/", "/orders?state=paid&page=2", "/заказы", "/a//b", "/a b", "/sign-in?next=https://example.com/"]
)
def test_a_path_of_this_site_is_followed(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None, "", "orders", "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example",
        "/\t/evil.example/", "\n//evil.example", "/a\r\nSet-Cookie: x=y", "javascript:alert(1)", " /orders",
    ],
)  # fmt: skip
def test_what_leads_elsewhere_is_not(path: str | None) -> None:
    assert local_path(path, "/home") == "/home"


def test_R21_addresses_are_one_in_any_case_but_two_mailboxes_stay_two() -> None:
    assert email_key(" Anna@Romashka.Example ") == email_key("anna@romashka.example")
    assert email_key("АННА@пример.рф") == email_key("анна@пример.рф")
    assert email_key("strauß@example.com") != email_key("strauss@example.com")


@pytest.mark.parametrize(("length", "fits"), [(9, False), (10, True), (200, True), (201, False)])
def test_R01_a_password_has_10_to_200_characters(length: int, fits: bool) -> None:
    if fits:
        assert usable_password("x" * length) == "x" * length
    else:
        with pytest.raises(InvalidInput, match="characters"):
            usable_password("x" * length)


def test_a_letter_typed_as_two_code_points_is_the_same_letter() -> None:
    assert typed_password("мои\u0306 пароль") == typed_password("мо\u0439 пароль")


def test_the_neighbours_of_an_ipv6_address_are_one_place() -> None:
    assert place_of("2001:db8:1:2::1") == place_of("2001:db8:1:2:ffff::9") != place_of("2001:db8:1:3::1")
    assert place_of("192.0.2.1") == "192.0.2.1"
    assert place_of("") == ""
