"""versions of all texts, the policy's among them

The table of the policies becomes that of all texts. Its rows keep their ids, so that acceptances and orders go on
referring to what was accepted; a policy's number is its old id, as people have read it so far.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table('policies', 'text_versions')
    with op.batch_alter_table('text_versions') as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('number', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('note', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('published_by', sa.Integer(), nullable=True))
    op.execute("UPDATE text_versions SET kind = 'policy', number = id, note = ''")
    with op.batch_alter_table('text_versions') as batch_op:
        batch_op.alter_column('kind', existing_type=sa.String(length=20), nullable=False)
        batch_op.alter_column('number', existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column('note', existing_type=sa.String(length=200), nullable=False)
        batch_op.create_unique_constraint(op.f('uq_text_versions_kind_number'), ['kind', 'number'])
        batch_op.create_foreign_key(op.f('fk_text_versions_published_by'), 'users', ['published_by'], ['id'])
    _rename_on_postgresql('policies', 'text_versions')


def downgrade() -> None:
    """Back to policies alone; the other texts and who published what have no place there."""
    op.execute("DELETE FROM text_versions WHERE kind <> 'policy'")
    with op.batch_alter_table('text_versions') as batch_op:
        batch_op.drop_constraint(op.f('fk_text_versions_published_by'), type_='foreignkey')
        batch_op.drop_constraint(op.f('uq_text_versions_kind_number'), type_='unique')
        batch_op.drop_column('published_by')
        batch_op.drop_column('note')
        batch_op.drop_column('number')
        batch_op.drop_column('kind')
    op.rename_table('text_versions', 'policies')
    _rename_on_postgresql('text_versions', 'policies')


def _rename_on_postgresql(old: str, new: str) -> None:
    """The names that PostgreSQL does not change with the table's."""
    if op.get_context().dialect.name == 'postgresql':
        op.execute(f'ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}')
        op.execute(f'ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq')
