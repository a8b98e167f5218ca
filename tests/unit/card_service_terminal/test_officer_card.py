"""The officer's card countersigns, for a terminal that may ask it to."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from card_service.errors import CardRefused, TerminalRefused
from card_service.layout import TerminalRights
from card_service.officer_card import countersign, verify_countersignature
from card_service.personalisation import lock_card, prepare_chip, write_card
from card_service.quota import (
    USUAL_QUOTA,
    Quota,
    QuotaGrant,
    QuotaGrantMalformed,
    QuotaUsedUp,
    decode_quota_grant,
    encode_quota_grant,
    is_grant_for,
    read_quota,
    sign_quota_grant,
    write_quota_grant,
)
from domain.cards import CardProfile
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import REGISTRY, activate, issue, kiosk, present
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import SoftKey

HASH = hashlib.sha256(b"ACTIVATE" + b"0123456789").digest()


def test_an_officer_card_countersigns_what_anyone_can_check() -> None:
    officer = present(issue(CardProfile.OPERATOR)["active"].card(), profile=CardProfile.OPERATOR)
    signature = countersign(officer, kiosk(), HASH)
    assert verify_countersignature(HASH, signature, officer.receipt_public_key)
    assert not verify_countersignature(hashlib.sha256(b"").digest(), signature, officer.receipt_public_key)
    assert not verify_countersignature(HASH, signature, SoftKey().public_point)
    assert not verify_countersignature(HASH, signature[:-1], officer.receipt_public_key)
    assert not verify_countersignature(HASH[:-1], signature, officer.receipt_public_key)


def test_a_terminal_without_the_right_gets_no_countersignature() -> None:
    officer = present(issue(CardProfile.OPERATOR)["active"].card(), profile=CardProfile.OPERATOR)
    with pytest.raises(TerminalRefused):
        countersign(officer, REGISTRY.credential(TerminalRights.DELIVER), HASH)


def test_only_a_hash_is_countersigned() -> None:
    officer = present(issue(CardProfile.OPERATOR)["active"].card(), profile=CardProfile.OPERATOR)
    with pytest.raises(ValueError, match="32 bytes"):
        countersign(officer, kiosk(), b"pay 100")


def officer_with_quota(quota: int) -> tuple[VirtualCard, SoftKey]:
    """An active officer's card with a quota, and the key that may grant more."""
    chip, authority = VirtualCard.blank(), SoftKey()
    reader = SimulatedReader(chip)
    package = REGISTRY.package(prepare_chip(reader), profile=CardProfile.OPERATOR)
    data = replace(package, quota=quota, quota_authority=authority.public_point)
    write_card(reader, data)
    lock_card(reader, data)
    activate(reader, data)
    return chip, authority


def nth_hash(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(4, "big")).digest()


def test_the_signature_after_the_last_of_three_hundred_is_refused_until_more_are_granted() -> None:
    chip, authority = officer_with_quota(USUAL_QUOTA)
    signed = 0
    # A session takes at most 300 commands: the officer puts the card in more than once.
    while signed < USUAL_QUOTA:
        officer = present(chip, profile=CardProfile.OPERATOR)
        for _ in range(min(150, USUAL_QUOTA - signed)):
            countersign(officer, kiosk(), nth_hash(signed))
            signed += 1
    assert read_quota(officer.session) == Quota(0, 0, USUAL_QUOTA)
    officer = present(chip, profile=CardProfile.OPERATOR)
    with pytest.raises(QuotaUsedUp):
        countersign(officer, kiosk(), nth_hash(signed))
    assert countersign(officer, kiosk(), nth_hash(signed - 1)), "the last one again, after a tear, costs nothing"
    grant = sign_quota_grant(officer.receipt_public_key, number=1, quota=20, signer=authority)
    assert write_quota_grant(officer.session, grant) == Quota(20, 1, USUAL_QUOTA)
    countersign(officer, kiosk(), nth_hash(signed))
    assert read_quota(officer.session).remaining == 19
    with pytest.raises(CardRefused, match="6985"):
        write_quota_grant(officer.session, grant)


def test_a_grant_for_another_card_or_by_somebody_else_is_refused() -> None:
    chip, authority = officer_with_quota(1)
    officer = present(chip, profile=CardProfile.OPERATOR)
    own = officer.receipt_public_key
    stolen = sign_quota_grant(SoftKey().public_point, number=1, quota=300, signer=authority)
    forged = sign_quota_grant(own, number=1, quota=300, signer=SoftKey())
    for grant in (stolen, forged):
        assert not is_grant_for(decode_quota_grant(grant), own, authority.public_point)
        with pytest.raises(CardRefused, match="6A80"):
            write_quota_grant(officer.session, grant)
    assert read_quota(officer.session) == Quota(1, 0, 0)


def test_a_quota_grant_reads_back_and_is_refused_when_cut_or_with_bytes_behind() -> None:
    grant = QuotaGrant(7, 300, bytes(range(64)))
    raw = encode_quota_grant(grant)
    assert decode_quota_grant(raw) == grant
    for broken in [raw[:length] for length in range(len(raw))] + [raw + b"\0"]:
        with pytest.raises(QuotaGrantMalformed):
            decode_quota_grant(broken)
    with pytest.raises(QuotaGrantMalformed):
        encode_quota_grant(replace(grant, quota=70_000))
