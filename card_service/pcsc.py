"""Real readers through PC/SC; the only module that imports pyscard.

Run it in a worker process with a deadline: a silent card holds ``transmit`` for ever, and only taking the card away or
ending the process frees it (reliability.md, M5). The kiosk does. Which reader service is asked comes from the
environment (PCSCLITE_CSOCK_NAME). Every disposition is LEAVE: resetting on disconnect would reset the next session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from smartcard import scard

from card_service.errors import CardGone, CardSilent, NoCard, ReaderTaken, ReaderUnavailable

_PROTOCOLS = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
_NO_CARD_RESULTS = (scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD)
#: Upside down, dirty or broken.
_MUTE_CARD_RESULTS = (scard.SCARD_W_UNPOWERED_CARD, scard.SCARD_W_UNRESPONSIVE_CARD)
_STATUS_WORD_BYTES = 2
_MILLISECONDS = 1_000
#: The programs that take a reader unasked on an ordinary desk are few, and worth naming.
_TAKEN = (
    "Another program holds the reader: end it, or keep it from this reader (often GnuPG's scdaemon, a browser, a mail "
    "program or a signing tool)"
)
_READER_GONE = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE


class PcscConnection:
    """A card on a PC/SC reader. Use as a context manager, or ``close`` it."""

    def __init__(self, context: int, card: int, protocol: int, atr: bytes) -> None:
        self._context = context
        self._card: int | None = card
        self._protocol = protocol
        self._atr = atr

    @property
    def atr(self) -> bytes:
        """Answer to reset; of a contactless card, made up by the reader: select by AID, never by ATR."""
        return self._atr

    @property
    def is_t0(self) -> bool:
        """Whether reader and card settled on T=0, which knows no extended length."""
        return bool(self._protocol == scard.SCARD_PROTOCOL_T0)

    def transmit(self, apdu: bytes) -> bytes:
        """The answer with its status word. Raises CardGone for any failure; the outcome is then unknown."""
        if self._card is None:
            raise CardGone("The connection is closed")
        result, answer = scard.SCardTransmit(self._card, self._protocol, list(apdu))
        # A card torn away mid-command may give result 0 and no answer: that is a card gone, too.
        if result != scard.SCARD_S_SUCCESS or len(answer) < _STATUS_WORD_BYTES:
            raise CardGone(f"No answer from the card: {_hex(result)}")
        return bytes(byte & 0xFF for byte in answer)

    def close(self) -> None:
        """Let go of card and reader without a reset. May be called twice."""
        if self._card is not None:
            scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
            scard.SCardReleaseContext(self._context)
            self._card = None

    def __enter__(self) -> PcscConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def list_readers() -> list[str]:
    """Names of the readers attached; none when there is none. Raises ReaderUnavailable without a reader service."""
    with _context() as context:
        result, names = scard.SCardListReaders(context, [])
        if result == scard.SCARD_E_NO_READERS_AVAILABLE:
            return []
        _require(result)
        return [str(name) for name in names]


def open_reader(name: str, exclusive: bool = True) -> PcscConnection:
    """The card on that reader.

    Raises NoCard, CardSilent (upside down, or broken), ReaderTaken (another program's), ReaderUnavailable.
    """
    context = _establish()
    mode = scard.SCARD_SHARE_EXCLUSIVE if exclusive else scard.SCARD_SHARE_SHARED
    result, card, protocol = scard.SCardConnect(context, name, mode, _PROTOCOLS)
    if result == scard.SCARD_S_SUCCESS:
        result, _, _, _, atr = scard.SCardStatus(card)
        if result == scard.SCARD_S_SUCCESS:
            return PcscConnection(context, card, protocol, bytes(byte & 0xFF for byte in atr))
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)
    if result in _NO_CARD_RESULTS:
        raise NoCard(f"No card on the reader: {_hex(result)}")
    if result in _MUTE_CARD_RESULTS:
        raise CardSilent(f"The card does not answer to reset: {_hex(result)}")
    if result == scard.SCARD_E_SHARING_VIOLATION:
        raise ReaderTaken(_TAKEN)
    raise ReaderUnavailable(f"The reader cannot be used: {_hex(result)}")


def wait_for_card(reader: str, timeout_s: float) -> bool:
    """Whether a card was on the reader before the time ran out. Raises ReaderUnavailable when the reader is gone."""
    return _wait(reader, scard.SCARD_STATE_PRESENT, timeout_s)


def wait_for_removal(reader: str, timeout_s: float) -> bool:
    """Whether the reader was empty before the time ran out. Raises ReaderUnavailable when the reader is gone."""
    return _wait(reader, scard.SCARD_STATE_EMPTY, timeout_s)


def _wait(reader: str, wanted: int, timeout_s: float) -> bool:
    """Each change is looked at, until the wanted state or a silent spell of ``timeout_s``."""
    known = scard.SCARD_STATE_UNAWARE
    with _context() as context:
        while True:
            timeout_ms = int(timeout_s * _MILLISECONDS)
            result, states = scard.SCardGetStatusChange(context, timeout_ms, [(reader, known)])
            if result == scard.SCARD_E_TIMEOUT:
                return False
            _require(result)
            _, state, _ = states[0]
            if state & _READER_GONE:
                raise ReaderUnavailable("The reader is not attached")
            if state & wanted:
                return True
            known = state


def _establish() -> int:
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    _require(result)
    return int(context)


@contextmanager
def _context() -> Iterator[int]:
    context = _establish()
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def _require(result: int) -> None:
    if result != scard.SCARD_S_SUCCESS:
        raise ReaderUnavailable(f"The reader service refused: {_hex(result)}")


def _hex(result: int) -> str:
    return f"{result & 0xFFFF_FFFF:08X}"
