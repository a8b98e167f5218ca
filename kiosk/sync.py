"""Sync with the registry: push what happened here, then pull what happened elsewhere. Nothing waits for it but sync."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from card_service.revocation import RevocationsGap, RevocationsRefused
from domain.desk_policy import read_desk_policy
from domain.errors import ProjectError
from domain.messages.enrolment import EnrolmentStatus
from domain.messages.fingers import FingersKnown
from domain.messages.kiosks import SignedBundle
from domain.messages.sync import Change, ChangeKind, PullAnswer, PushReceipt, PushRequest, SignedPushReceipt
from kiosk.quota_renewal import QuotaRenewal
from kiosk.registry_client import RegistryClient, RegistryOutOfOrder, RegistryRefused, RegistryUnreachable
from kiosk.store.bundle_cache import BundleRefused
from kiosk.store.card_status import CardStatusChange
from kiosk.store.kiosk_store import KioskStore

_log = logging.getLogger(__name__)

_BATCH = 20
_CURSOR = "sync.cursor"
_FIRST_PAUSE_S = 1.0
#: Long enough to spare a registry that is ill, short enough to be in step within a minute of its return.
_LONGEST_PAUSE_S = 15.0
_IDLE_PAUSE_S = 5.0
#: A list that did not change is still asked for so often: its age is what the desk goes by.
_LIST_EVERY = timedelta(hours=1)
_LIST_AGAIN_AFTER = timedelta(minutes=5)


class ReceiptRefused(ProjectError):
    """The receipt is not signed by the registry, or not for us: nothing in the outbox is touched."""

    code = "sync.receipt_refused"
    message_key = "registry.out_of_order"


@dataclass(frozen=True, slots=True)
class SyncState:
    """What the screen shows of it."""

    is_online: bool = False
    last_success: datetime | None = None
    #: Code of the last failure, None when the last round succeeded.
    problem: str | None = None


class Sync:
    """Push then pull, now and again in the background."""

    def __init__(self, store: KioskStore, client: RegistryClient, registry_key: Ed25519PublicKey) -> None:
        self._store = store
        self._client = client
        self._registry_key = registry_key
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._on_change: list[Callable[[SyncState], None]] = []
        self._on_decided: list[Callable[[], None]] = []
        self._bundle_asked_on: date | None = None
        self._list_due_at: datetime | None = None
        self.quotas = QuotaRenewal(store, client)
        self.state = SyncState()

    def on_change(self, listener: Callable[[SyncState], None]) -> None:
        """Called on the event loop whenever ``state`` changes."""
        self._on_change.append(listener)

    def on_decided(self, listener: Callable[[], None]) -> None:
        """Called on the event loop when the registry has decided a registration of this desk."""
        self._on_decided.append(listener)

    def nudge(self) -> None:
        """There is something new to send: do not wait for the next round."""
        self._wake.set()

    async def sync_now(self) -> SyncState:
        """One whole round; the state says how it went. Never raises for what network or registry can do."""
        async with self._turn:
            try:
                await self._push_all()
                await self._pull_all()
                await self._refresh_list()
                await self.quotas.renew_low()
            except (RegistryUnreachable, RegistryOutOfOrder, RegistryRefused, ReceiptRefused, BundleRefused) as error:
                # Refusals of single events are verdicts, not errors; what lands here stops the whole round.
                is_online = not isinstance(error, RegistryUnreachable)
                self._set(SyncState(is_online, self.state.last_success, error.code))
            else:
                self._set(SyncState(True, self._store.clock.now(), None))
        return self.state

    async def run(self) -> None:
        """Rounds for ever, slower while they fail; cancel to stop."""
        pause_s = _FIRST_PAUSE_S
        while True:
            state = await self.sync_now()
            pause_s = _IDLE_PAUSE_S if state.problem is None else min(pause_s * 2, _LONGEST_PAUSE_S)
            # Kiosks that lost the same network must not all come back in the same second.
            await self._wait(pause_s * random.uniform(0.8, 1.2))  # noqa: S311  no secret depends on it

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._wake.clear()

    async def _push_all(self) -> None:
        may_offer_again = True
        while events := self._store.outbox.waiting(limit=_BATCH):
            signed = await self._client.push(PushRequest(kiosk_id=self._store.kiosk_id, events=tuple(events)))
            if self._settle(signed):
                continue
            if not may_offer_again or not self._offer_again(events[0].body.sequence):
                raise ReceiptRefused("the receipt answers none of what was sent")
            may_offer_again = False

    def _offer_again(self, sequence: int) -> bool:
        """A registry that holds less than it receipted (restored from a backup) gets all of it once more."""
        if sequence == 1:
            return False
        with self._store.database.transaction():
            self._store.outbox.offer_again(1)
        return True

    def _settle(self, signed: SignedPushReceipt) -> bool:
        """Whether the receipt moved anything on."""
        receipt = self._checked(signed)
        with self._store.database.transaction():
            settled = [self._store.outbox.settle(answer) for answer in receipt.answers]
            self._store.clock.raise_to(receipt.received_at)
            self._store.clock.keep()
            has_let_go = self._is_token_only() and self._let_go(receipt)
        if has_let_go:
            self._store.database.empty_log()
        return any(settled)

    def _let_go(self, receipt: PushReceipt) -> bool:
        """Whether any registration was among what is receipted; nothing of them is kept here."""
        return sum(self._store.outbox.let_go(answer.event_id) for answer in receipt.answers) > 0

    def _is_token_only(self) -> bool:
        bundles = self._store.bundles
        return bundles.is_there and read_desk_policy(bundles.current.settings).is_token_only

    def _checked(self, signed: SignedPushReceipt) -> PushReceipt:
        try:
            self._registry_key.verify(bytes.fromhex(signed.signature_hex), signed.receipt_json.encode())
            receipt = PushReceipt.model_validate_json(signed.receipt_json)
        except (InvalidSignature, ValueError):
            raise ReceiptRefused("not signed by the registry, or malformed") from None
        if receipt.kiosk_id != self._store.kiosk_id:
            raise ReceiptRefused("a receipt for another kiosk")
        return receipt

    async def _pull_all(self) -> None:
        if self._is_bundle_of_another_day():
            await self._take_bundle()
        while True:
            answer = await self._client.pull(after=self._cursor())
            if any(change.kind is ChangeKind.BUNDLE for change in answer.changes):
                # Before the cursor moves past the news of it.
                await self._take_bundle()
            if not self._apply(answer):
                return

    async def _take_bundle(self) -> None:
        signed: SignedBundle = await self._client.bundle()
        with self._store.database.transaction():
            self._store.bundles.accept(signed)
        self._bundle_asked_on = self._store.clock.today()

    def _is_bundle_of_another_day(self) -> bool:
        """Once a day, changed or not: the certificates in it are of days."""
        bundles, today = self._store.bundles, self._store.clock.today()
        return not bundles.is_there or (bundles.current.today < today and self._bundle_asked_on != today)

    async def _refresh_list(self) -> None:
        """The list of refused cards, when there is news of it or it was not asked for in the last hour.

        A list that cannot be had or believed leaves the one held in force, and its age in sight: nothing waits for it.
        """
        now = self._store.clock.now()
        if self._list_due_at is not None and now < self._list_due_at:
            return
        try:
            await self._take_newest_list()
        except (RegistryRefused, RegistryOutOfOrder, RevocationsRefused) as error:
            _log.warning("no newer list of refused cards: %s", error.code)
            self._list_due_at = now + _LIST_AGAIN_AFTER
        else:
            self._list_due_at = now + _LIST_EVERY

    async def _take_newest_list(self) -> None:
        try:
            await self._take_list(self._store.revocations.cursor)
        except RevocationsGap:
            await self._take_list(None)

    async def _take_list(self, held: tuple[int, bytes] | None) -> None:
        update = await self._client.revocations(held)
        today = self._store.clock.today()
        await asyncio.to_thread(self._store.revocations.accept, update, self._store.bundles.anchors, on=today)

    def _apply(self, answer: PullAnswer) -> bool:
        """Keep the changes and the cursor together; True when there may be more."""
        before = self._cursor()
        if answer.cursor < before:
            raise RegistryOutOfOrder("the registry's feed runs backwards")
        with self._store.database.transaction():
            decided = [self._apply_change(change) for change in answer.changes]
            self._store.meta.put(_CURSOR, str(answer.cursor))
        if any(decided):
            for listener in self._on_decided:
                listener()
        return bool(answer.changes) and answer.cursor > before

    def _apply_change(self, change: Change) -> bool:
        """Whether it decides a registration of this desk."""
        if change.kind in _LIST_KINDS:
            self._list_due_at = None
        if change.kind is ChangeKind.CARD_STATUS:
            try:
                state = CardStatusChange.model_validate_json(json.dumps(change.payload))
            except ValueError:
                _log.warning("a card change of the feed could not be read")
                return False
            self._store.bundles.note_card(state)
        elif change.kind is ChangeKind.FINGERS:
            self._note_fingers(change)
            return False
        return change.kind is ChangeKind.HOUSEHOLD and self._note_decided(change)

    def _note_decided(self, change: Change) -> bool:
        own = self._store.own_registrations.find(str(change.payload.get("submission_id")))
        if own is None or change.payload.get("status") not in _DECIDED:
            return False
        self._store.own_registrations.put(own.submission_id, own.model_copy(update={"is_decided": True}))
        return True

    def _note_fingers(self, change: Change) -> None:
        """Which of a person's fingers to ask for, as every desk's visits taught the registry."""
        try:
            known = FingersKnown.model_validate_json(json.dumps(change.payload))
        except ValueError:
            _log.warning("a change of fingers in the feed could not be read")
            return
        self._store.fingers_known.put(known.person_id, known)

    def _cursor(self) -> int:
        return int(self._store.meta.find(_CURSOR) or 0)

    def _set(self, state: SyncState) -> None:
        has_changed = state != self.state
        self.state = state
        if has_changed:
            for listener in self._on_change:
                listener(state)


_DECIDED = (EnrolmentStatus.REGISTERED, EnrolmentStatus.REFUSED)
_LIST_KINDS = frozenset({ChangeKind.CARD_STATUS, ChangeKind.REVOCATIONS})
