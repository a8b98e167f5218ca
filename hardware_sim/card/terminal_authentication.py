"""How the chip comes to trust a terminal (BSI TR-03110-3, B.3, version 1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from card_service.apdu import SW
from hardware_sim.card.curve import is_signed
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.security_state import AuthenticatedTerminal, SecurityState
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.terminal_certificate import (
    ALL_RIGHTS,
    ISSUER_ROLE,
    HolderRole,
    TerminalCertificate,
    decode_date,
    encode_date,
)

CHALLENGE_BYTES = 8
DATE_SEGMENT = "chip/date"
_TRUST_POINT_SEGMENTS = ("trust/0", "trust/1")


class TrustPoints:
    """The chip's own date and its one or two CVCA certificates, in non-volatile memory."""

    def __init__(self, memory: NonVolatileMemory) -> None:
        self._memory = memory

    @property
    def today(self) -> date:
        """The latest day that the chip knows to have come."""
        raw = self._memory.read(DATE_SEGMENT)
        return decode_date(raw) if raw else date(2000, 1, 1)

    def set_date(self, digits: bytes) -> None:
        """Set the date at personalisation."""
        decode_date(digits)
        self._memory.put(DATE_SEGMENT, digits)

    def advance_date(self, day: date) -> None:
        """The date never goes back."""
        if day > self.today:
            self._memory.put(DATE_SEGMENT, encode_date(day))

    def all(self) -> list[TerminalCertificate]:
        """The trust points, the newer first."""
        held = [self._memory.read(segment) for segment in _TRUST_POINT_SEGMENTS]
        found = [TerminalCertificate.decode_whole(raw) for raw in held if raw]
        return sorted(found, key=lambda each: each.effective, reverse=True)

    def install(self, raw: bytes) -> None:
        """Take a trust point at personalisation: self-signed or linked to the one held; at most two (6A84).

        One that is held already changes nothing, so that personalisation can be resumed.
        """
        certificate = TerminalCertificate.decode_whole(raw)
        require(certificate.role is HolderRole.TRUST_ANCHOR, SW.WRONG_DATA)
        held = self.all()
        issuers = [certificate, *held] if certificate.authority_reference == certificate.holder_reference else held
        is_signed_well = any(certificate.is_signed_by(each.public_key) for each in issuers)
        require(is_signed_well, SW.WRONG_DATA)
        places = {segment: self._memory.read(segment) for segment in _TRUST_POINT_SEGMENTS}
        if raw in places.values():
            return
        free = [segment for segment, known in places.items() if not known]
        require(bool(free), SW.NOT_ENOUGH_MEMORY)
        self._memory.put(free[0], raw)

    def follow_link(self, raw: bytes) -> None:
        """Take a verified link certificate as a trust point; of two, the older one leaves.

        One whose root is held already, from whatever certificate, changes nothing; another key under its name is 6A80.
        """
        certificate = TerminalCertificate.decode_whole(raw)
        known = [each for each in self.all() if each.holder_reference == certificate.holder_reference]
        if known:
            require(all(each.public_key == certificate.public_key for each in known), SW.WRONG_DATA)
            return
        held = {segment: self._memory.read(segment) for segment in _TRUST_POINT_SEGMENTS}
        free = [segment for segment, known in held.items() if not known]
        place = free[0] if free else min(held, key=lambda segment: _effective(held[segment]))
        self._memory.put(place, raw)
        self.advance_date(certificate.effective)


def _effective(raw: bytes) -> date:
    return TerminalCertificate.decode_whole(raw).effective


@dataclass(frozen=True, slots=True)
class VerifiedHolder:
    """A certificate holder whom the chip believes, with the rights that the chain leaves."""

    certificate: TerminalCertificate
    rights: int


class TerminalAuthentication:
    """One session's chain, challenge and proof. Volatile."""

    def __init__(self, memory: NonVolatileMemory, security: SecurityState) -> None:
        self._memory = memory
        self._security = security
        self._believed: dict[bytes, VerifiedHolder] = {}
        self._issuer: VerifiedHolder | None = None
        self._terminal: VerifiedHolder | None = None
        self._challenge = b""

    def choose_issuer(self, reference: bytes) -> None:
        """MSE:SET DST: whose key verifies the next certificate."""
        self._issuer = None
        for each in TrustPoints(self._memory).all():
            if each.holder_reference == reference:
                self._issuer = VerifiedHolder(each, ALL_RIGHTS)
        self._issuer = self._issuer or self._believed.get(reference)
        require(self._issuer is not None, SW.REFERENCE_NOT_FOUND)

    def verify_certificate(self, data: bytes, whole: bytes) -> None:
        """PSO:VERIFY CERTIFICATE: believe the holder, and advance the chip's date."""
        if self._issuer is None:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        issuer, self._issuer = self._issuer, None
        certificate = TerminalCertificate.decode(data)
        is_in_order = (
            certificate.authority_reference == issuer.certificate.holder_reference
            and issuer.certificate.role is ISSUER_ROLE[certificate.role]
            and certificate.effective <= certificate.expires
        )
        require(is_in_order and certificate.is_signed_by(issuer.certificate.public_key), SW.WRONG_DATA)
        trust_points = TrustPoints(self._memory)
        if certificate.role is HolderRole.TRUST_ANCHOR:
            with self._memory.transaction():
                trust_points.follow_link(whole)
            return
        is_in_time = min(certificate.expires, issuer.certificate.expires) >= trust_points.today
        require(is_in_time, SW.REFERENCE_DATA_UNUSABLE)
        with self._memory.transaction():
            trust_points.advance_date(certificate.effective)
        rights = certificate.rights & issuer.rights
        self._believed[certificate.holder_reference] = VerifiedHolder(certificate, rights)

    def choose_terminal(self, reference: bytes) -> None:
        """MSE:SET AT: whose key the terminal will use."""
        holder = self._believed.get(reference)
        is_terminal = holder is not None and holder.certificate.role is HolderRole.TERMINAL
        require(is_terminal, SW.REFERENCE_NOT_FOUND)
        self._terminal, self._challenge = holder, b""

    def give_challenge(self) -> bytes:
        """GET CHALLENGE: good for one signature."""
        self._challenge = secrets.token_bytes(CHALLENGE_BYTES)
        return self._challenge

    def authenticate(self, signature: bytes) -> None:
        """EXTERNAL AUTHENTICATE: the terminal's signature over identity, challenge and its ephemeral key."""
        challenge, self._challenge = self._challenge, b""
        if self._terminal is None or not challenge:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        message = self._security.chip_ephemeral_x + challenge + self._security.terminal_ephemeral_x
        certificate = self._terminal.certificate
        require(is_signed(certificate.public_key, signature, message), SW.AUTHENTICATION_FAILED)
        self._security.accept_terminal(
            AuthenticatedTerminal(certificate.holder_reference, certificate.public_key, self._terminal.rights)
        )
