"""What befell the small world of the walkers: old debts, a statement, a certificate, an effect that was given up."""

from __future__ import annotations

import itertools
from datetime import timedelta
from functools import partial

from sqlalchemy import update

from dashboard.accounts.models import User
from dashboard.catalog import editing, uploads
from dashboard.checkout.rules import Buyer
from dashboard.clock import today, utcnow
from dashboard.config import ROOT
from dashboard.documents import service as documents
from dashboard.enquiries import attachments
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.attachments import File
from dashboard.enquiries.exchange import Author, Words, add_message
from dashboard.enquiries.models import ReceivedMail
from dashboard.enquiries.rules import Hurdle, Kind, MailState, Side
from dashboard.enquiries.service import Request
from dashboard.extensions import db
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Paper
from dashboard.jobs import asking
from dashboard.jobs.jobs import UNEXPECTED
from dashboard.jobs.models import Job
from dashboard.jobs.rules import State
from dashboard.ledger import service as ledger
from dashboard.ledger.references import new_order_id
from dashboard.money import Money
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.worker import work_off
from dashboard.quotes import service as offers
from dashboard.quotes.rules import Contents, Line
from dashboard.resellers import applications, invitations, logos
from dashboard.resellers.applications import Request as Wish
from dashboard.resellers.models import Application, Member, Reseller
from dashboard.statements import reminders
from dashboard.statements import service as statements
from dashboard.tax import certificates as exemptions
from dashboard.tax.certificates import Claim
from dashboard.tax.rules import CertificateState
from dashboard.translators import catalogs
from dashboard.web.exports import WRITING
from tests.catalog.samples import file_of
from tests.factories import CUSTOMER, EDITOR, VIEWER, make_user, owner_of
from tests.quotes.samples import a_logo

_numbers = itertools.count(1)


def debts(reseller: Reseller, count: int) -> None:
    """What the company owed before it came here: one that is late, the others not due yet."""
    for number in range(count):
        due_on = today() + timedelta(days=20 * number - 1)
        name, amount = f"DEBT-{reseller.id}-{new_order_id()}", Money(471_383 + number, reseller.currency)
        ledger.open_debt(reseller.id, name, amount, placed_on=due_on - timedelta(days=30), due_on=due_on)


def given_up(order_id: str) -> int:
    """The pro-forma of an order that could not be drawn."""
    number = invoices.find_papers(order_id)[0].number
    item = db.session.query(OutboxItem).filter_by(key=f"{invoices.RENDER}:{number}").one()
    item.done_at, item.failed_at, item.error = None, utcnow(), "OSError: no space left"
    return item.id


def file_of_orders(reseller: Reseller, user_id: int) -> str:
    """A long file that a member has asked for, made by the worker; its job."""
    token = asking.start("orders", f"orders:{user_id}", by=user_id, of=reseller.id, payload={"q": "nordwind"})
    db.session.commit()
    work_off()
    return token


def jobs_in_every_state(reseller: Reseller, user_id: int) -> None:
    """Further jobs of a member, as the worker would leave them in the middle."""
    states = {
        State.WAITING: {}, State.RUNNING: {"doing": WRITING, "done": 471, "total": 4711},
        State.FAILED: {"error": UNEXPECTED, "ended_at": utcnow()},
    }  # fmt: skip
    for state, facts in states.items():
        token = asking.start("licenses", f"{state}:{user_id}", by=user_id, of=reseller.id, payload={})
        db.session.query(Job).filter_by(token=token).update({"state": state, **facts})


def statement(reseller: Reseller) -> str:
    """The company's statement of this month, drawn and mailed; and a reminder of what is late."""
    debts(reseller, 2)
    made = statements.make_statement(reseller.id, statements.this_month())
    assert made is not None
    reminders.remind(reseller.id)
    number = made.number
    db.session.commit()
    work_off()
    return number


def enquiry(reseller: Reseller, order_id: str = "") -> str:
    """An enquiry that staff have answered, and that the company has answered by mail; its number."""
    facts = {"needs": "Three sites.", "advised": "The OEM plan."}
    brief = File("brief.pdf", b"%PDF-1.7 three sites")
    asked = Request(Kind.SALES, "Which plan", "Which one fits?", order_id, facts, [brief])
    buyer = owner_of(reseller)
    made = enquiries.keep_enquiry(reseller.id, buyer, asked, submit_key=new_order_id())
    staff = db.session.query(User).filter_by(is_staff=True).first()
    assert staff is not None
    enquiries.answer(made.id, Side.VENDOR, staff.id, "It fits.", submit_key=new_order_id())
    author = Author(Side.RESELLER, buyer, "Olga", "olga@romashka.example")
    add_message(made, author, Words("And for Linux?", "> It fits.", ["brief.pdf"]), new_order_id())
    enquiries.answer(made.id, Side.VENDOR, staff.id, "Too.", submit_key=new_order_id())
    return made.id


#: What a reseller takes of its customer, before and as tax: 8,264.13 and 23.4567 %.
RESALE, RESALE_TAX = 826_413, 234_567


def quotes(reseller: Reseller) -> tuple[str, str]:
    """Quotes of a company with a logo, one issued and drawn, one withdrawn, one a draft; the first and the last."""
    of = Buyer(reseller.id, owner_of(reseller))
    logos.upload(reseller.id, a_logo())
    customer = {**CUSTOMER, "email": "customer@nordwind.example"}
    lines = (Line(VIEWER, 2, RESALE), Line(EDITOR, 1, RESALE - 1))
    until = today() + timedelta(days=20)
    made = [
        offers.begin(
            of,
            Contents(lines, customer, until, "MwSt", RESALE_TAX, "Pay in 10 days.", "As agreed.", "OFFER-CANARY"),
            submit_key=new_order_id(),
        ).id
        for _ in range(3)
    ]
    for number in made[:2]:
        offers.issue(number, reseller.id)
    offers.withdraw(made[1], reseller.id)
    db.session.commit()
    work_off()
    return made[0], made[2]


def stray_mail(enquiry_id: str) -> str:
    """A mail that waits for staff, one that was dismissed and one of a program; the id of the first."""
    made = []
    for state in (MailState.WAITING, MailState.DISMISSED, MailState.AUTOMATIC):
        hurdle = Hurdle.NOT_OURS if state is MailState.WAITING else ""
        mail = ReceivedMail(
            identity=new_order_id(), sender="olga@home.example", sender_name="Olga", subject="Which plan",
            text="It still fits.", quoted="> It fits.", left_out=["brief.pdf"], state=state, hurdle=hurdle,
            enquiry_id=enquiry_id, decided_at=utcnow() if state is MailState.DISMISSED else None,
        )  # fmt: skip
        db.session.add(mail)
        made.append(mail)
    db.session.flush()
    attachments.keep([File("note.txt", b"It fits.")], mail_id=made[0].id)
    return str(made[0].id)


def file_of_enquiry(enquiry_id: str) -> str:
    """The file that came with an enquiry; its id."""
    ((file,),) = attachments.of_messages(enquiry_id).values()
    return str(file.id)


def file_of_mail(mail_id: int) -> str:
    """The file that came with a mail; its id."""
    (file,) = attachments.of_mail(mail_id)
    return str(file.id)


def catalog_file() -> str:
    """A catalog file that waits to be loaded, and a coming price; the file's digest."""
    coming = {"USD": Money(911_387, "USD")}
    editing.set_prices(VIEWER, coming, today() + timedelta(days=9))
    scope = {"scope_en": "1 developer", "scope_ru": "1 разработчик"}
    changed = {"sku": VIEWER, **scope, "product": "GroupDocs.Viewer-Dsb for .NET", "price_rub": ""}
    return uploads.keep_upload(
        file_of(changed, {**scope, "sku": "ANNOTATION-NET-DSB", "product": "GroupDocs.Annotation for .NET"})
    )


def certificate(reseller: Reseller) -> str:
    """An exemption certificate that waits and one under which nothing is exempt any more; the id of the first."""
    upload = partial(exemptions.upload, reseller.id, owner_of(reseller))
    days = (today() - timedelta(days=9), today() + timedelta(days=20))
    refused = upload(Claim(("CA",), "CA-7", *days), b"%PDF-1.7 refused")
    exemptions.decide(refused, CertificateState.REFUSED, refused.uploaded_by, "unreadable")
    return str(upload(Claim(("CA",), "CA-8", *days), b"%PDF-1.7 waiting").id)


def colleague(reseller: Reseller) -> str:
    """A further member of a company; the account's id."""
    user = make_user(f"Person Colleague {reseller.name}")
    db.session.add(Member(user_id=user.id, reseller_id=reseller.id, role="viewer"))
    return str(user.id)


def invitation(reseller: Reseller) -> str:
    """Somebody who was invited to a company; the invitation's id."""
    email = f"invited{next(_numbers)}@example.com"
    invitations.enlist(reseller.id, email, "viewer", language="en", by_name="Person Owner")
    return str(invitations.waiting(reseller.id)[-1].id)


def invitation_links(reseller: Reseller) -> tuple[str, str]:
    """The tokens of an invitation that waits and of one that was taken back; committed."""
    waiting, closed = invitation(reseller), invitation(reseller)
    db.session.commit()  # a link is made in a transaction of its own
    tokens = [invitations.mailed_link(int(one)).rpartition("/")[2] for one in (waiting, closed)]
    invitations.take_back(reseller.id, int(closed))
    return tokens[0], tokens[1]


def handed_in_catalog() -> int:
    """A catalog that a translator has handed in."""
    content = (ROOT / "translations" / "ru" / "LC_MESSAGES" / "messages.po").read_bytes()
    return catalogs.hand_in(content, "ru", user_id=make_user("Vera").id, name="Vera").id


def paper_with_xml(order_id: str) -> str:
    """The number of an order's invoice. Under US sales tax it has no XML: here it has, so that one can ask for it."""
    paper = invoices.find_papers(order_id)[-1]
    if paper.xml_digest is None:
        digest = documents.keep(b"<Invoice/>", "application/xml")
        db.session.execute(update(Paper).where(Paper.id == paper.id).values(xml_digest=digest))
    return paper.number


def two_applications(applicant: User | None) -> int:
    """One application that waits and one that was declined; the id of the first."""
    assert applicant is not None
    declined = application(make_user("Person Declined"))
    applications.decline(declined, "Own development.", by=applicant.id)
    return application(applicant)


def application(user: User) -> int:
    wish = Wish(
        company="Kedr", website="https://kedr.example", country="US", state="TX", activity="mixed",
        description="We resell.", reasons="Customers ask.", first_customer="",
    )  # fmt: skip
    applications.submit(user.id, wish, "en")
    found = db.session.query(Application).filter_by(user_id=user.id).order_by(Application.id.desc()).first()
    assert found is not None
    return found.id
