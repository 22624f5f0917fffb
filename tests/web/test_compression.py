"""What a browser reads is sent packed if it can unpack it; what it saves is sent as it is."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask import Flask

from dashboard.extensions import db
from dashboard.web.compression import SMALL, without_comments
from tests.factories import make_key

PACKED = {"Accept-Encoding": "gzip, deflate, br, zstd"}  #: as Chromium and Firefox ask


@pytest.mark.parametrize("path", ["/programme", "/static/app.css", "/static/vendor/htmx/htmx.min.js", "/no-such-page"])
def test_pages_and_styles_are_packed_for_who_can_unpack_them(app: Flask, path: str) -> None:
    browser = app.test_client()
    plain = browser.get(path, buffered=True)
    for asked, coding, unpack in (("gzip", "gzip", gzip.decompress), ("gzip, br", "br", brotli.decompress)):
        packed = browser.get(path, headers={"Accept-Encoding": asked}, buffered=True)
        assert packed.content_encoding == coding
        assert len(packed.data) == packed.content_length < len(plain.data) / 2
        if path.startswith("/static"):
            expected = without_comments(plain.data) if path.endswith(".css") else plain.data
            assert unpack(packed.data) == expected
    refused = browser.get(path, headers={"Accept-Encoding": "gzip;q=0, br;q=0"}, buffered=True)
    for response in (plain, packed, refused):
        assert "Accept-Encoding" in response.vary
    assert (plain.content_encoding, refused.content_encoding) == (None, None)


def test_style_sheets_are_sent_without_comments_but_with_licenses() -> None:
    written = b"/*! (c) */\na { b: c } /* why\n so */\n/* d */ e { f: g }"
    assert without_comments(written) == b"/*! (c) */\na { b: c }  e { f: g }"


def test_files_to_be_saved_are_sent_byte_by_byte(app: Flask) -> None:
    make_key()
    db.session.commit()
    response = app.test_client().get("/licenses/certificates.pem", headers=PACKED, buffered=True)
    assert (response.status_code, response.content_encoding) == (200, None)


def test_what_is_small_or_in_parts_is_left_alone(app: Flask) -> None:
    part = app.test_client().get("/static/app.css", headers=PACKED | {"Range": "bytes=0-4999"}, buffered=True)
    assert (part.status_code, part.content_encoding, len(part.data)) == (206, None, 5000)
    small = app.test_client().get("/healthz", headers=PACKED, buffered=True)
    assert len(small.data) < SMALL
    assert small.content_encoding is None


def test_the_first_view_is_light(app: Flask) -> None:
    """Page, styles and scripts of the first page that somebody opens: 40 KB, of which 20 KB are scripts."""
    visitor = app.test_client()
    page = visitor.get("/sign-in", headers=PACKED, buffered=True)
    html = brotli.decompress(page.data).decode()
    files = [part.split('"')[0] for part in html.replace('href="/static', 'src="/static').split('src="')[1:]]
    sizes = {path: len(visitor.get(path, headers=PACKED, buffered=True).data) for path in files}
    assert len(sizes) == 4
    assert sum(size for path, size in sizes.items() if ".js" in path) <= 20_000
    assert sum(sizes.values()) + len(page.data) <= 40_000, sizes
