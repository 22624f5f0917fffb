"""The XML of an invoice on its way: drawn, kept, fetched, inside the PDF that letters bring (R20, R25, R26, R27)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import pytest
from lxml import etree
from pypdf import PdfReader

from dashboard.documents import service as documents
from dashboard.extensions import db
from dashboard.fulfilment import jobs as fulfilment_jobs
from dashboard.fulfilment import service as fulfilment
from dashboard.invoices import einvoice, hybrid, jobs, pdf, service
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, pay, place
from tests.invoices.judges import faults_of
from tests.invoices.samples import a_lines, a_snapshot

Work = Callable[[], int]


@pytest.fixture
def reseller(client: Client) -> Reseller:
    """One that pays later, in a browser of its own."""
    make_key()
    anna = make_user()
    client.sign_in_as(anna)
    return make_reseller(owner=anna, established_by_staff=True, currency="EUR", country="KZ")


@pytest.fixture
def order(reseller: Reseller, work: Work) -> Order:
    placed = place(reseller)
    work()
    return placed


def paper_of(order: Order, kind: PaperKind = PaperKind.INVOICE) -> Paper:
    paper = service.find_paper(order.id, kind)
    assert paper is not None
    db.session.refresh(paper)
    return paper


def inside(drawn: bytes) -> dict[str, list[bytes]]:
    return dict(PdfReader(io.BytesIO(drawn)).attachments)


def address_of(paper: Paper) -> str:
    return f"/orders/{paper.order_id}/papers/{paper.number}/xml"


def test_R27_an_invoice_is_kept_as_xml_too_and_its_pdf_holds_the_same_bytes(order: Order) -> None:
    paper = paper_of(order)
    xml = documents.read(str(paper.xml_digest))
    assert hashlib.sha256(xml).hexdigest() == paper.xml_digest
    assert xml == einvoice.to_xml(paper.content)
    assert faults_of(xml) == []
    assert inside(documents.read(str(paper.document_digest))) == {"factur-x.xml": [xml]}


def test_R27_a_reseller_fetches_the_xml_from_the_orders_page(order: Order, client: Client) -> None:
    paper = paper_of(order)
    page = client.get(f"/orders/{order.id}")
    assert address_of(paper) in page.html
    assert "XML (EN 16931)" in page.text
    answer = client.get(address_of(paper))
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert f"filename={paper.number}.xml" in answer.headers["Content-Disposition"].replace('"', "")
    assert answer.content == documents.read(str(paper.xml_digest))


def test_R27_the_xml_of_an_invoice_stays_the_same_when_it_is_paid_and_drawn_again(order: Order, work: Work) -> None:
    paper = paper_of(order)
    before = paper.document_digest, paper.xml_digest
    pay(order)
    work()
    db.session.commit()
    jobs.draw({"paper_id": paper.id})
    service.rendered(paper.id, paper.content, "a" * 64, "b" * 64)
    paper = paper_of(order)
    assert (paper.document_digest, paper.xml_digest) == before


def test_R12_R27_a_cancelled_order_has_its_credit_note_as_xml(order: Order, work: Work, client: Client) -> None:
    fulfilment.cancel_order(order.id, "changed our mind", by_staff=True)
    work()
    note = paper_of(order, PaperKind.CREDIT_NOTE)
    xml = client.get(address_of(note)).content
    assert faults_of(xml) == []
    assert paper_of(order).number.encode() in xml


def test_R20_R27_the_letter_of_a_payment_brings_the_pdf_that_holds_the_xml(order: Order, work: Work) -> None:
    paper = paper_of(order)
    pay(order)
    work()
    facts = {"reseller_id": order.reseller_id, "paid": [order.id], "part": {}, "currency": "EUR"}
    db.session.commit()
    (attached,) = fulfilment_jobs.payment(facts).attachments
    assert attached.digest == paper.document_digest
    assert list(inside(documents.read(attached.digest))) == ["factur-x.xml"]


def test_R28_sales_tax_of_the_us_has_no_xml(work: Work, client: Client) -> None:
    make_key()
    anna = make_user()
    client.sign_in_as(anna)
    texan = make_reseller(owner=anna, established_by_staff=True, country="US", state="TX")
    order = place(texan)
    work()
    paper = paper_of(order)
    assert (paper.document_digest is not None, paper.xml_digest) == (True, None)
    assert inside(documents.read(str(paper.document_digest))) == {}
    assert client.get(address_of(paper)).status == 404
    assert "XML" not in client.get(f"/orders/{order.id}").text


def test_R27_a_pro_forma_has_no_xml(work: Work, client: Client) -> None:
    make_key()
    anna = make_user()
    client.sign_in_as(anna)
    order = place(make_reseller(owner=anna))
    work()
    pro_forma = paper_of(order, PaperKind.PRO_FORMA)
    assert pro_forma.xml_digest is None
    assert client.get(address_of(pro_forma)).status == 404
    pay(order)
    work()
    invoice = client.get(address_of(paper_of(order))).content
    assert b"<ram:DuePayableAmount>0.00<" in invoice


def test_R25_R26_nobody_else_fetches_the_xml(order: Order, new_client: Callable[..., Client]) -> None:
    address = address_of(paper_of(order))
    rival, customer, staff = make_user(), make_user(), make_user("Sofia", staff=True)
    make_reseller("Vasilek", owner=rival)
    for user, status in ((rival, 404), (customer, 404), (staff, 404)):
        browser = new_client()
        browser.sign_in_as(user)
        assert browser.get(address).status == status, user.name
    browser = new_client()
    browser.sign_in_as(staff)
    assert browser.get(f"/staff{address}").status == 200


@pytest.mark.usefixtures("app")
def test_R27_the_same_paper_gives_the_same_file_whatever_stands_in_it() -> None:
    paper = a_snapshot(*a_lines(200), language="ru", currency="RUB")
    xml = einvoice.to_xml(paper)
    assert xml is not None
    drawn = pdf.render_pdf(paper)
    whole = hybrid.embed(drawn, xml, paper)
    assert whole == hybrid.embed(pdf.render_pdf(paper), xml, paper)
    assert inside(whole) == {"factur-x.xml": [xml]}
    assert len(whole) - len(drawn) < 40_000  # of 350,000 that the XML has


@pytest.mark.usefixtures("app")
def test_R27_the_pdf_says_what_it_holds_and_stays_what_it_was() -> None:
    paper = a_snapshot(language="ru")
    drawn = pdf.render_pdf(paper)
    whole = hybrid.embed(drawn, b"<xml/>", paper)
    before, after = PdfReader(io.BytesIO(drawn)), PdfReader(io.BytesIO(whole))
    assert after.metadata == before.metadata
    assert [page.extract_text() for page in after.pages] == [page.extract_text() for page in before.pages]
    root = after.trailer["/Root"]
    assert root["/Lang"] == "ru"
    (held,) = root["/AF"]
    said = held.get_object()
    assert (said["/AFRelationship"], said["/F"], said["/UF"]) == ("/Alternative", "factur-x.xml", "factur-x.xml")
    assert said["/EF"]["/F"]["/Subtype"] == "/text/xml"
    assert said["/EF"]["/F"]["/Params"]["/Size"] == len(b"<xml/>")
    xmp = after.xmp_metadata
    assert xmp is not None
    assert xmp.dc_title == {"x-default": "Счёт-фактура 2026-000123"}
    told = etree.fromstring(root["/Metadata"].get_data())
    fx = {"fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"}
    assert told.xpath("//fx:*/text()", namespaces=fx) == ["INVOICE", "factur-x.xml", "1.0", "EN 16931"]
