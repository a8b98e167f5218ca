"""How many people a registration brought, and how many of them without a finger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        for name in ("people", "failed_captures"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        for name in ("failed_captures", "people"):
            batch_op.drop_column(name)
