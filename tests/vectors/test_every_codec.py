"""Every codec of the card: cut off before any byte, or with bytes behind, nothing is taken for whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache

import pytest

from card_service import data_groups as dg
from card_service.apdu import CommandApdu
from card_service.base45 import decode_base45, encode_base45
from card_service.card_state import CardState, decode_card_state, encode_card_state
from card_service.cose import ContentType, decode_cbor, encode_cbor, open_cose, sign_cose
from card_service.counters import Counters, decode_counters, encode_counters
from card_service.cv_certificate import decode_cv_certificate, encode_cv_certificate
from card_service.der import point_from_spki, raw_from_signature_der, signature_der_from_raw, spki_from_point
from card_service.entitlement_statement import (
    EntitlementStatement,
    StatementLine,
    decode_statement,
    encode_statement,
    sign_statement,
    verify_statement,
)
from card_service.extended_length import OUR_BUFFERS, decode_atr_info, encode_atr_info
from card_service.layout import AID_EMRTD, AID_SOCIAL_PROTECTION, EF_SOD
from card_service.ledger_record import LedgerRecord, RecordKind, decode_record, encode_record
from card_service.packed_numbers import PackedNumbers, pack_numbers
from card_service.qr import verify_qr
from card_service.revocation import SignedRevocations, fingerprint_of, open_whole_list, sign_whole_list, verify_head
from card_service.security_object import verify_sod
from card_service.signing import KeyRole
from card_service.statement_slot import Limit, StatementSlot, decode_slot, decode_slot_file, encode_slot
from card_service.tlv import decode_tlv_one, encode_tlv
from card_service.trust import TrustAnchors, decode_trust_anchors, encode_trust_anchors
from domain.card_number import make_card_number
from domain.cards import CardProfile
from domain.errors import ProjectError
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, PersonId, ProgrammeCode
from domain.people import BirthDate, Relationship, Sex
from domain.verification import VerifiedBy
from tests.outside.corpus import make_order, specimens, the_authority
from tests.unit.card_service_issuer.authority import TODAY
from tests.unit.card_service_issuer.samples import KEY_A, KEY_B, SMALL_JPEG

NUMBER = make_card_number(b"abcde")
BORN = BirthDate(on=date(1988, 5, 17))
EMPTY_OBJECT = b"\x90\x00"
TAILS = (b"\x00", b"\x80", b"\xff", EMPTY_OBJECT)


@dataclass(frozen=True)
class Codec:
    """One encoding and its reader. ``whole_at``: lengths at which a shorter, equally whole record ends."""

    name: str
    encoded: bytes
    decode: Callable[[bytes], object]
    whole_at: frozenset[int] = field(default=frozenset())
    #: Unused bytes of a file are zero, so zeros behind it are no tail.
    forgives_zeros: bool = False
    #: Other data objects may follow: the tail 90 00 is one, an empty one.
    may_go_on: bool = False

    def tails(self) -> list[bytes]:
        """What must not stand behind it."""
        tails = [tail for tail in (*TAILS, self.encoded[:1]) if any(tail) or not self.forgives_zeros]
        return [tail for tail in tails if not (self.may_go_on and tail == EMPTY_OBJECT)]


def is_accepted(codec: Codec, data: bytes) -> bool:
    try:
        codec.decode(data)
    except (ProjectError, ValueError):
        return False
    return True


def as_text(decode: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: decode(data.decode("utf-8"))


def member_row() -> dg.MemberRow:
    fingers = (FingerPosition.RIGHT_INDEX,)
    return dg.MemberRow(1, PersonId("P-1"), "आशा देवी", BORN, Sex.FEMALE, Relationship.HEAD, fingers, True)


def anchor() -> dg.SpAnchor:
    hashes = {0x0211: bytes(range(32)), 0x0203: bytes(32)}
    return dg.SpAnchor(HouseholdId("H-1"), NUMBER, 1, CardProfile.HOUSEHOLD, 5, KEY_B, hashes)


def line(scheme: int) -> StatementLine:
    return StatementLine(
        scheme=scheme,
        programme_code=ProgrammeCode("RICE"),
        period=202611,
        limit=35,
        unit="kg",
        benefit_kind="food",
        name_key="programme.rice",
        amount_minor=None,
        currency=None,
        collect_from=TODAY,
        collect_until=TODAY,
    )


STATEMENT = EntitlementStatement(NUMBER, 3, TODAY, TODAY + timedelta(days=90), (line(7), line(12)))
RECORD = LedgerRecord(
    kind=RecordKind.DELIVERY,
    sequence=5,
    previous_hash=bytes(range(8)),
    scheme=7,
    period=202603,
    quantity=35,
    member_index=2,
    on=TODAY,
    verified_by=VerifiedBy.FINGER,
    terminal="UTKIOSK00001",
    signature=bytes(range(64)),
)
SLOT = encode_slot(StatementSlot(3, (Limit(7, 202603, 35),), b"\xd2\x84\x43" + bytes(range(1, 41))))
COUNTERS = encode_counters(Counters(9, {(7, 202603): 35, (12, 202600): 1}))
STATE = CardState(Counters(9, {(7, 202603): 35}), bytes(range(8)), decode_slot(SLOT))
EF_DIR = dg.encode_ef_dir(dg.EfDir((AID_EMRTD, AID_SOCIAL_PROTECTION)))
FIRST_APPLICATION = len(dg.encode_ef_dir(dg.EfDir((AID_EMRTD,))))


def with_statement(data: bytes) -> CardState:
    """The state, as far as a desk can use it: a statement that makes no sense is left out of it by design."""
    state = decode_card_state(data)
    if state.slot is None:
        raise ValueError("no statement in it")
    return state


def sign_revoked() -> SignedRevocations:
    numbers = [make_card_number(bytes((n,) * 5)) for n in range(9)]
    signer = the_authority().entitlement_signer
    return sign_whole_list(
        pack_numbers(numbers), number=4, fingerprint=fingerprint_of(numbers), issued_on=TODAY, signer=signer
    )


REVOKED = sign_revoked()


def with_head(head: bytes) -> SignedRevocations:
    return replace(REVOKED, head_cose=head)


def with_content(content: bytes) -> SignedRevocations:
    return replace(REVOKED, content=(content,))


def whole_list(signed: SignedRevocations, anchors: TrustAnchors) -> object:
    return open_whole_list(signed, verify_head(signed, anchors, at=TODAY))


def file_codecs() -> list[Codec]:
    """What stands in files of the card."""
    dg1 = dg.Dg1(NUMBER, "ASHA DEVI", BORN, Sex.FEMALE, date(2036, 11, 20))
    return [
        Codec("DG1", dg.encode_dg1(dg1), dg.decode_dg1),
        Codec("DG2", dg.encode_dg2(dg.Dg2(SMALL_JPEG, Sex.MALE)), dg.decode_dg2),
        Codec("DG11", dg.encode_dg11(dg.Dg11("आशा देवी", "Asha Devi", BORN)), dg.decode_dg11),
        Codec("DG13", dg.encode_dg13(anchor()), dg.decode_dg13),
        Codec("DG14", dg.encode_dg14(dg.Dg14(KEY_A)), dg.decode_dg14),
        Codec("DG15", dg.encode_dg15(dg.Dg15(KEY_B)), dg.decode_dg15),
        Codec("EF.COM", dg.encode_ef_com(dg.EfCom((1, 2, 11, 13, 14, 15))), dg.decode_ef_com),
        Codec("EF.CardAccess", dg.encode_ef_card_access(dg.EfCardAccess()), dg.decode_ef_card_access),
        Codec("EF.DIR", EF_DIR, dg.decode_ef_dir, frozenset({FIRST_APPLICATION})),
        Codec("EF.Mbr", dg.encode_member_table(dg.MemberTable((member_row(),))), dg.decode_member_table),
        Codec("EF.Ledger record", encode_record(RECORD), decode_record),
        Codec("statement slot", SLOT, decode_slot),
        Codec("EF.Ent file", SLOT, decode_slot_file, frozenset({0}), forgives_zeros=True),
        Codec("counters", COUNTERS, decode_counters, frozenset({4, 16})),
        # A chip need not have the file, and one without content says nothing.
        Codec("EF.ATR/INFO", encode_atr_info(OUR_BUFFERS), decode_atr_info, frozenset({0}), may_go_on=True),
        Codec(
            "EF.CardAccess on brainpoolP256r1", dg.encode_ef_card_access(dg.EfCardAccess(13)), dg.decode_ef_card_access
        ),
        Codec("card state", encode_card_state(STATE), with_statement),
    ]


def signed_codecs() -> list[Codec]:
    """What carries a signature: read as it is believed."""
    authority = the_authority()
    anchors, first = authority.anchors, specimens()[0]
    signers = anchors.entitlement_signers_spki_der
    cose = sign_cose(b"payload", ContentType.STATEMENT, authority.entitlement_signer)
    qr = first.card.qr_text.encode("ascii")
    return [
        Codec("EF.SOD", first.card.files[EF_SOD.key], lambda data: verify_sod(data, anchors, at=TODAY)),
        Codec("COSE_Sign1", cose, lambda data: open_cose(data, ContentType.STATEMENT, signers)),
        Codec(
            "statement",
            sign_statement(STATEMENT, authority.entitlement_signer),
            lambda data: verify_statement(data, anchors, at=TODAY),
        ),
        Codec("head of revoked cards", REVOKED.head_cose, lambda data: verify_head(with_head(data), anchors, at=TODAY)),
        Codec("packed card numbers", REVOKED.content[0], PackedNumbers),
        Codec("revoked cards", REVOKED.content[0], lambda data: whole_list(with_content(data), anchors)),
        Codec("CV certificate", encode_cv_certificate(authority.certificates.dv), decode_cv_certificate),
        Codec("QR", qr, as_text(lambda text: verify_qr(text, signers, at=TODAY))),
    ]


def inner_codecs() -> list[Codec]:
    """What the others are made of."""
    signature = signature_der_from_raw(the_authority().keys.signer(KeyRole.COUNTRY_SIGNER).sign(b""))
    command = CommandApdu(0x0C, 0xB0, 0, 0, bytes(20), 256).encode()
    return [
        Codec("statement payload", encode_statement(STATEMENT), decode_statement),
        Codec("CBOR", encode_cbor([1, "a", b"b" * 30, [2, 3]]), decode_cbor),
        Codec("data object", encode_tlv(0x7F49, encode_tlv(0x86, KEY_A)), decode_tlv_one),
        Codec("SubjectPublicKeyInfo", spki_from_point(KEY_A), point_from_spki),
        Codec("ECDSA-Sig-Value", signature, raw_from_signature_der),
        # Without its Le a command is whole, too; header alone, and header with Le.
        Codec("command APDU", command, CommandApdu.decode, frozenset({4, 5, len(command) - 1})),
        Codec("trust anchors", encode_trust_anchors(the_authority().anchors).encode(), as_text(decode_trust_anchors)),
    ]


@cache
def codecs() -> tuple[Codec, ...]:
    return (*file_codecs(), *signed_codecs(), *inner_codecs())


def test_every_encoding_is_read_whole() -> None:
    for codec in codecs():
        assert is_accepted(codec, codec.encoded), codec.name


def test_nothing_cut_off_before_any_byte_is_taken_for_whole() -> None:
    tried = 0
    accepted: list[str] = []
    for codec in codecs():
        prefixes = [n for n in range(len(codec.encoded)) if n not in codec.whole_at]
        tried += len(prefixes)
        accepted += [f"{codec.name} at {n}" for n in prefixes if is_accepted(codec, codec.encoded[:n])]
    print(f"\n{len(codecs())} codecs, {tried} prefixes tried, {len(accepted)} accepted")  # noqa: T201
    assert accepted == []


def test_nothing_with_bytes_behind_is_taken_for_whole() -> None:
    tried = 0
    accepted: list[str] = []
    for codec in codecs():
        tried += len(codec.tails())
        accepted += [f"{codec.name} + {t.hex()}" for t in codec.tails() if is_accepted(codec, codec.encoded + t)]
    print(f"\n{len(codecs())} codecs, {tried} tails tried, {len(accepted)} accepted")  # noqa: T201
    assert accepted == []


def test_a_reader_that_forgives_a_missing_end_would_be_found() -> None:
    """The planted bug: a codec that fills up with zeros what is missing."""
    whole = codecs()[0]
    lenient = replace(whole, decode=lambda data: whole.decode(data + whole.encoded[len(data) :]))
    found = [n for n in range(len(whole.encoded)) if is_accepted(lenient, whole.encoded[:n])]
    assert len(found) == len(whole.encoded)


def test_base45_has_lengths_that_no_text_of_it_has() -> None:
    text = encode_base45(b"statement")
    for length in range(1, len(text), 3):
        with pytest.raises(ProjectError):
            decode_base45(text[:length])


def test_the_orders_of_the_corpus_are_all_different_cards() -> None:
    assert len({make_order(size).card_number for size in range(1, 9)}) == 8
