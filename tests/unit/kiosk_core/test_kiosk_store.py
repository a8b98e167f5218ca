"""What the kiosk keeps: whole or not at all, sealed, in an unbroken chain."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.events import FIRST_PREVIOUS_HASH, EventKind
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from domain.ids import GrievanceNumber, OperatorId, OrderId
from domain.messages.sync import EventAnswer, EventVerdict
from kiosk.store.database import StoreFailed
from kiosk.store.journal import Happening
from kiosk.store.kiosk_store import KioskStore, NotJoined, open_database
from kiosk.store.row_seal import RowDamaged
from kiosk.store.store_key import StoreKeyUnusable, read_store_key
from tests.unit.kiosk_core.kiosk_home import A_DAY, open_kiosk


@pytest.fixture
def store(tmp_path: Path) -> KioskStore:
    return open_kiosk(tmp_path, time_source=lambda: A_DAY)


def _complaint(store: KioskStore) -> Happening:
    grievance = Grievance(
        number=GrievanceNumber("G-1"),
        channel=GrievanceChannel.KIOSK,
        reason=GrievanceReason.RUDE,
        area=store.identity.area,
        lodged_at=A_DAY,
    )
    return Happening(EventKind.GRIEVANCE_LODGED, grievance, "G-1", OperatorId("op-1"))


def test_the_shipped_settings_are_those_that_lose_nothing(store: KioskStore) -> None:
    assert store.database.setting("journal_mode") == "wal"
    assert store.database.setting("synchronous") == "2"
    assert store.database.setting("cipher_version").startswith("4.")


def test_events_form_a_signed_chain_without_gaps(store: KioskStore) -> None:
    key: Ed25519PublicKey = store.identity.keys.signer.public_key()
    events = [store.journal.record(_complaint(store)) for _ in range(5)]
    previous = FIRST_PREVIOUS_HASH
    for number, event in enumerate(events, start=1):
        assert (event.body.sequence, event.body.previous_hash) == (number, previous)
        key.verify(bytes.fromhex(event.signature_hex), event.body.canonical_bytes())
        previous = event.body.hash_hex()
    assert store.outbox.waiting(limit=10) == events
    assert store.audit.verify() == 5


def test_a_step_that_fails_keeps_neither_state_nor_event_nor_audit_line(store: KioskStore) -> None:
    store.journal.record(_complaint(store))
    with pytest.raises(ZeroDivisionError):
        _fail_inside_an_entry(store)
    assert store.meta.find("state") is None
    assert store.outbox.count_waiting() == 1
    assert store.audit.verify() == 1


def _fail_inside_an_entry(store: KioskStore) -> None:
    with store.journal.entry() as entry:
        entry.add(_complaint(store))
        store.meta.put("state", "half")
        raise ZeroDivisionError


def test_everything_is_there_after_opening_again(store: KioskStore, tmp_path: Path) -> None:
    event = store.journal.record(_complaint(store))
    store.close()
    again = open_kiosk(tmp_path, time_source=lambda: A_DAY)
    assert again.outbox.waiting(limit=10) == [event]
    assert again.identity.kiosk_id == "K-TEST-1"


def test_an_event_leaves_only_by_its_id_and_its_hash(store: KioskStore) -> None:
    event = store.journal.record(_complaint(store))
    wrong = EventAnswer(event_id=event.body.id, content_sha256="0" * 64, verdict=EventVerdict.ACCEPTED)
    right = wrong.model_copy(update={"content_sha256": event.body.hash_hex()})
    with store.database.transaction():
        assert not store.outbox.settle(wrong)
    assert store.outbox.count_waiting() == 1
    with store.database.transaction():
        assert store.outbox.settle(right)
    assert store.outbox.count_waiting() == 0
    assert store.outbox.open_entries() == []


def test_a_rejected_event_stays_in_sight_with_its_reason(store: KioskStore) -> None:
    event = store.journal.record(_complaint(store))
    answer = EventAnswer(
        event_id=event.body.id, content_sha256=event.body.hash_hex(), verdict=EventVerdict.REJECTED, code="err.x"
    )
    with store.database.transaction():
        store.outbox.settle(answer)
    (entry,) = store.outbox.open_entries()
    assert (str(entry.state), entry.code) == ("rejected", "err.x")


def test_a_changed_bit_in_any_sealed_row_is_found(store: KioskStore) -> None:
    store.journal.record(_complaint(store))
    rows = {"outbox": 0, "audit": 0}
    for table in rows:
        found = store.database.find_row(f"SELECT sealed FROM {table}")
        assert found is not None
        sealed = found[0]
        assert isinstance(sealed, bytes)
        for position in range(0, len(sealed), 7):
            flipped = sealed[:position] + bytes((sealed[position] ^ 4,)) + sealed[position + 1 :]
            with store.database.transaction():
                store.database.run(f"UPDATE {table} SET sealed = ?", (flipped,))
            with pytest.raises(RowDamaged):
                store.outbox.waiting(limit=1) if table == "outbox" else store.audit.verify()
            rows[table] += 1
        with store.database.transaction():
            store.database.run(f"UPDATE {table} SET sealed = ?", (sealed,))
    print(f"{sum(rows.values())} changed bytes, all found")  # noqa: T201  a zero is worth its N


def test_a_row_moved_to_another_place_is_found(store: KioskStore) -> None:
    with store.database.transaction():
        store.meta.put("one", "1")
        store.meta.put("two", "2")
        store.database.run("UPDATE meta SET sealed = (SELECT sealed FROM meta WHERE name = 'one') WHERE name = 'two'")
    with pytest.raises(RowDamaged):
        store.meta.find("two")


def test_an_audit_line_taken_out_is_found(store: KioskStore) -> None:
    for _ in range(3):
        store.journal.record(_complaint(store))
    with store.database.transaction():
        store.database.run("DELETE FROM audit WHERE sequence = 2")
    with pytest.raises(RowDamaged):
        store.audit.verify()


def test_time_never_runs_below_the_highest_seen(tmp_path: Path) -> None:
    now = [A_DAY]
    store = open_kiosk(tmp_path, time_source=lambda: now[0])
    store.journal.record(_complaint(store))
    store.close()
    now[0] = A_DAY - timedelta(days=400)
    again = open_kiosk(tmp_path, time_source=lambda: now[0])
    assert again.clock.now() == A_DAY
    assert again.clock.is_behind
    assert again.journal.record(_complaint(again)).body.occurred_at == A_DAY


def test_grievance_numbers_are_never_given_twice(store: KioskStore) -> None:
    numbers = []
    for _ in range(3):
        with store.database.transaction():
            numbers.append(store.next_grievance_number())
    assert numbers == ["G-K-TEST-1-26-0001", "G-K-TEST-1-26-0002", "G-K-TEST-1-26-0003"]


def test_the_file_shows_nothing_of_what_it_holds(store: KioskStore, tmp_path: Path) -> None:
    store.journal.record(_complaint(store))
    store.close()
    content = (tmp_path / "kiosk.db").read_bytes()
    assert not content.startswith(b"SQLite format 3")
    assert b"grievance" not in content


def test_a_key_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    open_kiosk(tmp_path).close()
    os.chmod(tmp_path / "store.key", 0o644)
    with pytest.raises(StoreKeyUnusable):
        read_store_key(tmp_path / "store.key")


def test_a_store_without_its_key_is_not_made_anew(tmp_path: Path) -> None:
    open_kiosk(tmp_path).close()
    (tmp_path / "store.key").unlink()
    with pytest.raises(StoreKeyUnusable):
        open_database(tmp_path)


def test_a_wrong_key_opens_nothing(tmp_path: Path) -> None:
    open_kiosk(tmp_path).close()
    (tmp_path / "store.key").write_bytes(bytes(32))
    with pytest.raises(StoreFailed):
        open_database(tmp_path)


def test_a_kiosk_that_has_not_joined_does_not_open(tmp_path: Path) -> None:
    with pytest.raises(NotJoined):
        KioskStore(open_database(tmp_path))


def test_a_full_disk_keeps_everything_that_was_acknowledged(tmp_path: Path) -> None:
    store = open_kiosk(tmp_path, time_source=lambda: A_DAY)
    store.database.run("PRAGMA max_page_count = 40")
    kept = 0
    for _ in range(2000):
        try:
            store.journal.record(_complaint(store))
        except StoreFailed:
            break
        kept += 1
    assert 0 < kept < 2000
    assert store.outbox.count_waiting() == kept
    assert store.audit.verify() == kept
    assert store.card_jobs.find(OrderId("none")) is None
