"""DG13: the social-protection anchor, ours (docs/card-commands.md, 8). One SOD covers the whole card through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from card_service.data_groups.errors import DataGroupRefused
from card_service.ecdsa_raw import load_point
from card_service.tlv import TlvError, decode_tlv_one, decode_tlvs, encode_tlv
from domain.card_number import CardNumber, CardNumberWrong, parse_card_number
from domain.cards import CardProfile
from domain.ids import HouseholdId

TAG_DG13 = 0x6D
TAG_FORMAT = 0x80
TAG_HOUSEHOLD = 0x81
TAG_CARD_NUMBER = 0x82
TAG_ISSUE_NUMBER = 0x83
TAG_PROFILE = 0x84
TAG_MEMBER_COUNT = 0x85
TAG_RECEIPT_KEY = 0x86
TAG_HASHES = 0x87

_TAGS = tuple(range(TAG_FORMAT, TAG_HASHES + 1))
_FORMAT_1 = b"\x01"
_PROFILE_TO_BYTE = {CardProfile.HOUSEHOLD: b"\x01", CardProfile.OPERATOR: b"\x02", CardProfile.WORKER: b"\x03"}
_BYTE_TO_PROFILE = {code: profile for profile, code in _PROFILE_TO_BYTE.items()}

MAX_MEMBERS = 8
MAX_HOUSEHOLD_ID_BYTES = 64
MAX_ISSUE_NUMBER = 255
_FID_BYTES = 2
_HASH_BYTES = 32
_ENTRY_BYTES = _FID_BYTES + _HASH_BYTES
_MAX_FID = 0xFFFF


@dataclass(frozen=True)
class SpAnchor:
    """What binds the files of DF SP and the receipt key to the signed card.

    ``hashes`` maps the file identifier of every immutable file of DF SP to the SHA-256 of its content.
    ``receipt_public_key`` is the uncompressed point of the chip's key 02. ``issue_number`` counts the cards of one
    household from 1. On an officer's card ``household_id`` holds the operator's id.
    """

    household_id: HouseholdId
    card_number: CardNumber
    issue_number: int
    profile: CardProfile
    member_count: int
    receipt_public_key: bytes
    hashes: Mapping[int, bytes]

    def __post_init__(self) -> None:
        object.__setattr__(self, "hashes", MappingProxyType(dict(sorted(self.hashes.items()))))
        if not 1 <= len(self.household_id.encode("utf-8")) <= MAX_HOUSEHOLD_ID_BYTES:
            raise DataGroupRefused("the household id has 1 to 64 bytes")
        if not 1 <= self.issue_number <= MAX_ISSUE_NUMBER or not 1 <= self.member_count <= MAX_MEMBERS:
            raise DataGroupRefused("issue number 1 to 255, members 1 to 8")
        if any(not 0 < fid <= _MAX_FID or len(each) != _HASH_BYTES for fid, each in self.hashes.items()):
            raise DataGroupRefused("a hash of DG13 has a file identifier and 32 bytes")
        try:
            load_point(self.receipt_public_key)
        except ValueError as error:
            raise DataGroupRefused("the receipt key of DG13 is no key") from error


def encode_dg13(record: SpAnchor) -> bytes:
    """The file, tag 6D; hashes in rising order of file identifier."""
    hashes = b"".join(fid.to_bytes(_FID_BYTES, "big") + each for fid, each in record.hashes.items())
    values = (
        _FORMAT_1,
        record.household_id.encode("utf-8"),
        record.card_number.encode("ascii"),
        bytes((record.issue_number,)),
        _PROFILE_TO_BYTE[record.profile],
        bytes((record.member_count,)),
        record.receipt_public_key,
        hashes,
    )
    pairs = zip(_TAGS, values, strict=True)
    return encode_tlv(TAG_DG13, b"".join(encode_tlv(tag, value) for tag, value in pairs))


def decode_dg13(data: bytes) -> SpAnchor:
    """The anchor in that file."""
    try:
        record = _parse(data)
    except (TlvError, UnicodeDecodeError, CardNumberWrong) as error:
        raise DataGroupRefused("DG13 cannot be read") from error
    if encode_dg13(record) != data:
        raise DataGroupRefused("DG13 is not in its one encoding")
    return record


def _parse(data: bytes) -> SpAnchor:
    file = decode_tlv_one(data)
    fields = decode_tlvs(file.value)
    if file.tag != TAG_DG13 or tuple(field.tag for field in fields) != _TAGS:
        raise DataGroupRefused("DG13 has other fields than expected")
    format_, household, number, issue, profile, count, key, hashes = (field.value for field in fields)
    if format_ != _FORMAT_1 or profile not in _BYTE_TO_PROFILE or len(issue) != 1 or len(count) != 1:
        raise DataGroupRefused("DG13 has an unknown format, profile or count")
    return SpAnchor(
        household_id=HouseholdId(household.decode("utf-8")),
        card_number=parse_card_number(number.decode("ascii")),
        issue_number=issue[0],
        profile=_BYTE_TO_PROFILE[profile],
        member_count=count[0],
        receipt_public_key=key,
        hashes=_parse_hashes(hashes),
    )


def _parse_hashes(data: bytes) -> dict[int, bytes]:
    if len(data) % _ENTRY_BYTES:
        raise DataGroupRefused("the hashes of DG13 are cut off")
    entries = [data[start : start + _ENTRY_BYTES] for start in range(0, len(data), _ENTRY_BYTES)]
    return {int.from_bytes(entry[:_FID_BYTES], "big"): entry[_FID_BYTES:] for entry in entries}
