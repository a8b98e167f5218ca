"""The officer's card countersigns, for a terminal that may ask it to."""

from __future__ import annotations

import hashlib

import pytest

from card_service.errors import TerminalRefused
from card_service.layout import TerminalRights
from card_service.officer_card import countersign, verify_countersignature
from domain.cards import CardProfile
from tests.unit.card_service_terminal.desk import REGISTRY, issue, kiosk, present
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
