"""lists of licenses

What a search looks through in licenses, and the ways to a reseller's licenses and to what renews one.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

TOLD = ('serial', 'order_id', 'sku', 'product', 'plan', 'licensee', 'contact', 'email')


def upgrade() -> None:
    op.add_column('licenses', sa.Column('search_text', sa.Text(), nullable=False, server_default=''))
    licenses = sa.table('licenses', sa.column('id'), sa.column('search_text'), *map(sa.column, TOLD))
    bind = op.get_bind()
    found = bind.execute(sa.select(licenses.c.id, *(licenses.c[name] for name in TOLD))).all()
    words = [{'of': one.id, 'text': ' '.join(filter(None, one[1:])).casefold()} for one in found]
    if words:
        fill = sa.update(licenses).where(licenses.c.id == sa.bindparam('of'))
        bind.execute(fill.values(search_text=sa.bindparam('text')), words)
    with op.batch_alter_table('licenses') as batch_op:
        batch_op.alter_column('search_text', server_default=None)
    op.create_index(
        'ix_licenses_reseller_id_updates_until', 'licenses', ['reseller_id', 'updates_until', 'id']
    )
    op.create_index('ix_order_lines_renews', 'order_lines', ['renews'])


def downgrade() -> None:
    op.drop_index('ix_order_lines_renews', 'order_lines')
    op.drop_index('ix_licenses_reseller_id_updates_until', 'licenses')
    op.drop_column('licenses', 'search_text')
