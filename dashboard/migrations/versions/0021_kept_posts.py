"""kept posts

What was posted when a session had ended, until its sender has signed in again; and what an upload is booked as.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'kept_posts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key_hash', sa.String(length=64), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('sealed', sa.Text(), nullable=False),
        sa.Column('expires_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name='fk_kept_posts_user_id', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_kept_posts'),
        sa.UniqueConstraint('key_hash', name='uq_kept_posts_key_hash'),
    )
    op.create_index('ix_kept_posts_user_id', 'kept_posts', ['user_id'])
    op.create_index('ix_kept_posts_expires_at', 'kept_posts', ['expires_at'])
    with op.batch_alter_table('bank_uploads') as batch_op:
        batch_op.add_column(sa.Column('file_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key('fk_bank_uploads_file_id', 'bank_files', ['file_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('bank_uploads') as batch_op:
        batch_op.drop_constraint('fk_bank_uploads_file_id', type_='foreignkey')
        batch_op.drop_column('file_id')
    op.drop_table('kept_posts')
