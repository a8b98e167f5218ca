"""Grievances, denials, events, audit chains and the feed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import central_api.tables.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("stream", sa.String(length=60), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("stream", "sequence", name=op.f("pk_audit_lines")),
    )
    with op.batch_alter_table("audit_lines", schema=None) as batch_op:
        batch_op.create_index("ix_audit_lines_subject", ["subject"], unique=False)

    op.create_table(
        "audit_streams",
        sa.Column("stream", sa.String(length=60), nullable=False),
        sa.Column("head_sequence", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("head_mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_audit_streams")),
    )
    op.create_table(
        "changes",
        sa.Column("cursor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cursor", name=op.f("pk_changes")),
    )
    op.create_table(
        "denials",
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("card_number", sa.String(length=9), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alternative", sa.Text(), nullable=False),
        sa.Column("rungs", sa.JSON(), nullable=False),
        sa.Column("operator_id", sa.String(length=40), nullable=True),
        sa.Column("grievance_number", sa.String(length=40), nullable=True),
        sa.Column("holder_sex", sa.String(length=1), nullable=True),
        sa.Column("holder_birth_year", sa.Integer(), nullable=True),
        sa.Column("holder_occupation", sa.String(length=60), nullable=True),
        sa.Column("denied_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_denials")),
    )
    with op.batch_alter_table("denials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_denials_denied_at"), ["denied_at"], unique=False)

    op.create_table(
        "events",
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature_hex", sa.String(length=128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("received_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kiosk_id", "sequence", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    op.create_table(
        "feed_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_head")),
    )
    op.create_table(
        "grievances",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=True),
        sa.Column("card_number", sa.String(length=9), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("lodged_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_grievances")),
    )
    with op.batch_alter_table("grievances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grievances_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("grievances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grievances_state"))

    op.drop_table("grievances")
    op.drop_table("feed_head")
    op.drop_table("events")
    with op.batch_alter_table("denials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_denials_denied_at"))

    op.drop_table("denials")
    op.drop_table("changes")
    op.drop_table("audit_streams")
    with op.batch_alter_table("audit_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_lines_subject")

    op.drop_table("audit_lines")
