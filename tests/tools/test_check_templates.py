"""The template check finds each planted fault, and lets good templates pass."""

from __future__ import annotations

import pytest

from tools.check_templates import Fault, check


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("<p>Orders</p>", "not translated: Orders"),
        ("<p>{{ _('Total') }}: net</p>", "not translated: …: net"),
        ("<p>Заказы</p>", "not translated: Заказы"),
        ('<input placeholder="Find">', "not translated: placeholder=Find"),
        ('<nav aria-label="Main {{ x }}"></nav>', "not translated: aria-label=Main \ue000"),
        ('<input type="submit" value="Place">', "not translated: value=Place"),
        ('<div data-lost="Connection lost."></div>', "not translated: data-lost=Connection lost."),
        ("{{ ui.button('Place order', '/x') }}", "not translated: Place order"),
        ("{{ ui.button('Save', '/x') }}", "not translated: Save"),
        ("{{ x | default('No orders yet') }}", "not translated: No orders yet"),
        ("{{ _('You owe ' ~ sum) }}", "a text put together from pieces cannot be translated; use %(name)s"),
        ("{{ x | safe }}", "|safe is not allowed here (see MAY_BE_UNSAFE)"),
        ("{% autoescape false %}{{ x }}{% endautoescape %}", "autoescape must stay on"),
        ('<p style="color: red"></p>', "style= inside the page; use a class"),
        ('<p {% if x %}style="color: red"{% endif %}></p>', "style= inside the page; use a class"),
        ("<style>p { color: red }</style>", "<style> inside the page"),
        ("<script>go()</script>", "<script> inside the page"),
        ('<button onclick="go()"></button>', "onclick= is a script; use app.js"),
        ('<p hx-on:click="go()"></p>', "hx-on:click= is a script; use app.js"),
        ("<p data-hx-vals='js:{a: b()}'></p>", "data-hx-vals= holds a script"),
        ('<a href="javascript:go()"></a>', "href= holds a script"),
        ('<p hx-get="/x"></p>', "hx-get= is no HTML; write data-hx-get="),
        ('<p data-hx-on:click="go()"></p>', "data-hx-on:click= is a script; use app.js"),
        ('<p data-hx-trigger="click[ctrlKey]"></p>', "a trigger filter is a script; use app.js"),
    ],
)
def test_a_planted_fault_is_found(source: str, message: str) -> None:
    assert check("orders/show.html", f"<main>\n\n{source}</main>") == [Fault(3, message)]


def test_a_syntax_error_is_found() -> None:
    assert check("orders/show.html", "\n{% if x %}")[0].line == 2


def test_words_of_a_text_letter_are_found() -> None:
    assert check("mail/paid.txt", "{{ name }}\nThank you!\n") == [Fault(2, "not translated: Thank you!")]


@pytest.mark.parametrize(
    "source",
    [
        "<h1>{{ _('Orders') }}</h1>",
        "{# A remark, with words. #}<p>{{ order.id }} · {{ order.total | money }}</p>",
        '<main class="page {% block width %}narrow{% endblock %}"></main>',
        "<kbd>Ctrl K</kbd><code>gpg --verify</code>",
        "{% if field.type == 'Boolean' %}{{ icon('check') }}{% endif %}",
        '<script src="{{ static("app.js") }}" defer></script>',
        '<p class="{{ "bad" if late }}" data-hx-get="/x" data-hx-trigger="change delay:300ms"></p>',
        "{{ ngettext('%(num)s order', '%(num)s orders', count) }} {{ pgettext('state', 'Paid') }}",
        "<p>IBAN {{ iban }}</p>",
    ],
)
def test_a_good_template_passes(source: str) -> None:
    assert check("orders/show.html", source) == []


def test_letters_and_papers_may_have_styles() -> None:
    assert check("pdf/invoice.html", "<style>p { color: red }</style><p style='color: red'></p>") == []
