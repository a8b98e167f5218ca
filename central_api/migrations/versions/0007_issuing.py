"""Personalisation sessions, countersignatures and quotas of officers' cards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from central_api.tables.base import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_channels",
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("chip_serial_hex", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"], name=op.f("fk_card_channels_kiosk_id_kiosks")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_card_channels")),
    )
    op.create_table(
        "countersignatures",
        sa.Column("card_number", sa.String(length=9), nullable=False),
        sa.Column("officer_card_number", sa.String(length=9), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["card_number"], ["cards.number"], name=op.f("fk_countersignatures_card_number_cards")),
        sa.PrimaryKeyConstraint("card_number", name=op.f("pk_countersignatures")),
    )
    with op.batch_alter_table("countersignatures", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_countersignatures_officer_card_number"), ["officer_card_number"], unique=False
        )
    op.create_table(
        "quota_grants",
        sa.Column("officer_card_number", sa.String(length=9), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("signatures_made", sa.BigInteger(), nullable=False),
        sa.Column("evidenced", sa.Integer(), nullable=False),
        sa.Column("grant", sa.LargeBinary(), nullable=False),
        sa.Column("granted_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_card_number"], ["cards.number"], name=op.f("fk_quota_grants_officer_card_number_cards")
        ),
        sa.PrimaryKeyConstraint("officer_card_number", "number", name=op.f("pk_quota_grants")),
    )


def downgrade() -> None:
    op.drop_table("quota_grants")
    with op.batch_alter_table("countersignatures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_countersignatures_officer_card_number"))
    op.drop_table("countersignatures")
    op.drop_table("card_channels")
