"""Commands that prove something: PACE, chip and terminal authentication, signatures, key generation."""

from __future__ import annotations

from collections.abc import Callable

from card_service.apdu import (
    INS_EXTERNAL_AUTHENTICATE,
    INS_GENERAL_AUTHENTICATE,
    INS_GENERATE_KEY_PAIR,
    INS_GET_CHALLENGE,
    INS_INTERNAL_AUTHENTICATE,
    INS_MSE,
    INS_PSO,
    SW,
    CommandApdu,
    ResponseApdu,
)
from card_service.tlv import TlvError, decode_tlvs, encode_tlv
from hardware_sim.card.chip import Chip, require_parameters
from hardware_sim.card.command_table import CommandTable
from hardware_sim.card.curve import sign
from hardware_sim.card.file_header import GENUINE_CHANNEL, SecurityCondition
from hardware_sim.card.key_agreement import KeyAgreement
from hardware_sim.card.key_store import KeyUsage
from hardware_sim.card.object_ids import OID_TA_ECDSA_SHA_256
from hardware_sim.card.signature_quota import SignatureQuota
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.terminal_authentication import CHALLENGE_BYTES, TerminalAuthentication
from hardware_sim.card.terminal_certificate import TAG_CERTIFICATE

MSE_SET_AT_PACE = 0xC1A4
MSE_SET_AT_CHIP = 0x41A4
MSE_SET_AT_TERMINAL = 0x81A4
MSE_SET_DST = 0x81B6
PSO_VERIFY_CERTIFICATE = 0x00BE
PSO_COMPUTE_SIGNATURE = 0x9E9A
GENERATE_KEY_PAIR = 0x8000

TAG_ALGORITHM = 0x80
TAG_REFERENCE = 0x83
TAG_KEY_REFERENCE = 0x84
TAG_PUBLIC_KEY = 0x7F49
TAG_POINT = 0x86

RIGHT_COUNTERSIGN = 0x0020
SIGN_PREFIX = b"SIGN"
HASH_BYTES = 32


class SecurityCommands:
    """The part of the operating system that works with keys. One object lives for one power-on."""

    def __init__(self, chip: Chip, sleep: Callable[[float], None]) -> None:
        self._chip = chip
        self._agreement = KeyAgreement(chip, sleep)
        self._terminal = TerminalAuthentication(chip.memory, chip.security)

    def forget(self) -> None:
        """To be called when the channel has ended: nothing begun in it may be continued."""
        self._agreement.forget()
        self._terminal = TerminalAuthentication(self._chip.memory, self._chip.security)

    def table(self) -> CommandTable:
        """Which instruction is answered by which method."""
        return {
            INS_MSE: self.manage_security_environment,
            INS_GENERAL_AUTHENTICATE: self.general_authenticate,
            INS_PSO: self.perform_security_operation,
            INS_GET_CHALLENGE: self.get_challenge,
            INS_EXTERNAL_AUTHENTICATE: self.external_authenticate,
            INS_INTERNAL_AUTHENTICATE: self.internal_authenticate,
            INS_GENERATE_KEY_PAIR: self.generate_key_pair,
        }

    def manage_security_environment(self, command: CommandApdu) -> ResponseApdu:
        """Choose what the next authentication command works with."""
        environment = command.p1 << 8 | command.p2
        values = _values(command.data)
        if environment == MSE_SET_AT_PACE:
            self._agreement.choose_pace(values)
        elif environment == MSE_SET_AT_CHIP:
            self._agreement.choose_chip_authentication(values)
        elif environment == MSE_SET_DST:
            self._require_genuine_channel()
            self._terminal.choose_issuer(_only(values, TAG_REFERENCE))
        elif environment == MSE_SET_AT_TERMINAL:
            self._require_genuine_channel()
            require(values.pop(TAG_ALGORITHM, OID_TA_ECDSA_SHA_256) == OID_TA_ECDSA_SHA_256, SW.WRONG_DATA)
            self._terminal.choose_terminal(_only(values, TAG_REFERENCE))
        else:
            raise StatusError(SW.WRONG_P1_P2)
        return ResponseApdu(b"", SW.OK)

    def general_authenticate(self, command: CommandApdu) -> ResponseApdu:
        """One step of PACE, or chip authentication."""
        require_parameters(command, p1=0, p2=0)
        return ResponseApdu(self._agreement.step(command.data), SW.OK)

    def perform_security_operation(self, command: CommandApdu) -> ResponseApdu:
        """Verify a certificate, or sign a hash for an authenticated terminal with COUNTERSIGN."""
        operation = command.p1 << 8 | command.p2
        if operation == PSO_VERIFY_CERTIFICATE:
            self._require_genuine_channel()
            self._terminal.verify_certificate(command.data, encode_tlv(TAG_CERTIFICATE, command.data))
            return ResponseApdu(b"", SW.OK)
        require(operation == PSO_COMPUTE_SIGNATURE, SW.WRONG_P1_P2)
        proven = SecurityCondition.TERMINAL_AUTHENTICATION
        may_sign = self._chip.security.holds(proven) and self._chip.security.grants(RIGHT_COUNTERSIGN)
        require(may_sign, SW.SECURITY_STATUS)
        require(len(command.data) == HASH_BYTES, SW.WRONG_DATA)
        self._chip.signature_key()  # without it nothing must be counted
        SignatureQuota(self._chip.memory).count(command.data)
        return ResponseApdu(self._sign(SIGN_PREFIX + command.data), SW.OK)

    def get_challenge(self, command: CommandApdu) -> ResponseApdu:
        """Eight random bytes for the terminal to sign."""
        require_parameters(command, p1=0, p2=0)
        require(command.le is None or command.le >= CHALLENGE_BYTES, SW.WRONG_LENGTH)
        self._require_genuine_channel()
        return ResponseApdu(self._terminal.give_challenge(), SW.OK)

    def external_authenticate(self, command: CommandApdu) -> ResponseApdu:
        """The terminal's proof."""
        require_parameters(command, p1=0, p2=0)
        self._require_genuine_channel()
        self._terminal.authenticate(command.data)
        return ResponseApdu(b"", SW.OK)

    def internal_authenticate(self, command: CommandApdu) -> ResponseApdu:
        """Active authentication: the chip's signature over the terminal's challenge (ICAO 9303-11, 6.1)."""
        require_parameters(command, p1=0, p2=0)
        require(self._chip.security.holds(SecurityCondition.CHANNEL), SW.SECURITY_STATUS)
        require(len(command.data) == CHALLENGE_BYTES, SW.WRONG_DATA)
        return ResponseApdu(self._sign(command.data), SW.OK)

    def generate_key_pair(self, command: CommandApdu) -> ResponseApdu:
        """A key pair in the current DF; answers the public key."""
        require(command.p1 << 8 | command.p2 == GENERATE_KEY_PAIR, SW.WRONG_P1_P2)
        self._chip.require_personalising()
        template = _values(command.data)
        require(len(template) == 1, SW.WRONG_DATA)
        ((tag, inner),) = template.items()
        require(tag in (KeyUsage.AGREEMENT, KeyUsage.SIGNATURE), SW.WRONG_DATA)
        reference = _only(_values(inner), TAG_KEY_REFERENCE)
        require(len(reference) == 1, SW.WRONG_DATA)
        with self._chip.memory.transaction():
            point = self._chip.keys.generate(self._chip.selection.directory, reference[0], KeyUsage(tag))
        return ResponseApdu(encode_tlv(TAG_PUBLIC_KEY, encode_tlv(TAG_POINT, point)), SW.OK)

    def _require_genuine_channel(self) -> None:
        """Terminal authentication rests on PACE and chip authentication in this channel."""
        require(self._chip.security.holds(GENUINE_CHANNEL), SW.SECURITY_STATUS)

    def _sign(self, message: bytes) -> bytes:
        return sign(self._chip.signature_key().scalar, message)


def _values(data: bytes) -> dict[int, bytes]:
    """The data objects of a command by tag; 6A80 if malformed or if one occurs twice."""
    try:
        objects = decode_tlvs(data)
    except TlvError as malformed:
        raise StatusError(SW.WRONG_DATA) from malformed
    values = {each.tag: each.value for each in objects}
    require(len(values) == len(objects), SW.WRONG_DATA)
    return values


def _only(values: dict[int, bytes], tag: int) -> bytes:
    """The one value that the command must carry, and no other."""
    require(set(values) == {tag}, SW.WRONG_DATA)
    return values[tag]
