"""The family of refusals: what the product says when it will not do something.

A refusal carries its message as an untranslated text with named values; `web/error_pages.py` turns it into the
reader's language and an HTTP status, in one place. Nothing here imports anything of the product.
"""

from __future__ import annotations

from typing import Any


def N_(text: str) -> str:  # noqa: N802  (the usual mark of a text that is translated later)
    """Mark `text` for translation; it is translated where it is shown."""
    return text


class BusinessError(Exception):
    """A refusal that the person in front of the screen can understand and act on.

    Args:
        message: the text, marked with `N_`, with named placeholders (`%(name)s`).
        values: what fills the placeholders.
    """

    status = 409

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class NotFound(BusinessError):
    """The object does not exist, or is somebody else's: the same answer for both (R26)."""

    status = 404

    def __init__(self) -> None:
        super().__init__(N_("This page does not exist, or it is not yours to see."))


class InvalidInput(BusinessError):
    """What was typed cannot be used; the message says what to write instead."""

    status = 422


class Refused(BusinessError):
    """The object is in a state that does not allow the action; nothing was changed."""

    status = 409


class Forbidden(BusinessError):
    """The person may be here, but may not do this yet; the message says what unlocks it."""

    status = 403


class TooMany(BusinessError):
    """A limit was reached; the message says when to try again."""

    status = 429


class NotYet(Exception):
    """Something that the worker needs is not ready: try again shortly, without counting a failure."""
