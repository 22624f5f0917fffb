"""The pages of the program that somebody can go to, found by their names in either language."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import force_locale

from dashboard.config import current_settings
from dashboard.typed import holds_all, typed_words
from dashboard.web.access import Actor, Permission
from dashboard.web.formats import language
from dashboard.web.languages import LANGUAGES
from dashboard.web.pages import Navigation
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext


@dataclass(frozen=True)
class Place:
    """A page, and the words by which somebody may look for it besides its name."""

    label: str
    url: str
    words: str = ""


def places_of(actor: Actor) -> list[Place]:
    """All pages that the actor can go to, those of the navigation first."""
    navigation: Navigation = current_app.extensions["navigation"]
    links = [one for link in navigation(actor) for one in (link.links or (link,))]
    words = _words()
    known = [Place(link.label, link.url, words.get(link.url, "")) for link in links]
    return known + [place for place in _more(actor) if place.url not in {one.url for one in known}]


def find_places(actor: Actor, search: str) -> list[Place]:
    """The pages in whose names or words all that was typed is found, in any language; by name before by words."""
    typed = typed_words(search)
    if not typed:
        return []
    spoken = language()
    named: dict[str, list[Place]] = {}
    for code in LANGUAGES:
        with force_locale(code):
            named[code] = places_of(actor)
    by_name, by_words = [], []
    for number, place in enumerate(named[spoken]):
        names = " ".join(named[code][number].label for code in LANGUAGES).casefold()
        words = " ".join(named[code][number].words for code in LANGUAGES).casefold()
        if holds_all(names, typed):
            by_name.append(place)
        elif holds_all(f"{names} {words}", typed):
            by_words.append(place)
    return by_name + by_words


def _words() -> dict[str, str]:
    """Other words for pages of the navigation, by address."""
    return {
        url_for("catalog.prices"): pgettext("words to find a page by", "price list, cost, catalog"),
        url_for("account.show"): pgettext("words to find a page by", "debt, balance, what is owed, payments"),
        url_for("resellers.company"): pgettext("words to find a page by", "address, tax number, certificates, policy"),
        url_for("enquiries.index"): pgettext("words to find a page by", "questions, contact, messages"),
        url_for("staff_payments.index"): pgettext("words to find a page by", "bank statement, import, transfers"),
        url_for("staff_resellers.index"): pgettext("words to find a page by", "companies, partners"),
        url_for("staff_catalog.index"): pgettext("words to find a page by", "products, SKUs, prices, plans"),
        url_for("staff_invoices.index"): pgettext(
            "words to find a page by", "credit notes, supplementary invoices, documents, PDF, XML"
        ),
        url_for("reports.index"): pgettext("words to find a page by", "sales, turnover, ageing, interest, charts"),
        url_for("staff_mail.index"): pgettext("words to find a page by", "mail, outbox"),
        url_for("customers.licenses"): pgettext("words to find a page by", "license file, download"),
    }


def _more(actor: Actor) -> list[Place]:
    """Pages that the navigation does not hold."""
    buys = actor.may(Permission.PLACE_ORDERS) and actor.is_active_reseller
    entries = [
        (buys, _("New order"), "checkout.order", pgettext("words to find a page by", "order form, buy, purchase")),
        (
            buys, _("Many orders at once"), "bulk.show",
            pgettext("words to find a page by", "bulk order, spreadsheet, paste"),
        ),
        (
            actor.may(Permission.VIEW_OWN_ORDERS), _("Invoices"), "invoices.index",
            pgettext("words to find a page by", "credit notes, supplementary invoices, documents, PDF, XML"),
        ),
        (
            actor.may(Permission.VIEW_OWN_ORDERS), _("Monthly statements"), "statements.index",
            pgettext("words to find a page by", "statement, payment request"),
        ),
        (
            actor.may(Permission.WRITE_ENQUIRIES), _("New enquiry"), "enquiries.new",
            pgettext("words to find a page by", "write to us, question, support"),
        ),
        (
            actor.may(Permission.VIEW_OWN_COMPANY), _("Reseller policy"), "resellers.policy",
            pgettext("words to find a page by", "rules, agreement"),
        ),
        (
            actor.may(Permission.CONFIRM_PAYMENTS), _("Transfers that wait"), "staff_payments.waiting",
            pgettext("words to find a page by", "matching, proposals"),
        ),
        (
            actor.may(Permission.EDIT_CATALOG), _("Load a catalog file"), "staff_catalog.upload",
            pgettext("words to find a page by", "import, price list, CSV"),
        ),
        (
            actor.may(Permission.ANSWER_ENQUIRIES), _("Mails that could not be filed"), "staff_enquiries.mails",
            pgettext("words to find a page by", "stray mail"),
        ),
        (
            actor.may(Permission.CONFIRMED), _("Profile"), "accounts.profile",
            pgettext("words to find a page by", "password, language, name, two-step sign-in"),
        ),
        (
            actor.may(Permission.CONFIRMED) and bool(actor.reseller_id or actor.is_staff), _("Long tasks"),
            "jobs.index",
            pgettext("words to find a page by", "background, exports, files, progress"),
        ),
        (
            True, _("Help"), "home.help_page",
            pgettext("words to find a page by", "questions and answers, support, keys, keyboard, shortcuts"),
        ),
        (
            True, _("How to apply a license"), "customers.how_to_apply",
            pgettext("words to find a page by", "install, signature, help"),
        ),
        (
            bool(actor.reseller_id or actor.is_staff), _("Reseller programme"), "resellers.programme",
            pgettext("words to find a page by", "terms, help, questions"),
        ),
    ]  # fmt: skip
    places = [Place(label, url_for(endpoint), words) for allowed, label, endpoint, words in entries if allowed]
    forum = pgettext("words to find a page by", "support, help")
    return [*places, Place(_("Technical support: the forum"), current_settings().vendor.forum_url, forum)]
