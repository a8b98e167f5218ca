"""The registry's list of refused cards: from card states, by number, whole or as changes, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from card_service.authority import Authority
from card_service.packed_numbers import PackedNumbers
from card_service.revocation import (
    ListHead,
    SignedRevocations,
    changed_fingerprint,
    fingerprint_of,
    open_change,
    open_whole_list,
    verify_head,
)
from card_service.trust import trust_anchors_from_json
from central_api.app import open_registry
from central_api.context import Registry
from central_api.settings import Settings
from central_api.tables.cards import cards
from central_api.tables.revocations import listed_cards, revocation_changes, revocation_head
from domain.card_number import CardNumber
from domain.cards import CardStatus
from domain.messages.revocations import REVOCATIONS, RevocationUpdate
from domain.messages.routes import SYNC_PULL
from domain.messages.sync import ChangeKind, PullAnswer
from domain.people import Household
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.fakes import START, Clock, ExactFingers, SoftwareTrust
from tests.api.people import make_family
from tests.api.registered import TestCard, add_card, send_submission
from tests.unit.card_service_issuer.authority import memory_authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    return memory_authority(START.date())[0]


@pytest.fixture
def registry(database_url: str, tmp_path: Path, clock: Clock, authority: Authority) -> Iterator[Registry]:
    settings = Settings(home=tmp_path / "home", database_url=database_url)
    registry = open_registry(settings, authority, ExactFingers(), clock)
    yield registry
    registry.database.close()


@pytest.fixture
def family(kiosk: TestKiosk) -> Household:
    family = make_family(AREA)
    send_submission(kiosk, family)
    return family


@dataclass
class Follower:
    """A kiosk's copy of the list."""

    kiosk: TestKiosk
    cards: set[CardNumber]
    head: ListHead | None = None
    was_whole: bool = False

    def fetch(self) -> ListHead:
        query = {} if self.head is None else {"after": self.head.number, "fingerprint": self.head.fingerprint.hex()}
        update = self.kiosk.ask(RevocationUpdate, REVOCATIONS, **query)
        signed = SignedRevocations(update.head_cose, update.content)
        anchors = trust_anchors_from_json(dict(self.kiosk.bundle().trust_anchors))
        head = verify_head(signed, anchors, at=self.kiosk.now().date())
        self.was_whole = head.follows is None
        if self.was_whole:
            self.cards = set(open_whole_list(signed, head))
        else:
            assert self.head is not None
            assert head.follows == self.head.number
            change = open_change(signed, head)
            assert changed_fingerprint(self.head.fingerprint, change) == head.fingerprint
            self.cards = (self.cards - change.removed) | change.added
        assert fingerprint_of(self.cards) == head.fingerprint
        self.head = head
        return head


@pytest.fixture
def follower(kiosk: TestKiosk) -> Follower:
    return Follower(kiosk, set())


def put_state(registry: Registry, card: TestCard, status: CardStatus, valid_until: date | None = None) -> None:
    values: dict[str, object] = {"status": status}
    if valid_until is not None:
        values["valid_until"] = valid_until
    with registry.begin() as transaction:
        row = update(cards).where(cards.c.number == card.number)
        transaction.connection.execute(row.values(**values, changed_at=transaction.now))


def test_a_list_follows_the_states_of_cards(
    registry: Registry, kiosk: TestKiosk, family: Household, follower: Follower, clock: Clock
) -> None:
    dealt = [add_card(registry, kiosk, family) for _ in range(6)]
    first = follower.fetch()
    assert (first.number, follower.cards, follower.was_whole) == (1, set(), True)
    for card, status in zip(
        dealt, (CardStatus.BLOCKED, CardStatus.REPLACED, CardStatus.EXPIRED, CardStatus.SCRAPPED), strict=False
    ):
        put_state(registry, card, status)
    second = follower.fetch()
    assert (second.number, follower.was_whole) == (2, False)
    assert follower.cards == {card.number for card in dealt[:4]}
    put_state(registry, dealt[0], CardStatus.ACTIVE)
    put_state(registry, dealt[4], CardStatus.BLOCKED)
    clock.pass_time(timedelta(minutes=5))
    assert follower.fetch().number == 3
    assert follower.cards == {card.number for card in dealt[1:5]}
    clock.pass_time(timedelta(days=2))
    still = follower.fetch()
    assert (still.number, still.issued_on, follower.was_whole) == (3, clock().date(), False)
    late = Follower(kiosk, set())
    late.fetch()
    assert (late.cards, late.was_whole) == (follower.cards, True)
    changes = kiosk.ask(PullAnswer, SYNC_PULL, after=0).changes
    assert [each.payload["number"] for each in changes if each.kind is ChangeKind.REVOCATIONS] == [2, 3]


def test_a_kiosk_that_slept_gets_all_changes_in_one(
    registry: Registry, kiosk: TestKiosk, family: Household, follower: Follower
) -> None:
    dealt = [add_card(registry, kiosk, family) for _ in range(3)]
    follower.fetch()
    awake = Follower(kiosk, set())
    for status in (CardStatus.BLOCKED, CardStatus.ACTIVE, CardStatus.BLOCKED, CardStatus.ACTIVE):
        put_state(registry, dealt[0], status)
        awake.fetch()
    put_state(registry, dealt[1], CardStatus.REPLACED)
    assert follower.fetch().number == 6
    assert not follower.was_whole
    assert follower.cards == {dealt[1].number}


def test_a_card_leaves_the_list_when_its_own_life_is_over(
    registry: Registry, kiosk: TestKiosk, family: Household, follower: Follower, clock: Clock
) -> None:
    card = add_card(registry, kiosk, family)
    put_state(registry, card, CardStatus.BLOCKED, clock().date() + timedelta(days=10))
    number = follower.fetch().number
    assert follower.cards == {card.number}
    clock.pass_time(timedelta(days=42))
    assert follower.fetch().number == number + 1
    assert follower.cards == set()


def test_a_kiosk_that_holds_another_list_gets_the_whole_one(
    registry: Registry, kiosk: TestKiosk, family: Household, follower: Follower
) -> None:
    put_state(registry, add_card(registry, kiosk, family), CardStatus.BLOCKED)
    follower.fetch()
    assert follower.head is not None
    strange = ListHead(1, None, follower.head.issued_on, 9, b"\x01" * 32, b"")
    follower.head = strange
    follower.fetch()
    assert follower.was_whole


def test_after_a_restore_from_a_backup_the_number_still_rises(
    registry: Registry, kiosk: TestKiosk, family: Household, follower: Follower
) -> None:
    dealt = [add_card(registry, kiosk, family) for _ in range(3)]
    follower.fetch()
    for card in dealt:
        put_state(registry, card, CardStatus.BLOCKED)
        before = follower.fetch()
    with registry.begin() as transaction:
        for table in (revocation_head, listed_cards, revocation_changes):
            transaction.connection.execute(delete(table))
    after = follower.fetch()
    assert after.number > before.number
    assert follower.was_whole
    assert follower.cards == {card.number for card in dealt}
    assert kiosk.get(REVOCATIONS, after=10**12, fingerprint="00" * 32).status_code == 422


@pytest.mark.parametrize("query", [{"after": 1}, {"fingerprint": "00" * 32}, {"after": 1, "fingerprint": "zz"}])
def test_half_a_cursor_is_refused(kiosk: TestKiosk, query: dict[str, object]) -> None:
    assert kiosk.get(REVOCATIONS, **query).status_code == 422


def test_the_list_outlives_a_restart(
    registry: Registry, kiosk: TestKiosk, family: Household, follower: Follower, authority: Authority, clock: Clock
) -> None:
    put_state(registry, add_card(registry, kiosk, family), CardStatus.BLOCKED)
    number = follower.fetch().number
    again = open_registry(registry.settings, authority, ExactFingers(), clock)
    with again.begin() as transaction:
        from central_api.revocations.service import advance_list

        assert advance_list(transaction).number == number
    again.database.close()


def test_a_packed_list_holds_no_card_that_was_not_refused(
    registry: Registry, kiosk: TestKiosk, family: Household
) -> None:
    dealt = [add_card(registry, kiosk, family) for _ in range(30)]
    for card in dealt[::2]:
        put_state(registry, card, CardStatus.BLOCKED)
    packed = PackedNumbers(kiosk.ask(RevocationUpdate, REVOCATIONS).content[0])
    assert [card.number in packed for card in dealt] == [place % 2 == 0 for place in range(30)]


def test_without_issuing_keys_there_is_no_list_yet(database_url: str, tmp_path: Path, clock: Clock) -> None:
    del database_url
    registry = open_registry(
        Settings(home=tmp_path / "other", database_url=f"sqlite:///{tmp_path / 'other.sqlite'}"),
        SoftwareTrust(),
        ExactFingers(),
        clock,
    )
    assert registry.trust.anchors.crl_number == 1
    registry.database.close()
