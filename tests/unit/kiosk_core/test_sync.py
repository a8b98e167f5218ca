"""Sync with a registry that is away, ill, late, forgetful or a liar: nothing lost, nothing double, at last equal."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_service.trust import TrustAnchors, encode_trust_anchors
from domain.areas import Area, AreaLevel
from domain.card_number import make_card_number
from domain.events import FIRST_PREVIOUS_HASH, EventKind, SignedEvent
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from domain.ids import AreaCode
from domain.messages.kiosks import KioskBundle, RevocationList, SignedBundle
from domain.messages.sync import (
    Change,
    ChangeKind,
    EventAnswer,
    EventVerdict,
    PullAnswer,
    PushReceipt,
    PushRequest,
    SignedPushReceipt,
)
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.bundle_cache import BundleRefused
from kiosk.store.journal import Happening
from kiosk.store.kiosk_store import KioskStore
from kiosk.sync import Sync
from tests.unit.kiosk_core.kiosk_home import A_DAY, REGISTRY_KEY, open_kiosk

NUMBERS = [make_card_number(bytes((n, 1, 2, 3, 4))) for n in range(4)]


class Registry:
    """Keeps a chain as the real one does. ``trouble`` gives what happens to the next request."""

    def __init__(self) -> None:
        self.chain: list[SignedEvent] = []
        self.changes: list[Change] = []
        self.bundle = make_bundle(1)
        self.key: Ed25519PrivateKey = REGISTRY_KEY
        self.trouble: Callable[[], str] = lambda: "none"
        self.nonces: set[str] = set()

    def answer(self, request: httpx.Request) -> httpx.Response:
        trouble = self.trouble()
        if trouble == "lost":
            raise httpx.ConnectError("lost", request=request)
        if trouble == "ill":
            return httpx.Response(500, text="oops", request=request)
        if trouble == "portal":
            return httpx.Response(200, text="<html>please log in</html>", request=request)
        if trouble == "truncated":
            whole = self._route(request)
            return httpx.Response(200, content=whole[: len(whole) // 2], request=request)
        body = self._route(request)
        if trouble == "answer_lost":
            raise httpx.ReadTimeout("late", request=request)
        if trouble == "twice":
            body = self._route(request)
        return httpx.Response(200, content=body, request=request)

    def _route(self, request: httpx.Request) -> bytes:
        if request.url.path.endswith("/push"):
            return self._push(PushRequest.model_validate_json(request.content)).model_dump_json().encode()
        if request.url.path.endswith("/pull"):
            after = int(request.url.params["after"])
            found = tuple(change for change in self.changes if change.cursor > after)
            answer = PullAnswer(changes=found, cursor=max([after, *(c.cursor for c in found)]))
            return answer.model_dump_json().encode()
        return self.bundle.model_dump_json().encode()

    def _push(self, push: PushRequest) -> SignedPushReceipt:
        answers = tuple(self._take(event) for event in push.events)
        receipt = PushReceipt(kiosk_id=push.kiosk_id, received_at=A_DAY, answers=answers)
        text = receipt.model_dump_json()
        return SignedPushReceipt(receipt_json=text, signature_hex=self.key.sign(text.encode()).hex())

    def _take(self, event: SignedEvent) -> EventAnswer:
        body = event.body
        held = {each.body.id for each in self.chain}
        if body.id in held:
            return EventAnswer(event_id=body.id, content_sha256=body.hash_hex(), verdict=EventVerdict.DUPLICATE)
        head = self.chain[-1].body.hash_hex() if self.chain else FIRST_PREVIOUS_HASH
        if body.sequence != len(self.chain) + 1 or body.previous_hash != head:
            return EventAnswer(event_id=body.id, content_sha256="", verdict=EventVerdict.REJECTED, code="event.gap")
        self.chain.append(event)
        return EventAnswer(event_id=body.id, content_sha256=body.hash_hex(), verdict=EventVerdict.ACCEPTED)


def make_bundle(number: int, *, revoked: tuple[str, ...] = (), list_number: int = 1) -> SignedBundle:
    anchors = TrustAnchors((), frozenset(), 1, (), ())
    bundle = KioskBundle(
        number=number,
        issued_at=A_DAY,
        today=date(2026, 3, 2),
        area=AreaCode("IN"),
        areas=(Area(code=AreaCode("IN"), level=AreaLevel.NATION, parent=None, names={"en": "India"}),),
        programmes=(),
        operators=(),
        revocations=RevocationList.model_validate({"number": list_number, "issued_at": A_DAY, "cards": revoked}),
        trust_anchors=json.loads(encode_trust_anchors(anchors)),
        enrolment_key=bytes(32),
        terminal_chain=(),
    )
    text = bundle.model_dump_json()
    return SignedBundle(bundle_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())


def make_sync(store: KioskStore, registry: Registry) -> Sync:
    signer = RequestSigner(store.kiosk_id, store.identity.keys.signer, lambda: A_DAY)
    client = RegistryClient("http://registry.invalid", signer, transport=httpx.MockTransport(registry.answer))
    return Sync(store, client, store.identity.registry_public_key)


def record(store: KioskStore, count: int) -> list[SignedEvent]:
    grievance = Grievance.model_validate(
        {
            "number": "G-1",
            "channel": GrievanceChannel.KIOSK,
            "reason": GrievanceReason.OTHER,
            "area": "IN",
            "lodged_at": A_DAY,
        }
    )
    return [store.journal.record(Happening(EventKind.GRIEVANCE_LODGED, grievance, "G-1", None)) for _ in range(count)]


@pytest.fixture
def store(tmp_path: Path) -> KioskStore:
    return open_kiosk(tmp_path, time_source=lambda: A_DAY)


def test_one_round_brings_everything_across(store: KioskStore) -> None:
    registry = Registry()
    events = record(store, 45)
    state = asyncio.run(make_sync(store, registry).sync_now())
    assert (state.is_online, state.problem) == (True, None)
    assert registry.chain == events
    assert store.outbox.count_waiting() == 0
    assert store.bundles.is_there


TROUBLES = ("none", "lost", "ill", "portal", "truncated", "answer_lost", "twice")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(TROUBLES), max_size=12), st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_whatever_the_network_does_the_registry_ends_with_the_same_history(
    tmp_path_factory: pytest.TempPathFactory, troubles: list[str], batches: list[int]
) -> None:
    store = open_kiosk(tmp_path_factory.mktemp("kiosk"), time_source=lambda: A_DAY)
    registry, left = Registry(), list(troubles)
    registry.trouble = lambda: left.pop() if left else "none"
    sync, events = make_sync(store, registry), list[SignedEvent]()

    async def play() -> None:
        for batch in batches:
            events.extend(record(store, batch))
            await sync.sync_now()
            acknowledged = len(events) - store.outbox.count_waiting()
            assert registry.chain[:acknowledged] == events[:acknowledged]
        while left or store.outbox.count_waiting() or sync.state.problem:
            await sync.sync_now()

    asyncio.run(play())
    assert registry.chain == events
    store.close()


def test_the_harness_finds_a_kiosk_that_takes_any_answer_for_a_receipt(store: KioskStore) -> None:
    # The planted bug: settled on status 200, without a receipt.
    registry = Registry()
    registry.trouble = lambda: "portal"
    record(store, 3)
    sync = make_sync(store, registry)
    asyncio.run(sync.sync_now())
    assert store.outbox.count_waiting() == 3
    with store.database.transaction():
        store.database.run("UPDATE outbox SET state = 'done'")
    acknowledged = 3 - store.outbox.count_waiting()
    assert len(registry.chain) < acknowledged


def test_a_receipt_that_the_registry_did_not_sign_settles_nothing(store: KioskStore) -> None:
    registry = Registry()
    registry.key = Ed25519PrivateKey.generate()
    record(store, 2)
    state = asyncio.run(make_sync(store, registry).sync_now())
    assert state.problem == "sync.receipt_refused"
    assert store.outbox.count_waiting() == 2


def test_a_registry_restored_from_an_old_backup_gets_everything_again(store: KioskStore) -> None:
    registry = Registry()
    events = record(store, 5)
    sync = make_sync(store, registry)

    async def play() -> None:
        await sync.sync_now()
        del registry.chain[2:]
        events.extend(record(store, 2))
        await sync.sync_now()

    asyncio.run(play())
    assert registry.chain == events
    assert sync.state.problem is None


def test_a_registry_that_refuses_the_whole_chain_is_shown_and_not_hammered(store: KioskStore) -> None:
    registry, pushes = Registry(), []
    take = registry._push

    def count(push: PushRequest) -> SignedPushReceipt:
        pushes.append(push)
        return take(push)

    registry._push = count  # type: ignore[method-assign]
    events = record(store, 3)
    registry.chain.append(events[0].model_copy(update={"signature_hex": "00"}))
    registry.chain[0] = SignedEvent(
        body=events[0].body.model_copy(update={"id": "other"}), signature_hex=events[0].signature_hex
    )
    state = asyncio.run(make_sync(store, registry).sync_now())
    assert state.problem == "sync.receipt_refused"
    assert len(pushes) <= 2


def test_a_blocked_card_is_refused_from_the_next_pull_on(store: KioskStore) -> None:
    registry = Registry()
    payload = {"card_number": NUMBERS[0], "status": "blocked", "later_field": 1}
    registry.changes = [
        Change(cursor=4, kind=ChangeKind.CARD_STATUS, payload=payload),
        Change(cursor=6, kind=ChangeKind.CARD_STATUS, payload={"card_number": NUMBERS[1], "status": "active"}),
        Change(cursor=7, kind=ChangeKind.GRIEVANCE, payload={}),
    ]
    sync = make_sync(store, registry)
    asyncio.run(sync.sync_now())
    assert store.bundles.revoked.is_revoked(NUMBERS[0])
    assert not store.bundles.revoked.is_revoked(NUMBERS[1])
    assert store.meta.find("sync.cursor") == "7"


def test_news_of_a_bundle_brings_the_bundle_before_the_cursor_moves(store: KioskStore) -> None:
    registry = Registry()
    sync = make_sync(store, registry)

    async def play() -> None:
        await sync.sync_now()
        registry.bundle = make_bundle(2, revoked=(NUMBERS[2],), list_number=2)
        registry.changes = [Change(cursor=1, kind=ChangeKind.BUNDLE, payload={})]
        registry.trouble = iter(["none", "lost", "none", "none", "none"]).__next__
        await sync.sync_now()
        assert store.meta.find("sync.cursor") != "1"
        await sync.sync_now()

    asyncio.run(play())
    assert store.bundles.current.number == 2
    assert store.bundles.revoked.is_revoked(NUMBERS[2])


def test_list_numbers_never_go_down(store: KioskStore) -> None:
    cache = store.bundles
    with store.database.transaction():
        cache.accept(make_bundle(3, revoked=(NUMBERS[0],), list_number=5))
    older = [
        make_bundle(2, revoked=(NUMBERS[0],), list_number=5),
        make_bundle(4, list_number=4),
        make_bundle(4, revoked=(NUMBERS[1],), list_number=5),
    ]
    for offered in older:
        with pytest.raises(BundleRefused):
            cache.accept(offered)
    forged = make_bundle(9).model_copy(update={"signature_hex": "00" * 64})
    with pytest.raises(BundleRefused):
        cache.accept(forged)
    assert cache.current.number == 3


def test_a_signed_receipt_from_later_moves_the_high_water_mark(store: KioskStore) -> None:
    registry = Registry()
    later = A_DAY + timedelta(hours=3)
    take = registry._push
    registry._push = lambda push: _later(take(push), later)  # type: ignore[method-assign]
    record(store, 1)
    asyncio.run(make_sync(store, registry).sync_now())
    assert store.clock.now() == later


def _later(signed: SignedPushReceipt, at: object) -> SignedPushReceipt:
    receipt = PushReceipt.model_validate_json(signed.receipt_json).model_copy(update={"received_at": at})
    text = receipt.model_dump_json()
    return SignedPushReceipt(receipt_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())


def test_background_rounds_slow_down_while_they_fail_and_listeners_hear_the_change(store: KioskStore) -> None:
    registry = Registry()
    chance = random.Random(3)
    registry.trouble = lambda: "lost" if chance.random() < 2 else "none"
    sync, heard = make_sync(store, registry), []
    sync.on_change(heard.append)

    async def play() -> None:
        running = asyncio.create_task(sync.run())
        while not heard:
            await asyncio.sleep(0.002)
        registry.trouble = lambda: "none"
        sync.nudge()
        while len(heard) < 2:
            await asyncio.sleep(0.002)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(play())
    assert [state.is_online for state in heard] == [False, True]
