"""Checking the chains: any line that was edited, added or taken away shows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable

from sqlalchemy import Connection

from central_api.audit.anchors import Anchor, AnchorsDamaged, read_anchors
from central_api.audit.repository import StoredHead, StoredLine, list_heads, list_streams_with_lines, read_lines
from central_api.context import Registry
from central_api.journal.audit_chain import FIRST_HASH, AuditStream, hash_of, head_mac
from domain.messages.audit import AuditVerification, StreamVerification

LINE_MISSING = "audit.line_missing"
LINE_EDITED = "audit.line_edited"
LINE_MISPLACED = "audit.line_misplaced"
HEAD_WRONG = "audit.head_wrong"
HEAD_MISSING = "audit.head_missing"
STREAM_UNKNOWN = "audit.stream_unknown"
ANCHOR_GONE = "audit.anchor_gone"


def verify_audit(registry: Registry) -> AuditVerification:
    """Every chain from its first line to its head, compared with the signed heads outside the database."""
    try:
        anchors, are_anchors_whole = read_anchors(registry), True
    except AnchorsDamaged:
        anchors, are_anchors_whole = [], False
    with registry.database.read() as connection:
        heads = list_heads(connection)
        unknown = [name for name in list_streams_with_lines(connection) if name not in set(AuditStream)]
        checked = [_verify_stream(connection, stream, heads, anchors, registry.audit_key) for stream in AuditStream]
    checked += [StreamVerification(stream=name, lines=0, head="", trouble=STREAM_UNKNOWN) for name in unknown]
    together = "|".join(f"{stream.stream}:{stream.lines}:{stream.head}" for stream in checked)
    return AuditVerification(
        ok=are_anchors_whole and all(stream.trouble is None for stream in checked),
        lines=sum(stream.lines for stream in checked),
        head=hashlib.sha256(together.encode()).hexdigest(),
        streams=tuple(checked),
        anchors=len(anchors),
    )


def _verify_stream(
    connection: Connection, stream: str, heads: dict[str, StoredHead], anchors: list[Anchor], key: bytes
) -> StreamVerification:
    anchored = {anchor.sequence: anchor.hash for anchor in anchors if anchor.stream == stream}
    count, previous, trouble = _follow(read_lines(connection, stream), anchored)
    if trouble is not None:
        return StreamVerification(stream=stream, lines=count, head=previous, broken_at=count + 1, trouble=trouble)
    trouble = _check_head(stream, heads.get(stream), count, previous, key)
    if trouble is None and any(sequence > count for sequence in anchored):
        trouble = ANCHOR_GONE
    broken_at = None if trouble is None else count + 1
    return StreamVerification(stream=stream, lines=count, head=previous, broken_at=broken_at, trouble=trouble)


def _follow(lines: Iterable[StoredLine], anchored: dict[int, str]) -> tuple[int, str, str | None]:
    """How many lines fit, the hash of the last that does, and what is wrong with the next."""
    count, previous = 0, FIRST_HASH
    for stored in lines:
        trouble = _check_line(stored, count + 1, previous)
        if trouble is None and anchored.get(stored.sequence, stored.hash) != stored.hash:
            trouble = ANCHOR_GONE
        if trouble is not None:
            return count, previous, trouble
        count, previous = count + 1, stored.hash
    return count, previous, None


def _check_line(stored: StoredLine, sequence: int, previous: str) -> str | None:
    if stored.sequence != sequence:
        return LINE_MISSING
    if not hmac.compare_digest(hash_of(stored.line), stored.hash):
        return LINE_EDITED
    try:
        plain = json.loads(stored.line)
    except ValueError:
        return LINE_EDITED
    if plain.get("sequence") != sequence or plain.get("previous") != previous:
        return LINE_MISPLACED
    # The copies that the console searches by must say what the line says.
    same = plain.get("action") == stored.action and plain.get("subject") == stored.subject
    return None if same else LINE_EDITED


def _check_head(stream: str, head: StoredHead | None, count: int, last_hash: str, key: bytes) -> str | None:
    if head is None:
        return HEAD_MISSING
    if head.sequence != count:
        return LINE_MISSING if head.sequence > count else HEAD_WRONG
    is_ours = hmac.compare_digest(head.mac, head_mac(key, stream, count, last_hash))
    return None if is_ours and head.hash == last_hash else HEAD_WRONG
