"""People at a desk where things go wrong: they read the screen, put the card back and try again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from hardware_sim.card.virtual_card import VirtualCard
from kiosk.screen_models.base import Screen
from kiosk.screen_models.general import Attract, Mood, Notice, PictureView
from kiosk.screen_models.people import FaceComparison, FingerCapture, FingerPhase
from kiosk.screen_models.services import ConfirmDelivery, DueState, Entitlements
from kiosk.screen_models.text import Text
from kiosk.ui import Answer
from tests.faults.story import ShakyDesk

#: A story with one fault passes far fewer screens: whoever is asked more often goes round in circles.
MOST_QUESTIONS = 40


class AtDesk:
    """kiosk.ui.Ui for somebody with one card in their hand. What they do at a question says the subclass."""

    def __init__(self, desk: ShakyDesk, card: VirtualCard) -> None:
        self.desk = desk
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
            self.look_at(screen)

    async def ask(self, screen: Screen) -> Answer:
        self.show(screen)
        self.questions += 1
        assert self.questions <= MOST_QUESTIONS, f"asked again and again: {self.keys()[-6:]}"
        await asyncio.sleep(0)
        return await self.decide(screen)

    async def answer(self) -> Answer:
        """Nobody touches while a device works, but a card that is asked for is put in."""
        while True:
            if self.seen and isinstance(self.seen[-1], Notice):
                await self.put_card_in()
            await asyncio.sleep(0.002)

    def speak(self, text: Text) -> None:
        """Heard."""

    def look_at(self, screen: Screen) -> None:
        """Something that a glance at the screen leads to."""

    async def decide(self, screen: Screen) -> Answer:
        raise AssertionError(f"nobody knows what to do at {screen}")

    async def put_card_in(self) -> None:
        """Back into the reader, once the desk has noticed that it was gone."""
        watcher = self.desk.bench.work.holder_watcher
        if self.desk.holder.card is None:
            await watcher.wait_absent()
            self.desk.holder.insert(self.card)
            await watcher.wait_present()

    def keys(self) -> list[str]:
        return [screen.title.key for screen in self.seen]

    def problems(self) -> list[Notice]:
        """Every message that something went wrong."""
        moods = (Mood.WARNING, Mood.PROBLEM, Mood.REFUSED)
        return [screen for screen in self.seen if isinstance(screen, Notice) and screen.mood in moods]


class Officer(AtDesk):
    """Issues one card. ``tries_again`` at the message that something went wrong, or stops and comes back later.

    ``chips``: whenever a card is asked for again, the next one is put in, and the last one over and over.
    """

    def __init__(
        self, desk: ShakyDesk, chips: Sequence[VirtualCard], own_card: VirtualCard, *, tries_again: bool
    ) -> None:
        super().__init__(desk, chips[0])
        self._chips = list(chips)
        self._own_card = own_card
        self._tries_again = tries_again
        self.at_problem: Callable[[], None] = lambda: None

    async def sit_down(self) -> None:
        """Both cards into their readers."""
        self.desk.holder.insert(self.card)
        self.desk.officer.insert(self._own_card)
        await self.desk.bench.work.holder_watcher.wait_present()
        await self.desk.bench.work.officer_watcher.wait_present()

    async def decide(self, screen: Screen) -> Answer:
        if "retry" not in [action.id for action in screen.actions]:
            return Answer("ok")
        self.at_problem()
        if self._chips[1:]:
            # Not the card that the desk wants: the next one of those at hand.
            self.desk.holder.pull()
        await self.put_card_in()
        await self._put_own_card_in()
        return Answer("retry" if self._tries_again else "stop")

    async def put_card_in(self) -> None:
        if self.desk.holder.card is None and len(self._chips) > 1:
            self._chips.pop(0)
            self.card = self._chips[0]
        await super().put_card_in()

    async def _put_own_card_in(self) -> None:
        watcher, reader = self.desk.bench.work.officer_watcher, self.desk.officer
        if reader.card is None:
            await watcher.wait_absent()
            reader.insert(self._own_card)
            await watcher.wait_present()

    def look_at(self, screen: Screen) -> None:
        if isinstance(screen, FingerCapture) and screen.phase is FingerPhase.WAITING:
            self.desk.bench.fingers.queue = ["holder"]


class Visitor(AtDesk):
    """Comes for one programme: puts the card in, places the finger, takes what is due until it is drawn.

    Whoever holds several cards puts the next one in whenever the reader is empty. ``pulls_at_screen``: takes the card
    away at that screen, counted from 1 over all that are shown; 0: at none.
    """

    def __init__(self, desk: ShakyDesk, cards: Sequence[VirtualCard], scheme: int, *, pulls_at_screen: int = 0) -> None:
        super().__init__(desk, cards[-1])
        self._cards = deque(cards)
        self._scheme = scheme
        self._pulls_at_screen = pulls_at_screen
        self.is_done = asyncio.Event()

    async def decide(self, screen: Screen) -> Answer:
        match screen:
            case Attract():
                return await self._come_or_go()
            case Entitlements():
                return self._take_or_go(screen)
            case ConfirmDelivery():
                return Answer("confirm")
            case Notice() if any(action.id == "retry" for action in screen.actions):
                await self.put_card_in()
                return Answer("retry")
            case Notice() | PictureView():
                return Answer("ok")
            case FaceComparison():
                return Answer("different")
        return Answer("back")

    def _take_or_go(self, screen: Entitlements) -> Answer:
        row = next(row for row in screen.rows if row.scheme == self._scheme)
        if row.state is DueState.READY:
            return Answer("take", self._scheme)
        if self.card in self._cards:
            self._cards.remove(self.card)
        return Answer("done")

    async def _come_or_go(self) -> Answer:
        if self._cards:
            await self.put_card_in()
        else:
            self.is_done.set()
        await asyncio.Event().wait()
        raise AssertionError("the rest ends with the card")

    async def put_card_in(self) -> None:
        if self.desk.holder.card is None and self._cards:
            self.card = self._cards[0]
            self._cards.rotate(-1)
        await super().put_card_in()

    def look_at(self, screen: Screen) -> None:
        if isinstance(screen, FingerCapture) and screen.phase is FingerPhase.WAITING:
            self.desk.bench.fingers.queue = ["holder"]
        if screen.title.key == "desk.take_card":
            self.desk.holder.pull()
        if len(self.seen) == self._pulls_at_screen:
            self.desk.holder.pull()
