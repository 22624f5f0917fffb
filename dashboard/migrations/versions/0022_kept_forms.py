"""kept forms

What is typed into quotes and bulk orders is kept as that of orders is; an order says from which quote it came.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('drafts', 'quotes'):
        op.add_column(table, sa.Column('typed_in', sa.String(40), nullable=False, server_default=''))
    op.add_column('quotes', sa.Column('revision', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('drafts', sa.Column('quote_id', sa.String(20), nullable=True))
    op.add_column('orders', sa.Column('quote_id', sa.String(20), nullable=True))
    op.execute(
        'UPDATE drafts SET quote_id = (SELECT quote_id FROM quote_drafts WHERE draft_id = drafts.id)'
    )
    op.execute('UPDATE orders SET quote_id = (SELECT max(quote_id) FROM drafts WHERE order_id = orders.id)')
    op.create_index('ix_orders_quote_id', 'orders', ['quote_id'])
    op.drop_table('quote_drafts')
    for table, column in (('drafts', 'typed_in'), ('quotes', 'typed_in'), ('quotes', 'revision')):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, server_default=None)
    op.create_table(
        'bulk_drafts',
        sa.Column('id', sa.String(40), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('rows', sa.Text(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('typed_in', sa.String(40), nullable=False),
        sa.Column('updated_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_bulk_drafts_reseller_id'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name='fk_bulk_drafts_user_id'),
        sa.PrimaryKeyConstraint('id', name='pk_bulk_drafts'),
    )
    op.create_index('ix_bulk_drafts_reseller_id', 'bulk_drafts', ['reseller_id'])


def downgrade() -> None:
    op.drop_table('bulk_drafts')
    op.create_table(
        'quote_drafts',
        sa.Column('draft_id', sa.String(40), nullable=False),
        sa.Column('quote_id', sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(['quote_id'], ['quotes.id'], name='fk_quote_drafts_quote_id'),
        sa.PrimaryKeyConstraint('draft_id', name='pk_quote_drafts'),
    )
    op.create_index('ix_quote_drafts_quote_id', 'quote_drafts', ['quote_id'])
    op.execute(
        'INSERT INTO quote_drafts (draft_id, quote_id) SELECT id, quote_id FROM drafts WHERE quote_id IS NOT NULL'
    )
    op.drop_index('ix_orders_quote_id', 'orders')
    op.drop_column('orders', 'quote_id')
    op.drop_column('quotes', 'revision')
    op.drop_column('quotes', 'typed_in')
    op.drop_column('drafts', 'quote_id')
    op.drop_column('drafts', 'typed_in')
