"""Files of orders that are too long to be waited for (R24)."""

from __future__ import annotations

from dashboard.jobs.work import export
from dashboard.orders.pages import orders_file
from dashboard.web.access import Permission

WORK = {
    "orders": export(Permission.VIEW_OWN_ORDERS, orders_file),
    "staff_orders": export(Permission.VIEW_ALL_ORDERS, orders_file),
}
