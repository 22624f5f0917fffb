"""Exemption certificates: uploaded by resellers, looked at by staff, each step told by mail (R28, R29)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from dashboard.clock import at, today, utcnow
from dashboard.errors import InvalidInput, NotFound, Refused
from dashboard.fulfilment import pricing
from dashboard.mail.models import Letter
from dashboard.resellers.models import Reseller
from dashboard.tax import certificates, jobs
from dashboard.tax.certificates import Claim
from dashboard.tax.models import ExemptionCertificate
from dashboard.tax.rules import MAX_FILE, CertificateState, TaxKind, file_type
from tests.client import Client
from tests.factories import VIEWER, make_catalog, make_reseller, make_user, owner_of

PDF, JPEG, PNG = b"%PDF-1.7\nsigned", b"\xff\xd8\xff\xe0 a picture", b"\x89PNG\r\n\x1a\n a picture"

Db = scoped_session[Session]


def texan(**facts: Any) -> Reseller:
    make_catalog()
    return make_reseller(country="US", state="TX", **facts)


def upload(
    reseller: Reseller, *, states: tuple[str, ...] = ("TX",), first: int = -100, last: int = 100, content: bytes = PDF
) -> ExemptionCertificate:
    """A certificate valid from `first` to `last` days from today."""
    claim = Claim(states, "01-339", today() + timedelta(days=first), today() + timedelta(days=last))
    return certificates.upload(reseller.id, owner_of(reseller), claim, content)


def decide(one: ExemptionCertificate, decision: CertificateState) -> None:
    certificates.decide(one, decision, make_user(staff=True).id, "unreadable" if decision == "refused" else "")


def tax_of(reseller: Reseller) -> TaxKind:
    return pricing.estimate(reseller.id, [(VIEWER, 1)]).tax.kind


def test_R29_a_certificate_exempts_from_its_upload_on(db: Db) -> None:
    reseller = texan()
    assert tax_of(reseller) is TaxKind.SALES_TAX
    upload(reseller)
    estimate = pricing.estimate(reseller.id, [(VIEWER, 1)])
    assert (estimate.tax.kind, estimate.tax.amount.minor, estimate.tax.rate) == (TaxKind.EXEMPT, 0, 62_500)
    assert estimate.tax.exemption is not None
    assert not estimate.tax.exemption.verified


@pytest.mark.parametrize(
    ("options", "exempts"),
    [
        ({"states": ("TX",)}, True),
        ({"states": ("CA", "TX")}, True),
        ({"states": ("CA",)}, False),
        ({"last": 0}, True),
        ({"last": -1}, False),
        ({"first": 0}, True),
        ({"first": 1}, False),
    ],
)
def test_R28_only_a_certificate_of_the_state_and_the_day_exempts(
    db: Db, options: dict[str, Any], exempts: bool
) -> None:
    reseller = texan()
    upload(reseller, **options)
    assert tax_of(reseller) is (TaxKind.EXEMPT if exempts else TaxKind.SALES_TAX)


def test_R29_another_company_s_certificate_exempts_nobody_else(db: Db) -> None:
    upload(texan())
    assert tax_of(texan(name="Vasilek")) is TaxKind.SALES_TAX


def test_R29_a_refused_certificate_exempts_no_more_and_a_verified_one_goes_on(db: Db) -> None:
    reseller = texan()
    first = upload(reseller)
    decide(first, CertificateState.REFUSED)
    assert tax_of(reseller) is TaxKind.SALES_TAX
    second = upload(reseller, content=JPEG)
    decide(second, CertificateState.VERIFIED)
    estimate = pricing.estimate(reseller.id, [(VIEWER, 1)])
    assert estimate.tax.exemption is not None
    assert estimate.tax.exemption.verified
    with pytest.raises(Refused):
        decide(second, CertificateState.REFUSED)


def test_R29_without_the_setting_only_a_verified_one_or_its_renewal_exempts(
    db: Db, settings: Callable[..., object]
) -> None:
    settings(exempt_provisionally=False)
    reseller = texan()
    old = upload(reseller, last=10)
    assert tax_of(reseller) is TaxKind.SALES_TAX
    decide(old, CertificateState.VERIFIED)
    assert tax_of(reseller) is TaxKind.EXEMPT
    upload(reseller, first=5, last=300, content=PNG)
    for days in (10, 11, 300):
        with at(utcnow() + timedelta(days=days)):
            assert tax_of(reseller) is TaxKind.EXEMPT, "no taxed gap, though staff have not looked at the renewal"
    with at(utcnow() + timedelta(days=301)):
        assert tax_of(reseller) is TaxKind.SALES_TAX


def test_R29_one_uploaded_after_the_old_has_ended_is_no_renewal(db: Db, settings: Callable[..., object]) -> None:
    settings(exempt_provisionally=False)
    reseller = texan()
    old = upload(reseller, last=10)
    decide(old, CertificateState.VERIFIED)
    with at(utcnow() + timedelta(days=11)):
        upload(reseller, last=300, content=PNG)
        assert tax_of(reseller) is TaxKind.SALES_TAX


@pytest.mark.parametrize("content", [PDF, JPEG, PNG])
def test_R29_a_file_is_known_by_its_content(db: Db, content: bytes) -> None:
    assert file_type(content) is not None
    assert upload(texan(), content=content).id


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"PK\x03\x04", b"GIF89a", b" %PDF-1.7", PDF + bytes(MAX_FILE)],
    ids=["nothing", "page", "archive", "animation", "PDF behind a blank", "too large"],
)
def test_R29_another_kind_of_file_or_a_large_one_is_refused(db: Db, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        upload(texan(), content=content)


def test_R29_the_same_upload_twice_is_one_certificate(db: Db) -> None:
    reseller = texan()
    assert upload(reseller).id == upload(reseller).id
    assert upload(reseller, content=JPEG).id != upload(reseller).id
    assert upload(texan(name="Vasilek")).id != upload(reseller).id


def test_R29_nobody_fills_our_disk(db: Db) -> None:
    reseller = texan()
    for number in range(certificates.MOST_WAITING):
        upload(reseller, content=PDF + bytes([number]))
    with pytest.raises(Refused):
        upload(reseller)


def test_R26_another_company_s_certificate_does_not_exist(db: Db) -> None:
    one, other = upload(texan()), texan(name="Vasilek")
    with pytest.raises(NotFound):
        certificates.get_certificate(one.id, of=other.id)


def form(client: Client, content: bytes, **changes: Any) -> dict[str, Any]:
    last = str(today() + timedelta(days=200))
    facts = {"number": "01-339", "valid_until": last, "states": ["TX"], "file": (io.BytesIO(content), "proof.pdf")}
    return {**facts, **changes}


def test_R29_a_member_uploads_and_fetches_a_certificate(db: Db, client: Client) -> None:
    reseller = texan()
    client.sign_in_as(owner_of(reseller))
    page = client.get("/company/certificates/new").submit("Upload the certificate", **form(client, PDF))
    assert page.path == "/company/certificates"
    [one] = certificates.of_reseller(reseller.id)
    file = client.get(f"/company/certificates/{one.id}/file")
    assert file.response.data == PDF
    assert file.response.headers["Content-Disposition"] == f"attachment; filename=certificate-{one.id}.pdf"
    assert file.response.headers["X-Content-Type-Options"] == "nosniff"
    client.sign_in_as(owner_of(texan(name="Vasilek")))
    assert client.get(f"/company/certificates/{one.id}/file").status == 404
    assert client.get(f"/staff/certificates/{one.id}/file").status == 404


@pytest.mark.parametrize(
    ("changes", "content"),
    [
        ({}, b"<script>"),
        ({"number": ""}, PDF),
        ({"states": []}, PDF),
        ({"valid_until": str(date(2020, 1, 1))}, PDF),
        ({"valid_from": "2999-01-01"}, PDF),
        ({"valid_until": "soon"}, PDF),
    ],
)
def test_R29_a_wrong_upload_is_refused_beside_its_field(
    db: Db, client: Client, changes: dict[str, Any], content: bytes
) -> None:
    reseller = texan()
    client.sign_in_as(owner_of(reseller))
    page = client.get("/company/certificates/new").submit("Upload the certificate", **form(client, content, **changes))
    assert page.status == 422
    assert certificates.of_reseller(reseller.id) == []


def letters(db: Db) -> list[str]:
    return list(db.scalars(select(Letter.kind).order_by(Letter.id)))


@pytest.mark.parametrize("decision", ["verified", "refused"])
def test_R29_the_company_is_told_what_staff_found(db: Db, work: Callable[[], int], decision: str) -> None:
    one = upload(texan())
    decide(one, CertificateState(decision))
    work()
    [letter] = db.scalars(select(Letter)).all()
    assert (letter.kind, letter.error) == (f"certificate_{decision}", "")
    assert "01-339" in (letter.text or "")
    assert ("unreadable" in (letter.text or "")) == (decision == "refused")


def test_R29_a_company_is_reminded_60_and_30_days_before_the_end_and_once(db: Db) -> None:
    upload(texan(), last=70)
    for days, count in ((9, 0), (10, 1), (11, 1), (39, 1), (40, 2), (41, 2), (70, 2), (71, 2)):
        for _twice in range(2):
            certificates.remind_of_ending(today() + timedelta(days=days))
        assert len(letters(db)) == count, days


def test_R29_nobody_is_reminded_of_what_is_renewed_or_refused(db: Db) -> None:
    reseller = texan()
    upload(reseller, last=20)
    upload(reseller, first=15, last=300, content=PNG)
    refused = upload(texan(name="Vasilek"), last=20)
    decide(refused, CertificateState.REFUSED)
    told = len(letters(db))
    certificates.remind_of_ending(today())
    assert len(letters(db)) == told
    upload(make_reseller("Kedr", country="US", state="TX"), states=("TX", "CA"), last=20)
    certificates.remind_of_ending(today())
    assert letters(db)[told:] == ["certificate_ends"]


def test_R29_the_worker_reminds(db: Db, work: Callable[[], int]) -> None:
    upload(texan(), last=20)
    db.commit()
    jobs.remind({"day": str(today())})
    work()
    [letter] = db.scalars(select(Letter)).all()
    assert "01-339" in (letter.text or "")
    assert db.scalar(select(func.count()).select_from(Letter)) == 1


def test_R30_the_companys_page_opens_the_certificates_by_a_verb(client: Client) -> None:
    dana = make_user(language="ru")
    texan(owner=dana)
    client.sign_in_as(dana)
    assert client.get("/company").links["Открыть"] == "/company/certificates"
