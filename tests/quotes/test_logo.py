"""The logo of a company: a harmless picture, whatever was uploaded, and nobody else's to see (R26)."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from dashboard.errors import InvalidInput
from dashboard.pictures import MAX_FILE, logo_of, size_of
from dashboard.resellers.models import Reseller
from tests.client import Client
from tests.factories import make_reseller, make_user, owner_of
from tests.quotes.samples import a_logo


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK")]
)
def test_a_logo_is_drawn_anew_as_a_small_png(kind: str, mode: str) -> None:
    content = logo_of(a_logo(3000, 1000, kind, mode))
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (1200, 400))
    assert size_of(content) == (1200, 400)
    assert logo_of(a_logo(3000, 1000, kind, mode)) == content


def test_nothing_of_the_file_but_the_picture_is_kept() -> None:
    assert b"secret" not in logo_of(a_logo() + b"<script>secret</script>")


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", a_logo()[:60],
     a_logo(kind="GIF", mode="P"), a_logo(kind="BMP"), b"x" * (MAX_FILE + 1), a_logo(5001, 5000, mode="L")],
    ids=["empty", "word", "svg", "pdf", "torn", "gif", "bmp", "large", "bomb"],
)  # fmt: skip
def test_what_is_no_png_or_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        logo_of(content)


def test_an_owner_uploads_replaces_and_removes_it(client: Client, reseller: Reseller) -> None:
    page = client.get("/company").click("Upload")
    page = page.submit("Upload the logo", file=(io.BytesIO(b"no picture"), "logo.png"))
    assert page.status == 422
    assert "must be a PNG or JPEG" in page.text
    page = page.submit("Upload the logo", file=(io.BytesIO(a_logo(kind="JPEG")), "logo.svg"))
    assert page.path == "/company"
    (source,) = page.tree.xpath("//img[@class='logo']/@src")
    picture = client.get(source)
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    client.get("/company/logo").submit("Remove the logo")
    assert client.get("/company/logo/picture").status == 404


def test_R26_another_company_does_not_see_it(
    client: Client, reseller: Reseller, new_client: Callable[..., Client]
) -> None:
    client.get("/company/logo").submit("Upload the logo", file=(io.BytesIO(a_logo()), "logo.png"))
    other = new_client()
    other.sign_in_as(owner_of(make_reseller("Vasilek")))
    assert other.get("/company/logo/picture").status == 404
    other.sign_in_as(make_user())
    assert other.get("/company/logo/picture").status == 404
