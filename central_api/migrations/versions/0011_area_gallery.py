"""The feed of an area's fingers for its desks, a mark that changes with each finger, what desks found themselves"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from central_api.tables.base import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_gallery",
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("area", "person_id", name=op.f("pk_area_gallery")),
    )
    with op.batch_alter_table("area_gallery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_gallery_number"), ["number"], unique=False)
    op.create_table(
        "local_checks",
        sa.Column("submission_id", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_local_checks_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_local_checks")),
    )
    with op.batch_alter_table("local_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_checks_verdict"), ["verdict"], unique=False)
    with op.batch_alter_table("templates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mark", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_person_id"))
    with op.batch_alter_table("templates", schema=None) as batch_op:
        batch_op.drop_column("mark")
    op.drop_table("local_checks")
    op.drop_table("area_gallery")
