"""A small desk for the card's tests: an invented layout, an authority, and a terminal made of the real reader side."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from card_service.apdu import CommandApdu, ResponseApdu
from card_service.atr import has_extended_length
from card_service.chip_authentication import authenticate_chip
from card_service.connection import PERSONALISATION_LIMITS, Transport
from card_service.ecdsa_raw import encode_point, sign_raw
from card_service.errors import TerminalRefused
from card_service.pace import open_channel
from card_service.secure_messaging import SecureChannel
from card_service.terminal_authentication import TerminalCredential
from card_service.tlv import encode_tlv, get_value
from hardware_sim.card.object_ids import OID_ROLE_INSPECTION, OID_SP_RIGHTS, OID_TA_ECDSA_SHA_256
from hardware_sim.card.terminal_certificate import HolderRole, encode_date
from hardware_sim.card.virtual_card import VirtualCard

CAN = "271828"
AID_ONE, AID_TWO = bytes.fromhex("F000000001"), bytes.fromhex("F000000002")
READ_BIO, DELIVER, UPDATE, ENROL, UNBLOCK, COUNTERSIGN = 0x0001, 0x0002, 0x0004, 0x0008, 0x0010, 0x0020
TODAY = date(2026, 11, 22)
LEDGER_RECORDS = 4
SLOT_BYTES = 300
TEMPLATE_BYTES = 200
SCHEME, PERIOD, LIMIT = 7, 202611, 10
ALWAYS, NEVER = "000000", "FF0000"


@dataclass(frozen=True)
class KeyPair:
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def point(self) -> bytes:
        return encode_point(self.private.public_key())

    def sign(self, message: bytes) -> bytes:
        return sign_raw(self.private, message)


def certificate(
    holder: str,
    key: KeyPair,
    authority: str,
    authority_key: KeyPair,
    role: HolderRole,
    *,
    effective: date = TODAY,
    expires: date = date(2027, 6, 30),
    rights: int | None = None,
) -> bytes:
    """A certificate written by hand, so that a defect of the issuing code cannot hide one of the chip."""
    public = encode_tlv(0x06, OID_TA_ECDSA_SHA_256) + encode_tlv(0x86, key.point)
    body = encode_tlv(0x5F29, b"\x00") + encode_tlv(0x42, authority.encode()) + encode_tlv(0x7F49, public)
    body += encode_tlv(0x5F20, holder.encode())
    body += encode_tlv(0x7F4C, encode_tlv(0x06, OID_ROLE_INSPECTION) + encode_tlv(0x53, bytes((role,))))
    body += encode_tlv(0x5F25, encode_date(effective)) + encode_tlv(0x5F24, encode_date(expires))
    if rights is not None:
        extension = encode_tlv(0x06, OID_SP_RIGHTS) + encode_tlv(0x53, rights.to_bytes(2, "big"))
        body += encode_tlv(0x65, encode_tlv(0x73, extension))
    signed = encode_tlv(0x7F4E, body)
    return encode_tlv(0x7F21, signed + encode_tlv(0x5F37, authority_key.sign(signed)))


class Authority:
    """CVCA and DV, and terminals below them."""

    def __init__(self) -> None:
        self.root_key, self.dv_key = KeyPair(), KeyPair()
        anchor = HolderRole.TRUST_ANCHOR
        self.root = certificate("UTROOT00001", self.root_key, "UTROOT00001", self.root_key, anchor)
        self.dv = self.issue_dv("UTDV00001", 0xFFFF)

    def issue_dv(self, holder: str, rights: int, *, effective: date = TODAY) -> bytes:
        role = HolderRole.DOCUMENT_VERIFIER
        return certificate(holder, self.dv_key, "UTROOT00001", self.root_key, role, effective=effective, rights=rights)

    def terminal(
        self,
        rights: int | None,
        *,
        holder: str = "UTTERM00001",
        effective: date = TODAY,
        expires: date = date(2026, 12, 21),
    ) -> TerminalCredential:
        key, role = KeyPair(), HolderRole.TERMINAL
        own = certificate(
            holder, key, "UTDV00001", self.dv_key, role, effective=effective, expires=expires, rights=rights
        )
        return TerminalCredential((self.dv, own), key.private)


class CommandProtection(Protocol):
    """What protects a terminal's commands."""

    def send(self, command: CommandApdu) -> ResponseApdu:
        """The answer."""


class Terminal:
    """The reader side in this process: plain, then in a channel, as far as each test needs."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.commands: list[bytes] = []
        self.answers: list[bytes] = []
        self.reset()

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def transmit(self, apdu: bytes) -> bytes:
        self.commands.append(apdu)
        self.answers.append(self.card.transmit(apdu))
        return self.answers[-1]

    def close(self) -> None:
        self.card.power_off()

    def reset(self) -> None:
        self.card.power_on()
        self.transport = Transport(self, limits=PERSONALISATION_LIMITS, is_extended=has_extended_length(self.atr))
        self.channel: CommandProtection | None = None

    def send(self, apdu_hex: str, data: bytes = b"", le: int | None = None) -> ResponseApdu:
        """Header in hexadecimal, data and Le beside it; through the channel if there is one."""
        cla, ins, p1, p2 = bytes.fromhex(apdu_hex)
        return (self.channel or self.transport).send(CommandApdu(cla, ins, p1, p2, data, le))

    def sw(self, apdu_hex: str, data: bytes = b"", le: int | None = None) -> int:
        return self.send(apdu_hex, data, le).sw

    def must(self, apdu_hex: str, data: bytes = b"", le: int | None = None) -> bytes:
        answer = self.send(apdu_hex, data, le)
        assert answer.sw == 0x9000, f"{apdu_hex}: {answer.sw:04X}"
        return answer.data

    def raw(self, apdu_hex: str) -> str:
        return self.card.transmit(bytes.fromhex(apdu_hex)).hex()

    def open(self, can: str = CAN) -> None:
        opened = open_channel(self.transport, can)
        self.channel, self.chip_id = opened.channel, opened.chip_id

    def prove_chip(self, point: bytes) -> None:
        assert isinstance(self.channel, SecureChannel)
        result = authenticate_chip(self.channel, point, 1)
        self.channel, self.terminal_key_id = result.channel, result.terminal_key_id

    def authenticate(self, credential: TerminalCredential) -> None:
        for certificate in credential.chain:
            self.show(certificate)
        self._refusable("002281A4", encode_tlv(0x83, credential.holder_reference.encode()))
        challenge = self._refusable("00840000", b"", 8)
        proof = self.chip_id + challenge + self.terminal_key_id
        self._refusable("00820000", sign_raw(credential.private_key, proof))
        self.credential = credential

    def show(self, certificate: bytes) -> None:
        """One certificate of a chain, to be checked with its authority's key."""
        body = get_value(certificate, 0x7F21, 0x7F4E)
        self._refusable("002281B6", encode_tlv(0x83, get_value(body, 0x42)))
        self._refusable("002A00BE", get_value(certificate, 0x7F21))

    def _refusable(self, apdu_hex: str, data: bytes, le: int | None = None) -> bytes:
        answer = self.send(apdu_hex, data, le)
        if not answer.is_ok:
            raise TerminalRefused(f"{answer.sw:04X}", sw=f"{answer.sw:04X}")
        return answer.data

    def select(self, aid: bytes) -> None:
        self.must("00A4040C", aid)


@dataclass
class Desk:
    """A finished card, its authority and its public keys."""

    card: VirtualCard
    authority: Authority
    agreement_point: bytes
    receipt_point: bytes

    def terminal(self, rights: int | None = None) -> Terminal:
        """A terminal with a channel; with rights, terminal authentication too, and the second DF selected."""
        terminal = Terminal(self.card)
        terminal.open()
        if rights is not None:
            terminal.select(AID_ONE)
            terminal.prove_chip(self.agreement_point)
            terminal.authenticate(self.authority.terminal(rights))
            terminal.select(AID_TWO)
        return terminal


def directory_control(file_id: str, aid: bytes) -> bytes:
    return encode_tlv(0x62, bytes.fromhex("820138" + "8302" + file_id) + encode_tlv(0x84, aid))


def file_control(file_id: str, size: int, rules: str, short_id: int = 0, record_bytes: int = 0) -> bytes:
    kind = f"82040241{record_bytes:04X}" if record_bytes else "820101"
    control = kind + f"8302{file_id}" + f"8002{size:04X}" + (f"8801{short_id:02X}" if short_id else "") + "8609"
    return encode_tlv(0x62, bytes.fromhex(control + rules))


def begin_card(
    card: VirtualCard | None = None, protect: Callable[[Terminal], CommandProtection] | None = None
) -> tuple[Terminal, bytes, bytes]:
    """An open chip with its directories and keys."""
    terminal = Terminal(card or VirtualCard.blank())
    terminal.channel = protect(terminal) if protect else None
    terminal.must("00E00000", directory_control("0100", AID_ONE))
    agreement = get_value(terminal.must("00468000", bytes.fromhex("A603840101"), 256), 0x7F49, 0x86)
    receipt = get_value(terminal.must("00468000", bytes.fromhex("B603840102"), 256), 0x7F49, 0x86)
    return terminal, agreement, receipt


def make_desk(
    card: VirtualCard | None = None,
    protect: Callable[[Terminal], CommandProtection] | None = None,
    extra: tuple[tuple[str, bytes], ...] = (),
) -> Desk:
    """A finished card with an invented layout and a statement of version 1."""
    authority = Authority()
    terminal, agreement, receipt = begin_card(card, protect)
    for file_id, rule, short_id in (("0101", "030000", 1), ("0102", "0D0001", 2), ("0103", NEVER, 3)):
        terminal.must("00E00000", file_control(file_id, 100, rule + NEVER + NEVER, short_id))
        terminal.must("00D60000", bytes(range(100)))
    terminal.must("00E00000", directory_control("0200", AID_TWO))
    for file_id, short_id in (("0201", 1), ("0202", 2)):
        terminal.must("00E00000", file_control(file_id, SLOT_BYTES, "010000" + NEVER + NEVER, short_id))
    terminal.must("00E00000", file_control("0230", LEDGER_RECORDS, "090000" + NEVER + "090002", 0x10, record_bytes=112))
    terminal.must("00DA0103", bytes.fromhex("0230"))
    terminal.must("00DA0104", bytes.fromhex("02010202"))
    terminal.must("00E00000", file_control("0211", TEMPLATE_BYTES, "0D0001" + NEVER + NEVER, 0x11))
    terminal.must("00DA0101", authority.root)
    terminal.must("00DA0102", encode_date(TODAY))
    terminal.must("00DA0100", CAN.encode())
    terminal.must("00DA0201", statement(1))
    for apdu, data in extra:
        terminal.must(apdu, data)
    terminal.must("00A40000", bytes.fromhex("3F00"))
    terminal.must("00440000")
    terminal.card.power_off()
    return Desk(terminal.card, authority, agreement, receipt)


def statement(version: int, limits: dict[tuple[int, int], int] | None = None, cose: bytes = b"signed") -> bytes:
    numbers = [n for key, limit in (limits or {(SCHEME, PERIOD): LIMIT}).items() for n in (*key, limit)]
    body = b"".join(number.to_bytes(4, "big") for number in numbers)
    return encode_tlv(0xC0, version.to_bytes(4, "big")) + encode_tlv(0xC1, body) + encode_tlv(0xC2, cose)


def record(
    credential: TerminalCredential,
    sequence: int,
    previous: bytes = b"",
    *,
    kind: int = 2,
    quantity: int = 3,
    scheme: int = SCHEME,
    period: int = PERIOD,
    reference: str | None = None,
    verified_by: int = 1,
) -> bytes:
    """A ledger record signed by the terminal."""
    head = bytes((1, kind)) + sequence.to_bytes(4, "big")
    head += hashlib.sha256(previous).digest()[:8] if previous else bytes(8)
    head += b"".join(number.to_bytes(4, "big") for number in (scheme, period, quantity))
    head += b"\x01" + (20261122).to_bytes(4, "big") + bytes((verified_by,))
    head += (reference or credential.holder_reference).encode().ljust(16, b"\x00")
    return head + sign_raw(credential.private_key, head)
