"""Looking at a desk: its state as the control API tells it."""

from __future__ import annotations

from datetime import date

from domain.fingers import FingerPosition
from hardware_sim.card_box import CardFace
from hardware_sim.control.messages import (
    CardState,
    DeskState,
    DeviceState,
    PersonState,
    PlacedFingerState,
    RoadState,
)
from hardware_sim.desk.devices import device_switches
from hardware_sim.desk.hand import PlacedFinger
from hardware_sim.desk.simulated_desk import SimulatedDesk
from hardware_sim.people import CAST, Person

BLANK_KIND = "blank"


def desk_state(desk: SimulatedDesk, control_url: str) -> DeskState:
    """Everything there is to see."""
    cards = card_states(desk)
    by_serial = {card.serial: card for card in cards}
    road = desk.network
    return DeskState(
        addresses=desk.addresses(control_url),
        readers=[_reader_state(desk, reader, by_serial) for reader in range(2)],
        cards=cards,
        finger=_finger_state(desk.hand.placed),
        seated=desk.seated,
        devices={
            device.value: DeviceState(is_plugged=switch.is_plugged(), fault=switch.fault_now, faults=switch.fault_names)
            for device, switch in device_switches(desk).items()
        },
        road=RoadState(
            latency_s=road.latency_s,
            late_s=road.late_s,
            bytes_per_s=road.bytes_per_s,
            requests=road.requests_seen,
        ),
        receipts=[path.stem for path in desk.receipt_printer.receipts()],
        card_faces=[path.name for path in desk.card_printer.faces()],
    )


def card_states(desk: SimulatedDesk) -> list[CardState]:
    """Every card in the box: printed ones in the order of printing, then blanks."""
    box = desk.readers.box
    printed = [card_state(face) for face in box.list()]
    return printed + [_blank_state(serial) for serial in box.blanks()]


def card_state(face: CardFace) -> CardState:
    """One printed card."""
    return CardState(serial=face.serial_hex, number=face.number, can=face.can, kind=face.kind.value)


def person_state(desk: SimulatedDesk, person: Person, today: date) -> PersonState:
    """One of the cast, with the fingers this desk has pictures of."""
    positions = [position for position in FingerPosition if desk.hand.can_place(person.part, position)]
    return PersonState(
        part=person.part,
        names={script.value: name.whole for script, name in person.names.items()},
        is_female=person.is_female,
        age_years=person.age_years,
        birth_date=person.birth_date(today).isoformat(),
        occupation=person.occupation,
        fingers=positions,
        usual_fingers=list(person.fingers),
    )


def people_states(desk: SimulatedDesk, today: date) -> list[PersonState]:
    """The whole cast."""
    return [person_state(desk, person, today) for person in CAST]


def _finger_state(placed: PlacedFinger | None) -> PlacedFingerState | None:
    if placed is None:
        return None
    return PlacedFingerState(
        person=placed.part, position=placed.position, condition=placed.condition, impression=placed.impression
    )


def _reader_state(desk: SimulatedDesk, reader: int, by_serial: dict[str, CardState]) -> CardState | None:
    card = desk.readers.card_in(reader)
    if card is None:
        return None
    return by_serial.get(card.serial_hex) or _blank_state(card.serial_hex)


def _blank_state(serial_hex: str) -> CardState:
    return CardState(serial=serial_hex, number=None, can=None, kind=BLANK_KIND)
