"""Catalogs as translators send them: a whole one, and the same with one thing wrong."""

from __future__ import annotations

HEADER = r"""# Texts of the reseller dashboard
msgid ""
msgstr ""
"Language: ru\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"
"Content-Type: text/plain; charset=UTF-8\n"
"""

PAID = r"""
#: templates/mail/payment.html
#, python-format
msgid "Order %(id)s is paid: %(sum)s."
msgstr "Заказ %(id)s оплачен: %(sum)s."
"""

FILES = r"""
#: templates/orders/show.html
msgid "%(num)s license file"
msgid_plural "%(num)s license files"
msgstr[0] "%(num)s файл лицензии"
msgstr[1] "%(num)s файла лицензии"
msgstr[2] "%(num)s файлов лицензии"
"""

TITLE = r"""
# a note of the translator
#. Title of a page
msgctxt "title"
msgid "Sign in"
msgstr "Вход"
"""

WHOLE = HEADER + PAID + FILES + TITLE

TEMPLATE = r"""msgid ""
msgstr ""

msgid "Order %(id)s is paid: %(sum)s."
msgstr ""

msgid "%(num)s license file"
msgid_plural "%(num)s license files"
msgstr[0] ""
msgstr[1] ""

msgctxt "title"
msgid "Sign in"
msgstr ""
"""


def changed(old: str, new: str) -> bytes:
    """The whole catalog with one thing changed."""
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new).encode()
