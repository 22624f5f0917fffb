"""Who may do what: the actor of a request, and routes that cannot be written without a permission."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any, cast

from flask import has_request_context
from flask_login import current_user
from werkzeug.routing import Rule

from dashboard.errors import N_, Forbidden


class Permission(Enum):
    """What a route asks of the person who calls it."""

    PUBLIC = auto()  # anyone
    SIGNED_IN = auto()  # an account, its address confirmed or not
    HAVE_SECOND_FACTOR = auto()  # an account whose address is confirmed, even if it may do nothing else yet
    CONFIRMED = auto()  # an account whose address is confirmed, and that lacks nothing
    TRANSLATE = auto()  # translators and staff
    VIEW_OWN_LICENSES = auto()  # the customer's side
    VIEW_OWN_COMPANY = auto()
    EDIT_OWN_COMPANY = auto()
    MANAGE_TEAM = auto()
    UPLOAD_CERTIFICATES = auto()
    ACCEPT_POLICY = auto()
    VIEW_PARTNER_PRICES = auto()
    VIEW_OWN_ORDERS = auto()
    PLACE_ORDERS = auto()
    VIEW_OWN_ENQUIRIES = auto()
    WRITE_ENQUIRIES = auto()
    REVIEW_RESELLERS = auto()  # from here on: staff
    VIEW_ALL_ORDERS = auto()
    CONFIRM_PAYMENTS = auto()
    CANCEL_ANY_ORDER = auto()
    RELEASE_LICENSES = auto()
    VIEW_MAIL = auto()
    EDIT_TEXTS = auto()
    ANSWER_ENQUIRIES = auto()
    VIEW_AS_OTHERS = auto()
    EDIT_CATALOG = auto()
    VIEW_REPORTS = auto()
    VIEW_SETTINGS = auto()


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody of staff who looks at the pages of a company or a customer."""

    user_id: int
    name: str
    until: datetime
    company: str = ""  #: whose pages they are, if a company's


@dataclass(frozen=True, slots=True)
class Actor:
    """The person of the present request, as far as any feature needs to know; also Flask-Login's user.

    `reseller_id` and what follows it is set for a member of a reseller, whatever state the reseller is in; it is
    here so that a page of prices or orders needs no second look at the company.
    """

    session: str = ""  #: token of the signed-in session
    user_id: int | None = None
    name: str = ""
    email: str = ""
    language: str | None = None
    theme: str | None = None
    time_zone: str = ""  #: IANA name; empty: the vendor's
    is_confirmed: bool = False
    is_staff: bool = False
    has_second_factor: bool = False
    lacks_second_factor: bool = False  #: it must have one and has not: it may do nothing but set it up
    reseller_id: int | None = None
    reseller_name: str = ""
    is_active_reseller: bool = False
    currency: str = ""
    discount: int = 0  #: parts per million
    permissions: frozenset[Permission] = field(default=frozenset({Permission.PUBLIC}))
    looker: Looker | None = None  #: who of staff really sits there and looks at this person's pages

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def reseller(self) -> int:
        """The id of the actor's reseller; only behind a member's permission."""
        assert self.reseller_id is not None
        return self.reseller_id

    @property
    def user(self) -> int:
        """The id of the actor's account; only behind a permission that needs one."""
        assert self.user_id is not None
        return self.user_id

    @property
    def is_looked_at(self) -> bool:
        """Whether staff look at these pages as somebody else sees them: nothing may be changed then."""
        return self.looker is not None

    @property
    def person(self) -> tuple[int | None, str]:
        """Id and name of who really acts."""
        return (self.looker.user_id, self.looker.name) if self.looker else (self.user_id, self.name)

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None

    @property
    def is_active(self) -> bool:
        return self.is_authenticated

    @property
    def is_anonymous(self) -> bool:
        return not self.is_authenticated

    def get_id(self) -> str:
        return self.session


#: The actor of the present request (a proxy): `Actor()` for a visitor.
actor = cast(Actor, current_user)


LOOKING = N_("You are looking at the pages of somebody else. Nothing can be changed here: end the view first.")


def refuse_while_looking() -> None:
    """For whatever writes: who looks at the pages of somebody else changes nothing by it.

    Raises:
        Forbidden: if that is what the present request does.
    """
    if has_request_context() and actor.is_looked_at:
        raise Forbidden(LOOKING)


class GuardedRule(Rule):
    """A URL rule that refuses to exist without a permission, so that the app does not start with a forgotten one.

    Args:
        ends_view: whether it may be posted to while staff look at the pages of somebody else, because it ends that.
    """

    def __init__(
        self, string: str, *, requires: Permission | None = None, ends_view: bool = False, **options: Any
    ) -> None:
        if not isinstance(requires, Permission):
            raise TypeError(f"route {string} ({options.get('endpoint')}) declares no permission")
        super().__init__(string, **options)
        self.requires = requires
        self.ends_view = ends_view

    def get_empty_kwargs(self) -> dict[str, Any]:
        return {**super().get_empty_kwargs(), "requires": self.requires, "ends_view": self.ends_view}
