"""The migrations make exactly the tables that the models speak of, on both databases, and can be undone."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from dashboard.config import ROOT
from dashboard.extensions import Base
from dashboard.extensions import db as database
from tests.app_wide.world import make_world
from tests.conftest import disconnect
from tests.factories import make_user

MIGRATIONS = ROOT / "dashboard" / "migrations"
VERSIONS = sorted((MIGRATIONS / "versions").glob("*.py"))
#: The revision that made the first tables.
FIRST = "0001"

#: A migration that works only while there is no data.
PLANTED = """
from alembic import op
revision, down_revision = "9999", "{}"
def upgrade():
    op.create_index("ix_planted", "users", ["language"], unique=True)
"""


def newest() -> str:
    """The newest revision."""
    (head,) = ScriptDirectory(str(MIGRATIONS)).get_heads()
    return head


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


def test_a_column_that_the_models_do_not_know_is_found(app: Flask) -> None:
    database.session.execute(text("ALTER TABLE users ADD COLUMN planted INTEGER"))
    database.session.commit()
    assert len(differences()) == 1


def rows() -> dict[str, int]:
    """How many rows each table has."""
    with database.engine.connect() as connection:
        counts = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in sorted(tables())}
    disconnect()
    return counts


def move(to: Callable[..., None], revision: str, **where: str) -> None:
    disconnect()
    to(revision=revision, **where)
    disconnect()


def test_all_migrations_can_be_undone_and_done_again_with_data(app: Flask) -> None:
    """Down to the first tables and up again nothing gets lost of what both ends have; then down to nothing."""
    make_world()
    before = rows()
    assert len([count for count in before.values() if count]) > 15
    move(flask_migrate.downgrade, FIRST)
    kept = rows()
    policies = kept.pop("policies")  # since then, they are one kind of the vendor's texts
    assert 0 < policies < before["text_versions"]
    assert kept == {name: before[name] for name in kept}
    move(flask_migrate.upgrade, "head")
    assert differences() == []
    after = rows()
    assert {name: after[name] for name in kept} == kept
    assert after["text_versions"] == policies
    move(flask_migrate.downgrade, "base")
    assert tables() <= {"alembic_version"}
    move(flask_migrate.upgrade, "head")
    assert differences() == []


def test_a_migration_that_data_stand_in_the_way_of_is_found(app: Flask, tmp_path: Path) -> None:
    folder = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (folder / "versions" / "9999_planted.py").write_text(PLANTED.format(newest()))
    make_user(), make_user()
    database.session.commit()
    with pytest.raises(IntegrityError):
        move(flask_migrate.upgrade, "head", directory=str(folder))
    disconnect()


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
