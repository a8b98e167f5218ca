"""The desk's list of refused cards: whole or not at all, never older, its age in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from card_service.packed_numbers import pack_numbers
from card_service.revocation import (
    ListHead,
    RevocationChange,
    RevocationsGap,
    RevocationsOlder,
    RevocationsRefused,
    fingerprint_of,
    sign_change,
    sign_whole_list,
)
from card_service.signing import KeyRole
from domain.card_number import CardNumber, make_card_number
from domain.cards import CardStatus
from domain.messages.revocations import RevocationUpdate
from domain.messages.sync import Change, ChangeKind
from domain.revocation_age import ListFreshness
from kiosk.store.card_status import CardStatusChange
from kiosk.store.database import StoreFailed
from kiosk.store.kiosk_store import KioskStore
from tests.unit.card_service_issuer.authority import MemoryAuthority
from tests.unit.kiosk_core.kiosk_home import A_DAY, open_kiosk
from tests.unit.kiosk_core.test_sync import Registry, make_sync

TODAY = A_DAY.date()
AUTHORITY = MemoryAuthority(TODAY)
SIGNER = AUTHORITY.signers[KeyRole.ENTITLEMENT_SIGNER]
CARDS = [make_card_number(bytes((n, 7, 7, 7, 7))) for n in range(10)]


def whole(number: int, cards: Iterable[CardNumber], on: date = TODAY) -> RevocationUpdate:
    held = set(cards)
    packed, fingerprint = pack_numbers(held), fingerprint_of(held)
    signed = sign_whole_list(packed, number=number, fingerprint=fingerprint, issued_on=on, signer=SIGNER)
    return RevocationUpdate(head_cose=signed.head_cose, content=signed.content)


def changes(
    follows: int,
    before: Iterable[CardNumber],
    after: Iterable[CardNumber],
    *,
    number: int | None = None,
    on: date = TODAY,
) -> RevocationUpdate:
    was, will = frozenset(before), frozenset(after)
    head = ListHead(number or follows + 1, follows, on, len(will), fingerprint_of(will), b"")
    signed = sign_change(RevocationChange(will - was, was - will), head, SIGNER)
    return RevocationUpdate(head_cose=signed.head_cose, content=signed.content)


@pytest.fixture
def store(tmp_path: Path) -> KioskStore:
    return open_kiosk(tmp_path, time_source=lambda: A_DAY)


def accept(store: KioskStore, update: RevocationUpdate, on: date = TODAY) -> None:
    store.revocations.accept(update, AUTHORITY.anchors, on=on)


def refused(store: KioskStore) -> list[CardNumber]:
    return [card for card in CARDS if store.revocations.is_revoked(card)]


def test_changes_are_followed_and_are_there_after_opening_again(store: KioskStore, tmp_path: Path) -> None:
    assert store.revocations.cursor is None
    accept(store, whole(3, CARDS[:4]))
    accept(store, changes(3, CARDS[:4], CARDS[1:6]))
    accept(store, changes(4, CARDS[1:6], [CARDS[0], *CARDS[2:6]]))
    expected = [CARDS[0], *CARDS[2:6]]
    assert refused(store) == expected
    assert (store.revocations.number, store.revocations.count) == (5, 5)
    store.close()
    again = open_kiosk(tmp_path, time_source=lambda: A_DAY)
    assert refused(again) == expected
    assert again.revocations.cursor == (5, fingerprint_of(expected))


def test_older_lists_gaps_and_forgeries_leave_the_list_as_it_is(store: KioskStore) -> None:
    with pytest.raises(RevocationsGap):
        accept(store, changes(3, (), CARDS[:1]))
    accept(store, whole(7, CARDS[:4]))
    offers: dict[str, tuple[RevocationUpdate, type[RevocationsRefused]]] = {
        "older": (whole(6, CARDS), RevocationsOlder),
        "another under one number": (whole(7, CARDS[:5]), RevocationsOlder),
        "of an earlier day": (whole(8, CARDS, TODAY - timedelta(days=1)), RevocationsOlder),
        "changes behind a gap": (changes(8, CARDS[:4], CARDS[:5]), RevocationsGap),
        "changes of an older list": (changes(6, CARDS[:4], CARDS[:5], number=8), RevocationsGap),
        "changes that lead elsewhere": (changes(7, CARDS[:3], CARDS[:2]), RevocationsGap),
        "forged": (whole(9, ()).model_copy(update={"content": (pack_numbers(CARDS[:1]),)}), RevocationsRefused),
    }
    for offer, error in offers.values():
        with pytest.raises(error):
            accept(store, offer)
        assert refused(store) == CARDS[:4]
        assert store.revocations.number == 7


def test_an_update_torn_on_disk_leaves_the_list_before_it(store: KioskStore, tmp_path: Path) -> None:
    accept(store, whole(1, CARDS[:2]))
    run, trials = store.database.run, 0
    for cut in range(3):
        calls = iter(range(10))

        def torn(statement: str, values: object = (), *, cut: int = cut, calls: object = calls) -> object:
            if next(calls) == cut:  # type: ignore[call-overload]
                raise StoreFailed("the power went")
            return run(statement, values)  # type: ignore[arg-type]

        store.database.run = torn  # type: ignore[method-assign, assignment]
        with pytest.raises(StoreFailed):
            accept(store, whole(2, CARDS[5:]))
        store.database.run = run  # type: ignore[method-assign]
        assert refused(store) == CARDS[:2]
        trials += 1
    store.close()
    again = open_kiosk(tmp_path, time_source=lambda: A_DAY)
    assert (refused(again), again.revocations.number) == (CARDS[:2], 1)
    print(f"{trials} torn updates, the list before each in force")  # noqa: T201  a zero is worth its N


def test_the_age_is_told_and_an_old_list_caps_what_is_handed_over(store: KioskStore) -> None:
    lists = store.revocations
    assert lists.age_days(on=TODAY) is None
    assert lists.freshness(on=TODAY) is ListFreshness.NONE
    accept(store, whole(1, CARDS))
    week, later = TODAY + timedelta(days=7), TODAY + timedelta(days=8)
    assert lists.age_days(on=later) == 8
    assert [lists.freshness(on=on) for on in (week, later)] == [ListFreshness.FRESH, ListFreshness.OLD]
    assert [lists.most_units(25, on=on) for on in (week, later)] == [25, 12]
    assert lists.most_units(1, on=later) == 1
    accept(store, changes(1, CARDS, CARDS, number=1, on=later), on=later)
    assert lists.age_days(on=later) == 0, "still the newest, says the registry"


def test_the_feed_knows_better_until_the_next_list(store: KioskStore) -> None:
    accept(store, whole(1, CARDS[:1]))
    with store.database.transaction():
        store.bundles.note_card(CardStatusChange(card_number=CARDS[0], status=CardStatus.ACTIVE))
        store.bundles.note_card(CardStatusChange(card_number=CARDS[1], status=CardStatus.BLOCKED))
    assert refused(store) == [CARDS[1]]
    accept(store, whole(2, CARDS[1:3]))
    assert refused(store) == CARDS[1:3]


class ListRegistry(Registry):
    """Answers for the list too."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[RevocationUpdate] = []
        self.asked: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/revocations"):
            return super().answer(request)
        self.asked.append(request.url.params.get("after", "all"))
        if not self.updates:
            return httpx.Response(501, json={"title": "-", "status": 501, "code": "x"}, request=request)
        return httpx.Response(200, content=self.updates.pop(0).model_dump_json(), request=request)


def test_sync_asks_for_changes_and_after_a_gap_for_the_whole_list(
    store: KioskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patched: the bundle of these tests has no anchors.
    monkeypatch.setattr(type(store.bundles), "anchors", AUTHORITY.anchors)
    registry = ListRegistry()
    sync = make_sync(store, registry)
    registry.updates = [whole(4, CARDS[:2])]

    async def play() -> None:
        await sync.sync_now()
        await sync.sync_now()
        assert registry.asked == ["all"], "once an hour"
        registry.changes = [Change(cursor=1, kind=ChangeKind.REVOCATIONS, payload={"number": 6})]
        registry.updates = [changes(5, CARDS[:2], CARDS[:3]), whole(6, CARDS[:3])]
        await sync.sync_now()

    asyncio.run(play())
    assert registry.asked == ["all", "4", "all"]
    assert refused(store) == CARDS[:3]
    assert sync.state.problem is None


def test_a_registry_without_a_list_stops_nothing(store: KioskStore) -> None:
    registry = ListRegistry()
    state = asyncio.run(make_sync(store, registry).sync_now())
    assert (state.problem, registry.asked) == (None, ["all"])
    assert store.revocations.age_days(on=TODAY) is None
