"""Defects of files and keys: copies, files left out, swapped or altered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from card_service.data_groups import Dg14, decode_dg13, encode_dg13, encode_dg14
from card_service.layout import (
    DG1,
    DG2,
    DG11,
    DG13,
    DG14,
    DG15,
    EF_COM,
    EF_SOD,
    MEMBERS,
    CardFile,
    photo_file,
    template_file,
)
from card_service.tlv import decode_tlv_one, encode_tlv
from card_service.verdicts import CheckReason
from hardware_sim.card.virtual_card import VirtualCard
from tests.attacks.country import abroad, genuine_card
from tests.attacks.defect_cards import Defect
from tests.attacks.forgery import Forgery
from tests.attacks.signed_objects import MadeSigner, make_sod
from tests.unit.card_service_issuer.samples import KEY_A

NOT_GENUINE, ALTERED = CheckReason.NOT_GENUINE, CheckReason.DATA_ALTERED
NOT_SIGNED, UNREADABLE = CheckReason.NOT_SIGNED_BY_US, CheckReason.UNREADABLE
SIGNED_FILES = (DG1, DG2, DG11, DG13, DG14)
MEMBERS_FILES = (MEMBERS, photo_file(2), photo_file(3), template_file(1), template_file(2))
FIRST, OTHER = 0, 1
PRIMITIVE, CONSTRUCTED = 0x04, 0x30
DEPTH = 120  # as deep as DG14 is long; 1,000 deep: bytes_of_answers.py
DG3 = CardFile("DG3", DG1.directory, 0x0103, 0x03, 512, DG1.read)


def copy() -> Forgery:
    """Every file of a genuine card, and keys of its own."""
    return Forgery().lose_keys()


COPIES = (
    Defect("copied files without the keys", lambda: copy().chip(), NOT_GENUINE),
    Defect("copy without DG15", lambda: copy().remove(DG15).chip(), NOT_GENUINE),
    Defect("copy without DG14", lambda: copy().remove(DG14).chip(), ALTERED),
    Defect("copy without DG13", lambda: copy().remove(DG13).chip(), NOT_GENUINE),
    Defect("copy without DG14 and DG15, EF.COM agreeing", lambda: stripped_with_com().chip(), ALTERED),
    Defect("copy whose EF.COM lists DG1 alone", lambda: copy().write(EF_COM, com(DG1)).chip(), NOT_GENUINE),
    Defect("copy without EF.COM", lambda: copy().remove(EF_COM).chip(), NOT_GENUINE),
    Defect("copy with a key of its own in DG14", lambda: copy().write(DG14, own_dg14()).chip(), ALTERED),
    Defect(
        "copy with an extra DG3 that EF.SOD does not list", lambda: copy().add(DG3, b"\x63\x00").chip(), NOT_GENUINE
    ),
    Defect("all files of one card on the chip of another", lambda: on_another_chip().chip(), NOT_GENUINE),
    Defect("copy with a security object by itself", lambda: copy().write(EF_SOD, foreign_sod()).chip(), NOT_SIGNED),
)


def stripped_with_com() -> Forgery:
    return copy().remove(DG14).remove(DG15).write(EF_COM, com(DG1, DG2, DG11, DG13))


def com(*files: CardFile) -> bytes:
    """EF.COM naming these, however few."""
    tags = bytes({DG1: 0x61, DG2: 0x75, DG11: 0x6B, DG13: 0x6D, DG14: 0x6E, DG15: 0x6F}[file] for file in files)
    return encode_tlv(0x60, encode_tlv(0x5F01, b"0108") + encode_tlv(0x5F36, b"040000") + encode_tlv(0x5C, tags))


def own_dg14() -> bytes:
    return encode_dg14(Dg14(KEY_A))


def foreign_sod() -> bytes:
    stranger = abroad().signer
    return make_sod(Forgery().hashes(), MadeSigner(stranger.private_key, stranger.certificate_der))


def on_another_chip() -> Forgery:
    forged = Forgery(genuine_card(OTHER))
    return forged.take(genuine_card(FIRST), *SIGNED_FILES, DG15, EF_SOD, *MEMBERS_FILES)


def swapped(file: CardFile) -> Defect:
    def make() -> VirtualCard:
        return Forgery().take(genuine_card(OTHER), file).chip()

    return Defect(f"{file.name} of another genuine card", make, ALTERED)


def flipped(file: CardFile) -> Defect:
    def flip(content: bytes) -> bytes:
        return content[:-1] + bytes((content[-1] ^ 1,))

    return Defect(f"one bit of {file.name} changed", lambda: Forgery().change(file, flip).chip(), ALTERED)


def missing(file: CardFile) -> Defect:
    return Defect(f"{file.name}, which is signed, left out", lambda: Forgery().remove(file).chip(), ALTERED)


def longer(file: CardFile) -> Defect:
    return Defect(f"a byte behind {file.name}", lambda: Forgery().change(file, lambda c: c + b"\0").chip(), ALTERED)


SWAPPED = (
    *(swapped(file) for file in SIGNED_FILES),
    Defect("EF.SOD of another genuine card", lambda: Forgery().take(genuine_card(OTHER), EF_SOD).chip(), ALTERED),
)
ALTERED_FILES = (
    *(flipped(file) for file in (*SIGNED_FILES, *MEMBERS_FILES)),
    *(missing(file) for file in (*SIGNED_FILES, MEMBERS, photo_file(2), template_file(1))),
    *(longer(file) for file in (DG1, DG14, MEMBERS)),
    Defect(
        "photographs of two members exchanged",
        lambda: exchanged(photo_file(2), photo_file(3)).chip(),
        ALTERED,
    ),
    Defect("templates of two members exchanged", lambda: exchanged(template_file(1), template_file(2)).chip(), ALTERED),
)


def exchanged(first: CardFile, second: CardFile) -> Forgery:
    genuine = Forgery()
    one, two = genuine.read(first), genuine.read(second)
    return genuine.write(first, two).write(second, one)


def resigned(file: CardFile, change: Callable[[bytes], bytes]) -> Callable[[], VirtualCard]:
    """The file changed before it was signed: wrong from the very issuing."""
    return lambda: Forgery().change(file, change).sign_again().chip()


def with_anchor(**changes: object) -> Callable[[bytes], bytes]:
    return lambda content: encode_dg13(replace(decode_dg13(content), **changes))  # type: ignore[arg-type]


def member_table_anchored(table: Callable[[], bytes]) -> Callable[[], VirtualCard]:
    """A member table of other content, hashed into DG13 and signed."""

    def make() -> VirtualCard:
        content = table()
        forged = Forgery().write(MEMBERS, content)
        anchor = decode_dg13(forged.read(DG13))
        hashes = dict(anchor.hashes) | {MEMBERS.fid: hashlib.sha256(content).digest()}
        return forged.write(DG13, encode_dg13(replace(anchor, hashes=hashes))).sign_again().chip()

    return make


def nine_members() -> bytes:
    genuine = Forgery().read(MEMBERS)
    return encode_tlv(0xE1, b"".join(_row_as(genuine, index) for index in range(1, 10)))


def _row_as(table: bytes, index: int) -> bytes:
    first = decode_tlv_one(table).children()[0]
    objects = first.children()
    numbered = encode_tlv(objects[0].tag, bytes((index,))) + b"".join(each.encode() for each in objects[1:])
    return encode_tlv(first.tag, numbered)


def bomb(content: bytes) -> bytes:
    """The same portrait, claiming 65,535 pixels a side."""
    at = content.index(b"\xff\xc0\x00\x11\x08") + 5
    return content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :]


def nested(depth: int) -> bytes:
    """Objects inside objects, as deep as told."""
    content = b""
    for _ in range(depth):
        content = encode_tlv(CONSTRUCTED, content)
    return content


def off_curve(content: bytes) -> bytes:
    at = content.index(b"\x03\x42\x00\x04") + 67
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def at_infinity(content: bytes) -> bytes:
    at = content.index(b"\x03\x42\x00\x04") + 3
    return content[:at] + bytes(65) + content[at + 65 :]


def wrong_check_digit(content: bytes) -> bytes:
    return content[:-1] + bytes((ord("0") + (content[-1] - ord("0") + 1) % 10,))


WRONG_FROM_ISSUING = (
    Defect("card number in DG13 is not that of DG1", resigned(DG13, lambda c: _number_of_other(c)), ALTERED),
    Defect("receipt key in DG13 is not that of DG15", resigned(DG13, with_anchor(receipt_public_key=KEY_A)), ALTERED),
    Defect("member count in DG13 is not that of the table", resigned(DG13, with_anchor(member_count=4)), ALTERED),
    Defect("member table of nine", member_table_anchored(nine_members), UNREADABLE),
    Defect("portrait of 65,535 by 65,535 pixels", resigned(DG2, bomb), UNREADABLE),
    Defect("wrong check digit in the machine readable zone", resigned(DG1, wrong_check_digit), UNREADABLE),
    Defect("key of DG14 not on the curve", resigned(DG14, off_curve), UNREADABLE),
    Defect("key of DG14 is the point at infinity", resigned(DG14, at_infinity), UNREADABLE),
    Defect(f"DG14 nested {DEPTH} deep", resigned(DG14, lambda _: nested(DEPTH)), UNREADABLE),
    Defect("DG11 of indefinite length", resigned(DG11, lambda c: b"\x6b\x80" + c[2:] + b"\0\0"), UNREADABLE),
    Defect("DG11 with its length in more bytes than needed", resigned(DG11, lambda c: b"\x6b\x81" + c[1:]), UNREADABLE),
    Defect("DG1 larger than its file may be", resigned(DG1, lambda c: c + bytes(60_000)), UNREADABLE),
)


def _number_of_other(content: bytes) -> bytes:
    return with_anchor(card_number=genuine_card(OTHER).number)(content)


def _unlisted(*numbers: int) -> Callable[[], VirtualCard]:
    """A security object by our signer that leaves out these data groups."""

    def make() -> VirtualCard:
        forged = Forgery()
        return forged.sign_again({n: h for n, h in forged.hashes().items() if n not in numbers}).chip()

    return make


LISTS = (
    Defect("EF.SOD that does not list DG14", _unlisted(14), ALTERED),
    Defect("EF.SOD that does not list DG15", _unlisted(15), ALTERED),
    Defect("EF.SOD that does not list DG1", _unlisted(1), ALTERED),
)
CATALOGUE = (*COPIES, *SWAPPED, *ALTERED_FILES, *WRONG_FROM_ISSUING, *LISTS)
