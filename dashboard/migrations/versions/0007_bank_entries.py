"""bank entries

What the bank tells of money that came in, and which reseller pays from which account.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'bank_files',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('format', sa.String(30), nullable=False),
        sa.Column('accepted_reason', sa.String(300), nullable=False),
        sa.Column('imported_by', sa.Integer(), nullable=True),
        sa.Column('imported_at', sa.DateTime(), nullable=False),
        sa.Column('accounts', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['imported_by'], ['users.id'], name='fk_bank_files_imported_by'),
        sa.PrimaryKeyConstraint('id', name='pk_bank_files'),
    )
    op.create_index('ix_bank_files_digest', 'bank_files', ['digest'])
    op.create_table(
        'bank_entries',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('file_id', sa.Integer(), nullable=False),
        sa.Column('identity', sa.String(64), nullable=False),
        sa.Column('account', sa.String(64), nullable=False),
        sa.Column('minor', sa.BigInteger(), nullable=False),
        sa.Column('currency', sa.String(3), nullable=False),
        sa.Column('booked_on', sa.Date(), nullable=False),
        sa.Column('received_on', sa.Date(), nullable=False),
        sa.Column('payer_name', sa.String(300), nullable=False),
        sa.Column('payer_account', sa.String(64), nullable=False),
        sa.Column('payer_tax_number', sa.String(40), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('place', sa.String(200), nullable=False),
        sa.Column('state', sa.String(10), nullable=False),
        sa.Column('hurdle', sa.String(20), nullable=False),
        sa.Column('reason', sa.String(20), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=True),
        sa.Column('targets', sa.JSON(), nullable=False),
        sa.Column('within', sa.JSON(), nullable=False),
        sa.Column('transfer_id', sa.Integer(), nullable=True),
        sa.Column('bookings', sa.Integer(), nullable=False),
        sa.Column('note', sa.String(300), nullable=False),
        sa.Column('decided_by', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['file_id'], ['bank_files.id'], name='fk_bank_entries_file_id'),
        sa.ForeignKeyConstraint(['transfer_id'], ['transfers.id'], name='fk_bank_entries_transfer_id'),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_bank_entries_reseller_id'),
        sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name='fk_bank_entries_decided_by'),
        sa.PrimaryKeyConstraint('id', name='pk_bank_entries'),
        sa.UniqueConstraint('identity', name='uq_bank_entries_identity'),
    )
    op.create_index('ix_bank_entries_file_id', 'bank_entries', ['file_id'])
    op.create_index(
        'ix_bank_entries_waiting', 'bank_entries', ['id'],
        sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index('ix_bank_entries_transfer_id', 'bank_entries', ['transfer_id'])
    op.create_table(
        'payer_accounts',
        sa.Column('account', sa.String(64), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('since', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_payer_accounts_reseller_id'),
        sa.PrimaryKeyConstraint('account', 'reseller_id', name='pk_payer_accounts'),
    )


def downgrade() -> None:
    op.drop_table('payer_accounts')
    op.drop_table('bank_entries')
    op.drop_table('bank_files')
