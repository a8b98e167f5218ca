"""The list of refused cards: numbered as cards change state, signed as kiosks ask for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from weakref import WeakKeyDictionary

from card_service.authority import Authority
from card_service.packed_numbers import pack_numbers
from card_service.revocation import (
    ListHead,
    RevocationChange,
    SignedRevocations,
    changed_fingerprint,
    fingerprint_of,
    sign_change,
    sign_whole_list,
)
from central_api.context import Registry
from central_api.database import Database, take_turns
from central_api.errors import MalformedRequest
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from central_api.revocations import repository
from central_api.revocations.repository import Head
from domain.errors import NotAvailableYet
from domain.ids import KioskId
from domain.messages.revocations import RevocationUpdate
from domain.messages.sync import ChangeKind

#: A card is listed a month beyond its last day, for desks whose clock is behind.
KEPT_BEYOND_CARD_LIFE = timedelta(days=31)
#: Transactions that began before the last look may have ended after it.
LOOK_BACK = timedelta(hours=1)
#: More changes than this cost a desk about as much as the whole list.
MOST_CHANGES = 20_000
#: A desk so far ahead of us holds no list of ours.
FURTHEST_AHEAD = 1_000_000


@dataclass(frozen=True, slots=True)
class ListHeld:
    """What a kiosk says that it holds."""

    number: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class _WholeList:
    """Made once for a number and a day: a long list takes seconds to sort."""

    head: Head
    on: date
    signed: SignedRevocations


_made: WeakKeyDictionary[Database, _WholeList] = WeakKeyDictionary()


def advance_list(transaction: Transaction) -> Head:
    """The newest list. It takes the next number when, and only when, it holds other cards than before."""
    connection, now = transaction.connection, transaction.now
    take_turns(connection, "revocations")
    head = repository.find_head(connection)
    today = now.date()
    is_due = head is None or head.reconciled_on != today
    since = None if is_due or head is None else head.scanned_at - LOOK_BACK
    change = repository.find_changes(connection, valid_from=today - KEPT_BEYOND_CARD_LIFE, changed_since=since)
    if head is None:
        following = Head(1, len(change.added), fingerprint_of(change.added), now, today)
    elif change.added or change.removed:
        count = head.count + len(change.added) - len(change.removed)
        following = Head(head.number + 1, count, changed_fingerprint(head.fingerprint, change), now, today)
        transaction.publish(NewChange(kind=ChangeKind.REVOCATIONS, payload={"number": following.number}))
    elif not is_due and now - head.scanned_at < LOOK_BACK:
        return head
    else:
        following = replace(head, scanned_at=now, reconciled_on=today)
    repository.put_changes(connection, following.number, change)
    repository.put_head(connection, following)
    return following


def make_update(
    transaction: Transaction, held: ListHeld | None, kiosk_id: KioskId, registry: Registry
) -> RevocationUpdate:
    """What leads that kiosk to the newest list: changes while they are few and fit, else the whole list.

    Raises NotAvailableYet without issuing keys, MalformedRequest for a number out of all proportion.
    """
    authority = _authority(registry)
    head = advance_list(transaction)
    if held is not None and held.number > head.number:
        head = _overtake(transaction, head, held, kiosk_id)
        held = None
    signed = None if held is None else _changes_since(transaction, held, head, authority)
    if signed is None:
        signed = _whole_list(transaction, head, registry, authority)
    return RevocationUpdate(head_cose=signed.head_cose, content=signed.content)


def _authority(registry: Registry) -> Authority:
    if not isinstance(registry.trust, Authority):
        raise NotAvailableYet("this registry has no issuing keys")
    return registry.trust


def _overtake(transaction: Transaction, head: Head, held: ListHeld, kiosk_id: KioskId) -> Head:
    """A kiosk knows a later list than we do: we were restored from a backup, and our next number is above it."""
    if held.number - head.number > FURTHEST_AHEAD:
        raise MalformedRequest("a list number out of all proportion", problems=1)
    following = replace(head, number=held.number + 1)
    repository.put_head(transaction.connection, following)
    transaction.note(
        AuditLine(
            stream=AuditStream.CARDS,
            at=transaction.now,
            actor=kiosk_id,
            action="revocations.number_raised",
            details={"from": head.number, "to": following.number},
        )
    )
    return following


def _changes_since(
    transaction: Transaction, held: ListHeld, head: Head, authority: Authority
) -> SignedRevocations | None:
    """None when the whole list is needed."""
    connection = transaction.connection
    if repository.count_changes(connection, after=held.number) > MOST_CHANGES:
        return None
    change = repository.net_change(connection, after=held.number)
    undone = changed_fingerprint(head.fingerprint, RevocationChange(change.removed, change.added))
    if undone != held.fingerprint:
        return None
    after = ListHead(head.number, held.number, transaction.now.date(), head.count, head.fingerprint, b"")
    return sign_change(change, after, authority.entitlement_signer)


def _whole_list(transaction: Transaction, head: Head, registry: Registry, authority: Authority) -> SignedRevocations:
    today = transaction.now.date()
    made = _made.get(registry.database)
    if (
        made is not None
        and made.on == today
        and (made.head.number, made.head.fingerprint)
        == (
            head.number,
            head.fingerprint,
        )
    ):
        return made.signed
    signed = sign_whole_list(
        pack_numbers(repository.list_numbers(transaction.connection)),
        number=head.number,
        fingerprint=head.fingerprint,
        issued_on=today,
        signer=authority.entitlement_signer,
    )
    _made[registry.database] = _WholeList(head, today, signed)
    return signed
