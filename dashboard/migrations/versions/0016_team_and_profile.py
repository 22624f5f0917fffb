"""team and profile

Invitations to a company and their links; a person's time zone and letters; what a signed-in browser is known by.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

#: Columns of `users`, with what they hold for those who are there already.
USERS = {
    'time_zone': (sa.String(60), ''),
    'copies_of_orders': (sa.Boolean(), sa.false()),
    'copies_of_reminders': (sa.Boolean(), sa.false()),
    'wants_digest': (sa.Boolean(), sa.true()),
}
BROWSERS = ('browser', 'system')


def upgrade() -> None:
    for name, (kind, value) in USERS.items():
        op.add_column('users', sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table('users') as batch_op:
        for name in USERS:
            batch_op.alter_column(name, server_default=None)
    for name in BROWSERS:
        op.add_column('user_sessions', sa.Column(name, sa.String(20), nullable=False, server_default=''))
    op.add_column('user_sessions', sa.Column('seen_at', sa.DateTime(), nullable=True))
    op.execute('UPDATE user_sessions SET seen_at = created_at')
    with op.batch_alter_table('user_sessions') as batch_op:
        batch_op.alter_column('seen_at', existing_type=sa.DateTime(), nullable=False)
        for name in BROWSERS:
            batch_op.alter_column(name, server_default=None)
    op.create_table(
        'invitations',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('email', sa.String(320), nullable=False),
        sa.Column('email_key', sa.String(320), nullable=False),
        sa.Column('role', sa.String(20), nullable=False),
        sa.Column('language', sa.String(5), nullable=False),
        sa.Column('invited_by_name', sa.String(200), nullable=False),
        sa.Column('by_staff', sa.Boolean(), nullable=False),
        sa.Column('invited_at', sa.DateTime(), nullable=False),
        sa.Column('sent_at', sa.DateTime(), nullable=False),
        sa.Column('closed_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_invitations_reseller_id'),
        sa.PrimaryKeyConstraint('id', name='pk_invitations'),
    )
    op.create_index(
        'uq_invitations_waiting', 'invitations', ['reseller_id', 'email_key'], unique=True,
        sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'),
    )
    op.create_table(
        'invitation_links',
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('invitation_id', sa.Integer(), nullable=False),
        sa.Column('expires_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['invitation_id'], ['invitations.id'], name='fk_invitation_links_invitation_id', ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('token_hash', name='pk_invitation_links'),
    )
    op.create_index('ix_invitation_links_invitation_id', 'invitation_links', ['invitation_id'])


def downgrade() -> None:
    op.drop_table('invitation_links')
    op.drop_table('invitations')
    for name in ('seen_at', *BROWSERS):
        op.drop_column('user_sessions', name)
    for name in USERS:
        op.drop_column('users', name)
