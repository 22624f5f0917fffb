"""The demo's resellers and their people."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.demo import history
from dashboard.demo.history import DemoOrder, Rhythm
from dashboard.resellers.applications import Request
from dashboard.resellers.rules import Activity, Details, Role


@dataclass(frozen=True)
class Standing:
    """What staff have decided about a reseller, and how many days ago; None: they have not."""

    listing_unchecked: bool = False
    established: tuple[int, str] | None = None
    on_hold: tuple[int, str] | None = None
    suspended: tuple[int, str] | None = None


@dataclass(frozen=True)
class DemoCertificate:
    """An exemption certificate for the reseller's own state, uploaded `days_ago` and valid for so many `days`."""

    days_ago: int
    number: str
    days: int
    file: str


@dataclass(frozen=True)
class DemoDebt:
    """What a reseller owes from before this program, booked `days_ago`; in minor units of its currency."""

    days_ago: int
    number: str
    minor: int


@dataclass(frozen=True)
class DemoReseller:
    """A reseller, its people, and its history. The first of the people is the owner who applied."""

    request: Request
    currency: str
    language: str
    joined: int  #: days ago
    people: tuple[tuple[Role, str, str], ...]  #: role, name, e-mail
    details: Details | None = None  #: None: the steps to active are not done yet
    standing: Standing = Standing()
    orders: tuple[DemoOrder, ...] = ()
    rhythm: Rhythm | None = None
    po_style: str = field(default="")  #: of its own order numbers, with a place for the number
    certificate: DemoCertificate | None = None
    debt: DemoDebt | None = None
    invited: tuple[int, Role, str] | None = None  #: days ago, as what, whom: somebody who has not answered yet

    @property
    def name(self) -> str:
        return self.request.company


def _request(company: str, site: str, country: str, *, does: str, why: str, state: str = "") -> Request:
    return Request(company, f"https://{site}", country, state, Activity.RESELLING, does, why, "")


RESELLERS = (
    DemoReseller(
        _request(
            "Ромашка Софт", "romashka.example", "RU",
            does="Поставляем программы для разработчиков компаниям и госучреждениям по всей России.",
            why="Заказчики спрашивают библиотеки для работы с документами каждую неделю.",
        ),
        "RUB", "ru", 429,
        (
            (Role.OWNER, "Анна Лебедева", "anna@romashka.example"),
            (Role.BUYER, "Михаил Крылов", "krylov@romashka.example"),
            (Role.ACCOUNTANT, "Людмила Ивановна Гусева", "buh@romashka.example"),
            (Role.VIEWER, "Полина Светлова", "svetlova@romashka.example"),
        ),
        Details(
            "ООО «Ромашка Софт»", "ул. Садовая, 14, офис 3", "Москва", "127006", "7707083893", "buh@romashka.example",
            "ru",
        ),
        orders=history.ROMASHKA,
        rhythm=Rhythm(
            54, 424, ("tehno", "luch", "ural", "media", "arhiv", "volga", "neva", "poliklinika", "terem", "minsk")
        ),
        po_style="ЗП-{}",
        invited=(3, Role.BUYER, "zaytsev@romashka.example"),
    ),
    DemoReseller(
        _request(
            "Nordlicht Systems", "nordlicht.example", "DE",
            does="We supply engineering companies in northern Europe with software and services around its purchase.",
            why="Our customers buy your libraries anyway; they want one supplier and one invoice.",
        ),
        "EUR", "en", 428,
        (
            (Role.OWNER, "Klaus Petersen", "klaus@nordlicht.example"),
            (Role.BUYER, "Meike Brandt", "meike@nordlicht.example"),
            (Role.ACCOUNTANT, "Rolf Ahrens", "accounts@nordlicht.example"),
            (Role.VIEWER, "Svenja Thode", "svenja@nordlicht.example"),
        ),
        Details(
            "Nordlicht Systems GmbH", "Speicherstraße 3", "Bremen", "28195", "DE136695976",
            "accounts@nordlicht.example", "en",
        ),
        orders=history.NORDLICHT,
        rhythm=Rhythm(
            44, 420, ("bergwerk", "lindqvist", "windmolen", "donau", "krakow", "fjord", "aarhus")
        ),
        po_style="47{}",
        debt=DemoDebt(12, "ALT-2025-118", 198_540),
        invited=(2, Role.VIEWER, "ole@nordlicht.example"),
    ),
    DemoReseller(
        _request(
            "Lone Star Tools", "lonestar.example", "US",
            does="Software reseller for mid-size businesses in Texas and Louisiana.",
            why="A customer in Austin asked for your viewer.",
            state="TX",
        ),
        "USD", "en", 45,
        (
            (Role.OWNER, "Dana Whitfield", "dana@lonestar.example"),
            (Role.BUYER, "Chris Okafor", "chris@lonestar.example"),
            (Role.ACCOUNTANT, "Peggy Lang", "ap@lonestar.example"),
        ),
        Details("Lone Star Tools LLC", "2200 Elm St", "Dallas", "75201", "12-3456789", "ap@lonestar.example", "en"),
        orders=history.LONESTAR,
        po_style="PO-10{}",
        certificate=DemoCertificate(1, "1-75-2041963-8", 45, "resale-certificate.pdf"),
    ),
    DemoReseller(
        _request(
            "Perth Code Supply", "perthcode.example", "AU",
            does="We sell development tools in Western Australia.",
            why="Mining companies here ask for document conversion.",
        ),
        "USD", "en", 24,
        (
            (Role.OWNER, "Liam Hughes", "liam@perthcode.example"),
            (Role.BUYER, "Grace Liu", "grace@perthcode.example"),
        ),
        Details(
            "Perth Code Supply Pty Ltd", "88 St Georges Tce", "Perth", "6000", "51 824 753 556",
            "liam@perthcode.example", "en",
        ),
        Standing(listing_unchecked=True),
        history.PERTH,
    ),
    DemoReseller(
        _request(
            "Кедр-ИТ", "kedr.example", "RU",
            does="Комплексные поставки программного обеспечения в Сибири и на Дальнем Востоке.",
            why="Работаем с проектными институтами, им нужны ваши продукты.",
        ),
        "RUB", "ru", 400,
        (
            (Role.OWNER, "Дмитрий Соболев", "sobolev@kedr.example"),
            (Role.BUYER, "Ксения Малинина", "malinina@kedr.example"),
            (Role.ACCOUNTANT, "Раиса Петровна Котова", "kotova@kedr.example"),
        ),
        Details(
            "ООО «Кедр-ИТ»", "Красный пр., 50", "Новосибирск", "630091", "7830002293", "kotova@kedr.example", "ru"
        ),
        orders=history.KEDR,
        rhythm=Rhythm(
            30, 395, ("akadem", "sibneft", "altai", "omega", "alatau", "baikal"), until=72, patience=(20, 30), late=25
        ),
        po_style="К/{}",
    ),
    DemoReseller(
        _request(
            "Cascadia Dev Supply", "cascadiadev.example", "US",
            does="Developer tools for the Pacific Northwest since 2011.",
            why="We have resold your products by mail since 2019.",
            state="OR",
        ),
        "USD", "en", 421,
        (
            (Role.OWNER, "Ellen Marsh", "ellen@cascadiadev.example"),
            (Role.BUYER, "Victor Dale", "victor@cascadiadev.example"),
            (Role.ACCOUNTANT, "Joan Pratt", "billing@cascadiadev.example"),
            (Role.VIEWER, "Sam Ito", "sam@cascadiadev.example"),
        ),
        Details(
            "Cascadia Dev Supply, Inc.", "1500 NW Front Ave", "Portland", "97209", "93-1234567",
            "billing@cascadiadev.example", "en",
        ),
        Standing(established=(420, "A reseller since 2019, always on time.")),
        rhythm=Rhythm(
            38, 418,
            ("juniper", "cascade", "sound", "redwood", "maple", "prairie", "quetzal", "pune", "merlion", "kiwi"),
        ),
        po_style="C{}",
    ),
    DemoReseller(
        _request(
            "Atelier Logiciel", "atelierlogiciel.example", "FR",
            does="Nous vendons des logiciels professionnels aux cabinets et aux PME.",
            why="Several law firms in Lyon want document assembly.",
        ),
        "EUR", "en", 310,
        (
            (Role.OWNER, "Hélène Faure", "helene@atelierlogiciel.example"),
            (Role.BUYER, "Karim Benali", "karim@atelierlogiciel.example"),
            (Role.ACCOUNTANT, "Odile Rey", "compta@atelierlogiciel.example"),
        ),
        Details(
            "Atelier Logiciel SARL", "8 quai Saint-Antoine", "Lyon", "69002", "FR40303265045",
            "compta@atelierlogiciel.example", "en",
        ),
        Standing(on_hold=(36, "Every third invoice was paid late this year; prepaid until the new year.")),
        history.ATELIER,
        Rhythm(17, 305, ("lyon", "gent", "porto", "torino"), until=70, patience=(24, 30), late=40),
        "AL-{}",
    ),
    DemoReseller(
        _request(
            "Tartu Tarkvara", "tartutarkvara.example", "EE",
            does="Software for schools, shipyards and printers in the Baltic states.",
            why="We are neighbors.",
        ),
        "EUR", "en", 280,
        (
            (Role.OWNER, "Priit Saar", "priit@tartutarkvara.example"),
            (Role.BUYER, "Liis Kuusk", "liis@tartutarkvara.example"),
            (Role.VIEWER, "Анастасия Ребане", "rebane@tartutarkvara.example"),
        ),
        Details(
            "Tartu Tarkvara OÜ", "Rüütli 4", "Tartu", "51007", "EE100931558", "priit@tartutarkvara.example", "en"
        ),
        orders=history.TARTU,
        rhythm=Rhythm(13, 275, ("turku", "riga")),
    ),
    DemoReseller(
        _request(
            "Danube Tools", "danubetools.example", "RS",
            does="Licenses and hardware for engineering offices.",
            why="Our customers need to merge and sign documents.",
        ),
        "USD", "en", 250,
        (
            (Role.OWNER, "Nikola Jovanović", "nikola@danubetools.example"),
            (Role.VIEWER, "Vesna Ilić", "vesna@danubetools.example"),
        ),
        Details(
            "Danube Tools d.o.o.", "Bulevar 112", "Novi Sad", "21000", "", "nikola@danubetools.example", "en"
        ),
        Standing(suspended=(15, "The page that listed our brands is gone, and nobody answers our letters.")),
        history.DANUBE,
        Rhythm(2, 240, ("beograd",), until=110),
    ),
    DemoReseller(
        _request(
            "Kontur Vertrieb", "konturvertrieb.example", "AT",
            does="We resell CAD and office software to architects.",
            why="Architects ask us for drawings in the browser.",
        ),
        "EUR", "en", 3,
        (
            (Role.OWNER, "Lena Hofer", "lena@konturvertrieb.example"),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class DemoApplicant:
    """Somebody who applied `days_ago`; declined for `reason`, or still waiting."""

    name: str
    email: str
    request: Request
    days_ago: int
    language: str = "en"
    reason: str = ""


APPLICANTS = (
    DemoApplicant(
        "Ivo Brandl", "ivo@brandl-consulting.example",
        Request(
            "Brandl Consulting", "https://brandl-consulting.example", "AT", "", Activity.MIXED,
            "We develop document workflows for banks and buy the libraries for our own projects.",
            "A discount on the licenses that we use.", "",
        ),
        20,
        reason="Your main business is your own development. Please buy the licenses as a customer.",
    ),
    DemoApplicant(
        "Sofia Marin", "sofia@devshelf.example",
        Request(
            "DevShelf", "https://devshelf.example", "ES", "", Activity.RESELLING,
            "We sell developer tools and cloud licenses to about 300 companies in Spain and Portugal.",
            "Three of our customers have asked us for document viewers this month.",
            "A logistics company in Valencia, 12 developers.",
        ),
        2,
    ),
    DemoApplicant(
        "Тимур Галеев", "galeev@itpovolzhye.example",
        Request(
            "ИТ-Поволжье", "https://itpovolzhye.example", "RU", "", Activity.MIXED,
            "Половина выручки — поставка программ, половина — внедрение и сопровождение.",
            "Хотим предлагать ваши продукты вместе с внедрением.", "Завод в Набережных Челнах, 6 разработчиков.",
        ),
        1, "ru",
    ),
)  # fmt: skip
