"""From an approved order to the files of a card, and what the policy forbids."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest

from card_service import data_groups as dg
from card_service.card_order import CardMember, CardOrder, ChipKeys, OrderUnfit
from card_service.cv_certificate import verify_cv_chain
from card_service.entitlement_statement import EntitlementStatement, verify_statement
from card_service.issuer import (
    CardIssuer,
    SigningAlarm,
    SigningFault,
    SigningPolicy,
    SigningRefused,
)
from card_service.layout import (
    DATA_GROUPS,
    EF_SOD,
    MEMBERS,
    Directory,
    TerminalRights,
    photo_file,
    template_file,
)
from card_service.qr import verify_qr
from card_service.security_object import verify_sod
from card_service.statement_slot import decode_slot
from domain.card_number import make_card_number
from domain.cards import CardProfile
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, OrderId, PersonId
from domain.people import BirthDate, BirthPrecision, PersonName, Relationship, Sex
from tests.unit.card_service_issuer.authority import NOW, TODAY, memory_authority, new_signer
from tests.unit.card_service_issuer.samples import KEY_A, KEY_B, SMALL_JPEG

AUTHORITY, CVCA = memory_authority()
ISSUER = CardIssuer(AUTHORITY)


def member(number: int, **changes: object) -> CardMember:
    plain = CardMember(
        person_id=PersonId(f"00000000-0000-7000-8000-00000000000{number}"),
        name=PersonName(latin=f"Asha Devi {'ABCDEFGHI'[number]}", local="आशा देवी"),
        born=BirthDate(on=date(1950, 6, 7), precision=BirthPrecision.ABOUT),
        sex=Sex.FEMALE,
        role=Relationship.HEAD if number == 1 else Relationship.CHILD,
        fingers=(FingerPosition.RIGHT_INDEX,),
        finger_record=b"FMR\x00 sample",
        portrait_jpeg=SMALL_JPEG,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


ORDER = CardOrder(
    order_id=OrderId("order-1"),
    card_number=make_card_number(b"abcde"),
    can="123456",
    profile=CardProfile.HOUSEHOLD,
    household_id=HouseholdId("H-1"),
    issue_number=1,
    members=(member(1), member(2), member(3, fingers=(), finger_record=None)),
    chip=ChipKeys(KEY_A, KEY_B),
    ordered_at=NOW,
    valid_until=date(2036, 11, 20),
)


@dataclass
class MemoryRecord:
    """What was signed, in memory."""

    signed: dict[OrderId, datetime] = field(default_factory=dict)
    alarms: list[SigningAlarm] = field(default_factory=list)

    def has_signed(self, order_id: OrderId) -> bool:
        return order_id in self.signed

    def count_signed_since(self, moment: datetime) -> int:
        return sum(at > moment for at in self.signed.values())

    def policy(self, cards_per_hour: int = 5) -> SigningPolicy:
        return SigningPolicy(self, self.alarms.append, cards_per_hour)


def test_a_built_card_is_whole_and_believed() -> None:
    card = ISSUER.build_card(ORDER, MemoryRecord().policy())
    content = verify_sod(card.files[EF_SOD.key], AUTHORITY.anchors, at=TODAY)
    for number, file in DATA_GROUPS.items():
        assert hashlib.sha256(card.files[file.key]).digest() == content.hashes[number]
    anchor = dg.decode_dg13(card.files[DATA_GROUPS[13].key])
    holder = dg.decode_dg1(card.files[DATA_GROUPS[1].key])
    assert anchor.card_number == holder.card_number == ORDER.card_number
    assert anchor.receipt_public_key == KEY_B
    assert dg.decode_dg14(card.files[DATA_GROUPS[14].key]).ca_public_point == KEY_A


def test_the_anchor_covers_every_social_protection_file() -> None:
    card = ISSUER.build_card(ORDER, MemoryRecord().policy())
    sp_files = {fid: content for (place, fid), content in card.files.items() if place == Directory.SOCIAL_PROTECTION}
    expected = {each.fid for each in (MEMBERS, template_file(1), template_file(2), photo_file(2), photo_file(3))}
    assert set(sp_files) == set(card.anchor.hashes) == expected
    assert all(hashlib.sha256(content).digest() == card.anchor.hashes[fid] for fid, content in sp_files.items())


def test_the_security_object_is_written_last() -> None:
    order = ISSUER.build_card(ORDER, MemoryRecord().policy()).in_writing_order()
    assert [file for file, _ in order].index(EF_SOD) == len(order) - 1
    assert all(0 < len(content) <= file.size_bytes for file, content in order)


def test_the_member_table_says_who_has_what() -> None:
    card = ISSUER.build_card(ORDER, MemoryRecord().policy())
    rows = dg.decode_member_table(card.files[MEMBERS.key]).rows
    assert [row.index for row in rows] == [1, 2, 3]
    assert [row.name for row in rows] == ["आशा देवी"] * 3
    assert rows[2].fingers == ()
    assert all(row.has_photo for row in rows)
    assert rows[0].born == BirthDate(on=date(1950, 1, 1), precision=BirthPrecision.ABOUT)


def test_eight_long_names_still_fit_in_latin_letters() -> None:
    name = PersonName(latin="Venkatanarasimharaju Subramaniam", local="वेंकटनरसिम्हराजू सुब्रमण्यम")
    crowd = replace(ORDER, members=tuple(member(number, name=name) for number in range(1, 9)))
    card = ISSUER.build_card(crowd, MemoryRecord().policy())
    rows = dg.decode_member_table(card.files[MEMBERS.key]).rows
    assert {row.name for row in rows} == {"VENKATANARASIMHARAJU SUBRAMANI"}


def test_a_holder_without_a_portrait_gets_the_neutral_one() -> None:
    order = replace(ORDER, members=(member(1, portrait_jpeg=None),), no_portrait_jpeg=SMALL_JPEG)
    card = ISSUER.build_card(order, MemoryRecord().policy())
    assert dg.decode_dg2(card.files[DATA_GROUPS[2].key]).jpeg == SMALL_JPEG
    assert not dg.decode_member_table(card.files[MEMBERS.key]).rows[0].has_photo


def test_the_paper_twin_names_the_same_card() -> None:
    card = ISSUER.build_card(ORDER, MemoryRecord().policy())
    twin = verify_qr(card.qr_text, AUTHORITY.anchors.entitlement_signers_spki_der, at=TODAY)
    assert twin.card_number == ORDER.card_number


def test_an_order_is_signed_once() -> None:
    record = MemoryRecord(signed={ORDER.order_id: NOW})
    with pytest.raises(SigningRefused) as caught:
        ISSUER.build_card(ORDER, record.policy())
    assert caught.value.fault is SigningFault.ORDER_ALREADY_SIGNED
    assert [alarm.fault for alarm in record.alarms] == [SigningFault.ORDER_ALREADY_SIGNED]


def test_beyond_the_hourly_rate_nothing_is_signed_and_an_alarm_is_raised() -> None:
    record = MemoryRecord(signed={OrderId(f"other-{n}"): NOW - timedelta(minutes=n) for n in range(5)})
    with pytest.raises(SigningRefused):
        ISSUER.build_card(ORDER, record.policy(cards_per_hour=5))
    assert [alarm.fault for alarm in record.alarms] == [SigningFault.RATE_EXCEEDED]
    assert ISSUER.build_card(replace(ORDER, ordered_at=NOW + timedelta(hours=2)), record.policy(cards_per_hour=5))


def test_a_statement_is_signed_for_its_slot() -> None:
    statement = EntitlementStatement(ORDER.card_number, 1, TODAY, TODAY + timedelta(days=90), ())
    slot = decode_slot(ISSUER.sign_statement(statement))
    assert verify_statement(slot.statement, AUTHORITY.anchors, at=TODAY) == statement


def test_a_terminal_certificate_is_issued_for_the_days_asked() -> None:
    point = new_signer().public_point
    rights = TerminalRights.DELIVER
    terminal = ISSUER.issue_terminal_certificate("UTKIOSK00001", point, rights, 7, on=TODAY)
    assert terminal.expires_on == TODAY + timedelta(days=7)
    assert verify_cv_chain((AUTHORITY.certificates.dv, terminal), (CVCA,), at=TODAY) == rights


@pytest.mark.parametrize(
    "change",
    [
        {"members": ()},
        {"members": tuple(member(number % 8) for number in range(9))},
        {"can": "12345"},
        {"can": "१२३४५६"},
        {"valid_until": TODAY},
        {"members": (member(1, name=PersonName(latin="आशा", local="आशा")),)},
        {"members": (member(1, portrait_jpeg=None),)},
        {"members": (member(1, name=PersonName(latin="A", local="क" * 100)),)},
    ],
)
def test_orders_that_make_no_card_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(OrderUnfit):
        replace(ORDER, **change)  # type: ignore[arg-type]


def test_chip_keys_must_be_two_points() -> None:
    for keys in ((KEY_A, KEY_A), (KEY_A, bytes(65)), (KEY_A[:64], KEY_B)):
        with pytest.raises(OrderUnfit):
            ChipKeys(*keys)
