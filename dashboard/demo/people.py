"""The demo's end customers: whom the licenses are for, as shipping addresses."""

from __future__ import annotations

from typing import NamedTuple


class DemoCustomer(NamedTuple):
    """An end customer as a shipping address; without a company it is a person."""

    company: str
    name: str
    email: str
    street: str
    city: str
    postal_code: str
    country: str
    language: str = "en"
    state: str = ""


CUSTOMERS = {
    # Russia and its neighbors, spoken to in Russian.
    "tehno": DemoCustomer(
        "Технопроект", "Игорь Соколов", "sokolov@tehnoproekt.example", "ул. Ленина, 8", "Екатеринбург", "620014",
        "RU", "ru",
    ),
    "ural": DemoCustomer(
        "ИТ-Сервис Урал", "Ольга Белова", "belova@itural.example", "пр. Победы, 21", "Челябинск", "454091", "RU", "ru"
    ),
    "media": DemoCustomer(
        "Медиатека", "Павел Дроздов", "drozdov@mediateka.example", "Невский пр., 104", "Санкт-Петербург", "191025",
        "RU", "ru",
    ),
    "luch": DemoCustomer(
        "Завод «Луч»", "Нина Фролова", "frolova@luch.example", "ул. Заводская, 1", "Тула", "300041", "RU", "ru"
    ),
    "arhiv": DemoCustomer(
        "Городской архив", "Тамара Львова", "lvova@gorarhiv.example", "ул. Советская, 40", "Ярославль", "150000",
        "RU", "ru",
    ),
    "volga": DemoCustomer(
        "Волга-Логистик", "Руслан Ахметов", "ahmetov@volgalog.example", "ул. Баумана, 17", "Казань", "420111", "RU",
        "ru",
    ),
    "poliklinika": DemoCustomer(
        "Клиника «Доверие»", "Елена Журавлёва", "it@doverie.example", "ул. Гоголя, 5", "Самара", "443099", "RU", "ru"
    ),
    "neva": DemoCustomer(
        "Нева Страхование", "Кирилл Щукин", "shchukin@nevains.example", "Литейный пр., 33", "Санкт-Петербург",
        "191028", "RU", "ru",
    ),
    "terem": DemoCustomer(
        "СК «Терем»", "Алексей Ёлкин", "elkin@terem.example", "ул. Строителей, 12", "Вологда", "160000", "RU", "ru"
    ),
    "sibneft": DemoCustomer(
        "СибНефтеПроект", "Марина Юдина", "yudina@snp.example", "ул. Республики, 61", "Тюмень", "625003", "RU", "ru"
    ),
    "akadem": DemoCustomer(
        "Академприбор", "Виктор Штерн", "shtern@akadempribor.example", "ул. Ильича, 6", "Новосибирск", "630090", "RU",
        "ru",
    ),
    "altai": DemoCustomer(
        "Алтай-Агро", "Светлана Рогова", "rogova@altaiagro.example", "пр. Красноармейский, 72", "Барнаул", "656049",
        "RU", "ru",
    ),
    "baikal": DemoCustomer(
        "", "Степан Хорошев", "stepan.horoshev@pochta.example", "ул. Карла Маркса, 15, кв. 8", "Иркутск", "664003",
        "RU", "ru",
    ),
    "omega": DemoCustomer(
        "Омега Плюс", "Галина Сорокина", "sorokina@omegaplus.example", "ул. Маркса, 20", "Омск", "644024", "RU", "ru"
    ),
    "alatau": DemoCustomer(
        "Алатау Софт", "Данияр Сейтов", "seitov@alatausoft.example", "пр. Абая, 52", "Алматы", "050008", "KZ", "ru"
    ),
    "minsk": DemoCustomer(
        "Минскпроект", "Янина Ковалевич", "kovalevich@minskproekt.example", "ул. Немига, 3", "Минск", "220030", "BY",
        "ru",
    ),
    #: A member of a reseller who is the customer of another one, too.
    "anna": DemoCustomer(
        "Ромашка Софт", "Анна Лебедева", "anna@romashka.example", "ул. Садовая, 14, офис 3", "Москва", "127006", "RU",
        "ru",
    ),
    # Europe.
    #: The customer of two resellers at once.
    "nordwind": DemoCustomer(
        "Nordwind GmbH", "Jonas Weber", "jonas@nordwind.example", "Hafenstraße 12", "Hamburg", "20459", "DE"
    ),
    "lindqvist": DemoCustomer(
        "Lindqvist Data AB", "Elsa Lindqvist", "elsa@lindqvist.example", "Storgatan 5", "Uppsala", "753 31", "SE"
    ),
    "bergwerk": DemoCustomer(
        "Bergwerk Analytik AG", "Urs Ammann", "ammann@bergwerk.example", "Limmatquai 40", "Zürich", "8001", "CH"
    ),
    "donau": DemoCustomer(
        "Donau Verlag", "Theresa Gruber", "gruber@donauverlag.example", "Ringstraße 9", "Linz", "4020", "AT"
    ),
    "windmolen": DemoCustomer(
        "Windmolen Energie B.V.", "Sanne de Vries", "sanne@windmolen.example", "Kade 18", "Rotterdam", "3011 AA", "NL"
    ),
    "krakow": DemoCustomer(
        "Wawel Systemy", "Piotr Zieliński", "piotr@wawelsys.example", "ul. Długa 27", "Kraków", "31-147", "PL"
    ),
    "fjord": DemoCustomer(
        "Fjordkraft Design AS", "Ingrid Solberg", "ingrid@fjordkraft.example", "Bryggen 3", "Bergen", "5003", "NO"
    ),
    "aarhus": DemoCustomer(
        "", "Mikkel Østergård", "mikkel.ostergaard@post.example", "Havnegade 11", "Aarhus", "8000", "DK"
    ),
    "turku": DemoCustomer(
        "Turun Telakka Oy", "Aino Mäkelä", "aino@turuntelakka.example", "Linnankatu 22", "Turku", "20100", "FI"
    ),
    "riga": DemoCustomer(
        "Rīgas Druka", "Марта Озола", "ozola@rigasdruka.example", "Brīvības iela 60", "Rīga", "LV-1011", "LV", "ru"
    ),
    "lyon": DemoCustomer(
        "Cabinet Morel & Fils", "Chloé Morel", "c.morel@cabinetmorel.example", "14 rue Mercière", "Lyon", "69002",
        "FR",
    ),
    "gent": DemoCustomer(
        "Leie Textiel NV", "Wout Claes", "wout@leietextiel.example", "Korenlei 7", "Gent", "9000", "BE"
    ),
    "porto": DemoCustomer(
        "Douro Vinhos Lda", "Rui Carvalho", "rui@dourovinhos.example", "Rua das Flores 88", "Porto", "4050-262", "PT"
    ),
    "torino": DemoCustomer(
        "Officina Valle S.r.l.", "Giulia Ferraris", "giulia@officinavalle.example", "Via Po 31", "Torino", "10124",
        "IT",
    ),
    "beograd": DemoCustomer(
        "Sava Inženjering", "Milica Petrović", "milica@savaing.example", "Karađorđeva 48", "Beograd", "11000", "RS"
    ),
    # America.
    "brazos": DemoCustomer(
        "Brazos Analytics", "Maria Gomez", "maria@brazos.example", "410 Congress Ave", "Austin", "78701", "US",
        state="TX",
    ),
    "cascade": DemoCustomer(
        "Cascade Labs Inc.", "Tom Reed", "tom@cascadelabs.example", "15 Pine St", "Portland", "97204", "US", state="OR"
    ),
    "juniper": DemoCustomer(
        "Juniper Ridge Bank", "Alicia Stone", "astone@juniperridge.example", "900 Main St", "Boise", "83702", "US",
        state="ID",
    ),
    "sound": DemoCustomer(
        "Puget Freight Co.", "Derek Huang", "derek@pugetfreight.example", "2 Harbor Ave", "Seattle", "98126", "US",
        state="WA",
    ),
    "redwood": DemoCustomer(
        "Redwood Legal LLP", "Naomi Fields", "nfields@redwoodlegal.example", "77 Market St", "San Francisco", "94105",
        "US", state="CA",
    ),
    "prairie": DemoCustomer(
        "", "Walter Jensen", "walt.jensen@mail.example", "31 County Rd", "Lincoln", "68508", "US", state="NE"
    ),
    "maple": DemoCustomer(
        "Maple Street Software", "Claire Bouchard", "claire@maplestreet.example", "120 Rue King", "Sherbrooke",
        "J1H 1P8", "CA",
    ),
    "quetzal": DemoCustomer(
        "Quetzal Datos S.A.", "Luis Herrera", "luis@quetzaldatos.example", "Av. Reforma 9-55", "Guatemala", "01009",
        "GT",
    ),
    # Australia and Asia.
    "swan": DemoCustomer(
        "Swan River Mining", "Priya Nair", "priya@swanriver.example", "7 Hay St", "Perth", "6000", "AU"
    ),
    "kiwi": DemoCustomer(
        "Harbour Bridge Ltd", "Tama Wright", "tama@harbourbridge.example", "5 Quay St", "Auckland", "1010", "NZ"
    ),
    "merlion": DemoCustomer(
        "Merlion Trading Pte", "Wei Ling Tan", "weiling@merliontrading.example", "20 Cecil St", "Singapore", "049705",
        "SG",
    ),
    "pune": DemoCustomer(
        "Sahyadri Infotech", "Rohan Kulkarni", "rohan@sahyadri.example", "12 MG Road", "Pune", "411001", "IN"
    ),
}  # fmt: skip

#: Customers who had an account before their first license came, and fetch their files from it.
WITH_ACCOUNT = (
    "tehno", "media", "arhiv", "neva", "akadem", "nordwind", "lindqvist", "bergwerk", "turku", "lyon", "cascade",
    "juniper", "redwood", "swan", "anna",
)  # fmt: skip
