"""The numbered list of refused cards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from central_api.tables.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocation_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("scanned_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("reconciled_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation_head")),
    )
    op.create_table(
        "listed_cards",
        sa.Column("card_number", sa.String(length=9), nullable=False),
        sa.PrimaryKeyConstraint("card_number", name=op.f("pk_listed_cards")),
    )
    op.create_table(
        "revocation_changes",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("card_number", sa.String(length=9), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", "card_number", name=op.f("pk_revocation_changes")),
    )
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cards_changed_at"), ["changed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cards_changed_at"))
    op.drop_table("revocation_changes")
    op.drop_table("listed_cards")
    op.drop_table("revocation_head")
