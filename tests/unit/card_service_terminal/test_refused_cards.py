"""Cards that must be refused, each with the reason that the screen shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from card_service.activation import StatementUnfit, write_activation
from card_service.authentic_card import authenticate_card
from card_service.errors import CardChanged, CardRefused, TerminalRefused
from card_service.layout import (
    DG1,
    DG2,
    DG11,
    DG13,
    DG14,
    DG15,
    DO_STATEMENT,
    EF_SOD,
    MEMBERS,
    CardFile,
    Directory,
    TerminalRights,
    photo_file,
    template_file,
)
from card_service.personalisation import lock_card, prepare_chip, write_card
from card_service.session import CardSession
from card_service.statement_slot import Limit, decode_slot, encode_slot
from card_service.verdicts import CardNotVerified, CheckReason
from card_service.verification import RevokedCards, verify_card
from domain.card_number import make_card_number
from domain.cards import CardProfile
from domain.verification import Verdict, VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import (
    REGISTRY,
    active_card,
    check,
    issue,
    kiosk,
    present,
    refusal,
)
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY, Registry, SoftKey


def failed(reason: CheckReason) -> tuple[Verdict, CheckReason]:
    return Verdict.FAILED, reason


def unchecked(reason: CheckReason) -> tuple[Verdict, CheckReason]:
    return Verdict.COULD_NOT_CHECK, reason


def test_a_copied_card_without_the_keys_is_not_genuine() -> None:
    copies = 25
    refused = [refusal(active_card().copy_files_without_keys()) for _ in range(copies)]
    assert refused == [failed(CheckReason.NOT_GENUINE)] * copies
    # The same files on the chip that holds the keys are believed: the harness can tell the two apart.
    assert check(active_card()).verdict is Verdict.VERIFIED


def card_with(file: CardFile, content: bytes) -> VirtualCard:
    """A chip with keys of its own, whose one file is not what was signed."""
    chip = VirtualCard.blank()
    reader = SimulatedReader(chip)
    data = REGISTRY.package(prepare_chip(reader))
    data = replace(data, files=dict(data.files) | {file.key: content})
    write_card(reader, data)
    lock_card(reader, data)
    return chip


@pytest.mark.parametrize("file", [DG1, DG2, DG11, DG13, DG14], ids=lambda file: file.name)
def test_an_altered_data_group_is_found(file: CardFile) -> None:
    content = bytearray(issue()["active"].data.files[file.key])
    content[-1] ^= 1
    assert refusal(card_with(file, bytes(content))) == failed(CheckReason.DATA_ALTERED)


def test_a_data_group_of_another_genuine_card_is_found() -> None:
    other = issue()["active"].data.files
    for file in (DG1, DG13, DG14):
        assert refusal(card_with(file, other[file.key])) == failed(CheckReason.DATA_ALTERED)


def test_a_security_object_of_another_card_does_not_help() -> None:
    other = issue()["active"].data.files
    assert refusal(card_with(EF_SOD, other[EF_SOD.key])) == failed(CheckReason.DATA_ALTERED)


def test_a_security_object_signed_by_somebody_else_is_refused() -> None:
    stranger = Registry.__new__(Registry)
    signer = type(REGISTRY.document_signer)()
    signer.certificate_der = REGISTRY.document_signer.certificate_der
    object.__setattr__(stranger, "document_signer", signer)
    sod = stranger.sign_sod(dict(issue()["active"].data.files))
    assert refusal(card_with(EF_SOD, sod)) == failed(CheckReason.NOT_SIGNED_BY_US)


@pytest.mark.parametrize("left_out", [DG14, DG15], ids=lambda file: file.name)
def test_a_signed_list_without_a_key_data_group_is_refused(left_out: CardFile) -> None:
    files = {key: each for key, each in issue()["active"].data.files.items() if key != left_out.key}
    assert refusal(card_with(EF_SOD, REGISTRY.sign_sod(files))) == failed(CheckReason.DATA_ALTERED)


def activated_card_with(file: CardFile, content: bytes) -> VirtualCard:
    """An active card whose one social-protection file is not the one that DG13 anchors."""
    chip = card_with(file, content)
    reader = SimulatedReader(chip)
    number = authenticate_card(CardSession(reader), REGISTRY.anchors, on=TODAY).card_number
    slot = REGISTRY.slot(number)
    write_activation(reader, REGISTRY.anchors, kiosk(), slot, on=TODAY, verified_by=VerifiedBy.FINGER)
    return chip


def test_an_altered_member_table_is_found() -> None:
    chip = activated_card_with(MEMBERS, b"\xe1\x00")
    assert refusal(chip) == failed(CheckReason.DATA_ALTERED)


@pytest.mark.parametrize("file", [template_file(1), photo_file(2)], ids=lambda file: file.name)
def test_an_altered_template_or_photograph_is_never_handed_out(file: CardFile) -> None:
    card = present(activated_card_with(file, b"another finger, another face"))
    with pytest.raises(CardNotVerified) as refused:
        card.read_templates(kiosk(), 1) if file == template_file(1) else card.read_photo(2)
    assert refused.value.reason is CheckReason.DATA_ALTERED


def with_slot(slot: bytes) -> VirtualCard:
    """An active card on which a terminal with UPDATE has put these bytes as the next statement."""
    chip = issue()["active"].card()
    put(chip, slot)
    return chip


def put(chip: VirtualCard, slot: bytes) -> None:
    session = CardSession(SimulatedReader(chip))
    authenticate_card(session, REGISTRY.anchors, on=TODAY)
    session.show_credential(kiosk())
    session.select(Directory.SOCIAL_PROTECTION)
    session.put_data(DO_STATEMENT, slot)


def test_an_altered_statement_is_never_in_force() -> None:
    number = present(active_card()).card_number
    slot = decode_slot(REGISTRY.slot(number, version=2, limit=99))
    greedier = replace(slot, limits=tuple(Limit(each.scheme, each.period, 999) for each in slot.limits))
    stranger = replace(slot, statement=slot.statement[:-1] + bytes((slot.statement[-1] ^ 1,)))
    newer_number = replace(slot, version=3)
    for altered in (greedier, stranger, newer_number):
        details = present(with_slot(encode_slot(altered))).details
        assert details.statement.version == 1, "the older statement, which holds, stays in force"
        assert details.lines[0].line.limit == 35


def test_a_card_with_only_an_altered_statement_is_refused() -> None:
    stage = issue()["locked"]
    chip = stage.card()
    number = authenticate_card(CardSession(SimulatedReader(chip)), REGISTRY.anchors, on=TODAY).card_number
    slot = decode_slot(REGISTRY.slot(number))
    put(chip, encode_slot(replace(slot, statement=slot.statement[:-2] + b"\x00\x00")))
    assert refusal(chip) == failed(CheckReason.STATEMENT_ALTERED)


def test_the_statement_of_another_card_is_refused() -> None:
    other = make_card_number(b"other")
    chip = issue()["locked"].card()
    put(chip, REGISTRY.slot(other))
    assert refusal(chip) == failed(CheckReason.STATEMENT_ALTERED)
    with pytest.raises(CardChanged):
        grant(issue()["locked"].card(), REGISTRY.slot(other))


def test_limits_that_differ_from_the_signed_lines_are_not_written() -> None:
    chip = issue()["locked"].card()
    number = authenticate_card(CardSession(SimulatedReader(chip)), REGISTRY.anchors, on=TODAY).card_number
    slot = decode_slot(REGISTRY.slot(number))
    with pytest.raises(StatementUnfit):
        grant(chip, encode_slot(replace(slot, limits=slot.limits[:1])))


def grant(chip: VirtualCard, slot: bytes) -> None:
    write_activation(SimulatedReader(chip), REGISTRY.anchors, kiosk(), slot, on=TODAY, verified_by=VerifiedBy.FINGER)


def test_a_newer_statement_takes_over_and_keeps_what_was_drawn() -> None:
    chip = active_card()
    number = present(chip).card_number
    for version in (2, 3, 4):
        put(chip, REGISTRY.slot(number, version=version, limit=35 + version))
        details = present(chip).details
        assert (details.statement.version, details.lines[0].line.limit) == (version, 35 + version)


def test_a_long_statement_is_read_whole() -> None:
    chip = active_card()
    number = present(chip).card_number
    put(chip, REGISTRY.slot(number, version=2, more_lines=6))
    assert len(present(chip).details.lines) == 8


def test_a_card_that_was_never_activated_is_not_active() -> None:
    assert refusal(issue()["locked"].card()) == failed(CheckReason.NOT_ACTIVE)
    chip = issue()["locked"].card()
    number = authenticate_card(CardSession(SimulatedReader(chip)), REGISTRY.anchors, on=TODAY).card_number
    put(chip, REGISTRY.slot(number))
    assert refusal(chip) == failed(CheckReason.NOT_ACTIVE), "a statement without activation record"


def test_a_statement_that_ran_out_must_be_renewed() -> None:
    reader = SimulatedReader(active_card())
    later = TODAY + timedelta(days=91)
    result = verify_card(reader, REGISTRY.anchors, on=later, revoked=RevokedCards())
    assert (result.verdict, result.reason) == failed(CheckReason.STATEMENT_NOT_IN_FORCE)


def test_expired_and_revoked_cards_fail_and_are_still_named() -> None:
    number = present(active_card()).card_number
    reader = SimulatedReader(active_card())
    expired = verify_card(reader, REGISTRY.anchors, on=TODAY.replace(year=TODAY.year + 6), revoked=RevokedCards())
    assert (expired.verdict, expired.reason) == failed(CheckReason.EXPIRED)
    listed = RevokedCards(frozenset({number}))
    revoked = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=listed)
    assert (revoked.verdict, revoked.reason) == failed(CheckReason.REVOKED)
    assert revoked.card_number == expired.card_number == number


def test_a_revoked_document_signer_fails() -> None:
    certificate_serial = int.from_bytes(b"\x01" + bytes(15) + b"\x02", "big")
    anchors = replace(REGISTRY.anchors, revoked_signers=frozenset({certificate_serial}), crl_number=2)
    result = verify_card(SimulatedReader(active_card()), anchors, on=TODAY, revoked=RevokedCards())
    assert (result.verdict, result.reason) == failed(CheckReason.SIGNER_REVOKED)


def test_an_officer_card_is_no_household_card() -> None:
    officer = issue(CardProfile.OPERATOR)["active"].card()
    assert refusal(officer) == failed(CheckReason.WRONG_PROFILE)
    assert check(officer, profile=CardProfile.OPERATOR).verdict is Verdict.VERIFIED


@pytest.mark.parametrize("can", ["000000", "48291", "48291३", ""])
def test_a_wrong_access_number_says_nothing_about_the_card(can: str) -> None:
    reader = SimulatedReader(active_card(), is_contact=False)
    result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards(), can=can)
    expected = CheckReason.WRONG_CAN if can else CheckReason.CAN_NEEDED
    assert (result.verdict, result.reason) == unchecked(expected)


def test_a_blank_chip_is_not_one_of_our_cards() -> None:
    assert refusal(VirtualCard.blank()) == unchecked(CheckReason.NOT_OUR_CARD)


def test_a_chip_in_the_middle_of_being_written_is_refused() -> None:
    stages = issue()
    assert refusal(stages["prepared"].card())[0] is not Verdict.VERIFIED
    assert refusal(stages["written"].card()) == failed(CheckReason.NOT_ACTIVE)


def test_a_terminal_with_a_stolen_certificate_but_another_key_is_refused() -> None:
    thief = replace(kiosk(), private_key=SoftKey().private_key)
    with pytest.raises(TerminalRefused):
        present(active_card()).read_templates(thief, 1)


def test_rights_cannot_be_widened_below_the_document_verifier() -> None:
    weak = REGISTRY.credential(TerminalRights.NONE)
    with pytest.raises(CardRefused, match="6982"):
        present(active_card()).read_templates(weak, 1)
