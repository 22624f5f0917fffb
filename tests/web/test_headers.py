"""Every answer is protected: page, refusal, fault, file, redirect, fragment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort, redirect

from dashboard.documents import service as documents
from dashboard.errors import N_, Refused
from dashboard.extensions import db
from dashboard.web.access import Permission
from dashboard.web.exports import csv_file
from dashboard.web.fragments import render
from tests.client import Client, Page
from tests.factories import make_user

Plant = Callable[..., Flask]

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def fail() -> Any:
    raise RuntimeError("a defect")


def refuse() -> Any:
    raise Refused(N_("You may not do this."))


def document() -> Any:
    with_content = documents.keep(b"\x00\xff exact", "application/octet-stream")
    return documents.download(with_content, "a b.bin")


VIEWS: dict[str, Callable[[], Any]] = {
    "page": lambda: render("errors/error.html", status=200, message="fine"),
    "fault": fail,
    "refusal": refuse,
    "missing": lambda: abort(404),
    "redirect": lambda: redirect("/elsewhere", 303),
    "nothing": lambda: ("", 204),
    "file": document,
    "table": lambda: csv_file("t.csv", ["a"], [["=1"]]).response(),
}

#: What a browser can get, with the status that it comes with.
KINDS = {
    "page": 200,
    "fault": 500,
    "refusal": 409,
    "missing": 404,
    "redirect": 303,
    "nothing": 204,
    "table": 200,
    "unknown": 404,
    "guarded": 303,
    "wrong method": 405,
    "too large": 413,
    "without token": 400,
    "file": 200,
    "stylesheet": 200,
    "kept stylesheet": 200,
    "no such file": 404,
    "preview": 200,
}


def planted_app(plant: Plant, **settings: Any) -> Flask:
    planted = plant(**settings)
    for name, view in VIEWS.items():
        methods = ["GET", "POST"] if name != "missing" else ["GET"]
        planted.add_url_rule(f"/{name}", name, view, methods=methods, requires=Permission.PUBLIC)
    planted.add_url_rule("/guarded", "guarded", fail, requires=Permission.CONFIRM_PAYMENTS)
    return planted


def answer(planted: Flask, kind: str, *, htmx: bool = False, user: int | None = None) -> Page:
    """One answer of a kind, in a browser of its own."""
    planted.config["WTF_CSRF_ENABLED"] = kind != "file"
    planted.config["MAX_CONTENT_LENGTH"] = 10 if kind == "too large" else None
    client = Client(planted, htmx=htmx)
    if user:
        client.sign_in_as(user)
    if kind == "wrong method":
        return client.open("POST", "/missing", data={"a": "b"}, follow=False)
    if kind == "too large":
        return client.open("POST", "/page", data={"f": "x" * 11}, follow=False)
    if kind in {"without token", "file"}:
        return client.open("POST", "/file", data={}, follow=False)
    paths = {
        "stylesheet": "/static/app.css", "kept stylesheet": "/static/app.css?v=1", "no such file": "/static/../wsgi.py",
        "unknown": "/no/such", "preview": "/programme",
    }  # fmt: skip
    page = client.open("GET", paths.get(kind, f"/{kind}"), follow=False)
    page.response.close()
    return page


def check_headers(page: Page, kind: str) -> None:
    assert {name: page.headers.get(name) for name in EXPECTED} == EXPECTED, kind
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'", kind
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'", kind
    assert "unsafe" not in page.headers["Content-Security-Policy"], kind
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in page.headers["Vary"].split(",")}, kind
    assert "Strict-Transport-Security" not in page.headers, kind
    for header in ("Content-Security-Policy", "Cache-Control", *EXPECTED):
        assert len(page.headers.getlist(header)) == 1, (kind, header)


@pytest.mark.parametrize("htmx", [False, True])
def test_every_answer_carries_the_headers(plant: Plant, htmx: bool) -> None:
    planted = planted_app(plant)
    for kind, status in KINDS.items():
        page = answer(planted, kind, htmx=htmx)
        assert page.status == (401 if htmx and kind == "guarded" else status), kind
        check_headers(page, kind)


def test_what_a_signed_in_person_sees_is_kept_by_no_cache(plant: Plant) -> None:
    """Prices and licenses would come back with the browser's back button, after signing out."""
    planted, user = planted_app(plant), make_user().id
    for kind in KINDS:
        kept = answer(planted, kind, user=user).headers["Cache-Control"]
        assert (kept == "no-store") == ("stylesheet" not in kind), kind


def test_static_files_are_kept_for_ever_under_their_own_address_only(plant: Plant) -> None:
    planted = planted_app(plant)
    assert "immutable" in answer(planted, "kept stylesheet").headers["Cache-Control"]
    assert "immutable" not in answer(planted, "stylesheet").headers["Cache-Control"]


def test_over_https_browsers_are_told_to_stay_there(plant: Plant) -> None:
    page = answer(planted_app(plant, public_url="https://partners.example.com"), "page")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(plant: Plant, https: bool) -> None:
    url = "https://partners.example.com" if https else "http://127.0.0.1:8000"
    page = Client(plant(public_url=url)).get("/sign-in")
    (cookie,) = page.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == https


def test_a_file_comes_with_its_exact_bytes_name_and_digest(plant: Plant) -> None:
    page = answer(planted_app(plant), "file")
    assert page.content == b"\x00\xff exact"
    assert page.headers["Content-Disposition"] == 'attachment; filename="a b.bin"'
    assert page.response.mimetype == "application/octet-stream"
    assert page.response.get_etag()[0] == documents.keep(b"\x00\xff exact", "application/octet-stream")
    db.session.rollback()


def test_a_fault_tells_nothing_of_itself(plant: Plant) -> None:
    page = answer(planted_app(plant), "fault")
    assert "a defect" not in page.html
    assert "Traceback" not in page.html
    assert "Something went wrong" in page.text


def test_another_host_name_is_not_answered(plant: Plant) -> None:
    client = Client(plant(trusted_hosts=("localhost",)))
    assert client.get("/programme").status == 200
    refused = client.get("/programme", headers={"Host": "evil.example"})
    assert refused.status == 400
    assert refused.headers["Content-Security-Policy"]
    assert "evil.example" not in refused.html
