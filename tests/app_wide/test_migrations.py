"""The migrations make exactly the tables that the models speak of, on both databases, and can be undone."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from dashboard.config import ROOT
from dashboard.extensions import Base
from dashboard.extensions import db as database
from tests.conftest import disconnect

VERSIONS = sorted((ROOT / "dashboard" / "migrations" / "versions").glob("*.py"))


def differences() -> list[Any]:
    """What another migration would have to change."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))


def tables() -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_the_models_and_the_migrated_database_agree(app: Flask) -> None:
    assert differences() == []
    assert set(Base.metadata.tables) <= tables()


def test_all_migrations_can_be_undone_and_done_again(app: Flask) -> None:
    disconnect()
    flask_migrate.downgrade(revision="base")
    disconnect()
    assert tables() <= {"alembic_version"}
    disconnect()
    flask_migrate.upgrade()
    disconnect()
    assert differences() == []


def test_there_is_one_line_of_migrations() -> None:
    parents = [_assigned(path, "down_revision") for path in VERSIONS]
    assert VERSIONS
    assert len(set(parents)) == len(parents)


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_no_live_model(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.startswith("dashboard")} <= {"dashboard.extensions"}


def _assigned(path: Path, name: str) -> object:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id == name and isinstance(value, ast.Constant):
            return value.value
    raise AssertionError(f"{path.name} has no {name}")
