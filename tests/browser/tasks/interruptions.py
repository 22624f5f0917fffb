"""What comes between people and what they do: nothing typed is lost by it, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error, Locator, expect

from tests.browser.people import Person
from tests.browser.tasks.stage import PASSWORD, Stage


@dataclass
class Submit:
    """The moment in which it matters: a button to be pressed, and what stands in its form."""

    person: Person
    button: str
    typed: dict[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    within: str = "main"
    again: str = ""  #: what the button is called when it was pressed before

    @property
    def locator(self) -> Locator:
        within = self.person.page.locator(self.within)
        found = self.person.button(self.button, within=within)
        return (found.or_(self.person.button(self.again, within=within)) if self.again else found).first

    def fill(self) -> None:
        self.person.fill(**self.typed)
        for value in self.ticked:
            self.person.hand.tick(self.person.main.locator(f"input[value='{value}']"))
        self.attach()

    def attach(self) -> None:
        for name, path in self.files.items():
            self.person.field(name).set_input_files(path)

    def holds(self) -> None:
        """Make sure that what was typed still stands there."""
        self.person.holds(**self.typed)
        for value in self.ticked:
            expect(self.person.main.locator(f"input[value='{value}']")).to_be_checked()

    def press(self) -> None:
        self.person.go(self.locator)


Interruption = Callable[[Stage, Submit], None]


def nothing(_stage: Stage, step: Submit) -> None:
    """It goes as it should."""
    step.press()


def back(_stage: Stage, step: Submit) -> None:
    """Somebody leaves half-way and comes back; and goes back once more when it is done, and presses again."""
    page = step.person.page
    step.person.go(page.locator(".brand"))
    _go_back(step)
    step.holds()
    step.attach()
    step.press()
    done = page.url
    _go_back(step)
    if step.locator.is_visible():
        step.press()
    page.goto(done)
    step.person.look()


def _go_back(step: Submit) -> None:
    """A browser asks before it shows again what a form had answered: then the person has it loaded again."""
    try:
        step.person.page.go_back()
    except Error as error:
        if "ERR_CACHE_MISS" not in error.message:
            raise
        step.person.page.reload()
    step.person.look()


def reload(stage: Stage, step: Submit) -> None:
    """The page is loaded anew half-way, and when it is done. Without scripts a browser forgets what was typed then."""
    step.person.page.reload()
    step.person.look()
    if not stage.scripts:
        step.fill()
    step.holds()
    step.attach()
    step.press()
    step.person.page.reload()
    step.person.look()


def twice(_stage: Stage, step: Submit) -> None:
    """An impatient person presses twice."""
    step.person.hand.press_twice(step.locator)
    step.person.page.wait_for_load_state("networkidle")
    step.person.look()


def expired(stage: Stage, step: Submit) -> None:
    """The session ends elsewhere: after signing in again what was typed is there, and one more press does it."""
    person, t = step.person, step.person.t
    stage.end_sessions()
    step.press()
    assert person.path == "/sign-in", person.path
    person.press(t("Sign in"), email=stage.emails[person], password=PASSWORD)
    assert person.path == "/kept", person.path
    for path in step.files.values():
        person.reads(path.name)
    if person.button(t("Send it now")).count():
        person.press(t("Send it now"))
        return
    person.press(t("Go on with the form"))
    step.holds()
    step.attach()
    step.press()


INTERRUPTIONS: dict[str, Interruption] = {
    "none": nothing, "back": back, "reload": reload, "twice": twice, "expired": expired,
}  # fmt: skip
