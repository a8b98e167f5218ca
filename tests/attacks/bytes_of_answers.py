"""Answers that no honest chip gives, whatever it is asked; recorded sessions; and lies in files that nobody signs."""

from __future__ import annotations

from collections.abc import Callable

from card_service.connection import CardConnection
from card_service.errors import CardGone, CardSilent
from card_service.layout import DG15, EF_CARD_ACCESS, EF_COM, EF_DIR
from card_service.tlv import encode_tlv
from card_service.verdicts import CheckReason
from hardware_sim.card.virtual_card import VirtualCard
from tests.attacks.country import genuine_card
from tests.attacks.defect_cards import Circumstances, Defect, our_check
from tests.attacks.files_of_cards import DG3
from tests.attacks.forgery import Forgery
from tests.attacks.rogue_chip import RogueChip
from tests.unit.card_service_terminal.reader import SimulatedReader

UNREADABLE, SILENT, REMOVED = CheckReason.UNREADABLE, CheckReason.CARD_SILENT, CheckReason.CARD_REMOVED
NOT_OURS, WRONG_CAN = CheckReason.NOT_OUR_CARD, CheckReason.WRONG_CAN
ATR = bytes.fromhex("3B8A80018073C12140")
Spoil = Callable[[bytes, bytes], bytes]
#: Commands of a check up to the channel, and the one that reads EF.SOD.
IN_PLAIN, IN_CHANNEL = 3, 8


class Spoiling:
    """A genuine card whose answers from one command on are other ones."""

    def __init__(self, at: int, spoil: Spoil, card: VirtualCard | None = None) -> None:
        self._reader = SimulatedReader(card or genuine_card().chip())
        self._at, self._spoil, self._asked = at, spoil, 0

    @property
    def atr(self) -> bytes:
        return self._reader.atr

    def transmit(self, apdu: bytes) -> bytes:
        self._asked += 1
        answer = self._reader.transmit(apdu)
        return self._spoil(apdu, answer) if self._asked >= self._at else answer

    def close(self) -> None:
        self._reader.close()


class Recorded:
    """Plays back every answer of one genuine session, in the order they were given."""

    def __init__(self, answers: list[bytes], atr: bytes = ATR) -> None:
        self.atr = atr
        self._answers = answers

    def transmit(self, apdu: bytes) -> bytes:
        return self._answers.pop(0) if self._answers else b"\x6d\x00"

    def close(self) -> None:
        """Nothing to let go of."""


class Recording(SimulatedReader):
    """A genuine card; ``answers`` holds what it said."""

    def __init__(self, card: VirtualCard) -> None:
        super().__init__(card)
        self.answers: list[bytes] = []

    def transmit(self, apdu: bytes) -> bytes:
        self.answers.append(super().transmit(apdu))
        return self.answers[-1]


def record_session() -> Recorded:
    """A genuine session, recorded whole and ready to be played back."""
    reader = Recording(genuine_card().chip())
    assert our_check(reader, Circumstances()).card is not None
    return Recorded(reader.answers, reader.atr)


class Lying:
    """A genuine card behind another answer to reset."""

    def __init__(self, atr: bytes, card: VirtualCard | None = None) -> None:
        self.atr = atr
        self._reader = SimulatedReader(card or genuine_card().chip())

    def transmit(self, apdu: bytes) -> bytes:
        return self._reader.transmit(apdu)

    def close(self) -> None:
        self._reader.close()


def always(answer: bytes) -> Spoil:
    return lambda _, __: answer


def gone(_: bytes, __: bytes) -> bytes:
    raise CardGone("pulled")


def silent(_: bytes, __: bytes) -> bytes:
    # On a real reader the worker's deadline ends the wait: tests/e2e/test_real_reader.py.
    raise CardSilent("no answer")


HUGE, MORE, OTHER_LENGTH = bytes(65_533) + b"\x90\x00", bytes(255) + b"\x61\x00", b"\x6c\x10"
SPOILED: tuple[tuple[str, Spoil, CheckReason], ...] = (
    ("65,535 bytes", always(HUGE), UNREADABLE),
    ("61xx without end", always(MORE), UNREADABLE),
    ("one byte", always(b"\x90"), UNREADABLE),
    ("nothing", always(b""), UNREADABLE),
    ("300 bytes at random", always(bytes(range(256)) + bytes(44)), UNREADABLE),
    ("9000 alone", always(b"\x90\x00"), UNREADABLE),
    ("card pulled", gone, REMOVED),
    ("card silent", silent, SILENT),
)


def spoiled(at: int, where: str) -> tuple[Defect, ...]:
    def defect(name: str, spoil: Spoil, reason: CheckReason) -> Defect:
        return Defect(f"{name}, {where}", lambda: Spoiling(at, spoil), reason)

    return tuple(defect(*each) for each in SPOILED)


def endless_file() -> CardConnection:
    """EF.SOD never comes to its end: each read gives as many bytes as were asked for."""

    chip = RogueChip()
    chip._files[0x0100, 0x011D] = encode_tlv(0x77, bytes(60_000))
    return chip


SESSIONS = (
    # Refusing MSE:SET AT with any status word says: this chip does not speak our PACE.
    Defect("6Cxx without end, before the channel", lambda: Spoiling(IN_PLAIN, always(OTHER_LENGTH)), NOT_OURS),
    Defect("6Cxx without end, in the channel", lambda: Spoiling(IN_CHANNEL, always(OTHER_LENGTH)), UNREADABLE),
    Defect("recorded session played back", record_session, WRONG_CAN),
    Defect("file that never ends", endless_file, UNREADABLE),
    Defect("bank card: no command known", lambda: Recorded([]), NOT_OURS),
    Defect("card that answers 6A82 to all", lambda: Spoiling(1, always(b"\x6a\x82")), NOT_OURS),
)
CATALOGUE = (*spoiled(IN_PLAIN, "before the channel"), *spoiled(IN_CHANNEL, "in the channel"), *SESSIONS)

WEAKER = bytes.fromhex("31143012060A04007F0007020204020102010202010C")
UNKNOWN_CURVE = bytes.fromhex("31143012060A04007F00070202040202020102020163")
#: Genuine chips with lies that no signature covers and no decision rests on: verified, and nothing else shown.
UNSIGNED_LIES: tuple[tuple[str, Callable[[], CardConnection | VirtualCard]], ...] = (
    ("EF.COM lists one data group", lambda: Forgery().write(EF_COM, bytes.fromhex("60055C0361756B")).chip()),
    ("EF.COM missing", lambda: Forgery().remove(EF_COM).chip()),
    ("EF.COM is no object", lambda: Forgery().write(EF_COM, bytes(20)).chip()),
    ("EF.DIR lists another application", lambda: Forgery().write(EF_DIR, encode_tlv(0x61, b"\x4f\x05abcde")).chip()),
    ("EF.DIR missing", lambda: Forgery().remove(EF_DIR).chip()),
    ("EF.CardAccess offers 3DES", lambda: Forgery().write(EF_CARD_ACCESS, WEAKER).chip()),
    ("EF.CardAccess names an unknown curve", lambda: Forgery().write(EF_CARD_ACCESS, UNKNOWN_CURVE).chip()),
    ("a data group that EF.SOD does not list", lambda: Forgery().add(DG3, b"\x63\x03abc").chip()),
    ("DG15 of another card", lambda: Forgery().take(genuine_card(1), DG15).chip()),
    ("answer to reset without historical bytes", lambda: Lying(bytes.fromhex("3B80800101"))),
    ("answer to reset of a bank card", lambda: Lying(bytes.fromhex("3B6800000073C84013009000"))),
    ("answer to reset cut off", lambda: Lying(b"\x3b")),
    ("answer to reset empty", lambda: Lying(b"")),
    ("answer to reset of 33 bytes", lambda: Lying(b"\x3b" + bytes(32))),
    ("a rogue that keeps all rules, with the genuine key", lambda: RogueChip()),
)
