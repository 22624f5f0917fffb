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
    "table": lambda: csv_file("t.csv", ["a"], [["=1"]]),
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


def answer(plant: Plant, kind: str, *, htmx: bool = False, signed_in: bool = False, **settings: Any) -> Page:
    planted = plant(**settings)
    if kind == "file":
        planted.config["WTF_CSRF_ENABLED"] = False
    for name, view in VIEWS.items():
        methods = ["GET", "POST"] if name != "missing" else ["GET"]
        planted.add_url_rule(f"/{name}", name, view, methods=methods, requires=Permission.PUBLIC)
    planted.add_url_rule("/guarded", "guarded", fail, requires=Permission.CONFIRM_PAYMENTS)
    client = Client(planted, htmx=htmx)
    if signed_in:
        client.sign_in_as(make_user())
    if kind == "wrong method":
        return client.open("POST", "/missing", data={"a": "b"}, follow=False)
    if kind == "too large":
        planted.config["MAX_CONTENT_LENGTH"] = 10
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


@pytest.mark.parametrize(("kind", "status"), KINDS.items())
@pytest.mark.parametrize("htmx", [False, True])
def test_every_answer_carries_the_headers(plant: Plant, kind: str, status: int, htmx: bool) -> None:
    page = answer(plant, kind, htmx=htmx)
    assert page.status == (204 if htmx and kind == "guarded" else status)
    assert {name: page.headers.get(name) for name in EXPECTED} == EXPECTED
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in page.headers["Vary"].split(",")}
    assert "Strict-Transport-Security" not in page.headers
    for header in ("Content-Security-Policy", "Cache-Control", *EXPECTED):
        assert len(page.headers.getlist(header)) == 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "stylesheet" not in kind])
def test_what_a_signed_in_person_sees_is_kept_by_no_cache(plant: Plant, kind: str) -> None:
    """Prices and licenses would come back with the browser's back button, after signing out."""
    assert answer(plant, kind, signed_in=True).headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_for_ever_under_their_own_address_only(plant: Plant) -> None:
    assert "immutable" in answer(plant, "kept stylesheet", signed_in=True).headers["Cache-Control"]
    assert "immutable" not in answer(plant, "stylesheet").headers["Cache-Control"]


def test_over_https_browsers_are_told_to_stay_there(plant: Plant) -> None:
    page = answer(plant, "page", signed_in=True, public_url="https://partners.example.com")
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
    page = answer(plant, "file")
    assert page.content == b"\x00\xff exact"
    assert page.headers["Content-Disposition"] == 'attachment; filename="a b.bin"'
    assert page.response.mimetype == "application/octet-stream"
    assert page.response.get_etag()[0] == documents.keep(b"\x00\xff exact", "application/octet-stream")
    db.session.rollback()


def test_a_fault_tells_nothing_of_itself(plant: Plant) -> None:
    page = answer(plant, "fault")
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
