"""What the demo's resellers ask and staff answer: enquiries in every state, and mails that came in (R32)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time

from dashboard.accounts import service as accounts
from dashboard.audit import service as audit
from dashboard.demo.accounts import STAFF
from dashboard.demo.agenda import Agenda
from dashboard.demo.stories import Joined
from dashboard.enquiries import inbox
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.attachments import File
from dashboard.enquiries.reading import Mail
from dashboard.enquiries.rules import Kind, Side
from dashboard.enquiries.service import Request
from dashboard.orders import service as orders


@dataclass(frozen=True)
class DemoEnquiry:
    """An enquiry; its `messages` follow each other a day apart, the vendor's first."""

    reseller: str
    days_ago: int
    kind: Kind
    subject: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    about_order: bool = False  #: the last one that the company has placed
    closed: bool = False
    files: tuple[File, ...] = ()  #: that come with it


ENQUIRIES = (
    DemoEnquiry(
        "Ромашка Софт", 3, Kind.SALES, "Просмотр чертежей на тонких клиентах",
        "Подойдёт ли тарифный план для одной площадки, если сотрудники работают через терминальный сервер?",
        {
            "needs": "Просматривать DWG и PDF в браузере, 40 сотрудников, один сервер, два разработчика.",
            "advised": "GroupDocs.Viewer for .NET, Developer Small Business, одна лицензия.",
        },
        ("Да: считаются разработчики и площадки, а не сотрудники. Второму разработчику нужна вторая лицензия.",),
        files=(File("состав отдела.txt", "40 сотрудников, из них 2 разработчика.\n".encode()),),
    ),
    DemoEnquiry(
        "Ромашка Софт", 40, Kind.OTHER, "Счёт на новое юридическое название",
        "С понедельника у нас новое название. Нужно ли перевыставлять счёт по последнему заказу?",
        messages=("Нет, он остаётся на прежнее название. В новых заказах будет то, что указано на странице «Компания».",
                  "Спасибо, название исправили."),
        about_order=True, closed=True,
    ),
    DemoEnquiry(
        "Nordlicht Systems", 2, Kind.SALES, "OEM plan for a shipyard's own portal",
        "Does the OEM plan cover a portal that their suppliers use as well?",
        {
            "needs": "A portal for some 300 suppliers, built by three developers, run at two places.",
            "advised": "The OEM plan of GroupDocs.Viewer; they would rather start small.",
        },
        about_order=True,
    ),
    DemoEnquiry(
        "Lone Star Tools", 6, Kind.CERTIFICATE, "Certificate for a second state",
        "We open an office in Louisiana next month. Do you need its certificate beside the one for Texas?",
        messages=("Only the state of your billing address decides. Upload it when you move, not before.",),
        closed=True,
    ),
    DemoEnquiry(
        "Perth Code Supply", 1, Kind.HANDOVER, "A customer that wants to buy from you",
        "They have moved to New Zealand and would like to order directly from now on.",
        {"customer": "Tasman Survey", "contact": "Grace Hill", "email": "grace@tasmansurvey.example"},
    ),
)  # fmt: skip

#: A mail whose sender nobody knows.
STRAY = Mail(
    identity="demo", sender="grace@tasmansurvey.example", sender_name="Grace Hill", recipients=(), references=(),
    subject="Ordering from New Zealand", text="Hello, our reseller told me to write to you. How do we go on?",
    left_out=(), automatic=False, files=(File("survey-team.txt", b"12 developers in Auckland, 3 in Wellington.\n"),),
)  # fmt: skip


def write(reseller: str, joined: Joined, agenda: Agenda) -> None:
    """Plan all that a reseller writes."""
    for number, told in enumerate(ENQUIRIES):
        if told.reseller == reseller:
            agenda.plan(told.days_ago, time(18, 10 + number), _opened(told, joined, f"demo-{number}", agenda))


def _opened(told: DemoEnquiry, joined: Joined, key: str, agenda: Agenda) -> Callable[[], None]:
    def step() -> None:
        owner = joined.buyers[0]
        placed = orders.list_orders(of=joined.id).orders if told.about_order else []
        request = Request(told.kind, told.subject, told.text, placed[0].id if placed else "", told.facts, told.files)
        with audit.done_by(owner, accounts.get_user(owner).name):
            made = enquiries.keep_enquiry(joined.id, owner, request, submit_key=key)
        number = made.id
        for turn, text in enumerate(told.messages):
            side, who = (Side.VENDOR, None) if turn % 2 == 0 else (Side.RESELLER, owner)
            agenda.plan(told.days_ago - 1 - turn, time(18, 30), _answered(number, side, who, text, f"{key}-{turn}"))
        if told.closed:
            agenda.plan(told.days_ago - 1 - len(told.messages), time(18, 40), lambda: _closed(number))
        if told.kind is Kind.HANDOVER:
            inbox.keep_for_staff(STRAY)

    return step


def _answered(number: str, side: Side, who: int | None, text: str, key: str) -> Callable[[], None]:
    def step() -> None:
        author = who or _staff()
        enquiries.answer(number, side, author, text, submit_key=key)

    return step


def _closed(number: str) -> None:
    with audit.done_by(_staff(), STAFF.name):
        enquiries.close(number)


def _staff() -> int:
    user = accounts.find_user(STAFF.email)
    assert user is not None
    return user.id
