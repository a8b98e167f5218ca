"""Terminal authentication, version 1 (BSI TR-03110-3, B.3): the card learns what this terminal may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from card_service.apdu import (
    CLA_PLAIN,
    INS_EXTERNAL_AUTHENTICATE,
    INS_GET_CHALLENGE,
    INS_MSE,
    INS_PSO,
    SW,
    CommandApdu,
)
from card_service.connection import CommandSender
from card_service.ecdsa_raw import sign_raw
from card_service.errors import CardMisbehaved, TerminalRefused
from card_service.tlv import Tlv, TlvError, decode_tlv_one, encode_tlv, find_tlv, get_value

_P1_VERIFY, _P2_DST, _P2_AT = 0x81, 0xB6, 0xA4
_P2_VERIFY_SELF_DESCRIPTIVE = 0xBE
_TAG_KEY_NAME = 0x83
# Card-verifiable certificate (BSI TR-03110-3, C.1)
_TAG_CERTIFICATE, _TAG_BODY, _TAG_SIGNATURE = 0x7F21, 0x7F4E, 0x5F37
_TAG_AUTHORITY_REFERENCE, _TAG_HOLDER_REFERENCE = 0x42, 0x5F20
_CHALLENGE_BYTES = 8


@dataclass(frozen=True)
class TerminalCredential:
    """What this terminal shows to cards: its certificates, from below the CVCA down to its own, and the key.

    ``links`` lead from older roots to the newer ones, oldest first: a card that knows only an older root is shown
    those that it lacks, and keeps the newest. (``chain`` may begin with links, too.)
    """

    chain: tuple[bytes, ...]
    private_key: ec.EllipticCurvePrivateKey
    links: tuple[bytes, ...] = ()

    @property
    def holder_reference(self) -> str:
        """CHR of the terminal: how ledger records name it."""
        return _reference(self.chain[-1], _TAG_HOLDER_REFERENCE).decode("ascii")

    def __repr__(self) -> str:
        return f"TerminalCredential({self.holder_reference})"


@dataclass(frozen=True)
class TerminalAuthenticationIds:
    """X coordinates that PACE (the chip's key) and chip authentication (our key) left behind, 32 bytes each."""

    chip: bytes
    terminal_key: bytes


def authenticate_terminal(
    channel: CommandSender,
    credential: TerminalCredential,
    ids: TerminalAuthenticationIds,
    *,
    roots: tuple[str, ...] = (),
) -> None:
    """The card now grants the rights of the chain. Raises TerminalRefused with the card's reason.

    ``roots`` are those that the card said it knows: they decide where the chain begins. None: it is found by asking.
    """
    for certificate in _needed(channel, _from_root(credential, roots)):
        body, signature = _parts(certificate)
        _send(channel, INS_PSO, 0x00, _P2_VERIFY_SELF_DESCRIPTIVE, body.encode() + signature.encode())
    own_reference = _reference(credential.chain[-1], _TAG_HOLDER_REFERENCE)
    _send(channel, INS_MSE, _P1_VERIFY, _P2_AT, encode_tlv(_TAG_KEY_NAME, own_reference))
    challenge = _read_challenge(channel)
    signature_raw = sign_raw(credential.private_key, ids.chip + challenge + ids.terminal_key)
    _send(channel, INS_EXTERNAL_AUTHENTICATE, 0x00, 0x00, signature_raw)


def _from_root(credential: TerminalCredential, roots: tuple[str, ...]) -> tuple[bytes, ...]:
    """The certificates from the one that the card can check down to the terminal's, as few as will do."""
    path = credential.links + credential.chain
    known = [
        position
        for position, certificate in enumerate(path)
        if _reference(certificate, _TAG_AUTHORITY_REFERENCE).decode("ascii", errors="replace") in roots
    ]
    # The names came before the channel was up: a wrong one may cost a command, but must not cost the visit.
    return path[known[-1] :] if known else path


def _needed(channel: CommandSender, chain: tuple[bytes, ...]) -> Iterator[bytes]:
    """Each certificate once its authority is selected; a leading link that the card does not know is skipped."""
    has_begun = False
    for position, certificate in enumerate(chain):
        authority = encode_tlv(_TAG_KEY_NAME, _reference(certificate, _TAG_AUTHORITY_REFERENCE))
        response = channel.send(CommandApdu(CLA_PLAIN, INS_MSE, _P1_VERIFY, _P2_DST, authority))
        is_last = position == len(chain) - 1
        if response.sw == SW.REFERENCE_NOT_FOUND and not has_begun and not is_last:
            continue
        if not response.is_ok:
            raise _refused(response.sw)
        has_begun = True
        yield certificate


def _read_challenge(channel: CommandSender) -> bytes:
    response = channel.send(CommandApdu(CLA_PLAIN, INS_GET_CHALLENGE, 0, 0, le=_CHALLENGE_BYTES))
    if not response.is_ok:
        raise _refused(response.sw)
    if len(response.data) != _CHALLENGE_BYTES:
        raise CardMisbehaved("The challenge has not 8 bytes")
    return response.data


def _send(channel: CommandSender, ins: int, p1: int, p2: int, data: bytes) -> None:
    response = channel.send(CommandApdu(CLA_PLAIN, ins, p1, p2, data))
    if not response.is_ok:
        raise _refused(response.sw)


def _refused(sw: int) -> TerminalRefused:
    return TerminalRefused(f"The card refused this terminal: {sw:04X}", sw=f"{sw:04X}")


def _parts(certificate: bytes) -> tuple[Tlv, Tlv]:
    """Body and signature, the two objects that PSO:VERIFY CERTIFICATE takes."""
    try:
        children = decode_tlv_one(certificate).children()
        body, signature = find_tlv(children, _TAG_BODY), find_tlv(children, _TAG_SIGNATURE)
    except TlvError as error:
        raise TerminalRefused("A certificate of this terminal is malformed") from error
    if body is None or signature is None:
        raise TerminalRefused("A certificate of this terminal is incomplete")
    return body, signature


def _reference(certificate: bytes, tag: int) -> bytes:
    try:
        return get_value(certificate, _TAG_CERTIFICATE, _TAG_BODY, tag)
    except TlvError as error:
        raise TerminalRefused("A certificate of this terminal is malformed") from error
