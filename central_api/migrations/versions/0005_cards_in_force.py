"""Replacing, sharing and renewing cards; blank stock; token-only people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from central_api.tables.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("replaces", sa.String(length=9), nullable=True))
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("block_reason", sa.String(length=20), nullable=True))
        batch_op.create_index(batch_op.f("ix_cards_person_id"), ["person_id"], unique=False)
    _create_statements()
    _create_stock()
    op.create_table(
        "token_only_people",
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("erased_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_token_only_people_person_id_persons")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_token_only_people")),
    )
    op.create_table(
        "card_clock_runs",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("renewed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_card_clock_runs")),
    )


def _create_statements() -> None:
    op.create_table(
        "card_statements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("card_number", sa.String(length=9), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("slot", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("on_card_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["card_number"], ["cards.number"], name=op.f("fk_card_statements_card_number_cards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_statements")),
        sa.UniqueConstraint("card_number", "version", name=op.f("uq_card_statements_card_number_version")),
    )
    op.create_table(
        "card_shares",
        sa.Column("household_id", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("drawn_before", sa.JSON(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_card_shares_household_id_households")
        ),
        sa.PrimaryKeyConstraint("household_id", "place", name=op.f("pk_card_shares")),
    )


def _create_stock() -> None:
    op.create_table(
        "card_stock_moves",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("card_number", sa.String(length=9), nullable=True),
        sa.Column("operator_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"], name=op.f("fk_card_stock_moves_kiosk_id_kiosks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_stock_moves")),
    )
    with op.batch_alter_table("card_stock_moves", schema=None) as batch_op:
        batch_op.create_index("ix_card_stock_moves_kiosk_id_day", ["kiosk_id", "day"], unique=False)


def downgrade() -> None:
    op.drop_table("card_clock_runs")
    op.drop_table("token_only_people")
    with op.batch_alter_table("card_stock_moves", schema=None) as batch_op:
        batch_op.drop_index("ix_card_stock_moves_kiosk_id_day")
    op.drop_table("card_stock_moves")
    op.drop_table("card_shares")
    op.drop_table("card_statements")
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cards_person_id"))
        batch_op.drop_column("block_reason")
        batch_op.drop_column("place")
        batch_op.drop_column("replaces")
        batch_op.drop_column("person_id")
