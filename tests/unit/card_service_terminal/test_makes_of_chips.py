"""Chips of other makes: another curve, T=0, no extended length; and roots that were renewed after a card was issued."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_service.curves import AgreementCurve, CurveNotOffered, curve_by_parameter_id, curve_of_point
from card_service.data_groups import (
    DataGroupRefused,
    Dg14,
    EfCardAccess,
    decode_dg14,
    decode_ef_card_access,
    encode_dg14,
    encode_ef_card_access,
)
from card_service.ecdsa_raw import encode_point
from card_service.errors import TerminalRefused
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential
from hardware_sim.card import profile as make
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, deliver, issue_on, kiosk, present
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import CAN, NEWER_CVCA_REFERENCE, make_registry

MAKES = {
    "brainpool": make.ChipProfile(curve=make.AgreementCurve.BRAINPOOL_P256R1),
    "T=0": make.ChipProfile(protocol=make.ChipProtocol.T0),
    "short": make.ChipProfile(takes_extended_length=False),
    "small buffers": make.ChipProfile(longest_command_bytes=600, longest_answer_bytes=700),
}


@pytest.mark.parametrize("name", MAKES)
def test_a_chip_of_any_make_is_issued_checked_and_draws(name: str) -> None:
    chip = VirtualCard.blank(profile=MAKES[name])
    issue_on(chip)
    card = present(chip)
    assert deliver(card, 7).counter == 2
    wanted = AgreementCurve.BRAINPOOL_P256R1 if name == "brainpool" else AgreementCurve.P256
    assert card.session.pace_curve is wanted


@pytest.mark.parametrize("curve", list(AgreementCurve))
def test_points_are_multiplied_and_added_as_the_key_library_does(curve: AgreementCurve) -> None:
    for _ in range(20):
        one, other = curve.draw(), curve.draw()
        point = encode_point(one.public_key)
        product = other.times(point)
        assert product == curve.base_times(one.number * other.number)
        assert product[1:33] == other.agree(point)
        assert curve.add(point, product) == curve.base_times(one.number * (1 + other.number))
        assert curve.add(point, point) == curve.base_times(2 * one.number)
        with pytest.raises(ValueError, match="cancel"):
            curve.add(point, curve.mirror(point))
        assert curve_of_point(point) is curve


@pytest.mark.parametrize("curve", list(AgreementCurve))
def test_the_key_of_dg14_says_its_curve_by_name(curve: AgreementCurve) -> None:
    key = curve.draw().public_key
    raw = encode_dg14(Dg14(encode_point(key), pace_curve=curve))
    assert key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) in raw
    assert decode_dg14(raw) == Dg14(encode_point(key), pace_curve=curve)
    for cut in range(len(raw)):
        with pytest.raises(DataGroupRefused):
            decode_dg14(raw[:cut])
    with pytest.raises(DataGroupRefused):
        decode_dg14(raw + b"\0")
    access = encode_ef_card_access(EfCardAccess(curve.value))
    assert decode_ef_card_access(access).curve is curve
    for cut in range(len(access)):
        with pytest.raises(DataGroupRefused):
            decode_ef_card_access(access[:cut])


def test_other_curves_are_refused_by_name() -> None:
    with pytest.raises(CurveNotOffered, match="brainpoolP384r1"):
        curve_by_parameter_id(16)
    with pytest.raises(CurveNotOffered, match="P-521"):
        decode_ef_card_access(encode_ef_card_access(EfCardAccess()).replace(b"\x02\x01\x0c", b"\x02\x01\x12"))
    ours = encode_point(ec.generate_private_key(ec.SECP256R1()).public_key())
    other = bytes.fromhex("06052B8104000A")  # secp256k1
    raw = encode_dg14(Dg14(ours)).replace(bytes.fromhex("06082A8648CE3D030107"), other + bytes.fromhex("0500") + b"\0")
    with pytest.raises((CurveNotOffered, DataGroupRefused)):
        decode_dg14(raw)


def test_a_card_that_knows_only_the_older_root_is_shown_the_link_and_then_knows_the_newer() -> None:
    chip = active_card()
    renewed = make_registry().renewed_credential()
    assert deliver(present(chip), 5, renewed).counter == 2
    reader = SimulatedReader(chip)
    session = CardSession(reader)
    session.open_with_can(CAN)
    assert session._roots[0] == NEWER_CVCA_REFERENCE
    # The older root is still held: a kiosk that has not heard of the newer one goes on working.
    assert deliver(present(chip), 5, kiosk()).counter == 3
    assert deliver(present(chip), 5, renewed).counter == 4


def test_a_link_is_sent_only_to_a_card_that_lacks_the_newer_root() -> None:
    chip, renewed = active_card(), REGISTRY.renewed_credential()
    counts = []
    for _ in range(2):
        card = present(chip)
        before = card.session.traffic.apdus
        card.session.show_credential(renewed)
        counts.append(card.session.traffic.apdus - before)
    assert counts == [9, 7]


def test_a_terminal_under_a_root_that_the_card_has_never_heard_of_is_refused() -> None:
    stranger = REGISTRY.renewed_credential()
    with pytest.raises(TerminalRefused):
        present(active_card()).session.show_credential(TerminalCredential(stranger.chain, stranger.private_key))
