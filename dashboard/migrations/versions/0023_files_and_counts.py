"""files and counts

An index of the orders that have not come to their end, from which staff's tabs are counted. Catalogs that translators
hand in, and files that come with enquiries.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

UNFINISHED = sa.text("cancelled_at IS NULL AND (paid_on IS NULL OR license_state <> 'issued')")


def upgrade() -> None:
    op.create_index(
        'ix_orders_unfinished', 'orders', ['placed_at', 'id'],
        sqlite_where=UNFINISHED, postgresql_where=UNFINISHED,
    )
    op.create_table(
        'handed_in_catalogs',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('language', sa.String(5), nullable=False),
        sa.Column('changed', sa.Integer(), nullable=False),
        sa.Column('handed_in_by', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('handed_in_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['digest'], ['documents.digest'], name='fk_handed_in_catalogs_digest'),
        sa.ForeignKeyConstraint(['handed_in_by'], ['users.id'], name='fk_handed_in_catalogs_handed_in_by'),
        sa.PrimaryKeyConstraint('id', name='pk_handed_in_catalogs'),
        sa.UniqueConstraint('digest', name='uq_handed_in_catalogs_digest'),
    )
    op.create_table(
        'enquiry_files',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('message_id', sa.Integer(), nullable=True),
        sa.Column('mail_id', sa.Integer(), nullable=True),
        sa.Column('name', sa.String(100), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['enquiry_messages.id'], name='fk_enquiry_files_message_id'),
        sa.ForeignKeyConstraint(['mail_id'], ['enquiry_mails.id'], name='fk_enquiry_files_mail_id'),
        sa.ForeignKeyConstraint(['digest'], ['documents.digest'], name='fk_enquiry_files_digest'),
        sa.PrimaryKeyConstraint('id', name='pk_enquiry_files'),
    )
    op.create_index('ix_enquiry_files_message_id', 'enquiry_files', ['message_id'])
    op.create_index('ix_enquiry_files_mail_id', 'enquiry_files', ['mail_id'])


def downgrade() -> None:
    op.drop_table('enquiry_files')
    op.drop_table('handed_in_catalogs')
    op.drop_index('ix_orders_unfinished', 'orders')
