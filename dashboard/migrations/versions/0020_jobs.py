"""jobs

What takes longer than a request should, the files that come of it, and how long an uploaded file of a bank is.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'jobs',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token', sa.String(40), nullable=False),
        sa.Column('key', sa.String(200), nullable=False),
        sa.Column('kind', sa.String(40), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=True),
        sa.Column('language', sa.String(5), nullable=False),
        sa.Column('payload', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(10), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('doing', sa.String(100), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('result', sa.JSON(), nullable=False),
        sa.Column('error', sa.String(500), nullable=False),
        sa.Column('error_values', sa.JSON(), nullable=False),
        sa.Column('asked_at', sa.DateTime(), nullable=False),
        sa.Column('heard_at', sa.DateTime(), nullable=False),
        sa.Column('ended_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name='fk_jobs_user_id'),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_jobs_reseller_id'),
        sa.PrimaryKeyConstraint('id', name='pk_jobs'),
        sa.UniqueConstraint('token', name='uq_jobs_token'),
        sa.UniqueConstraint('key', name='uq_jobs_key'),
    )
    op.create_index('ix_jobs_user_id', 'jobs', ['user_id', 'id'])
    op.create_table(
        'job_files',
        sa.Column('job_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('media_type', sa.String(100), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name='fk_job_files_job_id', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('job_id', name='pk_job_files'),
    )
    # What lies there without having been measured counts as short: it is booked as before.
    with op.batch_alter_table('bank_uploads') as batch_op:
        batch_op.add_column(sa.Column('transfers', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('needs_reason', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('bank_uploads') as batch_op:
        batch_op.alter_column('transfers', server_default=None)
        batch_op.alter_column('needs_reason', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('bank_uploads') as batch_op:
        batch_op.drop_column('needs_reason')
        batch_op.drop_column('transfers')
    op.drop_table('job_files')
    op.drop_table('jobs')
