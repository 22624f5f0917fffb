"""tax by place and certificate

Rates by ZIP code; exemption certificates, and which of them an order was placed under; confirmed tax numbers.

Revision ID: 0010
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'zip_tax_rates',
        sa.Column('state', sa.String(2), nullable=False),
        sa.Column('zip_code', sa.String(5), nullable=False),
        sa.Column('valid_from', sa.Date(), nullable=False),
        sa.Column('rate', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('state', 'zip_code', 'valid_from', name='pk_zip_tax_rates'),
    )


def downgrade() -> None:
    op.drop_table('zip_tax_rates')
