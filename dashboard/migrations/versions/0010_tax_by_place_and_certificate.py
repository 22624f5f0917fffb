"""tax by place and certificate

Rates by ZIP code; exemption certificates, and which of them an order was placed under; confirmed tax numbers.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
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
    op.create_table(
        'exemption_certificates',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('reseller_id', sa.Integer(), nullable=False),
        sa.Column('states', sa.JSON(), nullable=False),
        sa.Column('number', sa.String(60), nullable=False),
        sa.Column('valid_from', sa.Date(), nullable=False),
        sa.Column('valid_until', sa.Date(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('uploaded_by', sa.Integer(), nullable=False),
        sa.Column('uploaded_at', sa.DateTime(), nullable=False),
        sa.Column('decision', sa.String(10), nullable=False),
        sa.Column('decided_at', sa.DateTime(), nullable=True),
        sa.Column('decided_by', sa.Integer(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['reseller_id'], ['resellers.id'], name='fk_exemption_certificates_reseller_id'),
        sa.ForeignKeyConstraint(['uploaded_by'], ['users.id'], name='fk_exemption_certificates_uploaded_by'),
        sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name='fk_exemption_certificates_decided_by'),
        sa.PrimaryKeyConstraint('id', name='pk_exemption_certificates'),
    )
    op.create_index('ix_exemption_certificates_reseller_id', 'exemption_certificates', ['reseller_id'])
    op.create_index(
        'ix_exemption_certificates_waiting', 'exemption_certificates', ['id'],
        sqlite_where=sa.text("decision = 'waiting'"), postgresql_where=sa.text("decision = 'waiting'"),
    )
    with op.batch_alter_table('orders') as batch_op:
        batch_op.add_column(sa.Column('exemption_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('exemption', sa.JSON(), nullable=True))
        batch_op.create_foreign_key('fk_orders_exemption_id', 'exemption_certificates', ['exemption_id'], ['id'])
        batch_op.create_index('ix_orders_exemption_id', ['exemption_id'])
    with op.batch_alter_table('resellers') as batch_op:
        batch_op.add_column(sa.Column('tax_number_confirmed_at', sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('resellers') as batch_op:
        batch_op.drop_column('tax_number_confirmed_at')
    with op.batch_alter_table('orders') as batch_op:
        batch_op.drop_index('ix_orders_exemption_id')
        batch_op.drop_constraint('fk_orders_exemption_id', type_='foreignkey')
        batch_op.drop_column('exemption')
        batch_op.drop_column('exemption_id')
    op.drop_table('exemption_certificates')
    op.drop_table('zip_tax_rates')
