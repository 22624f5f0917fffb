"""`flask resellers load`: a vendor starts with the resellers that it has already (R14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from dashboard.accounts import service as accounts
from dashboard.audit import service as audit
from dashboard.clock import today, utcnow
from dashboard.extensions import Base, db
from dashboard.fulfilment import transfers
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import LedgerEntry
from dashboard.ledger.rules import Reason, Terms
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.resellers import policies, service
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Role, Step
from tests.client import Client
from tests.factories import make_policy, make_reseller, make_user
from tests.resellers.samples import BIRCH, EXAMPLE, MORE, RYABINA, file_of

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Run:
    """Load a file of these lines; the status and what was said."""

    def load(*rows: dict[str, str], options: tuple[str, ...] = ()) -> tuple[int, str]:
        path = tmp_path / "resellers.csv"
        path.write_bytes(file_of(*rows))
        db.session.commit()
        done = app.test_cli_runner().invoke(args=["resellers", "load", str(path), *options])
        db.session.rollback()
        db.session.expire_all()
        assert "Traceback" not in done.output
        return done.exit_code, done.output

    return load


def reseller_of(key: str = "1001") -> Reseller:
    return db.session.scalars(select(Reseller).where(Reseller.external_key == key)).one()


def everything() -> dict[str, int]:
    """How many rows there are of everything: what a load must not have changed."""
    count = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
    }
    return {name: number or 0 for name, number in count.items()}


def test_R14_companies_members_standing_and_debts_are_loaded(run: Run) -> None:
    make_policy()
    status, said = run(BIRCH, RYABINA)
    assert status == 0
    assert said.splitlines() == [
        "+ 1001 Birch Software (US, USD, 12.5 %, established)",
        "+ 1001 member olivia@birch.example (owner)",
        "+ 1001 debt 2026-0117: 2398.00 USD, due on 2026-04-01",
        "+ 1002 Рябина Софт (RU, RUB, 10 %)",
        "+ 1002 member darya@ryabina.example (owner)",
        "2 new, 0 changed, 0 unchanged.",
        "Loaded.",
    ]
    birch, ryabina = reseller_of("1001"), reseller_of("1002")
    assert (birch.legal_name, birch.state, birch.tax_number, birch.discount) == (
        "Birch Software Inc.", "TX", "12-3456789", 125_000,
    )  # fmt: skip
    [established] = [one for one in audit.history(f"reseller:{birch.id}") if one.action == "reseller.established"]
    assert established.detail == {"reason": "Buys from us since 2019", "by_staff": True}
    assert (ryabina.discount, ryabina.established_at, ryabina.document_language) == (100_000, None, "ru")
    assert [(user.email, user.name, role) for user, role in service.members_of(birch.id)] == [
        ("olivia@birch.example", "Olivia Reed", Role.OWNER)
    ]


def test_R05_nobody_is_active_before_the_click_on_the_policy(run: Run) -> None:
    policy = make_policy()
    run(BIRCH, RYABINA)
    birch, ryabina = reseller_of("1001"), reseller_of("1002")
    assert service.missing_steps_of(birch) == (Step.POLICY,)
    assert service.missing_steps_of(ryabina) == (Step.LISTING, Step.POLICY, Step.COMPANY)
    assert not birch.is_active
    service.accept_policy(birch.id, service.members_of(birch.id)[0][0].id, policy.id)
    assert birch.is_active
    assert birch.listing_checked_at is None  # staff look at the page afterwards
    assert policies.find_acceptance(birch.id) is not None


def test_R15_debts_are_owed_and_overdue_under_a_reference_of_their_own(run: Run) -> None:
    in_time = MORE | {
        "debt_number": "2026-0200", "debt_ordered_on": str(today()), "debt_due_on": str(today() + timedelta(days=30)),
        "debt_amount": "100",
    }  # fmt: skip
    run(BIRCH, in_time)
    birch = reseller_of()
    assert balances.overdue(birch, date(2026, 4, 1)) == Money(0, "USD")
    assert balances.overdue(birch, today()) == Money(239800, "USD")
    assert balances.not_due_yet(birch, today()) == Money(10000, "USD")
    birch.activated_at = utcnow()
    credit = orders.credit_of(birch, today())
    assert (credit.terms, credit.reason) == (Terms.PREPAID, Reason.OVERDUE)
    assert [(one.name, one.principal) for one in credit.remedies[0].items] == [("2026-0117", Money(239800, "USD"))]
    late, _ = balances.debts_of(birch.id)
    assert (late.number, late.placed_on, late.due_on) == ("2026-0117", date(2026, 3, 2), date(2026, 4, 1))
    ledger.receive(birch.id, late.open, today(), 1)
    ledger.allocate(late.id, late.open, today())
    assert orders.credit_of(birch, today()).reason is Reason.ESTABLISHED_BY_STAFF
    assert balances.debts_of(birch.id)[0].open == Money(0, "USD")


def test_the_same_file_again_changes_nothing(run: Run) -> None:
    make_policy()
    run(BIRCH, RYABINA)
    before = everything()
    status, said = run(BIRCH, RYABINA)
    assert (status, said) == (0, "0 new, 0 changed, 2 unchanged.\nLoaded.\n")
    assert everything() == before


def test_a_dry_run_tells_the_same_and_changes_nothing(run: Run) -> None:
    before = everything()
    status, foretold = run(BIRCH, RYABINA, options=("--dry-run",))
    assert (status, everything()) == (0, before)
    _, said = run(BIRCH, RYABINA)
    assert foretold.splitlines()[-1] == "Nothing was loaded (dry run)."
    assert foretold.splitlines()[:-1] == said.splitlines()[:-1]


def test_what_changes_is_told_before_and_after(run: Run) -> None:
    run(BIRCH | {"standing": "new", "standing_reason": ""})
    noah = MORE | {"member_email": "noah@birch.example", "member_role": "buyer"}
    status, said = run(BIRCH | {"name": "Birch", "discount": "15", "state": "CA", "city": "Fresno"}, noah)
    assert status == 0
    assert said.splitlines() == [
        "~ 1001 name: Birch Software -> Birch",
        "~ 1001 state: TX -> CA",
        "~ 1001 discount: 12.5 -> 15",
        "~ 1001 standing: new -> established",
        "~ 1001 city: Austin -> Fresno",
        "+ 1001 member noah@birch.example (buyer)",
        "0 new, 1 changed, 0 unchanged.",
        "Loaded.",
    ]
    birch = reseller_of()
    assert (birch.name, birch.state, birch.discount, birch.city) == ("Birch", "CA", 150_000, "Fresno")
    assert birch.established_by_staff


def test_what_an_active_company_says_of_itself_is_its_own(run: Run) -> None:
    policy = make_policy()
    run(BIRCH)
    birch = reseller_of()
    service.accept_policy(birch.id, service.members_of(birch.id)[0][0].id, policy.id)
    birch.street = "1 New Street"
    status, said = run(BIRCH | {"discount": "15"})
    assert status == 0
    assert said.splitlines()[:2] == [
        "~ 1001 discount: 12.5 -> 15",
        "= 1001 street: 1 New Street -> 12 Congress Avenue (kept: the company is active, this is its own)",
    ]
    assert (reseller_of().street, reseller_of().discount) == ("1 New Street", 150_000)


def test_a_file_takes_no_standing_away_and_empty_cells_say_nothing(run: Run) -> None:
    run(BIRCH)
    silent = dict.fromkeys(("legal_name", "tax_number", "discount", "listing_url"), "")
    status, said = run(BIRCH | silent | {"standing": "new", "standing_reason": ""})
    assert (status, said) == (0, "0 new, 0 changed, 1 unchanged.\nLoaded.\n")


def test_a_company_that_moves_gives_its_tax_number_anew(run: Run) -> None:
    run(BIRCH)
    run(BIRCH | {"country": "DE", "state": "", "tax_number": ""})
    birch = reseller_of()
    assert (birch.country, birch.tax_number, birch.company_completed_at) == ("DE", "", None)


def test_R21_an_account_is_made_to_be_claimed_and_one_letter_sent(
    run: Run, work: Callable[[], int], client: Client
) -> None:
    squatter = accounts.add_user("Darya@ryabina.example", "Nobody", "four quiet gray mice", confirmed=False)
    anna = make_user("Anna", email="anna@birch.example")
    run(BIRCH, RYABINA, MORE | {"member_email": "anna@birch.example", "member_role": "viewer"})
    run(BIRCH, RYABINA)
    work()
    darya = accounts.get_user(squatter.id)
    db.session.refresh(darya)
    assert (darya.password_hash, darya.confirmed_at, darya.name) == (None, None, "Дарья")
    letters = {
        one.recipient: one for one in db.session.scalars(select(Letter).where(Letter.kind == "reseller_welcome"))
    }
    assert set(letters) == {"olivia@birch.example", "darya@ryabina.example", "anna@birch.example"}
    assert letters["darya@ryabina.example"].language == "ru"
    assert "Задайте пароль" in letters["darya@ryabina.example"].text
    assert "постоянный реселлер" not in letters["darya@ryabina.example"].text
    olivia = " ".join(letters["olivia@birch.example"].text.split())
    assert "Accept the reseller policy by a click" in olivia
    assert "Complete your company's details" not in olivia
    assert "payment is due 30 days after the order" in olivia
    assert "You have an account with this address already" in letters["anna@birch.example"].text
    assert db.session.get_one(Member, anna.id).role == "viewer"
    assert not db.session.scalars(select(Letter).where(Letter.kind == "reseller_established")).all()
    link = next(word for word in olivia.split() if "/claim/" in word)
    home = client.get(link[link.index("/claim/") :]).submit(
        "Set the password and go on", password="nine brown old foxes"
    )
    assert "Read and accept the reseller policy" in client.get("/").text
    assert home.status == 200


def test_a_reseller_that_becomes_established_by_a_later_file_is_told(run: Run) -> None:
    run(BIRCH | {"standing": "", "standing_reason": ""})
    run(BIRCH)
    assert len(db.session.scalars(select(Letter).where(Letter.kind == "reseller_established")).all()) == 1


def refused(run: Run, *rows: dict[str, str]) -> list[str]:
    """What is said to a file that the database stands against; nothing of it was loaded."""
    db.session.commit()
    before = everything()
    status, said = run(*rows)
    assert status == 1
    assert everything() == before
    return said.splitlines()


def test_one_bad_line_loads_nothing(run: Run) -> None:
    said = refused(run, BIRCH, RYABINA | {"currency": "GBP"})
    assert said[0] == "resellers.csv, line 3, currency: is not one of those that are known: USD, EUR, RUB"
    assert said[-1] == "Error: Nothing was loaded: 1 problem."


def test_R26_a_member_of_another_company_is_refused(run: Run) -> None:
    make_reseller("Lotos", owner=make_user(email="olivia@birch.example"))
    [line, _] = refused(run, RYABINA, BIRCH)
    assert line == "resellers.csv, line 3, member_email: is a member of Lotos already"


def test_a_company_that_applied_by_itself_is_not_made_twice(run: Run) -> None:
    make_reseller("Birch software")
    [line, _] = refused(run, BIRCH)
    assert line.startswith("resellers.csv, line 2, name: Birch software is a reseller already, by its own application")


def test_a_company_needs_an_owner(run: Run) -> None:
    [line, _] = refused(run, BIRCH | {"member_role": "buyer"})
    assert line == "resellers.csv, line 2, member_role: the company needs a member who is its owner"


@pytest.mark.parametrize(
    "change", [{"debt_amount": "1"}, {"debt_due_on": "2026-04-02"}, {"debt_ordered_on": "2026-03-01"}]
)
def test_a_debt_is_booked_once_and_never_changes(run: Run, change: dict[str, str]) -> None:
    run(BIRCH)
    [line, _] = refused(run, BIRCH | change)
    assert line == (
        "resellers.csv, line 2, debt_number: "
        "is booked already, with 2398.00 USD, ordered on 2026-03-02, due on 2026-04-01"
    )
    assert db.session.scalars(select(LedgerEntry.kind)).all() == ["opening"]


def test_R04_the_currency_changes_only_while_nothing_is_open(run: Run) -> None:
    run(BIRCH)
    no_debt = {name: "" for name in BIRCH if name.startswith("debt")}
    [line, _] = refused(run, BIRCH | no_debt | {"currency": "EUR"})
    assert line == "resellers.csv, line 2, currency: cannot change from USD: something is open or on account"
    run(RYABINA)
    assert run(RYABINA | {"currency": "EUR"})[0] == 0
    assert reseller_of("1002").currency == "EUR"


def test_R18_money_on_account_pays_a_debt_that_is_loaded_later(run: Run) -> None:
    run(BIRCH | {name: "" for name in BIRCH if name.startswith("debt")})
    birch = reseller_of()
    transfers.confirm_transfer(
        birch.id, Money(200_000, "USD"), today(), text="in advance", staff_id=None, submit_key="in advance"
    )
    run(BIRCH)
    [debt] = balances.debts_of(birch.id)
    assert (debt.amount, debt.open) == (Money(239_800, "USD"), Money(39_800, "USD"))
    assert not balances.credit_on_account(birch.id, "USD")


def test_R15_the_reseller_and_staff_see_what_is_owed(run: Run, new_client: Callable[..., Client]) -> None:
    policy = make_policy()
    run(BIRCH)
    birch = reseller_of()
    [(olivia, _)] = service.members_of(birch.id)
    olivia.confirmed_at = utcnow()
    service.accept_policy(birch.id, olivia.id, policy.id)
    [debt] = balances.debts_of(birch.id)
    staff = make_user("Sam", staff=True)
    for user, address in ((olivia, "/"), (staff, f"/staff/resellers/{birch.id}")):
        browser = new_client()
        browser.sign_in_as(user.id)
        page = browser.get(address)
        assert page.status == 200
        for word in ("Owed from before", "2026-0117", "$2,398.00", debt.reference):
            assert word in page.text
        assert ("2026-0117 is" in page.text) == (user is olivia)


def test_the_example_of_the_documentation_is_loaded(app: Flask) -> None:
    db.session.commit()
    done = app.test_cli_runner().invoke(args=["resellers", "load", str(EXAMPLE)])
    assert (done.exit_code, done.output.splitlines()[-2:]) == (0, ["2 new, 0 changed, 0 unchanged.", "Loaded."])
