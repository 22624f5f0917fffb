"""A small world for walkers: people in every role, and for every place in an address what may stand there.

Amounts, rates and words that a customer must never see are unmistakable here, wherever they turn up (R25).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dashboard.accounts import second_factor
from dashboard.accounts.models import SecondFactor, User
from dashboard.accounts.rules import Purpose
from dashboard.accounts.tokens import mint_token, use_link
from dashboard.catalog.models import Price
from dashboard.checkout import service as checkout
from dashboard.checkout.rules import Buyer, Contents
from dashboard.clock import today, utcnow
from dashboard.extensions import db
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment import transfers
from dashboard.ledger import balances
from dashboard.ledger.models import Receivable
from dashboard.licenses import service as licenses
from dashboard.mail import service as mail
from dashboard.orders.models import Order
from dashboard.outbox.worker import work_off
from dashboard.prose import service as prose
from dashboard.prose import versions
from dashboard.prose.rules import Kind as TextKind
from dashboard.resellers.models import Member, Reseller
from dashboard.tax.models import TaxRate
from tests.app_wide import matters
from tests.app_wide.banks import import_file, import_more
from tests.app_wide.matters import certificate, debts, enquiry, given_up, quotes, statement, stray_mail
from tests.factories import (
    CUSTOMER,
    EDITOR,
    VIEWER,
    make_catalog,
    make_key,
    make_reseller,
    make_user,
    owner_of,
    pay,
    place,
)


class Role(StrEnum):
    """Who walks."""

    VISITOR = "visitor"
    UNCONFIRMED = "unconfirmed"
    CUSTOMER = "customer"
    APPLICANT = "applicant"
    OWNER = "owner"
    BUYER = "buyer"
    ACCOUNTANT = "accountant"
    VIEWER = "viewer"
    BOTH = "both"  # a buyer of one reseller and the end customer of another
    NEWCOMER = "newcomer"  # the owner of a reseller that is not active yet
    SUSPENDED = "suspended"  # the owner of a reseller that was active
    RIVAL = "rival"  # the owner of another reseller
    STAFF = "staff"


#: Members of the company whose orders stand for "own".
OURS = (Role.OWNER, Role.BUYER, Role.ACCOUNTANT, Role.VIEWER, Role.BOTH)
MEMBERS = (*OURS, Role.NEWCOMER, Role.SUSPENDED, Role.RIVAL)


class Kind(StrEnum):
    """Whose object an address names."""

    OWN = "own"
    FOREIGN = "foreign"
    MISSING = "missing"


@dataclass(frozen=True)
class Place:
    """What may stand in one place of an address, by whom the walker is."""

    missing: str
    own: dict[Role, str] = field(default_factory=dict)
    foreign: dict[Role, str] = field(default_factory=dict)

    def value(self, kind: Kind, role: Role) -> str | None:
        return self.missing if kind is Kind.MISSING else getattr(self, kind).get(role)


def _place(missing: str, objects: Sequence[str], owners: Collection[Role], rivals: Collection[Role] = ()) -> Place:
    """What some have and others have not: to each of them the other's is foreign, and to everyone else both are."""
    ours, theirs = objects
    own = {**dict.fromkeys(owners, ours), **dict.fromkeys(rivals, theirs)}
    foreign = {role: ours if role in rivals or role not in owners else theirs for role in Role}
    return Place(missing, own, foreign)


def _for_all(missing: str, own: str, dead: str = "") -> Place:
    """What is open to whoever has its address; `dead` was open once."""
    return Place(missing, dict.fromkeys(Role, own), dict.fromkeys(Role, dead) if dead else {})


@dataclass
class World:
    """People by role, places by the address up to them (`/orders/<order_id>`)."""

    people: dict[Role, int | None]
    places: dict[str, Place]
    resellers: list[int]

    def place(self, prefix: str) -> Place:
        """What may stand at the end of `prefix`.

        Raises:
            AssertionError: for a kind of address that the world has no object for: make one below.
        """
        assert prefix in self.places, f"the walkers' world has nothing for {prefix}"
        return self.places[prefix]


#: Retail prices that stand nowhere else: 7,431.97 and 3,896.53.
RETAIL = {VIEWER: 743_197, EDITOR: 389_653}
#: 12.3457 %: the partner discount of the resellers here.
DISCOUNT = 123_457
#: 6.2539 %: the sales tax of Texas here.
TAX_RATE = 62_539
#: The resellers' own words to us.
PO_NUMBER, NOTE = "PO-4711-CANARY", "Margin 31 percent, do not tell"


def make_world() -> World:
    """The world, committed, with everything done that the worker does."""
    make_key()
    _make_catalog()
    _make_texts()
    people = _people()
    romashka, vasilek = _companies(people)
    ours, theirs = _finished_orders(romashka, vasilek)
    db.session.commit()
    work_off()
    statements_ = [statement(reseller) for reseller in (romashka, vasilek)]
    asked = _other_orders(romashka, vasilek)
    waiting = matters.two_applications(people[Role.APPLICANT])
    drafts = [_draft(romashka, people[Role.OWNER]), _draft(vasilek, people[Role.RIVAL])]
    own_drafts = {role: _draft(romashka, people[role]) for role in (Role.BUYER, Role.BOTH)}
    licenses_ = [licenses.of_order(order_id)[0].serial for order_id in (ours, theirs)]
    papers = [matters.paper_with_xml(order_id) for order_id in (ours, theirs)]
    certificates = [certificate(reseller) for reseller in (romashka, vasilek)]
    enquiries_ = [enquiry(reseller, order_id) for reseller, order_id in ((romashka, ours), (vasilek, theirs))]
    files, stray = [matters.file_of_enquiry(one) for one in enquiries_], stray_mail(enquiries_[0])
    quotes_ = [quotes(reseller) for reseller in (romashka, vasilek)]
    exports = [
        matters.file_of_orders(reseller, _id_of(people[role]))
        for reseller, role in ((romashka, Role.OWNER), (vasilek, Role.RIVAL))
    ]
    quote = _place("Q-0000-0000", [issued for issued, _ in quotes_], OURS, [Role.RIVAL])
    orders = _place("R-0000-0000", [ours, theirs], OURS, [Role.RIVAL])
    numbers = _place("INV-1900-000000", papers, OURS, [Role.RIVAL])
    serials = _place("L-0000-0000-0000", licenses_, OURS, [Role.RIVAL])
    draft = _place("no-such-draft", drafts, [Role.OWNER], [Role.RIVAL])
    places = {
        "/licenses/<serial>": _place(serials.missing, licenses_, [Role.CUSTOMER], [Role.BOTH]),
        "/orders/<order_id>": orders,
        "/orders/<order_id>/papers/<number>": numbers,
        "/orders/<order_id>/papers/<number>/xml": numbers,
        "/orders/<order_id>/licenses/<serial>": serials,
        "/order/<draft_id>": Place(draft.missing, draft.own | own_drafts, draft.foreign),
        "/quotes/<quote_id>": Place(quote.missing, quote.own | {Role.BUYER: quotes_[0][1]}, quote.foreign),
        "/enquiries/<enquiry_id>": _place("E-0000-0000", enquiries_, OURS, [Role.RIVAL]),
        "/enquiries/<enquiry_id>/files/<file_id>": _place("999999", files, OURS, [Role.RIVAL]),
        "/staff/enquiries/<enquiry_id>": _of_staff("E-0000-0000", enquiries_[0]),
        "/staff/enquiries/<enquiry_id>/files/<file_id>": _of_staff("999999", files[0]),
        "/staff/enquiries/mail/<mail_id>": _of_staff("999999", stray),
        "/staff/enquiries/mail/<mail_id>/files/<file_id>": _of_staff("999999", matters.file_of_mail(int(stray))),
        "/static/<filename>": _for_all("no-such-file.css", "app.css", "../wsgi.py"),
        "/jobs/<token>": _place("no-such-job", exports, [Role.OWNER], [Role.RIVAL]),
        "/statements/<number>": _place("ST-190001-1", statements_, OURS, [Role.RIVAL]),
        "/staff/statements/<number>": _of_staff("ST-190001-1", statements_[0]),
        "/staff/orders/<order_id>": _of_staff("R-0000-0000", ours),
        "/staff/orders/<order_id>/temporary-license": _of_staff("R-0000-0000", asked),
        "/staff/orders/<order_id>/papers/<number>": _of_staff(numbers.missing, papers[0]),
        "/staff/orders/<order_id>/papers/<number>/xml": _of_staff(numbers.missing, papers[0]),
        "/staff/orders/<order_id>/licenses/<serial>": _of_staff(serials.missing, licenses_[0]),
        "/company/certificates/<id_>": _place("999999", certificates, OURS, [Role.RIVAL]),
        "/staff/certificates/<id_>": _of_staff("999999", certificates[0]),
        **_teams(romashka, vasilek),
        "/staff/applications/<id_>": _of_staff("999999", str(waiting)),
        "/staff/resellers/<id_>": _of_staff("999999", str(romashka.id)),
        "/staff/catalog/skus/<code>": _of_staff("NO-SUCH-SKU", VIEWER),
        "/staff/catalog/uploads/<digest>": _of_staff("0" * 64, matters.catalog_file()),
        "/staff/texts/<kind>": _of_staff("no-such-text", "policy"),
        "/staff/texts/<kind>/versions/<number>": _of_staff("999999", "2"),
        **_bank(romashka, people[Role.STAFF]),
        "/staff/resellers/<id_>/account/<receivable_id>": _of_staff("R-0000-0000", ours),
        "/translations/<name>": _of_staff("tlh.po", "ru.po"),
        "/translations/handed-in/<id_>": _of_staff("999999", str(matters.handed_in_catalog())),
        "/staff/mail/<letter_id>": _of_staff("999999", str(mail.list_letters().letters[0].id)),
        "/staff/effects/<item_id>": _of_staff("999999", str(given_up(ours))),
        **_mailed_links(),
    }
    ids = {role: user.id if user else None for role, user in people.items()}
    world = World(ids, places, [romashka.id, vasilek.id])
    db.session.commit()
    return world


def grow(world: World) -> None:
    """More of everything that lists show."""
    for reseller_id in world.resellers:
        reseller = db.session.get_one(Reseller, reseller_id)
        debts(reseller, 3)
        quotes(reseller)
        matters.jobs_in_every_state(reseller, owner_of(reseller))
        for number in range(3):
            certificate(reseller)
            stray_mail(enquiry(reseller))
            matters.invitation(reseller)
            own = reseller.name == "Romashka"  # of whoever is both: a file that they fetch closes the order's pages
            pay(_order(reseller, people="customer" if own or number % 2 else "both"))
            _order(reseller, people=f"other{number}")
    for role in world.places["/order/<draft_id>"].own:
        user = db.session.get_one(User, world.people[role])
        member = db.session.get_one(Member, user.id)
        _draft(db.session.get_one(Reseller, member.reseller_id), user)
    import_more(3)
    for number in range(3):
        make_reseller(f"Company {number}", active=number % 2 == 0)
        matters.application(make_user(f"Person {number}"))
    db.session.commit()


def speak(language: str) -> None:
    """Everybody who has an account chooses a language."""
    db.session.query(User).update({"language": language})
    db.session.commit()


def _id_of(user: User | None) -> int:
    assert user is not None
    return user.id


def _make_catalog() -> None:
    make_catalog()
    for price in db.session.query(Price):
        price.retail_minor = RETAIL[price.sku]
    db.session.query(TaxRate).filter_by(state="TX").update({"rate": TAX_RATE})


def _make_texts() -> None:
    """A second version of the policy, and one of everything else."""
    for number, kind in enumerate([*TextKind, TextKind.POLICY]):
        own = versions.shipped(kind)
        prose.publish(kind, f"{own.english}\n\nAnd {number}.", f"{own.russian}\n\nИ {number}.")


def _people() -> dict[Role, User | None]:
    special: dict[Role, dict[str, str | bool]] = {
        Role.UNCONFIRMED: {"confirmed": False},
        Role.CUSTOMER: {"email": "customer@nordwind.example"},
        Role.BOTH: {"email": "both@nordwind.example"},
        Role.STAFF: {"staff": True},
    }
    made: dict[Role, User | None] = {}
    for role in Role:
        options = special.get(role, {})
        made[role] = None if role is Role.VISITOR else make_user(f"Person {role}".title(), **options)  # type: ignore[arg-type]
    _add_second_factor(made[Role.BUYER])
    return made


def _add_second_factor(user: User | None) -> None:
    """Two-step sign-in, so that its pages are met both ways."""
    assert user is not None
    sealed = second_factor.seal(second_factor.AT_REST, second_factor.new_key())
    db.session.add(SecondFactor(user_id=user.id, sealed_key=sealed, last_step=0))


def _companies(people: dict[Role, User | None]) -> tuple[Reseller, Reseller]:
    now = utcnow()
    romashka = make_reseller(
        "Romashka", country="US", state="TX", owner=people[Role.OWNER], discount=DISCOUNT, listing_checked_at=now
    )
    for role in OURS[1:]:
        user = people[role]
        assert user is not None
        job = "buyer" if role is Role.BOTH else str(role)
        db.session.add(Member(user_id=user.id, reseller_id=romashka.id, role=job))
    vasilek = make_reseller(
        "Vasilek", country="EE", currency="EUR", owner=people[Role.RIVAL], discount=DISCOUNT, established_at=now
    )
    make_reseller("Landysh", active=False, owner=people[Role.NEWCOMER])
    make_reseller("Lutik", owner=people[Role.SUSPENDED], suspended_at=now, suspended_reason="The page is gone.")
    return romashka, vasilek


def _order(reseller: Reseller, *, people: str) -> Order:
    """An order for somebody at Nordwind, with a number and a note of the reseller's own."""
    order = place(reseller, [(VIEWER, 3), (EDITOR, 1)], email=f"{people}@nordwind.example")
    order.po_number, order.note = PO_NUMBER, NOTE
    return order


def _finished_orders(romashka: Reseller, vasilek: Reseller) -> tuple[str, str]:
    """A paid order of each company, whose customer has an account; and one that was cancelled after that."""
    ours, theirs = pay(_order(romashka, people="customer")), pay(_order(vasilek, people="both"))
    cancelled = pay(_order(romashka, people="customer"))
    db.session.commit()
    work_off()  # or the letters of the cancelled order would find its license revoked
    fulfilment.cancel_order(cancelled.id, "not wanted any more", by_staff=True)
    transfers.refund(romashka.id, cancelled.total, today(), "asked for it back")  # or it would pay the next order
    temporary = _order(romashka, people="new")
    fulfilment.ask_temporary(temporary.id, of=romashka.id)
    fulfilment.release_temporary(temporary.id)
    return ours.id, theirs.id


def _other_orders(romashka: Reseller, vasilek: Reseller) -> str:
    """Orders in every other state, whose papers and letters the worker has not come to; that for which a temporary
    license is asked.
    """
    wanted = ""
    for reseller in (romashka, vasilek):
        debts(reseller, 2)
        _waiting, asked, part, cancelled = (_order(reseller, people="other") for _ in range(4))
        pay(part, balances.open_amount(part.id).share(500_000))
        fulfilment.cancel_order(cancelled.id, "ordered twice", by_staff=True)
        if reseller is romashka:
            wanted = fulfilment.ask_temporary(asked.id, of=reseller.id).id
        else:
            long_ago = today() - timedelta(days=40)
            asked.due_on, asked.placed_on = long_ago, long_ago
            db.session.query(Receivable).filter_by(id=asked.id).update({"due_on": long_ago})
    return wanted


def _teams(romashka: Reseller, vasilek: Reseller) -> dict[str, Place]:
    """A further member and an invitation of each company; a link that works and one that is dead."""
    colleagues, invited = (
        [make(one) for one in (romashka, vasilek)] for make in (matters.colleague, matters.invitation)
    )
    return {
        "/company/team/members/<id_>": _place("999999", colleagues, [Role.OWNER], [Role.RIVAL]),
        "/company/team/invitations/<id_>": _place("999999", invited, [Role.OWNER], [Role.RIVAL]),
        "/staff/resellers/<id_>/invitations/<invitation_id>": _of_staff("999999", matters.invitation(romashka)),
        "/invitation/<token>": _for_all("no-such-token", *matters.invitation_links(romashka)),
    }


def _draft(reseller: Reseller, user: User | None) -> str:
    assert user is not None
    draft_id = checkout.new_draft_id()
    customer = {**CUSTOMER, "email": "customer@nordwind.example"}
    checkout.save_draft(draft_id, Buyer(reseller.id, user.id), Contents(lines=((VIEWER, 2),), customer=customer))
    return draft_id


def _bank(reseller: Reseller, staff: User | None) -> dict[str, Place]:
    """A bank's file that was booked, with an entry of each kind; and one that was only uploaded."""
    assert staff is not None
    file_id, entry_id, transfer_id, digest = import_file(_order(reseller, people="other"), staff)
    return {
        "/staff/payments/uploads/<digest>": _of_staff("0" * 64, digest),
        "/staff/payments/files/<file_id>": _of_staff("999999", str(file_id)),
        "/staff/payments/entries/<entry_id>": _of_staff("999999", str(entry_id)),
        "/staff/payments/transfers/<transfer_id>": _of_staff("999999", str(transfer_id)),
    }


def _of_staff(missing: str, value: str) -> Place:
    return Place(missing, {Role.STAFF: value}, dict.fromkeys(set(Role) - {Role.STAFF}, value))


def _mailed_links() -> dict[str, Place]:
    """For each purpose a link that works and one that was used."""
    user = make_user("Person Mailed", confirmed=False)
    whose, where = user.id, user.email
    db.session.commit()  # a token is minted in a transaction of its own
    places = {}
    for purpose, prefix in (
        (Purpose.CONFIRM, "/confirm/<token>"),
        (Purpose.RESET, "/reset-password/<token>"),
        (Purpose.CLAIM, "/claim/<token>"),
        (Purpose.CHANGE, "/confirm-address/<token>"),
    ):
        living, dead = (mint_token(whose, purpose, where) for _ in range(2))
        use_link(dead, purpose)
        db.session.commit()
        places[prefix] = _for_all("no-such-token", living, dead)
    return places
