"""A new capture of fingers on an active card: named by the statement, written second, torn anywhere."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from card_service.activation import StatementUnfit
from card_service.authentic_card import authenticate_card
from card_service.entitlement_statement import (
    EntitlementStatement,
    RenewedTemplates,
    StatementRefused,
    decode_statement,
    encode_statement,
)
from card_service.errors import CardRefused, TerminalRefused
from card_service.layout import DO_TEMPLATES, Directory, TerminalRights
from card_service.session import CardSession
from card_service.statement_slot import decode_slot
from card_service.template_renewal import renew_statement, renew_templates
from card_service.tlv import encode_tlv
from card_service.verdicts import CardNotVerified
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, deliver, issue, kiosk, present
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY
from tests.unit.card_service_terminal.tears import all_tears, run_torn

FIRST = issue()["active"].data.files[0x0200, 0x0211]
SECOND = b"FMR\x00 holder, captured again" + bytes(range(256)) * 2 + bytes(5)
THIRD = b"FMR\x00 holder, and again" + bytes(range(200))


def names(*contents: bytes) -> tuple[RenewedTemplates, ...]:
    return tuple(RenewedTemplates(1, hashlib.sha256(content).digest()) for content in contents)


def renew(chip: VirtualCard, version: int, content: bytes, *also: bytes, reader: SimulatedReader | None = None) -> None:
    card = authenticate_card(CardSession(reader or SimulatedReader(chip)), REGISTRY.anchors, on=TODAY)
    slot = REGISTRY.slot(card.card_number, version=version, renewed=names(content, *also))
    renew_templates(card, REGISTRY.anchors, kiosk(), slot, member_index=1, content=content, on=TODAY)


def test_renewed_templates_replace_the_first_and_a_second_renewal_replaces_those() -> None:
    chip = active_card()
    assert present(chip).read_templates(kiosk(), 1) == FIRST
    renew(chip, 2, SECOND)
    assert present(chip).read_templates(kiosk(), 1) == SECOND
    renew(chip, 3, THIRD)
    assert present(chip).read_templates(kiosk(), 1) == THIRD
    assert deliver(present(chip), 5).counter == 2


def test_a_card_torn_anywhere_while_templates_are_renewed_stays_usable_and_is_finished() -> None:
    found: Counter[str] = Counter()
    begun = active_card()
    renew(begun, 2, SECOND)
    segments = dict(begun._memory.snapshot())

    def step(reader: SimulatedReader) -> None:
        renew(reader.card, 3, THIRD, SECOND, reader=reader)

    for tear in all_tears(VirtualCard(dict(segments), None), step):
        chip = VirtualCard(dict(segments), None)
        run_torn(chip, tear, step)
        held = present(chip).read_templates(kiosk(), 1)
        assert held in (SECOND, THIRD)
        renew(chip, 3, THIRD, SECOND)
        assert present(chip).read_templates(kiosk(), 1) == THIRD
        found["new" if held == THIRD else "old"] += 1
    print(f"\nrenewal torn in {found.total()} ways: {dict(found)}")  # noqa: T201
    assert min(found["new"], found["old"]) > 0


def test_templates_that_no_statement_names_are_never_handed_out() -> None:
    chip = active_card()
    card = present(chip)
    slot = REGISTRY.slot(card.card_number, version=2, renewed=names(SECOND))
    with pytest.raises(StatementUnfit):
        renew_templates(card, REGISTRY.anchors, kiosk(), slot, member_index=1, content=THIRD, on=TODAY)
    card.session.show_credential(kiosk())
    card.session.select(Directory.SOCIAL_PROTECTION)
    card.session.put_data(DO_TEMPLATES, encode_tlv(0xC0, b"\x01") + encode_tlv(0xC1, THIRD))
    with pytest.raises(CardNotVerified):
        present(chip).read_templates(kiosk(), 1)


def test_a_capture_too_large_for_the_file_and_a_terminal_without_the_right_are_refused() -> None:
    chip = active_card()
    with pytest.raises(CardRefused, match="6A84"):
        renew(chip, 2, bytes(range(256)) * 4)
    card = present(chip)
    slot = REGISTRY.slot(card.card_number, version=3, renewed=names(SECOND))
    weak = REGISTRY.credential(TerminalRights.UPDATE)
    with pytest.raises((CardRefused, TerminalRefused)):
        renew_templates(card, REGISTRY.anchors, weak, slot, member_index=1, content=SECOND, on=TODAY)


def test_a_statement_is_renewed_on_a_card_in_use_and_only_upwards() -> None:
    chip = active_card()
    deliver(present(chip), 35)
    for version in (2, 3, 4):
        card = present(chip)
        renew_statement(
            card, REGISTRY.anchors, kiosk(), REGISTRY.slot(card.card_number, version=version, limit=40), on=TODAY
        )
        details = present(chip).details
        assert (details.statement.version, details.lines[0].left, details.counter) == (version, 5, 2)
    card = present(chip)
    renew_statement(card, REGISTRY.anchors, kiosk(), REGISTRY.slot(card.card_number, version=2, limit=99), on=TODAY)
    assert present(chip).details.statement.version == 4


def test_a_statement_without_renewed_templates_is_what_it_always_was() -> None:
    card = present(active_card())
    statement = card.details.statement
    old = encode_statement(statement)
    assert old[0] == 0x86, "six fields"
    assert decode_statement(old) == statement
    newer = EntitlementStatement(statement.card_number, 2, TODAY, TODAY, statement.lines, names(SECOND, THIRD))
    raw = encode_statement(newer)
    assert decode_statement(raw) == newer
    for cut in range(len(raw)):
        with pytest.raises(Exception):  # noqa: B017, PT011
            decode_statement(raw[:cut])
    with pytest.raises(StatementRefused):
        RenewedTemplates(9, bytes(32))
    assert decode_slot(REGISTRY.slot(statement.card_number, renewed=names(SECOND) * 4)).version == 1
