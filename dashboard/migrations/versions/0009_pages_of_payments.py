"""pages of payments

Files that were uploaded and are not booked yet, what the columns of banks' tables mean, orders that were written off.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'bank_uploads',
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('mapping', sa.JSON(), nullable=True),
        sa.Column('uploaded_by', sa.Integer(), nullable=True),
        sa.Column('uploaded_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['uploaded_by'], ['users.id'], name='fk_bank_uploads_uploaded_by'),
        sa.PrimaryKeyConstraint('digest', name='pk_bank_uploads'),
    )
    op.create_table(
        'table_mappings',
        sa.Column('name', sa.String(60), nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('saved_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('name', name='pk_table_mappings'),
    )
    op.add_column('orders', sa.Column('written_off_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column('orders', 'written_off_on')
    op.drop_table('table_mappings')
    op.drop_table('bank_uploads')
