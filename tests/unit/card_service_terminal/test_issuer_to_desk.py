"""The registry's issuer and the desk together: what the one signs, the other writes, verifies and delivers from."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from card_service.activation import write_activation
from card_service.card_order import CardMember, CardOrder, ChipKeys
from card_service.countersigned import activation_hash
from card_service.ecdsa_raw import encode_point
from card_service.entitlement_statement import EntitlementStatement, StatementLine
from card_service.issuer import CardIssuer, SigningPolicy
from card_service.ledger import append_delivery, plan_delivery, verify_receipt
from card_service.officer_card import countersign, verify_countersignature
from card_service.personalisation import PersonalisationData, lock_card, prepare_chip, readback_digest, write_card
from card_service.read_back import read_back
from card_service.terminal_authentication import TerminalCredential
from card_service.verification import RevokedCards, verify_card
from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber, make_card_number
from domain.cards import CardProfile
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, OrderId, PersonId, ProgrammeCode
from domain.people import BirthDate, PersonName, Relationship, Sex
from domain.verification import VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_issuer.authority import NOW, TODAY, memory_authority
from tests.unit.card_service_terminal.reader import SimulatedReader

AUTHORITY, CVCA = memory_authority()
ISSUER = CardIssuer(AUTHORITY)
CAN = "736251"


class Unwritten:
    """A record of signatures that holds none."""

    def has_signed(self, order_id: OrderId) -> bool:
        return False

    def count_signed_since(self, moment: datetime) -> int:
        return 0


POLICY = SigningPolicy(Unwritten(), [].append)


def make_credential() -> TerminalCredential:
    key = ec.generate_private_key(ec.SECP256R1())
    chain = AUTHORITY.terminal_chain("UTDESK00001", encode_point(key.public_key()), on=TODAY)
    return TerminalCredential(chain, key)


def portrait() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((120, 150), 30).convert("RGB").save(out, "JPEG", quality=30)
    return out.getvalue()


def member(index: int) -> CardMember:
    return CardMember(
        person_id=PersonId(f"P-{index}"),
        name=PersonName(latin=f"Asha Devi {'ABCDEFGHI'[index]}", local="आशा देवी"),
        born=BirthDate(on=date(1980, 6, 7)),
        sex=Sex.FEMALE,
        role=Relationship.HEAD if index == 1 else Relationship.CHILD,
        fingers=(FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX),
        finger_record=b"FMR\x00" + bytes(700),
        portrait_jpeg=portrait(),
    )


def statement(number: CardNumber) -> EntitlementStatement:
    line = StatementLine(
        scheme=7,
        programme_code=ProgrammeCode("RICE"),
        period=TODAY.year * 100 + TODAY.month,
        limit=35,
        unit="kg",
        benefit_kind="food",
        name_key="programme.rice",
        amount_minor=None,
        currency=None,
        collect_from=TODAY.replace(day=1),
        collect_until=TODAY.replace(day=28),
    )
    return EntitlementStatement(number, 1, TODAY, TODAY.replace(year=TODAY.year + 1), (line,))


def issue_at_desk(profile: CardProfile, members: int, credential: TerminalCredential) -> tuple[VerifiedCard, bytes]:
    """A new card, verified, with its read-back digest."""
    reader = SimulatedReader(VirtualCard.blank())
    keys = prepare_chip(reader)
    order = CardOrder(
        order_id=OrderId("order-1"),
        card_number=make_card_number(bytes((members, 2, 3, 4, 5))),
        can=CAN,
        profile=profile,
        household_id=HouseholdId("H-1"),
        issue_number=1,
        members=tuple(member(index) for index in range(1, members + 1)),
        chip=ChipKeys(keys.ca_public_key, keys.receipt_public_key),
        ordered_at=NOW,
        valid_until=TODAY.replace(year=TODAY.year + 5),
    )
    issued = ISSUER.build_card(order, POLICY)
    data = PersonalisationData(keys.serial, CAN, issued.files, AUTHORITY.anchors.cvca_certificates, TODAY)
    write_card(reader, data)
    lock_card(reader, data)
    proven = read_back(reader, data, AUTHORITY.anchors, credential, on=TODAY)
    assert proven.digest == readback_digest(issued.files)
    slot = ISSUER.sign_statement(statement(order.card_number))
    write_activation(reader, AUTHORITY.anchors, credential, slot, on=TODAY, verified_by=VerifiedBy.FINGER)
    checked = verify_card(reader, AUTHORITY.anchors, on=TODAY, revoked=RevokedCards(), profile=profile)
    assert checked.card is not None, checked.reason
    print(f"\n{profile} card of {members}: {len(reader.sent)} commands from blank to verified")  # noqa: T201
    return checked.card, proven.digest


@pytest.mark.parametrize("members", [1, 5, 8])
def test_a_card_of_any_size_is_made_by_the_issuer_and_serves_at_the_desk(members: int) -> None:
    credential = make_credential()
    card, _ = issue_at_desk(CardProfile.HOUSEHOLD, members, credential)
    line = card.details.lines[0].line
    proof = append_delivery(card, plan_delivery(card, credential, line, 35, 1, VerifiedBy.FINGER, TODAY))
    assert verify_receipt(proof, card.receipt_public_key)
    assert card.read_templates(credential, members) == b"FMR\x00" + bytes(700)


def test_an_officer_countersigns_the_activation_of_a_new_card() -> None:
    credential = make_credential()
    officer, _ = issue_at_desk(CardProfile.OPERATOR, 1, credential)
    card, digest = issue_at_desk(CardProfile.HOUSEHOLD, 2, credential)
    hash32 = activation_hash(card.card_number, digest)
    signature = countersign(officer, credential, hash32)
    assert verify_countersignature(hash32, signature, officer.receipt_public_key)
