"""One conversation with one card: from the first plain command to an authenticated channel, and reading through it."""

from __future__ import annotations

import time
from collections.abc import Callable

from card_service.apdu import (
    CLA_PLAIN,
    INS_APPEND_RECORD,
    INS_GENERAL_AUTHENTICATE,
    INS_GET_DATA,
    INS_GET_DATA_ODD,
    INS_PUT_DATA,
    INS_READ_BINARY,
    INS_READ_RECORD,
    INS_SELECT,
    MAX_SHORT_LE,
    SW,
    CommandApdu,
    ResponseApdu,
)
from card_service.atr import has_extended_length
from card_service.card_state import CardState, LedgerEnd, decode_card_state
from card_service.chip_authentication import authenticate_chip
from card_service.connection import CardConnection, CommandSender, SessionLimits, Traffic, Transport
from card_service.counters import Counters, decode_counters
from card_service.curves import AgreementCurve
from card_service.data_groups import decode_ef_card_access
from card_service.errors import CanNeeded, CardError, CardMisbehaved, CardRefused
from card_service.extended_length import decode_atr_info
from card_service.file_reader import FileReader
from card_service.layout import (
    DO_CHANGING,
    DO_COUNTERS,
    EF_ATR_INFO,
    EF_CAN,
    EF_CARD_ACCESS,
    LEDGER_RECORD_BYTES,
    CardFile,
    Directory,
)
from card_service.pace import CHANNEL_LEFT_OPEN, is_can, open_channel
from card_service.scp03 import Scp03Channel, SessionKeySource, open_secured_session
from card_service.secure_messaging import SecureChannel
from card_service.terminal_authentication import (
    TerminalAuthenticationIds,
    TerminalCredential,
    authenticate_terminal,
)

_P1_BY_FID, _P1_BY_AID, _P2_NO_ANSWER = 0x00, 0x04, 0x0C
_P2_RECORD_NUMBER, _P2_LAST_RECORD = 0x04, 0x03
_FID_BYTES = 2
_NOT_IN_MF = (SW.FILE_NOT_FOUND, SW.NO_CURRENT_EF)


class ChannelMissing(CardError):
    """A step was asked for before the one it builds on (PACE, chip authentication)."""

    code = "card.channel_missing"
    message_key = "error.unexpected"


class CardSession:
    """Opens the channel step by step and reads files by their row in the layout table.

    After any CardGone the session is over: what the last command did is unknown. ``is_extended``: whether extended
    length may be used; by default what the answer to reset or EF.ATR/INFO says.
    """

    def __init__(
        self,
        connection: CardConnection,
        *,
        limits: SessionLimits | None = None,
        is_extended: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        announced = has_extended_length(connection.atr) if is_extended is None else is_extended
        self._transport = Transport(connection, limits=limits, is_extended=announced, clock=clock)
        self._is_length_known = announced or is_extended is not None or self._transport.is_t0
        #: Where the ledger ends, as far as this session knows: None makes it read the last record.
        self.ledger_end: LedgerEnd | None = None
        self._channel: SecureChannel | None = None
        self._chip_id: bytes | None = None
        self._secured: Scp03Channel | None = None
        self._pace_curve: AgreementCurve | None = None
        self._roots: tuple[str, ...] = ()
        self._terminal_key_id: bytes | None = None
        self._terminal: TerminalCredential | None = None
        self._directory: Directory | None = None

    @property
    def max_read_bytes(self) -> int:
        """The largest useful Le of a read."""
        return self._sender.max_read_bytes

    @property
    def traffic(self) -> Traffic:
        """What the session has cost so far."""
        return self._transport.traffic

    @property
    def pace_curve(self) -> AgreementCurve | None:
        """The curve that PACE ran on."""
        return self._pace_curve

    @property
    def terminal(self) -> TerminalCredential | None:
        """The credential that the card has accepted in this session."""
        return self._terminal

    def close(self) -> None:
        """Let go of the card."""
        self._connection.close()

    def open_with_can(self, can: str | None = None) -> None:
        """PACE. Without ``can`` the number is read from the card, which only a contact reader may: else CanNeeded.

        P-256 is tried first, which saves reading EF.CardAccess at every tap; a card on another curve refuses our
        first point and is asked for its own. DG14 repeats the curve under the signature (``pace_curve``).
        Raises WrongCan, CanNeeded, CurveNotOffered by name, CardRefused.
        """
        self._forget_channel()
        self.learn_length()
        number = can or self._read_can()
        try:
            opened = open_channel(self._transport, number)
        except CardRefused as error:
            if error.sw != SW.WRONG_DATA or error.ins != INS_GENERAL_AUTHENTICATE:
                raise
            opened = open_channel(self._transport, number, curve=self._read_curve())
        self._channel, self._chip_id = opened.channel, opened.chip_id
        self._pace_curve, self._roots = opened.curve, opened.roots

    def learn_length(self) -> None:
        """Read EF.ATR/INFO, unless the answer to reset told already: a longer command is sent only to a card that
        says that it takes it."""
        if self._is_length_known:
            return
        self._is_length_known = True
        try:
            # By identifier 1D of the MF: in another DF, where an earlier session may have left the chip, it is EF.SOD.
            self.select(Directory.MF)
            sizes = decode_atr_info(self.find(EF_ATR_INFO) or b"")
        except (CardRefused, CardMisbehaved):
            return  # another card's own idea of this file: nothing is announced
        if sizes is not None:
            self._transport.extend(sizes)

    def prove_chip(self, chip_point: bytes, key_reference: int) -> None:
        """Chip authentication; the next answer proves the key, or raises ChipNotGenuine."""
        if self._channel is None:
            raise ChannelMissing("Chip authentication runs inside the channel of PACE")
        result = authenticate_chip(self._channel, chip_point, key_reference)
        self._channel, self._terminal_key_id = result.channel, result.terminal_key_id

    def show_credential(self, credential: TerminalCredential) -> None:
        """Terminal authentication, unless the card already accepted this credential. Raises TerminalRefused."""
        if self._terminal is credential:
            return
        if self._channel is None or self._chip_id is None or self._terminal_key_id is None:
            raise ChannelMissing("Terminal authentication runs after chip authentication")
        ids = TerminalAuthenticationIds(self._chip_id, self._terminal_key_id)
        authenticate_terminal(self._channel, credential, ids, roots=self._roots)
        self._terminal = credential

    def send(self, command: CommandApdu) -> ResponseApdu:
        """The answer through the channel, or in plain before there is one."""
        response = self._sender.send(command)
        if self._channel is None and response.sw in CHANNEL_LEFT_OPEN:
            response = self._sender.send(command)
        return response

    def select(self, directory: Directory) -> None:
        """Make that directory the current one."""
        if self._directory is directory:
            return
        by_aid = directory.aid is not None
        name = directory.aid or directory.to_bytes(_FID_BYTES, "big")
        p1 = _P1_BY_AID if by_aid else _P1_BY_FID
        self._require_ok(CommandApdu(CLA_PLAIN, INS_SELECT, p1, _P2_NO_ANSWER, name))
        self._directory = directory

    def read(self, file: CardFile) -> bytes:
        """The whole file. Raises CardRefused (absent, or access denied) and CardMisbehaved (larger than its row)."""
        content = self.find(file)
        if content is None:
            raise CardRefused(SW.FILE_NOT_FOUND, INS_READ_BINARY)
        return content

    def find(self, file: CardFile) -> bytes | None:
        """The whole file, or None when the card has no such file."""
        self.select(file.directory)
        reader = FileReader(self)
        first = reader.read_first(file)
        if first.sw == SW.FILE_NOT_FOUND:
            return None
        return reader.read_rest(file, first)

    def find_beginning(self, file: CardFile, count: int) -> bytes | None:
        """The first ``count`` bytes of a file (fewer in short form), or None without the file."""
        self.select(file.directory)
        response = FileReader(self).read_first(file, count)
        if response.sw == SW.FILE_NOT_FOUND:
            return None
        if not response.is_ok and response.sw != SW.END_OF_FILE:
            raise CardRefused(response.sw, INS_READ_BINARY)
        return response.data

    def read_counters(self) -> Counters:
        """What the chip has counted (docs/card-commands.md, 6)."""
        return decode_counters(self.get_data(DO_COUNTERS))

    def find_state(self) -> CardState | None:
        """All that changes on the card, in one command; None when the card or the link is not made for it."""
        if self.max_read_bytes <= MAX_SHORT_LE:
            return None  # the answer would not fit, and is not handed out in pieces
        ins, tag = INS_GET_DATA, DO_CHANGING
        response = self.send(CommandApdu(CLA_PLAIN, ins, tag >> 8, tag & 0xFF, le=self.max_read_bytes))
        if not response.is_ok:
            return None
        state = decode_card_state(response.data)
        self.ledger_end = state.ledger_end
        return state

    def get_data(self, tag: int, content: bytes = b"") -> bytes:
        """A data object of the card; with ``content`` in the form of case 4."""
        ins = INS_GET_DATA_ODD if content else INS_GET_DATA
        command = CommandApdu(CLA_PLAIN, ins, tag >> 8, tag & 0xFF, content, self._sender.max_read_bytes)
        return self._require_ok(command).data

    def put_data(self, tag: int, content: bytes) -> None:
        """Give the card a data object. Raises CardRefused."""
        self._require_ok(CommandApdu(CLA_PLAIN, INS_PUT_DATA, tag >> 8, tag & 0xFF, content))

    def find_record(self, file: CardFile, number: int) -> bytes | None:
        """Record ``number`` (from 1) of a file of records, or None."""
        return self._read_record(file, number, _P2_RECORD_NUMBER)

    def find_last_record(self, file: CardFile) -> bytes | None:
        """The record appended last, or None when there is none."""
        return self._read_record(file, 0, _P2_LAST_RECORD)

    def append_record(self, file: CardFile, record: bytes, *, answer_bytes: int) -> ResponseApdu:
        """The card's answer to the new record, whatever its status word."""
        self.select(file.directory)
        p2 = (file.sfi or 0) << 3
        return self.send(CommandApdu(CLA_PLAIN, INS_APPEND_RECORD, 0, p2, record, answer_bytes))

    def secure(self, source: SessionKeySource) -> None:
        """From now on through SCP03, until this session ends: for a chip that is still being personalised."""
        self._secured = open_secured_session(self._transport, source)

    def _forget_channel(self) -> None:
        self._channel = self._chip_id = self._terminal_key_id = self._terminal = None
        self._directory = self.ledger_end = None

    def _read_curve(self) -> AgreementCurve:
        self.select(Directory.MF)
        curve = decode_ef_card_access(self.read(EF_CARD_ACCESS)).curve
        if curve is AgreementCurve.P256:
            raise CardMisbehaved("The card refuses the curve that it names")
        return curve

    @property
    def _sender(self) -> CommandSender:
        return self._channel or self._secured or self._transport

    def _read_can(self) -> str:
        reader = FileReader(self)
        response = reader.read_first(EF_CAN)
        if response.sw in _NOT_IN_MF:
            self.select(Directory.MF)
            response = reader.read_first(EF_CAN)
        if response.sw == SW.SECURITY_STATUS:
            raise CanNeeded("The card gives its access number only to a contact reader")
        number = reader.read_rest(EF_CAN, response).decode("ascii", errors="replace")
        if not is_can(number):
            raise CardMisbehaved("The card access number has not six digits")
        return number

    def _read_record(self, file: CardFile, number: int, mode: int) -> bytes | None:
        self.select(file.directory)
        p2 = (file.sfi or 0) << 3 | mode
        response = self.send(CommandApdu(CLA_PLAIN, INS_READ_RECORD, number, p2, le=MAX_SHORT_LE))
        if response.sw == SW.RECORD_NOT_FOUND:
            return None
        if not response.is_ok:
            raise CardRefused(response.sw, INS_READ_RECORD)
        if len(response.data) != LEDGER_RECORD_BYTES:
            raise CardMisbehaved("A record has another length than its file says")
        return response.data

    def _require_ok(self, command: CommandApdu) -> ResponseApdu:
        response = self.send(command)
        if not response.is_ok:
            raise CardRefused(response.sw, command.ins)
        return response
