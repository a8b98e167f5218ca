"""What the registry says of its own audit chains."""

from __future__ import annotations

from domain.record import Record


class StreamVerification(Record):
    """One chain, checked from its first line to its head."""

    stream: str
    lines: int
    #: SHA-256 (hex) of the newest line; zeros for an empty chain.
    head: str
    #: Sequence of the first line that does not fit, when one does not.
    broken_at: int | None = None
    #: Stable code of what is wrong there.
    trouble: str | None = None


class AuditVerification(Record):
    ok: bool
    lines: int
    #: SHA-256 (hex) over the heads of all streams in order.
    head: str
    streams: tuple[StreamVerification, ...]
    #: Heads that the registry signed earlier and wrote outside the database; each was found again.
    anchors: int
