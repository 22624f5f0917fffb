"""What the pages of quotes show; the member alone is told what the resale leaves the reseller (R25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request

from dashboard.catalog import service as catalog
from dashboard.catalog.rules import PricedSku, best_first
from dashboard.checkout.choosing import SHOWN, searched
from dashboard.checkout.customers import find_customers
from dashboard.checkout.service import new_draft_id
from dashboard.clock import day_of, today
from dashboard.errors import BusinessError
from dashboard.money import Money
from dashboard.quotes import lists, service
from dashboard.quotes.forms import KeyForm, QuoteForm
from dashboard.quotes.rules import FILTERS, Amounts, Contents, QuoteState, amounts, margin_rate
from dashboard.resellers.service import get_reseller
from dashboard.web.access import actor
from dashboard.web.exports import SavedFile, table_file
from dashboard.web.fragments import render, wants_fragment
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from dashboard.jobs.work import Wish
    from dashboard.quotes.models import Quote
    from dashboard.web.progress import Watch


@dataclass(frozen=True)
class Margin:
    """What a resale sum leaves the reseller over today's partner prices."""

    cost: Money
    left: Money
    rate: int | None  #: of the resale sum, in parts per million


def offered(currency: str) -> dict[str, PricedSku]:
    """What is on sale today, by SKU."""
    return {sku.code: sku for sku in catalog.price_list(currency, today())}


def margin_of(contents: Contents, sums: Amounts, on_sale: Mapping[str, PricedSku]) -> Margin | None:
    """What the lines leave over today's partner prices; None if one of them is not on sale any more."""
    if any(line.sku not in on_sale for line in contents.lines):
        return None
    costs = (on_sale[line.sku].partner(actor.discount) * line.quantity for line in contents.lines)
    cost = sum(costs, Money.zero(sums.net.currency))
    return Margin(cost, sums.net - cost, margin_rate(sums.net, cost))


def form_page(form: QuoteForm, quote_id: str, currency: str, overtaken: BusinessError | None = None) -> Response:
    """The form of a quote; for htmx, the results of a search (GET) or the sums (POST).

    Args:
        overtaken: why nothing was kept: the draft is not what the page was made from any more.
    """
    on_sale = offered(currency)
    search, customer = searched(form.sku), searched(form.earlier)
    form.key.data = form.key.data or new_draft_id()
    block = "customers" if "earlier" in request.args else "matches"
    return render(
        "quotes/edit.html",
        "sums" if request.method == "POST" else block,
        status=overtaken.status if overtaken else 422 if form.is_refused else 200,
        overtaken=_(overtaken.message) if overtaken else "",
        is_part=wants_fragment(),
        form=form,
        quote_id=quote_id,
        currency=currency,
        lines=[(entry.form, on_sale.get(entry.form.sku.data)) for entry in form.lines],
        matches=best_first(on_sale.values(), search) if search else [],
        customers=find_customers(actor.reseller, customer),
        shown=SHOWN,
        search=search,
        customer_search=customer,
        address=request.path,
        has_logo=get_reseller(actor.reseller).logo_digest is not None,
        **_sums(form, currency, on_sale),
    )


def _sums(form: QuoteForm, currency: str, on_sale: Mapping[str, PricedSku]) -> dict[str, Any]:
    """What the quote comes to, or why that cannot be said."""
    if not form.can_be_reckoned:
        return {"problem": _("Correct the figures to see the sum.")}
    try:
        contents = form.contents(currency)
    except BusinessError as error:
        return {"problem": _(error.message, **error.values)}
    sums = amounts(contents.lines, contents.tax_rate, currency)
    return {"contents": contents, "sums": sums, "margin": margin_of(contents, sums, on_sale)} if contents.lines else {}


def show_context(quote: Quote) -> dict[str, Any]:
    """What the page of one quote shows."""
    orders = service.orders_of(quote.id)
    contents, state = quote.contents, lists.state_of(quote, orders[0] if orders else None)
    on_sale = catalog.priced({line.sku for line in contents.lines}, quote.currency, today())
    sums = amounts(contents.lines, contents.tax_rate, quote.currency)
    names = {line.sku: line for line in quote.content.lines} if quote.snapshot else on_sale
    if not actor.is_active_reseller:
        on_sale = {}  # partner prices are closed to the company (R5)
    return {
        "quote": quote,
        "contents": contents,
        "lines": [(line, names.get(line.sku), on_sale.get(line.sku)) for line in contents.lines],
        "state": state,
        "orders": orders,
        "sums": sums,
        "margin": margin_of(contents, sums, on_sale) if contents.lines else None,
        "newer": service.newer_version_of(quote),
        "copy_form": KeyForm(data={"key": new_draft_id()}),
        "may_order": state in {QuoteState.ISSUED, QuoteState.EXPIRED},
    }


def list_context(of: int) -> dict[str, Any]:
    """What the list shows, by the address's search, state and cursor."""
    search, state = request.args.get("q", "").strip()[:100], request.args.get("state", "all")
    state, cursor = state if state in FILTERS else "all", request.args.get("start", "")
    page = lists.list_quotes(of=of, search=search, state=state, cursor=cursor)
    return {"page": page, "search": search, "state": state, "filters": FILTERS, "is_first_page": not cursor}


def state_words() -> dict[QuoteState, str]:
    """The states of a quote, as its file calls them."""
    return {
        QuoteState.DRAFT: pgettext("quote", "draft"),
        QuoteState.ISSUED: pgettext("quote", "issued"),
        QuoteState.ORDERED: pgettext("quote", "ordered"),
        QuoteState.EXPIRED: pgettext("quote", "expired"),
        QuoteState.WITHDRAWN: pgettext("quote", "withdrawn"),
    }


def quotes_file(wish: Wish, watch: Watch) -> SavedFile:
    """The quotes of the address's search and state as CSV or XLSX: ISO days, plain amounts."""
    assert wish.of is not None
    search, state = wish.args.get("q", "")[:100], wish.args.get("state", "all")
    found = lists.all_quotes(of=wish.of, search=search, state=state, most=wish.most(lists.MOST))
    wish.check(found)
    words = state_words()
    head = [
        _("Quote"), _("Made on"), _("Made by"), _("Customer"), _("Your reference"), _("Status"), _("Holds until"),
        _("Currency"), _("Sum"), _("Order"),
    ]  # fmt: skip
    rows = [
        [
            one.quote.id, day_of(one.quote.created_at), one.quote.made_by_name, one.quote.customer_name,
            one.quote.reference, words[one.state], one.quote.valid_until, one.quote.currency, one.quote.total.decimal,
            one.order_id or "",
        ]
        for one in found
    ]  # fmt: skip
    return table_file(f"quotes-{today()}", _("Quotes"), head, rows, as_xlsx=wish.as_xlsx, watch=watch)
