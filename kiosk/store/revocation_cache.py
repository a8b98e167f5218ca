"""The list of refused cards at this desk: three bytes a card, checked in microseconds, never older than it was.

The whole list as it last came is one sealed document; what changed since is another. Both are written in one
transaction, so that a torn update leaves the list before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict

from card_service.packed_numbers import PackedNumbers, pack_numbers
from card_service.revocation import (
    ListHead,
    RevocationChange,
    RevocationsGap,
    SignedRevocations,
    changed_fingerprint,
    check_follows,
    open_change,
    open_whole_list,
    verify_head,
)
from card_service.trust import TrustAnchors
from domain.card_number import CardNumber
from domain.messages.revocations import RevocationUpdate
from domain.revocation_age import ListFreshness, StalenessPolicy
from kiosk.store.card_status import CardStatusChange
from kiosk.store.database import Database
from kiosk.store.documents import Shelf

_CURRENT = "current"
#: Beyond this many changes the whole list is fetched anew, which is quicker to search.
MOST_CHANGES_KEPT = 20_000


class WholeList(BaseModel):
    """A whole list as it came, packed."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    number: int
    packed: bytes


class ListSince(BaseModel):
    """What is held: the whole list of number ``base`` with these changes. ``number`` and the rest are the result's."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    base: int
    number: int
    issued_on: date
    count: int
    fingerprint: bytes
    added: bytes
    removed: bytes


@dataclass(frozen=True, slots=True)
class _Held:
    since: ListSince
    whole: PackedNumbers
    added: frozenset[CardNumber]
    removed: frozenset[CardNumber]

    @property
    def head(self) -> ListHead:
        kept = self.since
        return ListHead(kept.number, None, kept.issued_on, kept.count, kept.fingerprint, b"")


class RevocationCache:
    """The list in force, and what the feed said of single cards after it."""

    def __init__(
        self,
        database: Database,
        whole: Shelf[WholeList],
        since: Shelf[ListSince],
        card_states: Shelf[CardStatusChange],
        policy: StalenessPolicy | None = None,
    ) -> None:
        self._database = database
        self._whole = whole
        self._since = since
        self._card_states = card_states
        self.policy = policy or StalenessPolicy()
        self._held = self._read()
        self._later: dict[CardNumber, bool] | None = None

    def is_revoked(self, card_number: CardNumber) -> bool:
        """Whether the card is to be refused, as far as this desk knows."""
        later = self._later_states().get(card_number)
        if later is not None:
            return later
        held = self._held
        if held is None or card_number in held.removed:
            return False
        return card_number in held.added or card_number in held.whole

    @property
    def cursor(self) -> tuple[int, bytes] | None:
        """Number and fingerprint to ask for changes with; None when the whole list is wanted."""
        held = self._held
        if held is None or len(held.added) + len(held.removed) > MOST_CHANGES_KEPT:
            return None
        return held.since.number, held.since.fingerprint

    @property
    def number(self) -> int | None:
        """Number of the list held."""
        return None if self._held is None else self._held.since.number

    @property
    def count(self) -> int:
        """How many cards are on it."""
        return 0 if self._held is None else self._held.since.count

    def age_days(self, *, on: date) -> int | None:
        """How many days ago the registry last said that this is the newest list; None when there is none."""
        return None if self._held is None else max(0, (on - self._held.since.issued_on).days)

    def freshness(self, *, on: date) -> ListFreshness:
        """Whether the list is young enough to hand over all that is open."""
        return self.policy.freshness(self.age_days(on=on))

    def most_units(self, open_units: int, *, on: date) -> int:
        """How many of the units still open may be handed over against this list on that day."""
        return self.policy.most_units(open_units, self.freshness(on=on))

    def accept(self, update: RevocationUpdate, anchors: TrustAnchors, *, on: date) -> None:
        """Keeps a newer list, or raises RevocationsRefused (and its kinds) or StoreFailed and keeps the one held.

        After ``RevocationsGap`` the whole list is to be fetched. A transaction of its own.
        """
        signed = SignedRevocations(update.head_cose, update.content)
        head = verify_head(signed, anchors, at=on)
        held = self._held
        if held is not None:
            check_follows(held.head, head)
        if head.follows is None:
            fresh = _Held(_since(head, head.number, (), ()), open_whole_list(signed, head), frozenset(), frozenset())
            self._keep(fresh, WholeList(number=head.number, packed=update.content[0]))
            return
        if held is None:
            raise RevocationsGap("changes, and no list that they follow")
        self._keep(_changed(held, head, open_change(signed, head)), None)

    def note_card(self, change: CardStatusChange) -> None:
        """What became of a card since the list. Inside a transaction of the caller."""
        self._card_states.put(change.card_number, change)
        self._later = None

    def _keep(self, held: _Held, whole: WholeList | None) -> None:
        with self._database.transaction():
            if whole is not None:
                self._whole.put(_CURRENT, whole)
            self._since.put(_CURRENT, held.since)
            # The registry made the list after it told of these.
            self._card_states.drop_all()
        self._held = held
        self._later = None

    def _read(self) -> _Held | None:
        whole, since = self._whole.find(_CURRENT), self._since.find(_CURRENT)
        if whole is None or since is None or whole.number != since.base:
            return None
        added, removed = (frozenset(PackedNumbers(each)) for each in (since.added, since.removed))
        return _Held(since, PackedNumbers(whole.packed), added, removed)

    def _later_states(self) -> dict[CardNumber, bool]:
        if self._later is None:
            self._later = {state.card_number: state.is_refused for _, state in self._card_states.all()}
        return self._later


def _since(head: ListHead, base: int, added: Iterable[CardNumber], removed: Iterable[CardNumber]) -> ListSince:
    return ListSince(
        base=base,
        number=head.number,
        issued_on=head.issued_on,
        count=head.count,
        fingerprint=head.fingerprint,
        added=pack_numbers(added),
        removed=pack_numbers(removed),
    )


def _changed(held: _Held, head: ListHead, change: RevocationChange) -> _Held:
    """The list after the change; RevocationsGap when that is not the list which the registry means."""
    count = held.since.count + len(change.added) - len(change.removed)
    if (count, changed_fingerprint(held.since.fingerprint, change)) != (head.count, head.fingerprint):
        raise RevocationsGap("the changes lead to another list")
    added = (held.added - change.removed) | (change.added - held.removed)
    removed = (held.removed - change.added) | (change.removed - held.added)
    return _Held(_since(head, held.since.base, added, removed), held.whole, added, removed)
