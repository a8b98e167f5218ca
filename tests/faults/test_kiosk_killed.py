"""kill -9 of the kiosk after any step of a family's day: what was acknowledged is there, and nothing is there twice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.cards import CardStatus
from hardware_sim.card.faults import CardFault
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.card_box import CardBox, CardKind
from hardware_sim.desk.addresses import addresses_path, write_addresses
from hardware_sim.desk.simulated_desk import SimulatedDesk
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.pcscd import PcscUnavailable
from hardware_sim.people import Part
from kiosk.store.kiosk_store import KioskStore, open_database
from tests.faults.hands import Hands, KioskProcess, State
from tests.faults.town import Books, found_town, read_books, running_registry
from tests.unit.card_service_issuer.test_session_keys_of_the_issuer import MASTER

pytestmark = [pytest.mark.pcsc, pytest.mark.timeout(900)]
EVERYTHING_SENT = "waiting_events"


@dataclass
class Ending:
    """What is left after the day."""

    books: Books
    outbox: int
    drafts: int
    jobs: int
    plans: int
    owed: int
    receipts: int
    kills: int
    acts: int

    def faults(self) -> list[str]:
        report = self.books.report
        active = [number for number, status in report.cards.items() if status == CardStatus.ACTIVE]
        checks = {
            "the household was not registered once": self.books.households == 2,
            "not one active card beside the officer's": len(active) == 2,
            "not one delivery": len(report.deliveries) == 1,
            "a receipt does not verify": all(each.receipt_verified for each in report.deliveries),
            "the outbox is not empty": self.outbox == 0,
            "something unfinished is left": (self.drafts, self.jobs, self.plans, self.owed) == (0, 0, 0, 0),
            "no receipt was printed": self.receipts >= 1,
            "the audit chain is broken": self.books.audit_is_whole,
        }
        return [fault for fault, holds in checks.items() if not holds]


@dataclass(frozen=True)
class Kills:
    """When the kiosk is killed: after so many acts of the people, at so many commands of the new card's chip."""

    at_acts: Sequence[int] = ()
    at_commands: Sequence[int] = ()


class ChipWatch:
    """The kiosk dies at the very moment at which the holder's chip gets its n-th command of the day."""

    def __init__(self, commands: Sequence[int], kill: Callable[[], None]) -> None:
        self._due = set(commands)
        self._kill = kill
        self._count = 0

    def watch(self, card: VirtualCard) -> None:
        """Count this card's commands too: put in again it is another object."""
        counted = card.faults.next_command

        def next_command() -> CardFault | None:
            self._count += 1
            if self._count in self._due:
                self._kill()
            return counted()

        card.faults.next_command = next_command  # type: ignore[method-assign]


def play_day(kills: Kills) -> Ending:
    """Registered, carded, served, with the kiosk killed on the way; the same registry and desk all day."""
    town = found_town()
    with town.copy() as home, running_registry(home / "registry") as (registry, url):
        box = CardBox(home / "cards", transport_master_key=MASTER)
        officer = VirtualCard(dict(town.officer_chip), home / "cards" / f"{town.officer_card().serial_hex}.card")
        officer._save(even_if_unchanged=True)
        # The card of the founding is put into the box with its face, so that no one takes it for a blank.
        box.label(officer.serial_hex, town.officer.card_number, "000000", CardKind.OFFICER)
        try:
            desk = SimulatedDesk(
                home / "desks" / "desk1",
                name="desk1",
                registry_url=url,
                fingers=SyntheticFingers(home / "fingers"),
                box=box,
            )
        except PcscUnavailable as missing:
            pytest.skip(str(missing))
        with desk:
            desk.show_face(Part.MOTHER)
            write_addresses(home, desk.addresses("http://127.0.0.1:9"))
            kiosk = KioskProcess(home / "kiosk", addresses_path(home, "desk1"), home / "pilot")
            try:
                hands = _play(desk, kiosk, officer, kills)
            finally:
                kiosk.close()
            receipts = len(desk.receipt_printer.receipts())
        ending = _look(home / "kiosk", hands, kiosk.starts - 1, receipts - 1)
        ending.books = read_books(registry)
    return ending


def _play(desk: SimulatedDesk, kiosk: KioskProcess, officer: VirtualCard, kills: Kills) -> Hands:
    kiosk.start()
    hands = Hands(desk, kiosk, officer, kill_at_acts=kills.at_acts)
    hands.watch_chip = ChipWatch(kills.at_commands, kiosk.kill_now).watch
    hands.play(lambda state: hands.is_issued and state["screen"] == "Attract")
    hands.wants_service = True
    hands.play(lambda state: hands.is_served and _is_resting(state))
    return hands


def _is_resting(state: State) -> bool:
    return state["screen"] == "Attract" and state.get(EVERYTHING_SENT) == 0


def _look(home: Path, hands: Hands, kills: int, receipts: int) -> Ending:
    store = KioskStore(open_database(home))
    try:
        return Ending(
            books=None,  # type: ignore[arg-type]  filled in by the caller
            outbox=store.outbox.count_waiting(),
            drafts=_count(store, "savepoint"),
            jobs=len(store.card_jobs.all()),
            plans=len(store.planned_deliveries.all()),
            owed=len(store.owed_receipts.all()),
            receipts=receipts,
            kills=kills,
            acts=hands.acts,
        )
    finally:
        store.close()


def _count(store: KioskStore, kind: str) -> int:
    row = store.database.find_row("SELECT count(*) FROM documents WHERE kind = ?", (kind,))
    assert row is not None
    return int(str(row[0]))


@pytest.mark.timeout(240)
def test_a_day_with_a_kiosk_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() -> None:
    ending = play_day(Kills(at_acts=(24,), at_commands=(60, 190)))
    print(f"\n{ending.kills} kills in a day of {ending.acts} acts: 0 lost, 0 double")  # noqa: T201
    assert ending.faults() == []
    assert ending.kills == 3


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_day_with_six_kills_loses_nothing_and_doubles_nothing() -> None:
    ending = play_day(Kills(at_acts=(9, 24), at_commands=(60, 150, 190, 230)))
    print(f"\n{ending.kills} kills in a day of {ending.acts} acts: 0 lost, 0 double")  # noqa: T201
    assert ending.faults() == []
    assert ending.kills >= 4


@pytest.mark.nightly
@pytest.mark.timeout(14_400)
def test_a_kiosk_killed_after_every_single_step_loses_nothing_and_doubles_nothing() -> None:
    dice, kills = random.Random(11), 0
    quiet = play_day(Kills())
    for at in range(1, quiet.acts + 1):
        ending = play_day(Kills(at_acts=(at,), at_commands=(dice.randrange(1, 200),)))
        assert ending.faults() == [], (at, json.dumps(ending.books.report.model_dump(mode="json")))
        kills += ending.kills
    print(f"\n{kills} kills, one after each of {quiet.acts} acts: 0 lost, 0 double")  # noqa: T201
