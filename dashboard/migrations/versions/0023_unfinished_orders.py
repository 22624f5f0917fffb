"""unfinished orders

An index of the orders that have not come to their end, from which staff's tabs are counted.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

UNFINISHED = sa.text("cancelled_at IS NULL AND (paid_on IS NULL OR license_state <> 'issued')")


def upgrade() -> None:
    op.create_index(
        'ix_orders_unfinished', 'orders', ['placed_at', 'id'],
        sqlite_where=UNFINISHED, postgresql_where=UNFINISHED,
    )


def downgrade() -> None:
    op.drop_index('ix_orders_unfinished', 'orders')
