"""open receivables

Which receivables have something open, so that they are found without looking at all entries.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('receivables', sa.Column('is_open', sa.Boolean(), nullable=False, server_default=sa.true()))
    receivables = sa.table('receivables', sa.column('id'), sa.column('is_open'))
    entries = sa.table('ledger_entries', sa.column('receivable_id'), sa.column('account'), sa.column('minor'))
    open_ = (
        sa.select(entries.c.receivable_id)
        .where(entries.c.receivable_id.is_not(None))
        .group_by(entries.c.receivable_id, entries.c.account)
        .having(sa.func.sum(entries.c.minor) != 0)
    )
    op.execute(receivables.update().where(receivables.c.id.not_in(open_)).values(is_open=sa.false()))
    with op.batch_alter_table('receivables') as batch_op:
        batch_op.alter_column('is_open', server_default=None)
        batch_op.create_index(
            'ix_receivables_open', ['reseller_id'],
            sqlite_where=sa.text('is_open = 1'), postgresql_where=sa.text('is_open'),
        )


def downgrade() -> None:
    op.drop_index('ix_receivables_open', 'receivables')
    op.drop_column('receivables', 'is_open')
