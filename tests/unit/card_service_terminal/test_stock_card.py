"""A certified eMRTD from stock: recognised by its signed list, proved by its keys, and never by what it leaves out."""

from __future__ import annotations

import pytest

from card_service.apdu import CommandApdu
from card_service.authentic_card import authenticate_card
from card_service.data_groups import Dg14, decode_dg14, encode_dg14
from card_service.ecdsa_raw import load_point
from card_service.file_control import encode_directory_control
from card_service.layout import DG1, DG2, DG11, DG13, DG14, DG15, DO_CAN, EF_CARD_ACCESS, EF_SOD, Directory
from card_service.personalisation import ChipKeys, _create, _generate, _write_file
from card_service.session import CardSession
from card_service.stock_card import SpcProfile, StockCard, make_stock_receipt, verify_stock_receipt
from card_service.verdicts import CardNotVerified, CheckReason
from card_service.verification import RevokedCards, verify_card
from domain.cards import CardProfile
from domain.verification import Verdict
from hardware_sim.card.faults import CardFault, FaultKind
from hardware_sim.card.profile import ChipFunctions, ChipProfile
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, check, issue, memory_of
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import CAN, TODAY, SoftKey

ALL = (DG1, DG2, DG11, DG14, DG15)
NO_CHIP_AUTHENTICATION = (DG1, DG2, DG11, DG15)


def stock_card(listed: tuple = ALL, *, written: tuple | None = None) -> VirtualCard:  # type: ignore[type-arg]
    """A stock chip personalised with these data groups in its signed list."""
    chip = VirtualCard.blank(profile=ChipProfile(functions=ChipFunctions.STOCK))
    session = CardSession(SimulatedReader(chip))
    _create(session, encode_directory_control(Directory.EMRTD))
    agreement = _generate(session, 0xA6, 1, check=load_point)
    receipt = _generate(session, 0xB6, 2, check=load_point)
    package = REGISTRY.package(ChipKeys(bytes(8), agreement, receipt))
    files = {file.key: package.files[file.key] for file in listed}
    if DG14 in listed:
        files[DG14.key] = encode_dg14(Dg14(agreement, takes_terminals=False))
    session.put_data(DO_CAN, CAN.encode())
    _write_file(session, EF_CARD_ACCESS, package.files[EF_CARD_ACCESS.key])
    for file in written or listed:
        _write_file(session, file, files.get(file.key, package.files[file.key]))
    _write_file(session, EF_SOD, REGISTRY.sign_sod(files))
    session.select(Directory.MF)
    assert session.send(CommandApdu(0, 0x44, 0, 0)).is_ok
    return VirtualCard(memory_of(chip), None)


def stock_result(chip: VirtualCard):  # type: ignore[no-untyped-def]
    return verify_card(SimulatedReader(chip), REGISTRY.anchors, on=TODAY, revoked=RevokedCards(), can=CAN)


@pytest.mark.parametrize("listed", [ALL, NO_CHIP_AUTHENTICATION], ids=["chip authentication", "active authentication"])
def test_a_stock_card_is_verified_and_signs_receipts(listed: tuple) -> None:  # type: ignore[type-arg]
    result = stock_result(stock_card(listed))
    assert (result.verdict, result.profile, result.card) == (Verdict.VERIFIED, SpcProfile.SPC_0, None)
    card = result.stock_card
    assert isinstance(card, StockCard)
    assert card.holder.name == "ASHA DEVI"
    assert card.receipt_public_key is not None
    receipt = make_stock_receipt(card, b"35 kg of rice in March")
    assert verify_stock_receipt(b"35 kg of rice in March", receipt, card.receipt_public_key)
    assert not verify_stock_receipt(b"36 kg of rice in March", receipt, card.receipt_public_key)
    assert not verify_stock_receipt(b"35 kg of rice in March", receipt, SoftKey().public_point)


@pytest.mark.parametrize("listed", [ALL, NO_CHIP_AUTHENTICATION], ids=["chip authentication", "active authentication"])
def test_a_copied_stock_card_is_not_genuine(listed: tuple) -> None:  # type: ignore[type-arg]
    copies = [stock_result(stock_card(listed).copy_files_without_keys()) for _ in range(5)]
    assert {(each.verdict, each.reason) for each in copies} == {(Verdict.FAILED, CheckReason.NOT_GENUINE)}


def test_a_signed_list_without_any_key_is_refused() -> None:
    result = stock_result(stock_card((DG1, DG2, DG11), written=ALL))
    assert (result.verdict, result.reason) == (Verdict.FAILED, CheckReason.DATA_ALTERED)


def test_our_card_stripped_of_its_own_files_is_no_stock_card() -> None:
    listed = (DG1, DG2, DG11, DG13, DG14, DG15)
    stripped = stock_result(stock_card(listed, written=ALL))
    assert (stripped.verdict, stripped.reason) == (Verdict.FAILED, CheckReason.DATA_ALTERED)
    without_directory = stock_result(stock_card(listed, written=listed))
    assert (without_directory.verdict, without_directory.reason) == (Verdict.FAILED, CheckReason.DATA_ALTERED)


def test_a_stock_card_is_no_officer_card_and_no_card_with_a_ledger() -> None:
    chip = stock_card()
    reader, nobody = SimulatedReader(chip), RevokedCards()
    result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=nobody, can=CAN, profile=CardProfile.OPERATOR)
    assert result.reason is CheckReason.WRONG_PROFILE
    with pytest.raises(CardNotVerified) as refused:
        authenticate_card(CardSession(SimulatedReader(chip)), REGISTRY.anchors, on=TODAY, can=CAN)
    assert refused.value.reason is CheckReason.WRONG_PROFILE
    assert check(active_card()).profile is SpcProfile.SPC_1


def test_what_dg14_says_of_terminals_reads_back() -> None:
    point = decode_dg14(issue()["active"].data.files[DG14.key]).ca_public_point
    assert decode_dg14(encode_dg14(Dg14(point, takes_terminals=False))).takes_terminals is False


@pytest.mark.parametrize("is_copy", [False, True], ids=["genuine card", "copy"])
def test_one_spoiled_answer_after_chip_authentication_accuses_nobody(is_copy: bool) -> None:
    card = active_card().copy_files_without_keys() if is_copy else active_card()
    reader = SimulatedReader(card)
    card.faults.restart_counting()
    first_answer_of_the_new_channel = 12
    card.faults.order(CardFault(FaultKind.WRONG_MAC, first_answer_of_the_new_channel))
    result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards())
    expected = (Verdict.FAILED, CheckReason.NOT_GENUINE) if is_copy else (Verdict.VERIFIED, None)
    assert (result.verdict, result.reason) == expected
    assert len(reader.sent) > 18
