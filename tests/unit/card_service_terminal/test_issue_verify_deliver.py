"""One card from the factory to the second, refused, ration."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from card_service.apdu import SW
from card_service.ecdsa_raw import encode_point
from card_service.errors import CardChanged, CardRefused, TerminalRefused, WrongChip
from card_service.layout import TerminalRights
from card_service.ledger import (
    AlreadyDrawn,
    LedgerMovedOn,
    NotCollectable,
    RecordKind,
    append_delivery,
    append_record,
    is_record_signed_by,
    plan_delivery,
    plan_record,
    plan_reversal,
    verify_receipt,
)
from card_service.personalisation import prepare_chip, readback_digest
from card_service.read_back import read_back
from card_service.verification import RevokedCards, verify_card
from domain.verification import Verdict, VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import (
    REGISTRY,
    active_card,
    deliver,
    issue,
    kiosk,
    other_kiosk,
    plan,
    present,
)
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import CAN, MARCH, RICE, TODAY


def test_a_new_card_shows_its_family_and_what_it_may_draw() -> None:
    details = present(active_card()).details
    assert (details.name_local, details.name_latin) == ("आशा देवी", "Asha Devi")
    assert [row.name for row in details.members] == ["Asha Devi", "Ram Prasad", "Mina Devi"]
    assert details.portrait_jpeg.startswith(b"\xff\xd8")
    assert [(line.line.scheme, line.drawn, line.left) for line in details.lines] == [(RICE, 0, 35), (12, 0, 2)]
    assert details.counter == 1


def test_the_read_back_digest_is_the_one_the_registry_computes_from_the_package() -> None:
    stage = issue()["locked"]
    proven = read_back(SimulatedReader(stage.card()), stage.data, REGISTRY.anchors, kiosk(), on=TODAY)
    assert proven.digest == readback_digest(stage.data.files)


def test_a_contactless_card_opens_with_the_number_printed_on_it() -> None:
    reader = SimulatedReader(active_card(), is_contact=False)
    result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards(), can=CAN)
    assert result.verdict is Verdict.VERIFIED


def test_a_card_that_stays_on_the_reader_can_be_verified_again() -> None:
    reader = SimulatedReader(active_card())
    for can in (None, CAN, None):
        result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards(), can=can)
        assert result.verdict is Verdict.VERIFIED


def test_a_delivery_gives_a_receipt_that_anyone_can_verify() -> None:
    card = present(active_card())
    proof = deliver(card, 20)
    assert verify_receipt(proof, card.receipt_public_key)
    assert is_record_signed_by(proof.record, encode_point(kiosk().private_key.public_key()))
    assert not verify_receipt(replace(proof, counter=3), card.receipt_public_key)
    altered = replace(proof, record=replace(proof.record, quantity=19))
    assert not verify_receipt(altered, card.receipt_public_key)
    assert not verify_receipt(proof, encode_point(kiosk().private_key.public_key()))
    assert card.with_fresh_totals().details.lines[0].drawn == 20


def test_a_second_delivery_is_refused_with_the_reason_at_any_kiosk() -> None:
    chip = active_card()
    deliver(present(chip), 35)
    with pytest.raises(AlreadyDrawn) as refused:
        deliver(present(chip), 1, other_kiosk())
    error = refused.value
    assert (error.drawn, error.limit, error.period) == (35, 35, MARCH)
    assert error.last is not None
    assert (error.last.on, error.last.terminal) == (TODAY, "UTKIOSK00001")


def test_the_chip_itself_refuses_what_a_careless_kiosk_plans() -> None:
    card = present(active_card())
    first = deliver(card, 30)
    greedy = replace(first.record, quantity=6)
    planned = plan_record(card.session, card.card_number, kiosk(), greedy)
    with pytest.raises(AlreadyDrawn) as refused:
        append_delivery(card, planned)
    assert isinstance(refused.value.__cause__, CardRefused)
    assert refused.value.__cause__.sw == SW.NOT_ENOUGH_MEMORY


def test_sending_the_same_record_twice_changes_nothing() -> None:
    card = present(active_card())
    planned = plan(card, 5)
    first, second = append_delivery(card, planned), append_delivery(card, planned)
    assert first.counter == second.counter == 2
    assert verify_receipt(second, card.receipt_public_key)
    assert card.with_fresh_totals().details.lines[0].drawn == 5


def test_a_record_planned_before_another_was_appended_must_be_planned_again() -> None:
    card = present(active_card())
    stale = plan(card, 5)
    deliver(card, 10)
    with pytest.raises(LedgerMovedOn):
        append_delivery(card, stale)


def test_a_reversal_gives_the_quantity_back() -> None:
    card = present(active_card())
    proof = deliver(card, 35)
    reversal = plan_reversal(card, kiosk(), proof.record, TODAY)
    assert append_delivery(card, reversal).record.kind is RecordKind.REVERSAL
    assert deliver(card.with_fresh_totals(), 35).counter == 4


def test_a_record_goes_only_to_the_card_it_was_planned_for() -> None:
    card = present(active_card())
    planned = replace(plan(card, 5), card_number="0" * 9)
    with pytest.raises(CardChanged):
        append_record(card.session, card.card_number, planned, card.receipt_public_key)


def test_outside_the_days_of_collection_nothing_is_planned() -> None:
    card = present(active_card())
    line = card.details.lines[0].line
    with pytest.raises(NotCollectable):
        plan_delivery(card, kiosk(), line, 1, 1, VerifiedBy.FINGER, TODAY.replace(month=4))


def test_templates_open_only_to_a_terminal_with_the_right_and_carry_what_was_written() -> None:
    stage = issue()["active"]
    card = present(stage.card())
    assert card.read_templates(kiosk(), 1) == stage.data.files[0x0200, 0x0211]
    assert card.read_templates(kiosk(), 3) is None
    blind = REGISTRY.credential(TerminalRights.DELIVER)
    with pytest.raises(CardRefused) as refused:
        present(stage.card()).read_templates(blind, 1)
    assert refused.value.sw == SW.SECURITY_STATUS


def test_a_terminal_without_the_right_to_deliver_cannot_append() -> None:
    card = present(active_card())
    with pytest.raises(TerminalRefused):
        deliver(card, 1, REGISTRY.credential(TerminalRights.READ_BIO))


def test_an_expired_terminal_is_refused_once_the_card_has_seen_a_later_day() -> None:
    chip = active_card()
    early = REGISTRY.credential(days=0)
    deliver(present(chip), 1, early)
    later = REGISTRY.credential(starts=TODAY + timedelta(days=2))
    present(chip).read_templates(later, 1)
    with pytest.raises(TerminalRefused):
        deliver(present(chip), 1, early)


def test_photographs_come_with_the_card() -> None:
    stage = issue()["active"]
    card = present(stage.card())
    assert card.read_photo(2) == stage.data.files[0x0200, 0x0222]
    assert card.read_photo(1) == card.details.portrait_jpeg
    assert card.read_photo(4) is None


def test_a_finished_card_is_not_prepared_again() -> None:
    with pytest.raises(WrongChip):
        prepare_chip(SimulatedReader(active_card()))


def test_preparing_a_half_written_chip_wipes_it_and_makes_new_keys() -> None:
    chip = VirtualCard.blank()
    first = prepare_chip(SimulatedReader(chip))
    second = prepare_chip(SimulatedReader(chip))
    assert first.serial == second.serial
    assert first.receipt_public_key != second.receipt_public_key
