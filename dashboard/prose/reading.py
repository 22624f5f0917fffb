"""A text as it is read: its version in force, in one language, with the vendor's facts in its holes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from babel.lists import format_list
from flask_babel import force_locale

from dashboard.config import current_settings
from dashboard.prose import versions
from dashboard.prose.markup import Block, parse
from dashboard.prose.rules import Kind
from dashboard.prose.versions import Version
from dashboard.web.formats import language as language_now
from dashboard.web.formats import percent
from dashboard.web.texts import gettext as _
from dashboard.web.texts import ngettext


@dataclass(frozen=True)
class Section:
    """What stands below one heading."""

    title: str
    anchor: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole text: its title, what stands before the first heading, and the sections."""

    title: str
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]

    def about(self, names: Collection[str]) -> tuple[Section, ...]:
        """The sections headed by one of these names, such as a platform, a brand or a product."""
        wanted = {name.casefold() for name in names if name}
        return tuple(section for section in self.sections if section.title.casefold() in wanted)

    def below(self, place: str) -> tuple[Block, ...]:
        """What stands below the heading of that place."""
        return next((section.blocks for section in self.sections if section.anchor == place), ())

    def beginning_with(self, names: Collection[str]) -> Document:
        """The same text, with the sections about these names before the others."""
        first = self.about(names)
        return replace(self, sections=(*first, *(section for section in self.sections if section not in first)))


def read(kind: Kind, language: str) -> Document:
    """The text in force."""
    return document(versions.current(kind), language)


def document(version: Version, language: str) -> Document:
    """One version, or what is not published yet: a hole that nothing fills stays as written."""
    with force_locale(language):
        values = _values(version.kind)
    title, lead = "", list[Block]()
    sections: list[tuple[Block, list[Block]]] = []
    for block in parse(version.text(language), tuple(sorted(values.items()))):
        if block.kind == "title" and not title:
            title = block.words
        elif block.kind == "heading":
            sections.append((block, []))
        else:
            (sections[-1][1] if sections else lead).append(block)
    return Document(title, tuple(lead), tuple(Section(one.words, one.anchor, tuple(all_)) for one, all_ in sections))


def _values(kind: Kind) -> dict[str, str]:
    """What fills the holes of a text, in the language that is spoken now. Terms are for the programme alone (R25)."""
    return _names() | _terms() if kind is Kind.PROGRAMME else _names()


def _names() -> dict[str, str]:
    """Who the vendor is."""
    vendor = current_settings().vendor
    return {
        "vendor": vendor.name,
        "brands": format_list(vendor.brands, locale=language_now()),
        "sales_email": vendor.sales_email,
        "forum_url": vendor.forum_url,
    }


def _terms() -> dict[str, str]:
    """How the vendor sells.

    Counts come with their noun as the subject or object of a sentence, which look alike in Russian: the texts are
    written so that it fits ("valid for 30 days", «действует 30 дней»).
    """
    settings = current_settings()
    return {
        "discount": percent(settings.discount),
        "prepaid_orders": ngettext("%(num)s order", "%(num)s orders", settings.established_after),
        "pro_forma_days": ngettext("%(num)s day", "%(num)s days", settings.pro_forma_days),
        "credit_days": ngettext("%(num)s calendar day", "%(num)s calendar days", settings.credit_days),
        "credit_license": _("at once") if settings.license_on_credit_at_once else _("when the order is paid"),
        "currencies": ", ".join(settings.vendor.accounts),
        "temporary_days": ngettext("%(num)s day", "%(num)s days", settings.temporary_days),
    }
