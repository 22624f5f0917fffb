"""What several tests of resellers begin with."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from tests.client import Client
from tests.factories import make_policy, make_user

#: A complete application, as it is typed.
APPLICATION: dict[str, Any] = {
    "company": "Romashka Soft",
    "website": "www.romashka.example",
    "country": "DE",
    "state": "",
    "activity": "reselling",
    "description": "We sell developer tools.\nTwenty people.",
    "reasons": "Our customers ask for them.",
    "first_customer": "",
}


@pytest.fixture
def applicant(db: scoped_session[Session], client: Client) -> User:
    """A person with a confirmed address, signed in in `client`."""
    make_policy()
    user = make_user("Anna")
    client.sign_in_as(user.id)
    return user


@pytest.fixture
def staff(db: scoped_session[Session], new_client: Any) -> Client:
    """A browser of a member of staff."""
    browser: Client = new_client()
    browser.sign_in_as(make_user("Sam", staff=True).id)
    return browser
