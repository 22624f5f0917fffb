"""enquiries

Enquiries, their messages, and the mails that came in.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'enquiries',
        sa.Column('id', sa.String(20), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('order_id', sa.String(20), nullable=True),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('subject', sa.String(200), nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('unread', sa.Boolean(), nullable=False),
        sa.Column('opened_by', sa.Integer(), nullable=False),
        sa.Column('opened_by_name', sa.String(200), nullable=False),
        sa.Column('opened_at', sa.DateTime(), nullable=False),
        sa.Column('changed_at', sa.DateTime(), nullable=False),
        sa.Column('token', sa.String(24), nullable=False),
        sa.Column('staff_token', sa.String(24), nullable=False),
        sa.Column('search_text', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_enquiries_reseller_id'),
        sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name='fk_enquiries_order_id'),
        sa.ForeignKeyConstraint(['opened_by'], ['users.id'], name='fk_enquiries_opened_by'),
        sa.PrimaryKeyConstraint('id', name='pk_enquiries'),
        sa.UniqueConstraint('token', name='uq_enquiries_token'),
        sa.UniqueConstraint('staff_token', name='uq_enquiries_staff_token'),
    )
    op.create_index('ix_enquiries_reseller_id_changed_at', 'enquiries', ['reseller_id', 'changed_at', 'id'])
    op.create_index('ix_enquiries_changed_at', 'enquiries', ['changed_at', 'id'])
    op.create_index('ix_enquiries_order_id', 'enquiries', ['order_id'])
    op.create_table(
        'enquiry_messages',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('enquiry_id', sa.String(20), nullable=False),
        sa.Column('submit_key', sa.String(80), nullable=False),
        sa.Column('side', sa.String(10), nullable=False),
        sa.Column('author_id', sa.Integer(), nullable=True),
        sa.Column('author_name', sa.String(200), nullable=False),
        sa.Column('address', sa.String(320), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('quoted', sa.Text(), nullable=False),
        sa.Column('left_out', sa.JSON(), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['enquiry_id'], ['enquiries.id'], name='fk_enquiry_messages_enquiry_id'),
        sa.ForeignKeyConstraint(['author_id'], ['users.id'], name='fk_enquiry_messages_author_id'),
        sa.PrimaryKeyConstraint('id', name='pk_enquiry_messages'),
        sa.UniqueConstraint('submit_key', name='uq_enquiry_messages_submit_key'),
    )
    op.create_index('ix_enquiry_messages_enquiry_id', 'enquiry_messages', ['enquiry_id'])
    op.create_table(
        'enquiry_mails',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('identity', sa.String(64), nullable=False),
        sa.Column('sender', sa.String(320), nullable=False),
        sa.Column('sender_name', sa.String(200), nullable=False),
        sa.Column('subject', sa.String(200), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('quoted', sa.Text(), nullable=False),
        sa.Column('left_out', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(10), nullable=False),
        sa.Column('hurdle', sa.String(20), nullable=False),
        sa.Column('enquiry_id', sa.String(20), nullable=True),
        sa.Column('received_at', sa.DateTime(), nullable=False),
        sa.Column('decided_by', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['enquiry_id'], ['enquiries.id'], name='fk_enquiry_mails_enquiry_id'),
        sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name='fk_enquiry_mails_decided_by'),
        sa.PrimaryKeyConstraint('id', name='pk_enquiry_mails'),
        sa.UniqueConstraint('identity', name='uq_enquiry_mails_identity'),
    )
    op.create_index(
        'ix_enquiry_mails_waiting', 'enquiry_mails', ['id'],
        sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table('enquiry_mails')
    op.drop_table('enquiry_messages')
    op.drop_table('enquiries')
