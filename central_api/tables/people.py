"""Places, households and persons; consent; and the sealed biometrics, in tables of their own."""

from __future__ import annotations

import secrets

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from central_api.tables.base import UtcDateTime, metadata

_MARK_BITS = 48


def new_mark() -> int:
    """A number that no other finger has; ten of them can be summed in a column."""
    return secrets.randbits(_MARK_BITS)


areas = Table(
    "areas",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("level", Integer, nullable=False),
    Column("parent", String(40), nullable=True, index=True),
    Column("names", JSON, nullable=False),
)

households = Table(
    "households",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("area", String(40), ForeignKey("areas.code"), nullable=False, index=True),
    Column("address_line", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("papers", JSON, nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name_latin", Text, nullable=False),
    Column("name_local", Text, nullable=False),
    Column("name_script", String(4), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("born_on", Date, nullable=False),
    Column("born_precision", String(10), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("papers", JSON, nullable=False),
    # The name as the duplicate search compares it (duplicates/names.py) and its rough sound, to find candidates by.
    Column("name_key", Text, nullable=False),
    Column("birth_year", Integer, nullable=False),
    Index("ix_persons_birth_year_sex", "birth_year", "sex"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("household_id", String(40), ForeignKey("households.id"), primary_key=True),
    Column("person_id", String(40), ForeignKey("persons.id"), primary_key=True, index=True),
    Column("relationship", String(20), nullable=False),
    # Place in the household as registered: the member index on the card is position + 1.
    Column("position", Integer, nullable=False),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("left_at", UtcDateTime, nullable=True),
)

consents = Table(
    "consents",
    metadata,
    Column("submission_id", String(40), primary_key=True),
    Column("person_id", String(40), primary_key=True, index=True),
    Column("purpose", String(20), primary_key=True),
    Column("record", JSON, nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=True),
)

#: AES-GCM per record; the additional data name person and finger, so that a row cannot be moved to another person.
templates = Table(
    "templates",
    metadata,
    Column("person_id", String(40), ForeignKey("persons.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("quality", Integer, nullable=False),
    # Which finger to ask for, 1 first: as learnt since; enrolled_rank is what enrolment said.
    Column("rank", Integer, nullable=False),
    Column("enrolled_rank", Integer, nullable=False, server_default="1"),
    Column("pair_evidence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="2"),
    # The device that took it (domain.sensors); null where none was told.
    Column("sensor", JSON, nullable=True),
    # Another one for another template: whoever writes fingers anew in place gives ``new_mark()`` too, and desks hear.
    Column("mark", BigInteger, nullable=False, default=new_mark, server_default="0"),
)

portraits = Table(
    "portraits",
    metadata,
    Column("person_id", String(40), ForeignKey("persons.id"), primary_key=True),
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("household_id", String(40), nullable=False, index=True),
    Column("kiosk_id", String(40), ForeignKey("kiosks.id"), nullable=False),
    Column("operator_id", String(40), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    # As received: only the enrolment key opens it. Kept sealed while it waits for decisions.
    Column("sealed", LargeBinary, nullable=False),
    Column("status", String(20), nullable=False, index=True),
    Column("refusal", String(80), nullable=True),
    Column("received_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=True),
    # What was registered: people, and those among them without a single finger.
    Column("people", Integer, nullable=False, server_default="0"),
    Column("failed_captures", Integer, nullable=False, server_default="0"),
)

duplicate_candidates = Table(
    "duplicate_candidates",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("submission_id", String(40), ForeignKey("submissions.id"), nullable=False, index=True),
    Column("person_id", String(40), nullable=False),
    Column("known_person_id", String(40), ForeignKey("persons.id"), nullable=False),
    Column("name_likeness", Integer, nullable=False),
    Column("matching_fingers", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    # Fingers of both that match under other names: pairs of given and known position.
    Column("swapped", JSON, nullable=False, server_default="[]"),
    Column("decision", String(20), nullable=True),
    Column("decision_reason", Text, nullable=True),
    Column("decided_by", String(40), nullable=True),
    Column("decided_at", UtcDateTime, nullable=True),
    Index("uq_duplicate_candidates_pair", "submission_id", "person_id", "known_person_id", unique=True),
)

#: A person captured again who turned out to be one already known.
person_links = Table(
    "person_links",
    metadata,
    Column("captured_person_id", String(40), primary_key=True),
    Column("known_person_id", String(40), ForeignKey("persons.id"), nullable=False),
    Column("submission_id", String(40), ForeignKey("submissions.id"), nullable=False),
    Column("is_primary_household", Boolean, nullable=False),
)
