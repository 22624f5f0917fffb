"""What the demo tells: how an order goes, and those orders that are written by hand. Days count back from today."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Then(StrEnum):
    """What becomes of an order, besides being paid."""

    NOTHING = ""
    TEMPORARY_ASKED = "temporary asked"
    TEMPORARY_RELEASED = "temporary released"
    TEMPORARY_DECLINED = "temporary declined"
    WITHDRAWN = "withdrawn"  #: cancelled by the reseller, before any money came
    CANCELLED = "cancelled"  #: by staff, soon after it was placed
    RETURNED = "returned"  #: cancelled by staff after it was paid


@dataclass(frozen=True)
class DemoOrder:
    """An order placed `days_ago`.

    `paid_after` days its transfer comes, or never; who has to prepay waits for the license and pays sooner. `percent`
    is how much of the sum the transfer brings.
    """

    days_ago: int
    customer: str
    lines: tuple[tuple[str, int], ...]
    paid_after: int | None = None
    then: Then = Then.NOTHING
    percent: int = 100
    po_number: str = ""
    note: str = ""


@dataclass(frozen=True)
class Rhythm:
    """How a reseller orders besides what is written by hand.

    Args:
        orders: how many, renewals aside.
        since: days ago of the first.
        until: days ago of the last.
        customers: for whom; those that stand first order most.
        patience: days after which an order on credit is paid, at the least and as a rule at the most.
        late: percent of its orders that are paid after that.
    """

    orders: int
    since: int
    customers: tuple[str, ...]
    until: int = 1
    patience: tuple[int, int] = (12, 29)
    late: int = 0


NET, JAVA = "NET", "JAVA"


def sku(product: str, platform: str = NET, plan: str = "DSB") -> str:
    return f"{product if '-' in product else f'GD-{product}'}-{platform}-{plan}"


ROMASHKA = (
    DemoOrder(388, "tehno", ((sku("VIEWER"), 1),), 3),
    DemoOrder(143, "media", ((sku("CONV"), 1),), then=Then.CANCELLED),
    DemoOrder(45, "media", ((sku("VIEWER"), 2),), 39),  # late, so that what is ordered meanwhile is prepaid
    DemoOrder(24, "tehno", ((sku("CONV"), 1), (sku("SIGN"), 1)), note="Просим указать в файле полное название."),
    DemoOrder(9, "ural", ((sku("VIEWER"), 1),)),
    DemoOrder(3, "luch", ((sku("AS-WORDS"), 2), (sku("AS-CELLS"), 2), (sku("AS-PDF"), 1))),
)

NORDLICHT = (
    DemoOrder(412, "nordwind", ((sku("VIEWER"), 1),), 2),
    DemoOrder(132, "nordwind", ((sku("SIGN"), 1), (sku("CONV"), 2)), 20),
    DemoOrder(74, "lindqvist", ((sku("VIEWER", JAVA), 1),), 8, Then.RETURNED),
    DemoOrder(49, "nordwind", ((sku("VIEWER"), 1),), 21),  # the renewal
    DemoOrder(38, "bergwerk", ((sku("AS-CELLS", JAVA), 1),), 17, percent=104),
    DemoOrder(26, "donau", ((sku("EDITOR"), 3),), 18, percent=50),
    DemoOrder(17, "nordwind", ((sku("VIEWER", NET, "DOEM"), 1),)),
)

#: New: two orders are not enough to become established.
LONESTAR = (
    DemoOrder(40, "brazos", ((sku("VIEWER"), 1),), 2),
    DemoOrder(27, "redwood", ((sku("REDACT"), 2),), then=Then.WITHDRAWN),
    DemoOrder(12, "cascade", ((sku("CONV", JAVA), 1),), then=Then.TEMPORARY_ASKED),
    DemoOrder(2, "brazos", ((sku("SIGN"), 2),), then=Then.TEMPORARY_DECLINED),
)

PERTH = (
    DemoOrder(21, "swan", ((sku("CONV"), 1),), 6, percent=103),  # what is too much stays on account
    DemoOrder(5, "swan", ((sku("VIEWER"), 1),), then=Then.TEMPORARY_RELEASED),
)

#: Overdue: what it owes is late, so what it orders afterwards is prepaid (R15).
KEDR = (
    DemoOrder(196, "anna", ((sku("VIEWER"), 1), (sku("EDITOR"), 1)), 25),
    DemoOrder(68, "akadem", ((sku("AS-TOTAL"), 1),)),
    DemoOrder(52, "sibneft", ((sku("TOTAL", JAVA), 2),)),
    DemoOrder(43, "altai", ((sku("MERGER"), 1),)),
    DemoOrder(31, "omega", ((sku("CONV"), 1),), 15),
    DemoOrder(11, "alatau", ((sku("VIEWER"), 5),)),
    DemoOrder(4, "akadem", ((sku("SEARCH"), 1),), then=Then.TEMPORARY_RELEASED),
)

#: Paid late too often, so staff have put it on hold.
ATELIER = (DemoOrder(18, "lyon", ((sku("ASSEM"), 1),), 20), DemoOrder(6, "gent", ((sku("WMARK"), 2),)))

#: Its last pro-forma was never paid: it has lapsed.
DANUBE = (DemoOrder(61, "beograd", ((sku("META"), 1),)),)

TARTU = (DemoOrder(84, "nordwind", ((sku("AS-PDF"), 2),), 14),)
