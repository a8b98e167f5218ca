"""The card's PIN (docs/card-commands.md, 9): off unless an officer has set one. Never kept, shown or logged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from card_service.apdu import (
    CLA_PLAIN,
    INS_DISABLE_VERIFICATION,
    INS_RESET_RETRY_COUNTER,
    INS_VERIFY,
    SW,
    CommandApdu,
    ResponseApdu,
)
from card_service.errors import CardError, CardRefused, TerminalRefused
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential

PIN_TRIES = 5
MIN_PIN_DIGITS, MAX_PIN_DIGITS = 4, 6
_P2_PIN = 0x81
_P1_DISABLE, _P1_NEW_PIN, _P1_SAME_PIN = 0x01, 0x02, 0x03
_TRIES_MASK, _SW_MASK = 0x000F, 0xFFF0


class PinStatus(StrEnum):
    """What the card says of a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    #: No try is left: only an officer can give new ones.
    BLOCKED = "blocked"
    NOT_SET = "not_set"


@dataclass(frozen=True)
class PinOutcome:
    """``tries_left`` is told with WRONG only (and is 0 when BLOCKED)."""

    status: PinStatus
    tries_left: int | None = None

    @property
    def is_right(self) -> bool:
        """Whether the holder showed the PIN in this session."""
        return self.status is PinStatus.RIGHT


class PinUnfit(CardError):
    """Not 4 to 6 digits: nothing was sent to the card, no try used."""

    code = "card.pin_unfit"
    message_key = "error.card_pin_unfit"


def verify_pin(session: CardSession, pin: str) -> PinOutcome:
    """Whether this is the PIN. A wrong one costs a try, also when the card is pulled. Raises PinUnfit, CardRefused."""
    return _outcome(session.send(CommandApdu(CLA_PLAIN, INS_VERIFY, 0, _P2_PIN, _digits(pin))))


def read_pin_status(session: CardSession) -> PinOutcome:
    """Where the PIN stands; no try is used. WRONG here means: not shown in this session yet."""
    return _outcome(session.send(CommandApdu(CLA_PLAIN, INS_VERIFY, 0, _P2_PIN)))


def set_pin(session: CardSession, credential: TerminalCredential, pin: str) -> None:
    """The holder's new PIN, the first one too, with five tries. ``credential`` needs UNBLOCK: TerminalRefused."""
    data = _digits(pin)
    _administer(session, credential, CommandApdu(CLA_PLAIN, INS_RESET_RETRY_COUNTER, _P1_NEW_PIN, _P2_PIN, data))


def unblock_pin(session: CardSession, credential: TerminalCredential) -> PinOutcome:
    """Five tries again, the PIN stays; NOT_SET when there is none. ``credential`` needs UNBLOCK: TerminalRefused."""
    command = CommandApdu(CLA_PLAIN, INS_RESET_RETRY_COUNTER, _P1_SAME_PIN, _P2_PIN)
    session.show_credential(credential)
    response = session.send(command)
    if response.sw == SW.REFERENCE_NOT_FOUND:
        return PinOutcome(PinStatus.NOT_SET)
    _require_done(response, command)
    return read_pin_status(session)


def remove_pin(session: CardSession, credential: TerminalCredential) -> None:
    """No PIN any more. ``credential`` needs UNBLOCK: TerminalRefused."""
    _administer(session, credential, CommandApdu(CLA_PLAIN, INS_DISABLE_VERIFICATION, _P1_DISABLE, _P2_PIN))


def _administer(session: CardSession, credential: TerminalCredential, command: CommandApdu) -> None:
    session.show_credential(credential)
    _require_done(session.send(command), command)


def _require_done(response: ResponseApdu, command: CommandApdu) -> None:
    if response.sw == SW.SECURITY_STATUS:
        raise TerminalRefused("The card does not let this terminal change the PIN")
    if not response.is_ok:
        raise CardRefused(response.sw, command.ins)


def _outcome(response: ResponseApdu) -> PinOutcome:
    if response.is_ok:
        return PinOutcome(PinStatus.RIGHT)
    if response.sw & _SW_MASK == SW.TRIES_LEFT:
        tries_left = response.sw & _TRIES_MASK
        return PinOutcome(PinStatus.WRONG if tries_left else PinStatus.BLOCKED, tries_left)
    if response.sw == SW.AUTHENTICATION_BLOCKED:
        return PinOutcome(PinStatus.BLOCKED, 0)
    if response.sw == SW.REFERENCE_NOT_FOUND:
        return PinOutcome(PinStatus.NOT_SET)
    raise CardRefused(response.sw, INS_VERIFY)


def _digits(pin: str) -> bytes:
    if not (MIN_PIN_DIGITS <= len(pin) <= MAX_PIN_DIGITS and pin.isascii() and pin.isdigit()):
        raise PinUnfit("A PIN has 4 to 6 digits")
    return pin.encode("ascii")
