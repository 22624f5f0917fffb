"""part cancellations

How many pieces of an order's line were cancelled since.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('order_lines', sa.Column('cancelled', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('order_lines') as batch_op:
        batch_op.alter_column('cancelled', server_default=None)


def downgrade() -> None:
    op.drop_column('order_lines', 'cancelled')
