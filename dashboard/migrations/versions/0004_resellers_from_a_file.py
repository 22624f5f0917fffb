"""Resellers that are loaded from a file, and their debts from before this program.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-27 05:30:00

"""
import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added without a batch: SQLite would rebuild the tables, which others point at.
    op.add_column('resellers', sa.Column('external_key', sa.String(length=60), nullable=True))
    op.create_index('uq_resellers_external_key', 'resellers', ['external_key'], unique=True)
    op.add_column('receivables', sa.Column('number', sa.String(length=60), nullable=True))
    op.create_index('uq_receivables_reseller_id_number', 'receivables', ['reseller_id', 'number'], unique=True)


def downgrade() -> None:
    op.drop_index('uq_receivables_reseller_id_number', 'receivables')
    op.drop_column('receivables', 'number')
    op.drop_index('uq_resellers_external_key', 'resellers')
    op.drop_column('resellers', 'external_key')
