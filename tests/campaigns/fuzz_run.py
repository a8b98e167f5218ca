"""One conversation under attack, and what it came to."""

from __future__ import annotations

import contextlib
import random
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

from card_service.errors import CardGone
from domain.errors import ProjectError
from tests.campaigns.fuzz_flows import Deceived, Flow
from tests.campaigns.remembered_card import CardMemoir, Conversation, Point, Seal
from tests.campaigns.spoiling import spoil

#: More commands than any session of ours may send to one card.
MOST_COMMANDS = 3_100
#: A conversation in which no card works takes some milliseconds.
DEADLINE_S = 20.0
_TEAR = "torn"
_STUBBORN = 0.1
#: Of the stubborn cards those that give one and the same answer for ever.
_ECHO = 0.5
_AGAIN = 0.3
_SEALED = 0.5


class PastDeadline(BaseException):
    """The conversation does not end. No flow of ours catches it."""


@dataclass
class Attack:
    """What is spoiled: answers from number ``first`` on, each of the later ones by chance."""

    dice: random.Random
    first: int
    is_sealed: bool
    heard: deque[bytes]
    is_stubborn: bool
    is_echo: bool = False
    echoed: bytes | None = None
    spoiled: int = 0
    sealed: int = 0
    answers: int = 0
    skipped: int = 0
    kinds: list[str] = field(default_factory=list)

    @classmethod
    def plan(cls, dice: random.Random, answers: int, heard: deque[bytes]) -> Attack:
        """An attack on a flow whose honest conversation has so many answers."""
        attack = cls(dice, dice.randrange(answers), dice.random() < _SEALED, heard, dice.random() < _STUBBORN)
        attack.is_echo = attack.is_stubborn and dice.random() < _ECHO
        return attack

    def is_due(self) -> bool:
        """Whether the answer that comes now is to be spoiled."""
        number, self.answers = self.answers, self.answers + 1
        if number < self.first:
            return False
        return number == self.first or self.is_stubborn or self.dice.random() < _AGAIN


class CardUnderAttack:
    """A connection to a remembered card whose answers are spoiled, below secure messaging or inside it."""

    def __init__(self, memoir: CardMemoir, attack: Attack, *, is_learning: bool = False) -> None:
        self.is_learning = is_learning
        self.said: list[bytes] = []
        self._memoir = memoir
        self._card = Conversation(memoir, is_learning=is_learning)
        self._attack = attack

    @property
    def atr(self) -> bytes:
        return self._memoir.atr

    def transmit(self, apdu: bytes) -> bytes:
        if self._attack.answers >= MOST_COMMANDS:
            raise PastDeadline
        honest, seal = self._card.say(apdu)
        answer = self._spoil(honest, seal) if self._attack.is_due() else honest
        self._attack.heard.append(honest)
        if self.is_learning:
            self.said.append(honest)
        return answer

    def close(self) -> None:
        """The card stays with the campaign."""

    @property
    def place(self) -> tuple[Point, int]:
        """Where the conversation stands, and how many answers that took."""
        return self._card.at, self._attack.answers

    def may_jump(self, answers: int) -> bool:
        """Whether nothing is spoiled before that answer, and nothing was."""
        return self._attack.first >= answers and self._card.is_by_heart

    def jump(self, point: Point, answers: int, said: Sequence[bytes]) -> None:
        """Stand there, as if ``said`` had been answered on the way: counted as skipped."""
        self._attack.heard.extend(said)
        self._attack.skipped += answers - self._attack.answers
        self._card.at, self._attack.answers = point, answers

    def _spoil(self, honest: bytes, seal: Seal | None) -> bytes:
        attack = self._attack
        if attack.echoed is not None:  # not counted: a thousand of them are one idea
            return attack.echoed
        attack.spoiled += 1
        if attack.is_sealed and seal is not None:
            kind, plain = spoil(attack.dice, seal.plain.encode(), attack.heard)
            attack.sealed += 1
            attack.kinds.append(f"sealed {kind}")
            return seal.around(plain.rjust(2, b"\x90"))
        if attack.dice.random() < 0.01:
            attack.kinds.append(_TEAR)
            raise CardGone("torn by the campaign")
        kind, answer = self._endless() if attack.is_echo else spoil(attack.dice, honest, attack.heard)
        attack.kinds.append(kind)
        attack.echoed = answer if attack.is_echo else None
        return answer

    def _endless(self) -> tuple[str, bytes]:
        """An answer that, given again and again, asks for one command more each time."""
        dice = self._attack.dice
        data = dice.randbytes(dice.choice((0, 0, 1, 200, 255)))
        return "endless", data + dice.choice((b"\x61", b"\x61", b"\x6c")) + dice.randbytes(1)


@dataclass(frozen=True)
class Result:
    """``crash``, ``deceit`` and ``hang`` are texts when there was one."""

    ending: str
    took_s: float
    crash: str | None = None
    deceit: str | None = None
    hang: str | None = None


def count_answers(flow: Flow, memoir: CardMemoir) -> int:
    """How many answers the honest conversation has; it must end well."""
    nothing = Attack(random.Random(0), MOST_COMMANDS, False, deque(maxlen=1), False)
    flow.play(CardUnderAttack(memoir, nothing, is_learning=True), False)
    return nothing.answers


def converse(flow: Flow, memoir: CardMemoir, attack: Attack) -> Result:
    """Play the flow against the attacked card; nothing that the reader does wrong comes out as an exception."""
    began = time.perf_counter()
    try:
        with _deadline():
            ending = flow.play(CardUnderAttack(memoir, attack), attack.is_sealed)
    except Deceived as deceit:
        return Result("deceived", time.perf_counter() - began, deceit=_told(deceit, attack))
    except PastDeadline as hang:
        return Result("hang", time.perf_counter() - began, hang=_told(hang, attack))
    except ProjectError as error:
        return Result(type(error).__name__, time.perf_counter() - began)
    except Exception as crash:  # noqa: BLE001  # whatever it is, it is what the campaign looks for
        return Result("crash", time.perf_counter() - began, crash=_told(crash, attack))
    return Result(ending, time.perf_counter() - began)


def _told(error: BaseException, attack: Attack) -> str:
    where = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{each.name}:{each.lineno}" for each in reversed(where))
    return f"{type(error).__name__}: {error} at {places} after {attack.kinds[:6]} from answer {attack.first}"


@contextlib.contextmanager
def _deadline() -> Iterator[None]:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise PastDeadline

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
