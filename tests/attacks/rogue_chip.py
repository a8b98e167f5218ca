"""A chip written by an attacker: it holds the files of a genuine card and the access number, and answers as told.

Keys it can only have by a ``GenuineCard``'s memory; with them it stands for a reader's partner that breaks the rules
after everything was proven. Where it says nothing else it behaves as it should.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from card_service.apdu import CommandApdu, ResponseApdu
from card_service.layout import AID_EMRTD, AID_SOCIAL_PROTECTION, CARD_FILES, KEY_CHIP_AUTHENTICATION, Directory
from card_service.tlv import encode_tlv, get_value
from hardware_sim.card.curve import P256, x_coordinate
from hardware_sim.card.key_derivation import KeyPurpose, SessionKeys, derive_key
from hardware_sim.card.pace import PaceRun
from hardware_sim.card.secure_messaging import SecureChannel
from hardware_sim.card.status import StatusError
from tests.attacks.country import GenuineCard, genuine_card
from tests.unit.card_service_terminal.registry import CAN

OK, END_OF_FILE, NOT_FOUND, NO_KEY, WRONG_OFFSET, NOT_SUPPORTED = 0x9000, 0x6282, 0x6A82, 0x6A88, 0x6B00, 0x6D00
COUNTERS, ONE_RECORD = 0x0211, bytes.fromhex("00000001")
_MSE, _GENERAL_AUTHENTICATE, _SELECT, _READ, _GET_DATA = 0x22, 0x86, 0xA4, 0xB0, 0xCA
_P1_PACE = 0xC1
_BY_SHORT_ID = 0x80
_PROTECTED = 0x0C
_NAMES = {AID_EMRTD: Directory.EMRTD, AID_SOCIAL_PROTECTION: Directory.SOCIAL_PROTECTION}


class ChipProof(Enum):
    """How the rogue meets chip authentication."""

    GENUINE_KEY = "with the genuine key"
    OTHER_KEY = "with a key of its own"
    SAYS_NO_SUCH_KEY = "says that it has no such key"
    PRETENDS = "says yes, and goes on under the keys of PACE"


#: From the number of a protected answer, the plain answer and its protected form: what is sent instead.
AlterAnswer = Callable[[int, ResponseApdu, bytes], bytes]
#: From the number of a step of PACE (0 to 4; 0 is MSE:SET AT), what was asked, and the honest answer.
AlterPace = Callable[[int, bytes, bytes], bytes]


@dataclass(frozen=True)
class Behaviour:
    """What the rogue does differently."""

    proof: ChipProof = ChipProof.GENUINE_KEY
    alter_answer: AlterAnswer = field(default=lambda _, __, protected: protected)
    alter_pace: AlterPace = field(default=lambda _, __, answer: answer)
    atr: bytes = bytes.fromhex("3B8A80018073C12140")
    objects: dict[int, bytes] = field(default_factory=lambda: {COUNTERS: ONE_RECORD})


class RogueChip:
    """Behind the port of a card on a reader."""

    def __init__(self, behaviour: Behaviour | None = None, card: GenuineCard | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        card = card or genuine_card()
        self._files = dict(card.data.files) | _changing_files(card)
        self._key = int.from_bytes(card.segments[f"key/0100/{KEY_CHIP_AUTHENTICATION:02X}"][1:], "big")
        self._pace = PaceRun(derive_key(CAN.encode("ascii"), KeyPurpose.PASSWORD), P256)
        self._pace_step = 0
        self._directory, self._current = Directory.MF, b""
        self._channel: SecureChannel | None = None
        self._next_channel: SecureChannel | None = None
        self._answers = 0

    @property
    def atr(self) -> bytes:
        return self.behaviour.atr

    def transmit(self, apdu: bytes) -> bytes:
        command = CommandApdu.decode(apdu)
        if self._channel is None or not command.cla & _PROTECTED:
            return self._plain(command)
        plain = self._answer(self._channel, command)
        protected = self._channel.protect(plain, ins=command.ins).encode()
        self._channel, self._next_channel = self._next_channel or self._channel, None
        self._answers += 1
        return self.behaviour.alter_answer(self._answers, plain, protected)

    def close(self) -> None:
        """Nothing to let go of."""

    def _answer(self, channel: SecureChannel, command: CommandApdu) -> ResponseApdu:
        try:
            return self._execute(channel.unprotect(command))
        except StatusError:
            # Under keys that it does not have it cannot even read what it is asked: it says yes.
            return ResponseApdu(b"", OK)

    def _plain(self, command: CommandApdu) -> bytes:
        if command.ins == _MSE and command.p1 == _P1_PACE:
            # Each attempt of a reader meets the same behaviour from its beginning.
            self._pace = PaceRun(derive_key(CAN.encode("ascii"), KeyPurpose.PASSWORD), P256)
            self._channel, self._pace_step, self._answers = None, 0, 0
            return self._altered(b"", b"\x90\x00")
        if command.ins == _GENERAL_AUTHENTICATE:
            self._pace_step += 1
            return self._altered(command.data, self._run_pace(command.data))
        return self._execute(command).encode()

    def _altered(self, asked: bytes, answer: bytes) -> bytes:
        return self.behaviour.alter_pace(self._pace_step, asked, answer)

    def _run_pace(self, data: bytes) -> bytes:
        try:
            if not self._pace.expects_token(data):
                return self._pace.step(data) + b"\x90\x00"
            finished = self._pace.finish(data)
        except StatusError as refused:
            return int(refused.sw).to_bytes(2, "big")
        if finished is None:
            return b"\x63\x00"
        token, keys = finished
        self._channel = SecureChannel(keys)
        return encode_tlv(0x7C, token) + b"\x90\x00"

    def _execute(self, command: CommandApdu) -> ResponseApdu:
        if command.ins == _SELECT:
            return self._select(command.data)
        if command.ins == _READ:
            return self._read(command)
        if command.ins == _GET_DATA:
            found = self.behaviour.objects.get(command.p1 << 8 | command.p2)
            return ResponseApdu(b"", NO_KEY) if found is None else ResponseApdu(found, OK)
        if command.ins in (_MSE, _GENERAL_AUTHENTICATE):
            return self._prove(command)
        return ResponseApdu(b"", NOT_SUPPORTED)

    def _prove(self, command: CommandApdu) -> ResponseApdu:
        proof = self.behaviour.proof
        if proof is ChipProof.SAYS_NO_SUCH_KEY:
            return ResponseApdu(b"", NO_KEY)
        if command.ins == _GENERAL_AUTHENTICATE:
            if proof is not ChipProof.PRETENDS:
                scalar = self._key if proof is ChipProof.GENUINE_KEY else P256.random_scalar()
                point = get_value(command.data, 0x7C, 0x80)
                self._next_channel = SecureChannel(SessionKeys.from_secret(x_coordinate(P256.multiply(point, scalar))))
            return ResponseApdu(b"\x7c\x00", OK)
        return ResponseApdu(b"", OK)

    def _select(self, name: bytes) -> ResponseApdu:
        directory = _NAMES.get(name)
        if directory is not None or name == b"\x3f\x00":
            self._directory = directory or Directory.MF
            return ResponseApdu(b"", OK)
        key = (int(self._directory), int.from_bytes(name, "big"))
        self._current = self._files.get(key, b"")
        return ResponseApdu(b"", OK if key in self._files else NOT_FOUND)

    def _read(self, command: CommandApdu) -> ResponseApdu:
        offset = command.p1 << 8 | command.p2
        if command.p1 & _BY_SHORT_ID:
            found = self._find(command.p1 & ~_BY_SHORT_ID)
            if found is None:
                return ResponseApdu(b"", NOT_FOUND)
            self._current, offset = found, command.p2
        if offset > len(self._current):
            return ResponseApdu(b"", WRONG_OFFSET)
        rest = self._current[offset:]
        wanted = command.le or 0
        return ResponseApdu(rest[:wanted], OK if wanted <= len(rest) else END_OF_FILE)

    def _find(self, short_id: int) -> bytes | None:
        keys = [f.key for f in CARD_FILES if f.sfi == short_id and f.directory == self._directory]
        return next((self._files[key] for key in keys if key in self._files), None)


def _changing_files(card: GenuineCard) -> dict[tuple[int, int], bytes]:
    """The statement slots as they stand in the genuine card's memory."""
    found = {}
    for fid in (0x0201, 0x0202):
        content = card.segments.get(f"content/0200/{fid:04X}")
        if content is not None:
            found[0x0200, fid] = content
    return found
