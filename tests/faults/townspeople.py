"""Who registers, issues and is served in the town, and a sensor's worth of fingers whose ridges are invented."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from biometrics.iso19794 import decode_record
from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerImage
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.devices.ports import FingerReading
from kiosk.screen_models.base import Screen
from kiosk.screen_models.general import (
    Attract,
    BirthEntry,
    Choice,
    Mood,
    MultiChoice,
    Notice,
    NumberEntry,
    PictureView,
    TextEntry,
)
from kiosk.screen_models.people import (
    ConsentQuestion,
    DuplicateReview,
    FingerCapture,
    FingerPhase,
    HouseholdRoster,
    PortraitCapture,
)
from kiosk.screen_models.services import ConfirmDelivery, DueState, Entitlements, ScreeningResults
from kiosk.screen_models.text import Text
from kiosk.ui import Answer
from tests.api.people import make_finger
from tests.flows.fake_devices import FakeBiometrics

if TYPE_CHECKING:
    from tests.faults.town import TownDesk

#: Bad weather brings many messages; whoever is asked more often goes round in circles.
MOST_QUESTIONS = 120
FOOD_SCHEME = 1
#: What the town's families answer; everything else with the last choice ("no", "none") or 0.
FACTS: dict[str, str | int] = {"income_monthly_minor": 6_000, "house_kind": "kutcha", "occupation": "daily_labour"}
_NAMES = {"officer": ("Asha Devi", "आशा देवी"), "mother": ("Sunita Devi", "सुनीता देवी")}


class InkedFingers(FakeBiometrics):
    """The finger's name makes its minutiae: the same name and position is the same finger."""

    async def extract(self, image: FingerImage, position: FingerPosition) -> FingerReading:
        name = image.pixels.strip()
        seed = zlib.crc32(name) + int(position)
        return FingerReading(make_finger(seed, position).template, 80, ())

    async def match(self, probe: bytes, references: Sequence[bytes]) -> list[FingerPosition | None]:
        (wanted,) = decode_record(probe)
        return [_same(wanted.minutiae, reference) for reference in references]


def _same(minutiae: object, reference: bytes) -> FingerPosition | None:
    return next((each.position for each in decode_record(reference) if each.minutiae == minutiae), None)


class _Person:
    """kiosk.ui.Ui for somebody who always finds a way on; what they do says ``decide``."""

    def __init__(self, desk: TownDesk, part: str, card: VirtualCard | None) -> None:
        self.desk = desk
        self.part = part
        self.card = card
        self.seen: list[Screen] = []
        self.questions = 0

    @property
    def language(self) -> str:
        return "en"

    def set_language(self, code: str) -> None:
        """One language is enough here."""

    def show(self, screen: Screen) -> None:
        if not self.seen or self.seen[-1] != screen:
            self.seen.append(screen)
        if isinstance(screen, FingerCapture) and screen.phase is FingerPhase.WAITING:
            is_officer = screen.title.key == "login.title"
            self.desk.fingers.queue = ["officer" if is_officer else self.part]

    async def ask(self, screen: Screen) -> Answer:
        self.show(screen)
        self.questions += 1
        assert self.questions <= MOST_QUESTIONS, f"again and again: {[s.title.key for s in self.seen[-6:]]}"
        await asyncio.sleep(0.001)
        return await self.decide(screen)

    async def answer(self) -> Answer:
        """Puts in the card that is asked for."""
        while True:
            screen = self.seen[-1]
            if isinstance(screen, Notice) and screen.mood is Mood.INFO:
                await self.put_cards_in()
            await asyncio.sleep(0.002)

    def speak(self, text: Text) -> None:
        """Heard."""

    async def put_cards_in(self) -> None:
        for reader, card in ((self.desk.holder, self.card), (self.desk.officer, self.desk.officer_card)):
            if reader.card is None and card is not None:
                reader.insert(card)

    async def decide(self, screen: Screen) -> Answer:
        raise AssertionError(screen)

    def problems(self) -> list[str]:
        moods = (Mood.WARNING, Mood.PROBLEM, Mood.REFUSED)
        return [s.title.key for s in self.seen if isinstance(s, Notice) and s.mood in moods]


class TownOfficer(_Person):
    """Registers a household of one and issues its card; tries again whatever the screen says."""

    def __init__(self, desk: TownDesk, part: str, card: VirtualCard) -> None:
        super().__init__(desk, part, card)
        self.card: VirtualCard = card
        self.person_ids: list[str] = []
        #: Called with every screen that asks, before it is answered.
        self.look: Callable[[Screen], None] = lambda _: None

    async def decide(self, screen: Screen) -> Answer:
        self.look(screen)
        match screen:
            case ConsentQuestion():
                return Answer("yes")
            case TextEntry():
                return Answer("done", self._words(screen))
            case BirthEntry():
                return Answer("done", "1990-05-17")
            case Choice():
                return Answer("choose", self._choice(screen))
            case NumberEntry():
                return Answer("done", int(FACTS.get(_fact(screen.question), 0)))
            case MultiChoice():
                return Answer("done", ",".join(option.value for option in screen.options))
            case HouseholdRoster():
                return self._roster(screen)
            case PortraitCapture():
                return Answer("use")
            case DuplicateReview():
                return Answer("different")
            case ScreeningResults():
                # The founder's household waits for its card until there is an officer to sign for it.
                return Answer("apply" if self.desk.officer_card is not None else "back")
        await self.put_cards_in()
        return Answer("retry" if "retry" in [action.id for action in screen.actions] else "ok")

    def _roster(self, screen: HouseholdRoster) -> Answer:
        self.person_ids = [member.person_id for member in screen.members]
        return Answer("confirm" if screen.title.key == "enrol.review_title" else "continue")

    def _words(self, screen: TextEntry) -> str:
        latin, local = _NAMES[self.part]
        words = {"enrol.name_latin": latin, "enrol.name_local": local}
        return words.get(screen.question.key or "", "12 Neem Lane")

    def _choice(self, screen: Choice) -> str:
        values = [option.value for option in screen.options]
        if screen.question.key == "enrol.sex":
            return "F"
        if (screen.question.key or "").startswith("enrol."):
            return values[0]
        fact = str(FACTS.get(_fact(screen.question), ""))
        return fact if fact in values else values[-1]


def _fact(question: Text) -> str:
    """The fact that a question asks for."""
    return (question.key or "").rpartition(".")[2]


class TownVisitor(_Person):
    """Takes the food ration until it is found drawn."""

    def __init__(self, desk: TownDesk, part: str, card: VirtualCard) -> None:
        super().__init__(desk, part, card)
        self.is_done = asyncio.Event()
        self.found: list[DueState] = []

    async def decide(self, screen: Screen) -> Answer:
        match screen:
            case Attract():
                return await self._come_or_go()
            case Entitlements():
                return self._take_or_go(screen)
            case ConfirmDelivery():
                return Answer("confirm")
            case PictureView():
                return Answer("ok")
        return Answer("retry" if "retry" in [action.id for action in screen.actions] else "ok")

    def _take_or_go(self, screen: Entitlements) -> Answer:
        row = next((row for row in screen.rows if row.scheme == FOOD_SCHEME), None)
        assert row is not None, "the card came without the ration that was chosen"
        self.found.append(row.state)
        return Answer("take", FOOD_SCHEME) if row.state is DueState.READY else Answer("done")

    async def _come_or_go(self) -> Answer:
        if DueState.DRAWN in self.found:
            self.is_done.set()
        elif self.desk.holder.card is None:
            self.desk.holder.insert(self.card)  # type: ignore[arg-type]
        await asyncio.Event().wait()
        raise AssertionError("the rest ends with the card")

    def show(self, screen: Screen) -> None:
        super().show(screen)
        if screen.title.key == "desk.take_card":
            self.desk.holder.pull()
