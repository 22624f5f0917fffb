"""The tests' browser sends what a real one would send, and stumbles over broken HTML."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, TestResponse

from tests.client import Client, Page

FORM = """
<form method="post" action="/orders" id="main">
<input type="hidden" name="csrf_token" value="abc"><input name="po" value="17">
<input type="checkbox" name="urgent"><input type="checkbox" name="gift" value="yes" checked>
<label><input type="radio" name="terms" value="a" checked>A</label>
<label><input type="radio" name="terms" value="b">B</label>
<select name="country"><option value="DE">Germany</option><option value="EE" selected>Estonia</option></select>
<select name="plan"><option>Small</option><option>Big</option></select>
<textarea name="note">old</textarea><input name="off" value="1" disabled>
<fieldset disabled><input name="off2" value="1"></fieldset>
<button name="do" value="review">Review</button><button formaction="/drafts">Keep draft</button>
</form><button form="main" name="_language" value="ru">RU</button>
<form action="/find"><input name="q"><button>Find</button></form>
"""

SHOWN = {
    "csrf_token": ["abc"], "po": ["17"], "gift": ["yes"], "terms": ["a"],
    "country": ["EE"], "plan": ["Small"], "note": ["old"],
}  # fmt: skip


class Recorder(Client):
    """Notes what would be sent."""

    def __init__(self) -> None:
        self.sent: tuple[Any, ...] = ()

    def open(self, method: str, path: str, *, data: Any = None, **_options: Any) -> Any:
        self.sent = (method, path, data)


def page(html: str) -> Page:
    request = EnvironBuilder("/orders/new").get_request()
    response = TestResponse([html.encode()], "200 OK", {"Content-Type": "text/html"}, request)  # type: ignore[arg-type]
    return Page(Recorder(), response, [])


def sent(button: str, **fields: Any) -> tuple[Any, ...]:
    shown = page(FORM)
    shown.submit(button, **fields)
    recorder = shown._client
    assert isinstance(recorder, Recorder)
    return recorder.sent


def test_an_untouched_form_sends_what_it_shows() -> None:
    assert sent("Review") == ("POST", "/orders", {**SHOWN, "do": ["review"]})


def test_what_is_typed_is_sent() -> None:
    typed = {"po": "18", "urgent": True, "gift": False, "terms": "b", "country": "DE", "note": "new"}
    expected = {**SHOWN, "po": ["18"], "urgent": ["on"], "terms": ["b"], "country": ["DE"], "note": ["new"]}
    del expected["gift"]
    assert sent("Keep draft", **typed) == ("POST", "/drafts", expected)


def test_a_button_outside_its_form_and_a_search_form() -> None:
    assert sent("RU") == ("POST", "/orders", {**SHOWN, "_language": ["ru"]})
    assert sent("Find", q="a b") == ("GET", "/find?q=a+b", None)


@pytest.mark.parametrize(
    ("button", "fields"),
    [
        ("Place order", {}),
        ("Review", {"nothing": "x"}),
        ("Review", {"csrf_token": "x"}),
        ("Review", {"country": "FR"}),
        ("Review", {"terms": "c"}),
        ("Review", {"off": "x"}),
        ("Review", {"po": True}),
    ],
)
def test_what_a_browser_cannot_do_fails(button: str, fields: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        sent(button, **fields)


@pytest.mark.parametrize(
    "html",
    [
        "<p>open <b>never closed</p>",
        "<!doctype html><html><body><div></p></div></body></html>",
        "<p id=a id=b></p>",
        "<table><p>x</p></table>",
    ],
)
def test_broken_html_fails(html: str) -> None:
    with pytest.raises(AssertionError, match="line 1"):
        page(html)


def test_a_page_as_a_person_reads_it() -> None:
    shown = page(
        "<!doctype html><html lang=en><head><title>Orders · Vendor</title></head>"
        "<body hx-headers:inherited='{}'><p>Two\n <b>words</b></p><script>no()</script>"
        "<a href='/x'>Go on</a></body></html>"
    )
    assert shown.title == "Orders · Vendor"
    assert shown.text == "Two words Go on"
    assert shown.links == {"Go on": "/x"}
