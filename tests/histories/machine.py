"""Random histories of everything that moves money. A new kind of step is one more `@step` in one of the mixed-in
classes; what must hold after it stands in `checks.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine, rule

from dashboard import clock
from dashboard.web.transactions import reading
from tests.histories import checks
from tests.histories.money_steps import MoneySteps
from tests.histories.order_steps import OrderSteps
from tests.histories.pages import check_account_pages
from tests.histories.steps import Step, steps_of
from tests.histories.world import Nothing, World, check_outside

#: Steps between two looks at every page and every past evening.
SELDOM = 20


class Steps(OrderSteps, MoneySteps):
    """Everything that can happen."""


class History(Steps, RuleBasedStateMachine):
    """One history. `lengths` tells in how many steps of each of a run something happened."""

    lengths: ClassVar[list[int]] = []
    every = 1  #: so many steps lie between two looks at the books

    def __init__(self, make_world: Callable[[], World]) -> None:
        super().__init__()
        self.world, self.failed = make_world(), False

    @rule(step=steps_of(Steps))
    def happen(self, step: Step) -> None:
        """Something happens, and everything adds up as before."""
        name, arguments = step
        try:
            getattr(self, name)(**arguments)
            self.look()
        except Nothing:
            return
        except BaseException:
            self.failed = True
            raise

    def look(self) -> None:
        """Everything that can have changed by a step."""
        world = self.world
        world.steps += 1
        world.books.refresh()
        if world.steps % self.every == 0:
            self.look_at_the_books()
        if world.steps % SELDOM == 0:
            self.look_at_everything()

    def look_at_the_books(self) -> None:
        """Every rule that holds after each step."""
        world = self.world
        checks.check(world.books)
        check_outside(world)
        with clock.at(world.now), reading():
            checks.check_figures(world.books)
            checks.check_pro_formas(world.books)

    def look_at_everything(self) -> None:
        """Every page of every account, and every past evening."""
        world = self.world
        self.look_at_the_books()
        checks.check_every_evening(world.books)
        with clock.at(world.now):
            with reading():
                for back in (0, 1, 10, 45, 100):
                    checks.check_past(world.books, world.today - timedelta(days=back))
            check_account_pages(world)
        for one in world.shown:
            then = world.books.standing(one.reseller, one.currency, one.day, up_to=one.last_entry)
            assert then == one.figures, f"{one.day}: what was shown then cannot be rebuilt"

    def teardown(self) -> None:
        try:
            if not self.failed:  # else it would hide what has failed
                self.look_at_everything()
        finally:
            self.lengths.append(self.world.steps)
            self.world.end()
