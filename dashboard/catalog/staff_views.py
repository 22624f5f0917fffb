"""Staff edit the catalog: find a SKU, its prices from a day on, its sale and its names; load a whole file."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.catalog import editing, uploads
from dashboard.catalog.editing import NewSku, Opened
from dashboard.catalog.files import write_catalog
from dashboard.catalog.forms import LoadForm, NewSkuForm, PricesForm, StopForm, TakeBackForm, TextsForm, UploadForm
from dashboard.catalog.reading import all_skus
from dashboard.catalog.rules import StoredSku, Wanted, choices, narrow
from dashboard.clock import today
from dashboard.errors import BusinessError, NotFound
from dashboard.money import CURRENCIES
from dashboard.web.access import Permission
from dashboard.web.formats import language, plain_money
from dashboard.web.forms import day_typed
from dashboard.web.fragments import render
from dashboard.web.languages import is_switching
from dashboard.web.sheets import InvalidSheet
from dashboard.web.texts import gettext as _

bp = Blueprint("staff_catalog", __name__, url_prefix="/staff/catalog")

EDIT = Permission.EDIT_CATALOG

#: SKUs that a page of the list shows, and rows of each kind that a preview of a file shows.
PAGE, ROWS = 40, 200


@bp.get("", requires=EDIT)
def index() -> ResponseReturnValue:
    """Every SKU with the prices that hold today; searched and narrowed as the resellers' price list is."""
    names = ("search", "product", "platform", "plan")
    wanted = Wanted(**{name: request.args.get(name, "").strip() for name in names})
    sale, start = request.args.get("sale", ""), request.args.get("start", "")
    skus = all_skus(today())
    found = [sku for sku in narrow(skus, wanted) if _is_wanted(sku, sale)]
    codes = [sku.code for sku in found]
    at = codes.index(start) if start in codes else 0
    return render(
        "catalog/staff_index.html", "results", wanted=wanted, sale=sale, choices=choices(skus), offered=len(skus),
        found=len(found), skus=found[at : at + PAGE], at=at, following=next(iter(codes[at + PAGE :]), None),
        previous=codes[max(at - PAGE, 0)] if at else None, currencies=list(CURRENCIES),
    )  # fmt: skip


def _is_wanted(sku: StoredSku, sale: str) -> bool:
    return {"sold": bool(sku.prices), "unsold": not sku.prices}.get(sale, True)


@bp.get("/export", requires=EDIT)
def export() -> ResponseReturnValue:
    """The catalog as it is sold today, in the columns that an upload takes."""
    return write_catalog(f"catalog-{today()}.csv", all_skus(today())).response()


@bp.route("/new", methods=["GET", "POST"], requires=EDIT)
def new() -> ResponseReturnValue:
    """Add a SKU, with a product and a plan that are there or described here."""
    form = NewSkuForm(valid_from=today())
    form.offer(*editing.products_and_plans(), language())
    if form.validate_on_submit():
        try:
            editing.add_sku(_wanted(form))
        except BusinessError as error:
            form.refuse(error)
        else:
            flash(_("SKU %(sku)s is in the catalog.", sku=form.code.data), "ok")
            return redirect(url_for(".show", code=form.code.data), 303)
    return render("catalog/staff_new.html", status=422 if form.is_refused else 200, form=form)


def _wanted(form: NewSkuForm) -> NewSku:
    product, plan = (int(field.data) if field.data else None for field in (form.product_id, form.plan_id))
    return NewSku(form.code.data, product, plan, form.texts(), form.prices(), form.valid_from.data)


@bp.get("/skus/<code>", requires=EDIT)
def show(code: str) -> ResponseReturnValue:
    """A SKU: its names, its prices of every day, and who changed what."""
    return _page(editing.open_sku(code))


def _page(opened: Opened, form: PricesForm | None = None, stop: StopForm | None = None) -> ResponseReturnValue:
    """The page; a form that was refused is shown as it was typed."""
    sent = form or stop
    last = {} if opened.sku.prices or opened.is_coming else opened.last_prices
    shown = {f"price_{currency.lower()}": plain_money(price) for currency, price in last.items()}
    history = editing.history(opened)
    days = {one.detail["valid_from"] for one in history if "valid_from" in one.detail}
    return render(
        "catalog/staff_sku.html", status=422 if sent and sent.is_refused else 200, opened=opened, sku=opened.sku,
        form=form or PricesForm(None, data={"valid_from": today(), **shown}),
        stop=stop or StopForm(None, data={"stop_from": today()}), history=history,
        days={day: date.fromisoformat(day) for day in days},
    )  # fmt: skip


@bp.post("/skus/<code>/prices", requires=EDIT)
def prices(code: str) -> ResponseReturnValue:
    """Prices from a day on; the same resumes a sale that was stopped."""
    opened, form = editing.open_sku(code), PricesForm()
    if form.validate_on_submit():
        try:
            editing.set_prices(code, form.prices(), form.valid_from.data)
        except BusinessError as error:
            form.refuse(error)
        else:
            flash(_("The prices are kept."), "ok")
            return redirect(url_for(".show", code=code), 303)
    return _page(opened, form=form)


@bp.post("/skus/<code>/stop", requires=EDIT)
def stop(code: str) -> ResponseReturnValue:
    """Stop the sale from a day on."""
    opened, form = editing.open_sku(code), StopForm()
    if form.validate_on_submit():
        try:
            editing.stop_sale(code, form.stop_from.data, form.currency.data)
        except BusinessError as error:
            form.refuse(error)
        else:
            flash(_("The sale ends on that day."), "ok")
            return redirect(url_for(".show", code=code), 303)
    return _page(opened, stop=form)


@bp.post("/skus/<code>/take-back", requires=EDIT)
def take_back(code: str) -> ResponseReturnValue:
    """Take a coming price back."""
    form = TakeBackForm()
    editing.open_sku(code)
    if form.validate_on_submit():
        editing.take_back(code, form.currency.data, form.valid_from.data)
        flash(_("The coming price is taken back."), "ok")
    return redirect(url_for(".show", code=code), 303)


@bp.route("/skus/<code>/texts", methods=["GET", "POST"], requires=EDIT)
def texts(code: str) -> ResponseReturnValue:
    """What the product and the plan of a SKU are called, from now on."""
    opened = editing.open_sku(code)
    form = TextsForm(obj=opened.sku)
    if form.validate_on_submit():
        try:
            editing.change_texts(code, form.texts())
        except BusinessError as error:
            form.refuse(error)
        else:
            flash(_("The names are changed; orders keep theirs."), "ok")
            return redirect(url_for(".show", code=code), 303)
    status = 422 if form.is_refused else 200
    return render("catalog/staff_texts.html", status=status, form=form, opened=opened)


@bp.route("/upload", methods=["GET", "POST"], requires=EDIT)
def upload() -> ResponseReturnValue:
    """Bring in a catalog file. Nothing is loaded by an upload; a file with a bad row is refused, each row named."""
    form, problems = UploadForm(valid_from=today()), []
    if form.validate_on_submit():
        try:
            digest = uploads.keep_upload(form.file.data.read())
        except InvalidSheet as error:
            problems = error.problems
            form.refuse(error, "file")
        else:
            return redirect(url_for(".preview", digest=digest, valid_from=form.valid_from.data), 303)
    status = 422 if form.is_refused else 200
    return render("catalog/staff_upload.html", status=status, form=form, problems=problems[:ROWS], count=len(problems))


@bp.get("/uploads/<digest>", requires=EDIT)
def preview(digest: str) -> ResponseReturnValue:
    """What an uploaded file would change on the address's day; nothing is written."""
    return _preview_page(digest, _day(request.args.get("valid_from", "")), LoadForm())


@bp.post("/uploads/<digest>/load", requires=EDIT)
def load(digest: str) -> ResponseReturnValue:
    """Load an uploaded file whole, if it changes what the page showed."""
    form = LoadForm()
    day = form.valid_from.data or today()
    if is_switching() or not form.validate():
        return _preview_page(digest, day, LoadForm(None))
    try:
        uploads.load_upload(digest, day, form.seen.data)
    except NotFound:
        raise
    except BusinessError as error:
        form.refuse(error)
        return _preview_page(digest, day, form)
    flash(_("The catalog is loaded."), "ok")
    return redirect(url_for(".index"), 303)


def _preview_page(digest: str, day: date, form: LoadForm) -> ResponseReturnValue:
    found = uploads.difference(digest, day)
    form.valid_from.data, form.seen.data = day, found.digest
    context: dict[str, Any] = {"changes": found.changes, "is_empty": found.is_empty, "rows": ROWS}
    status = 409 if form.is_refused else 200
    return render("catalog/staff_preview.html", status=status, form=form, digest=digest, day=day, **context)


def _day(text: str) -> date:
    """The day that the address names, from today on."""
    return max(day_typed(text) or today(), today())
