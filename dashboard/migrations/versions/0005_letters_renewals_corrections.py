"""why a letter was not sent; which license a line renews; corrected details of end customers

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


#: Columns that are empty in rows that are there already; new rows get their value from the program.
EMPTY = (('letters', 'moot'), ('order_lines', 'renews'), ('licenses', 'renews'))


def upgrade() -> None:
    for table, column in EMPTY:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column(column, sa.String(length=40), nullable=False, server_default=''))
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, server_default=None)
    with op.batch_alter_table('orders') as batch_op:
        batch_op.add_column(sa.Column('correction', sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('orders') as batch_op:
        batch_op.drop_column('correction')
    for table, column in EMPTY:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(column)
