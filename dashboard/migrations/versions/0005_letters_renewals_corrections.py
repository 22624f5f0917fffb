"""why a letter was not sent; which license a line renews; corrected details of end customers

Revision ID: 0005
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('letters') as batch_op:
        batch_op.add_column(sa.Column('moot', sa.String(length=40), nullable=False, server_default=''))
    with op.batch_alter_table('orders') as batch_op:
        batch_op.add_column(sa.Column('correction', sa.JSON(), nullable=True))
    for table in ('order_lines', 'licenses'):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column('renews', sa.String(length=40), nullable=False, server_default=''))


def downgrade() -> None:
    for table in ('licenses', 'order_lines'):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column('renews')
    with op.batch_alter_table('orders') as batch_op:
        batch_op.drop_column('correction')
    with op.batch_alter_table('letters') as batch_op:
        batch_op.drop_column('moot')
