"""Putting programmes into force."""

from __future__ import annotations

from collections.abc import Iterable

from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from central_api.programmes.repository import put_programme
from domain.messages.sync import ChangeKind
from domain.programmes import Programme


def put_catalogue(transaction: Transaction, programmes: Iterable[Programme]) -> int:
    """How many programmes are new or changed; kiosks are told to fetch their bundle when any is."""
    changed = [each for each in programmes if put_programme(transaction.connection, each)]
    for programme in changed:
        line = AuditLine(
            stream=AuditStream.SERVICE,
            at=transaction.now,
            actor="registry",
            action="programme.put",
            subject=f"programme:{programme.code}",
            details={"version": programme.version, "scheme": programme.scheme},
        )
        transaction.note(line)
    if changed:
        transaction.publish(NewChange(kind=ChangeKind.BUNDLE, payload={"programmes": len(changed)}))
    return len(changed)
