"""Chips that break the rules of PACE, of chip authentication and of secure messaging, and lies about what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from card_service.apdu import ResponseApdu
from card_service.connection import CardConnection
from card_service.tlv import decode_tlvs, encode_tlv, get_value
from card_service.verdicts import CheckReason
from tests.attacks.defect_cards import Defect
from tests.attacks.rogue_chip import Behaviour, ChipProof, RogueChip
from tests.unit.card_service_issuer.samples import KEY_A

NOT_GENUINE, UNREADABLE = CheckReason.NOT_GENUINE, CheckReason.UNREADABLE
NOT_OURS, WRONG_CAN = CheckReason.NOT_OUR_CARD, CheckReason.WRONG_CAN
OK = b"\x90\x00"
MSE, NONCE, MAP, KEY, TOKEN = range(5)
#: The first protected answers: to SELECT, EF.SOD, DG14, MSE:SET AT, GENERAL AUTHENTICATE; then the proof, on DG1.
ON_SOD, ON_PROOF = 2, 6
Make = Callable[[], CardConnection]


def rogue(**behaviour: object) -> Make:
    return lambda: RogueChip(replace(Behaviour(), **behaviour))  # type: ignore[arg-type]


def answering(at: int, change: Callable[[ResponseApdu, bytes], bytes]) -> Make:
    """A chip that sends something else in the place of that protected answer and of all after it."""

    def alter(number: int, plain: ResponseApdu, protected: bytes) -> bytes:
        return change(plain, protected) if number >= at else protected

    return rogue(alter_answer=alter)


def in_pace(step: int, change: Callable[[bytes, bytes], bytes]) -> Make:
    """A chip that answers one step of PACE otherwise."""

    def alter(at: int, asked: bytes, answer: bytes) -> bytes:
        return change(asked, answer) if at == step else answer

    return rogue(alter_pace=alter)


def plain_answer(plain: ResponseApdu, _: bytes) -> bytes:
    return plain.encode()


def instead(content: bytes) -> Callable[[object, object], bytes]:
    """Always these bytes."""
    return lambda _, __: content


def nested_answer(_: bytes, __: bytes) -> bytes:
    """80 objects inside each other, each saying that the next fills it: no more fit into a short answer."""
    return b"\x7c\x81\xf0" * 80 + OK


def without(tag: int) -> Callable[[ResponseApdu, bytes], bytes]:
    """The protected answer less one object."""

    def change(_: ResponseApdu, protected: bytes) -> bytes:
        kept = (each.encode() for each in decode_tlvs(protected[:-2]) if each.tag != tag)
        return b"".join(kept) + protected[-2:]

    return change


def flipped_at(place: int) -> Callable[[ResponseApdu, bytes], bytes]:
    def change(_: ResponseApdu, protected: bytes) -> bytes:
        content = bytearray(protected)
        content[place] ^= 1
        return bytes(content)

    return change


def with_object(extra: bytes, *, last: bool) -> Callable[[ResponseApdu, bytes], bytes]:
    def change(_: ResponseApdu, protected: bytes) -> bytes:
        body, status = protected[:-2], protected[-2:]
        return body + extra + status if last else extra + body + status

    return change


class Replaying:
    """Sends the answer before in the place of every second one: an old counter under a right checksum."""

    def __init__(self) -> None:
        self._before = b""

    def __call__(self, number: int, plain: ResponseApdu, protected: bytes) -> bytes:
        sent = self._before if number == ON_SOD else protected
        self._before = protected
        return sent


def in_7c(tag: int, value: bytes) -> bytes:
    return encode_tlv(0x7C, encode_tlv(tag, value)) + OK


def asked_key(asked: bytes, tag: int) -> bytes:
    return get_value(asked, 0x7C, tag)


OFF_CURVE = KEY_A[:-1] + bytes((KEY_A[-1] ^ 1,))
INFINITY = bytes(65)
MESSAGING = (
    Defect("plain answers in the channel", answering(1, plain_answer), UNREADABLE),
    Defect("plain answers from EF.SOD on", answering(ON_SOD, plain_answer), UNREADABLE),
    Defect("plain answers after chip authentication", answering(ON_PROOF, plain_answer), NOT_GENUINE),
    Defect("wrong checksum", answering(ON_SOD, flipped_at(-3)), UNREADABLE),
    Defect("wrong ciphertext", answering(ON_SOD, flipped_at(8)), UNREADABLE),
    Defect("wrong checksum after chip authentication", answering(ON_PROOF, flipped_at(-3)), NOT_GENUINE),
    Defect("status word in plain is another", answering(ON_SOD, flipped_at(-2)), UNREADABLE),
    Defect("no DO 99", answering(ON_SOD, without(0x99)), UNREADABLE),
    Defect("no DO 8E", answering(ON_SOD, without(0x8E)), UNREADABLE),
    Defect("no DO 87", answering(ON_SOD, without(0x87)), UNREADABLE),
    Defect("DO 99 alone", answering(ON_SOD, instead(b"\x99\x02\x90\x00" + OK)), UNREADABLE),
    Defect("an object before the others", answering(ON_SOD, with_object(b"\x85\x01\x00", last=False)), UNREADABLE),
    Defect("an object behind the checksum", answering(ON_SOD, with_object(b"\x99\x02\x90\x00", last=True)), UNREADABLE),
    Defect("DO 99 twice", answering(ON_SOD, with_object(b"\x99\x02\x90\x00", last=False)), UNREADABLE),
    Defect("an answer of the same session again", lambda: RogueChip(Behaviour(alter_answer=Replaying())), UNREADABLE),
    Defect("success without data in the channel", answering(1, instead(OK)), UNREADABLE),
    Defect("6988 in the channel", answering(1, instead(b"\x69\x88")), UNREADABLE),
    Defect("channel given up at EF.SOD with 6982", answering(ON_SOD, instead(b"\x69\x82")), UNREADABLE),
)
CHIP_KEYS = (
    Defect("chip authentication with another key", rogue(proof=ChipProof.OTHER_KEY), NOT_GENUINE),
    Defect("chip that says it has no such key", rogue(proof=ChipProof.SAYS_NO_SUCH_KEY), NOT_GENUINE),
    Defect("chip that skips chip authentication", rogue(proof=ChipProof.PRETENDS), NOT_GENUINE),
)
PACE = (
    Defect("PACE refused", in_pace(MSE, instead(b"\x6a\x80")), NOT_OURS),
    Defect("PACE unknown", in_pace(MSE, instead(b"\x6d\x00")), NOT_OURS),
    Defect("nonce of 8 bytes", in_pace(NONCE, instead(in_7c(0x80, bytes(8)))), UNREADABLE),
    Defect("nonce under another tag", in_pace(NONCE, instead(in_7c(0x81, bytes(16)))), UNREADABLE),
    Defect("mapping key is ours", in_pace(MAP, lambda asked, _: in_7c(0x82, asked_key(asked, 0x81))), UNREADABLE),
    Defect("mapping key off the curve", in_pace(MAP, instead(in_7c(0x82, OFF_CURVE))), UNREADABLE),
    Defect("mapping key is infinity", in_pace(MAP, instead(in_7c(0x82, INFINITY))), UNREADABLE),
    Defect("mapping key of one byte", in_pace(MAP, instead(in_7c(0x82, b"\0"))), UNREADABLE),
    Defect("ephemeral key is ours", in_pace(KEY, lambda asked, _: in_7c(0x84, asked_key(asked, 0x83))), UNREADABLE),
    Defect("ephemeral key off the curve", in_pace(KEY, instead(in_7c(0x84, OFF_CURVE))), UNREADABLE),
    Defect("ephemeral key is infinity", in_pace(KEY, instead(in_7c(0x84, INFINITY))), UNREADABLE),
    Defect("token of zeros", in_pace(TOKEN, instead(in_7c(0x86, bytes(8)))), WRONG_CAN),
    Defect("our own token sent back", in_pace(TOKEN, lambda asked, _: in_7c(0x86, asked_key(asked, 0x85))), WRONG_CAN),
    Defect("empty token", in_pace(TOKEN, instead(in_7c(0x86, b""))), WRONG_CAN),
    Defect("no token", in_pace(TOKEN, instead(b"\x7c\x00" + OK)), UNREADABLE),
    Defect("step of PACE refused", in_pace(KEY, instead(b"\x69\x85")), NOT_OURS),
    Defect("answer in PACE nested 80 deep", in_pace(MAP, nested_answer), UNREADABLE),
    Defect("answer in PACE of indefinite length", in_pace(MAP, lambda _, a: b"\x7c\x80" + a[2:]), UNREADABLE),
    Defect("answer in PACE with an overlong length", in_pace(MAP, lambda _, a: b"\x7c\x81" + a[1:]), UNREADABLE),
    Defect("answer in PACE with a byte behind", in_pace(MAP, lambda _, a: a[:-2] + b"\0" + OK), UNREADABLE),
)


CATALOGUE = (*MESSAGING, *CHIP_KEYS, *PACE)
