"""Submissions, candidates and links"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import central_api.tables.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("household_id", sa.String(length=40), nullable=False),
        sa.Column("kiosk_id", sa.String(length=40), nullable=False),
        sa.Column("operator_id", sa.String(length=40), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("refusal", sa.String(length=80), nullable=True),
        sa.Column("received_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"], name=op.f("fk_submissions_kiosk_id_kiosks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submissions_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_status"), ["status"], unique=False)

    op.create_table(
        "duplicate_candidates",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("submission_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("known_person_id", sa.String(length=40), nullable=False),
        sa.Column("name_likeness", sa.Integer(), nullable=False),
        sa.Column("matching_fingers", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", central_api.tables.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["known_person_id"], ["persons.id"], name=op.f("fk_duplicate_candidates_known_person_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_duplicate_candidates_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_candidates")),
    )
    with op.batch_alter_table("duplicate_candidates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_candidates_submission_id"), ["submission_id"], unique=False)
        batch_op.create_index(
            "uq_duplicate_candidates_pair", ["submission_id", "person_id", "known_person_id"], unique=True
        )

    op.create_table(
        "person_links",
        sa.Column("captured_person_id", sa.String(length=40), nullable=False),
        sa.Column("known_person_id", sa.String(length=40), nullable=False),
        sa.Column("submission_id", sa.String(length=40), nullable=False),
        sa.Column("is_primary_household", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["known_person_id"], ["persons.id"], name=op.f("fk_person_links_known_person_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_person_links_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("captured_person_id", name=op.f("pk_person_links")),
    )


def downgrade() -> None:
    op.drop_table("person_links")
    with op.batch_alter_table("duplicate_candidates", schema=None) as batch_op:
        batch_op.drop_index("uq_duplicate_candidates_pair")
        batch_op.drop_index(batch_op.f("ix_duplicate_candidates_submission_id"))

    op.drop_table("duplicate_candidates")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_status"))
        batch_op.drop_index(batch_op.f("ix_submissions_household_id"))

    op.drop_table("submissions")
