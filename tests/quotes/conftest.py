"""What the tests of quotes begin with."""

from __future__ import annotations

import pytest

from dashboard.resellers.models import Reseller
from tests.client import Client
from tests.factories import make_catalog, make_reseller, owner_of


@pytest.fixture
def reseller(client: Client) -> Reseller:
    """An active reseller in dollars with the test catalog; its owner is signed in."""
    make_catalog()
    reseller = make_reseller()
    client.sign_in_as(owner_of(reseller))
    return reseller
