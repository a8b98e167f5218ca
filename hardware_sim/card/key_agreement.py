"""PACE and chip authentication as the chip runs them: both are chosen by MSE:SET AT and end in a new channel."""

from __future__ import annotations

from collections.abc import Callable

from card_service.apdu import SW
from card_service.tlv import encode_tlv
from hardware_sim.card.chip import CAN_SEGMENT, Chip
from hardware_sim.card.curve import AGREEMENT_CURVES, x_coordinate
from hardware_sim.card.file_header import SecurityCondition
from hardware_sim.card.key_derivation import KeyPurpose, SessionKeys, derive_key
from hardware_sim.card.key_store import ChipKey, KeyUsage
from hardware_sim.card.object_ids import OID_CA_ECDH_AES_128, OID_PACE_ECDH_GM_AES_128
from hardware_sim.card.pace import TAG_DYNAMIC_DATA, PaceRun, dynamic_data
from hardware_sim.card.secure_messaging import SecureChannel
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.terminal_authentication import TrustPoints

TAG_ALGORITHM = 0x80
TAG_PASSWORD = 0x83
TAG_KEY_REFERENCE = 0x84
TAG_HOLDER_AUTHORIZATION = 0x7F4C
TAG_TERMINAL_EPHEMERAL = 0x80
TAG_NEWEST_AUTHORITY, TAG_OLDER_AUTHORITY = 0x87, 0x88
PASSWORD_CAN = b"\x02"  # BSI TR-03110-3, B.11.1
SINGLE_KEY_REFERENCE = 0x01

FREE_FAILURES = 3
FIRST_DELAY_S = 0.1
MAX_DELAY_S = 10.0
_FAILURES_SEGMENT = "pace/failures"
_MAX_FAILURES = 0xFF


class KeyAgreement:
    """What MSE:SET AT has chosen, and how far its run has come."""

    def __init__(self, chip: Chip, sleep: Callable[[float], None]) -> None:
        self._chip = chip
        self._curve = AGREEMENT_CURVES[chip.profile.curve]
        self._sleep = sleep
        self._pace: PaceRun | None = None
        self._wants_authorities = False
        self._chip_key: ChipKey | None = None

    def forget(self) -> None:
        """Nothing is chosen any more."""
        self._pace = self._chip_key = None

    def choose_pace(self, values: dict[int, bytes]) -> None:
        """MSE:SET AT for PACE with the CAN."""
        self.forget()
        require(self._chip.security.channel is None, SW.CONDITIONS_NOT_SATISFIED)
        known = {TAG_ALGORITHM, TAG_PASSWORD, TAG_KEY_REFERENCE, TAG_HOLDER_AUTHORIZATION}
        parameters = bytes((self._curve.parameter_id,))
        is_supported = (
            set(values) <= known
            and values.get(TAG_ALGORITHM) == OID_PACE_ECDH_GM_AES_128
            and values.get(TAG_KEY_REFERENCE, parameters) == parameters
        )
        require(is_supported, SW.WRONG_DATA)
        can = self._chip.memory.read(CAN_SEGMENT)
        require(values.get(TAG_PASSWORD) == PASSWORD_CAN and bool(can), SW.REFERENCE_NOT_FOUND)
        self._wants_authorities = TAG_HOLDER_AUTHORIZATION in values
        self._pace = PaceRun(derive_key(can, KeyPurpose.PASSWORD), self._curve)

    def choose_chip_authentication(self, values: dict[int, bytes]) -> None:
        """MSE:SET AT for chip authentication; without a key reference the key 01 is meant."""
        self.forget()
        require(self._chip.security.holds(SecurityCondition.PACE), SW.SECURITY_STATUS)
        is_supported = set(values) <= {TAG_ALGORITHM, TAG_KEY_REFERENCE}
        require(is_supported and values.get(TAG_ALGORITHM) == OID_CA_ECDH_AES_128, SW.WRONG_DATA)
        reference = int.from_bytes(values.get(TAG_KEY_REFERENCE, bytes((SINGLE_KEY_REFERENCE,))), "big")
        directory = self._chip.selection.directory
        self._chip_key = self._chip.keys.get(reference, KeyUsage.AGREEMENT, current_directory=directory)

    def step(self, data: bytes) -> bytes:
        """GENERAL AUTHENTICATE: the next step of what was chosen. Any refusal ends the run."""
        pace, chip_key = self._pace, self._chip_key
        self.forget()
        if pace is not None:
            return self._step_pace(pace, data)
        if chip_key is not None:
            return self._authenticate_chip(chip_key, data)
        raise StatusError(SW.CONDITIONS_NOT_SATISFIED)

    def _step_pace(self, pace: PaceRun, data: bytes) -> bytes:
        if pace.expects_token(data):
            return self._finish_pace(pace, data)
        if not pace.is_nonce_given:
            self._wait()
        answer = pace.step(data)
        self._pace = pace
        return answer

    def _finish_pace(self, pace: PaceRun, data: bytes) -> bytes:
        # Counted before the comparison: pulling the card at the right moment must not save a failure.
        failures = self._failures()
        self._chip.memory.put(_FAILURES_SEGMENT, bytes((min(failures + 1, _MAX_FAILURES),)))
        finished = pace.finish(data)
        if finished is None:
            raise StatusError(SW.AUTHENTICATION_FAILED)
        self._chip.memory.put(_FAILURES_SEGMENT, b"\x00")
        token, keys = finished
        self._chip.security.chip_ephemeral_x = pace.chip_ephemeral_x
        self._chip.security.open_channel(SecureChannel(keys), SecurityCondition.PACE)
        return encode_tlv(TAG_DYNAMIC_DATA, token + self._authorities())

    def _authenticate_chip(self, key: ChipKey, data: bytes) -> bytes:
        tag, terminal_point = dynamic_data(data)
        require(tag == TAG_TERMINAL_EPHEMERAL, SW.WRONG_DATA)
        shared = self._curve.multiply(terminal_point, key.scalar)
        channel = SecureChannel(SessionKeys.from_secret(x_coordinate(shared)))
        self._chip.security.terminal_ephemeral_x = x_coordinate(terminal_point)
        self._chip.security.open_channel(channel, SecurityCondition.CHIP_AUTHENTICATION)
        return encode_tlv(TAG_DYNAMIC_DATA, b"")

    def _authorities(self) -> bytes:
        """The references of the trust points, if the terminal said that it has rights."""
        if not self._wants_authorities:
            return b""
        held = TrustPoints(self._chip.memory).all()
        tags = (TAG_NEWEST_AUTHORITY, TAG_OLDER_AUTHORITY)
        return b"".join(encode_tlv(tag, each.holder_reference) for tag, each in zip(tags, held, strict=False))

    def _failures(self) -> int:
        raw = self._chip.memory.read(_FAILURES_SEGMENT)
        return raw[0] if raw else 0

    def _wait(self) -> None:
        """The growing delay after wrong tokens: none for the first, then doubling, never a block."""
        failures = self._failures()
        if failures >= FREE_FAILURES:
            self._sleep(min(FIRST_DELAY_S * 2 ** (failures - FREE_FAILURES), MAX_DELAY_S))
