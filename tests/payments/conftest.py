"""Who stands at the desk in the tests of payments."""

from __future__ import annotations

import pytest

from tests.client import Client
from tests.factories import make_user


@pytest.fixture
def mari(client: Client) -> Client:
    """The browser of a member of staff."""
    client.sign_in_as(make_user("Mari", staff=True))
    return client
