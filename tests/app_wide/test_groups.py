"""Tests that share something costly stay in one process: else each process makes it anew, and nothing says so."""

from __future__ import annotations

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process does everything")
@pytest.mark.xdist_group("of one group")
def test_the_runner_knows_the_group_of_a_test(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@of one group")
