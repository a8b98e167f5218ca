"""Programmes, entitlements, deliveries and cards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import central_api.tables.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("card_number", sa.String(length=9), nullable=False),
        sa.Column("card_sequence", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("period_key", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("verified_by", sa.Integer(), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("operator_id", sa.String(length=40), nullable=True),
        sa.Column("ledger_record", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("was_offline", sa.Boolean(), nullable=False),
        sa.Column("delivered_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("card_number", "card_sequence", name=op.f("uq_deliveries_card_number_card_sequence")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_delivered_at"), ["delivered_at"], unique=False)
        batch_op.create_index("ix_deliveries_drawing", ["household_id", "scheme", "period_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_household_id"), ["household_id"], unique=False)

    op.create_table(
        "programmes",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_programmes")),
        sa.UniqueConstraint("scheme", name=op.f("uq_programmes_scheme")),
    )
    op.create_table(
        "review_cases",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_cases")),
        sa.UniqueConstraint("subject", "reason", name=op.f("uq_review_cases_subject_reason")),
    )
    with op.batch_alter_table("review_cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_cases_state"), ["state"], unique=False)

    op.create_table(
        "programme_choices",
        sa.Column("household_id", sa.String(length=40), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=False),
        sa.Column("chosen_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme"], ["programmes.code"], name=op.f("fk_programme_choices_programme_programmes")
        ),
        sa.PrimaryKeyConstraint("household_id", "programme", name=op.f("pk_programme_choices")),
    )
    op.create_table(
        "cards",
        sa.Column("number", sa.String(length=9), nullable=False),
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.String(length=20), nullable=False),
        sa.Column("household_id", sa.String(length=40), nullable=True),
        sa.Column("operator_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("chip_serial_hex", sa.String(length=64), nullable=False),
        sa.Column("chip_authentication_key", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_package", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=True),
        sa.Column("files_digest_hex", sa.String(length=64), nullable=False),
        sa.Column("statement_version", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("ordered_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_cards_household_id_households")),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"], name=op.f("fk_cards_kiosk_id_kiosks")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_cards_operator_id_operators")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_cards")),
        sa.UniqueConstraint("order_id", name=op.f("uq_cards_order_id")),
    )
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cards_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cards_operator_id"), ["operator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cards_status"), ["status"], unique=False)

    op.create_table(
        "entitlements",
        sa.Column("household_id", sa.String(length=40), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("period_key", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("granted_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_entitlements_household_id_households")
        ),
        sa.ForeignKeyConstraint(["programme"], ["programmes.code"], name=op.f("fk_entitlements_programme_programmes")),
        sa.PrimaryKeyConstraint("household_id", "scheme", "period_key", name=op.f("pk_entitlements")),
    )


def downgrade() -> None:
    op.drop_table("entitlements")
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cards_status"))
        batch_op.drop_index(batch_op.f("ix_cards_operator_id"))
        batch_op.drop_index(batch_op.f("ix_cards_household_id"))

    op.drop_table("cards")
    op.drop_table("programme_choices")
    with op.batch_alter_table("review_cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_cases_state"))

    op.drop_table("review_cases")
    op.drop_table("programmes")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_household_id"))
        batch_op.drop_index("ix_deliveries_drawing")
        batch_op.drop_index(batch_op.f("ix_deliveries_delivered_at"))

    op.drop_table("deliveries")
