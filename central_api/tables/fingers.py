"""What is learnt of fingers after enrolment: how they did at desks, which are not there, which were given swapped."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table

from central_api.tables.base import UtcDateTime, metadata

#: One finger tried in a visit, once it was certain whose finger it was.
finger_tries = Table(
    "finger_tries",
    metadata,
    Column("event_id", String(40), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("person_id", String(40), ForeignKey("persons.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_match", Boolean, nullable=False),
    Column("tried_at", UtcDateTime, nullable=False),
    Column("kiosk_id", String(40), ForeignKey("kiosks.id"), nullable=False),
    Index("ix_finger_tries_person_id_tried_at", "person_id", "tried_at"),
)

#: A finger that was not taken: the newest word on it. Position 0 stands for the whole person.
finger_exceptions = Table(
    "finger_exceptions",
    metadata,
    Column("person_id", String(40), ForeignKey("persons.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("reason", String(20), nullable=False),
    Column("lasting", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
    # From this day on it is asked for again; null: never.
    Column("ends_on", Date, nullable=True),
    # The second person who saw the hands; null where nobody else was there.
    Column("signed_by", String(40), nullable=True),
    # The capture it was noted at, which the photograph of the hands goes by.
    Column("capture_id", String(40), nullable=False),
    # Whether there is a photograph, and why not; null where none was asked for.
    Column("photo", String(20), nullable=True),
    Column("sensor", JSON, nullable=True),
)

#: Photographs of hands, sealed for person and capture as templates are.
hand_photos = Table(
    "hand_photos",
    metadata,
    Column("person_id", String(40), ForeignKey("persons.id"), primary_key=True),
    Column("capture_id", String(40), primary_key=True),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

#: A finger that came under another name than before; kept until somebody has decided which name is right.
finger_swaps = Table(
    "finger_swaps",
    metadata,
    Column("capture_id", String(40), primary_key=True),
    Column("person_id", String(40), ForeignKey("persons.id"), primary_key=True),
    Column("given_as", Integer, primary_key=True),
    Column("known_as", Integer, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    # Who took the fingers; somebody else decides.
    Column("maker", String(40), nullable=True),
    Column("decision", String(20), nullable=True),
    Column("decided_by", String(40), nullable=True),
    Column("decided_at", UtcDateTime, nullable=True),
)
