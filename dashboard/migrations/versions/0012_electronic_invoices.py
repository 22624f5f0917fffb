"""electronic invoices

The EN 16931 XML of an invoice or credit note, kept beside its PDF. Papers that were drawn before have none.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('papers', sa.Column('xml_digest', sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column('papers', 'xml_digest')
