"""Every link and search of every page, followed as everybody: nothing ends in a refusal or nowhere."""

from __future__ import annotations

import pytest

from tests.app_wide import answers
from tests.app_wide.conftest import Walked
from tests.app_wide.planted import LINKS
from tests.app_wide.walks import Walk
from tests.app_wide.world import Role

pytestmark = pytest.mark.xdist_group("walk")  # one process walks for all


def dead_ends(walk: Walk, role: Role) -> list[str]:
    return list(answers.dead_ends(walk.crawls[role], role, walk.app))


@pytest.mark.parametrize("role", Role)
def test_every_link_leads_somewhere(walked: Walked, role: Role) -> None:
    assert dead_ends(walked.product, role) == []
    assert len(walked.product.crawls[role]) > 15


@pytest.mark.parametrize("name", LINKS)
def test_a_dead_end_is_found(walked: Walked, name: str) -> None:
    faults = [fault for fault in dead_ends(walked.planted, Role.CUSTOMER) if f"/planted/{name}" in fault]
    assert len(faults) == 1
    assert LINKS[name][1] in faults[0]
