"""Operators out of office, organisations that run desks, amounts set aside at providers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from central_api.tables.base import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("card_quota", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("hired_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "provider_transactions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("card_number", sa.String(length=9), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("period_key", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_transactions")),
    )
    with op.batch_alter_table("provider_transactions", schema=None) as batch_op:
        for name in ("card_number", "kiosk_id", "state"):
            batch_op.create_index(batch_op.f(f"ix_provider_transactions_{name}"), [name], unique=False)
    with op.batch_alter_table("kiosks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation_id", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_kiosks_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_kiosks_organisation_id_organisations"), "organisations", ["organisation_id"], ["id"]
        )
    with op.batch_alter_table("operators", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deactivated_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("operators", schema=None) as batch_op:
        batch_op.drop_column("deactivated_at")
    with op.batch_alter_table("kiosks", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_kiosks_organisation_id_organisations"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_kiosks_organisation_id"))
        batch_op.drop_column("organisation_id")
    op.drop_table("provider_transactions")
    op.drop_table("organisations")
