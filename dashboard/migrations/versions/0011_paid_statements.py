"""paid statements

A statement of which nothing is open any more says so. Those that were drawn before keep what they say.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('statements', sa.Column('paid_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column('statements', 'paid_on')
