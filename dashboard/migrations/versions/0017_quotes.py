"""quotes

Quotes that resellers make for their customers, the order drafts begun from them, and the companies' logos.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('resellers', sa.Column('logo_digest', sa.String(64), nullable=True))
    op.create_table(
        'quotes',
        sa.Column('id', sa.String(20), nullable=False),
        sa.Column('number', sa.String(20), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('submit_key', sa.String(40), nullable=False),
        sa.Column('made_by', sa.Integer(), nullable=False),
        sa.Column('made_by_name', sa.String(200), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('currency', sa.String(3), nullable=False),
        sa.Column('lines', sa.JSON(), nullable=False),
        sa.Column('customer', sa.JSON(), nullable=False),
        sa.Column('valid_until', sa.Date(), nullable=False),
        sa.Column('tax_label', sa.String(60), nullable=False),
        sa.Column('tax_rate', sa.Integer(), nullable=False),
        sa.Column('terms', sa.Text(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('reference', sa.String(60), nullable=False),
        sa.Column('total_minor', sa.BigInteger(), nullable=False),
        sa.Column('search_text', sa.Text(), nullable=False),
        sa.Column('issued_at', sa.DateTime(), nullable=True),
        sa.Column('snapshot', sa.JSON(), nullable=True),
        sa.Column('document_digest', sa.String(64), nullable=True),
        sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_quotes_reseller_id'),
        sa.ForeignKeyConstraint(['made_by'], ['users.id'], name='fk_quotes_made_by'),
        sa.PrimaryKeyConstraint('id', name='pk_quotes'),
        sa.UniqueConstraint('number', 'version', name='uq_quotes_number_version'),
        sa.UniqueConstraint('reseller_id', 'submit_key', name='uq_quotes_reseller_id_submit_key'),
    )
    op.create_index('ix_quotes_reseller_id_created_at', 'quotes', ['reseller_id', 'created_at', 'id'])
    op.create_table(
        'quote_drafts',
        sa.Column('draft_id', sa.String(40), nullable=False),
        sa.Column('quote_id', sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(['quote_id'], ['quotes.id'], name='fk_quote_drafts_quote_id'),
        sa.PrimaryKeyConstraint('draft_id', name='pk_quote_drafts'),
    )
    op.create_index('ix_quote_drafts_quote_id', 'quote_drafts', ['quote_id'])


def downgrade() -> None:
    op.drop_table('quote_drafts')
    op.drop_table('quotes')
    op.drop_column('resellers', 'logo_digest')
