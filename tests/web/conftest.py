"""Applications with planted routes, templates and faults, on the database of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, DictLoader

from dashboard import create_app
from dashboard.extensions import db


@pytest.fixture
def plant(app: Flask) -> Iterator[Callable[..., Flask]]:
    """Make an application like the server's, where faults become pages; `plant(**templates)` adds templates to it.

    Routes can be added to it until its first request.
    """
    made: list[Flask] = []

    def make(templates: dict[str, str] | None = None, **settings: Any) -> Flask:
        planted = create_app(replace(app.config["SETTINGS"], testing=False, **settings))
        planted.testing = False
        loader = planted.jinja_env.loader
        assert isinstance(loader, BaseLoader)
        planted.jinja_env.loader = ChoiceLoader([DictLoader(templates or {}), loader])
        made.append(planted)
        return planted

    yield make
    for planted in made:
        with planted.app_context():
            db.engine.dispose()
