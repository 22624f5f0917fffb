"""What the page of an account shows, read page by page."""

from __future__ import annotations

from typing import Any

from dashboard.fulfilment import pages
from dashboard.fulfilment.account_lines import Line
from dashboard.resellers import service as resellers
from dashboard.web.transactions import reading
from tests.histories.world import World


def check_account_pages(world: World) -> None:
    """Each line's balance is that of the line before it and its amount; the newest is all that is owed (R24)."""
    for reseller_id in world.resellers:
        lines, standing = _read(world, reseller_id)
        balance = 0
        for line in reversed(lines):
            if line.entry.kind != "allocation":
                balance += line.amount.minor
            assert line.balance is not None
            assert line.balance.minor == balance, f"reseller {reseller_id}: entry {line.entry.id} shows another balance"
        assert standing.total.minor == balance, f"reseller {reseller_id}: {standing} is not {balance}"


def _read(world: World, reseller_id: int) -> tuple[list[Line], Any]:
    lines: list[Line] = []
    query = ""
    while True:
        with reading(), world.app.test_request_context(f"/account{query}"):
            context = pages.account_context(resellers.get_reseller(reseller_id), by_staff=True)
        lines += context["lines"]
        if context["older"] is None:
            return lines, context["standing"]
        query = f"?before={context['older']}"
