"""accounts of the ledger

An entry names the sum that it changes (principal, interest, credit); a receivable is no longer always an order.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('ledger_entries') as batch_op:
        batch_op.drop_constraint('fk_ledger_entries_order_id', type_='foreignkey')
        batch_op.drop_index('ix_ledger_entries_order_id')
        batch_op.drop_index('ix_ledger_entries_reseller_id_order_id')
    op.execute('ALTER TABLE receivables RENAME COLUMN order_id TO id')
    with op.batch_alter_table('receivables') as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(20), nullable=False, server_default='order'))
        batch_op.add_column(sa.Column('order_id', sa.String(20), nullable=True))
        batch_op.add_column(sa.Column('interest_rate', sa.Integer(), nullable=False, server_default='0'))
        batch_op.create_index('ix_receivables_order_id', ['order_id'])
    op.execute('UPDATE receivables SET order_id = id WHERE number IS NULL')
    op.execute("UPDATE receivables SET kind = 'opening' WHERE number IS NOT NULL")
    with op.batch_alter_table('receivables') as batch_op:
        batch_op.alter_column('kind', server_default=None, existing_type=sa.String(20), existing_nullable=False)
        batch_op.alter_column('interest_rate', server_default=None, existing_type=sa.Integer(), existing_nullable=False)

    op.execute('ALTER TABLE ledger_entries RENAME COLUMN order_id TO receivable_id')
    with op.batch_alter_table('ledger_entries') as batch_op:
        batch_op.add_column(sa.Column('account', sa.String(10), nullable=False, server_default='credit'))
    op.execute("UPDATE ledger_entries SET account = 'principal' WHERE receivable_id IS NOT NULL")
    with op.batch_alter_table('ledger_entries') as batch_op:
        batch_op.alter_column('account', server_default=None, existing_type=sa.String(10), existing_nullable=False)
        batch_op.create_foreign_key('fk_ledger_entries_receivable_id', 'receivables', ['receivable_id'], ['id'])
        batch_op.create_check_constraint(
            'is_credit_or_of_a_receivable', "(account = 'credit') = (receivable_id IS NULL)"
        )
        batch_op.create_index('ix_ledger_entries_receivable_id', ['receivable_id'])
        batch_op.create_index('ix_ledger_entries_reseller_id_account', ['reseller_id', 'account'])
        batch_op.create_index('ix_ledger_entries_transfer_id', ['transfer_id'])
        batch_op.create_index('ix_ledger_entries_minor_kind', ['minor', 'kind'])
    with op.batch_alter_table('transfers') as batch_op:
        batch_op.add_column(sa.Column('undone_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('undone_reason', sa.String(300), nullable=False, server_default=''))
    with op.batch_alter_table('transfers') as batch_op:
        batch_op.alter_column('undone_reason', server_default=None, existing_type=sa.String(300), existing_nullable=False)


    op.create_table(
        'interest_entries',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('receivable_id', sa.String(20), nullable=False),
        sa.Column('ledger_entry_id', sa.Integer(), nullable=True),
        sa.Column('after', sa.Date(), nullable=False),
        sa.Column('until', sa.Date(), nullable=False),
        sa.Column('rate', sa.Integer(), nullable=False),
        sa.Column('pieces', sa.JSON(), nullable=False),
        sa.Column('minor', sa.BigInteger(), nullable=False),
        sa.Column('currency', sa.String(3), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['receivable_id'], ['receivables.id'], name='fk_interest_entries_receivable_id'),
        sa.ForeignKeyConstraint(['ledger_entry_id'], ['ledger_entries.id'], name='fk_interest_entries_ledger_entry_id'),
        sa.PrimaryKeyConstraint('id', name='pk_interest_entries'),
    )
    op.create_index('ix_interest_entries_receivable_id', 'interest_entries', ['receivable_id'])
    op.create_table(
        'bundles',
        sa.Column('reference', sa.String(25), nullable=False),
        sa.Column('number', sa.String(30), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('currency', sa.String(3), nullable=False),
        sa.Column('receivable_ids', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_bundles_reseller_id'),
        sa.PrimaryKeyConstraint('reference', name='pk_bundles'),
        sa.UniqueConstraint('number', name='uq_bundles_number'),
    )
    op.create_index('ix_bundles_reseller_id', 'bundles', ['reseller_id'])


def downgrade() -> None:
    op.drop_table('bundles')
    op.drop_table('interest_entries')
    with op.batch_alter_table('transfers') as batch_op:
        batch_op.drop_column('undone_reason')
        batch_op.drop_column('undone_at')
    with op.batch_alter_table('ledger_entries') as batch_op:
        batch_op.drop_index('ix_ledger_entries_minor_kind')
        batch_op.drop_index('ix_ledger_entries_transfer_id')
        batch_op.drop_index('ix_ledger_entries_reseller_id_account')
        batch_op.drop_index('ix_ledger_entries_receivable_id')
        batch_op.drop_constraint(op.f('ck_ledger_entries_is_credit_or_of_a_receivable'), type_='check')
        batch_op.drop_constraint('fk_ledger_entries_receivable_id', type_='foreignkey')
        batch_op.drop_column('account')
    op.execute('ALTER TABLE ledger_entries RENAME COLUMN receivable_id TO order_id')
    with op.batch_alter_table('receivables') as batch_op:
        batch_op.drop_index('ix_receivables_order_id')
        batch_op.drop_column('interest_rate')
        batch_op.drop_column('order_id')
        batch_op.drop_column('kind')
    op.execute('ALTER TABLE receivables RENAME COLUMN id TO order_id')
    with op.batch_alter_table('ledger_entries') as batch_op:
        batch_op.create_foreign_key('fk_ledger_entries_order_id', 'receivables', ['order_id'], ['order_id'])
        batch_op.create_index('ix_ledger_entries_order_id', ['order_id'])
        batch_op.create_index('ix_ledger_entries_reseller_id_order_id', ['reseller_id', 'order_id'])
