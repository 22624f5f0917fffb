"""The walk that the walkers' tests look at, once a process."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from dashboard import create_app
from tests.app_wide import planted
from tests.app_wide.walks import Record, Walk, walk_all
from tests.app_wide.world import make_world
from tests.conftest import disconnect, fresh
from tests.databases import Database


@dataclass(frozen=True)
class Walked:
    """The product, and the product with planted faults, walked alike."""

    product: Walk
    planted: Walk
    record: Record


@pytest.fixture(scope="session")
def walked(application: Flask, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """What everybody met in a world that is gone: tests look at it and ask the application nothing more."""
    with fresh(application, database, tmp_path_factory.mktemp("walk") / "data"):
        world = make_world()
        faulty = create_app(application.config["SETTINGS"])
        planted.add_faults(faulty, world)
        product, faults = Walk(application, world), Walk(faulty, world, "/planted", planted.ROLES)
        record = walk_all([product, faults], world, tmp_path_factory.mktemp("catalogs"))
        with faulty.app_context():
            disconnect()
    return Walked(product, faults, record)
