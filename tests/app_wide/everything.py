"""Everything that people read, rendered in one language: pages and fragments, letters, papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flask import Flask, current_app

from dashboard.extensions import db
from dashboard.invoices import pdf
from dashboard.invoices.models import Paper
from dashboard.mail import jobs as mail_jobs
from dashboard.mail.models import Letter
from dashboard.mail.rendering import Rendered, render_letter
from dashboard.mail.service import Content
from tests.app_wide.walker import FRAGMENT, TOKEN
from tests.app_wide.world import Role, World
from tests.client import Client


@dataclass(frozen=True)
class Page:
    """An answer to somebody, with the one-time values of forms taken out."""

    name: str
    status: int
    html: str


#: Who looks at what; a name in braces is a place of the world.
LOOKS: Sequence[tuple[Role, str]] = (
    (Role.VISITOR, "/"),
    (Role.VISITOR, "/programme"),
    (Role.VISITOR, "/sign-in"),
    (Role.VISITOR, "/no-such-page"),
    (Role.CUSTOMER, "/licenses"),
    (Role.CUSTOMER, "/how-to-apply"),
    (Role.APPLICANT, "/application"),
    (Role.OWNER, "/orders"),
    (Role.OWNER, "{/orders/<order_id>}"),
    (Role.OWNER, "{/order/<draft_id>}"),
    (Role.OWNER, "/prices"),
    (Role.STAFF, "{/staff/orders/<order_id>}"),
    (Role.STAFF, "{/staff/resellers/<id_>}"),
    (Role.STAFF, "{/staff/mail/<letter_id>}"),
)


class Everything:
    """The rendered world; asked for again, it is rendered again.

    Args:
        language: in which everybody reads; their accounts must say so too (`world.speak`).
    """

    def __init__(self, app: Flask, world: World, language: str = "ru") -> None:
        self._world, self._language = world, language
        self._clients = {role: Client(app, language) for role in {role for role, _ in LOOKS}}
        for role, client in self._clients.items():
            if person := world.people[role]:
                client.sign_in_as(person)

    def pages(self, looks: Sequence[tuple[Role, str]] = LOOKS) -> Iterator[Page]:
        """Pages, and one of them as the fragment that htmx asks for."""
        for role, place in looks:
            yield self._page(role, self._address(place, role))
        yield self._page(Role.OWNER, "/orders", **FRAGMENT)

    def letters(self) -> Iterator[tuple[str, Rendered]]:
        """One letter of each kind that the world has."""
        for kind, letter in self._letters().items():
            yield kind, self._rendered(letter)

    def messages(self) -> Iterator[bytes]:
        """The same letters as they go over the line."""
        for letter in self._letters().values():
            yield mail_jobs._message(letter, self._rendered(letter), []).as_bytes()

    def papers(self) -> Iterator[tuple[str, str]]:
        """The page of one paper of each kind, as it is drawn."""
        for kind, paper in self._papers().items():
            yield kind, pdf._page(paper)

    def drawn(self) -> Iterator[tuple[str, bytes]]:
        """One paper of each kind as PDF."""
        for kind, paper in self._papers().items():
            yield kind, pdf.render_pdf(paper)

    def _letters(self) -> dict[str, Letter]:
        letters = {letter.kind: letter for letter in db.session.query(Letter).order_by(Letter.id)}
        db.session.expunge_all()
        db.session.commit()
        return letters

    def _rendered(self, letter: Letter) -> Rendered:
        content = current_app.extensions["mail_composers"].get(letter.kind, Content)(letter.payload)
        return render_letter(letter.kind, self._language, content.context)

    def _papers(self) -> dict[str, pdf.PaperSnapshot]:
        papers = {paper.kind: paper.content for paper in db.session.query(Paper).order_by(Paper.id)}
        db.session.commit()
        return {kind: replace(paper, language=self._language) for kind, paper in papers.items()}

    def _address(self, place: str, role: Role) -> str:
        if not place.startswith("{"):
            return place
        prefix = place.strip("{}")
        return prefix.partition("<")[0] + self._world.place(prefix).own[role]

    def _page(self, role: Role, path: str, **headers: str) -> Page:
        answer = self._clients[role].get(path, headers=headers)
        return Page(f"{role} {path}{' as fragment' * bool(headers)}", answer.status, TOKEN.sub(r"\1", answer.html))
