"""What is learnt of fingers: outcomes and ranks, exceptions with photographs, swapped fingers, devices"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from central_api.tables.base import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("enrolled_rank", sa.Integer(), "1"),
    ("pair_evidence", sa.Integer(), "0"),
    ("attempts", sa.Integer(), "2"),
)


def upgrade() -> None:
    with op.batch_alter_table("templates", schema=None) as batch_op:
        for name, kind, default in _COLUMNS:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        batch_op.add_column(sa.Column("sensor", sa.JSON(), nullable=True))
    op.execute("UPDATE templates SET enrolled_rank = rank")
    with op.batch_alter_table("duplicate_candidates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("swapped", sa.JSON(), nullable=False, server_default="[]"))
    _create_outcomes()
    _create_exceptions()


def _create_outcomes() -> None:
    op.create_table(
        "finger_tries",
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_match", sa.Boolean(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.Column("kiosk_id", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_finger_tries_person_id_persons")),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"], name=op.f("fk_finger_tries_kiosk_id_kiosks")),
        sa.PrimaryKeyConstraint("event_id", "number", name=op.f("pk_finger_tries")),
    )
    op.create_index("ix_finger_tries_person_id_tried_at", "finger_tries", ["person_id", "tried_at"])
    op.create_table(
        "finger_swaps",
        sa.Column("capture_id", sa.String(40), nullable=False),
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("given_as", sa.Integer(), nullable=False),
        sa.Column("known_as", sa.Integer(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("maker", sa.String(40), nullable=True),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("decided_by", sa.String(40), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_finger_swaps_person_id_persons")),
        sa.PrimaryKeyConstraint("capture_id", "person_id", "given_as", name=op.f("pk_finger_swaps")),
    )


def _create_exceptions() -> None:
    op.create_table(
        "finger_exceptions",
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("lasting", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.String(40), nullable=True),
        sa.Column("capture_id", sa.String(40), nullable=False),
        sa.Column("photo", sa.String(20), nullable=True),
        sa.Column("sensor", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_finger_exceptions_person_id_persons")),
        sa.PrimaryKeyConstraint("person_id", "position", name=op.f("pk_finger_exceptions")),
    )
    op.create_table(
        "hand_photos",
        sa.Column("person_id", sa.String(40), nullable=False),
        sa.Column("capture_id", sa.String(40), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_hand_photos_person_id_persons")),
        sa.PrimaryKeyConstraint("person_id", "capture_id", name=op.f("pk_hand_photos")),
    )


def downgrade() -> None:
    for table in ("hand_photos", "finger_exceptions", "finger_swaps", "finger_tries"):
        op.drop_table(table)
    with op.batch_alter_table("duplicate_candidates", schema=None) as batch_op:
        batch_op.drop_column("swapped")
    with op.batch_alter_table("templates", schema=None) as batch_op:
        for name in ("sensor", "attempts", "pair_evidence", "enrolled_rank"):
            batch_op.drop_column(name)
