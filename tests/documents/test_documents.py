"""Documents are kept for ever, once, under the digest of their bytes (R27)."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, select

from dashboard.documents import service
from dashboard.documents.models import Document
from dashboard.errors import NotFound
from dashboard.extensions import db
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("app")


@examples(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000))
@example(b"")
@example(bytes(range(256)) * 4096)
def test_R27_the_same_bytes_come_back(content: bytes) -> None:
    digest = service.keep(content, "application/octet-stream")
    assert digest == hashlib.sha256(content).hexdigest()
    assert service.read(digest) == content
    response = service.download(digest, "file.bin")
    assert response.data == content
    assert response.mimetype == "application/octet-stream"


def test_R27_the_same_document_is_kept_once() -> None:
    assert service.keep(b"one", "text/plain") == service.keep(b"one", "application/pdf")
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1


def test_R27_kept_at_the_same_moment_it_is_kept_once(app: Flask) -> None:
    digests = at_once(app, [lambda: service.keep(b"one", "text/plain")] * 4)
    assert digests == [hashlib.sha256(b"one").hexdigest()] * 4
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1


@pytest.mark.parametrize("digest", ["0" * 64, "", "x", "' OR 1=1", hashlib.sha256(b"one").hexdigest().upper()])
def test_an_unknown_digest_is_not_found(digest: str) -> None:
    service.keep(b"one", "text/plain")
    with pytest.raises(NotFound):
        service.read(digest)
    with pytest.raises(NotFound):
        service.download(digest, "x")


def test_a_download_is_saved_under_its_name() -> None:
    response = service.download(service.keep(b"one", "application/pdf"), "INV-2026-000001.pdf")
    assert response.headers["Content-Disposition"] == "attachment; filename=INV-2026-000001.pdf"
    assert response.get_etag() == (hashlib.sha256(b"one").hexdigest(), False)


def test_R20_sizes_add_up() -> None:
    digests = [service.keep(b"x" * size, "text/plain") for size in (1, 10, 100)]
    assert service.size(digests) == 111
    assert service.size(digests[1:2]) == 10
    assert service.size([]) == 0
