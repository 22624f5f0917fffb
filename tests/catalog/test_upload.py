"""Staff load a catalog file: what it would change is shown first, then it is loaded whole or not at all."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.catalog import editing, uploads
from dashboard.catalog.files import read_catalog
from dashboard.catalog.loading import compare_catalog, load_catalog
from dashboard.catalog.service import price_list
from dashboard.clock import today
from dashboard.documents import service as documents
from dashboard.errors import NotFound
from dashboard.money import Money
from tests.catalog.samples import DEMO, GOOD, file_of
from tests.client import Client, Page
from tests.factories import EDITOR, VIEWER, make_catalog, make_user

Database = scoped_session[Session]


@pytest.fixture
def staff(db: Database, client: Client) -> Client:
    make_catalog()
    client.sign_in_as(make_user("Sam", staff=True))
    return client


def upload(staff: Client, content: bytes, **fields: str) -> Page:
    page = staff.get("/staff/catalog/upload")
    return page.submit("Look at it", file=(io.BytesIO(content), "catalog.csv"), **fields)


#: The viewer of the test catalog at another price, a SKU that is not there; the editor is not named.
FILE = file_of(
    {"sku": VIEWER, "product": "GroupDocs.Viewer-Dsb for .NET", "price_usd": "1300"},
    {"sku": "NEW", "product": "GroupDocs.New for .NET"},
)


def test_the_difference_is_shown_and_nothing_is_loaded(staff: Client) -> None:
    before = editing.all_skus(today())
    page = upload(staff, FILE)
    assert page.status == 200
    for told in ("Nothing is loaded yet.", "NEW", EDITOR, "$1,199.00", "$1,300.00"):
        assert told in page.text
    assert editing.all_skus(today()) == before


def test_it_is_the_difference_that_the_command_tells(staff: Client) -> None:
    digest = uploads.keep_upload(FILE)
    assert uploads.difference(digest, today()).changes == compare_catalog(read_catalog(FILE), today())


def test_a_file_is_loaded_from_its_day_on(staff: Client) -> None:
    day = today() + timedelta(days=7)
    page = upload(staff, FILE, valid_from=day.isoformat()).submit("Load it")
    assert page.path == "/staff/catalog"
    assert "The catalog is loaded." in page.text
    assert {sku.code for sku in price_list("USD", today())} == {VIEWER, EDITOR}
    now = {sku.code: sku.retail for sku in price_list("USD", day)}
    assert now == {VIEWER: Money(130_000, "USD"), "NEW": Money(119_900, "USD")}
    for code in (VIEWER, EDITOR, "NEW"):
        page = staff.get(f"/staff/catalog/skus/{code}")
        assert "Loaded from a file" in page.text
        assert "Sam" in page.tree.xpath("string(//ol[contains(@class, 'timeline')])")


def test_every_bad_row_is_named_and_nothing_is_kept(staff: Client) -> None:
    bad = file_of({}, {"sku": "lower"}, {"sku": "B", "price_usd": "free"}, {"sku": GOOD["sku"]})
    page = upload(staff, bad)
    assert page.status == 422
    rows = [" ".join(row.itertext()) for row in page.tree.xpath("//tbody/tr")]
    assert [row.split()[0] for row in rows] == ["3", "4", "5"]
    with pytest.raises(NotFound):
        uploads.difference(hashlib.sha256(bad).hexdigest(), today())


def test_what_changed_since_is_shown_before_it_is_loaded(staff: Client) -> None:
    page = upload(staff, FILE)
    editing.set_prices(VIEWER, {"USD": Money(125_000, "USD")}, today())
    again = page.submit("Load it")
    assert again.status == 409
    assert "The catalog has changed since you looked." in again.text
    assert "$1,250.00" in again.text
    assert "NEW" not in {sku.code for sku in price_list("USD", today())}
    again.submit("Load it")
    assert {sku.code for sku in price_list("USD", today())} == {VIEWER, "NEW"}


def test_no_other_document_is_taken_for_a_catalog(staff: Client) -> None:
    digest = documents.keep(FILE, "application/pdf")
    assert staff.get(f"/staff/catalog/uploads/{digest}").status == 404


def test_a_day_that_has_passed_is_refused(staff: Client) -> None:
    page = upload(staff, FILE, valid_from=(today() - timedelta(days=1)).isoformat())
    assert page.status == 422
    assert "This day has passed" in page.text


def test_the_catalog_that_is_downloaded_changes_nothing_when_it_is_loaded(staff: Client, db: Database) -> None:
    demo = read_catalog(DEMO.read_bytes())
    load_catalog(demo, today())
    editing.stop_sale(demo[0].code, today(), "EUR")
    editing.stop_sale(demo[1].code, today())
    db.commit()
    saved = staff.get(staff.get("/staff/catalog/upload").links["Download the catalog (CSV)"])
    assert saved.content == staff.get(staff.get("/staff/catalog").links["Download the catalog (CSV)"]).content
    rows = read_catalog(saved.content)
    before = editing.all_skus(today())
    changes = compare_catalog(rows, today())
    assert (changes.new, changes.changed, changes.withdrawn, changes.unchanged) == ([], [], [], 339)
    load_catalog(rows, today())
    assert {sku.code: sku for sku in editing.all_skus(today())} == {sku.code: sku for sku in before}
