"""Runs the migrations on the application's own engine; imports no live model."""

from alembic import context
from flask import current_app

from dashboard.extensions import db
from dashboard.web.transactions import writing

config = context.config


def run() -> None:
    with writing(), db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=current_app.extensions["migrate"].db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
