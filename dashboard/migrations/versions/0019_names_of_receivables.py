"""names of receivables

A supplementary invoice is called by its number wherever something is owed for it.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

RECEIVABLES = sa.table('receivables', sa.column('reference'), sa.column('kind'), sa.column('number'))
PAPERS = sa.table('papers', sa.column('kind'), sa.column('number'), sa.column('snapshot', sa.JSON()))


def upgrade() -> None:
    with op.batch_alter_table('receivables') as batch_op:
        batch_op.drop_index('uq_receivables_reseller_id_number')
        batch_op.create_index(
            'uq_receivables_debt', ['reseller_id', 'number'], unique=True,
            sqlite_where=sa.text("kind = 'opening'"), postgresql_where=sa.text("kind = 'opening'"),
        )
    supplements = sa.select(PAPERS.c.number, PAPERS.c.snapshot).where(PAPERS.c.kind == 'supplement')
    for number, snapshot in op.get_bind().execute(supplements).all():
        named = RECEIVABLES.update().where(RECEIVABLES.c.reference == snapshot['reference'])
        op.execute(named.values(number=number))


def downgrade() -> None:
    op.execute(RECEIVABLES.update().where(RECEIVABLES.c.kind == 'supplement').values(number=None))
    with op.batch_alter_table('receivables') as batch_op:
        batch_op.drop_index('uq_receivables_debt')
        batch_op.create_index('uq_receivables_reseller_id_number', ['reseller_id', 'number'], unique=True)
