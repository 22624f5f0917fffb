"""Looking into a page's elements, typed."""

from __future__ import annotations

from typing import cast

import lxml.html
from lxml.etree import _Element as Element


def parsed(html: str) -> Element:
    """A page or a fragment, leniently: whether it is valid is another question."""
    return lxml.html.document_fromstring(html)


def elements(tree: Element, query: str) -> list[Element]:
    return cast("list[Element]", tree.xpath(query))


def strings(tree: Element, query: str) -> list[str]:
    """The attributes or texts that an XPath query finds."""
    return [str(found) for found in cast("list[str]", tree.xpath(query))]


def fields(form: Element) -> list[tuple[str, str]]:
    """What an untouched form would send."""
    return [(name, value or "") for name, value in cast(lxml.html.FormElement, form).form_values()]
