"""Steps of a history in which orders, tax and time move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from dashboard import clock
from dashboard.fulfilment import bookkeeping, certificates, part_cancellations, pricing, service
from dashboard.fulfilment.service import OrderRequest
from dashboard.ledger import service as ledger
from dashboard.ledger.extracts import Extract
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.resellers import service as resellers
from dashboard.statements import jobs
from dashboard.statements import service as statements
from dashboard.tax import certificates as tax_certificates
from dashboard.tax.certificates import Claim
from tests.factories import CUSTOMER
from tests.histories.steps import step
from tests.histories.world import LINES, Nothing, Shown, World, pick

NUMBER = st.integers(0, 7)


class OrderSteps:
    """To be mixed into a history."""

    world: World

    @step(7, whose=NUMBER, lines=st.sampled_from(LINES))
    def place(self, whose: int, lines: list[tuple[str, int]]) -> None:
        """An order as its review page showed it."""
        world = self.world
        reseller, key = pick(world.resellers, whose), f"page{world.steps}"
        request = OrderRequest(lines=lines, customer=CUSTOMER)

        def act() -> tuple[str, int]:
            estimate = pricing.estimate(reseller, lines)
            order = service.place_order(
                reseller, world.owners[reseller], request, seen=estimate.shown(), submit_key=key
            )  # fmt: skip
            return order.id, estimate.total.minor

        placed = world.do(act)
        if placed is not None:
            world.placed[placed[0]] = placed[1]
            world.submit_keys.append((reseller, key, lines, placed[0]))

    @step(1, number=NUMBER)
    def press_place_again(self, number: int) -> None:
        """An old page sent again gives the order that it made (R10)."""
        world = self.world
        reseller, key, lines, order_id = pick(world.submit_keys[::-1], number)
        request, user = OrderRequest(lines=lines, customer=CUSTOMER), world.owners[reseller]
        again = world.do(lambda: service.place_order(reseller, user, request, seen="", submit_key=key).id)
        assert again == order_id

    @step(2, number=NUMBER, by_staff=st.booleans())
    def cancel(self, number: int, by_staff: bool) -> None:
        order = pick([one for one in self.world.books.orders.values() if one.cancelled_at is None], number)
        of = None if by_staff else order.reseller_id
        self.world.do(lambda: service.cancel_order(order.id, "mistake", by_staff=by_staff, of=of).id)

    @step(3, number=NUMBER, line=NUMBER, most=st.integers(1, 3))
    def cancel_a_part(self, number: int, line: int, most: int) -> None:
        """Staff cancel some pieces of a line, or all of it; all that is left is the whole order."""
        order = pick([one for one in self.world.books.orders.values() if one.cancelled_at is None], number)

        def act() -> str:
            found = orders.get_order(order.id)
            one = pick(found.present_lines, line)
            quantities, seen = {one.position: min(one.quantity, most)}, part_cancellations.shown(found)
            return service.cancel_part(order.id, quantities, "too many", seen=seen).id

        self.world.do(act)

    @step(1, number=NUMBER, decided=st.sampled_from(["", "release", "decline"]))
    def ask_for_a_temporary_license(self, number: int, decided: str) -> None:
        world = self.world
        order = pick([one for one in world.books.open_orders() if one.due_on is None], number)
        world.do(lambda: service.ask_temporary(order.id, of=order.reseller_id).id)
        if decided == "release":
            world.do(lambda: service.release_temporary(order.id).id)
        if decided == "decline":
            world.do(lambda: service.decline_temporary(order.id, "not needed").id)

    @step(1, number=NUMBER)
    def write_off(self, number: int) -> None:
        one = pick(self._owing("principal"), number)
        self.world.do(lambda: bookkeeping.write_off(one.reseller_id, one.id, "bankrupt").minor)

    @step(1, number=NUMBER)
    def waive_interest(self, number: int) -> None:
        one = pick(self._owing("interest"), number)
        self.world.do(lambda: bookkeeping.waive_interest(one.reseller_id, one.id, "our fault").minor)

    @step(1, whose=NUMBER, minor=st.sampled_from([1_999, 25_050]))
    def bring_a_debt_from_before(self, whose: int, minor: int) -> None:
        world = self.world
        reseller = pick(world.resellers, whose)
        day, number = world.today - timedelta(days=50), f"OLD-{world.steps}"

        def act() -> str:
            resellers.get_reseller(reseller, lock=True)
            amount = Money(minor, world.currency[reseller])
            return ledger.open_debt(reseller, number, amount, placed_on=day, due_on=day + timedelta(days=45)).id

        world.do(act)

    @step(1, days=st.sampled_from([10, 400]))
    def upload_a_certificate(self, days: int) -> None:
        """The reseller in Texas uploads one: it holds since some days before."""
        world = self.world
        reseller = world.resellers[1]
        claim = Claim(("TX",), f"01-{world.steps}", world.today - timedelta(days=days), world.today + timedelta(365))
        world.do(lambda: tax_certificates.upload(reseller, world.owners[reseller], claim, b"%PDF-1.7").id)

    @step(2, good=st.booleans())
    def staff_look_at_a_certificate(self, good: bool) -> None:
        world = self.world
        waiting = pick(world.look(lambda: [listed.certificate.id for listed in tax_certificates.waiting()]), 0)
        if good:
            world.do(lambda: certificates.verify(waiting, by=world.staff).id)
        else:
            world.do(lambda: certificates.refuse(waiting, "No signature", by=world.staff).id)

    @step(1, whose=NUMBER, on_hold=st.sampled_from([False, False, True]))
    def hold(self, whose: int, on_hold: bool) -> None:
        reseller = pick(self.world.resellers, whose)
        self.world.do(lambda: resellers.set_hold(reseller, on_hold, "careful"))

    @step(5, days=st.sampled_from([1, 2, 7, 14, 31]))
    def days_pass(self, days: int) -> None:
        """What was shown on an evening is remembered; then the mornings come, with their reminders."""
        world = self.world
        world.look(self._remember)
        world.advance(timedelta(days=days))
        with clock.at(world.now):
            jobs.remind({})

    @step(2)
    def run_the_months_statements(self) -> None:
        """Each says what its rehearsal showed (R17); running twice makes none twice."""
        world = self.world
        month, owing = world.look(statements.this_month), world.look(statements.debtors)
        if not owing:
            raise Nothing
        for reseller in owing:
            rehearsed = world.look(lambda of=reseller: _facts(statements.rehearse(of, month)))
            assert world.do(lambda of=reseller: _facts(_made(of, month))) == rehearsed
            assert world.do(lambda of=reseller: _facts(_made(of, month))) is None
            assert world.look(lambda of=reseller: statements.rehearse(of, month)) is None

    def _owing(self, account: str) -> list[Any]:
        books = self.world.books
        return [one for one in books.receivables.values() if books.on(one.id, account) > 0]

    def _remember(self) -> None:
        """What the pages show this evening."""
        world, day = self.world, clock.today()
        last = world.books.entries[-1].id if world.books.entries else 0
        for reseller in world.resellers:
            currency = world.currency[reseller]
            now = Extract(reseller, currency, until=day, due=day).standing()
            figures = (now.not_due, now.overdue, now.interest, now.on_account, now.prepaid)
            world.shown.append(Shown(reseller, currency, day, last, tuple(one.minor for one in figures)))


def _made(reseller: int, month: Any) -> Any:
    made = statements.make_statement(reseller, month)
    return made and made.content


def _facts(content: Any) -> Any:
    return content and content.to_json()
