"""Whose fingers changed, noted by the database itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NAME = "note_finger_change"
#: When a template's row changes, and the person it was or is of. The rank alone is no other finger.
_EVENTS = {
    "written": ("INSERT", "NEW"),
    "changed": ("UPDATE OF person_id, position, sealed", "NEW"),
    "moved": ("UPDATE OF person_id", "OLD"),
    "erased": ("DELETE", "OLD"),
}


def upgrade() -> None:
    op.create_table(
        "finger_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finger_changes")),
    )
    with op.batch_alter_table("finger_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finger_changes_stamp"), ["stamp"], unique=False)
    for word, (event, row) in _EVENTS.items():
        for statement in _trigger(f"{_NAME}_{word}", event, row):
            op.execute(statement)


def _trigger(name: str, event: str, row: str) -> list[str]:
    begun = f"CREATE TRIGGER {name} AFTER {event} ON templates FOR EACH ROW"
    if op.get_bind().dialect.name == "postgresql":
        noted = f"VALUES (gen_random_uuid()::text, pg_current_xact_id()::text::bigint, {row}.person_id)"
        body = f"BEGIN INSERT INTO finger_changes {noted}; RETURN NULL; END"  # our own words only
        return [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
            f"{begun} EXECUTE FUNCTION {name}()",
        ]
    values = f"lower(hex(randomblob(16))), COALESCE(MAX(stamp), 0) + 1, {row}.person_id"
    body = f"INSERT INTO finger_changes SELECT {values} FROM finger_changes"  # noqa: S608  # our own words only
    return [f"{begun} BEGIN {body}; END"]


def downgrade() -> None:
    for word in _EVENTS:
        on = " ON templates" if op.get_bind().dialect.name == "postgresql" else ""
        op.execute(f"DROP TRIGGER IF EXISTS {_NAME}_{word}{on}")
        if on:
            op.execute(f"DROP FUNCTION IF EXISTS {_NAME}_{word}()")
    op.drop_table("finger_changes")
