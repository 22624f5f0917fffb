"""statements

Monthly statements as they were sent, and which reminders were.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'statements',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('number', sa.String(30), nullable=False),
        sa.Column('reference', sa.String(25), nullable=False),
        sa.Column('issued_on', sa.Date(), nullable=False),
        sa.Column('currency', sa.String(3), nullable=False),
        sa.Column('total_minor', sa.BigInteger(), nullable=False),
        sa.Column('snapshot', sa.JSON(), nullable=False),
        sa.Column('document_digest', sa.String(64), nullable=True),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_statements_reseller_id'),
        sa.PrimaryKeyConstraint('id', name='pk_statements'),
        sa.UniqueConstraint('reseller_id', 'month', name='uq_statements_reseller_id_month'),
        sa.UniqueConstraint('number', name='uq_statements_number'),
    )
    op.create_table(
        'reminders',
        sa.Column('receivable_id', sa.String(20), nullable=False),
        sa.Column('step', sa.Integer(), nullable=False),
        sa.Column('sent_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['receivable_id'], ['receivables.id'], name='fk_reminders_receivable_id'),
        sa.PrimaryKeyConstraint('receivable_id', 'step', name='pk_reminders'),
    )


def downgrade() -> None:
    op.drop_table('reminders')
    op.drop_table('statements')
