"""undelivered letters

An index of the letters that have still to leave, or cannot: from it staff's tabs and the desk are counted.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op


revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

UNDELIVERED = sa.text("sent_at IS NULL AND moot = '' AND (composed_at IS NULL OR error <> '')")


def upgrade() -> None:
    op.create_index(
        'ix_letters_undelivered', 'letters', ['id'], sqlite_where=UNDELIVERED, postgresql_where=UNDELIVERED
    )


def downgrade() -> None:
    op.drop_index('ix_letters_undelivered', 'letters')
